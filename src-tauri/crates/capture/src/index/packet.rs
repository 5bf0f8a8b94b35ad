//! What is kept of each packet.

use crate::{LinkType, StopReason};

/// A packet: where it stands in the capture, and what its headers say. Offsets within the packet count
/// from its first captured byte, in bytes; see [`crate::Inner`] for each. A packet without IP has zeros
/// for everything that follows from IP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PacketEntry {
    /// Capture time, nanoseconds since 1970-01-01 UTC.
    pub time: Option<i64>,
    /// Where its record (pcap) or block (pcapng) starts in the inflated capture.
    pub offset: u64,
    /// How far behind that its captured bytes start.
    pub data_start: u8,
    /// Its number in the capture, from 1.
    pub frame: u32,
    /// The place of its flow in the index; none without IP.
    pub flow: Option<u32>,
    /// Whether the flow's client sent it.
    pub from_client: bool,
    /// What it begins with.
    pub link: LinkType,
    /// Bytes captured.
    pub caplen: u32,
    /// Length on the wire, tunnels included, as the capture states it.
    pub origlen: u32,
    /// Where the inner IP header starts.
    pub network_offset: u32,
    /// Length of the inner IP packet, as its header states it.
    pub inner_length: u32,
    /// Where the header behind IP starts.
    pub transport_offset: u32,
    /// Where the payload starts.
    pub payload_offset: u32,
    /// Length of the payload on the wire.
    pub payload_length: u32,
    /// How much of it was captured.
    pub payload_captured: u32,
    /// Whether a TCP header was read: without it, the next three fields are 0 and mean nothing.
    pub tcp: bool,
    /// TCP sequence number.
    pub seq: u32,
    /// TCP acknowledgement number.
    pub ack: u32,
    /// TCP flags; see [`super::flags`].
    pub tcp_flags: u8,
    /// ICMP type and code.
    pub icmp: Option<(u8, u8)>,
    /// IPv4 identification, or that of an IPv6 fragment header; 0 for other IPv6 packets.
    pub identification: u32,
    /// A digest of its first captured payload bytes, 32 at most: copies of a packet that were cut at different lengths
    /// beyond those have the same one. Equal digests do not prove equal bytes.
    pub digest: u32,
    /// Whether fewer bytes than [`PacketEntry::inner_length`] were captured.
    pub truncated: bool,
    /// Its part in a fragmented datagram.
    pub fragment: FragmentPart,
    /// Where its bytes are.
    pub origin: Origin,
    /// Why its headers could not be read to the end.
    pub stop: Option<StopReason>,
}

/// Where the bytes of a packet are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// In the captured packet.
    Captured,
    /// In a datagram that was joined from fragments, of which the captured packet is the one that came last; offsets count
    /// from the datagram's first byte.
    Joined,
    /// As [`Origin::Joined`], but this is no packet of its own: it is the whole payload of packets that stand beside it,
    /// and counts for nothing.
    Content,
}

/// The part of a packet in a fragmented datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FragmentPart {
    /// It is no fragment.
    Whole,
    /// The first fragment, which has the ports.
    First,
    /// A later one, counted to the flow of the first.
    Later,
    /// A later one whose first was not seen: counted to a flow with ports 0.
    Orphan,
}

impl PacketEntry {
    /// Where its captured bytes start in the inflated capture; there are [`PacketEntry::caplen`] of them.
    pub fn data_offset(&self) -> u64 {
        self.offset.saturating_add(self.data_start.into())
    }
}
