//! How long the window takes over a case, as the page itself measures it.
//!
//! `window_bench CASE` prints a table beside the limits. It judges nothing: machines differ.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tests::cli::{folder, json};
use tests::window::{ROWS, TIMELINE, Window};

/// Starts that count; one before them warms the machine.
const STARTS: usize = 3;
const BRUSHES: u32 = 10;
const JUMPS: usize = 30;
const WHEELING: Duration = Duration::from_secs(5);
/// Between two turns of the wheel.
const TURN: Duration = Duration::from_millis(16);
/// What is not measured by then was not done.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sets the list to a share of its height, and waits until no row of it is waited for.
const JUMP: &str = "const grid = document.querySelector('[data-test=grid]');
  const frame = () => new Promise(requestAnimationFrame);
  grid.scrollTop = arguments[0] * (grid.scrollHeight - grid.clientHeight);
  return (async () => {
    do { await frame(); await frame(); } while (grid.querySelector('.waiting'));
    await frame(); await frame();
  })();";

struct Row {
    what: &'static str,
    /// Unit: ms.
    limit: Option<f64>,
    /// Unit: ms.
    times: Vec<f64>,
    /// How often something was done and nothing measured.
    missing: usize,
}

impl Row {
    fn new(what: &'static str, limit: Option<f64>) -> Row {
        Row { what, limit, times: Vec::new(), missing: 0 }
    }

    /// Does something, and takes what the page measures of it under `name`.
    fn take(&mut self, window: &Window, name: &str, act: impl FnOnce()) {
        window.forget_measures(name);
        act();
        self.read(window, name);
    }

    /// Takes what the page has measured under `name`, or is about to.
    fn read(&mut self, window: &Window, name: &str) {
        let begun = Instant::now();
        loop {
            if let [.., last] = window.measures(name)[..] {
                self.times.push(last);
                return;
            }
            if begun.elapsed() > PATIENCE {
                self.missing += 1;
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn print(&mut self, out: &mut String) {
        self.times.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (share * self.times.len() as f64).ceil() as usize;
            self.times
                .get(place.saturating_sub(1))
                .map_or("–".into(), |time| format!("{time:.0}"))
        };
        let limit = self.limit.map_or("–".into(), |limit| format!("{limit:.0}"));
        let count = self.times.len();
        let _ = write!(
            out,
            "{:<34}{count:>5}{:>9}{:>9}{:>9}{limit:>9}",
            self.what,
            at(0.5),
            at(0.95),
            at(1.0)
        );
        if self.missing > 0 {
            let _ = write!(out, "   {} not measured", self.missing);
        }
        out.push('\n');
    }
}

fn main() -> ExitCode {
    let Some(case) = std::env::args().nth(1).filter(|case| Path::new(case).is_dir()) else {
        say("usage: window_bench CASE\n");
        return ExitCode::from(2);
    };
    // Before the window has the case: one process at a time.
    let filters = filters(&case);
    let home = folder("bench");
    let (window, starts, first_frames) = started(&case, &home);
    let mut rows = vec![starts, first_frames, filtered(&window, &filters), brushed(&window)];
    clear(&window);
    rows.extend([jumped(&window), wheeled(&window)]);
    window.quit();
    let _ = std::fs::remove_dir_all(home);

    let mut table =
        format!("{:<34}{:>5}{:>9}{:>9}{:>9}{:>9}\n", "ms", "n", "median", "p95", "max", "limit");
    rows.iter_mut().for_each(|row| row.print(&mut table));
    say(&table);
    ExitCode::SUCCESS
}

/// The window over the case, after some starts.
fn started(case: &str, home: &Path) -> (Window, Row, Row) {
    let mut outside = Row::new("start to rows, seen from outside", None);
    let mut frames = Row::new("first useful frame", Some(1000.0));
    Window::open(&[case], home).wait_for(ROWS);
    loop {
        let begun = Instant::now();
        let window = Window::open(&[case], home);
        window.resize(1280, 800);
        window.wait_for(ROWS);
        outside.times.push(begun.elapsed().as_secs_f64() * 1000.0);
        frames.read(&window, "first-frame");
        if outside.times.len() == STARTS {
            return (window, outside, frames);
        }
    }
}

fn filtered(window: &Window, filters: &[String]) -> Row {
    let mut row = Row::new("filter to rows", Some(300.0));
    for filter in filters {
        window.write_filter(filter);
        row.take(window, "filter-to-rows", || window.press("Enter"));
        window.settle();
    }
    row
}

fn brushed(window: &Window) -> Row {
    let mut row = Row::new("brush to redraw", Some(200.0));
    for brush in 0..BRUSHES {
        clear(window);
        let from = 0.05 + 0.06 * f64::from(brush);
        let timeline = window.wait_for(TIMELINE);
        let width = 0.03 + 0.01 * f64::from(brush);
        row.take(window, "brush-to-redraw", || timeline.drag((from, 0.5), (from + width, 0.5)));
    }
    row
}

fn jumped(window: &Window) -> Row {
    let mut row = Row::new("jump to filled grid", Some(100.0));
    let mut chance: u64 = 0x2545_f491_4f6c_dd1d;
    for _ in 0..JUMPS {
        // Places that look random and are the same in every run.
        chance =
            chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let share = (chance >> 33) as f64 / (1_u64 << 31) as f64;
        window.forget_measures("grid-filled");
        window.script(JUMP, &[share.into()]);
        // Rows that were at hand leave nothing to measure.
        match window.measures("grid-filled")[..] {
            [.., last] => row.times.push(last),
            [] => row.missing += 1,
        }
    }
    row
}

fn wheeled(window: &Window) -> Row {
    let mut row = Row::new("grid filled while the wheel turns", Some(100.0));
    window.script(JUMP, &[0.33.into()]);
    window.forget_measures("grid-filled");
    let grid = window.wait_for("[data-test=grid]");
    let begun = Instant::now();
    while begun.elapsed() < WHEELING {
        grid.wheel(480);
        std::thread::sleep(TURN);
    }
    window.settle();
    row.times = window.measures("grid-filled");
    row
}

/// No filter and no brush.
fn clear(window: &Window) {
    window.command("Clear filter and brush");
    window.settle();
}

/// Ten questions that have answers in this case.
fn filters(case: &str) -> Vec<String> {
    let top = |field: &str| -> [String; 2] {
        let rows = json(&["top", case, field, "--by", "records", "--limit", "8"]);
        let mut values = rows.iter().filter_map(|row| row["value"].as_str()).map(str::to_owned);
        let first = values.next().unwrap_or_else(|| panic!("the case has no {field}"));
        let second = values.next().unwrap_or_else(|| first.clone());
        [first, second]
    };
    let [source, other] = top("srcaddr");
    let [port, rarer] = top("dstport");
    vec![
        format!("srcaddr == {source}"),
        format!("srcaddr == {other}"),
        format!("dstport == {port}"),
        format!("dstport in {{{port}, {rarer}}}"),
        "addr == 10.0.0.0/8".to_owned(),
        "dstaddr == 10.0.1.0/24".to_owned(),
        "action == REJECT".to_owned(),
        "action == ACCEPT && bytes > 10KB".to_owned(),
        format!("srcaddr == {source} && dstport == {port}"),
        format!("addr in {{{source}, {other}}} && port == {rarer}"),
    ]
}

fn say(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}
