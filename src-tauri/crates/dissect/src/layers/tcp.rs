//! TCP (RFC 9293), with its options.

use super::checksum;
use super::reader::{Inside, LayerReader, Network, Next, hex, hex16};

const FLAGS: [(u16, &str, &str); 9] = [
    (0x100, "tcp.flags.ae", "AE"),
    (0x080, "tcp.flags.cwr", "CWR"),
    (0x040, "tcp.flags.ece", "ECE"),
    (0x020, "tcp.flags.urg", "URG"),
    (0x010, "tcp.flags.ack", "ACK"),
    (0x008, "tcp.flags.push", "PSH"),
    (0x004, "tcp.flags.reset", "RST"),
    (0x002, "tcp.flags.syn", "SYN"),
    (0x001, "tcp.flags.fin", "FIN"),
];

pub(super) fn read(
    reader: &mut LayerReader<'_>,
    network: Option<&Network>,
) -> Option<Option<Inside>> {
    reader.name("tcp", "TCP");
    let segment = reader.rest();
    let start = reader.position();
    let from = reader.be16("tcp.srcport", |value| value.to_string())?;
    let to = reader.be16("tcp.dstport", |value| value.to_string())?;
    reader.name("tcp", format!("TCP, {from} → {to}"));
    let sequence = reader.be32("tcp.seq_raw", |value| value.to_string())?;
    reader.be32("tcp.ack_raw", |value| value.to_string())?;
    let control = reader.be16("tcp.flags", |value| flag_names(value).join(", "))?;
    let length = usize::from(control >> 12).saturating_mul(4);
    reader.bits("tcp.hdr_len", format!("{length} bytes"));
    for (bit, name, _) in FLAGS {
        reader.bits(name, u8::from(control & bit != 0));
    }
    let flags = flag_names(control).join(", ");
    reader.name("tcp", format!("TCP, {from} → {to} [{flags}] seq {sequence}"));
    reader.be16("tcp.window_size_value", |value| value.to_string())?;
    reader.be16("tcp.checksum", hex16)?;
    let checked = network
        .filter(|_| reader.complete)
        .map(|network| checksum::transport_holds(network, 6, segment));
    checksum::mark(reader, checked);
    reader.be16("tcp.urgent_pointer", |value| value.to_string())?;
    match length.checked_sub(20) {
        None => {
            let field = start.saturating_add(12)..start.saturating_add(13);
            reader.anomaly("tcp.hdr_len", field, "at least 20 bytes", length);
        }
        Some(0) => {}
        Some(options) => {
            reader.open();
            read_options(reader, options)?;
            reader.close("tcp.options", format!("{options} bytes"));
        }
    }
    Some(Some(reader.inside(Next::Data)))
}

fn flag_names(control: u16) -> Vec<&'static str> {
    FLAGS.iter().rev().filter(|(bit, ..)| control & bit != 0).map(|(.., name)| *name).collect()
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
                "tcp.option_length",
                start..start.saturating_add(left),
                format!("2 to {left}"),
                size,
            );
            reader.field("tcp.options.unknown", left, hex)?;
            return Some(());
        }
        read_option(reader, kind, size)?;
    }
    Some(())
}

fn read_option(reader: &mut LayerReader<'_>, kind: u8, size: usize) -> Option<()> {
    let name = match kind {
        0 => "tcp.options.eol",
        1 => "tcp.options.nop",
        2 => "tcp.options.mss_val",
        3 => "tcp.options.wscale.shift",
        4 => "tcp.options.sack_perm",
        5 => "tcp.options.sack",
        8 => "tcp.options.timestamp",
        _ => "tcp.options.unknown",
    };
    let word = |bytes: &[u8], at: usize| {
        let four = at.checked_add(4).and_then(|end| bytes.get(at..end));
        four.and_then(|four| <[u8; 4]>::try_from(four).ok()).map_or(0, u32::from_be_bytes)
    };
    reader.field(name, size, |bytes| match (kind, bytes) {
        (0, _) => "end of options".to_owned(),
        (1, _) => "no operation".to_owned(),
        (2, [_, _, high, low]) => {
            format!("maximum segment size {}", u16::from_be_bytes([*high, *low]))
        }
        (3, [_, _, shift]) => format!("window scale {shift}"),
        (4, [_, _]) => "selective acknowledgement permitted".to_owned(),
        (5, _) if size % 8 == 2 => {
            let edges = (2..size)
                .step_by(8)
                .map(|at| format!("{}..{}", word(bytes, at), word(bytes, at.saturating_add(4))));
            format!("acknowledges {}", edges.collect::<Vec<_>>().join(", "))
        }
        (8, _) if size == 10 => format!("value {}, echo {}", word(bytes, 2), word(bytes, 6)),
        _ => format!("option {kind}: {}", hex(bytes)),
    })?;
    Some(())
}
