//! Lists of flow records.

use crate::selection::Selection;
use crate::{Store, StoreError};
use duckdb::types::Value;
use duckdb::{Row, ToSql, params_from_iter};
use evidence::{Address, RecordRef};
use flowlog::{FIELDS, FieldKind, FieldSpec};

/// Which records, in which order, how many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FlowQuery {
    /// Which records.
    pub selection: Selection,
    /// In which order; by default time, evidence, line.
    pub order: Option<Order>,
    /// At most this many.
    pub limit: Option<u64>,
    /// After this many.
    pub offset: u64,
}

/// An order by one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Name of the field, with hyphens or underscores.
    pub field: String,
    /// Largest first.
    pub descending: bool,
}

/// One value of a flow record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowValue {
    /// The record does not have it.
    Absent,
    /// A number.
    Int(i64),
    /// An address.
    Address(Address),
    /// A time. Unit: µs since the epoch, UTC.
    Time(i64),
    /// Text.
    Text(String),
}

/// One flow record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowRow {
    /// Its number in this database.
    pub record: i64,
    /// Where it stands.
    pub id: RecordRef,
    /// Name of the evidence, as added.
    pub evidence: String,
    /// Its fields, in the order of [`FIELDS`].
    pub values: Vec<FlowValue>,
    /// The source that counts in its place, where another does.
    pub overlapping: Option<String>,
    /// Fields of the log that AWS does not define, as `name=value …`.
    pub unknown_fields: Option<String>,
    /// Verdict on its packets; `None` for NODATA and SKIPDATA, and before it is computed.
    pub verdict: Option<String>,
    /// Reasons of the verdict, the primary one first.
    pub reasons: Vec<String>,
    /// Packets found in the captures.
    pub packets_seen: Option<i64>,
    /// Bytes found in the captures, as inner IP lengths.
    pub bytes_seen: Option<i64>,
    /// The least and the most packets that may be its own, where the times leave it open.
    pub packets_range: Option<(i64, i64)>,
    /// Numbers of the conversations that they belong to.
    pub conversations: Vec<i32>,
    /// Tags of the examiner.
    pub tags: Vec<String>,
}

impl FlowRow {
    /// The value of a field by its column name.
    pub fn value(&self, column: &str) -> &FlowValue {
        FIELDS
            .iter()
            .position(|spec| spec.column == column)
            .and_then(|at| self.values.get(at))
            .unwrap_or(&FlowValue::Absent)
    }

    /// A number field by its column name.
    pub fn int(&self, column: &str) -> Option<i64> {
        match self.value(column) {
            FlowValue::Int(number) | FlowValue::Time(number) => Some(*number),
            _ => None,
        }
    }

    /// An address field by its column name.
    pub fn address(&self, column: &str) -> Option<Address> {
        match self.value(column) {
            FlowValue::Address(address) => Some(*address),
            _ => None,
        }
    }

    /// A text field by its column name.
    pub fn text(&self, column: &str) -> Option<&str> {
        match self.value(column) {
            FlowValue::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl Store {
    /// The records that a query selects.
    ///
    /// # Errors
    /// [`StoreError::Filter`], [`StoreError::UnknownField`] or [`StoreError::Database`].
    pub fn flows(&self, query: &FlowQuery) -> Result<Vec<FlowRow>, StoreError> {
        let condition = self.condition(&query.selection, &["evidence"])?;
        let order = order_sql(query.order.as_ref())?;
        let limit = query.limit.map_or_else(String::new, |limit| format!("LIMIT {limit}"));
        let which = format!(
            "{} WHERE {} ORDER BY {order} {limit} OFFSET {}",
            condition.source, condition.sql, query.offset
        );
        let bound: Vec<_> = condition.bound().collect();
        self.flow_rows(&which, &bound)
    }

    /// Whole rows; `which` is what follows FROM.
    pub(crate) fn flow_rows(
        &self,
        which: &str,
        bound: &[&dyn ToSql],
    ) -> Result<Vec<FlowRow>, StoreError> {
        let sql = format!(
            "SELECT record, sha256, line, evidence, unknown_fields, verdict, reasons, packets_seen, bytes_seen,
                packets_seen_min, packets_seen_max, conversations, tags, overlapping, {} FROM {which}",
            columns()
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut found = statement.query(bound)?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            rows.push(flow_row(row)?);
        }
        Ok(rows)
    }

    /// How many records a selection holds.
    ///
    /// # Errors
    /// [`StoreError::Filter`] or [`StoreError::Database`].
    pub fn count(&self, selection: &Selection) -> Result<u64, StoreError> {
        let condition = self.condition(selection, &[])?;
        let sql = format!("SELECT count(*) FROM {} WHERE {}", condition.source, condition.sql);
        let parameters = params_from_iter(condition.bound());
        Ok(self.connection.query_row(&sql, parameters, |row| row.get(0))?)
    }

    /// The record with this reference.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn flow(&self, id: &RecordRef) -> Result<Option<FlowRow>, StoreError> {
        let bound = duckdb::params![id.evidence.to_string(), crate::database::stored(id.line)];
        Ok(self
            .flow_rows("flow_details WHERE sha256 = ?::VARCHAR AND line = ?::BIGINT", bound)?
            .pop())
    }

    /// The records with these numbers, in order of time.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn flows_numbered(&self, records: &[u32]) -> Result<Vec<FlowRow>, StoreError> {
        let numbers: Vec<String> = records.iter().map(u32::to_string).collect();
        let among = if numbers.is_empty() { "NULL".to_owned() } else { numbers.join(", ") };
        let which =
            format!("flow_details WHERE record IN ({among}) ORDER BY \"start\", evidence, line");
        self.flow_rows(&which, &[])
    }

    /// Sets the tags of all records, by their references.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn set_tags(&self, tags: &[(RecordRef, String)]) -> Result<(), StoreError> {
        self.whole(|connection| {
            connection.execute("DELETE FROM tags", [])?;
            let mut insert = connection.prepare(
                "INSERT INTO tags SELECT f.record, ? FROM stored_records f
                 JOIN evidence e ON e.number = f.evidence WHERE e.sha256 = ? AND f.line = ?",
            )?;
            for (id, tag) in tags {
                insert.execute(duckdb::params![
                    tag,
                    id.evidence.to_string(),
                    crate::database::stored(id.line)
                ])?;
            }
            Ok(())
        })
    }
}

