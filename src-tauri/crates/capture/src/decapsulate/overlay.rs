//! VXLAN (RFC 7348, draft-ietf-nvo3-vxlan-gpe), GENEVE (RFC 8926) and TZSP headers behind UDP, and the
//! Network Service Header (RFC 8300).

use super::encapsulation::Name;
use super::link::{self, ETHERNET_BRIDGING, IPV4, IPV6};
use super::tunnel::Opened;
use super::{Layer, Next, Stop, StopReason, TunnelKind, stopped};
use evidence::Cursor;

/// GENEVE option class of AWS Gateway Load Balancer.
const AWS: u16 = 0x0108;

/// Reads a VXLAN header. One whose reserved fields are all 0, as they must be sent, is believed if a known
/// EtherType follows; another only if an IP packet of that type does.
///
/// GPE may be expected: then it is told by its flag, or by the protocol of what follows.
pub(super) fn vxlan(bytes: &[u8], at: usize, may_be_gpe: bool) -> Option<Opened> {
    let mut cursor = Cursor::new(bytes);
    let flags = cursor.u8()?;
    let reserved = cursor.be16()?;
    let protocol = cursor.u8()?;
    let vni = cursor.be24()?;
    let last = cursor.u8()?;
    if flags & 0x08 == 0 {
        return None;
    }
    let at = at.saturating_add(cursor.position());
    let stated = flags & 0x04 != 0;
    let ip = |version| link::may_be_ip(cursor.rest(), version).then_some(Next::Ip { at, version });
    let generic = match protocol {
        _ if !may_be_gpe => None,
        1 => ip(4),
        2 => ip(6),
        3 if link::plausible(cursor.rest(), true) => Some(Next::Ethernet(at)),
        4 if stated => Some(Next::Nsh(at)),
        5 if stated => Some(Next::Mpls(at)),
        _ => None,
    };
    let (kind, next) = match generic {
        Some(next) => (TunnelKind::VxlanGpe, next),
        None if may_be_gpe && stated => return None,
        None => {
            let clean = flags == 0x08 && (reserved, protocol, last) == (0, 0, 0);
            let plausible = link::plausible(cursor.rest(), !clean);
            (TunnelKind::Vxlan, plausible.then_some(Next::Ethernet(at))?)
        }
    };
    Some(Opened { kind: Some(kind), name: Name::Vni(vni), next })
}

pub(super) fn geneve(bytes: &[u8], at: usize) -> Option<Opened> {
    let mut cursor = Cursor::new(bytes);
    let first = cursor.u8()?;
    cursor.skip(1)?;
    let protocol = cursor.be16()?;
    let vni = cursor.be24()?;
    cursor.skip(1)?;
    let mut options = Cursor::new(cursor.take(usize::from(first & 0x3f).saturating_mul(4))?);
    let at = at.saturating_add(cursor.position());
    let ip = |version| link::may_be_ip(cursor.rest(), version).then_some(Next::Ip { at, version });
    let next = match protocol {
        _ if first >> 6 != 0 => return None,
        IPV4 => ip(4)?,
        IPV6 => ip(6)?,
        ETHERNET_BRIDGING => Next::Ethernet(at),
        _ => return None,
    };
    let (mut endpoint, mut attachment, mut cookie) = (None, None, None);
    while let Some((class, kind, value)) = option(&mut options) {
        let mut value = Cursor::new(value);
        match (class, kind) {
            (AWS, 1) => endpoint = value.be64(),
            (AWS, 2) => attachment = value.be64(),
            (AWS, 3) => cookie = value.be32(),
            _ => {}
        }
    }
    let name = match endpoint {
        Some(_) => Name::Balancer { endpoint, attachment, cookie },
        None => Name::Vni(vni),
    };
    Some(Opened { kind: Some(TunnelKind::Geneve), name, next })
}

/// The next GENEVE option: class, type without its "critical" bit, content.
fn option<'a>(cursor: &mut Cursor<'a>) -> Option<(u16, u8, &'a [u8])> {
    let (class, kind, words) = (cursor.be16()?, cursor.u8()?, cursor.u8()?);
    let content = cursor.take(usize::from(words & 0x1f).saturating_mul(4))?;
    Some((class, kind & 0x7f, content))
}

/// Reads a TZSP header that carries an Ethernet frame.
pub(super) fn tzsp(bytes: &[u8], at: usize) -> Option<Opened> {
    let mut cursor = Cursor::new(bytes);
    let (version, kind, protocol) = (cursor.u8()?, cursor.u8()?, cursor.be16()?);
    // A received packet, or one to send; of Ethernet.
    if version != 1 || kind > 1 || protocol != 1 {
        return None;
    }
    loop {
        match cursor.u8()? {
            0 => {}
            1 => break,
            _ => {
                let length = cursor.u8()?;
                cursor.skip(length.into())?;
            }
        }
    }
    let next = Next::Ethernet(at.saturating_add(cursor.position()));
    let plausible = link::plausible(cursor.rest(), false);
    let opened = Opened { kind: Some(TunnelKind::Tzsp), name: Name::Nothing, next };
    plausible.then_some(opened)
}

/// Passes the Network Service Header at `at`.
pub(super) fn nsh(data: &[u8], at: usize) -> Result<Next, Stop> {
    let fault = |reason| stopped(Layer::Tunnel, at, reason);
    let mut cursor = Cursor::new(data);
    let base = || {
        cursor.skip(at)?;
        let first = cursor.be16()?;
        cursor.skip(1)?;
        Some((first >> 14, usize::from(first & 0x3f).saturating_mul(4), cursor.u8()?))
    };
    let mut base = base;
    let (version, length, protocol) = base().ok_or(fault(StopReason::Cut))?;
    if version != 0 || length < 8 {
        return Err(fault(StopReason::Malformed));
    }
    let at = at.saturating_add(length);
    match protocol {
        1 => Ok(Next::Ip { at, version: 4 }),
        2 => Ok(Next::Ip { at, version: 6 }),
        3 => Ok(Next::Ethernet(at)),
        4 => Ok(Next::Nsh(at)),
        5 => Ok(Next::Mpls(at)),
        _ => Err(stopped(Layer::Tunnel, at, StopReason::NotIp)),
    }
}
