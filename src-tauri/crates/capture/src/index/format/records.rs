//! The records of the index file. What may be absent is a bit of the record's marks, and then zero.

use crate::index::{Endpoint, Flow, FlowState, FragmentPart, PacketEntry, Session};
use crate::{LinkType, StopReason};
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
    const LENGTH: usize = 37;

    fn write(&self, out: &mut Vec<u8>) {
        out.push(marks(&[self.source.is_some(), self.vni.is_some(), self.endpoint.is_some()]));
        out.extend(self.source.map_or(0, |Address(bits)| bits).to_le_bytes());
        out.extend(self.vni.unwrap_or(0).to_le_bytes());
        out.extend(self.endpoint.unwrap_or(0).to_le_bytes());
        out.extend(self.packets.to_le_bytes());
    }

    fn read(bytes: &mut Cursor<'_>) -> Option<Self> {
        let marks = bytes.u8()?;
        Some(Self {
            source: marked(marks, 0, address(bytes)?),
            vni: marked(marks, 1, bytes.le32()?),
            endpoint: marked(marks, 2, bytes.le64()?),
            packets: bytes.le64()?,
        })
    }
}

impl Record for Flow {
    const LENGTH: usize = 110;

    fn write(&self, out: &mut Vec<u8>) {
        let FlowState { isn_low, isn_high, .. } = self.state;
        out.push(marks(&[
            self.client_seen_opening,
            self.closed,
            self.first.is_some(),
            self.last.is_some(),
            self.isn_client.is_some(),
            isn_low.is_some(),
            isn_high.is_some(),
        ]));
        out.push(self.protocol);
        out.extend(self.session.to_le_bytes());
        for endpoint in [self.client, self.server] {
            out.extend(endpoint.address.0.to_le_bytes());
            out.extend(endpoint.port.to_le_bytes());
        }
        for count in
            [self.packets_client, self.packets_server, self.bytes_client, self.bytes_server]
        {
            out.extend(count.to_le_bytes());
        }
        out.extend(self.first.unwrap_or(0).to_le_bytes());
        out.extend(self.last.unwrap_or(0).to_le_bytes());
        out.extend(self.first_offset.to_le_bytes());
        for isn in [self.isn_client, isn_low, isn_high] {
            out.extend(isn.unwrap_or(0).to_le_bytes());
        }
    }

    fn read(bytes: &mut Cursor<'_>) -> Option<Self> {
        let marks = bytes.u8()?;
        let closed = marked(marks, 1, ()).is_some();
        let mut flow = Self {
            client_seen_opening: marked(marks, 0, ()).is_some(),
            closed,
            protocol: bytes.u8()?,
            session: bytes.le32()?,
            client: endpoint(bytes)?,
            server: endpoint(bytes)?,
            packets_client: bytes.le64()?,
            packets_server: bytes.le64()?,
            bytes_client: bytes.le64()?,
            bytes_server: bytes.le64()?,
            first: marked(marks, 2, bytes.le64()?.cast_signed()),
            last: marked(marks, 3, bytes.le64()?.cast_signed()),
            first_offset: bytes.le64()?,
            isn_client: marked(marks, 4, bytes.le32()?),
            state: FlowState::default(),
        };
        flow.state = FlowState {
            isn_low: marked(marks, 5, bytes.le32()?),
            isn_high: marked(marks, 6, bytes.le32()?),
            closed,
            last: flow.last,
        };
        Some(flow)
    }
}

impl Record for PacketEntry {
    const LENGTH: usize = 73;

    fn write(&self, out: &mut Vec<u8>) {
        out.push(marks(&[
            self.time.is_some(),
            self.flow.is_some(),
            self.from_client,
            self.tcp,
            self.icmp.is_some(),
            self.truncated,
        ]));
        let fragment = FRAGMENTS.iter().position(|part| *part == self.fragment);
        out.push(fragment.unwrap_or(0) as u8);
        let stop = STOPS.iter().position(|reason| Some(*reason) == self.stop);
        out.push(stop.map_or(NO_STOP, |place| place as u8));
        out.push(self.data_start);
        out.extend(self.time.unwrap_or(0).to_le_bytes());
        out.extend(self.offset.to_le_bytes());
        out.extend(self.link.number().to_le_bytes());
        for field in [
            self.frame,
            self.flow.unwrap_or(0),
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
        ] {
            out.extend(field.to_le_bytes());
        }
        let (kind, code) = self.icmp.unwrap_or_default();
        out.extend([self.tcp_flags, kind, code]);
    }

    fn read(bytes: &mut Cursor<'_>) -> Option<Self> {
        let marks = bytes.u8()?;
        let is_marked = |bit| marked(marks, bit, ()).is_some();
        let mut packet = Self {
            fragment: *FRAGMENTS.get(usize::from(bytes.u8()?))?,
            stop: match bytes.u8()? {
                NO_STOP => None,
                place => Some(*STOPS.get(usize::from(place))?),
            },
            data_start: bytes.u8()?,
            time: marked(marks, 0, bytes.le64()?.cast_signed()),
            offset: bytes.le64()?,
            link: LinkType::from_number(bytes.le16()?),
            frame: bytes.le32()?,
            flow: marked(marks, 1, bytes.le32()?),
            from_client: is_marked(2),
            caplen: bytes.le32()?,
            origlen: bytes.le32()?,
            network_offset: bytes.le32()?,
            inner_length: bytes.le32()?,
            transport_offset: bytes.le32()?,
            payload_offset: bytes.le32()?,
            payload_length: bytes.le32()?,
            payload_captured: bytes.le32()?,
            tcp: is_marked(3),
            seq: bytes.le32()?,
            ack: bytes.le32()?,
            tcp_flags: bytes.u8()?,
            icmp: None,
            truncated: is_marked(5),
        };
        packet.icmp = marked(marks, 4, (bytes.u8()?, bytes.u8()?));
        Some(packet)
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
