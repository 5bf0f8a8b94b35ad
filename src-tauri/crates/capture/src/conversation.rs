//! Conversations: flows joined over the captures of a rotation, or of several collectors.

use crate::Key;
use crate::index::{
    Endpoint, Flow, FlowState, Flows, IndexError, PacketIndex, SessionIdentity, Tuple,
};
use evidence::{Address, ConversationRef, PacketRef, Sha256};
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// Both directions of one tuple within one mirror session, as captured, from the first to the last packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Its first packet: the earliest; among equally early ones that of the smallest hash, then offset.
    pub id: ConversationRef,
    /// See [`crate::Encapsulation::source`].
    pub source: Option<Address>,
    /// See [`crate::Encapsulation::vni`].
    pub vni: Option<u32>,
    /// See [`crate::Encapsulation::key`].
    pub key: Option<Key>,
    /// See [`crate::Encapsulation::endpoint`]; set only without a VNI, since a mirror session may arrive
    /// over several endpoints.
    pub endpoint: Option<u64>,
    /// See [`Flow::tunnelled`].
    pub tunnelled: bool,
    /// Protocol number (IANA).
    pub protocol: u8,
    /// Who opened, by the first part that saw it; else the sender of the first packet.
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
    /// Earliest capture time, nanoseconds since 1970-01-01 UTC.
    pub first: Option<i64>,
    /// Latest capture time.
    pub last: Option<i64>,
    /// Initial sequence number of the client, if its SYN was seen.
    pub isn_client: Option<u32>,
    /// Whether a FIN or RST was seen.
    pub closed: bool,
    /// Where its packets are, in time order.
    pub parts: Vec<Part>,
}

/// The number of a flow of carrying packets: it is part of no conversation.
const NONE: u32 = u32::MAX;

/// A flow of one capture, as part of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The capture's place in what was given to [`join`].
    pub capture: u32,
    /// The flow's place in its index.
    pub flow: u32,
    /// Whether the flow calls client what the conversation calls server.
    pub swapped: bool,
}

/// All conversations of some captures: for each its parts, from which the rest is read when it is asked for.
#[derive(Debug, Default)]
pub struct Conversations {
    parts: Vec<Part>,
    /// Where the parts of each conversation start, and where those of the last one end.
    starts: Vec<u32>,
    /// The conversation of each flow of each capture.
    numbers: Vec<Vec<u32>>,
}

impl Conversations {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of the conversation that a flow is part of.
    pub fn number(&self, capture: usize, flow: u32) -> Option<u32> {
        let number = self.numbers.get(capture)?.get(flow as usize).copied();
        number.filter(|number| *number != NONE)
    }

    /// The parts of a conversation, in time order.
    pub fn parts(&self, number: usize) -> &[Part] {
        let range = self.starts.get(number).zip(self.starts.get(number.saturating_add(1)));
        let parts = range.and_then(|(from, to)| self.parts.get(*from as usize..*to as usize));
        parts.unwrap_or_default()
    }

    /// The conversation with this number, of the captures that were joined.
    ///
    /// # Errors
    /// What reading the indexes answers.
    pub fn get(
        &self,
        indexes: &[(Sha256, &PacketIndex)],
        number: usize,
    ) -> Result<Option<Conversation>, IndexError> {
        let mut conversation: Option<Conversation> = None;
        for Part { capture, flow: place, .. } in self.parts(number) {
            let (sha256, index) = indexes.get(*capture as usize).ok_or(IndexError::Damaged)?;
            let found = Found::new(*capture, *place, index.flow(*place)?, *sha256, index)?;
            match &mut conversation {
                Some(conversation) => conversation.take(&found),
                None => conversation = Some(Conversation::begin(&found)),
            }
        }
        Ok(conversation)
    }
}

