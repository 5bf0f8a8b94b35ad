//! What goes to the sink.

use super::Damage;
use super::cells::{CellColumn, Notice};
use super::nested::Row;
use crate::layout::Header;
use crate::ocsf;
use crate::rows::{self, Met};
use crate::{Cause, Column, Field, FlowSink, Record, Rejected, Summary, Value};
use evidence::{Anomaly, show_bytes};
use std::fmt::Write;
use std::ops::ControlFlow;

/// How much of a rejected row is shown. Unit: bytes.
const SHOWN: usize = 1024;

/// Where in the file a row is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Number of the row group; the first is 0, as other readers of Parquet count.
    pub(super) group: usize,
    /// Rows of the row groups before it.
    pub(super) before: u64,
    /// Rows of the row group before this one.
    pub(super) row: u64,
}

impl Place {
    /// Number of the row in the file; the first is 1.
    fn line(self) -> u64 {
        self.before.saturating_add(self.row).saturating_add(1)
    }

    fn shown(self) -> String {
        format!("row group {}, row {}", self.group, self.row.saturating_add(1))
    }
}

pub(super) struct Output<'s> {
    pub(super) sink: &'s mut dyn FlowSink,
    pub(super) summary: Summary,
    header: Header,
    start: Option<usize>,
    end: Option<usize>,
    /// The fields that OCSF rows had so far.
    met: Met,
    /// OCSF rows of other classes.
    passed_over: u64,
}

impl<'s> Output<'s> {
    pub(super) fn new(sink: &'s mut dyn FlowSink, header: Header) -> Self {
        let start = header.layout.position(Field::Start);
        let end = header.layout.position(Field::End);
        Self {
            sink,
            summary: Summary::default(),
            header,
            start,
            end,
            met: Met::default(),
            passed_over: 0,
        }
    }

    pub(super) fn columns(&self) -> &[Column] {
        &self.header.layout.columns
    }

    /// Tells the layout.
    pub(super) fn begin(&mut self, footer: u64) -> ControlFlow<()> {
        let mut tell = |kind, expected, names: String| {
            let found = show_bytes(names.as_bytes(), 200);
            self.sink.anomaly(Anomaly::new(kind, footer, 0, expected, found))
        };
        if !self.header.unknown.is_empty() {
            let expected = "fields that AWS defines (these are kept as text)";
            tell("flowlog.unknown_field", expected, self.header.unknown.join(" "))?;
        }
        if !self.header.repeated.is_empty() {
            let expected = "each field once (the first counts)";
            tell("flowlog.repeated_field", expected, self.header.repeated.join(" "))?;
        }
        self.sink.layout(&self.header.layout)
    }

    /// Gives the next `count` rows of these columns.
    pub(super) fn rows(
        &mut self,
        cells: &[&CellColumn],
        count: usize,
        place: &mut Place,
    ) -> ControlFlow<()> {
        let mut values = Vec::with_capacity(cells.len());
        for row in 0..count {
            values.clear();
            let mut cause = None;
            for column in cells {
                values.push(column.value(row).unwrap_or_else(|(why, shown)| {
                    cause.get_or_insert(why);
                    Value::Text(shown)
                }));
            }
            let cause = cause.or_else(|| self.start_after_end(&values));
            self.summary.lines = self.summary.lines.saturating_add(1);
            let given = match cause {
                None => {
                    self.summary.records = self.summary.records.saturating_add(1);
                    self.sink.record(&Record {
                        line: place.line(),
                        offset: 0,
                        length: 0,
                        values: &values,
                    })
                }
                Some(cause) => {
                    let text = self.row_as_text(&values);
                    self.reject(*place, cause, &text)
                }
            };
            place.row = place.row.saturating_add(1);
            given?;
        }
        ControlFlow::Continue(())
    }

