//! IPv4 (RFC 791), with its options.

use super::checksum;
use super::numbers::ip_protocol;
use super::reader::{Inside, LayerReader, Network, Next, address, hex, hex16};

pub(super) fn read(reader: &mut LayerReader<'_>) -> Option<Option<Inside>> {
    reader.name("ip", "IPv4");
    let header = reader.rest();
    let start = reader.position();
    let first = reader.u8("ip.version", |value| (value >> 4).to_string())?;
    reader.bits("ip.hdr_len", format!("{} bytes", header_length(first)));
    if first >> 4 != 4 || header_length(first) < 20 {
        reader.anomaly(
            "ip.header",
            start..reader.position(),
            "version 4, at least 20 bytes",
            hex(&[first]),
        );
        return Some(Some(reader.inside(Next::Data)));
    }
    let service = reader.u8("ip.dsfield", |value| format!("0x{value:02x}"))?;
    reader.bits("ip.dsfield.dscp", service >> 2);
    reader.bits("ip.dsfield.ecn", service & 3);
    let total = reader.be16("ip.len", |value| value.to_string())?;
    reader.be16("ip.id", hex16)?;
    let fragment = reader.be16("ip.flags", hex16)?;
    let (more, offset) = (fragment & 0x2000 != 0, usize::from(fragment & 0x1fff).saturating_mul(8));
    reader.bits("ip.flags.df", u8::from(fragment & 0x4000 != 0));
    reader.bits("ip.flags.mf", u8::from(more));
    reader.bits("ip.frag_offset", offset);
    reader.u8("ip.ttl", |value| value.to_string())?;
    let protocol = reader.u8("ip.proto", ip_protocol)?;
    reader.be16("ip.checksum", hex16)?;
    checksum::mark(reader, header.get(..header_length(first)).map(|all| checksum::holds(&[all])));
    let source = reader.field("ip.src", 4, address)?;
    let target = reader.field("ip.dst", 4, address)?;
    reader.name("ip", format!("IPv4, {} → {}", address(source), address(target)));
    let options = header_length(first).saturating_sub(reader.passed());
    if options > 0 {
        reader.open();
        read_options(reader, options)?;
        reader.close("ip.options", format!("{options} bytes"));
    }

    let next = match offset {
        0 => Next::Transport(protocol),
        _ => Next::Data,
    };
    // Segmentation offload leaves 0 as the total length: then the frame's end is all there is to go by.
    let mut inside = match usize::from(total).checked_sub(header_length(first)) {
        Some(length) => reader.inside_of(next, length),
        None if total == 0 => reader.inside(next),
        None => {
            let expected = format!("at least {} bytes", header_length(first));
            let field = start.saturating_add(2)..start.saturating_add(4);
            reader.anomaly("ip.len", field, expected, total);
            reader.inside(next)
        }
    };
    inside.complete &= !more && offset == 0;
    inside.network = Some(Network { addresses: [source, target].concat() });
    Some(Some(inside))
}

fn header_length(first: u8) -> usize {
    usize::from(first & 0x0f).saturating_mul(4)
}

fn read_options(reader: &mut LayerReader<'_>, length: usize) -> Option<()> {
    let end = reader.passed().saturating_add(length);
    while reader.passed() < end {
        let left = end.saturating_sub(reader.passed());
        let kind = *reader.rest().first()?;
        let size = match kind {
            0 | 1 => 1,
            _ => usize::from(*reader.rest().get(1)?),
        };
        if size == 0 || size > left || (kind > 1 && size < 2) {
            let start = reader.position();
            reader.anomaly(
                "ip.option_length",
                start..start.saturating_add(left),
                format!("2 to {left}"),
                size,
            );
            reader.field("ip.opt", left, hex)?;
            return Some(());
        }
        let name = match kind & 0x9f {
            0 => "end of options",
            1 => "no operation",
            7 => "record route",
            0x82 => "security",
            0x83 => "loose source route",
            0x84 => "time stamp",
            0x89 => "strict source route",
            0x94 => "router alert",
            _ => "option",
        };
        reader.field("ip.opt", size, |bytes| format!("{name} ({kind}): {}", hex(bytes)))?;
    }
    Some(())
}
