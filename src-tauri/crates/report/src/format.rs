//! Numbers and times as people read them.

use time::OffsetDateTime;

/// `1388` as `1,388`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of things: `1 record`, `2 records`, `no records`.
pub(crate) fn things(number: u64, one: &str) -> String {
    match number {
        0 => format!("no {one}s"),
        1 => format!("1 {one}"),
        _ => format!("{} {one}s", count(number)),
    }
}

/// Three significant digits and a decimal unit, for axes and summaries: `5.3 MB`.
pub(crate) fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    let mut unit = "B";
    for larger in ["kB", "MB", "GB", "TB", "PB"] {
        if value < 999.5 {
            break;
        }
        value /= 1000.0;
        unit = larger;
    }
    match unit {
        "B" => format!("{bytes} B"),
        _ if value < 9.95 => format!("{value:.1} {unit}"),
        _ => format!("{value:.0} {unit}"),
    }
}

fn parts(nanoseconds: i64) -> OffsetDateTime {
    // Every i64 of nanoseconds lies between the years 1677 and 2262.
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(nanoseconds))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// `2026-11-12`.
pub(crate) fn date(nanoseconds: i64) -> String {
    let at = parts(nanoseconds);
    format!("{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day())
}

/// `14:05`, or `14:05:41` where there are seconds.
pub(crate) fn clock(nanoseconds: i64) -> String {
    let at = parts(nanoseconds);
    match at.second() {
        0 => format!("{:02}:{:02}", at.hour(), at.minute()),
        second => format!("{:02}:{:02}:{second:02}", at.hour(), at.minute()),
    }
}

/// `2026-11-12 14:05:41`, with as many decimals, in threes, as the time has.
pub(crate) fn instant(nanoseconds: i64) -> String {
    let at = parts(nanoseconds);
    let whole = format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second());
    let fraction = match at.nanosecond() {
        0 => String::new(),
        n if n.is_multiple_of(1_000_000) => format!(".{:03}", n / 1_000_000),
        n if n.is_multiple_of(1_000) => format!(".{:06}", n / 1_000),
        n => format!(".{n:09}"),
    };
    format!("{} {whole}{fraction}", date(nanoseconds))
}

/// Year, month, day, hour, minute and second of a time, for metadata.
pub(crate) fn calendar(nanoseconds: i64) -> (i32, u8, u8, u8, u8, u8) {
    let at = parts(nanoseconds);
    (at.year(), at.month().into(), at.day(), at.hour(), at.minute(), at.second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!([0, 999, 1388, 1_288_410].map(count), ["0", "999", "1,388", "1,288,410"]);
        assert_eq!(things(0, "record"), "no records");
    }

    #[test]
    fn sizes_have_two_or_three_digits() {
        assert_eq!(
            [0, 999, 1000, 5_300_000, 41_208, 999_999].map(size),
            ["0 B", "999 B", "1.0 kB", "5.3 MB", "41 kB", "1.0 MB"]
        );
    }

    #[test]
    fn a_time_keeps_the_precision_that_it_has() {
        assert_eq!(instant(0), "1970-01-01 00:00:00");
        assert_eq!(instant(1_500_000_000), "1970-01-01 00:00:01.500");
        assert_eq!(instant(1_000), "1970-01-01 00:00:00.000001");
        assert_eq!(instant(-1), "1969-12-31 23:59:59.999999999");
        assert_eq!(instant(i64::MIN), "1677-09-21 00:12:43.145224192");
    }
}
