//! One datagram, while its fragments come.

use super::header::{self, Split};
use super::{Datagram, Fragmented, Piece, Refusal};
use std::collections::BTreeMap;

/// A fragment that came: its place in the datagram, and a fingerprint of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Arrival {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) fingerprint: u64,
}

pub(super) struct Gathering {
    /// Where the fragment that came first was captured.
    pub(super) frame: u64,
    pub(super) offset: u64,
    id: u32,
    /// Header for the whole, and the packet that brought it; none before the first fragment came.
    header: Option<(Vec<u8>, u64)>,
    first_length: u32,
    /// Bytes by their place. No two parts overlap.
    parts: BTreeMap<u32, Vec<u8>>,
    pieces: Vec<Piece>,
    /// The fragments that brought something new.
    arrivals: Vec<Arrival>,
    /// What a whole datagram of the same key was made of, sorted.
    earlier: Vec<Arrival>,
    covered: u32,
    highest: u32,
    total: Option<u32>,
    out_of_order: bool,
    duplicates: u32,
    overlapping: bool,
    conflicting: bool,
}

impl Gathering {
    pub(super) fn new(fragment: &Fragmented<'_>, earlier: Vec<Arrival>) -> Self {
        Self {
            frame: fragment.frame,
            offset: fragment.offset,
            id: fragment.inner.fragment.map_or(0, |place| place.id),
            header: None,
            first_length: 0,
            parts: BTreeMap::new(),
            pieces: Vec::new(),
            arrivals: Vec::new(),
            earlier,
            covered: 0,
            highest: 0,
            total: None,
            out_of_order: false,
            duplicates: 0,
            overlapping: false,
            conflicting: false,
        }
    }

    /// Puts a fragment in its place.
    pub(super) fn add(
        &mut self,
        arrival: Arrival,
        more: bool,
        bytes: &[u8],
        fragment: &Fragmented<'_>,
        split: &Split,
    ) -> Result<(), Refusal> {
        let Arrival { start, end, .. } = arrival;
        if !self.ends(end, more) {
            return Err(Refusal::End);
        }
        let holes = self.holes(start, end);
        let open: u32 = holes.iter().map(|(from, to)| to.saturating_sub(*from)).sum();
        if open < end.saturating_sub(start) {
            let conflicting = self.contradicts(start, bytes);
            let again = if fragment.inner.version == 6 {
                // Parts are whole fragments there, since none overlap.
                let part = self.parts.get(&start);
                part.is_some_and(|part| part == bytes).then_some(()).ok_or(Refusal::Overlap)?;
                true
            } else {
                holes.is_empty() && !conflicting
            };
            if again {
                self.duplicates = self.duplicates.saturating_add(1);
                return Ok(());
            }
            self.overlapping = true;
            self.conflicting |= conflicting;
        }
        if start == 0 && self.header.is_none() {
            self.header = split.header(fragment.data).map(|header| (header, fragment.frame));
            self.first_length = end;
        }
        if !more {
            self.total = Some(end);
        }
        self.out_of_order |= start < self.highest;
        self.highest = self.highest.max(end);
        self.covered = self.covered.saturating_add(open);
        if !holes.is_empty() {
            self.arrivals.push(arrival);
        }
        for (from, to) in holes {
            let within = from.saturating_sub(start) as usize..to.saturating_sub(start) as usize;
            self.parts.insert(from, bytes.get(within).unwrap_or_default().to_vec());
            let offset = split.content_offset().saturating_add(from.saturating_sub(start));
            trace(fragment.pieces, offset, from, to.saturating_sub(from), &mut self.pieces);
        }
        Ok(())
    }

    /// Whether a fragment that ends here agrees with where the datagram ends.
    fn ends(&self, end: u32, more: bool) -> bool {
        match self.total {
            Some(total) if more => end < total,
            Some(total) => end == total,
            None => more || self.highest <= end,
        }
    }

    /// The parts that overlap a stretch, in order: where each starts, and its bytes.
    fn parts_within(&self, start: u32, end: u32) -> impl Iterator<Item = (u32, &[u8])> {
        let before = self.parts.range(..start).next_back();
        let inside = self.parts.range(start..end);
        let reaches = move |(from, bytes): &(u32, &[u8])| part_end(*from, bytes) > start;
        before
            .into_iter()
            .chain(inside)
            .map(|(from, bytes)| (*from, bytes.as_slice()))
            .filter(reaches)
    }

