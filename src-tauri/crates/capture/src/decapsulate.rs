//! From the first byte of a captured packet to the innermost IP packet in it.

mod link;
mod network;
mod transport;
mod tunnel;

pub(crate) use transport::{ICMP, ICMPV6, SCTP, TCP, UDP};

use crate::LinkType;
use evidence::Address;

/// How many tunnels are opened, one inside the other.
const DEEPEST: u8 = 4;

/// What the headers of a packet say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decapsulated {
    /// The tunnels around the inner packet.
    pub encapsulation: Encapsulation,
    /// The innermost IP packet, if one was reached.
    pub inner: Option<Inner>,
    /// Where the walk ended before its time, and why.
    pub stop: Option<Stop>,
}

/// The tunnels around a packet; all empty for a packet that was captured as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Encapsulation {
    /// Source of the IP packet that carries the outermost VXLAN header: with Traffic Mirroring, the primary
    /// address of the mirrored interface. Without VXLAN, that of a GENEVE packet other than AWS's.
    pub source: Option<Address>,
    /// VNI of the same header (24 bits).
    pub vni: Option<u32>,
    /// Gateway Load Balancer endpoint, from a GENEVE option (class 0x0108, type 1).
    pub endpoint: Option<u64>,
    /// Gateway Load Balancer attachment (type 2).
    pub attachment: Option<u64>,
    /// Gateway Load Balancer flow cookie (type 3).
    pub cookie: Option<u32>,
    /// Number of tunnels that were opened.
    pub layers: u8,
}

/// An IP packet inside a captured packet. Offsets count from the first captured byte; an offset may lie
/// past the last one where the packet was cut. Unit of offsets and lengths: bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inner {
    /// Where the Ethernet header in front of it starts, if there is one: destination, then source MAC.
    pub ethernet_offset: Option<u32>,
    /// Where its IP header starts.
    pub network_offset: u32,
    /// 4 or 6.
    pub version: u8,
    /// Source address.
    pub source: Address,
    /// Destination address.
    pub destination: Address,
    /// Protocol number (IANA); for IPv6, that behind the extension headers.
    pub protocol: u8,
    /// Length on the wire as the IP header states it: what flow logs count. IPv4 total length; IPv6
    /// 40 + payload length. Where the field is 0 (segmentation offload), what was captured.
    pub inner_length: u32,
    /// Whether fewer bytes than that were captured.
    pub truncated: bool,
    /// Set if it is a fragment.
    pub fragment: Option<Fragment>,
    /// Where the header behind IP starts.
    pub transport_offset: u32,
    /// Source and destination port of TCP, UDP and SCTP; none where they were not captured, and in
    /// fragments but the first.
    pub ports: Option<(u16, u16)>,
    /// The TCP header, if at least its first 16 bytes were captured.
    pub tcp: Option<Tcp>,
    /// ICMP or ICMPv6 type and code.
    pub icmp: Option<(u8, u8)>,
    /// Where the payload of the transport protocol starts: that of TCP, UDP and SCTP behind their header,
    /// of ICMP behind its first eight bytes, of anything else behind IP.
    pub payload_offset: u32,
    /// Its length on the wire; 0 where the transport header could not be read.
    pub payload_length: u32,
    /// How much of it was captured.
    pub payload_captured: u32,
}

/// The place of a fragment in its datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fragment {
    /// Identification: 16 bits in IPv4, 32 in IPv6.
    pub id: u32,
    /// Where its content stands in the datagram. Unit: bytes.
    pub offset: u32,
    /// Whether another fragment follows.
    pub more: bool,
}

/// The fields of a TCP header (RFC 9293) that tell a connection's course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tcp {
    /// Sequence number.
    pub seq: u32,
    /// Acknowledgement number; means something only with the ACK flag.
    pub ack: u32,
    /// CWR, ECE, URG, ACK, PSH, RST, SYN, FIN from the top bit down.
    pub flags: u8,
    /// Window as sent, not scaled.
    pub window: u16,
    /// Length of the header with its options. Unit: bytes.
    pub header_length: u8,
}

/// Where the walk over the headers ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// The header that could not be read or passed.
    pub layer: Layer,
    /// Where it starts. Unit: bytes from the first captured one.
    pub offset: u32,
    /// Why.
    pub reason: StopReason,
}

/// A part of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// Ethernet and its like.
    Link,
    /// IP and its extension headers.
    Network,
    /// What IP carries.
    Transport,
    /// VXLAN or GENEVE.
    Tunnel,
}

/// Why a header could not be read or passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StopReason {
    /// The link layer carries something else than IP, such as ARP: no fault.
    NotIp,
    /// The link type is not one that is looked into.
    LinkTypeUnknown,
    /// The captured bytes end within the header.
    Cut,
    /// A field of the header contradicts its format, or the header is longer than the packet.
    Malformed,
    /// More tunnels inside each other than are opened; the IP packet given is that of the next tunnel.
    TooDeep,
}

