//! Reading a few bytes again, held against the hashes of the first pass.

use crate::layers::Layers;
use crate::source::{Seekable, Source};
use crate::{BLOCK_SIZE, BlockHashes, Container, Place, Sha256};
use std::collections::HashMap;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// Blocks kept at hand, so that neighbouring reads read and hash once; few enough to stay in the processor's cache.
/// Unit: blocks.
const KEPT: usize = 64;
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
    container: Container,
    /// Of the first pass. Without it nothing is checked here, because something that is read through this is.
    blocks: Option<BlockHashes>,
    kept: HashMap<u64, Vec<u8>>,
    bytes: Bytes,
}

enum Bytes {
    Seekable(Box<dyn Seekable>),
    /// What is compressed is inflated forward only: the block that comes next, and the bytes from there on.
    Forward {
        next: u64,
        bytes: Layers<Source>,
    },
}

impl RangeReader {
    /// Opens the evidence at `place`, whose first pass gave `blocks`.
    ///
    /// # Errors
    /// [`RangeError::Read`] if it cannot be opened, or is no longer in its archive.
    pub fn open(
        place: impl Into<Place>,
        container: Container,
        blocks: BlockHashes,
    ) -> Result<Self, RangeError> {
        let place = place.into();
        let bytes = Source::open(&place).and_then(|source| open(source, container));
        match bytes {
            Ok(bytes) => {
                Ok(Self { place, container, blocks: Some(blocks), kept: HashMap::new(), bytes })
            }
            Err(source) => Err(RangeError::Read { place, source }),
        }
    }

    /// Bytes that are not checked, for finding in them what is.
    pub(crate) fn unchecked(place: Place, container: Container) -> io::Result<Self> {
        let bytes = open(Source::open(&place)?, container)?;
        Ok(Self { place, container, blocks: None, kept: HashMap::new(), bytes })
    }

    /// The `length` inflated bytes from `offset`, each of them checked.
    ///
    /// # Errors
    /// See [`RangeError`]; bytes that fail their check are never given.
    pub fn read(&mut self, offset: u64, length: usize) -> Result<Vec<u8>, RangeError> {
        let end = offset.saturating_add(length as u64);
        if let Some(blocks) = self.blocks.as_ref().filter(|blocks| end > blocks.length) {
            let length = blocks.length;
            return Err(RangeError::PastEnd { place: self.place.clone(), offset, length });
        }
        let mut bytes = Vec::with_capacity(length.min(BLOCK_SIZE));
        while bytes.len() < length {
            let part = self.part(offset.saturating_add(bytes.len() as u64))?;
            let wanted = length.saturating_sub(bytes.len()).min(part.len());
            if wanted == 0 {
                break;
            }
            bytes.extend_from_slice(part.get(..wanted).unwrap_or_default());
        }
        Ok(bytes)
    }

    /// Bytes from `offset`, as many as the block has; none at the end.
    pub(crate) fn read_some(&mut self, offset: u64, out: &mut [u8]) -> Result<usize, RangeError> {
        let past = self.blocks.as_ref().is_some_and(|blocks| offset >= blocks.length);
        if past || out.is_empty() {
            return Ok(0);
        }
        let mut part = self.part(offset)?;
        // Reading from memory does not fail.
        Ok(part.read(out).unwrap_or_default())
    }

    /// Length of the inflated bytes.
    pub(crate) fn length(&mut self) -> io::Result<u64> {
        if let Some(blocks) = &self.blocks {
            return Ok(blocks.length);
        }
        if !self.is_seekable() {
            self.spool()?;
        }
        match &mut self.bytes {
            Bytes::Seekable(bytes) => bytes.seek(SeekFrom::End(0)),
            Bytes::Forward { .. } => Ok(0),
        }
    }

    pub(crate) fn is_seekable(&self) -> bool {
        matches!(self.bytes, Bytes::Seekable(_))
    }

    /// What the block that holds `offset` has from there on.
    fn part(&mut self, offset: u64) -> Result<&[u8], RangeError> {
        let start = usize::try_from(offset % BLOCK).unwrap_or_default();
        Ok(self.block(offset / BLOCK)?.get(start..).unwrap_or_default())
    }

    fn block(&mut self, number: u64) -> Result<&[u8], RangeError> {
        if !self.kept.contains_key(&number) {
            let block = self
                .fetch(number)
                .map_err(|source| RangeError::Read { place: self.place.clone(), source })?;
            self.check(number, &block)?;
            if self.kept.len() >= KEPT {
                self.kept.clear();
            }
            self.kept.insert(number, block);
        }
        Ok(self.kept.get(&number).map(Vec::as_slice).unwrap_or_default())
    }

    fn check(&self, number: u64, block: &[u8]) -> Result<(), RangeError> {
        let Some(blocks) = &self.blocks else { return Ok(()) };
        let found = Sha256::of(block);
        let place = || self.place.clone();
        let offset = number.saturating_mul(BLOCK);
        match usize::try_from(number).ok().and_then(|at| blocks.hashes.get(at)).copied() {
            Some(expected) if expected == found => Ok(()),
            Some(expected) => Err(RangeError::Changed { place: place(), offset, expected, found }),
            None => Err(RangeError::PastEnd { place: place(), offset, length: blocks.length }),
        }
    }

    fn fetch(&mut self, number: u64) -> io::Result<Vec<u8>> {
        if matches!(&self.bytes, Bytes::Forward { next, .. } if *next > number) {
            self.spool()?;
        }
        match &mut self.bytes {
            Bytes::Seekable(file) => {
                file.seek(SeekFrom::Start(number.saturating_mul(BLOCK)))?;
                fill(|out| file.read(out))
            }
            Bytes::Forward { next, bytes } => {
                while *next < number {
                    *next = next.saturating_add(1);
                    if fill(|out| bytes.read_on(out))?.is_empty() {
                        return Ok(Vec::new());
                    }
                }
                *next = next.saturating_add(1);
                fill(|out| bytes.read_on(out))
            }
        }
    }

    /// Inflates everything once more, into a file without a name, as far as the first pass came.
    fn spool(&mut self) -> io::Result<()> {
        let mut left = self.blocks.as_ref().map_or(u64::MAX, |blocks| blocks.length);
        let mut plain = tempfile::tempfile()?;
        let source = Source::open(&self.place)?;
        let mut bytes = Layers::bare(source, 0).inside_all(self.container)?;
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
    Ok(Bytes::Forward { next: 0, bytes: Layers::bare(source, 0).inside_all(container)? })
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
        intake.hash_blocks();
        let taken = intake.finish().unwrap();
        let reader = RangeReader::open(&path, taken.container, taken.blocks.unwrap()).unwrap();
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
