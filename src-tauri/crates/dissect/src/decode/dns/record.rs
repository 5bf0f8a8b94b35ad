//! Resource records (RFC 1035 §3.2.1, §4.1.3).

use super::{name, numbers};
use crate::DnsRecord;
use evidence::{Anomaly, Cursor};
use std::net::{Ipv4Addr, Ipv6Addr};

pub(super) struct Read {
    pub(super) record: DnsRecord,
    /// The upper bits of the response code, which an OPT record carries.
    pub(super) extended_code: Option<u8>,
}

/// Reads the record at the cursor of `message`. `None` where it is not all there.
///
/// A value that breaks its type's form is given in hexadecimal, and stated.
pub(super) fn read<'m>(
    message: &'m [u8],
    cursor: &mut Cursor<'m>,
    anomalies: &mut Vec<Anomaly>,
) -> Option<Read> {
    let owner = name::read(message, cursor, anomalies)?;
    let kind = cursor.be16()?;
    let class = cursor.be16()?;
    let ttl = cursor.be32()?;
    let length = usize::from(cursor.be16()?);
    let start = cursor.position();
    let bytes = cursor.take(length)?;
    let end = cursor.position();
    // Names in a value may point anywhere before, so it is read in the whole message, up to its end.
    let mut value = Cursor::new(message.get(..end)?);
    value.skip(start)?;
    let (text, extended_code) = match kind {
        41 => {
            let [code, version, high, _] = ttl.to_be_bytes();
            (options(&mut value, class, version, high & 0x80 != 0), Some(code))
        }
        _ => (show(message, kind, &mut value, anomalies).filter(|_| value.remaining() == 0), None),
    };
    let text = text.unwrap_or_else(|| {
        let expected = format!("a {} value", numbers::kind(kind));
        let shown = hex(bytes);
        anomalies.push(Anomaly::new(
            "dns.value",
            start as u64,
            length as u64,
            expected,
            shown.as_str(),
        ));
        shown
    });
    let record = DnsRecord { name: owner, type_: numbers::kind(kind), ttl, value: text };
    Some(Read { record, extended_code })
}

fn show<'m>(
    message: &'m [u8],
    kind: u16,
    value: &mut Cursor<'m>,
    anomalies: &mut Vec<Anomaly>,
) -> Option<String> {
    let mut read_name = |value: &mut Cursor<'m>| name::read(message, value, anomalies);
    Some(match kind {
        1 => Ipv4Addr::from(value.array::<4>()?).to_string(),
        28 => Ipv6Addr::from(value.array::<16>()?).to_string(),
        2 | 5 | 12 | 39 => read_name(value)?,
        15 => format!("{} {}", value.be16()?, read_name(value)?),
        33 => {
            let (priority, weight, port) = (value.be16()?, value.be16()?, value.be16()?);
            format!("{priority} {weight} {port} {}", read_name(value)?)
        }
        6 => {
            let (server, mailbox) = (read_name(value)?, read_name(value)?);
            let (serial, refresh, retry) = (value.be32()?, value.be32()?, value.be32()?);
            let (expire, minimum) = (value.be32()?, value.be32()?);
            format!("{server} {mailbox} {serial} {refresh} {retry} {expire} {minimum}")
        }
        16 | 99 => strings(value)?,
        _ => {
            let rest = value.remaining();
            hex(value.take(rest)?)
        }
    })
}

/// `"one" "two"`, as in a zone file (RFC 1035 §5.1).
fn strings(value: &mut Cursor<'_>) -> Option<String> {
    let mut texts = Vec::new();
    while value.remaining() > 0 {
        let length = value.u8()?;
        let mut text = String::from('"');
        for byte in value.take(length.into())? {
            match byte {
                b'"' | b'\\' => {
                    text.push('\\');
                    text.push(char::from(*byte));
                }
                0x20..=0x7e => text.push(char::from(*byte)),
                other => text.push_str(&format!("\\{other:03}")),
            }
        }
        text.push('"');
        texts.push(text);
    }
    Some(texts.join(" "))
}

/// EDNS: the sender's buffer, the DNSSEC OK flag, and options as `code:hex`.
fn options(value: &mut Cursor<'_>, buffer: u16, version: u8, dnssec: bool) -> Option<String> {
    let mut text = format!("version {version}, udp {buffer}");
    if dnssec {
        text.push_str(", do");
    }
    while value.remaining() > 0 {
        let code = value.be16()?;
        let length = value.be16()?;
        text.push_str(&format!(", option {code}:{}", hex(value.take(length.into())?)));
    }
    Some(text)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
