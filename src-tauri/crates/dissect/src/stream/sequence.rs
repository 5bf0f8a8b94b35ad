//! Sequence numbers as offsets that do not wrap.

use super::Segment;

/// A segment further than this from the stream's present place does not move it, so that one stray or
/// forged segment cannot carry the count a wrap-around too far.
const NEAR: i64 = 1 << 30;

/// Counts sequence numbers on past 2^32, in the order of the segments.
pub(super) struct Unwrap {
    seq: u32,
    offset: i64,
}

impl Unwrap {
    /// Counting from the first segment that says where the stream is.
    pub(super) fn new(first: &Segment<'_>) -> Self {
        Self { seq: first.seq, offset: 0 }
    }

    /// The distance of `seq` from the first segment's.
    pub(super) fn offset(&mut self, seq: u32) -> i64 {
        // Serial number arithmetic (RFC 1982): the shorter way round.
        let step = i64::from(seq.wrapping_sub(self.seq).cast_signed());
        let offset = self.offset.saturating_add(step);
        if step.abs() < NEAR {
            *self = Self { seq, offset };
        }
        offset
    }
}
