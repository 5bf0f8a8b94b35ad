//! TLS 1.0 to 1.3 (RFC 5246, RFC 8446) as far as it is spoken in clear: the hellos, the certificates, alerts.
//!
//! Gives one transaction a connection. Does not decrypt; what is encrypted is left alone.

mod certificate;
mod fingerprint;
mod hello;
mod names;
mod records;

#[cfg(test)]
mod tests;

use super::fields::Fields;
use crate::{Decoder, Dialogue, NamedExchange, Probe, Reading, Stream, StreamReader, Transaction};
use hello::{ClientHello, ServerHello};
use records::{Message, Spoken};

pub(super) static DECODER: Decoder = Decoder {
    name: "tls",
    spec: "RFC 8446",
    ports: &[443, 465, 563, 636, 853, 989, 990, 992, 993, 995, 5061, 5671, 6697, 8443, 8883],
    stream: Some(StreamReader { probe, decode }),
    datagrams: None,
};

const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;
/// Certificates of a chain that are told.
const CHAIN: usize = 10;

fn probe(dialogue: &Dialogue<'_>) -> Probe {
    let begins = |stream: &Stream, kind: u8| {
        let begin = stream.bytes.get(..6);
        matches!(begin, Some([22, 3, 0..=4, _, _, own]) if *own == kind)
    };
    if begins(dialogue.client, CLIENT_HELLO) || begins(dialogue.server, SERVER_HELLO) {
        return Probe::Yes;
    }
    let goes_on = [dialogue.client, dialogue.server].into_iter().any(records::go_on);
    if goes_on { Probe::Maybe } else { Probe::No }
}

fn decode(dialogue: &Dialogue<'_>) -> Reading {
    let client = records::read(dialogue.client);
    let server = records::read(dialogue.server);
    let mut fields = Fields::default();

    let asked = first(&client, CLIENT_HELLO).and_then(|message| {
        let hello = ClientHello::read(&message.body)?;
        hello.tell(message.whole, &mut fields.of(true, &message.range));
        Some(hello)
    });
    let answered = first(&server, SERVER_HELLO).and_then(|message| {
        let hello = ServerHello::read(&message.body)?;
        hello.tell(message.whole, &mut fields.of(false, &message.range));
        Some(hello)
    });
    for (spoken, from_client) in [(&server, false), (&client, true)] {
        if let Some(message) = first(spoken, CERTIFICATE) {
            for der in certificate::chain(&message.body).into_iter().take(CHAIN) {
                certificate::tell(der, &mut fields.of(from_client, &message.range));
            }
        }
        for (level, description, range) in &spoken.alerts {
            let text = format!("{} ({})", names::alert(*description), names::level(*level));
            fields.of(from_client, range).add("tls.alert_message.desc", text);
        }
    }

    let begin = |stream: &Stream, spoken: &Spoken| {
        let at = spoken.messages.first().map(|message| message.range.start)?;
        stream.time_of(at)
    };
    let time = begin(dialogue.client, &client).or_else(|| begin(dialogue.server, &server));
    let time = time.or_else(|| dialogue.client.time_of(0)).or_else(|| dialogue.server.time_of(0));
    let mut messages = client.messages.iter().chain(&server.messages);
    let complete = asked.is_some() && answered.is_some() && messages.all(|message| message.whole);
    let told = NamedExchange {
        protocol: DECODER.name,
        asked: asked.map_or_else(String::new, |hello| hello.line()),
        answered: answered.map_or_else(String::new, |hello| hello.line()),
        complete,
        ..NamedExchange::default()
    };
    let transaction = fields.transaction(dialogue, time.unwrap_or_default(), told);
    let anomalies = client.anomalies.into_iter().chain(server.anomalies).collect();
    (vec![Transaction { anomalies, ..transaction }], Vec::new())
}

fn first(spoken: &Spoken, kind: u8) -> Option<&Message> {
    spoken.messages.iter().find(|message| message.kind == kind)
}
