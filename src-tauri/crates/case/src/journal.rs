//! The append-only record of every act: JSON Lines, each line holding the hash of the one before.

mod act;
mod entry;
mod verify;

pub use act::{Act, ExportedFile, Severity};
pub use entry::Entry;
pub use verify::{Head, JournalCheck, JournalFailure, verify_journal};

use crate::Author;
use entry::NO_ENTRY;
use evidence::Sha256;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use verify::{lines, split_tail};

/// Why a journal cannot be opened or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The file cannot be read or written.
    #[error("cannot {task} {}", path.display())]
    File {
        /// `read` or `write`.
        task: &'static str,
        /// The journal.
        path: PathBuf,
        /// What the system answered.
        #[source]
        source: io::Error,
    },
    /// The journal fails its check, so nothing is written after it; it can still be read.
    #[error("the journal was changed after it was written: {}", failures.first().map(ToString::to_string).unwrap_or_default())]
    Damaged {
        /// At least one.
        failures: Vec<JournalFailure>,
    },
    /// Somebody else wrote into the file while it was open here.
    #[error("{} has {found} bytes instead of {expected}: another program wrote into it", path.display())]
    ChangedUnderneath {
        /// The journal.
        path: PathBuf,
        /// Length after the last append. Unit: bytes.
        expected: u64,
        /// Length now. Unit: bytes.
        found: u64,
    },
    /// An append failed and could not be undone: the case must be opened again before anything is written.
    #[error("an earlier write to the journal failed; open the case again")]
    Unusable,
    /// The act cannot be written as JSON.
    #[error("the act cannot be written")]
    Json(#[from] serde_json::Error),
}

/// A journal that is open for appending.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    length: u64,
    usable: bool,
    entries: Vec<Entry>,
}

impl Journal {
    /// Makes the file `path`, empty.
    ///
    /// # Errors
    /// [`JournalError::File`] if it exists or cannot be made.
    pub fn create(path: &Path) -> Result<Self, JournalError> {
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .open(path)
            .map_err(|source| failed("write", path, source))?;
        Ok(Self { path: path.to_owned(), file, length: 0, usable: true, entries: Vec::new() })
    }

    /// Opens the journal at `path`. Where its last line was cut off, the cut bytes are moved into an
    /// [`Act::TailRecovered`], so that they stay on record and the chain goes on.
    ///
    /// # Errors
    /// [`JournalError::Damaged`] if the journal fails its check in any other way.
    pub fn open(path: &Path, at: OffsetDateTime, author: &Author) -> Result<Self, JournalError> {
        let mut bytes = std::fs::read(path).map_err(|source| failed("read", path, source))?;
        let mut check = verify_journal(&bytes);
        check.failures.retain(|failure| failure.what != "tail_cut");
        if !check.ok() {
            return Err(JournalError::Damaged { failures: check.failures });
        }
        let (whole, tail) = split_tail(&bytes);
        let mut entries = read_entries(whole);
        if !tail.is_empty() {
            let act = Act::TailRecovered {
                length: tail.len() as u64,
                quoted: tail.escape_ascii().to_string(),
            };
            let (seq, prev) = next_place(&entries);
            let (entry, line) = Entry::compose(seq, at, author, act, prev)?;
            bytes.truncate(whole.len());
            bytes.extend_from_slice(&line);
            bytes.push(b'\n');
            replace(path, &bytes).map_err(|source| failed("write", path, source))?;
            entries.push(entry);
        }
        let file = OpenOptions::new()
            .append(true)
            .open(path)
            .map_err(|source| failed("write", path, source))?;
        let length = bytes.len() as u64;
        Ok(Self { path: path.to_owned(), file, length, usable: true, entries })
    }

    /// Writes one entry and waits until it is on the medium. `at` is the time that it states.
    ///
    /// # Errors
    /// See [`JournalError`]; an entry that failed is not in the journal.
    pub fn append(
        &mut self,
        at: OffsetDateTime,
        author: &Author,
        act: Act,
    ) -> Result<&Entry, JournalError> {
        self.append_all(at, author, vec![act])?;
        self.entries.last().ok_or(JournalError::Unusable)
    }

    /// Writes entries that belong together and waits once until all of them are on the medium.
    ///
    /// # Errors
    /// See [`JournalError`]; none of entries that failed is in the journal.
    pub fn append_all(
        &mut self,
        at: OffsetDateTime,
        author: &Author,
        acts: Vec<Act>,
    ) -> Result<(), JournalError> {
        if !self.usable {
            return Err(JournalError::Unusable);
        }
        let (mut place, mut lines, mut entries) =
            (next_place(&self.entries), Vec::new(), Vec::new());
        for act in acts {
            let (entry, line) = Entry::compose(place.0, at, author, act, place.1)?;
            place = (place.0.saturating_add(1), entry.hash);
            lines.extend_from_slice(&line);
            lines.push(b'\n');
            entries.push(entry);
        }
        let found =
            self.file.metadata().map_err(|source| failed("read", &self.path, source))?.len();
        if found != self.length {
            let (path, expected) = (self.path.clone(), self.length);
            return Err(JournalError::ChangedUnderneath { path, expected, found });
        }
        if let Err(source) = self.file.write_all(&lines).and_then(|()| self.file.sync_data()) {
            let undone = self.file.set_len(self.length).and_then(|()| self.file.sync_data());
            self.usable = undone.is_ok();
            return Err(failed("write", &self.path, source));
        }
        self.length += lines.len() as u64;
        self.entries.append(&mut entries);
        Ok(())
    }

    /// All entries, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The last entry.
    pub fn head(&self) -> Option<Head> {
        self.entries.last().map(|entry| Head { seq: entry.seq, hash: entry.hash })
    }
}

/// The entries of a journal that can be read, whether or not they fit together.
pub(crate) fn read_entries(bytes: &[u8]) -> Vec<Entry> {
    lines(split_tail(bytes).0).filter_map(|line| Entry::read(line).ok()).collect()
}

fn next_place(entries: &[Entry]) -> (u64, Sha256) {
    entries.last().map_or((1, NO_ENTRY), |last| (last.seq.saturating_add(1), last.hash))
}

fn failed(task: &'static str, path: &Path, source: io::Error) -> JournalError {
    JournalError::File { task, path: path.to_owned(), source }
}

/// Puts `bytes` in the place of a file in one step, so that a crash leaves the one or the other.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(&beside, path)?;
    sync_folder(path)
}

/// Makes the name of a new file durable, where folders can be synchronised.
pub(crate) fn sync_folder(file: &Path) -> io::Result<()> {
    match file.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
