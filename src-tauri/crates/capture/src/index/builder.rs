//! From packets to an index, one packet after the other.

use super::cluster::Waiting;
use super::entry::{blank, describe};
use super::pieces::Pieces;
use super::records::Piece;
use super::sessions::Sessions;
use super::shelf::{FlowAt, Level, Shelf};
use super::storage::Storage;
use super::{Endpoint, FragmentPart, Observation, Origin, PacketEntry, Tuple, Unread, file};
use crate::{
    Carrier, Datagram, Defragmented, Encapsulation, Inner, Joined, LinkType, Ports, RawPacket,
    StopReason, Walked, Walker,
};
use evidence::Address;
use foldhash::fast::RandomState;
use std::collections::{BTreeMap, HashMap};
use std::io;

/// How long a first fragment waits for the others: identifications are used again. RFC 8200 §4.5 gives
/// them the same. Unit: nanoseconds.
const REASSEMBLY: u64 = 60_000_000_000;
/// First fragments that wait at once; without a limit, a flood of them would take all memory.
const FIRST_FRAGMENTS: usize = 100_000;

/// Opens a place for what does not fit into memory; it is gone when it is closed.
pub type NewStorage<'s> = dyn FnMut() -> io::Result<Box<dyn Storage>> + 's;

/// What an index in the making keeps in memory; whatever is beyond waits in storage.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Packets, 81 bytes each: now in file order, and at the end in their final order.
    pub packets: usize,
    /// Flows, some 400 bytes each.
    pub flows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { packets: 1_500_000, flows: 400_000 }
    }
}

/// An index in the making. Its hash maps are keyed at random; nothing that it gives depends on their order.
///
/// A capture of more flows than are kept in memory at once may hold one conversation in several [`super::Flow`]s: those
/// that were silent longest are put away, and begin another flow when they go on. [`crate::join`] makes one of them.
///
/// A captured packet is an entry of the flow of its innermost packet. Where that lies in a tunnel of the mirrored interface's
/// own, the packet that carries it is an entry of a flow too: that is what flow logs count.
pub struct IndexBuilder<'s> {
    new_storage: Box<NewStorage<'s>>,
    walker: Walker,
    ports: u64,
    sessions: Sessions,
    flows: Shelf,
    first_fragments: HashMap<DatagramKey, FirstFragment, RandomState>,
    packets: Waiting,
    pieces: Pieces,
    captured: u64,
    orphan_fragments: u64,
    unread: BTreeMap<(u16, StopReason), u64>,
}

/// Where a packet is counted: its session, and how it lies to what the mirrored interface sent.
#[derive(Clone, Copy)]
struct Counted {
    session: u32,
    level: Level,
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
    /// None for a datagram that only carries what is counted: its later fragments belong to no flow.
    flow: Option<FlowAt>,
    ports: (u16, u16),
    time: Option<i64>,
}

impl<'s> IndexBuilder<'s> {
    /// An index of no packets. `new_storage` opens the places where waits what does not fit into memory; `ports` are
    /// those at which tunnels are looked for besides the usual ones.
    pub fn new(
        limits: Limits,
        ports: Ports,
        new_storage: impl FnMut() -> io::Result<Box<dyn Storage>> + 's,
    ) -> Self {
        Self {
            new_storage: Box::new(new_storage),
            ports: ports.digest(),
            walker: Walker::new(ports),
            sessions: Sessions::default(),
            flows: Shelf::new(limits.flows),
            first_fragments: HashMap::default(),
            packets: Waiting::new(limits.packets),
            pieces: Pieces::default(),
            captured: 0,
            orphan_fragments: 0,
            unread: BTreeMap::new(),
        }
    }

    /// Packets so far.
    pub fn packets(&self) -> u64 {
        self.captured
    }

    /// Takes in the next packet of the capture.
    ///
    /// # Errors
    /// What the storage answers.
    pub fn add(&mut self, packet: &RawPacket<'_>) -> io::Result<()> {
        let Walked { found, carrier, joined, .. } = self.walker.take(packet);
        self.captured = self.captured.saturating_add(1);
        let session = self.sessions.number(&found.encapsulation);
        self.sessions.count(session, packet.time);
        if let Some(carrier) = &carrier {
            self.carries(carrier, found.mirrored.as_ref(), packet.time);
        }
        if let Some(stop) = found.stop {
            let count = self.unread.entry((packet.link.number(), stop.reason)).or_default();
            *count = count.saturating_add(1);
        }
        let mut entry = blank(packet);
        entry.stop = found.stop.map(|stop| stop.reason);
        let tunnelled = found.mirrored.is_some();
        let mut flow = None;
        if let Some(inner) = &found.inner {
            describe(inner, packet.data, &mut entry);
            let level = Level { tunnelled, carrier: false };
            flow = self.count(Counted { session, level }, inner, &mut entry)?;
        }
        self.packets.push(flow, &entry, &mut *self.new_storage)?;
        if let Some(mirrored) = &found.mirrored {
            let mut entry = blank(packet);
            describe(mirrored, packet.data, &mut entry);
            self.add_carrier(&found.encapsulation, mirrored, entry)?;
        }
        match joined.is_empty() {
            true => Ok(()),
            false => self.add_joined(packet, joined),
        }
    }

