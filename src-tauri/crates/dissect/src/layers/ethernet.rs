//! Ethernet II (IEEE 802.3) and VLAN tags (IEEE 802.1Q).

use super::numbers::ether_type;
use super::reader::{Inside, LayerReader, Next, mac};

pub(super) fn read(reader: &mut LayerReader<'_>) -> Option<Option<Inside>> {
    reader.name("eth", "Ethernet");
    let to = mac(reader.field("eth.dst", 6, mac)?);
    let from = mac(reader.field("eth.src", 6, mac)?);
    reader.name("eth", format!("Ethernet, {from} → {to}"));
    let kind = reader.be16("eth.type", ether_type)?;
    Some(Some(after_type(reader, kind)))
}

pub(super) fn read_vlan(reader: &mut LayerReader<'_>) -> Option<Option<Inside>> {
    reader.name("vlan", "VLAN tag");
    let control = reader.be16("vlan.tci", |value| format!("0x{value:04x}"))?;
    let id = control & 0x0fff;
    reader.bits("vlan.priority", control >> 13);
    reader.bits("vlan.dei", (control >> 12) & 1);
    reader.bits("vlan.id", id);
    reader.name("vlan", format!("VLAN tag, id {id}"));
    let kind = reader.be16("vlan.etype", ether_type)?;
    Some(Some(after_type(reader, kind)))
}

/// Below 0x0600 the number is the length of an 802.3 payload, which nothing here reads.
fn after_type(reader: &mut LayerReader<'_>, kind: u16) -> Inside {
    match kind {
        0..0x0600 => reader.inside_of(Next::Data, usize::from(kind)),
        _ => reader.inside(Next::EtherType(kind)),
    }
}
