//! What a walk over the headers of a packet finds.

use super::Encapsulation;
use evidence::Address;

/// What the headers of a packet say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decapsulated {
    /// The tunnels around the inner packet.
    pub encapsulation: Encapsulation,
    /// The innermost IP packet, if one was reached. Where what a tunnel carries could not be read, it is the
    /// packet that carries the tunnel, unless that belongs to the mirror itself.
    pub inner: Option<Inner>,
    /// The IP packet as the mirrored interface sent or received it, and as flow logs count it, where `inner`
    /// lies in a tunnel inside it: the one just behind the tunnel that mirrors, or the outermost without one.
    pub mirrored: Option<Inner>,
    /// Where the walk ended before its time, and why.
    pub stop: Option<Stop>,
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
    /// Protocol number (IANA): that behind IPv6 extension headers and an authentication header.
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
    /// The header of a tunnel.
    Tunnel,
}

/// Why a header could not be read or passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StopReason {
    /// A link layer or a tunnel carries something else than IP, such as ARP: no fault.
    NotIp,
    /// The link type is not one that is looked into.
    LinkTypeUnknown,
    /// The captured bytes end within the header, or the fragment does that begins with it.
    Cut,
    /// A field of the header contradicts its format, or the header is longer than the packet.
    Malformed,
    /// More tunnels inside each other than are opened; the IP packet given is that of the next tunnel.
    TooDeep,
}
