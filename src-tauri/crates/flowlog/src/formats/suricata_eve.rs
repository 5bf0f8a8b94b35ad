//! Suricata's EVE log: its `flow` events. Events of other types are counted and passed over.
//!
//! Suricata's bytes count whole packets with their link-layer headers, so they are more than AWS's. Its TCP flags
//! are all that were seen in a direction; of them those are kept that AWS records, an ACK only as part of the
//! answer's SYN-ACK. Source: *Eve JSON Format* of Suricata's documentation.

use crate::both_ways::{Counts, rows};
use crate::field::Field;
use crate::format::Spec;
use crate::json::elements::{Each, Target, first_elements, read_elements};
use crate::json::splitter::Path;
use crate::json::value::{get, take};
use crate::number::int;
use crate::protocol::protocol;
use crate::row::{Cell, Row};
use crate::{Cause, FlowSink, ReadOptions, Summary};
use serde_json::{Map, Value as Json};
use std::io::{self, Read};
use std::ops::ControlFlow;

pub(crate) static SPEC: Spec =
    Spec { name: "suricata_eve", title: "Suricata EVE log", sniff, read, sampled: false };

const MEMBERS: [(&str, Field); 7] = [
    ("src_ip", Field::SrcAddr),
    ("dest_ip", Field::DstAddr),
    ("src_port", Field::SrcPort),
    ("dest_port", Field::DstPort),
    ("in_iface", Field::InterfaceId),
    ("flow.start", Field::Start),
    ("flow.end", Field::End),
];

const FIN_SYN_RST: i64 = 7;
const SYN_ACK: i64 = 18;

fn sniff(head: &[u8]) -> bool {
    let first = first_elements(head, Path::Top, 1);
    first.iter().any(|event| event.get("event_type").is_some() && event.get("timestamp").is_some())
}

fn read(input: &mut dyn Read, _: &ReadOptions, sink: &mut dyn FlowSink) -> io::Result<Summary> {
    read_elements(input, Path::Top, &mut Each(map), sink)
}

fn map(event: Map<String, Json>, target: &mut Target<'_, '_>) -> ControlFlow<()> {
    match event.get("event_type").and_then(Json::as_str) {
        Some("flow") => match flow(event) {
            Ok((there, back)) => {
                target.row(Ok(there))?;
                back.map_or(ControlFlow::Continue(()), |back| target.row(Ok(back)))
            }
            Err(cause) => target.row(Err(cause)),
        },
        Some(other) => target.pass(&format!("Suricata {other}")),
        None => target.row(Err(Cause::Form { expected: "an event with its type" })),
    }
}

fn flow(mut event: Map<String, Json>) -> Result<(Row, Option<Row>), Cause> {
    if !["src_ip", "dest_ip", "flow"].iter().all(|name| event.contains_key(*name)) {
        return Err(Cause::Form { expected: "a flow event" });
    }
    let mut row = Row::default();
    for (path, field) in MEMBERS {
        row.set(field, &take(&mut event, path))?;
    }
    if let Some(number) = event.get("proto").and_then(Json::as_str).and_then(protocol) {
        row.put(Field::Protocol, Cell::Int(number));
        event.shift_remove("proto");
    }
    // Only where Suricata stands in the way of the packets.
    match get(&event, "flow.action").and_then(Json::as_str) {
        Some("drop") => row.put(Field::Action, Cell::text("REJECT")),
        Some("accept" | "pass") => row.put(Field::Action, Cell::text("ACCEPT")),
        _ => {}
    }
    // Types and codes of ICMP are no ports; AWS has 0 there.
    if matches!(row.cell(Field::Protocol), Some(Cell::Int(1 | 58))) {
        for field in [Field::SrcPort, Field::DstPort] {
            if row.cell(field).is_none() {
                row.put(field, Cell::Int(0));
            }
        }
    }
    let flags = |name: &str| {
        let text = get(&event, &format!("tcp.{name}"))?.as_str()?;
        u8::from_str_radix(text, 16).ok().map(i64::from)
    };
    let count = |name: &str, field| match get(&event, &format!("flow.{name}")) {
        None | Some(Json::Null) => Ok(None),
        Some(value) => {
            let number = int(value.to_string().as_bytes());
            number.map(Some).ok_or(Cause::Number { field })
        }
    };
    let there = Counts {
        packets: count("pkts_toserver", "packets")?,
        bytes: count("bytes_toserver", "bytes")?,
        tcp_flags: flags("tcp_flags_ts").map(|flags| flags & FIN_SYN_RST),
    };
    let back = Counts {
        packets: count("pkts_toclient", "packets")?,
        bytes: count("bytes_toclient", "bytes")?,
        tcp_flags: flags("tcp_flags_tc").map(|flags| match flags & SYN_ACK {
            SYN_ACK => flags & (FIN_SYN_RST | SYN_ACK),
            _ => flags & FIN_SYN_RST,
        }),
    };
    for name in ["flow.pkts_toserver", "flow.bytes_toserver"] {
        take(&mut event, name);
    }
    row.others = event;
    let (mut there, mut back) = rows(row, there, back);
    if let Some(back) = &mut back {
        for name in ["flow.pkts_toclient", "flow.bytes_toclient"] {
            take(&mut there.others, name);
            take(&mut back.others, name);
        }
    }
    Ok((there, back))
}
