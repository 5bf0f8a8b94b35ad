//! Taking evidence in: find, recognise, hash, load, enter into the journal.

mod file;
mod reference;
mod taking;
#[cfg(test)]
mod tests;
mod wish;

pub(crate) use file::index_again;
pub use wish::ReadingWish;
pub(crate) use wish::options_of;
pub(crate) use wish::ports_of;

use crate::{ErrorCode, Meter, Workbench, WorkbenchError};
use case::Act;
use serde::Serialize;
use serde_json::json;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use taking::Taking;

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Added {
    /// Relative to the folder that was added.
    pub path: String,
    /// Unit: bytes.
    pub size: Option<u64>,
    /// Of the file as it lies on disk.
    pub sha256: Option<String>,
    /// What it was recognised as.
    pub kind: Option<&'static str>,
    /// Flow records loaded.
    pub flow_records: u64,
    /// Packets indexed.
    pub packets: u64,
    /// Lines that are no records.
    pub rejected_lines: u64,
    /// Anomalies, in sentences.
    pub anomalies: Vec<String>,
    /// The case has these bytes already: nothing was loaded a second time.
    pub known: bool,
    /// Why it was not taken, or not loaded.
    pub problem: Option<String>,
    /// Its anomalies, if any, say how something was read, and not that something was lost.
    #[serde(skip)]
    pub whole: bool,
}

/// Kinds of anomalies that say how something was read; nothing is missing for them.
const REMARKS: [&str; 7] = [
    "flowlog.account_number",
    "flowlog.fields_not_used",
    "flowlog.milliseconds",
    "flowlog.none",
    "flowlog.no_time_zone",
    "flowlog.passed_over",
    "flowlog.unknown_field",
];

/// What became of all files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AddSummary {
    /// In the order of their names.
    pub items: Vec<Added>,
    /// Evidence added earlier that could not be read again, a sentence each.
    pub problems: Vec<String>,
    /// The user stopped it.
    pub cancelled: bool,
}

impl AddSummary {
    /// Whether every file was read in full.
    pub fn is_clean(&self) -> bool {
        !self.cancelled
            && self.problems.is_empty()
            && self
                .items
                .iter()
                .all(|item| item.problem.is_none() && item.rejected_lines == 0 && item.whole)
    }

    /// Whether anything at all was taken.
    pub fn took_something(&self) -> bool {
        self.items.iter().any(|item| item.problem.is_none())
    }
}

impl Workbench {
    /// Takes in files and folders. A file that cannot be read, or is not recognised, is listed and the rest goes on. All
    /// of it comes into the case together; if it is cancelled or fails, nothing does.
    ///
    /// # Errors
    /// Only of the case itself: its journal or its database cannot be written.
    pub fn add(
        &self,
        paths: &[PathBuf],
        wish: &ReadingWish,
        meter: &Meter,
    ) -> Result<AddSummary, WorkbenchError> {
        let _alone = self.alone()?;
        let shown: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
        let begun = self.record(Act::Begin {
            operation: "add".to_owned(),
            parameters: json!({ "paths": shown }),
        })?;
        let result = self.add_all(paths, wish, meter);
        let ending = match &result {
            Ok(summary) if summary.cancelled => Act::Cancelled { of: begun },
            Ok(summary) => Act::Done { of: begun, results: totals(summary) },
            Err(error) => Act::Failed { of: begun, cause: error.to_string() },
        };
        self.record(ending)?;
        result
    }

    fn add_all(
        &self,
        paths: &[PathBuf],
        wish: &ReadingWish,
        meter: &Meter,
    ) -> Result<AddSummary, WorkbenchError> {
        let found: Vec<_> = paths.iter().flat_map(|path| evidence::walk(path)).collect();
        let total = found.len() as u64;
        meter.expect_bytes(found.iter().map(|found| size_of(&found.path)).sum());
        let mut summary = AddSummary::default();
        let store = self.store()?;
        let candidates = wish::candidates_in(&found);
        let mut taking = Taking::begin(self, &store, meter, wish.clone(), candidates)?;
        for (done, found) in found.into_iter().enumerate() {
            meter.step(&found.name, done as u64, total);
            match taking.take(found) {
                Ok(added) => summary.items.extend(added),
                Err(error) => {
                    let undone = taking.undo();
                    if error.code != ErrorCode::Cancelled {
                        return Err(error);
                    }
                    undone?;
                    return Ok(AddSummary { cancelled: true, ..AddSummary::default() });
                }
            }
        }
        let changed = taking.keep()?;
        drop(store);
        if changed {
            summary.problems = self.derive(meter)?;
        }
        Ok(summary)
    }

    /// Reads the evidence of the journal that the database does not have, and derives anew. What is stopped here is
    /// taken up when the case is opened again.
    pub(crate) fn read_missing(&self, meter: &Meter) -> Result<AddSummary, WorkbenchError> {
        let store = self.store()?;
        let held: HashSet<_> = store.evidence()?.into_iter().map(|(_, sha256)| sha256).collect();
        let mut items = self.state().evidence;
        items.retain(|item| !held.contains(&item.sha256));
        let total = items.len() as u64;
        meter.expect_bytes(items.iter().map(|item| item.size).sum());
        let mut summary = AddSummary::default();
        let mut taking = Taking::begin(self, &store, meter, ReadingWish::default(), Vec::new())?;
        for (done, item) in items.iter().enumerate() {
            meter.step(&item.name, done as u64, total);
            summary.items.push(taking.take_again(item)?);
        }
        taking.keep()?;
        drop(store);
        summary.problems = self.derive(meter)?;
        Ok(summary)
    }
}

/// For the progress only: a file that cannot be looked at counts nothing.
fn size_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

fn cancelled() -> WorkbenchError {
    WorkbenchError::new(ErrorCode::Cancelled, "it was cancelled")
}

impl Added {
    fn refused(path: String, problem: String) -> Self {
        Self {
            path,
            size: None,
            sha256: None,
            kind: None,
            flow_records: 0,
            packets: 0,
            rejected_lines: 0,
            anomalies: Vec::new(),
            known: false,
            problem: Some(problem),
            whole: false,
        }
    }
}

fn totals(summary: &AddSummary) -> serde_json::Value {
    let sum = |count: fn(&Added) -> u64| summary.items.iter().map(count).sum::<u64>();
    json!({
        "files": summary.items.len(),
        "problems": sum(|item| item.problem.is_some().into()),
        "flow_records": sum(|item| item.flow_records),
        "packets": sum(|item| item.packets),
        "rejected_lines": sum(|item| item.rejected_lines),
        "anomalies": sum(|item| item.anomalies.len() as u64),
    })
}