/// The field that goes by this name.
pub(crate) fn field(name: &str) -> Option<&'static FieldSpec> {
    FIELDS.iter().find(|spec| spec.column == name || spec.name == name)
}

/// What follows ORDER BY in a question over `flow_details`.
pub(crate) fn order_sql(order: Option<&Order>) -> Result<String, StoreError> {
    let mut keys = Vec::new();
    if let Some(order) = order {
        let direction = if order.descending { "DESC" } else { "ASC" };
        let columns = sort_key(&order.field)?.into_iter();
        keys.extend(columns.map(|column| format!("{column} {direction} NULLS LAST")));
    }
    keys.extend(["\"start\"", "evidence", "line"].map(str::to_owned));
    Ok(keys.join(", "))
}

pub(crate) fn sort_key(name: &str) -> Result<Vec<String>, StoreError> {
    match (field(name), name) {
        (Some(spec), _) if spec.kind == FieldKind::Address => {
            Ok(vec![format!("{}_hi", spec.column), format!("{}_lo", spec.column)])
        }
        (Some(spec), _) => Ok(vec![format!("\"{}\"", spec.column)]),
        (None, "line" | "evidence" | "verdict" | "packets_seen" | "bytes_seen") => {
            Ok(vec![name.to_owned()])
        }
        (None, "duration") => Ok(vec!["(\"end\" - \"start\")".to_owned()]),
        _ => Err(StoreError::UnknownField(name.to_owned())),
    }
}

fn columns() -> String {
    let mut columns = Vec::new();
    for spec in FIELDS {
        match spec.kind {
            FieldKind::Address => {
                columns.push(format!("{}_hi", spec.column));
                columns.push(format!("{}_lo", spec.column));
            }
            FieldKind::Time => columns.push(format!("epoch_us(\"{}\")", spec.column)),
            FieldKind::Int | FieldKind::Text => columns.push(format!("\"{}\"", spec.column)),
        }
    }
    columns.join(", ")
}

fn flow_row(row: &Row<'_>) -> Result<FlowRow, StoreError> {
    let evidence = crate::database::sha256(row, 1)?;
    let mut values = Vec::with_capacity(FIELDS.len());
    let mut at = 14;
    for spec in FIELDS {
        values.push(
            match spec.kind {
                FieldKind::Address => {
                    at += 1;
                    let halves = row.get::<_, Option<u64>>(at - 1)?.zip(row.get(at)?);
                    halves.map(|(hi, lo)| FlowValue::Address(Address::from_halves(hi, lo)))
                }
                FieldKind::Int => row.get::<_, Option<i64>>(at)?.map(FlowValue::Int),
                FieldKind::Time => row.get::<_, Option<i64>>(at)?.map(FlowValue::Time),
                FieldKind::Text => row.get::<_, Option<String>>(at)?.map(FlowValue::Text),
            }
            .unwrap_or(FlowValue::Absent),
        );
        at += 1;
    }
    Ok(FlowRow {
        record: row.get(0)?,
        id: RecordRef { evidence, line: row.get(2)? },
        evidence: row.get(3)?,
        unknown_fields: row.get(4)?,
        verdict: row.get(5)?,
        reasons: texts(row.get(6)?),
        packets_seen: row.get(7)?,
        bytes_seen: row.get(8)?,
        packets_range: row.get::<_, Option<i64>>(9)?.zip(row.get(10)?),
        conversations: numbers(row.get(11)?),
        tags: texts(row.get(12)?),
        overlapping: row.get(13)?,
        values,
    })
}

pub(crate) fn texts(value: Value) -> Vec<String> {
    let Value::List(items) = value else { return Vec::new() };
    items
        .into_iter()
        .filter_map(|item| if let Value::Text(text) = item { Some(text) } else { None })
        .collect()
}

fn numbers(value: Value) -> Vec<i32> {
    let Value::List(items) = value else { return Vec::new() };
    items
        .into_iter()
        .filter_map(|item| if let Value::Int(number) = item { Some(number) } else { None })
        .collect()
}
