//! A run of the index: the packets of a stretch of the capture, while they come in.

use super::records::{Piece, Record as _};
use super::{Endpoint, Flow, FlowState, Observation, Opening, PacketEntry, Tuple, flags};
use evidence::Address;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher as _;

/// The number of a packet without flow.
pub(super) const NO_FLOW: u32 = u32::MAX;

/// Flows found by their endpoints, and packets in file order. A flow that goes on after the end of its run becomes
/// another flow of the index. Joining makes one conversation of the two, as it does with the halves of a rotation.
#[derive(Default)]
pub(super) struct Run {
    pub(super) flows: Vec<Growing>,
    /// The latest flow of each pair of endpoints.
    latest: HashTable<u32>,
    hasher: RandomState,
    /// Records in file order.
    pub(super) packets: Vec<u8>,
    /// The flow of each.
    pub(super) owners: Vec<u32>,
    pub(super) pieces: Vec<u8>,
    /// How many flows there were in all runs before.
    earlier: u64,
}

/// A flow of the index in the making.
#[derive(Clone, Copy)]
pub(super) struct FlowAt(u64);

/// A flow whose `client` is, until the end, whoever sent its first packet.
pub(super) struct Growing {
    pub(super) flow: Flow,
    /// See [`Tuple::key`].
    pub(super) key: u64,
}

/// How a flow lies to what the mirrored interface sent and received: see [`Flow`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Level {
    pub(super) tunnelled: bool,
    pub(super) carrier: bool,
}

/// What tells the flows of a run apart, in the direction of a packet.
#[derive(Clone, Copy)]
pub(super) struct Directed {
    /// Its place among the sessions.
    pub(super) session: u32,
    pub(super) level: Level,
    pub(super) protocol: u8,
    pub(super) source: Endpoint,
    pub(super) destination: Endpoint,
}

impl Run {
    /// Makes room for another run.
    pub(super) fn clear(&mut self) {
        self.flows.clear();
        self.latest.clear();
        self.packets.clear();
        self.owners.clear();
        self.pieces.clear();
    }

    /// Numbers flows from where those of another run end.
    pub(super) fn follow(&mut self, other: &Self) {
        self.earlier = other.earlier.saturating_add(other.flows.len() as u64);
    }

    /// How many packets there are, or pieces, whichever are more.
    pub(super) fn entries(&self) -> usize {
        self.owners.len().max(self.pieces.len().checked_div(Piece::LENGTH).unwrap_or(0))
    }

    /// Whether a flow belongs to this run.
    pub(super) fn holds(&self, at: FlowAt) -> bool {
        self.number(at).is_some()
    }

    fn number(&self, FlowAt(number): FlowAt) -> Option<usize> {
        let number = usize::try_from(number.checked_sub(self.earlier)?).ok()?;
        (number < self.flows.len()).then_some(number)
    }

    fn at(&self, number: u32) -> FlowAt {
        FlowAt(self.earlier.saturating_add(number.into()))
    }

    /// The flow that a packet belongs to; a new one, with the key of this tuple, where the split rule says so.
    pub(super) fn flow(
        &mut self,
        directed: &Directed,
        seen: &Observation,
        tuple: impl FnOnce() -> Tuple,
    ) -> FlowAt {
        let Self { flows, latest, hasher, .. } = self;
        let hash = directed.hash(hasher);
        let found = latest.find_mut(hash, |number| directed.is_of(flows, *number));
        let next = u32::try_from(flows.len()).unwrap_or(NO_FLOW);
        let number = match found {
            Some(number) => {
                let known = flows.get(*number as usize);
                if known.is_some_and(|known| known.flow.state.begins_anew(seen)) {
                    *number = next;
                }
                *number
            }
            None => {
                let again = |number: &u32| {
                    let flow = flows.get(*number as usize);
                    flow.map_or(0, |growing| Directed::of(&growing.flow).hash(hasher))
                };
                latest.insert_unique(hash, next, again);
                next
            }
        };
        if number == next {
            self.flows.push(Growing { flow: begun(directed), key: tuple().key() });
        }
        self.at(number)
    }

