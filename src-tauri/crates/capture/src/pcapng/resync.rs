//! Finding the next block after damage.

use super::{
    DECRYPTION_SECRETS, ENHANCED_PACKET, FRAME, Head, INTERFACE_DESCRIPTION, INTERFACE_STATISTICS,
    NAME_RESOLUTION, PACKET, SECTION_HEADER, SIMPLE_PACKET,
};
use crate::byte_order::ByteOrder;
use crate::window::Window;
use std::io;

/// The head of a block of a type that the format defines.
pub(super) fn known(order: ByteOrder, bytes: &[u8]) -> Option<Head> {
    let head = Head::read(order, bytes).ok()?;
    matches!(
        head.kind,
        SECTION_HEADER
            | INTERFACE_DESCRIPTION
            | PACKET
            | SIMPLE_PACKET
            | NAME_RESOLUTION
            | INTERFACE_STATISTICS
            | ENHANCED_PACKET
            | DECRYPTION_SECRETS
    )
    .then_some(head)
}

/// Passes over the block that the window stands at, up to the next one of a known type whose two lengths
/// agree, or to the end. Gives the number of bytes that were passed over.
pub(super) fn skip_damage(window: &mut Window<'_>, order: ByteOrder) -> io::Result<u64> {
    let from = window.offset();
    window.pass(1);
    loop {
        let bytes = window.fill(FRAME)?;
        if bytes.len() < FRAME {
            window.drain()?;
            break;
        }
        if let Some(head) = known(order, bytes)
            && head.closes(window.fill(head.length)?)
        {
            break;
        }
        window.pass(1);
    }
    Ok(window.offset().saturating_sub(from))
}
