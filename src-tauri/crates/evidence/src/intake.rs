//! The first pass over a file: the pass that hashes it is the pass that reads it.

use crate::layers::{Layers, Medium};
use crate::recording::Recording;
use crate::restart::Recorder;
use crate::source::Source;
use crate::{Anomaly, Container, Place, Rereading, Sha256, Watch};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

/// How many inflated bytes [`Intake::head`] offers for recognising the content. Unit: bytes.
const HEAD: usize = 64 * 1024;

/// A file, or a member of an archive, being read for the first time. Reading it gives the *inflated* bytes; the SHA-256
/// is taken of the bytes as they lie on the disk or in the archive, below any inflating.
///
/// Where the container is cut or damaged, reading ends with an error of the kind `InvalidData` instead of an end of
/// file, so that no reader takes half a line for a whole one; [`Intake::is_broken`] tells it from an error of the
/// medium, and [`Intaken::anomalies`] describes it.
pub struct Intake {
    content: Layers<Hashing>,
    container: Container,
    too_deep: Option<Anomaly>,
    head: Vec<u8>,
    rereading: Wish,
}

/// Whether the content is to be read again.
enum Wish {
    No,
    /// What the file's own hashes are enough for: the file is the content.
    Plain,
    Inflated(Box<Recording>),
}

/// What the first pass established.
#[derive(Debug, Clone)]
pub struct Intaken {
    /// Of the bytes as they lie on disk or in the archive.
    pub sha256: Sha256,
    /// Of the bytes as they lie on disk or in the archive. Unit: bytes.
    pub size: u64,
    /// What stood around the content.
    pub container: Container,
    /// How to read any part of the content again, if [`Intake::keep_rereading`] asked for it.
    pub rereading: Option<Rereading>,
    /// Damage of the archive where the member lies (offsets in its inflated bytes) and of the containers, the outermost
    /// first (offsets in the bytes that the container was read from).
    pub anomalies: Vec<Anomaly>,
}

impl Intake {
    /// Opens a file for reading and looks at its first bytes.
    ///
    /// # Errors
    /// Whatever opening or reading it answers.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::watched(path, &Arc::default())
    }

    /// The same under a watch, which another thread can read and stop.
    ///
    /// # Errors
    /// Whatever opening or reading it answers; [`Watch::stopped`] tells whether the watch stopped it.
    pub fn watched(path: &Path, watch: &Arc<Watch>) -> io::Result<Self> {
        Self::at(&path.into(), watch)
    }

    /// The same for whatever lies at a place. To read many members of one archive, open it once
    /// ([`crate::Archive::intake`]).
    ///
    /// # Errors
    /// Whatever opening or reading it answers; `NotFound` if the archive has no such member.
    pub fn at(place: &Place, watch: &Arc<Watch>) -> io::Result<Self> {
        Self::of(Source::open(place)?, watch)
    }

    pub(crate) fn of(source: Source, watch: &Arc<Watch>) -> io::Result<Self> {
        let hashes = Recording::by(Recorder::default());
        let hashing = Hashing { source, hashes, size: 0, watch: Arc::clone(watch) };
        let (mut content, container, too_deep) = Layers::peel(hashing)?;
        let head = content.look(HEAD)?;
        let head = head.get(..HEAD).unwrap_or(head).to_vec();
        Ok(Self { content, container, too_deep, head, rereading: Wish::No })
    }

    /// The first inflated bytes, for recognising what they are; reading is not affected.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// What stands around the content.
    pub fn container(&self) -> Container {
        self.container
    }

    /// Asks for what it takes to read any part of the content again. Call it before reading.
    ///
    /// What compressed content needs for it (windows and blocks, see [`Rereading`]) waits in a file without a name, in
    /// `folder` or where the system has such files, until [`Rereading::write`] or its end.
    ///
    /// # Errors
    /// `OutOfMemory`, where there is none for a compressor.
    pub fn keep_rereading(&mut self, folder: Option<&Path>) -> io::Result<()> {
        self.rereading = if self.container.is_plain() {
            Wish::Plain
        } else {
            self.content.seek_points();
            Wish::Inflated(Box::new(Recording::by(Recorder::gathering(folder)?)))
        };
        Ok(())
    }

    /// Whether the content stopped short, because its container or archive is cut or damaged.
    pub fn is_broken(&self) -> bool {
        self.content.is_broken()
    }

    /// Reads whatever was left unread, and says what the file was.
    ///
    /// # Errors
    /// Whatever reading it answers.
    pub fn finish(mut self) -> io::Result<Intaken> {
        let mut rest = vec![0; HEAD];
        while self.read_on(&mut rest)? > 0 {}
        self.content.drain()?;
        let mut anomalies = self.content.anomalies();
        anomalies.extend(self.too_deep);
        let medium = self.content.into_medium();
        let Hashing { hashes, size, .. } = medium.ok_or(io::ErrorKind::OutOfMemory)?;
        let file = hashes.finish(size)?;
        let sha256 = file.digest.ok_or(io::ErrorKind::OutOfMemory)?;
        let container = self.container;
        let rereading = match self.rereading {
            Wish::No => None,
            Wish::Plain => Some(Rereading::forward(container, file.blocks)),
            Wish::Inflated(recording) => {
                Some(Rereading::recorded(container, recording.finish(size)?, file.blocks))
            }
        };
        Ok(Intaken { sha256, size, container, rereading, anomalies })
    }

    fn read_on(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.content.read_on(out)?;
        if let Wish::Inflated(recording) = &mut self.rereading {
            self.content.take_points().into_iter().for_each(|met| recording.point(met));
            let passed = self.content.medium().map_or(0, |medium| medium.size);
            recording.bytes(out.get(..count).unwrap_or_default(), passed);
        }
        Ok(count)
    }
}

