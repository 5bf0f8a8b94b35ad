//! IPv4 (RFC 791) and IPv6 with its extension headers (RFC 8200, RFC 4302).

use super::{Fragment, Layer, Stop, StopReason, stopped};
use evidence::{Address, Cursor};

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const AUTHENTICATION: u8 = 51;
const NO_NEXT_HEADER: u8 = 59;
const DESTINATION: u8 = 60;

/// What an IP header says; offsets from the first captured byte.
pub(super) struct Header {
    pub(super) source: Address,
    pub(super) destination: Address,
    pub(super) protocol: u8,
    pub(super) length: u32,
    pub(super) fragment: Option<Fragment>,
    pub(super) transport: usize,
    /// Set if the addresses were read, but not the way to what the packet carries.
    pub(super) stop: Option<Stop>,
}

/// Reads the IP header at `at`, which must be of this version.
#[inline]
pub(super) fn read(data: &[u8], at: usize, version: u8) -> Result<Header, Stop> {
    let cut = stopped(Layer::Network, at, StopReason::Cut);
    let packet = data.get(at..).ok_or(cut)?;
    let first = packet.first().ok_or(cut)?;
    if first >> 4 != version {
        return Err(stopped(Layer::Network, at, StopReason::Malformed));
    }
    match version {
        4 => v4(packet, at, first & 0x0f),
        _ => v6(packet, at).ok_or(cut),
    }
}

#[inline]
fn v4(packet: &[u8], at: usize, words: u8) -> Result<Header, Stop> {
    let header_length = usize::from(words).saturating_mul(4);
    let cut = stopped(Layer::Network, at, StopReason::Cut);
    let (fields, addresses) = packet.split_first_chunk::<12>().ok_or(cut)?;
    let &[_, _, t0, t1, i0, i1, p0, p1, _, protocol, ..] = fields;
    let [total, id, place] = [[t0, t1], [i0, i1], [p0, p1]].map(u16::from_be_bytes);
    let (source, addresses) = addresses.split_first_chunk::<4>().ok_or(cut)?;
    let destination = addresses.first_chunk::<4>().ok_or(cut)?;
    let contradicts = total > 0 && usize::from(total) < header_length;
    if header_length < 20 || contradicts {
        return Err(stopped(Layer::Network, at, StopReason::Malformed));
    }
    // Segmentation offload hands out packets whose length is not filled in.
    let length = if total == 0 { super::short(packet.len()) } else { u32::from(total) };
    let more = place & 0x2000 != 0;
    let offset = u32::from(place & 0x1fff).saturating_mul(8);
    let stop = (header_length > packet.len()).then_some(cut);
    let header = Header {
        source: (*source).into(),
        destination: (*destination).into(),
        protocol,
        length,
        fragment: (more || offset > 0).then_some(Fragment { id: id.into(), offset, more }),
        transport: at.saturating_add(header_length),
        stop,
    };
    match protocol {
        AUTHENTICATION if stop.is_none() => Ok(header.authenticated(packet, at, header_length)),
        _ => Ok(header),
    }
}

#[inline]
fn v6(packet: &[u8], at: usize) -> Option<Header> {
    let mut cursor = Cursor::new(packet);
    cursor.skip(4)?;
    let payload = cursor.be16()?;
    let next = cursor.u8()?;
    cursor.skip(1)?;
    let source = cursor.array::<16>()?.into();
    let destination = cursor.array::<16>()?.into();
    // A length of 0 stands for a jumbogram (RFC 2675) or for segmentation offload.
    let length = if payload == 0 && next != NO_NEXT_HEADER {
        super::short(packet.len())
    } else {
        u32::from(payload).saturating_add(40)
    };
    let mut header = Header {
        source,
        destination,
        protocol: next,
        length,
        fragment: None,
        transport: at.saturating_add(40),
        stop: None,
    };
    let within = packet.get(..length as usize).unwrap_or(packet);
    let mut extensions = Cursor::new(within);
    extensions.skip(40)?;
    header.pass(&mut extensions, at, |_| true);
    Some(header)
}

impl Header {
    /// An IPv4 header of this length, and the authentication headers behind it. The other headers that IPv6 chains mean
    /// nothing in IPv4: a fragment header would make a fragment of a packet that is none.
    #[cold]
    fn authenticated(mut self, packet: &[u8], at: usize, length: usize) -> Self {
        let mut extensions = Cursor::new(packet.get(..self.length as usize).unwrap_or(packet));
        // It was read, so that it is there.
        if extensions.skip(length).is_some() {
            self.pass(&mut extensions, at, |kind| kind == AUTHENTICATION);
        }
        self
    }

    /// Passes over extension headers of these kinds, the first of which is the header's protocol. A later fragment has none.
    fn pass(&mut self, extensions: &mut Cursor<'_>, at: usize, passes: impl Fn(u8) -> bool) {
        while passes(self.protocol) && self.fragment.is_none_or(|fragment| fragment.offset == 0) {
            let Some(step) = extension(self.protocol, extensions) else { break };
            let Some((next, fragment)) = step else {
                self.stop = Some(stopped(Layer::Network, self.transport, StopReason::Cut));
                break;
            };
            self.protocol = next;
            self.fragment = fragment.or(self.fragment);
            self.transport = at.saturating_add(extensions.position());
        }
    }
}

type Extension = (u8, Option<Fragment>);

/// Reads an extension header: none if it is not one, `Some(None)` if it was cut, else the number of the
/// next header. Each is at least eight bytes long, so that a chain of them ends with the packet.
fn extension(kind: u8, cursor: &mut Cursor<'_>) -> Option<Option<Extension>> {
    let sized = |cursor: &mut Cursor<'_>, unit: usize, extra: usize| {
        let next = cursor.u8()?;
        let words = usize::from(cursor.u8()?).saturating_add(extra);
        cursor.skip(words.saturating_mul(unit).saturating_sub(2))?;
        Some((next, None))
    };
    match kind {
        HOP_BY_HOP | ROUTING | DESTINATION => Some(sized(cursor, 8, 1)),
        AUTHENTICATION => Some(sized(cursor, 4, 2)),
        FRAGMENT => Some(fragment(cursor)),
        _ => None,
    }
}

fn fragment(cursor: &mut Cursor<'_>) -> Option<Extension> {
    let mut fields = Cursor::new(cursor.take(8)?);
    let next = fields.u8()?;
    fields.skip(1)?;
    let place = fields.be16()?;
    let id = fields.be32()?;
    let (offset, more) = (u32::from(place & 0xfff8), place & 1 != 0);
    // An "atomic" fragment (RFC 6946) is a whole packet.
    Some((next, (more || offset > 0).then_some(Fragment { id, offset, more })))
}
