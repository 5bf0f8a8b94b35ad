//! Numbers, addresses and times out of bytes.

use crate::eight;
use evidence::Address;

/// Above this, a time is not in seconds (of the year 2286) but in milliseconds. AWS documents seconds; some
/// logs have milliseconds.
const LAST_SECOND: i64 = 9_999_999_999;
const LAST_MILLISECOND: i64 = 9_999_999_999_999;

/// The number that the bytes begin with, and how many digits it has; none if that takes a closer look.
pub(crate) fn leading_int(bytes: &[u8]) -> Option<(i64, usize)> {
    let (number, count) = eight::digits(*bytes.first_chunk()?);
    if count < 8 {
        return (count > 0).then_some((number, count));
    }
    let (more, further) = eight::digits(*bytes.get(8..)?.first_chunk()?);
    let shift = POWERS.get(further)?;
    Some((number.wrapping_mul(*shift).wrapping_add(more), further.wrapping_add(8)))
}

/// Powers of ten.
const POWERS: [i64; 8] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];

/// Digits, and nothing but digits.
pub(crate) fn int(word: &[u8]) -> Option<i64> {
    let mut number = 0_i64;
    for byte in word {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number.checked_mul(10)?.checked_add(i64::from(digit))?;
    }
    (!word.is_empty()).then_some(number)
}

/// An address in text form.
pub(crate) fn address(word: &str) -> Option<Address> {
    match leading_ipv4(word.as_bytes()) {
        Some((octets, length)) if length == word.len() => Some(octets.into()),
        _ if word.contains(':') => Address::parse(word),
        _ => None,
    }
}

/// The address that the bytes begin with, and its length: four numbers of one to three digits, none above 255 or with a
/// leading zero.
pub(crate) fn leading_ipv4(bytes: &[u8]) -> Option<([u8; 4], usize)> {
    let mut octets = [0_u8; 4];
    let mut rest = bytes;
    for (at, octet) in octets.iter_mut().enumerate() {
        if at > 0 {
            rest = rest.strip_prefix(b".")?;
        }
        (*octet, rest) = leading_octet(rest)?;
    }
    Some((octets, bytes.len().wrapping_sub(rest.len())))
}

fn leading_octet(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let digit = |byte: u8| Some(byte.wrapping_sub(b'0')).filter(|digit| *digit <= 9);
    let (first, rest) = bytes.split_first()?;
    let first = digit(*first)?;
    let Some((second, after)) = rest.split_first() else { return Some((first, rest)) };
    let Some(second) = digit(*second) else { return Some((first, rest)) };
    if first == 0 {
        return None;
    }
    let two = first.wrapping_mul(10).wrapping_add(second);
    let Some((third, last)) = after.split_first() else { return Some((two, after)) };
    let Some(third) = digit(*third) else { return Some((two, after)) };
    Some((two.checked_mul(10)?.checked_add(third)?, last))
}

/// A point in time in µs, and whether it was written in milliseconds.
pub(crate) fn time(number: i64) -> Option<(i64, bool)> {
    match number {
        0..=LAST_SECOND => Some((number.saturating_mul(1_000_000), false)),
        ..=LAST_MILLISECOND => Some((number.saturating_mul(1_000), true)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_digits_within_64_bits_are_a_number() {
        for (word, expected) in [
            ("0", Some(0)),
            ("0080", Some(80)),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("0x10", None),
        ] {
            assert_eq!(int(word.as_bytes()), expected, "{word}");
        }
    }

    #[test]
    fn seconds_and_milliseconds_are_told_by_their_size() {
        assert_eq!(time(1_418_530_010), Some((1_418_530_010_000_000, false)));
        assert_eq!(time(1_418_530_010_123), Some((1_418_530_010_123_000, true)));
        assert_eq!(time(1_418_530_010_123_456), None);
    }

    proptest! {
        #[test]
        fn an_address_is_read_as_the_standard_library_reads_it(
            word in "[0-9]{0,3}\\.[0-9]{0,4}\\.[0-9]{1,3}\\.?[0-9]{0,3}|[0-9a-f:.]{0,20}"
        ) {
            prop_assert_eq!(address(&word), Address::parse(&word));
        }

        #[test]
        fn every_address_is_read_from_its_text(v4 in any::<[u8; 4]>(), v6 in any::<[u8; 16]>()) {
            for address_ in [Address::from(v4), Address::from(v6)] {
                prop_assert_eq!(address(&address_.to_string()), Some(address_));
            }
        }
    }
}
