//! DNS over UDP and TCP (RFC 1035; RFC 6891 for EDNS; RFC 7766 for TCP).
//!
//! Reads every message, joins each answer to the oldest open query of the same id and question from the
//! other side, and keeps queries without answer and answers without query. Does not resolve or cache, and
//! leaves mDNS, LLMNR and NetBIOS names alone, which share the message format.

mod message;
mod name;
mod numbers;
mod record;

#[cfg(test)]
mod tests;

use super::tape::Tape;
use crate::{
    Datagram, DatagramReader, Decoder, Detail, Dialogue, DnsExchange, Probe, Reading, Stream,
    StreamReader, Transaction,
};
use evidence::{Anomaly, Cursor};
use message::Message;
use std::collections::{HashMap, VecDeque};

pub(super) static DECODER: Decoder = Decoder {
    name: "dns",
    spec: "RFC 1035",
    ports: &[53],
    stream: Some(StreamReader { probe: probe_stream, decode: decode_stream }),
    datagrams: Some(DatagramReader { probe: probe_datagrams, decode: decode_datagrams }),
};

/// NetBIOS names, mDNS and LLMNR.
const OTHERS: [u16; 3] = [137, 5353, 5355];
/// Messages that are asked whether they are DNS.
const PROBES: usize = 8;

/// A message and how it came.
struct Said {
    message: Message,
    from_client: bool,
    time: i64,
    packets: Vec<u32>,
    anomalies: Vec<Anomaly>,
}

