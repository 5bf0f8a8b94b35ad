//! From the first byte of a captured packet to the innermost IP packet in it.

mod encapsulation;
mod found;
mod gre;
mod inner;
mod link;
mod mpls;
mod network;
mod overlay;
mod ppp;
mod transport;
mod tunnel;

pub use encapsulation::{Encapsulation, Key, TunnelKind, Tunnels};
pub use found::{Decapsulated, Fragment, Inner, Layer, Stop, StopReason, Tcp};
pub(crate) use transport::{ICMP, ICMPV6, SCTP, TCP, UDP};
pub use tunnel::Ports;

use crate::LinkType;

/// How many tunnels are opened, one inside the other. A mirror behind a load balancer takes two; twice as
/// many as the worst that is known in the wild still leave room to tell each kind.
pub const DEEPEST: usize = 8;

/// Where to go on: what a link layer or a tunnel carries, and where it starts.
#[derive(Debug, Clone, Copy)]
enum Next {
    Ethernet(usize),
    /// What has this EtherType; the header that says so starts at `header`.
    Type {
        kind: u16,
        at: usize,
        header: usize,
    },
    Ip {
        at: usize,
        version: u8,
    },
    Ppp(usize),
    Pppoe(usize),
    Mpls(usize),
    Nsh(usize),
}

/// Walks the headers of a packet to the innermost IP packet, through the tunnels of [`TunnelKind`], those over
/// UDP at their usual ports.
///
/// Checksums are not looked at: offloading and truncation leave them wrong in honest captures.
pub fn decapsulate(link: LinkType, data: &[u8]) -> Decapsulated {
    static NO_OTHERS: Ports = Ports { vxlan: Vec::new(), geneve: Vec::new() };
    decapsulate_with(&NO_OTHERS, link, data)
}

/// [`decapsulate`], with further ports at which tunnels are looked for.
pub fn decapsulate_with(ports: &Ports, link: LinkType, data: &[u8]) -> Decapsulated {
    let mut found = Decapsulated::default();
    walk(ports, link, data, &mut found);
    found
}

/// Walks into `found`, whose encapsulation says which tunnels are around these bytes. Answers the outermost first
/// fragment of a datagram in which a tunnel was opened.
pub(crate) fn walk(
    ports: &Ports,
    link: LinkType,
    data: &[u8],
    found: &mut Decapsulated,
) -> Option<Box<Carrier>> {
    let mut walk = Walk { ports, found, carrier: None, first_fragment: None };
    if let Err(stop) = walk.go(link, data) {
        walk.turn_back(stop);
    }
    walk.first_fragment
}

/// A walk under way. What it finds is written where it is wanted: moving it costs as much as reading headers does.
struct Walk<'a> {
    ports: &'a Ports,
    found: &'a mut Decapsulated,
    /// What is given if nothing can be read in the tunnel that was opened last.
    carrier: Option<Box<Carrier>>,
    first_fragment: Option<Box<Carrier>>,
}

/// An IP packet that carries a tunnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carrier {
    /// What its headers say.
    pub inner: Inner,
    /// The tunnels around it.
    pub encapsulation: Encapsulation,
}

