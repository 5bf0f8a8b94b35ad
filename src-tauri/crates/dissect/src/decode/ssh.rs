//! SSH (RFC 4253) as far as it is spoken in clear: identification strings, and what each side offers for the key exchange.
//!
//! HASSH (github.com/salesforce/hassh) tells implementations apart by what they offer.

use super::fields::{Fields, OfMessage};
use super::md5;
use crate::{Decoder, Dialogue, NamedExchange, Probe, Reading, Stream, StreamReader};
use evidence::Cursor;
use std::ops::Range;

pub(super) static DECODER: Decoder = Decoder {
    name: "ssh",
    spec: "RFC 4253",
    ports: &[22],
    stream: Some(StreamReader { probe, decode }),
    datagrams: None,
};

const KEXINIT: u8 = 20;
/// Of an identification string, and of lines before it (RFC 4253 §4.2). Unit: bytes.
const LONGEST_LINE: usize = 255;
/// Lines that a server may send before its identification.
const LINES: usize = 50;
/// The lists of a KEXINIT (RFC 4253 §7.1), by Wireshark's names.
const LISTS: [&str; 10] = [
    "ssh.kex_algorithms",
    "ssh.server_host_key_algorithms",
    "ssh.encryption_algorithms_client_to_server",
    "ssh.encryption_algorithms_server_to_client",
    "ssh.mac_algorithms_client_to_server",
    "ssh.mac_algorithms_server_to_client",
    "ssh.compression_algorithms_client_to_server",
    "ssh.compression_algorithms_server_to_client",
    "ssh.languages_client_to_server",
    "ssh.languages_server_to_client",
];

/// What a side said.
#[derive(Default)]
struct Spoken {
    /// `SSH-2.0-OpenSSH_9.6`, and where it stands.
    identification: Option<(String, Range<usize>)>,
    offer: Option<(Vec<String>, Range<usize>)>,
}

fn probe(dialogue: &Dialogue<'_>) -> Probe {
    let says = |stream: &Stream| stream.bytes.starts_with(b"SSH-");
    if says(dialogue.client) || says(dialogue.server) { Probe::Yes } else { Probe::No }
}

fn decode(dialogue: &Dialogue<'_>) -> Reading {
    let sides = [(read(dialogue.client), true), (read(dialogue.server), false)];
    let mut fields = Fields::default();
    for (spoken, from_client) in &sides {
        if let Some((text, range)) = &spoken.identification {
            fields.of(*from_client, range).add("ssh.protocol", text.clone());
        }
        if let Some((lists, range)) = &spoken.offer {
            tell(lists, *from_client, &mut fields.of(*from_client, range));
        }
    }
    let [(client, _), (server, _)] = &sides;
    let line = |spoken: &Spoken| {
        spoken.identification.as_ref().map_or_else(String::new, |(text, _)| text.clone())
    };
    let complete = client.identification.is_some() && server.identification.is_some();
    let (asked, answered) = (line(client), line(server));
    let times = [dialogue.client, dialogue.server].into_iter().filter_map(|side| side.time_of(0));
    let time = times.min().unwrap_or_default();
    let protocol = DECODER.name;
    let told = NamedExchange { protocol, asked, answered, complete, ..NamedExchange::default() };
    (vec![fields.transaction(dialogue, time, told)], Vec::new())
}

fn tell(lists: &[String], from_client: bool, fields: &mut OfMessage<'_>) {
    for (name, list) in LISTS.iter().zip(lists) {
        if !list.is_empty() {
            fields.add(name, list.clone());
        }
    }
    // What is offered for the own direction: lists 2, 4, 6 of a client, 3, 5, 7 of a server.
    let own = |place: usize| lists.get(place.saturating_add(usize::from(!from_client)));
    let all = [lists.first(), own(2), own(4), own(6)];
    let all: Vec<&str> = all.into_iter().flatten().map(String::as_str).collect();
    if all.len() == 4 {
        let text = all.join(";");
        let name = if from_client { "ssh.kex.hassh" } else { "ssh.kex.hasshserver" };
        fields.add(name, md5(text.as_bytes()));
    }
}

fn read(stream: &Stream) -> Spoken {
    let mut spoken = Spoken::default();
    let bytes = stream.unbroken_from(stream.next_run(0).unwrap_or(0));
    let mut at = 0_usize;
    for _ in 0..LINES {
        let rest = bytes.get(at..).unwrap_or_default();
        let window = rest.get(..LONGEST_LINE).unwrap_or(rest);
        let Some(length) = window.iter().position(|byte| *byte == b'\n') else { return spoken };
        let line = window.get(..length).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let range = at..at.saturating_add(line.len());
        at = at.saturating_add(length).saturating_add(1);
        if line.starts_with(b"SSH-") {
            spoken.identification = Some((crate::escape(line), range));
            break;
        }
    }
    if spoken.identification.is_some() {
        spoken.offer = offer(bytes.get(at..).unwrap_or_default())
            .map(|(lists, length)| (lists, at..at.saturating_add(length)));
    }
    spoken
}

/// The lists of the key exchange that begins here, and the length of its packet (RFC 4253 §6).
fn offer(bytes: &[u8]) -> Option<(Vec<String>, usize)> {
    let mut cursor = Cursor::new(bytes);
    let length = cursor.be32()? as usize;
    let padding = usize::from(cursor.u8()?);
    let payload = cursor.take(length.checked_sub(padding)?.checked_sub(1)?)?;
    let mut cursor = Cursor::new(payload);
    if cursor.u8()? != KEXINIT {
        return None;
    }
    cursor.skip(16)?;
    let mut lists = Vec::with_capacity(LISTS.len());
    for _ in LISTS {
        let length = cursor.be32()? as usize;
        lists.push(crate::escape(cursor.take(length)?));
    }
    // Padding follows, which may not have been captured.
    Some((lists, payload.len().saturating_add(5)))
}

#[cfg(test)]
mod tests;