impl Read for Intake {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.read_on(out)?;
        if count == 0 && !out.is_empty() && self.is_broken() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the container is damaged"));
        }
        Ok(count)
    }
}

/// The bytes themselves, each hashed as it is read.
struct Hashing {
    source: Source,
    hashes: Recording,
    size: u64,
    watch: Arc<Watch>,
}

impl Read for Hashing {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(out)?;
        self.watch.pass(count)?;
        self.size = self.size.saturating_add(count as u64);
        self.hashes.bytes(out.get(..count).unwrap_or_default(), self.size);
        Ok(count)
    }
}

impl Medium for Hashing {
    fn is_broken(&self) -> bool {
        self.source.is_broken()
    }

    fn anomalies(&self) -> Vec<Anomaly> {
        self.source.anomalies()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHUNK: usize = 256 * 1024;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn file(name: &str, bytes: &[u8]) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("tidemark-intake-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    #[test]
    fn the_hash_is_of_the_file_and_the_bytes_are_of_the_content() {
        let content: Vec<u8> = (0..300_000u32).flat_map(u32::to_le_bytes).collect();
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&content).unwrap();
        let compressed = encoder.finish().unwrap();
        let path = file("content.gz", &compressed);

        let mut intake = Intake::open(&path).unwrap();
        intake.keep_rereading(None).unwrap();
        assert!(content.starts_with(intake.head()));
        let mut read = Vec::new();
        intake.read_to_end(&mut read).unwrap();
        let taken = intake.finish().unwrap();

        assert_eq!(read, content);
        assert_eq!(taken.sha256, Sha256::of(&compressed));
        assert_eq!(taken.size, compressed.len() as u64);
        assert_eq!(taken.container, Container::named("gzip").unwrap());
        assert_eq!(taken.rereading.unwrap().blocks().length, content.len() as u64);
    }

    #[test]
    fn what_nobody_read_is_hashed_all_the_same() {
        let content = vec![7; CHUNK * 2 + 1];
        let taken = Intake::open(&file("plain", &content)).unwrap().finish().unwrap();
        assert_eq!(taken.sha256, Sha256::of(&content));
        assert_eq!(taken.container, Container::PLAIN);
    }

    #[test]
    fn bytes_behind_a_damaged_member_are_hashed_too() {
        let mut bytes = b"\x1f\x8b\x08\0 this is no deflate stream".to_vec();
        bytes.resize(CHUNK * 3, 0xee);
        let taken = Intake::open(&file("damaged.gz", &bytes)).unwrap().finish().unwrap();
        assert_eq!(taken.sha256, Sha256::of(&bytes));
        assert_eq!(taken.anomalies[0].kind, "gzip.damaged");
    }

    #[test]
    fn a_cut_container_does_not_look_like_an_end() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
        encoder.write_all(b"one line\nhalf a li").unwrap();
        let compressed = encoder.finish().unwrap();
        let mut intake =
            Intake::open(&file("cut.gz", &compressed[..compressed.len() - 9])).unwrap();
        let mut read = Vec::new();
        let error = intake.read_to_end(&mut read).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert!(intake.is_broken());
        assert!(read.starts_with(b"one line\n"));
        assert_eq!(intake.finish().unwrap().anomalies[0].kind, "gzip.cut");
    }

    #[test]
    fn a_watch_counts_the_bytes_of_the_file_and_stops_the_pass() {
        let path = file("watched", &vec![7; CHUNK * 3]);
        let watch = Arc::new(Watch::default());
        let mut intake = Intake::watched(&path, &watch).unwrap();
        let mut some = vec![0; HEAD + 1];
        intake.read_exact(&mut some).unwrap();
        assert!(watch.bytes_read() >= some.len() as u64);
        watch.stop();
        let error = intake.finish().unwrap_err();
        assert!(Watch::stopped(&error));
        assert!(!Watch::stopped(&io::Error::other("a broken disk")));
    }

    #[test]
    fn an_empty_file_is_empty() {
        let taken = Intake::open(&file("empty", b"")).unwrap().finish().unwrap();
        assert_eq!((taken.size, taken.anomalies.len()), (0, 0));
        assert_eq!(taken.sha256, Sha256::of(b""));
    }
}
