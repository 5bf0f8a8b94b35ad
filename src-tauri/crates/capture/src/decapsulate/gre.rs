//! GRE (RFC 2784, RFC 2890) and what is built on it: NVGRE (RFC 7637), ERSPAN (draft-foschiano-erspan-03),
//! PPTP (RFC 2637).

use super::encapsulation::{Key, Name};
use super::link::{self, ETHERNET_BRIDGING, IPV4, IPV6, MPLS, MPLS_UPSTREAM, NSH, PPPOE, is_vlan};
use super::tunnel::Opened;
use super::{Layer, Next, Stop, StopReason, TunnelKind, stopped};
use evidence::Cursor;
use std::ops::RangeInclusive;

const ERSPAN: u16 = 0x88be;
const ERSPAN_III: u16 = 0x22eb;
const PPP: u16 = 0x880b;

/// Types of frames in ERSPAN III.
const ETHERNET_FRAME: u16 = 0;
const IP_PACKET: u16 = 2;

const CHECKSUM: u16 = 0x8000;
/// Source routing of RFC 1701, which RFC 2784 abolished: its length could only be found by walking it.
const ROUTING: u16 = 0x4000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
/// In version 1.
const ACKNOWLEDGEMENT: u16 = 0x0080;
const VERSION: u16 = 0x0007;

/// What a virtual subnet may be numbered. A key outside of that belongs to plain GRE with Ethernet inside.
const SUBNETS: RangeInclusive<u32> = 0x1000..=0xff_fffe;

struct Header {
    flags: u16,
    protocol: u16,
    key: Option<u32>,
}

/// Reads a GRE header at the start of `bytes`, which start at `at`.
pub(super) fn open(bytes: &[u8], at: usize) -> Result<Opened, Stop> {
    let fault = |reason| stopped(Layer::Tunnel, at, reason);
    let mut cursor = Cursor::new(bytes);
    let header = header(&mut cursor).ok_or(fault(StopReason::Cut))?;
    let content = at.saturating_add(cursor.position());
    let point_to_point = header.flags & VERSION == 1;
    let fits = match header.flags & VERSION {
        0 => header.flags & ROUTING == 0,
        1 => header.protocol == PPP && header.flags & (CHECKSUM | ROUTING | KEY) == KEY,
        _ => false,
    };
    if !fits {
        return Err(fault(StopReason::Malformed));
    }
    let key = header.key.map_or(Name::Nothing, |key| Name::Key(Key::Gre(key)));
    let opened = |kind, name, next| Opened { kind: Some(kind), name, next };
    Ok(match header.protocol {
        ETHERNET_BRIDGING => match header.subnet() {
            Some(subnet) => {
                let name = Name::Key(Key::Nvgre(subnet));
                opened(TunnelKind::Nvgre, name, Next::Ethernet(content))
            }
            None => opened(TunnelKind::Gre, key, Next::Ethernet(content)),
        },
        ERSPAN if header.flags & SEQUENCE == 0 => {
            opened(TunnelKind::ErspanI, Name::Nothing, Next::Ethernet(content))
        }
        ERSPAN | ERSPAN_III => erspan(&mut cursor, header.protocol, at)?,
        // An acknowledgement alone carries nothing.
        PPP if cursor.remaining() == 0 => {
            return Err(stopped(Layer::Tunnel, content, StopReason::NotIp));
        }
        // The two directions of a call have different numbers: they name no session.
        PPP if point_to_point => opened(TunnelKind::Pptp, Name::Nothing, Next::Ppp(content)),
        PPP => opened(TunnelKind::Gre, key, Next::Ppp(content)),
        kind if carried(kind) => {
            opened(TunnelKind::Gre, key, Next::Type { kind, at: content, header: at })
        }
        _ => return Err(stopped(Layer::Tunnel, content, StopReason::NotIp)),
    })
}

/// A GRE header behind UDP (RFC 8086), where only the port tells that it is one: it has to be without fault, and
/// an IP packet or a frame with one has to follow.
pub(super) fn over_udp(bytes: &[u8], at: usize) -> Option<Opened> {
    let opened = open(bytes, at).ok()?;
    let unknown = !(CHECKSUM | KEY | SEQUENCE);
    let clean = Cursor::new(bytes).be16()? & unknown == 0;
    let rest = |content: usize| bytes.get(content.checked_sub(at)?..);
    let plausible = match opened.next {
        Next::Type { kind: IPV4, at, .. } => link::may_be_ip(rest(at)?, 4),
        Next::Type { kind: IPV6, at, .. } => link::may_be_ip(rest(at)?, 6),
        Next::Ethernet(at) => link::plausible(rest(at)?, true),
        _ => false,
    };
    (clean && plausible).then_some(opened)
}

/// EtherTypes that may lead to IP.
fn carried(kind: u16) -> bool {
    is_vlan(kind) || matches!(kind, IPV4 | IPV6 | MPLS | MPLS_UPSTREAM | PPPOE | NSH)
}

fn header(cursor: &mut Cursor<'_>) -> Option<Header> {
    let (flags, protocol) = (cursor.be16()?, cursor.be16()?);
    if flags & CHECKSUM != 0 {
        cursor.skip(4)?;
    }
    let key = if flags & KEY != 0 { Some(cursor.be32()?) } else { None };
    if flags & SEQUENCE != 0 {
        cursor.skip(4)?;
    }
    if flags & VERSION == 1 && flags & ACKNOWLEDGEMENT != 0 {
        cursor.skip(4)?;
    }
    Some(Header { flags, protocol, key })
}

impl Header {
    /// The virtual subnet, if this is an NVGRE header.
    fn subnet(&self) -> Option<u32> {
        let key = self.key.filter(|_| self.flags & (CHECKSUM | SEQUENCE) == 0)?;
        Some(key >> 8).filter(|subnet| SUBNETS.contains(subnet))
    }
}

/// Reads an ERSPAN header of type II or III.
fn erspan(cursor: &mut Cursor<'_>, protocol: u16, gre: usize) -> Result<Opened, Stop> {
    let at = gre.saturating_add(cursor.position());
    let cut = stopped(Layer::Tunnel, at, StopReason::Cut);
    let malformed = stopped(Layer::Tunnel, at, StopReason::Malformed);
    let version = cursor.be16().ok_or(cut)? >> 12;
    let session = cursor.be16().ok_or(cut)? & 0x03ff;
    let (kind, frame) = match (protocol, version) {
        (ERSPAN, 1) => {
            cursor.skip(4).ok_or(cut)?;
            (TunnelKind::ErspanII, ETHERNET_FRAME)
        }
        (ERSPAN_III, 2) => {
            cursor.skip(6).ok_or(cut)?;
            let last = cursor.be16().ok_or(cut)?;
            // Further fields of the platform.
            if last & 1 != 0 {
                cursor.skip(8).ok_or(cut)?;
            }
            (TunnelKind::ErspanIII, last >> 10 & 0x1f)
        }
        _ => return Err(malformed),
    };
    let content = gre.saturating_add(cursor.position());
    let next = match (frame, cursor.rest().first().map(|first| first >> 4)) {
        (ETHERNET_FRAME, _) => Next::Ethernet(content),
        (IP_PACKET, Some(version @ (4 | 6))) => Next::Ip { at: content, version },
        _ => return Err(stopped(Layer::Tunnel, content, StopReason::NotIp)),
    };
    Ok(Opened { kind: Some(kind), name: Name::Key(Key::Erspan(session)), next })
}
