//! Times as text: RFC 3339, UTC, with the digits that the source has.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// A time in ns since the epoch; six digits of a second, nine where there are that many.
pub fn nanoseconds(time: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp_nanos(time.into());
    let text = at.ok().and_then(|at| {
        if time % 1_000 == 0 {
            at.format(format_description!(
                "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z"
            ))
        } else {
            at.format(format_description!(
                "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:9]Z"
            ))
        }
        .ok()
    });
    text.unwrap_or_else(|| format!("{time} ns"))
}

/// A time in µs since the epoch; whole seconds without a fraction, as flow logs have them.
pub fn microseconds(time: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(time) * 1_000);
    at.ok().and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_else(|| format!("{time} µs"))
}

/// Reads a time as the filter language does: RFC 3339, or a date with or without a time of day, in UTC. Unit: µs.
pub fn parse_microseconds(text: &str) -> Option<i64> {
    let text = text.trim();
    let full = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        16 => format!("{}:00Z", text.replacen(' ', "T", 1)),
        19 => format!("{}Z", text.replacen(' ', "T", 1)),
        _ => text.to_owned(),
    };
    let at = OffsetDateTime::parse(&full, &Rfc3339).ok()?;
    i64::try_from(at.unix_timestamp_nanos() / 1_000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_keeps_the_digits_of_its_source() {
        assert_eq!(microseconds(1_772_496_000_000_000), "2026-03-03T00:00:00Z");
        assert_eq!(nanoseconds(1_772_496_000_000_001_000), "2026-03-03T00:00:00.000001Z");
        assert_eq!(nanoseconds(1_772_496_000_000_000_001), "2026-03-03T00:00:00.000000001Z");
    }

    #[test]
    fn a_time_can_be_typed_in_short() {
        let midnight = Some(1_772_496_000_000_000);
        for text in
            ["2026-03-03", "2026-03-03 00:00", "2026-03-03T00:00:00Z", "2026-03-03 00:00:00"]
        {
            assert_eq!(parse_microseconds(text), midnight, "{text}");
        }
        assert_eq!(parse_microseconds("yesterday"), None);
    }
}
