//! What a value stands for.

use super::schema::{Leaf, Meaning};
use super::values::Raw;
use serde_json::{Number, Value as Json};
use std::fmt;
use time::format_description::well_known::Rfc3339;
use time::{Date, OffsetDateTime};

/// 1970-01-01 as Julian days count.
const EPOCH: i32 = 2_440_588;
const NANOS_OF_DAY: i128 = 86_400_000_000_000;

/// A value and its meaning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scalar<'a> {
    Boolean(bool),
    Int(i64),
    /// A number that 64 bits hold only without a sign.
    Large(u64),
    Single(f32),
    Double(f64),
    Decimal {
        digits: i128,
        scale: i32,
    },
    /// Days since 1970.
    Date(i32),
    /// Time of day. Unit: ns.
    Clock(i128),
    /// A point in time since 1970. Unit: ns.
    Instant {
        nanos: i128,
        utc: bool,
    },
    Text(&'a str),
    Uuid([u8; 16]),
    /// Bytes of no stated meaning that are no text.
    Binary(&'a [u8]),
    /// What should be text and is not.
    NotUtf8(&'a [u8]),
}

impl<'a> Scalar<'a> {
    pub(super) fn new(leaf: &Leaf, raw: Raw<'a>) -> Self {
        match (raw, leaf.meaning) {
            (Raw::Boolean(value), _) => Self::Boolean(value),
            (Raw::Float(value), _) => Self::Single(value),
            (Raw::Double(value), _) => Self::Double(value),
            (Raw::Int(value), Meaning::Decimal(scale)) => {
                Self::Decimal { digits: value.into(), scale }
            }
            (Raw::Int(value), Meaning::Date) => {
                i32::try_from(value).map_or(Self::Int(value), Self::Date)
            }
            (Raw::Int(value), Meaning::Clock(unit)) => Self::Clock(nanos(value, unit)),
            (Raw::Int(value), Meaning::Instant { unit, utc }) => {
                Self::Instant { nanos: nanos(value, unit), utc }
            }
            (Raw::Int(value), Meaning::Unsigned) => unsigned(leaf, value),
            (Raw::Int(value), _) => Self::Int(value),
            (Raw::Bytes(bytes), Meaning::Decimal(scale)) => {
                decimal(bytes).map_or(Self::Binary(bytes), |digits| Self::Decimal { digits, scale })
            }
            (Raw::Bytes(bytes), Meaning::Uuid) => {
                bytes.try_into().map_or(Self::Binary(bytes), Self::Uuid)
            }
            (Raw::Bytes(bytes), _) if leaf.physical == super::schema::Physical::Int96 => {
                int96(bytes).unwrap_or(Self::Binary(bytes))
            }
            (Raw::Bytes(bytes), Meaning::Text) => {
                std::str::from_utf8(bytes).map_or(Self::NotUtf8(bytes), Self::Text)
            }
            // Some writers do not say which bytes are text.
            (Raw::Bytes(bytes), _) => match std::str::from_utf8(bytes) {
                Ok(text) if !bytes.contains(&0) => Self::Text(text),
                _ => Self::Binary(bytes),
            },
        }
    }

    /// The value in JSON, points in time as text or, as OCSF has them, in milliseconds.
    pub(super) fn json(&self, milliseconds: bool) -> Json {
        match *self {
            Self::Boolean(value) => value.into(),
            Self::Int(value) => value.into(),
            Self::Large(value) => value.into(),
            Self::Single(value) => {
                Number::from_f64(value.into()).map_or_else(|| self.text(), Json::Number)
            }
            Self::Double(value) => {
                Number::from_f64(value).map_or_else(|| self.text(), Json::Number)
            }
            Self::Decimal { .. } => self
                .whole()
                .and_then(|whole| i64::try_from(whole).ok())
                .map_or_else(|| self.text(), Json::from),
            Self::Instant { nanos, .. }
                if milliseconds && nanos.checked_rem(1_000_000) == Some(0) =>
            {
                let milliseconds =
                    nanos.checked_div(1_000_000).and_then(|number| i64::try_from(number).ok());
                milliseconds.map_or_else(|| self.text(), Json::from)
            }
            Self::Text(text) => text.into(),
            _ => self.text(),
        }
    }

    fn text(&self) -> Json {
        Json::String(self.to_string())
    }

    /// The number, if it is a whole one.
    pub(super) fn whole(&self) -> Option<i128> {
        /// From here on doubles leave out whole numbers.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        match *self {
            Self::Int(value) => Some(value.into()),
            Self::Large(value) => Some(value.into()),
            Self::Single(value) => Self::Double(value.into()).whole(),
            Self::Double(value) if value.fract() == 0.0 && value.abs() < EXACT => {
                Some(value as i128)
            }
            Self::Decimal { digits, scale } => {
                let unit = 10_i128.checked_pow(scale.unsigned_abs())?;
                if scale < 0 {
                    return digits.checked_mul(unit);
                }
                (digits.checked_rem(unit)? == 0).then(|| digits.checked_div(unit))?
            }
            _ => None,
        }
    }
}

impl fmt::Display for Scalar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Boolean(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Large(value) => value.fmt(f),
            Self::Single(value) => value.fmt(f),
            Self::Double(value) => value.fmt(f),
            Self::Decimal { digits, scale } => show_decimal(f, digits, scale),
            Self::Date(days) => match days.checked_add(EPOCH).map(Date::from_julian_day) {
                Some(Ok(date)) => date.fmt(f),
                _ => write!(f, "{days} days since 1970"),
            },
            Self::Clock(nanos) => {
                match rfc3339(nanos).filter(|_| (0..NANOS_OF_DAY).contains(&nanos)) {
                    Some(text) => f.write_str(text.get(11..).unwrap_or_default()),
                    None => write!(f, "{nanos} ns of the day"),
                }
            }
            Self::Instant { nanos, utc } => match rfc3339(nanos) {
                Some(text) => write!(f, "{text}{}", if utc { "Z" } else { "" }),
                None => write!(f, "{nanos} ns since 1970"),
            },
            Self::Text(text) => f.write_str(text),
            Self::Uuid(bytes) => {
                for (at, byte) in bytes.iter().enumerate() {
                    let dash = if matches!(at, 4 | 6 | 8 | 10) { "-" } else { "" };
                    write!(f, "{dash}{byte:02x}")?;
                }
                Ok(())
            }
            Self::Binary(bytes) => {
                f.write_str("0x")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Self::NotUtf8(bytes) => bytes.escape_ascii().fmt(f),
        }
    }
}

