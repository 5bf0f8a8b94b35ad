//! VXLAN (RFC 7348): what VPC Traffic Mirroring wraps its copies in.

use super::reader::{Inside, LayerReader, Next, hex};

/// The assigned port, and the one of Linux before the assignment.
const PORTS: [u16; 2] = [4789, 8472];

/// Whether a datagram to `port` holds VXLAN: the I flag is set, and an Ethernet frame may follow.
pub(super) fn is_here(port: u16, payload: &[u8]) -> bool {
    let flagged = PORTS.contains(&port) && payload.first().is_some_and(|flags| flags & 0x08 != 0);
    let plausible = match payload.get(20..22) {
        Some([high, low]) => {
            let kind = u16::from_be_bytes([*high, *low]);
            kind <= 1500 || matches!(kind, 0x0800 | 0x0806 | 0x8100 | 0x86dd | 0x88a8 | 0x9100)
        }
        // Cut before the inner EtherType: the port and the flag are all the evidence there is.
        _ => true,
    };
    flagged && plausible
}

pub(super) fn read(reader: &mut LayerReader<'_>) -> Option<Option<Inside>> {
    reader.name("vxlan", "VXLAN");
    let flags = reader.u8("vxlan.flags", |value| format!("0x{value:02x}"))?;
    reader.bits("vxlan.flag_i", u8::from(flags & 0x08 != 0));
    reader.field("vxlan.reserved", 3, hex)?;
    let network = reader.be24("vxlan.vni", |value| value.to_string())?;
    reader.name("vxlan", format!("VXLAN, VNI {network}"));
    reader.u8("vxlan.reserved8", |value| value.to_string())?;
    Some(Some(reader.inside(Next::Link(1))))
}
