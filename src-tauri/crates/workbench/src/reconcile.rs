//! Flow records and captures held against each other over time: what was counted, what was captured, what is missing.

use crate::moment;
use crate::wire::{Lane, ReconciledObject, Span, SpanKind};
use crate::{Workbench, WorkbenchError};
use std::collections::BTreeMap;
use store::coverage::Reconciled;

const MINUTE: i64 = 60_000_000;

impl Workbench {
    /// Recorded, seen and captured packets of each mirrored interface and minute.
    ///
    /// # Errors
    /// If the case's database, or an index, cannot be read.
    pub fn reconciliation(&self) -> Result<Vec<ReconciledObject>, WorkbenchError> {
        let records = self.store()?.reconciled(MINUTE)?;
        let mut captured: BTreeMap<(String, i64), u64> = self.with_captures(|captures| {
            let mut captured = BTreeMap::new();
            for capture in &captures.list {
                for activity in capture.index.activity() {
                    let interface = capture.interfaces.get(activity.session as usize);
                    let Some(interface) = interface.and_then(Option::as_ref) else { continue };
                    // Whole minutes of the capture's clock: an offset of seconds moves none of them.
                    let offset = captures.offset_of(Some(interface)).div_euclid(1_000);
                    let minutes = offset.saturating_add(MINUTE / 2).div_euclid(MINUTE);
                    let slot = activity.minute.saturating_sub(minutes).saturating_mul(MINUTE);
                    let count: &mut u64 = captured.entry((interface.clone(), slot)).or_default();
                    *count = count.saturating_add(activity.packets);
                }
            }
            Ok(captured)
        })?;
        let mut rows: Vec<ReconciledObject> = Vec::with_capacity(records.len());
        for Reconciled { interface_id, from, records, recorded, seen } in records {
            let captured = captured.remove(&(interface_id.clone(), from)).unwrap_or_default();
            rows.push(row(interface_id, from, [records, recorded, seen, captured]));
        }
        let rest = captured.into_iter();
        rows.extend(
            rest.map(|((interface, from), packets)| row(interface, from, [0, 0, 0, packets])),
        );
        rows.sort_by(|a, b| (&a.interface_id, &a.from).cmp(&(&b.interface_id, &b.from)));
        Ok(rows)
    }

    /// The lane of the timeline that says how much of what was recorded was seen, over all mirrored interfaces.
    pub(crate) fn coverage_lane(&self, width: i64) -> Result<Option<Lane>, WorkbenchError> {
        let width = width.max(MINUTE);
        let mut sums: BTreeMap<i64, (u64, u64)> = BTreeMap::new();
        for Reconciled { from, recorded, seen, .. } in self.store()?.reconciled(width)? {
            let sum = sums.entry(from).or_default();
            *sum = (sum.0.saturating_add(recorded), sum.1.saturating_add(seen));
        }
        let mut spans: Vec<Span> = Vec::new();
        for (from_us, (recorded, seen)) in sums.into_iter().filter(|(_, sum)| sum.0 > 0) {
            let kind = match seen {
                0 => SpanKind::Unseen,
                seen if seen < recorded => SpanKind::PartlySeen,
                _ => SpanKind::Seen,
            };
            let to_us = from_us.saturating_add(width);
            match spans.last_mut() {
                Some(last) if last.kind == kind && last.to_us == from_us => last.to_us = to_us,
                _ => spans.push(Span { from_us, to_us, kind }),
            }
        }
        let (id, label) = ("coverage".to_owned(), "recorded packets seen".to_owned());
        Ok((!spans.is_empty()).then_some(Lane { id, label, spans }))
    }
}

fn row(interface_id: String, from: i64, counts: [u64; 4]) -> ReconciledObject {
    let [records, recorded, seen, captured] = counts;
    ReconciledObject {
        interface_id,
        from: moment::microseconds(from),
        to: moment::microseconds(from.saturating_add(MINUTE)),
        records,
        recorded,
        seen,
        lost: recorded.saturating_sub(seen),
        captured,
    }
}
