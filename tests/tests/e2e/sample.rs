//! The sample incident against its ground truth.

use super::cli::{arg, csv_gz, json, sample_case};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

fn truth() -> Value {
    tests::json("sample-data/truth/truth.json")
}

fn phase(name: &str) -> Value {
    let truth = truth();
    let phases = truth["phases"].as_array().expect("phases");
    phases.iter().find(|phase| phase["phase"] == name).expect("the phase").clone()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} in {value}"))
}

#[test]
fn everything_is_loaded_and_counted() {
    let (_guard, case) = sample_case();
    let status = &json(&["status", arg(&case)])[0];
    let totals = &truth()["totals"];
    let classes = &totals["records_by_class"];
    let silent = classes["nodata"].as_u64().unwrap() + classes["skipdata"].as_u64().unwrap();
    assert_eq!(
        status["flow_records"].as_u64(),
        Some(totals["flow_records"].as_u64().unwrap() + silent)
    );
    assert_eq!(status["packets"], totals["captured_frames"]);
    assert_eq!(status["rejected_lines"], 0);
    assert_eq!(status["anomalies"], 0);
    let evidence = status["evidence"].as_array().unwrap();
    for capture in truth()["captures"].as_array().unwrap() {
        let item =
            evidence.iter().find(|item| item["path"] == capture["file"]).expect("the capture");
        assert_eq!(item["packets"], capture["frames"], "{capture}");
    }
    let logs = evidence.iter().filter(|item| item["kind"] == "flow_log_text").count();
    assert_eq!(Some(logs as u64), totals["flow_log_files"].as_u64());
}

#[test]
fn every_mirror_session_has_its_interface() {
    let (_guard, case) = sample_case();
    let status = &json(&["status", arg(&case)])[0];
    let sessions: BTreeSet<(u64, &str, bool)> = status["mirror_sessions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| {
            (s["vni"].as_u64().unwrap(), text(s, "interface_id"), s["inferred"].as_bool().unwrap())
        })
        .collect();
    let truth = truth();
    let expected: BTreeSet<(u64, &str, bool)> = truth["mirror_sessions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (s["vni"].as_u64().unwrap(), text(s, "interface"), false))
        .collect();
    assert_eq!(sessions, expected);
}

#[test]
fn every_record_has_exactly_its_packets_and_the_right_reason() {
    let (_guard, case) = sample_case();
    let rows = csv_gz(&tests::root().join("sample-data/truth/records.csv.gz"));
    let mut truth: HashMap<(String, u64), HashMap<String, String>> = rows
        .into_iter()
        .map(|row| ((row["file"].clone(), row["line"].parse().unwrap()), row))
        .collect();
    for pivot in json(&["pivot", arg(&case)]) {
        let record = &pivot["record"];
        let key = (text(record, "evidence").to_owned(), record["line"].as_u64().unwrap());
        let expected = truth.remove(&key).unwrap_or_else(|| panic!("{key:?} is not in the truth"));
        let (packets, bytes): (u64, u64) = (
            expected["mirror_packets"].parse().unwrap(),
            expected["mirror_bytes"].parse().unwrap(),
        );
        let (verdict, reason) = (pivot["verdict"].as_str(), pivot["reasons"][0].as_str());
        let fits = match expected["class"].as_str() {
            "full" => verdict == Some("full") && matches!(reason, None | Some("truncated")),
            "partial" => (verdict, reason) == (Some("partial"), Some("missing_packets")),
            "mixed" => {
                matches!(verdict, Some("partial" | "none")) && reason == Some("outside_capture")
            }
            "none-lost" => (verdict, reason) == (Some("none"), Some("missing_packets")),
            "none-not-a-source" => (verdict, reason) == (Some("none"), Some("not_a_mirror_source")),
            "none-rejected" => (verdict, reason) == (Some("none"), Some("rejected_before_mirror")),
            "none-outside-window" => (verdict, reason) == (Some("none"), Some("outside_capture")),
            "nodata" | "skipdata" => {
                assert_eq!(pivot["packets_seen"], Value::Null);
                verdict.is_none()
            }
            class => panic!("a class that this test does not know: {class}"),
        };
        assert!(fits, "{key:?}: {verdict:?} {reason:?} for {}", expected["class"]);
        if verdict.is_some() {
            assert_eq!(pivot["packets_seen"].as_u64(), Some(packets), "{key:?}");
            assert_eq!(pivot["bytes_seen"].as_u64(), Some(bytes), "{key:?}");
            assert_eq!(pivot["packet_ids"].as_array().unwrap().len() as u64, packets, "{key:?}");
        }
    }
    assert!(truth.is_empty(), "{} records were not listed", truth.len());
}

