//! An IP packet and the header behind it.

use super::{Inner, Layer, Stop, StopReason, network, short, stopped, transport};

/// Reads the IP packet at `at`, which must be of this version, and what stopped the reading of it.
#[inline]
pub(super) fn read(
    data: &[u8],
    ethernet: Option<usize>,
    at: usize,
    version: u8,
    into: &mut Option<Inner>,
) -> Result<Option<Stop>, Stop> {
    let header = network::read(data, at, version)?;
    // Whatever follows the IP packet is padding or a frame check sequence.
    let end = at.saturating_add(header.length as usize).min(data.len());
    let bytes = data.get(..end).unwrap_or_default();
    let header_length = header.transport.saturating_sub(at) as u32;
    let content = header.length.saturating_sub(header_length);
    let first = header.fragment.is_none_or(|fragment| fragment.offset == 0);
    let transport = match header.stop {
        None if first => {
            let captured = bytes.get(header.transport..).unwrap_or_default();
            transport::read(header.protocol, captured)
        }
        None => transport::Transport::default(),
        Some(_) => transport::Transport::unread(),
    };
    let payload = header.transport.saturating_add(transport.header_length);
    let truncated = header.length as usize > data.len().saturating_sub(at);
    let overlong = transport.header_length as u32 > content;
    let payload_length = if transport.stop.is_some() || overlong {
        0
    } else {
        let behind = content.saturating_sub(transport.header_length as u32);
        transport.payload_limit.map_or(behind, |limit| behind.min(limit))
    };
    let fault = transport.stop.or(overlong.then_some(StopReason::Malformed));
    let inner = into.insert(Inner {
        ethernet_offset: ethernet.map(short),
        network_offset: short(at),
        version,
        source: header.source,
        destination: header.destination,
        protocol: header.protocol,
        inner_length: header.length,
        truncated,
        fragment: header.fragment,
        transport_offset: short(header.transport),
        ports: transport.ports,
        tcp: transport.tcp,
        icmp: transport.icmp,
        payload_offset: short(payload),
        payload_length,
        payload_captured: payload_length.min(short(bytes.len().saturating_sub(payload))),
    });
    let stop = header
        .stop
        .or_else(|| fault.map(|reason| stopped(Layer::Transport, header.transport, reason)))
        .map(|stop| stop.behind(inner));
    Ok(stop)
}
