//! The state of a case.

use serde::Serialize;

/// Counts and facts of the whole case.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct Status {
    pub title: String,
    pub number: String,
    pub examiner: String,
    pub flow_records: u64,
    pub packets: u64,
    pub conversations: u64,
    pub transactions: u64,
    pub rejected_lines: u64,
    pub anomalies: u64,
    pub first: Option<String>,
    pub last: Option<String>,
    pub evidence: Vec<EvidenceObject>,
    pub mirror_sessions: Vec<SessionObject>,
    pub clock_offsets: Vec<ClockObject>,
    pub gaps: Vec<GapRow>,
    pub sources: Vec<SourceObject>,
    pub overlaps: Vec<OverlapObject>,
    /// Records that another source counts; they are not among `flow_records`.
    pub overlapping_records: u64,
    pub verdicts: Vec<(String, u64)>,
    /// Files that say what addresses are known as.
    pub references: Vec<ReferenceObject>,
    /// Evidence that could not be read again when it was needed, a sentence each.
    pub problems: Vec<String>,
    /// Places where a stream or a message breaks its protocol's rules.
    pub payload_anomalies: u64,
    /// Packets whose headers could not be read to the end.
    pub unread_packets: u64,
    pub journal_seq: u64,
    pub journal_head: String,
}

/// A file that says what addresses are known as. Of several of one kind that is in use which was added last.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct ReferenceObject {
    pub path: String,
    pub sha256: String,
    pub kind: String,
    pub in_use: bool,
}

/// An evidence item.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct EvidenceObject {
    pub path: String,
    pub sha256: String,
    pub size: u64,
    pub kind: String,
    pub flow_records: u64,
    pub packets: u64,
    pub rejected_lines: u64,
    pub anomalies: u64,
    pub locations: Vec<LocationObject>,
    pub presence: crate::Presence,
}

/// A place on disk where evidence lies or lay.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LocationObject {
    /// The file.
    pub path: String,
    /// The way into the archive that the file is, one name for each archive: `inner.tar!x.log.gz`.
    pub member: Option<String>,
}

/// A mirror session.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct SessionObject {
    /// What names it: `10.0.1.20/7340121`.
    pub session: String,
    pub source: Option<String>,
    pub vni: Option<u32>,
    pub key: Option<String>,
    pub interface_id: Option<String>,
    pub inferred: bool,
    pub basis: Option<SessionBasis>,
    /// Tuples of it that were looked for in the flow logs, where nothing names its interface.
    pub looked_for: u64,
    /// The interfaces with most of them.
    pub candidates: Vec<CandidateObject>,
    pub packets: u64,
}

/// How the interface of a mirror session is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum SessionBasis {
    /// The examiner says so.
    Confirmed,
    /// A sidecar states it.
    Stated,
    /// The flow logs of that interface have the session's tuples, or it has the session's source address.
    Inferred,
}

/// An interface that a mirror session may copy.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CandidateObject {
    /// The interface.
    pub interface_id: String,
    /// How many of the tuples that were looked for its records have.
    pub tuples: u64,
}

/// How far a collector's clock is from the flow logs'.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct ClockObject {
    pub collector: String,
    pub evidence: Vec<String>,
    pub seconds: Option<f64>,
    pub uncertainty: Option<f64>,
    pub pairs: u64,
    pub pinned: bool,
    pub estimated_seconds: Option<f64>,
    pub estimated_uncertainty: Option<f64>,
}

/// What flow records of an interface count in a minute, and what the captures hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ReconciledObject {
    /// The mirrored interface.
    pub interface_id: String,
    /// The minute, by the flow logs' clock.
    pub from: String,
    /// Its end.
    pub to: String,
    /// Records that begin in it, of those whose packets can have been mirrored.
    pub records: u64,
    /// Packets that they count.
    pub recorded: u64,
    /// Packets of them in the captures.
    pub seen: u64,
    /// Packets of them that no capture holds.
    pub lost: u64,
    /// Packets captured in this minute, whether a record counts them or not.
    pub captured: u64,
}

/// A stretch without records, and what is known of it.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct GapRow {
    pub interface_id: String,
    pub kind: String,
    pub from: String,
    pub to: String,
    pub source: Option<String>,
    pub note: String,
}

/// A flow log as it was exported one way.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct SourceObject {
    pub source: String,
    pub evidence: u64,
    pub fields: u64,
    pub flow_records: u64,
    pub overlapping_records: u64,
    pub first: Option<String>,
    pub last: Option<String>,
}

/// A stretch in which a source has records of an interface that another counts.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct OverlapObject {
    pub interface_id: String,
    pub source: String,
    pub counted: String,
    pub from: String,
    pub to: String,
    pub records: u64,
}

/// What captures say besides their packets.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CaptureFacts {
    /// In file order, capture by capture; as many as were asked for.
    pub rows: Vec<CaptureFactObject>,
    /// How many are kept.
    pub total: usize,
    /// How many there was no room for.
    pub omitted: u64,
}

/// Something that a capture says besides its packets.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct CaptureFactObject {
    pub evidence: String,
    pub sha256: String,
    pub offset: u64,
    /// The packet that bears a comment.
    pub frame: Option<u64>,
    pub kind: CaptureFactKind,
    /// What a name names.
    pub address: Option<String>,
    pub text: String,
}

/// What kind of thing a capture says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum CaptureFactKind {
    /// A note on a packet, an interface or the capture.
    Comment,
    /// Counters of what arrived at an interface and was dropped.
    Drops,
    /// What an address is called.
    Name,
    /// Key material.
    Secrets,
}