/// Where to go on: what a link layer or a tunnel carries.
#[derive(Debug, Clone, Copy)]
enum Next {
    Ethernet(usize),
    Ip { at: usize, version: u8 },
}

/// Walks the headers of a packet to the innermost IP packet, through VXLAN (UDP 4789, 8472, 4790) and
/// GENEVE (UDP 6081; RFC 7348, RFC 8926, draft-ietf-nvo3-vxlan-gpe).
///
/// Checksums are not looked at: offloading and truncation leave them wrong in honest captures.
pub fn decapsulate(link: LinkType, data: &[u8]) -> Decapsulated {
    let mut found = Decapsulated::default();
    let mut named_by_vxlan = false;
    let mut next = match link::begin(link, data) {
        Ok(next) => next,
        Err(stop) => return Decapsulated { stop: Some(stop), ..found },
    };
    loop {
        let (ethernet, at, version) = match enter(next, data) {
            Ok(entered) => entered,
            Err(stop) => return Decapsulated { stop: Some(stop), ..found },
        };
        let (inner, stop) = match inner(data, ethernet, at, version) {
            Ok(read) => read,
            Err(stop) => return Decapsulated { stop: Some(stop), ..found },
        };
        let Some(tunnel) = tunnel::open(data, &inner) else {
            return Decapsulated { inner: Some(inner), stop, ..found };
        };
        if found.encapsulation.layers >= DEEPEST {
            let stop = stopped(Layer::Tunnel, inner.payload_offset as usize, StopReason::TooDeep);
            return Decapsulated { inner: Some(inner), stop: Some(stop), ..found };
        }
        tunnel.note(inner.source, &mut found.encapsulation, &mut named_by_vxlan);
        next = tunnel.next;
    }
}

/// Where IP starts, of which version it must be, and where the Ethernet header before it starts.
fn enter(next: Next, data: &[u8]) -> Result<(Option<usize>, usize, u8), Stop> {
    match next {
        Next::Ethernet(at) => {
            link::ethernet(data, at).map(|(network, version)| (Some(at), network, version))
        }
        Next::Ip { at, version } => Ok((None, at, version)),
    }
}

fn inner(
    data: &[u8],
    ethernet: Option<usize>,
    at: usize,
    version: u8,
) -> Result<(Inner, Option<Stop>), Stop> {
    let header = network::read(data, at, version)?;
    // Whatever follows the IP packet is padding or a frame check sequence.
    let end = at.saturating_add(header.length as usize).min(data.len());
    let bytes = data.get(..end).unwrap_or_default();
    let header_length = header.transport.saturating_sub(at) as u32;
    let content = header.length.saturating_sub(header_length);
    let first = header.fragment.is_none_or(|fragment| fragment.offset == 0);
    let transport = match header.stop {
        None if first => {
            let captured = bytes.get(header.transport..).unwrap_or_default();
            transport::read(header.protocol, captured)
        }
        None => transport::Transport::default(),
        Some(_) => transport::Transport::unread(),
    };
    let payload = header.transport.saturating_add(transport.header_length);
    let truncated = header.length as usize > data.len().saturating_sub(at);
    let overlong = transport.header_length as u32 > content;
    let payload_length = if transport.stop.is_some() || overlong {
        0
    } else {
        let behind = content.saturating_sub(transport.header_length as u32);
        transport.payload_limit.map_or(behind, |limit| behind.min(limit))
    };
    let fault = transport.stop.or(overlong.then_some(StopReason::Malformed));
    let stop = header
        .stop
        .or_else(|| fault.map(|reason| stopped(Layer::Transport, header.transport, reason)))
        .map(|stop| match stop.reason {
            // Not the capture ends there, but the packet, by the word of its own IP header.
            StopReason::Cut if !truncated => Stop { reason: StopReason::Malformed, ..stop },
            _ => stop,
        });
    let inner = Inner {
        ethernet_offset: ethernet.map(short),
        network_offset: short(at),
        version,
        source: header.source,
        destination: header.destination,
        protocol: header.protocol,
        inner_length: header.length,
        truncated,
        fragment: header.fragment,
        transport_offset: short(header.transport),
        ports: transport.ports,
        tcp: transport.tcp,
        icmp: transport.icmp,
        payload_offset: short(payload),
        payload_length,
        payload_captured: payload_length.min(short(bytes.len().saturating_sub(payload))),
    };
    Ok((inner, stop))
}

fn stopped(layer: Layer, offset: usize, reason: StopReason) -> Stop {
    Stop { layer, offset: short(offset), reason }
}

/// An offset within a packet; no reader gives packets of 4 GiB.
fn short(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
