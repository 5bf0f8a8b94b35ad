//! Bytes with provenance, and the few words that every other crate shares.
//!
//! Evidence is only ever opened for reading. The first pass over a file is the pass that hashes it
//! ([`Intake`]), below any inflating, so that what was read is what was hashed; later reads of single
//! ranges ([`Rereading`], [`RangeReader`]) are held against the block hashes of that first pass.
//!
//! In reading order: [`Sha256`] names a file by its content, [`Anomaly`] is input that breaks its own
//! rules, [`Cursor`] reads hostile bytes without ever indexing past them, [`walk`] finds the files of a
//! folder, [`Container`] is what stands around the content of one, [`Intake`] reads it; [`Archive`] is a file that
//! holds files, [`Place`] is where any of them lies, [`Content`] reads it again from anywhere.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod address;
mod anomaly;
mod archive;
mod blocks;
mod buffered;
mod container;
mod content;
mod cursor;
mod decoder;
mod gzip;
mod inflate;
mod intake;
mod layers;
mod location;
mod place;
mod range;
mod recording;
mod rereading;
mod restart;
mod sha256;
mod source;
mod walk;
mod watch;

pub use address::Address;
pub use anomaly::{Anomalies, Anomaly, show_bytes};
pub use archive::{Archive, ArchiveKind, MAX_ARCHIVE_DEPTH, MAX_MEMBERS, Member};
pub use blocks::{BLOCK_SIZE, BlockHash, BlockHashes};
pub use container::{Container, MAX_LAYERS};
pub use content::Content;
pub use cursor::Cursor;
pub use intake::{Intake, Intaken};
pub use location::{ConversationRef, PacketRef, ParseReferenceError, RecordRef};
pub use place::Place;
pub use range::{BlockCache, RangeError, RangeReader};
pub use rereading::Rereading;
pub use sha256::{ParseSha256Error, Sha256, Sha256Hasher};
pub use walk::{Found, walk};
pub use watch::Watch;
