//! A reader of the generated captures, just good enough to hold them against the flow logs and the truth.

use std::fs;
use std::io::Read;
use std::net::IpAddr;
use std::path::Path;

use flate2::read::MultiGzDecoder;

/// A mirrored packet.
pub struct Mirrored {
    /// Unix time in nanoseconds.
    pub at: i64,
    pub vni: u32,
    pub outer_src: IpAddr,
    /// IPv4 header of the outer packet.
    pub outer_header: Vec<u8>,
    pub outer_length: usize,
    /// From the inner IP header on, perhaps cut.
    pub packet: Vec<u8>,
    pub src: IpAddr,
    pub dst: IpAddr,
    pub protocol: u8,
    pub srcport: u16,
    pub dstport: u16,
    /// IP total length as the header says.
    pub length: usize,
}

/// A file's content, inflated where it is gzip.
pub fn content(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).unwrap();
    if !bytes.starts_with(&[0x1F, 0x8B]) {
        return bytes;
    }
    let mut plain = Vec::new();
    MultiGzDecoder::new(&bytes[..]).read_to_end(&mut plain).unwrap();
    plain
}

/// All packets of a capture file.
pub fn packets(path: &Path) -> Vec<Mirrored> {
    let bytes = content(path);
    let mut found = Vec::new();
    if u32_le(&bytes, 0) == 0xA1B2_C3D4 {
        let mut at = 24;
        while at < bytes.len() {
            let time = i64::from(u32_le(&bytes, at)) * 1_000_000_000;
            let nanos = i64::from(u32_le(&bytes, at + 4)) * 1_000;
            let length = u32_le(&bytes, at + 8) as usize;
            assert_eq!(length, u32_le(&bytes, at + 12) as usize, "the collector cuts nothing");
            found.push(mirrored(time + nanos, &bytes[at + 16..at + 16 + length]));
            at += 16 + length;
        }
    } else {
        let mut at = 0;
        while at < bytes.len() {
            let length = u32_le(&bytes, at + 4) as usize;
            assert_eq!(
                length,
                u32_le(&bytes, at + length - 4) as usize,
                "both block lengths agree"
            );
            if u32_le(&bytes, at) == 6 {
                let time =
                    i64::from(u32_le(&bytes, at + 12)) << 32 | i64::from(u32_le(&bytes, at + 16));
                let caplen = u32_le(&bytes, at + 20) as usize;
                found.push(mirrored(time, &bytes[at + 28..at + 28 + caplen]));
            }
            at += length;
        }
    }
    found
}

fn mirrored(at: i64, frame: &[u8]) -> Mirrored {
    assert_eq!(frame[36..38], [0x12, 0xB5], "UDP port 4789");
    let packet = &frame[64..];
    let (src, dst, protocol, header, length) = if packet[0] >> 4 == 4 {
        (ip4(&packet[12..]), ip4(&packet[16..]), packet[9], 20, u16_be(packet, 2) as usize)
    } else {
        (ip6(&packet[8..]), ip6(&packet[24..]), packet[6], 40, 40 + u16_be(packet, 4) as usize)
    };
    Mirrored {
        at,
        vni: u32::from_be_bytes([0, frame[46], frame[47], frame[48]]),
        outer_src: ip4(&frame[26..]),
        outer_header: frame[14..34].to_vec(),
        outer_length: frame.len() - 14,
        packet: packet.to_vec(),
        src,
        dst,
        protocol,
        srcport: u16_be(packet, header),
        dstport: u16_be(packet, header + 2),
        length,
    }
}

/// The ones' complement sum of RFC 1071 over `parts`, each of even length but the last.
pub fn ones_sum(parts: &[&[u8]]) -> u16 {
    let mut sum = 0_u64;
    for pair in parts.iter().flat_map(|part| part.chunks(2)) {
        sum += u64::from(pair[0]) * 256 + u64::from(pair.get(1).copied().unwrap_or(0));
    }
    while sum > 0xFFFF {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    sum as u16
}

fn ip4(bytes: &[u8]) -> IpAddr {
    <[u8; 4]>::try_from(&bytes[..4]).unwrap().into()
}

fn ip6(bytes: &[u8]) -> IpAddr {
    <[u8; 16]>::try_from(&bytes[..16]).unwrap().into()
}

fn u16_be(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

fn u32_le(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}
