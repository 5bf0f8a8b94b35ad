//! One act of taking evidence in, from its first file to its last.

use super::file::{Incoming, Loaded, with_causes};
use super::{Added, cancelled};
use crate::recognise::Kind;
use crate::{ErrorCode, Meter, Workbench, WorkbenchError};
use case::{Act, EvidenceItem};
use evidence::{Found, Intake, Sha256, Sha256Hasher, Watch};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use store::{FlowLoad, Store};

/// Records that are loaded before others see them. More at once load faster.
const UNSEEN: u64 = 2_000_000;
/// How much of a file is hashed at once. Unit: bytes.
const CHUNK: usize = 256 * 1024;

/// Evidence on its way into the case. The database may show it before [`Taking::keep`]; the journal, whose word counts,
/// has it only then. A process that ends before leaves rows behind that the next one forgets.
pub(super) struct Taking<'a> {
    pub(super) workbench: &'a Workbench,
    store: &'a Store,
    pub(super) load: FlowLoad<'a>,
    pub(super) meter: &'a Meter,
    /// What the journal is to say.
    acts: Vec<Act>,
    /// Evidence of the case and of this act, and where it was seen.
    known: HashMap<Sha256, Vec<String>>,
    /// Its sizes: bytes of another size are other bytes. Unit: bytes.
    sizes: HashSet<u64>,
    /// Hashes of what this act has loaded.
    taken: HashSet<Sha256>,
}

impl<'a> Taking<'a> {
    pub(super) fn begin(
        workbench: &'a Workbench,
        store: &'a Store,
        meter: &'a Meter,
    ) -> Result<Self, WorkbenchError> {
        let evidence = workbench.state().evidence;
        let places = |item: EvidenceItem| {
            (item.sha256, item.locations.into_iter().map(|location| location.path).collect())
        };
        Ok(Self {
            sizes: evidence.iter().map(|item| item.size).collect(),
            known: evidence.into_iter().map(places).collect(),
            load: store.begin_load()?,
            acts: Vec::new(),
            taken: HashSet::new(),
            workbench,
            store,
            meter,
        })
    }

    /// Takes one file in.
    pub(super) fn take(&mut self, found: Found) -> Result<Added, WorkbenchError> {
        match self.read(&found) {
            Ok(added) => Ok(added),
            Err(error) if error.code == ErrorCode::Unreadable => {
                let cause = with_causes(&error);
                let (path, refused) = (found.name.clone(), cause.clone());
                self.acts.push(Act::EvidenceRefused { path, cause: refused });
                Ok(Added::refused(found.name, cause))
            }
            Err(error) => Err(error),
        }
    }

    fn read(&mut self, found: &Found) -> Result<Added, WorkbenchError> {
        let path = std::path::absolute(&found.path).unwrap_or_else(|_| found.path.clone());
        if let Some(problem) = &found.problem {
            let problem = io::Error::new(problem.kind(), problem.to_string());
            return Err(WorkbenchError::file("read", &path, problem));
        }
        // The same bytes again are found by their hash, without reading what is in them.
        if self.sizes.contains(&super::size_of(&path)) {
            let sha256 = self.hash(&path).map_err(|error| unread(&path, error))?;
            if self.known.contains_key(&sha256) {
                return self.known_again(found, &path, sha256);
            }
        }
        let intake =
            Intake::watched(&path, self.meter.watch()).map_err(|error| unread(&path, error))?;
        let kind = Kind::of(intake.head(), &found.name);
        let incoming = Incoming { name: found.name.clone(), path, kind, expected: None };
        self.load(&incoming, intake)
    }

    /// Reads evidence of the journal again, which is to be what it was.
    pub(super) fn take_again(&mut self, item: &EvidenceItem) -> Result<Added, WorkbenchError> {
        let refused = |cause: String| Ok(Added::refused(item.name.clone(), cause));
        let Some(path) = self.workbench.place_of(item) else {
            return refused("it is not where it was added from".to_owned());
        };
        let intake = match Intake::watched(&path, self.meter.watch()) {
            Ok(intake) => intake,
            Err(error) if Watch::stopped(&error) => return Err(cancelled()),
            Err(error) => return refused(error.to_string()),
        };
        let kind = Kind::of(intake.head(), &item.name);
        let expected = Some(item.sha256);
        let incoming = Incoming { name: item.name.clone(), path, kind, expected };
        match self.load(&incoming, intake) {
            Err(error) if error.code == ErrorCode::Unreadable => refused(with_causes(&error)),
            added => added,
        }
    }

