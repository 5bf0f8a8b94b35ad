//! Steps that several journeys share.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tests::cli::{arg, json};
use tests::window::{ROWS, Window};

/// Loading the sample incident takes a few seconds, on a busy machine many.
pub(crate) const LOADING: Duration = Duration::from_secs(120);
/// The attacker's requests to the shop.
pub(crate) const ATTACK: &str = "srcaddr == 198.51.100.77 && dstport == 80";

/// Rows that the sample's flow logs hold, NODATA and SKIPDATA among them.
pub(crate) fn rows_of_the_sample() -> u64 {
    let totals = &tests::json("sample-data/truth/truth.json")["totals"];
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
    window.click_text(ROWS, "433 B");
    window.wait_for_text("[data-test=verdict]", "Captured in full");
}

/// The journal of a case, an act a line.
pub(crate) fn acts(case: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(case.join("journal.jsonl")).expect("a journal");
    text.lines().map(|line| serde_json::from_str(line).expect("an entry")).collect()
}

/// The files of an exported report.
pub(crate) fn report(folder: &Path) -> [PathBuf; 3] {
    ["report.html", "report.pdf", "manifest-sha256.txt"].map(|name| folder.join(name))
}