    fn start_after_end(&self, values: &[Value<'_>]) -> Option<Cause> {
        match (values.get(self.start?)?, values.get(self.end?)?) {
            (Value::Time(start), Value::Time(end)) if start > end => Some(Cause::StartAfterEnd),
            _ => None,
        }
    }

    /// A row in OCSF.
    pub(super) fn ocsf(&mut self, row: &Row, place: &mut Place) -> ControlFlow<()> {
        self.summary.lines = self.summary.lines.saturating_add(1);
        let given = if row.utf8 {
            self.ocsf_row(&row.value, *place)
        } else {
            self.reject(*place, Cause::NotUtf8, &row.value.to_string())
        };
        place.row = place.row.saturating_add(1);
        given
    }

    fn ocsf_row(&mut self, value: &serde_json::Value, place: Place) -> ControlFlow<()> {
        let event = value.as_object().cloned().unwrap_or_default();
        match event.get("class_uid").and_then(serde_json::Value::as_u64) {
            Some(class) if class != ocsf::NETWORK_ACTIVITY => {
                self.passed_over = self.passed_over.saturating_add(1);
                self.summary.passed_over = self.summary.passed_over.saturating_add(1);
                return ControlFlow::Continue(());
            }
            _ => {}
        }
        let row = match ocsf::row(event).and_then(|row| row.check().map(|()| row)) {
            Ok(row) => row,
            Err(cause) => return self.reject(place, cause, &value.to_string()),
        };
        if self.met.takes(&row) {
            self.sink.layout(&self.met.layout())?;
        }
        self.summary.records = self.summary.records.saturating_add(1);
        let others = rows::object(&row.others);
        let values = self.met.values(&row, others.as_deref());
        self.sink.record(&Record { line: place.line(), offset: 0, length: 0, values: &values })
    }

    fn reject(&mut self, place: Place, cause: Cause, row: &str) -> ControlFlow<()> {
        self.summary.rejected = self.summary.rejected.saturating_add(1);
        let text = format!("{}: {row}", place.shown());
        let text = text.as_bytes().get(..SHOWN).unwrap_or(text.as_bytes());
        self.sink.rejected(&Rejected { line: place.line(), offset: 0, length: 0, cause, text })
    }

    /// The values as they are read, behind their names.
    fn row_as_text(&self, values: &[Value<'_>]) -> String {
        let mut text = String::new();
        for (column, value) in self.columns().iter().zip(values) {
            let name = match column {
                Column::Known(spec) => spec.column,
                Column::Unknown(name) => name,
                Column::Others => "",
            };
            // Writing to a string cannot fail.
            let _ = match value {
                Value::Absent => write!(text, "{name}=- "),
                Value::Int(number) => write!(text, "{name}={number} "),
                Value::Address(address) => write!(text, "{name}={address} "),
                Value::Time(time) => write!(text, "{name}={} ", seconds(*time)),
                Value::Text(word) => write!(text, "{name}={word} "),
            };
            if text.len() > SHOWN {
                break;
            }
        }
        text.truncate(text.trim_end().len());
        text
    }

    /// Tells what is worth knowing about a column from here on.
    pub(super) fn notice(
        &mut self,
        place: Place,
        column: usize,
        notice: Notice,
    ) -> ControlFlow<()> {
        let (kind, expected, found) = notice.told();
        let name = match self.columns().get(column) {
            Some(Column::Known(spec)) => spec.column,
            Some(Column::Unknown(name)) => name,
            Some(Column::Others) | None => "",
        };
        let expected = format!("{expected} in column {name}");
        let found = format!("from {} on: {found}", place.shown());
        self.sink.anomaly(Anomaly::new(kind, 0, 0, expected, found))
    }

    /// Tells which rows of a row group with `rows` rows are lost.
    pub(super) fn lost(&mut self, place: Place, rows: u64, damage: Damage) -> ControlFlow<()> {
        let lost = rows.saturating_sub(place.row);
        self.summary.lost = self.summary.lost.saturating_add(lost);
        self.summary.lines = self.summary.lines.saturating_add(lost);
        let expected = format!(
            "row group {}, {lost} rows from row {} (row {} of the file): {}",
            place.group,
            place.row.saturating_add(1),
            place.line(),
            damage.expected
        );
        let kind = "flowlog.parquet_unreadable";
        self.sink.anomaly(Anomaly::new(kind, damage.offset, damage.length, expected, damage.found))
    }

    /// Tells of values behind the last row.
    pub(super) fn surplus(&mut self, place: Place, damage: Damage) -> ControlFlow<()> {
        let expected = format!("row group {}: {}", place.group, damage.expected);
        let kind = "flowlog.parquet_surplus";
        self.sink.anomaly(Anomaly::new(kind, damage.offset, damage.length, expected, damage.found))
    }

    pub(super) fn finish(&mut self) -> ControlFlow<()> {
        if self.passed_over > 0 {
            let found = format!("{} × another class of OCSF", self.passed_over);
            let anomaly = Anomaly::new("flowlog.passed_over", 0, 0, "flow records", found);
            self.sink.anomaly(anomaly)?;
        }
        if self.summary.lines > 0 {
            return ControlFlow::Continue(());
        }
        self.sink.anomaly(Anomaly::new("flowlog.empty", 0, 0, "records", "no rows"))
    }
}

/// A time as text files have it. Unit of `time`: µs.
fn seconds(time: i64) -> String {
    let (seconds, fraction) = (time.div_euclid(1_000_000), time.rem_euclid(1_000_000));
    if fraction == 0 { seconds.to_string() } else { format!("{seconds}.{fraction:06}") }
}
