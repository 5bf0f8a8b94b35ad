//! The packet index of one capture: its mirror sessions, its flows, and where each packet stands.

mod builder;
mod flow;
mod format;
mod packet;
mod split;

pub use builder::IndexBuilder;
pub use flow::{Endpoint, Flow, Session};
pub use format::IndexError;
pub use packet::{FragmentPart, PacketEntry};
pub use split::{FlowState, Observation, flags};

/// What is known of a capture after one pass: small enough to keep, enough to find every packet again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Index {
    /// Mirror sessions in the order in which they first appear.
    pub sessions: Vec<Session>,
    /// Flows in the order in which they first appear.
    pub flows: Vec<Flow>,
    /// Every packet, in file order.
    pub packets: Vec<PacketEntry>,
    /// Numbers of packets, flow after flow.
    postings: Vec<u32>,
    /// Where the postings of each flow start, and where those of the last one end.
    starts: Vec<usize>,
}

impl Index {
    /// An index of these parts. Flow numbers of packets must be below the number of flows.
    fn assemble(sessions: Vec<Session>, flows: Vec<Flow>, packets: Vec<PacketEntry>) -> Self {
        let mut starts = vec![0usize; flows.len().saturating_add(1)];
        for flow in packets.iter().filter_map(|packet| packet.flow) {
            if let Some(count) = starts.get_mut((flow as usize).saturating_add(1)) {
                *count = count.saturating_add(1);
            }
        }
        let mut total = 0usize;
        for start in &mut starts {
            total = total.saturating_add(*start);
            *start = total;
        }
        let mut postings = vec![0; total];
        let mut next = starts.clone();
        for (number, packet) in (0u32..).zip(&packets) {
            let Some(flow) = packet.flow else { continue };
            let Some(place) = next.get_mut(flow as usize) else { continue };
            if let Some(posting) = postings.get_mut(*place) {
                *posting = number;
            }
            *place = place.saturating_add(1);
        }
        Self { sessions, flows, packets, postings, starts }
    }

    /// The numbers of a flow's packets (their places in [`Index::packets`]), in file order.
    pub fn packets_of(&self, flow: u32) -> &[u32] {
        let flow = flow as usize;
        let range = self.starts.get(flow).zip(self.starts.get(flow.saturating_add(1)));
        range.and_then(|(start, end)| self.postings.get(*start..*end)).unwrap_or_default()
    }

    /// The packets of a flow, in file order.
    pub fn flow_packets(&self, flow: u32) -> impl Iterator<Item = &PacketEntry> {
        self.packets_of(flow).iter().filter_map(|number| self.packets.get(*number as usize))
    }

    /// Fragments whose first one was not seen, so that their ports are unknown.
    pub fn orphan_fragments(&self) -> usize {
        let orphan = |packet: &&PacketEntry| packet.fragment == FragmentPart::Orphan;
        self.packets.iter().filter(orphan).count()
    }

    /// The flow's Community ID.
    pub fn community_id(&self, flow: u32) -> Option<String> {
        let known = self.flows.get(flow as usize)?;
        let first = self.flow_packets(flow).next()?;
        let (source, destination) = match first.from_client {
            true => (known.client, known.server),
            false => (known.server, known.client),
        };
        Some(crate::community_id(known.protocol, source, destination, first.icmp))
    }
}

#[cfg(test)]
mod tests;
