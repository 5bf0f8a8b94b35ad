//! Rows on their way to the sink.

use crate::block::SHOWN;
use crate::field::{FIELDS, FieldSpec};
use crate::row::Row;
use crate::text::milliseconds_told;
use crate::{Cause, Column, FlowSink, Layout, Record, Refusal, Rejected, Summary, Value};
use evidence::{Anomaly, show_bytes};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Kinds of what is passed over that are told apart.
const KINDS: usize = 32;

/// Where something stands in the input.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// The number of the line, of formats that name their records by it.
    pub(crate) line: Option<u64>,
    /// Unit: bytes.
    pub(crate) offset: u64,
    /// Unit: bytes.
    pub(crate) length: u64,
}

/// The fields that the rows of a file had so far, one bit each.
#[derive(Default)]
pub(crate) struct Met(u64);

impl Met {
    /// Takes in the fields of a row, and says whether there was a new one among them.
    pub(crate) fn takes(&mut self, row: &Row) -> bool {
        let before = self.0;
        for (spec, _) in &row.cells {
            self.0 |= 1_u64.wrapping_shl(spec.field as u32);
        }
        self.0 != before || before == 0
    }

    /// The fields, and a column for all else.
    pub(crate) fn layout(&self) -> Layout {
        let has = |spec: &&FieldSpec| self.0 & 1_u64.wrapping_shl(spec.field as u32) != 0;
        let mut columns: Vec<_> = FIELDS.iter().filter(has).map(Column::Known).collect();
        columns.push(Column::Others);
        Layout { columns }
    }

    /// The values of a row under that layout.
    pub(crate) fn values<'a>(&self, row: &'a Row, others: Option<&'a str>) -> Vec<Value<'a>> {
        let mut values = vec![Value::Absent; self.0.count_ones() as usize];
        for (spec, cell) in &row.cells {
            let below = self.0 & 1_u64.wrapping_shl(spec.field as u32).wrapping_sub(1);
            if let Some(value) = values.get_mut(below.count_ones() as usize) {
                *value = cell.value();
            }
        }
        values.push(others.map_or(Value::Absent, Value::Text));
        values
    }
}

/// Gives rows to a sink, under a layout that grows with the fields that are met, and counts them.
pub(crate) struct Rows<'s> {
    sink: &'s mut dyn FlowSink,
    pub(crate) summary: Summary,
    /// Of the last row.
    ordinal: u64,
    met: Met,
    /// The layout is another's, by [`Rows::begin`].
    lent: bool,
    milliseconds: bool,
    noise: bool,
    passed: BTreeMap<String, u64>,
}

impl<'s> Rows<'s> {
    pub(crate) fn new(sink: &'s mut dyn FlowSink) -> Self {
        Self {
            sink,
            summary: Summary::default(),
            ordinal: 0,
            met: Met::default(),
            lent: true,
            milliseconds: false,
            noise: false,
            passed: BTreeMap::new(),
        }
    }

    /// Gives a row, or says why it is none. `source` are the bytes that it was read from.
    pub(crate) fn push(
        &mut self,
        row: Result<Row, Cause>,
        place: Place,
        source: &[u8],
    ) -> ControlFlow<()> {
        let row = match row.and_then(|row| row.check().map(|()| row)) {
            Ok(row) => row,
            Err(cause) => return self.reject(cause, place, source),
        };
        if self.met.takes(&row) || self.lent {
            self.lent = false;
            self.sink.layout(&self.met.layout())?;
        }
        let others = object(&row.others);
        let values = self.met.values(&row, others.as_deref());
        self.record(&values, row.milliseconds, place)
    }

    /// The records from here on have this layout: they are given by [`Rows::record`].
    pub(crate) fn begin(&mut self, layout: &Layout) -> ControlFlow<()> {
        self.lent = true;
        self.sink.layout(layout)
    }

