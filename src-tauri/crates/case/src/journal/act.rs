//! What a person did to the case.

use crate::Reference;
use crate::reference::as_text;
use evidence::Sha256;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One act. In the journal its name stands in `act`, in lower case with underscores, and its fields stand
/// beside it. A name, once written by a released version, is never given another meaning.
///
/// A long act is written as [`Act::Begin`] before it starts and [`Act::Done`], [`Act::Failed`] or
/// [`Act::Cancelled`] after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
#[allow(missing_docs, reason = "fields that several acts share are explained once, below")]
#[non_exhaustive]
pub enum Act {
    /// The case was opened for the first time. Always the first entry.
    CaseCreated { number: String, title: String, examiner: String, tool_version: String },
    /// A file was hashed and became evidence. `path` is where it lay; `name` is what lists and reports call it,
    /// its path below the folder that the user gave; `member` names the file inside
    /// an archive; `copied` is the place of a copy inside the case; `source` says where it was acquired
    /// (an `s3://` address); `reading` is what the user said about how to read it (`format`, `fields`), which
    /// a rebuild needs again.
    EvidenceAdded {
        path: String,
        name: String,
        size: u64,
        #[serde(with = "as_text")]
        sha256: Sha256,
        kind: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        member: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        copied: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<String>,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        reading: BTreeMap<String, String>,
    },
    /// The bytes of an evidence item were found at another place: a second copy, or the file was moved.
    EvidenceLocated {
        #[serde(with = "as_text")]
        sha256: Sha256,
        path: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        member: Option<String>,
    },
    /// A file was offered and not taken.
    EvidenceRefused { path: String, cause: String },
    /// A long act starts.
    Begin { operation: String, parameters: Value },
    /// The act begun at entry `of` ended well; `results` holds counts and the hashes of what it made.
    Done { of: u64, results: Value },
    /// The act begun at entry `of` ended with an error.
    Failed { of: u64, cause: String },
    /// The act begun at entry `of` was stopped by the user.
    Cancelled { of: u64 },
    /// Things were tagged.
    TagSet { on: Vec<Reference>, tag: String },
    /// A tag was taken off.
    TagRemoved { on: Vec<Reference>, tag: String },
    /// A note was written.
    NoteAdded { id: String, on: Vec<Reference>, text: String },
    /// The examiner asserts something. `technique` is an ATT&CK id.
    FindingMade {
        id: String,
        title: String,
        text: String,
        severity: Severity,
        references: Vec<Reference>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        technique: Option<String>,
    },
    /// The finding `id` now reads so, in full.
    FindingChanged {
        id: String,
        title: String,
        text: String,
        severity: Severity,
        references: Vec<Reference>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        technique: Option<String>,
    },
    /// The examiner no longer asserts the finding `id`.
    FindingWithdrawn { id: String, reason: String },
    /// The offset of a collector's clock was set by hand: capture clock − flow-log clock. `evidence` are its captures by
    /// SHA-256; `collector` is what it was called.
    ClockPinned { collector: String, evidence: Vec<String>, microseconds: i64 },
    /// The clock of these captures is estimated again.
    ClockReleased { collector: String, evidence: Vec<String> },
    /// The examiner says which interface a mirror session copies. `session` is its outer source and its number.
    SessionConfirmed { session: String, interface_id: String },
    /// What the examiner said of a mirror session no longer counts.
    SessionReleased { session: String },
    /// A selection of records was given a name; one of that name that was there before is replaced. `from` and `to` are
    /// RFC 3339; `order` is a field, with `:desc` for the largest first.
    ViewSaved {
        name: String,
        filter: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order: Option<String>,
        /// Also the records that another source counts.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        all_sources: bool,
    },
    /// The name of a selection was given up.
    ViewForgotten { name: String },
    /// Files left the case, made from the entries up to `upto`.
    Exported { format: String, upto: u64, files: Vec<ExportedFile> },
    /// The journal ended in a line that was cut off, by a crash or a full disk. Its bytes are `quoted`, with
    /// everything but printable ASCII escaped as in a Rust byte string.
    TailRecovered { length: u64, quoted: String },
    /// An act of a newer version, or one whose fields this version cannot read: kept as it is, `act` included.
    #[serde(untagged)]
    Unknown(Map<String, Value>),
}

impl Act {
    /// The operation name of everything that writes exports; see [`crate::snapshot_seq`].
    pub const EXPORT: &'static str = "export";
}

/// How much a finding matters, by the examiner's judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Context, harmless by itself.
    Info,
    /// Worth knowing.
    Low,
    /// Worth acting on.
    Medium,
    /// Harm is likely.
    High,
    /// Harm was done.
    Critical,
}

/// A file that left the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedFile {
    /// Where it was written.
    pub path: String,
    /// Unit: bytes.
    pub size: u64,
    /// Its SHA-256 when it was written.
    #[serde(with = "as_text")]
    pub sha256: Sha256,
}
