//! Sessions and flows.

use super::{FlowState, Observation};
use crate::Key;
use evidence::Address;
use twox_hash::XxHash3_64;

/// What names a session across captures: see [`Session::identity`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SessionIdentity {
    /// See [`crate::Encapsulation::source`].
    pub source: Option<Address>,
    /// See [`crate::Encapsulation::vni`].
    pub vni: Option<u32>,
    /// See [`crate::Encapsulation::key`].
    pub key: Option<Key>,
    /// See [`crate::Encapsulation::endpoint`]; only without a VNI.
    pub endpoint: Option<u64>,
}

/// One way by which packets came into the capture: a Traffic Mirroring session, a Gateway Load Balancer
/// endpoint, or none of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// See [`crate::Encapsulation::source`].
    pub source: Option<Address>,
    /// See [`crate::Encapsulation::vni`].
    pub vni: Option<u32>,
    /// See [`crate::Encapsulation::key`].
    pub key: Option<Key>,
    /// See [`crate::Encapsulation::endpoint`].
    pub endpoint: Option<u64>,
    /// Packets that came this way, those without IP included.
    pub packets: u64,
    /// Earliest and latest capture time. Unit: nanoseconds since 1970-01-01 UTC.
    pub span: Option<(i64, i64)>,
}

impl Session {
    /// What names it across captures: the mirror session, or else the endpoint. The same mirror session
    /// may arrive over several endpoints.
    pub fn identity(&self) -> SessionIdentity {
        let Self { source, vni, key, endpoint, .. } = *self;
        SessionIdentity { source, vni, key, endpoint: endpoint.filter(|_| vni.is_none()) }
    }
}

/// One side of a flow. The port is 0 for protocols without ports, as in flow records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// IP address.
    pub address: Address,
    /// Port.
    pub port: u16,
}

impl From<Endpoint> for (Address, u16) {
    fn from(endpoint: Endpoint) -> Self {
        (endpoint.address, endpoint.port)
    }
}

/// Both ends of a flow, whoever opened it, within one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tuple {
    /// See [`Session::identity`].
    pub session: SessionIdentity,
    /// See [`Flow::tunnelled`].
    pub tunnelled: bool,
    /// Protocol number (IANA).
    pub protocol: u8,
    /// The lower endpoint.
    pub low: Endpoint,
    /// The higher endpoint.
    pub high: Endpoint,
}

impl Tuple {
    /// The tuple of two endpoints in either order, in no tunnel of the mirrored interface.
    pub fn of(session: SessionIdentity, protocol: u8, one: Endpoint, other: Endpoint) -> Self {
        let tunnelled = false;
        Self { session, tunnelled, protocol, low: one.min(other), high: one.max(other) }
    }

    /// The order in which flows stand in an index: the same in every capture, so that many indexes can be gone
    /// through side by side. Tuples may share a key.
    pub(crate) fn key(&self) -> u64 {
        let SessionIdentity { source, vni, key, endpoint } = self.session;
        let (kind, key) = Key::number(key);
        let [low, high, source] =
            [self.low.address, self.high.address, source.unwrap_or(Address(0))]
                .map(|Address(bits)| bits);
        let [low_port, high_port] = [self.low.port, self.high.port].map(u128::from);
        let present = u8::from(self.session.source.is_some())
            | u8::from(vni.is_some()) << 1
            | u8::from(endpoint.is_some()) << 2
            | u8::from(self.tunnelled) << 3;
        let bytes = [self.protocol, present, kind, 0];
        let flow = u128::from(u32::from_le_bytes(bytes)) << 32 | high_port << 16 | low_port;
        let session = u128::from(endpoint.unwrap_or(0)) << 64
            | u128::from(vni.unwrap_or(0)) << 32
            | u128::from(key);
        let all = [low, high, source, flow, session].map(u128::to_le_bytes);
        XxHash3_64::oneshot(all.as_flattened())
    }
}

/// The part of a conversation within one capture.
///
/// A capture of very many flows may hold a conversation in several parts: see [`super::IndexBuilder`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// Its place in [`super::PacketIndex::sessions`].
    pub session: u32,
    /// Whether its packets lie in a tunnel of the mirrored interface's own: flow logs count the packets that carry them,
    /// and addresses in it may mean something else than outside.
    pub tunnelled: bool,
    /// Whether it is of such carrying packets, as flow logs count them. It is part of no conversation: what its packets
    /// carry is.
    pub carrier: bool,
    /// Protocol number (IANA).
    pub protocol: u8,
    /// Who opened: the sender of a SYN, or the receiver of a SYN-ACK; else the sender of the first packet.
    pub client: Endpoint,
    /// The other side.
    pub server: Endpoint,
    /// Whether a SYN or SYN-ACK told who the client is.
    pub client_seen_opening: bool,
    /// Packets from the client.
    pub packets_client: u64,
    /// Packets from the server.
    pub packets_server: u64,
    /// Inner IP lengths of the client's packets, summed. Unit: bytes.
    pub bytes_client: u64,
    /// Inner IP lengths of the server's packets, summed. Unit: bytes.
    pub bytes_server: u64,
    /// Earliest capture time, nanoseconds since 1970-01-01 UTC; none if no packet has a time.
    pub first: Option<i64>,
    /// Latest capture time.
    pub last: Option<i64>,
    /// Where the record of the earliest packet starts in the capture. Unit: bytes.
    pub first_offset: u64,
    /// Initial sequence number of the client, if its SYN was seen.
    pub isn_client: Option<u32>,
    /// Whether a FIN or RST was seen.
    pub closed: bool,
    /// What its first packet, in file order, showed.
    pub opening: Opening,
    /// What the split rule knows at its end.
    pub(crate) state: FlowState,
    /// Where its packets stand among those of the index.
    pub(crate) first_packet: u64,
    /// How many datagrams without a packet of their own stand among those: see [`super::Origin::Content`].
    pub(crate) contents: u32,
    /// Whether the sender of its first packet turned out to be the server.
    pub(crate) turned: bool,
}

impl Flow {
    /// Packets of both sides.
    pub fn packets(&self) -> u64 {
        self.packets_client.saturating_add(self.packets_server)
    }

    /// Packets and contents.
    pub(crate) fn entries(&self) -> u64 {
        self.packets().saturating_add(self.contents.into())
    }

    /// What the split rule sees of its first packet.
    pub(crate) fn first_observation(&self) -> Observation {
        Observation {
            time: self.opening.time,
            protocol: self.protocol,
            from_low: self.opening.from_client == (self.client <= self.server),
            tcp: self.opening.tcp,
        }
    }
}

/// What the first packet of a flow showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Opening {
    /// Capture time, nanoseconds since 1970-01-01 UTC.
    pub time: Option<i64>,
    /// Whether the client sent it.
    pub from_client: bool,
    /// TCP sequence number, acknowledgement number and flags.
    pub tcp: Option<(u32, u32, u8)>,
    /// ICMP type and code.
    pub icmp: Option<(u8, u8)>,
}
