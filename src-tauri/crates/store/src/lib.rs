//! The database of a case: schema, ingest, filter, timeline, coverage.
//!
//! DuckDB holds what was derived from the evidence, and nothing else: the file can be thrown away and
//! rebuilt. DuckDB never reads evidence, never opens a database made elsewhere, never loads an extension.
//!
//! In reading order: [`Store`] is the open database, [`FlowLoader`] takes flow records in, [`Filter`] is the
//! language that people ask in, [`FlowQuery`], [`TimelineQuery`] and [`TopQuery`] are what they ask,
//! [`coverage`] says which packets the captures hold of each record, [`SourcePresence`] which records several sources
//! have and where none has any ([`Gap`]).

mod compare;
mod conversations;
pub mod coverage;
mod database;
mod distinct;
mod error;
mod export;
pub mod filter;
mod flows;
mod grouping;
mod histogram;
mod ingest;
mod labels;
mod lanes;
mod listed;
mod ordered;
mod paged;
mod presence;
mod records;
mod rollup;
mod selection;
mod sources;
mod sql;
mod stitched;
mod texts;
mod time_order;
mod timeline;
mod top;
mod transactions;

pub use compare::{Change, CompareQuery, ComparedRow, Sums, Window};
pub use conversations::{ConversationPage, ConversationRow};
pub use database::{AnomalyRow, EvidenceCounts, Interrupter, RejectedLine, Store, Totals};
pub use distinct::{DistinctQuery, DistinctRow};
pub use error::StoreError;
pub use export::ExportFormat;
pub use filter::{FLOW_FIELDS, Filter, FilterError};
pub use flows::{FlowQuery, FlowRow, FlowValue, Order};
pub use histogram::{Histogram, HistogramQuery, Series};
pub use ingest::{FlowLoad, FlowLoader, Loaded};
pub use labels::{Label, Labeller};
pub use lanes::{InterfaceLane, Stretch, StretchKind};
pub use listed::ListedRecord;
pub use ordered::RecordOrder;
pub use presence::{Gap, GapKind, GapQuery, Overlap, SourcePresence};
pub use selection::Selection;
pub use sources::{SourcePart, SourceRow};
pub use sql::{Cell, SqlResult};
pub use stitched::{Initiator, StitchSummary, StitchedFlow};
pub use timeline::{Bucket, TimelineQuery, TimelineRow};
pub use top::{Measure, TopQuery, TopRow};
pub use transactions::{FieldRow, TransactionPage, TransactionRow};
