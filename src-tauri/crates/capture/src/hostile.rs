//! Damaged input: whatever it is, reading ends, nothing panics, and nothing fails.

use crate::hand_made::{
    A, B, Gathered, LINKS, TUNNELS, ethernet, framed, geneve, index, ipv4, ipv6, mirrored, pcap,
    tcp, udp,
};
use crate::{LinkType, decapsulate};

/// Frames of what AWS mirrors, and of IPv6.
pub(crate) fn frames() -> Vec<Vec<u8>> {
    let segment = tcp([1234, 443], 1, 2, 0x18, b"content");
    let frame = ethernet(0x0800, &ipv4([A, B], 6, &segment));
    let mirror = mirrored([10, 0, 0, 7], 42, &frame);
    let balanced = udp([60_000, 6081], &geneve(0xabc, 0x0800, &mirror[14..]));
    let extended = [&[44, 0, 1, 2, 0, 0, 0, 0][..], &[6, 0, 0, 1, 0, 0, 0, 5], &segment].concat();
    vec![
        ethernet(0x86dd, &ipv6(0, &extended)),
        ethernet(0x0800, &ipv4([A, B], 17, &balanced)),
        mirror,
    ]
}

fn captures() -> [Vec<u8>; 2] {
    let frames: Vec<_> = (1..).zip(frames()).collect();
    let pcap = pcap(LinkType::Ethernet, &frames);
    let mut pcapng = b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\x01\0\0\0".to_vec();
    pcapng.extend([0xff; 8]);
    pcapng.extend(b"\x1c\0\0\0\x01\0\0\0\x14\0\0\0\x01\0\0\0\0\0\0\0\x14\0\0\0");
    for (_, mut frame) in frames {
        frame.resize(frame.len().next_multiple_of(4), 0);
        let length = (frame.len() as u32).to_le_bytes();
        let total = (frame.len() as u32 + 32).to_le_bytes();
        let head = [&[6, 0, 0, 0][..], &total, &[0; 8], &[1, 0, 0, 0], &length, &length];
        pcapng.extend([&head.concat()[..], &frame, &total].concat());
    }
    [pcap, pcapng]
}

#[test]
fn every_prefix_of_a_capture_is_read_to_its_end() {
    for capture in captures() {
        let whole = Gathered::of(&capture);
        assert_eq!((whole.packets.len(), whole.faults()), (3, vec![]));
        for end in 0..capture.len() {
            let read = Gathered::of(&capture[..end]);
            assert_eq!(read.packets, whole.packets[..read.packets.len()]);
            let between = read.faults().is_empty();
            assert!(read.faults().len() == 1 || between, "{end}: {:?}", read.anomalies);
        }
    }
}

#[test]
fn every_changed_byte_of_a_capture_is_survived() {
    for capture in captures() {
        for place in 0..capture.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff, capture[place] ^ 1, capture[place] ^ 0x80] {
                let mut changed = capture.clone();
                changed[place] = value;
                let index = index(&changed);
                for packet in &index.packets {
                    assert!(packet.flow.is_none_or(|flow| (flow as usize) < index.flows.len()));
                    assert!(packet.payload_captured <= packet.caplen);
                }
            }
        }
    }
}

#[test]
fn every_prefix_and_every_byte_of_a_packet_is_survived_in_every_link_type() {
    let packet = ipv4([A, B], 6, &tcp([1234, 443], 1, 2, 0x18, b"content"));
    let tunnels = TUNNELS.map(|(_, wrap, _)| framed(&wrap(&packet)));
    let links = LINKS.map(|(_, _, wrap, _)| wrap(&packet));
    for frame in frames().into_iter().chain(tunnels).chain(links) {
        for link in (0..300).map(LinkType::from_number) {
            for end in 0..=frame.len() {
                decapsulate(link, &frame[..end]);
            }
        }
        for place in 0..frame.len() {
            for value in 0..=255 {
                let mut changed = frame.clone();
                changed[place] = value;
                decapsulate(LinkType::Ethernet, &changed);
            }
        }
    }
}
