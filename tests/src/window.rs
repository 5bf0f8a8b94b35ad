//! The real window, and what a person does with it. Every wait ends in words; a test that fails leaves a
//! picture of the window, its text and its log in `test-results/window` of the target folder.

mod display;
mod driver;
mod element;
mod keys;
mod pointer;
mod processes;

pub use driver::Refused;
pub use element::Element;

use driver::{Answer, Driver};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a thing is waited for that should be there in a moment.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Elements that can be seen: `visible(css, text)`, those alone that hold the text, if there is one.
const VISIBLE: &str =
    "const visible = (css, text) => [...document.querySelectorAll(css)].filter((element) =>
  element.getClientRects().length > 0 && (!text || element.textContent.includes(text)));\n";

/// Rows of the list in front that are loaded.
pub const ROWS: &str = "[data-test=grid] [data-row]:not(.waiting)";
/// Where the timeline is brushed.
pub const TIMELINE: &str = "[data-test=timeline] [role=application]";

/// A window. It ends with the value, and everything with it that was started for it.
pub struct Window {
    // In this order: the session ends before the processes are killed.
    driver: Driver,
    log: PathBuf,
    _processes: processes::Group,
}

impl Window {
    /// Opens the window with these arguments. Settings, and cases that it makes of its own accord, go into `home`:
    /// two windows that share it follow each other as two starts of the same person do.
    pub fn open(args: &[&str], home: &Path) -> Window {
        fs::create_dir_all(home).expect("the folder can be made");
        let log = home.join("window.log");
        let mut processes = processes::Group::new();
        let display = display::Display::start(&mut processes);
        let driver = Driver::start(&mut processes, &display, home, &log, args);
        Window { driver, log, _processes: processes }
    }

    /// Ends the window. The case that was open in it is free then.
    pub fn quit(self) {
        drop(self);
    }

    // Waiting.