    /// Writes the finished index to `out`, which is empty, and says what became of all fragments.
    ///
    /// # Errors
    /// What `out` or the storage answers.
    pub fn finish(self, out: &mut dyn Storage) -> io::Result<Defragmented> {
        let Self {
            mut new_storage,
            walker,
            ports,
            sessions,
            flows,
            packets,
            pieces,
            captured,
            orphan_fragments,
            unread,
            ..
        } = self;
        let (sessions, activity) = sessions.finish();
        let unread = unread
            .into_iter()
            .map(|((link, reason), packets)| Unread {
                link: LinkType::from_number(link),
                reason,
                packets,
            })
            .collect();
        let rest = file::Rest { sessions, activity, unread, captured, orphan_fragments, ports };
        file::write(out, flows.order(), packets, pieces, rest, &mut *new_storage)?;
        Ok(walker.finish())
    }

    /// Adds the packet that carries a tunnel of the mirrored interface's own.
    fn add_carrier(
        &mut self,
        encapsulation: &Encapsulation,
        mirrored: &Inner,
        mut entry: PacketEntry,
    ) -> io::Result<()> {
        // A key without a source is that of the tunnel which this packet carries.
        let key = encapsulation.source.and(encapsulation.key);
        let session = self.sessions.number(&Encapsulation { key, ..*encapsulation });
        let level = Level { tunnelled: false, carrier: true };
        let flow = self.count(Counted { session, level }, mirrored, &mut entry)?;
        self.packets.push(flow, &entry, &mut *self.new_storage)
    }

    /// Adds what came to light when a packet completed datagrams.
    fn add_joined(&mut self, packet: &RawPacket<'_>, joined: Vec<Joined>) -> io::Result<()> {
        let last = joined.len().saturating_sub(1);
        for (number, joined) in joined.into_iter().enumerate() {
            let Joined { datagram, found, tunnel, mirror, given, mirrored_given } = joined;
            let Some(inner) = &found.inner else { continue };
            let mut entry = blank(packet);
            describe(inner, &datagram.bytes, &mut entry);
            entry.stop = found.stop.map(|stop| stop.reason);
            if number == last {
                self.keep_pieces(packet.offset, &datagram)?;
            } else {
                // It is a fragment of the next, in which its payload is read.
                entry.payload_captured = 0;
            }
            let session = self.sessions.number(&found.encapsulation);
            let tunnelled = tunnel && !(mirror && found.mirrored.is_none());
            let level = Level { tunnelled, carrier: false };
            if tunnel && given.is_none() {
                entry.origin = Origin::Joined;
                let flow = self.count(Counted { session, level }, inner, &mut entry)?;
                self.packets.push(flow, &entry, &mut *self.new_storage)?;
            } else {
                let content = Content { datagram: &datagram, inner, tunnel, session, tunnelled };
                self.add_content(&content, entry)?;
            }
            if let Some(mirrored) = found.mirrored.filter(|_| mirror && !mirrored_given) {
                let mut entry = blank(packet);
                describe(&mirrored, &datagram.bytes, &mut entry);
                entry.origin = Origin::Joined;
                self.add_carrier(&found.encapsulation, &mirrored, entry)?;
            }
        }
        Ok(())
    }

    /// Adds a payload whose packets were counted before.
    fn add_content(&mut self, content: &Content<'_>, mut entry: PacketEntry) -> io::Result<()> {
        let Content { datagram, inner, tunnel, session, tunnelled } = *content;
        let (source, destination) = ends(inner, inner.ports.unwrap_or_default());
        let flow = match tunnel {
            true => {
                let tuple = self.tuple(session, tunnelled, inner.protocol, source, destination);
                self.flows.latest(session, &tuple)
            }
            false => {
                let first = self.first_fragments.get(&named(session, inner, datagram.id));
                first.and_then(|first| first.flow).filter(|flow| self.flows.holds(*flow))
            }
        };
        // A flow that made room meanwhile keeps its fragments as they came.
        let Some(flow) = flow else { return Ok(()) };
        entry.origin = Origin::Content;
        self.flows.add_content(flow, source, &mut entry);
        self.packets.push(Some(flow.number), &entry, &mut *self.new_storage)
    }

