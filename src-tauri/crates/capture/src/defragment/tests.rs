use super::*;
use crate::hand_made::{
    A, B, fragments, ipv4, ipv4_fragment, ipv6, ipv6_fragment, join_bytes, udp,
};
use crate::{LinkType, decapsulate};
use std::slice::from_ref;

const SECOND: i64 = 1_000_000_000;

/// Takes fragments, each a captured packet of its own: its time in seconds, its bytes.
struct Taking(Defragmenter<u32>, u64);

impl Taking {
    fn new() -> Self {
        Self::within(DefragmentLimits::default())
    }

    fn within(limits: DefragmentLimits) -> Self {
        Self(Defragmenter::new(limits), 0)
    }

    fn one(&mut self, session: u32, seconds: i64, packet: &[u8]) -> Taken {
        self.1 += 1;
        let found = decapsulate(LinkType::Raw, packet).inner.unwrap();
        let length = packet.len() as u32;
        let piece = Piece { frame: self.1, packet: self.1 * 100 + 16, offset: 0, start: 0, length };
        let (frame, offset, time) = (self.1, self.1 * 100, Some(seconds * SECOND));
        let fragment =
            Fragmented { data: packet, inner: &found, pieces: &[piece], frame, offset, time };
        self.0.take(session, &fragment)
    }

    fn all(&mut self, packets: &[Vec<u8>]) -> Vec<Taken> {
        packets.iter().map(|packet| self.one(0, 0, packet)).collect()
    }

    fn finish(self) -> Defragmented {
        self.0.finish()
    }
}

fn datagram(taken: &Taken) -> &Datagram {
    match taken {
        Taken::Whole(datagram) => datagram,
        other => panic!("not whole: {other:?}"),
    }
}

fn packet() -> Vec<u8> {
    let content: Vec<u8> = (0..100).collect();
    let mut packet = ipv4([A, B], 17, &udp([1, 2], &content));
    packet[4..6].copy_from_slice(&77u16.to_be_bytes());
    // The checksum of exactly this header.
    packet[10..12].copy_from_slice(&[0x66, 0x1e]);
    packet
}

#[test]
fn fragments_in_any_order_are_the_packet_that_was_cut() {
    let packet = packet();
    let parts = fragments(&packet, 77, 40);
    assert_eq!(parts.len(), 3);
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut taking = Taking::new();
        let taken = taking.all(&order.map(|place| parts[place].clone()));
        assert_eq!(taken[..2], [Taken::Pending, Taken::Pending]);
        let whole = datagram(&taken[2]);
        assert_eq!((&whole.bytes, whole.header_length, whole.version), (&packet, 20, 4));
        let frame = |part: usize| order.iter().position(|place| *place == part).unwrap() as u64 + 1;
        let piece = |part, start, length| {
            let (frame, offset) = (frame(part), 20);
            Piece { frame, packet: frame * 100 + 16, offset, start, length }
        };
        assert_eq!(whole.pieces, [piece(0, 20, 40), piece(1, 60, 40), piece(2, 100, 28)]);
        assert_eq!((whole.first_frame, whole.first_length), (frame(0), 40));
        assert_eq!(whole.out_of_order, order != [0, 1, 2]);
        assert!(!whole.overlapping && !whole.conflicting && whole.duplicates == 0);
        let told = taking.finish();
        let expect = Defragmented { fragments: 3, datagrams: 1, ..Defragmented::default() };
        assert_eq!(told, expect);
    }
}

#[test]
fn the_header_of_an_ipv6_datagram_loses_its_fragment_header() {
    let options = [44, 0, 1, 4, 0, 0, 0, 0];
    let fragment = |next, place: u16, content: &[u8]| {
        let header = join_bytes(&[&[next, 0], &place.to_be_bytes(), &[0, 0, 0, 9]]);
        ipv6(0, &join_bytes(&[&options, &header, content]))
    };
    let content = udp([1, 2], &[5; 32]);
    // The first fragment alone says what it is that was fragmented (RFC 8200 §4.5).
    let parts = [fragment(99, 24, &content[24..]), fragment(17, 1, &content[..24])];
    let taken = Taking::new().all(&parts);
    let whole = datagram(&taken[1]);
    let unfragmented = ipv6(0, &join_bytes(&[&[17, 0, 1, 4, 0, 0, 0, 0], &content]));
    assert_eq!((&whole.bytes, whole.header_length), (&unfragmented, 48));
    let inner = decapsulate(LinkType::Ipv6, &whole.bytes).inner.unwrap();
    assert_eq!((inner.ports, inner.fragment, inner.payload_length), (Some((1, 2)), None, 32));
}

