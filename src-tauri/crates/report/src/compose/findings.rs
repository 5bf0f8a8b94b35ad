//! A section for each finding: the assertion, then everything it rests on.

use super::front::records;
use super::{count, count_or_dash, dim, instant, instant_or_dash, mono, severity, verdict};
use crate::document::{
    Block, Row, Section, column, command, heading, number, paragraph, remark, row, table, wide,
};
use crate::snapshot::{Conversation, Excerpt, Finding, Flow, Payload, Query, Signature, Snapshot};
use crate::text::{Style, Text, paragraphs};
use crate::{format, payload};

pub(super) fn sections(snapshot: &Snapshot) -> Vec<Section> {
    let numbered = snapshot.findings.iter().zip(1..);
    let asserted = numbered.filter(|(finding, _)| finding.withdrawn.is_none());
    let mut sections: Vec<Section> = asserted.map(|(finding, at)| section(finding, at)).collect();
    if let Some(first) = sections.first_mut() {
        first.page = true;
    }
    sections
}

fn section(finding: &Finding, at: usize) -> Section {
    let mut blocks = vec![Block::Paragraph { text: byline(finding) }];
    blocks.extend(paragraphs(&finding.text).into_iter().map(paragraph));
    flows(finding, &mut blocks);
    conversations(&finding.conversations, &mut blocks);
    for payload in &finding.payloads {
        said(payload, &mut blocks);
    }
    signatures(&finding.signatures, &mut blocks);
    if !finding.contradiction.trim().is_empty() {
        let text = Text::new(Style::Strong, "What would contradict this. ")
            .and(Style::Plain, &finding.contradiction.replace(['\n', '\r'], " "));
        blocks.push(Block::Callout { text });
    }
    queries(&finding.queries, &mut blocks);
    let title = format!("F-{at}  {}", finding.title);
    Section { title: title.into(), finding: Some(at), page: false, blocks }
}

fn byline(finding: &Finding) -> Text {
    let mut text = severity(finding.severity);
    if let Some(technique) = &finding.technique {
        text = text.and(Style::Dim, " · ").and(Style::Dim, technique);
    }
    let when = format::instant(finding.at);
    let revision = finding.revision;
    text.and(Style::Dim, " · asserted by ")
        .and(Style::Dim, &finding.author)
        .and(Style::Dim, &format!(", {when} UTC, revision {revision}, journal id "))
        .and(Style::Dim, &finding.id)
}

fn flows(finding: &Finding, blocks: &mut Vec<Block>) {
    blocks.push(heading("Flow records"));
    let columns = vec![
        column("Start, UTC"),
        wide("Source"),
        wide("Destination"),
        column("Proto"),
        number("Packets"),
        number("Bytes"),
        column("Action"),
        column("Captured"),
        number("Seen"),
    ];
    let rows = finding.flows.iter().map(flow).collect();
    blocks.push(table(columns, rows, "The finding names no flow record."));
    let left_out = records(finding).saturating_sub(finding.flows.len() as u64);
    if left_out > 0 {
        let more =
            if finding.queries.is_empty() { "." } else { "; the query below gives them all." };
        let text = format!(
            "{} of {} flow records are listed{more}",
            format::count(finding.flows.len() as u64),
            format::count(records(finding)),
        );
        blocks.push(remark(text));
    }
}

fn flow(flow: &Flow) -> Row {
    let end = |address: &Option<String>, port: Option<u16>| match (address, port) {
        (None, _) => dim("–"),
        (Some(address), None) => mono(address),
        (Some(address), Some(port)) if address.contains(':') => {
            mono(&format!("[{address}]:{port}"))
        }
        (Some(address), Some(port)) => mono(&format!("{address}:{port}")),
    };
    let seen = match (flow.packets_seen, flow.packets) {
        (Some(seen), Some(of)) => {
            format!("{} of {}", format::count(seen), format::count(of)).into()
        }
        (seen, _) => count_or_dash(seen),
    };
    let cells = [
        instant_or_dash(flow.start),
        end(&flow.srcaddr, flow.srcport),
        end(&flow.dstaddr, flow.dstport),
        flow.protocol.as_deref().unwrap_or("–").into(),
        count_or_dash(flow.packets),
        count_or_dash(flow.bytes),
        flow.action.as_deref().unwrap_or("–").into(),
        verdict(flow.verdict),
        seen,
    ];
    let mut facts = Vec::new();
    let mut fact = |name: &str, value: Option<String>| {
        facts.extend(value.map(|value| format!("{name} {value}")));
    };
    fact("until", flow.end.map(format::instant));
    fact("interface", flow.interface_id.clone());
    fact("account", flow.account_id.clone());
    fact("direction", flow.flow_direction.clone());
    fact("flags", flow.tcp_flags.clone());
    fact("status", flow.log_status.clone());
    fact("bytes seen", flow.bytes_seen.map(format::count));
    fact("because", (!flow.reasons.is_empty()).then(|| flow.reasons.join(", ")));
    let source = mono(&flow.path).and(Style::Dim, &format!(", line {}", format::count(flow.line)));
    let reference = dim("record ").and(Style::Digest, &flow.reference);
    row(cells).with(dim(&facts.join(" · "))).with(source).with(reference)
}

