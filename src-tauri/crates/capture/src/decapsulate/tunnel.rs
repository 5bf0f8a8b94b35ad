//! The tunnel that an IP packet carries: by its protocol number, or by its port and what follows.

use super::encapsulation::Name;
use super::transport::UDP;
use super::{Inner, Next, Stop, TunnelKind, captured_end, gre, mpls, overlay};
use std::collections::BTreeSet;
use twox_hash::XxHash3_64;

const IPV4: u8 = 4;
const IPV6: u8 = 41;
const GRE: u8 = 47;
const MPLS: u8 = 137;

const VXLAN_PORT: u16 = 4789;
/// What Linux and overlay networks used before 4789 was assigned.
const VXLAN_OLD_PORT: u16 = 8472;
const VXLAN_GPE_PORT: u16 = 4790;
const GENEVE_PORT: u16 = 6081;
const TZSP_PORT: u16 = 37008;
const GRE_PORT: u16 = 4754;
const MPLS_PORT: u16 = 6635;

/// UDP ports at which tunnels are looked for, besides VXLAN's 4789, 8472 and (GPE) 4790, GENEVE's 6081,
/// GRE's 4754, MPLS's 6635 and TZSP's 37008. A port alone makes no tunnel: what follows has to be one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ports {
    /// Further ports of VXLAN, with or without GPE.
    pub vxlan: Vec<u16>,
    /// Further ports of GENEVE.
    pub geneve: Vec<u16>,
}

impl Ports {
    /// Tells two sets of ports from each other, in whatever order they are given.
    pub(crate) fn digest(&self) -> u64 {
        let mut bytes = Vec::new();
        for ports in [&self.vxlan, &self.geneve] {
            let ports: BTreeSet<u16> = ports.iter().copied().collect();
            bytes.extend((ports.len() as u64).to_le_bytes());
            ports.iter().for_each(|port| bytes.extend(port.to_le_bytes()));
        }
        XxHash3_64::oneshot(&bytes)
    }
}

/// A tunnel header that is to be passed.
pub(super) struct Opened {
    /// None where `next` is a tunnel itself.
    pub(super) kind: Option<TunnelKind>,
    pub(super) name: Name,
    pub(super) next: Next,
}

impl Opened {
    fn ip(next: Next) -> Self {
        Self { kind: Some(TunnelKind::IpInIp), name: Name::Nothing, next }
    }

    fn labels(at: usize) -> Self {
        Self { kind: None, name: Name::Nothing, next: Next::Mpls(at) }
    }
}

/// The tunnel that an IP packet carries: none if it carries none, or if it is a fragment but the first, and a
/// stop if it must carry one that cannot be opened.
#[inline]
pub(super) fn open(data: &[u8], inner: &Inner, ports: &Ports) -> Option<Result<Opened, Stop>> {
    if inner.fragment.is_some_and(|fragment| fragment.offset > 0) {
        return None;
    }
    let at = inner.payload_offset as usize;
    let bytes = data.get(at..captured_end(inner))?;
    match inner.protocol {
        UDP => over_udp(bytes, at, inner.ports?.1, ports).map(Ok),
        GRE => Some(gre::open(bytes, at)),
        IPV4 => Some(Ok(Opened::ip(Next::Ip { at, version: 4 }))),
        IPV6 => Some(Ok(Opened::ip(Next::Ip { at, version: 6 }))),
        MPLS => Some(Ok(Opened::labels(at))),
        _ => None,
    }
}

#[inline]
fn over_udp(bytes: &[u8], at: usize, port: u16, ports: &Ports) -> Option<Opened> {
    match port {
        VXLAN_PORT | VXLAN_OLD_PORT => overlay::vxlan(bytes, at, false),
        VXLAN_GPE_PORT => overlay::vxlan(bytes, at, true),
        GENEVE_PORT => overlay::geneve(bytes, at),
        GRE_PORT => gre::over_udp(bytes, at),
        MPLS_PORT => mpls::leads_to_ip(bytes).then_some(Opened::labels(at)),
        TZSP_PORT => overlay::tzsp(bytes, at),
        _ if ports.vxlan.contains(&port) => overlay::vxlan(bytes, at, true),
        _ if ports.geneve.contains(&port) => overlay::geneve(bytes, at),
        _ => None,
    }
}
