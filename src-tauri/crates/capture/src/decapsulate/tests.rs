mod tunnels;

use super::*;
use crate::hand_made::{
    A, B, ethernet, geneve, ipv4, ipv4_fragment, ipv6, join_bytes, mirrored, tcp, udp, vxlan,
};
use crate::index::flags;
use evidence::Address;

fn address(text: &str) -> Option<Address> {
    Address::parse(text)
}

fn segment() -> Vec<u8> {
    tcp([1234, 443], 100, 200, flags::ACK, b"content")
}

fn frame() -> Vec<u8> {
    ethernet(0x0800, &ipv4([A, B], 6, &segment()))
}

fn inner_of(link: LinkType, bytes: &[u8]) -> Inner {
    let found = decapsulate(link, bytes);
    assert_eq!(found.stop, None);
    found.inner.unwrap()
}

#[test]
fn a_plain_frame_is_read_down_to_its_payload() {
    let found = decapsulate(LinkType::Ethernet, &frame());
    let expect = Inner {
        ethernet_offset: Some(0),
        network_offset: 14,
        version: 4,
        source: A.into(),
        destination: B.into(),
        protocol: 6,
        inner_length: 47,
        truncated: false,
        fragment: None,
        transport_offset: 34,
        ports: Some((1234, 443)),
        tcp: Some(Tcp { seq: 100, ack: 200, flags: 0x10, window: 4096, header_length: 20 }),
        icmp: None,
        payload_offset: 54,
        payload_length: 7,
        payload_captured: 7,
    };
    assert_eq!(found, Decapsulated { inner: Some(expect), ..Decapsulated::default() });
}

#[test]
fn every_link_type_leads_to_the_same_packet() {
    let packet = ipv4([A, B], 6, &segment());
    let tagged = join_bytes(&[&[0, 5, 0x81, 0, 0, 6, 8, 0], &packet]);
    let cooked = join_bytes(&[&[0; 14], &[8, 0], &packet]);
    let cooked_2 = join_bytes(&[&[8, 0], &[0; 18], &packet]);
    for (link, bytes, network) in [
        (LinkType::Ethernet, ethernet(0x88a8, &tagged), 22),
        (LinkType::LinuxSll, cooked, 16),
        (LinkType::LinuxSll2, cooked_2, 20),
        (LinkType::from_number(12), packet.clone(), 0),
        (LinkType::Ipv4, packet.clone(), 0),
        (LinkType::Null, join_bytes(&[&[2, 0, 0, 0], &packet]), 4),
        (LinkType::Null, join_bytes(&[&[0, 0, 0, 2], &packet]), 4),
        (LinkType::Loop, join_bytes(&[&[0, 0, 0, 2], &packet]), 4),
    ] {
        let inner = inner_of(link, &bytes);
        assert_eq!((inner.network_offset, inner.ports), (network, Some((1234, 443))), "{link}");
    }
    let packet = ipv6(6, &segment());
    for (link, bytes) in [
        (LinkType::Raw, packet.clone()),
        (LinkType::Ipv6, packet.clone()),
        (LinkType::Null, join_bytes(&[&[30, 0, 0, 0], &packet])),
    ] {
        assert_eq!(inner_of(link, &bytes).inner_length, 67);
    }
}

#[test]
fn a_mirrored_frame_names_its_session() {
    let found = decapsulate(LinkType::Ethernet, &mirrored([10, 0, 0, 7], 0xabcdef, &frame()));
    let expect = Encapsulation {
        source: address("10.0.0.7"),
        vni: Some(0xabcdef),
        tunnels: Tunnels::from_iter([TunnelKind::Vxlan]),
        ..Encapsulation::default()
    };
    assert_eq!((found.encapsulation, found.stop), (expect, None));
    let inner = found.inner.unwrap();
    assert_eq!((inner.ethernet_offset, inner.network_offset), (Some(50), 64));
    assert_eq!((inner.source, inner.ports), (A.into(), Some((1234, 443))));
}

#[test]
fn a_mirror_behind_a_gateway_load_balancer_names_session_and_endpoint() {
    let mirror = mirrored([10, 0, 0, 7], 42, &frame());
    let carried = udp([60_000, 6081], &geneve(0xabc, 0x0800, &mirror[14..]));
    let outer = ethernet(0x0800, &ipv4([[10, 8, 8, 8], B], 17, &carried));
    let found = decapsulate(LinkType::Ethernet, &outer);
    let expect = Encapsulation {
        source: address("10.0.0.7"),
        vni: Some(42),
        endpoint: Some(0xabc),
        attachment: Some(7),
        cookie: Some(9),
        tunnels: Tunnels::from_iter([TunnelKind::Geneve, TunnelKind::Vxlan]),
        key: None,
    };
    assert_eq!(found.encapsulation, expect);
    assert_eq!(found.inner.unwrap().ethernet_offset, Some(118));
}

