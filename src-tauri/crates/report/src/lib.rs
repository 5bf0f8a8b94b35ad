//! A case snapshot to a report that a reader can check.
//!
//! Pure functions of one value: the same [`Snapshot`] gives the same bytes, without a clock, a file or the
//! network. The snapshot is composed once into a neutral document (sections, tables, text), which the HTML
//! and the PDF both show, so that they cannot tell different stories.
//!
//! Everything that came out of evidence or from a keyboard is hostile. It enters the document as text only,
//! with what a reader could not see (control characters, bidirectional overrides, bytes that are no text)
//! made visible; it never becomes markup, an attribute or a style.

mod compose;
mod document;
mod format;
mod html;
mod payload;
mod pdf;
mod snapshot;
mod text;
mod timeline;

pub use compose::outline;
pub use html::html;
pub use pdf::{ReportError, pdf};
pub use snapshot::{
    Body, Bucket, Case, Clock, Conversation, Coverage, Evidence, Excerpt, Finding, Flow, Gap, Head,
    MirrorSession, Note, Packet, Payload, Query, Severity, Signature, Snapshot, Tag, TopRow,
    TopTable, Totals, Verdict,
};

#[cfg(test)]
mod sample;
