//! Link layers: where the network layer starts and what it is.

use super::{Layer, Next, Stop, StopReason, stopped};
use crate::LinkType;
use evidence::Cursor;

pub(super) const IPV4: u16 = 0x0800;
pub(super) const IPV6: u16 = 0x86dd;
/// 802.1Q, 802.1ad, and the older QinQ tag.
pub(super) const VLAN: [u16; 3] = [0x8100, 0x88a8, 0x9100];

/// Where a packet of this link type begins to be read.
pub(super) fn begin(link: LinkType, data: &[u8]) -> Result<Next, Stop> {
    let cut = stopped(Layer::Link, 0, StopReason::Cut);
    let mut cursor = Cursor::new(data);
    match link {
        LinkType::Ethernet => Ok(Next::Ethernet(0)),
        LinkType::Ipv4 => Ok(Next::Ip { at: 0, version: 4 }),
        LinkType::Ipv6 => Ok(Next::Ip { at: 0, version: 6 }),
        LinkType::Raw => match data.first().ok_or(cut)? >> 4 {
            version @ (4 | 6) => Ok(Next::Ip { at: 0, version }),
            _ => Err(stopped(Layer::Network, 0, StopReason::NotIp)),
        },
        LinkType::LinuxSll => {
            cursor.skip(14).ok_or(cut)?;
            carried(&mut cursor, 0).map(|(at, version)| Next::Ip { at, version })
        }
        LinkType::LinuxSll2 => {
            let kind = cursor.be16().ok_or(cut)?;
            cursor.skip(18).ok_or(cut)?;
            network(kind, &mut cursor, 0).map(|(at, version)| Next::Ip { at, version })
        }
        LinkType::Null => family(cursor.be32().ok_or(cut)?),
        LinkType::Loop => family(cursor.be32().ok_or(cut)?),
        LinkType::Other(_) => Err(stopped(Layer::Link, 0, StopReason::LinkTypeUnknown)),
    }
}

/// Where the network layer of the Ethernet frame at `at` starts, and its IP version.
pub(super) fn ethernet(data: &[u8], at: usize) -> Result<(usize, u8), Stop> {
    let mut cursor = Cursor::new(data);
    cursor.skip(at).and_then(|()| cursor.skip(12)).ok_or(stopped(
        Layer::Link,
        at,
        StopReason::Cut,
    ))?;
    carried(&mut cursor, at)
}

/// Reads an EtherType.
fn carried(cursor: &mut Cursor<'_>, header: usize) -> Result<(usize, u8), Stop> {
    let kind = cursor.be16().ok_or(stopped(Layer::Link, header, StopReason::Cut))?;
    network(kind, cursor, header)
}

/// Passes over VLAN tags. The cursor stands behind the EtherType.
fn network(mut kind: u16, cursor: &mut Cursor<'_>, header: usize) -> Result<(usize, u8), Stop> {
    let cut = stopped(Layer::Link, header, StopReason::Cut);
    while VLAN.contains(&kind) {
        cursor.skip(2).ok_or(cut)?;
        kind = cursor.be16().ok_or(cut)?;
    }
    match kind {
        IPV4 => Ok((cursor.position(), 4)),
        IPV6 => Ok((cursor.position(), 6)),
        _ => Err(stopped(Layer::Network, cursor.position(), StopReason::NotIp)),
    }
}

/// The address family of BSD loopback headers. Families are small numbers: one that is not was written
/// least significant byte first. IPv6 has a number of its own on every system.
fn family(family: u32) -> Result<Next, Stop> {
    let family = if family > 0xffff { family.swap_bytes() } else { family };
    match family {
        2 => Ok(Next::Ip { at: 4, version: 4 }),
        10 | 24 | 28 | 30 => Ok(Next::Ip { at: 4, version: 6 }),
        _ => Err(stopped(Layer::Network, 4, StopReason::NotIp)),
    }
}
