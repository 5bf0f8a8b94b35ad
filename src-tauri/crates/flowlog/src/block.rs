//! Blocks of whole lines out of a reader.

use std::io::{self, ErrorKind, Read};
use std::ops::ControlFlow;

/// How much is read at once. Unit: bytes.
pub(crate) const BLOCK: usize = 256 * 1024;
/// How much of something that is rejected is shown. Unit: bytes.
pub(crate) const SHOWN: usize = 1024;

/// Reads a file of lines. Breaking ends the reading.
pub(crate) trait LineReader {
    /// Takes whole lines, of which the first begins at `offset`; if the input has ended, the last may have no
    /// line end. Says how many bytes it took: some of them at least, and all if the input has ended.
    fn lines(&mut self, lines: &[u8], offset: u64, ended: bool) -> ControlFlow<(), usize>;
    /// A line that is longer than a block: its first bytes, and its length without its end.
    fn too_long(&mut self, head: &[u8], offset: u64, length: u64) -> ControlFlow<()>;
    /// The input has ended.
    fn finish(&mut self) -> ControlFlow<()>;
}

/// Pushes the lines of `input` into `reader`, in blocks of `size` bytes at most.
pub(crate) fn read_lines(
    input: &mut dyn Read,
    size: usize,
    reader: &mut dyn LineReader,
) -> io::Result<()> {
    let mut block = Block::new(input, size);
    loop {
        block.fill()?;
        let (lines, offset, ended) = (block.lines(), block.offset(), block.ended());
        let flow = if !lines.is_empty() {
            reader.lines(lines, offset, ended)
        } else if ended {
            let _ = reader.finish();
            return Ok(());
        } else {
            let (head, length) = block.skip_line(SHOWN)?;
            reader.too_long(&head, offset, length).map_continue(|()| 0)
        };
        match flow {
            ControlFlow::Continue(taken) => block.consume(taken),
            ControlFlow::Break(()) => return Ok(()),
        }
    }
}

/// The part of the input that is held in memory.
struct Block<'r> {
    input: &'r mut dyn Read,
    buffer: Vec<u8>,
    held: usize,
    offset: u64,
    ended: bool,
}

impl<'r> Block<'r> {
    fn new(input: &'r mut dyn Read, size: usize) -> Self {
        Self { input, buffer: vec![0; size], held: 0, offset: 0, ended: false }
    }

    /// Reads until the block is full or the input has ended.
    fn fill(&mut self) -> io::Result<()> {
        while !self.ended {
            let Some(room) = self.buffer.get_mut(self.held..).filter(|room| !room.is_empty())
            else {
                break;
            };
            match self.input.read(room) {
                Ok(0) => self.ended = true,
                Ok(count) => self.held = self.held.saturating_add(count),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The lines that are held whole; at the end of the input also a last one without a line end.
    fn lines(&self) -> &[u8] {
        let held = self.held();
        let whole = match memchr::memrchr(b'\n', held) {
            _ if self.ended => held.len(),
            Some(end) => end.saturating_add(1),
            None => 0,
        };
        held.get(..whole).unwrap_or_default()
    }

    /// Where the block begins in the input. Unit: bytes.
    fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether the input has no more than what is held.
    fn ended(&self) -> bool {
        self.ended
    }

    /// Lets go of the first `length` bytes.
    fn consume(&mut self, length: usize) {
        let length = length.min(self.held);
        self.buffer.copy_within(length..self.held, 0);
        self.held = self.held.saturating_sub(length);
        self.offset = self.offset.saturating_add(length as u64);
    }

    /// Passes over a line that is longer than the block: its first `shown` bytes, and its length without its end.
    fn skip_line(&mut self, shown: usize) -> io::Result<(Vec<u8>, u64)> {
        let begin = self.offset;
        let head = self.held().get(..shown).unwrap_or(self.held()).to_vec();
        loop {
            match memchr::memchr(b'\n', self.held()) {
                Some(end) => {
                    let length = self.offset.saturating_sub(begin).saturating_add(end as u64);
                    self.consume(end.saturating_add(1));
                    return Ok((head, length));
                }
                None => self.consume(self.held),
            }
            if self.ended {
                return Ok((head, self.offset.saturating_sub(begin)));
            }
            self.fill()?;
        }
    }

    fn held(&self) -> &[u8] {
        self.buffer.get(..self.held).unwrap_or_default()
    }
}
