//! GENEVE (RFC 8926), with the options that a Gateway Load Balancer adds.

use super::numbers::ether_type;
use super::reader::{Inside, LayerReader, Next, hex, hex16};

const PORT: u16 = 6081;
/// The option class of AWS.
const AWS: u16 = 0x0108;

/// Whether a datagram to `port` holds GENEVE: version 0. Health checks of a load balancer do not.
pub(super) fn is_here(port: u16, payload: &[u8]) -> bool {
    let inner = payload.get(2..4);
    port == PORT
        && payload.first().is_some_and(|first| first >> 6 == 0)
        && inner.is_none_or(|kind| matches!(kind, [0x08, 0x00] | [0x86, 0xdd] | [0x65, 0x58]))
}

pub(super) fn read(reader: &mut LayerReader<'_>) -> Option<Option<Inside>> {
    reader.name("geneve", "GENEVE");
    let first = reader.u8("geneve.version", |value| (value >> 6).to_string())?;
    let options = usize::from(first & 0x3f).saturating_mul(4);
    reader.bits("geneve.options_length", format!("{options} bytes"));
    let flags = reader.u8("geneve.flags", |value| format!("0x{value:02x}"))?;
    reader.bits("geneve.flags.oam", flags >> 7);
    reader.bits("geneve.flags.critical", (flags >> 6) & 1);
    let kind = reader.be16("geneve.proto_type", ether_type)?;
    let network = reader.be24("geneve.vni", |value| value.to_string())?;
    reader.name("geneve", format!("GENEVE, VNI {network}"));
    reader.u8("geneve.reserved", |value| value.to_string())?;
    let end = reader.passed().saturating_add(options);
    while reader.passed() < end {
        let left = end.saturating_sub(reader.passed());
        let size = reader.rest().get(3).map(|byte| usize::from(byte & 0x1f).saturating_mul(4));
        if size?.saturating_add(4) > left {
            let start = reader.position();
            let range = start..start.saturating_add(left);
            reader.anomaly("geneve.option_length", range, format!("at most {left} bytes"), size?);
            reader.field("geneve.option.unknown", left, hex)?;
            break;
        }
        read_option(reader)?;
    }
    Some(Some(reader.inside(match kind {
        0x6558 => Next::Link(1),
        other => Next::EtherType(other),
    })))
}

fn read_option(reader: &mut LayerReader<'_>) -> Option<()> {
    reader.open();
    let class = reader.be16("geneve.option.class", hex16)?;
    let kind = reader.u8("geneve.option.type", |value| format!("0x{value:02x}"))?;
    let words = reader.u8("geneve.option.length", |value| (value & 0x1f).to_string())? & 0x1f;
    let length = usize::from(words).saturating_mul(4);
    let bytes = reader.field("geneve.option.data", length, hex)?;
    let value = match (class, kind, length) {
        // Written as the suffix of `vpce-…`: 17 digits (aws-gateway-load-balancer-tunnel-handler).
        (AWS, 1, 8) => format!("endpoint 0{}", hex(bytes)),
        (AWS, 2, 8) => format!("attachment 0{}", hex(bytes)),
        (AWS, 3, 4) => format!("flow cookie {}", hex(bytes)),
        _ => format!("class 0x{class:04x}, type {kind}"),
    };
    reader.close("geneve.option", value);
    Some(())
}
