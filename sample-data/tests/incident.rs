//! What the generator promises: the same bytes each time, valid packets, a truth that is true.

#![allow(missing_docs, unreachable_pub, reason = "a test has no readers of its API")]

#[path = "support/captures.rs"]
mod captures;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use captures::{Mirrored, content, ones_sum, packets};
use sample_data::{DEFAULT_SEED, Plan, Totals, generate};
use serde_json::Value;

/// The committed incident, written anew once for all tests.
fn fresh() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| written("incident", &Plan::incident(DEFAULT_SEED)).0)
}

fn written(name: &str, plan: &Plan) -> (PathBuf, Totals) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    let totals = generate(plan, &folder).unwrap();
    (folder, totals)
}

/// All files below `folder` by relative path.
fn files(folder: &Path) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
                found.insert(name, path);
            }
        }
    }
    found
}

fn truth(folder: &Path) -> Value {
    serde_json::from_slice(&content(&folder.join("truth/truth.json"))).unwrap()
}

/// All packets of the committed incident's captures, by file.
fn captured() -> &'static BTreeMap<String, Vec<Mirrored>> {
    static PACKETS: OnceLock<BTreeMap<String, Vec<Mirrored>>> = OnceLock::new();
    PACKETS.get_or_init(|| {
        let files = files(&fresh().join("incident/mirror"));
        files.into_iter().map(|(name, path)| (name, packets(&path))).collect()
    })
}

/// A line of a flow log, field by field.
type Line = HashMap<&'static str, &'static str>;

/// The lines of its flow logs, by file and line number.
fn flow_lines() -> &'static BTreeMap<(String, u64), Line> {
    static LINES: OnceLock<BTreeMap<(String, u64), Line>> = OnceLock::new();
    LINES.get_or_init(|| {
        let mut lines = BTreeMap::new();
        for (name, path) in files(&fresh().join("incident/flowlogs")) {
            let text: &'static str = String::from_utf8(content(&path)).unwrap().leak();
            let mut rows = text.lines();
            let header: Vec<&str> = rows.next().unwrap().split(' ').collect();
            for (number, row) in rows.enumerate() {
                let values: Vec<&str> = row.split(' ').collect();
                assert_eq!(values.len(), header.len(), "{row}");
                let line = header.iter().copied().zip(values).collect();
                lines.insert((format!("flowlogs/{name}"), number as u64 + 2), line);
            }
        }
        lines
    })
}

#[test]
fn two_runs_with_one_seed_write_the_same_bytes_and_another_seed_does_not() {
    let [first, second, other] = [("first", 7), ("second", 7), ("other", 8)]
        .map(|(name, seed)| files(&written(name, &Plan::brief(seed)).0));
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    for (name, path) in &first {
        assert!(fs::read(path).unwrap() == fs::read(&second[name]).unwrap(), "{name} differs");
    }
    assert_ne!(first.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
}

/// Compared inflated: how well a compressor does may change with its version.
#[test]
fn the_committed_incident_is_what_the_generator_writes() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["incident", "truth"] {
        let (ours, theirs) = (files(&fresh().join(folder)), files(&committed.join(folder)));
        assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
        for (name, path) in &ours {
            assert!(content(path) == content(&theirs[name]), "{folder}/{name} differs");
        }
    }
}

#[test]
fn every_packet_has_valid_checksums_and_lengths() {
    for (file, packets) in captured() {
        assert!(packets.is_sorted_by_key(|p| p.at), "{file} is in time order");
        for p in packets {
            assert_eq!(ones_sum(&[&p.outer_header]), 0xFFFF);
            let claimed = u16::from_be_bytes([p.outer_header[2], p.outer_header[3]]);
            assert_eq!(usize::from(claimed), p.outer_length);
            let header = if p.src.is_ipv4() { 20 } else { 40 };
            if p.src.is_ipv4() {
                assert_eq!(ones_sum(&[&p.packet[..header]]), 0xFFFF);
            }
            if p.packet.len() < p.length {
                assert_eq!(p.packet.len(), 128 - 14, "only bastion's session cuts");
                continue;
            }
            assert_eq!(p.packet.len(), p.length);
            let segment = &p.packet[header..];
            let pseudo = [octets(p.src), octets(p.dst)].concat();
            let rest = [(segment.len() as u16).to_be_bytes(), [0, p.protocol]].concat();
            assert_eq!(ones_sum(&[&pseudo, &rest, segment]), 0xFFFF, "{} to {}", p.src, p.dst);
        }
    }
}