    fn keep_pieces(&mut self, of: u64, datagram: &Datagram) -> io::Result<()> {
        for piece in &datagram.pieces {
            let crate::Piece { packet, offset, start, length, .. } = *piece;
            let piece = Piece { of, packet, offset, start, length };
            self.pieces.push(&piece, &mut *self.new_storage)?;
        }
        Ok(())
    }

    /// Notes a first fragment that carries a tunnel, unless it is counted itself: see [`FirstFragment::flow`].
    fn carries(&mut self, carrier: &Carrier, mirrored: Option<&Inner>, time: Option<i64>) {
        let Carrier { inner, encapsulation } = carrier;
        if mirrored.is_some_and(|mirrored| mirrored.network_offset == inner.network_offset) {
            return;
        }
        let session = self.sessions.number(encapsulation);
        if let Some(fragment) = inner.fragment {
            let first = FirstFragment { flow: None, ports: (0, 0), time };
            self.note_first(named(session, inner, fragment.id), first);
        }
    }

    fn note_first(&mut self, key: DatagramKey, first: FirstFragment) {
        if self.first_fragments.len() >= FIRST_FRAGMENTS {
            self.first_fragments.retain(|_, known| close(known.time, first.time));
            if self.first_fragments.len() >= FIRST_FRAGMENTS {
                self.first_fragments.clear();
            }
        }
        self.first_fragments.insert(key, first);
    }

    /// Counts a packet to its flow, and gives the flow's number.
    fn count(
        &mut self,
        counted: Counted,
        inner: &Inner,
        entry: &mut PacketEntry,
    ) -> io::Result<Option<u32>> {
        let Counted { session, level } = counted;
        let mut ports = inner.ports.unwrap_or_default();
        let mut flow = None;
        if let Some(fragment) = inner.fragment.filter(|fragment| fragment.offset > 0) {
            entry.fragment = FragmentPart::Orphan;
            let known = self.first_fragments.get(&named(session, inner, fragment.id));
            if let Some(first) = known.filter(|first| close(first.time, entry.time)) {
                entry.fragment = FragmentPart::Later;
                ports = first.ports;
                let Some(at) = first.flow else { return Ok(None) };
                flow = Some(at).filter(|flow| self.flows.holds(*flow));
            } else {
                self.orphan_fragments = self.orphan_fragments.saturating_add(1);
            }
        }
        let (source, destination) = ends(inner, ports);
        let seen = Observation {
            time: entry.time,
            protocol: inner.protocol,
            from_low: source <= destination,
            tcp: inner.tcp.map(|tcp| (tcp.seq, tcp.ack, tcp.flags)),
        };
        let flow = match flow {
            Some(flow) => flow,
            None => {
                let tuple =
                    self.tuple(session, level.tunnelled, inner.protocol, source, destination);
                let new_storage = &mut *self.new_storage;
                self.flows.flow(session, level.carrier, &tuple, source, &seen, new_storage)?
            }
        };
        if let Some(fragment) = inner.fragment.filter(|fragment| fragment.offset == 0) {
            entry.fragment = FragmentPart::First;
            let first = FirstFragment { flow: Some(flow), ports, time: entry.time };
            self.note_first(named(session, inner, fragment.id), first);
        }
        self.flows.count(flow, source, entry, &seen);
        Ok(Some(flow.number))
    }

    fn tuple(
        &self,
        session: u32,
        tunnelled: bool,
        protocol: u8,
        source: Endpoint,
        destination: Endpoint,
    ) -> Tuple {
        let identity = self.sessions.identity(session);
        let tuple = Tuple::of(identity, protocol, source, destination);
        Tuple { tunnelled, ..tuple }
    }
}

/// A datagram whose payload is that of packets which were counted before.
#[derive(Clone, Copy)]
struct Content<'a> {
    datagram: &'a Datagram,
    inner: &'a Inner,
    /// See [`Joined::tunnel`].
    tunnel: bool,
    session: u32,
    tunnelled: bool,
}

fn ends(inner: &Inner, ports: (u16, u16)) -> (Endpoint, Endpoint) {
    let source = Endpoint { address: inner.source, port: ports.0 };
    (source, Endpoint { address: inner.destination, port: ports.1 })
}

fn named(session: u32, inner: &Inner, id: u32) -> DatagramKey {
    let Inner { protocol, source, destination, .. } = *inner;
    DatagramKey { session, protocol, source, destination, id }
}

fn close(a: Option<i64>, b: Option<i64>) -> bool {
    a.zip(b).is_none_or(|(a, b)| a.abs_diff(b) <= REASSEMBLY)
}
