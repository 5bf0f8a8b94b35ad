//! Steps that several journeys share.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tests::cli::{arg, expect, incident, json};
use tests::window::{ROWS, Window};

/// Loading the sample incident takes a few seconds, on a busy machine many.
pub(crate) const LOADING: Duration = Duration::from_secs(120);
/// The attacker's requests to the shop.
pub(crate) const ATTACK: &str = "srcaddr == 198.51.100.77 && dstport == 80";
/// The capture that holds them, and the request that read the users' table.
pub(crate) const CAPTURE: &str = "collector-1_20260303T093011Z.pcap";
pub(crate) const INJECTION: &str =
    "GET /products?id=1'+OR+'1'='1'+UNION+SELECT+username,password_hash+FROM+users--+- ";

/// Rows that the sample's flow logs hold, NODATA and SKIPDATA among them.
pub(crate) fn rows_of_the_sample() -> u64 {
    rows_by(&tests::json("sample-data/truth/truth.json"))
}

/// The same of any incident, by its truth.
pub(crate) fn rows_by(truth: &Value) -> u64 {
    let totals = &truth["totals"];
    let classes = &totals["records_by_class"];
    let rows = [&totals["flow_records"], &classes["nodata"], &classes["skipdata"]];
    rows.iter().map(|count| count.as_u64().expect("a count")).sum()
}

/// The count as the window writes it: `71,727`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How many records the filter bar says that pass.
pub(crate) fn shown(window: &Window) -> u64 {
    let text = window.text_of("[data-test=count]");
    let first = text.split_whitespace().next().expect("a count");
    first.replace(',', "").parse().unwrap_or_else(|_| panic!("{text:?} begins with no count"))
}

/// Waits until as many records pass.
pub(crate) fn wait_for_count(window: &Window, count: u64) {
    window.wait_for_text("[data-test=count]", &format!("{} of", grouped(count)));
}

/// How many records a filter selects, by the command line.
pub(crate) fn counted(case: &Path, condition: &str) -> u64 {
    let sql = format!("SELECT count(*) AS n FROM flows WHERE {condition}");
    json(&["sql", arg(case), &sql])[0]["n"].as_u64().expect("a count")
}

/// The record of the injection that read the users' table, selected.
pub(crate) fn select_the_injection(window: &Window) {
    window.filter(ATTACK);
    wait_for_count(window, 6);
    window.press("Escape");
    window.wait_for_text(ROWS, "433 B");
    // A row of the list before may say the same.
    window.settle();
    window.click_text(ROWS, "433 B");
    window.wait_for_text("[data-test=verdict]", "Captured in full");
}

/// The journal of a case, an act a line.
pub(crate) fn acts(case: &Path) -> Vec<Value> {
    let text = fs::read_to_string(case.join("journal.jsonl")).expect("a journal");
    text.lines().map(|line| serde_json::from_str(line).expect("an entry")).collect()
}

/// The files of an exported report.
pub(crate) fn report(folder: &Path) -> [PathBuf; 3] {
    ["report.html", "report.pdf", "manifest-sha256.txt"].map(|name| folder.join(name))
}

/// The files of the sample that the injection needs, as copies that may be spoilt.
pub(crate) fn evidence_of_the_injection(home: &Path) -> PathBuf {
    let copies = home.join("evidence");
    fs::create_dir_all(&copies).expect("a folder");
    let take = |from: PathBuf| {
        let name = from.file_name().expect("a name").to_owned();
        fs::copy(&from, copies.join(name)).expect("a copy");
    };
    take(incident().join("mirror").join(CAPTURE));
    for name in ["describe-network-interfaces.json", "describe-traffic-mirror-sessions.json"] {
        take(incident().join("sidecars").join(name));
    }
    let logs = incident().join("flowlogs/AWSLogs/111122223333/vpcflowlogs/us-east-1/2026/03/03");
    for entry in fs::read_dir(logs).expect("the sample has logs") {
        let path = entry.expect("an entry").path();
        if path.to_string_lossy().contains("20260303T094") {
            take(path);
        }
    }
    copies
}

/// Where the request of the injection lies in its capture.
pub(crate) fn place_of_the_injection(capture: &[u8]) -> usize {
    let needle = INJECTION.as_bytes();
    let found = capture.windows(needle.len()).position(|bytes| bytes == needle);
    found.expect("the capture holds the injection")
}

/// A case that holds this evidence.
pub(crate) fn case_over(home: &Path, evidence: &Path) -> PathBuf {
    let case = home.join("case.tidemark");
    expect(0, &["new", arg(&case), "--title", "A part of the sample"]);
    expect(0, &["add", arg(&case), arg(evidence)]);
    case
}

/// Presses Tab until the focus is in what `css` names.
#[track_caller]
pub(crate) fn tab_to(window: &Window, css: &str) {
    for _ in 0..60 {
        if window.focus_is_in(css) {
            return;
        }
        window.press("Tab");
    }
    panic!("Tab never leads to {css}");
}