fn octets(ip: IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    }
}

#[test]
fn the_totals_are_the_counts_of_lines_and_frames() {
    let truth = truth(fresh());
    let lines = flow_lines();
    let status = |s: &str| lines.values().filter(|l| l["log-status"] == s).count() as u64;
    assert_eq!(truth["totals"]["flow_records"], status("OK"));
    assert_eq!(truth["totals"]["records_by_class"]["nodata"], status("NODATA"));
    assert_eq!(truth["totals"]["records_by_class"]["skipdata"], status("SKIPDATA"));
    let logs = files(&fresh().join("incident/flowlogs")).len() as u64;
    assert_eq!(truth["totals"]["flow_log_files"], logs);
    for (file, packets) in captured() {
        let file = format!("mirror/{file}");
        let told =
            truth["captures"].as_array().unwrap().iter().find(|c| c["file"] == *file).unwrap();
        assert_eq!(told["frames"], packets.len() as u64);
    }
    let phases = truth["phases"].as_array().unwrap();
    let of_phases: u64 = phases.iter().map(|p| p["records"].as_u64().unwrap()).sum();
    assert_eq!(of_phases, status("OK"));
}

/// Counted again from the files alone: interface, direction, tuple, protocol and minute.
#[test]
fn the_truth_per_record_is_what_the_captures_hold() {
    type Key = (String, bool, IpAddr, u16, IpAddr, u16, u8, i64);
    let truth = truth(fresh());
    let sessions = truth["mirror_sessions"].as_array().unwrap();
    let interfaces = truth["interfaces"].as_array().unwrap();
    let mut seen: HashMap<Key, (u64, u64)> = HashMap::new();
    for packet in captured().values().flatten() {
        let session = sessions.iter().find(|s| s["vni"] == packet.vni).unwrap();
        let interface = interfaces.iter().find(|i| i["id"] == session["interface"]).unwrap();
        assert_eq!(interface["ipv4"], packet.outer_src.to_string());
        let egress = [&interface["ipv4"], &interface["ipv6"]]
            .iter()
            .any(|ip| **ip == packet.src.to_string());
        let Mirrored { src, srcport, dst, dstport, protocol, at, length, .. } = *packet;
        let minute = at.div_euclid(60_000_000_000);
        let interface = interface["id"].as_str().unwrap().to_owned();
        let count = seen
            .entry((interface, egress, src, srcport, dst, dstport, protocol, minute))
            .or_default();
        count.0 += 1;
        count.1 += length as u64;
    }
    let lines = flow_lines();
    let list = String::from_utf8(content(&fresh().join("truth/records.csv.gz"))).unwrap();
    let mut rows = list.lines();
    assert_eq!(rows.next().unwrap(), "file,line,packets,bytes,mirror_packets,mirror_bytes,class");
    let mut told = 0;
    for row in rows {
        told += 1;
        let fields: Vec<&str> = row.split(',').collect();
        let number = |at: usize| fields[at].parse::<u64>().unwrap();
        let line = &lines[&(fields[0].to_owned(), number(1))];
        let class = fields[6];
        if line["log-status"] != "OK" {
            assert_eq!(class.to_uppercase(), line["log-status"]);
            continue;
        }
        assert_eq!([line["packets"], line["bytes"]], [fields[2], fields[3]]);
        let ip = |field: &str| line[field].parse::<IpAddr>().unwrap();
        let port = |field: &str| line[field].parse::<u16>().unwrap();
        let key = (
            line["interface-id"].to_owned(),
            line.get("flow-direction").is_some_and(|d| *d == "egress"),
            ip("srcaddr"),
            port("srcport"),
            ip("dstaddr"),
            port("dstport"),
            line["protocol"].parse().unwrap(),
            line["start"].parse::<i64>().unwrap() / 60,
        );
        // A denied packet never reaches a mirror; an accepted one of the same tuple would be another record.
        let found = if line["action"] == "REJECT" { None } else { seen.get(&key) };
        assert_eq!(found.copied().unwrap_or_default(), (number(4), number(5)), "{row}");
        match class {
            "full" => assert_eq!(number(2), number(4), "{row}"),
            "partial" | "mixed" => assert!(number(4) < number(2), "{row}"),
            _ => assert_eq!(number(4), 0, "{row}"),
        }
        assert_eq!(class == "none-rejected", line["action"] == "REJECT", "{row}");
    }
    assert_eq!(told, lines.len(), "one row per line");
}

