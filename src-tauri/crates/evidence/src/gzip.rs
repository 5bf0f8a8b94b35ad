//! One gzip member (RFC 1952) being inflated, which can be taken up again between two of its blocks.
//!
//! That needs the 32 KiB of content before the block, and the bit at which the block starts. The first are kept
//! ([`Tail`]). The inflater tells in which byte a block ends but not at which bit, so there are eight candidates; whoever
//! takes a member up again tries them, and the hash of what comes out tells which one is right.
//!
//! The inflater starts neither at a bit nor with a history. What is fed to it first makes up for that
//! ([`lead_in`]): a stored block that holds the history, then empty blocks of as many bits as are missing.

use std::io::{self, BufRead, Read};
use zlib_rs::{Inflate, InflateFlush, Status};

/// How far back a block can refer. Unit: bytes.
const WINDOW: usize = 32 * 1024;
/// The same as a power of two.
const WINDOW_BITS: u8 = 15;
/// How zlib is told that a gzip header stands before it.
const GZIP_HEADER: u8 = 16;
/// CRC-32 and length, behind a member. Unit: bytes.
const TRAILER: usize = 8;
/// The bits of a byte at which a block can start, the one behind it included.
pub(crate) const BITS: std::ops::RangeInclusive<u8> = 1..=8;

/// A gzip member being inflated; its end is the end of the reading.
pub(crate) struct Gzip<R> {
    source: R,
    inflate: Inflate,
    /// What is fed before the source, of a member that is taken up again.
    lead: Vec<u8>,
    /// Bytes of the history that are to come out before any content.
    skip: usize,
    /// How many bytes stand behind the member that nobody tests: a member that was taken up again has no checksum.
    trailer: usize,
    /// Only where somebody wants to take the member up again.
    tail: Option<Tail>,
    between_blocks: bool,
    ended: bool,
    failure: Option<io::Error>,
}

impl<R: BufRead> Gzip<R> {
    /// A member from its header on.
    pub(crate) fn new(source: R) -> Self {
        Self {
            source,
            inflate: Inflate::new(true, GZIP_HEADER | WINDOW_BITS),
            lead: Vec::new(),
            skip: 0,
            trailer: 0,
            tail: None,
            between_blocks: false,
            ended: false,
            failure: None,
        }
    }

    /// A member from a block on that starts `bit` bits into the byte that `source` gives next.
    pub(crate) fn resumed(mut source: R, window: &[u8], bit: u8) -> io::Result<Self> {
        let mut first = [0];
        source.read_exact(&mut first)?;
        let [first] = first;
        let window = window.get(window.len().saturating_sub(WINDOW)..).unwrap_or(window);
        Ok(Self {
            inflate: Inflate::new(false, WINDOW_BITS),
            lead: lead_in(window, first, bit),
            skip: window.len(),
            trailer: TRAILER,
            ..Self::new(source)
        })
    }

    /// Keeps from now on what it takes to take the member up again.
    pub(crate) fn keep_tail(&mut self) {
        self.tail.get_or_insert_default();
    }

    /// The last content so far, if what was read last ended between two blocks, or behind the last one.
    pub(crate) fn tail_between_blocks(&self) -> Option<&Tail> {
        self.tail.as_ref().filter(|_| self.between_blocks)
    }

    pub(crate) fn get_ref(&self) -> &R {
        &self.source
    }

    pub(crate) fn get_mut(&mut self) -> &mut R {
        &mut self.source
    }

    pub(crate) fn into_inner(self) -> R {
        self.source
    }

    /// Inflates up to the end of a block, and says how much that was.
    fn step(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.between_blocks = false;
        let leading = !self.lead.is_empty();
        let input = if leading { &self.lead } else { self.source.fill_buf()? };
        if input.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let (had, before) = (input.len(), (self.inflate.total_in(), self.inflate.total_out()));
        let status = self.inflate.decompress(input, out, InflateFlush::Block);
        let taken = since(before.0, self.inflate.total_in());
        let made = since(before.1, self.inflate.total_out());
        if leading {
            self.lead.drain(..taken.min(had));
        } else {
            self.source.consume(taken);
        }
        let damaged = |text: &str| io::Error::new(io::ErrorKind::InvalidData, text.to_owned());
        match status {
            Ok(Status::StreamEnd) => self.ended = true,
            Ok(_) if taken == 0 && made == 0 => return Err(damaged("no deflate stream")),
            // With room and input left, it stops only where it was told to.
            Ok(_) => self.between_blocks = taken < had && made < out.len(),
            Err(error) => {
                let text = self.inflate.error_message().unwrap_or(error.as_str());
                self.failure = Some(damaged(text));
            }
        }
        Ok(made)
    }

