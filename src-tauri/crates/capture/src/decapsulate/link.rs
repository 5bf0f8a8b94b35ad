//! Link layers: where the network layer starts and what it is.

use super::{Layer, Next, Stop, StopReason, ppp, stopped};
use crate::LinkType;
use evidence::Cursor;

pub(super) const IPV4: u16 = 0x0800;
pub(super) const IPV6: u16 = 0x86dd;
pub(super) const MPLS: u16 = 0x8847;
/// With labels that the upstream router assigned (RFC 5332).
pub(super) const MPLS_UPSTREAM: u16 = 0x8848;
pub(super) const PPPOE: u16 = 0x8864;
pub(super) const NSH: u16 = 0x894f;
pub(super) const ETHERNET_BRIDGING: u16 = 0x6558;
/// Whether this is a VLAN tag: of 802.1Q, 802.1ad, or the older QinQ.
#[inline]
pub(super) fn is_vlan(kind: u16) -> bool {
    matches!(kind, 0x8100 | 0x88a8 | 0x9100)
}

const ARP: u16 = 0x0806;
const PPPOE_DISCOVERY: u16 = 0x8863;
const EAPOL: u16 = 0x888e;
const MACSEC: u16 = 0x88e5;
const LLDP: u16 = 0x88cc;

/// The greatest number that is a length (IEEE 802.3) and no EtherType.
const LONGEST: u16 = 1500;
/// LLC and SNAP in front of an EtherType (RFC 1042).
const SNAP: [u8; 6] = [0xaa, 0xaa, 3, 0, 0, 0];

/// Where a packet of this link type begins to be read.
#[inline]
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
            let kind = cursor.be16().ok_or(cut)?;
            network(kind, data, cursor.position(), 0)
        }
        LinkType::LinuxSll2 => {
            let kind = cursor.be16().ok_or(cut)?;
            cursor.skip(18).ok_or(cut)?;
            network(kind, data, cursor.position(), 0)
        }
        LinkType::Ppp | LinkType::PppHdlc => ppp::serial(data),
        LinkType::PppEthernet => Ok(Next::Pppoe(0)),
        LinkType::CiscoHdlc => ppp::cisco(data),
        LinkType::Null => family(cursor.be32().ok_or(cut)?),
        LinkType::Loop => family(cursor.be32().ok_or(cut)?),
        LinkType::Other(_) => Err(stopped(Layer::Link, 0, StopReason::LinkTypeUnknown)),
    }
}

/// The EtherType of the Ethernet frame at `at`, and where what it names starts.
#[inline]
pub(super) fn ethernet(data: &[u8], at: usize) -> Result<(u16, usize), Stop> {
    let cut = stopped(Layer::Link, at, StopReason::Cut);
    let frame = data.get(at..).ok_or(cut)?;
    let (header, content) = frame.split_first_chunk::<14>().ok_or(cut)?;
    let &[.., high, low] = header;
    let kind = u16::from_be_bytes([high, low]);
    let at = at.saturating_add(header.len());
    if kind > LONGEST || !content.starts_with(&SNAP) {
        return Ok((kind, at));
    }
    let mut cursor = Cursor::new(content);
    cursor.skip(SNAP.len()).ok_or(cut)?;
    let kind = cursor.be16().ok_or(cut)?;
    Ok((kind, at.saturating_add(cursor.position())))
}

/// Passes over VLAN tags behind this EtherType, up to what `at` carries. The link layer starts at `header`.
#[inline]
pub(super) fn network(mut kind: u16, data: &[u8], at: usize, header: usize) -> Result<Next, Stop> {
    let cut = stopped(Layer::Link, header, StopReason::Cut);
    let mut cursor = Cursor::new(data);
    cursor.skip(at).ok_or(cut)?;
    while is_vlan(kind) {
        cursor.skip(2).ok_or(cut)?;
        kind = cursor.be16().ok_or(cut)?;
    }
    let at = cursor.position();
    match kind {
        IPV4 => Ok(Next::Ip { at, version: 4 }),
        IPV6 => Ok(Next::Ip { at, version: 6 }),
        MPLS | MPLS_UPSTREAM => Ok(Next::Mpls(at)),
        PPPOE => Ok(Next::Pppoe(at)),
        NSH => Ok(Next::Nsh(at)),
        _ => Err(stopped(Layer::Network, at, StopReason::NotIp)),
    }
}

/// EtherTypes that are believed inside a tunnel.
#[inline]
fn is_known(kind: u16) -> bool {
    let ip = matches!(kind, IPV4 | IPV6 | ARP) || is_vlan(kind);
    ip || matches!(kind, MPLS | MPLS_UPSTREAM | PPPOE_DISCOVERY | PPPOE | EAPOL | MACSEC | LLDP)
}

/// Whether these bytes look like an Ethernet frame: by their EtherType, and, `strictly`, only if it is that of
/// an IP packet which follows.
pub(super) fn plausible(frame: &[u8], strictly: bool) -> bool {
    let mut cursor = Cursor::new(frame);
    let mut kind = cursor.skip(12).and_then(|()| cursor.be16());
    if !strictly {
        return kind.is_some_and(is_known);
    }
    while kind.is_some_and(is_vlan) {
        kind = cursor.skip(2).and_then(|()| cursor.be16());
    }
    match kind {
        Some(IPV4) => may_be_ip(cursor.rest(), 4),
        Some(IPV6) => may_be_ip(cursor.rest(), 6),
        _ => false,
    }
}

/// Whether these bytes begin like an IP packet of this version, as far as they were captured.
pub(super) fn may_be_ip(bytes: &[u8], version: u8) -> bool {
    bytes.first().is_none_or(|first| first >> 4 == version)
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
