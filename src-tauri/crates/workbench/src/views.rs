//! Results that are paged through: the numbers of their records in order.

use crate::wire::{FlowListRow, FlowPage, View};
use crate::{ErrorCode, Workbench, WorkbenchError};
use evidence::RecordRef;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::{Order, RecordOrder, Selection};

/// Orders of the whole table that are kept; one takes 4 bytes a record.
const ORDERS: usize = 3;
/// Results that are kept: the one that is shown, and those that its pages may still be asked of.
const RESULTS: usize = 4;
/// Rows of one page.
const PAGE: usize = 4_096;

/// The orders and results of a case.
#[derive(Default)]
pub(crate) struct Views {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    orders: VecDeque<KeptOrder>,
    results: VecDeque<(u32, Arc<Vec<u32>>)>,
    last: u32,
}

struct KeptOrder {
    order: Option<Order>,
    /// Records that the table had.
    records: u64,
    whole: Arc<RecordOrder>,
}

impl Views {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets the orders: the verdicts changed.
    pub(crate) fn forget_orders(&self) {
        self.held().orders.clear();
    }
}

impl Workbench {
    /// Computes a result and keeps it for [`Workbench::flow_page`].
    ///
    /// # Errors
    /// [`ErrorCode::BadQuery`] if the filter or the order is none.
    pub fn open_view(
        &self,
        selection: &Selection,
        order: Option<&Order>,
    ) -> Result<View, WorkbenchError> {
        let (records, counted) = self.ordered(selection, order)?;
        let rows = records.len() as u64;
        let mut held = self.case.views.held();
        held.last = held.last.wrapping_add(1);
        let view = held.last;
        held.results.push_back((view, Arc::new(records)));
        if held.results.len() > RESULTS {
            held.results.pop_front();
        }
        Ok(View { view, rows, records_total: counted })
    }

    /// The numbers of the selected records in an order, and how many records count in all.
    pub(crate) fn ordered(
        &self,
        selection: &Selection,
        order: Option<&Order>,
    ) -> Result<(Vec<u32>, u64), WorkbenchError> {
        let whole = self.whole_order(order)?;
        let total = match selection.reaches_all_sources()? {
            true => whole.len() as u64,
            false => self.store()?.count(&Selection::all())?,
        };
        let everything = total == whole.len() as u64
            && selection.from.is_none()
            && selection.to.is_none()
            && selection.filter.as_deref().is_none_or(|text| text.trim().is_empty());
        let records = if everything {
            whole.all().to_vec()
        } else {
            whole.arrange(&self.store()?.selected_records(selection)?)
        };
        Ok((records, total))
    }

    /// Rows of a result.
    ///
    /// # Errors
    /// [`ErrorCode::Superseded`] if newer results took its place.
    pub fn flow_page(
        &self,
        view: u32,
        from: usize,
        count: usize,
    ) -> Result<FlowPage, WorkbenchError> {
        let records = self.result(view)?;
        let rest = records.get(from..).unwrap_or_default();
        let some = rest.get(..count.min(PAGE)).unwrap_or(rest);
        Ok(FlowPage { from, rows: self.rows_of(some)? })
    }

    /// The place of a record in a result, from 0.
    ///
    /// # Errors
    /// As [`Workbench::flow_page`].
    pub fn place_in_view(
        &self,
        view: u32,
        record: &RecordRef,
    ) -> Result<Option<usize>, WorkbenchError> {
        let records = self.result(view)?;
        let number = self.store()?.record_number(record)?;
        Ok(number.and_then(|number| records.iter().position(|record| *record == number)))
    }

    /// The rows of records by their numbers.
    pub(crate) fn rows_of(&self, records: &[u32]) -> Result<Vec<FlowListRow>, WorkbenchError> {
        Ok(self.store()?.listed(records)?.into_iter().map(FlowListRow::from).collect())
    }

    fn result(&self, view: u32) -> Result<Arc<Vec<u32>>, WorkbenchError> {
        let held = self.case.views.held();
        let found = held.results.iter().find(|(number, _)| *number == view);
        found.map(|(_, records)| Arc::clone(records)).ok_or_else(|| {
            WorkbenchError::new(ErrorCode::Superseded, "newer results took the place of this one")
        })
    }

    /// All records in an order. Records that come in make it anew; nothing else can change it but verdicts.
    fn whole_order(&self, order: Option<&Order>) -> Result<Arc<RecordOrder>, WorkbenchError> {
        let store = self.store()?;
        let records = store.record_count()?;
        let is_same = |kept: &KeptOrder| kept.order.as_ref() == order && kept.records == records;
        if let Some(kept) = self.case.views.held().orders.iter().find(|kept| is_same(kept)) {
            return Ok(Arc::clone(&kept.whole));
        }
        let whole = Arc::new(store.record_order(order)?);
        let mut held = self.case.views.held();
        held.orders.retain(|kept| kept.order.as_ref() != order);
        held.orders.push_back(KeptOrder {
            order: order.cloned(),
            records,
            whole: Arc::clone(&whole),
        });
        if held.orders.len() > ORDERS {
            held.orders.pop_front();
        }
        Ok(whole)
    }
}
