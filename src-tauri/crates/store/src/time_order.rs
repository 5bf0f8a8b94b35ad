//! The order of lists: time, evidence, line.
//!
//! Records are numbered as they were read, file by file and line by line, so that only their starts are left to sort by.
//! Starts are seconds of a few days or weeks: counting them is several times faster than comparing them, and needs no
//! table that is kept.

use crate::{Store, StoreError};
use arrow::array::{Array, Int32Array, Int64Array};
use arrow::record_batch::RecordBatch;
use std::collections::HashMap;

/// More seconds than this (six years) are not counted one by one.
const MOST_SECONDS: i64 = 200_000_000;
const SECOND: i64 = 1_000_000;

/// What the order needs to know of each record.
#[derive(Default)]
struct Starts {
    records: Vec<u32>,
    /// Unit: µs; records without a start come last.
    starts: Vec<i64>,
    /// The place of the evidence among all, by name.
    places: Vec<u32>,
}

impl Store {
    /// The numbers of all records by time, evidence and line.
    pub(crate) fn time_order(&self) -> Result<Vec<u32>, StoreError> {
        let mut places = HashMap::new();
        let sql = "SELECT number FROM evidence ORDER BY name, number";
        let mut statement = self.connection.prepare(sql)?;
        for (place, number) in (0_u32..).zip(statement.query_map([], |row| row.get::<_, i32>(0))?) {
            places.insert(number?, place);
        }
        let sql = "SELECT record, epoch_us(\"start\"), evidence FROM stored_records";
        let mut statement = self.connection.prepare(sql)?;
        let mut starts = Starts::default();
        for batch in statement.query_arrow([])? {
            starts.take(&batch, &places)?;
        }
        Ok(starts.sorted())
    }
}

impl Starts {
    fn take(&mut self, batch: &RecordBatch, places: &HashMap<i32, u32>) -> Result<(), StoreError> {
        let column = |at: usize| batch.column(at).as_any();
        let (Some(records), Some(starts), Some(evidence)) = (
            column(0).downcast_ref::<Int64Array>(),
            column(1).downcast_ref::<Int64Array>(),
            column(2).downcast_ref::<Int32Array>(),
        ) else {
            return Ok(());
        };
        let mut known = (i32::MIN, 0);
        for at in 0..batch.num_rows() {
            let number = evidence.value(at);
            if number != known.0 {
                known = (number, places.get(&number).copied().unwrap_or(u32::MAX));
            }
            let record = records.value(at);
            self.records.push(u32::try_from(record).map_err(|_| StoreError::TooManyRecords)?);
            self.starts.push(if starts.is_null(at) { i64::MAX } else { starts.value(at) });
            self.places.push(known.1);
        }
        Ok(())
    }

    fn sorted(&self) -> Vec<u32> {
        let present = || self.starts.iter().copied().filter(|start| *start != i64::MAX);
        let first = present().min().unwrap_or(0).div_euclid(SECOND);
        let last = present().max().unwrap_or(0).div_euclid(SECOND);
        let seconds = last.saturating_sub(first).saturating_add(2);
        let mut order: Vec<u32> = Vec::new();
        if seconds > MOST_SECONDS || self.records.len() > u32::MAX as usize {
            order.extend(0..self.records.len() as u32);
            self.sort(&mut order);
        } else {
            order = self.counted(first, seconds as usize);
            let second = |at: u32| self.start(at).div_euclid(SECOND);
            for same in order.chunk_by_mut(|a, b| second(*a) == second(*b)) {
                if !same.is_sorted_by_key(|at| self.key(*at)) {
                    self.sort(same);
                }
            }
        }
        for at in &mut order {
            *at = self.records.get(*at as usize).copied().unwrap_or_default();
        }
        order
    }

    /// The rows by the second of their start, those of one second as they stand in the table.
    fn counted(&self, first: i64, seconds: usize) -> Vec<u32> {
        let slot = |start: i64| match start {
            i64::MAX => seconds.saturating_sub(1),
            start => (start.div_euclid(SECOND).saturating_sub(first)) as usize,
        };
        let mut begins = vec![0_u32; seconds.saturating_add(1)];
        for start in &self.starts {
            if let Some(count) = begins.get_mut(slot(*start).saturating_add(1)) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for begin in &mut begins {
            sum += *begin;
            *begin = sum;
        }
        let mut order = vec![0_u32; self.starts.len()];
        for (at, start) in (0_u32..).zip(&self.starts) {
            if let Some(place) = begins.get_mut(slot(*start)) {
                if let Some(own) = order.get_mut(*place as usize) {
                    *own = at;
                }
                *place += 1;
            }
        }
        order
    }

    fn sort(&self, rows: &mut [u32]) {
        rows.sort_by_key(|at| self.key(*at));
    }

    fn start(&self, at: u32) -> i64 {
        self.starts.get(at as usize).copied().unwrap_or(i64::MAX)
    }

    fn key(&self, at: u32) -> (i64, u32, u32) {
        let of = |list: &[u32]| list.get(at as usize).copied().unwrap_or(u32::MAX);
        (self.start(at), of(&self.places), of(&self.records))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_starts_stand_by_evidence_and_line_and_no_start_comes_last() {
        let rows =
            [(0, 9 * SECOND, 1), (1, i64::MAX, 0), (2, 8 * SECOND + 5, 1), (3, 9 * SECOND, 0)];
        let mut starts = Starts::default();
        for (record, start, place) in rows.iter().chain(&[(4, 8 * SECOND, 1), (5, i64::MAX, 0)]) {
            starts.records.push(*record);
            starts.starts.push(*start);
            starts.places.push(*place);
        }
        assert_eq!(starts.sorted(), [4, 2, 3, 0, 1, 5]);
        // Times far apart are compared instead of counted.
        starts.starts[4] = -400_000_000 * SECOND;
        assert_eq!(starts.sorted(), [4, 2, 3, 0, 1, 5]);
        assert!(Starts::default().sorted().is_empty());
    }
}
