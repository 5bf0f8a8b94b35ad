//! What the fuzzers of packets began with and what they found, read again: `tests/fuzz/corpus`, a folder for each
//! target; and every damage to what they began with.

mod packets;
mod wire;

use std::fs;
use std::path::{Path, PathBuf};
use wire::{
    A, B, LINKS, TUNNELS, ethernet, fragments, framed, ipv4, ipv6_fragment, join_bytes, mirrored,
    tcp, udp,
};

type Hold = fn(&[u8]);
const TARGETS: [(&str, Hold); 4] = [
    ("decapsulate", packets::hold_decapsulate),
    ("defragment", packets::hold_defragment),
    ("pcap", packets::hold_capture),
    ("pcapng", packets::hold_capture),
];

fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fuzz/corpus").join(target)
}

#[test]
fn the_corpus_of_packets_is_accounted_for() {
    for (target, hold) in TARGETS {
        let files: Vec<_> = fs::read_dir(folder(target)).into_iter().flatten().collect();
        assert!(!files.is_empty(), "the corpus of {target} is empty");
        for file in files {
            hold(&fs::read(file.unwrap().path()).unwrap());
        }
    }
}

#[test]
fn every_prefix_and_every_changed_byte_of_a_packet_is_accounted_for() {
    for (target, seed) in seeds() {
        let (_, hold) = TARGETS.into_iter().find(|(name, _)| *name == target).unwrap();
        for end in 0..seed.len() {
            hold(&seed[..end]);
        }
        let mut changed = seed.clone();
        for place in 0..seed.len() {
            let kept = changed[place];
            for value in [0, 1, 0x40, 0x7f, 0x80, 0xff, kept ^ 1, kept ^ 0x20, kept.wrapping_add(1)]
            {
                changed[place] = value;
                hold(&changed);
            }
            changed[place] = kept;
        }
    }
}

/// Writes what each target begins with, if it is asked to: scripts/fuzz.sh seeds.
#[test]
fn the_seeds_of_packets_can_be_written_anew() {
    let seeds = seeds();
    if std::env::var_os("TIDEMARK_SEEDS").is_none() {
        return;
    }
    for (number, (target, seed)) in seeds.iter().enumerate() {
        fs::create_dir_all(folder(target)).unwrap();
        fs::write(folder(target).join(format!("seed-{number}")), seed).unwrap();
    }
}

fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let packet = ipv4([A, B], 6, &tcp([1234, 443], 1, 2, 0x18, b"content"));
    let with_link = |link: u16, data: &[u8]| join_bytes(&[&link.to_le_bytes(), data]);
    let mut seeds: Vec<_> = LINKS
        .iter()
        .map(|(_, link, wrap, _)| ("decapsulate", with_link(*link, &wrap(&packet))))
        .collect();
    for (_, wrap, _) in TUNNELS {
        seeds.push(("decapsulate", with_link(1, &framed(&wrap(&packet)))));
        let carrier = wrap(&packet);
        if carrier[0] >> 4 == 4 {
            seeds.push(("defragment", sequence(&fragments(&carrier, 7, 48))));
        }
    }
    let content = udp([1, 2], &[5; 56]);
    let part =
        |place: u16, range: std::ops::Range<usize>| ipv6_fragment(9, 17, place, &content[range]);
    seeds.push(("defragment", sequence(&[part(32, 32..64), part(1, 0..16), part(17, 16..32)])));
    // One part twice, one that overlaps.
    seeds.push(("defragment", sequence(&[part(1, 0..16), part(1, 0..16), part(9, 8..24)])));
    let parts = fragments(&ipv4([A, B], 17, &content), 7, 24);
    let mut other = parts[1].clone();
    other[30] ^= 1;
    seeds.extend(captures().into_iter().map(|(name, _, file)| (name, file)));
    seeds.push((
        "defragment",
        sequence(&[parts[1].clone(), other, parts[0].clone(), parts[2].clone()]),
    ));
    seeds
}

