//! From segments to a stream (RFC 9293).

use super::coverage::{Coverage, Held};
use super::sequence::Unwrap;
use super::{Conflict, Gap, GapCause, Piece, Run, Segment, Stream};
use evidence::{Anomaly, show_bytes};
use std::ops::Range;

/// Conflicts kept with their bytes. More are counted.
const CONFLICT_CAP: usize = 10_000;
/// SYNs looked at for the one that the data follows.
const SYN_CAP: usize = 16;

/// Joins the segments of one direction, given in capture order, holding at most `limit` bytes.
///
/// Where segments agree on their bytes their order makes no difference. Where they disagree the first copy
/// is kept, and the other with it as a [`Conflict`]. Without a SYN the stream starts at the lowest sequence
/// number that carries a byte.
pub fn reassemble<'a>(segments: &[Segment<'a>], limit: usize) -> Stream {
    let mut stream = Stream::default();
    let places = place(segments, &mut stream);
    let mut coverage = Coverage::default();
    let mut sent = Sent::default();
    let mut conflicts = Conflicts { kept_bytes: 0, limit, uncounted: 0 };
    for (index, (segment, place)) in segments.iter().zip(&places).enumerate() {
        let Some(place) = *place else { continue };
        let wire = u64::from(segment.payload_length).max(segment.payload.len() as u64);
        let Some((start, before)) = clip(place, wire, segment, &mut stream) else { continue };
        if is_keep_alive(segment, start, sent.end, &coverage) {
            stream.keep_alives = stream.keep_alives.saturating_add(1);
            continue;
        }
        let bytes = segment.payload.get(before..).unwrap_or_default();
        let wire_end = start.saturating_add(wire.saturating_sub(before as u64));
        sent.note(segment, start..wire_end, bytes.len());
        let held = Held { segment: index, payload_offset: before, bytes };
        let mut same = 0;
        for (offset, old, new) in coverage.add(start, held) {
            same = u64::saturating_add(same, agreeing(old.bytes, new));
            if old.bytes != new {
                let kept = segments.get(old.segment).map_or(0, |segment| segment.packet);
                conflicts.note(&mut stream, offset, (kept, old.bytes), (segment.packet, new));
            }
        }
        if same > 0 {
            stream.retransmitted_segments = stream.retransmitted_segments.saturating_add(1);
            stream.retransmitted_bytes = stream.retransmitted_bytes.saturating_add(same);
        }
    }
    conflicts.state(&mut stream);
    stream.end_seen = sent.fin.is_some();
    stream.anomalies.extend(sent.after_fin());
    lay_out(&mut stream, segments, &coverage, limit);
    let end = if stream.omitted > 0 { run_end(&stream.runs) } else { sent.end() };
    stream.gaps = gaps(&stream.runs, end, sent.truncated());
    stream
}

/// What the segments say was sent, captured or not.
#[derive(Default)]
struct Sent {
    /// Behind the last byte that a segment carried.
    end: u64,
    /// Where the last segment without bytes stood.
    empty: u64,
    /// Where the first FIN stood.
    fin: Option<u64>,
    /// What captured segments carried beyond their captured bytes.
    cut: Vec<Range<u64>>,
}

impl Sent {
    fn note(&mut self, segment: &Segment<'_>, wire: Range<u64>, captured: usize) {
        if segment.fin {
            self.fin = Some(self.fin.map_or(wire.end, |fin| fin.min(wire.end)));
        }
        if wire.is_empty() && !segment.fin {
            self.empty = self.empty.max(wire.start);
            return;
        }
        self.end = self.end.max(wire.end);
        let captured_end = wire.start.saturating_add(captured as u64);
        if captured_end < wire.end {
            self.cut.push(captured_end..wire.end);
        }
    }

    /// Behind the last byte. An acknowledgement that stands further on tells of bytes that were lost, but
    /// for one number, which is the FIN's.
    fn end(&self) -> u64 {
        if self.empty > self.end.saturating_add(1) { self.empty } else { self.end }
    }

    fn after_fin(&self) -> Option<Anomaly> {
        let fin = self.fin.filter(|fin| *fin < self.end)?;
        let length = self.end.saturating_sub(fin);
        let found = format!("{length} bytes, kept");
        Some(Anomaly::new("tcp.after_fin", fin, length, "no byte after the FIN", found))
    }

    /// The cut stretches, disjoint and in order.
    fn truncated(mut self) -> Vec<Range<u64>> {
        self.cut.sort_by_key(|range| range.start);
        let mut joined: Vec<Range<u64>> = Vec::new();
        for range in self.cut {
            match joined.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
        }
        joined
    }
}

