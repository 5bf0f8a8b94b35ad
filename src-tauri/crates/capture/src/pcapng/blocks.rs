//! What each type of block says.

use super::interface::Interface;
use super::options::{COMMENT, options, padding};
use super::{
    DECRYPTION_SECRETS, ENHANCED_PACKET, Head, INTERFACE_DESCRIPTION, INTERFACE_STATISTICS,
    NAME_RESOLUTION, PACKET, SECTION_HEADER, SIMPLE_PACKET,
};
use crate::byte_order::ByteOrder;
use crate::packet::{Fact, PacketSink, RawPacket};
use crate::read::{Halt, Tally, told};
use evidence::{Address, Anomaly, Cursor};
use std::collections::BTreeMap;

const ISB_IFRECV: u16 = 4;
const ISB_IFDROP: u16 = 5;
const ISB_OSDROP: u16 = 7;
const NRB_IPV4: u16 = 1;
const NRB_IPV6: u16 = 2;
/// Interfaces whose counters are told.
const COUNTED: usize = 64;

/// A section: its byte order and its interfaces, by number.
pub(super) struct Section {
    pub(super) order: ByteOrder,
    interfaces: Vec<Interface>,
    /// Where and how many packets each interface says were dropped, by its latest word.
    dropped: BTreeMap<u32, (u64, u64)>,
    frame: u64,
    times: Tally,
    lengths: Tally,
}

/// The fields of any of the three packet blocks.
struct Packet<'a> {
    interface: u32,
    ticks: Option<u64>,
    caplen: u32,
    origlen: u32,
    /// From the first captured byte to the end of the body: packet, padding, options.
    rest: &'a [u8],
}

impl Section {
    pub(super) fn new() -> Self {
        Self {
            order: ByteOrder::Little,
            interfaces: Vec::new(),
            dropped: BTreeMap::new(),
            frame: 0,
            times: Tally::default(),
            lengths: Tally::default(),
        }
    }

    /// Takes in a block whose body (between its two lengths) is `body`.
    pub(super) fn block(
        &mut self,
        head: &Head,
        offset: u64,
        body: &[u8],
        sink: &mut dyn PacketSink,
    ) -> Result<(), Halt> {
        let read = match head.kind {
            SECTION_HEADER => {
                // Interface numbers start again with each section.
                self.tell_dropped(sink)?;
                self.order = head.order;
                self.interfaces.clear();
                body.get(16..).map(|rest| self.comments(offset, None, rest, sink))
            }
            INTERFACE_DESCRIPTION => Interface::read(self.order, body).map(|interface| {
                self.interfaces.push(interface);
                self.comments(offset, None, body.get(8..).unwrap_or_default(), sink)
            }),
            PACKET => self.obsolete(body).map(|packet| self.packet(packet, offset, body, sink)),
            SIMPLE_PACKET => {
                self.simple(body).map(|packet| self.packet(packet, offset, body, sink))
            }
            ENHANCED_PACKET => {
                self.enhanced(body).map(|packet| self.packet(packet, offset, body, sink))
            }
            INTERFACE_STATISTICS => self.statistics(offset, body, sink),
            DECRYPTION_SECRETS => self.secrets(offset, body, sink),
            NAME_RESOLUTION => Some(self.names(offset, body, sink)),
            // Journal entries, custom blocks and types to come are not evidence of traffic.
            _ => Some(Ok(())),
        };
        read.unwrap_or_else(|| {
            let found = format!("{} bytes", body.len());
            let expected = format!("the fields of a block of type {}", head.kind);
            let length = head.length as u64;
            told(sink.anomaly(Anomaly::new("pcapng.block_short", offset, length, expected, found)))
        })
    }

    /// Tells the faults that were counted.
    pub(super) fn finish(mut self, sink: &mut dyn PacketSink) -> Result<(), Halt> {
        self.tell_dropped(sink)?;
        self.times.tell(sink)?;
        self.lengths.tell(sink)
    }

