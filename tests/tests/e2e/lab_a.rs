//! A recorded incident with published truth.

use super::cli::{arg, case_of, csv_gz, expect, folder, json, shared, tidemark};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;

/// The records that are given other packets than the truth gives them: interface, ports, start, why. All are of two long
/// connections whose windows follow each other closely, and come 0 to 15 s late. Each range holds the truth.
const OTHERWISE: [(&str, u64, u64, &str, &str); 6] = [
    ("eni-0b61f0a9c3d7e2b20", 8080, 54696, "2026-11-23T18:46:50Z", LATE),
    ("eni-0b61f0a9c3d7e2b20", 8080, 54696, "2026-11-23T18:47:59Z", LATE),
    ("eni-0b61f0a9c3d7e2b20", 8080, 54696, "2026-11-23T18:48:46Z", LATE),
    ("eni-0b61f0a9c3d7e1a10", 54696, 8080, "2026-11-23T18:48:54Z", UNDELIVERED),
    ("eni-0b61f0a9c3d7e1a10", 8080, 54696, "2026-11-23T18:48:54Z", UNDELIVERED),
    ("eni-0b61f0a9c3d7e1a10", 56494, 8080, "2026-11-23T18:58:38Z", UNDELIVERED),
];
const LATE: &str = "lost packets leave open how late this window and the next one came";
const UNDELIVERED: &str = "the next record was not delivered, or skipped: its packets beside the lost ones look like this one's";

fn records(case: &Path) -> HashMap<(String, u64), Value> {
    let key = |record: &Value| {
        (record["evidence"].as_str().unwrap().to_owned(), record["line"].as_u64().unwrap())
    };
    json(&["flows", arg(case)]).into_iter().map(|record| (key(&record), record)).collect()
}

fn number(row: &HashMap<String, String>, column: &str) -> u64 {
    row[column].parse().unwrap_or(0)
}

/// Verdict and primary reason by the class that the truth gives a record.
fn expected(row: &HashMap<String, String>) -> (&'static str, Option<&'static str>) {
    match row["coverage"].as_str() {
        "full" if number(row, "truncated_packets") > 0 => ("full", Some("truncated")),
        "full" => ("full", None),
        "partial" if number(row, "outside_packets") > 0 => ("partial", Some("outside_capture")),
        "partial" => ("partial", Some("missing_packets")),
        "none-lost" => ("none", Some("missing_packets")),
        "none-rejected" => ("none", Some("rejected_before_mirror")),
        "none-not-a-source" => ("none", Some("not_a_mirror_source")),
        "none-outside-capture-window" => ("none", Some("outside_capture")),
        "none-excluded" => ("none", Some("never_mirrored")),
        other => panic!("the truth has a class {other}"),
    }
}

#[test]
fn every_record_of_the_recorded_incident_has_the_packets_and_the_reason_that_the_truth_says() {
    let Some(evidence) = shared("lab-a/evidence/data") else { return };
    let truth = csv_gz(&shared("lab-a/truth/flow_coverage.csv.gz").expect("truth beside it"));
    let folders = ["flowlogs-s3", "mirror", "sidecars"].map(|name| evidence.join(name));
    let case = case_of("lab-a", &folders);

    let status = &json(&["status", arg(&case)])[0];
    assert_eq!(status["flow_records"].as_u64(), Some(truth.len() as u64));
    assert_eq!(
        (&status["rejected_lines"], &status["anomalies"]),
        (&Value::from(0), &Value::from(0))
    );
    let offset =
        status["clock_offsets"][0]["seconds"].as_f64().expect("the collector's clock is known");
    assert!((offset - 2.3).abs() < 0.05, "the collector's clock was 2.3 s ahead: {offset}");

    let records = records(&case);
    let (mut comparable, mut open, mut other, mut unlike) = (0, 0, Vec::new(), Vec::new());
    for row in &truth {
        // The truth names files below the whole bag, the case below the folder that was added.
        let file = row["file"].strip_prefix("flowlogs-s3/").unwrap();
        let record = &records[&(file.to_owned(), row["line"].parse().unwrap())];
        if row["coverage"].starts_with("n/a") {
            assert_eq!(record["verdict"], Value::Null);
            continue;
        }
        comparable += 1;
        let of = |field: &str| record[field].as_u64().unwrap();
        let (packets, bytes) = (number(row, "mirror_packets"), number(row, "mirror_ip_bytes"));
        let (least, most) = (of("packets_seen_min"), of("packets_seen_max"));
        assert!(least <= packets && packets <= most, "{packets} in {record}");
        open += u64::from(least < most);
        if (of("packets_seen"), of("bytes_seen")) != (packets, bytes) {
            let text = |field: &str| record[field].as_str().unwrap().to_owned();
            other.push((text("interface_id"), of("srcport"), of("dstport"), text("start")));
            continue;
        }
        let found = (record["verdict"].as_str().unwrap(), record["reasons"][0].as_str());
        if found != expected(row) {
            unlike.push(format!("{found:?} instead of {:?}: {record}", expected(row)));
        }
    }
    other.sort();
    let mut argued: Vec<_> = OTHERWISE
        .iter()
        .map(|(interface, from, to, start, _)| {
            ((*interface).to_owned(), *from, *to, (*start).to_owned())
        })
        .collect();
    argued.sort();
    assert_eq!(other, argued, "of {comparable}");
    assert!(unlike.is_empty(), "{} of {comparable}: {unlike:#?}", unlike.len());
    assert_eq!(comparable, 13_306);
    // Ranges say something: nearly every record is certain of its packets.
    assert!(open < 100, "{open} of {comparable} are open");
    stitched_flows_are_exact(&case, &truth, &records);
    both_ends_tell_of_one_conversation(&case);
    conversations_without_a_record_say_why(&case);
}

