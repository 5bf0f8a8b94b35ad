//! ARP (RFC 826).

use super::numbers::ether_type;
use super::reader::{Inside, LayerReader, Next, address, mac};

pub(super) fn read(reader: &mut LayerReader<'_>) -> Option<Option<Inside>> {
    reader.name("arp", "ARP");
    reader.be16("arp.hw.type", |value| value.to_string())?;
    reader.be16("arp.proto.type", ether_type)?;
    let hardware = usize::from(reader.u8("arp.hw.size", |value| value.to_string())?);
    let protocol = usize::from(reader.u8("arp.proto.size", |value| value.to_string())?);
    let operation = reader.be16("arp.opcode", |value| match value {
        1 => "1 (request)".to_owned(),
        2 => "2 (reply)".to_owned(),
        _ => value.to_string(),
    })?;
    let sender = mac(reader.field("arp.src.hw_mac", hardware, mac)?);
    let source = address(reader.field("arp.src.proto_ipv4", protocol, address)?);
    reader.field("arp.dst.hw_mac", hardware, mac)?;
    let target = address(reader.field("arp.dst.proto_ipv4", protocol, address)?);
    reader.name(
        "arp",
        match operation {
            1 => format!("ARP, who has {target}? tell {source}"),
            2 => format!("ARP, {source} is at {sender}"),
            _ => format!("ARP, operation {operation}"),
        },
    );
    Some(Some(reader.inside(Next::Data)))
}
