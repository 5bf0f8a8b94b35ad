//! Two stretches of time beside each other: what is new since the baseline, gone, grown or shrunk.

use crate::rollup::{HOUR, Summed};
use crate::selection::Selection;
use crate::top::Measure;
use crate::{Store, StoreError};
use duckdb::{Row, params_from_iter};
use std::fmt::Write as _;

/// Twice as much an hour, or half, is a change; less is how traffic is.
const GROWN: f64 = 2.0;

/// From a moment up to another, which is no longer part of it. Unit: µs since the epoch, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First moment.
    pub from: i64,
    /// First moment after it.
    pub to: i64,
}

/// Which values of which records, in which windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompareQuery {
    /// Which records, whatever their time.
    pub filter: Option<String>,
    /// Also the records that another source counts, as in a [`Selection`].
    pub all_sources: bool,
    /// What is compared against.
    pub baseline: Window,
    /// What is looked at.
    pub window: Window,
    /// The field whose values are compared, or several with commas between them.
    pub field: String,
    /// What makes a value large.
    pub by: Measure,
    /// At most this many of each kind of change.
    pub limit: u64,
}

/// What became of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It was not there in the baseline.
    New,
    /// At least twice as much an hour as in the baseline.
    Grown,
    /// It is there no more.
    Gone,
    /// At most half as much an hour as in the baseline.
    Shrunk,
    /// About as before.
    Same,
}

/// Sums over the records of one window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Records.
    pub records: u64,
    /// Sum of their packets.
    pub packets: u64,
    /// Sum of their bytes.
    pub bytes: u64,
}

/// One value in both windows.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparedRow {
    /// The value; `None` is the records that do not have the field.
    pub value: Option<String>,
    /// What became of it.
    pub change: Change,
    /// In the baseline.
    pub baseline: Sums,
    /// In the window.
    pub window: Sums,
    /// How many times as much an hour as in the baseline; `None` where it was not there.
    pub ratio: Option<f64>,
}

impl Window {
    fn hours(self) -> f64 {
        (self.to.saturating_sub(self.from).max(1)) as f64 / 3.6e9
    }
}

impl Sums {
    fn of(self, by: Measure) -> u64 {
        match by {
            Measure::Bytes => self.bytes,
            Measure::Packets => self.packets,
            Measure::Records => self.records,
        }
    }
}

impl Store {
    /// The values whose share of the windows changed: of each kind of change the largest. A record counts in the window
    /// that its start lies in.
    ///
    /// # Errors
    /// [`StoreError::Filter`], [`StoreError::UnknownField`] or [`StoreError::Database`].
    pub fn compare(&self, query: &CompareQuery) -> Result<Vec<ComparedRow>, StoreError> {
        let key = self.group_key(&query.field)?;
        let selection = Selection {
            filter: query.filter.clone(),
            all_sources: query.all_sources,
            ..Selection::default()
        };
        let condition = self.condition(&selection, &key.fields())?;
        let measure = query.by.column();
        let (before, now) = (query.baseline, query.window);
        // Times stand in the text: DuckDB then passes over whole stretches of the table that lie outside.
        let within = |window: Window| {
            format!(
                "(\"start\" >= make_timestamp({}) AND \"start\" < make_timestamp({}))",
                window.from, window.to
            )
        };
        let aligned = |window: Window| window.from % HOUR == 0 && window.to % HOUR == 0;
        let by_hours = selection.is_everything() && aligned(before) && aligned(now);
        let Summed { source, condition: held, count } =
            self.summed(&condition, &key.columns, by_hours)?;
        let (columns, text, order) = (&key.columns, &key.text, &key.order);
        let share = now.hours() / before.hours();
        let (mut sums, mut further) = (String::new(), Vec::new());
        for (name, window) in [("before", before), ("now", now)] {
            let within = within(window);
            for (sum, of) in
                [("records", count), ("packets", "sum(packets)"), ("bytes", "sum(bytes)")]
            {
                let _ = write!(
                    sums,
                    ", coalesce({of} FILTER (WHERE {within}), 0)::UBIGINT AS {name}_{sum}"
                );
                further.push(format!("sum({name}_{sum})::UBIGINT AS {name}_{sum}"));
            }
        }
        let both = Window { from: before.from.min(now.from), to: before.to.max(now.to) };
        let mut largest = Vec::new();
        for change in 0..=4 {
            largest.push(format!(
                "(FROM judged WHERE change = {change} ORDER BY large DESC, {order} LIMIT {})",
                query.limit
            ));
        }
        let sums = key.grouped(
            &format!(
                "SELECT {columns} {sums} FROM {source}
                 WHERE {held} AND {hull} AND ({earlier} OR {later}) GROUP BY {columns}",
                hull = within(both),
                earlier = within(before),
                later = within(now),
            ),
            &further.join(", "),
        );
        let sql = format!(
            "WITH sums AS ({sums}),
            judged AS MATERIALIZED (
                SELECT *, greatest(now_{measure}, before_{measure}) AS large,
                    CASE WHEN before_records = 0 THEN 0 WHEN now_records = 0 THEN 2
                    WHEN now_{measure} >= {GROWN} * {share} * before_{measure} THEN 1
                    WHEN now_{measure} * {GROWN} <= {share} * before_{measure} THEN 3 ELSE 4 END AS change
                FROM sums)
            SELECT {text}::VARCHAR, change::INTEGER, before_records, before_packets, before_bytes,
                now_records, now_packets, now_bytes
            FROM ({largest}) ORDER BY change, large DESC, {order}",
            largest = largest.join(" UNION ALL "),
        );
        let mut statement = self.connection.prepare(&sql)?;
        let mut found = statement.query(params_from_iter(condition.bound()))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let (baseline, window) = (sums_at(row, 2)?, sums_at(row, 5)?);
            let (then, now) = (baseline.of(query.by) as f64, window.of(query.by) as f64);
            rows.push(ComparedRow {
                value: row.get(0)?,
                change: match row.get::<_, i64>(1)? {
                    0 => Change::New,
                    1 => Change::Grown,
                    2 => Change::Gone,
                    3 => Change::Shrunk,
                    _ => Change::Same,
                },
                baseline,
                window,
                ratio: (then > 0.0).then(|| now / (then * share)),
            });
        }
        Ok(rows)
    }
}

fn sums_at(row: &Row<'_>, at: usize) -> Result<Sums, StoreError> {
    Ok(Sums { records: row.get(at)?, packets: row.get(at + 1)?, bytes: row.get(at + 2)? })
}