#[test]
fn what_only_looks_as_if_it_belonged_together_is_kept_apart() {
    let [first, last] = [0, 1].map(|part| fragments(&packet(), 77, 64)[part].clone());
    let change = |at: usize| {
        let mut other = last.clone();
        other[at] ^= 1;
        other
    };
    let mut taking = Taking::new();
    taking.one(0, 0, &first);
    // Another session; another identification, protocol, source and destination.
    assert_eq!(taking.one(1, 0, &last), Taken::Pending);
    for at in [5, 9, 15, 19] {
        assert_eq!(taking.one(0, 0, &change(at)), Taken::Pending);
    }
    // Of the same identification after a minute.
    assert_eq!(taking.one(0, 61, &last), Taken::Pending);
    let told = taking.finish();
    assert_eq!((told.datagrams, told.timed_out, told.unfinished), (0, 6, 1));
}

#[test]
fn a_datagram_waits_for_sixty_seconds_of_capture_time() {
    let [first, last] = [0, 1].map(|part| fragments(&packet(), 77, 64)[part].clone());
    for (seconds, whole) in [(60, true), (61, false), (-60, true), (-61, false)] {
        let mut taking = Taking::new();
        taking.one(0, 100, &first);
        let taken = taking.one(0, 100 + seconds, &last);
        assert_eq!(matches!(taken, Taken::Whole(_)), whole, "{seconds}");
        let told = taking.finish();
        assert_eq!((told.timed_out, told.unfinished), (u64::from(!whole), u64::from(!whole)));
    }
}

#[test]
fn what_never_was_whole_is_told_with_its_place() {
    let parts = fragments(&packet(), 77, 40);
    let mut taking = Taking::new();
    taking.all(&[parts[0].clone(), parts[2].clone()]);
    let told = taking.finish();
    let incomplete = Incomplete {
        frame: 1,
        offset: 100,
        source: A.into(),
        destination: B.into(),
        id: 77,
        received: 68,
        total: Some(108),
    };
    let expect = Defragmented {
        fragments: 2,
        unfinished: 1,
        incomplete: vec![incomplete],
        ..Defragmented::default()
    };
    assert_eq!(told, expect);
}

#[test]
fn the_oldest_makes_room_and_is_counted() {
    let first = |id: u16| ipv4_fragment([A, B], 17, id, 0x2000, &[7; 1000]);
    let few = DefragmentLimits { datagrams: 10, ..DefragmentLimits::default() };
    let small = DefragmentLimits { bytes: 20_000, ..DefragmentLimits::default() };
    for limits in [few, small] {
        let mut taking = Taking::within(limits);
        for id in 0..1000 {
            taking.one(0, 0, &first(id));
            assert!(taking.0.known.len() <= 20);
            assert!(taking.0.held <= limits.bytes && taking.0.ages.len() == taking.0.known.len());
        }
        // The newest are still there.
        let last = ipv4_fragment([A, B], 17, 999, 125, b"the rest");
        assert!(matches!(taking.one(0, 0, &last), Taken::Whole(_)));
        let told = taking.finish();
        assert_eq!((told.datagrams, told.displaced + told.unfinished), (1, 999));
        assert!(told.displaced >= 980 && told.incomplete.len() == 100);
    }
    // One fragment that is too much for all there is.
    let mut taking = Taking::within(DefragmentLimits { bytes: 100, datagrams: 1 });
    taking.one(0, 0, &first(1));
    assert_eq!((taking.0.held, taking.0.known.len()), (0, 0));
}

