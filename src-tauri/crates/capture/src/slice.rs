//! Packets as a capture of their own: pcapng (draft-ietf-opsawg-pcapng), little-endian, times in nanoseconds.

use crate::LinkType;
use std::io::{self, Write};

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 6;
const COMMENT: u16 = 1;
const APPLICATION: u16 = 4;
const NAME: u16 = 2;
const RESOLUTION: u16 = 9;

/// Writes one section of interfaces and packets.
pub struct SliceWriter<W> {
    out: W,
    interfaces: u32,
}

/// A packet of a slice.
#[derive(Debug, Clone, Copy)]
pub struct SlicePacket<'a> {
    /// As [`SliceWriter::interface`] numbered it.
    pub interface: u32,
    /// Nanoseconds since 1970-01-01 UTC; without a time, or before, it is written as 0.
    pub time: Option<i64>,
    /// The bytes.
    pub data: &'a [u8],
    /// How long it was. Unit: bytes.
    pub origlen: u32,
    /// A note that it bears.
    pub comment: &'a str,
}

impl<W: Write> SliceWriter<W> {
    /// Begins the section.
    ///
    /// # Errors
    /// What `out` answers.
    pub fn new(out: W, application: &str, comment: &str) -> io::Result<Self> {
        let mut writer = Self { out, interfaces: 0 };
        let mut body = Vec::new();
        body.extend(0x1a2b_3c4d_u32.to_le_bytes());
        body.extend(1_u16.to_le_bytes());
        body.extend(0_u16.to_le_bytes());
        body.extend(u64::MAX.to_le_bytes());
        option(&mut body, COMMENT, comment.as_bytes());
        option(&mut body, APPLICATION, application.as_bytes());
        end_options(&mut body);
        writer.block(SECTION, &body)?;
        Ok(writer)
    }

    /// Adds an interface, and gives its number.
    ///
    /// # Errors
    /// What `out` answers.
    pub fn interface(&mut self, link: LinkType, name: &str) -> io::Result<u32> {
        let mut body = Vec::new();
        body.extend(link.number().to_le_bytes());
        body.extend([0; 2]);
        // No limit on the length of packets.
        body.extend(0_u32.to_le_bytes());
        option(&mut body, NAME, name.as_bytes());
        option(&mut body, RESOLUTION, &[9]);
        end_options(&mut body);
        self.block(INTERFACE, &body)?;
        let number = self.interfaces;
        self.interfaces = number.saturating_add(1);
        Ok(number)
    }

    /// Adds a packet.
    ///
    /// # Errors
    /// What `out` answers.
    pub fn packet(&mut self, packet: &SlicePacket<'_>) -> io::Result<()> {
        let time = packet.time.and_then(|time| u64::try_from(time).ok()).unwrap_or(0);
        let length = u32::try_from(packet.data.len()).unwrap_or(u32::MAX);
        let mut body = Vec::with_capacity(packet.data.len().saturating_add(256));
        body.extend(packet.interface.to_le_bytes());
        body.extend(((time >> 32) as u32).to_le_bytes());
        body.extend((time as u32).to_le_bytes());
        body.extend(length.to_le_bytes());
        body.extend(packet.origlen.to_le_bytes());
        body.extend_from_slice(packet.data);
        pad(&mut body);
        option(&mut body, COMMENT, packet.comment.as_bytes());
        end_options(&mut body);
        self.block(PACKET, &body)
    }

    /// Gives back what it was written to.
    pub fn finish(self) -> W {
        self.out
    }

    fn block(&mut self, kind: u32, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len()).ok().and_then(|length| length.checked_add(12));
        let length = length.ok_or(io::ErrorKind::InvalidInput)?.to_le_bytes();
        self.out.write_all(&kind.to_le_bytes())?;
        self.out.write_all(&length)?;
        self.out.write_all(body)?;
        self.out.write_all(&length)
    }
}

/// An option; what is longer than its length field can say is cut.
fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    let value = value.get(..usize::from(u16::MAX)).unwrap_or(value);
    body.extend(code.to_le_bytes());
    body.extend((value.len() as u16).to_le_bytes());
    body.extend_from_slice(value);
    pad(body);
}

fn end_options(body: &mut Vec<u8>) {
    body.extend([0; 4]);
}

fn pad(body: &mut Vec<u8>) {
    body.resize(body.len().next_multiple_of(4), 0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hand_made::Gathered;
    use crate::{Fact, RawPacket, read};
    use evidence::Anomaly;
    use std::ops::ControlFlow;

    #[derive(Default)]
    struct Told(Vec<(u16, Option<i64>, Vec<u8>, u32)>, Vec<(Option<u64>, String)>);

    impl crate::PacketSink for Told {
        fn packet(&mut self, packet: &RawPacket<'_>) -> ControlFlow<()> {
            let data = packet.data.to_vec();
            self.0.push((packet.link.number(), packet.time, data, packet.origlen));
            ControlFlow::Continue(())
        }

        fn anomaly(&mut self, anomaly: Anomaly) -> ControlFlow<()> {
            panic!("{anomaly}");
        }

        fn fact(&mut self, fact: Fact<'_>) -> ControlFlow<()> {
            if let Fact::Comment { frame, text, .. } = fact {
                self.1.push((frame, text));
            }
            ControlFlow::Continue(())
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut writer = SliceWriter::new(Vec::new(), "a program", "two packets").unwrap();
        let ethernet = writer.interface(LinkType::Ethernet, "one").unwrap();
        let raw = writer.interface(LinkType::Raw, "another").unwrap();
        let packets = [
            (ethernet, Some(1_700_000_000_123_456_789), &b"12345"[..], 60, "the first"),
            (raw, None, &b""[..], 0, "ünlike"),
        ];
        for (interface, time, data, origlen, comment) in packets {
            writer.packet(&SlicePacket { interface, time, data, origlen, comment }).unwrap();
        }
        let file = writer.finish();
        assert!(Gathered::of(&file).faults().is_empty());
        let mut told = Told::default();
        read(&mut &file[..], &mut told).unwrap();
        let (one, another) = (LinkType::Ethernet.number(), LinkType::Raw.number());
        let expect = [
            (one, Some(1_700_000_000_123_456_789), b"12345".to_vec(), 60),
            (another, Some(0), Vec::new(), 0),
        ];
        assert_eq!(told.0, expect);
        let notes = [(None, "two packets"), (Some(1), "the first"), (Some(2), "ünlike")];
        assert_eq!(told.1, notes.map(|(frame, text)| (frame, text.to_owned())));
    }
}
