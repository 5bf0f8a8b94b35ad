//! References are by content: any load order, and a rebuild, give the same.

use super::cli::{arg, case_of, expect, incident, json};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// What a case says, without what may differ: the order in which equally early things were entered.
fn said(case: &Path) -> [Vec<Value>; 4] {
    let sorted = |mut lines: Vec<Value>| {
        lines.sort_by_key(ToString::to_string);
        lines
    };
    [
        sorted(json(&["pivot", arg(case), "--filter", "port in {22, 80} && packets_seen > 0"])),
        sorted(json(&["flows", arg(case), "--filter", "tag == looked-at"])),
        sorted(json(&["conversations", arg(case)])),
        sorted(json(&["transactions", arg(case)])),
    ]
}

#[test]
fn load_order_and_rebuild_give_the_same_references() {
    // Two of the captures and the public subnet's logs: enough for conversations over a rotation.
    let parts: Vec<PathBuf> =
        ["flowlogs", "mirror", "sidecars"].map(|name| incident().join(name)).into();
    let mut backwards = parts.clone();
    backwards.reverse();
    let one = case_of("forwards", &parts);
    let two = case_of("backwards", &backwards);
    for case in [&one, &two] {
        let filter = "srcaddr == 198.51.100.77 && dstport == 80";
        expect(0, &["tag", arg(case), "looked-at", "--filter", filter]);
    }
    let first = said(&one);
    assert!(first.iter().all(|lines| !lines.is_empty()));
    let second = said(&two);
    for (a, b) in first.iter().zip(&second) {
        assert!(a == b, "two load orders give different references");
    }

    fs::remove_file(one.join("case.duckdb")).unwrap();
    for index in fs::read_dir(one.join("index")).unwrap() {
        fs::remove_file(index.unwrap().path()).unwrap();
    }
    expect(0, &["rebuild", arg(&one)]);
    let rebuilt = said(&one);
    for (a, b) in first.iter().zip(&rebuilt) {
        assert!(a == b, "a rebuild gives different references");
    }
}
