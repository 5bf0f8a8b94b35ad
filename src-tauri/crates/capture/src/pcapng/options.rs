//! Options: code, length, value, padded to four bytes; code 0 ends them.

use crate::byte_order::ByteOrder;
use evidence::Cursor;

pub(super) const COMMENT: u16 = 1;

/// The options that stand in `bytes`, in order, up to their end mark or to damage.
pub(super) fn options(
    order: ByteOrder,
    bytes: &[u8],
) -> impl Iterator<Item = (u16, &[u8])> + use<'_> {
    let mut cursor = Cursor::new(bytes);
    std::iter::from_fn(move || {
        let code = order.u16(&mut cursor).filter(|code| *code != 0)?;
        let length = usize::from(order.u16(&mut cursor)?);
        let value = cursor.take(length)?;
        // The last value may lack its padding: what was read of it stands.
        cursor.skip(padding(length)).or_else(|| cursor.skip(cursor.remaining()))?;
        Some((code, value))
    })
}

/// How many bytes are missing to a multiple of four.
pub(super) fn padding(length: usize) -> usize {
    length.wrapping_neg() & 3
}