#[test]
fn the_first_copy_stays_and_conflicts_are_told() {
    let part = |place: u16, content: &[u8]| ipv4_fragment([A, B], 17, 77, place, content);
    let last = part(3, b"end.");
    // Bytes that come after the first fragment and before the last; what is joined; whether they overlap
    // otherwise than as a duplicate, whether they conflict, how many are duplicates.
    let a = [b'a'; 16];
    type Case<'a> = (&'a [(u16, &'a [u8])], &'a [u8], bool, bool, u32);
    let cases: [Case<'_>; 6] = [
        (&[(0x2002, b"bbbbbbbb")], b"aaaaaaaaaaaaaaaabbbbbbbbend.", false, false, 0),
        (&[(0x2000, &a), (0x2002, b"bbbbbbbb")], b"aaaaaaaaaaaaaaaabbbbbbbbend.", false, false, 1),
        (&[(0x2001, b"aaaaaaaabbbbbbbb")], b"aaaaaaaaaaaaaaaabbbbbbbbend.", true, false, 0),
        (&[(0x2001, b"xxxxxxxxbbbbbbbb")], b"aaaaaaaaaaaaaaaabbbbbbbbend.", true, true, 0),
        (
            &[(0x2000, b"xxxxxxxxxxxxxxxx"), (0x2002, b"bbbbbbbb")],
            b"aaaaaaaaaaaaaaaabbbbbbbbend.",
            true,
            true,
            0,
        ),
        (
            &[(0x2001, b"aaaaaaaa"), (0x2002, b"bbbbbbbb")],
            b"aaaaaaaaaaaaaaaabbbbbbbbend.",
            false,
            false,
            1,
        ),
    ];
    for (between, joined, overlapping, conflicting, duplicates) in cases {
        let mut taking = Taking::new();
        taking.one(0, 0, &part(0x2000, &a));
        for (place, content) in between {
            assert_eq!(taking.one(0, 0, &part(*place, content)), Taken::Pending);
        }
        let taken = taking.one(0, 0, &last);
        let whole = datagram(&taken);
        assert_eq!(&whole.bytes[20..], joined, "{between:?}");
        let marks = (whole.overlapping, whole.conflicting, whole.duplicates);
        assert_eq!(marks, (overlapping, conflicting, duplicates), "{between:?}");
        let told = taking.finish();
        let kinds: Vec<_> = told.anomalies.iter().map(|anomaly| anomaly.kind).collect();
        assert_eq!(kinds, ["fragment.conflict"][..usize::from(conflicting)]);
        assert_eq!(told.duplicates, duplicates.into());
    }
}

#[test]
fn a_fragment_that_fills_holes_around_another_is_taken_apart() {
    let part = |place: u16, content: &[u8]| ipv4_fragment([A, B], 17, 77, place, content);
    let mut taking = Taking::new();
    taking.one(0, 0, &part(0x2001, b"xxxxxxxx"));
    taking.one(0, 0, &part(0x2000, b"aaaaaaaabbbbbbbbcccccccc"));
    let taken = taking.one(0, 0, &part(3, b"end"));
    let whole = datagram(&taken);
    assert_eq!(&whole.bytes[20..], b"aaaaaaaaxxxxxxxxccccccccend");
    let piece = |frame: u64, offset, start, length| Piece {
        frame,
        packet: frame * 100 + 16,
        offset,
        start,
        length,
    };
    let pieces =
        [piece(2, 20, 20, 8), piece(1, 20, 28, 8), piece(2, 36, 36, 8), piece(3, 20, 44, 3)];
    assert_eq!(whole.pieces, pieces);
    assert!(whole.conflicting);
}

#[test]
fn overlapping_ipv6_fragments_are_discarded_with_their_datagram() {
    let part = |place, content: &[u8]| ipv6_fragment(9, 17, place, content);
    let mut taking = Taking::new();
    assert_eq!(taking.one(0, 0, &part(1, &[1; 16])), Taken::Pending);
    // The same once more is none of that.
    assert_eq!(taking.one(0, 0, &part(1, &[1; 16])), Taken::Pending);
    assert_eq!(taking.one(0, 0, &part(9, &[1; 16])), Taken::Refused(Refusal::Overlap));
    assert_eq!(taking.one(0, 0, &part(24, &[1; 8])), Taken::Refused(Refusal::Overlap));
    // A minute later the identification means another datagram.
    assert_eq!(taking.one(0, 61, &part(1, &[1; 16])), Taken::Pending);
    assert!(matches!(taking.one(0, 61, &part(16, &[1; 8])), Taken::Whole(_)));
    let told = taking.finish();
    assert_eq!((told.datagrams, told.discarded, told.refused), (1, 1, 2));
    assert_eq!(told.anomalies[0].kind, "fragment.overlap");
    assert_eq!((told.anomalies.len(), told.anomalies[0].offset), (2, 300));
}

#[test]
fn what_breaks_the_rules_is_refused_by_name() {
    let v4 = |place: u16, content: &[u8]| ipv4_fragment([A, B], 17, 77, place, content);
    let check = |before: &[Vec<u8>], packet: &[u8], refusal, kind: &str| {
        let mut taking = Taking::new();
        taking.all(before);
        assert_eq!(taking.one(0, 0, packet), Taken::Refused(refusal));
        let told = taking.finish();
        let at = (before.len() as u64 + 1) * 100;
        assert_eq!((told.anomalies[0].kind, told.anomalies[0].offset), (kind, at));
        assert_eq!((told.refused, told.anomalies.len()), (1, 1));
    };
    check(&[], &v4(0x2000, b"seven b"), Refusal::Length, "fragment.length");
    check(&[], &v4(0x2000, b""), Refusal::Length, "fragment.length");
    check(&[], &v4(5, b""), Refusal::Length, "fragment.length");
    check(&[], &ipv6_fragment(9, 17, 1, b"seven b"), Refusal::Length, "fragment.length");
    // "Ping of death": 65,528 + 20 + 8.
    check(&[], &v4(0x1fff, &[0; 8]), Refusal::TooLong, "fragment.too_long");
    check(&[], &ipv6_fragment(9, 17, 0xfff8, &[0; 8]), Refusal::TooLong, "fragment.too_long");
    let last = v4(2, b"the end");
    check(from_ref(&last), &v4(0x2002, &[0; 8]), Refusal::End, "fragment.end");
    check(from_ref(&last), &v4(0x2001, &[0; 16]), Refusal::End, "fragment.end");
    check(from_ref(&last), &v4(2, b"another end"), Refusal::End, "fragment.end");
    check(&[v4(0x2004, &[0; 8])], &last, Refusal::End, "fragment.end");
    let mut taking = Taking::new();
    assert_eq!(taking.one(0, 0, &packet()), Taken::Refused(Refusal::Whole));
}

#[test]
fn the_longest_datagram_is_joined_and_a_longer_one_is_not() {
    // 65,515 bytes of content are what a header of twenty bytes can have.
    let content = vec![7; 65_515];
    let packet = ipv4([A, B], 17, &content);
    let parts = fragments(&packet, 77, 32_000);
    let mut taking = Taking::new();
    let taken = taking.all(&parts);
    assert_eq!(datagram(&taken[2]).bytes.len(), 65_535);
    // Options in the first fragment alone leave less room than the last one knows of.
    let mut first = parts[0].clone();
    first.splice(20..20, [1; 4]);
    first[0] = 0x46;
    first[2..4].copy_from_slice(&32_024u16.to_be_bytes());
    let mut taking = Taking::new();
    let taken = taking.all(&[parts[1].clone(), parts[2].clone(), first]);
    assert_eq!(taken[2], Taken::Refused(Refusal::TooLong));
    assert_eq!((taking.0.known.len(), taking.finish().discarded), (1, 1));
}

#[test]
fn a_fragment_that_was_not_captured_whole_is_no_fault_and_no_part() {
    let parts = fragments(&packet(), 77, 64);
    let mut taking = Taking::new();
    let cut = &parts[0][..parts[0].len() - 1];
    assert_eq!(taking.one(0, 0, cut), Taken::Refused(Refusal::Cut));
    assert_eq!(taking.one(0, 0, &parts[1]), Taken::Pending);
    assert!(matches!(taking.one(0, 0, &parts[0]), Taken::Whole(_)));
    let told = taking.finish();
    assert_eq!((told.cut, told.refused, told.anomalies.len()), (1, 0, 0));
}

#[test]
fn fragments_that_come_again_after_all_are_duplicates_and_no_incomplete_datagram() {
    let parts = fragments(&packet(), 77, 64);
    let mut taking = Taking::new();
    let taken = taking.all(&[&parts[..], &parts[1..]].concat());
    assert!(matches!(taken[1], Taken::Whole(_)) && taken[2] == Taken::Pending);
    let told = taking.finish();
    assert_eq!((told.datagrams, told.duplicates, told.unfinished), (1, 1, 0));
    // All of them once more are the datagram once more.
    let mut taking = Taking::new();
    taking.all(&[&parts[..], &parts[..]].concat());
    assert_eq!(taking.finish().datagrams, 2);
    // Other bytes are a datagram of their own, which is incomplete.
    let mut other = parts[1].clone();
    other[25] ^= 1;
    let mut taking = Taking::new();
    taking.all(&[&parts[..], &[other]].concat());
    let told = taking.finish();
    assert_eq!((told.datagrams, told.duplicates, told.unfinished), (1, 0, 1));
}

#[test]
fn thousands_of_smallest_fragments_are_joined_in_no_time() {
    let content: Vec<u8> = (0..65_000u32).map(|byte| byte as u8).collect();
    let mut parts = fragments(&ipv4([A, B], 17, &content), 77, 8);
    parts.reverse();
    let mut taking = Taking::new();
    // Each comes twice, and each time with all before it in the way.
    let twice: Vec<_> = parts.iter().flat_map(|part| [part, part]).cloned().collect();
    let begun = std::time::Instant::now();
    let taken = taking.all(&twice);
    assert!(begun.elapsed().as_secs() < 5);
    let whole = taken.iter().find(|taken| matches!(taken, Taken::Whole(_))).unwrap();
    assert_eq!(datagram(whole).bytes[20..], content);
    assert_eq!(datagram(whole).duplicates, 8124);
}
