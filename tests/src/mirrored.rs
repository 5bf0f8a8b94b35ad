//! Mirrored traffic made for measuring: a capture of VXLAN packets, the flow log that accounts for it, and the sidecar
//! that says whose each mirror session is.

use crate::random::Random;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

/// 2026-03-03T00:00:00Z.
const MIDNIGHT: u64 = 1_772_496_000;
/// Mirrored interfaces.
const INTERFACES: u64 = 8;
/// Connections under way at once.
const OPEN: usize = 400;
/// Between packets. Unit: ns.
const PACE: u64 = 150_000;
/// Aggregation interval of the flow log. Unit: s.
const WINDOW: u64 = 60;

/// How large the packets are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sizes {
    /// Downloads, requests, names asked for.
    Mixed,
    /// Mostly names asked for and acknowledgements.
    Small,
}

/// One side's address and port.
type End = ([u8; 4], u16);

struct Connection {
    interface: u64,
    own: End,
    other: End,
    protocol: u8,
    /// What is still to be sent: who sends, TCP flags, payload length.
    script: Vec<(bool, u8, usize)>,
    seq: [u32; 2],
    /// Packets, bytes, first and last second of each direction and window.
    counted: BTreeMap<(bool, u64), (u64, u64, u64, u64)>,
}

/// Writes `capture.pcap` of about `bytes` bytes, `flows.log` and `sessions.json` into a folder.
pub fn make(folder: &Path, bytes: u64, sizes: Sizes) -> std::io::Result<()> {
    let mut capture = BufWriter::with_capacity(1 << 20, File::create(folder.join("capture.pcap"))?);
    let mut log = BufWriter::new(File::create(folder.join("flows.log"))?);
    writeln!(log, "{}", crate::generated::HEADER)?;
    capture.write_all(&[0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0])?;
    capture.write_all(&[0, 0, 4, 0, 1, 0, 0, 0])?;
    let mut random = Random(20_260_303);
    let mut open: Vec<Connection> = (0..OPEN).map(|_| begin(&mut random, sizes)).collect();
    let (mut written, mut time) = (24, MIDNIGHT * 1_000_000_000);
    let content: Vec<u8> = (0..4096).map(|_| random.draw() as u8).collect();
    while written < bytes {
        time += random.below(2 * PACE);
        let at = random.below(OPEN as u64) as usize;
        let Some(packet) = next_packet(&mut open[at], time, &content) else {
            let ended = std::mem::replace(&mut open[at], begin(&mut random, sizes));
            account(&ended, &mut log)?;
            continue;
        };
        let length = packet.len() as u32;
        let (seconds, fraction) = (time / 1_000_000_000, time % 1_000_000_000);
        capture.write_all(&(seconds as u32).to_le_bytes())?;
        capture.write_all(&(fraction as u32).to_le_bytes())?;
        capture.write_all(&length.to_le_bytes())?;
        capture.write_all(&length.to_le_bytes())?;
        capture.write_all(&packet)?;
        written += 16 + u64::from(length);
    }
    for connection in &open {
        account(connection, &mut log)?;
    }
    let sessions: Vec<String> = (0..INTERFACES)
        .map(|interface| {
            format!(
                r#"{{"TrafficMirrorSessionId":"tms-{interface}","NetworkInterfaceId":"{}","VirtualNetworkId":{}}}"#,
                interface_id(interface),
                vni(interface)
            )
        })
        .collect();
    let text = format!(r#"{{"TrafficMirrorSessions":[{}]}}"#, sessions.join(","));
    std::fs::write(folder.join("sessions.json"), text)?;
    capture.flush()?;
    log.flush()
}

fn interface_id(interface: u64) -> String {
    format!("eni-0{interface:016x}")
}

fn vni(interface: u64) -> u32 {
    1000 + interface as u32
}

fn begin(random: &mut Random, sizes: Sizes) -> Connection {
    const SYN: u8 = 2;
    const ACK: u8 = 16;
    const PUSH: u8 = 24;
    const FIN: u8 = 17;
    let interface = random.below(INTERFACES);
    let [_, a, b, c] = (random.draw() as u32).to_be_bytes();
    let client = 1024 + random.below(64_000) as u16;
    let asks = match sizes {
        Sizes::Mixed => random.below(10) < 3,
        Sizes::Small => random.below(10) < 8,
    };
    let (protocol, port, script) = if asks {
        let query = 30 + random.below(40) as usize;
        (17, 53, vec![(true, 0, query), (false, 0, query + random.below(60) as usize)])
    } else {
        let mut script = vec![(true, SYN, 0), (false, SYN | ACK, 0), (true, ACK, 0)];
        for _ in 0..=random.below(4) {
            script.push((true, PUSH, 80 + random.below(600) as usize));
            let full = if sizes == Sizes::Mixed { random.below(30) } else { 0 };
            for segment in 0..full {
                script.push((false, ACK, 1400));
                if segment % 2 == 1 {
                    script.push((true, ACK, 0));
                }
            }
            script.push((false, PUSH, 1 + random.below(200) as usize));
            script.push((true, ACK, 0));
        }
        script.extend([(true, FIN, 0), (false, FIN, 0), (true, ACK, 0)]);
        (6, 443, script)
    };
    Connection {
        interface,
        own: ([10, 0, 1, 10 + interface as u8], port),
        other: ([100 + a % 100, b, c, a], client),
        protocol,
        script: script.into_iter().rev().collect(),
        seq: [random.draw() as u32, random.draw() as u32],
        counted: BTreeMap::new(),
    }
}

/// The next packet of a connection, as the collector of its mirror session receives it.
fn next_packet(connection: &mut Connection, time: u64, content: &[u8]) -> Option<Vec<u8>> {
    let (from_other, flags, length) = connection.script.pop()?;
    let (source, destination) = match from_other {
        true => (connection.other, connection.own),
        false => (connection.own, connection.other),
    };
    let header = if connection.protocol == 6 { 20 } else { 8 };
    let total = 20 + header + length;
    let mut packet = Vec::with_capacity(64 + total);
    ethernet(&mut packet);
    ipv4(
        &mut packet,
        36 + 14 + total,
        17,
        [10, 0, 1, 10 + connection.interface as u8],
        [10, 0, 9, 9],
    );
    udp(&mut packet, 50_000, 4789, 16 + 14 + total);
    packet.extend([8, 0, 0, 0]);
    packet.extend((vni(connection.interface) << 8).to_be_bytes());
    ethernet(&mut packet);
    ipv4(&mut packet, total, connection.protocol, source.0, destination.0);
    if connection.protocol == 6 {
        let [own, other] = &mut connection.seq;
        let (seq, ack) = if from_other { (own, other) } else { (other, own) };
        packet.extend(source.1.to_be_bytes());
        packet.extend(destination.1.to_be_bytes());
        packet.extend(seq.to_be_bytes());
        packet.extend(ack.to_be_bytes());
        packet.extend([0x50, flags, 0x20, 0, 0, 0, 0, 0]);
        *seq = seq.wrapping_add(length as u32 + u32::from(flags & 3 != 0));
    } else {
        udp(&mut packet, source.1, destination.1, 8 + length);
    }
    packet.extend_from_slice(&content[..length]);
    let second = time / 1_000_000_000;
    let counted = connection.counted.entry((from_other, second / WINDOW));
    let (packets, bytes, _, last) = counted.or_insert((0, 0, second, second));
    *packets += 1;
    *bytes += total as u64;
    *last = second;
    Some(packet)
}

fn ethernet(packet: &mut Vec<u8>) {
    packet.extend([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0]);
}

fn ipv4(packet: &mut Vec<u8>, total: usize, protocol: u8, source: [u8; 4], destination: [u8; 4]) {
    packet.extend([0x45, 0]);
    packet.extend((total as u16).to_be_bytes());
    packet.extend([0, 0, 0x40, 0, 64, protocol, 0, 0]);
    packet.extend(source);
    packet.extend(destination);
}

fn udp(packet: &mut Vec<u8>, source: u16, destination: u16, length: usize) {
    packet.extend(source.to_be_bytes());
    packet.extend(destination.to_be_bytes());
    packet.extend((length as u16).to_be_bytes());
    packet.extend([0, 0]);
}

/// The flow records of a connection.
fn account(connection: &Connection, log: &mut impl std::io::Write) -> std::io::Result<()> {
    let dotted = |[a, b, c, d]: [u8; 4]| format!("{a}.{b}.{c}.{d}");
    for ((from_other, _), (packets, bytes, first, last)) in &connection.counted {
        let (source, destination) = match from_other {
            true => (connection.other, connection.own),
            false => (connection.own, connection.other),
        };
        writeln!(
            log,
            "2 111122223333 {} {} {} {} {} {} {packets} {bytes} {first} {last} ACCEPT OK",
            interface_id(connection.interface),
            dotted(source.0),
            dotted(destination.0),
            source.1,
            destination.1,
            connection.protocol,
        )?;
    }
    Ok(())
}
