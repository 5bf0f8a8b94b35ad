//! Conversations: flows joined over the captures of a rotation, or of several collectors.

use crate::index::{Endpoint, Flow, FlowState, Index};
use evidence::{Address, ConversationRef, PacketRef, Sha256};
use foldhash::fast::RandomState;
use std::collections::HashMap;

/// Both directions of one tuple within one mirror session, as captured, from the first to the last packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Its first packet: the earliest; among equally early ones that of the smallest hash, then offset.
    pub id: ConversationRef,
    /// See [`crate::Encapsulation::source`].
    pub source: Option<Address>,
    /// See [`crate::Encapsulation::vni`].
    pub vni: Option<u32>,
    /// See [`crate::Encapsulation::endpoint`]; set only without a VNI, since a mirror session may arrive
    /// over several endpoints.
    pub endpoint: Option<u64>,
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

/// A flow of one capture, as part of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The capture's place in what was given to [`join`].
    pub capture: usize,
    /// The flow's place in [`Index::flows`].
    pub flow: u32,
    /// Whether the flow calls client what the conversation calls server.
    pub swapped: bool,
}

/// Joins the flows of these captures, each named by its SHA-256, into conversations, ordered by time and
/// then by name. The order in which the captures are given changes nothing but [`Part::capture`].
///
/// Flows of the same mirror session and tuple are gone through in time order, under the rule that also
/// splits them within a capture ([`FlowState`]).
pub fn join(indexes: &[(Sha256, &Index)]) -> Vec<Conversation> {
    let mut tuples: HashMap<Tuple, Vec<Found<'_>>, RandomState> = HashMap::default();
    for (capture, (sha256, index)) in indexes.iter().enumerate() {
        for (number, flow) in (0u32..).zip(&index.flows) {
            let Some(session) = index.sessions.get(flow.session as usize) else { continue };
            let tuple = Tuple {
                session: session.identity(),
                protocol: flow.protocol,
                low: flow.client.min(flow.server),
                high: flow.client.max(flow.server),
            };
            let packet = PacketRef { evidence: *sha256, offset: flow.first_offset };
            let found = Found { capture, number, flow, index, packet };
            tuples.entry(tuple).or_default().push(found);
        }
    }
    let mut conversations = Vec::new();
    for (tuple, mut flows) in tuples {
        flows.sort_by_key(|found| order(found.flow.first, found.packet));
        let mut open: Option<(Conversation, FlowState)> = None;
        for found in flows {
            match &mut open {
                Some((conversation, state)) if !found.begins_anew(state) => {
                    state.join(&found.flow.state);
                    conversation.take(&found);
                }
                _ => {
                    let begun = (Conversation::begin(&tuple, &found), found.flow.state);
                    conversations.extend(open.replace(begun).map(|(ended, _)| ended));
                }
            }
        }
        conversations.extend(open.map(|(ended, _)| ended));
    }
    conversations.sort_by_key(|conversation| order(conversation.first, conversation.id.0));
    conversations
}

#[derive(PartialEq, Eq, Hash)]
struct Tuple {
    session: (Option<Address>, Option<u32>, Option<u64>),
    protocol: u8,
    low: Endpoint,
    high: Endpoint,
}

struct Found<'a> {
    capture: usize,
    number: u32,
    flow: &'a Flow,
    index: &'a Index,
    packet: PacketRef,
}

impl Found<'_> {
    fn begins_anew(&self, state: &FlowState) -> bool {
        let mut packets = self.index.flow_packets(self.number);
        packets.next().is_some_and(|first| state.begins_anew(&first.observation(self.flow)))
    }
}

/// Time order; what has no time comes last.
fn order(time: Option<i64>, packet: PacketRef) -> (bool, Option<i64>, PacketRef) {
    (time.is_none(), time, packet)
}

impl Conversation {
    fn begin(tuple: &Tuple, found: &Found<'_>) -> Self {
        let (source, vni, endpoint) = tuple.session;
        let flow = found.flow;
        Self {
            id: ConversationRef(found.packet),
            source,
            vni,
            endpoint,
            protocol: tuple.protocol,
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
            parts: vec![Part { capture: found.capture, flow: found.number, swapped: false }],
        }
    }

    fn take(&mut self, found: &Found<'_>) {
        let flow = found.flow;
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
        self.parts.push(Part { capture: found.capture, flow: found.number, swapped });
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
