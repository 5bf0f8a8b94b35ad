//! Several sources and stretches without records, by keyboard alone.

use super::steps::{case_over, grouped, tab_to, wait_for_count};
use serde_json::Value;
use tests::cli::{arg, folder, json};
use tests::two_logs::{WORKER, write_two_logs};
use tests::window::{ROWS, Window};

const PILL: &str = "[data-test=all-sources]";

#[test]
fn all_sources_are_counted_on_request_and_the_case_remembers_it() {
    let home = folder("all-sources");
    write_two_logs(&home.join("evidence"));
    let case = case_over(&home, &home.join("evidence"));
    let status = &json(&["status", arg(&case)])[0];
    let count = |name: &str| status[name].as_u64().expect("a count");
    let (counted, overlapping) = (count("flow_records"), count("overlapping_records"));
    let total = |records: u64| format!("total {} records", grouped(records));
    assert!(overlapping > 0, "{status}");

    let window = Window::open(&[arg(&case)], &home);
    wait_for_count(&window, counted);
    window.wait_for_text(PILL, &format!("{overlapping} overlap"));
    window.press("a");
    window.wait_for_text(&format!("{PILL}[aria-checked=true]"), "All sources");
    wait_for_count(&window, counted + overlapping);
    window.wait_for_text("[data-test=timeline-readout]", &total(counted + overlapping));
    // The most frequent values, the comparison and what an export will hold are of the same records.
    window.command("Values of a field …");
    window.wait_for_text("[data-test=values]", "10.0.1.10");
    window.press("Escape");
    window.command("Export records …");
    window.wait_for_text("dialog", &format!("{} records", counted + overlapping));
    window.wait_for_text("dialog", "all: a record that several sources have");
    window.press("Escape");
    window.wait_gone("dialog");
    window.press("8");
    window.wait_for_text("[data-test=changes]", "10.0.1.10");
    window.wait_for(&format!("{PILL}[aria-checked=true]"));
    window.press("1");
    window.filter("srcaddr == 10.0.1.10");
    window.press("Escape");
    window.press("x");
    window.wait_for(&format!("{PILL}[aria-checked=true]"));
    window.settle();
    window.quit();

    let window = Window::open(&[arg(&case)], &home);
    wait_for_count(&window, counted + overlapping);
    tab_to(&window, PILL);
    window.press("Enter");
    wait_for_count(&window, counted);
    window.wait_for_text("[data-test=timeline-readout]", &total(counted));
}

#[test]
fn a_gap_and_an_overlap_say_in_words_what_they_rest_on() {
    let home = folder("gaps");
    write_two_logs(&home.join("evidence"));
    let case = case_over(&home, &home.join("evidence"));
    let gaps = json(&["gaps", arg(&case)]);
    let overlaps = json(&["status", arg(&case)])[0]["overlaps"].clone();
    let text = |row: &Value, name: &str| row[name].as_str().expect("a text").to_owned();

    let window = Window::open(&[arg(&case)], &home);
    window.wait_for(ROWS);
    window.press("5");
    tab_to(&window, "[role=tab]");
    for _ in 0..3 {
        window.press("ArrowRight");
    }
    window.wait_for_text("[role=tab][aria-selected=true]", "Gaps");
    for kind in ["NODATA", "SKIPDATA", "missing file suspected", "silence"] {
        window.wait_for_text("[data-option]", kind);
    }
    window.press("g");
    window.press("Home");
    for gap in &gaps {
        window.wait_for_text("[data-test=gap-note]", &text(gap, "note"));
        window.wait_for_text("[data-test=gap]", &text(gap, "interface_id"));
        window.wait_for_text("[data-test=gap-source]", &text(gap, "source"));
        window.press("ArrowDown");
    }

    // One kind alone; Enter leads to the flows, and where there are none it says so again.
    tab_to(&window, "[data-option=silence]");
    window.press("Enter");
    window.wait_gone("[data-row='1']");
    let silence = gaps.iter().find(|gap| gap["kind"] == "silence").expect("a silence");
    assert_eq!(silence["interface_id"], WORKER);
    window.press("g");
    window.press("Home");
    window.wait_for_text("[data-test=gap]", WORKER);
    window.press("Enter");
    window.wait_for_view("flows");
    window.wait_for_text("[data-test=gap-notes]", &text(silence, "note"));

    window.press("5");
    tab_to(&window, "[role=tab]");
    window.press("ArrowRight");
    window.press("ArrowRight");
    window.wait_for_text("[data-test=sources]", "111122223333/fl-0bb");
    window.press("g");
    window.press("Home");
    window.press("Enter");
    window.wait_for_view("flows");
    wait_for_count(&window, overlaps[0]["records"].as_u64().expect("a count"));
}
