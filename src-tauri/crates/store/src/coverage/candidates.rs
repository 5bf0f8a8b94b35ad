//! The records that packets are held against.

use super::{DirectedTuple, Window};
use crate::texts::{EGRESS, NODATA, REJECT, SKIPDATA};
use crate::{Store, StoreError};
use duckdb::{Row, params};
use evidence::Address;

/// A record of a mirrored interface.
pub(super) struct Candidate {
    pub(super) record: i64,
    pub(super) tuple: Option<DirectedTuple>,
    pub(super) window: Option<Window>,
    /// Packets and bytes.
    pub(super) recorded: Option<(i64, i64)>,
    /// It tells of packets that were dropped on their way in.
    pub(super) rejected_ingress: bool,
    /// Whether the interface sent them, where the log says so.
    pub(super) egress: Option<bool>,
}

const COLUMNS: &str =
    "record, source_hi, source_lo, srcport, destination_hi, destination_lo, dstport,
    protocol, \"start\", \"end\", packets, bytes, rejected_ingress, egress";

fn candidates_sql(interface: i32) -> String {
    format!(
        r#"SELECT record,
        coalesce(pkt_srcaddr_hi, srcaddr_hi), coalesce(pkt_srcaddr_lo, srcaddr_lo), srcport,
        coalesce(pkt_dstaddr_hi, dstaddr_hi), coalesce(pkt_dstaddr_lo, dstaddr_lo), dstport,
        protocol, epoch("start")::BIGINT, epoch("end")::BIGINT, packets, bytes,
        coalesce(action_number = {REJECT} AND flow_direction_number IS DISTINCT FROM {EGRESS}, false),
        flow_direction_number = {EGRESS}
        FROM flow_records WHERE interface_id_number = {interface}
        AND overlapping_number IS NULL AND log_status_number IS DISTINCT FROM {NODATA} AND log_status_number IS DISTINCT FROM {SKIPDATA}"#
    )
}

impl Store {
    /// Gives the records of an interface tuple by tuple (or of one tuple), each group in order of time.
    pub(super) fn each_tuple(
        &self,
        interface: &str,
        only: Option<&DirectedTuple>,
        mut group: impl FnMut(&[Candidate]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let sql = candidates_sql(self.texts.number(interface)?);
        let mut candidates: Vec<Candidate> = match only {
            None => {
                let mut statement = self.connection.prepare(&sql)?;
                statement.query_map([], candidate)?.collect::<Result<_, _>>()?
            }
            Some(tuple) => {
                let sql = format!(
                    "FROM ({sql}) t({COLUMNS}) WHERE source_hi = ?::UBIGINT AND source_lo = ?::UBIGINT
                     AND destination_hi = ?::UBIGINT AND destination_lo = ?::UBIGINT AND protocol = ?::UTINYINT"
                );
                let (source, destination) = (tuple.source.0, tuple.destination.0);
                let mut statement = self.connection.prepare_cached(&sql)?;
                statement
                    .query_map(
                        params![
                            source.hi(),
                            source.lo(),
                            destination.hi(),
                            destination.lo(),
                            tuple.protocol
                        ],
                        candidate,
                    )?
                    .collect::<Result<_, _>>()?
            }
        };
        let key = |candidate: &Candidate| {
            let start = candidate.window.map(|window| (window.start, window.end));
            (candidate.tuple, start, candidate.record)
        };
        candidates.sort_by_key(key);
        for tuple in candidates.chunk_by(|a, b| a.tuple == b.tuple) {
            group(tuple)?;
        }
        Ok(())
    }
}

fn candidate(row: &Row<'_>) -> Result<Candidate, duckdb::Error> {
    let endpoint = |at: usize| -> Result<Option<(Address, u16)>, duckdb::Error> {
        let (hi, lo) = (row.get::<_, Option<u64>>(at)?, row.get::<_, Option<u64>>(at + 1)?);
        let port = row.get::<_, Option<i64>>(at + 2)?.and_then(|port| u16::try_from(port).ok());
        Ok(hi.zip(lo).map(|(hi, lo)| (Address::from_halves(hi, lo), port.unwrap_or(0))))
    };
    let protocol = row.get::<_, Option<i64>>(7)?.and_then(|number| u8::try_from(number).ok());
    let tuple = match (endpoint(1)?, endpoint(4)?, protocol) {
        (Some(source), Some(destination), Some(protocol)) => {
            Some(DirectedTuple { protocol, source, destination })
        }
        _ => None,
    };
    let (start, end): (Option<i64>, Option<i64>) = (row.get(8)?, row.get(9)?);
    let (packets, bytes): (Option<i64>, Option<i64>) = (row.get(10)?, row.get(11)?);
    Ok(Candidate {
        record: row.get(0)?,
        tuple,
        window: start.zip(end).map(|(start, end)| Window { start, end, packets, bytes }),
        recorded: packets.zip(bytes),
        rejected_ingress: row.get(12)?,
        egress: row.get(13)?,
    })
}
