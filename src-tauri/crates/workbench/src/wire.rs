//! What goes out as JSON: field names that scripts and the window rely on (README, "Names in `--json`").
//!
//! A missing value is `null`, never `"-"`. Times are RFC 3339 in UTC with the digits of their source.

mod failure;
mod flow;
mod packet;
pub mod request;
mod status;
mod summary;
mod window;

pub use failure::ErrorObject;
pub use flow::{StitchedObject, flow_object};
pub use packet::{
    ConversationObject, Direction, FieldObject, GapObject, LayerObject, NamedFieldObject,
    PacketDetail, PacketObject, PieceObject, StreamObject, TransactionObject,
};
pub use status::{
    CandidateObject, CaptureFactKind, CaptureFactObject, CaptureFacts, ClockObject, EvidenceObject,
    GapRow, LocationObject, OverlapObject, ReconciledObject, ReferenceObject, SessionBasis,
    SessionObject, SourceObject, Status,
};
pub use summary::{
    ChangeKind, ComparedObject, DistinctAnswer, DistinctObject, ExportedFlowsObject,
    ExportedPacketsObject, PivotObject, SavedViewObject, SumsObject, TimelineObject, TopObject,
};
pub use window::{
    CaseObject, ConversationDetail, ConversationPage, Dialogue, DnsAnswer, DnsMessage,
    ExportedObject, ExportedReport, FieldKind, FilterFieldObject, FindingObject, FlowListRow,
    FlowPage, HistogramObject, HistogramSeries, HttpMessage, JournalObject, JournalPage, Lane,
    Lanes, Marks, MessageBody, MessageObject, NamedMessage, NoteObject, PacketPage, ProblemObject,
    Problems, RawLine, RecordDetail, Severity, Span, SpanKind, SqlTable, StreamSide, TagObject,
    TransactionPage, Turn, View,
};
