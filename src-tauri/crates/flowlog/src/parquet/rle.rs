//! Small numbers in runs: levels, truth values and places in a dictionary.
//!
//! Source: *Run Length Encoding / Bit-Packing Hybrid* of the Parquet format.

use super::thrift::varint_at;
use std::ops::Range;

/// A place in a run of numbers. The bytes are passed in with every call, so that whoever owns them may keep both.
#[derive(Debug, Clone)]
pub(super) struct Hybrid {
    at: usize,
    end: usize,
    width: u32,
    run: Run,
}

#[derive(Debug, Clone)]
enum Run {
    Repeated {
        value: u32,
        left: u64,
    },
    /// From this bit on.
    Packed {
        bit: usize,
        left: u64,
    },
}

impl Hybrid {
    /// Numbers of `width` bits in `range`; wider than 32 bits there are none.
    pub(super) fn new(range: Range<usize>, width: u32) -> Option<Self> {
        let run = Run::Repeated { value: 0, left: 0 };
        (width <= 32).then_some(Self { at: range.start, end: range.end, width, run })
    }

    /// The next number, if there is one.
    #[inline]
    pub(super) fn next(&mut self, bytes: &[u8]) -> Option<u32> {
        loop {
            match &mut self.run {
                Run::Repeated { value, left: left @ 1.. } => {
                    *left = left.saturating_sub(1);
                    return Some(*value);
                }
                Run::Packed { bit, left: left @ 1.. } => {
                    let value = bits(bytes, self.end, *bit, self.width)?;
                    *bit = bit.saturating_add(self.width as usize);
                    *left = left.saturating_sub(1);
                    return u32::try_from(value).ok();
                }
                _ => self.run = self.next_run(bytes)?,
            }
        }
    }

    fn next_run(&mut self, bytes: &[u8]) -> Option<Run> {
        let bytes = bytes.get(..self.end)?;
        let head = varint_at(bytes, &mut self.at)?;
        let count = head >> 1;
        if head & 1 == 0 {
            let length = self.width.div_ceil(8) as usize;
            let end = self.at.checked_add(length)?;
            let mut value = 0_u32;
            for byte in bytes.get(self.at..end)?.iter().rev() {
                value = value.wrapping_shl(8) | u32::from(*byte);
            }
            self.at = end;
            return Some(Run::Repeated { value, left: count });
        }
        // Groups of eight; the last one may be cut where its numbers are not needed.
        let length = usize::try_from(count.checked_mul(self.width.into())?).ok()?;
        let bit = self.at.checked_mul(8)?;
        self.at = self.at.checked_add(length)?.min(self.end);
        Some(Run::Packed { bit, left: count.checked_mul(8)? })
    }
}

/// The number of `width` (64 at most) bits that begins at `bit`, least significant bit first.
#[inline]
pub(super) fn bits(bytes: &[u8], end: usize, bit: usize, width: u32) -> Option<u64> {
    let last = bit.checked_add(width as usize)?.div_ceil(8);
    if last > end {
        return None;
    }
    let (first, offset) = (bit / 8, u32::try_from(bit % 8).ok()?);
    let low = match bytes.get(first..)?.first_chunk::<8>() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => {
            let mut eight = [0; 8];
            for (to, from) in eight.iter_mut().zip(bytes.get(first..last)?) {
                *to = *from;
            }
            u64::from_le_bytes(eight)
        }
    };
    let mut number = low.wrapping_shr(offset);
    if offset.saturating_add(width) > 64 {
        let high = u64::from(*bytes.get(first.checked_add(8)?)?);
        number |= high.wrapping_shl(64_u32.saturating_sub(offset));
    }
    let mask = if width == 64 { u64::MAX } else { 1_u64.wrapping_shl(width).wrapping_sub(1) };
    Some(number & mask)
}
