//! What only the window asks for: rows of lists, charts, details. Times in µs since the epoch, UTC, which a page's
//! numbers hold exactly.

use crate::wire::{
    ClockObject, ConversationObject, Direction, GapObject, NamedFieldObject, PacketObject,
    TransactionObject,
};
use serde::{Deserialize, Serialize};
use store::ListedRecord;

/// The case that is open.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "as the case's own file has them")]
pub struct CaseObject {
    pub path: String,
    pub title: String,
    pub number: String,
    pub examiner: String,
    pub created: String,
}

/// A result that can be paged through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct View {
    /// Names it until newer ones took its place.
    pub view: u32,
    /// Records in it.
    pub rows: u64,
    /// Records that it was selected from: those that count, or those of all sources.
    pub records_total: u64,
}

/// Rows of a result, from the row `from` on.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "told above")]
pub struct FlowPage {
    pub from: usize,
    pub rows: Vec<FlowListRow>,
}

/// A few fields of a flow record, under AWS's names; `reason` is the primary one.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "AWS's names, and those of `flows --json`")]
pub struct FlowListRow {
    pub id: String,
    pub start_us: Option<i64>,
    pub end_us: Option<i64>,
    pub interface_id: Option<String>,
    pub srcaddr: Option<String>,
    pub srcport: Option<i64>,
    pub dstaddr: Option<String>,
    pub dstport: Option<i64>,
    pub protocol: Option<i64>,
    pub packets: Option<i64>,
    pub bytes: Option<i64>,
    pub action: Option<String>,
    pub log_status: Option<String>,
    pub flow_direction: Option<String>,
    pub tcp_flags: Option<i64>,
    pub verdict: Option<String>,
    pub reason: Option<String>,
    pub packets_seen: Option<i64>,
    pub bytes_seen: Option<i64>,
    /// The least and the most packets that may be its own, where the times leave it open.
    pub packets_seen_min: Option<i64>,
    pub packets_seen_max: Option<i64>,
    pub evidence: String,
    pub line: u64,
    /// The source that counts in its place.
    pub overlapping: Option<String>,
    pub tags: Vec<String>,
}

impl From<ListedRecord> for FlowListRow {
    fn from(row: ListedRecord) -> Self {
        Self {
            id: row.id.to_string(),
            start_us: row.start,
            end_us: row.end,
            interface_id: row.interface_id,
            srcaddr: row.srcaddr.map(|address| address.to_string()),
            srcport: row.srcport,
            dstaddr: row.dstaddr.map(|address| address.to_string()),
            dstport: row.dstport,
            protocol: row.protocol,
            packets: row.packets,
            bytes: row.bytes,
            action: row.action,
            log_status: row.log_status,
            flow_direction: row.flow_direction,
            tcp_flags: row.tcp_flags,
            verdict: row.verdict,
            reason: row.reasons.into_iter().next(),
            packets_seen: row.packets_seen,
            bytes_seen: row.bytes_seen,
            packets_seen_min: row.packets_range.map(|(least, _)| least),
            packets_seen_max: row.packets_range.map(|(_, most)| most),
            evidence: row.evidence,
            line: row.id.line,
            overlapping: row.overlapping,
            tags: row.tags,
        }
    }
}

/// Everything about one flow record.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RecordDetail {
    /// As the list shows it.
    pub row: FlowListRow,
    /// Every field that the log has, name and value as text.
    pub fields: Vec<(String, String)>,
    /// What values of these fields are known as: a port as a service, an address as a network.
    pub known_as: Vec<(String, String)>,
    /// The verdict's reasons, the primary one first.
    pub reasons: Vec<String>,
    /// A sentence for each reason.
    pub because: Vec<String>,
    /// That hold its packets.
    pub conversations: Vec<ConversationObject>,
    /// The first of its packets.
    pub packet_ids: Vec<String>,
    /// How many packets it has.
    pub packets_total: usize,
    /// Other mirrored interfaces that hold packets of the same tuple.
    pub elsewhere: Vec<String>,
    /// The clock of the collector that holds its packets.
    pub clock: Option<ClockObject>,
    /// The records of its flow over the windows, itself among them.
    pub windows: Vec<FlowListRow>,
}

/// A line of a flow log as it stands in the evidence, escaped where it is no text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "as in `flows --json`")]
pub struct RawLine {
    pub evidence: String,
    pub sha256: String,
    pub line: u64,
    /// The line that names the columns, if there is one.
    pub header: Option<String>,
    pub text: String,
}

