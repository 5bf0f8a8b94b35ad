use super::super::*;
use crate::hand_made::{
    A, B, LINKS, TUNNELS, ethernet, fragments, framed, geneve, gre, ipv4, ipv6, join_bytes,
    mirrored, tcp, udp, vxlan,
};
use evidence::Address;

fn packets() -> [Vec<u8>; 4] {
    let segment = tcp([1234, 443], 1, 2, 0x18, b"content of the segment");
    [
        ipv4([A, B], 6, &segment),
        ipv4([A, B], 17, &udp([1234, 53], b"a question")),
        ipv6(6, &segment),
        ipv4([A, B], 1, &[8, 0, 0, 0, 0, 1, 0, 1, 9, 9]),
    ]
}

/// What is known of a packet wherever it lies in another.
fn facts(found: &Decapsulated) -> Inner {
    let mut inner = found.inner.clone().expect("an IP packet");
    let at = inner.network_offset;
    for offset in
        [&mut inner.network_offset, &mut inner.transport_offset, &mut inner.payload_offset]
    {
        *offset -= at;
    }
    inner.ethernet_offset = None;
    inner
}

fn kinds(found: &Decapsulated) -> Vec<String> {
    found.encapsulation.tunnels.iter().map(|kind| kind.to_string()).collect()
}

#[test]
fn the_same_packet_is_found_in_every_tunnel_and_every_link_layer() {
    for packet in packets() {
        let expect = facts(&decapsulate(LinkType::Raw, &packet));
        let check = |name: [&str; 3], link, bytes: &[u8], tunnels: &[&str]| {
            let found = decapsulate(LinkType::from_number(link), bytes);
            assert_eq!((facts(&found), found.stop), (expect.clone(), None), "{name:?}");
            assert_eq!(kinds(&found), tunnels, "{name:?}");
        };
        for (layer, link, framed, around) in LINKS {
            check([layer, "", ""], link, &framed(&packet), around);
            for (outer, wrap, out) in TUNNELS {
                let tunnels = [around, out].concat();
                check([layer, outer, ""], link, &framed(&wrap(&packet)), &tunnels);
                for (inner, wrap_in, within) in TUNNELS {
                    let bytes = framed(&wrap(&wrap_in(&packet)));
                    check([layer, outer, inner], link, &bytes, &[around, out, within].concat());
                }
            }
        }
    }
}

#[test]
fn what_names_a_session_is_the_outermost_that_mirrors_else_a_key() {
    let end = Address::parse("10.8.8.8");
    let packet = &packets()[0];
    let named = |bytes: &[u8]| {
        let Encapsulation { source, vni, key, endpoint, .. } =
            decapsulate(LinkType::Raw, bytes).encapsulation;
        (source, vni, key, endpoint)
    };
    let names = |name: &str| match name {
        "VXLAN" | "VXLAN of old" | "VXLAN with group policy" => (end, Some(42), None, None),
        "VXLAN in GENEVE" => (end, Some(42), None, Some(0xabc)),
        _ if name.starts_with("GPE") => (end, Some(9), None, None),
        "GENEVE of AWS" => (None, None, None, Some(0xabc)),
        "GENEVE with Ethernet" => (end, Some(9), None, None),
        "GRE with all fields" => (None, None, Some(Key::Gre(0x0707_0707)), None),
        "NVGRE" => (None, None, Some(Key::Nvgre(0x2001)), None),
        "ERSPAN I" | "TZSP" => (end, None, None, None),
        _ if name.starts_with("ERSPAN") => (end, None, Some(Key::Erspan(5)), None),
        _ => (None, None, None, None),
    };
    let (_, vxlan, _) = TUNNELS[0];
    for (name, wrap, _) in TUNNELS {
        assert_eq!(named(&wrap(packet)), names(name), "{name}");
        let (source, vni, key, _) = named(&wrap(&vxlan(packet)));
        // Of tunnels that do not mirror, what lies inside is believed before them.
        let mirrors = names(name).0.is_some() && name != "GENEVE with Ethernet";
        let expect = if mirrors { names(name) } else { names("VXLAN") };
        assert_eq!((source, vni, key), (expect.0, expect.1, expect.2), "VXLAN in {name}");
        // Inside of a mirror nothing names anything but the endpoint.
        let (source, vni, key, _) = named(&vxlan(&wrap(packet)));
        assert_eq!((source, vni, key), (end, Some(42), None), "{name} in VXLAN");
    }
    // A key outside of what NVGRE has for subnets is one of GRE.
    let bridged = gre(0x2000, 0x6558, &[0, 0, 1, 9], &framed(packet));
    assert_eq!(named(&bridged).2, Some(Key::Gre(0x109)));
}

