//! Flow records on their way into the database.

use crate::database::stored;
use crate::{Store, StoreError};
use arrow::array::{
    ArrayBuilder, ArrayRef, Int32Array, Int64Array, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder, UInt64Builder,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow::record_batch::RecordBatch;
use duckdb::{Appender, params};
use evidence::{Anomaly, Sha256};
use flowlog::{Column, FIELDS, FieldKind, FlowSink, Layout, Record, Rejected, Value};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Rows handed to DuckDB at once: whole vectors of its, few enough to stay small in memory.
const BATCH: usize = 2048 * 16;

/// What one file gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Records kept.
    pub records: u64,
    /// Lines that could not be read as records; each is kept with its cause.
    pub rejected: u64,
    /// Anomalies of the file.
    pub anomalies: Vec<Anomaly>,
}

/// A [`FlowSink`] that loads one file.
pub struct FlowLoader<'a> {
    store: &'a Store,
    appender: Appender<'a>,
    schema: SchemaRef,
    evidence: i32,
    next_record: i64,
    records: Vec<i64>,
    lines: Vec<i64>,
    columns: Vec<Builder>,
    unknown: StringBuilder,
    layout: Vec<Target>,
    rejected: Vec<RejectedRow>,
    loaded: Loaded,
    failure: Option<StoreError>,
}

struct RejectedRow {
    line: i64,
    offset: i64,
    length: i64,
    cause: String,
    text: String,
}

/// Why a load is rolled back.
enum NotKept<E> {
    Unwanted,
    Failed(E),
}

impl<E: From<StoreError>> From<StoreError> for NotKept<E> {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Where a column of the file goes.
enum Target {
    Field(usize),
    Unknown(String),
}

enum Builder {
    Int(Int64Builder),
    Address(UInt64Builder, UInt64Builder),
    Time(TimestampMicrosecondBuilder),
    Text(StringBuilder),
}

impl Store {
    /// Loads one file: `read` pushes its records into the sink it is given and then says which evidence they came
    /// from, or `None` if they are not to be kept. All of the file is kept, or none of it.
    ///
    /// # Errors
    /// [`StoreError::Database`], or whatever `read` answers.
    pub fn load_flows<E: From<StoreError>>(
        &self,
        read: impl FnOnce(&mut FlowLoader<'_>) -> Result<Option<(Sha256, String)>, E>,
    ) -> Result<Option<Loaded>, E> {
        // What is not to be kept is rolled back like a failure, and told apart from one here.
        match self
            .atomically(|store| store.load(read).map_err(NotKept::Failed)?.ok_or(NotKept::Unwanted))
        {
            Ok(loaded) => Ok(Some(loaded)),
            Err(NotKept::Unwanted) => Ok(None),
            Err(NotKept::Failed(error)) => Err(error),
        }
    }

    fn load<E: From<StoreError>>(
        &self,
        read: impl FnOnce(&mut FlowLoader<'_>) -> Result<Option<(Sha256, String)>, E>,
    ) -> Result<Option<Loaded>, E> {
        let number = self.next_evidence()?;
        let mut loader = FlowLoader::new(self, number)?;
        let Some((sha256, name)) = read(&mut loader)? else { return Ok(None) };
        let loaded = loader.finish()?;
        self.enter_evidence(sha256, &name)?;
        self.keep_anomalies(number, &loaded.anomalies)?;
        Ok(Some(loaded))
    }
}

impl<'a> FlowLoader<'a> {
    fn new(store: &'a Store, evidence: i32) -> Result<Self, StoreError> {
        let next_record = store.connection.query_row(
            "SELECT coalesce(max(record) + 1, 0) FROM flow_records",
            [],
            |row| row.get(0),
        )?;
        Ok(Self {
            store,
            appender: store.connection.appender("flow_records")?,
            schema: arrow_schema(),
            evidence,
            next_record,
            records: Vec::new(),
            lines: Vec::new(),
            columns: FIELDS.iter().map(|spec| Builder::new(spec.kind)).collect(),
            unknown: StringBuilder::new(),
            layout: Vec::new(),
            rejected: Vec::new(),
            loaded: Loaded::default(),
            failure: None,
        })
    }

    fn push(&mut self, record: &Record<'_>) {
        let mut unknown = String::new();
        for (target, value) in self.layout.iter().zip(record.values) {
            match (target, value) {
                (Target::Field(field), value) => {
                    if let Some(column) = self.columns.get_mut(*field) {
                        column.push(value);
                    }
                }
                (Target::Unknown(name), Value::Text(text)) => {
                    if !unknown.is_empty() {
                        unknown.push(' ');
                    }
                    unknown.push_str(name);
                    unknown.push('=');
                    unknown.push_str(text);
                }
                (Target::Unknown(_), _) => {}
            }
        }
        self.unknown.append_option((!unknown.is_empty()).then_some(unknown));
        self.records.push(self.next_record);
        self.lines.push(stored(record.line));
        self.next_record += 1;
    }

    /// Brings the columns that this layout does not have to the same length as the others.
    fn level(&mut self) {
        for column in &mut self.columns {
            column.level(self.records.len());
        }
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        let rows = self.records.len();
        self.level();
        if rows > 0 {
            let mut arrays: Vec<ArrayRef> = vec![
                Arc::new(Int64Array::from(std::mem::take(&mut self.records))),
                Arc::new(Int32Array::from(vec![self.evidence; rows])),
                Arc::new(Int64Array::from(std::mem::take(&mut self.lines))),
            ];
            for column in &mut self.columns {
                column.finish_into(&mut arrays);
            }
            arrays.push(Arc::new(self.unknown.finish()));
            let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)?;
            self.appender.append_record_batch(batch)?;
            self.loaded.records += rows as u64;
        }
        if !self.rejected.is_empty() {
            let mut appender = self.store.connection.appender("rejected_lines")?;
            for row in self.rejected.drain(..) {
                appender.append_row(params![
                    self.evidence,
                    row.line,
                    row.offset,
                    row.length,
                    row.cause,
                    row.text
                ])?;
            }
            appender.flush()?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Loaded, StoreError> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        self.flush()?;
        self.appender.flush()?;
        Ok(self.loaded)
    }

    fn flush_when_full(&mut self) -> ControlFlow<()> {
        if self.records.len() < BATCH && self.rejected.len() < BATCH {
            return ControlFlow::Continue(());
        }
        match self.flush() {
            Ok(()) => ControlFlow::Continue(()),
            Err(failure) => {
                self.failure = Some(failure);
                ControlFlow::Break(())
            }
        }
    }
}

impl FlowSink for FlowLoader<'_> {
    fn layout(&mut self, layout: &Layout) -> ControlFlow<()> {
        self.level();
        self.layout = layout
            .columns
            .iter()
            .map(|column| match column {
                Column::Known(spec) => FIELDS
                    .iter()
                    .position(|known| std::ptr::eq(known, *spec))
                    .map_or_else(|| Target::Unknown(spec.name.to_owned()), Target::Field),
                Column::Unknown(name) => Target::Unknown(name.clone()),
            })
            .collect();
        ControlFlow::Continue(())
    }

    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        self.push(record);
        self.flush_when_full()
    }

