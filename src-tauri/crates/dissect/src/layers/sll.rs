//! Linux cooked captures (LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2): what `tcpdump -i any` writes.

use super::numbers::ether_type;
use super::reader::{Inside, LayerReader, Next, mac};

pub(super) fn read(reader: &mut LayerReader<'_>) -> Option<Option<Inside>> {
    reader.name("sll", "Linux cooked capture");
    reader.be16("sll.pkttype", packet_type)?;
    reader.be16("sll.hatype", |value| value.to_string())?;
    let length = reader.be16("sll.halen", |value| value.to_string())?;
    source(reader, usize::from(length))?;
    let kind = reader.be16("sll.etype", ether_type)?;
    Some(Some(reader.inside(Next::EtherType(kind))))
}

pub(super) fn read_v2(reader: &mut LayerReader<'_>) -> Option<Option<Inside>> {
    reader.name("sll", "Linux cooked capture v2");
    let kind = reader.be16("sll.etype", ether_type)?;
    reader.be16("sll.unused", |value| format!("0x{value:04x}"))?;
    reader.be32("sll.ifindex", |value| value.to_string())?;
    reader.be16("sll.hatype", |value| value.to_string())?;
    reader.u8("sll.pkttype", |value| packet_type(value.into()))?;
    let length = reader.u8("sll.halen", |value| value.to_string())?;
    source(reader, usize::from(length))?;
    Some(Some(reader.inside(Next::EtherType(kind))))
}

/// Eight bytes of which the first `length` are the sender's link-layer address.
fn source(reader: &mut LayerReader<'_>, length: usize) -> Option<()> {
    reader.field("sll.src", 8, |bytes| mac(bytes.get(..length).unwrap_or(bytes)))?;
    Some(())
}

fn packet_type(value: u16) -> String {
    let name = match value {
        0 => "to us",
        1 => "broadcast",
        2 => "multicast",
        3 => "to somebody else",
        4 => "sent by us",
        _ => "unknown",
    };
    format!("{value} ({name})")
}
