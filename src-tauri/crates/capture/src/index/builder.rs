//! From packets to an index, one packet after the other.

use super::entry::{blank, describe};
use super::facts::Facts;
use super::records::{Piece, Record as _};
use super::run::{Directed, FlowAt, Level, NO_FLOW, Run};
use super::run_writer::RunWriter;
use super::sessions::Sessions;
use super::storage::Storage;
use super::{Endpoint, FragmentPart, Observation, Origin, PacketEntry, Tuple, Unread, file};
use crate::{
    Carrier, Datagram, Defragmented, Encapsulation, Fact, Inner, Joined, LinkType, Ports,
    RawPacket, StopReason, Walked, Walker,
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

/// How much a run holds: an index in the making keeps two of them in memory.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Packets, about 90 bytes each. For as long as fragments wait for others, a run may hold an eighth more.
    pub packets: usize,
    /// Flows, some 300 bytes each.
    pub flows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { packets: 1 << 17, flows: 1 << 16 }
    }
}

/// An index in the making. Its hash maps are keyed at random; nothing that it gives depends on their order.
///
/// A capture of more packets than a run holds has a conversation that lasts longer in several [`super::Flow`]s.
/// [`crate::join`] makes one of them.
///
/// A captured packet is an entry of the flow of its innermost packet. Where that lies in a tunnel of the mirrored interface's
/// own, the packet that carries it is an entry of a flow too: that is what flow logs count.
pub struct IndexBuilder {
    limits: Limits,
    walker: Walker,
    ports: u64,
    sessions: Sessions,
    run: Run,
    writer: RunWriter,
    first_fragments: HashMap<DatagramKey, FirstFragment, RandomState>,
    captured: u64,
    orphan_fragments: u64,
    facts: Facts,
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

impl IndexBuilder {
    /// An index of no packets, to be written to `out`, which is empty. `ports` are those at which tunnels are looked for
    /// besides the usual ones.
    pub fn new(limits: Limits, ports: Ports, out: Box<dyn Storage>) -> Self {
        Self {
            limits,
            ports: ports.digest(),
            walker: Walker::new(ports),
            sessions: Sessions::default(),
            run: Run::default(),
            writer: RunWriter::new(out),
            first_fragments: HashMap::default(),
            captured: 0,
            orphan_fragments: 0,
            facts: Facts::default(),
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
        if self.run_is_full() {
            self.writer.write(&mut self.run)?;
        }
        self.take(packet);
        Ok(())
    }

    /// Takes in something else that the capture says. Of very much of it the rest is only counted.
    pub fn note(&mut self, fact: &Fact<'_>) {
        self.facts.keep(fact);
    }

    /// What a datagram is made of belongs to one run: it does not end between fragments if that can be helped.
    fn run_is_full(&self) -> bool {
        let Limits { packets, flows } = self.limits;
        let full = self.run.entries() >= packets || self.run.flows.len() >= flows;
        let grace = packets.checked_div(8).unwrap_or(0);
        full && (!self.walker.waits() || self.run.entries() >= packets.saturating_add(grace))
    }

    fn take(&mut self, packet: &RawPacket<'_>) {
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
        match &found.inner {
            Some(inner) => {
                describe(inner, packet.data, &mut entry);
                let level = Level { tunnelled, carrier: false };
                self.count(Counted { session, level }, inner, &mut entry);
            }
            None => self.run.push(NO_FLOW, &entry),
        }
        if let Some(mirrored) = &found.mirrored {
            let mut entry = blank(packet);
            describe(mirrored, packet.data, &mut entry);
            self.add_carrier(&found.encapsulation, mirrored, entry);
        }
        if !joined.is_empty() {
            self.add_joined(packet, joined);
        }
    }

    /// Writes what is left, and says what became of all fragments.
    ///
    /// # Errors
    /// What the storage answers.
    pub fn finish(self) -> io::Result<(Box<dyn Storage>, Defragmented)> {
        let Self {
            walker, ports, sessions, run, writer, captured, orphan_fragments, facts, ..
        } = self;
        let (sessions, activity) = sessions.finish();
        let unread = self.unread.into_iter();
        let unread = unread
            .map(|((link, reason), packets)| Unread {
                link: LinkType::from_number(link),
                reason,
                packets,
            })
            .collect();
        let rest =
            file::Rest { sessions, activity, unread, facts, captured, orphan_fragments, ports };
        let out = file::write(writer.finish(&run)?, rest)?;
        Ok((out, walker.finish()))
    }

    /// Adds the packet that carries a tunnel of the mirrored interface's own.
    fn add_carrier(
        &mut self,
        encapsulation: &Encapsulation,
        mirrored: &Inner,
        mut entry: PacketEntry,
    ) {
        // A key without a source is that of the tunnel which this packet carries.
        let key = encapsulation.source.and(encapsulation.key);
        let session = self.sessions.number(&Encapsulation { key, ..*encapsulation });
        let level = Level { tunnelled: false, carrier: true };
        self.count(Counted { session, level }, mirrored, &mut entry);
    }

    /// Adds what came to light when a packet completed datagrams.
    fn add_joined(&mut self, packet: &RawPacket<'_>, joined: Vec<Joined>) {
        let last = joined.len().saturating_sub(1);
        for (number, joined) in joined.into_iter().enumerate() {
            let Joined { datagram, found, tunnel, mirror, given, mirrored_given } = joined;
            let Some(inner) = &found.inner else { continue };
            let mut entry = blank(packet);
            describe(inner, &datagram.bytes, &mut entry);
            entry.stop = found.stop.map(|stop| stop.reason);
            if number == last {
                self.keep_pieces(packet.offset, &datagram);
            } else {
                // It is a fragment of the next, in which its payload is read.
                entry.payload_captured = 0;
            }
            let session = self.sessions.number(&found.encapsulation);
            let tunnelled = tunnel && !(mirror && found.mirrored.is_none());
            let level = Level { tunnelled, carrier: false };
            if tunnel && given.is_none() {
                entry.origin = Origin::Joined;
                self.count(Counted { session, level }, inner, &mut entry);
            } else {
                let content = Content { datagram: &datagram, inner, tunnel, session, tunnelled };
                self.add_content(&content, entry);
            }
            if let Some(mirrored) = found.mirrored.filter(|_| mirror && !mirrored_given) {
                let mut entry = blank(packet);
                describe(&mirrored, &datagram.bytes, &mut entry);
                entry.origin = Origin::Joined;
                self.add_carrier(&found.encapsulation, &mirrored, entry);
            }
        }
    }

    /// Adds a payload whose packets were counted before.
    fn add_content(&mut self, content: &Content<'_>, mut entry: PacketEntry) {
        let Content { datagram, inner, tunnel, session, tunnelled } = *content;
        let (source, destination) = ends(inner, inner.ports.unwrap_or_default());
        let flow = match tunnel {
            true => {
                let level = Level { tunnelled, carrier: false };
                let protocol = inner.protocol;
                self.run.latest(&Directed { session, level, protocol, source, destination })
            }
            false => {
                let first = self.first_fragments.get(&named(session, inner, datagram.id));
                first.and_then(|first| first.flow).filter(|flow| self.run.holds(*flow))
            }
        };
        // A flow of an earlier run keeps its fragments as they came.
        let Some(flow) = flow else { return };
        entry.origin = Origin::Content;
        self.run.add_content(flow, source, &mut entry);
    }

    fn keep_pieces(&mut self, of: u64, datagram: &Datagram) {
        for piece in &datagram.pieces {
            let crate::Piece { packet, offset, start, length, .. } = *piece;
            Piece { of, packet, offset, start, length }.write(&mut self.run.pieces);
        }
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

    /// Counts a packet to its flow, and keeps it.
    fn count(&mut self, counted: Counted, inner: &Inner, entry: &mut PacketEntry) {
        let Counted { session, level } = counted;
        let mut ports = inner.ports.unwrap_or_default();
        let mut flow = None;
        if let Some(fragment) = inner.fragment.filter(|fragment| fragment.offset > 0) {
            entry.fragment = FragmentPart::Orphan;
            let known = self.first_fragments.get(&named(session, inner, fragment.id));
            if let Some(first) = known.filter(|first| close(first.time, entry.time)) {
                entry.fragment = FragmentPart::Later;
                ports = first.ports;
                let Some(at) = first.flow else { return self.run.push(NO_FLOW, entry) };
                flow = Some(at).filter(|flow| self.run.holds(*flow));
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
        let flow = flow.unwrap_or_else(|| {
            let protocol = inner.protocol;
            let directed = Directed { session, level, protocol, source, destination };
            self.run.flow(&directed, &seen, || {
                let identity = self.sessions.identity(session);
                let tuple = Tuple::of(identity, protocol, source, destination);
                Tuple { tunnelled: level.tunnelled, ..tuple }
            })
        });
        if let Some(fragment) = inner.fragment.filter(|fragment| fragment.offset == 0) {
            entry.fragment = FragmentPart::First;
            let first = FirstFragment { flow: Some(flow), ports, time: entry.time };
            self.note_first(named(session, inner, fragment.id), first);
        }
        self.run.count(flow, source, entry, &seen);
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
