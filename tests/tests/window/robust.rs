//! What goes wrong is told in words that say what to do, and the rest goes on.

use super::steps::{
    ATTACK, CAPTURE, INJECTION, LOADING, case_over, evidence_of_the_injection,
    place_of_the_injection, report, select_the_injection, wait_for_count,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tests::cli::{arg, binary, expect, folder, incident};
use tests::window::{ROWS, Window};

/// A disk that is full after 16 KiB, as long as the value lives.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(folder: &Path) -> Option<SmallDisk> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=16k", "tmpfs", arg(folder)])
            .status()
            .is_ok_and(|status| status.success());
        mounted.then(|| SmallDisk(folder.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Even if somebody still looks into it: a test that failed leaves no disk behind.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[test]
fn a_case_that_is_open_elsewhere_says_by_whom_and_opens_later() {
    let home = folder("held");
    let case = home.join("case.tidemark");
    expect(0, &["new", arg(&case), "--title", "held"]);
    // It is among the recent cases, and not open.
    let window = Window::open(&[arg(&case)], &home);
    window.wait_for_view("evidence");
    window.command("Close the case");
    window.wait_for("[data-test=recent-case]");

    let mut holder = Command::new(binary())
        .args(["add", arg(&case), arg(&incident())])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("tidemark starts");
    let held = format!("\"pid\":{}", holder.id());
    let patience = Instant::now() + Duration::from_secs(30);
    while !fs::read_to_string(case.join("lock")).is_ok_and(|text| text.contains(&held)) {
        assert!(Instant::now() < patience, "the case was never opened");
        std::thread::sleep(Duration::from_millis(5));
    }
    window.click("[data-test=recent-case]");
    window.wait_for_text("[data-test=notices]", &format!("process {}", holder.id()));
    window.wait_for_text("[data-test=notices]", "wait until that program has ended");
    window.wait_for("[data-test=start]");
    assert!(holder.wait().expect("the load ends").success());

    window.click("[data-test=recent-case]");
    // It opens where it was left.
    window.wait_for_view("evidence");
    window.go("flows");
    window.wait_for_within(ROWS, LOADING);
}

#[test]
fn evidence_that_was_moved_away_is_missed_in_words_and_the_rest_goes_on() {
    let home = folder("moved");
    let evidence = evidence_of_the_injection(&home);
    let case = case_over(&home, &evidence);
    fs::rename(evidence.join(CAPTURE), home.join("elsewhere.pcap")).expect("it can be moved");

    let window = Window::open(&[arg(&case)], &home);
    window.wait_for_view("flows");
    select_the_injection(&window);
    window.click("[data-test=open-packets]");
    window.wait_for_view("conversation");
    window.wait_for_text("main", "is not where it was when it was added");
    window.wait_for_text("main", "add it again from where it lies now");
    // What stands in the index needs no capture.
    window.wait_for_text("[data-test=packet-list]", "SYN");
    window.go("flows");
    wait_for_count(&window, 6);

    // Added again from its new place, it is read there.
    window.go("evidence");
    window.wait_for("[data-test=add-path]").fill(arg(&home.join("elsewhere.pcap")));
    window.press("Enter");
    window.wait_for_text_within("main", "already in the case", LOADING);
    window.go("flows");
    select_the_injection(&window);
    window.click("[data-test=open-packets]");
    window.wait_for_text("[data-test=transaction]", "UNION SELECT");
}

#[test]
fn bytes_that_were_changed_are_named_and_not_shown() {
    let home = folder("changed");
    let evidence = evidence_of_the_injection(&home);
    let case = case_over(&home, &evidence);
    let capture = evidence.join(CAPTURE);
    let mut bytes = fs::read(&capture).expect("a capture");
    let place = place_of_the_injection(&bytes);
    bytes[place] = b'P';
    fs::write(&capture, bytes).expect("it can be changed");

    let window = Window::open(&[arg(&case)], &home);
    window.wait_for_view("flows");
    select_the_injection(&window);
    window.press("s");
    window.wait_for_view("conversation");
    window.wait_for_text("main", "was changed after it was added");
    assert!(!window.text().contains("UNION"), "changed bytes are never shown");
    window.press("v");
    window.wait_for_view("evidence");
    window.wait_for_text_within("[data-test=verification]", CAPTURE, LOADING);
}

#[test]
fn a_damaged_capture_is_read_up_to_the_damage_and_the_place_is_named() {
    let home = folder("damaged");
    let evidence = evidence_of_the_injection(&home);
    let bytes = fs::read(evidence.join(CAPTURE)).expect("a capture");
    fs::write(evidence.join(CAPTURE), &bytes[..bytes.len() - 11]).expect("it can be cut");
    let case = home.join("case.tidemark");
    expect(0, &["new", arg(&case), "--title", "robust"]);

    let window = Window::open(&[arg(&case)], &home);
    window.wait_for("[data-test=add-path]").fill(arg(&evidence));
    window.press("Enter");
    window.wait_for_text_within("footer", "1 anomaly", LOADING);
    window.wait_for_text("[data-test=evidence-list] [data-row]", CAPTURE);
    window.click_text("[data-test=evidence-list] [data-row]", CAPTURE);
    window.wait_for_text("aside", "109 bytes, then the end");
    // Everything before the cut is there.
    window.go("flows");
    select_the_injection(&window);
}

#[test]
fn a_full_disk_is_told_and_leaves_no_half_of_a_report() {
    let home = folder("full");
    let evidence = evidence_of_the_injection(&home);
    let case = case_over(&home, &evidence);
    expect(0, &["finding", arg(&case), "Injection", "--filter", ATTACK]);
    let small = home.join("small");
    fs::create_dir_all(&small).expect("a folder");
    let Some(disk) = SmallDisk::mount(&small) else {
        #[expect(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("skipped: this user may not mount a small disk");
        }
        return;
    };
    let window = Window::open(&[arg(&case)], &home);
    window.wait_for_view("flows");
    window.go("report");
    window.wait_for("[data-test=report-folder]").fill(arg(&small));
    window.click("[data-test=report-export]");
    window.wait_for_text_within("main", "Free some space or choose another folder", LOADING);
    let left: Vec<_> = report(&small).into_iter().filter(|file| file.exists()).collect();
    // And the window goes on: the same elsewhere.
    let exported = home.join("report");
    window.wait_for("[data-test=report-folder]").fill(arg(&exported));
    window.click("[data-test=report-export]");
    window.wait_for_within("[data-test=report-done]", LOADING);
    window.quit();
    drop(disk);
    assert_eq!(left, Vec::<PathBuf>::new(), "half a report was left");
    expect(0, &["verify", arg(&exported)]);
    expect(0, &["verify", arg(&case)]);
}

#[test]
fn a_damaged_database_is_told_and_can_be_made_anew() {
    let home = folder("cache");
    let evidence = evidence_of_the_injection(&home);
    let case = case_over(&home, &evidence);
    fs::write(case.join("case.duckdb"), b"this is no database").expect("it can be spoilt");
    let window = Window::open(&[arg(&case)], &home);
    window.wait_for_text("[data-test=notices]", "cannot open the case's database");
    window.click_text("[data-test=notices] button", "Rebuild");
    window.wait_for_view("flows");
    select_the_injection(&window);
}

/// Markup that would rename the window if it ever became more than text.
const HOSTILE: &str =
    "<img/src=x/onerror=document.title='owned'><script>document.title='owned'</script>";

fn assert_only_text(window: &Window) {
    assert_eq!(window.count("main img, header img, main script, header script"), 0);
    assert_eq!(window.script("return document.title", &[]), "Tidemark");
}

#[test]
fn markup_in_the_evidence_is_text_in_the_window() {
    let home = folder("markup");
    let evidence = evidence_of_the_injection(&home);
    // A line that is no record, as hostile as a line can be; and the same in a request.
    let log = evidence.join("hostile.log");
    let header = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";
    fs::write(&log, format!("{header}\n{HOSTILE}\n")).expect("a file");
    let capture = evidence.join(CAPTURE);
    let mut bytes = fs::read(&capture).expect("a capture");
    let image = HOSTILE.split_inclusive('>').next().expect("it begins with an image");
    let request = format!("GET /{image:x<width$} ", width = INJECTION.len() - "GET / ".len());
    let place = place_of_the_injection(&bytes);
    bytes[place..place + request.len()].copy_from_slice(request.as_bytes());
    fs::write(&capture, bytes).expect("it can be changed");
    let case = home.join("case.tidemark");
    expect(0, &["new", arg(&case), "--title", HOSTILE]);
    expect(1, &["add", arg(&case), arg(&evidence)]);

    let window = Window::open(&[arg(&case)], &home);
    window.wait_for_text("header", HOSTILE);
    window.go("evidence");
    window.wait_for_text("[data-test=evidence-list] [data-row]", "hostile.log");
    window.click_text("[data-test=evidence-list] [data-row]", "hostile.log");
    window.wait_for_text("aside", "onerror");
    assert_only_text(&window);

    window.go("flows");
    select_the_injection(&window);
    window.press("p");
    window.wait_for_text("[data-test=transaction]", image);
    assert_only_text(&window);
    window.click_text("[role=tab]", "Stream");
    window.wait_for_text("[data-test=stream]", image);
    assert_only_text(&window);
}
