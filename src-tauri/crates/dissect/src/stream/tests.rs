use super::*;
use proptest::prelude::*;

/// A segment that was captured whole.
fn data(packet: u32, seq: u32, payload: &[u8]) -> Segment<'_> {
    let payload_length = u32::try_from(payload.len()).unwrap();
    let time = i64::from(packet) * 1000;
    Segment { packet, time, seq, syn: false, fin: false, rst: false, payload, payload_length }
}

fn syn(packet: u32, seq: u32) -> Segment<'static> {
    Segment { syn: true, ..data(packet, seq, b"") }
}

fn fin(packet: u32, seq: u32) -> Segment<'static> {
    Segment { fin: true, ..data(packet, seq, b"") }
}

fn kinds(stream: &Stream) -> Vec<&'static str> {
    stream.anomalies.iter().map(|anomaly| anomaly.kind).collect()
}

fn gaps(stream: &Stream) -> Vec<(u64, u64, GapCause)> {
    stream.gaps.iter().map(|gap| (gap.stream_offset, gap.length, gap.cause)).collect()
}

fn all(segments: &[Segment<'_>]) -> Stream {
    reassemble(segments, usize::MAX)
}

#[test]
fn segments_in_order_are_one_run_and_each_byte_knows_its_packet() {
    let stream = all(&[syn(1, 99), data(2, 100, b"abc"), data(5, 103, b"de"), fin(6, 105)]);
    assert_eq!(stream.bytes, b"abcde");
    assert_eq!(stream.runs, [Run { stream_offset: 0, start: 0, length: 5 }]);
    assert!(stream.gaps.is_empty() && stream.anomalies.is_empty());
    assert!(stream.start_seen && stream.end_seen && !stream.reset);
    assert_eq!(stream.source_of(2), Some((2, 2)));
    assert_eq!(stream.source_of(3), Some((5, 0)));
    assert_eq!(stream.source_of(5), None);
    assert_eq!(stream.time_of(4), Some(5000));
    let sources = stream.sources_of(1..4);
    let cut: Vec<_> = sources
        .iter()
        .map(|piece| (piece.start, piece.length, piece.packet, piece.packet_payload_offset))
        .collect();
    assert_eq!(cut, [(1, 2, 2, 1), (3, 1, 5, 0)]);
}

#[test]
fn sequence_numbers_wrap_around() {
    let stream = all(&[
        syn(1, u32::MAX - 3),
        data(2, u32::MAX - 2, b"abc"),
        data(3, 0, b"def"),
        data(4, 3, b"ghi"),
    ]);
    assert_eq!(stream.bytes, b"abcdefghi");
    assert!(stream.anomalies.is_empty());
}

#[test]
fn a_lost_segment_leaves_a_gap_and_no_invented_bytes() {
    let stream = all(&[syn(1, 0), data(2, 1, b"abc"), data(3, 7, b"xyz")]);
    assert_eq!(stream.bytes, b"abcxyz");
    assert_eq!(gaps(&stream), [(3, 3, GapCause::Lost)]);
    assert_eq!(stream.runs[1], Run { stream_offset: 6, start: 3, length: 3 });
    assert_eq!(stream.offset_of(3), Some(6));
    assert_eq!(stream.position_of(6), Some(3));
    assert_eq!(stream.position_of(4), None);
    assert_eq!(stream.unbroken_from(1), b"bc");
    assert_eq!(stream.next_run(1), Some(6));
    assert_eq!(stream.end(), 9);
}

#[test]
fn a_cut_copy_leaves_a_gap_of_its_own_kind() {
    let cut = Segment { payload_length: 10, ..data(2, 1, b"abcd") };
    let stream = all(&[syn(1, 0), cut, data(3, 13, b"z")]);
    assert_eq!(gaps(&stream), [(4, 6, GapCause::Truncated), (10, 2, GapCause::Lost)]);
    let stream = all(&[syn(1, 0), cut]);
    assert_eq!(gaps(&stream), [(4, 6, GapCause::Truncated)]);
    let whole = data(3, 1, b"abcdefghij");
    let stream = all(&[syn(1, 0), cut, whole]);
    assert_eq!(stream.bytes, b"abcdefghij");
    assert!(stream.gaps.is_empty());
}

#[test]
fn what_an_acknowledgement_tells_of_lost_bytes_is_a_gap_at_the_end() {
    let stream = all(&[syn(1, 0), data(2, 1, b"abc"), data(3, 10, b"")]);
    assert_eq!(gaps(&stream), [(3, 6, GapCause::Lost)]);
    let after_fin = all(&[syn(1, 0), data(2, 1, b"abc"), fin(3, 4), data(4, 5, b"")]);
    assert!(after_fin.gaps.is_empty() && after_fin.anomalies.is_empty());
    let first_lost = all(&[syn(1, 0), data(2, 4, b"def")]);
    assert_eq!(gaps(&first_lost), [(0, 3, GapCause::Lost)]);
}

#[test]
fn an_identical_retransmission_is_counted() {
    let stream = all(&[syn(1, 0), data(2, 1, b"abcd"), data(3, 3, b"cdef"), data(4, 1, b"ab")]);
    assert_eq!(stream.bytes, b"abcdef");
    assert_eq!((stream.retransmitted_segments, stream.retransmitted_bytes), (2, 4));
    assert!(stream.conflicts.is_empty());
}

#[test]
fn a_conflicting_retransmission_keeps_both_copies_and_names_both_packets() {
    let stream = all(&[syn(1, 0), data(2, 1, b"GET /safe"), data(3, 5, b" /evil!")]);
    assert_eq!(stream.bytes, b"GET /safel!");
    let conflict = &stream.conflicts[0];
    assert_eq!((conflict.kept_packet, conflict.other_packet), (2, 3));
    assert_eq!(kinds(&stream), ["tcp.overlap_conflict"]);
    assert_eq!(conflict.stream_offset, 4);
    assert_eq!(conflict.kept, b"/safe");
    assert_eq!(conflict.other, b" /evi");
}

#[test]
fn a_stream_without_syn_starts_at_its_lowest_byte() {
    let stream = all(&[data(1, 1000, b"def"), data(2, 997, b"abc")]);
    assert_eq!(stream.bytes, b"abcdef");
    assert!(!stream.start_seen && stream.gaps.is_empty());
}

#[test]
fn bytes_before_the_syn_are_stated_not_taken() {
    let stream = all(&[syn(1, 100), data(2, 101, b"abc"), data(3, 90, b"0123456789-ab")]);
    assert_eq!(stream.bytes, b"abc");
    assert_eq!(kinds(&stream), ["tcp.before_start"]);
    assert!(stream.anomalies[0].found.contains("packet 3"));
    // Two of its bytes lie in the stream, and agree.
    assert_eq!(stream.retransmitted_bytes, 2);
}

#[test]
fn keep_alive_bytes_are_no_conflict() {
    let probe = data(3, 3, b"\0");
    let stream = all(&[syn(1, 0), data(2, 1, b"abc"), probe, data(4, 4, b"d")]);
    assert_eq!(stream.bytes, b"abcd");
    assert_eq!(stream.keep_alives, 1);
    assert!(stream.anomalies.is_empty());
    let early = all(&[syn(1, 0), data(2, 0, b"\0"), data(3, 1, b"abc")]);
    assert_eq!((early.bytes.as_slice(), early.keep_alives), (&b"abc"[..], 1));
}

#[test]
fn bytes_behind_the_fin_are_kept_and_stated() {
    let stream = all(&[syn(1, 0), data(2, 1, b"abc"), fin(3, 4), data(4, 4, b"more")]);
    assert_eq!(stream.bytes, b"abcmore");
    assert_eq!(kinds(&stream), ["tcp.after_fin"]);
}

#[test]
fn a_reset_is_noted_and_its_text_is_no_stream() {
    let rst = Segment { rst: true, ..data(3, 77_777, b"go away") };
    let stream = all(&[syn(1, 0), data(2, 1, b"abc"), rst]);
    assert_eq!(stream.bytes, b"abc");
    assert!(stream.reset && stream.gaps.is_empty());
    assert_eq!(kinds(&stream), ["tcp.rst_payload"]);
}

#[test]
fn of_two_attempts_to_connect_the_one_with_data_counts() {
    let stream = all(&[syn(1, 5), syn(2, 900_000), data(3, 900_001, b"abc")]);
    assert_eq!(stream.bytes, b"abc");
    assert_eq!(kinds(&stream), ["tcp.second_syn"]);
    assert!(stream.gaps.is_empty());
}

#[test]
fn a_limit_that_was_reached_is_stated() {
    let stream = reassemble(&[syn(1, 0), data(2, 1, b"abcd"), data(3, 5, b"efgh")], 6);
    assert_eq!(stream.bytes, b"abcdef");
    assert_eq!(stream.omitted, 2);
    assert_eq!(kinds(&stream), ["tcp.limit"]);
}

#[test]
fn one_forged_segment_far_away_does_not_lead_the_rest_astray() {
    let stream =
        all(&[syn(1, 0), data(2, 1, b"abc"), data(3, 0x7fff_fff0, b"forged"), data(4, 4, b"def")]);
    assert_eq!(stream.unbroken_from(0), b"abcdef");
}

#[test]
fn nothing_is_an_empty_stream() {
    assert_eq!(all(&[]), Stream::default());
    let rst = Segment { rst: true, ..data(1, 0, b"") };
    assert_eq!(all(&[rst]), Stream { reset: true, ..Stream::default() });
}

proptest! {
    #[test]
    fn any_order_duplication_and_split_gives_the_same_stream(
        content in proptest::collection::vec(any::<u8>(), 2..400),
        isn in any::<u32>(),
        cuts in proptest::collection::vec((any::<u16>(), 2u16..60), 1..40),
        order in any::<u64>(),
    ) {
        let mut parts: Vec<(usize, usize)> = (0..content.len())
            .step_by(37)
            .map(|start| (start, (start + 37).min(content.len())))
            .collect();
        parts.extend(cuts.iter().map(|(start, length)| {
            let start = usize::from(*start) % content.len();
            (start, (start + usize::from(*length)).min(content.len()))
        }));
        let mut segments: Vec<Segment<'_>> = parts
            .iter()
            .zip(2..)
            .map(|((start, end), packet)| {
                let seq = isn.wrapping_add(1).wrapping_add(u32::try_from(*start).unwrap());
                data(packet, seq, &content[*start..*end])
            })
            .collect();
        segments.push(syn(1, isn));
        let mut state = order | 1;
        for at in (1..segments.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            segments.swap(at, usize::try_from(state >> 33).unwrap() % (at + 1));
        }
        let stream = all(&segments);
        prop_assert_eq!(&stream.bytes, &content);
        prop_assert_eq!(stream.runs.len(), 1);
        prop_assert!(stream.gaps.is_empty() && stream.conflicts.is_empty());
        prop_assert!(stream.anomalies.is_empty());
        let mut at = 0;
        for piece in &stream.pieces {
            prop_assert_eq!(piece.start, at);
            at += piece.length;
            let (start, _) = parts[piece.packet as usize - 2];
            let there = start + piece.packet_payload_offset as usize;
            prop_assert_eq!(&content[there..there + piece.length], &stream.bytes[piece.start..at]);
        }
        prop_assert_eq!(at, content.len());
    }

    #[test]
    fn hostile_segments_keep_the_bookkeeping_whole(
        fields in proptest::collection::vec(
            (any::<u32>(), 0u8..8, 0usize..20, any::<u32>()), 0..40),
    ) {
        let bytes: Vec<u8> = (0..20).collect();
        let segments: Vec<Segment<'_>> = fields
            .iter()
            .zip(0..)
            .map(|((seq, flags, length, wire), packet)| Segment {
                syn: flags & 1 != 0,
                fin: flags & 2 != 0,
                rst: flags & 4 != 0,
                payload_length: *wire,
                // Close together often enough to meet.
                seq: if wire & 1 == 0 { *seq } else { seq & 0xff },
                ..data(packet, 0, &bytes[..*length])
            })
            .collect();
        let stream = reassemble(&segments, 300);
        let held: usize = stream.runs.iter().map(|run| run.length).sum();
        let sources: usize = stream.pieces.iter().map(|piece| piece.length).sum();
        prop_assert_eq!(held, stream.bytes.len());
        prop_assert_eq!(sources, stream.bytes.len());
        // Runs and gaps cover the stream without holes or overlaps.
        let mut spans: Vec<(u64, u64)> = stream
            .runs
            .iter()
            .map(|run| (run.stream_offset, run.length as u64))
            .chain(stream.gaps.iter().map(|gap| (gap.stream_offset, gap.length)))
            .collect();
        spans.sort_unstable();
        let mut at = 0;
        for (start, length) in spans {
            prop_assert_eq!(start, at);
            at += length;
        }
        prop_assert_eq!(at, stream.end());
    }
}