    /// Lets the history come out, and drops it.
    fn skip_history(&mut self) -> io::Result<()> {
        let mut history = vec![0; self.skip];
        while let Some(room) = history.get_mut(..self.skip).filter(|room| !room.is_empty()) {
            let made = self.step(room)?;
            self.skip = self.skip.saturating_sub(made);
            self.check()?;
        }
        Ok(())
    }

    fn check(&mut self) -> io::Result<()> {
        self.failure.take().map_or(Ok(()), Err)
    }

    fn pass_trailer(&mut self) -> io::Result<()> {
        while self.trailer > 0 {
            let ahead = self.source.fill_buf()?.len();
            if ahead == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let part = ahead.min(self.trailer);
            self.source.consume(part);
            self.trailer = self.trailer.saturating_sub(part);
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Gzip<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        if self.skip > 0 {
            self.skip_history()?;
        }
        while !self.ended {
            self.check()?;
            let made = self.step(out)?;
            if made > 0 {
                if let Some(tail) = &mut self.tail {
                    tail.push(out.get(..made).unwrap_or_default());
                }
                return Ok(made);
            }
        }
        self.pass_trailer()?;
        Ok(0)
    }
}

fn since(before: u64, now: u64) -> usize {
    usize::try_from(now.saturating_sub(before)).unwrap_or(usize::MAX)
}

/// The last content of a member, as far back as a block can refer.
#[derive(Default)]
pub(crate) struct Tail {
    /// Once it is full, the oldest byte is at `start`.
    ring: Vec<u8>,
    start: usize,
}

impl Tail {
    fn push(&mut self, bytes: &[u8]) {
        let mut bytes = bytes.get(bytes.len().saturating_sub(WINDOW)..).unwrap_or(bytes);
        let room = WINDOW.saturating_sub(self.ring.len());
        let (first, rest) = bytes.split_at(room.min(bytes.len()));
        self.ring.extend_from_slice(first);
        bytes = rest;
        while !bytes.is_empty() {
            let old = self.ring.get_mut(self.start..).unwrap_or_default();
            let (now, later) = bytes.split_at(old.len().min(bytes.len()));
            old.iter_mut().zip(now).for_each(|(old, new)| *old = *new);
            self.start = self.start.saturating_add(now.len()) % WINDOW;
            bytes = later;
        }
    }

    pub(crate) fn to_vec(&self) -> Vec<u8> {
        let (newest, oldest) = self.ring.split_at(self.start.min(self.ring.len()));
        [oldest, newest].concat()
    }
}

/// What brings an inflater to the bit `bit` of the byte `first` with this history (RFC 1951 §3.2).
fn lead_in(history: &[u8], first: u8, bit: u8) -> Vec<u8> {
    let mut bits = Bits::default();
    if let Ok(length) = u16::try_from(history.len()).map(u16::to_le_bytes) {
        // A stored block: its type, up to the next byte, its length twice.
        bits.done.push(0);
        bits.done.extend(length.into_iter().chain(length.map(|byte| !byte)));
        bits.done.extend_from_slice(history);
    }
    if !bit.is_multiple_of(2) {
        bits.empty_dynamic_block();
    }
    while bits.used != bit % 8 {
        bits.empty_fixed_block();
    }
    if bit < 8 {
        bits.put(
            u32::from(first).checked_shr(bit.into()).unwrap_or_default(),
            8_u8.saturating_sub(bit),
        );
    }
    bits.done
}

/// Bits in the order of deflate, the lowest first.
#[derive(Default)]
struct Bits {
    done: Vec<u8>,
    open: u8,
    used: u8,
}

impl Bits {
    fn put(&mut self, value: u32, count: u8) {
        for at in 0..count {
            let bit = (value >> at) as u8 & 1;
            self.open |= bit << self.used;
            self.used = self.used.saturating_add(1) % 8;
            if self.used == 0 {
                self.done.push(std::mem::take(&mut self.open));
            }
        }
    }

    /// Ten bits: not the last one, of type 1, and the code that ends it.
    fn empty_fixed_block(&mut self) {
        self.put(0b010, 3);
        self.put(0, 7);
    }

