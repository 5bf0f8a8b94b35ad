//! What addresses are known as by the files that the user gives, from outside.

use super::cli::{add, arg, case_of, empty_case, expect, folder, item, json};
use super::written::{mmdb, network, spot, v4};
use serde_json::{Value, json as value};
use std::fs;
use std::path::{Path, PathBuf};

const LOG: &str = "\
version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status
2 1 eni-a 10.0.0.1 52.2.0.7 40000 443 6 1 100 1700000000 1700000060 ACCEPT OK
2 1 eni-a 10.0.0.1 8.8.8.8 40001 53 17 2 200 1700000060 1700000120 ACCEPT OK
2 1 eni-a 9.9.9.9 10.0.0.1 40002 3389 6 3 300 1700000120 1700000180 REJECT OK
";

fn list(service: &str) -> String {
    format!(
        r#"{{"syncToken": "1", "createDate": "2026-03-03-18-45-03", "prefixes": [
        {{"ip_prefix": "52.2.0.0/16", "region": "us-east-1", "service": "{service}", "network_border_group": "us-east-1"}},
        {{"ip_prefix": "52.2.0.0/15", "region": "us-east-1", "service": "AMAZON", "network_border_group": "us-east-1"}},
        {{"ip_prefix": "52.2.0.0", "region": "us-east-1", "service": "AMAZON", "network_border_group": "us-east-1"}}]}}"#
    )
}

/// A log, AWS's list with one broken prefix, and two MaxMind databases, whose names say nothing.
fn evidence(name: &str) -> (PathBuf, PathBuf) {
    let (case, folder) = empty_case(name);
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).expect("written");
    write("flow.log", LOG.as_bytes());
    write("ranges", list("S3").as_bytes());
    write("places", &mmdb("GeoLite2-City", &[(v4(9, 9, 9, 0), 96 + 24, spot("CH", "Zürich"))]));
    write(
        "networks",
        &mmdb("GeoLite2-ASN", &[(v4(8, 8, 0, 0), 96 + 16, network(15_169, "Example Resolver"))]),
    );
    add(&case, &folder, 1);
    (folder, case)
}

fn lines(case: &Path, filter: &str) -> Vec<u64> {
    let rows = json(&["flows", arg(case), "--filter", filter]);
    rows.iter().map(|row| row["line"].as_u64().expect("a line")).collect()
}

#[test]
fn files_of_reference_are_evidence_and_say_what_addresses_are() {
    let (folder, case) = evidence("known");
    let status = &json(&["status", arg(&case)])[0];
    let kinds: Vec<_> = status["references"].as_array().expect("a list").iter().collect();
    let told =
        |name: &str| kinds.iter().find(|one| one["path"] == name).expect("listed")["kind"].clone();
    assert_eq!(
        [told("ranges"), told("places"), told("networks")],
        ["aws_ip_ranges", "mmdb_city", "mmdb_asn"]
    );
    assert_eq!(item(status["evidence"].as_array().expect("a list"), "ranges")["anomalies"], 1);

    assert_eq!(lines(&case, "dst_aws_service == s3 && dst_aws_region == us-east-1"), [2]);
    assert_eq!(lines(&case, "src_country == ch || asn == AS15169"), [3, 4]);
    assert_eq!(lines(&case, "scope == public && dstport in {https, rdp}"), [2, 4]);
    expect(1, &["flows", arg(&case), "--filter", "src_scope == multicast"]);
    let wrong = expect(2, &["flows", arg(&case), "--filter", "dstport == htps"]);
    assert!(wrong.stderr.contains("column 12: there is no service \"htps\""), "{}", wrong.stderr);

    let first = &json(&["flows", arg(&case), "--limit", "1"])[0];
    for (name, expected) in [
        ("protocol_name", value!("tcp")),
        ("srcport_service", Value::Null),
        ("dstport_service", value!("https")),
        ("src_scope", value!("private")),
        ("dst_scope", value!("public")),
        ("dst_aws_service", value!("S3")),
        ("dst_country", Value::Null),
    ] {
        assert_eq!(first[name], expected, "{name}");
    }
    let top = json(&["top", arg(&case), "dstaddr,dstport", "--by", "records"]);
    let known = |value: &str| {
        top.iter().find(|row| row["value"] == value).expect("a row")["known_as"].clone()
    };
    assert_eq!(known("52.2.0.7 443"), "S3 us-east-1 → https");
    assert_eq!(known("8.8.8.8 53"), "AS15169 Example Resolver → dns");
    let top = json(&["top", arg(&case), "dst_as_org"]);
    assert_eq!(
        top.iter().map(|row| row["value"].clone()).collect::<Vec<_>>(),
        [Value::Null, value!("Example Resolver")]
    );
    let listed = expect(0, &["flows", arg(&case)]).stdout;
    assert!(listed.contains("Zürich, CH") && listed.contains("S3 us-east-1"), "{listed}");

    // A rebuild knows the same, and a list that is added later takes the place of the first.
    expect(1, &["rebuild", arg(&case)]);
    assert_eq!(lines(&case, "dst_aws_service == S3"), [2]);
    let newer = folder.join("newer.json");
    fs::write(&newer, list("EC2")).expect("written");
    add(&case, &newer, 1);
    assert_eq!(lines(&case, "dst_aws_service == EC2"), [2]);
    let status = &json(&["status", arg(&case)])[0];
    let used = |name: &str| {
        let all = status["references"].as_array().expect("a list");
        let is = |one: &&Value| one["path"].as_str().is_some_and(|path| path.ends_with(name));
        all.iter().find(is).expect("listed")["in_use"].clone()
    };
    assert_eq!((used("ranges"), used("newer.json")), (value!(false), value!(true)));
}

#[test]
fn a_file_of_reference_that_is_gone_or_changed_is_told_and_never_taken_for_an_empty_one() {
    let (folder, case) = evidence("known-changed");
    let places = folder.join("places");
    let mut bytes = fs::read(&places).expect("read");
    bytes[0] ^= 1;
    fs::write(&places, &bytes).expect("written");
    let asked = ["flows", arg(&case), "--filter", "country == CH"];
    let error = expect(2, &asked).stderr;
    assert!(error.contains("was changed after it was added"), "{error}");
    fs::remove_file(&places).expect("removed");
    let error = expect(2, &asked).stderr;
    assert!(error.contains("places is not where it was"), "{error}");
    let status = expect(0, &["status", arg(&case)]).stdout;
    assert!(status.contains("PROBLEM: places is not where it was"), "{status}");
    // What needs no such file is answered.
    assert_eq!(json(&["flows", arg(&case), "--filter", "dstport == https"]).len(), 1);
}

#[test]
fn without_such_a_file_asking_for_what_it_tells_is_an_error_that_names_it() {
    let folder = folder("known-nothing");
    fs::write(folder.join("flow.log"), LOG).expect("written");
    let case = case_of("known-nothing", &[folder]);
    let error = expect(2, &["flows", arg(&case), "--filter", "action == ACCEPT && dst_asn == 1"]);
    assert!(error.stderr.contains("column 21: nothing in the case tells asn"), "{}", error.stderr);
    let error = expect(2, &["top", arg(&case), "dst_country"]).stderr;
    assert!(error.contains("GeoLite2-Country.mmdb"), "{error}");
    assert_eq!(lines(&case, "dst_scope == private"), [4]);
}