/// The stream offset of each segment's first byte, negative before the start; `None` for a segment that
/// says nothing about the data.
fn place(segments: &[Segment<'_>], stream: &mut Stream) -> Vec<Option<i64>> {
    let syn = opening(segments);
    let with_bytes = |segment: &&Segment<'_>| segment.payload_length > 0 && !segment.rst;
    let Some(first) = syn
        .or_else(|| segments.iter().find(with_bytes))
        .or_else(|| segments.iter().find(|segment| !segment.rst))
    else {
        stream.reset = segments.iter().any(|segment| segment.rst);
        return vec![None; segments.len()];
    };
    stream.start_seen = syn.is_some();
    let mut unwrap = Unwrap::new(first);
    let mut places = Vec::with_capacity(segments.len());
    for segment in segments {
        if segment.rst {
            stream.reset = true;
            note_reset(segment, stream);
            // Its number is the one field of a forged RST that is guessed.
            places.push(None);
            continue;
        }
        let offset = unwrap.offset(segment.seq);
        if segment.syn && segment.seq != first.seq {
            stream.anomalies.push(Anomaly::new(
                "tcp.second_syn",
                offset.max(0).unsigned_abs(),
                0,
                format!("the initial sequence number {}", first.seq),
                format!("{} in packet {}", segment.seq, segment.packet),
            ));
        }
        // A SYN takes the number before its first byte.
        places.push(Some(offset.saturating_add(i64::from(segment.syn))));
    }
    let base = match syn {
        Some(_) => 1,
        None => {
            let bytes = segments.iter().any(|segment| with_bytes(&segment));
            let start = segments
                .iter()
                .zip(&places)
                .filter(|(segment, _)| !bytes || with_bytes(segment))
                .filter_map(|(_, place)| *place);
            start.min().unwrap_or(0)
        }
    };
    for place in places.iter_mut().flatten() {
        *place = place.saturating_sub(base);
    }
    places
}

/// The SYN that the data follows; the first one if none does. A client that tried twice has two.
fn opening<'s, 'a>(segments: &'s [Segment<'a>]) -> Option<&'s Segment<'a>> {
    let follows = |syn: &Segment<'_>| {
        let first = syn.seq.wrapping_add(1);
        segments.iter().any(|segment| segment.seq == first && segment.payload_length > 0)
    };
    let mut syns = segments.iter().filter(|segment| segment.syn && !segment.rst);
    let first = syns.clone().next()?;
    Some(syns.by_ref().take(SYN_CAP).find(|syn| follows(syn)).unwrap_or(first))
}

/// The stream offset of a segment, and how many bytes of it lie before the start of the stream.
fn clip(place: i64, wire: u64, segment: &Segment<'_>, stream: &mut Stream) -> Option<(u64, usize)> {
    let before = place.min(0).unsigned_abs();
    if before == 0 || wire == 0 {
        return (before == 0).then_some((place.unsigned_abs(), 0));
    }
    // One byte just before the first: a keep-alive probe sent before any data.
    if before == 1 && wire == 1 {
        stream.keep_alives = stream.keep_alives.saturating_add(1);
        return None;
    }
    stream.anomalies.push(Anomaly::new(
        "tcp.before_start",
        0,
        0,
        "no byte before the one that the SYN announced",
        format!(
            "{} of {wire} bytes in packet {}: {}",
            before.min(wire),
            segment.packet,
            show_bytes(segment.payload, 64)
        ),
    ));
    (before < wire).then(|| (0, usize::try_from(before).unwrap_or(usize::MAX)))
}

/// One byte that repeats the last place sent, either the byte itself or a zero (RFC 9293 §3.8.4).
fn is_keep_alive(segment: &Segment<'_>, start: u64, end: u64, coverage: &Coverage<'_>) -> bool {
    let one = segment.payload_length == 1 && !segment.syn && !segment.fin;
    if !one || start.checked_add(1) != Some(end) {
        return false;
    }
    let known = coverage.byte_at(start);
    known.is_some() && (segment.payload == [0] || segment.payload.first().copied() == known)
}

fn note_reset(segment: &Segment<'_>, stream: &mut Stream) {
    if !segment.payload.is_empty() {
        stream.anomalies.push(Anomaly::new(
            "tcp.rst_payload",
            0,
            0,
            "a RST without bytes",
            format!("packet {}: {}", segment.packet, show_bytes(segment.payload, 64)),
        ));
    }
}

fn agreeing(old: &[u8], new: &[u8]) -> u64 {
    if old == new {
        return old.len() as u64;
    }
    old.iter().zip(new).filter(|(old, new)| old == new).count() as u64
}

struct Conflicts {
    kept_bytes: usize,
    limit: usize,
    uncounted: u64,
}