/// Dense buckets: number `n` of a series is about `[from_us + n × width_us, … + width_us)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Histogram"))]
#[allow(missing_docs, reason = "told above")]
pub struct HistogramObject {
    pub from_us: i64,
    pub width_us: i64,
    pub buckets: usize,
    pub series: Vec<HistogramSeries>,
}

/// The records with one value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "told above")]
pub struct HistogramSeries {
    pub value: Option<String>,
    pub records: Vec<u64>,
    pub packets: Vec<u64>,
    pub bytes: Vec<u64>,
}

/// What the logs and the captures cover over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Lanes {
    /// The interfaces with the most records.
    pub interfaces: Vec<Lane>,
    /// The mirror sessions.
    pub sessions: Vec<Lane>,
    /// How much of what records of mirrored interfaces count the captures hold.
    pub coverage: Option<Lane>,
    /// Interfaces in all.
    pub interfaces_total: u64,
}

/// One interface or mirror session over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "told above")]
pub struct Lane {
    pub id: String,
    pub label: String,
    pub spans: Vec<Span>,
}

/// A stretch of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "told above")]
pub struct Span {
    pub from_us: i64,
    pub to_us: i64,
    pub kind: SpanKind,
}

/// What a stretch of time holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum SpanKind {
    /// Flow records.
    Records,
    /// The log states that nothing was sent.
    NoData,
    /// The log states that records were skipped.
    SkipData,
    /// A delivery file may be missing.
    #[serde(rename = "suspected_missing_file")]
    SuspectedMissingFile,
    /// There is no row, and nobody says why.
    Silence,
    /// Packets.
    Capture,
    /// All packets that records count were seen.
    Seen,
    /// Some of them were.
    #[serde(rename = "partly_seen")]
    PartlySeen,
    /// None of them was.
    Unseen,
}

/// A conversation and the flow records that account for it.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "told above")]
pub struct ConversationDetail {
    pub conversation: ConversationObject,
    pub packets: usize,
    pub records: Vec<FlowListRow>,
}

/// Some of the conversations that a search found.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "told above")]
pub struct ConversationPage {
    pub total: u64,
    pub from: u64,
    pub rows: Vec<ConversationObject>,
}

/// Some of the transactions that a search found.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "told above")]
pub struct TransactionPage {
    pub total: u64,
    pub from: u64,
    pub rows: Vec<TransactionObject>,
}

/// Some of the packets of a conversation.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "told above")]
pub struct PacketPage {
    pub total: usize,
    pub from: usize,
    pub rows: Vec<PacketObject>,
}

/// Both directions of a conversation, cut where the packet or the direction changes, in order of time.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "told above")]
pub struct Dialogue {
    pub application: Option<String>,
    pub client: StreamSide,
    pub server: StreamSide,
    pub turns: Vec<Turn>,
    /// Whether there are more turns than are given.
    pub truncated: bool,
}

/// One direction as a whole; lengths count captured bytes.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "as in `stream --json`")]
pub struct StreamSide {
    pub length: usize,
    pub gaps: Vec<GapObject>,
    pub conflicts: usize,
    pub retransmitted_segments: u64,
    pub start_seen: bool,
    pub end_seen: bool,
}

/// Bytes of one direction that one packet carried; `start` counts captured bytes of that direction, `offset` is where
/// they stand in the inflated evidence.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "told above")]
pub struct Turn {
    pub direction: Direction,
    pub start: usize,
    pub length: usize,
    /// What is missing before these bytes.
    pub gap: Option<GapObject>,
    pub time: Option<String>,
    pub packet: String,
    pub evidence: String,
    pub offset: u64,
    pub frame: u32,
}

/// A transaction in full.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "as in `transactions --json`")]
pub struct MessageObject {
    pub id: String,
    pub protocol: String,
    pub time: String,
    pub complete: bool,
    /// A line for people.
    pub summary: String,
    /// That carried a byte of it.
    pub packets: Vec<String>,
    pub request: Option<HttpMessage>,
    pub response: Option<HttpMessage>,
    pub interim: Vec<HttpMessage>,
    pub dns: Option<DnsMessage>,
    pub named: Option<NamedMessage>,
    pub anomalies: Vec<String>,
    pub duration_ms: Option<f64>,
    pub uri_decoded: Option<String>,
}

