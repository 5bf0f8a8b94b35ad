//! Packets made by hand, and every way in which one packet carries another.

// Each test that includes this uses what it needs.
#![allow(dead_code)]

pub(crate) const A: [u8; 4] = [10, 0, 0, 1];
pub(crate) const B: [u8; 4] = [10, 0, 0, 2];

pub(crate) fn join_bytes(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

pub(crate) fn ethernet(kind: u16, content: &[u8]) -> Vec<u8> {
    join_bytes(&[&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2], &kind.to_be_bytes(), content])
}

/// An IPv4 packet; `id` and `place` as in its header.
pub(crate) fn ipv4_fragment(
    ends: [[u8; 4]; 2],
    protocol: u8,
    id: u16,
    place: u16,
    content: &[u8],
) -> Vec<u8> {
    let total = (20 + content.len()) as u16;
    join_bytes(&[
        &[0x45, 0],
        &total.to_be_bytes(),
        &id.to_be_bytes(),
        &place.to_be_bytes(),
        &[64, protocol, 0, 0],
        &ends[0],
        &ends[1],
        content,
    ])
}

pub(crate) fn ipv4(ends: [[u8; 4]; 2], protocol: u8, content: &[u8]) -> Vec<u8> {
    ipv4_fragment(ends, protocol, 0, 0, content)
}

