//! What a report is made of: plain values, filled by whoever knows the case.
//!
//! Times are nanoseconds since 1970-01-01 00:00 UTC. Lists are shown in the order given. Texts are shown as
//! they are and need no preparation: whatever they hold, it is escaped.

use evidence::Sha256;
use std::ops::Range;

/// A case at one entry of its journal.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Snapshot {
    /// Whose case it is.
    pub case: Case,
    /// Name, version and commit of the program, for example `Tidemark 1.0.0 (a1b2c3d)`.
    pub tool: String,
    /// The time that the report states as its own.
    pub at: i64,
    /// The journal entry at which the snapshot ends.
    pub head: Head,
    /// Titles of the parts that the examiner leaves out, see [`crate::outline`].
    pub without: Vec<String>,
    /// What the examiner says in short; may be empty.
    pub summary: String,
    /// What was examined.
    pub evidence: Vec<Evidence>,
    /// Counts over all evidence.
    pub totals: Totals,
    /// Where the flow logs say nothing.
    pub gaps: Vec<Gap>,
    /// Sources of mirrored packets.
    pub sessions: Vec<MirrorSession>,
    /// Clocks of the collectors.
    pub clocks: Vec<Clock>,
    /// Flow records over time: adjoining spans, oldest first.
    pub timeline: Vec<Bucket>,
    /// Who talked most.
    pub top: Vec<TopTable>,
    /// What the examiner asserts.
    pub findings: Vec<Finding>,
    /// What the examiner noted.
    pub notes: Vec<Note>,
    /// What the examiner tagged.
    pub tags: Vec<Tag>,
}

/// Whose case it is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Case {
    /// The number of the examiner's own office.
    pub number: String,
    /// A line.
    pub title: String,
    /// Name and organisation.
    pub examiner: String,
    /// When the case was created.
    pub created: i64,
    /// A line above the title, such as `Confidential · prepared for counsel`; may be empty.
    pub marking: String,
}

/// An entry of the journal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Head {
    /// Its number.
    pub seq: u64,
    /// Its hash.
    pub hash: Sha256,
}

impl Default for Head {
    fn default() -> Self {
        Self { seq: 0, hash: Sha256([0; 32]) }
    }
}

/// An evidence item.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// As the user gave it.
    pub path: String,
    /// Unit: bytes.
    pub size: u64,
    /// Of the file as acquired.
    pub sha256: Sha256,
    /// What it was recognised as.
    pub kind: String,
    /// Flow records read from it.
    pub flow_records: u64,
    /// Packets read from it.
    pub packets: u64,
    /// Lines that are no flow record.
    pub rejected_lines: u64,
    /// Places that break the rules of the format.
    pub anomalies: u64,
}

/// Counts over all evidence.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Totals {
    /// Flow records.
    pub flow_records: u64,
    /// Packets.
    pub packets: u64,
    /// Conversations.
    pub conversations: u64,
    /// Lines that are no flow record.
    pub rejected_lines: u64,
    /// Places that break the rules of their format.
    pub anomalies: u64,
    /// Start of the first flow record or packet.
    pub first: Option<i64>,
    /// End of the last one.
    pub last: Option<i64>,
    /// Flow records by what the captures hold of them.
    pub coverage: Coverage,
    /// Packets that the flow records of mirrored interfaces count.
    pub packets_recorded: u64,
    /// How many of these are in the captures.
    pub packets_seen: u64,
}

/// Flow records by verdict.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Coverage {
    /// All packets captured.
    pub full: u64,
    /// Some.
    pub partial: u64,
    /// None.
    pub none: u64,
    /// More captured than recorded.
    pub excess: u64,
    /// Sampled, or without the fields that comparing needs.
    pub not_comparable: u64,
    /// NODATA and SKIPDATA records, which count no packets.
    pub without_verdict: u64,
}

/// A span of which the flow logs say nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// The interface, if it is about one.
    pub interface_id: Option<String>,
    /// `nodata`, `skipdata`, `suspected_missing_file` or `silence`.
    pub kind: String,
    /// Start.
    pub from: i64,
    /// End.
    pub to: i64,
}

