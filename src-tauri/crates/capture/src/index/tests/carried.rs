//! Packets that carry packets, and packets in pieces.

use super::*;
use crate::hand_made::{fragments, framed, gre, vxlan};
use crate::{Conversations, join};
use evidence::Sha256;

const MIRROR: [u8; 4] = [10, 0, 0, 7];
const TARGET: [u8; 4] = [10, 9, 9, 9];

/// A capture of Ethernet frames, a second apart, and its index.
fn captured(frames: &[Vec<u8>]) -> (Vec<u8>, PacketIndex) {
    let timed: Vec<_> = (1..).map(|second| second * SECOND).zip(frames.iter().cloned()).collect();
    let capture = pcap(LinkType::Ethernet, &timed);
    let index = opened(index_file(&capture, Limits::default()));
    (capture, index)
}

fn joined(index: &PacketIndex) -> Conversations {
    join(&[(Sha256::of(b""), index)]).unwrap()
}

fn only(index: &PacketIndex, conversations: &Conversations) -> (u32, Flow) {
    assert_eq!(conversations.len(), 1);
    let [part] = conversations.parts(0) else { panic!("one flow") };
    (part.flow, index.flow(part.flow).unwrap())
}

/// The payload of a flow's packets, each as it stands in the capture.
fn payloads(capture: &[u8], index: &PacketIndex, place: u32) -> Vec<Vec<u8>> {
    let read = |stretch: &Stretch| {
        let from = stretch.offset as usize;
        capture[from..from + stretch.length as usize].to_vec()
    };
    let packets = index.payloads_of(place).unwrap();
    packets
        .iter()
        .map(|packet| index.stretches(packet).unwrap().iter().flat_map(read).collect())
        .collect()
}

#[test]
fn what_the_interface_sends_in_a_tunnel_is_counted_as_flow_logs_count_it_and_talks_as_what_it_is() {
    let segment = from_client(7, ACK, b"hello");
    let carrying = gre(0, 0x0800, &[], &segment);
    for (frame, session) in [
        (framed(&carrying), SessionIdentity::default()),
        (
            mirrored(MIRROR, 42, &framed(&carrying)),
            SessionIdentity { source: Some(MIRROR.into()), vni: Some(42), ..Default::default() },
        ),
    ] {
        let (_, index) = captured(&[frame]);
        assert_eq!((index.packet_count(), index.flow_count()), (1, 2));
        let conversations = joined(&index);
        let (place, inner) = only(&index, &conversations);
        assert_eq!((inner.protocol, inner.tunnelled, inner.carrier), (6, true, false));
        assert_eq!(conversations.number(0, place), Some(0));
        let carrier = index.flow(1 - place).unwrap();
        assert_eq!((carrier.protocol, carrier.tunnelled, carrier.carrier), (47, false, true));
        assert_eq!(carrier.bytes_client, carrying.len() as u64);
        assert_eq!(conversations.number(0, 1 - place), None);
        let end = |address: [u8; 4]| Endpoint { address: address.into(), port: 0 };
        let (from, to) = (carrier.client, carrier.server);
        let tuple = Tuple::of(session, 47, from, to);
        assert_eq!(index.flows_of(&tuple).unwrap(), [(1 - place, carrier)]);
        assert_ne!(from, end(A), "the ends of the tunnel are others than those inside");
        let packet = index.packet_at(24).unwrap().unwrap();
        assert_eq!((packet.flow, packet.payload_length), (Some(place), 5));
    }
}

#[test]
fn a_tuple_inside_a_tunnel_is_another_than_the_same_outside() {
    let segment = from_client(7, ACK, b"hello");
    let (_, index) = captured(&[framed(&segment), framed(&gre(0, 0x0800, &[], &segment))]);
    assert_eq!(joined(&index).len(), 2);
}

