//! Input that breaks its own rules, kept as data.

use std::collections::BTreeMap;
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

/// The anomalies of one input. Whoever made it may have put the same thing into it a million times: of each kind the
/// first [`Anomalies::TOLD`] are kept one by one, and one more says how many there were besides.
#[derive(Debug, Clone, Default)]
pub struct Anomalies {
    told: Vec<Anomaly>,
    kinds: BTreeMap<&'static str, Kind>,
}

#[derive(Debug, Clone, Default)]
struct Kind {
    times: u64,
    /// The first that is not told, if there is one.
    rest: Option<u64>,
    /// Bytes concerned by the rest.
    bytes: u64,
}

impl Anomalies {
    /// How many of each kind are kept one by one.
    pub const TOLD: u64 = 100;

    /// Takes one more in.
    pub fn push(&mut self, anomaly: Anomaly) {
        let kind = self.kinds.entry(anomaly.kind).or_default();
        kind.times = kind.times.saturating_add(1);
        if kind.times <= Self::TOLD {
            self.told.push(anomaly);
        } else {
            kind.rest.get_or_insert(anomaly.offset);
            kind.bytes = kind.bytes.saturating_add(anomaly.length);
        }
    }

    /// All of them, in the order in which they came, and those that count the rest of a kind at the end.
    pub fn finish(self) -> Vec<Anomaly> {
        let Self { told: mut all, kinds } = self;
        for (kind, Kind { times, rest, bytes }) in kinds {
            let Some(offset) = rest else { continue };
            let more = times.saturating_sub(Self::TOLD);
            let found = format!("{more} more from here on, over {bytes} bytes");
            let expected = format!("at most {} of a kind, told one by one", Self::TOLD);
            all.push(Anomaly::new(kind, offset, 0, expected, found));
        }
        all
    }
}

impl Extend<Anomaly> for Anomalies {
    fn extend<I: IntoIterator<Item = Anomaly>>(&mut self, anomalies: I) {
        anomalies.into_iter().for_each(|anomaly| self.push(anomaly));
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
    fn what_comes_without_end_is_counted_instead_of_told() {
        let mut all = Anomalies::default();
        for offset in 0..1_000_000 {
            all.push(Anomaly::new("a.often", offset, 3, "", ""));
            if offset < Anomalies::TOLD {
                all.push(Anomaly::new("a.seldom", offset, 3, "", ""));
            }
        }
        let all = all.finish();
        let times = |kind| all.iter().filter(|anomaly| anomaly.kind == kind).count();
        assert_eq!((times("a.often"), times("a.seldom")), (101, 100));
        assert_eq!(
            all.last().map(ToString::to_string).as_deref(),
            Some(
                "a.often at byte 100: expected at most 100 of a kind, told one by one, \
                 found 999900 more from here on, over 2999700 bytes"
            )
        );
    }

    #[test]
    fn shown_bytes_are_escaped_and_cut() {
        assert_eq!(show_bytes(b"GET\x00\xff", 10), "GET\\x00\\xff");
        assert_eq!(show_bytes(b"abcdef", 3), "abc…");
    }
}
