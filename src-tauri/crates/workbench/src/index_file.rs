//! The index of a capture on disk: what stood around the content, the block hashes, the packets.
//!
//! ```text
//! "tidemark blocks 2\n"  container name "\n"  length u64  count u64  count × 32 bytes  SHA-256 of all that
//! the packet index, as `capture::Index` writes it, with a checksum of its own
//! ```
//! Numbers are little-endian. The file is a cache: if it is damaged, the capture is indexed anew.

use capture::Index;
use evidence::{BlockHashes, Container, Sha256, Sha256Hasher};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;

const MAGIC: &[u8] = b"tidemark blocks 2\n";

/// Everything that is kept of a capture besides the capture itself.
pub(crate) struct IndexFile {
    pub(crate) container: Container,
    pub(crate) blocks: BlockHashes,
    pub(crate) index: Index,
}

impl IndexFile {
    /// Writes the file whole or not at all.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let partial = path.with_extension("partial");
        let mut out = BufWriter::new(File::create(&partial)?);
        let mut head = MAGIC.to_vec();
        head.extend_from_slice(self.container.name().as_bytes());
        head.push(b'\n');
        head.extend_from_slice(&self.blocks.length.to_le_bytes());
        head.extend_from_slice(&(self.blocks.hashes.len() as u64).to_le_bytes());
        self.blocks.hashes.iter().for_each(|hash| head.extend_from_slice(&hash.0));
        out.write_all(&head)?;
        out.write_all(&Sha256::of(&head).0)?;
        self.index.write(&mut out)?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(partial, path)
    }

    /// Reads the file; anything but what was written is an error.
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        let mut input = Checked {
            inner: BufReader::with_capacity(1 << 20, File::open(path)?),
            hasher: Sha256Hasher::default(),
        };
        let mut magic = [0; MAGIC.len()];
        input.read_exact(&mut magic)?;
        if magic != MAGIC {
            return Err(damaged("not an index of this version"));
        }
        let name = input.line(16)?;
        let container = std::str::from_utf8(&name).ok().and_then(Container::named);
        let container = container.ok_or_else(|| damaged("an unknown container"))?;
        let length = input.number()?;
        let count = input.number()?;
        let mut hashes = Vec::new();
        for _ in 0..count {
            let mut hash = [0; 32];
            input.read_exact(&mut hash)?;
            hashes.push(Sha256(hash));
        }
        let expected = std::mem::take(&mut input.hasher).finish();
        let mut found = [0; 32];
        input.inner.read_exact(&mut found)?;
        if expected.0 != found {
            return Err(damaged("its checksum is wrong"));
        }
        let index = Index::read(&mut input.inner).map_err(io::Error::other)?;
        Ok(Self { container, blocks: BlockHashes { hashes, length }, index })
    }
}

struct Checked<R> {
    inner: R,
    hasher: Sha256Hasher,
}

impl<R: BufRead> Checked<R> {
    fn read_exact(&mut self, out: &mut [u8]) -> io::Result<()> {
        self.inner.read_exact(out)?;
        self.hasher.update(out);
        Ok(())
    }

    fn number(&mut self) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.read_exact(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn line(&mut self, limit: u64) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        self.inner.by_ref().take(limit).read_until(b'\n', &mut line)?;
        self.hasher.update(&line);
        line.pop_if(|last| *last == b'\n').ok_or_else(|| damaged("an unfinished line"))?;
        Ok(line)
    }
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the packet index is damaged: {what}"))
}
