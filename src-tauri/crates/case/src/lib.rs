//! The case as the examiner knows it: its folder, its journal, its tags, notes and findings.
//!
//! Everything that a person did stands in one append-only, hash-chained journal, and everything that the
//! case says of itself is read out of that journal. Things in the evidence are named by content, never by
//! a row number, so that the journal outlives every database that was built beside it.
//!
//! In reading order: [`Reference`] names a thing in the evidence, [`Act`] is what a person did, an [`Entry`]
//! is an act with its author and its time, [`Journal`] appends entries, [`verify_journal`] finds what was
//! changed, [`project`] reads the state of a case out of its entries, [`CaseFolder`] holds them all on disk.

mod author;
mod folder;
mod instant;
mod journal;
mod lock;
mod projection;
mod reference;

pub use author::Author;
pub use folder::{CaseError, CaseFolder, CaseInfo, ReadOnlyCase};
pub use instant::rfc3339;
pub use journal::{
    Act, Entry, ExportedFile, Head, Journal, JournalCheck, JournalError, JournalFailure, Severity,
    verify_journal,
};
pub use lock::Holder;
pub use projection::{
    CaseState, EvidenceItem, Export, Finding, Location, Note, Refusal, SavedView, Withdrawal,
    project, snapshot_seq,
};
pub use reference::{ParseReferenceError, Reference};
