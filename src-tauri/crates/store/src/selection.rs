//! Which records a question is about.

use crate::filter::{self, Bound, FLOW_FIELDS};
use crate::labels::Label;
use crate::records::OVERLAPPING;
use crate::{Store, StoreError};
use duckdb::ToSql;
use duckdb::types::{TimeUnit, Value};

/// A filter and a stretch of time; the default is everything that counts.
///
/// A record lies in a stretch of time if its start does, as it lies in one bucket of a chart: so the counts of stretches
/// that adjoin each other add up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// In the filter language.
    pub filter: Option<String>,
    /// Only records that start at or after this. Unit: µs since the epoch, UTC.
    pub from: Option<i64>,
    /// Only records that start before this. Unit: µs since the epoch, UTC.
    pub to: Option<i64>,
    /// Also the records that another source counts; a filter that names `overlapping` means them without this.
    pub all_sources: bool,
}

/// A selection as SQL.
pub(crate) struct Condition {
    /// The table, view or subquery to read.
    pub(crate) source: &'static str,
    /// What follows WHERE.
    pub(crate) sql: String,
    pub(crate) parameters: Vec<Value>,
    /// What it asks of addresses, and at which columns of the filter.
    labels: Vec<(Label, Option<usize>)>,
    /// Only records that no other source counts.
    counted_alone: bool,
}

/// Columns that only `flow_details` has: joining them in costs, so a question that needs none reads the table.
const DETAILS: [&str; 4] = ["tags", "evidence", "sha256", "source"];
/// Columns that follow from the captures: one join, where `flow_details` has three.
const COVERAGE: [&str; 7] = [
    "verdict",
    "reasons",
    "packets_seen",
    "bytes_seen",
    "packets_seen_min",
    "packets_seen_max",
    "conversations",
];

impl Selection {
    /// Everything that counts.
    pub fn all() -> Self {
        Self::default()
    }

    /// What the filter selects.
    pub fn filtered(filter: impl Into<String>) -> Self {
        Self { filter: Some(filter.into()), ..Self::default() }
    }

    /// Whether it is everything that counts.
    pub fn is_everything(&self) -> bool {
        let filtered = self.filter.as_deref().is_some_and(|text| !text.trim().is_empty());
        !filtered && self.from.is_none() && self.to.is_none() && !self.all_sources
    }

    /// Whether records that another source counts are among those that it selects from.
    ///
    /// # Errors
    /// [`StoreError::Filter`].
    pub fn reaches_all_sources(&self) -> Result<bool, StoreError> {
        Ok(!self.compile(&[])?.counted_alone)
    }

    /// The condition, given that `columns` are read besides.
    pub(crate) fn compile(&self, columns: &[&str]) -> Result<Condition, StoreError> {
        let mut parts = Vec::new();
        let mut parameters = Vec::new();
        let mut details = columns.iter().any(|column| DETAILS.contains(column));
        let mut coverage = columns.iter().any(|column| COVERAGE.contains(column));
        let mut all = self.all_sources;
        let mut labels = Vec::new();
        if let Some(text) = self.filter.as_deref().filter(|text| !text.trim().is_empty()) {
            let filter = filter::parse(text, FLOW_FIELDS)?;
            labels = filter.labels(text);
            let compiled = filter.to_sql();
            let names = |column: &str| compiled.text.contains(&format!("\"{column}\""));
            details |= DETAILS.iter().any(|column| names(column));
            coverage |= COVERAGE.iter().any(|column| names(column));
            all |= names(OVERLAPPING);
            parts.push(format!("({})", compiled.text));
            parameters.extend(compiled.bounds.into_iter().map(value));
        }
        if let Some(from) = self.from {
            parts.push("\"start\" >= ?".to_owned());
            parameters.push(Value::Timestamp(TimeUnit::Microsecond, from));
        }
        if let Some(to) = self.to {
            parts.push("\"start\" < ?".to_owned());
            parameters.push(Value::Timestamp(TimeUnit::Microsecond, to));
        }
        if !all {
            // Where nothing overlaps there is no such column, and the view's NULL in its place costs nothing.
            parts.push(format!("{OVERLAPPING} IS NULL"));
        }
        let sql = if parts.is_empty() { "true".to_owned() } else { parts.join(" AND ") };
        Ok(Condition {
            source: match (details, coverage) {
                (true, _) => "flow_details",
                (false, true) => "covered_records",
                (false, false) => "flow_records",
            },
            sql,
            parameters,
            labels,
            counted_alone: !all,
        })
    }
}

impl Store {
    /// The condition of a selection, ready to be asked: what it needs of the addresses is there.
    pub(crate) fn condition(
        &self,
        selection: &Selection,
        columns: &[&str],
    ) -> Result<Condition, StoreError> {
        let condition = selection.compile(columns)?;
        self.need_labels(&condition.labels)?;
        Ok(condition)
    }
}

impl Condition {
    /// The parameters as DuckDB takes them.
    pub(crate) fn bound(&self) -> impl Iterator<Item = &dyn ToSql> {
        self.parameters.iter().map(|value| value as &dyn ToSql)
    }
}

fn value(bound: Bound) -> Value {
    match bound {
        Bound::Int(number) => Value::BigInt(number),
        Bound::UInt(number) => Value::UBigInt(number),
        Bound::Text(text) => Value::Text(text),
        Bound::Time(time) => Value::Timestamp(TimeUnit::Microsecond, time),
        Bound::Double(number) => Value::Double(number),
    }
}