#[test]
fn what_the_mirrored_interface_sent_is_told_where_a_tunnel_lies_in_it() {
    let packet = &packets()[0];
    for (name, wrap, _) in TUNNELS {
        let sent = wrap(packet);
        let mirror = mirrored([10, 0, 0, 7], 42, &framed(&sent));
        let found = decapsulate(LinkType::Ethernet, &mirror);
        let packet = found.mirrored.unwrap();
        assert_eq!((packet.network_offset, packet.inner_length), (64, sent.len() as u32), "{name}");
    }
    // Without a mirror, the outermost packet was sent; alone, it is the inner one.
    for (_, wrap, kinds) in TUNNELS {
        let found = decapsulate(LinkType::Raw, &wrap(packet));
        let own = matches!(kinds[0], "VXLAN" | "VXLAN-GPE" | "GENEVE" | "TZSP")
            || kinds[0].starts_with("ERSPAN");
        assert_eq!(found.mirrored.map(|sent| sent.network_offset), (!own).then_some(0));
    }
    assert_eq!(decapsulate(LinkType::Raw, packet).mirrored, None);
}

#[test]
fn what_cannot_be_opened_is_given_as_the_packet_that_carries_it() {
    let packet = packets()[0].clone();
    let broken = [&[0x43][..], &packet[1..]].concat();
    let arp = ethernet(0x0806, &[0; 28]);
    let check = |bytes: &[u8], layer, offset, reason| {
        let found = decapsulate(LinkType::Raw, bytes);
        let inner = found.inner.unwrap();
        assert_eq!((inner.network_offset, inner.protocol), (0, bytes[9]));
        assert_eq!((found.encapsulation, found.mirrored), (Encapsulation::default(), None));
        assert_eq!(found.stop, Some(Stop { layer, offset, reason }));
    };
    use Layer::{Link, Network, Tunnel};
    use StopReason::{Malformed, NotIp};
    let ends = [[10, 8, 8, 8], [10, 8, 8, 9]];
    check(&ipv4(ends, 4, &broken), Network, 20, Malformed);
    check(&ipv4(ends, 41, &packet), Network, 20, Malformed);
    check(&ipv4(ends, 4, &packet[..19]), Network, 20, Malformed);
    check(&ipv4(ends, 4, &[]), Network, 20, Malformed);
    check(&gre(0, 0x0800, &[], &broken), Network, 24, Malformed);
    check(&gre(0, 0x6558, &[], &arp), Network, 38, NotIp);
    check(&gre(0, 0x6558, &[], &arp[..13]), Link, 24, Malformed);
    // Source routing, a version that does not exist, PPTP without its key.
    check(&gre(0x4000, 0x0800, &[0; 4], &packet), Tunnel, 20, Malformed);
    check(&gre(2, 0x0800, &[], &packet), Tunnel, 20, Malformed);
    check(&gre(1, 0x880b, &[], &packet), Tunnel, 20, Malformed);
    check(&gre(0x2000, 0x0800, &[], &[]), Tunnel, 20, Malformed);
    // CDP in GRE; an acknowledgement of PPTP; Link Control Protocol.
    check(&gre(0, 0x2000, &[], b"cdp"), Tunnel, 24, NotIp);
    check(&gre(0x2081, 0x880b, &[0; 8], &[]), Tunnel, 32, NotIp);
    check(&gre(0x2001, 0x880b, &[0; 4], &[0xc0, 0x21, 1, 1]), Network, 30, NotIp);
    // ERSPAN of a version that its GRE protocol does not go with; a frame of an unknown type.
    check(
        &gre(0x1000, 0x88be, &[0, 0, 0, 1, 0x20, 0, 0, 0, 0, 0, 0, 0], &arp),
        Tunnel,
        28,
        Malformed,
    );
    let unknown = [0, 0, 0, 1, 0x20, 9, 8, 5, 1, 2, 3, 4, 0, 0, 28, 0];
    check(&gre(0x1000, 0x22eb, &unknown, &arp), Tunnel, 40, NotIp);

    // A mirror is no traffic of its own: what it carries was there, and could not be read.
    let found = decapsulate(LinkType::Ethernet, &mirrored(A, 42, &ethernet(0x0800, &broken)));
    assert_eq!((found.inner, found.encapsulation.vni), (None, Some(42)));
    // What lies inside of a mirror is.
    let found = decapsulate(LinkType::Ethernet, &mirrored(A, 42, &framed(&ipv4(ends, 4, &broken))));
    assert_eq!(found.inner.map(|inner| (inner.network_offset, inner.protocol)), Some((64, 4)));
    assert_eq!((found.encapsulation.vni, found.mirrored), (Some(42), None));
}

