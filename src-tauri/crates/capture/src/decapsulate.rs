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
    decapsulate_with(&Ports::default(), link, data)
}

/// [`decapsulate`], with further ports at which tunnels are looked for.
pub fn decapsulate_with(ports: &Ports, link: LinkType, data: &[u8]) -> Decapsulated {
    Walk::new(ports, Encapsulation::default()).run(link, data).0
}

/// A walk under way.
pub(crate) struct Walk<'a> {
    ports: &'a Ports,
    encapsulation: Encapsulation,
    /// What is given if nothing can be read in the tunnel that was opened last.
    carrier: Option<Carrier>,
    mirrored: Option<Inner>,
    first_fragment: Option<Carrier>,
}

/// An IP packet that carries a tunnel, and the tunnels around it.
#[derive(Debug, Clone)]
pub(crate) struct Carrier {
    pub(crate) inner: Inner,
    pub(crate) encapsulation: Encapsulation,
}

impl<'a> Walk<'a> {
    /// A walk that begins inside of these tunnels.
    pub(crate) fn new(ports: &'a Ports, encapsulation: Encapsulation) -> Self {
        Self { ports, encapsulation, carrier: None, mirrored: None, first_fragment: None }
    }

    /// What is found, and the outermost first fragment of a datagram in which a tunnel was opened.
    pub(crate) fn run(
        mut self,
        link: LinkType,
        mut data: &[u8],
    ) -> (Decapsulated, Option<Carrier>) {
        let mut next = match link::begin(link, data) {
            Ok(next) => next,
            Err(stop) => return self.turn_back(stop),
        };
        loop {
            let (inner, stop) = match self.read(next, data) {
                Ok(read) => read,
                Err(stop) => return self.turn_back(stop),
            };
            let opened = match stop {
                None => tunnel::open(data, &inner, self.ports),
                Some(_) => None,
            };
            let opened = match opened {
                Some(Ok(opened)) => opened,
                Some(Err(stop)) => {
                    let stop = stop.behind(&inner);
                    return self.end(Some(inner), Some(stop));
                }
                None => return self.end(Some(inner), stop),
            };
            if self.encapsulation.tunnels.len() >= DEEPEST {
                let at = inner.payload_offset as usize;
                let stop = stopped(Layer::Tunnel, at, StopReason::TooDeep);
                return self.end(Some(inner), Some(stop));
            }
            // What the tunnel carries ends with the packet that carries it.
            data = data.get(..captured_end(&inner)).unwrap_or(data);
            next = opened.next;
            self.pass(inner, &opened);
        }
    }

    /// The IP packet that `next` leads to.
    fn read(&mut self, mut next: Next, mut data: &[u8]) -> Result<(Inner, Option<Stop>), Stop> {
        let mut ethernet = None;
        loop {
            next = match next {
                Next::Ip { at, version } => return inner::read(data, ethernet, at, version),
                Next::Type { kind, at, header } => link::network(kind, data, at, header)?,
                Next::Ppp(at) => ppp::protocol(data, at)?,
                Next::Ethernet(at) => {
                    ethernet = Some(at);
                    link::ethernet(data, at)?
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
        }
    }

    /// Notes a tunnel that no IP packet carries.
    fn enter(&mut self, kind: TunnelKind, at: usize) -> Result<(), Stop> {
        let room = self.encapsulation.tunnels.push(kind);
        room.ok_or(stopped(Layer::Tunnel, at, StopReason::TooDeep))
    }

    /// Notes the tunnel that an IP packet carries.
    fn pass(&mut self, inner: Inner, opened: &tunnel::Opened) {
        let carrier = Carrier { encapsulation: self.encapsulation, inner };
        if carrier.inner.fragment.is_some() {
            self.first_fragment.get_or_insert_with(|| carrier.clone());
        }
        if self.encapsulation.note(opened.kind, opened.name, carrier.inner.source) {
            (self.carrier, self.mirrored) = (None, None);
        } else {
            self.mirrored.get_or_insert_with(|| carrier.inner.clone());
            self.carrier = Some(carrier);
        }
    }

    fn end(self, inner: Option<Inner>, stop: Option<Stop>) -> (Decapsulated, Option<Carrier>) {
        let Self { encapsulation, mirrored, first_fragment, .. } = self;
        (Decapsulated { encapsulation, inner, mirrored, stop }, first_fragment)
    }

    /// There is no IP packet further on.
    fn turn_back(mut self, stop: Stop) -> (Decapsulated, Option<Carrier>) {
        let Some(carrier) = self.carrier.take() else { return self.end(None, Some(stop)) };
        self.encapsulation = carrier.encapsulation;
        let at = carrier.inner.network_offset;
        self.mirrored = self.mirrored.filter(|mirrored| mirrored.network_offset != at);
        let stop = stop.behind(&carrier.inner);
        self.end(Some(carrier.inner), Some(stop))
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
fn captured_end(inner: &Inner) -> usize {
    (inner.payload_offset as usize).saturating_add(inner.payload_captured as usize)
}

fn stopped(layer: Layer, offset: usize, reason: StopReason) -> Stop {
    Stop { layer, offset: short(offset), reason }
}

/// An offset within a packet; no reader gives packets of 4 GiB.
pub(crate) fn short(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
