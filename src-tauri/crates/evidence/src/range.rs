//! Reading a few bytes again, held against the hashes of the first pass.

mod anew;
mod cache;

pub use cache::BlockCache;

use crate::blocks::Difference;
use crate::layers::Layers;
use crate::source::{Seekable, Shared, Source};
use crate::{BLOCK_SIZE, BlockHashes, Container, Place, Rereading, Sha256};
use std::collections::HashMap;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

/// Blocks kept at hand of a reader alone; few enough to stay in the processor's cache. Unit: bytes.
const KEPT: usize = 64 * BLOCK_SIZE;
const BLOCK: u64 = BLOCK_SIZE as u64;

/// Why bytes cannot be shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RangeError {
    /// The file cannot be opened or read.
    #[error("cannot read {place}")]
    Read {
        /// Where the evidence was expected.
        place: Place,
        /// What the system answered.
        #[source]
        source: io::Error,
    },
    /// The bytes are not the ones that were hashed when the evidence was added.
    #[error(
        "{place} was changed after it was added: bytes {offset}.. hash to {found}, not {expected}"
    )]
    Changed {
        /// The evidence.
        place: Place,
        /// Where the block starts in the inflated bytes.
        offset: u64,
        /// The hash of the first pass.
        expected: Sha256,
        /// The hash now.
        found: Sha256,
    },
    /// The range reaches past the end that the first pass saw.
    #[error("{place} has {length} bytes, none at {offset}")]
    PastEnd {
        /// The evidence.
        place: Place,
        /// First byte asked for.
        offset: u64,
        /// Inflated length.
        length: u64,
    },
}

/// A plain failure to read stays what the system answered; the others are found again with `get_ref`.
impl From<RangeError> for io::Error {
    fn from(error: RangeError) -> Self {
        match error {
            RangeError::Read { source, .. } => source,
            other => Self::other(other),
        }
    }
}

/// A piece of evidence, open for reading ranges of its inflated bytes.
pub struct RangeReader {
    place: Place,
    rereading: Rereading,
    /// Without block hashes nothing is checked here, because something that is read through this is.
    checked: bool,
    cache: Arc<BlockCache>,
    /// Its number in the cache.
    reader: u64,
    bytes: Bytes,
    /// The file below the compressions.
    file: Option<Shared>,
    /// At which bit the block of each point starts, once that was found out.
    bits: HashMap<usize, u8>,
}

enum Bytes {
    Seekable(Box<dyn Seekable>),
    /// What is compressed is inflated forward: the block that comes next, and the bytes from there on.
    Forward(Forward),
}

struct Forward {
    next: u64,
    bytes: Layers<Source>,
}

impl Forward {
    /// The block with this number; shorter, or nothing, where the end is nearer.
    fn block(&mut self, number: u64) -> io::Result<Vec<u8>> {
        while self.next < number {
            self.next = self.next.saturating_add(1);
            if fill(|out| self.bytes.read_on(out))?.is_empty() {
                return Ok(Vec::new());
            }
        }
        self.next = self.next.saturating_add(1);
        fill(|out| self.bytes.read_on(out))
    }
}

impl RangeReader {
    /// Opens the evidence at `place` by block hashes alone: going back far inflates all of it, once, into a file without
    /// a name. [`Rereading::open`] does not need to.
    ///
    /// # Errors
    /// [`RangeError::Read`] if it cannot be opened, or is no longer in its archive.
    pub fn open(
        place: impl Into<Place>,
        container: Container,
        blocks: BlockHashes,
    ) -> Result<Self, RangeError> {
        Rereading::forward(container, blocks).open(place)
    }

    pub(crate) fn of(place: Place, rereading: Rereading) -> Result<Self, RangeError> {
        let container = rereading.container();
        match Source::open(&place).and_then(|source| open(source, container)) {
            Ok(bytes) => Ok(Self::with(place, rereading, bytes)),
            Err(source) => Err(RangeError::Read { place, source }),
        }
    }