    fn rejected(&mut self, rejected: &Rejected<'_>) -> ControlFlow<()> {
        self.loaded.rejected += 1;
        self.rejected.push(RejectedRow {
            line: stored(rejected.line),
            offset: stored(rejected.offset),
            length: stored(rejected.length),
            cause: rejected.cause.to_string(),
            text: rejected.text.escape_ascii().to_string(),
        });
        self.flush_when_full()
    }

    fn anomaly(&mut self, anomaly: Anomaly) -> ControlFlow<()> {
        self.loaded.anomalies.push(anomaly);
        ControlFlow::Continue(())
    }
}

impl Builder {
    fn new(kind: FieldKind) -> Self {
        match kind {
            FieldKind::Int => Self::Int(Int64Builder::new()),
            FieldKind::Address => Self::Address(UInt64Builder::new(), UInt64Builder::new()),
            FieldKind::Time => Self::Time(TimestampMicrosecondBuilder::new()),
            FieldKind::Text => Self::Text(StringBuilder::new()),
        }
    }

    fn level(&mut self, rows: usize) {
        match self {
            Self::Int(builder) => builder.append_nulls(rows.saturating_sub(builder.len())),
            Self::Address(hi, lo) => {
                hi.append_nulls(rows.saturating_sub(hi.len()));
                lo.append_nulls(rows.saturating_sub(lo.len()));
            }
            Self::Time(builder) => builder.append_nulls(rows.saturating_sub(builder.len())),
            Self::Text(builder) => builder.append_nulls(rows.saturating_sub(builder.len())),
        }
    }

    /// Appends a value of this kind; anything else is absent here, since the reader gives each field its kind.
    fn push(&mut self, value: &Value<'_>) {
        match (self, value) {
            (Self::Int(builder), Value::Int(number)) => builder.append_value(*number),
            (Self::Int(builder), _) => builder.append_null(),
            (Self::Address(hi, lo), Value::Address(address)) => {
                hi.append_value(address.hi());
                lo.append_value(address.lo());
            }
            (Self::Address(hi, lo), _) => {
                hi.append_null();
                lo.append_null();
            }
            (Self::Time(builder), Value::Time(time)) => builder.append_value(*time),
            (Self::Time(builder), _) => builder.append_null(),
            (Self::Text(builder), Value::Text(text)) => builder.append_value(text),
            (Self::Text(builder), _) => builder.append_null(),
        }
    }

    fn finish_into(&mut self, arrays: &mut Vec<ArrayRef>) {
        match self {
            Self::Int(builder) => arrays.push(Arc::new(builder.finish())),
            Self::Address(hi, lo) => {
                arrays.push(Arc::new(hi.finish()));
                arrays.push(Arc::new(lo.finish()));
            }
            Self::Time(builder) => arrays.push(Arc::new(builder.finish())),
            Self::Text(builder) => arrays.push(Arc::new(builder.finish())),
        }
    }
}

fn arrow_schema() -> SchemaRef {
    let field = |name: &str, kind| Field::new(name, kind, true);
    let mut fields = vec![
        field("record", DataType::Int64),
        field("evidence", DataType::Int32),
        field("line", DataType::Int64),
    ];
    for spec in FIELDS {
        match spec.kind {
            FieldKind::Int => fields.push(field(spec.column, DataType::Int64)),
            FieldKind::Address => {
                fields.push(field(&format!("{}_hi", spec.column), DataType::UInt64));
                fields.push(field(&format!("{}_lo", spec.column), DataType::UInt64));
            }
            FieldKind::Time => {
                fields.push(field(spec.column, DataType::Timestamp(TimeUnit::Microsecond, None)));
            }
            FieldKind::Text => fields.push(field(spec.column, DataType::Utf8)),
        }
    }
    fields.push(field("unknown_fields", DataType::Utf8));
    Arc::new(Schema::new(fields))
}