fn probe_datagrams(datagrams: &[Datagram<'_>], server_port: u16) -> Probe {
    if OTHERS.contains(&server_port) {
        return Probe::No;
    }
    let probes = datagrams.iter().take(PROBES);
    best(probes.map(|datagram| probe_message(datagram.payload)))
}

fn probe_stream(dialogue: &Dialogue<'_>) -> Probe {
    let first = |stream: &Stream| {
        let mut cursor = Cursor::new(&stream.bytes);
        let length = usize::from(cursor.be16()?);
        let rest = cursor.rest();
        Some(probe_message(rest.get(..length).unwrap_or(rest)))
    };
    best([dialogue.client, dialogue.server].into_iter().filter_map(first))
}

fn best(probes: impl Iterator<Item = Probe>) -> Probe {
    let mut best = Probe::No;
    for probe in probes {
        match probe {
            Probe::Yes => return Probe::Yes,
            Probe::Maybe => best = Probe::Maybe,
            Probe::No => {}
        }
    }
    best
}

fn probe_message(bytes: &[u8]) -> Probe {
    match message::read(bytes) {
        Some((message, anomalies)) if message.opcode <= 6 => {
            if anomalies.is_empty() && message.is_ordinary() { Probe::Yes } else { Probe::Maybe }
        }
        _ => Probe::No,
    }
}

fn decode_datagrams(datagrams: &[Datagram<'_>]) -> Reading {
    let mut said = Vec::new();
    let mut stray = Vec::new();
    for datagram in datagrams {
        let there = datagram.payload.len() as u64;
        let Some((message, mut anomalies)) = message::read(datagram.payload) else {
            let found = format!("{there} bytes in packet {}", datagram.packet);
            stray.push(Anomaly::new("dns.header_cut", 0, there, "a header of 12 bytes", found));
            continue;
        };
        if there < u64::from(datagram.payload_length) {
            let expected = format!("{} bytes by the IP header's word", datagram.payload_length);
            let found = format!("{there} bytes captured");
            anomalies.insert(0, Anomaly::new("dns.truncated_capture", there, 0, expected, found));
        }
        said.push(Said {
            message,
            from_client: datagram.from_client,
            time: datagram.time,
            packets: vec![datagram.packet],
            anomalies,
        });
    }
    (join(said), stray)
}

fn decode_stream(dialogue: &Dialogue<'_>) -> Reading {
    let mut said = Vec::new();
    let mut stray = Vec::new();
    for (stream, from_client) in [(dialogue.client, true), (dialogue.server, false)] {
        read_stream(stream, from_client, &mut said, &mut stray);
    }
    // Stable: a query and its answer may have the same time, and the client's comes first.
    said.sort_by_key(|said| said.time);
    (join(said), stray)
}

/// Each message behind its length (RFC 1035 §4.2.2). The lengths lead over gaps; without one the rest of the
/// direction cannot be told apart.
fn read_stream(stream: &Stream, from_client: bool, said: &mut Vec<Said>, stray: &mut Vec<Anomaly>) {
    let side = if from_client { "client" } else { "server" };
    let mut tape = Tape::new(stream);
    while !tape.at_end() {
        let start = tape.position();
        let Some(length) = Cursor::new(tape.unbroken()).be16() else {
            let expected = format!("a message length in the {side}'s stream; its rest is not read");
            let rest = stream.bytes.len().saturating_sub(start) as u64;
            stray.push(Anomaly::new(
                "dns.length_cut",
                start as u64,
                rest,
                expected,
                "a gap or the end",
            ));
            return;
        };
        tape.skip(2);
        let first = tape.unbroken();
        let bytes = first.get(..usize::from(length)).unwrap_or(first);
        let span = tape.take(length.into());
        let end = tape.position_behind();
        let missing = usize::from(length).saturating_sub(bytes.len());
        let Some((message, mut anomalies)) = message::read(bytes) else {
            let found = format!("{} bytes in the {side}'s stream", bytes.len());
            stray.push(Anomaly::new(
                "dns.header_cut",
                start as u64,
                0,
                "a header of 12 bytes",
                found,
            ));
            continue;
        };
        if missing > 0 || span.beyond > 0 {
            let found = format!("{} bytes before a gap or the end", bytes.len());
            let expected = format!("a message of {length} bytes");
            anomalies.insert(0, Anomaly::new("dns.truncated_capture", 0, 0, expected, found));
        }
        let mut packets: Vec<u32> =
            stream.sources_of(start..end).iter().map(|piece| piece.packet).collect();
        packets.sort_unstable();
        packets.dedup();
        let time = stream.time_of(start).unwrap_or(0);
        said.push(Said { message, from_client, time, packets, anomalies });
    }
}

/// What a query and its answer have in common.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    id: u16,
    /// The side that asked.
    from_client: bool,
    /// The first question, its name in lower case; `None` where an error answer repeats none.
    question: Option<(String, u16, u16)>,
}

fn join(said: Vec<Said>) -> Vec<Transaction> {
    let mut transactions: Vec<Transaction> = Vec::new();
    let mut open: HashMap<Key, VecDeque<usize>> = HashMap::new();
    for said in said {
        let question = said.message.questions.first();
        let question = question
            .map(|question| (question.name.to_ascii_lowercase(), question.kind, question.class));
        let from_client = said.from_client != said.message.answer;
        let id = said.message.id;
        let bare = Key { id, from_client, question: None };
        let key = Key { id, from_client, question };
        if !said.message.answer {
            let here = transactions.len();
            if key != bare {
                open.entry(bare).or_default().push_back(here);
            }
            open.entry(key).or_default().push_back(here);
            transactions.push(asked(said));
            continue;
        }
        let waiting = open
            .get_mut(&key)
            .into_iter()
            .flat_map(|queue| std::iter::from_fn(|| queue.pop_front()));
        let mut unanswered = waiting.filter(|at| transactions.get(*at).is_some_and(is_open));
        match unanswered.next() {
            Some(at) => {
                if let Some(transaction) = transactions.get_mut(at) {
                    answer(transaction, said);
                }
            }
            None => transactions.push(unsolicited(said)),
        }
    }
    transactions.sort_by_key(|transaction| transaction.time);
    transactions
}

fn is_open(transaction: &Transaction) -> bool {
    matches!(&transaction.detail, Detail::Dns(exchange) if exchange.answer_time.is_none())
}

fn asked(said: Said) -> Transaction {
    let Said { message, time, packets, anomalies, .. } = said;
    let mut exchange = exchange(&message);
    exchange.query_time = Some(time);
    exchange.additional = message.additional;
    Transaction { time, packets, detail: Detail::Dns(exchange), anomalies }
}

fn answer(transaction: &mut Transaction, said: Said) {
    transaction.packets.extend(said.packets);
    transaction.packets.sort_unstable();
    transaction.packets.dedup();
    transaction.anomalies.extend(said.anomalies);
    if let Detail::Dns(exchange) = &mut transaction.detail {
        fill(exchange, said.message, said.time);
    }
}

fn unsolicited(said: Said) -> Transaction {
    let Said { message, time, packets, mut anomalies, .. } = said;
    anomalies.push(Anomaly::new(
        "dns.unsolicited",
        0,
        0,
        "an open query with this id and question",
        "none was captured",
    ));
    let mut exchange = exchange(&message);
    fill(&mut exchange, message, time);
    Transaction { time, packets, detail: Detail::Dns(exchange), anomalies }
}

fn exchange(message: &Message) -> DnsExchange {
    let mut exchange = DnsExchange { id: message.id, ..DnsExchange::default() };
    if let Some(question) = message.questions.first() {
        exchange.qname.clone_from(&question.name);
        exchange.qtype = numbers::kind(question.kind);
        exchange.qclass = numbers::class(question.class);
    }
    exchange
}

fn fill(exchange: &mut DnsExchange, message: Message, time: i64) {
    exchange.rcode = Some(numbers::response_code(message.response_code));
    exchange.answer_time = Some(time);
    exchange.truncated = message.truncated;
    exchange.answers = message.answers;
    exchange.authority = message.authority;
    exchange.additional = message.additional;
}
