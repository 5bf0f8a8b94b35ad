//! Sums by value of a field, made when they are first asked for: those of each hour, and those of the whole case.
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
    /// The aggregate that counts the records.
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
        let sums = if serves { self.hours(columns)? } else { None };
        Ok(match sums {
            Some(source) => Summed { source, condition: "true".to_owned(), count: "sum(records)" },
            None => Summed {
                source: condition.source.to_owned(),
                condition: condition.sql.clone(),
                count: "count(*)",
            },
        })
    }

    /// The table of the sums over all records that count, one row for each value of these columns. `None` as for
    /// [`Store::hours`].
    pub(crate) fn sums(&self, columns: &str) -> Result<Option<String>, StoreError> {
        let Some(hours) = self.hours(columns)? else { return Ok(None) };
        let sql = format!(
            "SELECT {columns}, sum(records)::BIGINT AS records, sum(packets)::BIGINT AS packets,
                sum(bytes)::BIGINT AS bytes FROM {hours} GROUP BY ALL"
        );
        self.rollup("sums", columns, &sql)
    }

    /// The table of the sums by hour over all records that count, grouped by these columns, in columns of the names of
    /// the records': `start` is the hour. `None` where they would not be worth their while, or where somebody else
    /// makes them at this moment.
    fn hours(&self, columns: &str) -> Result<Option<String>, StoreError> {
        let all = Selection::all().compile(&columns.split(", ").collect::<Vec<_>>())?;
        let sql = format!(
            "SELECT time_bucket(INTERVAL 1 HOUR, \"start\") AS \"start\", {columns}, count(*) AS records,
                coalesce(sum(packets), 0)::BIGINT AS packets, coalesce(sum(bytes), 0)::BIGINT AS bytes
             FROM {} WHERE {} GROUP BY ALL",
            all.source, all.sql
        );
        self.rollup("hours", columns, &sql)
    }

    fn rollup(&self, kind: &str, columns: &str, sql: &str) -> Result<Option<String>, StoreError> {
        if self.record_count()? < FEW || self.is_within() {
            return Ok(None);
        }
        let name = format!("{kind}_{}", columns.replace(|byte: char| !byte.is_alphanumeric(), "_"));
        let known = "SELECT worth FROM rollups WHERE name = ?";
        let mut statement = self.connection.prepare(known)?;
        let mut found = statement.query([&name])?;
        let worth = match found.next()? {
            Some(row) => row.get(0)?,
            None => {
                drop(found);
                // Two connections may want to make it at once: one of them fails, and its question is answered without.
                self.make_rollup(&name, sql).unwrap_or(false)
            }
        };
        Ok(worth.then_some(name))
    }

    fn make_rollup(&self, name: &str, sql: &str) -> Result<bool, StoreError> {
        self.atomically(|store| {
            store.connection.execute_batch(&format!("CREATE OR REPLACE TABLE {name} AS {sql}"))?;
            let count = format!("SELECT count(*) FROM {name}");
            let sums: u64 = store.connection.query_row(&count, [], |row| row.get(0))?;
            let worth = sums * PART < store.record_count()?;
            if !worth {
                store.connection.execute_batch(&format!("DROP TABLE {name}"))?;
            }
            store
                .connection
                .execute("INSERT INTO rollups VALUES (?, ?)", duckdb::params![name, worth])?;
            Ok(worth)
        })
    }

    /// Forgets all that was made of the records for quicker answers: they change.
    pub(crate) fn forget_rollups(&self) -> Result<(), StoreError> {
        self.forget_labels()?;
        Ok(self.connection.execute_batch("DELETE FROM rollups")?)
    }
}
