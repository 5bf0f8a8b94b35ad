//! Flow records on their way into the database.

use crate::database::stored;
use crate::records::{StoredFields, Width, stored_columns};
use crate::texts::Texts;
use crate::{Store, StoreError};
use arrow::array::{
    ArrayBuilder, ArrayRef, Int32Array, Int32Builder, Int64Array, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder, UInt8Builder, UInt16Builder, UInt64Builder,
};
use arrow::datatypes::{DataType, Field as ArrowField, Schema, TimeUnit};
use arrow::record_batch::RecordBatch;
use duckdb::params;
use evidence::{Anomalies, Anomaly, Sha256};
use flowlog::{Column, Field, FieldKind, FieldSpec, FlowSink, Layout, Record, Rejected, Value};
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
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
    /// Anomalies of the file; what came again and again is counted by the last of its kind.
    pub anomalies: Vec<Anomaly>,
}

/// A load of many files: all that it loads is kept when it is committed, and nothing of it before.
pub struct FlowLoad<'a> {
    store: &'a Store,
    next_evidence: i32,
    next_record: i64,
    stored: StoredFields,
    uncommitted: u64,
    /// Which reading it is of bytes that are not read for the first time.
    readings: HashMap<Sha256, u32>,
}

impl Store {
    /// Begins a load on this connection. Nothing else may change the case's records until it has ended.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn begin_load(&self) -> Result<FlowLoad<'_>, StoreError> {
        let sql = "SELECT coalesce(max(record) + 1, 0) FROM stored_records";
        let next_record = self.connection.query_row(sql, [], |row| row.get(0))?;
        self.begin()?;
        Ok(FlowLoad {
            store: self,
            next_evidence: self.next_evidence()?,
            next_record,
            stored: self.stored_fields()?,
            uncommitted: 0,
            readings: HashMap::new(),
        })
    }

    /// Loads one file: `read` pushes its records into the sink it is given and then says which evidence they came
    /// from, or `None` if they are not to be kept. All of the file is kept, or none of it.
    ///
    /// # Errors
    /// [`StoreError::Database`], or whatever `read` answers.
    pub fn load_flows<E: From<StoreError>>(
        &self,
        read: impl FnOnce(&mut FlowLoader<'_>) -> Result<Option<(Sha256, String)>, E>,
    ) -> Result<Option<Loaded>, E> {
        let mut load = self.begin_load()?;
        let loaded = load.file(read)?;
        load.commit()?;
        Ok(loaded)
    }
}

