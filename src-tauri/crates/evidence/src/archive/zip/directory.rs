//! The directory at the end (APPNOTE 4.3.12 to 4.3.16).

use super::{CENTRAL, END, Entry, Fields, Listing, MAX_MEMBERS};
use crate::Cursor;
use crate::content::{Content, Window};
use std::io::{self, BufReader, Read};
use std::ops::Range;

/// How far from the end the end record can start: itself and the longest comment. Unit: bytes.
const TAIL: u64 = 22 + 0xffff;
const FIXED: usize = 46;

/// A member as the directory describes it; where its bytes start, only its own header says.
pub(super) struct Listed {
    pub(super) entry: Entry,
    pub(super) folder: bool,
}

/// The directory, and where members can lie.
pub(super) struct Directory {
    /// In the directory's order.
    pub(super) listed: Vec<Listed>,
    pub(super) within: Range<u64>,
    /// Whether all were listed: there can be more than are read.
    pub(super) whole: bool,
}

/// What the end record says.
struct End {
    /// Where the directory is, as found: archives with something before them keep their old offsets.
    start: u64,
    stop: u64,
    /// How much stands before the archive.
    before: u64,
    count: u64,
}

/// The directory, if there is one that can be read to its end.
pub(super) fn read(
    content: &Content,
    length: u64,
    listing: &mut Listing,
) -> io::Result<Option<Directory>> {
    let Some(end) = find(content, length, listing)? else { return Ok(None) };
    let window = Window::new(content.clone(), end.start, end.stop.saturating_sub(end.start));
    let mut reader = BufReader::new(window);
    let (mut listed, mut at) = (Vec::new(), end.start);
    while at < end.stop && listed.len() < MAX_MEMBERS {
        let Some((one, record)) = next(&mut reader, end.before)? else { return Ok(None) };
        listed.push(one);
        at = at.saturating_add(record);
    }
    let whole = at >= end.stop;
    if !whole {
        let expected = format!("at most {MAX_MEMBERS} members");
        listing.tell("archive.members", at, &expected, end.count.to_string());
    } else if listed.len() as u64 != end.count {
        let expected = format!("{} members, as the end record says", end.count);
        listing.tell("zip.count", end.stop, &expected, listed.len().to_string());
    }
    Ok(Some(Directory { listed, within: end.before..end.start, whole }))
}

fn next(reader: &mut impl Read, before: u64) -> io::Result<Option<(Listed, u64)>> {
    let mut fixed = Vec::new();
    reader.by_ref().take(FIXED as u64).read_to_end(&mut fixed)?;
    let Some((fields, lengths, unix_mode, offset)) = fixed_part(&fixed) else { return Ok(None) };
    let variable = lengths.iter().map(|length| u64::from(*length)).sum::<u64>();
    let mut behind = Vec::new();
    reader.by_ref().take(variable).read_to_end(&mut behind)?;
    let [names, extras, _] = lengths;
    let mut cursor = Cursor::new(&behind);
    let (name, extra) = (cursor.take(names.into()), cursor.take(extras.into()));
    let (Some(name), Some(extra)) = (name, extra) else { return Ok(None) };
    let record = (FIXED as u64).saturating_add(variable);
    Ok(Some((listed(fields, name, extra, unix_mode, offset, before), record)))
}

fn listed(
    mut fields: Fields,
    name: &[u8],
    extra: &[u8],
    unix_mode: u32,
    offset: u32,
    before: u64,
) -> Listed {
    let wide = fields.widen(extra);
    let header = match wide.and_then(|mut wide| wide.le64()).filter(|_| offset == u32::MAX) {
        Some(wide) => wide,
        None => offset.into(),
    };
    let header = header.saturating_add(before);
    let folder = name.last() == Some(&b'/') && fields.size == 0;
    let mut entry = fields.entry(name.to_vec(), header, header);
    if unix_mode & 0o170_000 == 0o120_000 {
        let link = crate::Anomaly::new("zip.link", header, 0, "a file", "a symbolic link");
        entry.problem.get_or_insert(link);
    }
    Listed { entry, folder }
}