/// What the truth knows of flows without a record: those that are never logged, and those whose records were not delivered.
fn conversations_without_a_record_say_why(case: &Path) {
    let conversations = json(&["conversations", arg(case)]);
    let mut reasons: HashMap<_, Vec<&str>> = HashMap::new();
    let (mut unrecorded, mut unexplained) = (0, 0);
    for talk in &conversations {
        assert_eq!(talk["records"] == 0, talk["unrecorded_reason"].is_string(), "{talk}");
        let Some(reason) = talk["unrecorded_reason"].as_str() else { continue };
        let end = |side: &str| {
            format!("{} {}", talk[side].as_str().unwrap(), talk[format!("{side}_port")])
        };
        let (client, server) = (end("client"), end("server"));
        let ends = (client.clone().min(server.clone()), client.max(server));
        let interface = talk["interface_id"].as_str().unwrap_or_default().to_owned();
        reasons.entry((interface, ends)).or_default().push(reason);
        unrecorded += 1;
        unexplained += u32::from(reason == "unexplained");
    }
    assert_eq!((unrecorded, unexplained), (1_225, 0));
    let mut told = HashMap::new();
    let mut hold = |interface: &str, ends: [String; 2], expect: &'static str| {
        let [a, b] = ends;
        let key = (interface.to_owned(), (a.clone().min(b.clone()), a.max(b)));
        for reason in reasons.get(&key).into_iter().flatten() {
            assert_eq!(*reason, expect, "{key:?}");
            *told.entry(expect).or_insert(0) += 1;
        }
    };
    let only = fs::read_to_string(shared("lab-a/truth/mirror_only_flows.csv").unwrap()).unwrap();
    for line in only.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells[0], "amazon-dns");
        let end = |at: usize| format!("{} {}", cells[at], cells[at + 1]);
        hold(cells[1], [end(4), end(6)], "never_logged");
    }
    for row in csv_gz(&shared("lab-a/truth/flow_rows_not_delivered.csv.gz").unwrap()) {
        if number(&row, "mirror_packets") == 0 {
            continue;
        }
        let end = |address: &str, port: &str| format!("{} {}", row[address], row[port]);
        let ends = [end("pkt_srcaddr", "srcport"), end("pkt_dstaddr", "dstport")];
        let skipped = row["cause"].starts_with("skipdata");
        let expect = if skipped { "skipdata" } else { "suspected_missing_file" };
        hold(&row["interface_id"], ends, expect);
    }
    let expect = [("never_logged", 83), ("skipdata", 902), ("suspected_missing_file", 1_355)];
    assert_eq!(told, expect.into());
}

