//! Packets and captures made by hand, for tests.

use crate::{
    Fact, Flow, IndexBuilder, Limits, LinkType, PacketEntry, PacketIndex, PacketSink, Ports,
    RawPacket, Session, read,
};
use evidence::Anomaly;
use std::ops::ControlFlow;

pub(crate) use crate::wire::*;

/// A little-endian, nanosecond pcap capture: packets with their times.
pub(crate) fn pcap(link: LinkType, packets: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let mut capture = join_bytes(&[
        &0xa1b2_3c4du32.to_le_bytes(),
        &[2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0],
        &u32::from(link.number()).to_le_bytes(),
    ]);
    for (time, packet) in packets {
        let length = packet.len() as u32;
        for field in [(time / 1_000_000_000) as u32, (time % 1_000_000_000) as u32, length, length]
        {
            capture.extend(field.to_le_bytes());
        }
        capture.extend(packet);
    }
    capture
}

/// Everything that a reader gives, in words that compare.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// Offset, frame, time, captured bytes.
    pub(crate) packets: Vec<(u64, u64, Option<i64>, Vec<u8>)>,
    pub(crate) links: Vec<LinkType>,
    pub(crate) anomalies: Vec<Anomaly>,
    pub(crate) facts: Vec<String>,
}

impl PacketSink for Gathered {
    fn packet(&mut self, packet: &RawPacket<'_>) -> ControlFlow<()> {
        assert_eq!(packet.caplen as usize, packet.data.len());
        let data = packet.data.to_vec();
        self.packets.push((packet.offset, packet.frame, packet.time, data));
        self.links.push(packet.link);
        ControlFlow::Continue(())
    }

    fn anomaly(&mut self, anomaly: Anomaly) -> ControlFlow<()> {
        self.anomalies.push(anomaly);
        ControlFlow::Continue(())
    }

    fn fact(&mut self, fact: Fact<'_>) -> ControlFlow<()> {
        self.facts.push(format!("{fact:?}"));
        ControlFlow::Continue(())
    }
}

impl Gathered {
    pub(crate) fn of(mut capture: &[u8]) -> Self {
        let mut gathered = Self::default();
        read(&mut capture, &mut gathered).unwrap();
        gathered
    }

    /// Kind, offset and length of each anomaly.
    pub(crate) fn faults(&self) -> Vec<(&'static str, u64, u64)> {
        self.anomalies.iter().map(|a| (a.kind, a.offset, a.length)).collect()
    }
}

/// An index with everything in it: flows in the order in which they first appear, packets in file order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Whole {
    pub(crate) sessions: Vec<Session>,
    pub(crate) flows: Vec<Flow>,
    pub(crate) packets: Vec<PacketEntry>,
    pub(crate) orphan_fragments: u64,
}

impl Whole {
    pub(crate) fn of(index: &PacketIndex) -> Self {
        let mut found: Vec<(Flow, Vec<PacketEntry>)> = (0u32..)
            .zip(index.flows())
            .map(|(place, flow)| (flow.unwrap(), index.packets_of(place).unwrap()))
            .collect();
        found.sort_by_key(|(_, packets)| packets[0].frame);
        let mut packets = index.packets_without_flow().unwrap();
        for (number, (_, own)) in (0u32..).zip(&mut found) {
            packets
                .extend(own.drain(..).map(|packet| PacketEntry { flow: Some(number), ..packet }));
        }
        packets.sort_by_key(|packet| packet.offset);
        Self {
            sessions: index.sessions().to_vec(),
            flows: found.into_iter().map(|(flow, _)| flow).collect(),
            packets,
            orphan_fragments: index.orphan_fragments(),
        }
    }

    pub(crate) fn packets_of(&self, flow: u32) -> Vec<u32> {
        let own = (0u32..).zip(&self.packets).filter(|(_, packet)| packet.flow == Some(flow));
        own.map(|(number, _)| number).collect()
    }
}

struct Indexing(IndexBuilder);

impl PacketSink for Indexing {
    fn packet(&mut self, packet: &RawPacket<'_>) -> ControlFlow<()> {
        self.0.add(packet).unwrap();
        ControlFlow::Continue(())
    }

    fn anomaly(&mut self, _: Anomaly) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn fact(&mut self, fact: Fact<'_>) -> ControlFlow<()> {
        self.0.note(&fact);
        ControlFlow::Continue(())
    }
}

/// The index of a capture as a file.
pub(crate) fn index_file(mut capture: &[u8], limits: Limits) -> Vec<u8> {
    let out = Box::<Vec<u8>>::default();
    let mut indexing = Indexing(IndexBuilder::new(limits, Ports::default(), out));
    read(&mut capture, &mut indexing).unwrap();
    let (out, _) = indexing.0.finish().unwrap();
    let mut file = vec![0; out.length().unwrap() as usize];
    out.read_at(0, &mut file).unwrap();
    file
}

pub(crate) fn opened(file: Vec<u8>) -> PacketIndex {
    PacketIndex::open(Box::new(file)).unwrap()
}

pub(crate) fn index(capture: &[u8]) -> Whole {
    Whole::of(&opened(index_file(capture, Limits::default())))
}
