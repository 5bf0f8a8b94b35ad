//! The compact protocol of Apache Thrift, in which Parquet writes its footer and page headers.
//!
//! Every length is held against the bytes that are left before anything is made of it.

use evidence::Cursor;

/// The format nests its structures a handful deep.
pub(super) const DEEPEST: u8 = 32;

pub(super) const TRUE: u8 = 1;
pub(super) const FALSE: u8 = 2;
const BYTE: u8 = 3;
const I16: u8 = 4;
pub(super) const I32: u8 = 5;
pub(super) const I64: u8 = 6;
const DOUBLE: u8 = 7;
pub(super) const BINARY: u8 = 8;
pub(super) const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
pub(super) const STRUCT: u8 = 12;

/// Reads a structure: `each` gets number and type of every field, and reads its value or passes over it.
pub(super) fn structure<'a>(
    cursor: &mut Cursor<'a>,
    mut each: impl FnMut(&mut Cursor<'a>, i64, u8) -> Option<()>,
) -> Option<()> {
    let mut id = 0_i64;
    loop {
        let head = cursor.u8()?;
        if head == 0 {
            return Some(());
        }
        id = match head >> 4 {
            0 => zigzag(cursor)?,
            step => id.saturating_add(step.into()),
        };
        each(cursor, id, head & 0x0f)?;
    }
}

/// Length and element type of a list.
pub(super) fn list(cursor: &mut Cursor<'_>) -> Option<(u64, u8)> {
    let head = cursor.u8()?;
    let count = match head >> 4 {
        15 => varint(cursor)?,
        count => count.into(),
    };
    Some((count, head & 0x0f))
}

pub(super) fn binary<'a>(cursor: &mut Cursor<'a>) -> Option<&'a [u8]> {
    let length = usize::try_from(varint(cursor)?).ok()?;
    cursor.take(length)
}

pub(super) fn varint(cursor: &mut Cursor<'_>) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = cursor.u8()?;
        number |= u64::from(byte & 0x7f).wrapping_shl(shift);
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

pub(super) fn zigzag(cursor: &mut Cursor<'_>) -> Option<i64> {
    varint(cursor).map(signed)
}

fn signed(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ (number & 1).cast_signed().wrapping_neg()
}

/// The number that begins at `at`, for bytes that are no structure.
pub(super) fn varint_at(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut cursor = Cursor::new(bytes.get(*at..)?);
    let number = varint(&mut cursor)?;
    *at = at.checked_add(cursor.position())?;
    Some(number)
}

/// The same, of a number with a sign.
pub(super) fn zigzag_at(bytes: &[u8], at: &mut usize) -> Option<i64> {
    varint_at(bytes, at).map(signed)
}

/// A number that is not negative.
pub(super) fn count(cursor: &mut Cursor<'_>) -> Option<u64> {
    u64::try_from(zigzag(cursor)?).ok()
}

/// Passes over a value. Each element of a list takes a byte at least, so no length makes this long.
pub(super) fn skip(cursor: &mut Cursor<'_>, kind: u8, deeper: u8) -> Option<()> {
    let deeper = deeper.checked_sub(1)?;
    match kind {
        TRUE | FALSE => {}
        BYTE => cursor.skip(1)?,
        I16 | I32 | I64 => {
            varint(cursor)?;
        }
        DOUBLE => cursor.skip(8)?,
        BINARY => {
            binary(cursor)?;
        }
        LIST | SET => {
            let (count, kind) = list(cursor)?;
            for _ in 0..count {
                skip_element(cursor, kind, deeper)?;
            }
        }
        MAP => {
            let count = varint(cursor)?;
            let kinds = if count == 0 { 0 } else { cursor.u8()? };
            for _ in 0..count {
                skip_element(cursor, kinds >> 4, deeper)?;
                skip_element(cursor, kinds & 0x0f, deeper)?;
            }
        }
        STRUCT => structure(cursor, |cursor, _, kind| skip(cursor, kind, deeper))?,
        _ => return None,
    }
    Some(())
}

/// A truth value has no bytes of its own as a field, but one as an element.
fn skip_element(cursor: &mut Cursor<'_>, kind: u8, deeper: u8) -> Option<()> {
    match kind {
        TRUE | FALSE => cursor.skip(1),
        _ => skip(cursor, kind, deeper),
    }
}
