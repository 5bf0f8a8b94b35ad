//! The same way by keyboard alone: nothing is clicked and nothing is pointed at.

use super::steps::{
    ATTACK, LOADING, case_over, evidence_of_the_injection, grouped, report, rows_of_the_sample,
    shown, tab_to, wait_for_count,
};
use std::fs;
use tests::cli::{arg, expect, folder, incident};
use tests::window::{ROWS, TIMELINE, Window};

#[test]
fn from_evidence_to_report_by_keyboard_alone() {
    let home = folder("keyboard");
    let (case, exported) = (home.join("shop.tidemark"), home.join("report"));
    let window = Window::open(&[], &home);
    window.wait_for("[data-test=start]");

    tab_to(&window, "[data-test=new-case]");
    window.press("Enter");
    window.wait_for("[data-test=case-path]");
    tab_to(&window, "[data-test=case-path]");
    window.press("Ctrl+A");
    window.type_text(arg(&case));
    tab_to(&window, "[data-test=create-case]");
    window.press("Enter");
    window.wait_for_view("evidence");
    tab_to(&window, "[data-test=add-path]");
    window.type_text(arg(&incident()));
    window.press("Enter");
    let total = format!("{} flow records", grouped(rows_of_the_sample()));
    window.wait_for_text_within("footer", &total, LOADING);
    window.wait_gone("[data-test=job-card]");
    window.press("Escape");
    tab_to(&window, "nav");

    // A key for every view.
    for (key, view) in [("2", "conversations"), ("3", "transactions"), ("7", "sql"), ("1", "flows")]
    {
        window.press(key);
        window.wait_for_view(view);
    }

    window.filter(ATTACK);
    wait_for_count(&window, 6);
    window.press("Escape");
    window.wait_for(ROWS);
    window.press("g");
    window.press("Home");
    // The fourth of the six reads the users' table.
    for _ in 0..3 {
        window.press("ArrowDown");
    }
    window.wait_for_text(&format!("{ROWS}[aria-selected=true]"), "433 B");
    window.wait_for_text("[data-test=verdict]", "Captured in full");
    window.press("p");
    window.wait_for_view("conversation");
    window.wait_for_text("[data-test=transaction]", "UNION SELECT");

    window.press("f");
    window.wait_until(
        "the title to have the focus",
        "document.activeElement?.matches('[data-test=finding-title]')",
    );
    window.type_text("SQL injection");
    window.press("Tab");
    window.type_text("The answer lists password hashes.");
    window.press("Ctrl+Enter");
    window.wait_gone("[data-test=finding-title]");
    window.press("4");
    window.wait_for_text("[data-test=finding]", "SQL injection");

    window.press("Alt+ArrowLeft");
    window.wait_for_view("conversation");
    window.press("Alt+ArrowLeft");
    window.wait_for_view("flows");
    wait_for_count(&window, 6);

    window.press("6");
    window.wait_for_view("report");
    tab_to(&window, "[data-test=report-folder]");
    window.type_text(arg(&exported));
    tab_to(&window, "[data-test=report-export]");
    window.press("Enter");
    window.wait_for_within("[data-test=report-done]", LOADING);
    assert!(report(&exported).iter().all(|file| file.is_file()));
    assert!(fs::read_to_string(&report(&exported)[0]).expect("a page").contains("SQL injection"));
    window.quit();
    expect(0, &["verify", arg(&exported)]);
}

#[test]
fn the_palette_and_the_sheet_open_and_close_by_key() {
    let window = Window::open(&[], &folder("palette"));
    window.wait_for("[data-test=start]");
    window.press("Ctrl+K");
    window.wait_for("[data-test=palette]");
    window.press("Escape");
    window.wait_gone("[data-test=palette]");
    window.press("Ctrl+K");
    window.wait_for("[data-test=palette]");
    window.type_text("light");
    window.press("Enter");
    window.wait_gone("[data-test=palette]");
    window.wait_until("the light theme", "document.documentElement.dataset.theme === 'light'");
    window.press("?");
    window.wait_for_text("[data-test=keys]", "Packets of the record");
    window.press("Escape");
    window.wait_gone("[data-test=keys]");
    // Letters that are no key of this place do nothing.
    window.press("p");
    window.wait_for("[data-test=start]");
}

#[test]
fn the_keys_of_the_sheet_do_what_it_says() {
    let home = folder("keys");
    let case = case_over(&home, &evidence_of_the_injection(&home));
    let window = Window::open(&[arg(&case)], &home);
    window.wait_for(ROWS);
    window.settle();
    let total = shown(&window);

    // A record, found and marked.
    window.filter(ATTACK);
    wait_for_count(&window, 6);
    window.press("Escape");
    window.press("g");
    window.press("End");
    window.wait_for_text("[data-test=verdict]", "Captured in full");
    window.press("t");
    window.wait_for("[data-test=tag-text]");
    window.type_text("seen");
    window.press("Enter");
    window.wait_gone("[data-test=tag-text]");
    window.press("n");
    window.wait_for("[data-test=note-text]");
    window.type_text("Ask for the log of the shop.");
    window.press("Ctrl+Enter");
    window.wait_gone("[data-test=note-text]");
    window.press("x");
    wait_for_count(&window, total);
    window.filter("tag == seen");
    wait_for_count(&window, 1);
    window.press("Escape");

    // To its packets and back.
    window.press("g");
    window.press("Home");
    window.wait_for_text("[data-test=verdict]", "Captured in full");
    window.press("Enter");
    window.wait_for_view("conversation");
    window.wait_for("[data-test=transaction]");
    window.press("Alt+ArrowLeft");
    window.wait_for_view("flows");
    window.press("s");
    window.wait_for("[data-test=stream]");
    window.press("Alt+ArrowLeft");
    window.wait_for_view("flows");
    window.press("Alt+ArrowRight");
    window.wait_for("[data-test=stream]");
    window.press("1");
    window.press("x");
    wait_for_count(&window, total);

    // A stretch of time.
    tab_to(&window, TIMELINE);
    window.press("ArrowRight");
    window.wait_for("[data-test=brushed]");
    window.settle();
    let brushed = shown(&window);
    assert!(brushed > 0 && brushed < total, "{brushed} of {total}");
    window.press("Escape");
    window.wait_gone("[data-test=brushed]");
    wait_for_count(&window, total);

    // The rest of the window.
    let zone = window.text_of("[data-test=zone]");
    window.press("u");
    window.wait_for_text("[data-test=zone]", "Local time");
    window.press("u");
    window.wait_for_text("[data-test=zone]", &zone);
    window.press("v");
    window.wait_for_view("evidence");
    window.wait_for_text_within("[data-test=verification]", "Everything is what it was", LOADING);
}
