//! Packets that leave the case: complete, traceable, and checked against the evidence.

use super::cli::{arg, expect, folder, json, lines, sample_case, tidemark};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

const FILTER: &str = "srcaddr == 198.51.100.77 && dstport == 80";

/// What tshark prints of each packet; nothing, with a sentence, where it is not installed.
fn tshark(file: &Path, fields: &[&str]) -> Option<Vec<Vec<String>>> {
    let fields = fields.iter().flat_map(|field| ["-e", field]);
    let run = Command::new("tshark").args(["-r", arg(file), "-T", "fields"]).args(fields).output();
    let Ok(output) = run else {
        #[expect(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("skipped: tshark is not installed");
        }
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let cells = |line: &str| line.split('\t').map(str::to_owned).collect();
    Some(text.lines().map(cells).collect())
}

fn packets(case: &Path) -> usize {
    let pivots = json(&["pivot", arg(case), "--filter", FILTER]);
    pivots.iter().map(|pivot| pivot["packet_ids"].as_array().unwrap().len()).sum()
}

fn failures(case: &Path, slice: &Path) -> Vec<String> {
    let outcome = tidemark(&["verify", arg(case), "--slice", arg(slice), "--json"]);
    let failures = lines(&outcome)[0]["failures"].as_array().unwrap().clone();
    assert_eq!(outcome.status, i32::from(!failures.is_empty()));
    failures.iter().map(|failure| failure["what"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_packets_of_many_records_are_one_capture_that_says_where_each_is_from() {
    let (_guard, case) = sample_case();
    let expected = packets(&case);
    assert!(expected > 10);
    let own = folder("slice");
    let (inner, outer) = (own.join("inner.pcapng"), own.join("outer.pcapng"));
    let written = &json(&["pivot", arg(&case), "--filter", FILTER, "--pcap", arg(&inner)])[0];
    assert_eq!(written["packets"], expected);
    expect(0, &["pivot", arg(&case), "--filter", FILTER, "--pcap", arg(&outer), "--outer"]);
    for file in [&inner, &outer] {
        assert_eq!(failures(&case, file), [""; 0]);
    }
    // Nothing is written over.
    assert_eq!(
        tidemark(&["pivot", arg(&case), "--filter", FILTER, "--pcap", arg(&inner)]).status,
        2
    );
    if let Some(rows) = tshark(&inner, &["ip.src", "tcp.dstport", "frame.comment", "vxlan.vni"]) {
        assert_eq!(rows.len(), expected);
        for row in &rows {
            let (comment, vni) = (&row[2], row.get(3));
            assert_eq!((row[0].as_str(), row[1].as_str()), ("198.51.100.77", "80"));
            assert!(comment.starts_with("sha256=") && comment.contains(" form=inner file="));
            assert!(vni.is_none_or(String::is_empty), "the mirror's own headers are gone");
        }
        let rows = tshark(&outer, &["vxlan.vni", "frame.time_epoch"]).unwrap();
        assert_eq!(rows.len(), expected);
        assert!(rows.iter().all(|row| !row[0].is_empty()));
        let times: Vec<f64> = rows.iter().map(|row| row[1].parse().unwrap()).collect();
        assert!(times.is_sorted());
    }
}

#[test]
fn a_slice_that_was_changed_is_told_from_one_that_was_not() {
    let (_guard, case) = sample_case();
    let own = folder("slice-changed");
    let file = own.join("slice.pcapng");
    let talk = &json(&["pivot", arg(&case), "--filter", FILTER])[0];
    let conversation = talk["conversations"][0].as_str().unwrap();
    expect(0, &["packets", arg(&case), conversation, "--pcap", arg(&file)]);
    assert_eq!(failures(&case, &file), [""; 0]);
    let bytes = fs::read(&file).unwrap();
    let blocks = blocks(&bytes);
    let packets: Vec<_> = blocks.iter().filter(|block| block.0 == 6).collect();
    let changed = own.join("changed.pcapng");
    // A byte of a packet's content.
    let mut other = bytes.clone();
    other[packets[1].1 + 28 + 40] ^= 1;
    fs::write(&changed, &other).unwrap();
    assert_eq!(failures(&case, &changed), ["slice_packet"]);
    // A packet taken out; and one put in a second time.
    let (from, to) = (packets[1].1, packets[1].2);
    fs::write(&changed, [&bytes[..from], &bytes[to..]].concat()).unwrap();
    assert_eq!(failures(&case, &changed), ["slice_list"]);
    fs::write(&changed, [&bytes[..to], &bytes[from..]].concat()).unwrap();
    assert_eq!(failures(&case, &changed), ["slice_list"]);
    // Another source is named than there is.
    let mut other = bytes.clone();
    let name = b"sha256=";
    let at = bytes.windows(name.len()).rposition(|window| window == name).unwrap() + name.len();
    other[at] = if other[at] == b'0' { b'1' } else { b'0' };
    fs::write(&changed, &other).unwrap();
    assert_eq!(failures(&case, &changed), ["slice_source", "slice_list"]);
    // What is no slice at all.
    fs::write(&changed, b"nothing of the kind").unwrap();
    assert!(failures(&case, &changed).contains(&"slice_list".to_owned()));
}

/// Kind, start and end of each block.
fn blocks(bytes: &[u8]) -> Vec<(u32, usize, usize)> {
    let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let (mut at, mut blocks) = (0, Vec::new());
    while at < bytes.len() {
        let end = at + number(at + 4) as usize;
        blocks.push((number(at), at, end));
        at = end;
    }
    blocks
}

#[test]
fn what_left_the_case_stands_in_its_journal() {
    let (_guard, case) = sample_case();
    let file = folder("slice-journal").join("slice.pcapng");
    let written = &json(&["pivot", arg(&case), "--filter", FILTER, "--pcap", arg(&file)])[0];
    let journal = fs::read_to_string(case.join("journal.jsonl")).unwrap();
    let entry = |line: &str| serde_json::from_str::<Value>(line).unwrap();
    let exported: Vec<Value> =
        journal.lines().map(entry).filter(|entry| entry["act"] == "exported").collect();
    let last = &exported.last().unwrap()["files"][0];
    assert_eq!((&last["sha256"], &last["path"]), (&written["sha256"], &written["path"]));
}
