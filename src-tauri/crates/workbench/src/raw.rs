//! Flow records as they stand in the evidence: read back from it, never from the database.

use crate::recognise::Kind;
use crate::wire::RawLine;
use crate::{Workbench, WorkbenchError, intake};
use case::EvidenceItem;
use evidence::{Anomaly, Intake, Place, RecordRef, Sha256};
use flowlog::{Column, FlowSink, Layout, Record, Rejected, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::Arc;

/// What is longer is shown up to here. Unit: bytes.
const SHOWN: u64 = 64 << 10;

impl Workbench {
    /// The line or element that a record was read from; of Parquet, where there is none, the row's values. The whole file
    /// is hashed while it is read: one that is not what it was is named instead of shown.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorCode::NotFound), [`EvidenceMissing`](crate::ErrorCode::EvidenceMissing) or
    /// [`IntegrityMismatch`](crate::ErrorCode::IntegrityMismatch).
    pub fn raw_line(&self, id: &RecordRef) -> Result<RawLine, WorkbenchError> {
        let lines = self.raw_lines(id.evidence, &BTreeSet::from([id.line]))?;
        let line = lines.into_iter().next();
        line.ok_or_else(|| WorkbenchError::not_found(format!("flow record {id}")))
    }

    /// The same for several records of one piece of evidence, in their order there.
    ///
    /// # Errors
    /// As [`Workbench::raw_line`].
    pub fn raw_lines(
        &self,
        evidence: Sha256,
        lines: &BTreeSet<u64>,
    ) -> Result<Vec<RawLine>, WorkbenchError> {
        let items = self.state().evidence;
        let item = items.into_iter().find(|item| item.sha256 == evidence);
        let item = item.ok_or_else(|| WorkbenchError::not_found("such evidence"))?;
        let place = self.place_of(&item).ok_or_else(|| WorkbenchError::missing(&item.name))?;
        let Some(Kind::FlowLog(format)) = Kind::named(&item.kind) else {
            return Err(WorkbenchError::not_found(format!("flow record in {}", item.name)));
        };
        let (header, texts) = if format.needs_seeking() {
            (None, rows(&item, &place, lines)?)
        } else {
            elements(format, &item, &place, lines)?
        };
        let raw = |(line, text): (u64, String)| RawLine {
            evidence: item.name.clone(),
            sha256: item.sha256.to_string(),
            line,
            header: header.clone().filter(|_| line > 1),
            text,
        };
        Ok(texts.into_iter().map(raw).collect())
    }
}

/// Texts by line.
type Texts = BTreeMap<u64, String>;

/// Reads the file once to find where the records stand, and once to show what stands there; of text also its header line,
/// if it has one.
fn elements(
    format: flowlog::Format,
    item: &EvidenceItem,
    place: &Place,
    lines: &BTreeSet<u64>,
) -> Result<(Option<String>, Texts), WorkbenchError> {
    let failed = |error| WorkbenchError::place("read", place, error);
    let mut finder = Finder { wanted: lines.clone(), found: BTreeMap::new() };
    let mut intake = Intake::at(place, &Arc::default()).map_err(failed)?;
    let options = intake::options_of(&item.reading);
    match format.read(&mut intake, &options, &mut finder) {
        Err(error) if !intake.is_broken() => return Err(failed(error)),
        _ => {}
    }
    drop(intake);
    let mut intake = Intake::at(place, &Arc::default()).map_err(failed)?;
    let header = match format.name() {
        "flow_log_text" => header(intake.head()),
        _ => None,
    };
    let texts = texts_at(&finder.found, &mut intake).map_err(failed)?;
    let taken = intake.finish().map_err(failed)?;
    if taken.sha256 != item.sha256 {
        return Err(WorkbenchError::changed(place));
    }
    Ok((header, texts))
}

/// The first line of a file, if it names columns.
fn header(head: &[u8]) -> Option<String> {
    let line = head.split(|byte| *byte == b'\n').next()?.trim_ascii_end();
    Layout::parse(&String::from_utf8_lossy(line)).ok().map(|_| dissect::escape(line))
}

/// What stands at these places, one after the other.
fn texts_at(found: &Places, content: &mut impl Read) -> io::Result<Texts> {
    let (mut at, mut texts) = (0_u64, Texts::new());
    for ((offset, length), lines) in found {
        io::copy(&mut content.by_ref().take(offset.saturating_sub(at)), &mut io::sink())?;
        let mut bytes = Vec::new();
        content.take((*length).min(SHOWN)).read_to_end(&mut bytes)?;
        at = offset.saturating_add(bytes.len() as u64);
        let text = dissect::escape(bytes.trim_ascii_end());
        texts.extend(lines.iter().map(|line| (*line, text.clone())));
    }
    Ok(texts)
}

/// Reads a Parquet file again through the hashes of its blocks.
fn rows(
    item: &EvidenceItem,
    place: &Place,
    lines: &BTreeSet<u64>,
) -> Result<Texts, WorkbenchError> {
    let failed = |error| WorkbenchError::place("read", place, error);
    let mut intake = Intake::at(place, &Arc::default()).map_err(failed)?;
    intake.keep_rereading(None).map_err(failed)?;
    let taken = intake.finish().map_err(failed)?;
    if taken.sha256 != item.sha256 {
        return Err(WorkbenchError::changed(place));
    }
    let mut content = taken.rereading.unwrap_or_default().open(place)?.content();
    let mut rows = Rows { wanted: lines.clone(), layout: None, texts: Texts::new() };
    flowlog::read_parquet(&mut content, &mut rows).map_err(failed)?;
    Ok(rows.texts)
}

/// The records at each offset and length: a source that tells both directions in one element has two there.
type Places = BTreeMap<(u64, u64), Vec<u64>>;

/// Where records stand.
struct Finder {
    wanted: BTreeSet<u64>,
    found: Places,
}

/// The values of rows by line.
struct Rows {
    wanted: BTreeSet<u64>,
    layout: Option<Layout>,
    texts: Texts,
}

/// Goes on while something is still wanted.
fn until_found(wanted: &BTreeSet<u64>) -> ControlFlow<()> {
    if wanted.is_empty() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

impl FlowSink for Finder {
    fn layout(&mut self, _: &Layout) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        if self.wanted.remove(&record.line) {
            self.found.entry((record.offset, record.length)).or_default().push(record.line);
        }
        until_found(&self.wanted)
    }

    fn rejected(&mut self, _: &Rejected<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn anomaly(&mut self, _: Anomaly) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

impl FlowSink for Rows {
    fn layout(&mut self, layout: &Layout) -> ControlFlow<()> {
        self.layout = Some(layout.clone());
        ControlFlow::Continue(())
    }

    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        if self.wanted.remove(&record.line) {
            let columns = self.layout.iter().flat_map(|layout| &layout.columns);
            let mut text = format!("row {}:", record.line);
            for (column, value) in columns.zip(record.values) {
                let name = match column {
                    Column::Known(spec) => spec.column,
                    Column::Unknown(name) => name,
                    Column::Others => "others",
                };
                // Writing into a string cannot fail.
                let _ = match value {
                    Value::Absent => write!(text, " {name}=-"),
                    Value::Int(number) => write!(text, " {name}={number}"),
                    Value::Address(address) => write!(text, " {name}={address}"),
                    Value::Time(time) => {
                        write!(text, " {name}={}", crate::moment::microseconds(*time))
                    }
                    Value::Text(word) => {
                        write!(text, " {name}={}", dissect::escape(word.as_bytes()))
                    }
                };
            }
            self.texts.insert(record.line, text);
        }
        until_found(&self.wanted)
    }

    fn rejected(&mut self, _: &Rejected<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn anomaly(&mut self, _: Anomaly) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}
