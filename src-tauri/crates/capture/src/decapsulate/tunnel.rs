//! VXLAN (RFC 7348) and GENEVE (RFC 8926) headers behind UDP.

use super::link::{IPV4, IPV6, VLAN};
use super::transport::UDP;
use super::{Encapsulation, Inner, Next};
use evidence::{Address, Cursor};

const VXLAN_PORT: u16 = 4789;
/// What Linux and overlay networks used before 4789 was assigned.
const VXLAN_OLD_PORT: u16 = 8472;
const VXLAN_GPE_PORT: u16 = 4790;
const GENEVE_PORT: u16 = 6081;

/// GENEVE option class of AWS Gateway Load Balancer.
const AWS: u16 = 0x0108;
const ETHERNET_BRIDGING: u16 = 0x6558;

/// EtherTypes besides IP and VLAN tags that are believed inside a VXLAN header: ARP, MPLS, PPPoE, EAPOL,
/// MACsec, LLDP.
const OTHERS: [u16; 8] = [0x0806, 0x8847, 0x8848, 0x8863, 0x8864, 0x888e, 0x88e5, 0x88cc];

/// A tunnel header that is to be passed.
pub(super) struct Tunnel {
    header: Header,
    pub(super) next: Next,
}

enum Header {
    Vxlan { vni: u32 },
    Geneve { vni: u32, endpoint: Option<u64>, attachment: Option<u64>, cookie: Option<u32> },
}

impl Tunnel {
    /// Notes the tunnel; `source` sent the packet that carries it. The outermost VXLAN names the session,
    /// since a mirrored packet may itself belong to an overlay network; `named` is whether it was met.
    pub(super) fn note(&self, source: Address, noted: &mut Encapsulation, named: &mut bool) {
        noted.layers = noted.layers.saturating_add(1);
        match self.header {
            Header::Vxlan { .. } if *named => {}
            Header::Vxlan { vni } => {
                noted.source = Some(source);
                noted.vni = Some(vni);
                *named = true;
            }
            Header::Geneve { vni, endpoint: None, .. } => {
                noted.source = noted.source.or(Some(source));
                noted.vni = noted.vni.or(Some(vni));
            }
            Header::Geneve { endpoint, attachment, cookie, .. } => {
                noted.endpoint = noted.endpoint.or(endpoint);
                noted.attachment = noted.attachment.or(attachment);
                noted.cookie = noted.cookie.or(cookie);
            }
        }
    }
}

/// The tunnel that an IP packet carries: by its port, and only if what follows looks like one.
pub(super) fn open(data: &[u8], inner: &Inner) -> Option<Tunnel> {
    let (_, port) = inner.ports.filter(|_| inner.protocol == UDP)?;
    let at = inner.payload_offset as usize;
    let end = at.saturating_add(inner.payload_captured as usize);
    match port {
        VXLAN_PORT | VXLAN_OLD_PORT => vxlan(data.get(at..end)?, at, false),
        VXLAN_GPE_PORT => vxlan(data.get(at..end)?, at, true),
        GENEVE_PORT => geneve(data.get(at..end)?, at),
        _ => None,
    }
}

fn vxlan(bytes: &[u8], at: usize, may_be_gpe: bool) -> Option<Tunnel> {
    let mut cursor = Cursor::new(bytes);
    let flags = cursor.u8()?;
    cursor.skip(2)?;
    let protocol = cursor.u8()?;
    let vni = cursor.be24()?;
    cursor.skip(1)?;
    if flags & 0x08 == 0 {
        return None;
    }
    let at = at.saturating_add(cursor.position());
    let next = if may_be_gpe && flags & 0x04 != 0 {
        match protocol {
            1 => Next::Ip { at, version: 4 },
            2 => Next::Ip { at, version: 6 },
            3 => Next::Ethernet(at),
            _ => return None,
        }
    } else {
        cursor.skip(12)?;
        let kind = cursor.be16()?;
        let plausible =
            [IPV4, IPV6].contains(&kind) || VLAN.contains(&kind) || OTHERS.contains(&kind);
        plausible.then_some(Next::Ethernet(at))?
    };
    Some(Tunnel { header: Header::Vxlan { vni }, next })
}

fn geneve(bytes: &[u8], at: usize) -> Option<Tunnel> {
    let mut cursor = Cursor::new(bytes);
    let first = cursor.u8()?;
    cursor.skip(1)?;
    let protocol = cursor.be16()?;
    let vni = cursor.be24()?;
    cursor.skip(1)?;
    let options = cursor.take(usize::from(first & 0x3f).saturating_mul(4))?;
    let at = at.saturating_add(cursor.position());
    let next = match protocol {
        _ if first >> 6 != 0 => return None,
        IPV4 => Next::Ip { at, version: 4 },
        IPV6 => Next::Ip { at, version: 6 },
        ETHERNET_BRIDGING => Next::Ethernet(at),
        _ => return None,
    };
    let (mut endpoint, mut attachment, mut cookie) = (None, None, None);
    let mut options = Cursor::new(options);
    while let Some((class, kind, value)) = option(&mut options) {
        let mut value = Cursor::new(value);
        match (class, kind) {
            (AWS, 1) => endpoint = value.be64(),
            (AWS, 2) => attachment = value.be64(),
            (AWS, 3) => cookie = value.be32(),
            _ => {}
        }
    }
    Some(Tunnel { header: Header::Geneve { vni, endpoint, attachment, cookie }, next })
}

/// The next GENEVE option: class, type without its "critical" bit, content.
fn option<'a>(cursor: &mut Cursor<'a>) -> Option<(u16, u8, &'a [u8])> {
    let (class, kind, words) = (cursor.be16()?, cursor.u8()?, cursor.u8()?);
    let content = cursor.take(usize::from(words & 0x1f).saturating_mul(4))?;
    Some((class, kind & 0x7f, content))
}
