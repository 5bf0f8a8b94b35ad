// Generated from the wire types of `workbench`; do not edit.
// `UPDATE_BINDINGS=1 cargo test --workspace the_pages_types` writes it.

export type AddRequest = { paths: Array<string>, format: string | null, fields: string | null, };
export type AddSummary = { 
/**
 * In the order of their names.
 */
items: Array<Added>, 
/**
 * Evidence added earlier that could not be read again, a sentence each.
 */
problems: Array<string>, 
/**
 * The user stopped it.
 */
cancelled: boolean, };
export type Added = { 
/**
 * Relative to the folder that was added.
 */
path: string, 
/**
 * Unit: bytes.
 */
size: number | null, 
/**
 * Of the file as it lies on disk.
 */
sha256: string | null, 
/**
 * What it was recognised as.
 */
kind: string | null, 
/**
 * Flow records loaded.
 */
flow_records: number, 
/**
 * Packets indexed.
 */
packets: number, 
/**
 * Lines that are no records.
 */
rejected_lines: number, 
/**
 * Anomalies, in sentences.
 */
anomalies: Array<string>, 
/**
 * The case has these bytes already: nothing was loaded a second time.
 */
known: boolean, 
/**
 * Why it was not taken, or not loaded.
 */
problem: string | null, };
export type CandidateObject = { 
/**
 * The interface.
 */
interface_id: string, 
/**
 * How many of the tuples that were looked for its records have.
 */
tuples: number, };
export type CaptureFactKind = "comment" | "drops" | "name" | "secrets";
export type CaptureFactObject = { evidence: string, sha256: string, offset: number, 
/**
 * The packet that bears a comment.
 */
frame: number | null, kind: CaptureFactKind, 
/**
 * What a name names.
 */
address: string | null, text: string, };
export type CaptureFacts = { 
/**
 * In file order, capture by capture; as many as were asked for.
 */
rows: Array<CaptureFactObject>, 
/**
 * How many are kept.
 */
total: number, 
/**
 * How many there was no room for.
 */
omitted: number, };
export type CaseObject = { path: string, title: string, number: string, examiner: string, created: string, };
export type ChangeKind = "new" | "grown" | "gone" | "shrunk" | "same";
export type ClockObject = { collector: string, evidence: Array<string>, seconds: number | null, uncertainty: number | null, pairs: number, pinned: boolean, estimated_seconds: number | null, estimated_uncertainty: number | null, };
export type CompareRequest = { filter: string | null, all_sources: boolean, field: string, by: Measure, limit: number, baseline: Window, window: Window, };
export type ComparedObject = { value: string | null, known_as: string | null, change: ChangeKind, baseline: SumsObject, window: SumsObject, ratio: number | null, };
export type ConfirmRequest = { session: string, interface_id: string | null, };
export type ConversationDetail = { conversation: ConversationObject, packets: number, records: Array<FlowListRow>, };
export type ConversationObject = { id: string, protocol: number, client: string, client_port: number, server: string, server_port: number, source: string | null, vni: number | null, key: string | null, tunnelled: boolean, interface_id: string | null, duplicate_of: string | null, records: number, unrecorded_reason: string | null, first: string, last: string, packets_client: number, packets_server: number, bytes_client: number, bytes_server: number, application: string | null, community_id: string, };
export type ConversationPage = { total: number, from: number, rows: Array<ConversationObject>, };
export type ConversationRequest = { conversation: string, };
export type ConversationsRequest = { search: string | null, order: Order | null, from: number, count: number, };
export type Dialogue = { application: string | null, client: StreamSide, server: StreamSide, turns: Array<Turn>, 
/**
 * Whether there are more turns than are given.
 */
truncated: boolean, };
export type Direction = "client" | "server";
export type DistinctAnswer = { 
/**
 * How many there are; records that lack the field are none.
 */
total: number, 
/**
 * Those that were there first at the top.
 */
rows: Array<DistinctObject>, };
export type DistinctObject = { value: string | null, known_as: string | null, records: number, first: string | null, last: string | null, };
export type DistinctRequest = { selection: Selection, field: string, limit: number | null, };
export type DnsAnswer = { name: string, type: string, ttl: number, value: string, };
export type DnsMessage = { qname: string, qtype: string, qclass: string, rcode: string | null, answers: Array<DnsAnswer>, authority: Array<DnsAnswer>, additional: Array<DnsAnswer>, truncated: boolean, };
export type ErrorCode = "not_found" | "unreadable" | "evidence_missing" | "no_space" | "case_locked" | "integrity_mismatch" | "bad_query" | "cache_unusable" | "no_case" | "busy" | "cancelled" | "superseded" | "internal";
export type ErrorObject = { 
/**
 * What a caller can branch on.
 */
code: ErrorCode, 
/**
 * What failed.
 */
message: string, 
/**
 * 1-based column in what the user typed, if that is where the error is.
 */
column: number | null, 
/**
 * What lies below it, the nearest first.
 */
causes: Array<string>, };
export type EvidenceObject = { path: string, sha256: string, size: number, kind: string, flow_records: number, packets: number, rejected_lines: number, anomalies: number, locations: Array<LocationObject>, presence: Presence, };
export type ExportFlowsRequest = { path: string, selection: Selection, order: Order | null, };
export type ExportPacketsRequest = { path: string, selection: Selection, conversation: string | null, outer: boolean, };
export type Exported = { folder: string, files: Array<ExportedObject>, head_seq: number, head_hash: string, };
export type ExportedFlowsObject = { path: string, records: number, size: number, sha256: string, };
export type ExportedObject = { path: string, size: number, sha256: string, };
export type ExportedPacketsObject = { path: string, packets: number, size: number, sha256: string, };
export type Failure = { 
/**
 * Stable name of the kind.
 */
what: string, 
/**
 * The file.
 */
path: string | null, 
/**
 * The journal entry.
 */
entry: number | null, 
/**
 * What it should be.
 */
expected: string, 
/**
 * What it is.
 */
found: string, };
export type FieldKind = "int" | "bytes" | "protocol" | "address" | "time" | "duration" | "port" | "asnumber" | "scope" | "code" | "text";
export type FieldObject = { name: string, value: string, range: [number, number], fields?: Array<FieldObject>, };
export type FilterFieldObject = { name: string, kind: FieldKind, about: string, 
/**
 * Values that it can have whatever the records have: scopes, services.
 */
values: Array<string>, };
export type FilterText = { filter: string, };
export type FindingObject = { id: string, title: string, text: string, severity: Severity, technique: string | null, on: Array<string>, who: string, at: string, seq: number, revision: number, withdrawn: string | null, };
export type FindingRequest = { title: string, text: string, severity: Severity, technique: string | null, on: Array<string>, };
export type FlowListRow = { id: string, start_us: number | null, end_us: number | null, interface_id: string | null, srcaddr: string | null, srcport: number | null, dstaddr: string | null, dstport: number | null, protocol: number | null, packets: number | null, bytes: number | null, action: string | null, log_status: string | null, flow_direction: string | null, tcp_flags: number | null, verdict: string | null, reason: string | null, packets_seen: number | null, bytes_seen: number | null, 
/**
 * The least and the most packets that may be its own, where the times leave it open.
 */
packets_seen_min: number | null, packets_seen_max: number | null, evidence: string, line: number, 
/**
 * The source that counts in its place.
 */
overlapping: string | null, tags: Array<string>, };
export type FlowPage = { from: number, rows: Array<FlowListRow>, };
export type GapObject = { at: number, length: number, cause: string, };
export type GapRow = { interface_id: string, kind: string, from: string, to: string, source: string | null, note: string, };
export type GapsRequest = { interface_id: string | null, kind: string | null, };
export type Histogram = { from_us: number, width_us: number, buckets: number, series: Array<HistogramSeries>, };
export type HistogramRequest = { selection: Selection, from_us: number, width_us: number, buckets: number, by: string | null, };
export type HistogramSeries = { value: string | null, records: Array<number>, packets: Array<number>, bytes: Array<number>, };
export type HttpMessage = { start_line: string, headers: Array<[string, string]>, body: MessageBody | null, time: string | null, range: [number, number], };
export type Id = { id: string, };
export type JournalObject = { seq: number, at: string, who: string, act: string, about: string, };
export type JournalPage = { total: number, from: number, head_seq: number, head_hash: string, entries: Array<JournalObject>, };
export type JournalRequest = { from: number, count: number, };
export type Lane = { id: string, label: string, spans: Array<Span>, };
export type Lanes = { 
/**
 * The interfaces with the most records.
 */
interfaces: Array<Lane>, 
/**
 * The mirror sessions.
 */
sessions: Array<Lane>, 
/**
 * How much of what records of mirrored interfaces count the captures hold.
 */
coverage: Lane | null, 
/**
 * Interfaces in all.
 */
interfaces_total: number, };
export type LayerObject = { protocol: string, title: string, range: [number, number], fields: Array<FieldObject>, anomalies: Array<string>, };
export type Limit = { limit: number, };
export type LocationObject = { 
/**
 * The file.
 */
path: string, 
/**
 * The way into the archive that the file is, one name for each archive: `inner.tar!x.log.gz`.
 */
member: string | null, };
export type Marks = { tags: Array<TagObject>, notes: Array<NoteObject>, findings: Array<FindingObject>, };
export type Measure = "records" | "packets" | "bytes";
export type MessageBody = { size: number, wire_size: number, complete: boolean, reasons: Array<string>, sha256: string, text: string, text_cut: boolean, 
/**
 * Place in the bytes on the wire, and how many are missing there.
 */
gaps: Array<[number, number]>, };
export type MessageObject = { id: string, protocol: string, time: string, complete: boolean, 
/**
 * A line for people.
 */
summary: string, 
/**
 * That carried a byte of it.
 */
packets: Array<string>, request: HttpMessage | null, response: HttpMessage | null, interim: Array<HttpMessage>, dns: DnsMessage | null, named: NamedMessage | null, anomalies: Array<string>, duration_ms: number | null, uri_decoded: string | null, };
export type Name = { name: string, };
export type NamedFieldObject = { name: string, value: string, direction: Direction, };
export type NamedMessage = { asked: string, answered: string, fields: Array<NamedFieldObject>, 
/**
 * Where the client's messages stand in its bytes, and where the server's do.
 */
ranges: [[number, number] | null, [number, number] | null], };
export type NewCase = { path: string, number: string, title: string, examiner: string, };
export type NoteObject = { id: string, on: Array<string>, text: string, who: string, at: string, };
export type NoteRequest = { on: Array<string>, text: string, };
export type OpenRequest = { path: string, rebuild: boolean, };
export type Order = { field: string, descending: boolean, };
export type OverlapObject = { interface_id: string, source: string, counted: string, from: string, to: string, records: number, };
export type PacketDetail = { id: string, time: string | null, evidence: string, evidence_sha256: string, offset: number, data_offset: number, frame: number, caplen: number, origlen: number, conversation: string | null, layers: Array<LayerObject>, 
/**
 * What people or programs wrote on it in the capture.
 */
comments: Array<string>, 
/**
 * The captured bytes, hexadecimal.
 */
bytes: string, };
export type PacketObject = { id: string, time: string | null, time_corrected: string | null, evidence: string, offset: number, frame: number, caplen: number, inner_length: number, direction: Direction, flags: string | null, seq: number | null, ack: number | null, payload_length: number, truncated: boolean, };
export type PacketPage = { total: number, from: number, rows: Array<PacketObject>, };
export type PacketsRequest = { conversation: string, from: number, count: number, };
export type PinRequest = { collector: string, seconds: number | null, };
export type PlaceRequest = { view: number, record: string, };
export type Presence = "present" | "missing" | "changed";
export type ProblemObject = { evidence: string, sha256: string, line: number | null, offset: number, length: number, kind: string, expected: string, found: string, };
export type Problems = { rejected_total: number, anomalies_total: number, rows: Array<ProblemObject>, };
export type ProblemsRequest = { evidence: string | null, limit: number, };
export type Progress = { 
/**
 * What is being done, for people.
 */
doing: string, 
/**
 * So many are done.
 */
done: number, 
/**
 * In all.
 */
total: number, 
/**
 * Of these.
 */
unit: Unit, 
/**
 * Of the files themselves.
 */
bytes_done: number, 
/**
 * In all; 0 where it is not known.
 */
bytes_total: number, 
/**
 * Loaded by this act.
 */
flow_records: number, 
/**
 * Indexed by this act.
 */
packets: number, };
export type RawLine = { evidence: string, sha256: string, line: number, 
/**
 * The line that names the columns, if there is one.
 */
header: string | null, text: string, };
export type ReconciledObject = { 
/**
 * The mirrored interface.
 */
interface_id: string, 
/**
 * The minute, by the flow logs' clock.
 */
from: string, 
/**
 * Its end.
 */
to: string, 
/**
 * Records that begin in it, of those whose packets can have been mirrored.
 */
records: number, 
/**
 * Packets that they count.
 */
recorded: number, 
/**
 * Packets of them in the captures.
 */
seen: number, 
/**
 * Packets of them that no capture holds.
 */
lost: number, 
/**
 * Packets captured in this minute, whether a record counts them or not.
 */
captured: number, };
export type RecordDetail = { 
/**
 * As the list shows it.
 */
row: FlowListRow, 
/**
 * Every field that the log has, name and value as text.
 */
fields: Array<[string, string]>, 
/**
 * What values of these fields are known as: a port as a service, an address as a network.
 */
known_as: Array<[string, string]>, 
/**
 * The verdict's reasons, the primary one first.
 */
reasons: Array<string>, 
/**
 * A sentence for each reason.
 */
because: Array<string>, 
/**
 * That hold its packets.
 */
conversations: Array<ConversationObject>, 
/**
 * The first of its packets.
 */
packet_ids: Array<string>, 
/**
 * How many packets it has.
 */
packets_total: number, 
/**
 * Other mirrored interfaces that hold packets of the same tuple.
 */
elsewhere: Array<string>, 
/**
 * The clock of the collector that holds its packets.
 */
clock: ClockObject | null, 
/**
 * The records of its flow over the windows, itself among them.
 */
windows: Array<FlowListRow>, };
export type ReferenceObject = { path: string, sha256: string, kind: string, in_use: boolean, };
export type RelinkRequest = { paths: Array<string>, };
export type RelinkSummary = { 
/**
 * Evidence that was missing and was found.
 */
found: Array<Relinked>, 
/**
 * Names of evidence that is missing still.
 */
missing: Array<string>, 
/**
 * Files that were looked at.
 */
files: number, 
/**
 * Of these, those that could not be read, a sentence each.
 */
unreadable: Array<string>, };
export type Relinked = { 
/**
 * The name that it has in the case.
 */
name: string, 
/**
 * What tells that it is the same.
 */
sha256: string, 
/**
 * Where it lies now.
 */
path: string, };
export type ReportForm = "html" | "pdf";
export type ReportRequest = { folder: string, formats: Array<ReportForm>, sections: Array<string> | null, };
export type SaveViewRequest = { name: string, selection: Selection, order: Order | null, };
export type SavedViewObject = { name: string, filter: string, from: string | null, to: string | null, order: string | null, all_sources: boolean, };
export type Selection = { filter: string | null, from_us: number | null, to_us: number | null, all_sources: boolean, };
export type SessionBasis = "confirmed" | "stated" | "inferred";
export type SessionObject = { 
/**
 * What names it: `10.0.1.20/7340121`.
 */
session: string, source: string | null, vni: number | null, key: string | null, interface_id: string | null, inferred: boolean, basis: SessionBasis | null, 
/**
 * Tuples of it that were looked for in the flow logs, where nothing names its interface.
 */
looked_for: number, 
/**
 * The interfaces with most of them.
 */
candidates: Array<CandidateObject>, packets: number, };
export type Severity = "info" | "low" | "medium" | "high" | "critical";
export type SourceObject = { source: string, evidence: number, fields: number, flow_records: number, overlapping_records: number, first: string | null, last: string | null, };
export type Span = { from_us: number, to_us: number, kind: SpanKind, };
export type SpanKind = "records" | "nodata" | "skipdata" | "suspected_missing_file" | "silence" | "capture" | "seen" | "partly_seen" | "unseen";
export type SqlRequest = { statement: string, limit: number, };
export type SqlTable = { columns: Array<string>, rows: Array<Array<string | null>>, cut: boolean, };
export type Status = { title: string, number: string, examiner: string, flow_records: number, packets: number, conversations: number, transactions: number, rejected_lines: number, anomalies: number, first: string | null, last: string | null, evidence: Array<EvidenceObject>, mirror_sessions: Array<SessionObject>, clock_offsets: Array<ClockObject>, gaps: Array<GapRow>, sources: Array<SourceObject>, overlaps: Array<OverlapObject>, 
/**
 * Records that another source counts; they are not among `flow_records`.
 */
overlapping_records: number, verdicts: Array<[string, number]>, 
/**
 * Files that say what addresses are known as.
 */
references: Array<ReferenceObject>, 
/**
 * Evidence that could not be read again when it was needed, a sentence each.
 */
problems: Array<string>, 
/**
 * Places where a stream or a message breaks its protocol's rules.
 */
payload_anomalies: number, 
/**
 * Packets whose headers could not be read to the end.
 */
unread_packets: number, journal_seq: number, journal_head: string, };
export type StreamSide = { length: number, gaps: Array<GapObject>, conflicts: number, retransmitted_segments: number, start_seen: boolean, end_seen: boolean, };
export type SumsObject = { records: number, packets: number, bytes: number, };
export type TagObject = { on: string, tags: Array<string>, };
export type TagRequest = { on: Array<string>, tag: string, };
export type TopObject = { value: string | null, known_as: string | null, records: number, packets: number, bytes: number, };
export type TopRequest = { selection: Selection, field: string, by: Measure, limit: number, };
export type TransactionObject = { id: string, conversation: string, protocol: string, time: string, complete: boolean, method: string | null, host: string | null, uri: string | null, uri_decoded: string | null, status: number | null, request_body_sha256: string | null, response_body_sha256: string | null, request_body_size: number | null, response_body_size: number | null, qname: string | null, qtype: string | null, rcode: string | null, answers: Array<string> | null, asked: string | null, answered: string | null, fields: Array<NamedFieldObject>, };
export type TransactionPage = { total: number, from: number, rows: Array<TransactionObject>, };
export type TransactionsRequest = { protocol: string | null, search: string | null, from: number, count: number, };
export type Turn = { direction: Direction, start: number, length: number, 
/**
 * What is missing before these bytes.
 */
gap: GapObject | null, time: string | null, packet: string, evidence: string, offset: number, frame: number, };
export type Unit = "file" | "record" | "conversation" | "packet";
export type Verification = { 
/**
 * Nothing was changed.
 */
ok: boolean, 
/**
 * Files hashed.
 */
files: number, 
/**
 * Journal entries checked.
 */
entries: number, 
/**
 * Packets of a slice checked.
 */
packets: number, 
/**
 * What is not what it was.
 */
failures: Array<Failure>, };
export type View = { 
/**
 * Names it until newer ones took its place.
 */
view: number, 
/**
 * Records in it.
 */
rows: number, 
/**
 * Records that it was selected from: those that count, or those of all sources.
 */
records_total: number, };
export type ViewRequest = { selection: Selection, order: Order | null, };
export type Window = { from_us: number, to_us: number, };
export type WithdrawRequest = { id: string, reason: string, };