/// A source of mirrored packets.
#[derive(Debug, Clone, PartialEq)]
pub struct MirrorSession {
    /// Outer source address.
    pub source: String,
    /// VXLAN network identifier.
    pub vni: u32,
    /// The interface that it copies, if known.
    pub interface_id: Option<String>,
    /// Whether the interface was inferred from the packets rather than stated by somebody.
    pub inferred: bool,
    /// Packets.
    pub packets: u64,
}

/// The clock of a collector against the flow logs'.
#[derive(Debug, Clone, PartialEq)]
pub struct Clock {
    /// The collector.
    pub collector: String,
    /// Capture clock − flow-log clock, `None` if it cannot be estimated. Unit: seconds.
    pub seconds: Option<f64>,
    /// Half width of the estimate. Unit: seconds.
    pub uncertainty: Option<f64>,
    /// Pairs of a flow record and a conversation that the estimate rests on.
    pub pairs: u64,
    /// Whether a person set it.
    pub pinned: bool,
}

/// Flow records that start in one span.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    /// Start, included.
    pub from: i64,
    /// End, not included.
    pub to: i64,
    /// ACCEPT records.
    pub accept_records: u64,
    /// Their bytes.
    pub accept_bytes: u64,
    /// REJECT records.
    pub reject_records: u64,
    /// Their bytes.
    pub reject_bytes: u64,
}

/// A ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct TopTable {
    /// A line, for example `Destination addresses by bytes`.
    pub title: String,
    /// First is most.
    pub rows: Vec<TopRow>,
}

/// A line of a ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct TopRow {
    /// An address, a port, an interface …
    pub value: String,
    /// Flow records.
    pub records: u64,
    /// Their packets.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// How much a finding matters, by the examiner's judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Context.
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

/// What the examiner asserts, and what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Its name in the journal.
    pub id: String,
    /// A line.
    pub title: String,
    /// The assertion; an empty line starts a paragraph.
    pub text: String,
    /// The examiner's judgement.
    pub severity: Severity,
    /// ATT&CK id and, if wished, its name.
    pub technique: Option<String>,
    /// Who asserted it.
    pub author: String,
    /// When.
    pub at: i64,
    /// 1 as first made.
    pub revision: u32,
    /// Earliest time in the evidence that it rests on.
    pub first: Option<i64>,
    /// What would speak against it, by the examiner; may be empty.
    pub contradiction: String,
    /// The flow records.
    pub flows: Vec<Flow>,
    /// How many flow records it rests on, if more than are listed.
    pub flows_total: u64,
    /// The conversations.
    pub conversations: Vec<Conversation>,
    /// What was said in them.
    pub payloads: Vec<Payload>,
    /// Signatures that matched.
    pub signatures: Vec<Signature>,
    /// Commands that give the same results again.
    pub queries: Vec<Query>,
    /// Why the examiner took it back, if so: a withdrawn finding is listed, its evidence is not.
    pub withdrawn: Option<String>,
}

/// What the captures hold of a flow record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// All of its packets.
    Full,
    /// Some.
    Partial,
    /// None.
    None,
    /// More than it counts.
    Excess,
    /// It cannot be said.
    NotComparable,
}

