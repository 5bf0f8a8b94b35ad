//! One act of taking evidence in, from its first file to its last.

use super::file::{Incoming, Loaded, with_causes};
use super::wish::{ReadingWish, take_layouts};
use super::{Added, REMARKS, cancelled};
use crate::recognise::Kind;
use crate::reopen::Reopened;
use crate::{ErrorCode, Meter, Workbench, WorkbenchError, sidecar};
use capture::Ports;
use case::{Act, EvidenceItem};
use evidence::{Archive, Found, Intake, Intaken, Member, Place, Sha256, Watch};
use flowlog::Layout;
use std::collections::{HashMap, HashSet};
use std::io;
use std::time::{Duration, Instant};
use store::{FlowLoad, Store};

/// How long others wait until they see more of what is being loaded.
const UNSEEN_FOR: Duration = Duration::from_secs(1);
/// Records that are loaded before others see them. More at once load faster; a test's logs are small.
const UNSEEN: u64 = if cfg!(test) { 10_000 } else { 2_000_000 };

/// Evidence that is in the case, or on its way there.
#[derive(Default)]
struct Known {
    kind: Option<Kind>,
    places: Vec<Place>,
    /// How often the journal says, or is to say, that it was read.
    readings: u32,
}

/// Evidence on its way into the case. The database may show it before [`Taking::keep`]; the journal, whose word counts,
/// has it only then. A process that ends before leaves rows behind that the next one forgets.
pub(super) struct Taking<'a> {
    pub(super) workbench: &'a Workbench,
    pub(super) load: FlowLoad<'a>,
    pub(super) meter: &'a Meter,
    /// What the journal is to say.
    acts: Vec<Act>,
    /// Evidence of the case and of this act, and where it was seen.
    known: HashMap<Sha256, Known>,
    /// Its sizes: bytes of another size are other bytes. Unit: bytes.
    sizes: HashSet<u64>,
    /// Hashes of what this act has loaded.
    taken: HashSet<Sha256>,
    reopened: Reopened,
    /// When others last saw more of it.
    committed: Instant,
    pub(super) wish: ReadingWish,
    /// Layouts that the sidecars of the case and of this act name.
    pub(super) candidates: Vec<Layout>,
}

impl<'a> Taking<'a> {
    pub(super) fn begin(
        workbench: &'a Workbench,
        store: &'a Store,
        meter: &'a Meter,
        wish: ReadingWish,
        mut candidates: Vec<Layout>,
    ) -> Result<Self, WorkbenchError> {
        for sidecar in store.sidecars()? {
            take_layouts(&sidecar, &mut candidates);
        }
        let evidence = workbench.state().evidence;
        let places = |item: EvidenceItem| {
            let locations = item.locations.into_iter();
            let place =
                |location: case::Location| Place::within(location.path, location.member.as_deref());
            let (kind, readings) = (Kind::named(&item.kind), item.readings);
            (item.sha256, Known { kind, places: locations.map(place).collect(), readings })
        };
        Ok(Self {
            sizes: evidence.iter().map(|item| item.size).collect(),
            known: evidence.into_iter().map(places).collect(),
            load: store.begin_load()?,
            acts: Vec::new(),
            taken: HashSet::new(),
            reopened: Reopened::default(),
            committed: Instant::now(),
            wish,
            candidates,
            workbench,
            meter,
        })
    }

    /// Takes one file in, and where it is an archive, all that is in it.
    pub(super) fn take(&mut self, found: Found) -> Result<Vec<Added>, WorkbenchError> {
        let path = std::path::absolute(&found.path).unwrap_or(found.path);
        let place = Place::from(path);
        let mut items = Vec::new();
        let taken = match found.problem {
            Some(problem) => Err(WorkbenchError::place("read", &place, problem)),
            None => self.take_file(&found.name, &place, &mut items),
        };
        self.or_refused(taken, &found.name, &mut items)?;
        Ok(items)
    }

    /// What cannot be read is listed, and the rest goes on.
    fn or_refused(
        &mut self,
        taken: Result<(), WorkbenchError>,
        name: &str,
        items: &mut Vec<Added>,
    ) -> Result<(), WorkbenchError> {
        match taken {
            Err(error) if error.code == ErrorCode::Unreadable => {
                let cause = with_causes(&error);
                let (path, refused) = (name.to_owned(), cause.clone());
                self.acts.push(Act::EvidenceRefused { path, cause: refused });
                items.push(Added::refused(name.to_owned(), cause));
                Ok(())
            }
            taken => taken,
        }
    }

