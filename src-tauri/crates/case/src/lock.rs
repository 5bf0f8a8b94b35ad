//! One process has a case open; a second is told who has it.

use crate::{Author, author, rfc3339};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use time::OffsetDateTime;

/// Who has a case open, as that process wrote it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// Name of the machine.
    pub host: String,
    /// What the examiner says of himself.
    pub who: String,
    /// RFC 3339, UTC.
    pub since: String,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { pid, host, who, since } = self;
        write!(f, "{who} (process {pid} on {host}, since {since})")
    }
}

pub(crate) enum LockError {
    /// Somebody else holds it: who, if that can be read.
    Held(Option<Holder>),
    File(io::Error),
}

/// The lock on a case. It is the operating system's, so that it ends with the process however that ends;
/// what stands in the file only says whose it is, and means nothing once the lock is free.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Lock {
    pub(crate) fn take(
        path: &Path,
        at: OffsetDateTime,
        author: &Author,
    ) -> Result<Self, LockError> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(LockError::File)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::Held(holder(&mut file))),
            Err(TryLockError::Error(source)) => return Err(LockError::File(source)),
        }
        let holder = Holder {
            pid: std::process::id(),
            host: author::host(),
            who: author.who.clone(),
            since: rfc3339(at),
        };
        write_holder(&mut file, &holder).map_err(LockError::File)?;
        Ok(Self { file })
    }
}

/// A child process that is just being started still holds a copy of the file: closing ours would not free the lock.
impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

fn write_holder(file: &mut File, holder: &Holder) -> io::Result<()> {
    let text = serde_json::to_string(holder)?;
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(text.as_bytes())
}

/// Reading a locked file fails on Windows, and the holder may be just about to write: then nobody is named.
fn holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.take(64 * 1024).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}
