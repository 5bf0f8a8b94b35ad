//! The pcapng format (draft-ietf-opsawg-pcapng): blocks that bear their length at both ends, so that a
//! reader can find its way back after damage.

mod blocks;
mod interface;
mod options;
mod resync;

use crate::byte_order::ByteOrder;
use crate::packet::PacketSink;
use crate::read::{Halt, LONGEST, told};
use crate::window::Window;
use blocks::Section;
use evidence::{Anomaly, Cursor};

/// Block types, as the format names them.
pub(crate) const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const NAME_RESOLUTION: u32 = 4;
const INTERFACE_STATISTICS: u32 = 5;
const ENHANCED_PACKET: u32 = 6;
const DECRYPTION_SECRETS: u32 = 10;

/// Type, length, and the length again: what every block has. Unit: bytes.
const FRAME: usize = 12;

/// The first twelve bytes of a block: all that is needed to know how far it reaches.
struct Head {
    kind: u32,
    length: usize,
    order: ByteOrder,
}

/// What is wrong with a block.
struct Fault {
    kind: &'static str,
    expected: String,
    found: String,
}

impl Head {
    /// Reads the head of a block in a section of this byte order; a section header states its own.
    fn read(order: ByteOrder, bytes: &[u8]) -> Result<Self, Fault> {
        let fault = |kind, expected: &str, found| Fault { kind, expected: expected.into(), found };
        let fields = || {
            let mut cursor = Cursor::new(bytes);
            let kind = order.u32(&mut cursor)?;
            Some((kind, cursor.array()?, cursor.array()?))
        };
        let Some((kind, length, magic)) = fields() else {
            let found = format!("{} bytes, then the end", bytes.len());
            return Err(fault("pcapng.block_cut", "a block of at least 12 bytes", found));
        };
        let order = match (kind, magic) {
            (SECTION_HEADER, [0x4d, 0x3c, 0x2b, 0x1a]) => ByteOrder::Little,
            (SECTION_HEADER, [0x1a, 0x2b, 0x3c, 0x4d]) => ByteOrder::Big,
            (SECTION_HEADER, _) => {
                let found = format!("0x{:08x}", u32::from_be_bytes(magic));
                let expected = "the byte-order magic 0x1a2b3c4d or 0x4d3c2b1a";
                return Err(fault("pcapng.section_magic", expected, found));
            }
            _ => order,
        };
        let length = match order {
            ByteOrder::Little => u32::from_le_bytes(length),
            ByteOrder::Big => u32::from_be_bytes(length),
        };
        if length < FRAME as u32 || length > LONGEST || !length.is_multiple_of(4) {
            let expected = "a block length that is a multiple of 4, from 12 to 16777216";
            return Err(fault("pcapng.block_length", expected, length.to_string()));
        }
        Ok(Self { kind, length: length as usize, order })
    }

    /// Where the block's second length stands.
    fn trailer(&self) -> usize {
        self.length.saturating_sub(4)
    }

    /// The block's second length, if it is there.
    fn second_length(&self, block: &[u8]) -> Option<u32> {
        let mut cursor = Cursor::new(block.get(self.trailer()..self.length)?);
        self.order.u32(&mut cursor)
    }

    fn closes(&self, block: &[u8]) -> bool {
        self.second_length(block).is_some_and(|second| second as usize == self.length)
    }
}

pub(crate) fn read(window: &mut Window<'_>, sink: &mut dyn PacketSink) -> Result<(), Halt> {
    let mut section = Section::new();
    loop {
        if window.fill(FRAME)?.is_empty() {
            return section.finish(sink);
        }
        match whole_block(window, section.order)? {
            Ok((head, fault)) => {
                let offset = window.offset();
                let block = window.fill(head.length)?;
                let body = block.get(8..head.trailer()).unwrap_or_default();
                section.block(&head, offset, body, sink)?;
                window.pass(head.length);
                if let Some(fault) = fault {
                    told(sink.anomaly(anomaly(fault, offset, head.length as u64)))?;
                }
            }
            Err(fault) => {
                let offset = window.offset();
                let skipped = resync::skip_damage(window, section.order)?;
                told(sink.anomaly(anomaly(fault, offset, skipped)))?;
            }
        }
    }
}

fn anomaly(fault: Fault, offset: u64, length: u64) -> Anomaly {
    Anomaly::new(fault.kind, offset, length, fault.expected, fault.found)
}

/// A block as it can be used.
type Usable = (Head, Option<Fault>);

/// The next block, or why there is none. One whose second length differs is still used, with that
/// fault, if the first one leads to the next block or to the very end.
fn whole_block(window: &mut Window<'_>, order: ByteOrder) -> Result<Result<Usable, Fault>, Halt> {
    let head = match Head::read(order, window.fill(FRAME)?) {
        Ok(head) => head,
        Err(fault) => return Ok(Err(fault)),
    };
    let block = window.fill(head.length)?;
    let Some(second) = head.second_length(block) else {
        return Ok(Err(Fault {
            kind: "pcapng.block_cut",
            expected: format!("a block of {} bytes", head.length),
            found: format!("{} bytes, then the end", block.len()),
        }));
    };
    if second as usize == head.length {
        return Ok(Ok((head, None)));
    }
    let fault = Fault {
        kind: "pcapng.block_trailer",
        expected: format!("the block length {} again at its end", head.length),
        found: second.to_string(),
    };
    let beyond = window.fill(head.length.saturating_add(FRAME))?;
    let next = beyond.get(head.length..).unwrap_or_default();
    let leads_on = next.is_empty() || resync::known(head.order, next).is_some();
    Ok(if leads_on { Ok((head, Some(fault))) } else { Err(fault) })
}

#[cfg(test)]
mod tests;