    fn load(&mut self, incoming: &Incoming, intake: Intake) -> Result<Added, WorkbenchError> {
        let (taken, mut loaded) = self.load_content(incoming, intake)?;
        match incoming.expected {
            Some(expected) if expected != taken.sha256 => {
                loaded = Loaded {
                    problem: Some("it was changed after it was added".to_owned()),
                    ..Loaded::default()
                };
            }
            Some(_) => {}
            None => {
                let path = incoming.path.display().to_string();
                self.sizes.insert(taken.size);
                self.taken.insert(taken.sha256);
                self.known.insert(taken.sha256, vec![path.clone()]);
                self.acts.push(Act::EvidenceAdded {
                    path,
                    name: incoming.name.clone(),
                    size: taken.size,
                    sha256: taken.sha256,
                    kind: incoming.kind.name().to_owned(),
                    member: None,
                    copied: None,
                    source: None,
                    reading: BTreeMap::new(),
                });
            }
        }
        self.meter.loaded(loaded.flow_records, loaded.packets);
        if self.load.uncommitted() >= UNSEEN {
            self.load.commit_so_far()?;
        }
        Ok(Added {
            path: incoming.name.clone(),
            size: Some(taken.size),
            sha256: Some(taken.sha256.to_string()),
            kind: Some(incoming.kind.name()),
            flow_records: loaded.flow_records,
            packets: loaded.packets,
            rejected_lines: loaded.rejected_lines,
            anomalies: loaded.anomalies.iter().map(ToString::to_string).collect(),
            known: false,
            problem: loaded.problem,
        })
    }

    /// Bytes that the case has already: another place of them, and nothing to load.
    fn known_again(
        &mut self,
        found: &Found,
        path: &Path,
        sha256: Sha256,
    ) -> Result<Added, WorkbenchError> {
        let place = path.display().to_string();
        let places = self.known.entry(sha256).or_default();
        if !places.contains(&place) {
            places.push(place.clone());
            self.acts.push(Act::EvidenceLocated { sha256, path: place, member: None });
            if let Some(captures) = self.workbench.captures().as_mut() {
                captures.moved(sha256, path.to_owned());
            }
        }
        Ok(Added {
            size: Some(super::size_of(path)),
            sha256: Some(sha256.to_string()),
            known: true,
            problem: None,
            ..Added::refused(found.name.clone(), String::new())
        })
    }

    fn hash(&self, path: &Path) -> io::Result<Sha256> {
        let mut file = File::open(path)?;
        let (mut hasher, mut chunk) = (Sha256Hasher::default(), vec![0; CHUNK]);
        loop {
            if self.meter.is_stopped() {
                return Err(io::Error::other(cancelled()));
            }
            match file.read(&mut chunk)? {
                0 => return Ok(hasher.finish()),
                count => hasher.update(chunk.get(..count).unwrap_or_default()),
            }
        }
    }

    /// Brings everything into the case, and says whether there was anything to load.
    pub(super) fn keep(self) -> Result<bool, WorkbenchError> {
        let changed = !self.taken.is_empty();
        self.load.commit()?;
        if !self.acts.is_empty() {
            self.workbench.record_evidence(self.acts)?;
        }
        Ok(changed)
    }

    /// Leaves the case as it was before the act.
    pub(super) fn undo(self) -> Result<(), WorkbenchError> {
        drop(self.load);
        let mut numbers = Vec::new();
        for (number, sha256) in self.store.evidence()? {
            if self.taken.contains(&sha256) {
                numbers.push(number);
                // There is one only of captures.
                let _ = std::fs::remove_file(self.workbench.index_path(sha256));
            }
        }
        Ok(self.store.forget_evidence(&numbers)?)
    }
}

/// Why a file was not read: somebody stopped it, or it cannot be.
pub(super) fn unread(path: &Path, error: io::Error) -> WorkbenchError {
    let stopped =
        Watch::stopped(&error) || error.get_ref().is_some_and(|inner| inner.is::<WorkbenchError>());
    if stopped { cancelled() } else { WorkbenchError::file("read", path, error) }
}