    /// Bytes that are not checked, for finding in them what is.
    pub(crate) fn unchecked(place: Place, container: Container) -> io::Result<Self> {
        let bytes = open(Source::open(&place)?, container)?;
        let rereading = Rereading::forward(container, BlockHashes::default());
        Ok(Self { checked: false, ..Self::with(place, rereading, bytes) })
    }

    fn with(place: Place, rereading: Rereading, bytes: Bytes) -> Self {
        let cache = Arc::new(BlockCache::new(KEPT));
        let (reader, bits) = (cache.reader(), HashMap::new());
        Self { place, rereading, checked: true, cache, reader, bytes, file: None, bits }
    }

    /// Keeps its blocks in a cache that it shares with other readers.
    #[must_use]
    pub fn sharing(self, cache: &Arc<BlockCache>) -> Self {
        Self { cache: Arc::clone(cache), reader: cache.reader(), ..self }
    }

    /// The `length` inflated bytes from `offset`, each of them checked.
    ///
    /// # Errors
    /// See [`RangeError`]; bytes that fail their check are never given.
    pub fn read(&mut self, offset: u64, length: usize) -> Result<Vec<u8>, RangeError> {
        let end = offset.saturating_add(length as u64);
        if self.known_length().is_some_and(|known| end > known) {
            return Err(self.past_end(offset));
        }
        let mut bytes = Vec::with_capacity(length.min(BLOCK_SIZE));
        while bytes.len() < length {
            let at = offset.saturating_add(bytes.len() as u64);
            let wanted = length.saturating_sub(bytes.len());
            let (block, start) = self.block_at(at)?;
            let part = block.get(start..).filter(|part| !part.is_empty());
            let Some(part) = part else { break };
            bytes.extend_from_slice(part.get(..wanted).unwrap_or(part));
        }
        Ok(bytes)
    }

    /// Bytes from `offset`, as many as the block has; none at the end.
    pub(crate) fn read_some(&mut self, offset: u64, out: &mut [u8]) -> Result<usize, RangeError> {
        let past = self.known_length().is_some_and(|known| offset >= known);
        if past || out.is_empty() {
            return Ok(0);
        }
        let (block, start) = self.block_at(offset)?;
        // Reading from memory does not fail.
        Ok(block.get(start..).unwrap_or_default().read(out).unwrap_or_default())
    }

    /// Length of the inflated bytes.
    pub(crate) fn length(&mut self) -> io::Result<u64> {
        if let Some(known) = self.known_length() {
            return Ok(known);
        }
        if !self.is_seekable() {
            self.spool()?;
        }
        match &mut self.bytes {
            Bytes::Seekable(bytes) => bytes.seek(SeekFrom::End(0)),
            Bytes::Forward(_) => Ok(0),
        }
    }

    pub(crate) fn is_seekable(&self) -> bool {
        matches!(self.bytes, Bytes::Seekable(_))
    }

    fn known_length(&self) -> Option<u64> {
        self.checked.then(|| self.rereading.blocks().length)
    }

    /// The block that holds `offset`, and where in it that is.
    fn block_at(&mut self, offset: u64) -> Result<(Arc<Vec<u8>>, usize), RangeError> {
        let start = usize::try_from(offset % BLOCK).unwrap_or_default();
        let number = offset / BLOCK;
        if let Some(block) = self.cache.get((self.reader, number)) {
            return Ok((block, start));
        }
        let block = Arc::new(self.fetch(number)?);
        self.cache.keep((self.reader, number), Arc::clone(&block));
        Ok((block, start))
    }

    /// The block with this number, checked.
    fn fetch(&mut self, number: u64) -> Result<Vec<u8>, RangeError> {
        if let Some(block) = self.fetch_anew(number)? {
            return Ok(block);
        }
        let block = self.fetch_on(number).map_err(|source| self.unread(source))?;
        self.check(number, &block)?;
        Ok(block)
    }

    fn check(&self, number: u64, block: &[u8]) -> Result<(), RangeError> {
        if !self.checked {
            return Ok(());
        }
        let offset = number.saturating_mul(BLOCK);
        match self.rereading.blocks().check(number, block) {
            Ok(()) => Ok(()),
            Err(difference) => Err(self.differs(offset, difference)),
        }
    }

