//! Captures to packets to conversations, and the packet index.
//!
//! Pure over [`std::io::Read`]: this crate opens no files and knows neither flow logs nor a database.
//! Content never makes it fail. What breaks its own rules becomes an [`evidence::Anomaly`] (in the
//! container) or a [`Stop`] (in a packet's headers), and reading goes on where it sensibly can.
//!
//! In reading order: [`read`] goes once through a pcap or pcapng capture and gives every packet to a
//! [`PacketSink`]; [`decapsulate`] walks one packet's headers, through tunnels, to the innermost IP packet;
//! [`Walker`] does so packet after packet, and joins fragments; [`IndexBuilder`] gathers packets into flows;
//! [`join`] joins the flows of rotated files into conversations.

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

mod byte_order;
mod community_id;
mod conversation;
mod decapsulate;
mod defragment;
mod index;
mod link;
mod packet;
mod pcap;
mod pcapng;
mod read;
mod slice;
mod walk;
mod window;

#[cfg(test)]
mod hand_made;
#[cfg(test)]
mod hostile;
#[cfg(test)]
#[path = "../tests/wire/mod.rs"]
mod wire;

pub use community_id::community_id;
pub use conversation::{Conversation, Conversations, Part, join};
pub use decapsulate::{
    Carrier, DEEPEST, Decapsulated, Encapsulation, Fragment, Inner, Key, Layer, Ports, Stop,
    StopReason, Tcp, TunnelKind, Tunnels, decapsulate, decapsulate_with,
};
pub use defragment::{
    Datagram, DefragmentLimits, Defragmented, Defragmenter, Fragmented, Incomplete, Piece, Refusal,
    Taken,
};
pub use index::{
    Activity, Endpoint, Flow, FlowState, FragmentPart, IndexBuilder, IndexError, KeptFact, Limits,
    Observation, Opening, Origin, PacketEntry, PacketIndex, Session, SessionIdentity, Storage,
    Stretch, Tuple, Unread, flags,
};
pub use link::LinkType;
pub use packet::{Fact, PacketSink, RawPacket};
pub use read::{Format, read, sniff};
pub use slice::{SlicePacket, SliceWriter};
pub use walk::{Joined, Walked, Walker};