/// An HTTP message; text is escaped, so that no byte is lost. `range` is in the bytes of its direction.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "told above")]
pub struct HttpMessage {
    pub start_line: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<MessageBody>,
    pub time: Option<String>,
    pub range: [usize; 2],
}

/// A body; `text` is its beginning, codings undone and escaped.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "told above")]
pub struct MessageBody {
    pub size: usize,
    pub wire_size: usize,
    pub complete: bool,
    pub reasons: Vec<String>,
    pub sha256: String,
    pub text: String,
    pub text_cut: bool,
    /// Place in the bytes on the wire, and how many are missing there.
    pub gaps: Vec<(usize, u64)>,
}

/// What was said in a protocol whose messages are told field by field.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "as in `transactions --json`")]
pub struct NamedMessage {
    pub asked: String,
    pub answered: String,
    pub fields: Vec<NamedFieldObject>,
    /// Where the client's messages stand in its bytes, and where the server's do.
    pub ranges: [Option<[usize; 2]>; 2],
}

/// A DNS query and its answer.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "RFC 1035's names")]
pub struct DnsMessage {
    pub qname: String,
    pub qtype: String,
    pub qclass: String,
    pub rcode: Option<String>,
    pub answers: Vec<DnsAnswer>,
    pub authority: Vec<DnsAnswer>,
    pub additional: Vec<DnsAnswer>,
    pub truncated: bool,
}

/// A resource record.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "RFC 1035's names")]
pub struct DnsAnswer {
    pub name: String,
    #[serde(rename = "type")]
    pub type_: String,
    pub ttl: u32,
    pub value: String,
}

/// Tags, notes and findings.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "told above")]
pub struct Marks {
    pub tags: Vec<TagObject>,
    pub notes: Vec<NoteObject>,
    pub findings: Vec<FindingObject>,
}

/// The tags of one thing.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "told above")]
pub struct TagObject {
    pub on: String,
    pub tags: Vec<String>,
}

/// A note.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "as in `note --json`")]
pub struct NoteObject {
    pub id: String,
    pub on: Vec<String>,
    pub text: String,
    pub who: String,
    pub at: String,
}

/// A finding as it reads now; `withdrawn` is the reason.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "as in `finding --json`")]
pub struct FindingObject {
    pub id: String,
    pub title: String,
    pub text: String,
    pub severity: Severity,
    pub technique: Option<String>,
    pub on: Vec<String>,
    pub who: String,
    pub at: String,
    pub seq: u64,
    pub revision: u32,
    pub withdrawn: Option<String>,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "as the journal has them")]
pub enum Severity {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

/// Entries of the journal, the newest first.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "told above")]
pub struct JournalPage {
    pub total: usize,
    pub from: usize,
    pub head_seq: u64,
    pub head_hash: String,
    pub entries: Vec<JournalObject>,
}

/// An entry of the journal; `about` is what it says beside its act.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "told above")]
pub struct JournalObject {
    pub seq: u64,
    pub at: String,
    pub who: String,
    pub act: String,
    pub about: String,
}

/// Rejected lines and anomalies.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "told above")]
pub struct Problems {
    pub rejected_total: u64,
    pub anomalies_total: u64,
    pub rows: Vec<ProblemObject>,
}

/// A rejected line (then `line` is its number) or an anomaly.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "told above")]
pub struct ProblemObject {
    pub evidence: String,
    pub sha256: String,
    pub line: Option<u64>,
    pub offset: u64,
    pub length: u64,
    pub kind: String,
    pub expected: String,
    pub found: String,
}

/// What was exported, and the anchor to keep elsewhere.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Exported"))]
#[allow(missing_docs, reason = "told above")]
pub struct ExportedReport {
    pub folder: String,
    pub files: Vec<ExportedObject>,
    pub head_seq: u64,
    pub head_hash: String,
}

/// A file that left the case.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "told above")]
pub struct ExportedObject {
    pub path: String,
    pub size: u64,
    pub sha256: String,
}

/// A field of the filter language.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "told above")]
pub struct FilterFieldObject {
    pub name: String,
    pub kind: FieldKind,
    pub about: String,
    /// Values that it can have whatever the records have: scopes, services.
    pub values: Vec<String>,
}

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the filter language's names")]
pub enum FieldKind {
    Int,
    Bytes,
    Protocol,
    Address,
    Time,
    Duration,
    Port,
    AsNumber,
    Scope,
    Code,
    Text,
}

/// What a statement of the console gave; every value as text.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "told above")]
pub struct SqlTable {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Option<String>>>,
    pub cut: bool,
}
