//! Stacks of MPLS labels (RFC 3032) and Ethernet pseudowires (RFC 4448).

use super::{Layer, Next, Stop, StopReason, link, stopped};
use evidence::Cursor;

const BOTTOM_OF_STACK: u32 = 0x100;

/// Passes the label stack at `at`. No label says what it carries: as routers do, the first four bits are
/// believed that are an IP version (RFC 4928), and a control word of a pseudowire only if it is all zero but
/// for its sequence number and an Ethernet frame with an IP packet follows.
pub(super) fn stack(data: &[u8], at: usize) -> Result<Next, Stop> {
    let cut = stopped(Layer::Tunnel, at, StopReason::Cut);
    let mut cursor = Cursor::new(data);
    cursor.skip(at).ok_or(cut)?;
    while cursor.be32().ok_or(cut)? & BOTTOM_OF_STACK == 0 {}
    let at = cursor.position();
    match cursor.rest().first().ok_or(cut)? >> 4 {
        version @ (4 | 6) => Ok(Next::Ip { at, version }),
        0 if pseudowire(cursor.rest()) => Ok(Next::Ethernet(at.saturating_add(4))),
        _ => Err(stopped(Layer::Tunnel, at, StopReason::NotIp)),
    }
}

fn pseudowire(bytes: &[u8]) -> bool {
    let mut cursor = Cursor::new(bytes);
    cursor.be16() == Some(0) && cursor.skip(2).is_some() && link::plausible(cursor.rest(), true)
}

/// Whether these bytes are labels with an IP packet behind them, where only a port tells that they are labels
/// (RFC 7510): there are four at most, and the packet is there.
pub(super) fn leads_to_ip(bytes: &[u8]) -> bool {
    let mut cursor = Cursor::new(bytes);
    for _ in 0..4 {
        let Some(entry) = cursor.be32() else { return false };
        if entry & BOTTOM_OF_STACK != 0 {
            return match cursor.rest().first() {
                Some(0x45..=0x4f) => true,
                Some(first) => first >> 4 == 6,
                None => false,
            };
        }
    }
    false
}
