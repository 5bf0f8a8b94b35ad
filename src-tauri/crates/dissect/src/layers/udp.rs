//! UDP (RFC 768), and the tunnels that are known by their port.

use super::checksum;
use super::reader::{Inside, LayerReader, Network, Next, hex16};
use super::{geneve, vxlan};

pub(super) fn read(
    reader: &mut LayerReader<'_>,
    network: Option<&Network>,
) -> Option<Option<Inside>> {
    reader.name("udp", "UDP");
    let datagram = reader.rest();
    let start = reader.position();
    let from = reader.be16("udp.srcport", |value| value.to_string())?;
    let to = reader.be16("udp.dstport", |value| value.to_string())?;
    reader.name("udp", format!("UDP, {from} → {to}"));
    let length = reader.be16("udp.length", |value| value.to_string())?;
    let sum = reader.be16("udp.checksum", hex16)?;
    let whole = datagram.get(..usize::from(length)).filter(|_| reader.complete && length >= 8);
    match (sum, whole, network) {
        (0, ..) => reader.remark(" (none)"),
        (_, Some(whole), Some(network)) => {
            checksum::mark(reader, Some(checksum::transport_holds(network, 17, whole)));
        }
        _ => checksum::mark(reader, None),
    }
    let next = if vxlan::is_here(to, reader.rest()) {
        Next::Vxlan
    } else if geneve::is_here(to, reader.rest()) {
        Next::Geneve
    } else {
        Next::Data
    };
    Some(Some(match usize::from(length).checked_sub(8) {
        Some(payload) => reader.inside_of(next, payload),
        // 0 stands for a datagram too long for the field (RFC 2675), or one that offload has not cut yet.
        None if length == 0 => reader.inside(next),
        None => {
            let field = start.saturating_add(4)..start.saturating_add(6);
            reader.anomaly("udp.length", field, "at least 8", length);
            reader.inside(next)
        }
    }))
}
