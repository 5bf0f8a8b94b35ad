//! Points in time out of text: dates as RFC 3339 and its relatives write them, and seconds with a fraction.

use crate::number::int;
use time::{Date, Month, Time, UtcOffset};

/// Unit: µs since the epoch, UTC; a finer fraction is cut. Without an offset it is UTC.
///
/// `2024-01-09T05:00:01.25Z`, `2024-01-09 05:00:01.000`, `…+0000` (Suricata), `…-04:00`, `… UTC`.
pub(crate) fn moment(text: &str) -> Option<i64> {
    let (date, rest) = (text.get(..10)?, text.get(11..)?);
    if !matches!(text.as_bytes().get(10)?, b'T' | b't' | b' ') {
        return None;
    }
    let (clock, rest) = (rest.get(..8)?, rest.get(8..)?);
    let (fraction, offset) = match rest.strip_prefix('.') {
        Some(rest) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            (micros(rest.get(..digits)?)?, rest.get(digits..)?)
        }
        None => (0, rest),
    };
    let (year, month, day) = three(date, b'-')?;
    let (hour, minute, second) = three(clock, b':')?;
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::try_from(year).ok()?, month, u8::try_from(day).ok()?);
    let narrow = |number| u8::try_from(number).ok();
    let time = Time::from_hms(narrow(hour)?, narrow(minute)?, narrow(second)?);
    let seconds = date.ok()?.with_time(time.ok()?).assume_offset(self::offset(offset)?);
    let micros = seconds.unix_timestamp().checked_mul(1_000_000)?.checked_add(fraction)?;
    (micros >= 0).then_some(micros)
}

/// Three numbers at the places that `0000-00-00` or `00:00:00` has them.
fn three(text: &str, parting: u8) -> Option<(i64, i64, i64)> {
    let mut parts = text.as_bytes().split(|byte| *byte == parting).map(int);
    let three = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(three)
}

fn offset(text: &str) -> Option<UtcOffset> {
    let text = text.trim_ascii_start();
    let (sign, digits) = match text.as_bytes().first() {
        None => return Some(UtcOffset::UTC),
        Some(b'+') => (1_i8, text.get(1..)?),
        Some(b'-') => (-1, text.get(1..)?),
        Some(_) if matches!(text, "Z" | "z" | "UTC") => return Some(UtcOffset::UTC),
        Some(_) => return None,
    };
    let (hours, minutes) = match digits.len() {
        5 if digits.as_bytes().get(2) == Some(&b':') => (digits.get(..2)?, digits.get(3..)?),
        4 => (digits.get(..2)?, digits.get(2..)?),
        2 => (digits, "00"),
        _ => return None,
    };
    let signed = |text: &str| Some(i8::try_from(int(text.as_bytes())?).ok()?.saturating_mul(sign));
    UtcOffset::from_hms(signed(hours)?, signed(minutes)?, 0).ok()
}

/// Unit: µs. `1725368066.783233`; also `6e-06`, as floating-point numbers are written.
pub(crate) fn decimal_seconds(text: &str) -> Option<i64> {
    if text.contains('e') {
        let micros = text.parse::<f64>().ok()? * 1e6;
        return (0.0..9e15).contains(&micros).then(|| micros.round() as i64);
    }
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    int(seconds.as_bytes())?.checked_mul(1_000_000)?.checked_add(micros(fraction)?)
}

/// The digits after the point, as µs.
fn micros(digits: &str) -> Option<i64> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digit =
        |at| digits.as_bytes().get(at).map_or(0, |digit: &u8| i64::from(digit.wrapping_sub(b'0')));
    Some((0..6).fold(0_i64, |sum, at| sum.saturating_mul(10).saturating_add(digit(at))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_every_form_that_the_formats_have() {
        for (text, expected) in [
            ("2024-01-09T05:00:01Z", Some(1_704_776_401_000_000)),
            ("2024-01-09 05:00:01.000", Some(1_704_776_401_000_000)),
            ("2024-01-09T05:00:01.123456789Z", Some(1_704_776_401_123_456)),
            ("2024-01-09T05:00:01.5+0000", Some(1_704_776_401_500_000)),
            ("2024-01-09T01:00:01-04:00", Some(1_704_776_401_000_000)),
            ("2025-07-11 15:26:43+00:00", Some(1_752_247_603_000_000)),
            ("2024-01-09 05:00:01.000 UTC", Some(1_704_776_401_000_000)),
            ("2024-02-30T05:00:01Z", None),
            ("2024-01-09T25:00:01Z", None),
            ("2024-01-09T05:00:01.Z", None),
            ("2024-01-09T05:00:01Q", None),
            ("1969-12-31T23:59:59Z", None),
            ("2024-01-09", None),
            ("", None),
            ("2024-01-09é05:00:01Z", None),
        ] {
            assert_eq!(moment(text), expected, "{text}");
        }
    }

    #[test]
    fn a_fraction_of_a_second_keeps_its_microseconds() {
        assert_eq!(decimal_seconds("1725368066.783233"), Some(1_725_368_066_783_233));
        assert_eq!(decimal_seconds("0.03064703941345215"), Some(30_647));
        assert_eq!(decimal_seconds("629503200.0"), Some(629_503_200_000_000));
        assert_eq!(decimal_seconds("7"), Some(7_000_000));
        assert_eq!(decimal_seconds("6e-06"), Some(6));
        assert_eq!(decimal_seconds("1.5e3"), Some(1_500_000_000));
        for text in ["", ".", "1.", "-1.0", "-1e3", "1e300", "e", "1.x", "99999999999999.0"] {
            assert_eq!(decimal_seconds(text), None, "{text}");
        }
    }
}
