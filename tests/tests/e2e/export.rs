//! Records in lists and files of any length: in order, complete, in bounded memory, and whole or not there.

use super::cli::{add, arg, binary, empty_case, expect, json, sample_case};
use super::generated::log;
use super::hostile::{peak_of, soaking};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The program takes less for itself. Unit: KiB.
const MOST_MEMORY: u64 = 500 * 1024;

fn ids(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["id"].as_str().expect("an id")).collect()
}

#[test]
fn a_long_list_is_what_the_short_ones_are() {
    let (_reading, case) = sample_case();
    let everything: [&[&str]; 3] =
        [&[], &["--order", "bytes:desc"], &["--filter", "dstport == 443", "--order", "srcaddr"]];
    for asked in everything {
        let flows = [&["flows", arg(&case)], asked].concat();
        let whole = json(&flows);
        assert!(!whole.is_empty());
        let few = json(&[&flows[..], &["--limit", "10000"]].concat());
        assert!(whole.starts_with(&few), "{asked:?}");
        let more = json(&[&flows[..], &["--limit", "10001"]].concat());
        assert_eq!(ids(&more), ids(&whole[..whole.len().min(10_001)]), "{asked:?}");
        let file = case.with_file_name(format!("{}.csv", asked.len()));
        expect(0, &[&flows[..], &["--out", arg(&file)]].concat());
        let text = fs::read_to_string(&file).expect("CSV is text");
        let exported: Vec<_> =
            text.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
        assert_eq!(exported, ids(&whole), "{asked:?}");
        fs::remove_file(file).expect("it is there");
    }
}

fn start(case: &Path, args: &[&str]) -> Child {
    let mut command = Command::new(binary());
    command.arg("flows").arg(case).args(args);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("tidemark starts")
}

fn last_acts(case: &Path) -> Vec<Value> {
    let journal = fs::read_to_string(case.join("journal.jsonl")).expect("there is a journal");
    journal.lines().rev().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Waits until the export stands in the journal as begun.
fn begun(case: &Path, exporting: &Child) {
    let patience = Instant::now() + Duration::from_secs(60);
    let own = format!("\"pid\":{}", exporting.id());
    while !fs::read_to_string(case.join("lock")).is_ok_and(|text| text.contains(&own))
        || last_acts(case)[0]["act"] != "begin"
    {
        assert!(Instant::now() < patience, "it never began");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[cfg(unix)]
#[test]
fn an_export_is_whole_or_is_not_there() {
    let (case, evidence) = empty_case("export");
    fs::write(evidence.join("a.log"), log(if soaking() { 1_000_000 } else { 150_000 })).unwrap();
    add(&case, &evidence, 0);
    for name in ["a.csv", "a.parquet"] {
        let out = case.with_file_name(format!("for-{name}"));
        fs::create_dir(&out).unwrap();
        let file = out.join(name);
        for signal in ["INT", "TERM", "KILL"] {
            let mut exporting = start(&case, &["--out", arg(&file)]);
            begun(&case, &exporting);
            let mut kill = Command::new("kill");
            kill.args([&format!("-{signal}"), &exporting.id().to_string()]);
            assert!(kill.status().expect("kill runs").success());
            let ended = exporting.wait().expect("it ends");
            let last = last_acts(&case);
            if signal == "KILL" {
                assert_eq!((ended.code(), &last[0]["act"]), (None, &"begin".into()));
            } else {
                assert_eq!(
                    (ended.code(), &last[0]["act"]),
                    (Some(2), &"cancelled".into()),
                    "{signal}"
                );
            }
            let left: Vec<_> = fs::read_dir(&out).unwrap().flatten().map(|e| e.path()).collect();
            let hidden = |path: &Path| path.file_name().unwrap().to_string_lossy().starts_with('.');
            assert!(
                signal == "KILL" && left.iter().all(|path| hidden(path)) || left.is_empty(),
                "{left:?}"
            );
            left.iter().for_each(|path| fs::remove_file(path).unwrap());
        }
        let exported = json(&["flows", arg(&case), "--out", arg(&file)]).remove(0);
        let said = last_acts(&case);
        assert_eq!((&said[0]["act"], &said[1]["act"]), (&"done".into(), &"exported".into()));
        assert_eq!(said[1]["files"][0]["sha256"], exported["sha256"]);
        assert_eq!(json(&["verify", arg(&case)])[0]["ok"], true);
        // Nothing is written over.
        expect(2, &["flows", arg(&case), "--out", arg(&file)]);
    }
}

#[test]
fn a_list_of_all_records_takes_bounded_memory() {
    let (case, evidence) = empty_case("all");
    fs::write(evidence.join("a.log"), log(if soaking() { 2_000_000 } else { 100_000 })).unwrap();
    add(&case, &evidence, 0);
    let mut listing = start(&case, &["--json"]);
    let mut peak = None;
    while listing.try_wait().expect("it can be asked").is_none() {
        peak = peak_of(listing.id()).or(peak);
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(peak.is_none_or(|peak| peak < MOST_MEMORY), "{peak:?} KiB");
}
