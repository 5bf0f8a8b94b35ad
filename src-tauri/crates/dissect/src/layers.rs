//! One captured frame as layers, outer to inner, each field with the bytes it stands on.

mod arp;
mod checksum;
mod ethernet;
mod geneve;
mod gre;
mod icmp;
mod ipv4;
mod ipv6;
mod label;
mod numbers;
mod reader;
mod sll;
mod tcp;
mod udp;
mod vxlan;

#[cfg(test)]
mod tests;

use evidence::Anomaly;
use reader::{Inside, LayerReader, Next};
use std::ops::Range;

/// Layers read from one frame. A tunnel in a tunnel in a tunnel needs 16; a frame of headers alone would
/// otherwise cost a layer every four bytes.
const DEPTH_CAP: usize = 32;

/// One protocol's header in a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// Wireshark's protocol name where one exists: `eth`, `ip`, `tcp`; `data` for what nothing here reads,
    /// `trailer` for bytes behind the length that a header states.
    pub protocol: &'static str,
    /// One line for people.
    pub title: String,
    /// The header's bytes within the frame.
    pub range: Range<usize>,
    /// In the order of their bytes.
    pub fields: Vec<Field>,
    /// What breaks the protocol's rules. Offsets count from the start of the frame.
    pub anomalies: Vec<Anomaly>,
}

/// One field of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Wireshark's field name where one exists, for example `ip.src`.
    pub name: &'static str,
    /// The value for people.
    pub value: String,
    /// Its bytes within the frame; a field of bits names the bytes that hold it.
    pub range: Range<usize>,
    /// What it is made of: flags, options.
    pub fields: Vec<Field>,
}

/// The layers of a whole captured frame, outer to inner, down to the payload.
///
/// `link_type` is the pcap LINKTYPE number (<https://www.tcpdump.org/linktypes.html>). A header that the
/// capture cut keeps the fields that are there and says so in its anomalies.
pub fn layers(link_type: u16, bytes: &[u8]) -> Vec<Layer> {
    let mut layers: Vec<Layer> = Vec::new();
    let mut trailers = Vec::new();
    let mut inside = Some(Inside::new(Next::Link(link_type), 0..bytes.len()));
    while let Some(now) = inside.take() {
        if layers.len() >= DEPTH_CAP && !matches!(now.next, Next::Data) {
            layers.push(too_deep(bytes, now.range));
            break;
        }
        let end = now.range.end;
        let (layer, next) = read(bytes, now);
        layers.extend(layer);
        inside = next;
        if let Some(next) = &inside
            && next.range.end < end
        {
            trailers.push(trailer(next.range.end..end));
        }
    }
    // The inner trailer stands before the outer one.
    layers.extend(trailers.into_iter().rev());
    layers
}

/// Reads one layer; answers it and what stands inside it.
fn read(frame: &[u8], inside: Inside) -> (Option<Layer>, Option<Inside>) {
    let Inside { next, range, complete, network } = inside;
    let mut reader = LayerReader::new(frame, range, complete);
    let inner = match next {
        Next::Link(1) => ethernet::read(&mut reader),
        Next::Link(9 | 50) | Next::Ppp => label::read_ppp(&mut reader),
        Next::Link(113) => sll::read(&mut reader),
        Next::Link(276) => sll::read_v2(&mut reader),
        // 12 and 14 are what some systems write for LINKTYPE_RAW, which is 101.
        Next::Link(12 | 14 | 101 | 228 | 229) => return (None, Some(raw(&reader))),
        Next::Link(other) => {
            let start = reader.position();
            reader.anomaly("layer.link_type", start..start, "a link type that is read", other);
            data(&mut reader)
        }
        Next::EtherType(0x0800) => ipv4::read(&mut reader),
        Next::EtherType(0x86dd) => ipv6::read(&mut reader),
        Next::EtherType(0x0806) => arp::read(&mut reader),
        Next::EtherType(0x8100 | 0x88a8 | 0x9100) => ethernet::read_vlan(&mut reader),
        Next::EtherType(0x8847 | 0x8848) => label::read_mpls(&mut reader),
        Next::EtherType(0x8864) => label::read_pppoe(&mut reader),
        Next::Erspan => gre::read_erspan(&mut reader),
        // A packet straight inside IP: no header stands between them.
        Next::Transport(4) => return (None, Some(reader.inside(Next::EtherType(0x0800)))),
        Next::Transport(41) => return (None, Some(reader.inside(Next::EtherType(0x86dd)))),
        Next::Transport(137) => return (None, Some(reader.inside(Next::EtherType(0x8847)))),
        Next::Transport(number) => transport(&mut reader, number, network.as_ref()),
        Next::Vxlan => vxlan::read(&mut reader),
        Next::Geneve => geneve::read(&mut reader),
        Next::EtherType(_) | Next::Data if reader.remaining() == 0 => return (None, None),
        Next::EtherType(_) | Next::Data => data(&mut reader),
    };
    let (layer, inner) = reader.finish(inner);
    (Some(layer), inner)
}

fn transport(
    reader: &mut LayerReader<'_>,
    number: u8,
    network: Option<&reader::Network>,
) -> Option<Option<Inside>> {
    match number {
        1 => icmp::read_v4(reader),
        6 => tcp::read(reader, network),
        17 => udp::read(reader, network),
        47 => gre::read(reader),
        58 => icmp::read_v6(reader, network),
        _ => data(reader),
    }
}

/// Raw IP: the first four bits say which.
fn raw(reader: &LayerReader<'_>) -> Inside {
    match reader.rest().first().map(|byte| byte >> 4) {
        Some(4) => reader.inside(Next::EtherType(0x0800)),
        Some(6) => reader.inside(Next::EtherType(0x86dd)),
        _ => reader.inside(Next::Data),
    }
}

fn data(reader: &mut LayerReader<'_>) -> Option<Option<Inside>> {
    let length = reader.remaining();
    reader.name("data", format!("Payload, {length} bytes"));
    reader.field("data.data", length, |bytes| evidence::show_bytes(bytes, 64))?;
    Some(None)
}

fn trailer(range: Range<usize>) -> Layer {
    let title = format!("Trailer, {} bytes", range.len());
    Layer { protocol: "trailer", title, range, fields: Vec::new(), anomalies: Vec::new() }
}

fn too_deep(frame: &[u8], range: Range<usize>) -> Layer {
    let mut reader = LayerReader::new(frame, range.clone(), true);
    reader.anomaly("layer.too_deep", range, format!("at most {DEPTH_CAP} layers"), "more");
    let inner = data(&mut reader);
    reader.finish(inner).0
}
