//! Where objects are.

use std::{fmt, str::FromStr};

/// A bucket and the beginning of the keys that are meant, written `s3://bucket/prefix`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// Name of the bucket.
    pub bucket: String,
    /// What the keys begin with; empty means the whole bucket. Not necessarily a folder: `logs/2026`
    /// also means `logs/2026-old`.
    pub prefix: String,
}

/// The text names no bucket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an S3 location: {0:?} (write s3://bucket or s3://bucket/prefix)")]
pub struct ParseLocationError(String);

impl FromStr for Location {
    type Err = ParseLocationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text.strip_prefix("s3://").ok_or_else(|| ParseLocationError(text.to_owned()))?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        // The letters that a bucket name may have, those of the oldest buckets included: nothing in a
        // name can then change which host or path is asked.
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        let name = (3..=255).contains(&bucket.len()) && bucket.bytes().all(letter);
        if !name || bucket.starts_with('.') {
            return Err(ParseLocationError(text.to_owned()));
        }
        Ok(Self { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, bucket: &str, prefix: &str) {
        let location: Location = text.parse().unwrap();
        assert_eq!((location.bucket.as_str(), location.prefix.as_str()), (bucket, prefix));
        assert_eq!(location.to_string().parse(), Ok(location));
    }

    #[test]
    fn a_location_is_a_bucket_and_a_prefix() {
        check("s3://flow-logs", "flow-logs", "");
        check("s3://flow-logs/", "flow-logs", "");
        check("s3://flow-logs/AWSLogs/1234/", "flow-logs", "AWSLogs/1234/");
        check("s3://flow-logs//odd key?#%", "flow-logs", "/odd key?#%");
    }

    #[test]
    fn anything_else_is_no_location() {
        for text in ["", "flow-logs", "https://flow-logs/a", "s3://", "s3:///key", "s3://ab/key"] {
            assert!(text.parse::<Location>().is_err(), "{text}");
        }
        for text in ["s3://host:80/key", "s3://user@host/key", "s3://../key", "s3://a?b/key"] {
            assert!(text.parse::<Location>().is_err(), "{text}");
        }
    }
}
