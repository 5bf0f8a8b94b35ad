//! A recorded incident with published truth.

use super::cli::{arg, case_of, csv_gz, json, shared};
use serde_json::Value;

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
