//! The bytes that lie at a place, as they lie there.

use crate::archive::{Archive, MemberBytes};
use crate::layers::Medium;
use crate::{Anomaly, Place};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

/// A file, or a member of an archive, or either from a place on.
pub(crate) enum Source {
    File(File),
    Member(Box<MemberBytes>),
    Part(Part),
}

/// Bytes that several readers read, each from its own place.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<Box<dyn Seekable>>>);

/// Shared bytes from a place on.
pub(crate) struct Part {
    of: Shared,
    at: u64,
}

impl Shared {
    pub(crate) fn new(bytes: Box<dyn Seekable>) -> Self {
        Self(Arc::new(Mutex::new(bytes)))
    }

    pub(crate) fn from(&self, at: u64) -> Source {
        Source::Part(Part { of: self.clone(), at })
    }
}

impl Read for Part {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut bytes = self.of.0.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.seek(SeekFrom::Start(self.at))?;
        let count = bytes.read(out)?;
        self.at = self.at.saturating_add(count as u64);
        Ok(count)
    }
}

/// Bytes that can be read from anywhere at no cost.
pub(crate) trait Seekable: Read + Seek + Send {}

impl<T: Read + Seek + Send> Seekable for T {}

impl Source {
    /// What lies at `place`. The bytes of the archives on the way are not checked: whoever reads the member holds what
    /// comes out against its own hashes.
    pub(crate) fn open(place: &Place) -> io::Result<Self> {
        match place.parent() {
            None => File::open(&place.path).map(Self::File),
            Some((archive, name)) => Archive::find(&archive, name),
        }
    }

    /// The same bytes for reading from anywhere, where they lie in a file as they are.
    pub(crate) fn seekable(self) -> Result<Box<dyn Seekable>, Self> {
        match self {
            Self::File(file) => Ok(Box::new(file)),
            Self::Member(bytes) => match bytes.window() {
                Some(window) => Ok(Box::new(window)),
                None => Err(Self::Member(bytes)),
            },
            Self::Part(part) => Err(Self::Part(part)),
        }
    }
}

impl Read for Source {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(out),
            Self::Member(bytes) => bytes.read(out),
            Self::Part(part) => part.read(out),
        }
    }
}

impl Medium for Source {
    fn is_broken(&self) -> bool {
        matches!(self, Self::Member(bytes) if bytes.is_broken())
    }

    fn anomalies(&self) -> Vec<Anomaly> {
        match self {
            Self::File(_) | Self::Part(_) => Vec::new(),
            Self::Member(bytes) => bytes.anomalies(),
        }
    }
}