    /// Ninety-three bits, which is odd, and that is what it is for. All nineteen lengths of the code for code lengths
    /// are given: 18 (a run of zeros) has the code 0 and 1 has the code 1. They say that of all literals and lengths
    /// only the end of the block has a code, and of the distances the first.
    fn empty_dynamic_block(&mut self) {
        self.put(0b100, 3);
        self.put(0, 5);
        self.put(0, 5);
        self.put(15, 4);
        for symbol in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] {
            self.put(u32::from(matches!(symbol, 1 | 18)), 3);
        }
        // Code 1 comes before code 18, so that it is the one that is written 0.
        for zeros in [138_u32, 118] {
            self.put(1, 1);
            self.put(zeros.saturating_sub(11), 7);
        }
        self.put(0, 1);
        self.put(0, 1);
        self.put(0, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn inflated(mut gzip: Gzip<&[u8]>) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        gzip.read_to_end(&mut content).map(|_| content)
    }

    /// Words that compress in many blocks of all kinds.
    fn content() -> Vec<u8> {
        let mut random = 1_u32;
        let mut content = Vec::new();
        for round in 0..120_000_u32 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            match round / 20_000 {
                0 | 3 => content.extend_from_slice(&random.to_be_bytes()),
                1 => content.extend_from_slice(b"the same words again; "),
                _ => content.extend_from_slice(format!("{} ", random % 5_000).as_bytes()),
            }
        }
        content
    }

    #[test]
    fn a_member_can_be_taken_up_at_any_block_and_at_a_bit_of_eight() {
        let content = content();
        let mut seen = [0; 9];
        for level in 1..=9 {
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
            encoder.write_all(&content).unwrap();
            let compressed = encoder.finish().unwrap();
            let mut gzip = Gzip::new(&compressed[..]);
            gzip.keep_tail();
            let (mut out, mut at) = (vec![0; 100_000], 0);
            loop {
                let made = gzip.read(&mut out).unwrap();
                if made == 0 {
                    break;
                }
                assert_eq!(out[..made], content[at..at + made]);
                at += made;
                let Some(tail) = gzip.tail_between_blocks().map(Tail::to_vec) else { continue };
                assert!(content[..at].ends_with(&tail) && tail.len() == at.min(WINDOW));
                if at == content.len() {
                    continue;
                }
                let from = compressed.len() - gzip.get_ref().len() - 1;
                let right: Vec<_> = BITS
                    .filter(|bit| {
                        let resumed = Gzip::resumed(&compressed[from..], &tail, *bit).unwrap();
                        inflated(resumed).is_ok_and(|rest| rest == content[at..])
                    })
                    .collect();
                // Before a stored block there may be bits that nobody reads.
                assert!(!right.is_empty(), "level {level}, at {at}");
                seen[usize::from(right[0])] += usize::from(right.len() == 1);
            }
            assert_eq!(at, content.len());
        }
        assert!(seen.iter().filter(|times| **times > 0).count() > 4, "{seen:?}");
    }

    #[test]
    fn a_block_may_start_at_any_bit_behind_any_history() {
        let history = content();
        let words = b"the same words, the same words, other words";
        let mut encoder =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(words).unwrap();
        let block = encoder.finish().unwrap();
        for bit in 0..=8 {
            let mut shifted = Bits::default();
            shifted.put(0b1011_0101, bit);
            block.iter().for_each(|byte| shifted.put((*byte).into(), 8));
            shifted.put(0, 7);
            let source = [&shifted.done[..], &[0; TRAILER]].concat();
            for length in [0, 1, 100, WINDOW, WINDOW + 1] {
                let resumed = Gzip::resumed(&source[..], &history[..length], bit).unwrap();
                assert_eq!(inflated(resumed).unwrap(), words, "bit {bit}, {length} before");
            }
        }
    }

    #[test]
    fn what_came_out_before_the_damage_stands() {
        let content = content();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&content).unwrap();
        let mut compressed = encoder.finish().unwrap();
        let middle = compressed.len() / 2;
        compressed[middle..][..1000].reverse();
        let mut gzip = Gzip::new(&compressed[..]);
        let mut out = Vec::new();
        let error = gzip.read_to_end(&mut out).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert!(out.len() > content.len() / 4 && content.starts_with(&out[..content.len() / 4]));
    }
}
