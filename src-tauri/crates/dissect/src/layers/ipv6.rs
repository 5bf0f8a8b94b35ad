//! IPv6 (RFC 8200) and its extension headers.

use super::numbers::ip_protocol;
use super::reader::{Inside, LayerReader, Network, Next, address, hex};

pub(super) fn read(reader: &mut LayerReader<'_>) -> Option<Option<Inside>> {
    reader.name("ipv6", "IPv6");
    let first = reader.be32("ipv6.version", |value| (value >> 28).to_string())?;
    reader.bits("ipv6.tclass", format!("0x{:02x}", (first >> 20) & 0xff));
    reader.bits("ipv6.flow", format!("0x{:05x}", first & 0xf_ffff));
    if first >> 28 != 6 {
        let range = reader.position().saturating_sub(4)..reader.position();
        reader.anomaly("ipv6.version", range, 6, first >> 28);
        return Some(Some(reader.inside(Next::Data)));
    }
    let payload = usize::from(reader.be16("ipv6.plen", |value| value.to_string())?);
    let mut next = reader.u8("ipv6.nxt", ip_protocol)?;
    reader.u8("ipv6.hlim", |value| value.to_string())?;
    let source = reader.field("ipv6.src", 16, address)?;
    let target = reader.field("ipv6.dst", 16, address)?;
    reader.name("ipv6", format!("IPv6, {} → {}", address(source), address(target)));

    let fixed = reader.passed();
    let mut fragment = false;
    let mut first_fragment = true;
    // Each pass takes at least eight bytes, so the frame's length bounds the chain.
    while matches!(next, 0 | 43 | 44 | 51 | 60 | 135) && first_fragment {
        let kind = next;
        if kind == 44 {
            let (follows, offset, more) = read_fragment(reader)?;
            next = follows;
            fragment |= more || offset != 0;
            first_fragment = offset == 0;
        } else {
            next = read_extension(reader, kind)?;
        }
    }
    let extensions = reader.passed().saturating_sub(fixed);
    let what = if first_fragment && next != 59 { Next::Transport(next) } else { Next::Data };
    let mut inside = match payload.checked_sub(extensions) {
        // A jumbogram, or a length that segmentation offload left 0.
        _ if payload == 0 => reader.inside(what),
        Some(length) => reader.inside_of(what, length),
        None => {
            let end = reader.position();
            let expected = format!("at least {extensions} bytes of extension headers");
            reader.anomaly("ipv6.plen", end.saturating_sub(extensions)..end, expected, payload);
            reader.inside(what)
        }
    };
    inside.complete &= !fragment;
    inside.network = Some(Network { addresses: [source, target].concat() });
    Some(Some(inside))
}

fn read_fragment(reader: &mut LayerReader<'_>) -> Option<(u8, u16, bool)> {
    reader.open();
    let next = reader.u8("ipv6.fraghdr.nxt", ip_protocol)?;
    reader.u8("ipv6.fraghdr.reserved_octet", |value| value.to_string())?;
    let place = reader.be16("ipv6.fraghdr.offset", |value| (value & 0xfff8).to_string())?;
    let more = place & 1 != 0;
    reader.bits("ipv6.fraghdr.more", u8::from(more));
    let id = reader.be32("ipv6.fraghdr.ident", |value| format!("0x{value:08x}"))?;
    reader.close("ipv6.fraghdr", format!("fragment of 0x{id:08x}"));
    Some((next, place & 0xfff8, more))
}

fn read_extension(reader: &mut LayerReader<'_>, kind: u8) -> Option<u8> {
    let (name, next_name, title) = match kind {
        0 => ("ipv6.hopopts", "ipv6.hopopts.nxt", "hop-by-hop options"),
        43 => ("ipv6.routing", "ipv6.routing.nxt", "routing header"),
        51 => ("ah", "ah.next_header", "authentication header"),
        60 => ("ipv6.dstopts", "ipv6.dstopts.nxt", "destination options"),
        _ => ("mip6", "mip6.proto", "mobility header"),
    };
    reader.open();
    let next = reader.u8(next_name, ip_protocol)?;
    let words = usize::from(reader.u8("ipv6.opt.length", |value| value.to_string())?);
    // AH counts four-byte words less two, the others eight-byte words less one (RFC 4302 §2.2).
    let length = match kind {
        51 => words.saturating_add(2).saturating_mul(4),
        _ => words.saturating_add(1).saturating_mul(8),
    };
    reader.field("ipv6.opt", length.saturating_sub(2), hex)?;
    reader.close(name, format!("{title}, {length} bytes"));
    Some(next)
}
