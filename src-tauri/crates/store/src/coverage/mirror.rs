//! The packets of all captures, by interface, tuple and direction.

use super::clock::ClockOffset;
use super::filter::{MirrorFilter, Passage};
use super::reason::Within;
use capture::{
    Conversations, Endpoint, Flow, IndexError, PacketEntry, PacketIndex, SessionIdentity, Tuple,
};
use evidence::Address;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Files of one collector that follow each other within this are one stretch. Unit: ns.
const ROTATION: i64 = 60_000_000_000;

/// How far the times of copies of a packet lie apart that two captures of one session have. Unit: ns.
const COPY: i64 = 1_000_000;

/// Who sends to whom: the key that a flow record and its packets share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DirectedTuple {
    /// IANA protocol number.
    pub protocol: u8,
    /// Sender.
    pub source: (Address, u16),
    /// Receiver.
    pub destination: (Address, u16),
}

impl DirectedTuple {
    fn sent_by(&self, sender: Endpoint, receiver: Endpoint) -> bool {
        self.source == sender.into() && self.destination == receiver.into()
    }
}

/// One packet as a flow record would count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// As captured. Unit: ns since the epoch.
    pub time: i64,
    /// Inner IP total length. Unit: bytes.
    pub bytes: u32,
    /// Payload was cut by the mirror session's packet length.
    pub truncated: bool,
    /// Number of its conversation.
    pub conversation: i32,
    /// Number of its capture, and where its record starts there.
    pub place: (u32, u64),
}

/// One capture and what is known of its sessions.
pub struct Source {
    /// Its packets.
    pub index: Arc<PacketIndex>,
    /// Interface of each session of the index, where known.
    pub interfaces: Vec<Option<String>>,
}

/// What the mirror sessions of a case saw.
#[derive(Default)]
pub struct Mirror {
    indexes: Vec<Arc<PacketIndex>>,
    conversations: Arc<Conversations>,
    /// Capture and session of each interface's packets, once each.
    sessions: BTreeMap<String, Vec<(u32, SessionIdentity)>>,
    /// Collector of each interface.
    collectors: HashMap<String, usize>,
    /// Stretches that each collector's captures cover, in order. Unit: ns, capture clock.
    spans: Vec<Vec<(i64, i64)>>,
    /// Filters of each interface's sessions, where all of them are known.
    filters: HashMap<String, Vec<MirrorFilter>>,
    /// When records of each interface may be missing. Unit: seconds, flow logs' clock.
    unlogged: HashMap<String, Vec<(i64, i64)>>,
}

impl Mirror {
    /// What these captures hold, of which these are the conversations. Packets of a session whose interface is unknown can
    /// be matched to no record and are left out.
    pub fn new(sources: Vec<Source>, conversations: Arc<Conversations>) -> Self {
        let mut mirror = Self { conversations, ..Self::default() };
        mirror.group_collectors(&sources);
        for (number, Source { index, interfaces }) in (0u32..).zip(sources) {
            for (session, interface) in index.sessions().iter().zip(interfaces) {
                let Some(interface) = interface else { continue };
                let known = mirror.sessions.entry(interface).or_default();
                // The same mirror session may arrive over several endpoints.
                if !known.contains(&(number, session.identity())) {
                    known.push((number, session.identity()));
                }
            }
            mirror.indexes.push(index);
        }
        mirror
    }

    /// With the filters of each interface's sessions, where all of them are known.
    pub fn filtered(self, filters: HashMap<String, Vec<MirrorFilter>>) -> Self {
        Self { filters, ..self }
    }

    /// With the stretches in which records of each interface may be missing: first and last second of the flow logs' clock.
    pub fn unlogged_at(self, unlogged: HashMap<String, Vec<(i64, i64)>>) -> Self {
        Self { unlogged, ..self }
    }

    pub(super) fn unlogged(&self, interface: &str) -> &[(i64, i64)] {
        self.unlogged.get(interface).map_or(&[], Vec::as_slice)
    }

