//! The one API: an open case and all that can be asked of it.
//!
//! The command line and the window are thin shells over [`Workbench`]. Everything that it gives out is plain data
//! with public fields; its errors carry a code to branch on and a sentence to read ([`WorkbenchError`]).

mod account;
mod ask;
#[cfg(test)]
mod bindings;
mod captures;
mod chart;
mod clocks;
mod commands;
mod compare;
mod connections;
mod derive;
mod desk;
mod dialogue;
mod duplicates;
mod error;
mod export;
mod export_flows;
mod exporting;
mod fields;
mod hashed;
mod index_file;
mod intake;
mod known;
mod ledger;
mod look;
mod mark;
mod messages;
mod meter;
pub mod moment;
mod new_file;
mod open_case;
mod payload;
mod pivot;
mod raw;
mod rebuild;
mod recognise;
mod reconcile;
mod record;
mod reference;
mod relink;
mod reopen;
mod said;
mod saved;
mod sessions;
mod sidecar;
mod slice;
mod snapshot;
mod sources;
mod verify;
mod views;
pub mod wire;

pub use account::{Account, unrecorded};
pub use case::{Finding, Note, Reference, Severity};
pub use connections::Stopper;
pub use desk::Desk;
pub use error::{ErrorCode, WorkbenchError};
pub use evidence::{ConversationRef, PacketRef, RecordRef, Sha256};
pub use export::{Exported, ReportFormat, ReportWish};
pub use export_flows::{ExportedFlows, export_format};
pub use intake::{AddSummary, Added, ReadingWish};
pub use known::Known;
pub use mark::NewFinding;
pub use meter::{Meter, Progress, Unit};
pub use open_case::{Clock, VERSION, Workbench};
pub use recognise::Kind;
pub use relink::{Presence, RelinkSummary, Relinked};
pub use saved::order;
pub use slice::{ExportedPackets, PacketWish};
pub use store::{
    Bucket, Cell, CompareQuery, DistinctQuery, FlowQuery, FlowRow, GapKind, GapQuery, Measure,
    Order, Selection, SqlResult, StitchSummary, TimelineQuery, TopQuery, Window,
};
pub use verify::{Failure, Verification, verify};
