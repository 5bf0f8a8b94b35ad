//! The pcap format (draft-ietf-opsawg-pcap): a file header, then records of a header and a packet.

use crate::LinkType;
use crate::byte_order::ByteOrder;
use crate::packet::{PacketSink, RawPacket};
use crate::read::{Halt, LONGEST, Tally, told};
use crate::window::Window;
use evidence::{Anomaly, Cursor};

const FILE_HEADER: usize = 24;
/// libpcap's MAXIMUM_SNAPLEN: records may be as long whatever snapshot length the header states.
const USUAL_LONGEST: u32 = 262_144;
const NANOSECONDS: i64 = 1_000_000_000;

/// What the magic number says.
#[derive(Clone, Copy)]
pub(crate) struct Variant {
    order: ByteOrder,
    /// Fractions in a second: what the second time field counts.
    fractions: u32,
    record_header: usize,
}

impl Variant {
    pub(crate) fn of(magic: [u8; 4]) -> Option<Self> {
        let known = |number| match number {
            0xa1b2_c3d4u32 => Some((1_000_000, 16)),
            0xa1b2_3c4d => Some((1_000_000_000, 16)),
            // Alexey Kuznetzov's patched libpcap: eight more bytes in each record header.
            0xa1b2_cd34 => Some((1_000_000, 24)),
            _ => None,
        };
        [
            (ByteOrder::Little, u32::from_le_bytes(magic)),
            (ByteOrder::Big, u32::from_be_bytes(magic)),
        ]
        .into_iter()
        .find_map(|(order, number)| {
            known(number).map(|(fractions, record_header)| Self { order, fractions, record_header })
        })
    }
}

struct FileHeader {
    variant: Variant,
    version: (u16, u16),
    snaplen: u32,
    link: LinkType,
}

fn file_header(bytes: &[u8]) -> Option<FileHeader> {
    let mut cursor = Cursor::new(bytes);
    let variant = Variant::of(cursor.array()?)?;
    let order = variant.order;
    let version = (order.u16(&mut cursor)?, order.u16(&mut cursor)?);
    cursor.skip(8)?;
    let snaplen = order.u32(&mut cursor)?;
    let network = order.u32(&mut cursor)?;
    // The upper half holds the length of a frame check sequence; the IP length fields tell it apart.
    let link = LinkType::from_number((network & 0xffff) as u16);
    Some(FileHeader { variant, version, snaplen, link })
}

struct RecordHeader {
    seconds: u32,
    fraction: u32,
    caplen: u32,
    origlen: u32,
}

fn record_header(order: ByteOrder, bytes: &[u8]) -> Option<RecordHeader> {
    let mut cursor = Cursor::new(bytes);
    Some(RecordHeader {
        seconds: order.u32(&mut cursor)?,
        fraction: order.u32(&mut cursor)?,
        caplen: order.u32(&mut cursor)?,
        origlen: order.u32(&mut cursor)?,
    })
}

pub(crate) fn read(window: &mut Window<'_>, sink: &mut dyn PacketSink) -> Result<(), Halt> {
    let Some(header) = file_header(window.fill(FILE_HEADER)?) else {
        let length = window.drain()?;
        let found = format!("{length} bytes");
        let expected = "a file header of 24 bytes";
        return told(sink.anomaly(Anomaly::new("pcap.header_cut", 0, length, expected, found)));
    };
    if header.version != (2, 4) {
        let (major, minor) = header.version;
        let found = format!("version {major}.{minor}");
        told(sink.anomaly(Anomaly::new("pcap.version", 4, 4, "version 2.4", found)))?;
    }
    window.pass(FILE_HEADER);
    let mut records = Records {
        longest: header.snaplen.clamp(USUAL_LONGEST, LONGEST),
        header,
        frame: 0,
        fractions: Tally::default(),
        lengths: Tally::default(),
    };
    while records.next(window, sink)? {}
    records.fractions.tell(sink)?;
    records.lengths.tell(sink)
}

struct Records {
    header: FileHeader,
    longest: u32,
    frame: u64,
    fractions: Tally,
    lengths: Tally,
}

impl Records {
    /// Reads one record; false at the end of what can be read. A record header has no mark to look for,
    /// so after a nonsensical one there is no way back into step.
    fn next(&mut self, window: &mut Window<'_>, sink: &mut dyn PacketSink) -> Result<bool, Halt> {
        let Variant { order, record_header: header_length, .. } = self.header.variant;
        let offset = window.offset();
        let head = window.fill(header_length)?;
        if head.is_empty() {
            return Ok(false);
        }
        let Some(record) = head.get(..header_length).and_then(|head| record_header(order, head))
        else {
            let expected = format!("a record header of {header_length} bytes");
            return stop("pcap.record_cut", expected, None, window, sink);
        };
        if record.caplen > self.longest {
            let expected = format!("a captured length of at most {}", self.longest);
            let found = format!("{}, so that nothing further can be read", record.caplen);
            return stop("pcap.record_length", expected, Some(found), window, sink);
        }
        if (record.seconds, record.fraction, record.caplen, record.origlen) == (0, 0, 0, 0) {
            // What a crash leaves: a tail of zeros that would read as countless empty packets of 1970.
            let found = Some("zeros, so that nothing further can be read".to_owned());
            return stop("pcap.zeros", "a record header".to_owned(), found, window, sink);
        }
        let length = header_length.saturating_add(record.caplen as usize);
        let bytes = window.fill(length)?;
        let Some(data) = bytes.get(header_length..length) else {
            let expected = format!("a record of {length} bytes");
            return stop("pcap.record_cut", expected, None, window, sink);
        };
        self.frame = self.frame.saturating_add(1);
        let packet = RawPacket {
            offset,
            frame: self.frame,
            time: self.time(&record, offset),
            link: self.header.link,
            caplen: record.caplen,
            origlen: record.origlen,
            data_offset: offset.saturating_add(header_length as u64),
            data,
        };
        if record.caplen > record.origlen {
            self.lengths.count(|| {
                let expected = format!("an original length of at least {}", record.caplen);
                let found = record.origlen.to_string();
                Anomaly::new("pcap.original_length", offset, header_length as u64, expected, found)
            });
        }
        told(sink.packet(&packet))?;
        window.pass(length);
        Ok(true)
    }

    fn time(&mut self, record: &RecordHeader, offset: u64) -> Option<i64> {
        let fractions = self.header.variant.fractions;
        if record.fraction >= fractions {
            self.fractions.count(|| {
                let expected = format!("a fraction of a second below {fractions}");
                Anomaly::new("pcap.time_fraction", offset, 8, expected, record.fraction.to_string())
            });
        }
        let unit = NANOSECONDS.checked_div(i64::from(fractions))?;
        let fraction = i64::from(record.fraction).checked_mul(unit)?;
        i64::from(record.seconds).checked_mul(NANOSECONDS)?.checked_add(fraction)
    }
}

/// The last anomaly: everything from here to the end of the input.
fn stop(
    kind: &'static str,
    expected: String,
    found: Option<String>,
    window: &mut Window<'_>,
    sink: &mut dyn PacketSink,
) -> Result<bool, Halt> {
    let offset = window.offset();
    let length = window.drain()?;
    let found = found.unwrap_or_else(|| format!("{length} bytes, then the end"));
    told(sink.anomaly(Anomaly::new(kind, offset, length, expected, found)))?;
    Ok(false)
}

#[cfg(test)]
mod tests;
