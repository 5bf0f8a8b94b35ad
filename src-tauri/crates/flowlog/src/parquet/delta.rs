//! Numbers as differences to the one before.
//!
//! Source: *Delta Encoding* of the Parquet format.

use super::rle::bits;
use super::thrift::{varint_at, zigzag_at};

/// The largest block of honest writers is 256.
const LARGEST_BLOCK: u64 = 1 << 16;

/// A place in a run of numbers, of which only the next one is ever computed.
#[derive(Debug, Clone)]
pub(super) struct Delta {
    at: usize,
    /// Numbers in a part of a block, all of one width.
    part: u64,
    parts: usize,
    left: u64,
    last: i64,
    first: bool,
    smallest: i64,
    /// Where the widths of the parts of this block stand, and how many of them are used up.
    widths: usize,
    used: usize,
    width: u32,
    bit: usize,
    left_in_part: u64,
}

impl Delta {
    /// Reads the header at `at`.
    pub(super) fn new(bytes: &[u8], mut at: usize) -> Option<Self> {
        let block = varint_at(bytes, &mut at)?;
        let parts = varint_at(bytes, &mut at)?;
        let left = varint_at(bytes, &mut at)?;
        let last = zigzag_at(bytes, &mut at)?;
        let part = block.checked_div(parts)?;
        if block > LARGEST_BLOCK || part == 0 || part % 8 != 0 || part.checked_mul(parts)? != block
        {
            return None;
        }
        let parts = usize::try_from(parts).ok()?;
        Some(Self {
            at,
            part,
            parts,
            left,
            last,
            first: true,
            smallest: 0,
            widths: at,
            used: parts,
            width: 0,
            bit: 0,
            left_in_part: 0,
        })
    }

    /// How many numbers are still to come, as the header says.
    pub(super) fn left(&self) -> u64 {
        self.left
    }

    pub(super) fn next(&mut self, bytes: &[u8]) -> Option<i64> {
        self.left = self.left.checked_sub(1)?;
        if self.first {
            self.first = false;
            return Some(self.last);
        }
        if self.left_in_part == 0 {
            self.next_part(bytes)?;
        }
        let difference = bits(bytes, bytes.len(), self.bit, self.width)?;
        self.bit = self.bit.checked_add(self.width as usize)?;
        self.left_in_part = self.left_in_part.saturating_sub(1);
        // Differences wrap around, by definition.
        self.last = self.last.wrapping_add(self.smallest).wrapping_add(difference.cast_signed());
        Some(self.last)
    }

    fn next_part(&mut self, bytes: &[u8]) -> Option<()> {
        if self.used >= self.parts {
            self.smallest = zigzag_at(bytes, &mut self.at)?;
            self.widths = self.at;
            self.used = 0;
            self.at = self.at.checked_add(self.parts)?;
        }
        self.width = (*bytes.get(self.widths.checked_add(self.used)?)?).into();
        self.used = self.used.saturating_add(1);
        self.left_in_part = self.part;
        self.bit = self.at.checked_mul(8)?;
        let length = self.part.checked_mul(self.width.into())? / 8;
        self.at = self.at.checked_add(usize::try_from(length).ok()?)?;
        (self.width <= 64).then_some(())
    }

    /// Where the bytes behind the last number begin. Each part takes a byte at least, so no count makes this long.
    pub(super) fn end(mut self, bytes: &[u8]) -> Option<usize> {
        if self.left > 0 && self.first {
            self.next(bytes)?;
        }
        while self.left > 0 {
            self.next_part(bytes)?;
            self.left = self.left.saturating_sub(self.left_in_part);
        }
        (self.at <= bytes.len()).then_some(self.at)
    }
}
