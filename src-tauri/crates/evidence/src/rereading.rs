//! What the first pass leaves so that any part of the content can be read again, quickly and checked.
//!
//! **What is checked.** Bytes of content are given only if the block of content they are in hashes to what it hashed to
//! in the first pass. Where they were inflated anew from a point, they came out of the evidence as it is now. Kept blocks
//! come out of this program's own file instead: before one is believed, the part of the evidence that it was inflated
//! from is read and held against the block hashes of the *file*, so that evidence that is gone, or was changed there, is
//! told. So either way the answer says: this is what the first pass saw, and the evidence still has it. What neither
//! way looks at is the rest of the file; its digest, taken anew, does.
//!
//! **Why points, and kept blocks only for want of them.** Windows of 32 KiB a MiB, compressed, are about 2 % of the
//! content; keeping all of it anew costs as much as the evidence itself, and a CPU-second for each half gigabyte. So gzip,
//! which captures are mostly in, and frames of zstd, take points; the others are kept.
//!
//! The stored form, numbers little-endian (a cache: what cannot be read is made anew by another first pass):
//!
//! ```text
//! "tidemark rereading 1\n"  container name "\n"
//! content length u64 · its block hashes      file length u64 · its block hashes (none if the file is the content)
//! points u64 × (content u64 · file u64 · piece)      kept blocks u64 × (number u64 · passed u64 · piece)
//! length of all pieces u64 · SHA-256 of all above
//! the pieces, each a zstd frame           piece: at u64 · length u32 (0: none) · SHA-256
//! ```

use crate::restart::{Kept, Piece, Pieces, Point, Recorded};
use crate::{BlockHashes, Container, Place, RangeError, RangeReader, Sha256, Sha256Hasher};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, Write};
use std::sync::Arc;

const MAGIC: &[u8] = b"tidemark rereading 1\n";
/// A container's name is shorter. Unit: bytes.
const NAME: usize = 64;

/// How to read a piece of evidence again; by default, one that is empty. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Rereading {
    pub(crate) known: Arc<Known>,
}

/// What a first pass knows afterwards.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) container: Container,
    pub(crate) content: BlockHashes,
    /// Of the bytes around the content; empty where there are none, or where nobody took them.
    pub(crate) file: BlockHashes,
    /// In order.
    pub(crate) points: Vec<Point>,
    /// In order.
    pub(crate) kept: Vec<Kept>,
    pub(crate) pieces: Pieces,
}

impl Rereading {
    /// By block hashes alone: reading on is as fast as inflating, and going back starts from the beginning.
    pub fn forward(container: Container, blocks: BlockHashes) -> Self {
        Self::of(Known { container, content: blocks, ..Known::default() })
    }

    pub(crate) fn recorded(container: Container, content: Recorded, file: BlockHashes) -> Self {
        let Recorded { blocks, points, kept, pieces, .. } = content;
        Self::of(Known { container, content: blocks, file, points, kept, pieces })
    }

    fn of(known: Known) -> Self {
        Self { known: Arc::new(known) }
    }

    /// What stands around the content.
    pub fn container(&self) -> Container {
        self.known.container
    }

    /// The hashes of the content's blocks.
    pub fn blocks(&self) -> &BlockHashes {
        &self.known.content
    }

    /// Opens the evidence at `place` for reading any part of its content.
    ///
    /// # Errors
    /// [`RangeError::Read`] if it cannot be opened, or is no longer in its archive.
    pub fn open(&self, place: impl Into<Place>) -> Result<RangeReader, RangeError> {
        RangeReader::of(place.into(), self.clone())
    }

