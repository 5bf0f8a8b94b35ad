//! What the window asks with.

use crate::WorkbenchError;
use crate::wire::{Direction, Severity};
use serde::Deserialize;

macro_rules! requests {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize)]
        #[cfg_attr(test, derive(ts_rs::TS))]
        #[serde(deny_unknown_fields)]
        #[allow(missing_docs, reason = "named as in the answers")]
        pub struct $name { $(pub $field: $kind),* }
    )*};
}

requests! {
    /// Which records.
    Selection { filter: Option<String>, from_us: Option<i64>, to_us: Option<i64>, all_sources: bool }
    /// In which order.
    Order { field: String, descending: bool }
    /// A new case.
    NewCase { path: String, number: String, title: String, examiner: String }
    /// A filter by itself.
    FilterText { filter: String }
    /// A result to page through.
    ViewRequest { selection: Selection, order: Option<Order> }
    /// A record in a result.
    PlaceRequest { view: u32, record: String }
    /// A histogram.
    HistogramRequest { selection: Selection, from_us: i64, width_us: i64, buckets: usize, by: Option<String> }
    /// Stretches without records, of one interface and one kind, or of all.
    GapsRequest { interface_id: Option<String>, kind: Option<String> }
    /// As many, at most.
    Limit { limit: u64 }
    /// The largest values of a field.
    TopRequest { selection: Selection, field: String, by: Measure, limit: u64 }
    /// The different values of a field.
    DistinctRequest { selection: Selection, field: String, limit: Option<u64> }
    /// From a moment up to another.
    Window { from_us: i64, to_us: i64 }
    /// Two windows beside each other.
    CompareRequest {
        filter: Option<String>, all_sources: bool, field: String, by: Measure, limit: u64, baseline: Window,
        window: Window,
    }
    /// A selection and the name that it is to have.
    SaveViewRequest { name: String, selection: Selection, order: Option<Order> }
    /// Which interface a mirror session copies; none takes back what was said.
    ConfirmRequest { session: String, interface_id: Option<String> }
    /// How far a collector's clock is ahead of the flow logs' clock, in seconds; none has it estimated again.
    PinRequest { collector: String, seconds: Option<f64> }
    /// Files and folders in which moved evidence is looked for.
    RelinkRequest { paths: Vec<String> }
    /// A pcapng file of the packets of a conversation, or else of the records of a selection.
    ExportPacketsRequest { path: String, selection: Selection, conversation: Option<String>, outer: bool }
    /// A name.
    Name { name: String }
    /// A file of flow records; its ending says of what kind.
    ExportFlowsRequest { path: String, selection: Selection, order: Option<Order> }
    /// One thing.
    Id { id: String }
    /// Conversations.
    ConversationsRequest { search: Option<String>, order: Option<Order>, from: u64, count: u64 }
    /// Packets of a conversation.
    PacketsRequest { conversation: String, from: usize, count: usize }
    /// One conversation.
    ConversationRequest { conversation: String }
    /// Transactions.
    TransactionsRequest { protocol: Option<String>, search: Option<String>, from: u64, count: u64 }
    /// A tag on things.
    TagRequest { on: Vec<String>, tag: String }
    /// A note on things.
    NoteRequest { on: Vec<String>, text: String }
    /// A finding.
    FindingRequest { title: String, text: String, severity: Severity, technique: Option<String>, on: Vec<String> }
    /// The end of a finding.
    WithdrawRequest { id: String, reason: String }
    /// Entries of the journal.
    JournalRequest { from: usize, count: usize }
    /// Rejected lines and anomalies.
    ProblemsRequest { evidence: Option<String>, limit: u64 }
    /// A statement of the console.
    SqlRequest { statement: String, limit: usize }
    /// A case to open; `rebuild` makes its database anew.
    OpenRequest { path: String, rebuild: bool }
    /// Files and folders to take in.
    AddRequest { paths: Vec<String>, format: Option<String>, fields: Option<String> }
    /// A report; `sections` are the titles of the parts that it is to hold, all if none.
    ReportRequest { folder: String, formats: Vec<ReportForm>, sections: Option<Vec<String>> }
    /// Bytes of one direction.
    BytesRequest { conversation: String, direction: Direction, from: usize, count: usize }
}

/// What is summed.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Measure {
    Records,
    Packets,
    Bytes,
}

/// A form of the report.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum ReportForm {
    Html,
    Pdf,
}

impl From<Window> for store::Window {
    fn from(window: Window) -> Self {
        Self { from: window.from_us, to: window.to_us }
    }
}

impl From<Selection> for store::Selection {
    fn from(asked: Selection) -> Self {
        Self {
            filter: asked.filter,
            from: asked.from_us,
            to: asked.to_us,
            all_sources: asked.all_sources,
        }
    }
}

impl From<Order> for store::Order {
    fn from(asked: Order) -> Self {
        Self { field: asked.field, descending: asked.descending }
    }
}

impl From<Measure> for store::Measure {
    fn from(asked: Measure) -> Self {
        match asked {
            Measure::Records => Self::Records,
            Measure::Packets => Self::Packets,
            Measure::Bytes => Self::Bytes,
        }
    }
}

/// An identifier as text.
pub(crate) fn id<T: std::str::FromStr>(text: &str) -> Result<T, WorkbenchError> {
    text.parse().map_err(|_| WorkbenchError::not_found(format!("{text:?}")))
}

/// Identifiers as text.
pub(crate) fn ids<T: std::str::FromStr>(texts: &[String]) -> Result<Vec<T>, WorkbenchError> {
    texts.iter().map(|text| id(text)).collect()
}