    /// What is missing of a stretch, in order.
    fn holes(&self, start: u32, end: u32) -> Vec<(u32, u32)> {
        let (mut holes, mut open) = (Vec::new(), start);
        for (from, bytes) in self.parts_within(start, end) {
            if from > open {
                holes.push((open, from));
            }
            open = open.max(part_end(from, bytes));
        }
        if open < end {
            holes.push((open, end));
        }
        holes
    }

    /// Whether other bytes stand somewhere in the place of these.
    fn contradicts(&self, start: u32, bytes: &[u8]) -> bool {
        let end = part_end(start, bytes);
        self.parts_within(start, end).any(|(from, part)| {
            let (low, high) = (from.max(start), part_end(from, part).min(end));
            let kept =
                part.get(low.saturating_sub(from) as usize..high.saturating_sub(from) as usize);
            let new =
                bytes.get(low.saturating_sub(start) as usize..high.saturating_sub(start) as usize);
            kept != new
        })
    }

    /// The datagram, if nothing is missing any more.
    pub(super) fn whole(&mut self) -> Result<Option<Datagram>, Refusal> {
        let Some((header, first_frame)) = &self.header else { return Ok(None) };
        if self.total != Some(self.covered) {
            return Ok(None);
        }
        let mut bytes =
            header::whole(header.clone(), self.covered as usize).ok_or(Refusal::TooLong)?;
        let header_length = crate::decapsulate::short(bytes.len());
        self.parts.values().for_each(|part| bytes.extend_from_slice(part));
        let mut pieces = std::mem::take(&mut self.pieces);
        pieces.sort_unstable_by_key(|piece| piece.start);
        for piece in &mut pieces {
            piece.start = piece.start.saturating_add(header_length);
        }
        Ok(Some(Datagram {
            version: bytes.first().map_or(0, |first| first >> 4),
            bytes,
            header_length,
            id: self.id,
            pieces,
            first_length: self.first_length,
            first_frame: *first_frame,
            out_of_order: self.out_of_order,
            duplicates: self.duplicates,
            overlapping: self.overlapping,
            conflicting: self.conflicting,
        }))
    }

    /// What it was made of, sorted.
    pub(super) fn arrivals(mut self) -> Vec<Arrival> {
        self.arrivals.sort_unstable();
        self.arrivals
    }

    /// Whether all that came are fragments of a whole datagram once more.
    pub(super) fn repeats_only(&self) -> bool {
        self.arrivals.iter().all(|arrival| self.earlier.binary_search(arrival).is_ok())
    }

    /// How many fragments came.
    pub(super) fn fragments(&self) -> u64 {
        (self.arrivals.len() as u64).saturating_add(self.duplicates.into())
    }

    /// How many different bytes came, and how many there are, if that is known.
    pub(super) fn progress(&self) -> (u32, Option<u32>) {
        (self.covered, self.total)
    }

    /// Memory that this takes, about. Unit: bytes.
    pub(super) fn cost(&self) -> usize {
        const PART: usize = 64;
        let arrivals = self.arrivals.len().saturating_add(self.earlier.len());
        (self.covered as usize)
            .saturating_add(size_of::<Self>())
            .saturating_add(self.parts.len().saturating_mul(PART))
            .saturating_add(self.pieces.len().saturating_mul(size_of::<Piece>()))
            .saturating_add(arrivals.saturating_mul(size_of::<Arrival>()))
    }
}

fn part_end(start: u32, bytes: &[u8]) -> u32 {
    start.saturating_add(crate::decapsulate::short(bytes.len()))
}

/// Adds the pieces of a stretch that starts at `offset` in what `from` are the pieces of, and at `start` in the
/// datagram.
fn trace(from: &[Piece], offset: u32, start: u32, length: u32, into: &mut Vec<Piece>) {
    let end = offset.saturating_add(length);
    for piece in from {
        let low = piece.start.max(offset);
        let high = piece.start.saturating_add(piece.length).min(end);
        if low < high {
            into.push(Piece {
                frame: piece.frame,
                packet: piece.packet,
                offset: piece.offset.saturating_add(low.saturating_sub(piece.start)),
                start: start.saturating_add(low.saturating_sub(offset)),
                length: high.saturating_sub(low),
            });
        }
    }
}