    /// Writes the stored form.
    ///
    /// # Errors
    /// Whatever `out` answers, or the file in which the pieces wait.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let Known { container, content, file, points, kept, pieces } = &*self.known;
        let mut out = Hashed { inner: out, hasher: Sha256Hasher::default() };
        out.put(MAGIC)?;
        out.put(format!("{container}\n").as_bytes())?;
        for hashes in [content, file] {
            out.number(hashes.length)?;
            out.number(hashes.hashes.len() as u64)?;
            hashes.hashes.iter().try_for_each(|hash| out.put(&hash.0))?;
        }
        out.number(points.len() as u64)?;
        for Point { content, file, window } in points {
            out.number(*content)?;
            out.number(*file)?;
            out.piece(window.as_ref())?;
        }
        out.number(kept.len() as u64)?;
        for Kept { number, passed, piece } in kept {
            out.number(*number)?;
            out.number(*passed)?;
            out.piece(Some(piece))?;
        }
        out.number(pieces.length)?;
        let Hashed { inner, hasher } = out;
        inner.write_all(&hasher.finish().0)?;
        pieces.write(inner)
    }

    /// Reads the stored form from where the file stands. The file stays open, because the pieces are read when they are
    /// needed; it is left standing behind them.
    ///
    /// # Errors
    /// Of the kind `InvalidData` for anything but what [`Rereading::write`] wrote; else whatever the file answers.
    pub fn read(mut file: File) -> io::Result<Self> {
        let start = file.stream_position()?;
        let mut input =
            Hashed { inner: BufReader::new(&mut file), hasher: Sha256Hasher::default() };
        let mut magic = [0; MAGIC.len()];
        input.take(&mut magic)?;
        if magic != MAGIC {
            return Err(damaged("it is of another version"));
        }
        let container = input.line()?;
        let container = std::str::from_utf8(&container).ok().and_then(Container::named);
        let container = container.ok_or_else(|| damaged("an unknown container"))?;
        let content = input.hashes()?;
        let around = input.hashes()?;
        let (mut points, mut kept) = (Vec::new(), Vec::new());
        for _ in 0..input.read_number()? {
            let (content, file) = (input.read_number()?, input.read_number()?);
            points.push(Point { content, file, window: input.read_piece()? });
        }
        for _ in 0..input.read_number()? {
            let (number, passed) = (input.read_number()?, input.read_number()?);
            let piece = input.read_piece()?.ok_or_else(|| damaged("a kept block is missing"))?;
            kept.push(Kept { number, passed, piece });
        }
        let length = input.read_number()?;
        let Hashed { mut inner, hasher } = input;
        let mut sum = [0; 32];
        inner.read_exact(&mut sum)?;
        if hasher.finish().0 != sum {
            return Err(damaged("its checksum is wrong"));
        }
        let base = inner.stream_position()?;
        drop(inner);
        let end = base.checked_add(length).filter(|end| *end >= start);
        let end = end.ok_or_else(|| damaged("it is too long"))?;
        file.seek(io::SeekFrom::Start(end))?;
        let pieces = Pieces::new(Box::new(file), base, length);
        Ok(Self::of(Known { container, content, file: around, points, kept, pieces }))
    }
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the restart points are damaged: {what}"))
}

/// Writes or reads, and hashes what passes.
struct Hashed<I> {
    inner: I,
    hasher: Sha256Hasher,
}

impl Hashed<&mut dyn Write> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.inner.write_all(bytes)
    }

    fn number(&mut self, number: u64) -> io::Result<()> {
        self.put(&number.to_le_bytes())
    }

    fn piece(&mut self, piece: Option<&Piece>) -> io::Result<()> {
        let none = Piece { at: 0, length: 0, sha256: Sha256([0; 32]) };
        let Piece { at, length, sha256 } = piece.unwrap_or(&none);
        self.number(*at)?;
        self.put(&length.to_le_bytes())?;
        self.put(&sha256.0)
    }
}

impl<R: Read> Hashed<R> {
    fn take(&mut self, out: &mut [u8]) -> io::Result<()> {
        self.inner.read_exact(out)?;
        self.hasher.update(out);
        Ok(())
    }

    fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        let mut byte = [0];
        while line.len() < NAME {
            self.take(&mut byte)?;
            match byte {
                [b'\n'] => return Ok(line),
                [other] => line.push(other),
            }
        }
        Err(damaged("an unfinished line"))
    }

    fn read_number(&mut self) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.take(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn hash(&mut self) -> io::Result<Sha256> {
        let mut hash = [0; 32];
        self.take(&mut hash)?;
        Ok(Sha256(hash))
    }

    fn hashes(&mut self) -> io::Result<BlockHashes> {
        let (length, count) = (self.read_number()?, self.read_number()?);
        let mut hashes = Vec::new();
        for _ in 0..count {
            hashes.push(self.hash()?);
        }
        Ok(BlockHashes { hashes, length })
    }

    fn read_piece(&mut self) -> io::Result<Option<Piece>> {
        let at = self.read_number()?;
        let mut length = [0; 4];
        self.take(&mut length)?;
        let length = u32::from_le_bytes(length);
        let sha256 = self.hash()?;
        Ok((length > 0).then_some(Piece { at, length, sha256 }))
    }
}
