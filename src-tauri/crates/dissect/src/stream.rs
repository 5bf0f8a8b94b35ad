//! One direction of a TCP connection as the bytes that were captured of it.
//!
//! Gaps are never filled: [`Stream::bytes`] holds captured bytes only, and [`Stream::runs`] says where in the
//! stream each unbroken run of them stands. Two numbers therefore name a place: a *position* counts captured
//! bytes, a *stream offset* counts from the first byte of the connection, gaps included.

mod assembly;
mod coverage;
mod sequence;

#[cfg(test)]
mod tests;

pub use assembly::reassemble;
use evidence::Anomaly;
use std::ops::Range;

/// One TCP segment as captured.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    /// The caller's number for the packet.
    pub packet: u32,
    /// Capture time. Unit: nanoseconds since the epoch, UTC.
    pub time: i64,
    /// The sequence number field.
    pub seq: u32,
    /// The SYN flag.
    pub syn: bool,
    /// The FIN flag.
    pub fin: bool,
    /// The RST flag.
    pub rst: bool,
    /// The payload as far as it was captured.
    pub payload: &'a [u8],
    /// The payload's length on the wire, by the IP header's word. Unit: bytes.
    pub payload_length: u32,
}

/// The reassembled bytes of one direction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stream {
    /// The captured bytes in stream order, gaps left out.
    pub bytes: Vec<u8>,
    /// The unbroken stretches of [`Stream::bytes`], in order; between two of them there is a gap.
    pub runs: Vec<Run>,
    /// What the connection carried and the capture does not hold, in order.
    pub gaps: Vec<Gap>,
    /// Which packet carried each byte, sorted by start, without holes.
    pub pieces: Vec<Piece>,
    /// Bytes that were sent twice with different content, in the order of their discovery.
    pub conflicts: Vec<Conflict>,
    /// What is odd about the segments. Offsets are stream offsets.
    pub anomalies: Vec<Anomaly>,
    /// Whether the SYN was captured, so that stream offset 0 is the connection's first byte.
    pub start_seen: bool,
    /// Whether the FIN was captured, so that the end is the connection's end.
    pub end_seen: bool,
    /// Whether a RST was captured.
    pub reset: bool,
    /// Segments of which at least one byte had been captured before, and was the same.
    pub retransmitted_segments: u64,
    /// The bytes of these that had been captured before, and were the same.
    pub retransmitted_bytes: u64,
    /// Keep-alive probes with one byte of no meaning (RFC 9293 §3.8.4).
    pub keep_alives: u64,
    /// Captured bytes left out at the end because of the caller's limit. Unit: bytes.
    pub omitted: u64,
}

/// An unbroken stretch of captured bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Where it starts in the stream. Unit: bytes.
    pub stream_offset: u64,
    /// Where it starts in [`Stream::bytes`].
    pub start: usize,
    /// Unit: bytes.
    pub length: usize,
}

/// A stretch of the stream that was not captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Where it starts in the stream. Unit: bytes.
    pub stream_offset: u64,
    /// Unit: bytes.
    pub length: u64,
    /// Why the bytes are not there.
    pub cause: GapCause,
}

/// Why bytes of a stream are not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapCause {
    /// No captured packet carried them, as far as the sequence numbers say.
    Lost,
    /// A captured packet carried them, and its copy was cut.
    Truncated,
}

/// Bytes of the stream that one packet carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Where it starts in [`Stream::bytes`].
    pub start: usize,
    /// Unit: bytes.
    pub length: usize,
    /// The caller's number for the packet.
    pub packet: u32,
    /// Where the piece starts in that packet's payload. Unit: bytes.
    pub packet_payload_offset: u32,
    /// When that packet was captured. Unit: nanoseconds since the epoch, UTC.
    pub time: i64,
}

/// A stretch that two packets carried with different bytes. The first copy in capture order stands in the
/// stream; a receiver may have taken the other (Ptacek and Newsham, *Insertion, Evasion*, 1998).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// From the first byte that differs. Unit: bytes.
    pub stream_offset: u64,
    /// The packet whose bytes stand in the stream.
    pub kept_packet: u32,
    /// What it carried.
    pub kept: Vec<u8>,
    /// The packet that carried something else.
    pub other_packet: u32,
    /// What it carried.
    pub other: Vec<u8>,
}

