//! From packets to an index, one packet after the other.

use super::{
    Endpoint, Flow, FlowState, FragmentPart, Index, Observation, PacketEntry, Session, flags,
};
use crate::{Encapsulation, Inner, RawPacket, decapsulate};
use evidence::Address;
use foldhash::fast::RandomState;
use std::collections::HashMap;

/// How long a first fragment waits for the others: identifications are used again. RFC 8200 §4.5 gives
/// them the same. Unit: nanoseconds.
const REASSEMBLY: u64 = 60_000_000_000;

/// An index in the making. Its hash maps are keyed at random; nothing that it gives depends on their order.
#[derive(Default)]
pub struct IndexBuilder {
    sessions: Vec<Session>,
    session_numbers: HashMap<SessionKey, u32, RandomState>,
    last_session: Option<(SessionKey, u32)>,
    flows: Vec<Growing>,
    /// The latest flow of each pair of endpoints.
    latest: HashMap<FlowKey, u32, RandomState>,
    first_fragments: HashMap<DatagramKey, FirstFragment, RandomState>,
    packets: Vec<PacketEntry>,
}

type SessionKey = (Option<Address>, Option<u32>, Option<u64>);

#[derive(PartialEq, Eq, Hash)]
struct FlowKey {
    session: u32,
    protocol: u8,
    low: Endpoint,
    high: Endpoint,
}

#[derive(PartialEq, Eq, Hash)]
struct DatagramKey {
    session: u32,
    protocol: u8,
    source: Address,
    destination: Address,
    id: u32,
}

struct FirstFragment {
    flow: u32,
    ports: (u16, u16),
    time: Option<i64>,
}

/// A flow whose `client` is, until the end, whoever sent its first packet.
struct Growing {
    flow: Flow,
    /// Whether a SYN or SYN-ACK has shown that the sender of the first packet is the server.
    turned: bool,
}

impl IndexBuilder {
    /// An index of no packets.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in the next packet of the capture.
    pub fn add(&mut self, packet: &RawPacket<'_>) {
        let found = decapsulate(packet.link, packet.data);
        let session = self.session(&found.encapsulation);
        let data_start = packet.data_offset.saturating_sub(packet.offset);
        let mut entry = PacketEntry {
            time: packet.time,
            offset: packet.offset,
            data_start: u8::try_from(data_start).unwrap_or(u8::MAX),
            frame: u32::try_from(packet.frame).unwrap_or(u32::MAX),
            flow: None,
            from_client: false,
            link: packet.link,
            caplen: packet.caplen,
            origlen: packet.origlen,
            network_offset: 0,
            inner_length: 0,
            transport_offset: 0,
            payload_offset: 0,
            payload_length: 0,
            payload_captured: 0,
            tcp: false,
            seq: 0,
            ack: 0,
            tcp_flags: 0,
            icmp: None,
            truncated: false,
            fragment: FragmentPart::Whole,
            stop: found.stop.map(|stop| stop.reason),
        };
        if let Some(inner) = &found.inner {
            describe(inner, &mut entry);
            self.count(session, inner, &mut entry);
        }
        self.packets.push(entry);
    }

    /// The finished index.
    pub fn finish(self) -> Index {
        let mut packets = self.packets;
        let turned = |flow: u32| self.flows.get(flow as usize).is_some_and(|flow| flow.turned);
        for packet in &mut packets {
            packet.from_client ^= packet.flow.is_some_and(turned);
        }
        let flows = self.flows.into_iter().map(Growing::finish).collect();
        Index::assemble(self.sessions, flows, packets)
    }

    fn session(&mut self, encapsulation: &Encapsulation) -> u32 {
        let key = (encapsulation.source, encapsulation.vni, encapsulation.endpoint);
        let number = match self.last_session {
            Some((last, number)) if last == key => number,
            _ => *self.session_numbers.entry(key).or_insert_with(|| {
                let (source, vni, endpoint) = key;
                self.sessions.push(Session { source, vni, endpoint, packets: 0 });
                last_place(self.sessions.len())
            }),
        };
        self.last_session = Some((key, number));
        if let Some(session) = self.sessions.get_mut(number as usize) {
            session.packets = session.packets.saturating_add(1);
        }
        number
    }

    /// Counts a packet to its flow.
    fn count(&mut self, session: u32, inner: &Inner, entry: &mut PacketEntry) {
        let mut ports = inner.ports.unwrap_or_default();
        let mut flow = None;
        if let Some(fragment) = inner.fragment.filter(|fragment| fragment.offset > 0) {
            entry.fragment = FragmentPart::Orphan;
            let known = self.first_fragments.get(&datagram(session, inner, fragment.id));
            if let Some(first) = known.filter(|first| close(first.time, entry.time)) {
                entry.fragment = FragmentPart::Later;
                ports = first.ports;
                flow = Some(first.flow);
            }
        }
        let source = Endpoint { address: inner.source, port: ports.0 };
        let destination = Endpoint { address: inner.destination, port: ports.1 };
        let seen = Observation {
            time: entry.time,
            protocol: inner.protocol,
            from_low: source <= destination,
            tcp: inner.tcp.map(|tcp| (tcp.seq, tcp.ack, tcp.flags)),
        };
        let number = flow.unwrap_or_else(|| self.flow(session, source, destination, &seen));
        if let Some(fragment) = inner.fragment.filter(|fragment| fragment.offset == 0) {
            entry.fragment = FragmentPart::First;
            let first = FirstFragment { flow: number, ports, time: entry.time };
            self.first_fragments.insert(datagram(session, inner, fragment.id), first);
        }
        entry.flow = Some(number);
        if let Some(growing) = self.flows.get_mut(number as usize) {
            entry.from_client = growing.flow.client == source;
            growing.take(entry, &seen);
        }
    }