    /// From where the bytes stand, or from the start.
    fn fetch_on(&mut self, number: u64) -> io::Result<Vec<u8>> {
        if matches!(&self.bytes, Bytes::Forward(forward) if forward.next > number) {
            self.spool()?;
        }
        match &mut self.bytes {
            Bytes::Seekable(file) => {
                file.seek(SeekFrom::Start(number.saturating_mul(BLOCK)))?;
                fill(|out| file.read(out))
            }
            Bytes::Forward(forward) => forward.block(number),
        }
    }

    /// Inflates everything once more, into a file without a name, as far as the first pass came.
    fn spool(&mut self) -> io::Result<()> {
        let mut left = self.known_length().unwrap_or(u64::MAX);
        let mut plain = tempfile::tempfile()?;
        let source = Source::open(&self.place)?;
        let mut bytes = Layers::bare(source, 0).inside_all(self.rereading.container())?;
        while left > 0 {
            let block = fill(|out| bytes.read_on(out))?;
            if block.is_empty() {
                break;
            }
            plain.write_all(&block)?;
            left = left.saturating_sub(block.len() as u64);
        }
        self.bytes = Bytes::Seekable(Box::new(plain));
        Ok(())
    }

    fn unread(&self, source: io::Error) -> RangeError {
        RangeError::Read { place: self.place.clone(), source }
    }

    fn past_end(&self, offset: u64) -> RangeError {
        let length = self.rereading.blocks().length;
        RangeError::PastEnd { place: self.place.clone(), offset, length }
    }

    fn differs(&self, offset: u64, difference: Difference) -> RangeError {
        match difference {
            Difference::Hash { expected, found } => {
                RangeError::Changed { place: self.place.clone(), offset, expected, found }
            }
            Difference::PastEnd => self.past_end(offset),
        }
    }
}

fn open(source: Source, container: Container) -> io::Result<Bytes> {
    let source = if container.is_plain() {
        match source.seekable() {
            Ok(seekable) => return Ok(Bytes::Seekable(seekable)),
            Err(source) => source,
        }
    } else {
        source
    };
    let bytes = Layers::bare(source, 0).inside_all(container)?;
    Ok(Bytes::Forward(Forward { next: 0, bytes }))
}

/// The next block, shorter only at the end.
fn fill(mut read: impl FnMut(&mut [u8]) -> io::Result<usize>) -> io::Result<Vec<u8>> {
    let mut block = vec![0; BLOCK_SIZE];
    let mut filled = 0_usize;
    while let Some(room) = block.get_mut(filled..).filter(|room| !room.is_empty()) {
        match read(room) {
            Ok(0) => break,
            Ok(count) => filled = filled.saturating_add(count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    block.truncate(filled);
    Ok(block)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Intake;
    use std::path::PathBuf;

    fn content() -> Vec<u8> {
        (0..100_000u32).flat_map(u32::to_be_bytes).collect()
    }

    fn open_evidence(name: &str, bytes: &[u8]) -> (PathBuf, RangeReader) {
        let folder = std::env::temp_dir().join(format!("tidemark-range-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        let mut intake = Intake::open(&path).unwrap();
        intake.keep_rereading(None).unwrap();
        let taken = intake.finish().unwrap();
        let reader = taken.rereading.unwrap().open(&path).unwrap();
        (path, reader)
    }

    #[test]
    fn a_changed_byte_is_named_instead_of_shown() {
        let (path, mut reader) = open_evidence("changed", &content());
        let mut bytes = content();
        bytes[70_000] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(reader.read(0, 4).unwrap(), [0, 0, 0, 0]);
        let error = reader.read(65_540, 4).unwrap_err();
        assert!(matches!(error, RangeError::Changed { offset: 65_536, .. }), "{error}");
    }

    #[test]
    fn a_shortened_file_is_named_instead_of_shown() {
        let (path, mut reader) = open_evidence("shortened", &content());
        std::fs::write(&path, &content()[..200_000]).unwrap();
        assert!(matches!(reader.read(200_010, 4), Err(RangeError::Changed { .. })));
    }
}
