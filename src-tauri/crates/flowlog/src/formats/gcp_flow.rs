//! VPC flow logs of Google Cloud: `LogEntry` objects of Cloud Logging, on lines or in a list.
//!
//! Google samples packets, so the counts are estimates. It states no decision of a firewall: the action is absent.
//! What names the vantage point is the instance that reports; there is one record for each direction.
//!
//! Source: *VPC Flow Logs records* of Google's documentation.

use crate::field::Field;
use crate::format::Spec;
use crate::json::elements::{Each, Target, first_object, read_elements};
use crate::json::splitter::Path;
use crate::json::value::{get, take};
use crate::row::{Cell, Row};
use crate::{Cause, FlowSink, ReadOptions, Summary};
use serde_json::{Map, Value as Json};
use std::io::{self, Read};
use std::ops::ControlFlow;

pub(crate) static SPEC: Spec = Spec {
    name: "gcp_flow",
    title: "Google Cloud VPC flow log",
    sniff: |head| first_object(head, Path::Top).is_some_and(|entry| is_flow(&entry)),
    read,
    sampled: true,
};

const MEMBERS: [(&str, Field); 9] = [
    ("connection.src_ip", Field::SrcAddr),
    ("connection.dest_ip", Field::DstAddr),
    ("connection.src_port", Field::SrcPort),
    ("connection.dest_port", Field::DstPort),
    ("connection.protocol", Field::Protocol),
    ("packets_sent", Field::Packets),
    ("bytes_sent", Field::Bytes),
    ("start_time", Field::Start),
    ("end_time", Field::End),
];

/// What the reporting side says of itself; it stays in the other members too, where both sides are.
const REPORTER: [(&str, Field); 6] = [
    ("instance.vm_name", Field::InterfaceId),
    ("instance.project_id", Field::AccountId),
    ("instance.region", Field::Region),
    ("instance.zone", Field::AzId),
    ("vpc.vpc_name", Field::VpcId),
    ("vpc.subnetwork_name", Field::SubnetId),
];

fn read(input: &mut dyn Read, _: &ReadOptions, sink: &mut dyn FlowSink) -> io::Result<Summary> {
    read_elements(input, Path::Top, &mut Each(map), sink)
}

fn is_flow(entry: &Map<String, Json>) -> bool {
    get(entry, "jsonPayload.connection.src_ip").is_some()
}

fn map(entry: Map<String, Json>, target: &mut Target<'_, '_>) -> ControlFlow<()> {
    match get(&entry, "logName").and_then(Json::as_str) {
        Some(name) if !name.contains("vpc_flows") && !is_flow(&entry) => {
            target.pass(name.rsplit('/').next().unwrap_or_default())
        }
        _ => target.row(row(entry)),
    }
}

fn row(mut entry: Map<String, Json>) -> Result<Row, Cause> {
    if !is_flow(&entry) {
        return Err(Cause::Form { expected: "a log entry with a connection" });
    }
    let mut row = Row::default();
    for (path, field) in MEMBERS {
        row.set(field, &take(&mut entry, &format!("jsonPayload.{path}")))?;
    }
    let reporter = get(&entry, "jsonPayload.reporter").and_then(Json::as_str).unwrap_or_default();
    let side = match reporter {
        _ if reporter.starts_with("SRC") => Some(("src", "egress")),
        _ if reporter.starts_with("DEST") => Some(("dest", "ingress")),
        _ => None,
    };
    if let Some((side, direction)) = side {
        row.put(Field::FlowDirection, Cell::text(direction));
        for (path, field) in REPORTER {
            if let Some(value) = get(&entry, &format!("jsonPayload.{side}_{path}")) {
                row.set(field, value)?;
            }
        }
    }
    row.others = entry;
    Ok(row)
}
