//! The same connection read here and by tshark. Says so and passes where tshark is not installed.

use dissect::{Detail, Dialogue, Segment, decode_stream, layers, reassemble};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn chunked(bytes: &[u8], size: usize) -> Vec<u8> {
    let mut body = Vec::new();
    for chunk in bytes.chunks(size) {
        body.extend(format!("{:x}\r\n", chunk.len()).bytes());
        body.extend(chunk);
        body.extend(b"\r\n");
    }
    body.extend(b"0\r\n\r\n");
    body
}

/// What the two sides say, in turns.
fn conversation() -> Vec<(bool, Vec<u8>)> {
    let text: Vec<u8> = (0..5000u32).flat_map(|n| format!("line {n}\n").into_bytes()).collect();
    let answer = |head: &str, body: Vec<u8>| {
        [b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n", head.as_bytes(), b"\r\n", &body]
            .concat()
    };
    let sized = |head: &str, body: Vec<u8>| {
        answer(&format!("{head}Content-Length: {}\r\n", body.len()), body)
    };
    let ask = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: oracle.test\r\n\r\n").into_bytes();
    vec![
        (true, ask("/plain")),
        (false, sized("", text[..3000].to_vec())),
        (true, ask("/gzip")),
        (false, sized("Content-Encoding: gzip\r\n", gzip(&text))),
        (true, ask("/deflate")),
        (false, sized("Content-Encoding: deflate\r\n", zlib(&text[..9000]))),
        (true, ask("/chunked")),
        (false, answer("Transfer-Encoding: chunked\r\n", chunked(&text[..7000], 999))),
        (true, ask("/both")),
        (
            false,
            answer(
                "Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n",
                chunked(&gzip(&text[..20_000]), 700),
            ),
        ),
        (
            true,
            b"POST /form HTTP/1.1\r\nHost: oracle.test\r\nContent-Length: 7\r\n\r\na=b%27c"
                .to_vec(),
        ),
        (false, answer("Connection: close\r\n", b"until the close".to_vec())),
    ]
}

/// One segment of the conversation as a raw IPv4 packet.
struct Packet {
    from_client: bool,
    seq: u32,
    flags: u8,
    payload: Vec<u8>,
}

impl Packet {
    fn bytes(&self, acknowledged: u32) -> Vec<u8> {
        let (from, to): (u16, u16) = if self.from_client { (40_000, 80) } else { (80, 40_000) };
        let (source, target) = if self.from_client { (1, 2) } else { (2, 1) };
        let total = u16::try_from(40 + self.payload.len()).unwrap().to_be_bytes();
        let mut bytes = vec![0x45, 0, total[0], total[1], 0, 0, 0x40, 0, 64, 6, 0, 0];
        bytes.extend([10, 0, 0, source, 10, 0, 0, target]);
        bytes.extend(from.to_be_bytes());
        bytes.extend(to.to_be_bytes());
        bytes.extend(self.seq.to_be_bytes());
        bytes.extend(acknowledged.to_be_bytes());
        bytes.extend([0x50, self.flags, 0xff, 0xff, 0, 0, 0, 0]);
        bytes.extend(&self.payload);
        bytes
    }
}

fn packets() -> Vec<Packet> {
    let mut next = [u32::MAX - 2000, 7];
    let mut packets = Vec::new();
    let mut say = |from_client: bool, flags: u8, payload: &[u8]| {
        let seq = &mut next[usize::from(!from_client)];
        packets.push(Packet { from_client, seq: *seq, flags, payload: payload.to_vec() });
        let numbers = u32::try_from(payload.len()).unwrap() + u32::from(flags & 3 != 0);
        *seq = seq.wrapping_add(numbers);
    };
    say(true, 0x02, b"");
    say(false, 0x12, b"");
    for (from_client, bytes) in conversation() {
        bytes.chunks(1000).for_each(|part| say(from_client, 0x18, part));
    }
    say(false, 0x11, b"");
    say(true, 0x11, b"");
    packets
}

fn write_capture(path: &Path, packets: &[Packet]) {
    let mut file = vec![];
    for word in [0xa1b2_c3d4, 0x0004_0002, 0, 0, 262_144, 101u32] {
        file.extend(word.to_le_bytes());
    }
    let mut seen = [0, 0];
    for (packet, second) in packets.iter().zip(1u32..) {
        let bytes = packet.bytes(seen[usize::from(packet.from_client)]);
        let end = packet.seq.wrapping_add(u32::try_from(packet.payload.len()).unwrap());
        seen[usize::from(!packet.from_client)] = end.wrapping_add(u32::from(packet.flags & 3 != 0));
        let length = u32::try_from(bytes.len()).unwrap();
        for word in [second, 0, length, length] {
            file.extend(word.to_le_bytes());
        }
        file.extend(bytes);
    }
    std::fs::write(path, file).unwrap();
}

fn ours(packets: &[Packet]) -> BTreeSet<Vec<u8>> {
    let side = |from_client: bool| {
        let own = packets.iter().zip(1..).filter(|(packet, _)| packet.from_client == from_client);
        let segments: Vec<Segment<'_>> = own
            .map(|(packet, number)| Segment {
                packet: number,
                time: i64::from(number),
                seq: packet.seq,
                syn: packet.flags & 2 != 0,
                fin: packet.flags & 1 != 0,
                rst: false,
                payload: &packet.payload,
                payload_length: u32::try_from(packet.payload.len()).unwrap(),
            })
            .collect();
        reassemble(&segments, usize::MAX)
    };
    let (client, server) = (side(true), side(false));
    let decoded = decode_stream(&Dialogue { client: &client, server: &server }, 80);
    assert!(decoded.anomalies.is_empty(), "{:?}", decoded.anomalies);
    let mut bodies = BTreeSet::new();
    for transaction in decoded.transactions {
        let Detail::Http(exchange) = transaction.detail else { continue };
        let request = exchange.request.and_then(|request| request.body);
        let response = exchange.response.and_then(|response| response.body);
        for body in [request, response].into_iter().flatten() {
            assert!(body.complete, "{:?}", body.reasons);
            bodies.insert(body.decoded);
        }
    }
    bodies
}

fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("tidemark-dissect-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("objects")).unwrap();
    folder
}

#[test]
fn bodies_are_the_objects_that_tshark_exports() {
    let (folder, packets) = (folder(), packets());
    let capture = folder.join("capture.pcap");
    write_capture(&capture, &packets);
    let objects = format!("http,{}", folder.join("objects").display());
    let run = Command::new("tshark")
        .args(["-q", "-n", "-r"])
        .arg(&capture)
        .args(["--export-objects", &objects])
        .output();
    let Ok(run) = run else {
        writeln!(std::io::stderr(), "skipped: tshark is not installed").unwrap();
        return;
    };
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let exported = std::fs::read_dir(folder.join("objects")).unwrap();
    let theirs: BTreeSet<Vec<u8>> =
        exported.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
    let ours = ours(&packets);
    assert_eq!(ours.len(), 7);
    let sizes = |bodies: &BTreeSet<Vec<u8>>| bodies.iter().map(Vec::len).collect::<Vec<_>>();
    assert!(ours == theirs, "{:?} here, {:?} there", sizes(&ours), sizes(&theirs));
    let _ = std::fs::remove_dir_all(&folder);
}

#[test]
fn a_packet_of_the_conversation_is_read_to_its_payload() {
    let packet = &packets()[2];
    let found = layers(101, &packet.bytes(8));
    let names: Vec<_> = found.iter().map(|layer| layer.protocol).collect();
    assert_eq!(names, ["ip", "tcp", "data"]);
    assert_eq!(found[2].range.len(), packet.payload.len());
}
