use super::*;

fn ethernet(kind: u16, inside: &[u8]) -> Vec<u8> {
    [&[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1], &kind.to_be_bytes()[..], inside].concat()
}

fn ipv4(protocol: u8, inside: &[u8]) -> Vec<u8> {
    let total = u16::try_from(inside.len() + 20).unwrap().to_be_bytes();
    let mut header = vec![0x45, 0, total[0], total[1], 0, 1, 0x40, 0, 64, protocol, 0, 0];
    header.extend([10, 0, 0, 1, 10, 0, 0, 2]);
    let sum = !checksum::sum(&[&header]);
    header[10..12].copy_from_slice(&sum.to_be_bytes());
    [header, inside.to_vec()].concat()
}

fn udp(to: u16, inside: &[u8]) -> Vec<u8> {
    let length = u16::try_from(inside.len() + 8).unwrap().to_be_bytes();
    let to = to.to_be_bytes();
    [&[0xc0, 0, to[0], to[1], length[0], length[1], 0, 0], inside].concat()
}

fn tcp(inside: &[u8]) -> Vec<u8> {
    let mut segment = vec![0x01, 0xbb, 0x30, 0x39, 0, 0, 0, 1, 0, 0, 0, 2, 0x80, 0x18, 0, 0xff];
    segment.extend([0, 0, 0, 0]);
    segment.extend([2, 4, 5, 0xb4, 1, 3, 3, 7, 4, 2, 1, 0]);
    segment.extend(inside);
    let pseudo = [10, 0, 0, 1, 10, 0, 0, 2, 0, 6];
    let length = u16::try_from(segment.len()).unwrap().to_be_bytes();
    let sum = !checksum::sum(&[&pseudo, &length, &segment]);
    segment[16..18].copy_from_slice(&sum.to_be_bytes());
    segment
}

fn vxlan(inside: &[u8]) -> Vec<u8> {
    [&[0x08, 0, 0, 0, 0, 0x30, 0x39, 0], inside].concat()
}

fn geneve(inside: &[u8]) -> Vec<u8> {
    let mut header = vec![8, 0, 0x08, 0x00, 0, 0, 7, 0];
    header.extend([0x01, 0x08, 1, 2, 0, 0, 0, 0, 0, 0, 0xab, 0xcd]);
    header.extend([0x01, 0x08, 2, 2, 0, 0, 0, 0, 0, 0, 0, 1]);
    header.extend([0x01, 0x08, 3, 1, 0xde, 0xad, 0xbe, 0xef]);
    [header, inside.to_vec()].concat()
}

fn inner() -> Vec<u8> {
    ethernet(0x0800, &ipv4(6, &tcp(b"GET /")))
}

/// A packet as VPC Traffic Mirroring delivers it.
fn mirrored() -> Vec<u8> {
    ethernet(0x0800, &ipv4(17, &udp(4789, &vxlan(&inner()))))
}

fn protocols(layers: &[Layer]) -> Vec<&'static str> {
    layers.iter().map(|layer| layer.protocol).collect()
}

fn kinds(layers: &[Layer]) -> Vec<&'static str> {
    layers.iter().flat_map(|layer| &layer.anomalies).map(|anomaly| anomaly.kind).collect()
}

fn field<'l>(layer: &'l Layer, name: &str) -> &'l Field {
    fn find<'f>(fields: &'f [Field], name: &str) -> Option<&'f Field> {
        let here = fields.iter().find(|field| field.name == name);
        here.or_else(|| fields.iter().find_map(|field| find(&field.fields, name)))
    }
    find(&layer.fields, name).unwrap_or_else(|| panic!("no {name} in {layer:?}"))
}

fn value<'l>(layer: &'l Layer, name: &str) -> &'l str {
    &field(layer, name).value
}

