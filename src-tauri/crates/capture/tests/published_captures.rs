//! Every capture of a large public collection, held against the number of packets that tshark 4.0.17
//! counts in it. The collection lies beside the repository and is not part of it.

// The sentence that says why nothing was tested has nowhere else to go.
#![allow(clippy::print_stderr)]

use capture::{
    FragmentPart, IndexBuilder, Limits, PacketIndex, PacketSink, Ports, RawPacket, SessionIdentity,
    StopReason, join, read,
};
use evidence::{Anomaly, Sha256};
use std::fs;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::PathBuf;

/// Where this reader and tshark count differently on purpose: end of the path, packets given here, why.
const DIFFERENCES: [(&str, u64, &str); 14] = [
    ("basic/test017.pcapng", 0, CUSTOM),
    ("doh-http2/fmt-multi-if-linktypes-comments.pcapng", 147, CUSTOM),
    ("http-stream/fmt-multi-if-linktypes-comments.pcapng", 66, CUSTOM),
    ("doh-http2/bad-ng-trailer-mismatch.pcapng", 147, TRAILER),
    ("http-stream/bad-ng-trailer-mismatch.pcapng", 66, TRAILER),
    ("bug-6875-01/fuzz.pcap", 1, "a nonsensical length; tshark guesses at other record headers"),
    ("bgp_vpn_rt-oobr.pcap", 1, "a tail of zeros, which tshark takes for 37 packets of 1970"),
    ("brcm-tag-prepend.pcap", 15, LINK_TYPE),
    ("brcm-tag.pcap", 23, LINK_TYPE),
    ("dsa.pcap", 8, LINK_TYPE),
    ("juniper_es_oobr.pcap", 1, LINK_TYPE),
    ("juniper_monitor_invalid_cookie_length.pcap", 1, LINK_TYPE),
    ("kday6.pcap", 1, LINK_TYPE),
    ("vtp_asan-3.pcap", 1, LINK_TYPE),
];
const CUSTOM: &str = "tshark numbers custom blocks among the packets";
const TRAILER: &str = "the block is whole but for its second length: it is given, with an anomaly";
const LINK_TYPE: &str = "tshark refuses the whole file for its link type; its records are sound";

struct Reading {
    index: IndexBuilder,
    packets: u64,
    anomalies: Vec<Anomaly>,
}

impl PacketSink for Reading {
    fn packet(&mut self, packet: &RawPacket<'_>) -> ControlFlow<()> {
        self.packets += 1;
        assert_eq!(packet.frame, self.packets);
        self.index.add(packet).unwrap();
        ControlFlow::Continue(())
    }

    fn anomaly(&mut self, anomaly: Anomaly) -> ControlFlow<()> {
        self.anomalies.push(anomaly);
        ControlFlow::Continue(())
    }
}