    /// What becomes of the packets of a tuple at the filters of an interface's sessions.
    pub fn passage(&self, interface: &str, tuple: &DirectedTuple, egress: Option<bool>) -> Passage {
        let filters = self.filters.get(interface).into_iter().flatten();
        // The first session whose filter accepts a packet mirrors it.
        filters.map(|filter| filter.passage(tuple, egress)).min().unwrap_or_default()
    }

    /// Whether the case holds any capture.
    pub fn any_capture(&self) -> bool {
        !self.indexes.is_empty()
    }

    /// Interfaces that a mirror session in the captures belongs to, in order.
    pub fn interfaces(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.collectors.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// Number of the collector that holds an interface's packets.
    pub fn collector(&self, interface: &str) -> Option<usize> {
        self.collectors.get(interface).copied()
    }

    /// Capture clock − flow-log clock at an interface, where the offset of its collector is known. Unit: ns.
    pub fn offset(&self, interface: &str, offsets: &[Option<ClockOffset>]) -> Option<i64> {
        let offset = offsets.get(self.collector(interface)?).copied().flatten()?;
        Some(offset.nanoseconds())
    }

    /// How many collectors there are.
    pub fn collectors(&self) -> usize {
        self.spans.len()
    }

    /// The packets of a tuple at an interface, in order of time.
    ///
    /// # Errors
    /// What reading the indexes answers.
    pub fn packets(&self, interface: &str, tuple: &DirectedTuple) -> Result<Vec<Seen>, IndexError> {
        let mut packets = Vec::new();
        self.each_flow(interface, tuple, |capture, index, place, flow| {
            let number = |place| {
                let number = self.conversations.number(capture as usize, place);
                number.and_then(|number| i32::try_from(number).ok())
            };
            let conversation = number(place);
            let client_sends = tuple.sent_by(flow.client, flow.server);
            let server_sends = tuple.sent_by(flow.server, flow.client);
            for packet in index.packets_of(place)? {
                let own = if packet.from_client { client_sends } else { server_sends };
                let Some(time) = packet.time.filter(|_| own) else { continue };
                // What a tunnel carries talks, not the packet that carries it.
                let conversation = match flow.carrier {
                    false => conversation,
                    true => index.packet_at(packet.offset)?.and_then(|inner| number(inner.flow?)),
                };
                let seen = Seen {
                    time,
                    bytes: packet.inner_length,
                    truncated: packet.truncated,
                    conversation: conversation.unwrap_or(-1),
                    place: (capture, packet.offset),
                };
                packets.push((kept(&packet), seen));
            }
            Ok(())
        })?;
        packets.sort_by_key(|(_, seen): &(u64, Seen)| (seen.time, seen.place));
        Ok(without_copies(packets))
    }

    /// The other interfaces at which a tuple was seen between two times (ns, capture clock), in order.
    ///
    /// # Errors
    /// What reading the indexes answers.
    pub fn elsewhere(
        &self,
        interface: &str,
        tuple: &DirectedTuple,
        from: i64,
        to: i64,
    ) -> Result<Vec<&str>, IndexError> {
        let mut names = Vec::new();
        for name in self.sessions.keys().filter(|name| *name != interface) {
            // Most flows are told by their first and last packet.
            let mut near = false;
            self.each_flow(name, tuple, |_, _, _, flow| {
                let span = flow.first.zip(flow.last);
                near |= span.is_some_and(|(first, last)| first <= to && from <= last);
                Ok(())
            })?;
            if near
                && self
                    .packets(name, tuple)?
                    .iter()
                    .any(|seen| from <= seen.time && seen.time <= to)
            {
                names.push(name.as_str());
            }
        }
        Ok(names)
    }

    fn each_flow(
        &self,
        interface: &str,
        tuple: &DirectedTuple,
        mut found: impl FnMut(u32, &PacketIndex, u32, &Flow) -> Result<(), IndexError>,
    ) -> Result<(), IndexError> {
        let end = |(address, port)| Endpoint { address, port };
        let (source, destination) = (end(tuple.source), end(tuple.destination));
        for (capture, session) in self.sessions.get(interface).into_iter().flatten() {
            let Some(index) = self.indexes.get(*capture as usize) else { continue };
            let tuple = Tuple::of(*session, tuple.protocol, source, destination);
            for (place, flow) in index.flows_of(&tuple)? {
                found(*capture, index, place, &flow)?;
            }
        }
        Ok(())
    }

    /// How a stretch of time (ns, capture clock) lies to what an interface's collector covers.
    pub fn within(&self, interface: &str, from: i64, to: i64) -> Within {
        let spans = self.collector(interface).and_then(|at| self.spans.get(at));
        let Some(spans) = spans else { return Within::Outside };
        if spans.iter().any(|span| span.0 <= from && to <= span.1) {
            Within::Inside
        } else if spans.iter().any(|span| span.0 <= to && from <= span.1) {
            Within::Across
        } else {
            Within::Outside
        }
    }

    /// Captures that share a mirror session come from one collector: rotated files, and what it writes beside.
    fn group_collectors(&mut self, sources: &[Source]) {
        for source in sources {
            let names: Vec<&String> = source.interfaces.iter().flatten().collect();
            let known: Vec<usize> =
                names.iter().filter_map(|name| self.collectors.get(*name).copied()).collect();
            let target = known.iter().copied().min().unwrap_or_else(|| {
                self.spans.push(Vec::new());
                self.spans.len() - 1
            });
            for collector in self.collectors.values_mut() {
                if known.contains(collector) {
                    *collector = target;
                }
            }
            for other in known.into_iter().filter(|other| *other != target) {
                let moved = std::mem::take(&mut self.spans[other]);
                self.spans[target].extend(moved);
            }
            for name in names {
                self.collectors.insert(name.clone(), target);
            }
            if let Some(span) = source.index.span() {
                self.spans[target].push(span);
            }
        }
        for spans in &mut self.spans {
            spans.sort_unstable();
            let mut joined: Vec<(i64, i64)> = Vec::new();
            for span in spans.drain(..) {
                match joined.last_mut() {
                    Some(last) if span.0.saturating_sub(last.1) <= ROTATION => {
                        last.1 = last.1.max(span.1);
                    }
                    _ => joined.push(span),
                }
            }
            *spans = joined;
        }
    }
}

/// What tells a packet from others of its flow.
fn kept(packet: &PacketEntry) -> u64 {
    let PacketEntry { identification, seq, ack, tcp_flags, inner_length, digest, icmp, .. } =
        *packet;
    let fields = (identification, seq, ack, tcp_flags, inner_length, digest, icmp);
    std::hash::BuildHasher::hash_one(&foldhash::fast::FixedState::default(), fields)
}

/// Without packets that another capture of the same session has too: files that overlap, or two programs that captured at
/// the same collector. Within one capture nothing is taken for a copy: a host may send the same twice.
fn without_copies(packets: Vec<(u64, Seen)>) -> Vec<Seen> {
    let captures = |(_, seen): &(u64, Seen)| seen.place.0;
    if packets.iter().map(captures).all(|own| packets.first().map(captures) == Some(own)) {
        return packets.into_iter().map(|(_, seen)| seen).collect();
    }
    let mut latest: HashMap<u64, Vec<(i64, u32)>> = HashMap::new();
    let mut own = Vec::with_capacity(packets.len());
    for (kept, seen) in packets {
        let others = latest.entry(kept).or_default();
        others.retain(|(time, _)| seen.time.saturating_sub(*time) <= COPY);
        let copied = others.iter().position(|(_, capture)| *capture != seen.place.0);
        match copied {
            // Each stands for one copy.
            Some(at) => drop(others.swap_remove(at)),
            None => {
                others.push((seen.time, seen.place.0));
                own.push(seen);
            }
        }
    }
    own
}
