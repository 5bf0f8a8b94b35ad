//! The different values of a field, and when each was there.

use crate::selection::Selection;
use crate::{Store, StoreError};
use duckdb::params_from_iter;

/// Which records, which field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistinctQuery {
    /// Which records.
    pub selection: Selection,
    /// The field, or several with commas between them.
    pub field: String,
    /// At most this many.
    pub limit: Option<u64>,
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistinctRow {
    /// The value; `None` is the records that do not have the field.
    pub value: Option<String>,
    /// Records.
    pub records: u64,
    /// Earliest start of them. Unit: µs since the epoch, UTC.
    pub first: Option<i64>,
    /// Latest end of them. Unit: µs since the epoch, UTC.
    pub last: Option<i64>,
}

impl Store {
    /// The different values, those that were there first at the top.
    ///
    /// # Errors
    /// [`StoreError::Filter`], [`StoreError::UnknownField`] or [`StoreError::Database`].
    pub fn distinct(&self, query: &DistinctQuery) -> Result<Vec<DistinctRow>, StoreError> {
        let key = self.group_key(&query.field)?;
        let condition = self.condition(&query.selection, &key.fields())?;
        let (columns, text, order) = (&key.columns, &key.text, &key.order);
        let values = key.grouped(
            &format!(
                "SELECT {columns}, count(*) AS all_records, min(\"start\") AS all_first, max(\"end\") AS all_last
                 FROM {} WHERE {} GROUP BY {columns}",
                condition.source, condition.sql
            ),
            "sum(all_records)::UBIGINT AS all_records, min(all_first) AS all_first, max(all_last) AS all_last",
        );
        let limit = query.limit.map_or_else(String::new, |limit| format!("LIMIT {limit}"));
        let sql = format!(
            "SELECT {text}::VARCHAR, all_records, epoch_us(all_first), epoch_us(all_last) FROM (
                FROM ({values}) ORDER BY all_first NULLS LAST, {order} {limit})
             ORDER BY all_first NULLS LAST, {order}"
        );
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map(params_from_iter(condition.bound()), |row| {
            Ok(DistinctRow {
                value: row.get(0)?,
                records: row.get(1)?,
                first: row.get(2)?,
                last: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many different values there are; records that lack the field are none.
    ///
    /// # Errors
    /// As [`Store::distinct`].
    pub fn distinct_count(&self, query: &DistinctQuery) -> Result<u64, StoreError> {
        let key = self.group_key(&query.field)?;
        let condition = self.condition(&query.selection, &key.fields())?;
        let sql = format!(
            "SELECT count(*) FROM (SELECT DISTINCT {keys} FROM ({values}) WHERE NOT ({absent}))",
            values = key.grouped(
                &format!(
                    "SELECT DISTINCT {} FROM {} WHERE {}",
                    key.columns, condition.source, condition.sql
                ),
                "count(*)",
            ),
            keys = key.keys,
            absent = key
                .keys
                .split(", ")
                .map(|column| format!("{column} IS NULL"))
                .collect::<Vec<_>>()
                .join(" AND "),
        );
        let parameters = params_from_iter(condition.bound());
        Ok(self.connection.query_row(&sql, parameters, |row| row.get(0))?)
    }
}
