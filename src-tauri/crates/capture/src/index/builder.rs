//! From packets to an index, one packet after the other.

use super::cluster::Waiting;
use super::shelf::{FlowAt, Shelf};
use super::storage::Storage;
use super::{
    Activity, Endpoint, FragmentPart, Observation, PacketEntry, Session, Tuple, Unread, file,
};
use crate::{Encapsulation, Inner, LinkType, RawPacket, StopReason, decapsulate};
use evidence::Address;
use foldhash::fast::RandomState;
use std::collections::{BTreeMap, HashMap};
use std::io;
use twox_hash::XxHash3_64;

/// How long a first fragment waits for the others: identifications are used again. RFC 8200 §4.5 gives
/// them the same. Unit: nanoseconds.
const REASSEMBLY: u64 = 60_000_000_000;
/// First fragments that wait at once; without a limit, a flood of them would take all memory.
const FIRST_FRAGMENTS: usize = 100_000;
/// Payload bytes that a digest is of.
const DIGESTED: usize = 32;
const MINUTE: i64 = 60_000_000_000;

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
pub struct IndexBuilder<'s> {
    new_storage: Box<NewStorage<'s>>,
    sessions: Vec<Session>,
    session_numbers: HashMap<SessionKey, u32, RandomState>,
    last_session: Option<(SessionKey, u32)>,
    flows: Shelf,
    first_fragments: HashMap<DatagramKey, FirstFragment, RandomState>,
    packets: Waiting,
    activity: BTreeMap<(u32, i64), u64>,
    orphan_fragments: u64,
    unread: BTreeMap<(u16, StopReason), u64>,
}

type SessionKey = (Option<Address>, Option<u32>, Option<u64>);

#[derive(PartialEq, Eq, Hash)]
struct DatagramKey {
    session: u32,
    protocol: u8,
    source: Address,
    destination: Address,
    id: u32,
}

struct FirstFragment {
    flow: FlowAt,
    ports: (u16, u16),
    time: Option<i64>,
}

impl<'s> IndexBuilder<'s> {
    /// An index of no packets. `new_storage` opens the places where waits what does not fit into memory.
    pub fn new(
        limits: Limits,
        new_storage: impl FnMut() -> io::Result<Box<dyn Storage>> + 's,
    ) -> Self {
        Self {
            new_storage: Box::new(new_storage),
            sessions: Vec::new(),
            session_numbers: HashMap::default(),
            last_session: None,
            flows: Shelf::new(limits.flows),
            first_fragments: HashMap::default(),
            packets: Waiting::new(limits.packets),
            activity: BTreeMap::new(),
            orphan_fragments: 0,
            unread: BTreeMap::new(),
        }
    }

    /// Packets so far.
    pub fn packets(&self) -> u64 {
        self.packets.count()
    }

