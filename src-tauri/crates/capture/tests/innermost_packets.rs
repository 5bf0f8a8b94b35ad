//! The innermost packet of every frame that holds a tunnel or a fragment, and every datagram that was joined,
//! held against what tshark and PcapPlusPlus make of them. The captures lie beside the repository and are not
//! part of it.

// The sentence that says why nothing was tested has nowhere else to go.
#![allow(clippy::print_stderr)]

mod oracle;

use capture::{
    Decapsulated, Defragmented, Joined, PacketSink, RawPacket, Stop, StopReason, Walker, read,
};
use evidence::Anomaly;
use oracle::{Facts, Innermost, innermost, reassembled};
use std::fs;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::Command;

fn collection() -> PathBuf {
    // The repository's parent holds both: crate, crates, src-tauri, repository, parent.
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data/captures")
}

/// Names of captures and the protocols in them; none, with a sentence, where the collection or tshark is absent.
fn published() -> Option<Vec<(String, String)>> {
    let Ok(table) = fs::read_to_string(collection().join("INDEX.tsv")) else {
        eprintln!("skipped: no captures at {}", collection().display());
        return None;
    };
    if Command::new("tshark").arg("--version").output().is_err() {
        eprintln!("skipped: there is no tshark");
        return None;
    }
    let rows = table.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    // What tshark cannot read has no number of packets.
    let read = rows.filter(|row| row[8].parse::<u64>().is_ok());
    Some(read.map(|row| (row[0].to_owned(), row[10].to_owned())).collect())
}

/// What was found in each packet, and what was joined with it.
struct Frames {
    walker: Walker,
    found: Vec<(Decapsulated, Vec<Joined>)>,
    /// The captured bytes of each.
    bytes: Vec<Vec<u8>>,
}

impl PacketSink for Frames {
    fn packet(&mut self, packet: &RawPacket<'_>) -> ControlFlow<()> {
        let walked = self.walker.take(packet);
        self.found.push((walked.found, walked.joined));
        self.bytes.push(packet.data.to_vec());
        ControlFlow::Continue(())
    }

