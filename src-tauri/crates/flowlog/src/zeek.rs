//! Zeek's connection log to AWS's fields, whichever form it is written in.
//!
//! `bytes` are Zeek's `*_ip_bytes`, which count IP packets as AWS does; the payload's `*_bytes` stay with the other
//! members. Source: *conn.log* of Zeek's documentation.

use crate::both_ways::{Counts, rows};
use crate::field::Field;
use crate::json::elements::Target;
use crate::json::value::{get, take};
use crate::moment::decimal_seconds;
use crate::protocol::protocol;
use crate::row::{Cell, Row, point_in_time};
use crate::{Cause, number};
use serde_json::{Map, Value as Json};
use std::ops::ControlFlow;

/// Whether these are the members of a connection.
pub(crate) fn is_connection(members: &Map<String, Json>) -> bool {
    let other = members.get("_path").is_some_and(|path| path != "conn");
    let flows = ["orig_pkts", "orig_bytes", "conn_state", "history"];
    !other
        && ["ts", "id.orig_h", "id.resp_h", "proto"].iter().all(|name| get(members, name).is_some())
        && flows.iter().any(|name| members.contains_key(*name))
}

pub(crate) fn map(members: Map<String, Json>, target: &mut Target<'_, '_>) -> ControlFlow<()> {
    match members.get("_path").and_then(Json::as_str) {
        Some(path) if path != "conn" => target.pass(&format!("Zeek {path}")),
        _ => match connection(members) {
            Ok((there, back)) => {
                target.row(Ok(there))?;
                back.map_or(ControlFlow::Continue(()), |back| target.row(Ok(back)))
            }
            Err(cause) => target.row(Err(cause)),
        },
    }
}

/// The rows of a connection, the one of its originator first.
pub(crate) fn connection(mut members: Map<String, Json>) -> Result<(Row, Option<Row>), Cause> {
    if !["id.orig_h", "id.resp_h"].iter().all(|name| get(&members, name).is_some()) {
        return Err(Cause::Form { expected: "a connection of Zeek's" });
    }
    let mut row = Row::default();
    row.set(Field::SrcAddr, &take(&mut members, "id.orig_h"))?;
    row.set(Field::DstAddr, &take(&mut members, "id.resp_h"))?;
    times(&mut members, &mut row)?;
    let transport = get(&members, "proto").and_then(Json::as_str).unwrap_or_default().to_owned();
    let v6 = matches!(row.cell(Field::SrcAddr), Some(Cell::Address(address)) if !address.is_v4());
    match protocol(&transport) {
        // Zeek calls both so, and puts type and code where others have ports; AWS has 0 there.
        Some(1) => {
            row.put(Field::Protocol, Cell::Int(if v6 { 58 } else { 1 }));
            row.put(Field::SrcPort, Cell::Int(0));
            row.put(Field::DstPort, Cell::Int(0));
        }
        number => {
            row.set(Field::SrcPort, &take(&mut members, "id.orig_p"))?;
            row.set(Field::DstPort, &take(&mut members, "id.resp_p"))?;
            if let Some(number) = number {
                row.put(Field::Protocol, Cell::Int(number));
                members.shift_remove("proto");
            }
        }
    }
    let flags = match members.get("history").and_then(Json::as_str) {
        Some(history) if transport == "tcp" => Some(history.to_owned()),
        _ => None,
    };
    let flags = |letters: [char; 4]| Some(tcp_flags(flags.as_deref()?, letters));
    let there = Counts {
        packets: count(&members, "orig_pkts", "packets")?,
        bytes: count(&members, "orig_ip_bytes", "bytes")?,
        tcp_flags: flags(['S', 'H', 'F', 'R']),
    };
    let back = Counts {
        packets: count(&members, "resp_pkts", "packets")?,
        bytes: count(&members, "resp_ip_bytes", "bytes")?,
        tcp_flags: flags(['s', 'h', 'f', 'r']),
    };
    members.retain(|name, _| !matches!(name.as_str(), "orig_pkts" | "orig_ip_bytes"));
    row.others = members;
    let (mut there, mut back) = rows(row, there, back);
    if let Some(back) = &mut back {
        for row in [&mut there, back] {
            row.others.retain(|name, _| !matches!(name.as_str(), "resp_pkts" | "resp_ip_bytes"));
        }
    }
    Ok((there, back))
}

/// A connection starts at `ts`, and lasts for `duration` if that is known.
fn times(members: &mut Map<String, Json>, row: &mut Row) -> Result<(), Cause> {
    const START: Cause = Cause::Time { field: "start" };
    const END: Cause = Cause::Time { field: "end" };
    let Some(start) = text(&take(members, "ts")) else { return Ok(()) };
    let (start, _) = point_in_time(&start).ok_or(START)?;
    let lasted = match members.get("duration").and_then(text) {
        Some(duration) => decimal_seconds(&duration).ok_or(END)?,
        None => 0,
    };
    row.put(Field::Start, Cell::Time(start));
    row.put(Field::End, Cell::Time(start.checked_add(lasted).ok_or(END)?));
    Ok(())
}

/// A number or a text as it is written.
fn text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn count(
    members: &Map<String, Json>,
    name: &str,
    field: &'static str,
) -> Result<Option<i64>, Cause> {
    match members.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(value) => {
            let number = text(value).and_then(|text| number::int(text.as_bytes()));
            number.map(Some).ok_or(Cause::Number { field })
        }
    }
}

/// A history has a letter for each kind of packet that was seen: `S` a SYN, `H` a SYN-ACK, `F` a FIN, `R` a RST,
/// the originator's in capitals.
fn tcp_flags(history: &str, letters: [char; 4]) -> i64 {
    let flags = letters.into_iter().zip([2, 18, 1, 4]);
    flags.filter(|(letter, _)| history.contains(*letter)).fold(0, |sum, (_, flag)| sum | flag)
}
