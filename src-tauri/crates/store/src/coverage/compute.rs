//! The verdict on every record of a case.

use super::assign::LAG;
use super::{ClockOffset, DirectedTuple, Facts, Mirror, Seen, Window, clock_offset, deal, judge};
use crate::database::stored;
use crate::texts::{EGRESS, NODATA, REJECT, SKIPDATA};
use crate::{Store, StoreError};
use arrow::array::{ArrayRef, Int32Builder, Int64Array, Int64Builder, ListBuilder, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use duckdb::{Row, params};
use evidence::Address;
use std::collections::HashSet;
use std::sync::Arc;

const SECOND: i64 = 1_000_000_000;
/// UDP ports whose traffic AWS never mirrors: DHCP and NTP (Traffic Mirroring considerations).
const NEVER_MIRRORED: [u16; 5] = [67, 68, 123, 546, 547];

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
                let offset = offset_at(mirror, offsets, interface);
                let mut rows = CoverageRows::default();
                self.each_tuple(interface, None, |candidates| {
                    judge_group(mirror, interface, offset, candidates, &mut rows)
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
        let offset = offset_at(mirror, offsets, interface);
        let mut found = Vec::new();
        self.each_tuple(interface, tuple, |candidates| {
            if candidates.iter().any(|candidate| records.contains(&candidate.record)) {
                let dealt = deal_group(mirror, interface, offset, candidates)?;
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
}

/// Capture clock − flow-log clock at an interface; 0 where it is unknown. Unit: ns.
fn offset_at(mirror: &Mirror, offsets: &[Option<ClockOffset>], interface: &str) -> i64 {
    let offset = mirror.collector(interface).and_then(|at| offsets.get(at).copied().flatten());
    offset.map_or(0, |offset| (offset.seconds * 1e9).round() as i64)
}

/// Deals the packets of a tuple out to its records, which are in order of time.
fn deal_group(
    mirror: &Mirror,
    interface: &str,
    offset: i64,
    candidates: &[Candidate],
) -> Result<Vec<Dealt>, StoreError> {
    let mut dealt: Vec<Dealt> = candidates
        .iter()
        .map(|candidate| Dealt { record: candidate.record, packets: Vec::new() })
        .collect();
    let Some(tuple) = candidates.first().and_then(|candidate| candidate.tuple) else {
        return Ok(dealt);
    };
    let windowed: Vec<usize> = (0..candidates.len())
        .filter(|&at| candidates[at].window.is_some() && !candidates[at].rejected_ingress)
        .collect();
    let windows: Vec<Window> = windowed.iter().filter_map(|&at| candidates[at].window).collect();
    let packets = mirror.packets(interface, &tuple)?;
    let times: Vec<i64> =
        packets.iter().map(|seen| seen.time.saturating_sub(offset).div_euclid(SECOND)).collect();
    for (seen, owner) in packets.iter().zip(deal(&windows, &times)) {
        if let Some(owner) = owner {
            dealt[windowed[owner]].packets.push(*seen);
        }
    }
    Ok(dealt)
}

fn judge_group(
    mirror: &Mirror,
    interface: &str,
    offset: i64,
    candidates: &[Candidate],
    rows: &mut CoverageRows,
) -> Result<(), StoreError> {
    let dealt = deal_group(mirror, interface, offset, candidates)?;
    for (at, (candidate, dealt)) in candidates.iter().zip(dealt).enumerate() {
        let clock = |second: i64| second.saturating_mul(SECOND).saturating_add(offset);
        let facts = Facts {
            recorded: candidate.recorded.filter(|_| candidate.tuple.is_some()),
            seen: (
                stored(dealt.packets.len() as u64),
                dealt.packets.iter().map(|seen| i64::from(seen.bytes)).sum(),
            ),
            truncated: stored(dealt.packets.iter().filter(|seen| seen.truncated).count() as u64),
            any_capture: mirror.any_capture(),
            mirrored: true,
            within: candidate.window.map_or_else(Default::default, |window| {
                // The whole seconds of a record begin before its first packet and end after its last.
                mirror.within(interface, clock(window.start + 1), clock(window.end))
            }),
            rejected_ingress: candidate.rejected_ingress,
            neighbour: candidate.window.is_some_and(|window| {
                // Groups are in order of time: the nearest records stand beside this one.
                let beside = [at.checked_sub(1), at.checked_add(1)].into_iter().flatten();
                beside
                    .filter_map(|at| candidates.get(at)?.window)
                    .any(|other| other.start - window.end <= LAG && window.start - other.end <= LAG)
            }),
            never_mirrored: candidate.tuple.is_some_and(|tuple| {
                tuple.protocol == 17
                    && [tuple.source.1, tuple.destination.1]
                        .iter()
                        .any(|port| NEVER_MIRRORED.contains(port))
            }),
        };
        let (verdict, reasons) = judge(&facts);
        let mut conversations: Vec<i32> =
            dealt.packets.iter().map(|seen| seen.conversation).collect();
        conversations.sort_unstable();
        conversations.dedup();
        rows.push(candidate.record, verdict.name(), &reasons, facts.seen, &conversations);
    }
    Ok(())
}

