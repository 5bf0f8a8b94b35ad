//! Checked content as a stream that can seek, for readers that want one.

use crate::layers::Medium;
use crate::{RangeError, RangeReader};
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The inflated content of a piece of evidence; every byte was checked before it is given, as [`RangeReader`] does.
///
/// A clone reads the same file at its own position.
#[derive(Clone)]
pub struct Content {
    shared: Arc<Mutex<RangeReader>>,
    position: u64,
}

impl RangeReader {
    /// The content as `Read + Seek`. Reading forward inflates once; going back spools once.
    pub fn content(self) -> Content {
        Content { shared: Arc::new(Mutex::new(self)), position: 0 }
    }
}

impl Content {
    /// Unit: bytes.
    ///
    /// # Errors
    /// None where a first pass gave the block hashes.
    pub fn length(&self) -> io::Result<u64> {
        self.lock().length()
    }

    /// The `length` bytes from `offset`.
    ///
    /// # Errors
    /// See [`RangeError`]; bytes that fail their check are never given.
    pub fn read_at(&self, offset: u64, length: usize) -> Result<Vec<u8>, RangeError> {
        self.lock().read(offset, length)
    }

    /// The same, but fewer bytes or none where the end is nearer.
    pub(crate) fn peek(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut reader = self.lock();
        let left = reader.length()?.saturating_sub(offset);
        let length = length.min(usize::try_from(left).unwrap_or(usize::MAX));
        Ok(if length == 0 { Vec::new() } else { reader.read(offset, length)? })
    }

    /// Whether going back costs nothing.
    pub(crate) fn is_seekable(&self) -> bool {
        self.lock().is_seekable()
    }

    fn lock(&self) -> MutexGuard<'_, RangeReader> {
        // A reader that panicked half-way holds blocks that were checked, or none.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Read for Content {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.lock().read_some(self.position, out)?;
        self.position = self.position.saturating_add(count as u64);
        Ok(count)
    }
}

impl Seek for Content {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.length()?.checked_add_signed(by),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

/// A part of checked content.
#[derive(Clone)]
pub(crate) struct Window {
    content: Content,
    start: u64,
    length: u64,
    at: u64,
}

impl Window {
    pub(crate) fn new(content: Content, start: u64, length: u64) -> Self {
        Self { content, start, length, at: 0 }
    }

    pub(crate) fn is_seekable(&self) -> bool {
        self.content.is_seekable()
    }
}

impl Read for Window {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let room = out.len().min(left);
        let out = out.get_mut(..room).unwrap_or_default();
        self.content.position = self.start.saturating_add(self.at);
        let count = self.content.read(out)?;
        self.at = self.at.saturating_add(count as u64);
        Ok(count)
    }
}

impl Seek for Window {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

impl Medium for Window {}

#[cfg(test)]
mod tests {
    #[test]
    fn readers_move_between_threads_and_an_archive_is_read_by_several() {
        fn moves<T: Send>() {}
        fn is_shared<T: Sync>() {}
        moves::<crate::Intake>();
        moves::<crate::Content>();
        is_shared::<crate::Archive>();
    }
}
