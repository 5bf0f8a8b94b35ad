//! Times as the journal writes them: RFC 3339, UTC, always six digits of a second.

use serde::{Deserialize, Deserializer, Serializer, de::Error};
use time::format_description::{BorrowedFormatItem, well_known::Rfc3339};
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

const MICROSECONDS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

/// The time as text, for example `2026-11-12T14:05:41.000000Z`; what is finer than a microsecond is cut off.
pub fn rfc3339(at: OffsetDateTime) -> String {
    // Writing into a string fails only for components that the format does not name.
    at.to_offset(UtcOffset::UTC).format(MICROSECONDS).unwrap_or_else(|_| at.to_string())
}

/// The same time with what the journal does not keep cut off.
pub(crate) fn to_microsecond(at: OffsetDateTime) -> OffsetDateTime {
    let at = at.to_offset(UtcOffset::UTC);
    at.replace_nanosecond(at.microsecond() * 1000).unwrap_or(at)
}

pub(crate) fn serialize<S: Serializer>(at: &OffsetDateTime, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&rfc3339(*at))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<OffsetDateTime, D::Error> {
    let text = String::deserialize(from)?;
    let at = OffsetDateTime::parse(&text, &Rfc3339).map_err(D::Error::custom)?;
    Ok(at.to_offset(UtcOffset::UTC))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_time_is_written_in_utc_with_six_digits() {
        let at = datetime!(2026-11-12 15:05:41.000_001_999 +1);
        assert_eq!(rfc3339(at), "2026-11-12T14:05:41.000001Z");
        assert_eq!(to_microsecond(at), datetime!(2026-11-12 14:05:41.000_001 UTC));
    }
}
