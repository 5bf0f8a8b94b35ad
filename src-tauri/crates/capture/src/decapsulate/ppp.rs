//! PPP (RFC 1661), in frames of its own (RFC 1662) and over Ethernet (RFC 2516), and Cisco's HDLC.

use super::link::network;
use super::{Layer, Next, Stop, StopReason, stopped};
use evidence::Cursor;

const IPV4: u16 = 0x0021;
const IPV6: u16 = 0x0057;
const MPLS: [u16; 2] = [0x0281, 0x0283];

/// Address and control field, which may be left out.
const ALL_STATIONS: u16 = 0xff03;

/// Reads the protocol field at `at`, which may be compressed to its last byte (the only odd one), behind
/// address and control fields or not.
pub(super) fn protocol(data: &[u8], at: usize) -> Result<Next, Stop> {
    let cut = stopped(Layer::Link, at, StopReason::Cut);
    let mut cursor = Cursor::new(data);
    cursor.skip(at).ok_or(cut)?;
    if cursor.clone().be16() == Some(ALL_STATIONS) {
        cursor.skip(2).ok_or(cut)?;
    }
    let mut kind = u16::from(cursor.u8().ok_or(cut)?);
    if kind & 1 == 0 {
        kind = (kind << 8) | u16::from(cursor.u8().ok_or(cut)?);
    }
    let at = cursor.position();
    match kind {
        IPV4 => Ok(Next::Ip { at, version: 4 }),
        IPV6 => Ok(Next::Ip { at, version: 6 }),
        _ if MPLS.contains(&kind) => Ok(Next::Mpls(at)),
        _ => Err(stopped(Layer::Network, at, StopReason::NotIp)),
    }
}

/// Frames of a serial line: PPP, or Cisco's own, which has EtherTypes.
pub(super) fn serial(data: &[u8]) -> Result<Next, Stop> {
    match data.first() {
        Some(0x0f | 0x8f) => cisco(data),
        _ => Ok(Next::Ppp(0)),
    }
}

/// Cisco's HDLC.
pub(super) fn cisco(data: &[u8]) -> Result<Next, Stop> {
    let cut = stopped(Layer::Link, 0, StopReason::Cut);
    let mut cursor = Cursor::new(data);
    cursor.skip(2).ok_or(cut)?;
    let kind = cursor.be16().ok_or(cut)?;
    network(kind, data, cursor.position(), 0)
}

/// Reads a PPPoE header: what it carries, and where that ends.
pub(super) fn session(data: &[u8], at: usize) -> Result<(Next, usize), Stop> {
    let fault = |reason| stopped(Layer::Tunnel, at, reason);
    let mut cursor = Cursor::new(data);
    let mut fields = || {
        cursor.skip(at)?;
        let (version_and_type, code) = (cursor.u8()?, cursor.u8()?);
        cursor.skip(2)?;
        Some((version_and_type, code, usize::from(cursor.be16()?)))
    };
    let (version_and_type, code, length) = fields().ok_or(fault(StopReason::Cut))?;
    let content = cursor.position();
    match (version_and_type, code) {
        (0x11, 0) => Ok((Next::Ppp(content), content.saturating_add(length))),
        // Discovery.
        (0x11, _) => Err(stopped(Layer::Tunnel, content, StopReason::NotIp)),
        _ => Err(fault(StopReason::Malformed)),
    }
}
