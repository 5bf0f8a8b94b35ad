//! The state of a case, read out of its journal.

use crate::{Act, Author, CaseInfo, Entry, ExportedFile, Reference, Severity};
use evidence::Sha256;
use std::collections::{BTreeMap, BTreeSet};
use time::OffsetDateTime;

/// A case as its journal tells it, up to one entry.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CaseState {
    /// The last entry that was taken in; 0 for none.
    pub seq: u64,
    /// From the first entry.
    pub info: Option<CaseInfo>,
    /// In the order in which it was added.
    pub evidence: Vec<EvidenceItem>,
    /// What was offered and not taken.
    pub refused: Vec<Refusal>,
    /// Tags of each tagged thing.
    pub tags: BTreeMap<Reference, BTreeSet<String>>,
    /// In the order in which they were written.
    pub notes: Vec<Note>,
    /// In the order in which they were made, the withdrawn ones included.
    pub findings: Vec<Finding>,
    /// In the order in which they were made.
    pub exports: Vec<Export>,
    /// Clock offsets set by hand, by capture: capture clock − flow-log clock. Unit: microseconds.
    pub clocks: BTreeMap<String, i64>,
    /// Interface of each confirmed mirror session, by outer source address and number.
    pub sessions: BTreeMap<String, String>,
    /// Named selections of records, by name.
    pub views: BTreeMap<String, SavedView>,
    /// Entries that began a long act of which no end is known.
    pub unfinished: Vec<u64>,
    /// Entries that this version could not take in: of a newer version, or about something unknown.
    pub not_understood: Vec<u64>,
}

/// A named selection of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// In the filter language; empty for all records.
    pub filter: String,
    /// RFC 3339.
    pub from: Option<String>,
    /// RFC 3339.
    pub to: Option<String>,
    /// A field, with `:desc` for the largest first.
    pub order: Option<String>,
    /// Also the records that another source counts.
    pub all_sources: bool,
}

/// A file that became evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceItem {
    /// What names it.
    pub sha256: Sha256,
    /// What lists and reports call it: its path below the folder that was added.
    pub name: String,
    /// Unit: bytes.
    pub size: u64,
    /// What it was recognised as.
    pub kind: String,
    /// Where the same bytes are or were, first the place that they were added from.
    pub locations: Vec<Location>,
    /// Where it was acquired from, if not a local path.
    pub source: Option<String>,
    /// The copy inside the case.
    pub copied: Option<String>,
    /// What the user said about how to read it.
    pub reading: BTreeMap<String, String>,
    /// How often it was read: once when it was added, and again whenever the user said how else to read it.
    pub readings: u32,
    /// Entry that added it.
    pub seq: u64,
    /// When it was added.
    pub at: OffsetDateTime,
}

/// A place of an evidence item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// As the user gave it.
    pub path: String,
    /// Name inside the archive `path`.
    pub member: Option<String>,
}

/// A file that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// As the user gave it.
    pub path: String,
    /// Why not.
    pub cause: String,
    /// The entry.
    pub seq: u64,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its name in the journal.
    pub id: String,
    /// What it is about.
    pub on: Vec<Reference>,
    /// The note.
    pub text: String,
    /// Who wrote it.
    pub author: Author,
    /// When.
    pub at: OffsetDateTime,
    /// The entry.
    pub seq: u64,
}

/// A finding as it reads now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its name in the journal.
    pub id: String,
    /// A line.
    pub title: String,
    /// The assertion.
    pub text: String,
    /// How much it matters.
    pub severity: Severity,
    /// What it rests on.
    pub references: Vec<Reference>,
    /// ATT&CK id.
    pub technique: Option<String>,
    /// 1 as made, one more with each change.
    pub revision: u32,
    /// Who made this revision.
    pub author: Author,
    /// When this revision was made.
    pub at: OffsetDateTime,
    /// Entry of this revision.
    pub seq: u64,
    /// Set once it is no longer asserted.
    pub withdrawn: Option<Withdrawal>,
}

/// The end of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// Why.
    pub reason: String,
    /// When.
    pub at: OffsetDateTime,
    /// The entry.
    pub seq: u64,
}

/// Files that left the case together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// `html`, `pdf`, `pcapng` …
    pub format: String,
    /// Last entry that they tell of.
    pub upto: u64,
    /// What was written.
    pub files: Vec<ExportedFile>,
    /// When.
    pub at: OffsetDateTime,
    /// The entry.
    pub seq: u64,
}

/// The state of a case after entry `upto`, or after the last one.
pub fn project(entries: &[Entry], upto: Option<u64>) -> CaseState {
    let mut state = CaseState::default();
    for entry in entries.iter().take_while(|entry| upto.is_none_or(|upto| entry.seq <= upto)) {
        state.seq = entry.seq;
        if take_in(&mut state, entry).is_none() {
            state.not_understood.push(entry.seq);
        }
    }
    state
}

