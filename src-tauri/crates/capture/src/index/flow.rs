//! Sessions and flows.

use super::FlowState;
use evidence::Address;

/// One way by which packets came into the capture: a Traffic Mirroring session, a Gateway Load Balancer
/// endpoint, or none of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// See [`crate::Encapsulation::source`].
    pub source: Option<Address>,
    /// See [`crate::Encapsulation::vni`].
    pub vni: Option<u32>,
    /// See [`crate::Encapsulation::endpoint`].
    pub endpoint: Option<u64>,
    /// Packets that came this way, those without IP included.
    pub packets: u64,
}

impl Session {
    /// What names it across captures: the mirror session, or else the endpoint. The same mirror session
    /// may arrive over several endpoints.
    pub fn identity(&self) -> (Option<Address>, Option<u32>, Option<u64>) {
        (self.source, self.vni, self.endpoint.filter(|_| self.vni.is_none()))
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

/// The part of a conversation within one capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// Its place in [`super::Index::sessions`].
    pub session: u32,
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
    /// What the split rule knows at its end.
    pub(crate) state: FlowState,
}
