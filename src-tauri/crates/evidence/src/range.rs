//! Reading a few bytes again, held against the hashes of the first pass.

use crate::inflate::Inflate;
use crate::{BLOCK_SIZE, BlockHashes, Container, Sha256};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Blocks kept at hand, so that neighbouring reads read and hash once. Unit: blocks.
const KEPT: usize = 512;
const BLOCK: u64 = BLOCK_SIZE as u64;

/// Why bytes cannot be shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RangeError {
    /// The file cannot be opened or read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Where the evidence was expected.
        path: PathBuf,
        /// What the system answered.
        #[source]
        source: io::Error,
    },
    /// The bytes are not the ones that were hashed when the evidence was added.
    #[error("{} was changed after it was added: bytes {offset}.. hash to {found}, not {expected}", path.display())]
    Changed {
        /// The evidence.
        path: PathBuf,
        /// Where the block starts in the inflated bytes.
        offset: u64,
        /// The hash of the first pass.
        expected: Sha256,
        /// The hash now.
        found: Sha256,
    },
    /// The range reaches past the end that the first pass saw.
    #[error("{} has {length} bytes, none at {offset}", path.display())]
    PastEnd {
        /// The evidence.
        path: PathBuf,
        /// First byte asked for.
        offset: u64,
        /// Inflated length.
        length: u64,
    },
}

/// A file of evidence, open for reading ranges of its inflated bytes.
pub struct RangeReader {
    path: PathBuf,
    container: Container,
    blocks: BlockHashes,
    kept: HashMap<u64, Vec<u8>>,
    source: Source,
}

enum Source {
    Plain(File),
    /// A gzip file is inflated forward only: the block that comes next, and the bytes from there on.
    Gzip {
        next: u64,
        bytes: Box<Inflate<BufReader<File>>>,
    },
}

impl RangeReader {
    /// Opens the evidence at `path`, whose first pass gave `blocks`.
    ///
    /// # Errors
    /// [`RangeError::Read`] if it cannot be opened.
    pub fn open(
        path: &Path,
        container: Container,
        blocks: BlockHashes,
    ) -> Result<Self, RangeError> {
        let source = open(path, container)
            .map_err(|source| RangeError::Read { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), container, blocks, kept: HashMap::new(), source })
    }

    /// The `length` inflated bytes from `offset`, each of them checked.
    ///
    /// # Errors
    /// See [`RangeError`]; bytes that fail their check are never given.
    pub fn read(&mut self, offset: u64, length: usize) -> Result<Vec<u8>, RangeError> {
        let end = offset.saturating_add(length as u64);
        if end > self.blocks.length {
            let length = self.blocks.length;
            return Err(RangeError::PastEnd { path: self.path.clone(), offset, length });
        }
        let mut bytes = Vec::with_capacity(length.min(BLOCK_SIZE));
        let mut at = offset;
        while at < end {
            let number = at / BLOCK;
            let start = (at % BLOCK) as usize;
            let wanted = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX);
            let block = self.block(number)?;
            let stop = start.saturating_add(wanted).min(block.len());
            let part = block.get(start..stop).unwrap_or_default();
            if part.is_empty() {
                break;
            }
            bytes.extend_from_slice(part);
            at = at.saturating_add(part.len() as u64);
        }
        Ok(bytes)
    }

    fn block(&mut self, number: u64) -> Result<&[u8], RangeError> {
        if !self.kept.contains_key(&number) {
            let block = self
                .fetch(number)
                .map_err(|source| RangeError::Read { path: self.path.clone(), source })?;
            self.check(number, &block)?;
            if self.kept.len() >= KEPT {
                self.kept.clear();
            }
            self.kept.insert(number, block);
        }
        Ok(self.kept.get(&number).map(Vec::as_slice).unwrap_or_default())
    }

    fn check(&self, number: u64, block: &[u8]) -> Result<(), RangeError> {
        let found = Sha256::of(block);
        let expected = usize::try_from(number).ok().and_then(|at| self.blocks.hashes.get(at));
        match expected {
            Some(expected) if *expected != found => Err(RangeError::Changed {
                path: self.path.clone(),
                offset: number.saturating_mul(BLOCK),
                expected: *expected,
                found,
            }),
            _ => Ok(()),
        }
    }

    fn fetch(&mut self, number: u64) -> io::Result<Vec<u8>> {
        if matches!(&self.source, Source::Gzip { next, .. } if *next > number) {
            let mut plain = tempfile::tempfile()?;
            if let Source::Gzip { mut bytes, .. } = open(&self.path, self.container)? {
                io::copy(&mut bytes, &mut plain)?;
            }
            self.source = Source::Plain(plain);
        }
        match &mut self.source {
            Source::Plain(file) => {
                file.seek(SeekFrom::Start(number.saturating_mul(BLOCK)))?;
                fill(file)
            }
            Source::Gzip { next, bytes } => {
                while *next < number {
                    fill(bytes)?;
                    *next = next.saturating_add(1);
                }
                *next = next.saturating_add(1);
                fill(bytes)
            }
        }
    }
}

fn open(path: &Path, container: Container) -> io::Result<Source> {
    let file = File::open(path)?;
    Ok(match container {
        Container::Plain => Source::Plain(file),
        Container::Gzip => {
            let compressed = BufReader::with_capacity(BLOCK_SIZE, file);
            Source::Gzip { next: 0, bytes: Box::new(Inflate::new(compressed)) }
        }
    })
}

/// The next block, shorter only at the end.
fn fill(bytes: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut block = Vec::with_capacity(BLOCK_SIZE);
    bytes.take(BLOCK).read_to_end(&mut block)?;
    Ok(block)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Intake;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

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
    fn any_range_is_the_bytes_of_the_content_plain_or_gzip() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&content()).unwrap();
        let compressed = encoder.finish().unwrap();
        for (name, bytes) in [("plain", content()), ("gzip", compressed)] {
            let (_, mut reader) = open_evidence(name, &bytes);
            for (offset, length) in
                [(399_990, 10), (0, 4), (65_530, 12), (131_072, 140_000), (7, 0)]
            {
                let expected = &content()[offset..offset + length];
                assert_eq!(
                    reader.read(offset as u64, length).unwrap(),
                    expected,
                    "{name} {offset}"
                );
            }
            assert!(matches!(reader.read(399_999, 2), Err(RangeError::PastEnd { .. })));
        }
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
