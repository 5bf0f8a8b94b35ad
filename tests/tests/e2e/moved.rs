//! Evidence that was moved after it was added.

use super::cli::{arg, empty_case, expect, folder, incident, json, lines, tidemark};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn status(case: &Path) -> Value {
    json(&["status", arg(case)]).remove(0)
}

fn presence(case: &Path) -> Vec<(String, String)> {
    let status = status(case);
    let items = status["evidence"].as_array().unwrap().iter();
    items
        .map(|item| {
            let text = |key: &str| item[key].as_str().unwrap().to_owned();
            (text("path"), text("presence"))
        })
        .filter(|(_, presence)| presence != "present")
        .collect()
}

/// A case over a folder with a log, a plain and a compressed capture, and an archive of another log.
fn a_case() -> (PathBuf, PathBuf) {
    let (case, evidence) = empty_case("moved");
    let mirror = incident().join("mirror");
    for name in ["collector-1_20260303T093011Z.pcap", "collector-1_20260303T125205Z.pcap.gz"] {
        fs::copy(mirror.join(name), evidence.join(name)).unwrap();
    }
    for file in fs::read_dir(incident().join("sidecars")).unwrap() {
        let file = file.unwrap().path();
        fs::copy(&file, evidence.join(file.file_name().unwrap())).unwrap();
    }
    let logs = incident().join("flowlogs");
    let archive = evidence.join("logs.tar");
    let packed = Command::new("tar").args(["-cf", arg(&archive), "-C", arg(&logs), "."]).status();
    assert!(packed.unwrap().success());
    expect(0, &["add", arg(&case), arg(&evidence)]);
    (case, evidence)
}

fn pivots(case: &Path) -> Vec<Value> {
    json(&["pivot", arg(case), "--filter", "packets_seen > 0", "--limit", "5"])
}

#[test]
fn what_was_moved_is_missed_found_by_its_hash_and_read_again() {
    let (case, evidence) = a_case();
    assert_eq!(presence(&case), []);
    let before = pivots(&case);
    let packet = before[0]["packet_ids"][0].as_str().unwrap().to_owned();
    let record = before[0]["record"]["id"].as_str().unwrap().to_owned();
    let shown = json(&["packet", arg(&case), &packet]);

    let elsewhere = folder("elsewhere").join("deep");
    fs::create_dir(&elsewhere).unwrap();
    for (number, file) in fs::read_dir(&evidence).unwrap().enumerate() {
        // Names say nothing: the hash does.
        fs::rename(file.unwrap().path(), elsewhere.join(format!("{number}.bin"))).unwrap();
    }
    let away = presence(&case);
    assert!(away.len() > 700 && away.iter().all(|(_, presence)| presence == "missing"));
    // Nothing is silently empty: whatever needs the bytes names the file and says so.
    let missed = tidemark(&["packet", arg(&case), &packet]);
    assert_eq!(missed.status, 2);
    assert!(missed.stderr.contains("collector-1"), "{}", missed.stderr);
    let raw = ["flows", arg(&case), "--filter", "srcport == 443", "--limit", "1", "--raw"];
    assert_eq!(tidemark(&raw).status, 2);
    assert!(!json_failures(&case).is_empty());
    // What does not need them goes on.
    assert_eq!(pivots(&case), before);

    let nowhere = folder("nowhere");
    fs::write(nowhere.join("other.pcap"), b"other bytes").unwrap();
    expect(1, &["relink", arg(&case), arg(&nowhere)]);
    let found = lines(&expect(0, &["relink", arg(&case), arg(&elsewhere), "--json"]));
    assert_eq!(found[0]["missing"], Value::Array(Vec::new()));
    assert_eq!(presence(&case), []);
    assert_eq!(json(&["packet", arg(&case), &packet]), shown);
    expect(0, &raw);
    expect(0, &["pivot", arg(&case), "--record", &record]);
    expect(0, &["verify", arg(&case)]);
    expect(0, &["rebuild", arg(&case)]);
    assert_eq!(pivots(&case), before);
}

fn json_failures(case: &Path) -> Vec<Value> {
    let verified = lines(&expect(1, &["verify", arg(case), "--json"]));
    verified[0]["failures"].as_array().unwrap().clone()
}

#[test]
fn a_file_in_the_place_of_another_is_not_taken_for_it() {
    let (case, evidence) = a_case();
    let capture = evidence.join("collector-1_20260303T093011Z.pcap");
    let packet = pivots(&case)[0]["packet_ids"][0].as_str().unwrap().to_owned();
    let kept = folder("kept").join("kept.pcap");
    fs::rename(&capture, &kept).unwrap();
    fs::write(&capture, b"short").unwrap();
    let name = capture.file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(presence(&case), [(name, "changed".to_owned())]);
    expect(0, &["relink", arg(&case), arg(&kept)]);
    assert_eq!(presence(&case), []);
    expect(0, &["packet", arg(&case), &packet]);
    // The same size and other bytes: only reading tells.
    let mut bytes = fs::read(&kept).unwrap();
    bytes.iter_mut().for_each(|byte| *byte ^= 1);
    fs::write(&kept, bytes).unwrap();
    assert_eq!(tidemark(&["packet", arg(&case), &packet]).status, 2);
    assert!(!json_failures(&case).is_empty());
}
