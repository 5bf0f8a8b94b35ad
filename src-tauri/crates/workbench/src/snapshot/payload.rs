//! What was said in a conversation, cut to what a reader needs to see.

use crate::WorkbenchError;
use crate::captures::Captures;
use crate::payload::{Payload as Captured, Streams};
use dissect::{
    Body as DecodedBody, Detail, DnsExchange, HttpExchange, NamedExchange, Stream, Transaction,
};
use evidence::PacketRef;
use report::{Body, Excerpt, Packet, Payload};
use std::collections::BTreeSet;
use std::ops::Range;

/// Transactions shown of one conversation.
const TRANSACTIONS: usize = 12;
/// Bytes shown of one message or body.
const BYTES: usize = 2048;
/// Packets named of one transaction.
const PACKETS: usize = 24;

/// The transactions of a conversation that packets in `about` carried; all of them if none did.
pub(super) fn sections(
    captures: &mut Captures,
    number: i32,
    about: &BTreeSet<PacketRef>,
) -> Result<Vec<Payload>, WorkbenchError> {
    let Some(conversation) = captures.conversation(number)? else {
        return Ok(Vec::new());
    };
    let captured = Captured::read(captures, &conversation)?;
    let (decoded, _) = captured.decode(&conversation);
    let streams = captured.streams();
    let touches = |transaction: &&Transaction| {
        transaction.packets.iter().any(|packet| {
            reference(captures, &captured, *packet).is_some_and(|packet| about.contains(&packet))
        })
    };
    let mut chosen: Vec<_> = decoded.transactions.iter().filter(touches).collect();
    if chosen.is_empty() {
        chosen = decoded.transactions.iter().collect();
    }
    let left_out = chosen.len().saturating_sub(TRANSACTIONS);
    let mut sections: Vec<Payload> = chosen
        .into_iter()
        .take(TRANSACTIONS)
        .map(|transaction| section(captures, &captured, &streams, transaction))
        .collect();
    if let (Some(last), true) = (sections.last_mut(), left_out > 0) {
        last.summary
            .push(format!("{left_out} more transactions of this conversation are not shown."));
    }
    Ok(sections)
}

fn section(
    captures: &Captures,
    captured: &Captured,
    streams: &Streams,
    transaction: &Transaction,
) -> Payload {
    let mut payload = match &transaction.detail {
        Detail::Http(http) => http_section(http, streams),
        Detail::Dns(dns) => dns_section(dns),
        Detail::Named(named) => named_section(named, streams),
    };
    payload.summary.extend(transaction.anomalies.iter().map(ToString::to_string));
    let left_out = transaction.packets.len().saturating_sub(PACKETS);
    if left_out > 0 {
        payload.summary.push(format!(
            "{} packets carried it; the first {PACKETS} are named.",
            transaction.packets.len()
        ));
    }
    payload.packets = transaction
        .packets
        .iter()
        .take(PACKETS)
        .filter_map(|packet| {
            let packet = captured.packets.get(*packet as usize)?;
            let capture = captures.list.get(packet.capture)?;
            let entry = &packet.entry;
            Some(Packet {
                file: capture.name.clone(),
                frame: Some(entry.frame.into()),
                offset: entry.offset,
                time: packet.time,
            })
        })
        .collect();
    payload
}

fn http_section(http: &HttpExchange, streams: &Streams) -> Payload {
    let mut payload = empty(String::new());
    match &http.request {
        Some(request) => {
            payload.title = format!("{} {}", request.method, request.uri);
            let target = request.decoded_target();
            if target != request.target {
                payload.summary.push(format!("Target, percent-decoded: {target}"));
            }
            if let Some(form) = request.decoded_form() {
                payload.summary.push(format!("Form, decoded: {form}"));
            }
            payload.excerpts.push(captured_excerpt("Request", &streams.client, &request.range));
            body(&mut payload, "request body", request.body.as_ref());
        }
        None => payload.title = "HTTP response whose request was not captured".to_owned(),
    }
    match &http.response {
        Some(response) => {
            payload.summary.push(format!("Response: {} {}", response.status, response.reason));
            payload.excerpts.push(captured_excerpt("Response", &streams.server, &response.range));
            body(&mut payload, "response body", response.body.as_ref());
        }
        None => payload.summary.push("No response was captured.".to_owned()),
    }
    payload
}

fn body(payload: &mut Payload, label: &str, body: Option<&DecodedBody>) {
    let Some(body) = body else { return };
    if !body.complete {
        payload.summary.push(format!("The {label} is incomplete: {}", body.reasons.join("; ")));
    }
    if body.decoded != body.raw {
        payload.excerpts.push(excerpt(&format!("{label}, as decoded"), true, &body.decoded));
    }
    payload.bodies.push(Body {
        label: format!("{label}, as decoded"),
        length: body.decoded.len() as u64,
        sha256: body.sha256,
    });
}

fn dns_section(dns: &DnsExchange) -> Payload {
    let mut payload = empty(format!("DNS {} {}", dns.qtype, dns.qname));
    payload.summary.push(match &dns.rcode {
        Some(rcode) => format!("Answer: {rcode}, {} records", dns.answers.len()),
        None => "No answer was captured.".to_owned(),
    });
    let answers = dns.answers.iter();
    payload.summary.extend(
        answers.map(|record| {
            format!("{} {} {} {}", record.name, record.ttl, record.type_, record.value)
        }),
    );
    payload
}

fn named_section(named: &NamedExchange, streams: &Streams) -> Payload {
    let protocol = named.protocol.to_uppercase();
    let mut payload = empty(format!("{protocol} {}", named.asked));
    payload.summary.push(match named.answered.is_empty() {
        true => "No greeting of the server was captured in clear.".to_owned(),
        false => format!("Answer: {}", named.answered),
    });
    let fields = crate::derive::fields(named).into_iter();
    payload.summary.extend(fields.map(|field| {
        let side = if field.from_client { "client" } else { "server" };
        format!("{side}: {} {}", field.name, field.value)
    }));
    let first = |from_client: bool| named.fields.iter().find(|one| one.from_client == from_client);
    for (label, field, stream) in [
        ("Client, in clear", first(true), &streams.client),
        ("Server, in clear", first(false), &streams.server),
    ] {
        let excerpt = field.map(|field| captured_excerpt(label, stream, &field.range));
        payload.excerpts.extend(excerpt);
    }
    payload
}

fn empty(title: String) -> Payload {
    Payload {
        title,
        summary: Vec::new(),
        excerpts: Vec::new(),
        bodies: Vec::new(),
        packets: Vec::new(),
    }
}

fn captured_excerpt(label: &str, stream: &Stream, range: &Range<usize>) -> Excerpt {
    let bytes = stream.bytes.get(range.clone()).unwrap_or_default();
    let offset = stream.offset_of(range.start).unwrap_or_default();
    Excerpt { offset, ..excerpt(label, false, bytes) }
}

fn excerpt(label: &str, decoded: bool, bytes: &[u8]) -> Excerpt {
    let shown = bytes.get(..BYTES).unwrap_or(bytes);
    Excerpt {
        label: label.to_owned(),
        decoded,
        offset: 0,
        bytes: shown.to_vec(),
        left_out: bytes.len().saturating_sub(shown.len()) as u64,
        marks: Vec::new(),
    }
}

fn reference(captures: &Captures, captured: &Captured, packet: u32) -> Option<PacketRef> {
    let packet = captured.packets.get(packet as usize)?;
    captures.reference(packet.capture, packet.entry.offset)
}
