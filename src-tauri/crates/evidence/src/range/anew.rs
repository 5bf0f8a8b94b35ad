//! Reading compressed content from the point before it, instead of from the start.

use super::{BLOCK, Bytes, Forward, RangeReader, fill};
use crate::RangeError;
use crate::blocks::Difference;
use crate::gzip::BITS;
use crate::layers::Layers;
use crate::restart::{Kept, Point};
use crate::source::Source;
use std::io;

/// Content further than this behind every point is not inflated from one: the whole is, once. Unit: bytes.
const FAR: u64 = 8 << 20;
/// How far a decoder may have been ahead of what was read when a block was kept: lz4, with blocks of 4 MiB, is the one
/// that reads furthest. Unit: bytes of content.
const AHEAD: u64 = 8 << 20;
/// How much of the file had been read ahead of the decoders: one buffer of 256 KiB, and one of 64 KiB for each further
/// compression. Unit: bytes of the file.
const BUFFERED: u64 = 512 << 10;

impl RangeReader {
    /// The block, if something of the first pass leads to it faster than reading on does.
    pub(super) fn fetch_anew(&mut self, number: u64) -> Result<Option<Vec<u8>>, RangeError> {
        let Bytes::Forward(forward) = &self.bytes else { return Ok(None) };
        let start = number.saturating_mul(BLOCK);
        let known = self.rereading.known.clone();
        let before = known.points.partition_point(|point| point.content <= start).checked_sub(1);
        let stand = forward.next.saturating_mul(BLOCK);
        let near = |from: u64| from <= start && start.saturating_sub(from) <= FAR;
        let point = before.and_then(|at| known.points.get(at));
        // Where it stands is as good as the point, and what is behind a point is what was checked least.
        if near(stand) && point.is_none_or(|point| point.content <= stand) {
            return Ok(None);
        }
        if known.file.hashes.is_empty() || !self.can_seek() {
            return Ok(None);
        }
        if let Ok(at) = known.kept.binary_search_by_key(&number, |kept| kept.number) {
            return self.kept_block(&known.kept, at);
        }
        let beginning = Point { content: 0, file: 0, window: None };
        let point = point.unwrap_or(&beginning);
        if near(point.content) { self.inflate_from(before, point, number) } else { Ok(None) }
    }

    /// Whether the file below the compressions can be read from anywhere.
    fn can_seek(&mut self) -> bool {
        if self.file.is_none() {
            let seekable = Source::open(&self.place).ok().and_then(|source| source.seekable().ok());
            self.file = seekable.map(crate::source::Shared::new);
        }
        self.file.is_some()
    }

    fn source_from(&self, at: u64) -> io::Result<Layers<Source>> {
        let file = self.file.as_ref().ok_or(io::ErrorKind::Unsupported)?;
        Ok(Layers::bare(file.from(at), at))
    }

    /// A kept block, once the part of the file that it came from is seen to be what it was.
    fn kept_block(&mut self, kept: &[Kept], at: usize) -> Result<Option<Vec<u8>>, RangeError> {
        let Some(Kept { number, passed, piece }) = kept.get(at) else { return Ok(None) };
        let earlier = number.saturating_sub(AHEAD / BLOCK);
        let from = kept.partition_point(|one| one.number <= earlier).checked_sub(1);
        let from = from.and_then(|at| kept.get(at)).map_or(0, |one| one.passed);
        let offset = number.saturating_mul(BLOCK);
        self.check_file(from.saturating_sub(BUFFERED), *passed, offset)?;
        let block = match self.rereading.known.pieces.read(piece) {
            Ok(block) => block,
            // Our own file is damaged. The evidence can still be read, if from further back.
            Err(_) => return Ok(None),
        };
        Ok(self.rereading.blocks().check(*number, &block).is_ok().then_some(block))
    }

    /// Inflates from a point up to the block. Of a point between two blocks of gzip, the byte is known and not the bit:
    /// the one that gives what the first pass saw is it.
    fn inflate_from(
        &mut self,
        at: Option<usize>,
        point: &Point,
        number: u64,
    ) -> Result<Option<Vec<u8>>, RangeError> {
        let Ok(window) =
            point.window.as_ref().map(|piece| self.rereading.known.pieces.read(piece)).transpose()
        else {
            return Ok(None);
        };
        let known = at.and_then(|at| self.bits.get(&at)).copied();
        let bits = known.map_or(BITS, |bit| bit..=bit).take(if window.is_some() { 8 } else { 1 });
        for bit in bits {
            let forward = match &window {
                Some(window) => self
                    .source_from(point.file.saturating_sub(1))
                    .and_then(|source| source.inside_gzip_from(window, bit)),
                None => self
                    .source_from(point.file)
                    .and_then(|source| source.inside_all(self.rereading.container())),
            };
            let Ok(Some((forward, block))) =
                forward.and_then(|bytes| up_to(bytes, point.content, number))
            else {
                continue;
            };
            if self.rereading.blocks().check(number, &block).is_ok() {
                if let Some(at) = at {
                    self.bits.insert(at, bit);
                }
                self.bytes = Bytes::Forward(forward);
                return Ok(Some(block));
            }
        }
        // Either the file was changed here, or it was before the window, or the window is wrong: inflating all of it
        // tells, if its blocks do not.
        let end = self.rereading.known.points.get(at.map_or(0, |at| at.saturating_add(1)));
        let end = end.map_or(point.file.saturating_add(FAR), |next| next.file);
        self.check_file(point.file.saturating_sub(1), end, number.saturating_mul(BLOCK))?;
        Ok(None)
    }

    /// Holds this part of the file against the hashes of its blocks, for content at `offset`.
    fn check_file(&mut self, from: u64, to: u64, offset: u64) -> Result<(), RangeError> {
        let known = self.rereading.known.clone();
        let to = to.min(known.file.length);
        let mut number = from / BLOCK;
        let mut source =
            self.source_from(number.saturating_mul(BLOCK)).map_err(|error| self.unread(error))?;
        while number.saturating_mul(BLOCK) < to {
            let block = fill(|out| source.read_on(out)).map_err(|error| self.unread(error))?;
            if let Err(difference @ Difference::Hash { .. }) = known.file.check(number, &block) {
                return Err(self.differs(offset, difference));
            }
            number = number.saturating_add(1);
        }
        Ok(())
    }
}

/// The block with this number out of content that starts at `content`, and what follows it.
fn up_to(
    mut bytes: Layers<Source>,
    content: u64,
    number: u64,
) -> io::Result<Option<(Forward, Vec<u8>)>> {
    let next = content.div_ceil(BLOCK);
    let mut before = next.saturating_mul(BLOCK).saturating_sub(content);
    let mut passed = vec![0; 64 << 10];
    while before > 0 {
        let room = usize::try_from(before).unwrap_or(usize::MAX).min(passed.len());
        match bytes.read_on(passed.get_mut(..room).unwrap_or_default())? {
            0 => return Ok(None),
            count => before = before.saturating_sub(count as u64),
        }
    }
    let mut forward = Forward { next, bytes };
    let block = forward.block(number)?;
    Ok(Some((forward, block)))
}
