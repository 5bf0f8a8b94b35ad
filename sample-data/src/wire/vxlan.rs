//! A mirrored packet as the collector receives it: VXLAN (RFC 7348) over UDP over IPv4, as AWS sends it.

use std::net::Ipv4Addr;

use crate::net::Mac;
use crate::wire::{ethernet, ip, udp};

pub(crate) const COLLECTOR: Ipv4Addr = Ipv4Addr::new(10, 0, 9, 9);
const COLLECTOR_MAC: Mac = [0x02, 0x1a, 0x90, 0xc0, 0x11, 0x09];
const ROUTER_MAC: Mac = [0x02, 0xaa, 0x09, 0, 0, 0x01];
const PORT: u16 = 4789;

/// Wrap `inner`, an Ethernet frame cut as the mirror session asks: the outer lengths describe the cut
/// datagram. `src` is the primary address of the mirrored interface, `entropy` the hash of the inner tuple.
pub(crate) fn encapsulate(src: Ipv4Addr, vni: u32, entropy: u64, id: u16, inner: &[u8]) -> Vec<u8> {
    let datagram = udp::HEADER + 8 + inner.len();
    let mut out = Vec::with_capacity(ethernet::HEADER + 20 + datagram);
    ethernet::write(&mut out, COLLECTOR_MAC, ROUTER_MAC, src.into());
    ip::write(&mut out, src.into(), COLLECTOR.into(), 17, id, 254, datagram);
    // The checksum stays zero, which IPv4 allows and RFC 7348 recommends.
    udp::write(&mut out, 49152 + (entropy % 16384) as u16, PORT, datagram);
    out.extend_from_slice(&[0x08, 0, 0, 0]);
    out.extend_from_slice(&(vni << 8).to_be_bytes());
    out.extend_from_slice(inner);
    out
}
