//! An open case.

use crate::captures::Captures;
use crate::connections::{Connections, Lent};
use crate::dialogue::Spoken;
use crate::index_file::{IndexFolder, PARTIAL};
use crate::reference::References;
use crate::views::Views;
use crate::{ErrorCode, Meter, Stopper, WorkbenchError};
use case::{Act, Author, CaseFolder, CaseInfo, CaseState, Entry, Head};
use evidence::{Place, Sha256};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use store::Store;
use time::OffsetDateTime;

/// Version of the program, as journals and reports state it.
pub const VERSION: &str = concat!("tidemark ", env!("CARGO_PKG_VERSION"));

/// Tells the time; a test passes its own.
pub type Clock = fn() -> OffsetDateTime;

/// An open case and all that can be asked of it, by several threads at once: a handle that is cheap to clone. The
/// case is closed with the last handle.
#[derive(Clone)]
pub struct Workbench {
    pub(crate) case: Arc<OpenCase>,
    stopper: Arc<Stopper>,
}

/// What all handles of a case share.
pub(crate) struct OpenCase {
    path: PathBuf,
    info: CaseInfo,
    author: Author,
    clock: Clock,
    ledger: Mutex<Ledger>,
    connections: Connections,
    captures: Mutex<Option<Captures>>,
    /// Held by the one long act that may run.
    acting: Mutex<()>,
    /// Held while tags are brought into the database: two at once would get into each other's way there.
    pub(crate) projecting: Mutex<()>,
    pub(crate) views: Views,
    pub(crate) references: Arc<References>,
    pub(crate) spoken: Mutex<Option<Arc<Spoken>>>,
}

