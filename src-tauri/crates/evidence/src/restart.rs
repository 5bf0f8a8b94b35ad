//! Where reading compressed content can start anew, gathered by the first pass.
//!
//! A *point* is a place where a compression starts from nothing (a member, a frame, a stream) or, in gzip, a place
//! between two blocks, with the 32 KiB before it. Points are a [`SPAN`] apart where the format lets them be. A format
//! that does not (a zstd frame of a gigabyte, anything inside two compressions) would have to be inflated from far back:
//! blocks further than [`REACH`] behind the last point are *kept*, compressed anew and each for itself.
//!
//! Windows and kept blocks are [`Pieces`]: they lie in a file, and memory has their places only. Each has a hash, so that
//! a damaged piece is known for what it is, and never makes unchanged evidence look changed.

use crate::blocks::BlockHasher;
use crate::source::Seekable;
use crate::{BLOCK_SIZE, BlockHashes, Sha256};
use std::fmt;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use tempfile::SpooledTempFile;

/// How far apart points are at least. Unit: bytes of content.
pub(crate) const SPAN: u64 = 1 << 20;
/// How far content may be from the point before it. Inflating as much takes some milliseconds, and with bzip2, the
/// slowest, a tenth of a second. Unit: bytes of content.
const REACH: u64 = 4 << 20;
/// Pieces that stay in memory while the first pass goes on. Unit: bytes.
const IN_MEMORY: usize = 1 << 20;
/// zstd's fastest level but for the negative ones: half a gigabyte a second.
const LEVEL: i32 = 1;
/// A piece inflates to no more: a window has 32 KiB.
const LONGEST: usize = BLOCK_SIZE;

/// A place where reading can start anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Point {
    /// Where it is in the content.
    pub(crate) content: u64,
    /// Where it is in the file: of a point between two blocks, the byte behind the one in which the block starts.
    pub(crate) file: u64,
    /// The content before it; none where a member starts.
    pub(crate) window: Option<Piece>,
}

/// A block of content kept as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Its number in the content.
    pub(crate) number: u64,
    /// How many bytes of the file had been read when it was whole.
    pub(crate) passed: u64,
    pub(crate) piece: Piece,
}

/// Where a piece lies, and what it hashes to there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) at: u64,
    pub(crate) length: u32,
    pub(crate) sha256: Sha256,
}

/// A point as the inflater meets it.
pub(crate) struct Met {
    pub(crate) content: u64,
    pub(crate) file: u64,
    pub(crate) window: Option<Vec<u8>>,
}

/// Bytes that lie in a file, or in memory while there are few.
pub(crate) struct Pieces {
    file: Mutex<Box<dyn Seekable>>,
    /// Where they start in it.
    pub(crate) base: u64,
    pub(crate) length: u64,
}

impl fmt::Debug for Pieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes from {}", self.length, self.base)
    }
}

impl Default for Pieces {
    fn default() -> Self {
        Self::new(Box::new(io::Cursor::new(Vec::new())), 0, 0)
    }
}

impl Pieces {
    pub(crate) fn new(file: Box<dyn Seekable>, base: u64, length: u64) -> Self {
        Self { file: Mutex::new(file), base, length }
    }

    /// What a piece holds; an error of the kind `InvalidData` if it is not what was put there.
    pub(crate) fn read(&self, piece: &Piece) -> io::Result<Vec<u8>> {
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "a damaged restart point");
        let end = piece.at.checked_add(piece.length.into()).filter(|end| *end <= self.length);
        end.ok_or_else(damaged)?;
        let mut stored = Vec::new();
        {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(self.base.saturating_add(piece.at)))?;
            (&mut *file).take(piece.length.into()).read_to_end(&mut stored)?;
        }
        if Sha256::of(&stored) != piece.sha256 {
            return Err(damaged());
        }
        zstd::bulk::decompress(&stored, LONGEST)
    }

    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.base))?;
        let copied = io::copy(&mut (&mut *file).take(self.length), out)?;
        if copied == self.length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