    fn take_file(
        &mut self,
        name: &str,
        place: &Place,
        items: &mut Vec<Added>,
    ) -> Result<(), WorkbenchError> {
        let failed = |error| unread(place, error);
        let size = super::size_of(&place.path);
        // The same bytes again are found by their hash, without reading what is in them.
        if self.sizes.contains(&size) {
            let sha256 = crate::relink::hash(&place.path, self.meter.watch()).map_err(failed)?;
            if self.known.contains_key(&sha256) && !self.reads_again(sha256)? {
                items.push(self.known_again(name, place, size, sha256));
                return Ok(());
            }
        }
        let intake = Intake::at(place, self.meter.watch()).map_err(failed)?;
        self.take_content(name, place, intake, items)
    }

    /// Whether bytes that the case has are read a second time: a flow log, or nothing known, of which no record could be
    /// loaded, and now somebody says how to read it. What was entered for it before is forgotten once the journal has
    /// the new reading. Or a capture, and now somebody says at which ports it has tunnels.
    ///
    /// A sidecar or an archive has no records either, and stays what it is.
    fn reads_again(&mut self, sha256: Sha256) -> Result<bool, WorkbenchError> {
        if self.wish == ReadingWish::default() || self.taken.contains(&sha256) {
            return Ok(false);
        }
        let kind = self.known.get(&sha256).and_then(|known| known.kind);
        let again = match kind {
            None | Some(Kind::FlowLog(_) | Kind::Unrecognised) => self.load.is_unread(sha256)?,
            Some(Kind::Capture(_)) => self.wish.ports != Ports::default(),
            Some(_) => false,
        };
        if again {
            let earlier = self.known.get(&sha256).map_or(0, |known| known.readings);
            self.load.reads(sha256, earlier.saturating_add(1));
        }
        Ok(again)
    }

    fn take_content(
        &mut self,
        name: &str,
        place: &Place,
        mut intake: Intake,
        items: &mut Vec<Added>,
    ) -> Result<(), WorkbenchError> {
        let forced = self.wish.format.filter(|_| !sidecar::sniff(intake.head()));
        let kind = forced.map_or_else(|| Kind::of(intake.head(), name), Kind::FlowLog);
        let incoming = Incoming {
            name: name.to_owned(),
            place: place.clone(),
            kind,
            expected: None,
            reading: None,
        };
        let Kind::Archive(archive) = kind else {
            items.push(self.load(&incoming, intake)?);
            return Ok(());
        };
        intake.keep_rereading(None).map_err(|error| unread(place, error))?;
        let (mut taken, loaded) = self.load_content(&incoming, intake)?;
        let rereading = taken.rereading.take().unwrap_or_default();
        let opened = Archive::open(place, archive, &rereading);
        let archive = opened.map_err(|error| unread(place, error))?;
        let mut own = self.enter(&incoming, &taken, loaded);
        own.whole &= archive.anomalies().is_empty();
        own.anomalies.extend(archive.anomalies().iter().map(ToString::to_string));
        self.load.keep_anomalies_of(taken.sha256, archive.anomalies())?;
        items.push(own);
        for member in archive.members() {
            let name = format!("{name}!{}", member.name);
            let read = self.take_member(&archive, member, &name, items);
            self.or_refused(read, &name, items)?;
        }
        Ok(())
    }

    fn take_member(
        &mut self,
        archive: &Archive,
        member: &Member,
        name: &str,
        items: &mut Vec<Added>,
    ) -> Result<(), WorkbenchError> {
        let place = archive.place().inside(&member.name);
        let failed = |error| unread(&place, error);
        if let Some(problem) = &member.problem {
            let problem = io::Error::new(io::ErrorKind::Unsupported, problem.to_string());
            return Err(WorkbenchError::place("read", &place, problem));
        }
        let open = || archive.intake(member, self.meter.watch());
        if self.sizes.contains(&member.size) {
            let taken = open().and_then(Intake::finish).map_err(failed)?;
            let sha256 = taken.sha256;
            if self.known.contains_key(&sha256) && !self.reads_again(sha256)? {
                items.push(self.known_again(name, &place, taken.size, sha256));
                return Ok(());
            }
        }
        let intake = open().map_err(failed)?;
        self.take_content(name, &place, intake, items)
    }