impl Conflicts {
    fn note(&mut self, stream: &mut Stream, offset: u64, kept: (u32, &[u8]), other: (u32, &[u8])) {
        let differs = |pair: (&u8, &u8)| pair.0 != pair.1;
        let first = kept.1.iter().zip(other.1).position(differs).unwrap_or(0);
        let last = kept.1.iter().zip(other.1).rposition(differs).unwrap_or(0);
        let range = first..last.saturating_add(1);
        self.kept_bytes = self.kept_bytes.saturating_add(range.len());
        if stream.conflicts.len() >= CONFLICT_CAP || self.kept_bytes > self.limit {
            self.uncounted = self.uncounted.saturating_add(1);
            return;
        }
        let cut = |bytes: &[u8]| bytes.get(range.clone()).unwrap_or_default().to_vec();
        let conflict = Conflict {
            stream_offset: offset.saturating_add(first as u64),
            kept_packet: kept.0,
            kept: cut(kept.1),
            other_packet: other.0,
            other: cut(other.1),
        };
        stream.anomalies.push(Anomaly::new(
            "tcp.overlap_conflict",
            conflict.stream_offset,
            range.len() as u64,
            format!("as in packet {}: {}", kept.0, show_bytes(&conflict.kept, 64)),
            format!("in packet {}: {}", other.0, show_bytes(&conflict.other, 64)),
        ));
        stream.conflicts.push(conflict);
    }

    fn state(&self, stream: &mut Stream) {
        if self.uncounted > 0 {
            let expected = format!("at most {CONFLICT_CAP} conflicts, kept with their bytes");
            let found = format!("{} more, of which only this count is kept", self.uncounted);
            stream.anomalies.push(Anomaly::new("tcp.conflict_limit", 0, 0, expected, found));
        }
    }
}

fn lay_out(stream: &mut Stream, segments: &[Segment<'_>], coverage: &Coverage<'_>, limit: usize) {
    for (offset, held) in coverage.iter() {
        let room = limit.saturating_sub(stream.bytes.len());
        let bytes = held.bytes.get(..room).unwrap_or(held.bytes);
        let left_out = held.bytes.len().saturating_sub(bytes.len()) as u64;
        stream.omitted = stream.omitted.saturating_add(left_out);
        let Some(segment) = segments.get(held.segment).filter(|_| !bytes.is_empty()) else {
            continue;
        };
        let start = stream.bytes.len();
        match stream.runs.last_mut() {
            Some(run) if run.stream_offset.saturating_add(run.length as u64) == offset => {
                run.length = run.length.saturating_add(bytes.len());
            }
            _ => stream.runs.push(Run { stream_offset: offset, start, length: bytes.len() }),
        }
        stream.pieces.push(Piece {
            start,
            length: bytes.len(),
            packet: segment.packet,
            packet_payload_offset: u32::try_from(held.payload_offset).unwrap_or(u32::MAX),
            time: segment.time,
        });
        stream.bytes.extend_from_slice(bytes);
    }
    if stream.omitted > 0 {
        let end = run_end(&stream.runs);
        let expected = format!("at most {limit} bytes in a stream");
        let found = format!("{} bytes more, left out", stream.omitted);
        stream.anomalies.push(Anomaly::new("tcp.limit", end, stream.omitted, expected, found));
    }
}

fn run_end(runs: &[Run]) -> u64 {
    runs.last().map_or(0, |run| run.stream_offset.saturating_add(run.length as u64))
}

/// The complement of the runs up to `end`, split by cause.
fn gaps(runs: &[Run], end: u64, truncated: Vec<Range<u64>>) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut at = 0;
    let stops = runs.iter().map(|run| (run.stream_offset, run.length as u64));
    for (stop, length) in stops.chain([(end, 0)]) {
        let first = truncated.partition_point(|cut| cut.end <= at);
        for cut in truncated.get(first..).unwrap_or_default() {
            if cut.start >= stop {
                break;
            }
            push_gap(&mut gaps, at..cut.start, GapCause::Lost);
            push_gap(&mut gaps, cut.start.max(at)..cut.end.min(stop), GapCause::Truncated);
            at = at.max(cut.end.min(stop));
        }
        push_gap(&mut gaps, at..stop, GapCause::Lost);
        at = at.max(stop.saturating_add(length));
    }
    gaps
}

fn push_gap(gaps: &mut Vec<Gap>, range: Range<u64>, cause: GapCause) {
    let length = range.end.saturating_sub(range.start);
    match gaps.last_mut() {
        _ if length == 0 => {}
        Some(last)
            if last.cause == cause
                && last.stream_offset.saturating_add(last.length) == range.start =>
        {
            last.length = last.length.saturating_add(length);
        }
        _ => gaps.push(Gap { stream_offset: range.start, length, cause }),
    }
}
