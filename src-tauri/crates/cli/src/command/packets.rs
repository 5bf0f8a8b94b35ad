//! conversations, packets, packet, stream, transactions.

use super::{DONE, NOT_CLEAN, found, open};
use crate::print::Out;
use anyhow::Context;
use std::path::Path;
use workbench::ConversationRef;
use workbench::wire::{Direction, FieldObject, TransactionObject};

pub(super) fn conversations(case: &Path, out: &mut Out) -> anyhow::Result<u8> {
    let rows = open(case)?.conversations()?;
    let head = [
        "FIRST",
        "PROTO",
        "CLIENT",
        "PORT",
        "SERVER",
        "PORT",
        "SPEAKS",
        "PACKETS",
        "BYTES",
        "INTERFACE",
        "ID",
    ];
    out.rows(&rows, &head, |row| {
        vec![
            row.first.clone(),
            row.protocol.to_string(),
            row.client.clone(),
            row.client_port.to_string(),
            row.server.clone(),
            row.server_port.to_string(),
            row.application.clone().unwrap_or_default(),
            (row.packets_client + row.packets_server).to_string(),
            (row.bytes_client + row.bytes_server).to_string(),
            row.interface_id.clone().unwrap_or_default(),
            row.id.clone(),
        ]
    })?;
    Ok(found(&rows))
}

/// A conversation's id, with or without the word before it that references have.
fn conversation_id(text: &str) -> anyhow::Result<ConversationRef> {
    Ok(text.strip_prefix("conversation:").unwrap_or(text).parse()?)
}

pub(super) fn packets(case: &Path, conversation: &str, out: &mut Out) -> anyhow::Result<u8> {
    let rows = open(case)?.packets(&conversation_id(conversation)?)?;
    let head = ["TIME", "", "FLAGS", "LENGTH", "PAYLOAD", "", "CAPTURE", "FRAME", "OFFSET"];
    out.rows(&rows, &head, |row| {
        vec![
            row.time.clone().unwrap_or_default(),
            if row.direction == Direction::Client { "client →" } else { "← server" }.to_owned(),
            row.flags.clone().unwrap_or_default(),
            row.inner_length.to_string(),
            row.payload_length.to_string(),
            if row.truncated { "cut" } else { "" }.to_owned(),
            row.evidence.clone(),
            row.frame.to_string(),
            row.offset.to_string(),
        ]
    })?;
    Ok(DONE)
}

pub(super) fn packet(case: &Path, packet: &str, out: &mut Out) -> anyhow::Result<u8> {
    let id = packet.strip_prefix("packet:").unwrap_or(packet).parse()?;
    let detail = open(case)?.packet(&id)?;
    if out.is_json() {
        out.object(&detail)?;
        return Ok(DONE);
    }
    out.line(format!(
        "{} frame {} at byte {} ({} of {} bytes captured) {}",
        detail.evidence,
        detail.frame,
        detail.offset,
        detail.caplen,
        detail.origlen,
        detail.time.as_deref().unwrap_or_default()
    ))?;
    for layer in &detail.layers {
        out.line(format!("[{}..{}] {}", layer.range[0], layer.range[1], layer.title))?;
        for field in &layer.fields {
            print_field(field, 1, out)?;
        }
        for anomaly in &layer.anomalies {
            out.line(format!("  ! {anomaly}"))?;
        }
    }
    Ok(DONE)
}

fn print_field(field: &FieldObject, depth: usize, out: &mut Out) -> anyhow::Result<()> {
    let indent = "  ".repeat(depth);
    out.line(format!(
        "{indent}[{}..{}] {} = {}",
        field.range[0], field.range[1], field.name, field.value
    ))?;
    field.fields.iter().try_for_each(|inner| print_field(inner, depth + 1, out))
}

pub(super) fn stream(
    case: &Path,
    conversation: &str,
    server: bool,
    raw: Option<&Path>,
    out: &mut Out,
) -> anyhow::Result<u8> {
    let direction = if server { Direction::Server } else { Direction::Client };
    let stream = open(case)?.stream(&conversation_id(conversation)?, direction)?;
    if let Some(path) = raw {
        std::fs::write(path, &stream.bytes)
            .with_context(|| format!("writing {}", path.display()))?;
    }
    if out.is_json() {
        out.object(&stream)?;
    } else {
        for gap in &stream.gaps {
            out.line(format!("gap of {} bytes at {}: {}", gap.length, gap.at, gap.cause))?;
        }
        // The bytes as text, a line at a time; what is not printable stays escaped.
        for line in stream.text.split_inclusive("\\x0a") {
            out.line(line)?;
        }
        out.line("")?;
        for piece in &stream.pieces {
            out.line(format!(
                "bytes {}..{} from {} at byte {}",
                piece.start,
                piece.start + piece.length,
                piece.evidence,
                piece.offset
            ))?;
        }
    }
    Ok(if stream.length == 0 { NOT_CLEAN } else { DONE })
}

pub(super) fn transactions(
    case: &Path,
    protocol: Option<&str>,
    out: &mut Out,
) -> anyhow::Result<u8> {
    let rows = open(case)?.transactions(protocol)?;
    out.rows(&rows, &["TIME", "PROTOCOL", "WHAT WAS SAID", "ID"], |row| {
        vec![row.time.clone(), row.protocol.clone(), said(row), row.id.clone()]
    })?;
    Ok(found(&rows))
}

fn said(row: &TransactionObject) -> String {
    let text =
        |text: &Option<String>, absent: &str| text.clone().unwrap_or_else(|| absent.to_owned());
    match row.protocol.as_str() {
        "http" => format!(
            "{} {}{} → {}",
            text(&row.method, "(no request)"),
            text(&row.host, ""),
            text(&row.uri_decoded, ""),
            row.status.map_or_else(|| "(no response)".to_owned(), |code| code.to_string())
        ),
        _ if row.asked.is_some() => {
            format!("{} → {}", text(&row.asked, ""), text(&row.answered, ""))
        }
        _ => format!(
            "{} {} → {} {}",
            text(&row.qtype, ""),
            text(&row.qname, ""),
            text(&row.rcode, "(no answer)"),
            row.answers.as_deref().unwrap_or_default().join(", ")
        ),
    }
}
