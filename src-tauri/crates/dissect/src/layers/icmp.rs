//! ICMP (RFC 792) and ICMPv6 (RFC 4443). The packet that an error quotes is left as payload.

use super::checksum;
use super::reader::{Inside, LayerReader, Network, Next, hex, hex16};

pub(super) fn read_v4(reader: &mut LayerReader<'_>) -> Option<Option<Inside>> {
    reader.name("icmp", "ICMP");
    let message = reader.rest();
    let holds = reader.complete.then(|| checksum::holds(&[message]));
    let kind = reader.u8("icmp.type", |value| format!("{value} ({})", v4_name(value)))?;
    reader.name("icmp", format!("ICMP, {}", v4_name(kind)));
    reader.u8("icmp.code", |value| value.to_string())?;
    reader.be16("icmp.checksum", hex16)?;
    checksum::mark(reader, holds);
    if matches!(kind, 0 | 8) {
        reader.be16("icmp.ident", |value| value.to_string())?;
        reader.be16("icmp.seq", |value| value.to_string())?;
    } else {
        reader.field("icmp.unused", 4, hex)?;
    }
    Some(Some(reader.inside(Next::Data)))
}

pub(super) fn read_v6(
    reader: &mut LayerReader<'_>,
    network: Option<&Network>,
) -> Option<Option<Inside>> {
    reader.name("icmpv6", "ICMPv6");
    let message = reader.rest();
    let holds = network
        .filter(|_| reader.complete)
        .map(|network| checksum::transport_holds(network, 58, message));
    let kind = reader.u8("icmpv6.type", |value| format!("{value} ({})", v6_name(value)))?;
    reader.name("icmpv6", format!("ICMPv6, {}", v6_name(kind)));
    reader.u8("icmpv6.code", |value| value.to_string())?;
    reader.be16("icmpv6.checksum", hex16)?;
    checksum::mark(reader, holds);
    if matches!(kind, 128 | 129) {
        reader.be16("icmpv6.echo.identifier", |value| value.to_string())?;
        reader.be16("icmpv6.echo.sequence_number", |value| value.to_string())?;
    }
    Some(Some(reader.inside(Next::Data)))
}

fn v4_name(kind: u8) -> &'static str {
    match kind {
        0 => "echo reply",
        3 => "destination unreachable",
        5 => "redirect",
        8 => "echo request",
        11 => "time exceeded",
        12 => "parameter problem",
        13 => "timestamp request",
        14 => "timestamp reply",
        _ => "other",
    }
}

fn v6_name(kind: u8) -> &'static str {
    match kind {
        1 => "destination unreachable",
        2 => "packet too big",
        3 => "time exceeded",
        4 => "parameter problem",
        128 => "echo request",
        129 => "echo reply",
        133 => "router solicitation",
        134 => "router advertisement",
        135 => "neighbour solicitation",
        136 => "neighbour advertisement",
        _ => "other",
    }
}