#[test]
fn cut_headers_of_tunnels_are_told_as_cut() {
    let packet = &packets()[0];
    for (name, wrap, _) in TUNNELS {
        let whole = wrap(packet);
        for end in 40..whole.len() - packet.len() {
            let found = decapsulate(LinkType::Raw, &whole[..end]);
            // UDP to a port is no tunnel until there is one.
            let stop = found.stop.map(|stop| stop.reason);
            let plain = found.inner.as_ref().is_some_and(|inner| inner.protocol == 17);
            assert!(stop == Some(StopReason::Cut) || plain, "{name} at {end}: {stop:?}");
        }
    }
}

#[test]
fn what_a_tunnel_carries_ends_with_the_packet_that_carries_it() {
    let packet = &packets()[0];
    for (name, wrap, _) in TUNNELS {
        let whole = wrap(packet);
        let padded = join_bytes(&[&whole, &[0xee; 40]]);
        let found = decapsulate(LinkType::Raw, &padded);
        assert_eq!(facts(&found), facts(&decapsulate(LinkType::Raw, &whole)), "{name}");
        // An inner length that reaches into the padding is not believed.
        let mut longer = padded.clone();
        let at = whole.len() - packet.len() + 3;
        longer[at] += 9;
        let inner = decapsulate(LinkType::Raw, &longer).inner.unwrap();
        assert!(inner.truncated && inner.payload_captured == 22, "{name}");
    }
}

#[test]
fn a_guess_by_port_needs_more_than_the_port() {
    let check = |port, content: &[u8], tunnels: usize| {
        let packet = ipv4([A, B], 17, &udp([5, port], content));
        let found = decapsulate(LinkType::Ipv4, &packet);
        assert_eq!(found.encapsulation.tunnels.len(), tunnels, "{port} {content:x?}");
        assert!(tunnels > 0 || found.inner.unwrap().ports == Some((5, port)));
    };
    let packet = &packets()[0];
    let arp = ethernet(0x0806, &[0; 28]);
    let with = |at: usize, value: u8, content: &[u8]| {
        let mut changed = vxlan(1, content);
        changed[at] = value;
        changed
    };
    // A clean header is believed whatever lies behind it; another only with an IP packet.
    check(4789, &vxlan(1, &arp), 1);
    for (at, value) in [(0, 0x0c), (1, 1), (2, 1), (3, 1), (7, 1)] {
        check(4789, &with(at, value, &framed(packet)), 1);
        check(4789, &with(at, value, &arp), 0);
        check(4789, &with(at, value, &ethernet(0x86dd, packet)), 0);
    }
    check(4790, &join_bytes(&[&[0x0c, 0, 0, 2, 0, 0, 1, 0], packet]), 0);
    check(4790, &join_bytes(&[&[0x0c, 0, 0, 9, 0, 0, 1, 0], packet]), 0);
    check(4790, &join_bytes(&[&[0x08, 0, 0, 1, 0, 0, 1, 0], packet]), 1);
    check(6081, &geneve(1, 0x86dd, packet), 0);
    check(4754, &join_bytes(&[&[0, 0, 8, 0], &[0x60; 40]]), 0);
    check(4754, &join_bytes(&[&[4, 0, 8, 0], packet]), 0);
    check(6635, &join_bytes(&[&[0, 1, 1, 64], &[0x20; 40]]), 0);
    check(37008, &join_bytes(&[&[1, 0, 0, 1, 9, 200], &framed(packet)]), 0);
    check(37008, &join_bytes(&[&[1, 4, 0, 1, 1], &framed(packet)]), 0);
}

