//! Which interface each mirror session copies: what the examiner says, what sidecars state, else what the flow logs let
//! infer.

use crate::captures::Captures;
use crate::sidecar::Inventory;
use crate::wire::{CandidateObject, SessionBasis, SessionObject};
use crate::{ErrorCode, Meter, Workbench, WorkbenchError};
use capture::{Flow, Key, PacketIndex, Session};
use case::Act;
use evidence::Address;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::coverage::{DirectedTuple, MirrorFilter, Overlap};

/// Tuples of a session that are looked for in the flow logs.
const SAMPLE: usize = 400;
/// Flows of a capture that are looked through for them.
const LOOKED_THROUGH: usize = 100_000;
/// Fewer tuples in common are a coincidence.
const FEWEST: u64 = 3;
/// Candidates that are shown.
const CANDIDATES: usize = 3;

/// What names a session: its outer source, and its VNI or key.
pub(crate) type Named = (Option<Address>, Option<u32>, Option<Key>);

/// Whose session it is, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Assignment {
    pub(crate) interface: Option<String>,
    pub(crate) basis: Option<SessionBasis>,
    /// Tuples that were looked for, and what was found of them; nothing where nobody had to look.
    pub(crate) looked_for: u64,
    pub(crate) candidates: Vec<Overlap>,
}

/// The sessions of a case.
#[derive(Debug, Default)]
pub(crate) struct Assignments(BTreeMap<Named, Assignment>);

/// `10.0.1.20/7340121`; a dash for what a session has none of.
pub(crate) fn name((source, vni, key): Named) -> String {
    let source = source.map_or_else(|| "-".to_owned(), |source| source.to_string());
    let key = key.map(|key| key.to_string().to_lowercase().replace(' ', "-"));
    let number = vni.map(|vni| vni.to_string()).or(key).unwrap_or_else(|| "-".to_owned());
    format!("{source}/{number}")
}

pub(crate) fn named(session: &Session) -> Named {
    (session.source, session.vni, session.key)
}

impl Assignments {
    /// Finds the interface of every session in these indexes.
    pub(crate) fn find(
        workbench: &Workbench,
        inventory: &Inventory,
        indexes: &[&PacketIndex],
    ) -> Result<Self, WorkbenchError> {
        let confirmed = workbench.state().sessions;
        let all: BTreeSet<Named> =
            indexes.iter().flat_map(|index| index.sessions().iter().map(named)).collect();
        let mut found = BTreeMap::new();
        let mut open = BTreeSet::new();
        for session in all {
            let (source, vni, _) = session;
            let said = confirmed.get(&name(session)).cloned();
            let stated = || inventory.interface_of(source, vni).map(str::to_owned);
            let known = said
                .map(|id| (id, SessionBasis::Confirmed))
                .or_else(|| Some((stated()?, SessionBasis::Stated)));
            let Some((id, basis)) = known else {
                open.insert(session);
                continue;
            };
            let assignment =
                Assignment { interface: Some(id), basis: Some(basis), ..Assignment::default() };
            found.insert(session, assignment);
        }
        let mut samples = samples(&open, indexes)?;
        for session in open {
            let tuples = samples.remove(&session).unwrap_or_default();
            found.insert(session, infer(workbench, session.0, &tuples)?);
        }
        Ok(Self(found))
    }

    pub(crate) fn interface_of(&self, session: &Session) -> Option<String> {
        self.0.get(&named(session))?.interface.clone()
    }

    pub(crate) fn of(&self, session: Named) -> Assignment {
        self.0.get(&session).cloned().unwrap_or_default()
    }

    /// The filters of each interface all of whose sessions have one that is known.
    pub(crate) fn filters(&self, inventory: &Inventory) -> HashMap<String, Vec<MirrorFilter>> {
        let mut filters: HashMap<String, Option<Vec<MirrorFilter>>> = HashMap::new();
        for ((_, vni, _), assignment) in &self.0 {
            let Some(interface) = &assignment.interface else { continue };
            let own = vni.and_then(|vni| inventory.filter_of(interface, vni));
            let all = filters.entry(interface.clone()).or_insert_with(|| Some(Vec::new()));
            match own {
                Some(own) => all.iter_mut().for_each(|all| all.push(own.clone())),
                None => *all = None,
            }
        }
        filters.into_iter().filter_map(|(interface, all)| Some((interface, all?))).collect()
    }
}

