//! One network, one period, exported in every way: the same records whatever the export.

use super::cli::{arg, expect, folder, json, lines, shared, tidemark};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Fields that every export of the recorded incident carries.
const COMMON: &str = "SELECT count(*) AS rows, md5(string_agg(concat_ws('|', interface_id, srcaddr, dstaddr, srcport,
    dstport, protocol, packets, bytes, \"start\", \"end\", action, log_status), ';' ORDER BY interface_id, \"start\",
    \"end\", srcaddr, dstaddr, srcport, dstport, protocol, packets, bytes)) AS checksum FROM flows";
/// Fields that the full format has beside.
const FULL: &str = "SELECT count(*) AS rows, md5(string_agg(concat_ws('|', interface_id, srcaddr, dstaddr, srcport,
    dstport, protocol, packets, bytes, \"start\", \"end\", account_id, vpc_id, subnet_id, instance_id, tcp_flags, type,
    pkt_srcaddr, pkt_dstaddr, region, az_id, flow_direction, traffic_path), ';' ORDER BY interface_id, \"start\",
    \"end\", srcaddr, dstaddr, srcport, dstport, protocol, packets, bytes)) AS checksum FROM flows";

/// A case with this evidence, which is loaded whole.
fn case_with(name: &str, evidence: &[PathBuf]) -> PathBuf {
    let case = folder(name).join("case.tidemark");
    expect(0, &["new", arg(&case)]);
    let mut add = vec!["add", arg(&case)];
    add.extend(evidence.iter().map(|path| arg(path)));
    expect(0, &add);
    case
}

fn answer(case: &Path, sql: &str) -> Value {
    json(&["sql", arg(case), sql]).remove(0)
}

#[test]
fn the_same_truth_comes_from_every_export() {
    let Some(data) = shared("lab-a/evidence/data") else { return };
    // The text without a header has a custom layout, which the sidecar names.
    let exports: [(&str, &[&str]); 5] = [
        ("flowlogs-s3", &["flowlogs-s3"]),
        ("flowlogs-parquet", &["flowlogs-parquet"]),
        ("flowlogs-cwl-export", &["flowlogs-cwl-export", "sidecars"]),
        ("flowlogs-athena", &["flowlogs-athena"]),
        ("flowlogs-cwl-json", &["flowlogs-cwl-json"]),
    ];
    let (mut common, mut full) = (Vec::new(), Vec::new());
    for (name, folders) in exports {
        let evidence: Vec<_> = folders.iter().map(|folder| data.join(folder)).collect();
        let case = case_with(name, &evidence);
        common.push((name, answer(&case, COMMON)));
        // The events of CloudWatch Logs hold the default format.
        if name != "flowlogs-cwl-json" {
            full.push((name, answer(&case, FULL)));
        }
    }
    assert_eq!(common[0].1["rows"], 13_325);
    for (name, answer) in &common {
        assert_eq!(*answer, common[0].1, "{name}");
    }
    for (name, answer) in &full {
        assert_eq!(*answer, full[0].1, "{name}");
    }
}

