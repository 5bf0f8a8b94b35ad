//! The records of the index file. What may be absent is a bit of the record's marks, and then zero.

use super::file::{RunSections, Section};
use super::{
    Activity, Endpoint, Flow, FlowState, FragmentPart, Opening, Origin, PacketEntry, Session,
    Unread,
};
use crate::{Key, LinkType, StopReason};
use evidence::{Address, Cursor};

/// Something of fixed width in the file.
pub(super) trait Record: Sized {
    /// Unit: bytes.
    const LENGTH: usize;
    /// Appends exactly that many bytes.
    fn write(&self, out: &mut Vec<u8>);
    /// Reads them back; none where a field has no meaning.
    fn read(bytes: &mut Cursor<'_>) -> Option<Self>;
}

impl Record for Session {
    const LENGTH: usize = 58;

    fn write(&self, out: &mut Vec<u8>) {
        out.push(marks(&[
            self.source.is_some(),
            self.vni.is_some(),
            self.endpoint.is_some(),
            self.span.is_some(),
        ]));
        out.extend(self.source.map_or(0, |Address(bits)| bits).to_le_bytes());
        out.extend(self.vni.unwrap_or(0).to_le_bytes());
        let (kind, key) = Key::number(self.key);
        out.push(kind);
        out.extend(key.to_le_bytes());
        out.extend(self.endpoint.unwrap_or(0).to_le_bytes());
        out.extend(self.packets.to_le_bytes());
        let (first, last) = self.span.unwrap_or_default();
        out.extend(first.to_le_bytes());
        out.extend(last.to_le_bytes());
    }

    fn read(bytes: &mut Cursor<'_>) -> Option<Self> {
        let marks = bytes.u8()?;
        Some(Self {
            source: marked(marks, 0, address(bytes)?),
            vni: marked(marks, 1, bytes.le32()?),
            key: Key::of(bytes.u8()?, bytes.le32()?)?,
            endpoint: marked(marks, 2, bytes.le64()?),
            packets: bytes.le64()?,
            span: marked(marks, 3, (bytes.le64()?.cast_signed(), bytes.le64()?.cast_signed())),
        })
    }
}

impl Record for Flow {
    const LENGTH: usize = 142;

    fn write(&self, out: &mut Vec<u8>) {
        let FlowState { isn_low, isn_high, .. } = self.state;
        let Opening { time, from_client, tcp, icmp } = self.opening;
        out.push(marks(&[
            self.client_seen_opening,
            self.closed,
            self.first.is_some(),
            self.last.is_some(),
            self.isn_client.is_some(),
            isn_low.is_some(),
            isn_high.is_some(),
            self.turned,
        ]));
        out.push(marks(&[
            time.is_some(),
            from_client,
            tcp.is_some(),
            icmp.is_some(),
            self.tunnelled,
            self.carrier,
        ]));
        out.push(self.protocol);
        out.extend(self.contents.to_le_bytes());
        out.extend(self.session.to_le_bytes());
        for endpoint in [self.client, self.server] {
            out.extend(endpoint.address.0.to_le_bytes());
            out.extend(endpoint.port.to_le_bytes());
        }
        for count in [
            self.packets_client,
            self.packets_server,
            self.bytes_client,
            self.bytes_server,
            self.first_offset,
            self.first_packet,
        ] {
            out.extend(count.to_le_bytes());
        }
        for at in [self.first, self.last, time] {
            out.extend(at.unwrap_or(0).to_le_bytes());
        }
        let (seq, ack, tcp_flags) = tcp.unwrap_or_default();
        for isn in [self.isn_client, isn_low, isn_high, Some(seq), Some(ack)] {
            out.extend(isn.unwrap_or(0).to_le_bytes());
        }
        let (kind, code) = icmp.unwrap_or_default();
        out.extend([tcp_flags, kind, code]);
    }