#[test]
fn a_mirrored_packet_is_read_from_the_outer_frame_to_the_payload() {
    let frame = mirrored();
    let layers = layers(1, &frame);
    assert_eq!(protocols(&layers), ["eth", "ip", "udp", "vxlan", "eth", "ip", "tcp", "data"]);
    assert!(kinds(&layers).is_empty());
    let starts: Vec<_> = layers.iter().map(|layer| layer.range.start).collect();
    assert_eq!(starts, [0, 14, 34, 42, 50, 64, 84, 116]);
    assert_eq!(layers[3].title, "VXLAN, VNI 12345");
    assert_eq!(field(&layers[3], "vxlan.vni").range, 46..49);
    assert_eq!(value(&layers[2], "udp.checksum"), "0x0000 (none)");
    assert_eq!(
        (value(&layers[5], "ip.src"), value(&layers[5], "ip.proto")),
        ("10.0.0.1", "6 (TCP)")
    );
    assert!(value(&layers[5], "ip.checksum").ends_with("(correct)"));
    assert!(value(&layers[6], "tcp.checksum").ends_with("(correct)"));
    assert_eq!(layers[6].title, "TCP, 443 → 12345 [PSH, ACK] seq 1");
    assert_eq!(value(&layers[6], "tcp.options.mss_val"), "maximum segment size 1460");
    assert_eq!(value(&layers[6], "tcp.options.wscale.shift"), "window scale 7");
    assert_eq!(layers[7].range, 116..121);
}

#[test]
fn a_gateway_load_balancers_packet_names_its_endpoint() {
    let inside = ipv4(17, &udp(4789, &vxlan(&inner())));
    let frame = ethernet(0x0800, &ipv4(17, &udp(6081, &geneve(&inside))));
    let layers = layers(1, &frame);
    assert_eq!(protocols(&layers)[2..6], ["udp", "geneve", "ip", "udp"]);
    let options = layers[3].fields.iter().filter(|field| field.name == "geneve.option");
    let values: Vec<_> = options.map(|field| field.value.as_str()).collect();
    assert_eq!(
        values,
        ["endpoint 0000000000000abcd", "attachment 00000000000000001", "flow cookie deadbeef"]
    );
    assert_eq!(layers[7].range.start, 118);
}

#[test]
fn tags_cooked_and_raw_captures_lead_to_the_same_packet() {
    let packet = ipv4(6, &tcp(b""));
    let tagged = ethernet(0x8100, &[&[0x20, 0x05, 0x08, 0x00], &packet[..]].concat());
    let found = layers(1, &tagged);
    assert_eq!(protocols(&found), ["eth", "vlan", "ip", "tcp"]);
    assert_eq!(value(&found[1], "vlan.id"), "5");
    let sll = [&[0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0], &packet[..]].concat();
    assert_eq!(protocols(&layers(113, &sll)), ["sll", "ip", "tcp"]);
    let sll2 =
        [&[8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0], &packet[..]].concat();
    assert_eq!(protocols(&layers(276, &sll2)), ["sll", "ip", "tcp"]);
    assert_eq!(protocols(&layers(101, &packet)), ["ip", "tcp"]);
    let unknown = layers(147, &packet);
    assert_eq!((protocols(&unknown), kinds(&unknown)), (vec!["data"], vec!["layer.link_type"]));
}

#[test]
fn ipv6_extension_headers_are_followed_to_the_transport() {
    let segment = udp(9999, b"x");
    let extensions = [60, 0, 1, 4, 0, 0, 0, 0, 17, 0, 1, 4, 0, 0, 0, 0];
    let mut packet = vec![0x60, 0, 0, 0, 0, 25, 0, 64];
    packet.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    packet.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    packet.extend(extensions);
    packet.extend(segment);
    let found = layers(101, &packet);
    assert_eq!(protocols(&found), ["ipv6", "udp", "data"]);
    assert_eq!(value(&found[0], "ipv6.src"), "2001:db8::1");
    assert_eq!(value(&found[0], "ipv6.hopopts.nxt"), "60 (destination options)");
    assert!(kinds(&found).is_empty());
}