/// An IPv6 packet from 2001:db8::1 to 2001:db8::2.
pub(crate) fn ipv6(next: u8, content: &[u8]) -> Vec<u8> {
    let address = |last| [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
    let length = (content.len() as u16).to_be_bytes();
    join_bytes(&[&[0x60, 0, 0, 0], &length, &[next, 64], &address(1), &address(2), content])
}

pub(crate) fn udp(ports: [u16; 2], content: &[u8]) -> Vec<u8> {
    let length = (8 + content.len()) as u16;
    join_bytes(&[
        &ports[0].to_be_bytes(),
        &ports[1].to_be_bytes(),
        &length.to_be_bytes(),
        &[0, 0],
        content,
    ])
}

pub(crate) fn tcp(ports: [u16; 2], seq: u32, ack: u32, flags: u8, content: &[u8]) -> Vec<u8> {
    join_bytes(&[
        &ports[0].to_be_bytes(),
        &ports[1].to_be_bytes(),
        &seq.to_be_bytes(),
        &ack.to_be_bytes(),
        &[0x50, flags, 0x10, 0, 0, 0, 0, 0],
        content,
    ])
}

pub(crate) fn vxlan(vni: u32, frame: &[u8]) -> Vec<u8> {
    join_bytes(&[&[8, 0, 0, 0], &(vni << 8).to_be_bytes(), frame])
}

/// The mirrored copy of an Ethernet frame, as a collector captures it.
pub(crate) fn mirrored(source: [u8; 4], vni: u32, frame: &[u8]) -> Vec<u8> {
    let carried = udp([50_000, 4789], &vxlan(vni, frame));
    ethernet(0x0800, &ipv4([source, [10, 9, 9, 9]], 17, &carried))
}

/// A GENEVE header with the options of Gateway Load Balancer, and what it carries.
pub(crate) fn geneve(endpoint: u64, protocol: u16, content: &[u8]) -> Vec<u8> {
    join_bytes(&[
        &[8, 0],
        &protocol.to_be_bytes(),
        &[0, 0, 0, 0],
        &[1, 8, 1, 2],
        &endpoint.to_be_bytes(),
        &[1, 8, 2, 2],
        &7u64.to_be_bytes(),
        &[1, 8, 3, 1],
        &9u32.to_be_bytes(),
        content,
    ])
}

/// An Ethernet frame around an IP packet.
pub(crate) fn framed(packet: &[u8]) -> Vec<u8> {
    ethernet(ethertype(packet), packet)
}

fn ethertype(packet: &[u8]) -> u16 {
    if packet[0] >> 4 == 4 { 0x0800 } else { 0x86dd }
}

/// A packet between the two ends of a tunnel.
fn outer(protocol: u8, content: &[u8]) -> Vec<u8> {
    ipv4([[10, 8, 8, 8], [10, 8, 8, 9]], protocol, content)
}

fn outer_udp(port: u16, content: &[u8]) -> Vec<u8> {
    outer(17, &udp([50_000, port], content))
}

pub(crate) fn gre(flags: u16, protocol: u16, fields: &[u8], content: &[u8]) -> Vec<u8> {
    outer(47, &join_bytes(&[&flags.to_be_bytes(), &protocol.to_be_bytes(), fields, content]))
}

/// A VXLAN-GPE header and what it carries.
fn generic(protocol: u8, content: &[u8]) -> Vec<u8> {
    outer_udp(4790, &join_bytes(&[&[0x0c, 0, 0, protocol], &[0, 0, 9, 0], content]))
}

/// A stack of three labels.
fn labels(content: &[u8]) -> Vec<u8> {
    join_bytes(&[&[0, 1, 0, 64], &[0, 2, 0, 64], &[0, 3, 1, 64], content])
}

fn ppp(packet: &[u8]) -> Vec<u8> {
    join_bytes(&[&[0, if packet[0] >> 4 == 4 { 0x21 } else { 0x57 }], packet])
}

fn pppoe(packet: &[u8]) -> Vec<u8> {
    let length = (packet.len() as u16 + 2).to_be_bytes();
    join_bytes(&[&[0x11, 0, 0, 7], &length, &ppp(packet)])
}

/// From an IP packet to what carries it.
pub(crate) type Wrap = fn(&[u8]) -> Vec<u8>;

/// Every link layer: its number, what it makes of an IP packet, and the tunnels that are in that.
pub(crate) const LINKS: [(&str, u16, Wrap, &[&str]); 21] = [
    ("Ethernet", 1, framed, &[]),
    ("VLAN", 1, |p| ethernet(0x8100, &join_bytes(&[&[0, 5], &ethertype(p).to_be_bytes(), p])), &[]),
    (
        "QinQ",
        1,
        |p| {
            ethernet(0x88a8, &join_bytes(&[&[0, 5, 0x81, 0, 0, 6], &ethertype(p).to_be_bytes(), p]))
        },
        &[],
    ),
    (
        "SNAP",
        1,
        |p| {
            let snap = [0xaa, 0xaa, 3, 0, 0, 0];
            ethernet(p.len() as u16 + 8, &join_bytes(&[&snap, &ethertype(p).to_be_bytes(), p]))
        },
        &[],
    ),
    ("SLL", 113, |p| join_bytes(&[&[0; 14], &ethertype(p).to_be_bytes(), p]), &[]),
    ("SLL2", 276, |p| join_bytes(&[&ethertype(p).to_be_bytes(), &[0; 18], p]), &[]),
    ("RAW", 101, <[u8]>::to_vec, &[]),
    ("NULL", 0, |p| join_bytes(&[&[if p[0] >> 4 == 4 { 2 } else { 30 }, 0, 0, 0], p]), &[]),
    ("LOOP", 108, |p| join_bytes(&[&[0, 0, 0, if p[0] >> 4 == 4 { 2 } else { 24 }], p]), &[]),
    ("PPP", 9, ppp, &[]),
    ("PPP with address", 9, |p| join_bytes(&[&[0xff, 3], &ppp(p)]), &[]),
    ("PPP with one byte", 9, |p| ppp(p)[1..].to_vec(), &[]),
    ("PPP_HDLC", 50, |p| join_bytes(&[&[0xff, 3], &ppp(p)]), &[]),
    ("PPP_HDLC, Cisco", 50, |p| join_bytes(&[&[0x0f, 0], &ethertype(p).to_be_bytes(), p]), &[]),
    ("C_HDLC", 104, |p| join_bytes(&[&[0x8f, 0], &ethertype(p).to_be_bytes(), p]), &[]),
    ("PPP_ETHER", 51, pppoe, &["PPPoE"]),
    ("PPPoE", 1, |p| ethernet(0x8864, &pppoe(p)), &["PPPoE"]),
    ("MPLS", 1, |p| ethernet(0x8847, &labels(p)), &["MPLS"]),
    ("MPLS from upstream", 1, |p| ethernet(0x8848, &labels(p)), &["MPLS"]),
    (
        "Ethernet over MPLS",
        1,
        |p| ethernet(0x8847, &labels(&join_bytes(&[&[0, 0, 0, 9], &framed(p)]))),
        &["MPLS"],
    ),
    (
        "NSH",
        1,
        |p| {
            let next = if p[0] >> 4 == 4 { 1 } else { 2 };
            ethernet(0x894f, &join_bytes(&[&[0x0f, 0xc2, 2, next, 0, 0, 1, 255], p]))
        },
        &["NSH"],
    ),
];

/// Every tunnel between two IP packets, and the kinds that it consists of.
pub(crate) const TUNNELS: [(&str, Wrap, &[&str]); 29] = [
    ("VXLAN", |p| outer_udp(4789, &vxlan(42, &framed(p))), &["VXLAN"]),
    ("VXLAN of old", |p| outer_udp(8472, &vxlan(42, &framed(p))), &["VXLAN"]),
    (
        "VXLAN with group policy",
        |p| outer_udp(4789, &join_bytes(&[&[0x88, 0, 0, 3, 0, 0, 42, 0], &framed(p)])),
        &["VXLAN"],
    ),
    ("GPE with IP", |p| generic(if p[0] >> 4 == 4 { 1 } else { 2 }, p), &["VXLAN-GPE"]),
    ("GPE with Ethernet", |p| generic(3, &framed(p)), &["VXLAN-GPE"]),
    (
        "GPE with NSH",
        |p| generic(4, &join_bytes(&[&[0x0f, 0xc2, 2, 3, 0, 0, 1, 255], &framed(p)])),
        &["VXLAN-GPE", "NSH"],
    ),
    ("GPE with MPLS", |p| generic(5, &labels(p)), &["VXLAN-GPE", "MPLS"]),
    ("GENEVE of AWS", |p| outer_udp(6081, &geneve(0xabc, ethertype(p), p)), &["GENEVE"]),
    (
        "GENEVE with Ethernet",
        |p| outer_udp(6081, &join_bytes(&[&[0, 0, 0x65, 0x58, 0, 0, 9, 0], &framed(p)])),
        &["GENEVE"],
    ),
    (
        "VXLAN in GENEVE",
        |p| outer_udp(6081, &geneve(0xabc, 0x0800, &outer_udp(4789, &vxlan(42, &framed(p))))),
        &["GENEVE", "VXLAN"],
    ),
    ("GRE", |p| gre(0, ethertype(p), &[], p), &["GRE"]),
    ("GRE with all fields", |p| gre(0xb000, ethertype(p), &[7; 12], p), &["GRE"]),
    ("GRE with Ethernet", |p| gre(0, 0x6558, &[], &framed(p)), &["GRE"]),
    ("GRE with MPLS", |p| gre(0, 0x8847, &[], &labels(p)), &["GRE", "MPLS"]),
    ("GRE with PPP", |p| gre(0, 0x880b, &[], &ppp(p)), &["GRE"]),
    ("NVGRE", |p| gre(0x2000, 0x6558, &[0, 0x20, 1, 9], &framed(p)), &["NVGRE"]),
    ("ERSPAN I", |p| gre(0, 0x88be, &[], &framed(p)), &["ERSPAN I"]),
    (
        "ERSPAN II",
        |p| gre(0x1000, 0x88be, &[0, 0, 0, 1, 0x10, 9, 8, 5, 0, 0, 0, 3], &framed(p)),
        &["ERSPAN II"],
    ),
    (
        "ERSPAN III",
        |p| {
            let header = [0, 0, 0, 1, 0x20, 9, 8, 5, 1, 2, 3, 4, 0, 0, 0, 0];
            gre(0x1000, 0x22eb, &header, &framed(p))
        },
        &["ERSPAN III"],
    ),
    (
        "ERSPAN III of a platform",
        |p| {
            let header =
                [0, 0, 0, 1, 0x20, 9, 8, 5, 1, 2, 3, 4, 0, 0, 0, 1, 8, 7, 6, 5, 4, 3, 2, 1];
            gre(0x1000, 0x22eb, &header, &framed(p))
        },
        &["ERSPAN III"],
    ),
    (
        "ERSPAN III with IP",
        |p| gre(0x1000, 0x22eb, &[0, 0, 0, 1, 0x20, 9, 8, 5, 1, 2, 3, 4, 0, 0, 8, 0], p),
        &["ERSPAN III"],
    ),
    (
        "PPTP",
        |p| {
            let length = (p.len() as u16 + 2).to_be_bytes();
            let fields = join_bytes(&[&length, &[0, 7, 0, 0, 0, 1, 0, 0, 0, 2]]);
            gre(0x3081, 0x880b, &fields, &ppp(p))
        },
        &["PPTP"],
    ),
    ("IP in IPv4", |p| outer(if p[0] >> 4 == 4 { 4 } else { 41 }, p), &["IP in IP"]),
    ("IP in IPv6", |p| ipv6(if p[0] >> 4 == 4 { 4 } else { 41 }, p), &["IP in IP"]),
    ("MPLS in IP", |p| outer(137, &labels(p)), &["MPLS"]),
    ("MPLS in UDP", |p| outer_udp(6635, &labels(p)), &["MPLS"]),
    (
        "GRE in UDP",
        |p| outer_udp(4754, &join_bytes(&[&[0, 0], &ethertype(p).to_be_bytes(), p])),
        &["GRE"],
    ),
    (
        "TZSP",
        |p| outer_udp(37008, &join_bytes(&[&[1, 0, 0, 1, 0, 10, 1, 200, 1], &framed(p)])),
        &["TZSP"],
    ),
    (
        "GRE behind an authentication header",
        |p| {
            let gre = join_bytes(&[&[0, 0], &ethertype(p).to_be_bytes(), p]);
            outer(51, &join_bytes(&[&[47, 4, 0, 0], &[0; 20], &gre]))
        },
        &["GRE"],
    ),
];

/// The fragments of an IPv4 packet, each with this much of its content (a multiple of eight) but the last.
pub(crate) fn fragments(packet: &[u8], id: u16, size: usize) -> Vec<Vec<u8>> {
    let (header, content) = packet.split_at(20);
    let ends = [header[12..16].try_into().unwrap(), header[16..20].try_into().unwrap()];
    let count = content.len().div_ceil(size);
    let one = |(number, part): (usize, &[u8])| {
        let more = if number + 1 < count { 0x2000 } else { 0 };
        ipv4_fragment(ends, header[9], id, (number * size / 8) as u16 | more, part)
    };
    content.chunks(size).enumerate().map(one).collect()
}

/// A fragment of an IPv6 packet.
pub(crate) fn ipv6_fragment(id: u32, next: u8, place: u16, content: &[u8]) -> Vec<u8> {
    let header = join_bytes(&[&[next, 0], &place.to_be_bytes(), &id.to_be_bytes()]);
    ipv6(44, &join_bytes(&[&header, content]))
}
