//! flows, timeline, top, pivot, sql.

use super::evidence::shown;
use super::{DONE, NOT_CLEAN, duration, found, open, selected, selection};
use crate::args::{By, SelectionArgs};
use crate::print::Out;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::Path;
use workbench::{
    Bucket, Cell, FlowQuery, FlowRow, Known, Measure, TimelineQuery, TopQuery, Workbench, moment,
    wire,
};

pub(super) fn flows(
    case: &Path,
    args: &SelectionArgs,
    order: Option<&str>,
    limit: Option<u64>,
    out: &mut Out,
) -> anyhow::Result<u8> {
    let case = open(case)?;
    let query = query(&case, args, order, limit)?;
    let (known, mut given, mut failed) = (case.known(), 0_u64, Ok(()));
    let mut rows = Vec::new();
    case.each_flow(&query, |row| {
        given += 1;
        if out.is_json() {
            failed = out.object(&known.flow_object(&row));
        } else {
            rows.push(cells(&row, &known));
        }
        if failed.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    failed?;
    if !out.is_json() {
        let mut head = vec![
            "START",
            "INTERFACE",
            "SOURCE",
            "PORT",
            "DESTINATION",
            "PORT",
            "PROTO",
            "SERVICE",
            "PACKETS",
            "BYTES",
            "ACTION",
            "PACKETS SEEN",
            "ID",
        ];
        if known.has_files() {
            head.extend(["SOURCE IS", "DESTINATION IS"]);
        }
        out.table(&head, &rows)?;
    }
    Ok(if given > 0 { DONE } else { NOT_CLEAN })
}

/// The records that are asked for; an order that is stated goes before that of a saved view.
fn query(
    case: &Workbench,
    args: &SelectionArgs,
    order: Option<&str>,
    limit: Option<u64>,
) -> anyhow::Result<FlowQuery> {
    let (selection, saved) = selected(case, args)?;
    let order = order.map(workbench::order).or(saved);
    Ok(FlowQuery { selection, order, limit, offset: 0 })
}

/// Shows the records as they stand in the evidence.
pub(super) fn raw(
    case: &Path,
    args: &SelectionArgs,
    order: Option<&str>,
    limit: Option<u64>,
    out: &mut Out,
) -> anyhow::Result<u8> {
    let case = open(case)?;
    let rows = case.flows(&query(&case, args, order, limit)?)?;
    let mut wanted: BTreeMap<_, BTreeSet<u64>> = BTreeMap::new();
    for row in &rows {
        wanted.entry(row.id.evidence).or_default().insert(row.id.line);
    }
    let mut lines = BTreeMap::new();
    for (evidence, wanted) in &wanted {
        for line in case.raw_lines(*evidence, wanted)? {
            lines.insert((*evidence, line.line), line);
        }
    }
    for row in &rows {
        let Some(line) = lines.get(&(row.id.evidence, row.id.line)) else { continue };
        if out.is_json() {
            out.object(line)?;
        } else {
            out.line(format!("{}:{}: {}", line.evidence, line.line, line.text))?;
        }
    }
    Ok(found(&rows))
}

/// Writes the records into a file instead of listing them.
pub(super) fn export(
    case: &Path,
    args: &SelectionArgs,
    order: Option<&str>,
    file: &Path,
    out: &mut Out,
) -> anyhow::Result<u8> {
    let case = open(case)?;
    let FlowQuery { selection, order, .. } = query(&case, args, order, None)?;
    let exported = shown(|meter| case.export_flows(file, &selection, order.as_ref(), meter))?;
    let exported = wire::ExportedFlowsObject::from(exported);
    let found = if exported.records == 0 { NOT_CLEAN } else { DONE };
    if out.is_json() {
        out.object(&exported)?;
    } else {
        out.line(format!("{}  {}", exported.sha256, exported.path))?;
        out.line(format!("{} records, {} bytes", exported.records, exported.size))?;
    }
    Ok(found)
}

pub(super) fn measure(by: By) -> Measure {
    match by {
        By::Bytes => Measure::Bytes,
        By::Packets => Measure::Packets,
        By::Records => Measure::Records,
    }
}

pub(super) fn stitched(
    case: &Path,
    args: &SelectionArgs,
    limit: Option<u64>,
    out: &mut Out,
) -> anyhow::Result<u8> {
    let (mut rows, mut given, mut failed) = (Vec::new(), 0_u64, Ok(()));
    let limit = limit.unwrap_or(u64::MAX);
    let case = open(case)?;
    let selection = selection(&case, args)?;
    let summary = case.stitched(&selection, |flow| {
        if given == limit {
            return ControlFlow::Break(());
        }
        given += 1;
        if out.is_json() {
            failed = out.object(&flow);
        } else {
            rows.push(stitched_cells(flow));
        }
        if failed.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    failed?;
    if !out.is_json() {
        let head = [
            "FIRST",
            "LAST",
            "INTERFACE",
            "",
            "SOURCE",
            "PORT",
            "DESTINATION",
            "PORT",
            "PROTO",
            "WINDOWS",
            "PACKETS",
            "BYTES",
            "SEEN",
            "OPENED BY (INFERRED)",
            "ID",
        ];
        out.table(&head, &rows)?;
    }
    out.flush()?;
    if summary.left_out > 0 {
        writeln!(
            io::stderr(),
            "tidemark: {} records have no addresses or times (NODATA, SKIPDATA) and are part of no flow",
            summary.left_out
        )?;
    }
    Ok(if given > 0 { DONE } else { NOT_CLEAN })
}

fn stitched_cells(flow: wire::StitchedObject) -> Vec<String> {
    let number = |number: Option<u64>| number.map(|n| n.to_string()).unwrap_or_default();
    vec![
        flow.first,
        flow.last,
        flow.interface_id.unwrap_or_default(),
        flow.flow_direction.unwrap_or_default(),
        flow.srcaddr,
        number(flow.srcport.map(u64::from)),
        flow.dstaddr,
        number(flow.dstport.map(u64::from)),
        number(flow.protocol.map(u64::from)),
        flow.windows.to_string(),
        flow.packets.to_string(),
        flow.bytes.to_string(),
        flow.packets_seen.map(|seen| seen.to_string()).unwrap_or_default(),
        flow.initiator_inferred.unwrap_or_default().to_owned(),
        flow.id,
    ]
}

fn cells(row: &FlowRow, known: &Known) -> Vec<String> {
    let number = |column: &str| row.int(column).map(|n| n.to_string()).unwrap_or_default();
    let text = |column: &str| row.text(column).unwrap_or_default().to_owned();
    let address = |column: &str| row.address(column).map(|a| a.to_string()).unwrap_or_default();
    let verdict = row.verdict.as_deref().unwrap_or_default();
    let reason = row.reasons.first().map(|reason| format!(": {reason}")).unwrap_or_default();
    let mut cells = vec![
        row.int("start").map(moment::microseconds).unwrap_or_default(),
        text("interface_id"),
        address("srcaddr"),
        number("srcport"),
        address("dstaddr"),
        number("dstport"),
        number("protocol"),
        known.service(row).unwrap_or_default().to_owned(),
        number("packets"),
        number("bytes"),
        row.text("action").or_else(|| row.text("log_status")).unwrap_or_default().to_owned(),
        format!("{verdict}{reason}"),
        row.id.to_string(),
    ];
    if known.has_files() {
        let is = |column: &str| row.address(column).and_then(|own| known.address(own));
        cells.extend(["srcaddr", "dstaddr"].map(|side| is(side).unwrap_or_default()));
    }
    cells
}

pub(super) fn timeline(
    case: &Path,
    args: &SelectionArgs,
    bucket: Option<&str>,
    bins: Option<u32>,
    by: Option<String>,
    out: &mut Out,
) -> anyhow::Result<u8> {
    let bucket = match (bucket, bins) {
        (Some(width), _) => Bucket::Width(duration(width)?),
        (None, bins) => Bucket::Bins(bins.unwrap_or(48)),
    };
    let case = open(case)?;
    let selection = selection(&case, args)?;
    let rows = case.timeline(&TimelineQuery { selection, bucket, by })?;
    let most = rows.iter().map(|row| row.records).max().unwrap_or(1).max(1);
    out.rows(&rows, &["FROM", "", "RECORDS", "PACKETS", "BYTES", ""], |row| {
        vec![
            row.from.clone(),
            row.by.clone().unwrap_or_default(),
            row.records.to_string(),
            row.packets.to_string(),
            row.bytes.to_string(),
            "█".repeat((row.records * 40).div_ceil(most) as usize),
        ]
    })?;
    Ok(found(&rows))
}

pub(super) fn top(
    case: &Path,
    field: String,
    args: &SelectionArgs,
    by: By,
    limit: u64,
    out: &mut Out,
) -> anyhow::Result<u8> {
    let case = open(case)?;
    let selection = selection(&case, args)?;
    let rows = case.top(&TopQuery { selection, field, by: measure(by), limit })?;
    out.rows(&rows, &["VALUE", "RECORDS", "PACKETS", "BYTES", "KNOWN AS"], |row| {
        vec![
            row.value.clone().unwrap_or_else(|| "(absent)".to_owned()),
            row.records.to_string(),
            row.packets.to_string(),
            row.bytes.to_string(),
            row.known_as.clone().unwrap_or_default(),
        ]
    })?;
    Ok(found(&rows))
}

pub(super) fn pivot(
    case: &Path,
    record: Option<&str>,
    args: &SelectionArgs,
    limit: Option<u64>,
    out: &mut Out,
) -> anyhow::Result<u8> {
    let workbench = open(case)?;
    let pivots = match record {
        Some(id) => vec![workbench.pivot_record(&id.parse()?)?],
        None => {
            let query = FlowQuery {
                selection: selection(&workbench, args)?,
                limit,
                ..FlowQuery::default()
            };
            workbench.pivot(&query)?
        }
    };
    for pivot in &pivots {
        if out.is_json() {
            out.object(pivot)?;
            continue;
        }
        let count = |number: Option<i64>| number.map_or_else(|| "-".to_owned(), |n| n.to_string());
        out.line(format!(
            "{}: {}  packets {} of {}, bytes {} of {}",
            pivot.record.get("id").and_then(|id| id.as_str()).unwrap_or_default(),
            pivot.verdict.as_deref().unwrap_or("no verdict (NODATA or SKIPDATA)"),
            count(pivot.packets_seen),
            count(pivot.packets),
            count(pivot.bytes_seen),
            count(pivot.bytes),
        ))?;
        for (reason, because) in pivot.reasons.iter().zip(&pivot.because) {
            out.line(format!("  {reason}: {because}"))?;
        }
        for conversation in &pivot.conversations {
            out.line(format!("  conversation {conversation}"))?;
        }
        for packet in &pivot.packet_ids {
            out.line(format!("  packet {packet}"))?;
        }
        for interface in &pivot.elsewhere {
            out.line(format!("  the other end has packets: {interface}"))?;
        }
    }
    Ok(found(&pivots))
}

pub(super) fn sql(case: &Path, statement: &str, limit: usize, out: &mut Out) -> anyhow::Result<u8> {
    let result = open(case)?.sql(statement, limit)?;
    if out.is_json() {
        for row in &result.rows {
            let object: serde_json::Map<String, serde_json::Value> =
                result.columns.iter().cloned().zip(row.iter().map(value)).collect();
            out.object(&object)?;
        }
    } else {
        let head: Vec<&str> = result.columns.iter().map(String::as_str).collect();
        let rows: Vec<Vec<String>> =
            result.rows.iter().map(|row| row.iter().map(text).collect()).collect();
        out.table(&head, &rows)?;
        if result.cut {
            out.line(format!("There are more than these {limit} rows (--limit)."))?;
        }
    }
    Ok(found(&result.rows))
}

fn value(cell: &Cell) -> serde_json::Value {
    match cell {
        Cell::Null => serde_json::Value::Null,
        Cell::Bool(truth) => (*truth).into(),
        Cell::Int(number) => {
            i64::try_from(*number).map_or_else(|_| number.to_string().into(), Into::into)
        }
        Cell::Float(number) => (*number).into(),
        Cell::Text(text) => text.as_str().into(),
        Cell::Time(time) => moment::microseconds(*time).into(),
        Cell::List(items) => items.iter().map(value).collect(),
    }
}

fn text(cell: &Cell) -> String {
    match value(cell) {
        serde_json::Value::String(text) => text,
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    }
}
