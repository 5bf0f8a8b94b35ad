//! What is kept of a packet, out of what its headers say.

use super::{FragmentPart, Origin, PacketEntry};
use crate::{Inner, RawPacket};
use twox_hash::XxHash3_64;

/// Payload bytes that a digest is of.
const DIGESTED: usize = 32;

/// The entry of a packet of which no header was read yet.
pub(super) fn blank(packet: &RawPacket<'_>) -> PacketEntry {
    let data_start = packet.data_offset.saturating_sub(packet.offset);
    PacketEntry {
        time: packet.time,
        offset: packet.offset,
        data_start: u8::try_from(data_start).unwrap_or(u8::MAX),
        frame: u32::try_from(packet.frame).unwrap_or(u32::MAX),
        flow: None,
        from_client: false,
        link: packet.link,
        caplen: packet.caplen,
        origlen: packet.origlen,
        network_offset: 0,
        inner_length: 0,
        transport_offset: 0,
        payload_offset: 0,
        payload_length: 0,
        payload_captured: 0,
        tcp: false,
        seq: 0,
        ack: 0,
        tcp_flags: 0,
        icmp: None,
        identification: 0,
        digest: 0,
        truncated: false,
        fragment: FragmentPart::Whole,
        origin: Origin::Captured,
        stop: None,
    }
}

/// Enters what the headers of an IP packet say, which lies in these bytes.
pub(super) fn describe(inner: &Inner, captured: &[u8], entry: &mut PacketEntry) {
    entry.network_offset = inner.network_offset;
    entry.inner_length = inner.inner_length;
    entry.transport_offset = inner.transport_offset;
    entry.payload_offset = inner.payload_offset;
    entry.payload_length = inner.payload_length;
    entry.payload_captured = inner.payload_captured;
    entry.icmp = inner.icmp;
    entry.truncated = inner.truncated;
    if let Some(tcp) = inner.tcp {
        entry.tcp = true;
        entry.seq = tcp.seq;
        entry.ack = tcp.ack;
        entry.tcp_flags = tcp.flags;
    }
    entry.identification = identification(inner, captured);
    let length = (inner.payload_captured as usize).min(DIGESTED);
    let payload = captured.get(inner.payload_offset as usize..).unwrap_or_default();
    if length > 0 {
        entry.digest = XxHash3_64::oneshot(payload.get(..length).unwrap_or_default()) as u32;
    }
}

fn identification(inner: &Inner, captured: &[u8]) -> u32 {
    if let Some(fragment) = inner.fragment {
        return fragment.id;
    }
    let header = captured.get(inner.network_offset as usize..).unwrap_or_default();
    match header {
        [first, _, _, _, high, low, ..] if first >> 4 == 4 => {
            u16::from_be_bytes([*high, *low]).into()
        }
        _ => 0,
    }
}
