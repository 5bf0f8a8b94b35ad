use super::*;
use crate::hand_made::{A, B, ethernet, index, ipv4, ipv4_fragment, mirrored, pcap, tcp, udp};
use crate::{LinkType, StopReason};
use evidence::Address;

const SECOND: u64 = 1_000_000_000;
const SYN: u8 = flags::SYN;
const ACK: u8 = flags::ACK;
const FIN: u8 = flags::FIN;

fn from_client(seq: u32, tcp_flags: u8, content: &[u8]) -> Vec<u8> {
    ipv4([A, B], 6, &tcp([40_000, 443], seq, 0, tcp_flags, content))
}

fn from_server(seq: u32, ack: u32, tcp_flags: u8, content: &[u8]) -> Vec<u8> {
    ipv4([B, A], 6, &tcp([443, 40_000], seq, ack, tcp_flags, content))
}

/// The index of a capture of IPv4 packets, a second apart.
fn index_of(packets: &[Vec<u8>]) -> Index {
    let timed: Vec<_> = (1..).map(|second| second * SECOND).zip(packets.iter().cloned()).collect();
    index(&pcap(LinkType::Ipv4, &timed))
}

fn ends(flow: &Flow) -> (u16, u16) {
    (flow.client.port, flow.server.port)
}

#[test]
fn a_connection_is_one_flow_with_both_directions_counted() {
    let index = index_of(&[
        from_client(100, SYN, b""),
        from_server(500, 101, SYN | ACK, b""),
        from_client(101, ACK, b"request"),
        from_server(501, 108, FIN | ACK, b""),
    ]);
    let [flow] = &index.flows[..] else { panic!("{:?}", index.flows) };
    assert_eq!((ends(flow), flow.client_seen_opening), ((40_000, 443), true));
    assert_eq!((flow.packets_client, flow.packets_server), (2, 2));
    assert_eq!((flow.bytes_client, flow.bytes_server), (87, 80));
    assert_eq!((flow.first, flow.last), (Some(1_000_000_000), Some(4_000_000_000)));
    assert_eq!((flow.isn_client, flow.closed, flow.first_offset), (Some(100), true, 24));
    assert_eq!(index.packets_of(0), [0, 1, 2, 3]);
    assert_eq!(index.packets_of(1), [0u32; 0]);
    let request = &index.packets[2];
    assert_eq!((request.seq, request.tcp_flags, request.payload_length), (101, ACK, 7));
    assert_eq!((request.from_client, request.frame, request.offset), (true, 3, 136));
    assert_eq!(request.data_offset(), 152);
}

#[test]
fn who_answers_a_syn_is_the_server_even_if_seen_first() {
    let index =
        index_of(&[from_server(500, 101, SYN | ACK, b""), from_client(101, ACK, b"request")]);
    let flow = &index.flows[0];
    assert_eq!((ends(flow), flow.client_seen_opening), ((40_000, 443), true));
    assert_eq!((flow.packets_client, flow.bytes_client), (1, 47));
    assert_eq!(index.packets.iter().map(|p| p.from_client).collect::<Vec<_>>(), [false, true]);
    assert_eq!(flow.isn_client, None);
}

#[test]
fn without_an_opening_the_first_sender_is_the_client() {
    let index = index_of(&[from_server(500, 101, ACK, b"answer")]);
    assert_eq!(ends(&index.flows[0]), (443, 40_000));
    assert!(!index.flows[0].client_seen_opening);
}

#[test]
fn a_reused_port_begins_another_flow() {
    let index = index_of(&[
        from_client(100, SYN, b""),
        from_client(101, FIN | ACK, b""),
        from_client(900, SYN, b""),
        from_client(900, SYN, b""),
    ]);
    let isns: Vec<_> = index.flows.iter().map(|flow| flow.isn_client).collect();
    assert_eq!(isns, [Some(100), Some(900)]);
    assert_eq!(index.packets_of(1), [2, 3]);
}

#[test]
fn the_same_tuple_in_two_sessions_is_two_flows() {
    let frame = ethernet(0x0800, &from_client(1, ACK, b""));
    let capture = pcap(
        LinkType::Ethernet,
        &[
            (1, mirrored([10, 0, 0, 7], 1, &frame)),
            (2, mirrored([10, 0, 0, 7], 2, &frame)),
            (3, mirrored([10, 0, 0, 7], 1, &frame)),
            (4, ethernet(0x0806, &[0; 28])),
        ],
    );
    let index = index(&capture);
    let sessions: Vec<_> = index.sessions.iter().map(|s| (s.source, s.vni, s.packets)).collect();
    let source = Address::parse("10.0.0.7");
    assert_eq!(sessions, [(source, Some(1), 2), (source, Some(2), 1), (None, None, 1)]);
    assert_eq!((index.packets_of(0), index.packets_of(1)), (&[0, 2][..], &[1][..]));
    let arp = &index.packets[3];
    assert_eq!((arp.flow, arp.stop), (None, Some(StopReason::NotIp)));
}

#[test]
fn later_fragments_follow_the_first() {
    let datagram = udp([1, 53], &[0; 16]);
    let index = index_of(&[
        ipv4_fragment([A, B], 17, 7, 0x2000, &datagram),
        ipv4_fragment([A, B], 17, 7, 3, b"the rest"),
        ipv4_fragment([A, B], 17, 8, 3, b"of another"),
    ]);
    let parts: Vec<_> = index.packets.iter().map(|packet| (packet.fragment, packet.flow)).collect();
    use FragmentPart::{First, Later, Orphan};
    assert_eq!(parts, [(First, Some(0)), (Later, Some(0)), (Orphan, Some(1))]);
    assert_eq!(ends(&index.flows[1]), (0, 0));
    assert_eq!((index.flows[0].packets_client, index.orphan_fragments()), (2, 1));
}

#[test]
fn an_identification_is_forgotten_after_a_minute() {
    let first = ipv4_fragment([A, B], 17, 7, 0x2000, &udp([1, 53], &[0; 16]));
    let later = ipv4_fragment([A, B], 17, 7, 3, b"the rest");
    let index = index(&pcap(LinkType::Ipv4, &[(0, first), (61 * SECOND, later)]));
    assert_eq!(index.packets[1].fragment, FragmentPart::Orphan);
}

#[test]
fn icmp_has_ports_zero_and_a_community_id_of_its_type() {
    let echo = |ends, kind| ipv4(ends, 1, &[kind, 0, 0, 0, 0, 0, 0, 0]);
    let (asks, answers) = ([192, 168, 0, 89], [192, 168, 0, 1]);
    let index = index_of(&[echo([asks, answers], 8), echo([answers, asks], 0)]);
    assert_eq!((index.flows.len(), ends(&index.flows[0])), (1, (0, 0)));
    assert_eq!(index.community_id(0).as_deref(), Some("1:X0snYXpgwiv9TZtqg64sgzUn6Dk="));
}

#[test]
fn the_earliest_packet_names_a_flow_whatever_the_file_order() {
    let (early, late) = (from_client(1, ACK, b""), from_client(2, ACK, b""));
    let index = index(&pcap(LinkType::Ipv4, &[(9, late), (5, early)]));
    assert_eq!((index.flows[0].first, index.flows[0].first_offset), (Some(5), 80));
}
