//! The table of decoders.

mod dns;
mod fields;
mod http1;
mod ssh;
mod tape;
#[cfg(test)]
mod testing;
mod tls;

use crate::{Datagram, Decoded, Decoder, Dialogue, Probe, Reading};
use md5::{Digest as _, Md5};
use std::fmt::Write as _;

/// Every decoder, most certain probe first.
pub static DECODERS: &[&Decoder] = &[&http1::DECODER, &tls::DECODER, &ssh::DECODER, &dns::DECODER];

/// Reads a TCP connection with the first decoder that says it is its own.
///
/// A decoder that is not sure is believed where `server_port` is one of its ports.
pub fn decode_stream(dialogue: &Dialogue<'_>, server_port: u16) -> Decoded {
    let readers = DECODERS.iter().filter_map(|sheet| Some((*sheet, sheet.stream.as_ref()?)));
    let answers = readers.map(|(sheet, reader)| (sheet, reader, (reader.probe)(dialogue)));
    match choose(answers, server_port) {
        Some((sheet, reader)) => decoded(sheet, (reader.decode)(dialogue)),
        None => Decoded::default(),
    }
}

/// Reads the datagrams of a UDP conversation, in capture order, with the first decoder that says they are
/// its own. Ports count as in [`decode_stream`].
pub fn decode_datagrams(datagrams: &[Datagram<'_>], server_port: u16) -> Decoded {
    let readers = DECODERS.iter().filter_map(|sheet| Some((*sheet, sheet.datagrams.as_ref()?)));
    let answers =
        readers.map(|(sheet, reader)| (sheet, reader, (reader.probe)(datagrams, server_port)));
    match choose(answers, server_port) {
        Some((sheet, reader)) => decoded(sheet, (reader.decode)(datagrams)),
        None => Decoded::default(),
    }
}

fn choose<R>(
    answers: impl Iterator<Item = (&'static Decoder, R, Probe)>,
    port: u16,
) -> Option<(&'static Decoder, R)> {
    let mut likely = None;
    for (sheet, reader, probe) in answers {
        match probe {
            Probe::Yes => return Some((sheet, reader)),
            Probe::Maybe if sheet.ports.contains(&port) => {
                likely = likely.or(Some((sheet, reader)))
            }
            Probe::Maybe | Probe::No => {}
        }
    }
    likely
}

fn decoded(sheet: &'static Decoder, (transactions, anomalies): Reading) -> Decoded {
    Decoded { application: Some(sheet.name), transactions, anomalies }
}

/// In hexadecimal: what fingerprints are made of. It proves nothing.
fn md5(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
