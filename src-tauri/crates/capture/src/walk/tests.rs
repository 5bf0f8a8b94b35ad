use super::*;
use crate::hand_made::{
    A, B, LINKS, TUNNELS, ethernet, fragments, framed, geneve, ipv4, join_bytes, mirrored, tcp,
    udp, vxlan,
};
use crate::{Fragment, StopReason, decapsulate};

const COLLECTOR: [[u8; 4]; 2] = [[10, 0, 0, 7], [10, 9, 9, 9]];

/// Takes Ethernet frames, a packet each.
fn walk(walker: &mut Walker, frames: &[Vec<u8>]) -> Vec<Walked> {
    (1..)
        .zip(frames)
        .map(|(frame, data)| walker.take(&raw(frame, LinkType::Ethernet, data)))
        .collect()
}

fn raw(frame: u64, link: LinkType, data: &[u8]) -> RawPacket<'_> {
    let length = data.len() as u32;
    let (offset, data_offset) = (frame * 1000, frame * 1000 + 16);
    RawPacket {
        offset,
        frame,
        time: Some(0),
        link,
        caplen: length,
        origlen: length,
        data_offset,
        data,
    }
}

fn segment() -> Vec<u8> {
    ipv4([A, B], 6, &tcp([1234, 443], 1, 2, 0x18, &[b'x'; 300]))
}

/// A mirrored frame whose outer packet was fragmented on its way.
fn mirror_in_fragments(frame: &[u8], size: usize) -> Vec<Vec<u8>> {
    let outer = ipv4(COLLECTOR, 17, &udp([50_000, 4789], &vxlan(42, frame)));
    fragments(&outer, 5, size).iter().map(|part| framed(part)).collect()
}

#[test]
fn a_packet_that_is_whole_is_what_decapsulating_it_gives() {
    let frame = mirrored(A, 42, &framed(&segment()));
    let walked = Walker::default().take(&raw(1, LinkType::Ethernet, &frame));
    let found = decapsulate(LinkType::Ethernet, &frame);
    assert_eq!(walked, Walked { found, carrier: None, refused: None, joined: Vec::new() });
}

#[test]
fn a_mirror_in_fragments_gives_the_inner_packet_whole_and_counted_once() {
    let expect = decapsulate(LinkType::Ethernet, &mirrored(COLLECTOR[0], 42, &framed(&segment())));
    let parts = mirror_in_fragments(&framed(&segment()), 160);
    let reversed: Vec<_> = parts.iter().rev().cloned().collect();
    for (order, first_frame) in [(parts, 1), (reversed, 3)] {
        let walked = walk(&mut Walker::default(), &order);
        let numbers: Vec<_> = walked.iter().map(|walked| walked.joined.len()).collect();
        assert_eq!(numbers, [0, 0, 1]);
        let joined = &walked[2].joined[0];
        assert!(joined.tunnel && joined.mirror);
        assert_eq!(joined.found.encapsulation, expect.encapsulation);
        let inner = joined.found.inner.as_ref().unwrap();
        assert_eq!(
            (inner.payload_length, inner.payload_captured, inner.truncated),
            (300, 300, false)
        );
        let payload = &joined.datagram.bytes[inner.payload_offset as usize..][..300];
        assert_eq!(payload, [b'x'; 300]);
        // The first fragment has given the same packet already, with less of its payload.
        assert_eq!(joined.given, Some(first_frame));
        let given = &walked[first_frame as usize - 1].found;
        let before = given.inner.as_ref().unwrap();
        assert_eq!(given.encapsulation, expect.encapsulation);
        assert_eq!((before.inner_length, before.payload_length), (340, 300));
        assert!(before.truncated && before.payload_captured < 300);
        // The others are fragments between the ends of the tunnel.
        let later = walked[1].found.inner.as_ref().unwrap();
        assert_eq!(later.fragment, Some(Fragment { id: 5, offset: 160, more: true }));
        assert_eq!((later.source, later.ports), (COLLECTOR[0].into(), None));
    }
}

#[test]
fn an_inner_packet_that_the_first_fragment_does_not_hold_was_not_given_before() {
    // UDP, VXLAN, Ethernet and IP take fifty bytes.
    for (size, given) in [(24, None), (48, None), (56, Some(1))] {
        let walked = walk(&mut Walker::default(), &mirror_in_fragments(&framed(&segment()), size));
        let first = &walked[0].found;
        assert_eq!(
            first.inner.as_ref().is_some_and(|inner| inner.source == A.into()),
            given.is_some()
        );
        assert!(first.stop.is_none_or(|stop| stop.reason == StopReason::Cut), "{size}");
        let joined = &walked.last().unwrap().joined[0];
        assert_eq!(joined.given, given, "{size}");
        assert_eq!(joined.found.inner.as_ref().unwrap().ports, Some((1234, 443)));
    }
}

#[test]
fn every_tunnel_is_found_in_the_fragments_of_what_carries_it_in_every_link_layer() {
    for (layer, link, frame, around) in LINKS {
        for (name, wrap, kinds) in TUNNELS.into_iter().filter(|(name, ..)| *name != "IP in IPv6") {
            let whole = wrap(&segment());
            let mut walker = Walker::default();
            let mut joined = Vec::new();
            for (number, part) in (1..).zip(fragments(&whole, 5, 64)) {
                let data = frame(&part);
                joined.extend(walker.take(&raw(number, LinkType::from_number(link), &data)).joined);
            }
            let joined = &joined[0];
            let told: Vec<_> =
                joined.found.encapsulation.tunnels.iter().map(|kind| kind.to_string()).collect();
            assert_eq!(told, [around, kinds].concat(), "{name} in {layer}");
            let inner = joined.found.inner.as_ref().unwrap();
            assert_eq!((inner.ports, inner.payload_captured), (Some((1234, 443)), 300), "{name}");
            let sent = decapsulate(LinkType::Raw, &whole).mirrored;
            assert_eq!(joined.mirror, sent.is_none(), "{name}");
            assert_eq!(joined.mirror, joined.found.mirrored.is_none(), "{name}");
            assert_eq!(walker.finish().datagrams, 1);
        }
    }
}

