//! From a flow record to its packets, and why there are not more.

use crate::captures::Captures;
use crate::wire::{PivotObject, flow_object};
use crate::{Workbench, WorkbenchError};
use evidence::{PacketRef, RecordRef};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap, HashSet};
use store::coverage::{DirectedTuple, Seen};
use store::{FlowQuery, FlowRow};

impl Workbench {
    /// The packets of the records that a query selects.
    ///
    /// # Errors
    /// [`crate::ErrorCode::BadQuery`] if the filter is none.
    pub fn pivot(&self, query: &FlowQuery) -> Result<Vec<PivotObject>, WorkbenchError> {
        let rows = self.store()?.flows(query)?;
        self.pivot_rows(&rows)
    }

    /// The packets of one record.
    ///
    /// # Errors
    /// [`crate::ErrorCode::NotFound`] if the case has no such record.
    pub fn pivot_record(&self, id: &RecordRef) -> Result<PivotObject, WorkbenchError> {
        self.pivot_of(&self.flow_row(id)?)
    }

    /// A record that is to be held against the captures.
    ///
    /// # Errors
    /// As [`Workbench::pivot_record`].
    pub fn flow_row(&self, id: &RecordRef) -> Result<FlowRow, WorkbenchError> {
        let row = self.store()?.flow(id)?;
        row.ok_or_else(|| WorkbenchError::not_found(format!("flow record {id}")))
    }

    /// The packets of a record at hand.
    ///
    /// # Errors
    /// If the case's database, or an index, cannot be read.
    pub fn pivot_of(&self, row: &FlowRow) -> Result<PivotObject, WorkbenchError> {
        let pivot = self.pivot_rows(std::slice::from_ref(row))?.pop();
        pivot.ok_or_else(|| WorkbenchError::not_found(format!("flow record {}", row.id)))
    }

    fn pivot_rows(&self, rows: &[FlowRow]) -> Result<Vec<PivotObject>, WorkbenchError> {
        self.with_captures(|captures| {
            let (packets, members) = (self.packets_of_rows(captures, rows)?, self.members());
            let none = Vec::new();
            rows.iter()
                .map(|row| {
                    let packets = packets.get(&row.record).unwrap_or(&none);
                    pivot(captures, flow_object(row, &members), row, packets)
                })
                .collect()
        })
    }

    /// The packets of each record that has any, by record.
    pub(crate) fn packets_of_rows(
        &self,
        captures: &Captures,
        rows: &[FlowRow],
    ) -> Result<HashMap<i64, Vec<Seen>>, WorkbenchError> {
        let mut interfaces: BTreeMap<&str, Vec<&FlowRow>> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.packets_seen.unwrap_or(0) > 0) {
            if let Some(interface) = row.text("interface_id") {
                interfaces.entry(interface).or_default().push(row);
            }
        }
        let mut packets = HashMap::new();
        for (interface, rows) in interfaces {
            let records: HashSet<i64> = rows.iter().map(|row| row.record).collect();
            let tuples: HashSet<_> = rows.iter().filter_map(|row| tuple(row)).collect();
            let only = (tuples.len() == 1).then(|| tuples.iter().next()).flatten();
            let dealt = self.store()?.packets_of_records(
                &captures.mirror,
                &captures.offsets,
                interface,
                only,
                &records,
            )?;
            packets.extend(dealt.into_iter().map(|dealt| (dealt.record, dealt.packets)));
        }
        Ok(packets)
    }
}

/// Who sent to whom, at the level of packets.
fn tuple(row: &FlowRow) -> Option<DirectedTuple> {
    let port = |column: &str| u16::try_from(row.int(column).unwrap_or(0)).ok();
    Some(DirectedTuple {
        protocol: u8::try_from(row.int("protocol")?).ok()?,
        source: (row.address("pkt_srcaddr").or_else(|| row.address("srcaddr"))?, port("srcport")?),
        destination: (
            row.address("pkt_dstaddr").or_else(|| row.address("dstaddr"))?,
            port("dstport")?,
        ),
    })
}

fn pivot(
    captures: &Captures,
    record: Map<String, Value>,
    row: &FlowRow,
    seen: &[Seen],
) -> Result<PivotObject, WorkbenchError> {
    let packet_ids = seen.iter().filter_map(|seen| reference(captures, seen));
    let mut conversations = Vec::new();
    for number in &row.conversations {
        let conversation = captures.conversation(*number)?;
        conversations.extend(conversation.map(|conversation| conversation.id.to_string()));
    }
    Ok(PivotObject {
        record,
        verdict: row.verdict.clone(),
        reasons: row.reasons.clone(),
        because: row.reasons.iter().map(|reason| sentence(reason).to_owned()).collect(),
        packets: row.int("packets"),
        packets_seen: row.packets_seen,
        bytes: row.int("bytes"),
        bytes_seen: row.bytes_seen,
        conversations,
        packet_ids: packet_ids.map(|packet| packet.to_string()).collect(),
        elsewhere: elsewhere(captures, row)?,
    })
}

/// The packet that was seen.
pub(crate) fn reference(captures: &Captures, seen: &Seen) -> Option<PacketRef> {
    let (capture, offset) = (seen.place.0 as usize, seen.place.1);
    captures.reference(capture, offset)
}

fn elsewhere(captures: &Captures, row: &FlowRow) -> Result<Vec<String>, WorkbenchError> {
    const MINUTE: i64 = 60_000_000_000;
    let window = row.int("start").zip(row.int("end"));
    let (Some(tuple), Some((start, end))) = (tuple(row), window) else {
        return Ok(Vec::new());
    };
    let interface = row.text("interface_id").unwrap_or_default();
    let from = start.saturating_mul(1_000).saturating_sub(MINUTE);
    let to = end.saturating_mul(1_000).saturating_add(MINUTE);
    let names = captures.mirror.elsewhere(interface, &tuple, from, to)?;
    Ok(names.into_iter().map(str::to_owned).collect())
}

/// What a reason means.
pub(crate) fn sentence(reason: &str) -> &'static str {
    match reason {
        "no_capture" => "The case holds no capture.",
        "not_a_mirror_source" => "No mirror session in the captures belongs to this interface.",
        "rejected_before_mirror" => {
            "A security group or network ACL dropped the packets before they could be mirrored."
        }
        "never_mirrored" => "AWS does not mirror this kind of traffic (DHCP, NTP).",
        "outside_capture" => {
            "The record's window lies, in whole or in part, outside the time that the captures cover."
        }
        "missing_packets" => {
            "The mirror or a collector lost packets, or another collector holds them: absence of packets is not absence of traffic."
        }
        "window_edge" => {
            "Records of the same flow follow closely, and delivery lag shifts their windows: packets at the edge may be counted to the neighbour."
        }
        "truncated" => {
            "Packets are all there, but their payload was cut by the mirror session's packet length or the path."
        }
        "overlapping" => {
            "Another source has the records of this interface and time, and counts: the packets are held against those."
        }
        "unexplained" => "The captures hold more than the record counts.",
        _ => "",
    }
}