/// What two interfaces sent each other was captured at both: one of the conversations is the copy, and nothing is decoded
/// twice.
fn both_ends_tell_of_one_conversation(case: &Path) {
    let conversations = json(&["conversations", arg(case)]);
    let text = |talk: &Value, key: &str| talk[key].as_str().unwrap_or_default().to_owned();
    let copies: HashMap<String, String> = conversations
        .iter()
        .filter(|talk| !talk["duplicate_of"].is_null())
        .map(|talk| (text(talk, "id"), text(talk, "duplicate_of")))
        .collect();
    let primaries: BTreeSet<&String> = copies.values().collect();
    let mut groups: HashMap<_, Vec<&Value>> = HashMap::new();
    for talk in &conversations {
        let end = |side: &str| (text(talk, side), talk[format!("{side}_port")].as_u64());
        let (client, server) = (end("client"), end("server"));
        let ends = (client.clone().min(server.clone()), client.max(server));
        groups.entry((talk["protocol"].as_u64(), ends)).or_default().push(talk);
    }
    let twice = groups.values().filter(|group| {
        group.iter().map(|talk| talk["vni"].as_u64()).collect::<BTreeSet<_>>().len() > 1
    });
    let mut told = 0;
    for talk in twice.flatten() {
        let id = text(talk, "id");
        assert!(copies.contains_key(&id) != primaries.contains(&id), "{talk}");
        told += 1;
    }
    assert_eq!((copies.len(), told), (297, 594));
    let transactions = json(&["transactions", arg(case)]);
    let of_copies =
        transactions.iter().filter(|one| copies.contains_key(&text(one, "conversation")));
    assert_eq!(of_copies.count(), 0);
}

/// A flow has all the packets that the truth gives its records, wherever no record of it was skipped or not delivered.
fn stitched_flows_are_exact(
    case: &Path,
    truth: &[HashMap<String, String>],
    records: &HashMap<(String, u64), Value>,
) {
    type Key = (Value, Value, Value, Value, Value, Value, Value);
    let key = |flow: &Value, from: &str, to: &str| -> Key {
        let field = |name: &str| flow[name].clone();
        let direction = field("flow_direction");
        let (ports, protocol) = ((field("srcport"), field("dstport")), field("protocol"));
        (field("interface_id"), direction, field(from), ports.0, field(to), ports.1, protocol)
    };
    let mut members: HashMap<Key, Vec<(String, u64, u64)>> = HashMap::new();
    for row in truth.iter().filter(|row| !row["coverage"].starts_with("n/a")) {
        let file = row["file"].strip_prefix("flowlogs-s3/").unwrap();
        let record = &records[&(file.to_owned(), row["line"].parse().unwrap())];
        let start = record["start"].as_str().unwrap().to_owned();
        let counts = (number(row, "mirror_packets"), number(row, "mirror_ip_bytes"));
        let own = members.entry(key(record, "pkt_srcaddr", "pkt_dstaddr")).or_default();
        own.push((start, counts.0, counts.1));
    }
    let gaps = json(&["gaps", arg(case)]);
    // A record comes up to a minute late, and counts a minute.
    let near = |time: &Value, by: i64| {
        let time = time::OffsetDateTime::parse(
            time.as_str().unwrap(),
            &time::format_description::well_known::Rfc3339,
        );
        time.unwrap().unix_timestamp() + by
    };
    let (mut exact, mut crossing, mut wrong) = (0, 0, Vec::new());
    for flow in json(&["flows", arg(case), "--stitched"]) {
        let (first, last) = (flow["first"].as_str().unwrap(), flow["last"].as_str().unwrap());
        let own = &members[&key(&flow, "srcaddr", "dstaddr")];
        let own: Vec<_> =
            own.iter().filter(|(start, ..)| first <= &**start && &**start <= last).collect();
        assert_eq!(flow["windows"], own.len(), "{flow}");
        let sum = |of: fn(&(String, u64, u64)) -> u64| own.iter().map(|row| of(row)).sum::<u64>();
        let crosses = gaps.iter().any(|gap| {
            gap["interface_id"] == flow["interface_id"]
                && ["skipdata", "suspected_missing_file"].contains(&gap["kind"].as_str().unwrap())
                && near(&gap["from"], 0) <= near(&flow["last"], 60)
                && near(&flow["first"], -60) <= near(&gap["to"], 0)
        });
        if crosses {
            crossing += 1;
        } else if (&flow["packets_seen"], &flow["bytes_seen"])
            == (&sum(|row| row.1).into(), &sum(|row| row.2).into())
        {
            exact += 1;
        } else {
            wrong.push(flow.to_string());
        }
    }
    assert!(wrong.is_empty(), "{} of {}: {wrong:#?}", wrong.len(), exact + wrong.len());
    assert_eq!((exact, crossing), (7_069, 6_077));
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