/// A small capture of each kind: its target, what it is, its bytes.
fn captures() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let mirror = |frame: &[u8]| mirrored([10, 0, 0, 7], 42, &framed(frame));
    let content = udp([1, 2], &[5; 56]);
    let mut frames = vec![mirror(&ipv4([A, B], 6, &tcp([1234, 443], 1, 2, 0x18, b"content")))];
    let whole = ipv4([A, B], 17, &content);
    frames.extend(fragments(&whole, 7, 32).iter().map(|part| mirror(part)));
    frames.push(ethernet(0x0806, &[0; 28]));
    let pcap = |magic: u32, little: bool, extra: usize| {
        let u32s = |number: u32| if little { number.to_le_bytes() } else { number.to_be_bytes() };
        let u16s = |number: u16| if little { number.to_le_bytes() } else { number.to_be_bytes() };
        let mut file = u32s(magic).to_vec();
        file.extend([u16s(2), u16s(4)].concat());
        file.extend([u32s(0), u32s(0), u32s(65_535), u32s(1)].concat());
        for (second, frame) in (1..).zip(&frames) {
            let length = u32s(frame.len() as u32);
            file.extend([u32s(second), u32s(9), length, length].concat());
            file.extend(vec![0; extra]);
            file.extend(frame);
        }
        file
    };
    let pcapng = |little: bool| {
        let u32s = |number: u32| if little { number.to_le_bytes() } else { number.to_be_bytes() };
        let u16s = |number: u16| if little { number.to_le_bytes() } else { number.to_be_bytes() };
        let block = |kind: u32, body: &[u8]| {
            let body = [body, &vec![0; body.len().next_multiple_of(4) - body.len()]].concat();
            let length = u32s(body.len() as u32 + 12);
            [&u32s(kind)[..], &length, &body, &length].concat()
        };
        let section = [&u32s(0x1a2b_3c4d)[..], &u16s(1), &u16s(0), &[0xff; 8]].concat();
        let mut file = block(0x0a0d_0d0a, &section);
        let resolution = [&u16s(9)[..], &u16s(1), &[9, 0, 0, 0], &[0; 4]].concat();
        file.extend(block(1, &[&u16s(1)[..], &[0; 2], &u32s(0), &resolution].concat()));
        for (number, frame) in (0..).zip(&frames) {
            let length = u32s(frame.len() as u32);
            let padded = [&frame[..], &vec![0; frame.len().next_multiple_of(4) - frame.len()]];
            let comment = [&u16s(1)[..], &u16s(4), b"note", &[0; 4]].concat();
            file.extend(match number % 3 {
                0 => block(
                    6,
                    &[&u32s(0)[..], &[0; 8], &length, &length, &padded.concat(), &comment].concat(),
                ),
                1 => block(2, &[&u16s(0)[..], &u16s(0), &[0; 8], &length, &length, frame].concat()),
                _ => block(3, &[&length[..], frame].concat()),
            });
        }
        let drops = [&u32s(0)[..], &[0; 8], &u16s(5), &u16s(8), &[1; 8], &[0; 4]].concat();
        file.extend(block(5, &drops));
        file.extend(block(0x0000_0bad, b"nobody knows"));
        file
    };
    vec![
        ("pcap", "microseconds", pcap(0xa1b2_c3d4, true, 0)),
        ("pcap", "nanoseconds, big-endian", pcap(0xa1b2_3c4d, false, 0)),
        ("pcap", "Kuznetzov's", pcap(0xa1b2_cd34, true, 8)),
        ("pcapng", "little-endian", pcapng(true)),
        ("pcapng", "big-endian", pcapng(false)),
    ]
}

/// Packets as the target of fragments reads them.
fn sequence(packets: &[Vec<u8>]) -> Vec<u8> {
    let one = |packet: &Vec<u8>| join_bytes(&[&[0], &(packet.len() as u16).to_be_bytes(), packet]);
    packets.iter().flat_map(one).collect()
}

/// Packets of what a reader gives, each with the place where its record or block starts.
#[derive(Default)]
struct Told(Vec<(u64, Vec<u8>)>);

impl capture::PacketSink for Told {
    fn packet(&mut self, packet: &capture::RawPacket<'_>) -> std::ops::ControlFlow<()> {
        self.0.push((packet.offset, packet.data.to_vec()));
        std::ops::ControlFlow::Continue(())
    }

    fn anomaly(&mut self, _: evidence::Anomaly) -> std::ops::ControlFlow<()> {
        std::ops::ControlFlow::Continue(())
    }
}

/// A container, and what of a part of it comes out before the cut, by the word of the library that wrote it.
type Container = (&'static str, fn(&[u8]) -> Vec<u8>, fn(&[u8]) -> Vec<u8>);

const CONTAINERS: [Container; 4] = [
    ("plain", <[u8]>::to_vec, <[u8]>::to_vec),
    ("gzip", gzip, |cut| as_far(flate2::read::MultiGzDecoder::new(cut))),
    (
        "zstd",
        |bytes| zstd::encode_all(bytes, 3).unwrap(),
        |cut| zstd::Decoder::new(cut).map(as_far).unwrap_or_default(),
    ),
    ("lz4", lz4, |cut| as_far(lz4_flex::frame::FrameDecoder::new(cut))),
];

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut out, bytes).unwrap();
    out.finish().unwrap()
}

fn lz4(bytes: &[u8]) -> Vec<u8> {
    let mut out = lz4_flex::frame::FrameEncoder::new(Vec::new());
    std::io::Write::write_all(&mut out, bytes).unwrap();
    out.finish().unwrap()
}

/// All that can be read, a byte at a time, before it fails.
fn as_far(mut input: impl std::io::Read) -> Vec<u8> {
    let (mut all, mut byte) = (Vec::new(), [0]);
    while let Ok(1) = input.read(&mut byte) {
        all.push(byte[0]);
    }
    all
}

#[test]
fn a_capture_that_was_cut_anywhere_gives_all_packets_before_the_cut_in_every_container() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("capture");
    for (_, kind, capture) in captures() {
        let mut whole = Told::default();
        capture::read(&mut &capture[..], &mut whole).unwrap();
        assert_eq!(whole.0.len(), 4, "{kind}");
        for (container, pack, inflate) in CONTAINERS {
            let packed = pack(&capture);
            for end in 0..=packed.len() {
                fs::write(&path, &packed[..end]).unwrap();
                let mut intake = evidence::Intake::open(&path).unwrap();
                let mut told = Told::default();
                // A container that is broken says so when it is read to its end.
                let _ = capture::read(&mut intake, &mut told);
                let there = inflate(&packed[..end]).len() as u64;
                // A packet is there if its record is, to the last byte.
                let ends = whole.0.iter().skip(1).map(|(next, _)| *next);
                let expect = ends.chain([capture.len() as u64]).filter(|end| *end <= there).count();
                assert!(told.0.len() >= expect, "{kind} in {container} cut at {end}");
                assert_eq!(told.0, whole.0[..told.0.len()], "{kind} in {container} cut at {end}");
            }
        }
    }
}
