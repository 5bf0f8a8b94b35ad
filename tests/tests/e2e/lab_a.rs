//! A recorded incident with published truth.

use super::cli::{arg, case_of, csv_gz, expect, folder, json, shared, tidemark};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

#[test]
fn the_recorded_incident_loads_and_its_records_have_their_packets() {
    let Some(evidence) = shared("lab-a/evidence/data") else { return };
    let truth_file =
        shared("lab-a/truth/flow_coverage.csv.gz").expect("the truth beside the evidence");
    let folders = ["flowlogs-s3", "mirror", "sidecars"].map(|name| evidence.join(name));
    let case = case_of("lab-a", &folders);
    let truth = csv_gz(&truth_file);

    let status = &json(&["status", arg(&case)])[0];
    assert_eq!(status["flow_records"].as_u64(), Some(truth.len() as u64));
    assert_eq!(
        (&status["rejected_lines"], &status["anomalies"]),
        (&Value::from(0), &Value::from(0))
    );
    let offset =
        status["clock_offsets"][0]["seconds"].as_f64().expect("the collector's clock is known");
    assert!((offset - 2.3).abs() < 0.05, "the collector's clock was 2.3 s ahead: {offset}");

    let (mut comparable, mut right) = (0, 0);
    let mut pivots = std::collections::HashMap::new();
    for pivot in json(&["pivot", arg(&case)]) {
        let record = &pivot["record"];
        let key =
            (record["evidence"].as_str().unwrap().to_owned(), record["line"].as_u64().unwrap());
        pivots.insert(key, pivot);
    }
    for row in &truth {
        // The truth names files below the whole bag, the case below the folder that was added.
        let file = row["file"].strip_prefix("flowlogs-s3/").unwrap();
        let pivot = &pivots[&(file.to_owned(), row["line"].parse().unwrap())];
        let class = row["coverage"].as_str();
        if class.starts_with("n/a") {
            assert_eq!(pivot["verdict"], Value::Null);
            continue;
        }
        let number = |column: &str| row[column].parse::<u64>().unwrap_or(0);
        comparable += 1;
        if pivot["packets_seen"].as_u64() == Some(number("mirror_packets"))
            && pivot["bytes_seen"].as_u64() == Some(number("mirror_ip_bytes"))
        {
            right += 1;
        }
        match class {
            "none-rejected" => assert_eq!(pivot["reasons"][0], "rejected_before_mirror"),
            "none-not-a-source" => assert_eq!(pivot["reasons"][0], "not_a_mirror_source"),
            _ => {}
        }
    }
    assert!(comparable > 13_000);
    // Measured: 13,288 of 13,306. The others are records of long flows whose late windows overlap.
    assert!(right * 1000 >= comparable * 998, "{right} of {comparable}");
}

#[test]
fn the_whole_bag_changes_no_total_and_its_gaps_are_those_of_the_truth() {
    let Some(evidence) = shared("lab-a/evidence/data") else { return };
    let folders = ["flowlogs-s3", "mirror", "sidecars"].map(|name| evidence.join(name));
    let alone = case_of("lab-a-alone", &folders);
    // Not every file of the bag is clean, or a flow log at all.
    let whole = folder("lab-a-whole").join("case.tidemark");
    expect(0, &["new", arg(&whole)]);
    tidemark(&["add", arg(&whole), arg(&evidence)]);

    let status = |case| json(&["status", arg(case)]).remove(0);
    let (one, all) = (status(&alone), status(&whole));
    for field in ["flow_records", "packets", "conversations", "first", "last", "verdicts"] {
        assert_eq!(one[field], all[field], "{field}");
    }
    assert_eq!(one["overlapping_records"], 0);
    // The second log covers three interfaces; whatever else of the bag can be read overlaps as a whole too.
    assert!(all["overlapping_records"].as_u64().unwrap() >= 8_083);
    for question in [&["top", "srcaddr"][..], &["timeline", "--by", "action"], &["top", "evidence"]]
    {
        let ask = |case| {
            let (command, rest) = question.split_first().unwrap();
            json(&[&[*command, arg(case)], rest].concat())
        };
        let (mut few, mut many) = (ask(&alone), ask(&whole));
        for row in few.iter_mut().chain(&mut many) {
            // In the bag, names begin with the folder.
            if let Some(name) =
                row["value"].as_str().map(|name| name.trim_start_matches("flowlogs-s3/").to_owned())
            {
                row["value"] = name.into();
            }
        }
        assert_eq!(few, many, "{question:?}");
    }

    // 18:50 to 18:55: one of the two files of that slot was not delivered; three interfaces were in it alone.
    let truth = fs::read_to_string(shared("lab-a/truth/truth.json").unwrap()).expect("the truth");
    let truth: Value = serde_json::from_str(&truth).expect("JSON");
    assert!(truth["missing_file"].as_str().unwrap().contains("_20261123T1850Z_"));
    let not_delivered = csv_gz(&shared("lab-a/truth/flow_rows_not_delivered.csv.gz").unwrap());
    let of_cause = |cause: &str| -> BTreeSet<String> {
        let rows = not_delivered.iter().filter(|row| row["cause"].starts_with(cause));
        rows.map(|row| row["interface_id"].clone()).collect()
    };
    for case in [&alone, &whole] {
        let gaps = json(&["gaps", arg(case)]);
        let of_kind = |kind: &str| -> BTreeSet<String> {
            let rows = gaps.iter().filter(|gap| gap["kind"] == kind);
            rows.map(|gap| gap["interface_id"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(of_kind("suspected_missing_file"), of_cause("missing-file"));
        assert_eq!(of_kind("skipdata"), of_cause("skipdata"));
        assert_eq!(of_kind("silence"), BTreeSet::new());
        assert_eq!(gaps.len(), 5, "and one interface that sent nothing all the time");
        let suspected = gaps.iter().find(|gap| gap["kind"] == "suspected_missing_file").unwrap();
        assert_eq!(
            (&suspected["from"], &suspected["to"]),
            (&Value::from("2026-11-23T18:50:00Z"), &Value::from("2026-11-23T18:55:00Z"))
        );
    }
}
