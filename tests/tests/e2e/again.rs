//! The same bytes again, wherever they lie: nothing is loaded twice, the second place is on record, and the user is
//! told.

use super::cli::{add, arg, empty_case, expect, item, json};
use super::generated::{HEADER, log};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use zip::write::SimpleFileOptions;

fn zip(path: &Path, members: &[(&str, &str)]) {
    let mut zip = zip::ZipWriter::new(File::create(path).unwrap());
    for (name, text) in members {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
}

/// Where the journal says that bytes were seen: act, end of the path, member.
fn places(case: &Path) -> Vec<String> {
    let journal = fs::read_to_string(case.join("journal.jsonl")).unwrap();
    let entries = journal.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    entries
        .filter_map(|entry| {
            let act = entry["act"].as_str()?.strip_prefix("evidence_")?.to_owned();
            let path = Path::new(entry["path"].as_str()?).file_name()?.to_str()?.to_owned();
            let member = entry["member"].as_str().map(|member| format!("!{member}"));
            Some(format!("{act} {path}{}", member.unwrap_or_default()))
        })
        .collect()
}

/// Records of all evidence, whichever of them count where they overlap.
fn loaded(status: &Value) -> u64 {
    let items = status["evidence"].as_array().expect("a list");
    items.iter().filter_map(|item| item["flow_records"].as_u64()).sum()
}

/// The status and each record say the way into the archive, not the archive alone.
#[test]
fn what_lies_in_an_archive_says_where_in_it() {
    let (case, evidence) = empty_case("member");
    fs::write(evidence.join("one.log"), log(1)).unwrap();
    zip(&evidence.join("two.zip"), &[("in/a.log", &log(2))]);
    add(&case, &evidence, 0);
    let (one, two) =
        (arg(&evidence).to_owned() + "/one.log", arg(&evidence).to_owned() + "/two.zip");
    let status = json(&["status", arg(&case)]).remove(0);
    let places = |name: &str| &item(status["evidence"].as_array().unwrap(), name)["locations"];
    assert_eq!(*places("one.log"), json!([{ "path": one, "member": null }]));
    assert_eq!(*places("two.zip"), json!([{ "path": two, "member": null }]));
    assert_eq!(*places("two.zip!in/a.log"), json!([{ "path": two, "member": "in/a.log" }]));
    let members: Vec<_> = json(&["flows", arg(&case), "--all-sources", "--order", "evidence"])
        .iter()
        .map(|row| (row["evidence"].clone(), row["member"].clone()))
        .collect();
    let within = (json!("two.zip!in/a.log"), json!("in/a.log"));
    assert_eq!(members, [(json!("one.log"), json!(null)), within.clone(), within]);
}

#[test]
fn the_same_folder_again_changes_nothing() {
    let (case, evidence) = empty_case("again");
    fs::write(evidence.join("one.log"), log(20)).unwrap();
    zip(&evidence.join("two.zip"), &[("a.log", &log(30)), ("b.log", &log(40))]);
    add(&case, &evidence, 0);
    let (before, status) = (places(&case), json(&["status", arg(&case)]).remove(0));
    assert_eq!(
        before,
        ["added one.log", "added two.zip", "added two.zip!a.log", "added two.zip!b.log"]
    );
    let items = add(&case, &evidence, 0);
    assert!(items.iter().all(|item| item["known"] == true && item["flow_records"] == 0));
    let said = expect(0, &["add", arg(&case), arg(&evidence)]).stdout;
    assert!(said.contains("one.log  flow_log_text  already in the case"), "{said}");
    assert!(said.contains("two.zip  zip  already in the case"), "{said}");
    // At the places that were known already there is nothing new to record.
    assert_eq!(places(&case), before);
    let again = json(&["status", arg(&case)]).remove(0);
    assert_eq!(
        (&again["flow_records"], &again["evidence"]),
        (&status["flow_records"], &status["evidence"])
    );
    assert_eq!(loaded(&again), 90);
}

#[test]
fn bytes_at_another_place_are_located_there_be_it_in_an_archive_or_beside_it() {
    let (case, evidence) = empty_case("elsewhere");
    let (one, two) = (log(20), format!("{HEADER}\n"));
    zip(&evidence.join("a.zip"), &[("in/x.log", &one), ("same.log", &one)]);
    fs::write(evidence.join("b.log"), &one).unwrap();
    // Another archive, so other bytes, with the same log in it and one of its own.
    zip(
        &evidence.join("c.zip"),
        &[("x.log", &one), ("y.log", &(two + &log(1)[HEADER.len() + 1..]))],
    );
    let items = add(&case, &evidence, 0);
    assert_eq!(item(&items, "a.zip!in/x.log")["flow_records"], 20);
    for again in ["a.zip!same.log", "b.log", "c.zip!x.log"] {
        let again = item(&items, again);
        assert_eq!((&again["known"], &again["flow_records"]), (&true.into(), &0.into()), "{again}");
        assert_eq!(again["kind"], "flow_log_text", "{again}");
    }
    assert_eq!(item(&items, "c.zip!y.log")["flow_records"], 1);
    assert_eq!(
        places(&case),
        [
            "added a.zip",
            "added a.zip!in/x.log",
            "located a.zip!same.log",
            "located b.log",
            "added c.zip",
            "located c.zip!x.log",
            "added c.zip!y.log",
        ]
    );
    let status = json(&["status", arg(&case)]).remove(0);
    assert_eq!(loaded(&status), 21);
    let places: Vec<_> = status["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["locations"].as_array().map_or(0, Vec::len))
        .collect();
    assert_eq!(places.iter().sum::<usize>(), 7, "{status}");
    // Each of the places will do: the first is gone, and what it held is read from another.
    fs::remove_file(evidence.join("a.zip")).unwrap();
    let rebuilt = expect(1, &["rebuild", arg(&case)]).stdout;
    assert!(rebuilt.contains("21 flow records"), "{rebuilt}");
}
