//! The console: one SELECT over the case's tables and views.

use crate::{Store, StoreError};
use duckdb::types::{TimeUnit, Value};

/// One value of a result.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// SQL NULL.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i128),
    /// A floating-point number.
    Float(f64),
    /// Text, or anything that has a text form only.
    Text(String),
    /// A time. Unit: µs since the epoch, UTC.
    Time(i64),
    /// A list.
    List(Vec<Cell>),
}

/// What a statement gave.
#[derive(Debug, Clone, PartialEq)]
pub struct SqlResult {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// The rows, up to the limit that was asked for.
    pub rows: Vec<Vec<Cell>>,
    /// Whether there were more rows than the limit.
    pub cut: bool,
}

impl Store {
    /// Runs one SELECT and gives at most `limit` rows of it.
    ///
    /// # Errors
    /// [`StoreError::NotASelect`] for anything else than a single SELECT, [`StoreError::Database`] if it fails.
    pub fn sql(&self, text: &str, limit: usize) -> Result<SqlResult, StoreError> {
        self.require_select(text)?;
        if text.to_ascii_lowercase().contains("address") {
            self.make_labels()?;
        }
        let mut statement = self.connection.prepare(text)?;
        let mut found = statement.query([])?;
        let mut rows = Vec::new();
        let mut cut = false;
        while let Some(row) = found.next()? {
            if rows.len() == limit {
                cut = true;
                break;
            }
            let width = row.as_ref().column_count();
            let cells = (0..width)
                .map(|at| Ok(cell(row.get(at)?)))
                .collect::<Result<Vec<_>, duckdb::Error>>()?;
            rows.push(cells);
        }
        drop(found);
        Ok(SqlResult { columns: statement.column_names(), rows, cut })
    }

    /// DuckDB itself says what the text is: it serialises SELECT statements and nothing else.
    fn require_select(&self, text: &str) -> Result<(), StoreError> {
        let sql = "SELECT j ->> 'error', j ->> 'error_message', json_array_length(j, 'statements')
            FROM (SELECT json_serialize_sql(?::VARCHAR) AS j)";
        let (error, message, statements) = self.connection.query_row(sql, [text], |row| {
            Ok((
                row.get::<_, Option<String>>(0)?,
                row.get::<_, Option<String>>(1)?,
                row.get::<_, Option<i64>>(2)?,
            ))
        })?;
        match (error.as_deref(), statements) {
            (Some("false"), Some(1)) => Ok(()),
            (Some("false"), count) => Err(StoreError::NotASelect(format!(
                "this text holds {} statements",
                count.unwrap_or(0)
            ))),
            _ => Err(StoreError::NotASelect(message.unwrap_or_default())),
        }
    }
}

fn cell(value: Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Boolean(truth) => Cell::Bool(truth),
        Value::TinyInt(number) => Cell::Int(number.into()),
        Value::SmallInt(number) => Cell::Int(number.into()),
        Value::Int(number) => Cell::Int(number.into()),
        Value::BigInt(number) => Cell::Int(number.into()),
        Value::HugeInt(number) => Cell::Int(number),
        Value::UTinyInt(number) => Cell::Int(number.into()),
        Value::USmallInt(number) => Cell::Int(number.into()),
        Value::UInt(number) => Cell::Int(number.into()),
        Value::UBigInt(number) => Cell::Int(number.into()),
        Value::Float(number) => Cell::Float(number.into()),
        Value::Double(number) => Cell::Float(number),
        Value::Timestamp(unit, count) => Cell::Time(match unit {
            TimeUnit::Second => count.saturating_mul(1_000_000),
            TimeUnit::Millisecond => count.saturating_mul(1_000),
            TimeUnit::Microsecond => count,
            TimeUnit::Nanosecond => count.div_euclid(1_000),
        }),
        Value::Text(text) | Value::Enum(text) => Cell::Text(text),
        Value::Blob(bytes) => Cell::Text(bytes.escape_ascii().to_string()),
        Value::List(items) | Value::Array(items) => {
            Cell::List(items.into_iter().map(cell).collect())
        }
        other => Cell::Text(format!("{other:?}")),
    }
}
