//! The day of the incident. All times are nanoseconds of Unix time, UTC.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::{datetime, format_description};

/// Nanoseconds: of Unix time for a moment, plain for a duration.
pub(crate) type Nanos = i64;

pub(crate) const MICRO: Nanos = 1_000;
pub(crate) const MILLI: Nanos = 1_000_000;
pub(crate) const SECOND: Nanos = 1_000_000_000;
pub(crate) const MINUTE: Nanos = 60 * SECOND;

/// Minutes of the day that the sample covers: all of them.
pub(crate) const MINUTES: usize = 24 * 60;

/// Midnight at the start of the day.
pub(crate) const MIDNIGHT: Nanos = datetime!(2026-03-03 00:00 UTC).unix_timestamp() * SECOND;

/// A time of the day.
pub(crate) const fn at(hour: i64, minute: i64, second: i64) -> Nanos {
    MIDNIGHT + (hour * 3600 + minute * 60 + second) * SECOND
}

/// The start of a minute of the day.
pub(crate) const fn minute_start(minute: usize) -> Nanos {
    MIDNIGHT + minute as Nanos * MINUTE
}

/// The minute of the day that `moment` falls in; `None` outside the day.
pub(crate) fn minute_of(moment: Nanos) -> Option<usize> {
    let minute = (moment - MIDNIGHT).div_euclid(MINUTE);
    usize::try_from(minute).ok().filter(|&m| m < MINUTES)
}

/// RFC 3339 with as many decimals as needed.
pub(crate) fn rfc3339(moment: Nanos) -> String {
    utc(moment).format(&Rfc3339).unwrap_or_default()
}

/// As in the names of flow-log files: `20260303T0005Z`.
pub(crate) fn compact(moment: Nanos) -> String {
    utc(moment)
        .format(format_description!("[year][month][day]T[hour][minute]Z"))
        .unwrap_or_default()
}

fn utc(moment: Nanos) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(moment))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