#[test]
fn inner_fragments_stay_packets_and_are_joined_for_their_payload() {
    let question = udp([1234, 53], &[b'q'; 100]);
    let parts = fragments(&ipv4([A, B], 17, &question), 9, 64);
    let mirrors: Vec<_> =
        parts.iter().map(|part| mirrored(COLLECTOR[0], 42, &framed(part))).collect();
    let walked = walk(&mut Walker::default(), &mirrors);
    for (walked, length) in walked.iter().zip([84, 64]) {
        assert_eq!(walked.found.inner.as_ref().unwrap().inner_length, length);
    }
    let joined = &walked[1].joined[0];
    assert!(!joined.tunnel && !joined.mirror && joined.given.is_none());
    let inner = joined.found.inner.as_ref().unwrap();
    assert_eq!((inner.ports, inner.payload_captured), (Some((1234, 53)), 100));
    assert_eq!(joined.found.encapsulation.vni, Some(42));
    let frames: Vec<_> =
        joined.datagram.pieces.iter().map(|piece| (piece.frame, piece.offset)).collect();
    assert_eq!(frames, [(1, 84), (2, 84)]);
    // The same identification in another session is another datagram.
    let other = mirrored(COLLECTOR[0], 43, &framed(&parts[1]));
    let walked = walk(&mut Walker::default(), &[mirrors[0].clone(), other]);
    assert!(walked[1].joined.is_empty());
}

#[test]
fn fragments_within_fragments_are_joined_and_each_byte_knows_its_packet() {
    let content: Vec<u8> = (0..200).collect();
    let question = ipv4([A, B], 17, &udp([1234, 53], &content));
    let inner = fragments(&question, 9, 160);
    let frames: Vec<_> =
        inner.iter().flat_map(|part| mirror_in_fragments(&framed(part), 96)).collect();
    let mut walker = Walker::default();
    let walked = walk(&mut walker, &frames);
    let numbers: Vec<_> = walked.iter().map(|walked| walked.joined.len()).collect();
    assert_eq!(numbers, [0, 0, 1, 0, 2]);
    let [mirror, whole] = &walked[4].joined[..] else { panic!("two") };
    assert!(mirror.tunnel && mirror.mirror && !whole.tunnel && !whole.mirror);
    assert_eq!(mirror.found.inner.as_ref().unwrap().fragment.unwrap().offset, 160);
    let found = whole.found.inner.as_ref().unwrap();
    assert_eq!((found.ports, found.payload_captured), (Some((1234, 53)), 200));
    for piece in &whole.datagram.pieces {
        let bytes = &whole.datagram.bytes[piece.start as usize..][..piece.length as usize];
        let frame = &frames[piece.frame as usize - 1];
        assert_eq!(bytes, &frame[piece.offset as usize..][..piece.length as usize]);
    }
    let frames: Vec<_> = whole.datagram.pieces.iter().map(|piece| piece.frame).collect();
    assert_eq!(frames, [1, 2, 3, 4, 5]);
    assert_eq!(walker.finish().datagrams, 3);
}

#[test]
fn a_mirror_behind_a_load_balancer_is_found_in_fragments_of_either() {
    let mirror = ipv4(COLLECTOR, 17, &udp([50_000, 4789], &vxlan(42, &framed(&segment()))));
    let balanced = |packet: &[u8]| {
        let carried = udp([60_000, 6081], &geneve(0xabc, 0x0800, packet));
        ipv4([[10, 8, 8, 8], B], 17, &carried)
    };
    let within: Vec<_> =
        fragments(&mirror, 5, 200).iter().map(|part| framed(&balanced(part))).collect();
    let around: Vec<_> =
        fragments(&balanced(&mirror), 6, 200).iter().map(|part| framed(part)).collect();
    let expect = decapsulate(LinkType::Raw, &balanced(&mirror)).encapsulation;
    for frames in [within, around] {
        let walked = walk(&mut Walker::default(), &frames);
        let joined = &walked.last().unwrap().joined[0];
        assert_eq!((joined.found.encapsulation, joined.mirror), (expect, true));
        assert_eq!(joined.given, Some(1));
    }
}

#[test]
fn a_fragment_that_cannot_be_joined_says_why() {
    let frames = mirror_in_fragments(&framed(&segment()), 160);
    let cut = frames[0][..120].to_vec();
    let mut walker = Walker::default();
    let walked = walk(&mut walker, &[cut, frames[1].clone(), frames[2].clone()]);
    assert_eq!(walked[0].refused, Some(Refusal::Cut));
    // What there is of the inner packet is given.
    assert_eq!(walked[0].found.inner.as_ref().unwrap().inner_length, 340);
    let told = walker.finish();
    assert_eq!((told.cut, told.unfinished, told.datagrams), (1, 1, 0));
    // A frame that holds no IP has no fragment.
    let walked = walk(&mut Walker::default(), &[ethernet(0x0806, &[0; 28]), join_bytes(&[])]);
    assert!(walked.iter().all(|walked| walked.refused.is_none() && walked.joined.is_empty()));
}
