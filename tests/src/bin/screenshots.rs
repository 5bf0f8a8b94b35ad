//! Pictures of every view, dark and light, in the two sizes that it is made for: over the sample incident, and, of what
//! that does not have, over two flow logs of one server.
//!
//! `screenshots FOLDER [VIEW…]` writes `VIEW-THEME-WIDTH.png`; without views, all of them.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tests::cli::{arg, case_of, expect, folder, incident};
use tests::two_logs::write_two_logs;
use tests::window::{ROWS, TIMELINE, Window};

const THEMES: [(&str, &str); 2] = [("dark", "Dark theme"), ("light", "Light theme")];
const SIZES: [(u32, u32); 2] = [(1280, 800), (1920, 1080)];

const ATTACK: &str = "srcaddr == 198.51.100.77 && dstport == 80";

/// A view: its name, and the way to it from any other.
type View = (&'static str, fn(&Window));

const VIEWS: &[View] = &[
    ("flows", whole_case),
    ("flows-record", a_record),
    ("flows-error", |window| {
        whole_case(window);
        window.write_filter("srcaddr == 10.0.0.0/8 && dstport = 22");
        window.press("Enter");
    }),
    ("flows-brush", |window| {
        whole_case(window);
        window.wait_for(TIMELINE).drag((0.45, 0.5), (0.6, 0.5));
    }),
    ("saved-views", |window| {
        whole_case(window);
        window.click("[data-test=saved-views]");
        window.wait_for("[data-test=saved-view]");
    }),
    ("save-view", |window| {
        whole_case(window);
        window.command("Save this view");
        window.wait_for("[data-test=view-name]");
        window.type_text("Rejected from outside");
    }),
    ("values", |window| {
        whole_case(window);
        from_menu(window, "[data-test=values-open]");
        window.wait_for("[data-test=values]");
    }),
    ("export", |window| {
        whole_case(window);
        window.filter(ATTACK);
        from_menu(window, "[data-test=export-open]");
        window.wait_for("[data-test=export-path]");
    }),
    ("export-packets", |window| {
        whole_case(window);
        window.filter(ATTACK);
        from_menu(window, "[data-test=export-open]");
        window.wait_for("[data-test=export-path]");
        window.click("[data-option=pcapng]");
    }),
    ("compare", |window| {
        whole_case(window);
        window.go("compare");
        window.wait_for("[data-test=changes]");
    }),
    ("conversation", |window| {
        a_record(window);
        window.press("p");
        window.wait_for("[data-test=transaction]");
    }),
    ("stream", |window| {
        a_record(window);
        window.press("s");
        window.wait_for("[data-test=stream]");
    }),
    ("conversations", |window| {
        window.go("conversations");
        window.wait_for(ROWS);
    }),
    ("transactions", |window| {
        window.go("transactions");
        window.wait_for(ROWS);
    }),
    ("findings", |window| {
        window.go("findings");
        window.click("[data-test=finding]");
    }),
    ("evidence", |window| window.go("evidence")),
    ("evidence-item", |window| {
        window.go("evidence");
        window.click(ROWS);
        window.wait_for("aside");
    }),
    ("mirroring", |window| evidence_tab(window, "Mirror")),
    ("session-confirm", |window| {
        evidence_tab(window, "Mirror");
        window.click("[data-test=confirm-session]");
        window.wait_for("[data-test=session-interface]");
    }),
    ("clock-pin", |window| {
        evidence_tab(window, "Mirror");
        window.click("[data-test=pin-clock]");
        window.wait_for("[data-test=clock-seconds]");
    }),
    ("journal", |window| evidence_tab(window, "Journal")),
    ("evidence-advanced", |window| {
        whole_case(window);
        window.go("evidence");
        window.click("[data-test=advanced]");
        window.wait_for("[data-test=reading]");
    }),
    ("report", |window| {
        window.go("report");
        window.wait_for_text("main", "Integrity");
    }),
    ("sql", |window| window.go("sql")),
    ("palette", |window| {
        whole_case(window);
        window.press("Ctrl+K");
        window.wait_for("[data-test=palette]");
    }),
    ("keys", |window| {
        window.go("evidence");
        window.press("?");
        window.wait_for("[data-test=keys]");
    }),
    ("finding-dialog", |window| {
        a_record(window);
        window.press("f");
        window.wait_for("[data-test=finding-title]");
        window.type_text("SQL injection against the shop");
    }),
    ("tag-dialog", |window| {
        a_record(window);
        window.press("t");
        window.wait_for("[data-test=tag-text]");
    }),
    // The last, since it closes the case.
    ("start", |window| {
        window.command("Close the case");
        window.wait_for("[data-test=recent-case]");
    }),
];

const TWO_LOGS: &[View] = &[
    ("all-sources", |window| {
        whole_case(window);
        if !window.has("[data-test=all-sources][aria-checked=true]") {
            window.press("a");
        }
        window.wait_for("[data-test=all-sources][aria-checked=true]");
    }),
    ("sources", |window| {
        window.press("1");
        if window.has("[data-test=all-sources][aria-checked=true]") {
            window.press("a");
        }
        evidence_tab(window, "Sources");
        window.wait_for("[data-test=sources]");
    }),
    ("gaps", |window| {
        evidence_tab(window, "Gaps");
        window.click_text(ROWS, "a file may be missing");
        window.wait_for("[data-test=gap]");
    }),
    ("gap-flows", |window| {
        evidence_tab(window, "Gaps");
        window.click_text(ROWS, "silence");
        window.press("Enter");
        window.wait_for("[data-test=gap-notes]");
    }),
];

fn evidence_tab(window: &Window, title: &str) {
    window.go("evidence");
    window.click_text("[role=tab]", title);
    window.wait_for_text("[role=tab][aria-selected=true]", title);
}

/// What stands behind the dots beside the filter.
fn from_menu(window: &Window, item: &str) {
    window.click("[data-test=flows-menu]");
    window.click(item);
}

/// The flows of the whole case, with nothing selected and nothing filtered.
fn whole_case(window: &Window) {
    window.go("flows");
    window.command("Clear filter and brush");
    window.press("Escape");
    // The list begins at its head only where it is another than before.
    window.filter("bytes > 0");
    window.wait_for("[data-test=filter][data-text='bytes > 0']");
    window.settle();
    window.press("Escape");
    window.press("x");
    window.wait_for(&format!("{ROWS}[data-row='0']"));
    // No ring and no caret.
    window.script("document.activeElement?.blur(); getSelection()?.removeAllRanges()", &[]);
}

/// The flows of the attack, the first of them selected.
fn a_record(window: &Window) {
    whole_case(window);
    window.filter(ATTACK);
    window.wait_for_text(ROWS, "198.51.100.77");
    window.settle();
    // The one that reads the users' table.
    window.click_text(ROWS, "433 B");
    window.wait_for(&format!("{ROWS}[aria-selected=true]"));
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let Some(pictures) = args.next().map(PathBuf::from) else {
        tell("usage: screenshots FOLDER [VIEW…]");
        return ExitCode::from(2);
    };
    let wanted: Vec<String> = args.collect();
    std::fs::create_dir_all(&pictures).expect("the folder can be made");

    let two_logs = folder("two-logs");
    write_two_logs(&two_logs);
    let cases = [(VIEWS, incident_worked_on()), (TWO_LOGS, case_of("Web server", &[two_logs]))];
    let mut missing = 0;
    for (views, case) in cases {
        let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|one| one == name);
        let views: Vec<&View> = views.iter().filter(|(name, _)| is_wanted(name)).collect();
        missing += pictures_of(&case, &views, &pictures);
        let _ = std::fs::remove_dir_all(case.parent().expect("a case lies in a folder"));
    }
    if missing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Makes the pictures of these views; how many are not what they should be.
fn pictures_of(case: &Path, views: &[&View], pictures: &Path) -> u32 {
    let mut missing = 0;
    if views.is_empty() {
        return missing;
    }
    let home = folder("screenshots");
    let window = Window::open(&[arg(case)], &home);
    for (theme, command) in THEMES {
        for size in SIZES {
            window.resize(size.0, size.1);
            window.wait_for_view("flows");
            window.command(command);
            for (name, show) in views {
                let file = pictures.join(format!("{name}-{theme}-{}.png", size.0));
                missing += u32::from(!picture(&window, *show, &file));
            }
            if window.has("[data-test=start]") {
                window.click("[data-test=recent-case]");
            } else {
                window.go("flows");
            }
        }
    }
    window.quit();
    let _ = std::fs::remove_dir_all(home);
    missing
}

/// Makes one picture; says so where the view does not come, so that the others are made all the same.
fn picture(window: &Window, show: fn(&Window), file: &Path) -> bool {
    let made = catch_unwind(AssertUnwindSafe(|| {
        show(window);
        window.settle();
    }));
    // What there is to be seen is seen even so.
    window.screenshot(file);
    tell(&format!(
        "{}{}",
        file.display(),
        if made.is_ok() { "" } else { "  is not the view it should be" }
    ));
    if window.has("dialog") {
        window.press("Escape");
        window.wait_gone("dialog");
    }
    made.is_ok()
}

/// A case over the sample incident with tags, a note, findings and saved views.
fn incident_worked_on() -> PathBuf {
    let case = case_of("Sample incident", &[incident()]);
    let finding = |title: &str, severity: &str, technique: &str, text: &str, filter: &str| {
        let what = ["finding", arg(&case), title, "--text", text, "--filter", filter];
        expect(0, &[&what[..], &["--severity", severity, "--technique", technique]].concat());
    };
    expect(0, &["tag", arg(&case), "injection", "--filter", ATTACK]);
    finding(
        "SQL injection against the shop",
        "high",
        "T1190",
        "Six requests from 198.51.100.77; three carry a UNION SELECT and are answered with rows.",
        ATTACK,
    );
    finding(
        "Test virus downloaded by the web server",
        "medium",
        "T1105",
        "Two downloads from files.mirror.example carry the EICAR test string, one of them compressed.",
        "srcaddr == 192.0.2.80 && srcport == 80 && packets_seen > 0",
    );
    finding(
        "Customer data uploaded to a drop site",
        "critical",
        "T1567",
        "The largest outbound flow of the day is a PUT of customers.csv to drop.filebin.example.",
        "srcaddr == 10.0.2.20 && dstaddr == 203.0.113.200",
    );
    let note = "Ask for the web server's own log of 09:40 to 09:44 UTC.";
    expect(0, &["note", arg(&case), note, "--filter", ATTACK]);
    let view = |name: &str, filter: &str| {
        expect(0, &["view", arg(&case), name, "--filter", filter, "--order", "bytes:desc"]);
    };
    view("Injection", ATTACK);
    view(
        "Large, to the outside",
        "srcaddr == 10.0.0.0/8 && !(dstaddr == 10.0.0.0/8) && bytes > 1MB",
    );
    case
}

fn tell(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
