//! What the examiner said and did, as lists: marks, journal, and what of the evidence could not be read.

use crate::wire::{
    FindingObject, JournalObject, JournalPage, Marks, NoteObject, ProblemObject, Problems,
    Severity, TagObject,
};
use crate::{Workbench, WorkbenchError, moment};
use case::{Act, Entry};
use evidence::Sha256;
use serde_json::Value;

impl Workbench {
    /// Tags, notes and findings, withdrawn ones among them.
    pub fn marks(&self) -> Marks {
        let state = self.state();
        let tags = state.tags.iter().filter(|(_, tags)| !tags.is_empty());
        Marks {
            tags: tags
                .map(|(on, tags)| TagObject {
                    on: on.to_string(),
                    tags: tags.iter().cloned().collect(),
                })
                .collect(),
            notes: state
                .notes
                .iter()
                .map(|note| NoteObject {
                    id: note.id.clone(),
                    on: note.on.iter().map(ToString::to_string).collect(),
                    text: note.text.clone(),
                    who: note.author.who.clone(),
                    at: at(note.at),
                })
                .collect(),
            findings: state
                .findings
                .iter()
                .map(|finding| FindingObject {
                    id: finding.id.clone(),
                    title: finding.title.clone(),
                    text: finding.text.clone(),
                    severity: severity(finding.severity),
                    technique: finding.technique.clone(),
                    on: finding.references.iter().map(ToString::to_string).collect(),
                    who: finding.author.who.clone(),
                    at: at(finding.at),
                    seq: finding.seq,
                    revision: finding.revision,
                    withdrawn: finding.withdrawn.as_ref().map(|end| end.reason.clone()),
                })
                .collect(),
        }
    }

    /// Entries of the journal, the newest first, from the place `from` on.
    pub fn journal_page(&self, from: usize, count: usize) -> JournalPage {
        let head = self.head();
        let entries = self.entries();
        JournalPage {
            total: entries.len(),
            from,
            head_seq: head.map_or(0, |head| head.seq),
            head_hash: head.map(|head| head.hash.to_string()).unwrap_or_default(),
            entries: entries.iter().rev().skip(from).take(count).map(entry).collect(),
        }
    }

    /// Rejected lines and anomalies, of one piece of evidence or of all.
    ///
    /// # Errors
    /// If the case's database cannot be read.
    pub fn problems(
        &self,
        evidence: Option<Sha256>,
        limit: u64,
    ) -> Result<Problems, WorkbenchError> {
        let store = self.store()?;
        let totals = store.totals()?;
        let (rejected_total, anomalies_total) = match evidence {
            Some(sha256) => {
                let counts = store.evidence_counts()?.get(&sha256).copied().unwrap_or_default();
                (counts.rejected_lines, counts.anomalies)
            }
            None => (totals.rejected_lines, totals.anomalies),
        };
        let lines =
            store.rejected_lines_of(evidence, limit)?.into_iter().map(|line| ProblemObject {
                evidence: line.evidence,
                sha256: line.sha256.to_string(),
                line: Some(line.line),
                offset: line.offset,
                length: line.length,
                kind: "rejected_line".to_owned(),
                expected: line.cause,
                found: line.text,
            });
        let anomalies = store.anomalies()?.into_iter();
        let own = anomalies.filter(|anomaly| evidence.is_none_or(|own| own == anomaly.evidence));
        let anomalies = own.map(|anomaly| ProblemObject {
            evidence: anomaly.name,
            sha256: anomaly.evidence.to_string(),
            line: None,
            offset: anomaly.offset,
            length: anomaly.length,
            kind: anomaly.kind,
            expected: anomaly.expected,
            found: anomaly.found,
        });
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let rows = anomalies.chain(lines).take(limit).collect();
        Ok(Problems { rejected_total, anomalies_total, rows })
    }
}

/// An entry for people: its act, and what the act says.
fn entry(entry: &Entry) -> JournalObject {
    let mut said = match serde_json::to_value(&entry.act) {
        Ok(Value::Object(said)) => said,
        _ => serde_json::Map::new(),
    };
    let act = match said.remove("act") {
        Some(Value::String(act)) => act,
        _ => "unknown".to_owned(),
    };
    let about = match &entry.act {
        Act::EvidenceAdded { name, kind, .. } => format!("{name} · {kind}"),
        Act::Begin { operation, parameters } => format!("{operation} {parameters}"),
        Act::Done { of, results } => format!("entry {of} {results}"),
        Act::FindingMade { id, title, .. } | Act::FindingChanged { id, title, .. } => {
            format!("{id} {title}")
        }
        Act::NoteAdded { id, text, .. } => format!("{id} {text}"),
        _ => said
            .iter()
            .map(|(name, value)| match value {
                Value::String(text) => format!("{name} {text}"),
                other => format!("{name} {other}"),
            })
            .collect::<Vec<_>>()
            .join(" · "),
    };
    JournalObject { seq: entry.seq, at: at(entry.at), who: entry.author.who.clone(), act, about }
}

fn at(at: time::OffsetDateTime) -> String {
    moment::nanoseconds(i64::try_from(at.unix_timestamp_nanos()).unwrap_or(i64::MAX))
}

fn severity(severity: case::Severity) -> Severity {
    match severity {
        case::Severity::Info => Severity::Info,
        case::Severity::Low => Severity::Low,
        case::Severity::Medium => Severity::Medium,
        case::Severity::High => Severity::High,
        case::Severity::Critical => Severity::Critical,
    }
}
