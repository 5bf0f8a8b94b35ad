//! One line of the journal.

use super::Act;
use crate::reference::as_text;
use crate::{Author, instant};
use evidence::Sha256;
use serde::{Deserialize, Serialize, de::IgnoredAny};
use time::OffsetDateTime;

/// What `prev` says in the first entry.
pub(crate) const NO_ENTRY: Sha256 = Sha256([0; 32]);

/// An act, who did it, when, and its place in the chain.
///
/// As a line: `{"seq":…,"at":…,"who":…,"os_user":…,"host":…,"build":…,"act":…,…,"prev":…,"sum":…}`.
/// `sum` is the SHA-256 of the line's bytes before `,"sum"`, so that a change in the last line shows too,
/// which no later `prev` vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// 1 for the first, without holes.
    pub seq: u64,
    /// When, to the microsecond.
    pub at: OffsetDateTime,
    /// Who.
    pub author: Author,
    /// What.
    pub act: Act,
    /// Hash of the line before; 64 zeros in the first.
    pub prev: Sha256,
    /// SHA-256 of this line's bytes, without its newline.
    pub hash: Sha256,
}

#[derive(Serialize, Deserialize)]
struct Line {
    seq: u64,
    #[serde(with = "instant")]
    at: OffsetDateTime,
    #[serde(flatten)]
    author: Author,
    #[serde(flatten)]
    act: Act,
    #[serde(with = "as_text")]
    prev: Sha256,
    /// Named here only so that an act which keeps all its fields does not take it for one.
    #[serde(rename = "sum", default, skip_serializing)]
    _sum: IgnoredAny,
}

const SUM: &[u8] = br#","sum":""#;
/// Length of `,"sum":"…"}`.
const SUM_LENGTH: usize = SUM.len() + 64 + 2;

impl Entry {
    /// The entry that follows, and its line without a newline.
    pub(crate) fn compose(
        seq: u64,
        at: OffsetDateTime,
        author: &Author,
        act: Act,
        prev: Sha256,
    ) -> Result<(Self, Vec<u8>), serde_json::Error> {
        let at = instant::to_microsecond(at);
        let line = Line { seq, at, author: author.clone(), act, prev, _sum: IgnoredAny };
        let mut bytes = serde_json::to_vec(&line)?;
        bytes.pop();
        let sum = Sha256::of(&bytes);
        bytes.extend_from_slice(SUM);
        bytes.extend_from_slice(format!("{sum}\"}}").as_bytes());
        let hash = Sha256::of(&bytes);
        Ok((Self { seq, at, author: line.author, act: line.act, prev, hash }, bytes))
    }

    /// Reads a line without its newline.
    pub(crate) fn read(line: &[u8]) -> Result<Self, serde_json::Error> {
        let Line { seq, at, author, act, prev, .. } = serde_json::from_slice(line)?;
        Ok(Self { seq, at, author, act, prev, hash: Sha256::of(line) })
    }
}

/// The sum that the bytes of a line have, and the one that it states.
pub(crate) fn sums(line: &[u8]) -> (Option<Sha256>, String) {
    let Some((body, end)) = line.split_at_checked(line.len().saturating_sub(SUM_LENGTH)) else {
        return (None, String::new());
    };
    let stated = end.strip_prefix(SUM).and_then(|end| end.strip_suffix(b"\"}"));
    match stated.and_then(|digits| std::str::from_utf8(digits).ok()) {
        Some(stated) => (Some(Sha256::of(body)), stated.to_owned()),
        None => (None, evidence::show_bytes(end, SUM_LENGTH)),
    }
}
