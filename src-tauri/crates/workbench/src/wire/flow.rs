//! A flow record, and records stitched into a flow.

use crate::moment;
use evidence::Sha256;
use flowlog::FIELDS;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::HashMap;
use store::{FlowRow, FlowValue, Initiator, StitchedFlow};

/// AWS's names with underscores, then what Tidemark adds. Fields that no record of VPC flow logs has by default
/// (version 6 and up) stand only where the record has them. `members` is [`Workbench::members`](crate::Workbench::members).
pub fn flow_object(row: &FlowRow, members: &HashMap<Sha256, String>) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("id".to_owned(), row.id.to_string().into());
    for (spec, value) in FIELDS.iter().zip(&row.values) {
        let value = match value {
            FlowValue::Absent if spec.version > 5 => continue,
            FlowValue::Absent => Value::Null,
            FlowValue::Int(number) => (*number).into(),
            FlowValue::Address(address) => address.to_string().into(),
            FlowValue::Time(time) => moment::microseconds(*time).into(),
            FlowValue::Text(text) => text.as_str().into(),
        };
        object.insert(spec.column.to_owned(), value);
    }
    if let Some(unknown) = &row.unknown_fields {
        object.insert("unknown_fields".to_owned(), unknown.as_str().into());
    }
    object.insert("evidence".to_owned(), row.evidence.as_str().into());
    object.insert("evidence_sha256".to_owned(), row.id.evidence.to_string().into());
    let member = members.get(&row.id.evidence);
    object.insert("member".to_owned(), member.map(String::as_str).into());
    object.insert("line".to_owned(), row.id.line.into());
    object.insert("overlapping".to_owned(), row.overlapping.as_deref().into());
    object.insert("verdict".to_owned(), row.verdict.as_deref().into());
    object.insert("reasons".to_owned(), row.reasons.clone().into());
    object.insert("packets_seen".to_owned(), row.packets_seen.into());
    object.insert("bytes_seen".to_owned(), row.bytes_seen.into());
    let range = row.packets_range;
    object.insert("packets_seen_min".to_owned(), range.map(|(least, _)| least).into());
    object.insert("packets_seen_max".to_owned(), range.map(|(_, most)| most).into());
    object.insert("tags".to_owned(), row.tags.clone().into());
    object
}

/// Records of one tuple, interface and direction whose windows follow each other. `initiator_inferred` is `src` or
/// `dst`, inferred from the TCP flags alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct StitchedObject {
    pub id: String,
    pub interface_id: Option<String>,
    pub flow_direction: Option<String>,
    pub srcaddr: String,
    pub srcport: Option<u16>,
    pub dstaddr: String,
    pub dstport: Option<u16>,
    pub protocol: Option<u8>,
    pub first: String,
    pub last: String,
    pub windows: u64,
    pub rejected: u64,
    pub packets: u64,
    pub bytes: u64,
    pub packets_seen: Option<i64>,
    pub bytes_seen: Option<i64>,
    pub tcp_flags: Option<i64>,
    pub initiator_inferred: Option<&'static str>,
    pub overlapping: Option<String>,
}

impl From<StitchedFlow> for StitchedObject {
    fn from(flow: StitchedFlow) -> Self {
        Self {
            id: flow.id.to_string(),
            interface_id: flow.interface_id,
            flow_direction: flow.flow_direction,
            srcaddr: flow.srcaddr.to_string(),
            srcport: flow.srcport,
            dstaddr: flow.dstaddr.to_string(),
            dstport: flow.dstport,
            protocol: flow.protocol,
            first: moment::microseconds(flow.first),
            last: moment::microseconds(flow.last),
            windows: flow.windows,
            rejected: flow.rejected,
            packets: flow.packets,
            bytes: flow.bytes,
            packets_seen: flow.packets_seen,
            bytes_seen: flow.bytes_seen,
            tcp_flags: flow.tcp_flags,
            initiator_inferred: flow.initiator.map(|initiator| match initiator {
                Initiator::Source => "src",
                Initiator::Destination => "dst",
            }),
            overlapping: flow.overlapping,
        }
    }
}