impl FlowLoad<'_> {
    /// Where it loads to; what is written there is part of the load.
    pub fn store(&self) -> &Store {
        self.store
    }

    /// Loads one file: `read` pushes its records into the sink it is given and then says which evidence they came
    /// from, or `None` if they are not to be kept. All of the file is kept, or none of it.
    ///
    /// # Errors
    /// [`StoreError::Database`], or whatever `read` answers; the files before it stay part of the load.
    pub fn file<E: From<StoreError>>(
        &mut self,
        read: impl FnOnce(&mut FlowLoader<'_>) -> Result<Option<(Sha256, String)>, E>,
    ) -> Result<Option<Loaded>, E> {
        let evidence = self.next_evidence;
        let texts = self.store.texts.count();
        let mut loader =
            FlowLoader::new(self.store, evidence, self.next_record, self.stored.clone());
        let read = read(&mut loader).and_then(|kept| Ok((kept, loader.finish()?)));
        let fields = loader.fields;
        self.stored = loader.stored;
        match read {
            Ok((Some((sha256, name)), loaded)) => {
                self.enter(sha256, &name, Some(fields), &loaded.anomalies)?;
                self.next_record += stored(loaded.records);
                self.uncommitted += loaded.records;
                Ok(Some(loaded))
            }
            unkept => {
                self.store.delete_evidence(&format!("= {evidence}"))?;
                self.store.texts.forget_from(texts);
                unkept.map(|_| None)
            }
        }
    }

    /// Enters a piece of evidence, be it a flow log or not, and answers its number here.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn enter_evidence(
        &mut self,
        sha256: Sha256,
        name: &str,
        anomalies: &[Anomaly],
    ) -> Result<i32, StoreError> {
        self.enter(sha256, name, None, anomalies)
    }

    fn enter(
        &mut self,
        sha256: Sha256,
        name: &str,
        fields: Option<i32>,
        anomalies: &[Anomaly],
    ) -> Result<i32, StoreError> {
        let number = self.next_evidence;
        let reading = self.readings.get(&sha256).copied().unwrap_or(1);
        self.store.enter_evidence(number, sha256, name, fields, reading)?;
        self.store.keep_anomalies(number, anomalies)?;
        self.next_evidence += 1;
        Ok(number)
    }

    /// Whether the database has this evidence, and no record of it.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn is_unread(&self, sha256: Sha256) -> Result<bool, StoreError> {
        let Some(number) = self.number_of(sha256)? else { return Ok(false) };
        let sql = "SELECT count(*) = 0 FROM stored_records WHERE evidence = ?";
        Ok(self.store.connection.query_row(sql, [number], |row| row.get(0))?)
    }

    /// Says which reading of these bytes is loaded next, if not the first. An earlier one stays beside it: whoever knows
    /// which of them counts forgets the other.
    pub fn reads(&mut self, sha256: Sha256, reading: u32) {
        self.readings.insert(sha256, reading);
    }

    /// Keeps further anomalies of evidence that this load has entered.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn keep_anomalies_of(
        &self,
        sha256: Sha256,
        anomalies: &[Anomaly],
    ) -> Result<(), StoreError> {
        match self.number_of(sha256)? {
            Some(number) => self.store.keep_anomalies(number, anomalies),
            None => Ok(()),
        }
    }

    fn number_of(&self, sha256: Sha256) -> Result<Option<i32>, StoreError> {
        let all = self.store.evidence()?.into_iter();
        Ok(all.filter(|(_, known)| *known == sha256).map(|(number, _)| number).next_back())
    }

    /// Records that are not committed yet.
    pub fn uncommitted(&self) -> u64 {
        self.uncommitted
    }

    /// Commits what was loaded so far, where other connections see it, and goes on.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn commit_so_far(&mut self) -> Result<(), StoreError> {
        self.end()?;
        self.store.begin()
    }

    /// Keeps what was loaded.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn commit(mut self) -> Result<(), StoreError> {
        self.end()
    }

    fn end(&mut self) -> Result<(), StoreError> {
        self.store.forget_rollups()?;
        let texts = self.store.texts.keep(&self.store.connection)?;
        self.store.end(true)?;
        self.store.texts.kept(texts);
        self.uncommitted = 0;
        Ok(())
    }
}

impl Drop for FlowLoad<'_> {
    fn drop(&mut self) {
        // A load that was not committed is none.
        let _ = self.store.end(false);
    }
}

