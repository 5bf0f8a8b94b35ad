//! The Internet checksum (RFC 1071).

use super::reader::{LayerReader, Network};

/// The sum of `parts` as 16-bit words; every part but the last has an even length.
pub(super) fn sum(parts: &[&[u8]]) -> u16 {
    let mut total: u64 = 0;
    for part in parts {
        for word in part.chunks(2) {
            let high = u16::from(word.first().copied().unwrap_or(0)) << 8;
            let low = u16::from(word.get(1).copied().unwrap_or(0));
            total = total.wrapping_add(u64::from(high | low));
        }
    }
    while total > 0xffff {
        total = (total & 0xffff).wrapping_add(total >> 16);
    }
    // At most 0xffff here.
    (total & 0xffff) as u16
}

/// Whether bytes that hold their own checksum add up.
pub(super) fn holds(parts: &[&[u8]]) -> bool {
    sum(parts) == 0xffff
}

/// The sum over a transport header, its payload and the pseudo-header of the network above
/// (RFC 9293 §3.1, RFC 8200 §8.1).
pub(super) fn transport_holds(network: &Network, number: u8, segment: &[u8]) -> bool {
    let length = u32::try_from(segment.len()).unwrap_or(u32::MAX).to_be_bytes();
    holds(&[&network.addresses, &[0, number], &length, segment])
}

/// Marks the checksum field that was read last. A wrong one accuses nobody: network cards fill checksums in
/// after the capture point, and a mirrored copy that was cut keeps the checksum of the whole.
pub(super) fn mark(reader: &mut LayerReader<'_>, holds: Option<bool>) {
    reader.remark(match holds {
        Some(true) => " (correct)",
        Some(false) => " (wrong; offload or truncation can cause this)",
        None => " (not checked)",
    });
}
