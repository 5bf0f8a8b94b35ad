//! What the fuzzers of packets began with and what they found, read again: `tests/fuzz/corpus`, a folder for each
//! target; and every damage to what they began with.

mod packets;
mod wire;

use std::fs;
use std::path::{Path, PathBuf};
use wire::{A, B, LINKS, TUNNELS, fragments, framed, ipv4, ipv6_fragment, join_bytes, tcp, udp};

type Hold = fn(&[u8]);
const TARGETS: [(&str, Hold); 2] =
    [("decapsulate", packets::hold_decapsulate), ("defragment", packets::hold_defragment)];

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
    seeds.push((
        "defragment",
        sequence(&[parts[1].clone(), other, parts[0].clone(), parts[2].clone()]),
    ));
    seeds
}

/// Packets as the target of fragments reads them.
fn sequence(packets: &[Vec<u8>]) -> Vec<u8> {
    let one = |packet: &Vec<u8>| join_bytes(&[&[0], &(packet.len() as u16).to_be_bytes(), packet]);
    packets.iter().flat_map(one).collect()
}