#[test]
fn ports_can_be_added() {
    let ports = Ports { vxlan: vec![9000], geneve: vec![9001] };
    let packet = &packets()[0];
    let policy = join_bytes(&[&[0x88, 0, 0, 1, 0, 0, 42, 0], &framed(packet)]);
    for (port, content) in
        [(9000, vxlan(42, &framed(packet))), (9000, policy), (9001, geneve(1, 0x0800, packet))]
    {
        let outer = ipv4([A, B], 17, &udp([5, port], &content));
        let tunnels = |found: Decapsulated| found.encapsulation.tunnels.len();
        assert_eq!(tunnels(decapsulate(LinkType::Raw, &outer)), 0);
        assert_eq!(tunnels(decapsulate_with(&ports, LinkType::Raw, &outer)), 1);
    }
}

#[test]
fn later_fragments_open_no_tunnel_and_first_ones_are_walked_as_far_as_they_go() {
    for (name, wrap, kinds) in TUNNELS.into_iter().filter(|(name, ..)| *name != "IP in IPv6") {
        let parts = fragments(&wrap(&packets()[0]), 7, 64);
        let found = decapsulate(LinkType::Raw, &parts[0]);
        assert!(found.stop.is_none_or(|stop| stop.reason == StopReason::Cut), "{name}");
        for part in &parts[1..] {
            let found = decapsulate(LinkType::Raw, part);
            assert_eq!(found.encapsulation, Encapsulation::default(), "{name} {kinds:?}");
            assert_eq!(found.inner.unwrap().fragment.map(|place| place.id), Some(7));
        }
    }
}

#[test]
fn esp_ends_the_walk_and_an_authentication_header_does_not() {
    let inner_of = |bytes: &[u8]| {
        let found = decapsulate(LinkType::Raw, bytes);
        assert_eq!(found.stop, None);
        found.inner.unwrap()
    };
    let esp = inner_of(&ipv4([A, B], 50, &[7; 40]));
    assert_eq!((esp.protocol, esp.ports, esp.payload_length), (50, None, 40));
    assert_eq!(inner_of(&ipv6(50, &[7; 40])).protocol, 50);
    let header = [17, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let behind = join_bytes(&[&header, &udp([1, 2], b"abc")]);
    for packet in [ipv4([A, B], 51, &behind), ipv6(51, &behind)] {
        let inner = inner_of(&packet);
        assert_eq!((inner.protocol, inner.ports, inner.payload_length), (17, Some((1, 2)), 3));
    }
    let found = decapsulate(LinkType::Raw, &ipv4([A, B], 51, &header[..20]));
    let stop = Stop { layer: Layer::Network, offset: 20, reason: StopReason::Malformed };
    assert_eq!(found.stop, Some(stop));
}

#[test]
fn every_kind_keeps_its_number() {
    let kinds: Vec<_> = (1..=14).filter_map(TunnelKind::from_number).collect();
    assert_eq!(
        kinds.iter().map(|kind| kind.number()).collect::<Vec<_>>(),
        (1..=14).collect::<Vec<_>>()
    );
    assert_eq!((TunnelKind::from_number(0), TunnelKind::from_number(15)), (None, None));
    let full = Tunnels::from_iter(kinds);
    assert_eq!(
        (full.len(), full.is_empty(), Tunnels::default().is_empty()),
        (DEEPEST, false, true)
    );
}