/// A [`FlowSink`] that loads one file.
pub struct FlowLoader<'a> {
    store: &'a Store,
    texts: Texts,
    stored: StoredFields,
    evidence: i32,
    next_record: i64,
    records: Vec<i64>,
    lines: Vec<i64>,
    columns: Vec<(&'static FieldSpec, Builder)>,
    unknown: StringBuilder,
    /// What all records of the file have beside what stands in them.
    shared: Map<String, Json>,
    layout: Vec<Target>,
    /// How many of AWS's fields the file has.
    fields: i32,
    rejected: Vec<RejectedRow>,
    anomalies: Anomalies,
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

/// Where a column of the file goes.
enum Target {
    /// The place among `columns`.
    Field(usize),
    Unknown(String),
    /// An object of fields, as text.
    Others,
}

impl<'a> FlowLoader<'a> {
    fn new(store: &'a Store, evidence: i32, next_record: i64, stored: StoredFields) -> Self {
        Self {
            store,
            texts: store.texts.clone(),
            columns: builders(&stored),
            stored,
            evidence,
            next_record,
            records: Vec::with_capacity(BATCH),
            lines: Vec::with_capacity(BATCH),
            unknown: StringBuilder::new(),
            shared: Map::new(),
            layout: Vec::new(),
            fields: 0,
            rejected: Vec::new(),
            anomalies: Anomalies::default(),
            loaded: Loaded::default(),
            failure: None,
        }
    }

    /// Gives all records of the file a further field: a partition column that stands in its path. Before the first
    /// record.
    pub fn share(&mut self, name: String, value: String) {
        self.shared.insert(name, Json::from(value));
    }

    fn push(&mut self, record: &Record<'_>) -> Result<(), StoreError> {
        let mut unknown = self.shared.clone();
        for (target, value) in self.layout.iter().zip(record.values) {
            match (target, value) {
                (Target::Field(at), value) => {
                    if let Some((_, column)) = self.columns.get_mut(*at) {
                        column.push(value, &self.texts)?;
                    }
                }
                (Target::Unknown(name), Value::Text(text)) => {
                    unknown.insert(name.clone(), Json::from(*text));
                }
                (Target::Others, Value::Text(text)) => {
                    // The reader wrote it.
                    if let Ok(Json::Object(more)) = serde_json::from_str(text) {
                        unknown.extend(more);
                    }
                }
                (Target::Unknown(_) | Target::Others, _) => {}
            }
        }
        if self.stored.has_unknown() {
            let text = (!unknown.is_empty()).then(|| Json::Object(unknown).to_string());
            self.unknown.append_option(text);
        }
        self.records.push(self.next_record);
        self.lines.push(stored(record.line));
        self.next_record += 1;
        Ok(())
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        let rows = self.records.len();
        if rows > 0 {
            let mut batch = Batch::default();
            batch.put("record", Arc::new(Int64Array::from(std::mem::take(&mut self.records))));
            batch.put("evidence", Arc::new(Int32Array::from(vec![self.evidence; rows])));
            batch.put("line", Arc::new(Int64Array::from(std::mem::take(&mut self.lines))));
            for (spec, column) in &mut self.columns {
                // This layout may lack the field.
                column.level(rows);
                for ((name, _), array) in stored_columns(spec).iter().zip(column.finish()) {
                    batch.put(name, array);
                }
            }
            if self.stored.has_unknown() {
                batch.put("unknown_fields", Arc::new(self.unknown.finish()));
            }
            let mut appender = {
                let names: Vec<&str> =
                    batch.fields.iter().map(|field| field.name().as_str()).collect();
                self.store.connection.appender_with_columns("stored_records", &names)?
            };
            appender.append_record_batch(batch.finish()?)?;
            appender.flush()?;
            self.loaded.records += rows as u64;
            self.records.reserve(BATCH);
            self.lines.reserve(BATCH);
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

    fn finish(&mut self) -> Result<Loaded, StoreError> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        self.flush()?;
        self.loaded.anomalies = std::mem::take(&mut self.anomalies).finish();
        Ok(std::mem::take(&mut self.loaded))
    }

    fn take(&mut self, layout: &Layout) -> Result<(), StoreError> {
        self.flush()?;
        let fields: Vec<Field> = layout
            .columns
            .iter()
            .filter_map(|column| match column {
                Column::Known(spec) => Some(spec.field),
                Column::Unknown(_) | Column::Others => None,
            })
            .collect();
        self.fields = self.fields.max(i32::try_from(fields.len()).unwrap_or(i32::MAX));
        self.store.ensure_columns(
            &mut self.stored,
            &fields,
            fields.len() < layout.columns.len() || !self.shared.is_empty(),
        )?;
        self.columns = builders(&self.stored);
        let place = |field| self.columns.iter().position(|(spec, _)| spec.field == field);
        let target = |column: &Column| match column {
            Column::Known(spec) => match place(spec.field) {
                Some(at) => Target::Field(at),
                None => Target::Unknown(spec.name.to_owned()),
            },
            Column::Unknown(name) => Target::Unknown(name.clone()),
            Column::Others => Target::Others,
        };
        self.layout = layout.columns.iter().map(target).collect();
        Ok(())
    }

    fn flush_when_full(&mut self) -> Result<(), StoreError> {
        if self.records.len() < BATCH && self.rejected.len() < BATCH {
            return Ok(());
        }
        self.flush()
    }

    /// Ends the reading where the database fails.
    fn go_on(&mut self, result: Result<(), StoreError>) -> ControlFlow<()> {
        match result {
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
        let taken = self.take(layout);
        self.go_on(taken)
    }

    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        let pushed = self.push(record).and_then(|()| self.flush_when_full());
        self.go_on(pushed)
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
        let flushed = self.flush_when_full();
        self.go_on(flushed)
    }

    fn anomaly(&mut self, anomaly: Anomaly) -> ControlFlow<()> {
        self.anomalies.push(anomaly);
        ControlFlow::Continue(())
    }
}

fn builders(stored: &StoredFields) -> Vec<(&'static FieldSpec, Builder)> {
    stored.specs().map(|spec| (spec, Builder::new(spec))).collect()
}

/// The values of one field on their way into the table.
enum Builder {
    Byte(UInt8Builder),
    Short(UInt16Builder),
    Int(Int64Builder),
    Address(UInt64Builder, UInt64Builder),
    Time(TimestampMicrosecondBuilder),
    Text { numbers: Int32Builder, recent: Recent },
}

impl Builder {
    fn new(spec: &FieldSpec) -> Self {
        match spec.kind {
            FieldKind::Int => match Width::of(spec.field) {
                Width::Eight => Self::Byte(UInt8Builder::new()),
                Width::Sixteen => Self::Short(UInt16Builder::new()),
                Width::All => Self::Int(Int64Builder::new()),
            },
            FieldKind::Address => Self::Address(UInt64Builder::new(), UInt64Builder::new()),
            FieldKind::Time => Self::Time(TimestampMicrosecondBuilder::new()),
            FieldKind::Text => Self::Text { numbers: Int32Builder::new(), recent: Recent::new() },
        }
    }

    fn level(&mut self, rows: usize) {
        match self {
            Self::Byte(builder) => builder.append_nulls(rows.saturating_sub(builder.len())),
            Self::Short(builder) => builder.append_nulls(rows.saturating_sub(builder.len())),
            Self::Int(builder) => builder.append_nulls(rows.saturating_sub(builder.len())),
            Self::Address(hi, lo) => {
                hi.append_nulls(rows.saturating_sub(hi.len()));
                lo.append_nulls(rows.saturating_sub(lo.len()));
            }
            Self::Time(builder) => builder.append_nulls(rows.saturating_sub(builder.len())),
            Self::Text { numbers, .. } => {
                numbers.append_nulls(rows.saturating_sub(numbers.len()));
            }
        }
    }

    /// Appends a value of this kind; anything else is absent here, since the reader gives each field its kind.
    fn push(&mut self, value: &Value<'_>, texts: &Texts) -> Result<(), StoreError> {
        match (self, value) {
            (Self::Byte(builder), Value::Int(number)) => {
                builder.append_value(
                    u8::try_from(*number).map_err(|_| StoreError::Unfitting(*number))?,
                );
            }
            (Self::Byte(builder), _) => builder.append_null(),
            (Self::Short(builder), Value::Int(number)) => {
                builder.append_value(
                    u16::try_from(*number).map_err(|_| StoreError::Unfitting(*number))?,
                );
            }
            (Self::Short(builder), _) => builder.append_null(),
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
            (Self::Text { numbers, recent }, Value::Text(text)) => {
                numbers.append_value(recent.number(text, texts)?);
            }
            (Self::Text { numbers, .. }, _) => numbers.append_null(),
        }
        Ok(())
    }

    /// The columns, in the order of [`stored_columns`].
    fn finish(&mut self) -> Vec<ArrayRef> {
        match self {
            Self::Byte(builder) => vec![Arc::new(builder.finish())],
            Self::Short(builder) => vec![Arc::new(builder.finish())],
            Self::Int(builder) => vec![Arc::new(builder.finish())],
            Self::Address(hi, lo) => vec![Arc::new(hi.finish()), Arc::new(lo.finish())],
            Self::Time(builder) => vec![Arc::new(builder.finish())],
            Self::Text { numbers, .. } => vec![Arc::new(numbers.finish())],
        }
    }
}

/// The texts that came last, and their numbers: most come again soon.
struct Recent(Vec<(String, i32)>);

impl Recent {
    /// A power of two.
    const KEPT: usize = 64;

    fn new() -> Self {
        Self(vec![(String::new(), -1); Self::KEPT])
    }

    fn number(&mut self, text: &str, texts: &Texts) -> Result<i32, StoreError> {
        // Ids differ in their last letters.
        let letters = text
            .bytes()
            .rev()
            .take(3)
            .fold(text.len(), |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        let Some(own) = self.0.get_mut(letters % Self::KEPT) else { return texts.number(text) };
        if own.1 < 0 || own.0 != text {
            own.1 = texts.number(text)?;
            own.0.clear();
            own.0.push_str(text);
        }
        Ok(own.1)
    }
}

/// Named columns of equal length.
#[derive(Default)]
struct Batch {
    fields: Vec<ArrowField>,
    arrays: Vec<ArrayRef>,
}

impl Batch {
    fn put(&mut self, name: &str, array: ArrayRef) {
        let kind = match array.data_type() {
            DataType::Timestamp(..) => DataType::Timestamp(TimeUnit::Microsecond, None),
            other => other.clone(),
        };
        self.fields.push(ArrowField::new(name, kind, true));
        self.arrays.push(array);
    }

    fn finish(self) -> Result<RecordBatch, StoreError> {
        Ok(RecordBatch::try_new(Arc::new(Schema::new(self.fields)), self.arrays)?)
    }
}
