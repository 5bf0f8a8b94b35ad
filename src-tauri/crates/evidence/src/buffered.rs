//! Reading ahead: as far as recognising what comes next needs it, however little one read gives.

use std::io::{self, BufRead, Read};

/// Bytes read ahead of whoever takes them.
///
/// An error of the reader below is kept as it came ([`Buffered::take_failure`]), so that it can be told from what a
/// decoder makes of it: the one is an error, the other damaged content.
pub(crate) struct Buffered<R> {
    inner: R,
    ahead: Box<[u8]>,
    start: usize,
    end: usize,
    base: u64,
    passed: u64,
    dry: bool,
    failure: Option<io::Error>,
}

impl<R: Read> Buffered<R> {
    /// Reads `capacity` bytes at a time; the first one is at `base` in whatever offsets are counted in.
    pub(crate) fn new(inner: R, capacity: usize, base: u64) -> Self {
        let ahead = vec![0; capacity].into_boxed_slice();
        Self { inner, ahead, start: 0, end: 0, base, passed: 0, dry: false, failure: None }
    }

    /// What comes next, without taking it: at least `count` bytes (of at most the capacity) unless the end is nearer.
    pub(crate) fn look(&mut self, count: usize) -> io::Result<&[u8]> {
        let count = count.min(self.ahead.len());
        if self.start.saturating_add(count) > self.ahead.len() {
            self.ahead.copy_within(self.start..self.end, 0);
            self.end = self.end.saturating_sub(self.start);
            self.start = 0;
        }
        while self.end.saturating_sub(self.start) < count {
            let room = self.ahead.get_mut(self.end..).unwrap_or_default();
            match read_through(&mut self.inner, room, &mut self.failure)? {
                0 => {
                    self.dry = true;
                    break;
                }
                more => self.end = self.end.saturating_add(more),
            }
        }
        Ok(self.ahead.get(self.start..self.end).unwrap_or_default())
    }

    /// Bytes taken so far.
    pub(crate) fn passed(&self) -> u64 {
        self.passed
    }

    /// Where the next byte to be taken is.
    pub(crate) fn position(&self) -> u64 {
        self.base.saturating_add(self.passed)
    }

    /// Whether somebody asked for more than there was, since this was last asked.
    pub(crate) fn take_dry(&mut self) -> bool {
        std::mem::take(&mut self.dry)
    }

    /// The error of the reader below, if that is what the last error was about.
    pub(crate) fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    pub(crate) fn get_ref(&self) -> &R {
        &self.inner
    }

    pub(crate) fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    pub(crate) fn into_inner(self) -> R {
        self.inner
    }

    fn pass(&mut self, count: usize) {
        self.passed = self.passed.saturating_add(count as u64);
    }
}

/// Reads, and keeps an error that is none of the caller's making.
fn read_through(
    inner: &mut impl Read,
    out: &mut [u8],
    failure: &mut Option<io::Error>,
) -> io::Result<usize> {
    loop {
        match inner.read(out) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                let kind = error.kind();
                *failure = Some(error);
                return Err(kind.into());
            }
            read => return read,
        }
    }
}

impl<R: Read> Read for Buffered<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end && out.len() >= self.ahead.len() {
            let count = read_through(&mut self.inner, out, &mut self.failure)?;
            self.dry |= count == 0 && !out.is_empty();
            self.pass(count);
            return Ok(count);
        }
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Buffered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        self.look(1)
    }

    fn consume(&mut self, count: usize) {
        let count = count.min(self.end.saturating_sub(self.start));
        self.start = self.start.saturating_add(count);
        self.pass(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte a read.
    struct Dripping<'a>(&'a [u8]);

    impl Read for Dripping<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let one = out.len().min(1);
            self.0.read(&mut out[..one])
        }
    }

    #[test]
    fn what_was_looked_at_is_still_to_be_read() {
        let mut reader = Buffered::new(Dripping(b"abcdefgh"), 4, 100);
        assert_eq!(reader.look(3).unwrap(), b"abc");
        reader.consume(2);
        assert_eq!(reader.look(9).unwrap(), b"cdef", "no more than it has room for");
        assert_eq!(reader.position(), 102);
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, b"cdefgh");
        assert!(reader.take_dry());
    }
}
