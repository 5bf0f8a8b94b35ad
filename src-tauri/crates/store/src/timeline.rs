//! Records over time.

use crate::selection::Selection;
use crate::{Store, StoreError};
use duckdb::params_from_iter;

/// Which records, in which buckets, split by which field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineQuery {
    /// Which records.
    pub selection: Selection,
    /// How time is divided.
    pub bucket: Bucket,
    /// A field whose values are counted apart.
    pub by: Option<String>,
}

/// How time is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bucket {
    /// Buckets of this width, aligned to the epoch. Unit: µs.
    Width(i64),
    /// As many buckets from the first to the last record, of a width in whole seconds.
    Bins(u32),
}

/// One bucket; a record counts in the bucket that its start lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineRow {
    /// First moment. Unit: µs since the epoch, UTC.
    pub from: i64,
    /// First moment after it.
    pub to: i64,
    /// Value of the field that the query splits by.
    pub by: Option<String>,
    /// Records.
    pub records: u64,
    /// Sum of their packets.
    pub packets: u64,
    /// Sum of their bytes.
    pub bytes: u64,
}

impl Store {
    /// The buckets that hold records, in order of time and value.
    ///
    /// # Errors
    /// [`StoreError::Filter`], [`StoreError::UnknownField`] or [`StoreError::Database`].
    pub fn timeline(&self, query: &TimelineQuery) -> Result<Vec<TimelineRow>, StoreError> {
        let by = query.by.as_deref().map(|names| self.group_key(names)).transpose()?;
        let condition =
            self.condition(&query.selection, &by.as_ref().map_or(vec![], |key| key.fields()))?;
        let (width, base) = match query.bucket {
            Bucket::Width(width) => (width.max(1), 0),
            Bucket::Bins(bins) => {
                let sql = format!(
                    "SELECT epoch_us(min(\"start\")), epoch_us(max(\"start\")) FROM {} WHERE {}",
                    condition.source, condition.sql
                );
                let parameters = params_from_iter(condition.bound());
                let (first, last): (Option<i64>, Option<i64>) =
                    self.connection
                        .query_row(&sql, parameters, |row| Ok((row.get(0)?, row.get(1)?)))?;
                let (Some(first), Some(last)) = (first, last) else { return Ok(Vec::new()) };
                let width = (last - first) / i64::from(bins.max(1)) + 1;
                ((width + 999_999) / 1_000_000 * 1_000_000, first)
            }
        };
        let value = by.as_ref().map_or("NULL", |key| key.text.as_str());
        let source = condition.source.to_owned();
        let source = by.as_ref().map_or(source.clone(), |key| key.joined(&source));
        let sql = format!(
            "SELECT (epoch_us(\"start\") - {base}) // {width} AS bucket, {value}::VARCHAR AS value,
                count(*), coalesce(sum(packets), 0)::UBIGINT, coalesce(sum(bytes), 0)::UBIGINT
             FROM {source} WHERE {} AND \"start\" IS NOT NULL GROUP BY ALL ORDER BY bucket, value",
            condition.sql
        );
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map(params_from_iter(condition.bound()), |row| {
            let from = base + row.get::<_, i64>(0)? * width;
            Ok(TimelineRow {
                from,
                to: from + width,
                by: row.get(1)?,
                records: row.get(2)?,
                packets: row.get(3)?,
                bytes: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