/// Hashes bytes in blocks, and gathers points and kept blocks where it is asked to.
#[derive(Default)]
pub(crate) struct Recorder {
    hasher: BlockHasher,
    gathered: Option<Gathered>,
    blocks: u64,
}

/// Points, kept blocks, and their pieces.
pub(crate) struct Gathered {
    points: Vec<Point>,
    kept: Vec<Kept>,
    pieces: SpooledTempFile,
    written: u64,
    compressor: zstd::bulk::Compressor<'static>,
    failure: Option<io::Error>,
}

/// What a [`Recorder`] gathered.
#[derive(Default)]
pub(crate) struct Recorded {
    pub(crate) blocks: BlockHashes,
    pub(crate) digest: Option<Sha256>,
    pub(crate) points: Vec<Point>,
    pub(crate) kept: Vec<Kept>,
    pub(crate) pieces: Pieces,
}

impl Recorder {
    /// One that gathers. Pieces wait in an unnamed file in this folder, or where the system has such files.
    pub(crate) fn gathering(folder: Option<&Path>) -> io::Result<Self> {
        let folder = folder.map_or_else(std::env::temp_dir, Path::to_owned);
        let gathered = Gathered {
            points: Vec::new(),
            kept: Vec::new(),
            pieces: tempfile::spooled_tempfile_in(IN_MEMORY, folder),
            written: 0,
            compressor: zstd::bulk::Compressor::new(LEVEL)?,
            failure: None,
        };
        Ok(Self { gathered: Some(gathered), ..Self::default() })
    }

    /// The next bytes: whole blocks, but for the last time. `passed` bytes of the file have been read for them.
    pub(crate) fn bytes(&mut self, bytes: &[u8], passed: u64) {
        self.hasher.update(bytes);
        for block in bytes.chunks(BLOCK_SIZE) {
            if let Some(gathered) = &mut self.gathered {
                gathered.block(self.blocks, block, passed);
            }
            self.blocks = self.blocks.saturating_add(1);
        }
    }

    /// A point, told before the bytes behind it.
    pub(crate) fn point(&mut self, met: Met) {
        if let Some(gathered) = &mut self.gathered {
            gathered.point(met);
        }
    }

    /// Fails if pieces could not be written.
    pub(crate) fn finish(self) -> io::Result<Recorded> {
        let (blocks, digest) = self.hasher.finish();
        let recorded = Recorded { blocks, digest: Some(digest), ..Recorded::default() };
        let Some(gathered) = self.gathered else { return Ok(recorded) };
        let Gathered { points, kept, pieces, written, failure, .. } = gathered;
        let pieces = Pieces::new(Box::new(pieces), 0, written);
        failure.map_or(Ok(Recorded { points, kept, pieces, ..recorded }), Err)
    }
}

impl Gathered {
    fn point(&mut self, met: Met) {
        let window = match met.window.map(|window| self.put(&window)).transpose() {
            Ok(window) => window,
            Err(error) => return self.fail(error),
        };
        self.points.push(Point { content: met.content, file: met.file, window });
    }

    fn block(&mut self, number: u64, block: &[u8], passed: u64) {
        let start = number.saturating_mul(BLOCK_SIZE as u64);
        let before = self.points.partition_point(|point| point.content <= start);
        let point = before.checked_sub(1).and_then(|at| self.points.get(at));
        let behind = start.saturating_sub(point.map_or(0, |point| point.content));
        if behind < REACH || self.failure.is_some() {
            return;
        }
        match self.put(block) {
            Ok(piece) => self.kept.push(Kept { number, passed, piece }),
            Err(error) => self.fail(error),
        }
    }

    fn fail(&mut self, error: io::Error) {
        self.failure.get_or_insert(error);
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<Piece> {
        let stored = self.compressor.compress(bytes)?;
        self.pieces.write_all(&stored)?;
        let length = u32::try_from(stored.len()).map_err(io::Error::other)?;
        let piece = Piece { at: self.written, length, sha256: Sha256::of(&stored) };
        self.written = self.written.saturating_add(length.into());
        Ok(piece)
    }
}
