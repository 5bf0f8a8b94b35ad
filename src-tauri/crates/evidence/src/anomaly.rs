//! Input that breaks its own rules, kept as data.

use std::fmt;

/// One place where the input is not what its format, or one of its own fields, promised.
///
/// An anomaly is a result, not a failure: the reader that reports it goes on. It names no file, because
/// the crates that read bytes do not know files; whoever called the reader does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anomaly {
    /// Stable name of the kind: `<reader>.<what>`, for example `pcap.record_cut`. Stored in cases, never renamed.
    pub kind: &'static str,
    /// First byte concerned, counted from the start of the (inflated) input. Unit: bytes.
    pub offset: u64,
    /// How many bytes are concerned; 0 where the end of the input is.
    pub length: u64,
    /// What the format or a field of the input promised.
    pub expected: String,
    /// What was there.
    pub found: String,
}

impl Anomaly {
    /// An anomaly of `kind` over `length` bytes from `offset`.
    pub fn new(
        kind: &'static str,
        offset: u64,
        length: u64,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self { kind, offset, length, expected: expected.into(), found: found.into() }
    }
}

impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} at byte {}: expected {}, found {}",
            self.kind, self.offset, self.expected, self.found
        )
    }
}

/// The first `limit` bytes as text in which everything unprintable is escaped, for [`Anomaly::found`].
pub fn show_bytes(bytes: &[u8], limit: usize) -> String {
    let head = bytes.get(..limit).unwrap_or(bytes);
    let mut text = head.escape_ascii().to_string();
    if head.len() < bytes.len() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_bytes_are_escaped_and_cut() {
        assert_eq!(show_bytes(b"GET\x00\xff", 10), "GET\\x00\\xff");
        assert_eq!(show_bytes(b"abcdef", 3), "abc…");
    }
}