impl Stream {
    /// The packet that carried the byte at `position`, and the byte's place in that packet's payload.
    pub fn source_of(&self, position: usize) -> Option<(u32, u32)> {
        let piece = self.piece_of(position)?;
        let inside = u32::try_from(position.checked_sub(piece.start)?).ok()?;
        Some((piece.packet, piece.packet_payload_offset.checked_add(inside)?))
    }

    /// The pieces that carried the bytes of `range`, each cut to it.
    pub fn sources_of(&self, range: Range<usize>) -> Vec<Piece> {
        let first = self.pieces.partition_point(|piece| piece.end() <= range.start);
        let pieces = self.pieces.get(first..).unwrap_or_default().iter();
        pieces
            .take_while(|piece| piece.start < range.end)
            .map(|piece| {
                let start = piece.start.max(range.start);
                let before = start.saturating_sub(piece.start);
                let before = u32::try_from(before).unwrap_or(u32::MAX);
                Piece {
                    start,
                    length: piece.end().min(range.end).saturating_sub(start),
                    packet_payload_offset: piece.packet_payload_offset.saturating_add(before),
                    ..*piece
                }
            })
            .filter(|piece| piece.length > 0)
            .collect()
    }

    /// When the packet that carried the byte at `position` was captured. Unit: nanoseconds.
    pub fn time_of(&self, position: usize) -> Option<i64> {
        self.piece_of(position).map(|piece| piece.time)
    }

    /// The stream offset of the byte at `position`.
    pub fn offset_of(&self, position: usize) -> Option<u64> {
        let after = self.runs.partition_point(|run| run.start <= position);
        let run = self.runs.get(after.checked_sub(1)?)?;
        let inside = position.checked_sub(run.start).filter(|inside| *inside < run.length)?;
        run.stream_offset.checked_add(inside as u64)
    }

    /// The position of the byte at `stream_offset`; `None` where it was not captured.
    pub fn position_of(&self, stream_offset: u64) -> Option<usize> {
        let after = self.runs.partition_point(|run| run.stream_offset <= stream_offset);
        let run = self.runs.get(after.checked_sub(1)?)?;
        let inside = usize::try_from(stream_offset.checked_sub(run.stream_offset)?).ok()?;
        (inside < run.length).then(|| run.start.saturating_add(inside))
    }

    /// The captured bytes from `stream_offset` to the next gap; empty inside a gap and past the end.
    pub fn unbroken_from(&self, stream_offset: u64) -> &[u8] {
        let Some(position) = self.position_of(stream_offset) else { return &[] };
        let after = self.runs.partition_point(|run| run.start <= position);
        let run = after.checked_sub(1).and_then(|before| self.runs.get(before));
        let end = run.map_or(position, |run| run.start.saturating_add(run.length));
        self.bytes.get(position..end).unwrap_or_default()
    }

    /// Where the first run starts at or after `stream_offset`.
    pub fn next_run(&self, stream_offset: u64) -> Option<u64> {
        let next = self.runs.partition_point(|run| run.stream_offset < stream_offset);
        self.runs.get(next).map(|run| run.stream_offset)
    }

    /// The stream offset behind the last byte that is known to have been sent.
    pub fn end(&self) -> u64 {
        let run = self.runs.last().map(|run| run.stream_offset.saturating_add(run.length as u64));
        let gap = self.gaps.last().map(|gap| gap.stream_offset.saturating_add(gap.length));
        run.max(gap).unwrap_or(0)
    }

    fn piece_of(&self, position: usize) -> Option<&Piece> {
        let after = self.pieces.partition_point(|piece| piece.start <= position);
        let piece = self.pieces.get(after.checked_sub(1)?)?;
        (position < piece.end()).then_some(piece)
    }
}

impl Piece {
    fn end(&self) -> usize {
        self.start.saturating_add(self.length)
    }
}