#[test]
fn the_scan_the_brute_force_and_the_flood_are_where_they_are() {
    let (_guard, case) = sample_case();
    let scan = phase("port_scan");
    let filter = format!("addr == {} && port == {}", text(&scan, "src"), scan["srcport"]);
    let flows = json(&["flows", arg(&case), "--filter", &filter]);
    assert_eq!(Some(flows.len() as u64), scan["records"].as_u64());
    let rejected = flows.iter().filter(|flow| flow["action"] == "REJECT").count();
    assert_eq!(Some(rejected as u64), scan["rejected_records"].as_u64());

    let ssh = phase("ssh_brute_force");
    let tried = format!(
        "SELECT count(DISTINCT srcport) AS n FROM flows WHERE srcaddr = '{}' AND dstport = 22",
        text(&ssh, "src")
    );
    assert_eq!(json(&["sql", arg(&case), &tried])[0]["n"], ssh["connections"]);
    let success = format!(
        "srcaddr == {} && dstport == 22 && srcport == {}",
        text(&ssh, "src"),
        ssh["success"]["srcport"]
    );
    let largest =
        json(&["flows", arg(&case), "--filter", &success, "--order", "bytes:desc", "--limit", "1"]);
    assert!(largest[0]["bytes"].as_u64() > Some(1000), "{}", largest[0]);

    let flood = phase("ddos");
    let filter = format!("srcaddr == {} && dstaddr == 10.0.1.10", text(&flood, "network"));
    let top = json(&["top", arg(&case), "srcaddr", "--filter", &filter, "--by", "packets"]);
    let ranked: Vec<(String, u64)> = top
        .iter()
        .map(|row| (text(row, "value").to_owned(), row["packets"].as_u64().unwrap()))
        .collect();
    let expected: Vec<(String, u64)> = flood["top_sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (text(row, "src").to_owned(), row["packets"].as_u64().unwrap()))
        .collect();
    assert_eq!(ranked, expected);
}

#[test]
fn the_timeline_shows_the_flood_as_its_highest_bar() {
    let (_guard, case) = sample_case();
    let bars = json(&["timeline", arg(&case), "--bucket", "5m"]);
    let total: u64 = bars.iter().map(|bar| bar["records"].as_u64().unwrap()).sum();
    let status = &json(&["status", arg(&case)])[0];
    assert_eq!(Some(total), status["flow_records"].as_u64(), "no record is left out of the bars");
    let highest = bars.iter().max_by_key(|bar| bar["records"].as_u64()).unwrap();
    let flood = phase("ddos");
    // To the second, since only the truth has fractions.
    let begun = &text(&flood, "from")[..19];
    assert!(
        &text(highest, "from")[..19] <= begun && begun < &text(highest, "to")[..19],
        "{highest}"
    );
}

#[test]
fn the_upload_is_the_largest_outbound_flow_of_the_day() {
    let (_guard, case) = sample_case();
    let upload = phase("bulk_upload");
    let filter = "flow_direction == egress && traffic_path == 8";
    let largest =
        &json(&["flows", arg(&case), "--filter", filter, "--order", "bytes:desc", "--limit", "1"])
            [0];
    assert_eq!(largest["dstaddr"], upload["dst"]);
    assert_eq!(largest["srcport"], upload["srcport"]);
}

#[test]
fn the_exfiltration_and_the_beacon_are_decoded() {
    let (_guard, case) = sample_case();
    let exfiltration = phase("dns_exfiltration");
    let domain = format!(".{}", text(&exfiltration, "domain"));
    let queries = json(&["transactions", arg(&case), "--protocol", "dns"]);
    let tunnel: Vec<_> =
        queries.iter().filter(|query| text(query, "qname").ends_with(&domain)).collect();
    assert!(tunnel.iter().all(|query| query["qtype"] == "TXT"));
    let names: BTreeSet<_> = tunnel.iter().map(|query| text(query, "qname")).collect();
    let captured = names.len() as u64;
    let queries = exfiltration["queries"].as_u64().unwrap();
    assert!(captured <= queries && captured * 100 >= queries * 97, "{captured} of {queries}");

    let beacon = phase("beacon");
    let requests = json(&["transactions", arg(&case), "--protocol", "http"]);
    let pings: Vec<_> = requests
        .iter()
        .filter(|request| request["host"] == beacon["host"] && request["method"] == "POST")
        .collect();
    assert!(pings.len() >= 40, "{}", pings.len());
    assert!(pings.iter().all(|ping| ping["uri"] == beacon["uri"]));
}
