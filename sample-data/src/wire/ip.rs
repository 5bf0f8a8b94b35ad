//! IPv4 (RFC 791), IPv6 (RFC 8200) and the checksum that they share (RFC 1071).

use std::net::IpAddr;

/// Length of the header without options or extensions, in bytes.
pub(crate) fn header_length(ip: IpAddr) -> usize {
    if ip.is_ipv4() { 20 } else { 40 }
}

/// Append the header of a packet that carries `length` bytes of `protocol`.
pub(crate) fn write(
    out: &mut Vec<u8>,
    src: IpAddr,
    dst: IpAddr,
    protocol: u8,
    id: u16,
    ttl: u8,
    length: usize,
) {
    let start = out.len();
    if src.is_ipv4() {
        out.extend_from_slice(&[0x45, 0]);
        out.extend_from_slice(&((20 + length) as u16).to_be_bytes());
        out.extend_from_slice(&id.to_be_bytes());
        // Don't fragment: every stack does path MTU discovery.
        out.extend_from_slice(&[0x40, 0, ttl, protocol, 0, 0]);
        push_address(out, src);
        push_address(out, dst);
        let sum = !fold(sum(0, &out[start..]));
        out[start + 10..start + 12].copy_from_slice(&sum.to_be_bytes());
    } else {
        out.extend_from_slice(&[0x60, 0, 0, 0]);
        out.extend_from_slice(&(length as u16).to_be_bytes());
        out.extend_from_slice(&[protocol, ttl]);
        push_address(out, src);
        push_address(out, dst);
    }
}

/// The checksum over pseudo header and `segment`, whose checksum field is still zero. Over a segment
/// that carries its checksum the result is zero when that is right.
pub(crate) fn transport_checksum(src: IpAddr, dst: IpAddr, protocol: u8, segment: &[u8]) -> u16 {
    let mut pseudo = Vec::with_capacity(40);
    push_address(&mut pseudo, src);
    push_address(&mut pseudo, dst);
    pseudo.extend_from_slice(&(segment.len() as u32).to_be_bytes());
    pseudo.extend_from_slice(&[0, 0, 0, protocol]);
    !fold(sum(sum(0, &pseudo), segment))
}

fn push_address(out: &mut Vec<u8>, ip: IpAddr) {
    match ip {
        IpAddr::V4(v4) => out.extend_from_slice(&v4.octets()),
        IpAddr::V6(v6) => out.extend_from_slice(&v6.octets()),
    }
}

fn sum(start: u32, bytes: &[u8]) -> u32 {
    bytes.chunks(2).fold(start, |sum, pair| {
        sum + (u32::from(pair[0]) << 8) + u32::from(pair.get(1).copied().unwrap_or(0))
    })
}

fn fold(mut sum: u32) -> u16 {
    while sum > 0xFFFF {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    sum as u16
}