    /// Waits for an element that can be seen.
    #[track_caller]
    pub fn wait_for(&self, css: &str) -> Element<'_> {
        self.wait_for_text_within(css, "", PATIENCE)
    }

    /// Waits for an element that can be seen, as long as it takes at most.
    #[track_caller]
    pub fn wait_for_within(&self, css: &str, patience: Duration) -> Element<'_> {
        self.wait_for_text_within(css, "", patience)
    }

    /// Waits for an element with this text somewhere in it.
    #[track_caller]
    pub fn wait_for_text(&self, css: &str, text: &str) -> Element<'_> {
        self.wait_for_text_within(css, text, PATIENCE)
    }

    /// Waits for an element with this text somewhere in it, as long as it takes at most.
    #[track_caller]
    pub fn wait_for_text_within(&self, css: &str, text: &str, patience: Duration) -> Element<'_> {
        let what =
            if text.is_empty() { css.to_owned() } else { format!("{css} with “{text}”") };
        let first = format!("{VISIBLE}return visible(...arguments)[0] ?? null");
        let find = || self.driver.script(&first, &[json!(css), json!(text)]);
        let reference = self.wait(&what, patience, find);
        Element { window: self, reference }
    }

    /// Waits until no such element can be seen.
    #[track_caller]
    pub fn wait_gone(&self, css: &str) {
        let body = format!("{VISIBLE}return visible(arguments[0]).length === 0");
        self.wait(&format!("{css} to go"), PATIENCE, || self.driver.script(&body, &[json!(css)]));
    }

    /// Waits for a row of the list in front, counted from 0. A list has elements for the rows alone that are in
    /// view.
    #[track_caller]
    pub fn row(&self, index: u64) -> Element<'_> {
        self.wait_for(&format!("{ROWS}[data-row='{index}']"))
    }

    /// Waits until an expression of the page is true; `what` says in words what is waited for.
    #[track_caller]
    pub fn wait_until(&self, what: &str, expression: &str) -> Value {
        let body = format!("return {expression}");
        self.wait(what, PATIENCE, || self.driver.script(&body, &[]))
    }

    /// Waits until nothing moves and nothing is being fetched.
    #[track_caller]
    pub fn settle(&self) {
        let still = "return document.fonts.ready.then(() => new Promise((done) =>
          requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(
            !document.querySelector('[aria-busy=true]') &&
            !document.getAnimations().some((one) => one.playState === 'running' &&
              one.effect?.getComputedTiming().iterations !== Infinity)), 120)))))";
        self.wait("the window to settle", PATIENCE, || self.driver.script(still, &[]));
    }

    /// Asks until the answer is neither null nor false.
    #[track_caller]
    fn wait(&self, what: &str, patience: Duration, ask: impl Fn() -> Answer) -> Value {
        let begun = Instant::now();
        loop {
            let answer = ask();
            match answer {
                Ok(answer) if answer != Value::Null && answer != false => return answer,
                Err(refused) if begun.elapsed() >= patience => {
                    panic!("waited {patience:?} for {what}; the driver: {refused}")
                }
                // A page that is being drawn anew may fail once.
                _ => assert!(begun.elapsed() < patience, "waited {patience:?} for {what}"),
            }
            sleep(LOOK_AGAIN);
        }
    }

    // Looking.

    /// Whether an element can be seen now.
    #[track_caller]
    pub fn has(&self, css: &str) -> bool {
        self.count(css) > 0
    }

    /// How many such elements can be seen now.
    #[track_caller]
    pub fn count(&self, css: &str) -> u64 {
        let body = format!("{VISIBLE}return visible(arguments[0]).length");
        self.script(&body, &[json!(css)]).as_u64().expect("a count")
    }

    /// What can be read in an element.
    #[track_caller]
    pub fn text_of(&self, css: &str) -> String {
        self.wait_for(css).text()
    }

    /// Everything that can be read.
    #[track_caller]
    pub fn text(&self) -> String {
        self.text_of("body")
    }

    /// The element that has the focus, as a start tag: for messages, and for tests that walk by keys.
    #[track_caller]
    pub fn focused(&self) -> String {
        let body = "return document.activeElement?.cloneNode(false).outerHTML ?? ''";
        self.script(body, &[]).as_str().unwrap_or_default().to_owned()
    }

    /// Whether the focus is in such an element.
    #[track_caller]
    pub fn focus_is_in(&self, css: &str) -> bool {
        self.script("return !!document.activeElement?.closest(arguments[0])", &[json!(css)]) == true
    }

    /// Runs the body of a function in the page, and waits for it if it answers with a promise.
    #[track_caller]
    pub fn script(&self, body: &str, args: &[Value]) -> Value {
        self.must("run a script", self.driver.script(body, args))
    }

    /// Runs the body of a function that calls its last argument when it is done.
    #[track_caller]
    pub fn script_with_callback(&self, body: &str, args: &[Value]) -> Value {
        self.must("run a script", self.driver.script_with_callback(body, args))
    }

    /// What the page measured under a name, in order. Unit: ms.
    #[track_caller]
    pub fn measures(&self, name: &str) -> Vec<f64> {
        let body =
            "return performance.getEntriesByName(arguments[0]).map((entry) => entry.duration)";
        let measured = self.script(body, &[json!(name)]);
        measured.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
    }

    /// Forgets what was measured under a name.
    #[track_caller]
    pub fn forget_measures(&self, name: &str) {
        self.script("performance.clearMeasures(arguments[0])", &[json!(name)]);
    }

    /// Writes a picture of the window (PNG).
    #[track_caller]
    pub fn screenshot(&self, path: &Path) {
        let picture = self.must("make a picture", self.driver.screenshot());
        fs::write(path, picture).expect("a picture can be written");
    }

    // Doing.

    /// Presses a key or a chord: `p`, `Ctrl+K`, `Alt+ArrowLeft`.
    #[track_caller]
    pub fn press(&self, chord: &str) {
        self.must("press keys", self.driver.act(&keys::chord(chord)));
    }

    /// Types into what has the focus.
    #[track_caller]
    pub fn type_text(&self, text: &str) {
        self.must("type", self.driver.act(&keys::text(text)));
    }

    /// Clicks an element when it is there.
    #[track_caller]
    pub fn click(&self, css: &str) {
        self.wait_for(css).click();
    }

    /// Clicks the first element with this text in it.
    #[track_caller]
    pub fn click_text(&self, css: &str, text: &str) {
        self.wait_for_text(css, text).click();
    }

    /// Gives the window a size. Unit: px.
    #[track_caller]
    pub fn resize(&self, width: u32, height: u32) {
        self.must("give the window a size", self.driver.resize(width, height));
        let size = format!("innerWidth === {width} && innerHeight === {height}");
        self.wait_until(&format!("the window to be {width} × {height}"), &size);
    }

    /// Puts a filter into the filter bar, by keys, and applies it.
    #[track_caller]
    pub fn filter(&self, text: &str) {
        self.write_filter(text);
        self.press("Enter");
    }

    /// Puts a text into the filter bar without applying it.
    #[track_caller]
    pub fn write_filter(&self, text: &str) {
        if !self.focus_is_in("[data-test=filter]") {
            self.press("/");
        }
        let focused = "document.activeElement?.closest('[data-test=filter]') !== null";
        self.wait_until("the filter bar to have the focus", focused);
        self.press("Ctrl+A");
        if text.is_empty() {
            self.press("Delete");
        } else {
            self.type_text(text);
        }
    }

    /// Goes to a view by its place in the rail: `flows`, `evidence` …
    #[track_caller]
    pub fn go(&self, view: &str) {
        self.click(&format!("[data-test=go-{view}]"));
        self.wait_for_view(view);
    }

    /// Waits until a view is in front.
    #[track_caller]
    pub fn wait_for_view(&self, view: &str) {
        self.wait_for(&format!("main[data-view={view}]"));
    }

    /// Does what the palette lists under these words.
    #[track_caller]
    pub fn command(&self, title: &str) {
        self.press("Ctrl+K");
        self.wait_for("[data-test=palette]");
        self.type_text(title);
        self.wait_for_text("[role=option][aria-selected=true]", title);
        self.press("Enter");
        self.wait_gone("[data-test=palette]");
    }

    #[track_caller]
    fn must<T>(&self, what: &str, answer: Result<T, Refused>) -> T {
        answer.unwrap_or_else(|refused| panic!("could not {what}: {refused}"))
    }

    /// Keeps what the window shows, for whoever looks after a test that failed. Nothing here may panic.
    fn keep_traces(&self) {
        let name = std::thread::current().name().unwrap_or("window").replace("::", "-");
        let folder = crate::results("window");
        let _ = fs::create_dir_all(&folder);
        let place = folder.join(&name);
        if let Ok(picture) = self.driver.screenshot() {
            let _ = fs::write(place.with_extension("png"), picture);
        }
        if let Ok(text) = self.driver.script("return document.body.innerText", &[]) {
            let _ = fs::write(place.with_extension("txt"), text.as_str().unwrap_or_default());
        }
        let _ = fs::copy(&self.log, place.with_extension("log"));
        #[expect(clippy::print_stderr, reason = "a failed test says where its traces are")]
        {
            eprintln!("the window as it was: {}.{{png,txt,log}}", place.display());
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.keep_traces();
        }
        let _ = self.driver.quit();
    }
}
