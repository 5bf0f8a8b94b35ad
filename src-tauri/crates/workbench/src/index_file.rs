//! What is kept of a capture besides the capture itself, in two files named by its SHA-256.
//!
//! `….index` is the packet index, as [`capture::IndexBuilder`] writes it. `….blocks` says what stood around the content,
//! and has a hash of each block of it:
//! ```text
//! "tidemark blocks 1\n"  container name "\n"  length u64  count u64  count × 32 bytes  SHA-256 of all that
//! ```
//! Numbers are little-endian. Both are a cache: if one is damaged, the capture is read anew.

use capture::{Defragmented, IndexBuilder, Limits, PacketIndex, Ports, Storage};
use evidence::{BlockHashes, Container, Sha256, Sha256Hasher};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// What the names of files begin with that are not whole yet; a process that is killed leaves them behind.
pub(crate) const PARTIAL: &str = "partial-";
const MAGIC: &[u8] = b"tidemark blocks 1\n";

/// The folder of both.
#[derive(Debug, Clone)]
pub(crate) struct IndexFolder(pub(crate) PathBuf);

/// What reading a capture's bytes again is held against.
pub(crate) struct FirstPass {
    pub(crate) container: Container,
    pub(crate) blocks: BlockHashes,
}

impl IndexFolder {
    /// An index to be made of a capture whose hash is not known yet.
    pub(crate) fn begin(&self, ports: Ports) -> IndexBuilder<'static> {
        let folder = self.0.clone();
        IndexBuilder::new(Limits::default(), ports, move || {
            Ok(Box::new(tempfile::tempfile_in(&folder)?) as Box<dyn Storage>)
        })
    }

    /// Writes both files, each whole or not at all, and says what became of fragments.
    pub(crate) fn keep(
        &self,
        sha256: Sha256,
        first: &FirstPass,
        index: IndexBuilder<'_>,
    ) -> io::Result<Defragmented> {
        let mut partial = self.partial()?;
        let fragments = index.finish(partial.as_file_mut())?;
        partial.as_file().sync_all()?;
        partial.persist(self.index_path(sha256)).map_err(|error| error.error)?;
        let mut partial = self.partial()?;
        io::Write::write_all(&mut partial, &first.to_bytes())?;
        partial.as_file().sync_all()?;
        partial.persist(self.blocks_path(sha256)).map_err(|error| error.error)?;
        Ok(fragments)
    }

    /// Opens both; anything but what was written with these ports is an error.
    pub(crate) fn open(
        &self,
        sha256: Sha256,
        ports: &Ports,
    ) -> io::Result<(FirstPass, PacketIndex)> {
        let first = FirstPass::read(&self.blocks_path(sha256))?;
        let file = File::open(self.index_path(sha256))?;
        let index = PacketIndex::open(Box::new(file)).map_err(io::Error::other)?;
        match index.is_of(ports) {
            true => Ok((first, index)),
            false => Err(io::Error::other("tunnels were looked for at other ports")),
        }
    }

    fn partial(&self) -> io::Result<tempfile::NamedTempFile> {
        tempfile::Builder::new().prefix(PARTIAL).tempfile_in(&self.0)
    }

    fn index_path(&self, sha256: Sha256) -> PathBuf {
        self.0.join(format!("{sha256}.index"))
    }

    fn blocks_path(&self, sha256: Sha256) -> PathBuf {
        self.0.join(format!("{sha256}.blocks"))
    }
}

impl FirstPass {
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(self.container.name().as_bytes());
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.blocks.length.to_le_bytes());
        bytes.extend_from_slice(&(self.blocks.hashes.len() as u64).to_le_bytes());
        self.blocks.hashes.iter().for_each(|hash| bytes.extend_from_slice(&hash.0));
        let Sha256(digest) = Sha256::of(&bytes);
        bytes.extend_from_slice(&digest);
        bytes
    }

    fn read(path: &Path) -> io::Result<Self> {
        let mut input =
            Checked { inner: BufReader::new(File::open(path)?), hasher: Sha256Hasher::default() };
        let mut magic = [0; MAGIC.len()];
        input.read_exact(&mut magic)?;
        if magic != MAGIC {
            return Err(damaged("not one of this version"));
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
        Ok(Self { container, blocks: BlockHashes { hashes, length } })
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
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("the hashes of the capture's blocks are damaged: {what}"),
    )
}
