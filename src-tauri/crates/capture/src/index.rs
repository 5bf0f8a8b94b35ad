//! The packet index of one capture: its mirror sessions, its flows, and where each packet stands.
//!
//! It is made in one pass, in bounded memory ([`IndexBuilder`]), and kept as a file ([`PacketIndex`]) of which only what
//! is asked for is read. The packets of a stretch of the capture are a run: there flows stand in the order of their tuples,
//! so that a tuple is found by halving, and the packets of a flow stand side by side. A run is written once, when it is
//! full, while the next one is read.

mod builder;
mod checked;
mod entry;
mod facts;
mod file;
mod flow;
mod open;
mod packet;
mod records;
mod run;
mod run_writer;
mod sessions;
mod split;
mod storage;

pub use builder::{IndexBuilder, Limits};
pub use facts::KeptFact;
pub use flow::{Endpoint, Flow, Opening, Session, SessionIdentity, Tuple};
pub(crate) use open::Flows;
pub use open::{PacketIndex, Stretch};
pub use packet::{FragmentPart, Origin, PacketEntry};
pub use split::{FlowState, Observation, flags};
pub use storage::Storage;

use crate::{LinkType, StopReason};
use std::io;

/// Why a stored index cannot be used. Nothing is lost: it can be built again from the evidence.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The file cannot be read.
    #[error("the packet index cannot be read")]
    Read(#[from] io::Error),
    /// It is something else.
    #[error("this is not a packet index; rebuild it from the capture")]
    Foreign,
    /// It was written by another version of this program.
    #[error(
        "the packet index has version {found}, not the one of this program; rebuild it from the capture"
    )]
    Version {
        /// The version that it states.
        found: u32,
    },
    /// A checksum, its length or one of its fields is wrong.
    #[error("the packet index is damaged; rebuild it from the capture")]
    Damaged,
}

/// Packets whose headers could not be read to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unread {
    /// What they begin with.
    pub link: LinkType,
    /// Why.
    pub reason: StopReason,
    /// How many.
    pub packets: u64,
}

/// How many packets of a session a minute has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Activity {
    /// Its place in [`PacketIndex::sessions`].
    pub session: u32,
    /// Unit: minutes since 1970-01-01 UTC, by the clock of the capture.
    pub minute: i64,
    /// Those without IP included.
    pub packets: u64,
}

#[cfg(test)]
mod tests;
