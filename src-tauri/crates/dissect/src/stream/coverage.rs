//! Which segment holds which bytes of the stream, first come, first kept.

use std::collections::BTreeMap;
use std::ops::Range;

/// Captured bytes at a place of the stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held<'a> {
    /// Index of the segment.
    pub(super) segment: usize,
    /// Where the bytes start in the segment's payload.
    pub(super) payload_offset: usize,
    pub(super) bytes: &'a [u8],
}

/// Disjoint stretches by their start.
#[derive(Default)]
pub(super) struct Coverage<'a>(BTreeMap<u64, Held<'a>>);

impl<'a> Coverage<'a> {
    /// Takes in the bytes of `new` that nothing holds yet; answers what is held of the rest already, each
    /// stretch with the new bytes that stand against it.
    pub(super) fn add(&mut self, start: u64, new: Held<'a>) -> Vec<(u64, Held<'a>, &'a [u8])> {
        let end = start.saturating_add(new.bytes.len() as u64);
        let mut met = Vec::new();
        let mut free = Vec::new();
        let mut at = start;
        for (held_start, held) in self.touching(start..end) {
            let held_end = held_start.saturating_add(held.bytes.len() as u64);
            if at < held_start {
                free.push(at..held_start);
            }
            let both = at.max(held_start)..held_end.min(end);
            let old = cut(held, held_start, &both);
            met.push((both.start, old, cut(new, start, &both).bytes));
            at = both.end;
        }
        if at < end {
            free.push(at..end);
        }
        for range in free {
            self.0.insert(range.start, cut(new, start, &range));
        }
        met
    }

    /// The stretches in stream order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, Held<'a>)> {
        self.0.iter().map(|(start, held)| (*start, *held))
    }

    /// The byte held at `offset`.
    pub(super) fn byte_at(&self, offset: u64) -> Option<u8> {
        let (start, held) = self.0.range(..=offset).next_back()?;
        let inside = usize::try_from(offset.checked_sub(*start)?).ok()?;
        held.bytes.get(inside).copied()
    }

    fn touching(&self, range: Range<u64>) -> Vec<(u64, Held<'a>)> {
        let before = self.0.range(..range.start).next_back().into_iter();
        before
            .chain(self.0.range(range.clone()))
            .map(|(start, held)| (*start, *held))
            .filter(|(start, held)| start.saturating_add(held.bytes.len() as u64) > range.start)
            .collect()
    }
}

/// The part of `held`, which starts at `start`, that lies in `range`.
fn cut<'a>(held: Held<'a>, start: u64, range: &Range<u64>) -> Held<'a> {
    let from = usize::try_from(range.start.saturating_sub(start)).unwrap_or(usize::MAX);
    let to = usize::try_from(range.end.saturating_sub(start)).unwrap_or(usize::MAX);
    Held {
        segment: held.segment,
        payload_offset: held.payload_offset.saturating_add(from),
        bytes: held.bytes.get(from..to).unwrap_or_default(),
    }
}
