//! Flow records on their way into the database.

mod columns;

use self::columns::Columns;
use crate::database::stored;
use crate::records::StoredFields;
use crate::texts::Texts;
use crate::{Store, StoreError};
use duckdb::params;
use evidence::{Anomalies, Anomaly, Sha256};
use flowlog::{Column, Field, FlowSink, Layout, Record, Rejected, Value};
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::ops::ControlFlow;

/// Rows handed to DuckDB at once: whole vectors of its, few enough to stay small in memory.
const BATCH: usize = 2048 * 16;

/// How the database works during a load. Rows are appended by one thread in any case; with more of them, it would spin
/// while another does its work, which takes a tenth of a load. And it would keep every block that it wrote in memory.
/// Questions that are asked meanwhile have one thread each.
const LOADING: &str = "SET GLOBAL threads = 1; SET GLOBAL memory_limit = '768MiB'";
/// As many threads as the machine has, and most of its memory.
const ASKING: &str = "RESET GLOBAL threads; RESET GLOBAL memory_limit";

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
    columns: Columns,
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
        self.connection.execute_batch(LOADING)?;
        self.begin()?;
        Ok(FlowLoad {
            store: self,
            next_evidence: self.next_evidence()?,
            next_record,
            stored: self.stored_fields()?,
            columns: Columns::default(),
            uncommitted: 0,
            readings: HashMap::new(),
        })
    }

    /// Brings rows that wait into the table.
    fn append_records(
        &self,
        stored: &mut StoredFields,
        columns: &mut Columns,
    ) -> Result<(), StoreError> {
        if columns.rows() == 0 {
            return Ok(());
        }
        for field in columns.wide() {
            self.ensure_wide(stored, field)?;
        }
        let batch = columns.lend()?;
        let schema = batch.schema();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let mut appender = self.connection.appender_with_columns("stored_records", &names)?;
        appender.append_record_batch(batch)?;
        appender.flush()?;
        columns.take_back();
        Ok(())
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
        let held = self.columns.rows();
        let mut loader = FlowLoader {
            store: self.store,
            texts: self.store.texts.clone(),
            columns: std::mem::take(&mut self.columns),
            stored: self.stored.clone(),
            evidence,
            next_record: self.next_record,
            shared: Map::new(),
            layout: Vec::new(),
            fields: 0,
            held,
            rejected: Vec::new(),
            anomalies: Anomalies::default(),
            loaded: Loaded::default(),
            failure: None,
        };
        let read = read(&mut loader).and_then(|kept| Ok((kept, loader.finish()?)));
        let FlowLoader { fields, stored: fields_stored, columns, held, .. } = loader;
        self.stored = fields_stored;
        self.columns = columns;
        match read {
            Ok((Some((sha256, name)), loaded)) => {
                self.enter(sha256, &name, Some(fields), &loaded.anomalies)?;
                self.next_record += stored(loaded.records);
                self.uncommitted += loaded.records;
                Ok(Some(loaded))
            }
            unkept => {
                self.columns.cut(held);
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
    pub fn is_unread(&mut self, sha256: Sha256) -> Result<bool, StoreError> {
        self.store.append_records(&mut self.stored, &mut self.columns)?;
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
        self.store.append_records(&mut self.stored, &mut self.columns)?;
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
        let _ = self.store.connection.execute_batch(ASKING);
    }
}

/// A [`FlowSink`] that loads one file.
pub struct FlowLoader<'a> {
    store: &'a Store,
    texts: Texts,
    stored: StoredFields,
    columns: Columns,
    evidence: i32,
    next_record: i64,
    /// What all records of the file have beside what stands in them.
    shared: Map<String, Json>,
    layout: Vec<Target>,
    /// How many of AWS's fields the file has.
    fields: i32,
    /// Rows of earlier files that still wait in `columns`: each way into the table has its price, however few take it.
    held: usize,
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

impl FlowLoader<'_> {
    /// Gives all records of the file a further field: a partition column that stands in its path. Before the first
    /// record.
    pub fn share(&mut self, name: String, value: String) {
        self.shared.insert(name, Json::from(value));
    }

    fn push(&mut self, record: &Record<'_>) -> Result<(), StoreError> {
        let mut unknown = None;
        for (target, value) in self.layout.iter().zip(record.values) {
            match (target, value) {
                (Target::Field(place), value) => self.columns.put(*place, value, &self.texts)?,
                (Target::Unknown(name), Value::Text(text)) => {
                    let unknown = unknown.get_or_insert_with(|| self.shared.clone());
                    unknown.insert(name.clone(), Json::from(*text));
                }
                (Target::Others, Value::Text(text)) => {
                    // The reader wrote it.
                    if let Ok(Json::Object(more)) = serde_json::from_str(text) {
                        unknown.get_or_insert_with(|| self.shared.clone()).extend(more);
                    }
                }
                (Target::Unknown(_) | Target::Others, _) => {}
            }
        }
        let unknown = match unknown {
            Some(unknown) => Some(Json::Object(unknown).to_string()),
            None if self.shared.is_empty() => None,
            None => Some(Json::Object(self.shared.clone()).to_string()),
        };
        self.columns.end_row(self.next_record, self.evidence, stored(record.line), unknown);
        self.next_record += 1;
        self.loaded.records += 1;
        Ok(())
    }

    fn append_records(&mut self) -> Result<(), StoreError> {
        self.held = 0;
        self.store.append_records(&mut self.stored, &mut self.columns)
    }

    fn append_rejected(&mut self) -> Result<(), StoreError> {
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
        self.append_rejected()?;
        self.loaded.anomalies = std::mem::take(&mut self.anomalies).finish();
        Ok(std::mem::take(&mut self.loaded))
    }

    fn take(&mut self, layout: &Layout) -> Result<(), StoreError> {
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
        if !self.columns.fits(&self.stored) {
            self.append_records()?;
            self.columns.fit(&self.stored);
        }
        self.columns.level();
        let target = |column: &Column| match column {
            Column::Known(spec) => match self.columns.place(spec.field) {
                Some(at) => Target::Field(at),
                None => Target::Unknown(spec.name.to_owned()),
            },
            Column::Unknown(name) => Target::Unknown(name.clone()),
            Column::Others => Target::Others,
        };
        self.layout = layout.columns.iter().map(target).collect();
        Ok(())
    }

    fn append_when_full(&mut self) -> Result<(), StoreError> {
        if self.columns.rows() >= BATCH {
            self.append_records()?;
        }
        if self.rejected.len() >= BATCH {
            self.append_rejected()?;
        }
        Ok(())
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
        let pushed = self.push(record).and_then(|()| self.append_when_full());
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
        let appended = self.append_when_full();
        self.go_on(appended)
    }

    fn anomaly(&mut self, anomaly: Anomaly) -> ControlFlow<()> {
        self.anomalies.push(anomaly);
        ControlFlow::Continue(())
    }
}
