//! Two flow logs over one interface, a file that is not there, and flows over windows, from outside.

use super::cli::{arg, case_of, expect, folder, json};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

const SHORT: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";
/// 2023-11-14 22:15:00 UTC.
const BEGUN: i64 = 1_700_000_100;

/// The files of a flow log that has a record of every minute of half an hour; those of the slots `lost` are not there.
fn flow_log(name: &str, long: bool, lost: &[i64]) -> PathBuf {
    let folder = folder(name);
    for slot in (0..6_i64).filter(|slot| !lost.contains(slot)) {
        let mut text = format!("{SHORT}{}\n", if long { " tcp-flags" } else { "" });
        for minute in slot * 5..slot * 5 + 5 {
            let start = BEGUN + minute * 60;
            let flags = if !long {
                ""
            } else if minute == 0 {
                " 2"
            } else {
                " 0"
            };
            text += &format!(
                "2 1 eni-a 10.0.0.1 10.0.0.2 1000 443 6 2 100 {start} {} ACCEPT OK{flags}\n",
                start + 59
            );
        }
        let minute = 15 + slot * 5;
        let file =
            format!("123456789012_vpcflowlogs_us-east-1_{name}_20231114T22{minute}Z_00c0ffee.log");
        fs::write(folder.join(file), text).expect("a file can be written");
    }
    folder
}

#[test]
fn two_flow_logs_over_one_interface_count_once_and_both_are_shown() {
    let logs = [flow_log("fl-0aa", true, &[3]), flow_log("fl-0bb", false, &[])];
    let case = case_of("two-logs", &logs);
    let status = &json(&["status", arg(&case)])[0];
    assert_eq!(
        (&status["flow_records"], &status["overlapping_records"]),
        (&Value::from(30), &Value::from(25))
    );
    let sources: Vec<_> = status["sources"].as_array().unwrap().iter().collect();
    assert_eq!(sources[0]["source"], "123456789012/fl-0aa");
    assert_eq!(
        (&sources[1]["flow_records"], &sources[1]["overlapping_records"]),
        (&Value::from(30), &Value::from(25))
    );
    let overlaps = status["overlaps"].as_array().unwrap();
    let counted: Vec<_> =
        overlaps.iter().map(|overlap| (&overlap["counted"], &overlap["records"])).collect();
    let first = Value::from("123456789012/fl-0aa");
    assert_eq!(counted, [(&first, &Value::from(15)), (&first, &Value::from(10))]);

    let counts = |args: &[&str]| json(&[&["flows", arg(&case)], args].concat()).len();
    assert_eq!(counts(&[]), 30);
    assert_eq!(counts(&["--all-sources"]), 55);
    assert_eq!(counts(&["--filter", "overlapping"]), 25);
    assert_eq!(counts(&["--filter", "source contains fl-0bb"]), 5, "where the first lacks a file");
    // What is asked of all sources is answered of them in a comparison and by a saved view too.
    let compared = |more: &[&str]| {
        let baseline = ["--baseline", "2023-11-14T22:00:00Z..2023-11-14T22:30:00Z"];
        json(&[&["top", arg(&case), "srcaddr"], &baseline[..], more].concat())[0].clone()
    };
    assert_eq!(compared(&[])["baseline"]["records"], 15);
    assert_eq!(compared(&["--all-sources"])["baseline"]["records"], 30);
    expect(0, &["view", arg(&case), "both", "--all-sources"]);
    assert_eq!(json(&["view", arg(&case)])[0]["all_sources"], true);
    assert_eq!(counts(&["--view", "both"]), 55);
    let overlapping = &json(&["pivot", arg(&case), "--filter", "overlapping", "--limit", "1"])[0];
    assert_eq!(overlapping["reasons"][0], "overlapping");
    assert_eq!(overlapping["packets_seen"], Value::Null);
    let total = json(&["timeline", arg(&case), "--bucket", "5m"]);
    assert_eq!(total.iter().map(|row| row["records"].as_u64().unwrap()).sum::<u64>(), 30);

    let gaps = json(&["gaps", arg(&case)]);
    assert_eq!(gaps.len(), 1);
    assert_eq!(gaps[0]["kind"], "suspected_missing_file");
    assert_eq!(
        (&gaps[0]["from"], &gaps[0]["to"]),
        (&Value::from("2023-11-14T22:30:00Z"), &Value::from("2023-11-14T22:35:00Z"))
    );
    assert!(gaps[0]["note"].as_str().unwrap().contains("123456789012/fl-0bb count there"));
    assert_eq!(status["gaps"], Value::from(gaps));
    expect(1, &["gaps", arg(&case), "--kind", "silence"]);
    expect(1, &["gaps", arg(&case), "--interface", "eni-b"]);
}

#[test]
fn a_flow_over_windows_is_one_line() {
    let case = case_of("stitched", &[flow_log("fl-0aa", true, &[3])]);
    let flows = json(&["flows", arg(&case), "--stitched"]);
    let told: Vec<_> =
        flows.iter().map(|flow| (&flow["first"], &flow["windows"], &flow["bytes"])).collect();
    let (first, second) =
        (Value::from("2023-11-14T22:15:00Z"), Value::from("2023-11-14T22:35:00Z"));
    assert_eq!(
        told,
        [
            (&first, &Value::from(15), &Value::from(1_500)),
            (&second, &Value::from(10), &Value::from(1_000))
        ]
    );
    assert_eq!(flows[0]["initiator_inferred"], "src");
    assert_eq!(flows[1]["initiator_inferred"], Value::Null);
    assert_eq!(json(&["flows", arg(&case), "--stitched", "--limit", "1"]).len(), 1);
    expect(1, &["flows", arg(&case), "--stitched", "--filter", "dstport == 1"]);
}

#[test]
fn a_time_selection_holds_the_records_that_start_in_it() {
    let case = case_of("times", &[flow_log("fl-0aa", true, &[])]);
    let within =
        |from: &str, to: &str| json(&["flows", arg(&case), "--from", from, "--to", to]).len();
    let (begin, middle, end) =
        ("2023-11-14T22:15:00Z", "2023-11-14T22:20:30Z", "2023-11-14T22:45:00Z");
    assert_eq!((within(begin, middle), within(middle, end)), (6, 24));
}