fn nanos(value: i64, unit: i64) -> i128 {
    i128::from(value).saturating_mul(unit.into())
}

/// Numbers without a sign lie in the bytes of numbers with one.
fn unsigned<'a>(leaf: &Leaf, value: i64) -> Scalar<'a> {
    if leaf.physical == super::schema::Physical::Int32 {
        return Scalar::Int(i64::from(value as u32));
    }
    if value < 0 { Scalar::Large(value.cast_unsigned()) } else { Scalar::Int(value) }
}

/// Two's complement, most significant byte first.
fn decimal(bytes: &[u8]) -> Option<i128> {
    let first = bytes.first().filter(|_| bytes.len() <= 16)?;
    let sign = if first & 0x80 == 0 { 0 } else { -1 };
    Some(bytes.iter().fold(sign, |number, byte| number << 8 | i128::from(*byte)))
}

/// Nanoseconds of the day, then the Julian day.
fn int96<'a>(bytes: &[u8]) -> Option<Scalar<'a>> {
    let (time, day) = bytes.split_first_chunk::<8>()?;
    let day = i128::from(i32::from_le_bytes(day.try_into().ok()?)).checked_sub(EPOCH.into())?;
    let nanos = day.checked_mul(NANOS_OF_DAY)?.checked_add(i64::from_le_bytes(*time).into())?;
    Some(Scalar::Instant { nanos, utc: true })
}

/// A point in time, without the `Z`.
fn rfc3339(nanos: i128) -> Option<String> {
    let text = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?.format(&Rfc3339).ok()?;
    Some(text.trim_end_matches('Z').to_owned())
}

fn show_decimal(f: &mut fmt::Formatter<'_>, digits: i128, scale: i32) -> fmt::Result {
    let Some(scale) = usize::try_from(scale).ok().filter(|scale| *scale <= 38) else {
        return write!(f, "{digits}e{}", scale.saturating_neg());
    };
    let sign = if digits < 0 { "-" } else { "" };
    let text = format!("{:0width$}", digits.unsigned_abs(), width = scale.saturating_add(1));
    let (whole, fraction) = text.split_at(text.len().saturating_sub(scale));
    let point = if scale == 0 { "" } else { "." };
    write!(f, "{sign}{whole}{point}{fraction}")
}
