//! Interface Description Blocks: what the packets of an interface begin with, and what their clock counts.

use super::options::options;
use crate::LinkType;
use crate::byte_order::ByteOrder;
use evidence::Cursor;

const TSRESOL: u16 = 9;
const TSOFFSET: u16 = 14;

#[derive(Debug, Clone, Copy)]
pub(super) struct Interface {
    pub(super) link: LinkType,
    /// Longest captured length; 0 means no limit. Unit: bytes.
    pub(super) snaplen: u32,
    pub(super) clock: Clock,
}

impl Interface {
    pub(super) fn read(order: ByteOrder, body: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(body);
        let link = LinkType::from_number(order.u16(&mut cursor)?);
        cursor.skip(2)?;
        let snaplen = order.u32(&mut cursor)?;
        let mut clock = Clock { resolution: 6, offset: 0 };
        for (code, value) in options(order, cursor.rest()) {
            match (code, value) {
                (TSRESOL, [resolution]) => clock.resolution = *resolution,
                (TSOFFSET, value) => {
                    if let Some(offset) = order.u64(&mut Cursor::new(value)) {
                        clock.offset = offset.cast_signed();
                    }
                }
                _ => {}
            }
        }
        Some(Self { link, snaplen, clock })
    }
}

/// What the 64-bit times of an interface count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    /// `if_tsresol`: the exponent of a second's fraction, of 2 if the top bit is set, else of 10.
    resolution: u8,
    /// `if_tsoffset`: seconds to be added.
    offset: i64,
}

impl Clock {
    /// The time in nanoseconds since 1970-01-01 UTC, rounded down; none where it does not fit
    /// (before 1677 or after 2262).
    pub(super) fn nanoseconds(self, ticks: u64) -> Option<i64> {
        let exponent = u32::from(self.resolution & 0x7f);
        let elapsed = if self.resolution & 0x80 != 0 {
            u128::from(ticks).checked_mul(1_000_000_000)?.checked_shr(exponent)?
        } else if let Some(coarser) = 9u32.checked_sub(exponent) {
            u128::from(ticks).checked_mul(10u128.checked_pow(coarser)?)?
        } else {
            // Beyond 10⁻²⁸ seconds, 64 bits of ticks do not reach one nanosecond.
            let finer = 10u128.checked_pow(exponent.saturating_sub(9));
            finer.and_then(|finer| u128::from(ticks).checked_div(finer)).unwrap_or(0)
        };
        let offset = i128::from(self.offset).checked_mul(1_000_000_000)?;
        i64::try_from(i128::try_from(elapsed).ok()?.checked_add(offset)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_become_nanoseconds_whatever_they_count() {
        let check = |resolution, offset, ticks, expect| {
            let clock = Clock { resolution, offset };
            assert_eq!(clock.nanoseconds(ticks), expect, "{resolution:#x} {offset} {ticks}");
        };
        check(6, 0, 1_700_000_000_123_456, Some(1_700_000_000_123_456_000));
        check(9, 0, 1_700_000_000_123_456_789, Some(1_700_000_000_123_456_789));
        check(0, 0, 1_700_000_000, Some(1_700_000_000_000_000_000));
        check(12, 0, 1_999, Some(1));
        check(127, 0, u64::MAX, Some(0));
        check(0x80 | 20, 0, 3 << 19, Some(1_500_000_000));
        check(0xff, 0, u64::MAX, Some(0));
        check(6, -3600, 3_600_000_001, Some(1_000));
        check(6, i64::MIN, 0, None);
        check(0, 0, u64::MAX, None);
    }
}
