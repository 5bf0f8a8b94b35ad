//! Sources: flow logs, each as it was exported one way.
//!
//! Which source a piece of evidence is part of follows from its name and its kind, which the caller knows.

use crate::{Store, StoreError};
use duckdb::params;
use evidence::Sha256;
use std::collections::HashMap;

/// What is known of where a piece of evidence comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcePart {
    /// The evidence.
    pub evidence: Sha256,
    /// Names the source.
    pub source: String,
    /// Precedence of its kind where two sources have records of the same traffic: the lowest counts.
    pub rank: i32,
    /// Where it is a delivery file with its time in the name: the begin of its five minutes. Unit: µs since the epoch,
    /// UTC.
    pub slot: Option<i64>,
}

/// A source that has flow records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRow {
    /// Its name.
    pub source: String,
    /// Pieces of evidence.
    pub evidence: u64,
    /// AWS's fields in its records.
    pub fields: u64,
    /// Records loaded.
    pub records: u64,
    /// Those among them that another source counts.
    pub overlapping: u64,
    /// Earliest start of a record. Unit: µs since the epoch, UTC.
    pub first: Option<i64>,
    /// Latest end of a record. Unit: µs since the epoch, UTC.
    pub last: Option<i64>,
}

impl Store {
    /// Says which source each piece of evidence is part of; any that is not named is a source of its own.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn set_sources(&self, parts: &[SourcePart]) -> Result<(), StoreError> {
        let numbers: HashMap<Sha256, i32> =
            self.evidence()?.into_iter().map(|(number, sha256)| (sha256, number)).collect();
        self.whole(|connection| {
            connection.execute("DELETE FROM sources", [])?;
            let mut appender = connection.appender("sources")?;
            for part in parts {
                let Some(number) = numbers.get(&part.evidence) else { continue };
                appender.append_row(params![number, part.source, part.rank, part.slot])?;
            }
            appender.flush()?;
            // No kind is after one that nobody said anything of.
            let sql = "INSERT INTO sources SELECT number, name, 2147483647, NULL FROM evidence e
                WHERE NOT EXISTS (SELECT 1 FROM sources s WHERE s.evidence = e.number)";
            connection.execute(sql, [])?;
            Ok(())
        })
    }

    /// The sources that have records, by name.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn sources(&self) -> Result<Vec<SourceRow>, StoreError> {
        let sql = r#"SELECT s.source, count(*), coalesce(max(e.fields), 0)::UBIGINT, sum(n)::UBIGINT, sum(o)::UBIGINT,
                epoch_us(min("first")), epoch_us(max("last"))
            FROM sources s JOIN evidence e ON e.number = s.evidence JOIN (
                SELECT evidence, count(*) AS n, count(overlapping_number) AS o,
                    min("start") AS "first", max("end") AS "last" FROM flow_records GROUP BY evidence
            ) r ON r.evidence = s.evidence GROUP BY s.source ORDER BY s.source"#;
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| {
            Ok(SourceRow {
                source: row.get(0)?,
                evidence: row.get(1)?,
                fields: row.get(2)?,
                records: row.get(3)?,
                overlapping: row.get(4)?,
                first: row.get(5)?,
                last: row.get(6)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
