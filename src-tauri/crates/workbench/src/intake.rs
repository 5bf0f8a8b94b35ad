//! Taking evidence in: find, recognise, hash, load, enter into the journal.

use crate::index_file::IndexFile;
use crate::recognise::Kind;
use crate::{ErrorCode, Meter, Workbench, WorkbenchError};
use capture::{IndexBuilder, PacketSink, RawPacket};
use case::Act;
use evidence::{Anomaly, Found, Intake, Intaken, Sha256, Watch};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// A sidecar longer than this is not read. Unit: bytes.
const SIDECAR_LIMIT: u64 = 64 << 20;

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
}

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
            && self.items.iter().all(|item| {
                item.problem.is_none() && item.rejected_lines == 0 && item.anomalies.is_empty()
            })
    }

    /// Whether anything at all was taken.
    pub fn took_something(&self) -> bool {
        self.items.iter().any(|item| item.problem.is_none())
    }
}

/// One file on its way in.
struct Incoming {
    name: String,
    path: PathBuf,
    kind: Kind,
    /// The hash that a rebuild expects; anything else is not loaded.
    expected: Option<Sha256>,
}

/// What loading one file gave.
#[derive(Default)]
struct Loaded {
    flow_records: u64,
    packets: u64,
    rejected_lines: u64,
    anomalies: Vec<Anomaly>,
    problem: Option<String>,
    known: bool,
}

impl Workbench {
    /// Takes in files and folders. A file that cannot be read, or is not recognised, is listed and the rest goes on.
    ///
    /// # Errors
    /// Only of the case itself: its journal or its database cannot be written.
    pub fn add(&self, paths: &[PathBuf], meter: &Meter) -> Result<AddSummary, WorkbenchError> {
        let _alone = self.alone()?;
        let shown: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
        let begun = self.record(Act::Begin {
            operation: "add".to_owned(),
            parameters: json!({ "paths": shown }),
        })?;
        let result = self.add_all(paths, meter);
        let ending = match &result {
            Ok(summary) if summary.cancelled => Act::Cancelled { of: begun },
            Ok(summary) => Act::Done { of: begun, results: totals(summary) },
            Err(error) => Act::Failed { of: begun, cause: error.to_string() },
        };
        self.record(ending)?;
        result
    }

    fn add_all(&self, paths: &[PathBuf], meter: &Meter) -> Result<AddSummary, WorkbenchError> {
        let found: Vec<Found> = paths.iter().flat_map(|path| evidence::walk(path)).collect();
        let total = found.len() as u64;
        meter.expect_bytes(found.iter().map(|found| size_of(&found.path)).sum());
        let mut summary = AddSummary::default();
        let mut changed = false;
        for (done, found) in found.into_iter().enumerate() {
            meter.step(&found.name, done as u64, total);
            let added = match self.add_one(found, meter) {
                Err(error) if error.code == ErrorCode::Cancelled => {
                    summary.cancelled = true;
                    break;
                }
                added => added?,
            };
            changed |= added.problem.is_none() && !added.known;
            summary.items.push(added);
        }
        if changed {
            summary.problems = self.derive(meter)?;
        }
        Ok(summary)
    }

    fn add_one(&self, found: Found, meter: &Meter) -> Result<Added, WorkbenchError> {
        let path = std::path::absolute(&found.path).unwrap_or(found.path);
        let opened = match found.problem {
            Some(problem) => Err(problem),
            None => Intake::watched(&path, meter.watch()),
        };
        let outcome = match opened {
            Ok(intake) => {
                let kind = Kind::of(intake.head(), &found.name);
                let incoming = Incoming { name: found.name.clone(), path, kind, expected: None };
                self.load(&incoming, intake, meter)
            }
            Err(error) => Err(unread(&path, error)),
        };
        match outcome {
            Ok(added) => Ok(added),
            Err(error) if error.code == ErrorCode::Unreadable => {
                let cause = with_causes(&error);
                self.record(Act::EvidenceRefused {
                    path: found.name.clone(),
                    cause: cause.clone(),
                })?;
                Ok(Added::refused(found.name, cause))
            }
            Err(error) => Err(error),
        }
    }

    /// Reads the evidence of the journal again, into an empty database.
    pub(crate) fn read_again(&self, meter: &Meter) -> Result<AddSummary, WorkbenchError> {
        let items = self.state().evidence;
        let total = items.len() as u64;
        meter.expect_bytes(items.iter().map(|item| item.size).sum());
        let mut summary = AddSummary::default();
        for (done, item) in items.iter().enumerate() {
            meter.step(&item.name, done as u64, total);
            match self.read_one_again(item, meter) {
                Err(error) if error.code == ErrorCode::Cancelled => {
                    summary.cancelled = true;
                    break;
                }
                added => summary.items.push(added?),
            }
        }
        if !summary.cancelled {
            summary.problems = self.derive(meter)?;
        }
        Ok(summary)
    }

