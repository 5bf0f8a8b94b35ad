//! The values in a page, one after the other.
//!
//! Source: *Encodings* of the Parquet format.

use super::delta::Delta;
use super::rle::{Hybrid, bits};
use super::schema::Physical;
use std::ops::Range;

/// A value by its physical type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Raw<'a> {
    Boolean(bool),
    Int(i64),
    Float(f32),
    Double(f64),
    Bytes(&'a [u8]),
}

/// The values of a page that lie there themselves, or as places in the dictionary.
#[derive(Debug)]
pub(super) enum Values {
    Own(Own),
    Places(Hybrid),
}

/// A place in the values of a page. The bytes of the page are passed in with every call.
#[derive(Debug)]
pub(super) enum Own {
    /// Truth values, a bit each.
    Bits(usize),
    /// Truth values in runs.
    Runs(Hybrid),
    Fixed(usize),
    /// Each behind its length.
    Prefixed(usize),
    Delta(Delta),
    /// All lengths, then all bytes.
    Lengths {
        lengths: Delta,
        at: usize,
    },
    /// What each has in common with the one before, then the rest of it.
    Prefixes {
        common: Delta,
        lengths: Delta,
        at: usize,
        value: Vec<u8>,
    },
    /// All first bytes, then all second bytes …
    Split {
        at: usize,
        number: usize,
        count: usize,
        value: Vec<u8>,
    },
}

const PLAIN: i64 = 0;
const PLAIN_DICTIONARY: i64 = 2;
const RLE: i64 = 3;
const DELTA_BINARY_PACKED: i64 = 5;
const DELTA_LENGTH_BYTE_ARRAY: i64 = 6;
const DELTA_BYTE_ARRAY: i64 = 7;
const RLE_DICTIONARY: i64 = 8;
const BYTE_STREAM_SPLIT: i64 = 9;

impl Values {
    /// The values that begin at `at`.
    pub(super) fn new(encoding: i64, physical: Physical, bytes: &[u8], at: usize) -> Option<Self> {
        if let PLAIN_DICTIONARY | RLE_DICTIONARY = encoding {
            // A page without values may lack even the width.
            let width = bytes.get(at).copied().unwrap_or(0);
            let range = at.saturating_add(1).min(bytes.len())..bytes.len();
            return Hybrid::new(range, width.into()).map(Self::Places);
        }
        Own::new(encoding, physical, bytes, at).map(Self::Own)
    }
}

impl Own {
    /// The values of a dictionary.
    pub(super) fn dictionary(encoding: i64, physical: Physical) -> Option<Self> {
        match encoding {
            PLAIN | PLAIN_DICTIONARY => Self::new(PLAIN, physical, &[], 0),
            _ => None,
        }
    }

    fn new(encoding: i64, physical: Physical, bytes: &[u8], at: usize) -> Option<Self> {
        use Physical::{Boolean, Bytes, Fixed, Int32, Int64};
        Some(match (encoding, physical) {
            (PLAIN, Boolean) => Self::Bits(at.checked_mul(8)?),
            (PLAIN, Bytes) => Self::Prefixed(at),
            (PLAIN, _) => Self::Fixed(at),
            (RLE, Boolean) => Self::Runs(Hybrid::new(prefixed(bytes, at)?, 1)?),
            (DELTA_BINARY_PACKED, Int32 | Int64) => Self::Delta(Delta::new(bytes, at)?),
            (DELTA_LENGTH_BYTE_ARRAY, Bytes) => {
                let lengths = Delta::new(bytes, at)?;
                let at = lengths.clone().end(bytes)?;
                Self::Lengths { lengths, at }
            }
            (DELTA_BYTE_ARRAY, Bytes | Fixed(_)) => {
                let common = Delta::new(bytes, at)?;
                let lengths = Delta::new(bytes, common.clone().end(bytes)?)?;
                if lengths.left() != common.left() {
                    return None;
                }
                let at = lengths.clone().end(bytes)?;
                Self::Prefixes { common, lengths, at, value: Vec::new() }
            }
            (BYTE_STREAM_SPLIT, physical) => {
                let length = bytes.len().checked_sub(at)?;
                let count = length.checked_div(width(physical)?)?;
                Self::Split { at, number: 0, count, value: Vec::new() }
            }
            _ => return None,
        })
    }