/// Joins the flows of these captures, each named by its SHA-256, into conversations, numbered in the order of their time
/// and then of their name. The order in which the captures are given changes nothing but [`Part::capture`].
///
/// Flows of the same mirror session and tuple are gone through in time order, under the rule that also
/// splits them within a capture ([`FlowState`]).
///
/// # Errors
/// What reading the indexes answers.
pub fn join(indexes: &[(Sha256, &PacketIndex)]) -> Result<Conversations, IndexError> {
    let mut fronts = Vec::new();
    for (capture, (sha256, index)) in (0u32..).zip(indexes) {
        for flows in index.runs() {
            fronts.push(Front { capture, sha256: *sha256, index, flows });
        }
    }
    let mut heads = BinaryHeap::new();
    for (front, flows) in fronts.iter_mut().enumerate() {
        heads.extend(flows.next()?.map(|found| Reverse(Head { front, found })));
    }
    let mut joining = Joining::default();
    let mut found: Vec<Found> = Vec::new();
    // Flows stand in the order of their keys in every run: those of one key come together.
    while let Some(Reverse(Head { front, found: next })) = heads.pop() {
        if found.first().is_some_and(|first| first.key != next.key) {
            joining.take_all(&mut found);
        }
        found.push(next);
        let after = fronts.get_mut(front).map(Front::next).transpose()?.flatten();
        heads.extend(after.map(|found| Reverse(Head { front, found })));
    }
    joining.take_all(&mut found);
    let flows = indexes.iter().map(|(_, index)| index.flow_count());
    Ok(joining.finish(flows))
}

/// Where the merge of one run stands.
struct Front<'i> {
    capture: u32,
    sha256: Sha256,
    index: &'i PacketIndex,
    flows: Flows<'i>,
}

impl<'i> Front<'i> {
    fn next(&mut self) -> Result<Option<Found>, IndexError> {
        loop {
            let place = self.flows.place();
            let Some(flow) = self.flows.next().transpose()? else { return Ok(None) };
            if !flow.carrier {
                return Found::new(self.capture, place, flow, self.sha256, self.index).map(Some);
            }
        }
    }
}

/// The next flow of a run, by its key.
struct Head {
    front: usize,
    found: Found,
}

impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        self.found.key.cmp(&other.found.key)
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Head {}

struct Found {
    capture: u32,
    place: u32,
    flow: Flow,
    tuple: Tuple,
    key: u64,
    packet: PacketRef,
}

impl Found {
    fn new(
        capture: u32,
        place: u32,
        flow: Flow,
        sha256: Sha256,
        index: &PacketIndex,
    ) -> Result<Self, IndexError> {
        let tuple = index.tuple(&flow)?;
        let packet = PacketRef { evidence: sha256, offset: flow.first_offset };
        Ok(Self { capture, place, flow, key: tuple.key(), tuple, packet })
    }
}

/// Conversations in the making.
#[derive(Default)]
struct Joining {
    parts: Vec<Part>,
    /// What orders each conversation, and where its parts start and end.
    ends: Vec<(Order, u32, u32)>,
}

impl Joining {
    /// Takes in all flows of one key.
    fn take_all(&mut self, found: &mut Vec<Found>) {
        found.sort_by_key(|found| (found.tuple, order(found.flow.first, found.packet)));
        found.chunk_by(|a, b| a.tuple == b.tuple).for_each(|tuple| self.take(tuple));
        found.clear();
    }

    /// Takes in the flows of one tuple, in time order.
    fn take(&mut self, flows: &[Found]) {
        let mut open: Option<(Conversation, FlowState)> = None;
        for found in flows {
            match &mut open {
                Some((conversation, state))
                    if !state.begins_anew(&found.flow.first_observation()) =>
                {
                    state.join(&found.flow.state);
                    conversation.take(found);
                }
                _ => {
                    let begun = (Conversation::begin(found), found.flow.state);
                    if let Some((ended, _)) = open.replace(begun) {
                        self.keep(&ended);
                    }
                }
            }
        }
        if let Some((ended, _)) = open {
            self.keep(&ended);
        }
    }