impl Walk<'_> {
    /// Goes on until an IP packet carries nothing that is opened. A stop says that there is no IP packet.
    fn go(&mut self, link: LinkType, mut data: &[u8]) -> Result<(), Stop> {
        let mut next = link::begin(link, data)?;
        loop {
            let stop = self.read(next, data)?;
            // It was written there.
            let Some(inner) = &self.found.inner else { return Ok(()) };
            let opened = match stop {
                None => tunnel::open(data, inner, self.ports),
                Some(_) => None,
            };
            let Some(opened) = opened else {
                self.found.stop = stop;
                return Ok(());
            };
            let room = self.found.encapsulation.tunnels.len() < DEEPEST;
            let at = inner.payload_offset as usize;
            let too_deep = || stopped(Layer::Tunnel, at, StopReason::TooDeep);
            match opened.and_then(|opened| room.then_some(opened).ok_or_else(too_deep)) {
                Ok(opened) => {
                    // What the tunnel carries ends with the packet that carries it.
                    data = data.get(..captured_end(inner)).unwrap_or(data);
                    next = opened.next;
                    self.pass(&opened);
                }
                Err(stop) => {
                    self.found.stop = Some(stop.behind(inner));
                    return Ok(());
                }
            }
        }
    }

    /// Reads the IP packet that `next` leads to, and says what stopped the reading of it.
    #[inline]
    fn read(&mut self, mut next: Next, mut data: &[u8]) -> Result<Option<Stop>, Stop> {
        let mut ethernet = None;
        let (at, version) = loop {
            next = match next {
                Next::Ip { at, version } => break (at, version),
                Next::Type { kind, at, header } => link::network(kind, data, at, header)?,
                Next::Ppp(at) => ppp::protocol(data, at)?,
                Next::Ethernet(header) => {
                    ethernet = Some(header);
                    let (kind, at) = link::ethernet(data, header)?;
                    match kind {
                        // Nearly every frame is one of these.
                        link::IPV4 => break (at, 4),
                        link::IPV6 => break (at, 6),
                        _ => link::network(kind, data, at, header)?,
                    }
                }
                Next::Pppoe(at) => {
                    self.enter(TunnelKind::Pppoe, at)?;
                    let (next, end) = ppp::session(data, at)?;
                    data = data.get(..end).unwrap_or(data);
                    next
                }
                Next::Mpls(at) => {
                    self.enter(TunnelKind::Mpls, at)?;
                    mpls::stack(data, at)?
                }
                Next::Nsh(at) => {
                    self.enter(TunnelKind::Nsh, at)?;
                    overlay::nsh(data, at)?
                }
            };
        };
        inner::read(data, ethernet, at, version, &mut self.found.inner)
    }

    /// Notes a tunnel that no IP packet carries.
    fn enter(&mut self, kind: TunnelKind, at: usize) -> Result<(), Stop> {
        let room = self.found.encapsulation.tunnels.push(kind);
        room.ok_or(stopped(Layer::Tunnel, at, StopReason::TooDeep))
    }

    /// Notes the tunnel that the IP packet carries which was read last.
    fn pass(&mut self, opened: &tunnel::Opened) {
        let Decapsulated { encapsulation, inner, mirrored, .. } = &mut *self.found;
        let Some(carrying) = inner else { return };
        let around = *encapsulation;
        let carrier = || Box::new(Carrier { inner: carrying.clone(), encapsulation: around });
        if carrying.fragment.is_some() {
            self.first_fragment.get_or_insert_with(carrier);
        }
        if encapsulation.note(opened.kind, opened.name, carrying.source) {
            (self.carrier, *mirrored) = (None, None);
        } else {
            self.carrier = Some(carrier());
            mirrored.get_or_insert_with(|| carrying.clone());
        }
        *inner = None;
    }

    /// There is no IP packet further on.
    fn turn_back(&mut self, stop: Stop) {
        self.found.stop = Some(stop);
        let Some(carrier) = self.carrier.take() else { return };
        let Carrier { inner, encapsulation } = *carrier;
        self.found.encapsulation = encapsulation;
        self.found.stop = Some(stop.behind(&inner));
        self.found.mirrored.take_if(|mirrored| mirrored.network_offset == inner.network_offset);
        self.found.inner = Some(inner);
    }
}

impl Stop {
    /// A stop at a header that this packet carries. If the packet was captured whole, not the capture ends
    /// there, but the packet does, by the word of its own IP header. (A fragment ends where it was cut.)
    fn behind(self, carrier: &Inner) -> Self {
        let whole = !carrier.truncated && carrier.fragment.is_none();
        match self.reason {
            StopReason::Cut if whole => Self { reason: StopReason::Malformed, ..self },
            _ => self,
        }
    }
}

/// Where the captured payload of a packet ends.
#[inline]
fn captured_end(inner: &Inner) -> usize {
    (inner.payload_offset as usize).saturating_add(inner.payload_captured as usize)
}

#[inline]
fn stopped(layer: Layer, offset: usize, reason: StopReason) -> Stop {
    Stop { layer, offset: short(offset), reason }
}

/// An offset within a packet; no reader gives packets of 4 GiB.
#[inline]
pub(crate) fn short(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