    /// Whether the layout that was begun is still the one in use.
    pub(crate) fn is_begun(&self) -> bool {
        self.lent
    }

    /// Gives a record of the layout that was begun.
    pub(crate) fn record(
        &mut self,
        values: &[Value<'_>],
        milliseconds: bool,
        place: Place,
    ) -> ControlFlow<()> {
        let Place { offset, length, .. } = place;
        if milliseconds && !self.milliseconds {
            self.milliseconds = true;
            self.sink.anomaly(milliseconds_told(offset, length))?;
        }
        self.summary.records = self.summary.records.saturating_add(1);
        let line = self.line(place);
        self.sink.record(&Record { line, offset, length, values })
    }

    /// Something that is no row. `source` are its bytes, or the first of them.
    pub(crate) fn reject(&mut self, cause: Cause, place: Place, source: &[u8]) -> ControlFlow<()> {
        self.summary.rejected = self.summary.rejected.saturating_add(1);
        let line = self.line(place);
        let Place { offset, length, .. } = place;
        let text = source.get(..SHOWN).unwrap_or(source);
        self.sink.rejected(&Rejected { line, offset, length, cause, text })
    }

    fn line(&mut self, place: Place) -> u64 {
        place.line.unwrap_or_else(|| self.next_line())
    }

    /// Takes the next ordinal, for a row that is given later.
    pub(crate) fn next_line(&mut self) -> u64 {
        self.ordinal = self.ordinal.saturating_add(1);
        self.ordinal
    }

    pub(crate) fn tell(
        &mut self,
        kind: &'static str,
        place: Place,
        expected: &str,
        found: impl Into<String>,
    ) -> ControlFlow<()> {
        self.sink.anomaly(Anomaly::new(kind, place.offset, place.length, expected, found))
    }

    /// Bytes that are nothing of the format, and are passed over.
    pub(crate) fn noise(
        &mut self,
        place: Place,
        expected: &'static str,
        head: &[u8],
    ) -> ControlFlow<()> {
        self.noise = true;
        self.tell("flowlog.noise", place, expected, show_bytes(head, 80))
    }

    /// An element that says of itself that it is something else than a flow record.
    pub(crate) fn pass(&mut self, what: &str) {
        self.summary.passed_over = self.summary.passed_over.saturating_add(1);
        let what = show_bytes(what.as_bytes(), 40);
        let known = self.passed.contains_key(&what) || self.passed.len() < KINDS;
        let what = if known { what } else { "others".to_owned() };
        let count = self.passed.entry(what).or_default();
        *count = count.saturating_add(1);
    }

    /// Nothing of the file is read.
    pub(crate) fn refuse(&mut self, refusal: Refusal, place: Place) -> ControlFlow<()> {
        let _ = self.tell(
            refusal.kind(),
            place,
            "values that fit one known layout",
            refusal.to_string(),
        );
        self.summary.refused = Some(refusal);
        ControlFlow::Break(())
    }

    /// Tells what can be told only at the end.
    pub(crate) fn finish(&mut self) -> ControlFlow<()> {
        let end = Place { line: None, offset: 0, length: 0 };
        if !self.passed.is_empty() {
            let counts = std::mem::take(&mut self.passed);
            let counts: Vec<_> =
                counts.iter().map(|(what, count)| format!("{count} × {what}")).collect();
            self.tell("flowlog.passed_over", end, "flow records", counts.join(", "))?;
        }
        let told = self.summary.passed_over > 0 || self.noise || self.summary.refused.is_some();
        if self.summary.records == 0 && self.summary.rejected == 0 && !told {
            self.tell("flowlog.empty", end, "records", "no element of the format")?;
        }
        ControlFlow::Continue(())
    }
}

/// An object as text, unless it has no members.
pub(crate) fn object(members: &Map<String, Json>) -> Option<String> {
    if members.is_empty() { None } else { serde_json::to_string(members).ok() }
}