/// The entry at which a snapshot ends unless the user says otherwise: the last one that is not about an
/// export, so that making a report twice makes the same report. 0 if there is none.
pub fn snapshot_seq(entries: &[Entry]) -> u64 {
    let mut exports = BTreeSet::new();
    let mut last = 0;
    for entry in entries {
        let export = match &entry.act {
            Act::Exported { .. } => true,
            Act::Begin { operation, .. } => operation == Act::EXPORT && exports.insert(entry.seq),
            Act::Done { of, .. } | Act::Failed { of, .. } | Act::Cancelled { of } => {
                exports.contains(of)
            }
            _ => false,
        };
        if !export {
            last = entry.seq;
        }
    }
    last
}

/// `None` if the entry is not understood.
fn take_in(state: &mut CaseState, entry: &Entry) -> Option<()> {
    let (seq, at) = (entry.seq, entry.at);
    match entry.act.clone() {
        Act::CaseCreated { number, title, examiner, tool_version } => {
            if state.info.is_some() {
                return None;
            }
            state.info = Some(CaseInfo { number, title, examiner, created: at, tool_version });
        }
        Act::EvidenceAdded { path, name, size, sha256, kind, member, copied, source, reading } => {
            let location = Location { path, member };
            match item(state, sha256) {
                // It was read again, another way.
                Some(known) => {
                    known.add_location(location);
                    (known.kind, known.reading) = (kind, reading);
                    known.readings = known.readings.saturating_add(1);
                }
                None => state.evidence.push(EvidenceItem {
                    sha256,
                    name,
                    size,
                    kind,
                    locations: vec![location],
                    source,
                    copied,
                    reading,
                    readings: 1,
                    seq,
                    at,
                }),
            }
        }
        Act::EvidenceLocated { sha256, path, member } => {
            item(state, sha256)?.add_location(Location { path, member });
        }
        Act::EvidenceRefused { path, cause } => state.refused.push(Refusal { path, cause, seq }),
        Act::Begin { .. } => state.unfinished.push(seq),
        Act::Done { of, .. } | Act::Failed { of, .. } | Act::Cancelled { of } => {
            let begun = state.unfinished.iter().position(|begun| *begun == of)?;
            state.unfinished.remove(begun);
        }
        Act::TagSet { on, tag } => {
            for thing in on {
                state.tags.entry(thing).or_default().insert(tag.clone());
            }
        }
        Act::TagRemoved { on, tag } => {
            for thing in on {
                if let Some(tags) = state.tags.get_mut(&thing) {
                    tags.remove(&tag);
                }
            }
            state.tags.retain(|_, tags| !tags.is_empty());
        }
        Act::NoteAdded { id, on, text } => {
            state.notes.push(Note { id, on, text, author: entry.author.clone(), at, seq });
        }
        Act::FindingMade { id, title, text, severity, references, technique } => {
            if finding(state, &id).is_some() {
                return None;
            }
            state.findings.push(Finding {
                id,
                title,
                text,
                severity,
                references,
                technique,
                revision: 1,
                author: entry.author.clone(),
                at,
                seq,
                withdrawn: None,
            });
        }
        Act::FindingChanged { id, title, text, severity, references, technique } => {
            let known = finding(state, &id)?;
            let (revision, withdrawn) = (known.revision + 1, known.withdrawn.take());
            *known = Finding {
                id,
                title,
                text,
                severity,
                references,
                technique,
                revision,
                author: entry.author.clone(),
                at,
                seq,
                withdrawn,
            };
        }
        Act::FindingWithdrawn { id, reason } => {
            finding(state, &id)?.withdrawn = Some(Withdrawal { reason, at, seq });
        }
        Act::ClockPinned { evidence, microseconds, .. } => {
            state.clocks.extend(evidence.into_iter().map(|sha256| (sha256, microseconds)));
        }
        Act::ClockReleased { evidence, .. } => {
            state.clocks.retain(|sha256, _| !evidence.contains(sha256));
        }
        Act::SessionConfirmed { session, interface_id } => {
            state.sessions.insert(session, interface_id);
        }
        Act::SessionReleased { session } => {
            state.sessions.remove(&session)?;
        }
        Act::ViewSaved { name, filter, from, to, order, all_sources } => {
            state.views.insert(name, SavedView { filter, from, to, order, all_sources });
        }
        Act::ViewForgotten { name } => {
            state.views.remove(&name)?;
        }
        Act::Exported { format, upto, files } => {
            state.exports.push(Export { format, upto, files, at, seq });
        }
        Act::TailRecovered { .. } => {}
        Act::Unknown(_) => return None,
    }
    Some(())
}

fn item(state: &mut CaseState, sha256: Sha256) -> Option<&mut EvidenceItem> {
    state.evidence.iter_mut().find(|item| item.sha256 == sha256)
}

fn finding<'a>(state: &'a mut CaseState, id: &str) -> Option<&'a mut Finding> {
    state.findings.iter_mut().find(|finding| finding.id == id)
}

impl EvidenceItem {
    fn add_location(&mut self, location: Location) {
        if !self.locations.contains(&location) {
            self.locations.push(location);
        }
    }
}

#[cfg(test)]
mod tests;