    /// The flow to which the last packet of these endpoints was counted, if it is in this run.
    pub(super) fn latest(&self, directed: &Directed) -> Option<FlowAt> {
        let hash = directed.hash(&self.hasher);
        let found = self.latest.find(hash, |number| directed.is_of(&self.flows, *number));
        found.map(|number| self.at(*number))
    }

    /// Counts a packet to its flow, says which side sent it, and keeps it.
    pub(super) fn count(
        &mut self,
        at: FlowAt,
        source: Endpoint,
        packet: &mut PacketEntry,
        seen: &Observation,
    ) {
        let Some(number) = self.number(at) else { return };
        if let Some(growing) = self.flows.get_mut(number) {
            packet.from_client = growing.flow.client == source;
            growing.take(packet, seen);
        }
        self.push(u32::try_from(number).unwrap_or(NO_FLOW), packet);
    }

    /// Adds the content of a datagram to the flow of its packets, and says which side sent it.
    pub(super) fn add_content(&mut self, at: FlowAt, source: Endpoint, content: &mut PacketEntry) {
        let Some(number) = self.number(at) else { return };
        if let Some(growing) = self.flows.get_mut(number) {
            content.from_client = growing.flow.client == source;
            growing.flow.contents = growing.flow.contents.saturating_add(1);
        }
        self.push(u32::try_from(number).unwrap_or(NO_FLOW), content);
    }

    /// Keeps a packet of this flow, or of none.
    pub(super) fn push(&mut self, flow: u32, packet: &PacketEntry) {
        self.owners.push(flow);
        packet.write(&mut self.packets);
    }
}

impl Directed {
    fn of(flow: &Flow) -> Self {
        let Flow { session, tunnelled, carrier, protocol, client, server, .. } = *flow;
        let level = Level { tunnelled, carrier };
        Self { session, level, protocol, source: client, destination: server }
    }

    /// The same for both directions.
    fn hash(&self, hasher: &RandomState) -> u64 {
        let (low, high) = match self.source <= self.destination {
            true => (self.source, self.destination),
            false => (self.destination, self.source),
        };
        let Level { tunnelled, carrier } = self.level;
        let (Address(low_bits), Address(high_bits)) = (low.address, high.address);
        let ports = u32::from(low.port) << 16 | u32::from(high.port);
        let kind = u32::from_le_bytes([self.protocol, tunnelled.into(), carrier.into(), 0]);
        hasher.hash_one((low_bits, high_bits, ports, kind, self.session))
    }

    fn is_of(&self, flows: &[Growing], number: u32) -> bool {
        let Some(Growing { flow, .. }) = flows.get(number as usize) else { return false };
        let ends = (flow.client, flow.server);
        (ends == (self.source, self.destination) || ends == (self.destination, self.source))
            && flow.session == self.session
            && flow.protocol == self.protocol
            && Level { tunnelled: flow.tunnelled, carrier: flow.carrier } == self.level
    }
}

fn begun(directed: &Directed) -> Flow {
    let Directed { session, level, protocol, source, destination } = *directed;
    Flow {
        session,
        tunnelled: level.tunnelled,
        carrier: level.carrier,
        protocol,
        client: source,
        server: destination,
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
        opening: Opening::default(),
        state: FlowState::default(),
        first_packet: 0,
        contents: 0,
        turned: false,
    }
}

impl Growing {
    fn take(&mut self, packet: &PacketEntry, seen: &Observation) {
        let flow = &mut self.flow;
        flow.state.take(seen);
        if flow.packets() == 0 {
            flow.first_offset = packet.offset;
            let PacketEntry { time, icmp, .. } = *packet;
            flow.opening = Opening { time, from_client: true, tcp: seen.tcp, icmp };
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
                flow.turned = packet.from_client != asks;
            }
        }
    }

    /// The flow, with its client, whose packets start at this place of its run.
    pub(super) fn finish(&self, first_packet: u64) -> Flow {
        let mut flow = Flow { first_packet, closed: self.flow.state.closed, ..self.flow.clone() };
        if flow.turned {
            std::mem::swap(&mut flow.client, &mut flow.server);
            std::mem::swap(&mut flow.packets_client, &mut flow.packets_server);
            std::mem::swap(&mut flow.bytes_client, &mut flow.bytes_server);
            flow.opening.from_client = false;
        }
        flow
    }
}