/// File, its format, records, rejected lines; a format alone is a file that is refused with its reason.
const SAMPLES: &[(&str, &str, u64, u64)] = &[
    ("LICENSE", "unrecognised", 0, 0),
    ("LICENSE-SUMMARY", "unrecognised", 0, 0),
    ("V2_RECORDS.log", "flow_log_text", 5, 0),
    ("V3_FILE.log", "flow_log_text", 2, 0),
    ("V3_FILE.log.gz", "flow_log_text", 2, 0),
    ("V4_FILE.log", "flow_log_text", 2, 0),
    ("V4_FILE.log.gz", "flow_log_text", 2, 0),
    ("V5_FILE.log", "flow_log_text", 2, 1),
    ("V5_FILE.log.gz", "flow_log_text", 2, 1),
    ("V6_FILE.log", "flow_log_text", 1, 0),
    ("V6_FILE.log.gz", "flow_log_text", 1, 0),
    ("flows.parquet", "flow_log_parquet", 2, 1),
    ("v2_default.log", "flow_log_text", 7, 0),
    ("v3_tcp_flags.log", "flow_log_text", 8, 0),
    ("v3_transit_gateway.log", "flow_log_text", 4, 0),
    ("v5_traffic_path.log", "flow_log_text", 2, 0),
    ("test-extra-samples.log", "flow_log_text", 7, 0),
    ("test-tgw-samples.log", "flow_log_text", 10, 0),
    ("test-v5-all-fields.log", "flow_log_text", 0, 0),
    ("test-v8-samples.log", "flow_log_text", 1, 0),
    ("test-with-message-field.log", "firehose_messages", 1, 0),
    ("vpc_flow.excerpt.ndjson", "ocsf_json", 8, 0),
    ("1_1_0_vpcflow.ocsf", "ocsf_json", 1, 0),
    ("conn.log", "zeek_conn_json", 2234, 0),
    ("valid_tgw_flow_log.log", "flow_log_text", 1, 0),
    ("valid_vpc_flow_cw_custom.json", "cloudwatch_subscription", 0, 0),
    ("valid_vpc_flow_log_multi.log", "flow_log_text", 2, 0),
    ("vpcflowlog.ocsf", "ocsf_json", 1, 0),
];

#[test]
fn every_public_sample_is_loaded_or_refused_with_its_reason() {
    let Some(samples) = shared("flowlogs") else { return };
    let case = folder("public-samples").join("case.tidemark");
    expect(0, &["new", arg(&case)]);
    // Some are refused, and V5_FILE has a bad line on purpose.
    let added = lines(&expect(1, &["add", arg(&case), arg(&samples), "--json"]));
    let mut seen = BTreeMap::new();
    for item in &added {
        let path = item["path"].as_str().unwrap();
        let name = path.rsplit('/').next().unwrap();
        // One of them as CSV, one as JSON, under one name.
        if name == "vpcflowlog.raw" {
            assert!(item["known"] == true || item["flow_records"] == 1, "{item}");
            continue;
        }
        let Some((_, kind, records, rejected)) = SAMPLES.iter().find(|sample| sample.0 == name)
        else {
            panic!("{path} is in no row of the table");
        };
        assert_eq!(item["kind"], *kind, "{path}");
        if item["known"] == false {
            assert_eq!(item["flow_records"], *records, "{path}");
            assert_eq!(item["rejected_lines"], *rejected, "{path}");
            assert_eq!(item["problem"].is_string(), *records == 0, "{path}: {}", item["problem"]);
        }
        seen.insert(name.to_owned(), ());
    }
    assert_eq!(seen.len(), SAMPLES.len(), "a sample of the table is not there any more");
}

#[test]
fn a_record_is_shown_as_it_stands_in_each_export() {
    let Some(data) = shared("lab-a/evidence/data") else { return };
    for (export, shown) in [
        ("flowlogs-s3", " 10.20.1.10 "),
        ("flowlogs-athena", "\"10.20.1.10\""),
        ("flowlogs-cwl-json", "\"logStreamName\""),
        ("flowlogs-parquet", "srcaddr=10.20.1.10"),
    ] {
        let case = case_with(&format!("raw-{export}"), &[data.join(export)]);
        let filter = "srcaddr == 10.20.1.10 && dstport == 34058";
        let raw = json(&["flows", arg(&case), "--filter", filter, "--raw", "--limit", "1"]);
        let text = raw[0]["text"].as_str().unwrap();
        assert!(text.contains(shown), "{export}: {text}");
        assert!(text.contains("34058"), "{export}: {text}");
    }
}

/// Nine fields of a log in an order of its own, as a route without headers carries them.
const BARE: &str = "10.0.0.5 203.0.113.9 52100 443 6 12 3400 1772533200 1772533260\n";
const FIELDS: &str = "srcaddr dstaddr srcport dstport protocol packets bytes start end";

