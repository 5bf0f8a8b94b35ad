//! Whose traffic a mirror session copies and what a collector's clock shows: inferred, and as the examiner says.

use super::cli::{arg, case_of, expect, incident, json, tidemark};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn by(rows: Vec<Value>, key: &str) -> BTreeMap<String, Value> {
    rows.into_iter().map(|row| (row[key].as_str().unwrap().to_owned(), row)).collect()
}

fn sessions(case: &Path) -> BTreeMap<String, Value> {
    by(json(&["sessions", arg(case)]), "session")
}

fn coverage(case: &Path) -> Vec<(Value, Value, Value)> {
    let records = json(&["flows", arg(case)]).into_iter();
    records
        .map(|record| {
            (record["id"].clone(), record["packets_seen"].clone(), record["reasons"].clone())
        })
        .collect()
}

/// Files and folders of the incident's evidence that hold logs and captures.
fn without_sidecars() -> Vec<std::path::PathBuf> {
    let all = fs::read_dir(incident()).unwrap().map(|entry| entry.unwrap().path());
    let mut own: Vec<_> = all.filter(|path| !path.to_string_lossy().contains("sidecar")).collect();
    own.sort();
    own
}

#[test]
fn what_the_flow_logs_let_infer_is_what_the_sidecars_state() {
    let stated = sessions(&case_of("sessions-stated", &[incident()]));
    let case = case_of("sessions-inferred", &without_sidecars());
    let inferred = sessions(&case);
    assert!(!stated.is_empty() && stated.keys().eq(inferred.keys()), "{inferred:?}");
    for (name, session) in &inferred {
        assert_eq!(session["interface_id"], stated[name]["interface_id"], "{name}");
        assert_eq!(
            (&session["basis"], &stated[name]["basis"]),
            (&"inferred".into(), &"stated".into())
        );
        let candidates = session["candidates"].as_array().unwrap();
        assert_eq!(candidates[0]["interface_id"], session["interface_id"]);
        assert!(candidates[0]["tuples"].as_u64() <= session["looked_for"].as_u64());
    }
}

#[test]
fn what_the_examiner_says_of_a_session_counts_until_he_takes_it_back() {
    let case = case_of("sessions-confirmed", &[incident()]);
    let (before, names) = (coverage(&case), sessions(&case));
    let (name, session) = names.iter().next().unwrap();
    let own = session["interface_id"].as_str().unwrap();
    let wrong = format!("{name}=eni-0ffffffffffffffff");
    expect(0, &["sessions", arg(&case), "--confirm", &wrong]);
    assert_eq!(sessions(&case)[name]["basis"], "confirmed");
    let other = coverage(&case);
    assert_ne!(other, before, "the records of {own} have no packets any more");
    let conversations = json(&["conversations", arg(&case)]);
    assert!(conversations.iter().any(|own| own["interface_id"] == "eni-0ffffffffffffffff"));
    assert!(conversations.iter().all(|talk| talk["interface_id"] != own));
    expect(0, &["rebuild", arg(&case)]);
    assert_eq!(coverage(&case), other, "the journal has it");

    expect(0, &["sessions", arg(&case), "--release", name]);
    assert_eq!((sessions(&case), coverage(&case)), (names.clone(), before));
    expect(0, &["verify", arg(&case)]);
    for unknown in ["10.99.99.99/1=eni-1", "eni-1"] {
        assert_eq!(tidemark(&["sessions", arg(&case), "--confirm", unknown]).status, 2);
    }
    assert_eq!(tidemark(&["sessions", arg(&case), "--release", name]).status, 2);
}

#[test]
fn a_clock_that_is_pinned_is_used_until_it_is_released() {
    let case = case_of("clock", &[incident()]);
    let clocks = || json(&["clock", arg(&case)]);
    let (before, seen) = (clocks(), coverage(&case));
    let (collector, estimate) = (before[0]["collector"].as_str().unwrap(), &before[0]["seconds"]);
    assert_eq!(before[0]["pinned"], false);
    let an_hour = format!("{collector}={}", estimate.as_f64().unwrap() + 3600.0);
    expect(0, &["clock", arg(&case), "--pin", &an_hour]);
    let pinned = clocks();
    assert_eq!((&pinned[0]["pinned"], &pinned[0]["estimated_seconds"]), (&true.into(), estimate));
    assert_ne!(coverage(&case), seen, "an hour off, packets lie outside their records");
    let status = &json(&["status", arg(&case)])[0];
    assert_eq!(status["clock_offsets"][0]["seconds"], pinned[0]["seconds"]);
    expect(0, &["rebuild", arg(&case)]);
    assert_eq!(clocks(), pinned, "the journal has it");

    expect(0, &["clock", arg(&case), "--unpin", collector]);
    assert_eq!((clocks(), coverage(&case)), (before.clone(), seen));
    for wrong in ["nobody=1", "nobody", &format!("{collector}=soon"), &format!("{collector}=inf")] {
        assert_eq!(tidemark(&["clock", arg(&case), "--pin", wrong]).status, 2, "{wrong}");
    }
}

/// Files that overlap hold packets twice; a record counts each once.
#[test]
fn packets_that_two_captures_of_a_session_have_count_once() {
    let case = case_of("overlap", &[incident()]);
    let before = coverage(&case);
    let capture = incident().join("mirror/collector-1_20260303T093011Z.pcap");
    let bytes = fs::read(&capture).unwrap();
    let mut end = 24;
    for _ in 0..40 {
        let length: [u8; 4] = bytes[end + 8..end + 12].try_into().unwrap();
        end += 16 + u32::from_le_bytes(length) as usize;
    }
    let overlapping = case.parent().unwrap().join("again.pcap");
    fs::write(&overlapping, &bytes[..end]).unwrap();
    let packets = |case: &Path| json(&["status", arg(case)])[0]["packets"].as_u64().unwrap();
    let held = packets(&case);
    expect(0, &["add", arg(&case), arg(&overlapping)]);
    assert_eq!(packets(&case), held + 40, "both copies are kept");
    assert_eq!(coverage(&case), before);
}

/// A collector that wrote local time into its captures.
#[test]
fn a_clock_that_is_off_by_whole_hours_is_found() {
    let folder = super::cli::folder("hours");
    let mut evidence: Vec<_> = ["flowlogs", "sidecars"].map(|name| incident().join(name)).into();
    let mut bytes = fs::read(incident().join("mirror/collector-1_20260303T093011Z.pcap")).unwrap();
    let mut at = 24;
    while at < bytes.len() {
        let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        let (time, length) = (number(at) + 2 * 3600, number(at + 8) as usize);
        bytes[at..at + 4].copy_from_slice(&time.to_le_bytes());
        at += 16 + length;
    }
    let capture = folder.join("local-time.pcap");
    fs::write(&capture, bytes).unwrap();
    evidence.push(capture);
    let case = case_of("hours", &evidence);
    let clock = &json(&["clock", arg(&case)])[0];
    let seconds = clock["seconds"].as_f64().unwrap();
    assert!((seconds - 7200.0).abs() < 1.0, "{clock}");
    // Nothing is found.
    expect(1, &["flows", arg(&case), "--filter", "verdict == excess"]);
    let full = json(&["flows", arg(&case), "--filter", "verdict == full"]).len();
    assert!(full > 100, "{full} records have their packets");
}
