//! The same way by keyboard alone: nothing is clicked and nothing is pointed at.

use super::steps::{ATTACK, LOADING, grouped, report, rows_of_the_sample, wait_for_count};
use std::fs;
use tests::cli::{arg, expect, folder, incident};
use tests::window::{ROWS, Window};

/// Presses Tab until the focus is in what `css` names.
fn tab_to(window: &Window, css: &str) {
    for _ in 0..60 {
        if window.focus_is_in(css) {
            return;
        }
        window.press("Tab");
    }
    panic!("Tab never leads to {css}");
}

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
    window.wait_for("[data-test=finding-title]");
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