fn conversations(conversations: &[Conversation], blocks: &mut Vec<Block>) {
    if conversations.is_empty() {
        return;
    }
    blocks.push(heading("Conversations, as captured"));
    let columns = vec![
        column("First packet, UTC"),
        wide("Client"),
        wide("Server"),
        column("Proto"),
        number("Packets out"),
        number("Packets in"),
        number("Bytes out"),
        number("Bytes in"),
    ];
    let rows = conversations.iter().map(|conversation| {
        let protocol = match &conversation.application {
            Some(application) => format!("{} / {application}", conversation.protocol),
            None => conversation.protocol.clone(),
        };
        let last = format!("last packet {}", format::instant(conversation.last));
        row([
            instant(conversation.first),
            mono(&conversation.client),
            mono(&conversation.server),
            protocol.into(),
            count(conversation.packets_client),
            count(conversation.packets_server),
            count(conversation.bytes_client),
            count(conversation.bytes_server),
        ])
        .with(dim(&last))
        .with(dim("conversation ").and(Style::Digest, &conversation.reference))
    });
    blocks.push(table(columns, rows.collect(), ""));
    blocks.push(remark(
        "Out: from the client, the side that opened the conversation. Bytes are inner IP lengths.",
    ));
}

fn said(payload: &Payload, blocks: &mut Vec<Block>) {
    blocks.push(heading(Text::from("Payload: ").and(Style::Plain, &payload.title)));
    blocks.extend(payload.summary.iter().map(|line| paragraph(mono(line))));
    for part in &payload.excerpts {
        excerpt(part, blocks);
    }
    if !payload.bodies.is_empty() {
        let rows = payload.bodies.iter().map(|body| {
            let cells = [body.label.as_str().into(), count(body.length)];
            row(cells).with(dim("SHA-256 ").and(Style::Digest, &body.sha256.to_string()))
        });
        let columns = vec![wide("Body"), number("Bytes")];
        blocks.push(table(columns, rows.collect(), ""));
    }
    let rows = payload.packets.iter().map(|packet| {
        row([
            mono(&packet.file),
            count_or_dash(packet.frame),
            count(packet.offset),
            instant(packet.time),
        ])
    });
    let columns = vec![
        wide("Carried by packets of"),
        number("Frame"),
        number("Byte offset"),
        column("Time as captured, UTC"),
    ];
    blocks.push(table(columns, rows.collect(), "The packets that carried it are not listed."));
}

fn excerpt(excerpt: &Excerpt, blocks: &mut Vec<Block>) {
    let form = if excerpt.decoded { "decoded" } else { "as captured" };
    let last = excerpt.offset.saturating_add(excerpt.bytes.len() as u64);
    let place = match excerpt.bytes.len() {
        0 => "no bytes".to_owned(),
        _ => format!("bytes {}–{}", format::count(excerpt.offset), format::count(last - 1)),
    };
    let more = match excerpt.left_out {
        0 => String::new(),
        more => format!("; {} more bytes follow and are left out", format::count(more)),
    };
    let label = Text::new(Style::Strong, &excerpt.label);
    blocks.push(remark(label.and(Style::Dim, &format!(", {form}, {place}{more}"))));
    let lines = payload::lines(excerpt);
    if !lines.is_empty() {
        blocks.push(Block::Verbatim { lines });
    }
}

fn signatures(signatures: &[Signature], blocks: &mut Vec<Block>) {
    if signatures.is_empty() {
        return;
    }
    blocks.push(heading("Signatures"));
    let rows = signatures.iter().map(|signature| {
        row([
            mono(&signature.rule),
            signature.place.as_str().into(),
            mono(&evidence::show_bytes(&signature.excerpt, 64)),
        ])
    });
    blocks.push(table(vec![column("Rule"), column("Where"), wide("Matched")], rows.collect(), ""));
}

fn queries(queries: &[Query], blocks: &mut Vec<Block>) {
    if queries.is_empty() {
        return;
    }
    blocks.push(heading("The same again"));
    for query in queries {
        blocks.push(command(&query.command));
        let mut text = dim(&format::things(query.results, "line"));
        if let Some(sha256) = query.sha256 {
            text = text.and(Style::Dim, ", SHA-256 ").and(Style::Digest, &sha256.to_string());
        }
        blocks.push(Block::Remark { text });
    }
}