/** Questions that are answered at once: what goes in, what comes out. */
export interface Commands {
  /** The open case, or nothing. */
  case: { request: null; response: CaseObject | null };
  create_case: { request: NewCase; response: CaseObject };
  close_case: { request: null; response: null };
  status: { request: null; response: Status };
  /** Stretches without records; a kind that there is not has none. */
  gaps: { request: GapsRequest; response: Array<GapRow> };
  filter_fields: { request: null; response: Array<FilterFieldObject> };
  /** Fails with `bad_query` and a column where the text is not a filter. */
  check_filter: { request: FilterText; response: null };
  open_view: { request: ViewRequest; response: View };
  /** Where a record stands in a view. */
  place_in_view: { request: PlaceRequest; response: number | null };
  timeline: { request: HistogramRequest; response: Histogram };
  lanes: { request: Limit; response: Lanes };
  top: { request: TopRequest; response: Array<TopObject> };
  distinct: { request: DistinctRequest; response: DistinctAnswer };
  compare: { request: CompareRequest; response: Array<ComparedObject> };
  /** Mirror sessions, and whose traffic they copy. */
  sessions: { request: null; response: Array<SessionObject> };
  reconciliation: { request: null; response: Array<ReconciledObject> };
  clocks: { request: null; response: Array<ClockObject> };
  saved_views: { request: null; response: Array<SavedViewObject> };
  save_view: { request: SaveViewRequest; response: null };
  forget_view: { request: Name; response: null };
  record: { request: Id; response: RecordDetail };
  raw_line: { request: Id; response: RawLine };
  conversations: { request: ConversationsRequest; response: ConversationPage };
  conversation: { request: Id; response: ConversationDetail };
  packets: { request: PacketsRequest; response: PacketPage };
  packet: { request: Id; response: PacketDetail };
  dialogue: { request: ConversationRequest; response: Dialogue };
  messages: { request: ConversationRequest; response: Array<MessageObject> };
  transactions: { request: TransactionsRequest; response: TransactionPage };
  marks: { request: null; response: Marks };
  tag: { request: TagRequest; response: null };
  untag: { request: TagRequest; response: null };
  /** Answers the id of the note. */
  note: { request: NoteRequest; response: string };
  /** Answers the id of the finding. */
  finding: { request: FindingRequest; response: string };
  withdraw: { request: WithdrawRequest; response: null };
  /** The newest entries first. */
  journal: { request: JournalRequest; response: JournalPage };
  /** What captures say besides their packets. */
  capture_facts: { request: ProblemsRequest; response: CaptureFacts };
  problems: { request: ProblemsRequest; response: Problems };
  /** Titles of the report's parts, each with what it will hold in a few words. */
  report_outline: { request: null; response: Array<[string, string]> };
  sql: { request: SqlRequest; response: SqlTable };
}

/** Long acts: they tell how far they are, and can be cancelled. */
export interface Jobs {
  open_case: { request: OpenRequest; response: CaseObject };
  add: { request: AddRequest; response: AddSummary };
  confirm_session: { request: ConfirmRequest; response: null };
  pin_clock: { request: PinRequest; response: null };
  relink: { request: RelinkRequest; response: RelinkSummary };
  verify: { request: null; response: Verification };
  export_report: { request: ReportRequest; response: Exported };
  export_packets: { request: ExportPacketsRequest; response: ExportedPacketsObject };
  export_flows: { request: ExportFlowsRequest; response: ExportedFlowsObject };
}
