//! What stands between a link layer and IP: MPLS (RFC 3032), PPPoE (RFC 2516), PPP (RFC 1661).

use super::reader::{Inside, LayerReader, Next, hex16};

/// A stack of labels, each a field of this layer.
pub(super) fn read_mpls(reader: &mut LayerReader<'_>) -> Option<Option<Inside>> {
    reader.name("mpls", "MPLS");
    loop {
        let entry = reader.be32("mpls.label", |value| (value >> 12).to_string())?;
        reader.bits("mpls.exp", (entry >> 9) & 7);
        reader.bits("mpls.bottom", (entry >> 8) & 1);
        reader.bits("mpls.ttl", entry & 0xff);
        if entry & 0x100 != 0 {
            reader.name("mpls", format!("MPLS, label {}", entry >> 12));
            break;
        }
    }
    // Nothing says what follows: IP by its version, or Ethernet behind a control word, or bare.
    Some(Some(match reader.rest().first().map(|byte| byte >> 4) {
        Some(4) => reader.inside(Next::EtherType(0x0800)),
        Some(6) => reader.inside(Next::EtherType(0x86dd)),
        Some(0) => {
            reader.field("pwmpls.control_word", 4, super::reader::hex)?;
            reader.inside(Next::Link(1))
        }
        _ => reader.inside(Next::Link(1)),
    }))
}

pub(super) fn read_pppoe(reader: &mut LayerReader<'_>) -> Option<Option<Inside>> {
    reader.name("pppoes", "PPPoE session");
    reader.u8("pppoe.version_type", |value| format!("0x{value:02x}"))?;
    reader.u8("pppoe.code", |value| format!("0x{value:02x}"))?;
    let session = reader.be16("pppoe.session_id", hex16)?;
    reader.name("pppoes", format!("PPPoE, session {session}"));
    let length = reader.be16("pppoe.payload_length", |value| value.to_string())?;
    Some(Some(reader.inside_of(Next::Ppp, length.into())))
}

pub(super) fn read_ppp(reader: &mut LayerReader<'_>) -> Option<Option<Inside>> {
    reader.name("ppp", "PPP");
    if reader.rest().starts_with(&[0xff, 0x03]) {
        reader.be16("ppp.address_control", hex16)?;
    }
    // A first byte that is odd is a protocol by itself (RFC 1661 §2).
    let short = reader.rest().first().is_some_and(|first| first & 1 == 1);
    let protocol = match short {
        true => u16::from(reader.u8("ppp.protocol", |value| hex16(value.into()))?),
        false => reader.be16("ppp.protocol", hex16)?,
    };
    Some(Some(reader.inside(match protocol {
        0x0021 => Next::EtherType(0x0800),
        0x0057 => Next::EtherType(0x86dd),
        0x0281 => Next::EtherType(0x8847),
        _ => Next::Data,
    })))
}
