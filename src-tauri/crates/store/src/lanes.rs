//! When each interface has flow records that count, and when it has none.

use crate::texts::{NODATA, SKIPDATA};
use crate::{Gap, GapKind, GapQuery, Store, StoreError};

/// Times in µs since the epoch, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// First moment.
    pub from: i64,
    /// First moment after it.
    pub to: i64,
    /// What it is a stretch of.
    pub kind: StretchKind,
}

/// What a stretch of time holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StretchKind {
    /// Flow records.
    Records,
    /// The log states that nothing was sent.
    NoData,
    /// The log states that records were skipped.
    SkipData,
    /// A delivery file may be missing.
    SuspectedMissingFile,
    /// There is no row, and nobody says why.
    Silence,
}

/// One interface over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterfaceLane {
    /// The interface.
    pub interface_id: String,
    /// By kind, then in order of time; stretches of the same kind do not touch.
    pub stretches: Vec<Stretch>,
}

impl Store {
    /// The interfaces with the most records, and how many there are in all. Records that lie less than `grain` (µs)
    /// apart are one stretch.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn interface_lanes(
        &self,
        limit: u64,
        grain: i64,
    ) -> Result<(Vec<InterfaceLane>, u64), StoreError> {
        let grain = grain.max(1_000_000);
        let total = "SELECT count(DISTINCT interface_id_number) FROM flow_records";
        let total = self.connection.query_row(total, [], |row| row.get(0))?;
        let sql = format!(
            r#"WITH busiest AS (
                SELECT interface_id_number AS number, count(*) AS records FROM flow_records
                WHERE interface_id_number IS NOT NULL AND overlapping_number IS NULL
                GROUP BY interface_id_number ORDER BY records DESC, text_of(interface_id_number) LIMIT {limit})
            SELECT text_of(b.number) AS lane,
                CASE log_status_number WHEN {NODATA} THEN 1 WHEN {SKIPDATA} THEN 2 ELSE 0 END AS kind,
                min(epoch_us("start")), max(epoch_us("end"))
            FROM flow_records f JOIN busiest b ON b.number = f.interface_id_number
            WHERE "start" IS NOT NULL AND "end" IS NOT NULL AND overlapping_number IS NULL
            GROUP BY b.number, b.records, kind, epoch_us("start") // {grain}
            ORDER BY b.records DESC, lane, kind, 3"#
        );
        let mut statement = self.connection.prepare(&sql)?;
        let mut found = statement.query([])?;
        let mut lanes: Vec<InterfaceLane> = Vec::new();
        while let Some(row) = found.next()? {
            let interface_id: String = row.get(0)?;
            let kind = match row.get::<_, i64>(1)? {
                1 => StretchKind::NoData,
                2 => StretchKind::SkipData,
                _ => StretchKind::Records,
            };
            let next = Stretch { from: row.get(2)?, to: row.get(3)?, kind };
            if lanes.last().is_none_or(|lane| lane.interface_id != interface_id) {
                lanes.push(InterfaceLane { interface_id, stretches: Vec::new() });
            }
            let Some(lane) = lanes.last_mut() else { continue };
            match lane.stretches.last_mut() {
                Some(last) if last.kind == kind && next.from <= last.to.saturating_add(grain) => {
                    last.to = last.to.max(next.to);
                }
                _ => lane.stretches.push(next),
            }
        }
        let inferred = [
            (GapKind::SuspectedMissingFile, StretchKind::SuspectedMissingFile),
            (GapKind::Silence, StretchKind::Silence),
        ];
        for (gap_kind, kind) in inferred {
            for lane in &mut lanes {
                let interface_id = Some(lane.interface_id.clone());
                let gaps = self.gaps(&GapQuery { interface_id, kind: Some(gap_kind) })?;
                let stretch = |gap: Gap| Stretch { from: gap.from, to: gap.to, kind };
                lane.stretches.extend(gaps.into_iter().map(stretch));
            }
        }
        Ok((lanes, total))
    }
}
