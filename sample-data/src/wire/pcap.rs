//! Capture files: pcap with microseconds, pcapng with nanoseconds, both little-endian and in time order.

use std::io::{self, Write};

use crate::clock::{MICRO, Nanos, SECOND};

const SNAPLEN: u32 = 262_144;
const ETHERNET: u32 = 1;

/// Which of the two formats.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Format {
    Pcap,
    Pcapng,
}

/// Write what stands before the first packet.
pub(crate) fn begin(out: &mut dyn Write, format: Format) -> io::Result<()> {
    match format {
        Format::Pcap => {
            out.write_all(&0xA1B2_C3D4_u32.to_le_bytes())?;
            out.write_all(&[2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0])?;
            out.write_all(&SNAPLEN.to_le_bytes())?;
            out.write_all(&ETHERNET.to_le_bytes())
        }
        Format::Pcapng => {
            let mut section = Vec::new();
            section.extend_from_slice(&0x1A2B_3C4D_u32.to_le_bytes());
            section.extend_from_slice(&[1, 0, 0, 0]);
            section.extend_from_slice(&u64::MAX.to_le_bytes());
            option(&mut section, 3, b"Linux 6.8.0-1021-aws");
            option(&mut section, 4, b"dumpcap");
            option(&mut section, 0, b"");
            block(out, 0x0A0D_0D0A, &section)?;
            let mut interface = Vec::new();
            interface.extend_from_slice(&ETHERNET.to_le_bytes());
            interface.extend_from_slice(&SNAPLEN.to_le_bytes());
            option(&mut interface, 2, b"ens5");
            option(&mut interface, 9, &[9]);
            option(&mut interface, 11, b"\0udp port 4789");
            option(&mut interface, 0, b"");
            block(out, 1, &interface)
        }
    }
}

/// Write one whole frame.
pub(crate) fn packet(
    out: &mut dyn Write,
    format: Format,
    at: Nanos,
    frame: &[u8],
) -> io::Result<()> {
    let length = (frame.len() as u32).to_le_bytes();
    let mut body = Vec::with_capacity(frame.len() + 24);
    match format {
        Format::Pcap => {
            body.extend_from_slice(&((at / SECOND) as u32).to_le_bytes());
            body.extend_from_slice(&((at % SECOND / MICRO) as u32).to_le_bytes());
            body.extend_from_slice(&length);
            body.extend_from_slice(&length);
            body.extend_from_slice(frame);
            out.write_all(&body)
        }
        Format::Pcapng => {
            body.extend_from_slice(&0_u32.to_le_bytes());
            body.extend_from_slice(&((at >> 32) as u32).to_le_bytes());
            body.extend_from_slice(&(at as u32).to_le_bytes());
            body.extend_from_slice(&length);
            body.extend_from_slice(&length);
            body.extend_from_slice(frame);
            pad(&mut body);
            block(out, 6, &body)
        }
    }
}

/// Write what stands after the last packet: pcapng says how many the interface received and dropped.
pub(crate) fn end(out: &mut dyn Write, format: Format, at: Nanos, packets: u64) -> io::Result<()> {
    if format == Format::Pcap {
        return Ok(());
    }
    let mut body = vec![0; 4];
    body.extend_from_slice(&((at >> 32) as u32).to_le_bytes());
    body.extend_from_slice(&(at as u32).to_le_bytes());
    option(&mut body, 4, &packets.to_le_bytes());
    option(&mut body, 5, &0_u64.to_le_bytes());
    option(&mut body, 0, b"");
    block(out, 5, &body)
}

fn block(out: &mut dyn Write, kind: u32, body: &[u8]) -> io::Result<()> {
    let length = (body.len() as u32 + 12).to_le_bytes();
    out.write_all(&kind.to_le_bytes())?;
    out.write_all(&length)?;
    out.write_all(body)?;
    out.write_all(&length)
}

fn option(out: &mut Vec<u8>, code: u16, value: &[u8]) {
    out.extend_from_slice(&code.to_le_bytes());
    out.extend_from_slice(&(value.len() as u16).to_le_bytes());
    out.extend_from_slice(value);
    pad(out);
}

fn pad(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(4), 0);
}