    fn enhanced<'a>(&self, body: &'a [u8]) -> Option<Packet<'a>> {
        let mut cursor = Cursor::new(body);
        let interface = self.order.u32(&mut cursor)?;
        self.timed(interface, cursor)
    }

    fn obsolete<'a>(&self, body: &'a [u8]) -> Option<Packet<'a>> {
        let mut cursor = Cursor::new(body);
        let interface = self.order.u16(&mut cursor)?;
        cursor.skip(2)?;
        self.timed(interface.into(), cursor)
    }

    fn timed<'a>(&self, interface: u32, mut cursor: Cursor<'a>) -> Option<Packet<'a>> {
        let (hi, lo) = (self.order.u32(&mut cursor)?, self.order.u32(&mut cursor)?);
        Some(Packet {
            interface,
            ticks: Some(u64::from(hi) << 32 | u64::from(lo)),
            caplen: self.order.u32(&mut cursor)?,
            origlen: self.order.u32(&mut cursor)?,
            rest: cursor.rest(),
        })
    }

    /// A Simple Packet Block states no captured length: the first interface's limit gives it.
    fn simple<'a>(&self, body: &'a [u8]) -> Option<Packet<'a>> {
        let mut cursor = Cursor::new(body);
        let origlen = self.order.u32(&mut cursor)?;
        let caplen = match self.interfaces.first() {
            Some(interface) if interface.snaplen > 0 => origlen.min(interface.snaplen),
            _ => origlen,
        };
        Some(Packet { interface: 0, ticks: None, caplen, origlen, rest: cursor.rest() })
    }

    fn packet(
        &mut self,
        packet: Packet<'_>,
        offset: u64,
        body: &[u8],
        sink: &mut dyn PacketSink,
    ) -> Result<(), Halt> {
        // The type and the first length stand before the body, the second length behind it.
        let length = (body.len() as u64).saturating_add(12);
        let Packet { interface: number, ticks, caplen, origlen, rest } = packet;
        let interface = usize::try_from(number).ok().and_then(|at| self.interfaces.get(at));
        let Some(interface) = interface.copied() else {
            let expected = format!("an interface below {}", self.interfaces.len());
            let found = format!("interface {number}, so that the packet cannot be read");
            return told(sink.anomaly(Anomaly::new(
                "pcapng.interface",
                offset,
                length,
                expected,
                found,
            )));
        };
        let Some(data) = rest.get(..caplen as usize) else {
            let expected = format!("a captured length of at most {}", rest.len());
            let found = caplen.to_string();
            return told(sink.anomaly(Anomaly::new(
                "pcapng.captured_length",
                offset,
                length,
                expected,
                found,
            )));
        };
        let time = ticks.and_then(|ticks| interface.clock.nanoseconds(ticks));
        if let (Some(ticks), None) = (ticks, time) {
            self.times.count(|| {
                let expected = "a time from 1677 to 2262";
                Anomaly::new(
                    "pcapng.time_range",
                    offset,
                    length,
                    expected,
                    format!("{ticks} ticks"),
                )
            });
        }
        if caplen > origlen {
            self.lengths.count(|| {
                let expected = format!("an original length of at least {caplen}");
                let found = origlen.to_string();
                Anomaly::new("pcapng.original_length", offset, length, expected, found)
            });
        }
        self.frame = self.frame.saturating_add(1);
        let before_data = body.len().saturating_sub(rest.len()).saturating_add(8);
        told(sink.packet(&RawPacket {
            offset,
            frame: self.frame,
            time,
            link: interface.link,
            caplen,
            origlen,
            data_offset: offset.saturating_add(before_data as u64),
            data,
        }))?;
        let after = data.len().saturating_add(padding(data.len()));
        match rest.get(after..) {
            // A Simple Packet Block has no options; what stands behind its packet is padding.
            Some(after) if ticks.is_some() && !after.is_empty() => {
                self.comments(offset, Some(self.frame), after, sink)
            }
            _ => Ok(()),
        }
    }

    fn comments(
        &self,
        offset: u64,
        frame: Option<u64>,
        bytes: &[u8],
        sink: &mut dyn PacketSink,
    ) -> Result<(), Halt> {
        for (_, value) in options(self.order, bytes).filter(|(code, _)| *code == COMMENT) {
            let text = String::from_utf8_lossy(value).into_owned();
            told(sink.fact(Fact::Comment { offset, frame, text }))?;
        }
        Ok(())
    }

    /// The packets that were dropped while the section was captured: they are missing in it.
    fn tell_dropped(&mut self, sink: &mut dyn PacketSink) -> Result<(), Halt> {
        for (interface, (offset, dropped)) in std::mem::take(&mut self.dropped) {
            let found =
                format!("{dropped} dropped at interface {interface}, as the capture counts");
            let expected = "all packets that arrived";
            told(sink.anomaly(Anomaly::new("pcapng.drops", offset, 0, expected, found)))?;
        }
        Ok(())
    }

    fn names(&self, offset: u64, body: &[u8], sink: &mut dyn PacketSink) -> Result<(), Halt> {
        // Records are laid out as options are, and end with a mark.
        for (kind, value) in options(self.order, body) {
            let mut cursor = Cursor::new(value);
            let address: Option<Address> = match kind {
                NRB_IPV4 => cursor.array::<4>().map(Address::from),
                NRB_IPV6 => cursor.array::<16>().map(Address::from),
                _ => None,
            };
            let Some(address) = address else { continue };
            for name in cursor.rest().split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
                let name = String::from_utf8_lossy(name).into_owned();
                told(sink.fact(Fact::Name { offset, address, name }))?;
            }
        }
        Ok(())
    }

    fn statistics(
        &mut self,
        offset: u64,
        body: &[u8],
        sink: &mut dyn PacketSink,
    ) -> Option<Result<(), Halt>> {
        let mut cursor = Cursor::new(body);
        let interface = self.order.u32(&mut cursor)?;
        cursor.skip(8)?;
        let (mut received, mut dropped_by_interface, mut dropped_by_system) = (None, None, None);
        for (code, value) in options(self.order, cursor.rest()) {
            let counter = match code {
                ISB_IFRECV => &mut received,
                ISB_IFDROP => &mut dropped_by_interface,
                ISB_OSDROP => &mut dropped_by_system,
                _ => continue,
            };
            *counter = self.order.u64(&mut Cursor::new(value));
        }
        let dropped =
            dropped_by_interface.unwrap_or(0).saturating_add(dropped_by_system.unwrap_or(0));
        if dropped > 0 && (self.dropped.len() < COUNTED || self.dropped.contains_key(&interface)) {
            self.dropped.insert(interface, (offset, dropped));
        }
        let drops =
            Fact::Drops { offset, interface, received, dropped_by_interface, dropped_by_system };
        Some(told(sink.fact(drops)).and_then(|()| self.comments(offset, None, cursor.rest(), sink)))
    }

    fn secrets(
        &self,
        offset: u64,
        body: &[u8],
        sink: &mut dyn PacketSink,
    ) -> Option<Result<(), Halt>> {
        let mut cursor = Cursor::new(body);
        let kind = self.order.u32(&mut cursor)?;
        let length = self.order.u32(&mut cursor)? as usize;
        let secrets = cursor.take(length)?;
        Some(told(sink.fact(Fact::Secrets { offset: offset.saturating_add(16), kind, secrets })))
    }
}
