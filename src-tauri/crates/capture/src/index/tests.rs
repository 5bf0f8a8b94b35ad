use super::*;
use crate::hand_made::{
    A, B, Whole, ethernet, index, index_file, ipv4, ipv4_fragment, mirrored, opened, pcap, tcp, udp,
};
use crate::hostile::frames;
use crate::{Limits, LinkType, StopReason};
use evidence::Address;

mod carried;

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
fn index_of(packets: &[Vec<u8>]) -> Whole {
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
    assert!(index.packets_of(1).is_empty());
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
    assert_eq!((index.packets_of(0), index.packets_of(1)), (vec![0, 2], vec![1]));
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
    assert_eq!((index.flows[0].packets_client, index.orphan_fragments), (2, 1));
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
    let packets = [(1, echo([asks, answers], 8)), (2, echo([answers, asks], 0))];
    let index = opened(index_file(&pcap(LinkType::Ipv4, &packets), Limits::default()));
    let flow = index.flow(0).unwrap();
    assert_eq!((index.flow_count(), ends(&flow)), (1, (0, 0)));
    assert_eq!(index.community_id(&flow), "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=");
}

#[test]
fn the_earliest_packet_names_a_flow_whatever_the_file_order() {
    let (early, late) = (from_client(1, ACK, b""), from_client(2, ACK, b""));
    let index = index(&pcap(LinkType::Ipv4, &[(9, late), (5, early)]));
    assert_eq!((index.flows[0].first, index.flows[0].first_offset), (Some(5), 80));
}

/// Connections that take turns, so that each lasts longer than a short run.
fn crowd() -> Vec<u8> {
    let mut packets = Vec::new();
    for round in 0..6u32 {
        for port in 0..9 {
            let content = [round as u8; 20];
            let flags = if round == 0 { SYN } else { ACK };
            let segment = tcp([40_000 + port, 443], 100 + round * 20, 0, flags, &content);
            let frame = ethernet(0x0800, &ipv4([A, B], 6, &segment));
            let time = SECOND * u64::from(round) + u64::from(port);
            packets.push((time, mirrored([10, 0, 0, 7], u32::from(port % 2), &frame)));
        }
        packets.push((SECOND * u64::from(round) + 50, ethernet(0x0806, &[0; 28])));
    }
    packets.extend((100..).zip(frames()));
    pcap(LinkType::Ethernet, &packets)
}

#[test]
fn what_does_not_fit_into_memory_is_indexed_all_the_same() {
    let capture = crowd();
    let whole = index(&capture);
    // A flow that lasts longer than a run is several; nothing else differs.
    let essence = |index: &Whole| -> Vec<PacketEntry> {
        let packets = index.packets.iter().cloned();
        packets.map(|packet| PacketEntry { flow: packet.flow.map(|_| 0), ..packet }).collect()
    };
    for packets in [1, 2, 7, 1000] {
        for flows in [1, 2, 5, 1000] {
            let small = opened(index_file(&capture, Limits { packets, flows }));
            let small = Whole::of(&small);
            assert_eq!(essence(&small), essence(&whole), "{packets} {flows}");
            assert_eq!(small.sessions, whole.sessions);
        }
    }
}

#[test]
fn a_packet_is_found_by_where_it_stands() {
    let capture = crowd();
    let index = opened(index_file(&capture, Limits { packets: 5, flows: 3 }));
    for packet in Whole::of(&index).packets {
        let found = index.packet_at(packet.offset).unwrap().unwrap();
        assert_eq!(PacketEntry { flow: None, ..found }, PacketEntry { flow: None, ..packet });
    }
    for offset in [0, 25, capture.len() as u64, u64::MAX] {
        assert_eq!(index.packet_at(offset).unwrap(), None);
    }
}

#[test]
fn the_flows_of_a_tuple_are_found_whoever_asks() {
    let index = opened(index_file(&crowd(), Limits::default()));
    for (place, flow) in (0..).zip(index.flows()) {
        let flow = flow.unwrap();
        let tuple = index.tuple(&flow).unwrap();
        assert!(index.flows_of(&tuple).unwrap().contains(&(place, flow)));
        let unknown = Tuple { protocol: 99, ..tuple };
        assert_eq!(index.flows_of(&unknown).unwrap(), []);
    }
}

#[test]
fn no_changed_cut_or_added_byte_is_believed() {
    let file = index_file(&crowd()[..3000], Limits::default());
    let intact = Whole::of(&opened(file.clone()));
    let read = |bytes: &[u8]| -> Result<(), IndexError> {
        let index = PacketIndex::open(Box::new(bytes.to_vec()))?;
        for place in 0..index.flow_count() {
            index.packets_of(place)?;
        }
        for packet in &intact.packets {
            index.packet_at(packet.offset)?;
        }
        Ok(())
    };
    read(&file).unwrap();
    for place in 0..file.len() {
        let mut changed = file.clone();
        changed[place] ^= 0x10;
        assert!(read(&changed).is_err(), "byte {place}");
        assert!(read(&file[..place]).is_err(), "cut at {place}");
    }
    assert!(matches!(read(&[&file[..], &[0]].concat()), Err(IndexError::Foreign)));
    let mut other = file.clone();
    let version = file.len() - 44;
    other[version] = 9;
    let error = read(&other).unwrap_err();
    assert!(matches!(error, IndexError::Version { found: 9 }));
    assert!(error.to_string().contains("rebuild"));
}

#[test]
fn an_index_of_nothing_is_an_index() {
    let index = opened(index_file(&pcap(LinkType::Ethernet, &[]), Limits::default()));
    assert_eq!((index.flow_count(), index.packet_count(), index.span()), (0, 0, None));
    assert_eq!(index.packets_without_flow().unwrap(), []);
}

#[test]
fn packets_are_counted_by_minute_and_by_what_stopped_their_reading() {
    let capture = pcap(
        LinkType::Ethernet,
        &[
            (0, ethernet(0x0806, &[0; 28])),
            (59 * SECOND, ethernet(0x0806, &[0; 28])),
            (60 * SECOND, ethernet(0x0800, &from_client(1, ACK, b""))),
        ],
    );
    let index = opened(index_file(&capture, Limits::default()));
    let minutes: Vec<_> = index.activity().iter().map(|a| (a.minute, a.packets)).collect();
    assert_eq!(minutes, [(0, 2), (1, 1)]);
    let unread = Unread { link: LinkType::Ethernet, reason: StopReason::NotIp, packets: 2 };
    assert_eq!(index.unread(), [unread]);
}