    fn read(bytes: &mut Cursor<'_>) -> Option<Self> {
        let (marks, opened) = (bytes.u8()?, bytes.u8()?);
        let is_marked = |bit| marked(marks, bit, ()).is_some();
        let protocol = bytes.u8()?;
        let contents = bytes.le32()?;
        let session = bytes.le32()?;
        let (client, server) = (endpoint(bytes)?, endpoint(bytes)?);
        let (packets_client, packets_server) = (bytes.le64()?, bytes.le64()?);
        let (bytes_client, bytes_server) = (bytes.le64()?, bytes.le64()?);
        let (first_offset, first_packet) = (bytes.le64()?, bytes.le64()?);
        let first = marked(marks, 2, bytes.le64()?.cast_signed());
        let last = marked(marks, 3, bytes.le64()?.cast_signed());
        let time = marked(opened, 0, bytes.le64()?.cast_signed());
        let isn_client = marked(marks, 4, bytes.le32()?);
        let isn_low = marked(marks, 5, bytes.le32()?);
        let isn_high = marked(marks, 6, bytes.le32()?);
        let (seq, ack, tcp_flags) = (bytes.le32()?, bytes.le32()?, bytes.u8()?);
        let tcp = marked(opened, 2, (seq, ack, tcp_flags));
        let icmp = marked(opened, 3, (bytes.u8()?, bytes.u8()?));
        let from_client = marked(opened, 1, ()).is_some();
        let closed = is_marked(1);
        Some(Self {
            session,
            tunnelled: marked(opened, 4, ()).is_some(),
            carrier: marked(opened, 5, ()).is_some(),
            protocol,
            client,
            server,
            client_seen_opening: is_marked(0),
            packets_client,
            packets_server,
            bytes_client,
            bytes_server,
            first,
            last,
            first_offset,
            isn_client,
            closed,
            opening: Opening { time, from_client, tcp, icmp },
            state: FlowState { isn_low, isn_high, closed, last },
            first_packet,
            contents,
            turned: is_marked(7),
        })
    }
}

impl PacketEntry {
    /// The offset in a record.
    pub(super) fn offset_in(record: &[u8]) -> u64 {
        let field = record.get(OFFSET_AT..).and_then(|rest| rest.first_chunk());
        field.map_or(0, |field| u64::from_le_bytes(*field))
    }
}

/// Behind the marks and the time. Unit: bytes.
const OFFSET_AT: usize = 12;

/// A packet as it is kept: its flow, and whether that flow's client sent it, follow from where it stands.
impl Record for PacketEntry {
    const LENGTH: usize = 77;

    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        let fragment = FRAGMENTS.iter().position(|part| *part == self.fragment);
        let stop = self.stop.and_then(|stop| STOPS.iter().position(|reason| *reason == stop));
        let (kind, code) = self.icmp.unwrap_or_default();
        let marks = marks(&[
            self.time.is_some(),
            self.from_client,
            self.tcp,
            self.icmp.is_some(),
            self.truncated,
            self.origin != Origin::Captured,
            self.origin == Origin::Content,
        ]);
        let stop = stop.map_or(NO_STOP, |place| place as u8);
        let begin = [marks, fragment.unwrap_or(0) as u8, stop, self.data_start];
        let [time, offset] =
            [self.time.unwrap_or(0).cast_unsigned(), self.offset].map(u64::to_le_bytes);
        let fields = [
            self.frame,
            self.caplen,
            self.origlen,
            self.network_offset,
            self.inner_length,
            self.transport_offset,
            self.payload_offset,
            self.payload_length,
            self.payload_captured,
            self.seq,
            self.ack,
            self.identification,
            self.digest,
        ]
        .map(u32::to_le_bytes);
        let [low, high] = self.link.number().to_le_bytes();
        let end = [low, high, self.tcp_flags, kind, code];
        // One growth for all: this is done for every packet.
        out.reserve(Self::LENGTH);
        out.extend_from_slice(&begin);
        out.extend_from_slice(&time);
        out.extend_from_slice(&offset);
        out.extend_from_slice(fields.as_flattened());
        out.extend_from_slice(&end);
    }

    fn read(bytes: &mut Cursor<'_>) -> Option<Self> {
        let marks = bytes.u8()?;
        let is_marked = |bit| marked(marks, bit, ()).is_some();
        let fragment = *FRAGMENTS.get(usize::from(bytes.u8()?))?;
        let stop = match bytes.u8()? {
            NO_STOP => None,
            place => Some(*STOPS.get(usize::from(place))?),
        };
        let mut packet = Self {
            fragment,
            stop,
            data_start: bytes.u8()?,
            time: marked(marks, 0, bytes.le64()?.cast_signed()),
            offset: bytes.le64()?,
            flow: None,
            from_client: is_marked(1),
            frame: bytes.le32()?,
            caplen: bytes.le32()?,
            origlen: bytes.le32()?,
            network_offset: bytes.le32()?,
            inner_length: bytes.le32()?,
            transport_offset: bytes.le32()?,
            payload_offset: bytes.le32()?,
            payload_length: bytes.le32()?,
            payload_captured: bytes.le32()?,
            tcp: is_marked(2),
            seq: bytes.le32()?,
            ack: bytes.le32()?,
            identification: bytes.le32()?,
            digest: bytes.le32()?,
            link: LinkType::from_number(bytes.le16()?),
            tcp_flags: bytes.u8()?,
            icmp: None,
            truncated: is_marked(4),
            origin: match (is_marked(5), is_marked(6)) {
                (false, _) => Origin::Captured,
                (true, false) => Origin::Joined,
                (true, true) => Origin::Content,
            },
        };
        packet.icmp = marked(marks, 3, (bytes.u8()?, bytes.u8()?));
        Some(packet)
    }
}

