//! Sums by hour and value of one field, made when they are first asked for.
//!
//! Ranking the millions of addresses of a large case takes a second each time; over these sums it takes a tenth. They
//! are part of the cache: any change of the records or of what counts throws them away.

use crate::selection::{Condition, Selection};
use crate::{Store, StoreError};

/// Fewer records are summed up faster than this is worth.
const FEW: u64 = 2_000_000;
/// Sums that are more than this part of the records save nothing.
const PART: u64 = 4;
/// Unit: µs.
pub(crate) const HOUR: i64 = 3_600_000_000;

/// What records, or sums of them, are read from.
pub(crate) struct Summed {
    /// Table, view or subquery.
    pub(crate) source: String,
    /// What follows WHERE.
    pub(crate) condition: String,
    /// SQL that counts the records.
    pub(crate) count: &'static str,
}

impl Store {
    /// What a condition selects, grouped by these columns: sums by hour where they serve the question, and the records
    /// themselves otherwise.
    pub(crate) fn summed(
        &self,
        condition: &Condition,
        columns: &str,
        serves: bool,
    ) -> Result<Summed, StoreError> {
        let sums = if serves { self.rollup(columns)? } else { None };
        Ok(sums.unwrap_or_else(|| Summed {
            source: condition.source.to_owned(),
            condition: condition.sql.clone(),
            count: "count(*)",
        }))
    }

    /// Sums by hour over all records, grouped by these columns, in columns of the names of the records': `start` is the
    /// hour. `None` where they would not be worth their while, or where somebody else makes them at this moment.
    fn rollup(&self, columns: &str) -> Result<Option<Summed>, StoreError> {
        if self.record_count()? < FEW || self.is_within() {
            return Ok(None);
        }
        let name = format!("rollup_{}", columns.replace(|byte: char| !byte.is_alphanumeric(), "_"));
        let summed = || Summed {
            source: name.clone(),
            condition: "true".to_owned(),
            count: "sum(records)::BIGINT",
        };
        let known = "SELECT worth FROM rollups WHERE name = ?";
        let mut statement = self.connection.prepare(known)?;
        let mut found = statement.query([&name])?;
        if let Some(row) = found.next()? {
            return Ok(row.get::<_, bool>(0)?.then(summed));
        }
        drop(found);
        // Two connections may want to make it at once: one of them fails, and its question is answered without.
        Ok(self.make_rollup(&name, columns).unwrap_or(false).then(summed))
    }

    fn make_rollup(&self, name: &str, columns: &str) -> Result<bool, StoreError> {
        let all = Selection::all().compile(&columns.split(", ").collect::<Vec<_>>())?;
        let (source, condition) = (all.source, all.sql);
        self.atomically(|store| {
            store.connection.execute_batch(&format!(
                "CREATE OR REPLACE TABLE {name} AS SELECT time_bucket(INTERVAL 1 HOUR, \"start\") AS \"start\", {columns},
                    count(*) AS records, coalesce(sum(packets), 0)::BIGINT AS packets,
                    coalesce(sum(bytes), 0)::BIGINT AS bytes
                 FROM {source} WHERE {condition} GROUP BY ALL"
            ))?;
            let count = format!("SELECT count(*) FROM {name}");
            let sums: u64 = store.connection.query_row(&count, [], |row| row.get(0))?;
            let worth = sums * PART < store.record_count()?;
            if !worth {
                store.connection.execute_batch(&format!("DROP TABLE {name}"))?;
            }
            store.connection.execute(
                "INSERT INTO rollups VALUES (?, ?)",
                duckdb::params![name, worth],
            )?;
            Ok(worth)
        })
    }

    /// Forgets all that was made of the records for quicker answers: they change.
    pub(crate) fn forget_rollups(&self) -> Result<(), StoreError> {
        self.forget_labels()?;
        Ok(self.connection.execute_batch("DELETE FROM rollups")?)
    }
}
