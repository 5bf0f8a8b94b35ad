//! A window onto the capture: one reusable buffer that moves front to back over the input.

use std::io::{self, ErrorKind, Read};

/// How large the buffer is at first. Unit: bytes.
const CHUNK: usize = 1 << 20;

/// Unread bytes of an input, and where they stand in it.
///
/// The buffer grows only when it is full of bytes that have really been read, so that a length field
/// never sizes an allocation.
pub(crate) struct Window<'r> {
    input: &'r mut dyn Read,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    offset: u64,
    ended: bool,
}

impl<'r> Window<'r> {
    pub(crate) fn new(input: &'r mut dyn Read) -> Self {
        Self { input, buffer: vec![0; CHUNK], start: 0, end: 0, offset: 0, ended: false }
    }

    /// Where the first unread byte stands in the input.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// All unread bytes at hand: at least `wanted` of them unless the input ends before.
    pub(crate) fn fill(&mut self, wanted: usize) -> io::Result<&[u8]> {
        while self.available() < wanted && !self.ended {
            self.make_room();
            let room = self.buffer.get_mut(self.end..).unwrap_or_default();
            match self.input.read(room) {
                Ok(0) => self.ended = true,
                Ok(count) => self.end = self.end.saturating_add(count).min(self.buffer.len()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.buffer.get(self.start..self.end).unwrap_or_default())
    }

    /// Passes over unread bytes at hand.
    pub(crate) fn pass(&mut self, count: usize) {
        let count = count.min(self.available());
        self.start = self.start.saturating_add(count);
        self.offset = self.offset.saturating_add(count as u64);
    }

    /// Reads to the end of the input, and says how many bytes that were.
    pub(crate) fn drain(&mut self) -> io::Result<u64> {
        let from = self.offset;
        while !self.fill(1)?.is_empty() {
            self.pass(self.available());
        }
        Ok(self.offset.saturating_sub(from))
    }

    fn available(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Moves unread bytes to the front only when that frees half of the buffer, and doubles it otherwise:
    /// input that asks for a little more again and again cannot make it move the same bytes each time.
    fn make_room(&mut self) {
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        } else if self.end == self.buffer.len() {
            if self.start >= self.buffer.len() / 2 {
                self.buffer.copy_within(self.start..self.end, 0);
                self.end = self.available();
                self.start = 0;
            } else {
                self.buffer.resize(self.buffer.len().saturating_mul(2), 0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes a few at a time.
    struct Trickle<'a>(&'a [u8]);

    impl Read for Trickle<'_> {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            let count = room.len().min(self.0.len()).min(300_001);
            room[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    #[test]
    fn bytes_come_in_order_whatever_is_asked_for() {
        let content: Vec<u8> = (0..1_500_000u32).flat_map(u32::to_le_bytes).collect();
        let mut trickle = Trickle(&content);
        let mut window = Window::new(&mut trickle);
        let mut at = 0;
        for wanted in [1, 700_000, 3, 2_500_000, 900_000, 64].into_iter().cycle().take(40) {
            let bytes = window.fill(wanted).unwrap();
            let length = wanted.min(content.len() - at);
            assert_eq!(bytes[..length], content[at..at + length]);
            window.pass(length / 2);
            at += length / 2;
            assert_eq!(window.offset(), at as u64);
        }
        assert_eq!(window.drain().unwrap(), (content.len() - at) as u64);
    }
}