#[test]
fn a_fragment_behind_the_first_has_no_transport_header() {
    let mut packet = ipv4(6, &tcp(b""));
    packet[6..8].copy_from_slice(&[0x20, 0x10]);
    assert_eq!(protocols(&layers(101, &packet)), ["ip", "data"]);
    packet[6..8].copy_from_slice(&[0x20, 0x00]);
    let first = layers(101, &packet);
    assert!(value(&first[1], "tcp.checksum").ends_with("(not checked)"));
}

#[test]
fn a_cut_header_keeps_its_fields_and_says_so() {
    let frame = mirrored();
    let found = layers(1, &frame[..90]);
    assert_eq!(protocols(&found).last(), Some(&"tcp"));
    let last = &found[6];
    assert_eq!(value(last, "tcp.dstport"), "12345");
    assert_eq!(last.range, 84..90);
    assert_eq!(
        kinds(&found),
        ["layer.truncated", "layer.truncated", "layer.truncated", "layer.cut"]
    );
    assert!(layers(1, &frame[..100])[5].anomalies[0].expected.contains("37 bytes"));
}

#[test]
fn checksums_are_judged_only_over_whole_bytes_and_accuse_nobody() {
    let mut frame = mirrored();
    assert!(value(&layers(1, &frame[..118])[6], "tcp.checksum").ends_with("(not checked)"));
    frame[117] ^= 1;
    let found = layers(1, &frame);
    assert!(
        value(&found[6], "tcp.checksum").ends_with("(wrong; offload or truncation can cause this)")
    );
    assert!(kinds(&found).is_empty());
}

#[test]
fn bytes_behind_the_stated_length_are_a_trailer() {
    let frame = [ethernet(0x0800, &ipv4(6, &tcp(b""))), vec![0; 6]].concat();
    let found = layers(1, &frame);
    assert_eq!(protocols(&found), ["eth", "ip", "tcp", "trailer"]);
    assert_eq!(found[3].range, 66..72);
}

#[test]
fn arp_and_icmp_are_short() {
    let mut arp = vec![0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1];
    arp.extend([0, 0, 0, 0, 0, 0, 10, 0, 0, 2]);
    assert_eq!(layers(1, &ethernet(0x0806, &arp))[1].title, "ARP, who has 10.0.0.2? tell 10.0.0.1");
    let echo = layers(101, &ipv4(1, &[8, 0, 0xf7, 0xfd, 0, 1, 0, 1]));
    assert_eq!(echo[1].title, "ICMP, echo request");
    assert_eq!(value(&echo[1], "icmp.checksum"), "0xf7fd (correct)");
}

#[test]
fn lying_options_and_headers_are_told() {
    let mut segment = tcp(b"");
    segment[20..22].copy_from_slice(&[2, 0]);
    assert_eq!(kinds(&layers(101, &ipv4(6, &segment))), ["tcp.option_length"]);
    segment[12] = 0x40;
    assert_eq!(kinds(&layers(101, &ipv4(6, &segment))), ["tcp.hdr_len"]);
    let mut packet = ipv4(6, &tcp(b""));
    packet[0] = 0x42;
    assert_eq!(kinds(&layers(228, &packet)), ["ip.header"]);
}

#[test]
fn nesting_has_an_end() {
    let tags = [0, 1, 0x81, 0].repeat(200);
    let found = layers(1, &ethernet(0x8100, &tags));
    assert_eq!(found.len(), DEPTH_CAP + 1);
    assert_eq!(kinds(&found), ["layer.too_deep"]);
}

