//! A case on disk: `case.toml`, `journal.jsonl`, `index/`, `exports/`, and a lock.

use crate::journal::{read_entries, replace, sync_folder};
use crate::lock::{Holder, Lock, LockError};
use crate::{
    Act, Author, CaseState, Entry, Head, Journal, JournalCheck, JournalError, JournalFailure,
    instant, project, verify_journal,
};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;

const INFO: &str = "case.toml";
const JOURNAL: &str = "journal.jsonl";

/// What a case is called and whose it is. Stands in `case.toml` for people and in the first journal entry
/// for good; the journal's word counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseInfo {
    /// The case number of the examiner's own office.
    pub number: String,
    /// A line.
    pub title: String,
    /// Name and organisation.
    pub examiner: String,
    /// When the case was created, to the microsecond.
    #[serde(with = "instant")]
    pub created: OffsetDateTime,
    /// Version of the program that created it.
    pub tool_version: String,
}

/// Why a case cannot be created, opened or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaseError {
    /// The place for a new case is taken.
    #[error("{} exists and is not an empty folder", .0.display())]
    Exists(PathBuf),
    /// The folder has no `case.toml` or no journal.
    #[error("{} is not a case: it has no {missing}", path.display())]
    NotACase {
        /// The folder.
        path: PathBuf,
        /// The file that is not there.
        missing: &'static str,
    },
    /// Another process has the case open.
    #[error("the case is open elsewhere: {}", .0.as_ref().map_or("by whom is not known".to_owned(), ToString::to_string))]
    Open(Option<Holder>),
    /// A file or folder of the case cannot be read or written.
    #[error("cannot {task} {}", path.display())]
    File {
        /// `read` or `write`.
        task: &'static str,
        /// Which one.
        path: PathBuf,
        /// What the system answered.
        #[source]
        source: io::Error,
    },
    /// `case.toml` says nothing that can be read.
    #[error("cannot read {}: {cause}", path.display())]
    Info {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and where.
        cause: String,
    },
    /// The journal cannot be opened or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// A case that this process has open, alone.
#[derive(Debug)]
pub struct CaseFolder {
    path: PathBuf,
    info: CaseInfo,
    journal: Journal,
    _lock: Lock,
}

impl CaseFolder {
    /// Makes a case in `path`, which must not exist or be empty, and writes its first journal entry at
    /// `info.created`.
    ///
    /// # Errors
    /// See [`CaseError`].
    pub fn create(path: &Path, info: CaseInfo, author: &Author) -> Result<Self, CaseError> {
        make_folder(path)?;
        let mut within = std::fs::read_dir(path).map_err(|source| failed("read", path, source))?;
        if within.next().is_some() {
            return Err(CaseError::Exists(path.to_owned()));
        }
        let info = CaseInfo { created: instant::to_microsecond(info.created), ..info };
        let lock = take_lock(path, info.created, author)?;
        make_folder(&path.join("index"))?;
        make_folder(&path.join("exports"))?;
        let place = path.join(INFO);
        let text = toml::to_string(&info)
            .map_err(|error| CaseError::Info { path: place.clone(), cause: error.to_string() })?;
        replace(&place, text.as_bytes()).map_err(|source| failed("write", &place, source))?;
        let mut journal = Journal::create(&path.join(JOURNAL))?;
        let act = Act::CaseCreated {
            number: info.number.clone(),
            title: info.title.clone(),
            examiner: info.examiner.clone(),
            tool_version: info.tool_version.clone(),
        };
        journal.append(info.created, author, act)?;
        sync_folder(&place).map_err(|source| failed("write", path, source))?;
        Ok(Self { path: path.to_owned(), info, journal, _lock: lock })
    }

    /// Opens the case in `path` for reading and writing. `at` is the time that is written down where opening
    /// has to write: in the lock, and in the entry that takes up a cut last line.
    ///
    /// # Errors
    /// [`CaseError::Open`] if another process has it; [`JournalError::Damaged`] if the journal fails its
    /// check, after which [`ReadOnlyCase::open`] still reads it.
    pub fn open(path: &Path, at: OffsetDateTime, author: &Author) -> Result<Self, CaseError> {
        let info = read_info(path)?;
        require(path, JOURNAL)?;
        let lock = take_lock(path, at, author)?;
        let journal = Journal::open(&path.join(JOURNAL), at, author)?;
        for folder in ["index", "exports"] {
            make_folder(&path.join(folder))?;
        }
        Ok(Self { path: path.to_owned(), info, journal, _lock: lock })
    }