#[test]
fn a_file_holds_the_five_minutes_of_its_name() {
    for ((file, _), line) in flow_lines() {
        let time = file.rsplit('_').nth(1).unwrap();
        let slot = time[9..11].parse::<i64>().unwrap() * 60 + time[11..13].parse::<i64>().unwrap();
        let end = line["end"].parse::<i64>().unwrap() % 86_400 / 60;
        assert_eq!(end - end % 5, slot, "{file}");
    }
}

#[test]
fn bastion_is_called_exactly_ten_thousand_times_by_one_source() {
    let truth = truth(fresh());
    let phase = truth["phases"]
        .as_array()
        .unwrap()
        .iter()
        .find(|p| p["phase"] == "ssh_brute_force")
        .unwrap();
    let source = phase["src"].as_str().unwrap();
    let lines = flow_lines();
    let ports: BTreeSet<&str> = lines
        .values()
        .filter(|l| l["srcaddr"] == source && l["dstport"] == "22")
        .map(|l| l["srcport"])
        .collect();
    assert_eq!(ports.len(), 10_000);
    assert_eq!(phase["connections"], 10_000);
}

#[test]
fn the_flood_ranks_as_the_truth_says() {
    let truth = truth(fresh());
    let phase = truth["phases"].as_array().unwrap().iter().find(|p| p["phase"] == "ddos").unwrap();
    let mut packets: HashMap<&str, u64> = HashMap::new();
    for line in flow_lines().values() {
        if line["srcaddr"].starts_with("198.18.") || line["srcaddr"].starts_with("198.19.") {
            *packets.entry(line["srcaddr"]).or_default() += line["packets"].parse::<u64>().unwrap();
        }
    }
    assert_eq!(phase["sources"], packets.len());
    let mut ranked: Vec<_> = packets.into_iter().collect();
    ranked.sort_by_key(|(_, packets)| std::cmp::Reverse(*packets));
    for (found, told) in ranked.iter().zip(phase["top_sources"].as_array().unwrap()) {
        assert_eq!(told["src"], found.0);
        assert_eq!(told["packets"], found.1);
    }
}

#[test]
fn the_upload_is_the_largest_record_that_leaves() {
    let lines = flow_lines();
    let largest = lines
        .values()
        .filter(|l| l.get("traffic-path").is_some_and(|path| *path == "8"))
        .max_by_key(|l| l["bytes"].parse::<u64>().unwrap())
        .unwrap();
    assert_eq!(largest["dstaddr"], "203.0.113.200");
}

#[test]
fn a_scaled_run_adds_about_what_was_asked_for() {
    let plan = Plan { extra_flow_records: 20_000, extra_packets: 20_000, ..Plan::brief(3) };
    let (_, plain) = written("plain", &Plan::brief(3));
    let (folder, scaled) = written("scaled", &plan);
    let about = 18_000..23_000;
    assert!(about.contains(&(scaled.frames - plain.frames)), "{scaled:?} {plain:?}");
    assert!(about.contains(&(scaled.flow_records - plain.flow_records)), "{scaled:?} {plain:?}");
    assert!(!folder.join("truth/records.csv.gz").exists());
}
