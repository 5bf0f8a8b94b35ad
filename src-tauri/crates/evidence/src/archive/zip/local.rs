//! The header before a member (APPNOTE 4.3.7), and finding the end of one that does not say.

use super::{Fields, LOCAL};
use crate::content::{Content, Window};
use crate::layers::Layers;
use crate::{Anomaly, Cursor};
use flate2::Crc;
use std::io;
use std::ops::Range;

/// A member as its own header describes it.
pub(super) struct Local {
    pub(super) name: Vec<u8>,
    pub(super) fields: Fields,
    pub(super) start: u64,
}

const FIXED: usize = 30;
/// Two lengths of 16 bits.
const VARIABLE: usize = 2 * 0xffff;

/// The header at `at`, if there is one that ends before `limit`.
pub(super) fn read(content: &Content, at: u64, limit: u64) -> io::Result<Option<Local>> {
    let room = usize::try_from(limit.saturating_sub(at)).unwrap_or(usize::MAX);
    let fixed = content.peek(at, FIXED.min(room))?;
    let Some((mut fields, names, extras)) = parse(&fixed) else { return Ok(None) };
    let variable = names.saturating_add(extras).min(VARIABLE);
    if FIXED.saturating_add(variable) > room {
        return Ok(None);
    }
    let behind = content.peek(at.saturating_add(FIXED as u64), variable)?;
    let (name, extra) = behind.split_at_checked(names).unwrap_or_default();
    fields.widen(extra);
    let start = at.saturating_add(FIXED as u64).saturating_add(variable as u64);
    Ok(Some(Local { name: name.to_vec(), fields, start }))
}

fn parse(fixed: &[u8]) -> Option<(Fields, usize, usize)> {
    let mut cursor = Cursor::new(fixed);
    if cursor.array() != Some(LOCAL) {
        return None;
    }
    cursor.skip(2)?;
    let (flags, method) = (cursor.le16()?, cursor.le16()?);
    cursor.skip(4)?;
    let (crc, stored, size) = (cursor.le32()?, cursor.le32()?.into(), cursor.le32()?.into());
    let (names, extras) = (cursor.le16()?.into(), cursor.le16()?.into());
    Some((Fields { flags, method, crc, stored, size }, names, extras))
}

/// Inflates a member whose header does not say how long it is, and gives the place behind it and its description.
pub(super) fn measure(
    content: &Content,
    header: u64,
    within: Range<u64>,
    fields: &mut Fields,
) -> io::Result<Option<u64>> {
    let Range { start, end: until } = within;
    let Ok(Some(layer)) = fields.coding(header) else { return Ok(None) };
    let window = Window::new(content.clone(), start, until.saturating_sub(start));
    let mut layers = Layers::bare(window, start).inside(layer)?;
    let (mut crc, mut size, mut some) = (Crc::new(), 0_u64, vec![0; 64 * 1024]);
    loop {
        let count = layers.read_on(&mut some)?;
        if count == 0 {
            break;
        }
        crc.update(some.get(..count).unwrap_or_default());
        size = size.saturating_add(count as u64);
    }
    // What comes behind the member is trailing bytes to its decoder.
    let end = match layers.anomalies().first() {
        Some(Anomaly { offset, kind, .. }) if kind.ends_with(".trailing_bytes") => *offset,
        _ => until,
    };
    (fields.stored, fields.size, fields.crc) = (end.saturating_sub(start), size, crc.sum());
    let behind = usize::try_from(until.saturating_sub(end)).unwrap_or(usize::MAX).min(24);
    let length = description(&content.peek(end, behind)?, fields);
    Ok(Some(end.saturating_add(length)))
}

/// The length of the description that stands behind a member, if that is what stands there (APPNOTE 4.3.9).
fn description(bytes: &[u8], fields: &mut Fields) -> u64 {
    let mark = if bytes.starts_with(b"PK\x07\x08") { 4 } else { 0 };
    let mut cursor = Cursor::new(bytes);
    let crc = cursor.skip(mark).and_then(|()| cursor.le32());
    let mut wide = cursor.clone();
    let narrow = (cursor.le32().map(u64::from), cursor.le32().map(u64::from));
    let sizes = (Some(fields.stored), Some(fields.size));
    let length = match (crc, (wide.le64(), wide.le64())) {
        (Some(_), wide) if wide == sizes => 20,
        (Some(_), _) if narrow == sizes => 12,
        _ => return 0,
    };
    fields.crc = crc.unwrap_or_default();
    (mark as u64).saturating_add(length)
}
