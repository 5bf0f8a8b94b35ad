use crate::hand_made::{Gathered, join_bytes, pcap};
use crate::{Format, LinkType, sniff};

/// A capture with this magic number and byte order, and one record per packet of four bytes.
fn capture(magic: u32, big: bool, extra: usize, fraction: u32) -> Vec<u8> {
    let word = |number: u32| if big { number.to_be_bytes() } else { number.to_le_bytes() };
    let half = |number: u16| if big { number.to_be_bytes() } else { number.to_le_bytes() };
    let mut bytes =
        join_bytes(&[&word(magic), &half(2), &half(4), &[0; 8], &word(65_535), &word(1)]);
    for second in [1_700_000_000, 1_700_000_001] {
        let fields = [second, fraction, 4, 60];
        fields.into_iter().for_each(|field| bytes.extend(word(field)));
        bytes.extend(vec![0; extra]);
        bytes.extend(b"abcd");
    }
    bytes
}

#[test]
fn every_variant_gives_the_same_packets() {
    for big in [false, true] {
        for (magic, extra, fraction) in
            [(0xa1b2_c3d4, 0, 5_000), (0xa1b2_3c4d, 0, 5_000_000), (0xa1b2_cd34, 8, 5_000)]
        {
            let bytes = capture(magic, big, extra, fraction);
            assert_eq!(sniff(&bytes), Some(Format::Pcap));
            let read = Gathered::of(&bytes);
            let second = (24 + 20 + extra) as u64;
            let data = b"abcd".to_vec();
            assert_eq!(
                read.packets,
                [
                    (24, 1, Some(1_700_000_000_005_000_000), data.clone()),
                    (second, 2, Some(1_700_000_001_005_000_000), data)
                ]
            );
            assert_eq!(read.links, [LinkType::Ethernet; 2]);
            assert_eq!(read.faults(), []);
        }
    }
}

#[test]
fn a_cut_record_is_an_anomaly_that_says_how_much_was_there() {
    let bytes = capture(0xa1b2_c3d4, false, 0, 0);
    let read = Gathered::of(&bytes[..62]);
    assert_eq!(read.packets.len(), 1);
    assert_eq!(read.faults(), [("pcap.record_cut", 44, 18)]);
    assert_eq!(read.anomalies[0].found, "18 bytes, then the end");
    assert_eq!(Gathered::of(&bytes[..50]).faults(), [("pcap.record_cut", 44, 6)]);
    assert_eq!(Gathered::of(&bytes[..23]).faults(), [("pcap.header_cut", 0, 23)]);
}

#[test]
fn a_nonsensical_length_ends_the_reading_and_keeps_what_was_before() {
    let mut bytes = capture(0xa1b2_c3d4, false, 0, 0);
    bytes[52..56].copy_from_slice(&u32::MAX.to_le_bytes());
    let read = Gathered::of(&bytes);
    assert_eq!(read.packets.len(), 1);
    assert_eq!(read.faults(), [("pcap.record_length", 44, 20)]);
}

#[test]
fn a_tail_of_zeros_is_not_a_crowd_of_empty_packets() {
    let mut bytes = capture(0xa1b2_c3d4, false, 0, 0);
    bytes.extend(vec![0; 4096]);
    let read = Gathered::of(&bytes);
    assert_eq!(read.packets.len(), 2);
    assert_eq!(read.faults(), [("pcap.zeros", 64, 4096)]);
}

#[test]
fn a_repeated_oddity_is_told_once_with_its_number() {
    let read = Gathered::of(&capture(0xa1b2_c3d4, false, 0, 1_000_000));
    assert_eq!(read.packets[0].2, Some(1_700_000_001_000_000_000));
    assert_eq!(read.faults(), [("pcap.time_fraction", 24, 8)]);
    assert_eq!(read.anomalies[0].found, "1000000 (the first of 2 such packets)");
}

#[test]
fn an_original_length_below_the_captured_one_is_told() {
    let mut bytes = pcap(LinkType::Ethernet, &[(1, b"abcd".to_vec())]);
    bytes[36] = 3;
    let read = Gathered::of(&bytes);
    assert_eq!((read.packets.len(), read.faults()), (1, vec![("pcap.original_length", 24, 16)]));
}

#[test]
fn what_is_no_capture_is_one_anomaly() {
    assert_eq!(Gathered::of(b"PK\x03\x04....").faults(), [("capture.magic", 0, 8)]);
    assert_eq!(Gathered::of(b"").faults(), [("capture.magic", 0, 0)]);
    assert_eq!(sniff(b"\xd4\xc3"), None);
}