/// Some tuples of each of these sessions. Flows stand in no order that means anything: the first ones are as good as any.
fn samples(
    open: &BTreeSet<Named>,
    indexes: &[&PacketIndex],
) -> Result<HashMap<Named, Vec<DirectedTuple>>, WorkbenchError> {
    let mut samples: HashMap<Named, Vec<DirectedTuple>> = HashMap::new();
    if open.is_empty() {
        return Ok(samples);
    }
    for index in indexes {
        for flow in index.flows().take(LOOKED_THROUGH) {
            let flow: Flow = flow?;
            let Some(session) = index.sessions().get(flow.session as usize).map(named) else {
                continue;
            };
            // Flow logs count the packets that carry a tunnel, not those inside.
            if flow.tunnelled || !open.contains(&session) {
                continue;
            }
            let own = samples.entry(session).or_default();
            if own.len() < SAMPLE {
                let (source, destination) = (flow.client.into(), flow.server.into());
                own.push(DirectedTuple { protocol: flow.protocol, source, destination });
            }
        }
    }
    Ok(samples)
}

/// The interface that has most of the tuples, if it has more than any other; else the one that sends from the session's
/// source address, if the records of one do.
fn infer(
    workbench: &Workbench,
    source: Option<Address>,
    tuples: &[DirectedTuple],
) -> Result<Assignment, WorkbenchError> {
    let store = workbench.store()?;
    let mut candidates = store.interfaces_with(tuples)?;
    let own = source.map(|source| store.interface_with_address(source)).transpose()?.flatten();
    let best = candidates.first().filter(|best| best.tuples >= FEWEST);
    let next = candidates.get(1).map_or(0, |next| next.tuples);
    let most = best.filter(|best| best.tuples > next).map(|best| best.interface_id.clone());
    // Both ends of a connection have a record of it: an address of its own decides between them.
    let among = |id: &String| {
        best.is_some_and(|best| {
            let tied = |other: &Overlap| other.tuples == best.tuples && other.interface_id == *id;
            candidates.iter().any(tied)
        })
    };
    let interface = most.or_else(|| own.filter(|id| candidates.is_empty() || among(id)));
    candidates.truncate(CANDIDATES);
    Ok(Assignment {
        basis: interface.is_some().then_some(SessionBasis::Inferred),
        interface,
        looked_for: tuples.len() as u64,
        candidates,
    })
}

impl Workbench {
    /// The mirror sessions of all captures, and whose they are.
    ///
    /// # Errors
    /// If the captures' indexes cannot be read.
    pub fn sessions(&self) -> Result<Vec<SessionObject>, WorkbenchError> {
        self.with_captures(|captures| Ok(objects(captures)))
    }

    /// Says which interface a session copies; everything that rests on it is computed anew.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] if no capture has that session; [`ErrorCode::BadQuery`] if the interface has no name.
    pub fn confirm_session(
        &self,
        session: &str,
        interface_id: &str,
        meter: &Meter,
    ) -> Result<(), WorkbenchError> {
        let interface_id = interface_id.trim();
        if interface_id.is_empty() {
            return Err(WorkbenchError::new(ErrorCode::BadQuery, "an interface has a name"));
        }
        self.has_session(session)?;
        let (session, interface_id) = (session.to_owned(), interface_id.to_owned());
        self.rematch(Act::SessionConfirmed { session, interface_id }, meter)
    }

    /// Takes back what was said of a session.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] if nothing was.
    pub fn release_session(&self, session: &str, meter: &Meter) -> Result<(), WorkbenchError> {
        if !self.state().sessions.contains_key(session) {
            return Err(WorkbenchError::not_found(format!("word on the session {session}")));
        }
        self.rematch(Act::SessionReleased { session: session.to_owned() }, meter)
    }

    fn has_session(&self, session: &str) -> Result<(), WorkbenchError> {
        let known = self.sessions()?.into_iter().any(|known| known.session == session);
        known
            .then_some(())
            .ok_or_else(|| WorkbenchError::not_found(format!("mirror session {session}")))
    }
}

pub(crate) fn objects(captures: &Captures) -> Vec<SessionObject> {
    let mut totals: BTreeMap<Named, u64> = BTreeMap::new();
    for capture in &captures.list {
        for session in capture.index.sessions() {
            let total = totals.entry(named(session)).or_default();
            *total = total.saturating_add(session.packets);
        }
    }
    // A session may be there for the packets alone that carry others.
    let totals = totals.into_iter().filter(|(_, packets)| *packets > 0);
    let object = |(session, packets): (Named, u64)| {
        let Assignment { interface, basis, looked_for, candidates } =
            captures.assignments.of(session);
        let (source, vni, key) = session;
        SessionObject {
            session: name(session),
            source: source.map(|source| source.to_string()),
            vni,
            key: key.map(|key| key.to_string()),
            interface_id: interface,
            inferred: basis == Some(SessionBasis::Inferred),
            basis,
            looked_for,
            candidates: candidates
                .into_iter()
                .map(|Overlap { interface_id, tuples }| CandidateObject { interface_id, tuples })
                .collect(),
            packets,
        }
    };
    totals.map(object).collect()
}