    fn read_one_again(
        &self,
        item: &case::EvidenceItem,
        meter: &Meter,
    ) -> Result<Added, WorkbenchError> {
        let missing =
            || io::Error::new(io::ErrorKind::NotFound, "it is not where it was added from");
        let opened = match self.place_of(item) {
            Some(path) => Intake::watched(&path, meter.watch()).map(|intake| (path, intake)),
            None => Err(missing()),
        };
        let (path, intake) = match opened {
            Ok(opened) => opened,
            Err(error) if Watch::stopped(&error) => return Err(cancelled()),
            Err(error) => return Ok(Added::refused(item.name.clone(), error.to_string())),
        };
        let kind = Kind::of(intake.head(), &item.name);
        let expected = Some(item.sha256);
        let incoming = Incoming { name: item.name.clone(), path, kind, expected };
        match self.load(&incoming, intake, meter) {
            Ok(added) => Ok(added),
            Err(error) if error.code == ErrorCode::Unreadable => {
                Ok(Added::refused(item.name.clone(), with_causes(&error)))
            }
            Err(error) => Err(error),
        }
    }

    fn load(
        &self,
        incoming: &Incoming,
        intake: Intake,
        meter: &Meter,
    ) -> Result<Added, WorkbenchError> {
        let (taken, mut loaded) = match incoming.kind {
            Kind::FlowLogText => self.load_flow_log(incoming, intake)?,
            Kind::Capture(_) => self.load_capture(incoming, intake)?,
            _ => self.load_whole(incoming, intake)?,
        };
        if let Some(expected) = incoming.expected {
            if taken.sha256 != expected {
                loaded.known = false;
                loaded.problem = Some("it was changed after it was added".to_owned());
            }
        } else if loaded.known {
            self.note_location(taken.sha256, incoming)?;
        } else {
            self.record(Act::EvidenceAdded {
                path: incoming.path.display().to_string(),
                name: incoming.name.clone(),
                size: taken.size,
                sha256: taken.sha256,
                kind: incoming.kind.name().to_owned(),
                member: None,
                copied: None,
                source: None,
                reading: BTreeMap::new(),
            })?;
        }
        meter.loaded(loaded.flow_records, loaded.packets);
        Ok(Added {
            path: incoming.name.clone(),
            size: Some(taken.size),
            sha256: Some(taken.sha256.to_string()),
            kind: Some(incoming.kind.name()),
            flow_records: loaded.flow_records,
            packets: loaded.packets,
            rejected_lines: loaded.rejected_lines,
            anomalies: loaded.anomalies.iter().map(ToString::to_string).collect(),
            known: loaded.known,
            problem: loaded.problem,
        })
    }

    fn load_flow_log(
        &self,
        incoming: &Incoming,
        mut intake: Intake,
    ) -> Result<(Intaken, Loaded), WorkbenchError> {
        let keeps = |sha256| self.keeps(incoming, sha256);
        let mut taken = None;
        let loaded = self.store()?.load_flows(|loader| {
            let read = flowlog::read_text(&mut intake, loader).map(drop);
            let finished = finish(intake, read, &incoming.path)?;
            if let Some(anomaly) = &finished.anomaly {
                let _ = flowlog::FlowSink::anomaly(loader, anomaly.clone());
            }
            let keep = keeps(finished.sha256).then(|| (finished.sha256, incoming.name.clone()));
            taken = Some(finished);
            Ok::<_, WorkbenchError>(keep)
        })?;
        let taken = taken.ok_or_else(|| WorkbenchError::not_found("hash of the file just read"))?;
        let loaded = match loaded {
            Some(loaded) => Loaded {
                flow_records: loaded.records,
                rejected_lines: loaded.rejected,
                anomalies: loaded.anomalies,
                ..Loaded::default()
            },
            None => Loaded { known: true, ..Loaded::default() },
        };
        Ok((taken, loaded))
    }

    fn load_capture(
        &self,
        incoming: &Incoming,
        mut intake: Intake,
    ) -> Result<(Intaken, Loaded), WorkbenchError> {
        intake.hash_blocks();
        let mut sink = CaptureSink { builder: IndexBuilder::new(), anomalies: Vec::new() };
        let read = capture::read(&mut intake, &mut sink);
        let mut taken = finish(intake, read, &incoming.path)?;
        if !self.keeps(incoming, taken.sha256) {
            return Ok((taken, Loaded { known: true, ..Loaded::default() }));
        }
        let mut anomalies = sink.anomalies;
        anomalies.extend(taken.anomaly.clone());
        let index = sink.builder.finish();
        let packets = index.packets.len() as u64;
        let blocks = taken.blocks.take().unwrap_or_default();
        let path = self.index_path(taken.sha256);
        IndexFile { container: taken.container, blocks, index }.write(&path).map_err(|error| {
            WorkbenchError::caused(
                ErrorCode::Internal,
                format!("cannot write the packet index {}", path.display()),
                error,
            )
        })?;
        let number = self.store()?.enter_evidence(taken.sha256, &incoming.name)?;
        self.store()?.keep_anomalies(number, &anomalies)?;
        Ok((taken, Loaded { packets, anomalies, ..Loaded::default() }))
    }

