//! Flow records as they stand in the evidence: read back from it, never from the database.

use crate::recognise::Kind;
use crate::wire::RawLine;
use crate::{ErrorCode, Workbench, WorkbenchError, intake};
use case::EvidenceItem;
use evidence::{Anomaly, Intake, Place, RangeReader, RecordRef, Sha256};
use flowlog::{Column, FlowSink, Layout, Record, Rejected, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::sync::Arc;

/// What is longer is shown up to here. Unit: bytes.
const SHOWN: u64 = 64 << 10;

impl Workbench {
    /// The line or element that a record was read from; of Parquet, where there is none, the row's values. The whole file
    /// is hashed while it is read: one that is not what it was is named instead of shown.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`], [`ErrorCode::EvidenceMissing`] or [`ErrorCode::IntegrityMismatch`].
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
        let place = self.place_of(&item).ok_or_else(|| {
            WorkbenchError::new(
                ErrorCode::EvidenceMissing,
                format!("{} is not where it was when it was added", item.name),
            )
        })?;
        let Some(Kind::FlowLog(format)) = Kind::named(&item.kind) else {
            return Err(WorkbenchError::not_found(format!("flow record in {}", item.name)));
        };
        let texts = if format.needs_seeking() {
            rows(&item, &place, lines)
        } else {
            elements(format, &item, &place, lines)
        };
        let (header, texts) = texts.map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData if error.to_string() == CHANGED => WorkbenchError::new(
                ErrorCode::IntegrityMismatch,
                format!("{place} was changed after it was added"),
            ),
            _ => WorkbenchError::place("read", &place, error),
        })?;
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

/// Says that a file does not hash to what it was.
const CHANGED: &str = "the file was changed";

/// A header line if there is one, and texts by line.
type Texts = (Option<String>, BTreeMap<u64, String>);

/// Reads the file once to find where the records stand, and once to show what stands there.
fn elements(
    format: flowlog::Format,
    item: &EvidenceItem,
    place: &Place,
    lines: &BTreeSet<u64>,
) -> io::Result<Texts> {
    let mut finder = Finder { wanted: lines.clone(), found: BTreeMap::new() };
    let mut intake = Intake::at(place, &Arc::default())?;
    let options = intake::options_of(&item.reading);
    match format.read(&mut intake, &options, &mut finder) {
        Err(error) if !intake.is_broken() => return Err(error),
        _ => {}
    }
    drop(intake);
    let mut intake = Intake::at(place, &Arc::default())?;
    let is_text = format.name() == "flow_log_text";
    let mut content = BufReader::new(&mut intake);
    let mut at = 0_u64;
    let mut header = None;
    let mut texts = BTreeMap::new();
    if is_text {
        let mut first = Vec::new();
        content.by_ref().take(SHOWN).read_until(b'\n', &mut first)?;
        at = first.len() as u64;
        let first = first.trim_ascii_end();
        header =
            Layout::parse(&String::from_utf8_lossy(first)).ok().map(|_| dissect::escape(first));
    }
    let mut places: Vec<_> = finder.found.into_iter().collect();
    places.sort_by_key(|(_, (offset, _))| *offset);
    for (line, (offset, length)) in places {
        if offset < at {
            // The first line is a record itself, or two records stand in one element.
            let mut again = Intake::at(place, &Arc::default())?;
            io::copy(&mut again.by_ref().take(offset), &mut io::sink())?;
            texts.insert(line, shown(&mut again, length)?);
            continue;
        }
        io::copy(&mut content.by_ref().take(offset - at), &mut io::sink())?;
        texts.insert(line, shown(&mut content, length)?);
        at = offset + length.min(SHOWN);
    }
    drop(content);
    let taken = intake.finish()?;
    if taken.sha256 != item.sha256 {
        return Err(io::Error::new(io::ErrorKind::InvalidData, CHANGED));
    }
    Ok((header, texts))
}

fn shown(content: &mut dyn Read, length: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    content.take(length.min(SHOWN)).read_to_end(&mut bytes)?;
    Ok(dissect::escape(bytes.trim_ascii_end()))
}

/// Reads a Parquet file again through the hashes of its blocks.
fn rows(item: &EvidenceItem, place: &Place, lines: &BTreeSet<u64>) -> io::Result<Texts> {
    let mut intake = Intake::at(place, &Arc::default())?;
    intake.hash_blocks();
    let taken = intake.finish()?;
    if taken.sha256 != item.sha256 {
        return Err(io::Error::new(io::ErrorKind::InvalidData, CHANGED));
    }
    let blocks = taken.blocks.unwrap_or_default();
    let mut content = RangeReader::open(place, taken.container, blocks)?.content();
    let mut rows = Rows { wanted: lines.clone(), layout: None, texts: BTreeMap::new() };
    flowlog::read_parquet(&mut content, &mut rows)?;
    Ok((None, rows.texts))
}

/// Where records stand: offset and length by line.
struct Finder {
    wanted: BTreeSet<u64>,
    found: BTreeMap<u64, (u64, u64)>,
}

/// The values of rows by line.
struct Rows {
    wanted: BTreeSet<u64>,
    layout: Option<Layout>,
    texts: BTreeMap<u64, String>,
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
            self.found.insert(record.line, (record.offset, record.length));
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
