use super::*;
use crate::Limits;
use crate::LinkType;
use crate::hand_made::{A, B, ethernet, index_file, ipv4, mirrored, opened, pcap, tcp, udp};
use crate::index::flags::{ACK, FIN, SYN};

const SECOND: u64 = 1_000_000_000;

fn client(seq: u32, tcp_flags: u8, content: &[u8]) -> Vec<u8> {
    ipv4([A, B], 6, &tcp([40_000, 443], seq, 500, tcp_flags, content))
}

fn server(seq: u32, ack: u32, tcp_flags: u8) -> Vec<u8> {
    ipv4([B, A], 6, &tcp([443, 40_000], seq, ack, tcp_flags, b"answer"))
}

/// Two connections over one port, a datagram exchange with a long silence, a second session.
fn traffic() -> Vec<(u64, Vec<u8>)> {
    let query = || ipv4([A, B], 17, &udp([5353, 53], b"query"));
    let packets = [
        (1, client(100, SYN, b"")),
        (2, server(500, 101, SYN | ACK)),
        (3, client(101, ACK, b"first")),
        (4, query()),
        (5, server(507, 106, ACK)),
        (6, client(106, ACK, b"second")),
        (7, client(112, FIN | ACK, b"")),
        (8, client(900, SYN, b"")),
        (9, client(900, SYN, b"")),
        (10, server(7_000, 901, SYN | ACK)),
        (11, client(901, ACK, b"third")),
        (200, query()),
        (600, query()),
    ];
    let mirror = |packet: Vec<u8>| mirrored(A, 1, &ethernet(0x0800, &packet));
    let mut packets: Vec<_> =
        packets.into_iter().map(|(time, packet)| (time * SECOND, mirror(packet))).collect();
    packets.push((601 * SECOND, mirrored(A, 2, &ethernet(0x0800, &query()))));
    packets
}

/// What does not depend on how the traffic is divided into captures.
fn essence(conversations: &[Conversation]) -> Vec<impl PartialEq + std::fmt::Debug> {
    conversations
        .iter()
        .map(|c| {
            let counts = (c.packets_client, c.packets_server, c.bytes_client, c.bytes_server);
            let ends = (c.client, c.server, c.client_seen_opening);
            (c.vni, c.protocol, ends, counts, c.first, c.last, c.isn_client, c.closed)
        })
        .collect()
}

fn indexed(packets: &[(u64, Vec<u8>)], limits: Limits) -> (Sha256, PacketIndex) {
    let capture = pcap(LinkType::Ethernet, packets);
    (Sha256::of(&capture), opened(index_file(&capture, limits)))
}

/// The conversations of captures that are given in this order.
fn joined(captures: &[&(Sha256, PacketIndex)]) -> Vec<Conversation> {
    let indexes: Vec<_> = captures.iter().map(|(sha256, index)| (*sha256, index)).collect();
    let joined = join(&indexes).unwrap();
    let conversations: Vec<Conversation> =
        (0..joined.len()).map(|number| joined.get(&indexes, number).unwrap().unwrap()).collect();
    for (number, conversation) in (0..).zip(&conversations) {
        assert_eq!(joined.parts(number as usize), conversation.parts);
        for part in &conversation.parts {
            assert_eq!(joined.number(part.capture as usize, part.flow), Some(number));
        }
    }
    conversations
}

#[test]
fn rotated_captures_give_the_conversations_of_the_whole() {
    let traffic = traffic();
    let whole = joined(&[&indexed(&traffic, Limits::default())]);
    assert_eq!(whole.len(), 5);
    for first in 0..=traffic.len() {
        for second in first..=traffic.len() {
            let files = [&traffic[..first], &traffic[first..second], &traffic[second..]];
            let [a, b, c] = &files.map(|file| indexed(file, Limits::default()));
            let ordered = joined(&[a, b, c]);
            assert_eq!(essence(&ordered), essence(&whole), "rotated at {first} and {second}");
            let turned = joined(&[c, a, b]);
            let ids = |found: &[Conversation]| found.iter().map(|c| c.id).collect::<Vec<_>>();
            assert_eq!(ids(&turned), ids(&ordered));
            assert_eq!(essence(&turned), essence(&whole));
        }
    }
}

#[test]
fn flows_that_made_room_are_joined_again() {
    let traffic = traffic();
    let whole = joined(&[&indexed(&traffic, Limits::default())]);
    let small = joined(&[&indexed(&traffic, Limits { packets: 3, flows: 1 })]);
    assert!(small.iter().any(|conversation| conversation.parts.len() > 1));
    assert_eq!(essence(&small), essence(&whole));
}

#[test]
fn a_conversation_names_its_first_packet_and_its_parts() {
    let traffic = traffic();
    let a = indexed(&traffic[..3], Limits::default());
    let b = indexed(&traffic[3..], Limits::default());
    let conversations = joined(&[&b, &a]);
    let first = &conversations[0];
    assert_eq!(first.id, ConversationRef(PacketRef { evidence: a.0, offset: 24 }));
    let parts: Vec<_> = first.parts.iter().map(|p| (p.capture, p.swapped)).collect();
    // The second file begins with the server, which it takes for the client.
    assert_eq!(parts, [(1, false), (0, true)]);
    assert_eq!((first.packets_client, first.packets_server), (4, 2));
}