    /// The number of the flow that a packet belongs to; a new one where the split rule says so.
    fn flow(
        &mut self,
        session: u32,
        source: Endpoint,
        destination: Endpoint,
        seen: &Observation,
    ) -> u32 {
        let (low, high) = if seen.from_low { (source, destination) } else { (destination, source) };
        let key = FlowKey { session, protocol: seen.protocol, low, high };
        let flows = &mut self.flows;
        let begin = |flows: &mut Vec<Growing>| {
            flows.push(Growing::new(session, seen.protocol, source, destination));
            last_place(flows.len())
        };
        match self.latest.entry(key) {
            std::collections::hash_map::Entry::Vacant(place) => *place.insert(begin(flows)),
            std::collections::hash_map::Entry::Occupied(mut place) => {
                let latest = flows.get(*place.get() as usize);
                if latest.is_some_and(|latest| latest.flow.state.begins_anew(seen)) {
                    place.insert(begin(flows));
                }
                *place.get()
            }
        }
    }
}

impl Growing {
    fn new(session: u32, protocol: u8, client: Endpoint, server: Endpoint) -> Self {
        let flow = Flow {
            session,
            protocol,
            client,
            server,
            client_seen_opening: false,
            packets_client: 0,
            packets_server: 0,
            bytes_client: 0,
            bytes_server: 0,
            first: None,
            last: None,
            first_offset: 0,
            isn_client: None,
            closed: false,
            state: FlowState::default(),
        };
        Self { flow, turned: false }
    }

    fn take(&mut self, packet: &PacketEntry, seen: &Observation) {
        let flow = &mut self.flow;
        flow.state.take(seen);
        if flow.packets_client == 0 && flow.packets_server == 0 {
            flow.first_offset = packet.offset;
        }
        let (packets, bytes) = match packet.from_client {
            true => (&mut flow.packets_client, &mut flow.bytes_client),
            false => (&mut flow.packets_server, &mut flow.bytes_server),
        };
        *packets = packets.saturating_add(1);
        *bytes = bytes.saturating_add(packet.inner_length.into());
        if let Some(time) = packet.time {
            if flow.first.is_none_or(|first| time < first) {
                flow.first = Some(time);
                flow.first_offset = packet.offset;
            }
            flow.last = flow.last.max(Some(time));
        }
        if packet.tcp && packet.tcp_flags & flags::SYN != 0 {
            let asks = packet.tcp_flags & flags::ACK == 0;
            if asks && flow.isn_client.is_none() {
                flow.isn_client = Some(packet.seq);
            }
            if !flow.client_seen_opening {
                flow.client_seen_opening = true;
                self.turned = packet.from_client != asks;
            }
        }
    }

    fn finish(self) -> Flow {
        let mut flow = self.flow;
        flow.closed = flow.state.closed;
        if self.turned {
            std::mem::swap(&mut flow.client, &mut flow.server);
            std::mem::swap(&mut flow.packets_client, &mut flow.packets_server);
            std::mem::swap(&mut flow.bytes_client, &mut flow.bytes_server);
        }
        flow
    }
}

fn describe(inner: &Inner, entry: &mut PacketEntry) {
    entry.network_offset = inner.network_offset;
    entry.inner_length = inner.inner_length;
    entry.transport_offset = inner.transport_offset;
    entry.payload_offset = inner.payload_offset;
    entry.payload_length = inner.payload_length;
    entry.payload_captured = inner.payload_captured;
    entry.icmp = inner.icmp;
    entry.truncated = inner.truncated;
    if let Some(tcp) = inner.tcp {
        entry.tcp = true;
        entry.seq = tcp.seq;
        entry.ack = tcp.ack;
        entry.tcp_flags = tcp.flags;
    }
}

fn datagram(session: u32, inner: &Inner, id: u32) -> DatagramKey {
    let Inner { protocol, source, destination, .. } = *inner;
    DatagramKey { session, protocol, source, destination, id }
}

fn close(a: Option<i64>, b: Option<i64>) -> bool {
    a.zip(b).is_none_or(|(a, b)| a.abs_diff(b) <= REASSEMBLY)
}

/// Numbers are 32 bits wide: memory ends long before four thousand million packets do.
fn last_place(length: usize) -> u32 {
    u32::try_from(length.saturating_sub(1)).unwrap_or(u32::MAX)
}
