//! Reading a stream from front to back, across its gaps.

use crate::{BodyGap, Stream};
use std::ops::Range;

/// A place in a stream.
///
/// The place is a stream offset, so that a length field leads over a gap to the byte that it names.
#[derive(Debug, Clone)]
pub(super) struct Tape<'a> {
    stream: &'a Stream,
    offset: u64,
}

/// Bytes of a stream, some of which may not have been captured.
#[derive(Debug, Default)]
pub(super) struct Span {
    /// Positions of what was captured.
    pub(super) ranges: Vec<Range<usize>>,
    /// What was not: its place counts captured bytes of the span before it.
    pub(super) gaps: Vec<BodyGap>,
    /// How many bytes lie behind the known end of the stream. Unit: bytes.
    pub(super) beyond: u64,
}

impl<'a> Tape<'a> {
    pub(super) fn new(stream: &'a Stream) -> Self {
        Self { stream, offset: 0 }
    }

    pub(super) fn go_to(&mut self, offset: u64) {
        self.offset = offset;
    }

    /// Whether nothing captured is left.
    pub(super) fn at_end(&self) -> bool {
        self.unbroken().is_empty() && self.stream.next_run(self.offset).is_none()
    }

    /// The captured bytes from here to the next gap.
    pub(super) fn unbroken(&self) -> &'a [u8] {
        self.stream.unbroken_from(self.offset)
    }

    /// Where the unbroken bytes from here stand in the stream's bytes; inside a gap, the byte behind it.
    pub(super) fn position(&self) -> usize {
        self.stream.position_of(self.offset).unwrap_or_else(|| {
            let next = self.stream.next_run(self.offset);
            next.and_then(|next| self.stream.position_of(next)).unwrap_or(self.stream.bytes.len())
        })
    }

    /// The position behind the captured byte before this place.
    pub(super) fn position_behind(&self) -> usize {
        let last = self.offset.checked_sub(1).and_then(|last| self.stream.position_of(last));
        last.map_or_else(|| self.position(), |last| last.saturating_add(1))
    }

    pub(super) fn skip(&mut self, length: usize) {
        self.offset = self.offset.saturating_add(length as u64);
    }

    /// Goes on to the start of the next run; `false` where there is none.
    pub(super) fn skip_gap(&mut self) -> bool {
        let rest = self.unbroken().len() as u64;
        match self.stream.next_run(self.offset.saturating_add(rest.max(1))) {
            Some(next) => {
                self.offset = next;
                true
            }
            None => {
                self.offset = self.stream.end();
                false
            }
        }
    }

    /// The next `length` bytes of the stream, over gaps.
    pub(super) fn take(&mut self, length: u64) -> Span {
        let mut span = Span::default();
        let mut held: usize = 0;
        let end = self.offset.saturating_add(length);
        let stop = end.min(self.stream.end());
        while self.offset < stop {
            let left = stop.saturating_sub(self.offset);
            let here = self.unbroken().len().min(usize::try_from(left).unwrap_or(usize::MAX));
            if here > 0 {
                let start = self.position();
                span.ranges.push(start..start.saturating_add(here));
                held = held.saturating_add(here);
                self.skip(here);
            } else {
                let next = self.stream.next_run(self.offset).unwrap_or(stop).min(stop);
                let length = next.saturating_sub(self.offset);
                span.gaps.push(BodyGap { position: held, length });
                self.offset = next;
            }
        }
        span.beyond = end.saturating_sub(self.offset);
        span
    }

    /// All that is left, over gaps.
    pub(super) fn take_rest(&mut self) -> Span {
        self.take(self.stream.end().saturating_sub(self.offset))
    }
}
