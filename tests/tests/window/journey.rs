//! The analyst's way, by mouse: from a folder of evidence to a report that can be checked.

use super::steps::{
    CAPTURE, LOADING, counted, grouped, place_of_the_injection, report, rows_of_the_sample,
    select_the_injection, shown, wait_for_count,
};
use serde_json::json;
use std::fs;
use tests::cli::{arg, expect, folder, incident, sample_case};
use tests::window::{ROWS, TIMELINE, Window};

#[test]
fn without_a_case_the_window_says_where_to_begin() {
    let window = Window::open(&[], &folder("start"));
    window.wait_for("[data-test=start]");
    window.wait_for("[data-test=new-case]");
    window.wait_for("[data-test=open-sample]");
}

/// What stands in a column of the rows in view.
fn column(window: &Window, name: &str) -> Vec<String> {
    let cells = format!("{ROWS} [data-column={name}]");
    let texts = "return [...document.querySelectorAll(arguments[0])]
                   .map((cell) => cell.textContent.trim())";
    let texts = window.script(texts, &[json!(cells)]);
    let texts = texts.as_array().into_iter().flatten();
    texts.map(|text| text.as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn from_a_folder_of_evidence_to_a_report_that_can_be_checked() {
    let home = folder("journey");
    let (case, exported) = (home.join("shop.tidemark"), home.join("report"));
    let window = Window::open(&[], &home);

    // A case, and the evidence in it.
    window.click("[data-test=new-case]");
    window.wait_for("[data-test=case-path]").fill(arg(&case));
    window.click("[data-test=create-case]");
    window.wait_for_view("evidence");
    window.wait_for("[data-test=add-path]").fill(arg(&incident()));
    window.press("Enter");
    window.wait_for("[data-test=job-card]");
    let total = rows_of_the_sample();
    window.wait_for_text_within("footer", &format!("{} flow records", grouped(total)), LOADING);
    window.wait_gone("[data-test=job-card]");

    // The day, and a stretch of it.
    window.go("flows");
    wait_for_count(&window, total);
    window.wait_for(TIMELINE).drag((0.45, 0.4), (0.55, 0.4));
    window.wait_for("[data-test=brushed]");
    window.settle();
    let brushed = shown(&window);
    assert!(brushed > 0 && brushed < total, "{brushed} of {total}");
    window.click("[data-test=brushed]");
    wait_for_count(&window, total);

    // Port 22.
    window.filter("dstport == 22");
    let (_reading, known) = sample_case();
    wait_for_count(&window, counted(&known, "dstport = 22"));
    window.settle();
    let ports = column(&window, "dstport");
    assert!(ports.len() > 5 && ports.iter().all(|port| port == "22"), "{ports:?}");

    // From the record of the injection to what was said.
    select_the_injection(&window);
    assert!(window.text_of("[data-test=verdict]").contains("Captured in full"));
    // The line of the log that it was read from.
    window.click("[data-test=original-line]");
    window.wait_for_text("[data-test=raw-line]", "53744");

    window.click("[data-test=open-packets]");
    window.wait_for_view("conversation");
    // A byte leads to its field: the third and fourth of the TCP header are the port of the destination.
    window.click("[data-test=hex] [data-byte='86']");
    window.wait_for_text("[data-test=layer-tree] [aria-selected=true]", "dstport");
    window.wait_for_text("[data-test=transaction]", "UNION SELECT username,password_hash");
    window.click_text("[role=tab]", "Stream");
    window.wait_for_text("[data-test=stream]", "UNION+SELECT");
    window.click_text("[data-test=stream] [role=option]", "UNION+SELECT");
    let capture = fs::read(incident().join("mirror").join(CAPTURE)).expect("a capture");
    let offset = grouped(place_of_the_injection(&capture) as u64);
    window.wait_for_text("[data-test=provenance]", &format!("{CAPTURE}, offset {offset}"));

    // A finding on it.
    window.press("f");
    window.wait_for("[data-test=finding-title]").fill("SQL injection read the users table");
    window.wait_for("[data-test=finding-text]").fill("The answer lists names and password hashes.");
    window.click("input[name=severity][value=critical]");
    window.click("[data-test=mark-save]");
    window.wait_gone("[data-test=finding-title]");
    window.go("findings");
    let finding = window.wait_for_text("[data-test=finding]", "SQL injection read the users table");
    assert!(finding.text().contains("critical"), "{}", finding.text());

    // The report.
    window.go("report");
    window.wait_for("[data-test=report-folder]").fill(arg(&exported));
    window.click("[data-test=report-export]");
    window.wait_for_within("[data-test=report-done]", LOADING);
    let [html, pdf, _] = report(&exported);
    assert!(
        fs::read_to_string(html).expect("a page").contains("SQL injection read the users table")
    );
    assert!(fs::read(pdf).expect("a document").starts_with(b"%PDF-"));
    window.go("flows");
    window.filter("dstport == 443");
    wait_for_count(&window, counted(&known, "dstport = 443"));
    window.settle();
    // Settings are kept a moment after the last change.
    std::thread::sleep(std::time::Duration::from_millis(500));
    window.quit();

    expect(0, &["verify", arg(&case)]);
    expect(0, &["verify", arg(&exported)]);

    // Opened again, everything is as it was left.
    let window = Window::open(&[], &home);
    window.wait_for_view("flows");
    wait_for_count(&window, counted(&known, "dstport = 443"));
    window.wait_for(ROWS);
    window.go("findings");
    window.wait_for_text("[data-test=finding]", "SQL injection read the users table");
}