#[test]
fn two_keys_are_two_sessions() {
    let segment = from_client(7, ACK, b"hello");
    let keyed = |key| framed(&gre(0x2000, 0x0800, &[0, 0, 0, key], &segment));
    let (_, index) = captured(&[keyed(1), keyed(2), keyed(1)]);
    let counts: Vec<_> = index.sessions().iter().map(|s| (s.key, s.packets)).collect();
    let key = |key| Some(crate::Key::Gre(key));
    // The packets that carry them were captured as they were sent.
    assert_eq!(counts, [(key(1), 2), (None, 0), (key(2), 1)]);
    assert_eq!(joined(&index).len(), 2);
}

#[test]
fn fragments_are_packets_each_and_one_payload() {
    let question: Vec<u8> = (0..100).collect();
    let parts = fragments(&ipv4([A, B], 17, &udp([1234, 53], &question)), 9, 40);
    let frames: Vec<_> = parts.iter().map(|part| mirrored(MIRROR, 42, &framed(part))).collect();
    for (order, orphans) in [([0, 1, 2], 0), ([2, 0, 1], 1)] {
        let (capture, index) = captured(&order.map(|part: usize| frames[part].clone()));
        assert_eq!((index.packet_count(), index.orphan_fragments()), (3, orphans));
        let tuple = Tuple::of(
            SessionIdentity { source: Some(MIRROR.into()), vni: Some(42), ..Default::default() },
            17,
            Endpoint { address: A.into(), port: 1234 },
            Endpoint { address: B.into(), port: 53 },
        );
        let [(place, flow)] = &index.flows_of(&tuple).unwrap()[..] else { panic!("one") };
        assert_eq!(flow.packets(), 3 - orphans);
        assert_eq!(index.packets_of(*place).unwrap().len() as u64, 3 - orphans);
        assert_eq!(payloads(&capture, &index, *place), [&question[..]]);
    }
}

#[test]
fn a_mirror_in_fragments_is_one_packet_with_all_of_its_payload() {
    let content: Vec<u8> = (0..200).collect();
    let segment = from_client(7, ACK, &content);
    let outer = ipv4([MIRROR, TARGET], 17, &udp([50_000, 4789], &vxlan(42, &framed(&segment))));
    // The headers up to the inner one of IP take fifty bytes: the smallest fragments do not hold them.
    for size in [24, 48, 64, 160] {
        let parts = fragments(&outer, 5, size);
        let frames: Vec<_> = parts.iter().map(|part| framed(part)).collect();
        let (capture, index) = captured(&frames);
        let conversations = joined(&index);
        let talks = |place: &u32| index.flow(*place).unwrap().protocol == 6;
        let inner: Vec<_> = (0..index.flow_count()).filter(talks).collect();
        let [place] = inner[..] else { panic!("{size}: {inner:?}") };
        let flow = index.flow(place).unwrap();
        assert_eq!((flow.packets(), flow.tunnelled, flow.carrier), (1, false, false), "{size}");
        assert_eq!(flow.bytes_client, segment.len() as u64, "{size}");
        assert_eq!(payloads(&capture, &index, place), [&content[..]], "{size}");
        assert_eq!(index.packet_count(), frames.len() as u64);
        assert_eq!(index.orphan_fragments(), 0, "{size}");
        assert!(conversations.number(0, place).is_some());
        let [packet] = &index.payloads_of(place).unwrap()[..] else { panic!("one") };
        assert_eq!(index.fragments_of(packet).unwrap().len(), frames.len(), "{size}");
    }
}

#[test]
fn pieces_beyond_what_fits_into_memory_wait_on_disk() {
    let content = [7; 64];
    let frames: Vec<_> = (0..3000u16)
        .flat_map(|id| fragments(&ipv4([A, B], 17, &udp([id, 53], &content)), id, 40))
        .map(|part| framed(&part))
        .collect();
    let (capture, index) = captured(&frames);
    for place in 0..index.flow_count() {
        assert_eq!(payloads(&capture, &index, place), [&content[..]]);
    }
    assert_eq!(index.flow_count(), 3000);
}
