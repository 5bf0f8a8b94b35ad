//! What goes into the joining of fragments, and what comes out.

use crate::Inner;

/// A fragment, and where it was captured.
#[derive(Debug, Clone, Copy)]
pub struct Fragmented<'a> {
    /// What the offsets of `inner` count in.
    pub data: &'a [u8],
    /// The IP packet that is the fragment.
    pub inner: &'a Inner,
    /// Which captured bytes `data` consists of.
    pub pieces: &'a [Piece],
    /// The captured packet that brings it.
    pub frame: u64,
    /// Where the record of that packet starts in the inflated capture. Unit: bytes.
    pub offset: u64,
    /// Capture time, nanoseconds since 1970-01-01 UTC. Without one, nothing is too old.
    pub time: Option<i64>,
}

/// A stretch of bytes that one captured packet holds. Unit: bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Number of the packet in its capture, from 1.
    pub frame: u64,
    /// Where the captured bytes of that packet start in the inflated capture.
    pub packet: u64,
    /// Where the stretch starts behind that.
    pub offset: u32,
    /// Where it starts in what it is a piece of.
    pub start: u32,
    /// How long it is.
    pub length: u32,
}

/// What became of a fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// Its datagram waits for others; or it came again.
    Pending,
    /// It was the last that its datagram waited for.
    Whole(Datagram),
    /// It can be part of no datagram.
    Refused(Refusal),
}

/// A datagram whose fragments are all there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datagram {
    /// The datagram, from its IP header. The header is that of the first fragment, with what fragmentation
    /// changed set right (lengths, the place, the checksum; IPv6 without the fragment header), so that it was
    /// never captured like that; everything behind it was.
    pub bytes: Vec<u8>,
    /// Where the header, with what stands before the fragment header of IPv6, ends.
    pub header_length: u32,
    /// 4 or 6.
    pub version: u8,
    /// The identification of its fragments: see [`crate::Fragment::id`].
    pub id: u32,
    /// Which captured bytes everything behind the header consists of, in order and without a gap.
    pub pieces: Vec<Piece>,
    /// How many bytes of that the first fragment brought.
    pub first_length: u32,
    /// The captured packet that brought the first fragment.
    pub first_frame: u64,
    /// Whether a fragment came before one that stands before it in the datagram.
    pub out_of_order: bool,
    /// How many fragments came again with the same bytes.
    pub duplicates: u32,
    /// Whether fragments overlap that are no such duplicates.
    pub overlapping: bool,
    /// Whether they do so with different bytes.
    pub conflicting: bool,
}

/// Why a fragment can be part of no datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The packet is no fragment.
    Whole,
    /// Its bytes were not captured to their end.
    Cut,
    /// Its header, or the way to the fragment header of IPv6, cannot be read.
    Header,
    /// It is empty, or another follows and its length is no multiple of eight bytes.
    Length,
    /// It reaches behind the longest datagram that there can be ("ping of death").
    TooLong,
    /// It contradicts where another says that the datagram ends.
    End,
    /// Fragments of this IPv6 datagram overlap: hosts discard all of it (RFC 5722).
    Overlap,
}
