//! Questions that compare: different values, two windows beside each other.

use crate::wire::{ChangeKind, ComparedObject, DistinctAnswer, DistinctObject, SumsObject};
use crate::{Workbench, WorkbenchError, moment};
use store::{Change, CompareQuery, DistinctQuery, Sums};

impl Workbench {
    /// The different values of a field and how many there are.
    ///
    /// # Errors
    /// [`crate::ErrorCode::BadQuery`] if the filter or the field is none.
    pub fn distinct(&self, query: &DistinctQuery) -> Result<DistinctAnswer, WorkbenchError> {
        let store = self.store()?;
        let known = self.known();
        let rows = store.distinct(query)?.into_iter().map(|row| DistinctObject {
            known_as: known.value(&query.field, row.value.as_deref()),
            value: row.value,
            records: row.records,
            first: row.first.map(moment::microseconds),
            last: row.last.map(moment::microseconds),
        });
        Ok(DistinctAnswer { total: store.distinct_count(query)?, rows: rows.collect() })
    }

    /// What is new in a window, gone, grown or shrunk, beside a baseline.
    ///
    /// # Errors
    /// As [`Workbench::distinct`].
    pub fn compare(&self, query: &CompareQuery) -> Result<Vec<ComparedObject>, WorkbenchError> {
        let known = self.known();
        let rows = self.store()?.compare(query)?.into_iter().map(|row| ComparedObject {
            known_as: known.value(&query.field, row.value.as_deref()),
            value: row.value,
            change: match row.change {
                Change::New => ChangeKind::New,
                Change::Grown => ChangeKind::Grown,
                Change::Gone => ChangeKind::Gone,
                Change::Shrunk => ChangeKind::Shrunk,
                Change::Same => ChangeKind::Same,
            },
            baseline: sums(row.baseline),
            window: sums(row.window),
            ratio: row.ratio,
        });
        Ok(rows.collect())
    }

    /// The first moment after the last record. Unit: µs since the epoch, UTC.
    ///
    /// # Errors
    /// If the case's database cannot be read.
    pub fn last_moment(&self) -> Result<Option<i64>, WorkbenchError> {
        Ok(self.store()?.totals()?.last.map(|last| last.saturating_add(1)))
    }
}

fn sums(sums: Sums) -> SumsObject {
    SumsObject { records: sums.records, packets: sums.packets, bytes: sums.bytes }
}