#[test]
fn records_without_a_header_are_refused_until_somebody_says_what_their_columns_mean() {
    let evidence = folder("bare");
    let log = evidence.join("bare.log");
    fs::write(&log, BARE.repeat(3)).unwrap();
    let case = folder("bare-case").join("case.tidemark");
    expect(0, &["new", arg(&case)]);
    let refused = tidemark(&["add", arg(&case), arg(&log), "--json"]);
    let problem = lines(&refused)[0]["problem"].as_str().unwrap_or_default().to_owned();
    assert_eq!(refused.status, 2, "{problem}");

    let stated = folder("stated-case").join("case.tidemark");
    expect(0, &["new", arg(&stated)]);
    expect(0, &["add", arg(&stated), arg(&log), "--format", "flow_log_text", "--fields", FIELDS]);
    let rows = json(&["flows", arg(&stated)]);
    assert_eq!((rows.len(), &rows[0]["srcaddr"]), (3, &Value::from("10.0.0.5")));
    // What was refused before is read when somebody says how; what was loaded is not loaded again.
    expect(0, &["add", arg(&case), arg(&log), "--format", "flow_log_text", "--fields", FIELDS]);
    expect(0, &["add", arg(&case), arg(&log), "--format", "flow_log_text", "--fields", FIELDS]);
    assert_eq!(json(&["flows", arg(&case)]).len(), 3);
    expect(0, &["rebuild", arg(&case)]);
    assert_eq!(json(&["flows", arg(&case)]).len(), 3);
    // A rebuild asks nobody again.
    expect(0, &["rebuild", arg(&stated)]);
    assert_eq!(json(&["flows", arg(&stated)]), rows);
}

#[test]
fn an_archive_is_its_members_and_the_same_bytes_are_loaded_once() {
    let Some(data) = shared("lab-a/evidence/data") else { return };
    let logs = data.join("flowlogs-s3");
    let bundle = folder("bundle").join("bundle.tar.gz");
    let parent = arg(&data).to_owned();
    let made = std::process::Command::new("tar")
        .args(["-czf", arg(&bundle), "-C", &parent, "flowlogs-s3"])
        .status()
        .expect("tar runs");
    assert!(made.success());
    let case = case_with("archive", &[bundle]);
    let status = &json(&["status", arg(&case)])[0];
    assert_eq!(status["flow_records"], 13_325);
    // The members lie beside the archive as well: nothing is loaded again, and their second place is known.
    let again = lines(&expect(0, &["add", arg(&case), arg(&logs), "--json"]));
    assert!(again.iter().all(|item| item["known"] == true && item["flow_records"] == 0));
    assert_eq!(json(&["status", arg(&case)])[0]["flow_records"], 13_325);
    expect(0, &["verify", arg(&case)]);
    expect(0, &["rebuild", arg(&case)]);
    assert_eq!(json(&["status", arg(&case)])[0]["flow_records"], 13_325);
}

#[test]
fn a_capture_of_the_case_stays_one_when_a_format_is_stated_for_its_folder() {
    let evidence = folder("stated-for-all");
    // A pcap without a packet: little-endian, microseconds, Ethernet.
    let header = b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\xff\xff\0\0\x01\0\0\0";
    fs::write(evidence.join("empty.pcap"), header).unwrap();
    fs::write(evidence.join("bare.log"), BARE).unwrap();
    let case = folder("stated-for-all-case").join("case.tidemark");
    expect(0, &["new", arg(&case)]);
    expect(1, &["add", arg(&case), arg(&evidence)]);
    let stated = ["--format", "flow_log_text", "--fields", FIELDS, "--json"];
    let add = [&["add", arg(&case), arg(&evidence)], &stated[..]].concat();
    let items = lines(&expect(0, &add));
    let capture = items.iter().find(|item| item["path"] == "empty.pcap").unwrap();
    assert_eq!((&capture["known"], &capture["kind"]), (&true.into(), &"pcap".into()));
    let log = items.iter().find(|item| item["path"] == "bare.log").unwrap();
    assert_eq!(log["flow_records"], 1);
}
