//! Finding what was changed in a journal.

use super::entry::{Entry, NO_ENTRY, sums};
use evidence::{Sha256, show_bytes};

/// Bytes of a broken line that a failure quotes. Unit: bytes.
const QUOTED: usize = 120;

/// The last entry: what an export states, and what a later check is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Number of the entry.
    pub seq: u64,
    /// Its hash.
    pub hash: Sha256,
}

/// What [`verify_journal`] found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JournalCheck {
    /// How many lines the journal has, the cut one not counted.
    pub entries: u64,
    /// The last entry that can be read.
    pub head: Option<Head>,
    /// Everything that does not fit, in the order of the file; empty for an intact journal.
    pub failures: Vec<JournalFailure>,
    /// Number and hash of each entry that can be read.
    hashes: Vec<Head>,
}

/// One place where the journal is not what it was when it was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("journal entry {entry}: {what}: expected {expected}, found {found}")]
pub struct JournalFailure {
    /// 1-based line of the journal.
    pub entry: u64,
    /// Stable name: `unreadable`, `sum`, `seq`, `prev`, `tail_cut`, `empty`, `head` or `case_toml`.
    pub what: &'static str,
    /// What an intact journal has there.
    pub expected: String,
    /// What was there.
    pub found: String,
}

impl JournalCheck {
    /// Whether nothing is amiss.
    pub fn ok(&self) -> bool {
        self.failures.is_empty()
    }

    /// Holds the journal against an anchor: a head that was written down elsewhere. Only this finds a journal
    /// whose end was cut off at a line, or whose whole chain was computed anew.
    ///
    /// # Errors
    /// The failure, if entry `seq` is gone or has another hash.
    pub fn check_head(&self, seq: u64, hash: Sha256) -> Result<(), JournalFailure> {
        let found = self.hashes.iter().find(|entry| entry.seq == seq);
        match found {
            Some(entry) if entry.hash == hash => Ok(()),
            _ => Err(JournalFailure {
                entry: seq,
                what: "head",
                expected: hash.to_string(),
                found: found.map_or("no such entry".to_owned(), |entry| entry.hash.to_string()),
            }),
        }
    }
}

/// Checks the bytes of a journal: finds an entry that was changed, inserted, moved, or taken out of the middle.
///
/// Entries whose act this version does not know are checked like any other. What it cannot find is said at
/// [`JournalCheck::check_head`].
pub fn verify_journal(bytes: &[u8]) -> JournalCheck {
    let mut check = JournalCheck::default();
    let (whole, tail) = split_tail(bytes);
    let mut prev = NO_ENTRY;
    let mut seq = 1;
    for line in lines(whole) {
        check.entries += 1;
        let at = check.entries;
        let mut fail = |what, expected: String, found: String| {
            check.failures.push(JournalFailure { entry: at, what, expected, found });
        };
        let (sum, stated) = sums(line);
        match sum.map(|sum| sum.to_string()) {
            Some(sum) if sum == stated => {}
            Some(sum) => fail("sum", sum, stated),
            None => fail("sum", "a line that ends in its sum".to_owned(), stated),
        }
        match Entry::read(line) {
            Ok(entry) => {
                if entry.seq != seq {
                    fail("seq", seq.to_string(), entry.seq.to_string());
                }
                if entry.prev != prev {
                    fail("prev", prev.to_string(), entry.prev.to_string());
                }
                seq = entry.seq;
                let head = Head { seq: entry.seq, hash: entry.hash };
                check.head = Some(head);
                check.hashes.push(head);
            }
            Err(error) => fail(
                "unreadable",
                "a journal entry".to_owned(),
                format!("{} ({error})", show_bytes(line, QUOTED)),
            ),
        }
        prev = Sha256::of(line);
        seq = seq.saturating_add(1);
    }
    if !tail.is_empty() {
        check.failures.push(JournalFailure {
            entry: check.entries + 1,
            what: "tail_cut",
            expected: "a line that ends in a newline".to_owned(),
            found: show_bytes(tail, QUOTED),
        });
    }
    if check.entries == 0 {
        check.failures.push(JournalFailure {
            entry: 1,
            what: "empty",
            expected: "case_created".to_owned(),
            found: "no entry".to_owned(),
        });
    }
    check
}

/// The lines that end in a newline, and what follows the last of them.
pub(crate) fn split_tail(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    bytes.split_at(end)
}

/// Each line without its newline.
pub(crate) fn lines(whole: &[u8]) -> impl Iterator<Item = &[u8]> {
    whole
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\n").unwrap_or(line))
}
