//! TCP (RFC 9293), UDP (RFC 768), SCTP (RFC 9260) and ICMP (RFC 792, RFC 4443).

use super::{StopReason, Tcp};
use evidence::Cursor;

pub(crate) const ICMP: u8 = 1;
pub(crate) const TCP: u8 = 6;
pub(crate) const UDP: u8 = 17;
pub(crate) const ICMPV6: u8 = 58;
pub(crate) const SCTP: u8 = 132;

/// What the header behind IP says.
#[derive(Default)]
pub(super) struct Transport {
    pub(super) ports: Option<(u16, u16)>,
    pub(super) tcp: Option<Tcp>,
    pub(super) icmp: Option<(u8, u8)>,
    pub(super) header_length: usize,
    /// The payload's length by the header's own word.
    pub(super) payload_limit: Option<u32>,
    pub(super) stop: Option<StopReason>,
}

impl Transport {
    /// A header that was not captured.
    pub(super) fn unread() -> Self {
        Self { stop: Some(StopReason::Cut), ..Self::default() }
    }
}

/// Reads the header at the start of `bytes`, the captured part of what IP carries.
#[inline]
pub(super) fn read(protocol: u8, bytes: &[u8]) -> Transport {
    let mut cursor = Cursor::new(bytes);
    let read = match protocol {
        TCP => tcp(&mut cursor),
        UDP => udp(&mut cursor),
        SCTP => ports(&mut cursor).map(|ports| Transport {
            ports,
            header_length: 12,
            ..Transport::default()
        }),
        ICMP | ICMPV6 => cursor.u8().zip(cursor.u8()).map(|icmp| Transport {
            icmp: Some(icmp),
            header_length: 8,
            ..Transport::default()
        }),
        _ => Some(Transport::default()),
    };
    read.unwrap_or_else(Transport::unread)
}

#[inline]
fn ports(cursor: &mut Cursor<'_>) -> Option<Option<(u16, u16)>> {
    Some(cursor.be16().zip(cursor.be16())).filter(Option::is_some)
}

#[inline]
fn udp(cursor: &mut Cursor<'_>) -> Option<Transport> {
    let ports = ports(cursor)?;
    let limit = cursor.be16().and_then(|length| length.checked_sub(8));
    Some(Transport {
        ports,
        header_length: 8,
        payload_limit: limit.map(u32::from),
        ..Transport::default()
    })
}

/// A truncated mirror may end within the header: its ports are worth having alone.
#[inline]
fn tcp(cursor: &mut Cursor<'_>) -> Option<Transport> {
    let ports = ports(cursor)?;
    let read = || {
        let (seq, ack) = (cursor.be32()?, cursor.be32()?);
        let header_length = (cursor.u8()? >> 4).saturating_mul(4);
        Some(Tcp { seq, ack, flags: cursor.u8()?, window: cursor.be16()?, header_length })
    };
    let (mut read, mut transport) = (read, Transport { ports, ..Transport::default() });
    match read() {
        Some(tcp) if tcp.header_length >= 20 => {
            transport.header_length = tcp.header_length.into();
            transport.tcp = Some(tcp);
        }
        Some(_) => transport.stop = Some(StopReason::Malformed),
        None => transport.stop = Some(StopReason::Cut),
    }
    Some(transport)
}
