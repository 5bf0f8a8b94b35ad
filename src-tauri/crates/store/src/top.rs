//! The largest values of a field.

use crate::selection::Selection;
use crate::{Store, StoreError};
use duckdb::params_from_iter;

/// Which records, which field, what is summed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopQuery {
    /// Which records.
    pub selection: Selection,
    /// The field whose values are ranked, or several with commas between them: `srcaddr,dstaddr`.
    pub field: String,
    /// What ranks them.
    pub by: Measure,
    /// How many.
    pub limit: u64,
}

/// What is summed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Measure {
    /// Bytes of the records.
    #[default]
    Bytes,
    /// Packets of the records.
    Packets,
    /// The records themselves.
    Records,
}

impl Measure {
    /// What the sum is called.
    pub(crate) fn column(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Packets => "packets",
            Self::Records => "records",
        }
    }
}

/// One value and its sums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopRow {
    /// The value; `None` is the records that do not have the field.
    pub value: Option<String>,
    /// Records.
    pub records: u64,
    /// Sum of their packets.
    pub packets: u64,
    /// Sum of their bytes.
    pub bytes: u64,
}

impl Store {
    /// The largest values, largest first; equal ones in the order of the values.
    ///
    /// # Errors
    /// [`StoreError::Filter`], [`StoreError::UnknownField`] or [`StoreError::Database`].
    pub fn top(&self, query: &TopQuery) -> Result<Vec<TopRow>, StoreError> {
        let key = self.group_key(&query.field)?;
        let condition = self.condition(&query.selection, &key.fields())?;
        let (columns, text, order) = (&key.columns, &key.text, &key.order);
        let whole = if query.selection.is_everything() { self.sums(columns)? } else { None };
        let summed = match &whole {
            Some(sums) => format!(
                "SELECT {columns}, records AS all_records, packets::UBIGINT AS all_packets,
                    bytes::UBIGINT AS all_bytes FROM {sums}"
            ),
            None => format!(
                "SELECT {columns}, count(*) AS all_records, coalesce(sum(packets), 0)::UBIGINT AS all_packets,
                    coalesce(sum(bytes), 0)::UBIGINT AS all_bytes
                 FROM {} WHERE {} GROUP BY {columns}",
                condition.source, condition.sql
            ),
        };
        let summed = key.grouped(
            &summed,
            "sum(all_records)::UBIGINT AS all_records, sum(all_packets)::UBIGINT AS all_packets,
             sum(all_bytes)::UBIGINT AS all_bytes",
        );
        let ranked = format!("all_{} DESC, {order}", query.by.column());
        // The text is made of the few values that are left: of every value it would cost the most by far.
        let sql = format!(
            "SELECT {text}::VARCHAR, all_records, all_packets, all_bytes FROM (
                FROM ({summed}) ORDER BY {ranked} LIMIT {}) ORDER BY {ranked}",
            query.limit
        );
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map(params_from_iter(condition.bound()), |row| {
            Ok(TopRow {
                value: row.get(0)?,
                records: row.get(1)?,
                packets: row.get(2)?,
                bytes: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
