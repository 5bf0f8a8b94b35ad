//! An open case.

use crate::captures::Captures;
use crate::{ErrorCode, WorkbenchError};
use case::{Act, Author, CaseFolder, CaseInfo, CaseState};
use evidence::Sha256;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use store::Store;
use time::OffsetDateTime;

/// Version of the program, as journals and reports state it.
pub const VERSION: &str = concat!("tidemark ", env!("CARGO_PKG_VERSION"));

/// Tells the time; a test passes its own.
pub type Clock = fn() -> OffsetDateTime;

/// An open case and all that can be asked of it.
pub struct Workbench {
    pub(crate) folder: CaseFolder,
    pub(crate) store: Store,
    pub(crate) author: Author,
    /// Hashes of the evidence that the journal holds.
    pub(crate) known: HashSet<Sha256>,
    pub(crate) clock: Clock,
    pub(crate) captures: Option<Captures>,
}

impl Workbench {
    /// Makes a case in a folder that does not exist or is empty.
    ///
    /// # Errors
    /// [`ErrorCode::Unreadable`] if it cannot be made there.
    pub fn create(
        path: &Path,
        number: &str,
        title: &str,
        examiner: &str,
        clock: Clock,
    ) -> Result<Self, WorkbenchError> {
        let author = Author::of_this_process(examiner, VERSION);
        let info = CaseInfo {
            number: number.to_owned(),
            title: title.to_owned(),
            examiner: examiner.to_owned(),
            created: clock(),
            tool_version: VERSION.to_owned(),
        };
        let folder = CaseFolder::create(path, info, &author)?;
        Self::over(folder, author, clock)
    }

    /// Opens a case for this process alone.
    ///
    /// # Errors
    /// [`ErrorCode::CaseLocked`] if another process has it, [`ErrorCode::IntegrityMismatch`] if its journal was
    /// changed, [`ErrorCode::Unreadable`] if there is no case.
    pub fn open(path: &Path, clock: Clock) -> Result<Self, WorkbenchError> {
        let examiner = case::ReadOnlyCase::open(path)?.info.examiner;
        let author = Author::of_this_process(examiner, VERSION);
        let folder = CaseFolder::open(path, clock(), &author)?;
        Self::over(folder, author, clock)
    }

    fn over(folder: CaseFolder, author: Author, clock: Clock) -> Result<Self, WorkbenchError> {
        let store = Store::open(&folder.path().join("case.duckdb"))?;
        let known = folder.state().evidence.iter().map(|item| item.sha256).collect();
        let mut workbench = Self { folder, store, author, known, clock, captures: None };
        workbench.forget_unfinished_loads()?;
        if !workbench.store.is_derived()? {
            workbench.derive()?;
        }
        Ok(workbench)
    }

    /// Drops what a load left behind that ended before its evidence was in the journal.
    fn forget_unfinished_loads(&self) -> Result<(), WorkbenchError> {
        for (number, sha256) in self.store.evidence()? {
            if !self.known.contains(&sha256) {
                self.store.forget_evidence(number)?;
            }
        }
        Ok(())
    }

    /// The case as its journal tells it.
    pub fn state(&self) -> CaseState {
        self.folder.state()
    }

    /// The time.
    pub(crate) fn now(&self) -> OffsetDateTime {
        (self.clock)()
    }

    /// Writes an act into the journal and answers its number there.
    pub(crate) fn record(&mut self, act: Act) -> Result<u64, WorkbenchError> {
        let now = self.now();
        Ok(self.folder.append(now, &self.author, act)?.seq)
    }

    /// Where evidence lies now: the copy in the case, else the last place it was seen at that still has a file.
    pub(crate) fn place_of(&self, item: &case::EvidenceItem) -> Option<PathBuf> {
        item.locations
            .iter()
            .rev()
            .map(|location| PathBuf::from(&location.path))
            .find(|path| path.is_file())
    }

    /// The captures of the case, read in when first asked for.
    pub(crate) fn captures(&mut self) -> Result<&mut Captures, WorkbenchError> {
        if self.captures.is_none() {
            let captures = Captures::load(self)?;
            self.captures = Some(captures);
        }
        self.captures
            .as_mut()
            .ok_or_else(|| WorkbenchError::new(ErrorCode::Internal, "the captures were not loaded"))
    }

    /// Makes the next use of the captures read them in anew.
    pub(crate) fn captures_changed(&mut self) {
        self.captures = None;
    }

    /// Runs `work` with the captures and the rest of the case at once.
    pub(crate) fn with_captures<T>(
        &mut self,
        work: impl FnOnce(&mut Captures, &Self) -> Result<T, WorkbenchError>,
    ) -> Result<T, WorkbenchError> {
        self.captures()?;
        let Some(mut captures) = self.captures.take() else {
            return Err(WorkbenchError::new(ErrorCode::Internal, "the captures were not loaded"));
        };
        let result = work(&mut captures, self);
        if result.is_ok() {
            self.captures = Some(captures);
        }
        result
    }
}
