//! What captures hold and say, in the window.

use super::steps::{case_over, evidence_of_the_injection, grouped, select_the_injection};
use std::fs;
use tests::cli::{arg, expect, folder, json, lines, tidemark};
use tests::window::{ROWS, Window};

#[test]
fn a_conversation_is_exported_and_what_the_file_says_is_shown_where_it_is_added() {
    let home = folder("conversation-export");
    let case = case_over(&home, &evidence_of_the_injection(&home));
    let window = Window::open(&[arg(&case)], &home);
    window.wait_for(ROWS);
    select_the_injection(&window);
    window.click("[data-test=open-packets]");
    window.wait_for_view("conversation");
    let file = home.join("said.pcapng");
    window.click("[data-test=export-conversation]");
    window.wait_for("[data-test=export-path]").fill(arg(&file));
    window.click("[data-test=export-write]");
    window.wait_gone("dialog");
    window.quit();
    let checked = tidemark(&["verify", arg(&case), "--slice", arg(&file), "--json"]);
    assert_eq!(checked.status, 0, "{}", checked.stdout);
    let packets = lines(&checked)[0]["packets"].as_u64().expect("a count");
    assert!(packets > 4);

    // Each packet of it bears a comment, which another case keeps.
    let other = home.join("other.tidemark");
    expect(0, &["new", arg(&other)]);
    expect(0, &["add", arg(&other), arg(&file)]);
    let facts = json(&["facts", arg(&other)]);
    let on_packets = facts.iter().filter(|fact| fact["frame"].is_number());
    assert_eq!(on_packets.count() as u64, packets);
    assert!(facts.iter().all(|fact| fact["kind"] == "comment"));
    let window = Window::open(&[arg(&other)], &home);
    window.go("evidence");
    window.click_text(ROWS, "said.pcapng");
    window.wait_for_text("[data-test=capture-facts]", "form=inner file=");
    window.go("conversations");
    window.wait_for(ROWS).double_click();
    window.wait_for_view("conversation");
    window.wait_for_text("[data-test=packet-comment]", "sha256=");
}

#[test]
fn minutes_say_how_much_of_what_was_recorded_was_seen() {
    let home = folder("reconciled");
    let case = case_over(&home, &evidence_of_the_injection(&home));
    let rows = json(&["reconcile", arg(&case)]);
    let lossy = rows.iter().filter(|row| row["lost"] != 0).count();
    assert!(!rows.is_empty() && lossy < rows.len());
    let window = Window::open(&[arg(&case)], &home);
    window.go("evidence");
    window.click_text("[role=tab]", "Recorded & seen");
    window.wait_for_text("[data-option=all]", &grouped(rows.len() as u64));
    window.wait_for_text("[data-option=lost]", &grouped(lossy as u64));
    let first = window.row(0).text();
    for name in ["interface_id", "recorded", "seen", "captured"] {
        let value = rows[0][name].as_u64().map(grouped);
        let value = value.unwrap_or_else(|| rows[0][name].as_str().expect("a name").to_owned());
        assert!(first.contains(&value), "{name} {value} in {first}");
    }
    window.wait_for(ROWS).double_click();
    window.wait_for_view("flows");
    window.settle();
    assert!(window.text_of("[data-test=count]").contains(&rows[0]["records"].to_string()));
    let _ = fs::remove_dir_all(&home);
}