    /// The folder of the case.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What `case.toml` says.
    pub fn info(&self) -> &CaseInfo {
        &self.info
    }

    /// Where the packet indexes are.
    pub fn index_folder(&self) -> PathBuf {
        self.path.join("index")
    }

    /// Where exports go unless the user says otherwise.
    pub fn exports_folder(&self) -> PathBuf {
        self.path.join("exports")
    }

    /// The journal, from the first entry to the last.
    pub fn entries(&self) -> &[Entry] {
        self.journal.entries()
    }

    /// The last entry.
    pub fn head(&self) -> Option<Head> {
        self.journal.head()
    }

    /// Writes an act into the journal and waits until it is on the medium.
    ///
    /// # Errors
    /// See [`JournalError`]; an act that failed is not in the journal.
    pub fn append(
        &mut self,
        at: OffsetDateTime,
        author: &Author,
        act: Act,
    ) -> Result<&Entry, CaseError> {
        Ok(self.journal.append(at, author, act)?)
    }

    /// Writes acts that belong together, all of them or none.
    ///
    /// # Errors
    /// See [`JournalError`].
    pub fn append_all(
        &mut self,
        at: OffsetDateTime,
        author: &Author,
        acts: Vec<Act>,
    ) -> Result<(), CaseError> {
        Ok(self.journal.append_all(at, author, acts)?)
    }

    /// The state of the case after its last entry.
    pub fn state(&self) -> CaseState {
        project(self.entries(), None)
    }
}

/// A case as it lies on disk: nothing is written, no lock is taken, and damage is a result.
///
/// If another process is writing at the same moment, the last line may be seen cut.
#[derive(Debug)]
pub struct ReadOnlyCase {
    /// What `case.toml` says.
    pub info: CaseInfo,
    /// The entries that can be read.
    pub entries: Vec<Entry>,
    /// What is amiss with the journal, or between it and `case.toml`.
    pub check: JournalCheck,
}

impl ReadOnlyCase {
    /// Reads the case in `path`.
    ///
    /// # Errors
    /// [`CaseError::NotACase`], [`CaseError::Info`] or [`CaseError::File`].
    pub fn open(path: &Path) -> Result<Self, CaseError> {
        let info = read_info(path)?;
        require(path, JOURNAL)?;
        let journal = path.join(JOURNAL);
        let bytes = std::fs::read(&journal).map_err(|source| failed("read", &journal, source))?;
        let entries = read_entries(&bytes);
        let mut check = verify_journal(&bytes);
        let stated = project(&entries, None).info;
        if stated.as_ref() != Some(&info) {
            check.failures.push(JournalFailure {
                entry: 1,
                what: "case_toml",
                expected: stated.map_or("nothing".to_owned(), |stated| format!("{stated:?}")),
                found: format!("{info:?}"),
            });
        }
        Ok(Self { info, entries, check })
    }
}

fn read_info(path: &Path) -> Result<CaseInfo, CaseError> {
    require(path, INFO)?;
    let place = path.join(INFO);
    let text = std::fs::read_to_string(&place).map_err(|source| failed("read", &place, source))?;
    toml::from_str(&text).map_err(|error| CaseError::Info { path: place, cause: error.to_string() })
}

fn require(path: &Path, missing: &'static str) -> Result<(), CaseError> {
    match path.join(missing).is_file() {
        true => Ok(()),
        false => Err(CaseError::NotACase { path: path.to_owned(), missing }),
    }
}

fn take_lock(path: &Path, at: OffsetDateTime, author: &Author) -> Result<Lock, CaseError> {
    let place = path.join("lock");
    Lock::take(&place, at, author).map_err(|error| match error {
        LockError::Held(holder) => CaseError::Open(holder),
        LockError::File(source) => failed("write", &place, source),
    })
}

fn make_folder(path: &Path) -> Result<(), CaseError> {
    if path.exists() && !path.is_dir() {
        return Err(CaseError::Exists(path.to_owned()));
    }
    std::fs::create_dir_all(path).map_err(|source| failed("write", path, source))
}

fn failed(task: &'static str, path: &Path, source: io::Error) -> CaseError {
    CaseError::File { task, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;
