//! A load in the window: its records can be used before it ends, and it can be cancelled.

use super::steps::{LOADING, acts, grouped, rows_by, shown};
use std::path::PathBuf;
use std::process::Command;
use tests::cli::{arg, expect, folder, json};
use tests::window::{ROWS, Window};

/// An incident that takes long enough to load to be interrupted.
const ROWS_OF_A_LONG_LOAD: &str = "6000000";

fn long_incident(home: &std::path::Path) -> PathBuf {
    let made = Command::new(tests::built("sample-data"))
        .args(["--out", arg(home), "--flow-records", ROWS_OF_A_LONG_LOAD])
        .output()
        .expect("the generator runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    home.join("incident")
}

#[test]
fn a_load_can_be_used_before_it_ends_and_cancelled() {
    let home = folder("loading");
    let incident = long_incident(&home);
    let case = home.join("long.tidemark");
    expect(0, &["new", arg(&case), "--title", "long"]);
    let window = Window::open(&[arg(&case)], &home);
    window.wait_for("[data-test=add-path]").fill(arg(&incident));
    window.press("Enter");
    window.wait_for("[data-test=job-card]");

    // Some are there, and can be filtered, while others still come in.
    window.go("flows");
    window.wait_for_within(ROWS, LOADING);
    assert!(window.has("[data-test=running-job]"), "the load had ended before it could be used");
    window.filter("protocol == udp");
    window.wait_for_text("[data-test=count]", "of");
    window.wait_for_text(ROWS, "udp");
    let seen = shown(&window);
    assert!(seen > 0);

    window.click("[data-test=running-job] button");
    window.wait_for_text_within("[data-test=notices]", "cancelled", LOADING);
    window.quit();

    expect(0, &["verify", arg(&case)]);
    let cancelled = acts(&case).into_iter().filter(|entry| entry["act"] == "cancelled").count();
    assert_eq!(cancelled, 1);

    // Added again, the rest comes in too.
    let truth = rows_by(&tests::json_at(&home.join("truth/truth.json")));
    let before = json(&["status", arg(&case)])[0]["flow_records"].as_u64().expect("a count");
    assert!(before < truth, "{before} of {truth}");
    let window = Window::open(&[], &home);
    window.go("evidence");
    window.wait_for("[data-test=add-path]").fill(arg(&incident));
    window.press("Enter");
    // Nothing is lost, and nothing counts twice.
    window.wait_for_text_within("footer", &format!("{} flow records", grouped(truth)), LOADING);
    window.wait_gone("[data-test=job-card]");
    window.quit();
    expect(0, &["verify", arg(&case)]);
    let _ = std::fs::remove_dir_all(home);
}