    /// Everything that is kept for what it is and loaded as a whole, or not at all.
    fn load_whole(
        &self,
        incoming: &Incoming,
        mut intake: Intake,
    ) -> Result<(Intaken, Loaded), WorkbenchError> {
        let mut text = Vec::new();
        let read = match incoming.kind {
            Kind::Sidecar => intake.by_ref().take(SIDECAR_LIMIT).read_to_end(&mut text).map(drop),
            _ => Ok(()),
        };
        let taken = finish(intake, read, &incoming.path)?;
        if !self.keeps(incoming, taken.sha256) {
            return Ok((taken, Loaded { known: true, ..Loaded::default() }));
        }
        let mut loaded = Loaded {
            anomalies: taken.anomaly.clone().into_iter().collect(),
            problem: match incoming.kind {
                Kind::Empty => Some("the file is empty".to_owned()),
                Kind::Unrecognised => {
                    Some("not recognised as a flow log, a capture or a sidecar".to_owned())
                }
                Kind::FlowLogParquet => {
                    Some("a Parquet flow log; this version reads flow logs as text".to_owned())
                }
                _ => None,
            },
            ..Loaded::default()
        };
        let number = self.store()?.enter_evidence(taken.sha256, &incoming.name)?;
        if incoming.kind == Kind::Sidecar {
            match std::str::from_utf8(&text).ok().filter(|text| crate::sidecar::is_json(text)) {
                Some(text) => self.store()?.keep_sidecar(number, text)?,
                None => loaded.anomalies.push(Anomaly::new(
                    "sidecar.not_json",
                    0,
                    taken.size,
                    "a JSON document",
                    "something else",
                )),
            }
        }
        self.store()?.keep_anomalies(number, &loaded.anomalies)?;
        Ok((taken, loaded))
    }

    /// Whether a file with this hash is to be loaded: not a second time, and not in another's place.
    fn keeps(&self, incoming: &Incoming, sha256: Sha256) -> bool {
        match incoming.expected {
            Some(expected) => expected == sha256,
            None => !self.knows(sha256),
        }
    }

    fn note_location(&self, sha256: Sha256, incoming: &Incoming) -> Result<(), WorkbenchError> {
        let path = incoming.path.display().to_string();
        let item = self.state().evidence.into_iter().find(|item| item.sha256 == sha256);
        let noted = item.is_some_and(|item| item.locations.iter().any(|at| at.path == path));
        if !noted {
            self.record(Act::EvidenceLocated { sha256, path, member: None })?;
            if let Some(captures) = self.captures().as_mut() {
                captures.moved(sha256, incoming.path.clone());
            }
        }
        Ok(())
    }
}

/// Ends the first pass: what the reader could not read on because the container is broken is told by the container's
/// anomaly; anything else that failed is an error of the medium.
fn finish(intake: Intake, read: io::Result<()>, path: &Path) -> Result<Intaken, WorkbenchError> {
    match read {
        Err(error) if !intake.is_broken() => Err(unread(path, error)),
        _ => intake.finish().map_err(|error| unread(path, error)),
    }
}

/// Why a file was not read: somebody stopped it, or it cannot be.
fn unread(path: &Path, error: io::Error) -> WorkbenchError {
    if Watch::stopped(&error) { cancelled() } else { WorkbenchError::file("read", path, error) }
}

fn cancelled() -> WorkbenchError {
    WorkbenchError::new(ErrorCode::Cancelled, "it was cancelled")
}

/// For the progress only: a file that cannot be looked at counts nothing.
fn size_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

/// Reads a capture again and makes its index anew: the one in the case is missing or damaged.
pub(crate) fn index_again(path: &Path, expected: Sha256) -> Result<IndexFile, WorkbenchError> {
    let failed = |error| WorkbenchError::file("read", path, error);
    let mut intake = Intake::open(path).map_err(failed)?;
    intake.hash_blocks();
    let mut sink = CaptureSink { builder: IndexBuilder::new(), anomalies: Vec::new() };
    let read = capture::read(&mut intake, &mut sink);
    let mut taken = finish(intake, read, path)?;
    if taken.sha256 != expected {
        return Err(WorkbenchError::new(
            ErrorCode::IntegrityMismatch,
            format!("{} was changed after it was added", path.display()),
        ));
    }
    let blocks = taken.blocks.take().unwrap_or_default();
    Ok(IndexFile { container: taken.container, blocks, index: sink.builder.finish() })
}

struct CaptureSink {
    builder: IndexBuilder,
    anomalies: Vec<Anomaly>,
}

impl PacketSink for CaptureSink {
    fn packet(&mut self, packet: &RawPacket<'_>) -> ControlFlow<()> {
        self.builder.add(packet);
        ControlFlow::Continue(())
    }

    fn anomaly(&mut self, anomaly: Anomaly) -> ControlFlow<()> {
        self.anomalies.push(anomaly);
        ControlFlow::Continue(())
    }
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
        }
    }
}

fn with_causes(error: &WorkbenchError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
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
