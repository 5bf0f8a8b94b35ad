//! What a capture reader gives, and to whom.

use crate::LinkType;
use evidence::{Address, Anomaly};
use std::ops::ControlFlow;

/// One packet as it stands in the capture.
#[derive(Debug, Clone)]
pub struct RawPacket<'a> {
    /// Where its record header (pcap) or block (pcapng) starts in the inflated capture. Unit: bytes.
    pub offset: u64,
    /// Its number among the packets of the capture, from 1.
    pub frame: u64,
    /// Capture time, nanoseconds since 1970-01-01 UTC; none in a Simple Packet Block, or out of range.
    pub time: Option<i64>,
    /// What it begins with.
    pub link: LinkType,
    /// Bytes captured, as the record says; always the length of `data`.
    pub caplen: u32,
    /// Length on the wire, as the record says. Unit: bytes.
    pub origlen: u32,
    /// Where `data` starts in the inflated capture. Unit: bytes.
    pub data_offset: u64,
    /// The captured bytes.
    pub data: &'a [u8],
}

/// What a pcapng capture says besides its packets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fact<'a> {
    /// Counters of an Interface Statistics Block: evidence of loss during capture. A later block of the
    /// same interface replaces an earlier one. Unit: packets.
    Drops {
        /// Where the block starts.
        offset: u64,
        /// Number of the interface within its section.
        interface: u32,
        /// Received by the interface (`isb_ifrecv`).
        received: Option<u64>,
        /// Dropped by the interface (`isb_ifdrop`).
        dropped_by_interface: Option<u64>,
        /// Dropped by the operating system (`isb_osdrop`).
        dropped_by_system: Option<u64>,
    },
    /// A person's or program's note (`opt_comment`); bytes that are not UTF-8 are replaced.
    Comment {
        /// Where the block starts that bears it.
        offset: u64,
        /// The packet that bears it, given just before; none for a comment on anything else.
        frame: Option<u64>,
        /// The note.
        text: String,
    },
    /// Key material (Decryption Secrets Block): sensitive.
    Secrets {
        /// Where the secrets start, past the block's own header.
        offset: u64,
        /// Their kind: `TLSK` (0x544c534b) for a TLS key log.
        kind: u32,
        /// The secrets themselves.
        secrets: &'a [u8],
    },
    /// A name that whoever captured knew an address by (Name Resolution Block).
    Name {
        /// Where the block starts.
        offset: u64,
        /// The address.
        address: Address,
        /// The name; bytes that are not UTF-8 are replaced.
        name: String,
    },
}

/// Takes what a reader finds, in file order, and can answer "stop" at any time.
pub trait PacketSink {
    /// A packet.
    fn packet(&mut self, packet: &RawPacket<'_>) -> ControlFlow<()>;
    /// A place where the capture breaks its own rules.
    fn anomaly(&mut self, anomaly: Anomaly) -> ControlFlow<()>;
    /// Something else that the capture says; ignored unless asked for.
    fn fact(&mut self, fact: Fact<'_>) -> ControlFlow<()> {
        let _ = fact;
        ControlFlow::Continue(())
    }
}