    /// Reads evidence of the journal again, which is to be what it was.
    pub(super) fn take_again(&mut self, item: &EvidenceItem) -> Result<Added, WorkbenchError> {
        let refused = |cause: String| Ok(Added::refused(item.name.clone(), cause));
        let Some(place) = self.workbench.place_of(item) else {
            return refused("it is not where it was added from".to_owned());
        };
        let intake = match self.reopened.open(&place, self.meter.watch()) {
            Ok(intake) => intake,
            Err(error) if Watch::stopped(&error) => return Err(cancelled()),
            Err(error) => return refused(error.to_string()),
        };
        self.load.reads(item.sha256, item.readings);
        // It is read as what it was then.
        let kind = Kind::named(&item.kind).unwrap_or_else(|| Kind::of(intake.head(), &item.name));
        let incoming = Incoming {
            name: item.name.clone(),
            place,
            kind,
            expected: Some(item.sha256),
            reading: Some(item.reading.clone()),
        };
        match self.load(&incoming, intake) {
            Err(error) if error.code == ErrorCode::Unreadable => refused(with_causes(&error)),
            added => added,
        }
    }

    fn load(&mut self, incoming: &Incoming, intake: Intake) -> Result<Added, WorkbenchError> {
        let (taken, mut loaded) = self.load_content(incoming, intake)?;
        if incoming.expected.is_some_and(|expected| expected != taken.sha256) {
            loaded = Loaded {
                problem: Some("it was changed after it was added".to_owned()),
                ..Loaded::default()
            };
        }
        let late = self.committed.elapsed() >= UNSEEN_FOR && self.load.uncommitted() > 0;
        if late || self.load.uncommitted() >= UNSEEN {
            self.load.commit_so_far()?;
            self.committed = Instant::now();
        }
        Ok(self.enter(incoming, &taken, loaded))
    }

    /// Notes what was read, for the journal and for whoever asked.
    fn enter(&mut self, incoming: &Incoming, taken: &Intaken, loaded: Loaded) -> Added {
        let kind = loaded.kind.unwrap_or(incoming.kind);
        if incoming.expected.is_none() {
            self.sizes.insert(taken.size);
            self.taken.insert(taken.sha256);
            let known = self.known.entry(taken.sha256).or_default();
            known.kind = Some(kind);
            known.readings = known.readings.saturating_add(1);
            if !known.places.contains(&incoming.place) {
                known.places.push(incoming.place.clone());
            }
            self.acts.push(Act::EvidenceAdded {
                path: incoming.place.path.display().to_string(),
                name: incoming.name.clone(),
                size: taken.size,
                sha256: taken.sha256,
                kind: kind.name().to_owned(),
                member: incoming.place.member(),
                copied: None,
                source: None,
                reading: loaded.reading,
            });
        }
        self.meter.loaded(loaded.flow_records, loaded.packets);
        Added {
            path: incoming.name.clone(),
            size: Some(taken.size),
            sha256: Some(taken.sha256.to_string()),
            kind: Some(kind.name()),
            flow_records: loaded.flow_records,
            packets: loaded.packets,
            rejected_lines: loaded.rejected_lines,
            anomalies: loaded.anomalies.iter().map(ToString::to_string).collect(),
            known: false,
            problem: loaded.problem,
            whole: loaded.anomalies.iter().all(|anomaly| REMARKS.contains(&anomaly.kind)),
        }
    }

    /// Bytes that the case has already: another place of them, and nothing to load.
    fn known_again(&mut self, name: &str, place: &Place, size: u64, sha256: Sha256) -> Added {
        let known = self.known.entry(sha256).or_default();
        let kind = known.kind.map(Kind::name);
        if !known.places.contains(place) {
            known.places.push(place.clone());
            self.acts.push(Act::EvidenceLocated {
                sha256,
                path: place.path.display().to_string(),
                member: place.member(),
            });
            if let Some(captures) = self.workbench.captures().as_mut() {
                captures.moved(sha256, place.clone());
            }
        }
        Added {
            size: Some(size),
            sha256: Some(sha256.to_string()),
            kind,
            known: true,
            problem: None,
            whole: true,
            ..Added::refused(name.to_owned(), String::new())
        }
    }

    /// Brings everything into the case, and says whether there was anything to load.
    pub(super) fn keep(self) -> Result<bool, WorkbenchError> {
        let changed = !self.taken.is_empty();
        self.load.commit()?;
        if !self.acts.is_empty() {
            self.workbench.record_evidence(self.acts)?;
            self.workbench.forget_what_does_not_count()?;
        }
        Ok(changed)
    }

    /// Leaves the case as it was before the act.
    pub(super) fn undo(self) -> Result<(), WorkbenchError> {
        drop(self.load);
        self.workbench.forget_what_does_not_count()
    }
}

/// Why a file was not read: somebody stopped it, or it cannot be.
pub(super) fn unread(place: &Place, error: io::Error) -> WorkbenchError {
    if Watch::stopped(&error) { cancelled() } else { WorkbenchError::place("read", place, error) }
}
