//! GRE (RFC 2784, RFC 2890) and what is built on it: NVGRE (RFC 7637), ERSPAN I to III (draft-foschiano-erspan).

use super::numbers::ether_type;
use super::reader::{Inside, LayerReader, Next, hex16};

const CHECKSUM: u16 = 0x8000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
const TRANSPARENT: u16 = 0x6558;
const ERSPAN: u16 = 0x88be;
const ERSPAN_III: u16 = 0x22eb;
const PPP: u16 = 0x880b;

pub(super) fn read(reader: &mut LayerReader<'_>) -> Option<Option<Inside>> {
    reader.name("gre", "GRE");
    let flags = reader.be16("gre.flags_and_version", hex16)?;
    let kind = reader.be16("gre.proto", ether_type)?;
    reader.name("gre", format!("GRE, {}", ether_type(kind)));
    let version = flags & 7;
    if version > 1 {
        let start = reader.position().saturating_sub(4);
        reader.anomaly("gre.version", start..reader.position(), "version 0 or 1", version);
        return Some(Some(reader.inside(Next::Data)));
    }
    if flags & CHECKSUM != 0 {
        reader.be16("gre.checksum", hex16)?;
        reader.be16("gre.offset", hex16)?;
    }
    let mut length = None;
    if version == 1 {
        // PPTP (RFC 2637): the key is the payload's length and the call.
        length = Some(reader.be16("gre.key.payload_length", |value| value.to_string())?);
        reader.be16("gre.key.call_id", |value| value.to_string())?;
    } else if flags & KEY != 0 {
        let key = reader.be32("gre.key", |value| format!("0x{value:08x}"))?;
        if kind == TRANSPARENT {
            reader.bits("nvgre.vsid", key >> 8);
            reader.name("gre", format!("NVGRE, virtual subnet {}", key >> 8));
        }
    }
    let numbered = flags & SEQUENCE != 0;
    if numbered {
        reader.be32("gre.sequence_number", |value| value.to_string())?;
    }
    if version == 1 && flags & 0x80 != 0 {
        reader.be32("gre.ack_number", |value| value.to_string())?;
    }
    let next = match kind {
        TRANSPARENT => Next::Link(1),
        // Type I has no header of its own, and no sequence number before it.
        ERSPAN if !numbered => Next::Link(1),
        ERSPAN => Next::Erspan,
        ERSPAN_III => Next::Erspan,
        PPP => Next::Ppp,
        other => Next::EtherType(other),
    };
    Some(Some(match length {
        Some(length) => reader.inside_of(next, length.into()),
        None => reader.inside(next),
    }))
}

pub(super) fn read_erspan(reader: &mut LayerReader<'_>) -> Option<Option<Inside>> {
    reader.name("erspan", "ERSPAN");
    let first = reader.be16("erspan.version", |value| (value >> 12).to_string())?;
    reader.bits("erspan.vlan", first & 0x0fff);
    let session = reader.be16("erspan.spanid", |value| (value & 0x03ff).to_string())?;
    let third = first >> 12 == 2;
    let name = if third { "ERSPAN III" } else { "ERSPAN II" };
    reader.name("erspan", format!("{name}, session {}", session & 0x03ff));
    if !third {
        reader.be32("erspan.index", |value| (value & 0x000f_ffff).to_string())?;
        return Some(Some(reader.inside(Next::Link(1))));
    }
    reader.be32("erspan.timestamp", |value| value.to_string())?;
    reader.be16("erspan.sgt", |value| value.to_string())?;
    let last = reader.be16("erspan.flags", hex16)?;
    if last & 1 != 0 {
        reader.field("erspan.platform", 8, super::reader::hex)?;
    }
    // The frame type: 0 is Ethernet, 2 is IP.
    Some(Some(match (last >> 10) & 0x1f {
        0 => reader.inside(Next::Link(1)),
        2 => reader.inside(Next::Link(101)),
        _ => reader.inside(Next::Data),
    }))
}