    /// Takes in the next packet of the capture.
    ///
    /// # Errors
    /// What the storage answers.
    pub fn add(&mut self, packet: &RawPacket<'_>) -> io::Result<()> {
        let found = decapsulate(packet.link, packet.data);
        let session = self.session(&found.encapsulation, packet.time);
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
            identification: 0,
            digest: 0,
            truncated: false,
            fragment: FragmentPart::Whole,
            stop: found.stop.map(|stop| stop.reason),
        };
        if let Some(time) = packet.time {
            let minute = time.div_euclid(MINUTE);
            let count = self.activity.entry((session, minute)).or_default();
            *count = count.saturating_add(1);
        }
        if let Some(stop) = found.stop {
            let count = self.unread.entry((packet.link.number(), stop.reason)).or_default();
            *count = count.saturating_add(1);
        }
        let mut flow = None;
        if let Some(inner) = &found.inner {
            describe(inner, packet.data, &mut entry);
            flow = Some(self.count(session, inner, &mut entry)?);
        }
        self.packets.push(flow, &entry, &mut *self.new_storage)
    }

    /// Writes the finished index to `out`, which is empty.
    ///
    /// # Errors
    /// What `out` or the storage answers.
    pub fn finish(self, out: &mut dyn Storage) -> io::Result<()> {
        let Self {
            mut new_storage,
            sessions,
            flows,
            packets,
            activity,
            orphan_fragments,
            unread,
            ..
        } = self;
        let activity = activity
            .into_iter()
            .map(|((session, minute), packets)| Activity { session, minute, packets })
            .collect();
        let unread = unread
            .into_iter()
            .map(|((link, reason), packets)| Unread {
                link: LinkType::from_number(link),
                reason,
                packets,
            })
            .collect();
        let rest = file::Rest { sessions, activity, unread, orphan_fragments };
        file::write(out, flows.order(), packets, rest, &mut *new_storage)
    }

    fn session(&mut self, encapsulation: &Encapsulation, time: Option<i64>) -> u32 {
        let key = (encapsulation.source, encapsulation.vni, encapsulation.endpoint);
        let number = match self.last_session {
            Some((last, number)) if last == key => number,
            _ => *self.session_numbers.entry(key).or_insert_with(|| {
                let (source, vni, endpoint) = key;
                self.sessions.push(Session { source, vni, endpoint, packets: 0, span: None });
                u32::try_from(self.sessions.len().saturating_sub(1)).unwrap_or(u32::MAX)
            }),
        };
        self.last_session = Some((key, number));
        if let Some(session) = self.sessions.get_mut(number as usize) {
            session.packets = session.packets.saturating_add(1);
            if let Some(time) = time {
                let (first, last) = session.span.unwrap_or((time, time));
                session.span = Some((first.min(time), last.max(time)));
            }
        }
        number
    }

    /// Counts a packet to its flow, and gives the flow's number.
    fn count(&mut self, session: u32, inner: &Inner, entry: &mut PacketEntry) -> io::Result<u32> {
        let mut ports = inner.ports.unwrap_or_default();
        let mut flow = None;
        if let Some(fragment) = inner.fragment.filter(|fragment| fragment.offset > 0) {
            entry.fragment = FragmentPart::Orphan;
            let known = self.first_fragments.get(&datagram(session, inner, fragment.id));
            if let Some(first) = known.filter(|first| close(first.time, entry.time)) {
                entry.fragment = FragmentPart::Later;
                ports = first.ports;
                flow = Some(first.flow).filter(|flow| self.flows.holds(*flow));
            } else {
                self.orphan_fragments = self.orphan_fragments.saturating_add(1);
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
        let flow = match flow {
            Some(flow) => flow,
            None => {
                let identity = self.sessions.get(session as usize).map(Session::identity);
                let identity = identity.unwrap_or_default();
                let tuple = Tuple::of(identity, inner.protocol, source, destination);
                self.flows.flow(session, &tuple, source, &seen, &mut *self.new_storage)?
            }
        };
        if let Some(fragment) = inner.fragment.filter(|fragment| fragment.offset == 0) {
            entry.fragment = FragmentPart::First;
            let first = FirstFragment { flow, ports, time: entry.time };
            if self.first_fragments.len() >= FIRST_FRAGMENTS {
                self.first_fragments.retain(|_, first| close(first.time, entry.time));
                if self.first_fragments.len() >= FIRST_FRAGMENTS {
                    self.first_fragments.clear();
                }
            }
            self.first_fragments.insert(datagram(session, inner, fragment.id), first);
        }
        self.flows.count(flow, source, entry, &seen);
        Ok(flow.number)
    }
}

fn describe(inner: &Inner, captured: &[u8], entry: &mut PacketEntry) {
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
    entry.identification = identification(inner, captured);
    let length = (inner.payload_captured as usize).min(DIGESTED);
    let payload = captured.get(inner.payload_offset as usize..).unwrap_or_default();
    if length > 0 {
        entry.digest = XxHash3_64::oneshot(payload.get(..length).unwrap_or_default()) as u32;
    }
}

fn identification(inner: &Inner, captured: &[u8]) -> u32 {
    if let Some(fragment) = inner.fragment {
        return fragment.id;
    }
    let header = captured.get(inner.network_offset as usize..).unwrap_or_default();
    match header {
        [first, _, _, _, high, low, ..] if first >> 4 == 4 => {
            u16::from_be_bytes([*high, *low]).into()
        }
        _ => 0,
    }
}

fn datagram(session: u32, inner: &Inner, id: u32) -> DatagramKey {
    let Inner { protocol, source, destination, .. } = *inner;
    DatagramKey { session, protocol, source, destination, id }
}

fn close(a: Option<i64>, b: Option<i64>) -> bool {
    a.zip(b).is_none_or(|(a, b)| a.abs_diff(b) <= REASSEMBLY)
}