/// What a person did, and what follows from it at once.
struct Ledger {
    folder: CaseFolder,
    /// Hashes of the evidence that the journal holds.
    known: HashSet<Sha256>,
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
        let workbench = Self::over(folder, author, clock)?;
        workbench.store()?.end_derived(&[])?;
        Ok(workbench)
    }

    /// Opens a case for this process alone.
    ///
    /// # Errors
    /// [`ErrorCode::CaseLocked`] if another process has it, [`ErrorCode::IntegrityMismatch`] if its journal was
    /// changed, [`ErrorCode::CacheUnusable`] if its database is damaged, [`ErrorCode::Unreadable`] if there is no case.
    pub fn open(path: &Path, clock: Clock, meter: &Meter) -> Result<Self, WorkbenchError> {
        let (folder, author) = Self::folder(path, clock)?;
        let workbench = Self::over(folder, author, clock)?;
        workbench.forget_what_does_not_count()?;
        workbench.renew_indexes(meter)?;
        if !workbench.store()?.is_derived()? {
            // A rebuild that was cut off left evidence out.
            workbench.read_missing(meter)?;
        }
        Ok(workbench)
    }

    /// The folder of a case, locked for this process, and who acts there.
    pub(crate) fn folder(
        path: &Path,
        clock: Clock,
    ) -> Result<(CaseFolder, Author), WorkbenchError> {
        let examiner = case::ReadOnlyCase::open(path)?.info.examiner;
        let author = Author::of_this_process(examiner, VERSION);
        Ok((CaseFolder::open(path, clock(), &author)?, author))
    }

    pub(crate) fn over(
        folder: CaseFolder,
        author: Author,
        clock: Clock,
    ) -> Result<Self, WorkbenchError> {
        let store = Store::open(&folder.path().join("case.duckdb"))?;
        let references = Arc::<References>::default();
        references.set(&folder.state().evidence);
        store.set_labeller(Arc::clone(&references) as Arc<dyn store::Labeller>);
        let known = folder.state().evidence.iter().map(|item| item.sha256).collect();
        let case = OpenCase {
            path: folder.path().to_owned(),
            info: folder.info().clone(),
            author,
            clock,
            ledger: Mutex::new(Ledger { folder, known }),
            connections: Connections::new(store),
            captures: Mutex::new(None),
            acting: Mutex::new(()),
            projecting: Mutex::new(()),
            views: Views::default(),
            references,
            spoken: Mutex::new(None),
        };
        Ok(Self { case: Arc::new(case), stopper: Arc::default() })
    }

    /// A handle whose questions `stopper` stops.
    pub fn stopped_by(&self, stopper: &Arc<Stopper>) -> Self {
        Self { case: Arc::clone(&self.case), stopper: Arc::clone(stopper) }
    }

    /// Whether this is the only handle of the case.
    pub fn is_alone(&self) -> bool {
        Arc::strong_count(&self.case) == 1
    }

    /// Drops what the journal does not vouch for: what a load left behind that ended before its evidence was in the
    /// journal, and readings in whose place the journal has others.
    pub(crate) fn forget_what_does_not_count(&self) -> Result<(), WorkbenchError> {
        let readings: HashMap<Sha256, u32> =
            self.state().evidence.iter().map(|item| (item.sha256, item.readings)).collect();
        let store = self.store()?;
        let held = store.readings()?.into_iter();
        let other = held.filter(|(_, sha256, reading)| readings.get(sha256) != Some(reading));
        let numbers: Vec<i32> = other.map(|(number, ..)| number).collect();
        store.forget_evidence(&numbers)?;
        self.forget_unknown_indexes()
    }

    /// Drops the packet indexes of captures that the journal does not hold, written whole or not.
    fn forget_unknown_indexes(&self) -> Result<(), WorkbenchError> {
        let folder = self.case.path.join("index");
        let failed = |error| WorkbenchError::file("read", &folder, error);
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
            let unknown = name.parse::<Sha256>().is_ok_and(|sha256| !self.knows(sha256));
            if unknown || name.starts_with(PARTIAL) {
                std::fs::remove_file(&path)
                    .map_err(|error| WorkbenchError::file("remove", &path, error))?;
            }
        }
        Ok(())
    }

    /// The folder of the case.
    pub fn path(&self) -> &Path {
        &self.case.path
    }

    /// What the case is called and whose it is.
    pub fn info(&self) -> &CaseInfo {
        &self.case.info
    }

    /// The case as its journal tells it.
    pub fn state(&self) -> CaseState {
        self.ledger().folder.state()
    }

    /// The journal up to now.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.ledger().folder.entries().to_vec()
    }

    /// The last entry of the journal.
    pub(crate) fn head(&self) -> Option<Head> {
        self.ledger().folder.head()
    }

    /// Whether the journal holds evidence with this hash.
    pub(crate) fn knows(&self, sha256: Sha256) -> bool {
        self.ledger().known.contains(&sha256)
    }

    /// Writes an act into the journal and answers its number there.
    pub(crate) fn record(&self, act: Act) -> Result<u64, WorkbenchError> {
        self.record_with(|_| act)
    }

    /// The same for an act that depends on the state of the case, which nobody can change in between.
    pub(crate) fn record_with(
        &self,
        act: impl FnOnce(&CaseState) -> Act,
    ) -> Result<u64, WorkbenchError> {
        let now = (self.case.clock)();
        let mut ledger = self.ledger();
        let act = act(&ledger.folder.state());
        Ok(ledger.folder.append(now, &self.case.author, act)?.seq)
    }

    /// Writes what became of evidence into the journal: all of it or nothing.
    pub(crate) fn record_evidence(&self, acts: Vec<Act>) -> Result<(), WorkbenchError> {
        let added = |act: &Act| match act {
            Act::EvidenceAdded { sha256, .. } => Some(*sha256),
            _ => None,
        };
        let hashes: Vec<Sha256> = acts.iter().filter_map(added).collect();
        let now = (self.case.clock)();
        let mut ledger = self.ledger();
        ledger.folder.append_all(now, &self.case.author, acts)?;
        ledger.known.extend(hashes);
        drop(ledger);
        self.refresh_references();
        Ok(())
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.case.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection to the database for this thread.
    pub(crate) fn store(&self) -> Result<Lent<'_>, WorkbenchError> {
        self.case.connections.lend(&self.stopper)
    }

    /// Keeps every other long act out until it is dropped.
    pub(crate) fn alone(&self) -> Result<MutexGuard<'_, ()>, WorkbenchError> {
        match self.case.acting.try_lock() {
            Ok(guard) => Ok(guard),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => Err(WorkbenchError::new(
                ErrorCode::Busy,
                "another job is at work in this case; it must end first",
            )),
        }
    }

    /// Where evidence lies now: the copy in the case, else the last place it was seen at that still has a file.
    pub(crate) fn place_of(&self, item: &case::EvidenceItem) -> Option<Place> {
        crate::reference::place_of(item)
    }

    /// Where the indexes of captures are kept.
    pub(crate) fn indexes(&self) -> IndexFolder {
        IndexFolder(self.case.path.join("index"))
    }

    /// Runs `work` with the captures of the case, which are read in when they are first asked for.
    pub(crate) fn with_captures<T>(
        &self,
        work: impl FnOnce(&mut Captures) -> Result<T, WorkbenchError>,
    ) -> Result<T, WorkbenchError> {
        let mut slot = self.captures();
        if slot.is_none() {
            *slot = Some(Captures::load(self)?);
        }
        match slot.as_mut() {
            Some(captures) => work(captures),
            None => Err(WorkbenchError::new(ErrorCode::Internal, "the captures were not loaded")),
        }
    }

    /// The place of the captures, held so that nobody sees the old ones beside new tables.
    pub(crate) fn captures(&self) -> MutexGuard<'_, Option<Captures>> {
        self.case.captures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
