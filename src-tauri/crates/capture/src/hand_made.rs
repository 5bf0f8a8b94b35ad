//! Packets and captures made by hand, for tests.

use crate::{Fact, Index, IndexBuilder, LinkType, PacketSink, RawPacket, read};
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

struct Indexing(IndexBuilder);

impl PacketSink for Indexing {
    fn packet(&mut self, packet: &RawPacket<'_>) -> ControlFlow<()> {
        self.0.add(packet);
        ControlFlow::Continue(())
    }

    fn anomaly(&mut self, _: Anomaly) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

pub(crate) fn index(mut capture: &[u8]) -> Index {
    let mut indexing = Indexing(IndexBuilder::new());
    read(&mut capture, &mut indexing).unwrap();
    indexing.0.finish()
}