    /// The next value; `None` where the bytes end, or are none of this encoding.
    #[inline]
    pub(super) fn next<'a>(&'a mut self, physical: Physical, bytes: &'a [u8]) -> Option<Raw<'a>> {
        match self {
            Self::Bits(bit) => {
                let value = bits(bytes, bytes.len(), *bit, 1)?;
                *bit = bit.saturating_add(1);
                Some(Raw::Boolean(value == 1))
            }
            Self::Runs(runs) => Some(Raw::Boolean(runs.next(bytes)? == 1)),
            Self::Fixed(at) => fixed(physical, take(bytes, at, width(physical)?)?),
            Self::Prefixed(at) => {
                let length = take(bytes, at, 4)?.first_chunk::<4>()?;
                let length = u32::from_le_bytes(*length) as usize;
                take(bytes, at, length).map(Raw::Bytes)
            }
            Self::Delta(delta) => {
                let number = delta.next(bytes)?;
                // Numbers of 32 bits wrap around in 32 bits.
                let narrow = physical == Physical::Int32;
                Some(Raw::Int(if narrow { i64::from(number as i32) } else { number }))
            }
            Self::Lengths { lengths, at } => {
                let length = usize::try_from(lengths.next(bytes)?).ok()?;
                take(bytes, at, length).map(Raw::Bytes)
            }
            Self::Prefixes { common, lengths, at, value } => {
                let kept = usize::try_from(common.next(bytes)?).ok()?;
                let length = usize::try_from(lengths.next(bytes)?).ok()?;
                if kept > value.len() {
                    return None;
                }
                value.truncate(kept);
                value.extend_from_slice(take(bytes, at, length)?);
                match physical {
                    Physical::Fixed(length) if length != value.len() => None,
                    _ => Some(Raw::Bytes(value)),
                }
            }
            Self::Split { at, number, count, value } => {
                if *number >= *count {
                    return None;
                }
                value.clear();
                let mut place = at.checked_add(*number)?;
                for _ in 0..width(physical)? {
                    value.push(*bytes.get(place)?);
                    place = place.checked_add(*count)?;
                }
                *number = number.saturating_add(1);
                fixed(physical, value)
            }
        }
    }
}

/// Where the bytes lie whose length stands at `at`.
pub(super) fn prefixed(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let mut at = at;
    let length = take(bytes, &mut at, 4)?.first_chunk::<4>()?;
    let end = at.checked_add(u32::from_le_bytes(*length) as usize)?;
    (end <= bytes.len()).then_some(at..end)
}

#[inline]
fn take<'a>(bytes: &'a [u8], at: &mut usize, length: usize) -> Option<&'a [u8]> {
    let end = at.checked_add(length)?;
    let taken = bytes.get(*at..end)?;
    *at = end;
    Some(taken)
}

/// Unit: bytes.
fn width(physical: Physical) -> Option<usize> {
    Some(match physical {
        Physical::Int32 | Physical::Float => 4,
        Physical::Int64 | Physical::Double => 8,
        Physical::Int96 => 12,
        Physical::Fixed(length) => length,
        Physical::Boolean | Physical::Bytes => return None,
    })
}

fn fixed(physical: Physical, bytes: &[u8]) -> Option<Raw<'_>> {
    Some(match physical {
        Physical::Int32 => Raw::Int(i32::from_le_bytes(bytes.try_into().ok()?).into()),
        Physical::Int64 => Raw::Int(i64::from_le_bytes(bytes.try_into().ok()?)),
        Physical::Float => Raw::Float(f32::from_le_bytes(bytes.try_into().ok()?)),
        Physical::Double => Raw::Double(f64::from_le_bytes(bytes.try_into().ok()?)),
        _ => Raw::Bytes(bytes),
    })
}