fn reading(name: &str) -> Reading {
    let path = collection().join(name);
    let file = fs::File::open(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut input: Box<dyn Read> = match name.ends_with(".gz") {
        true => Box::new(flate2::read::MultiGzDecoder::new(file)),
        false => Box::new(file),
    };
    let index = IndexBuilder::new(Limits::default(), Ports::default(), Box::<Vec<u8>>::default());
    let mut reading = Reading { index, packets: 0, anomalies: Vec::new() };
    read(&mut input, &mut reading).unwrap_or_else(|error| panic!("{name}: {error}"));
    reading
}

fn indexed(name: &str) -> PacketIndex {
    let (file, _) = reading(name).index.finish().unwrap();
    PacketIndex::open(file).unwrap()
}

fn collection() -> PathBuf {
    // The repository's parent holds both: crate, crates, src-tauri, repository, parent.
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data/captures")
}

/// Rows of INDEX.tsv by column; none, with a sentence, where the collection is absent.
fn published() -> Option<Vec<Vec<String>>> {
    let Ok(table) = fs::read_to_string(collection().join("INDEX.tsv")) else {
        eprintln!("skipped: no captures at {}", collection().display());
        return None;
    };
    let cells = |line: &str| line.split('\t').map(str::to_owned).collect();
    Some(table.lines().skip(1).map(cells).collect())
}

#[test]
fn every_published_capture_has_its_published_number_of_packets() {
    let Some(rows) = published() else { return };
    let mut wrong = Vec::new();
    for row in &rows {
        let (name, format, packets, status) = (&row[0], &row[6], &row[8], &row[9]);
        // A format that the table cannot name is read as well; only its number is not compared.
        let Ok(mut expected) = packets.parse::<u64>() else { continue };
        let found = reading(name);
        let argued = DIFFERENCES.iter().find(|(end, _, _)| name.ends_with(end));
        let mut reason = "";
        if let Some((_, packets, why)) = argued {
            (expected, reason) = (*packets, why);
        }
        let quiet = found.anomalies.is_empty();
        let damaged = ["truncated", "malformed"].contains(&status.as_str());
        if found.packets != expected || (damaged && quiet) {
            let kinds: Vec<_> = found.anomalies.iter().map(ToString::to_string).collect();
            wrong.push(format!(
                "{name} ({format}, {status}): {expected} packets published, {} read; {kinds:?} {reason}",
                found.packets
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

/// Client, server, packets, bytes, flags of each conversation: what no encapsulation may change.
fn conversations(name: &str) -> Vec<String> {
    let index = indexed(name);
    let indexes = [(Sha256::of(name.as_bytes()), &index)];
    let joined = join(&indexes).unwrap();
    let mut told: Vec<_> = (0..joined.len())
        .map(|number| joined.get(&indexes, number).unwrap().unwrap())
        .map(|found| {
            let counts = (found.packets_client, found.packets_server);
            let bytes = (found.bytes_client, found.bytes_server);
            let (client, server) = (found.client, found.server);
            let opening = (found.client_seen_opening, found.isn_client, found.closed);
            format!("{client:?} {server:?} {counts:?} {bytes:?} {opening:?}")
        })
        .collect();
    told.sort();
    told
}

#[test]
fn no_encapsulation_and_no_format_changes_the_conversations() {
    if published().is_none() {
        return;
    }
    for base in ["synth/doh-http2", "synth/http-stream"] {
        let expect = conversations(&format!("{base}/fmt-le-ns.pcap"));
        assert!(!expect.is_empty());
        for variant in [
            "aws-vxlan-1vni.pcap",
            "aws-vxlan-trunc100.pcap",
            "gwlb-geneve.pcap",
            "vxlan-in-vxlan.pcap",
            "fmt-be-us.pcap",
            "fmt-be-ns.pcap",
            "fmt-le-tsresol9.pcapng",
            "fmt-be-tsresol-2e-20.pcapng",
            "fmt-tsoffset-minus3600.pcapng",
            "fmt-multi-if-linktypes-comments.pcapng",
            "fmt-gz.pcap.gz",
        ] {
            assert_eq!(conversations(&format!("{base}/{variant}")), expect, "{variant}");
        }
        // Two mirror sessions of the same traffic: every conversation twice, each with its own counts.
        let twice = conversations(&format!("{base}/aws-vxlan-2vni-same-inner-5tuple.pcap"));
        let doubled: Vec<_> = expect.iter().flat_map(|one| [one, one]).cloned().collect();
        assert_eq!(twice, doubled);
    }
}

/// Captures in which tshark counts other TCP conversations on purpose, and why.
const OTHERWISE: [(&str, &str); 8] = [
    ("false_positives.pcapng", TUNNEL),
    ("tls_invalid_reads.pcap", TUNNEL),
    ("gtp.pcap", TUNNEL),
    ("decode-etag-02/input.pcap", TUNNEL),
    ("ayiya3.pcap", TUNNEL),
    ("transform-base64-7296/input.pcap", FUZZED),
    ("heapoverflow-tcp_print.pcap", FUZZED),
    ("tcp-auth-heapoverflow.pcap", FUZZED),
];
const TUNNEL: &str = "only tshark opens GTP, 802.1BR and AYIYA";
const FUZZED: &str = "a segment with nonsensical options counts here and not there";

/// A number from a line of TSHARK.jsonl: `"name": 12`, whatever else the line holds.
fn number(line: &str, name: &str) -> Option<usize> {
    let (_, after) = line.split_once(&format!("\"{name}\": "))?;
    after.split(|mark: char| !mark.is_ascii_digit()).next()?.parse().ok()
}

#[test]
fn tcp_conversations_are_those_that_tshark_counts() {
    let Ok(lines) = fs::read_to_string(collection().join("TSHARK.jsonl")) else {
        eprintln!("skipped: no captures at {}", collection().display());
        return;
    };
    let (mut compared, mut wrong) = (0, Vec::new());
    for line in lines.lines() {
        let name = line.split('"').nth(3).unwrap();
        let Some(expected) = number(line, "tcp_conv_count") else { continue };
        let index = indexed(name);
        let flows: Vec<_> = index.flows().map(Result::unwrap).collect();
        // Captures that both sides read to the bottom, with nothing inside that only tshark opens.
        let plain = |flow: &capture::Flow| [1, 2, 6, 17, 58].contains(&flow.protocol);
        let read = index.unread().iter().all(|unread| unread.reason == StopReason::NotIp);
        let whole = |place| {
            let packets = index.packets_of(place).unwrap();
            packets.iter().all(|packet| packet.fragment == FragmentPart::Whole)
        };
        let direct =
            index.sessions().iter().all(|session| session.identity() == SessionIdentity::default());
        if !direct || !read || !flows.iter().all(plain) || !(0..index.flow_count()).all(whole) {
            continue;
        }
        if OTHERWISE.iter().any(|(end, _)| name.ends_with(end)) {
            continue;
        }
        compared += 1;
        let joined = join(&[(Sha256::of(b""), &index)]).unwrap();
        let first = |number| index.flow(joined.parts(number)[0].flow).unwrap();
        let found = (0..joined.len()).filter(|number| first(*number).protocol == 6).count();
        if found != expected {
            wrong.push(format!("{name}: {expected} by tshark, {found} here"));
        }
    }
    assert!(compared > 1_000, "only {compared} captures were compared");
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_packet_of_a_published_capture_is_found_in_its_index() {
    let Some(rows) = published() else { return };
    for row in rows.iter().step_by(10) {
        let index = indexed(&row[0]);
        let flows = (0..index.flow_count()).flat_map(|place| index.packets_of(place).unwrap());
        let mut packets: Vec<_> = flows.chain(index.packets_without_flow().unwrap()).collect();
        packets.sort_by_key(|packet| packet.frame);
        // One packet may carry another, and complete a third.
        let frames = packets.chunk_by(|a, b| a.frame == b.frame);
        assert_eq!(frames.clone().count() as u64, index.packet_count(), "{}", row[0]);
        for (frame, packets) in (1..).zip(frames) {
            assert_eq!(packets[0].frame, frame, "{}", row[0]);
            let found = index.packet_at(packets[0].offset).unwrap().unwrap();
            assert!(packets.contains(&found), "{}", row[0]);
        }
    }
}
