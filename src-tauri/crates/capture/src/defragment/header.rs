//! A fragment, parted into what every fragment has and what only it has.

use super::Refusal;
use crate::Inner;
use evidence::Cursor;
use std::ops::Range;

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const DESTINATION: u8 = 60;

/// The longest IPv4 datagram, and the longest payload of an IPv6 packet. Unit: bytes.
const LONGEST: usize = 65_535;
/// Length of an IPv6 header.
const V6: usize = 40;

/// Where the parts of a fragment stand in the bytes that it was found in.
pub(super) struct Split {
    version: u8,
    header: Range<usize>,
    content: Range<usize>,
    /// The protocol, as the header says that is the same in every fragment.
    protocol: u8,
    /// In IPv6, where in `header` the number of the fragment header stands, and what is to stand there instead.
    next: Option<(usize, u8)>,
}

/// Parts the fragment that `inner` describes.
pub(super) fn split(data: &[u8], inner: &Inner) -> Result<Split, Refusal> {
    let at = inner.network_offset as usize;
    let end = at.saturating_add(inner.inner_length as usize);
    let packet = data.get(at..).ok_or(Refusal::Cut)?;
    let split = match inner.version {
        4 => v4(packet, at, end),
        _ => v6(packet, at, end),
    };
    split.filter(|split| split.content.start <= end).ok_or(Refusal::Header)
}

fn v4(packet: &[u8], at: usize, end: usize) -> Option<Split> {
    let mut cursor = Cursor::new(packet);
    let length = usize::from(cursor.u8()? & 0x0f).saturating_mul(4);
    cursor.skip(8)?;
    let protocol = cursor.u8()?;
    let content = at.checked_add(length)?;
    Some(Split { version: 4, header: at..content, content: content..end, protocol, next: None })
}

fn v6(packet: &[u8], at: usize, end: usize) -> Option<Split> {
    let mut cursor = Cursor::new(packet);
    let mut field = 6;
    cursor.skip(field)?;
    let mut kind = cursor.u8()?;
    cursor.skip(V6.checked_sub(cursor.position())?)?;
    while [HOP_BY_HOP, ROUTING, DESTINATION].contains(&kind) {
        field = cursor.position();
        kind = cursor.u8()?;
        let words = usize::from(cursor.u8()?);
        cursor.skip(words.saturating_mul(8).saturating_add(6))?;
    }
    if kind != FRAGMENT {
        return None;
    }
    let header = at..at.checked_add(cursor.position())?;
    let next = cursor.u8()?;
    cursor.skip(7)?;
    let content = at.checked_add(cursor.position())?..end;
    Some(Split { version: 6, header, content, protocol: 0, next: Some((field, next)) })
}

impl Split {
    /// The bytes that only this fragment has.
    pub(super) fn content<'a>(&self, data: &'a [u8]) -> Result<&'a [u8], Refusal> {
        data.get(self.content.clone()).ok_or(Refusal::Cut)
    }

    /// Where they start.
    pub(super) fn content_offset(&self) -> u32 {
        crate::decapsulate::short(self.content.start)
    }

    pub(super) fn protocol(&self) -> u8 {
        self.protocol
    }

    /// How much a datagram with this header can carry.
    pub(super) fn room(&self) -> u32 {
        crate::decapsulate::short(room(self.version, self.header.len()))
    }

    /// The header that the datagram had before it was fragmented, but for its length.
    pub(super) fn header(&self, data: &[u8]) -> Option<Vec<u8>> {
        let mut header = data.get(self.header.clone())?.to_vec();
        if let Some((field, next)) = self.next {
            *header.get_mut(field)? = next;
        }
        Some(header)
    }
}

fn room(version: u8, header_length: usize) -> usize {
    let counted = if version == 4 { header_length } else { header_length.saturating_sub(V6) };
    LONGEST.saturating_sub(counted)
}

/// Sets right what fragmentation changed in a header of [`Split::header`]; none if the datagram is too long.
pub(super) fn whole(mut header: Vec<u8>, content: usize) -> Option<Vec<u8>> {
    let version = header.first()? >> 4;
    if content > room(version, header.len()) {
        return None;
    }
    let total = header.len().saturating_add(content);
    if version == 4 {
        set(&mut header, 2, total)?;
        // The other two bits stay as they were sent.
        let flags = header.get(6)? & 0xc0;
        header.get_mut(6..8)?.copy_from_slice(&[flags, 0]);
        set(&mut header, 10, 0)?;
        let sum = checksum(&header);
        set(&mut header, 10, sum.into())?;
    } else {
        set(&mut header, 4, total.saturating_sub(V6))?;
    }
    Some(header)
}

fn set(header: &mut [u8], at: usize, value: usize) -> Option<()> {
    let value = u16::try_from(value).ok()?;
    header.get_mut(at..at.checked_add(2)?)?.copy_from_slice(&value.to_be_bytes());
    Some(())
}

/// The Internet checksum (RFC 1071).
fn checksum(header: &[u8]) -> u16 {
    let words = header.chunks_exact(2).filter_map(|word| word.try_into().ok());
    let sum: u64 = words.map(|word| u64::from(u16::from_be_bytes(word))).sum();
    // A header has at most thirty words, so that two foldings do.
    let folded = (sum & 0xffff).saturating_add(sum >> 16);
    let folded = (folded & 0xffff).saturating_add(folded >> 16);
    !(folded as u16)
}