#[test]
fn plain_gateway_load_balancer_traffic_has_an_endpoint_only() {
    let packet = ipv6(6, &segment());
    let carried = udp([60_000, 6081], &geneve(0xabc, 0x86dd, &packet));
    let found = decapsulate(LinkType::Ipv4, &ipv4([A, B], 17, &carried));
    assert_eq!((found.encapsulation.source, found.encapsulation.vni), (None, None));
    assert_eq!(found.encapsulation.endpoint, Some(0xabc));
    let inner = found.inner.unwrap();
    assert_eq!((inner.version, inner.ethernet_offset), (6, None));
}

#[test]
fn the_outermost_of_nested_vxlan_headers_names_the_session() {
    let mut nested = frame();
    for vni in 1..=8 {
        nested = mirrored([10, 0, 0, vni as u8], vni, &nested);
    }
    let found = decapsulate(LinkType::Ethernet, &nested);
    assert_eq!((found.encapsulation.vni, found.encapsulation.tunnels.len()), (Some(8), 8));
    assert_eq!(found.inner.unwrap().ports, Some((1234, 443)));
    let found = decapsulate(LinkType::Ethernet, &mirrored([10, 0, 0, 9], 9, &nested));
    assert_eq!(found.stop.unwrap().reason, StopReason::TooDeep);
    assert_eq!(found.inner.unwrap().ports, Some((50_000, 4789)));
}

#[test]
fn a_port_alone_makes_no_tunnel() {
    let check = |port, content: &[u8], layers, inner_port| {
        let packet = ipv4([A, B], 17, &udp([5, port], content));
        let found = decapsulate(LinkType::Ipv4, &packet);
        assert_eq!(found.encapsulation.tunnels.len(), layers);
        assert_eq!(found.inner.unwrap().ports.unwrap().1, inner_port);
    };
    check(4789, &vxlan(1, &frame()), 1, 443);
    check(8472, &vxlan(1, &frame()), 1, 443);
    check(4790, &vxlan(1, &frame()), 1, 443);
    check(9999, &vxlan(1, &frame()), 0, 9999);
    let mut unflagged = vxlan(1, &frame());
    unflagged[0] = 0;
    check(4789, &unflagged, 0, 4789);
    check(4789, &vxlan(1, &ethernet(0x1234, &[0; 40])), 0, 4789);
    check(4789, b"short", 0, 4789);
    let mut generic = vxlan(1, &ipv4([A, B], 6, &segment()));
    generic[0] = 0x0c;
    generic[3] = 1;
    check(4790, &generic, 1, 443);
    check(6081, b"no GENEVE header", 0, 6081);
}

#[test]
fn a_truncated_mirror_keeps_the_lengths_of_the_wire() {
    let mirror = mirrored(A, 1, &frame());
    // The lengths of the outer headers describe the truncated copy; only the inner one remembers.
    let cut = mirrored(A, 1, &frame()[..56]);
    let whole = inner_of(LinkType::Ethernet, &mirror);
    let inner = inner_of(LinkType::Ethernet, &cut);
    assert!(inner.truncated && !whole.truncated);
    assert_eq!((inner.inner_length, inner.payload_length, inner.payload_captured), (47, 7, 2));
    // AWS's least packet length leaves one byte behind IPv4: no ports.
    let found = decapsulate(LinkType::Ethernet, &mirrored(A, 1, &frame()[..35]));
    let stop = Stop { layer: Layer::Transport, offset: 84, reason: StopReason::Cut };
    assert_eq!(found.stop, Some(stop));
    let inner = found.inner.unwrap();
    assert_eq!((inner.ports, inner.inner_length, inner.payload_length), (None, 47, 0));
    // Eight bytes of TCP: ports alone.
    let inner = decapsulate(LinkType::Ethernet, &frame()[..42]).inner.unwrap();
    assert_eq!((inner.ports, inner.tcp), (Some((1234, 443)), None));
}

#[test]
fn padding_is_not_payload() {
    let mut padded = ethernet(0x0800, &ipv4([A, B], 17, &udp([1, 2], b"abc")));
    padded.extend([0; 20]);
    let inner = inner_of(LinkType::Ethernet, &padded);
    assert_eq!((inner.payload_length, inner.payload_captured), (3, 3));
}

#[test]
fn a_length_of_zero_means_what_was_captured() {
    let mut packet = ipv4([A, B], 6, &segment());
    packet[2..4].fill(0);
    assert_eq!(inner_of(LinkType::Ipv4, &packet).inner_length, 47);
    let mut packet = ipv6(6, &segment());
    packet[4..6].fill(0);
    assert_eq!(inner_of(LinkType::Ipv6, &packet).inner_length, 67);
    assert_eq!(inner_of(LinkType::Ipv6, &ipv6(59, b"")).inner_length, 40);
}