/// A stretch of a joined datagram, and where it was captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    /// Where the record of the packet starts that completes the datagram.
    pub(super) of: u64,
    /// Where the captured bytes start in the inflated capture of the packet that brings the stretch.
    pub(super) packet: u64,
    /// Where the stretch starts behind that.
    pub(super) offset: u32,
    /// Where it starts in the datagram.
    pub(super) start: u32,
    pub(super) length: u32,
}

impl Record for Piece {
    const LENGTH: usize = 28;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.of.to_le_bytes());
        out.extend(self.packet.to_le_bytes());
        for field in [self.offset, self.start, self.length] {
            out.extend(field.to_le_bytes());
        }
    }

    fn read(bytes: &mut Cursor<'_>) -> Option<Self> {
        Some(Self {
            of: bytes.le64()?,
            packet: bytes.le64()?,
            offset: bytes.le32()?,
            start: bytes.le32()?,
            length: bytes.le32()?,
        })
    }
}

/// The key of a flow.
impl Record for u64 {
    const LENGTH: usize = 8;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.to_le_bytes());
    }

    fn read(bytes: &mut Cursor<'_>) -> Option<Self> {
        bytes.le64()
    }
}

impl Record for Unread {
    const LENGTH: usize = 11;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.link.number().to_le_bytes());
        let reason = STOPS.iter().position(|reason| *reason == self.reason);
        out.push(reason.map_or(NO_STOP, |place| place as u8));
        out.extend(self.packets.to_le_bytes());
    }

    fn read(bytes: &mut Cursor<'_>) -> Option<Self> {
        Some(Self {
            link: LinkType::from_number(bytes.le16()?),
            reason: *STOPS.get(usize::from(bytes.u8()?))?,
            packets: bytes.le64()?,
        })
    }
}

impl Record for Activity {
    const LENGTH: usize = 20;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.session.to_le_bytes());
        out.extend(self.minute.to_le_bytes());
        out.extend(self.packets.to_le_bytes());
    }

    fn read(bytes: &mut Cursor<'_>) -> Option<Self> {
        Some(Self {
            session: bytes.le32()?,
            minute: bytes.le64()?.cast_signed(),
            packets: bytes.le64()?,
        })
    }
}

impl Record for RunSections {
    const LENGTH: usize = 88;

    fn write(&self, out: &mut Vec<u8>) {
        let Self { first, packets, trace, flows, pieces, keys } = *self;
        out.extend(first.to_le_bytes());
        for Section { offset, count } in [packets, trace, flows, pieces, keys] {
            out.extend(offset.to_le_bytes());
            out.extend(count.to_le_bytes());
        }
    }

    fn read(bytes: &mut Cursor<'_>) -> Option<Self> {
        let first = bytes.le64()?;
        let mut section = || Some(Section { offset: bytes.le64()?, count: bytes.le64()? });
        Some(Self {
            first,
            packets: section()?,
            trace: section()?,
            flows: section()?,
            pieces: section()?,
            keys: section()?,
        })
    }
}

/// Where a packet's record starts in the capture, and the place of its flow: the packets in file order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Trace {
    pub(super) offset: u64,
    /// Its place in the run; the number of flows there, for a packet of none.
    pub(super) flow: u32,
}

impl Record for Trace {
    const LENGTH: usize = 12;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.offset.to_le_bytes());
        out.extend(self.flow.to_le_bytes());
    }

    fn read(bytes: &mut Cursor<'_>) -> Option<Self> {
        Some(Self { offset: bytes.le64()?, flow: bytes.le32()? })
    }
}

/// By place: never reordered without a new version.
const FRAGMENTS: [FragmentPart; 4] =
    [FragmentPart::Whole, FragmentPart::First, FragmentPart::Later, FragmentPart::Orphan];
/// By place: never reordered without a new version.
const STOPS: [StopReason; 5] = [
    StopReason::NotIp,
    StopReason::LinkTypeUnknown,
    StopReason::Cut,
    StopReason::Malformed,
    StopReason::TooDeep,
];
const NO_STOP: u8 = 0xff;

fn marks(bits: &[bool]) -> u8 {
    bits.iter().rev().fold(0, |marks, bit| marks << 1 | u8::from(*bit))
}

fn marked<T>(marks: u8, bit: u8, field: T) -> Option<T> {
    (marks >> bit & 1 == 1).then_some(field)
}

fn address(bytes: &mut Cursor<'_>) -> Option<Address> {
    bytes.array().map(|bits| Address(u128::from_le_bytes(bits)))
}

fn endpoint(bytes: &mut Cursor<'_>) -> Option<Endpoint> {
    Some(Endpoint { address: address(bytes)?, port: bytes.le16()? })
}