#[test]
fn no_prefix_and_no_flipped_byte_brings_it_down_or_loses_a_byte() {
    let check = |frame: &[u8]| {
        for link_type in [1, 101, 113, 276] {
            let found = layers(link_type, frame);
            let mut at = 0;
            for layer in &found {
                assert_eq!(layer.range.start, at, "{found:?}");
                at = layer.range.end;
            }
            assert_eq!(at, frame.len(), "{found:?}");
        }
    };
    let packet = ipv4(6, &tcp(b"GET /"));
    let labels = [0, 1, 0, 64, 0, 2, 1, 64];
    let erspan = [0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 9, 8, 5, 1, 2, 3, 4, 0, 0, 0, 0];
    let pptp = [0x30, 0x01, 0x88, 0x0b, 0, packet.len() as u8 + 1, 0, 9, 0, 0, 0, 1, 0x21];
    for frame in [
        ethernet(0x0800, &ipv4(17, &udp(6081, &geneve(&ipv4(17, &udp(4789, &vxlan(&inner()))))))),
        ethernet(0x0800, &ipv4(47, &[&erspan[..], &inner()].concat())),
        ethernet(0x0800, &ipv4(47, &[&pptp[..], &packet].concat())),
        ethernet(0x8847, &[&labels[..], &ipv4(4, &packet)].concat()),
    ] {
        (0..=frame.len()).for_each(|end| check(&frame[..end]));
        for at in 0..frame.len() {
            for bit in [0x01, 0x10, 0x40, 0x80, 0xff] {
                let mut flipped = frame.clone();
                flipped[at] ^= bit;
                check(&flipped);
            }
        }
    }
}

#[test]
fn every_tunnel_leads_to_what_it_carries() {
    let packet = ipv4(6, &tcp(b"GET /"));
    let gre = |head: &[u8], inside: &[u8]| ipv4(47, &[head, inside].concat());
    let erspan = |kind: [u8; 2], header: &[u8]| {
        let head = [&[0x10, 0][..], &kind, &[0, 0, 0, 1], header].concat();
        gre(&head, &inner())
    };
    for (name, outer, expect) in [
        ("IP in IP", ipv4(4, &packet), &["ip", "tcp"][..]),
        ("MPLS in IP", ipv4(137, &[&[0, 2, 1, 64], &packet[..]].concat()), &["mpls", "ip", "tcp"]),
        ("GRE", gre(&[0, 0, 0x08, 0], &packet), &["gre", "ip", "tcp"]),
        (
            "GRE with key and number",
            gre(&[0x30, 0, 0x08, 0, 0, 0, 0, 7, 0, 0, 0, 1], &packet),
            &["gre", "ip", "tcp"],
        ),
        ("NVGRE", gre(&[0x20, 0, 0x65, 0x58, 0, 0, 5, 1], &inner()), &["gre", "eth", "ip", "tcp"]),
        ("ERSPAN I", gre(&[0, 0, 0x88, 0xbe], &inner()), &["gre", "eth", "ip", "tcp"]),
        (
            "ERSPAN II",
            erspan([0x88, 0xbe], &[0x10, 9, 8, 5, 0, 0, 0, 3]),
            &["gre", "erspan", "eth", "ip", "tcp"],
        ),
        (
            "ERSPAN III",
            erspan([0x22, 0xeb], &[0x20, 9, 8, 5, 1, 2, 3, 4, 0, 0, 0, 0]),
            &["gre", "erspan", "eth", "ip", "tcp"],
        ),
        (
            "MPLS over GRE",
            gre(&[0, 0, 0x88, 0x47], &[&[0, 1, 0, 64, 0, 2, 1, 64], &packet[..]].concat()),
            &["gre", "mpls", "ip", "tcp"],
        ),
        (
            "PPTP",
            gre(
                &[0x30, 0x01, 0x88, 0x0b, 0, packet.len() as u8 + 1, 0, 9, 0, 0, 0, 1],
                &[&[0x21], &packet[..]].concat(),
            ),
            &["gre", "ppp", "ip", "tcp"],
        ),
    ] {
        let read = layers(101, &outer);
        let found = protocols(&read);
        assert_eq!(&found[..found.len() - 1], [&["ip"], expect].concat(), "{name}");
        assert_eq!((found.last(), kinds(&read).len()), (Some(&"data"), 0), "{name}: {read:?}");
    }
    let session = [&[0x11, 0, 0, 7, 0, packet.len() as u8 + 2, 0, 0x21], &packet[..]].concat();
    let found = layers(1, &ethernet(0x8864, &session));
    assert_eq!(protocols(&found), ["eth", "pppoes", "ppp", "ip", "tcp", "data"]);
}