/// A flow record. A missing field is `None`, never 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// Reference by content, `SHA256:LINE`.
    pub reference: String,
    /// The file, as the user gave it.
    pub path: String,
    /// 1-based, the header included.
    pub line: u64,
    /// Start of the aggregation window.
    pub start: Option<i64>,
    /// End of it.
    pub end: Option<i64>,
    /// Account that owns the interface.
    pub account_id: Option<String>,
    /// The interface.
    pub interface_id: Option<String>,
    /// Source address as recorded.
    pub srcaddr: Option<String>,
    /// Source port as recorded.
    pub srcport: Option<u16>,
    /// Destination address as recorded.
    pub dstaddr: Option<String>,
    /// Destination port as recorded.
    pub dstport: Option<u16>,
    /// IANA protocol number or name.
    pub protocol: Option<String>,
    /// `ACCEPT` or `REJECT`.
    pub action: Option<String>,
    /// `ingress` or `egress`.
    pub flow_direction: Option<String>,
    /// TCP flags, as text.
    pub tcp_flags: Option<String>,
    /// `OK`, `NODATA` or `SKIPDATA`.
    pub log_status: Option<String>,
    /// Packets counted.
    pub packets: Option<u64>,
    /// Bytes counted.
    pub bytes: Option<u64>,
    /// What the captures hold of it; `None` for NODATA and SKIPDATA.
    pub verdict: Option<Verdict>,
    /// Why not more, the first one primary.
    pub reasons: Vec<String>,
    /// Packets captured: 0 for looked and none, `None` for not computable.
    pub packets_seen: Option<u64>,
    /// Their inner bytes.
    pub bytes_seen: Option<u64>,
}

/// Both directions of one five-tuple as captured.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// Reference by content, `SHA256@OFFSET` of its first packet.
    pub reference: String,
    /// First packet.
    pub first: i64,
    /// Last packet.
    pub last: i64,
    /// Address and port of who opened it.
    pub client: String,
    /// Address and port of the other side.
    pub server: String,
    /// For example `tcp`.
    pub protocol: String,
    /// What is spoken in it, if recognised.
    pub application: Option<String>,
    /// Packets from the client.
    pub packets_client: u64,
    /// Packets from the server.
    pub packets_server: u64,
    /// Inner bytes from the client.
    pub bytes_client: u64,
    /// Inner bytes from the server.
    pub bytes_server: u64,
}

/// What was said: a request and its response, a query and its answer, a stretch of a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Payload {
    /// A line.
    pub title: String,
    /// What the transaction amounts to, a line each.
    pub summary: Vec<String>,
    /// Bytes to show.
    pub excerpts: Vec<Excerpt>,
    /// Bodies, by hash.
    pub bodies: Vec<Body>,
    /// The packets that carried it.
    pub packets: Vec<Packet>,
}

/// A stretch of bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Excerpt {
    /// Whose bytes, and in which form, for example `Response body, inflated`.
    pub label: String,
    /// Whether these are the captured bytes, or what decoding made of them.
    pub decoded: bool,
    /// Offset of the first byte in the stream or the decoded body. Unit: bytes.
    pub offset: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Bytes that follow and are left out.
    pub left_out: u64,
    /// Places in `bytes` that matter.
    pub marks: Vec<Range<usize>>,
}

/// A body that is named by its hash.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// Which one, for example `response body, as decoded`.
    pub label: String,
    /// Unit: bytes.
    pub length: u64,
    /// Its SHA-256.
    pub sha256: Sha256,
}

/// A packet in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Packet {
    /// The capture, as the user gave it.
    pub file: String,
    /// 1-based, as tshark counts.
    pub frame: Option<u64>,
    /// Where its record starts in the inflated file. Unit: bytes.
    pub offset: u64,
    /// As captured, not corrected.
    pub time: i64,
}

/// A signature that matched.
#[derive(Debug, Clone, PartialEq)]
pub struct Signature {
    /// Name of the rule.
    pub rule: String,
    /// What it matched in, and where.
    pub place: String,
    /// What it matched.
    pub excerpt: Vec<u8>,
}

/// A command that gives the same result again.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// As one types it.
    pub command: String,
    /// Lines that it gives.
    pub results: u64,
    /// SHA-256 of what it prints, if taken.
    pub sha256: Option<Sha256>,
}

/// A note.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// When.
    pub at: i64,
    /// Who.
    pub author: String,
    /// References by content that it is about.
    pub on: Vec<String>,
    /// The note.
    pub text: String,
}

/// A tag.
#[derive(Debug, Clone, PartialEq)]
pub struct Tag {
    /// The tag.
    pub tag: String,
    /// References by content that bear it.
    pub on: Vec<String>,
}