#[test]
fn only_the_first_fragment_has_ports() {
    let first = ipv4_fragment([A, B], 17, 77, 0x2000, &udp([1, 2], &[0; 16]));
    let inner = inner_of(LinkType::Ipv4, &first);
    assert_eq!(inner.fragment, Some(Fragment { id: 77, offset: 0, more: true }));
    assert_eq!(inner.ports, Some((1, 2)));
    let last = ipv4_fragment([A, B], 17, 77, 3, b"the rest");
    let inner = inner_of(LinkType::Ipv4, &last);
    assert_eq!(inner.fragment, Some(Fragment { id: 77, offset: 24, more: false }));
    assert_eq!((inner.ports, inner.payload_offset, inner.payload_length), (None, 20, 8));
}

#[test]
fn ipv6_extension_headers_are_walked() {
    let options = |next| [next, 0, 1, 4, 0, 0, 0, 0];
    let authentication = [17, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let chain = join_bytes(&[
        &options(43),
        &options(60),
        &options(44),
        &[51, 0, 0, 1, 0, 0, 0, 9],
        &authentication,
        &udp([1, 2], b"abc"),
    ]);
    let inner = inner_of(LinkType::Ipv6, &ipv6(0, &chain));
    assert_eq!((inner.protocol, inner.ports), (17, Some((1, 2))));
    assert_eq!(inner.transport_offset, 96);
    assert_eq!(inner.fragment, Some(Fragment { id: 9, offset: 0, more: true }));

    let later = join_bytes(&[&[17, 0, 0, 8, 0, 0, 0, 9], b"the rest"]);
    let inner = inner_of(LinkType::Ipv6, &ipv6(44, &later));
    assert_eq!(inner.fragment, Some(Fragment { id: 9, offset: 8, more: false }));
    assert_eq!((inner.protocol, inner.ports), (17, None));

    let found = decapsulate(LinkType::Ipv6, &ipv6(0, &[43, 200, 0, 0]));
    assert_eq!(
        found.stop,
        Some(Stop { layer: Layer::Network, offset: 40, reason: StopReason::Malformed })
    );
    assert_eq!(found.inner.unwrap().payload_length, 0);
}

#[test]
fn icmp_has_type_and_code_instead_of_ports() {
    let inner = inner_of(LinkType::Ipv4, &ipv4([A, B], 1, &[8, 0, 0, 0, 0, 1, 0, 1, 9, 9]));
    assert_eq!((inner.icmp, inner.ports, inner.payload_length), (Some((8, 0)), None, 2));
}

#[test]
fn where_the_walk_ends_is_told() {
    let check = |link, bytes: &[u8], layer, offset, reason| {
        let found = decapsulate(link, bytes);
        assert_eq!(found.stop, Some(Stop { layer, offset, reason }));
    };
    let arp = ethernet(0x0806, &[0; 28]);
    check(LinkType::Ethernet, &arp, Layer::Network, 14, StopReason::NotIp);
    check(LinkType::Ethernet, &arp[..13], Layer::Link, 0, StopReason::Cut);
    check(LinkType::Ethernet, &frame()[..20], Layer::Network, 14, StopReason::Cut);
    check(LinkType::Ethernet, &mirrored(A, 1, &arp), Layer::Network, 64, StopReason::NotIp);
    check(LinkType::Other(105), &arp, Layer::Link, 0, StopReason::LinkTypeUnknown);
    let mut short_header = ipv4([A, B], 6, &segment());
    short_header[0] = 0x44;
    check(LinkType::Ipv4, &short_header, Layer::Network, 0, StopReason::Malformed);
    check(LinkType::Ipv6, &short_header, Layer::Network, 0, StopReason::Malformed);
    let mut short_total = ipv4([A, B], 6, &segment());
    short_total[3] = 19;
    check(LinkType::Ipv4, &short_total, Layer::Network, 0, StopReason::Malformed);
    let mut short_tcp = ipv4([A, B], 6, &segment());
    short_tcp[32] = 0x40;
    check(LinkType::Ipv4, &short_tcp, Layer::Transport, 20, StopReason::Malformed);
    let mut long_tcp = ipv4([A, B], 6, &segment()[..20]);
    long_tcp[32] = 0x60;
    check(LinkType::Ipv4, &long_tcp, Layer::Transport, 20, StopReason::Malformed);
    let stub = ipv4([A, B], 17, &[0, 53]);
    check(LinkType::Ipv4, &stub, Layer::Transport, 20, StopReason::Malformed);
}
