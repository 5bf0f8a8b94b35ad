//! The packets of all captures, by interface, tuple and direction.

use super::reason::Within;
use capture::Index;
use evidence::Address;
use std::collections::HashMap;

/// Files of one collector that follow each other within this are one stretch. Unit: ns.
const ROTATION: i64 = 60_000_000_000;

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
    /// Number of its capture, and of the packet in that capture.
    pub place: (u32, u32),
}

/// One capture and what is known of its sessions and flows.
pub struct Source<'a> {
    /// Its packets.
    pub index: &'a Index,
    /// Interface of each session of the index, where known.
    pub interfaces: Vec<Option<String>>,
    /// Conversation of each flow of the index.
    pub conversations: Vec<i32>,
}

/// What the mirror sessions of a case saw.
#[derive(Default)]
pub struct Mirror {
    packets: HashMap<String, HashMap<DirectedTuple, Vec<Seen>>>,
    /// Collector of each interface.
    collectors: HashMap<String, usize>,
    /// Stretches that each collector's captures cover, in order. Unit: ns, capture clock.
    spans: Vec<Vec<(i64, i64)>>,
    any: bool,
}

impl Mirror {
    /// Sorts the packets of all captures by interface, tuple and direction. Packets of a session whose interface is
    /// unknown can be matched to no record and are left out.
    pub fn new(sources: &[Source<'_>]) -> Self {
        let mut mirror = Self { any: !sources.is_empty(), ..Self::default() };
        mirror.group_collectors(sources);
        for (number, source) in sources.iter().enumerate() {
            mirror.take_in(number as u32, source);
        }
        for tuples in mirror.packets.values_mut() {
            for packets in tuples.values_mut() {
                packets.sort_by_key(|seen| (seen.time, seen.place));
            }
        }
        mirror
    }

    /// Whether the case holds any capture.
    pub fn any_capture(&self) -> bool {
        self.any
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

    /// How many collectors there are.
    pub fn collectors(&self) -> usize {
        self.spans.len()
    }

    /// The packets of a tuple at an interface, in order of time.
    pub fn packets(&self, interface: &str, tuple: &DirectedTuple) -> &[Seen] {
        self.packets.get(interface).and_then(|tuples| tuples.get(tuple)).map_or(&[], Vec::as_slice)
    }

    /// The other interfaces at which a tuple was seen between two times (ns, capture clock), in order.
    pub fn elsewhere(
        &self,
        interface: &str,
        tuple: &DirectedTuple,
        from: i64,
        to: i64,
    ) -> Vec<&str> {
        let mut names: Vec<_> = self
            .packets
            .iter()
            .filter(|(name, tuples)| {
                *name != interface
                    && tuples.get(tuple).is_some_and(|packets| {
                        packets.iter().any(|seen| from <= seen.time && seen.time <= to)
                    })
            })
            .map(|(name, _)| name.as_str())
            .collect();
        names.sort_unstable();
        names
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
    fn group_collectors(&mut self, sources: &[Source<'_>]) {
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
            if let Some(span) = span(source.index) {
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

    fn take_in(&mut self, number: u32, source: &Source<'_>) {
        for (place, packet) in source.index.packets.iter().enumerate() {
            let (Some(flow_number), Some(time)) = (packet.flow, packet.time) else { continue };
            let Some(flow) = source.index.flows.get(flow_number as usize) else { continue };
            let interface = source.interfaces.get(flow.session as usize);
            let Some(Some(interface)) = interface else { continue };
            let (client, server) =
                ((flow.client.address, flow.client.port), (flow.server.address, flow.server.port));
            let (from, to) = if packet.from_client { (client, server) } else { (server, client) };
            let tuple = DirectedTuple { protocol: flow.protocol, source: from, destination: to };
            let seen = Seen {
                time,
                bytes: packet.inner_length,
                truncated: packet.truncated,
                conversation: source.conversations.get(flow_number as usize).copied().unwrap_or(-1),
                place: (number, place as u32),
            };
            if !self.packets.contains_key(interface) {
                self.packets.insert(interface.clone(), HashMap::new());
            }
            if let Some(tuples) = self.packets.get_mut(interface) {
                tuples.entry(tuple).or_default().push(seen);
            }
        }
    }
}

/// First and last packet of a capture. Unit: ns.
fn span(index: &Index) -> Option<(i64, i64)> {
    let times = || index.packets.iter().filter_map(|packet| packet.time);
    Some((times().min()?, times().max()?))
}
