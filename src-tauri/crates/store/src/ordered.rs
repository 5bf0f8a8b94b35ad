//! Results as lists of record numbers in an order, so that any page of them is a lookup.
//!
//! An order of the whole table is computed once and kept by the caller; a selection is then put into it by
//! one pass over the order, whatever the filter is.

use crate::flows::{Order, sort_key};
use crate::selection::Selection;
use crate::{Store, StoreError};
use arrow::array::{Array, Int64Array};
use duckdb::params_from_iter;

/// All records of the table in one order.
#[derive(Debug, Clone, Default)]
pub struct RecordOrder {
    records: Vec<u32>,
}

impl RecordOrder {
    /// How many records the table had.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether the table was empty.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// All of them.
    pub fn all(&self) -> &[u32] {
        &self.records
    }

    /// The selected ones, in this order.
    pub fn arrange(&self, selected: &[u32]) -> Vec<u32> {
        let highest = selected.iter().max().map_or(0, |highest| *highest as usize + 1);
        let mut wanted = vec![0_u64; highest.div_ceil(64)];
        for record in selected {
            if let Some(word) = wanted.get_mut(*record as usize / 64) {
                *word |= 1 << (record % 64);
            }
        }
        let is_wanted = |record: &u32| {
            wanted.get(*record as usize / 64).is_some_and(|word| word >> (record % 64) & 1 == 1)
        };
        self.records.iter().copied().filter(is_wanted).collect()
    }
}

impl Store {
    /// How many records there are.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn record_count(&self) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM stored_records";
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    /// The numbers of all records in an order; by default time, evidence, line.
    ///
    /// # Errors
    /// [`StoreError::UnknownField`] or [`StoreError::Database`].
    pub fn record_order(&self, order: Option<&Order>) -> Result<RecordOrder, StoreError> {
        let Some(order) = order else {
            return Ok(RecordOrder { records: self.time_order()? });
        };
        let sql = ordered_sql(order)?;
        Ok(RecordOrder { records: self.numbers(&sql, &Selection::all())? })
    }

    /// The numbers of the records that a selection holds, in no order.
    ///
    /// # Errors
    /// [`StoreError::Filter`] or [`StoreError::Database`].
    pub fn selected_records(&self, selection: &Selection) -> Result<Vec<u32>, StoreError> {
        let condition = self.condition(selection, &[])?;
        let sql = format!("SELECT record FROM {} WHERE {}", condition.source, condition.sql);
        self.numbers(&sql, selection)
    }

    /// The first column of a statement, which asks for the parameters of the selection's condition.
    fn numbers(&self, sql: &str, selection: &Selection) -> Result<Vec<u32>, StoreError> {
        let condition = self.condition(selection, &[])?;
        let mut statement = self.connection.prepare(sql)?;
        let batches = statement.query_arrow(params_from_iter(condition.bound()))?;
        let mut records = Vec::new();
        for batch in batches {
            let column = batch.column(0).as_any().downcast_ref::<Int64Array>();
            let numbers = column.into_iter().flat_map(|column| column.values());
            for number in numbers {
                records.push(u32::try_from(*number).map_err(|_| StoreError::TooManyRecords)?);
            }
        }
        Ok(records)
    }
}

/// All records in an order; equal ones by time, evidence and line.
fn ordered_sql(order: &Order) -> Result<String, StoreError> {
    let mut keys = Vec::new();
    let direction = if order.descending { "DESC" } else { "ASC" };
    for column in sort_key(&order.field)? {
        keys.push(format!("{column} {direction} NULLS LAST"));
    }
    let covered = matches!(order.field.as_str(), "verdict" | "packets_seen" | "bytes_seen");
    let source = if covered { "covered_records" } else { "flow_records" };
    keys.extend(["\"start\"".to_owned(), "e.place".to_owned(), "line".to_owned()]);
    Ok(format!(
        "SELECT f.record FROM {source} f JOIN (
            SELECT number, name AS evidence, row_number() OVER (ORDER BY name, number) AS place FROM evidence
         ) e ON e.number = f.evidence ORDER BY {}",
        keys.join(", ").replace("evidence ", "e.evidence ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_takes_the_order_of_the_table() {
        let order = RecordOrder { records: vec![3, 0, 130, 2, 1] };
        assert_eq!(order.arrange(&[0, 1, 2, 130]), [0, 130, 2, 1]);
        assert_eq!(order.arrange(&[3]), [3]);
        assert!(order.arrange(&[]).is_empty());
    }

    #[test]
    fn a_record_that_came_after_the_order_was_made_is_not_in_it() {
        let order = RecordOrder { records: vec![1, 0] };
        assert_eq!(order.arrange(&[0, 1, 2]), [1, 0]);
    }
}
