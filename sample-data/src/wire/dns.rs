//! DNS messages (RFC 1035), answers with the usual pointer to the question's name.

use std::net::Ipv4Addr;

/// What an answer section holds.
pub(crate) enum Answer<'a> {
    A(Ipv4Addr),
    Txt(&'a str),
    NoSuchName,
}

pub(crate) const A: u16 = 1;
pub(crate) const TXT: u16 = 16;

/// A recursive query for `name`.
pub(crate) fn query(id: u16, name: &str, kind: u16) -> Vec<u8> {
    message(id, 0x0100, 0, name, kind)
}

/// The answer to the query with the same `id`, `name` and `kind`.
pub(crate) fn response(id: u16, name: &str, kind: u16, answer: &Answer<'_>) -> Vec<u8> {
    let (value, flags) = match answer {
        Answer::A(ip) => (ip.octets().to_vec(), 0x8180),
        Answer::Txt(text) => ([&[text.len() as u8], text.as_bytes()].concat(), 0x8180),
        Answer::NoSuchName => (Vec::new(), 0x8183),
    };
    let mut out = message(id, flags, u16::from(!value.is_empty()), name, kind);
    if !value.is_empty() {
        // 0xC00C points to offset 12, the question's name.
        out.extend_from_slice(&[0xC0, 0x0C]);
        out.extend_from_slice(&kind.to_be_bytes());
        out.extend_from_slice(&[0, 1, 0, 0, 0, 60]);
        out.extend_from_slice(&(value.len() as u16).to_be_bytes());
        out.extend_from_slice(&value);
    }
    out
}

fn message(id: u16, flags: u16, answers: u16, name: &str, kind: u16) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    for field in [id, flags, 1, answers, 0, 0] {
        out.extend_from_slice(&field.to_be_bytes());
    }
    for label in name.split('.') {
        out.push(label.len() as u8);
        out.extend_from_slice(label.as_bytes());
    }
    out.push(0);
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&[0, 1]);
    out
}