/// Name, extra and comment lengths; the mode, if a Unix system made the entry; where the member's own header is.
fn fixed_part(bytes: &[u8]) -> Option<(Fields, [u16; 3], u32, u32)> {
    let mut cursor = Cursor::new(bytes);
    if cursor.array() != Some(CENTRAL) {
        return None;
    }
    let made_by = cursor.le16()?.to_le_bytes();
    cursor.skip(2)?;
    let (flags, method) = (cursor.le16()?, cursor.le16()?);
    cursor.skip(4)?;
    let (crc, stored, size) = (cursor.le32()?, cursor.le32()?.into(), cursor.le32()?.into());
    let lengths = [cursor.le16()?, cursor.le16()?, cursor.le16()?];
    cursor.skip(4)?;
    let attributes = cursor.le32()?;
    let unix_mode = if made_by[1] == 3 { attributes >> 16 } else { 0 };
    Some((Fields { flags, method, crc, stored, size }, lengths, unix_mode, cursor.le32()?))
}

/// The last end record whose directory is there.
fn find(content: &Content, length: u64, listing: &mut Listing) -> io::Result<Option<End>> {
    let from = length.saturating_sub(TAIL);
    let tail = content.peek(from, usize::try_from(length.min(TAIL)).unwrap_or_default())?;
    for (index, _) in tail.windows(4).enumerate().rev().filter(|(_, mark)| *mark == END) {
        let at = from.saturating_add(index as u64);
        let record = tail.get(index..).unwrap_or_default();
        let Some((end, comment)) = end_record(content, record, at)? else { continue };
        let behind = record.len().saturating_sub(22).saturating_sub(comment);
        if behind > 0 {
            let offset = length.saturating_sub(behind as u64);
            let found = format!("{behind} bytes");
            listing.tell("zip.trailing_bytes", offset, "the end of the archive", found);
        }
        if end.before > 0 {
            let found = format!("{} bytes", end.before);
            listing.tell("zip.bytes_before", 0, "the start of the archive", found);
        }
        return Ok(Some(end));
    }
    Ok(None)
}

fn end_record(content: &Content, record: &[u8], at: u64) -> io::Result<Option<(End, usize)>> {
    let mut cursor = Cursor::new(record);
    let Some(fixed) = cursor.skip(8).and_then(|()| cursor.take(14)) else { return Ok(None) };
    let mut fixed = Cursor::new(fixed);
    let (_, count, size, offset, comment) =
        (fixed.le16(), fixed.le16(), fixed.le32(), fixed.le32(), fixed.le16());
    let (Some(count), Some(size), Some(offset), Some(comment)) = (count, size, offset, comment)
    else {
        return Ok(None);
    };
    let narrow = (u64::from(count), u64::from(size), u64::from(offset), at);
    let full = count == u16::MAX || size == u32::MAX || offset == u32::MAX;
    let wide = if full { wide(content, at)? } else { None };
    let (count, size, offset, stop) = wide.unwrap_or(narrow);
    let Some(start) = stop.checked_sub(size) else { return Ok(None) };
    let Some(before) = start.checked_sub(offset) else { return Ok(None) };
    let mark = content.peek(start, 4)?;
    let there = mark == CENTRAL || (size == 0 && count == 0);
    let comment = usize::from(comment);
    let fits = record.len() >= comment.saturating_add(22);
    Ok((there && fits).then_some((End { start, stop, before, count }, comment)))
}

/// The wide end record: count, size and offset of the directory, and where the record itself starts.
fn wide(content: &Content, end: u64) -> io::Result<Option<(u64, u64, u64, u64)>> {
    let Some(locator) = end.checked_sub(20) else { return Ok(None) };
    let bytes = content.peek(locator, 20)?;
    let Some(b"PK\x06\x07") = bytes.first_chunk() else { return Ok(None) };
    let said = Cursor::new(bytes.get(8..).unwrap_or_default()).le64();
    // Where it says, or right before the locator if something was put before the archive.
    for at in [said, locator.checked_sub(56)].into_iter().flatten() {
        if at.saturating_add(56) > locator {
            continue;
        }
        let bytes = content.peek(at, 56)?;
        let Some(b"PK\x06\x06") = bytes.first_chunk() else { continue };
        let mut cursor = Cursor::new(bytes.get(32..).unwrap_or_default());
        if let (Some(count), Some(size), Some(offset)) =
            (cursor.le64(), cursor.le64(), cursor.le64())
        {
            return Ok(Some((count, size, offset, at)));
        }
    }
    Ok(None)
}