    fn anomaly(&mut self, _: Anomaly) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

fn frames(name: &str) -> Frames {
    let file = fs::File::open(collection().join(name)).unwrap();
    let mut input: Box<dyn Read> = match name.ends_with(".gz") {
        true => Box::new(flate2::read::MultiGzDecoder::new(file)),
        false => Box::new(file),
    };
    let mut frames = Frames { walker: Walker::default(), found: Vec::new(), bytes: Vec::new() };
    read(&mut input, &mut frames).unwrap();
    frames
}

const TUNNELS: [&str; 14] = [
    "gre", "erspan", "ppp", "pppoes", "mpls", "geneve", "vxlan", "nsh", "ah", "esp", "pwethcw",
    "pptp", "chdlc", "llc",
];

/// Where both sides differ on purpose: end of the path, number of packets, why.
const DIFFERENCES: [(&str, usize, &str); 11] = [
    ("arkime_synthetic.pcap", 2, "VXLAN-GPE and GENEVE from their port, not to it"),
    (
        "fuzz-2020-02-16-11740.pcap",
        1,
        "EtherType IPv4 with an IPv6 packet, which tshark reads as such",
    ),
    ("bigtcp-ipv4-geneve-ipv4.pcap", 1, BIG),
    ("bigtcp-ipv4-geneve-ipv6.pcap", 1, BIG),
    ("bigtcp-ipv4-vxlan-ipv4.pcap", 1, BIG),
    ("bigtcp-ipv4-vxlan-ipv6.pcap", 1, BIG),
    ("bigtcp-ipv6-geneve-ipv4.pcap", 1, BIG),
    ("bigtcp-ipv6-geneve-ipv6.pcap", 1, BIG),
    ("bigtcp-ipv6-vxlan-ipv4.pcap", 1, BIG),
    ("bigtcp-ipv6-vxlan-ipv6.pcap", 1, BIG),
    (
        "mpls-6in6-6in6-4in6-trunc.pcap",
        1,
        "tshark shows the last IPv6 header and gives no field of it",
    ),
];
const BIG: &str =
    "a length of 0 for what offloading made longer than the field can say: tshark stops there";

#[test]
fn the_innermost_packets_are_those_that_tshark_finds() {
    let Some(captures) = published() else { return };
    let (mut compared, mut packets, mut wrong) = (0, 0, Vec::new());
    for (name, protocols) in &captures {
        let frames = frames(name);
        let tunnelled = |(found, _): &(Decapsulated, _)| {
            let fragment = found.inner.as_ref().is_some_and(|inner| inner.fragment.is_some());
            fragment || !found.encapsulation.tunnels.is_empty()
        };
        let named = protocols.split(' ').any(|protocol| TUNNELS.contains(&protocol));
        if !named && !frames.found.iter().any(tunnelled) {
            continue;
        }
        let expected = innermost(&collection().join(name));
        compared += 1;
        let mut differences = Vec::new();
        for (frame, (found, _)) in (1..).zip(&frames.found) {
            let Some(expected) = expected.get(&frame) else { continue };
            packets += 1;
            if !agree(found, expected) {
                let inner = found.inner.as_ref().map(Facts::of);
                let (tunnels, stop) = (found.encapsulation.tunnels, found.stop);
                differences
                    .push(format!("{frame} {expected:?}\n    {inner:?} {tunnels:?} {stop:?}"));
            }
        }
        let argued = DIFFERENCES.iter().find(|(end, ..)| name.contains(end));
        if differences.len() != argued.map_or(0, |(_, count, _)| *count) {
            differences.truncate(5);
            wrong.push(format!("{name}:\n  {}", differences.join("\n  ")));
        }
    }
    assert!(compared > 190 && packets > 15_000, "only {packets} packets of {compared} captures");
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Whether both found the same packet. Of a mirror that carries something else than IP, or less than a header,
/// nothing is given here, and the mirror's own packet by tshark.
fn agree(found: &Decapsulated, expected: &Innermost) -> bool {
    let nothing_inside =
        matches!(found.stop, Some(Stop { reason: StopReason::NotIp | StopReason::Cut, .. }));
    match &found.inner {
        Some(inner) => expected.facts.as_ref() == Some(&Facts::of(inner)),
        None if found.encapsulation.mirrors() || !found.encapsulation.tunnels.is_empty() => {
            nothing_inside && expected.in_mirror
        }
        None => expected.facts.is_none(),
    }
}

/// Where both sides join otherwise on purpose, and why.
const FRAGMENTS: [(&str, &str); 2] = [
    (
        "ipv4/fragmented-1.pcap",
        "18 bytes in front of another fragment, which is no multiple of eight",
    ),
    (
        "ipv4/fragmented-4.pcap",
        "an attack: of two copies, tshark believes the one that begins further ahead",
    ),
];

#[test]
fn joined_datagrams_are_those_that_tshark_joins() {
    let Some(captures) = published() else { return };
    let (mut joined, mut wrong) = (0, Vec::new());
    for (name, _) in &captures {
        let frames = frames(name);
        let told = frames.walker.finish();
        if told.fragments == 0 {
            continue;
        }
        let expected = reassembled(&collection().join(name));
        let mut found: Vec<(u64, Vec<u8>)> = Vec::new();
        for (frame, (_, datagrams)) in (1..).zip(&frames.found) {
            for Joined { datagram, .. } in datagrams {
                found.push((frame, datagram.bytes[datagram.header_length as usize..].to_vec()));
            }
        }
        joined += found.len();
        if FRAGMENTS.iter().any(|(end, _)| name.ends_with(end)) {
            assert_ne!(found, expected, "{name} needs no argument");
            continue;
        }
        if found != expected {
            let show = |list: &[(u64, Vec<u8>)]| {
                list.iter().map(|(frame, bytes)| (*frame, bytes.len())).take(9).collect::<Vec<_>>()
            };
            let Defragmented { anomalies, incomplete, .. } = &told;
            wrong.push(format!(
                "{name}: {:?} by tshark, {:?} here; {anomalies:?} {incomplete:?}",
                show(&expected),
                show(&found)
            ));
        }
    }
    assert!(joined > 100, "only {joined} datagrams were joined");
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// PcapPlusPlus's own answers to its own captures.
#[test]
fn joined_datagrams_are_those_that_pcapplusplus_publishes() {
    if published().is_none() {
        return;
    }
    let joined = |name: &str| -> Vec<Vec<u8>> {
        let frames = frames(&format!("pcapplusplus/{name}"));
        let all = frames.found.into_iter().zip(frames.bytes);
        let datagrams = all.flat_map(|((_, joined), bytes)| {
            let framed = move |joined: Joined| [&bytes[..14], &joined.datagram.bytes].concat();
            joined.into_iter().map(framed)
        });
        datagrams.collect()
    };
    let text = |name: &str| {
        let path = collection().join("pcapplusplus/PcapExamples").join(name);
        oracle::hex(&fs::read_to_string(path).unwrap())
    };
    let found = joined("PcapExamples/ip6_fragments.pcap");
    // PcapPlusPlus makes the IPv6 payload as long as the UDP datagram says that it is. By RFC 8200 §4.5 the
    // fragments say it, and there are four bytes more in each.
    for (number, (stated, sent)) in
        [([2, 0xe1], [2, 0xe5]), ([5, 0xa8], [5, 0xac])].iter().enumerate()
    {
        let mut published = text(&format!("ip6_fragments_packet{}.txt", number + 1));
        assert_eq!(&published[18..20], stated);
        published[18..20].copy_from_slice(sent);
        assert!(found[number] == published, "packet {}", number + 1);
    }
    let found = joined("ExamplesTest/pcap_examples/ipv6-frag.pcap");
    let published = frames("pcapplusplus/ExamplesTest/expected_output/no-ipv6-frag.pcap");
    assert!(found == published.bytes && found.len() == 1);
}