    fn keep(&mut self, conversation: &Conversation) {
        let place = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let from = place(self.parts.len());
        self.parts.extend_from_slice(&conversation.parts);
        let by = order(conversation.first, conversation.id.0);
        self.ends.push((by, from, place(self.parts.len())));
    }

    fn finish(mut self, flows: impl Iterator<Item = u32>) -> Conversations {
        self.ends.sort_unstable();
        let mut joined = Conversations {
            parts: Vec::with_capacity(self.parts.len()),
            starts: Vec::with_capacity(self.ends.len().saturating_add(1)),
            numbers: flows.map(|count| vec![NONE; count as usize]).collect(),
        };
        joined.starts.push(0);
        for (number, (_, from, to)) in (0u32..).zip(self.ends) {
            for part in self.parts.get(from as usize..to as usize).unwrap_or_default() {
                let flows = joined.numbers.get_mut(part.capture as usize);
                if let Some(own) = flows.and_then(|flows| flows.get_mut(part.flow as usize)) {
                    *own = number;
                }
                joined.parts.push(*part);
            }
            joined.starts.push(u32::try_from(joined.parts.len()).unwrap_or(u32::MAX));
        }
        joined
    }
}

/// Whether there is no time, the time, the name.
type Order = (bool, Option<i64>, PacketRef);

/// Time order; what has no time comes last.
fn order(time: Option<i64>, packet: PacketRef) -> Order {
    (time.is_none(), time, packet)
}

impl Conversation {
    /// What names its mirror session.
    pub fn session(&self) -> SessionIdentity {
        let Self { source, vni, key, endpoint, .. } = *self;
        SessionIdentity { source, vni, key, endpoint }
    }

    fn begin(found: &Found) -> Self {
        let SessionIdentity { source, vni, key, endpoint } = found.tuple.session;
        let flow = &found.flow;
        Self {
            id: ConversationRef(found.packet),
            source,
            vni,
            key,
            endpoint,
            tunnelled: flow.tunnelled,
            protocol: flow.protocol,
            client: flow.client,
            server: flow.server,
            client_seen_opening: flow.client_seen_opening,
            packets_client: flow.packets_client,
            packets_server: flow.packets_server,
            bytes_client: flow.bytes_client,
            bytes_server: flow.bytes_server,
            first: flow.first,
            last: flow.last,
            isn_client: flow.isn_client,
            closed: flow.closed,
            parts: vec![Part { capture: found.capture, flow: found.place, swapped: false }],
        }
    }

    fn take(&mut self, found: &Found) {
        let flow = &found.flow;
        if flow.client_seen_opening && !self.client_seen_opening {
            self.client_seen_opening = true;
            if self.client != flow.client {
                self.turn();
            }
        }
        let swapped = self.client != flow.client;
        let (client, server) = match swapped {
            false => (&mut self.packets_client, &mut self.packets_server),
            true => (&mut self.packets_server, &mut self.packets_client),
        };
        *client = client.saturating_add(flow.packets_client);
        *server = server.saturating_add(flow.packets_server);
        let (client, server) = match swapped {
            false => (&mut self.bytes_client, &mut self.bytes_server),
            true => (&mut self.bytes_server, &mut self.bytes_client),
        };
        *client = client.saturating_add(flow.bytes_client);
        *server = server.saturating_add(flow.bytes_server);
        self.last = self.last.max(flow.last);
        self.isn_client = self.isn_client.or(flow.isn_client.filter(|_| !swapped));
        self.closed |= flow.closed;
        self.parts.push(Part { capture: found.capture, flow: found.place, swapped });
    }

    fn turn(&mut self) {
        std::mem::swap(&mut self.client, &mut self.server);
        std::mem::swap(&mut self.packets_client, &mut self.packets_server);
        std::mem::swap(&mut self.bytes_client, &mut self.bytes_server);
        self.parts.iter_mut().for_each(|part| part.swapped = !part.swapped);
    }
}

#[cfg(test)]
mod tests;
