//! Whole records by their numbers, a page at a time: what is in memory is a page, however many there are.

use crate::{FlowRow, Store, StoreError};
use std::ops::ControlFlow;

/// Records of one page. A page reads the parts of the table that its records are in, so that small pages of scattered
/// records would read the same parts again and again.
const PAGE: usize = 1 << 15;

/// The records of the page, as a source like `flow_details`; they are in order by `place`.
pub(crate) const PAGED: &str = "page JOIN flow_details USING (record)";

impl Store {
    /// Gives the records with these numbers, in this order, until told to stop; numbers that are not there are left out.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn each_flow(
        &self,
        records: &[u32],
        mut take: impl FnMut(FlowRow) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        for records in records.chunks(PAGE) {
            self.turn_to(records)?;
            for row in self.flow_rows(&format!("{PAGED} ORDER BY place"), &[])? {
                if take(row).is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Makes these records the page.
    pub(crate) fn turn_to(&self, records: &[u32]) -> Result<(), StoreError> {
        self.connection.execute_batch(
            "CREATE OR REPLACE TEMP TABLE page (place UINTEGER NOT NULL, record BIGINT NOT NULL)",
        )?;
        let mut appender = self.connection.appender("page")?;
        for (place, record) in (0_u32..).zip(records) {
            appender.append_row([i64::from(place), i64::from(*record)])?;
        }
        Ok(appender.flush()?)
    }
}
