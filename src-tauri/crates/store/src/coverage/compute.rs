//! The verdict on every record of a case.

use super::candidates::Candidate;
use super::group::Group;
use super::rows::CoverageRows;
use super::window::{LAG, SLACK};
use super::{ClockOffset, DirectedTuple, Mirror, Seen, clock_offset};
use crate::{GapKind, GapQuery, Store, StoreError};
use std::collections::{HashMap, HashSet};

const SECOND: i64 = 1_000_000_000;

/// The packets that one record counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dealt {
    /// The record's number.
    pub record: i64,
    /// Its packets, in order of time.
    pub packets: Vec<Seen>,
}

impl Store {
    /// Computes the verdict on every record anew. `offsets` are the collectors' clock offsets.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn compute_coverage(
        &self,
        mirror: &Mirror,
        offsets: &[Option<ClockOffset>],
    ) -> Result<(), StoreError> {
        self.whole(|connection| {
            connection.execute("DELETE FROM coverage", [])?;
            Ok(())
        })?;
        let interfaces = mirror.interfaces();
        self.whole(|connection| {
            // Records of other interfaces have one reason for all of them, and no rows.
            let reason = if mirror.any_capture() { "not_a_mirror_source" } else { "no_capture" };
            connection.execute("UPDATE uncovered SET reason = ?", [reason])?;
            for interface in &interfaces {
                let offset = mirror.offset(interface, offsets).unwrap_or_default();
                let mut rows = CoverageRows::default();
                self.each_tuple(interface, None, |candidates| {
                    Group { mirror, interface, offset, candidates }.judge(&mut rows)
                })?;
                rows.append_to(self)?;
            }
            Ok(())
        })
    }

    /// The packets that records count: the same answer as their verdicts rest on. The records are given by their
    /// interface; `tuple` narrows the search where all of them share one.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn packets_of_records(
        &self,
        mirror: &Mirror,
        offsets: &[Option<ClockOffset>],
        interface: &str,
        tuple: Option<&DirectedTuple>,
        records: &HashSet<i64>,
    ) -> Result<Vec<Dealt>, StoreError> {
        let offset = mirror.offset(interface, offsets).unwrap_or_default();
        let mut found = Vec::new();
        self.each_tuple(interface, tuple, |candidates| {
            if candidates.iter().any(|candidate| records.contains(&candidate.record)) {
                let dealt = Group { mirror, interface, offset, candidates }.deal()?;
                found.extend(dealt.into_iter().filter(|dealt| records.contains(&dealt.record)));
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Records that count, by verdict; those without one (NODATA, SKIPDATA) stand under `null`.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn verdict_counts(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let sql = "SELECT coalesce(verdict, 'null'), count(*) FROM covered_records
            WHERE overlapping_number IS NULL GROUP BY ALL ORDER BY ALL";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Packets that the records of mirrored interfaces count, and how many of them the captures hold.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn packets_recorded_and_seen(&self) -> Result<(u64, u64), StoreError> {
        let sql = "SELECT coalesce(sum(f.packets), 0)::UBIGINT, coalesce(sum(c.packets_seen), 0)::UBIGINT
            FROM coverage c JOIN flow_records f ON f.record = c.record
            WHERE c.verdict IN ('full', 'partial', 'none', 'excess')
            AND NOT list_contains(c.reasons, 'not_a_mirror_source') AND NOT list_contains(c.reasons, 'no_capture')";
        Ok(self.connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    /// How far the clock of each collector of the mirror is from the flow logs'; `None` where too little agrees.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn clock_offsets(&self, mirror: &Mirror) -> Result<Vec<Option<ClockOffset>>, StoreError> {
        let mut differences = vec![Vec::new(); mirror.collectors()];
        for interface in mirror.interfaces() {
            let Some(collector) = mirror.collector(interface) else { continue };
            self.each_tuple(interface, None, |candidates| {
                if let [Candidate { tuple: Some(tuple), window: Some(window), recorded, .. }] =
                    candidates
                {
                    let packets = mirror.packets(interface, tuple)?;
                    let complete = recorded.map(|(count, _)| count) == Some(packets.len() as i64);
                    if let (true, Some(first)) = (complete, packets.first()) {
                        let start = window.start.saturating_mul(SECOND);
                        differences[collector].push(first.time.saturating_sub(start));
                    }
                }
                Ok(())
            })?;
        }
        Ok(differences.iter_mut().map(|collector| clock_offset(collector)).collect())
    }

    /// When records of each mirrored interface may be missing, for [`Mirror::unlogged_at`].
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn unlogged(
        &self,
        mirror: &Mirror,
    ) -> Result<HashMap<String, Vec<(i64, i64)>>, StoreError> {
        let sql = r#"SELECT text_of(interface_id_number), epoch(min("start"))::BIGINT, epoch(max("end"))::BIGINT,
                coalesce(max(epoch("end") - epoch("start")), 0)::BIGINT
            FROM flow_records WHERE interface_id_number IS NOT NULL AND overlapping_number IS NULL
            GROUP BY interface_id_number"#;
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement
            .query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?))))?;
        let logged: HashMap<String, (Option<i64>, Option<i64>, i64)> =
            rows.collect::<Result<_, _>>()?;
        let mut gaps: HashMap<String, Vec<(i64, i64)>> = HashMap::new();
        for gap in self.gaps(&GapQuery::default())? {
            if matches!(gap.kind, GapKind::SkipData | GapKind::SuspectedMissingFile) {
                let seconds = (gap.from.div_euclid(1_000_000), gap.to.div_euclid(1_000_000));
                gaps.entry(gap.interface_id).or_default().push(seconds);
            }
        }
        let own = |interface: &str| {
            let logged = logged.get(interface).copied().unwrap_or_default();
            (interface.to_owned(), stretches(logged, gaps.get(interface).into_iter().flatten()))
        };
        Ok(mirror.interfaces().into_iter().map(own).collect())
    }
}

/// When records of an interface may be missing, in order, by its first and last second, its longest window, and its gaps.
/// Unit: seconds of the flow logs' clock.
fn stretches<'a>(
    (first, last, longest): (Option<i64>, Option<i64>, i64),
    gaps: impl Iterator<Item = &'a (i64, i64)>,
) -> Vec<(i64, i64)> {
    // A record counts packets that came so much before it is due.
    let before = longest.saturating_add(LAG);
    let mut stretches: Vec<(i64, i64)> =
        gaps.map(|(from, to)| (from.saturating_sub(before), to.saturating_add(SLACK))).collect();
    if let Some((first, last)) = first.zip(last) {
        stretches.push((i64::MIN, first.saturating_add(SLACK)));
        stretches.push((last.saturating_sub(before), i64::MAX));
    }
    stretches.sort_unstable();
    stretches
}
