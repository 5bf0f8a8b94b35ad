//! Ethernet II.

use std::net::IpAddr;

use crate::net::Mac;

/// Length of the header, in bytes.
pub(crate) const HEADER: usize = 14;

/// Append the header of a frame that carries a packet of the family of `ip`.
pub(crate) fn write(out: &mut Vec<u8>, dst: Mac, src: Mac, ip: IpAddr) {
    out.extend_from_slice(&dst);
    out.extend_from_slice(&src);
    out.extend_from_slice(if ip.is_ipv4() { &[0x08, 0x00] } else { &[0x86, 0xDD] });
}
