//! A part of the page that was found.

use super::Window;
use super::pointer::Point;
use serde_json::{Value, json};

/// How often it is looked whether something stands still.
const STILL: usize = 20;

/// An element. It is stale once the page has drawn another in its place.
pub struct Element<'w> {
    pub(super) window: &'w Window,
    pub(super) reference: Value,
}

impl Element<'_> {
    /// What can be read in it, shadow trees included.
    pub fn text(&self) -> String {
        self.ask(
            "const text = (node) => node.shadowRoot
               ? [...node.shadowRoot.children].map(text).join('\\n') : node.innerText;
             return text(arguments[0]).trim();",
            &[],
        )
        .as_str()
        .unwrap_or_default()
        .to_owned()
    }

    /// An attribute, if it has it.
    pub fn attribute(&self, name: &str) -> Option<String> {
        let found = self.ask("return arguments[0].getAttribute(arguments[1])", &[json!(name)]);
        found.as_str().map(str::to_owned)
    }

    /// What stands in a field.
    pub fn value(&self) -> String {
        self.ask("return arguments[0].value", &[]).as_str().unwrap_or_default().to_owned()
    }

    /// A click in its middle.
    pub fn click(&self) {
        self.act(super::pointer::clicks(self.place((0.5, 0.5)), 1));
    }

    /// A double click in its middle.
    pub fn double_click(&self) {
        self.act(super::pointer::clicks(self.place((0.5, 0.5)), 2));
    }

    /// The pointer over its middle.
    pub fn hover(&self) {
        self.act(super::pointer::over(self.place((0.5, 0.5))));
    }

    /// Drags from one place in it to another. Places are shares of its width and height: `(0.5, 0.5)` is its
    /// middle.
    pub fn drag(&self, from: (f64, f64), to: (f64, f64)) {
        self.act(super::pointer::drag(self.place(from), self.place(to)));
    }

    /// Turns the wheel over its middle; downward where `by` is positive. Unit: px.
    pub fn wheel(&self, by: i32) {
        self.act(super::pointer::wheel(self.place((0.5, 0.5)), by));
        self.window.must("let the wheel go", self.window.driver.let_go());
    }

    /// Puts a text where another stood, by keys.
    #[track_caller]
    pub fn fill(&self, text: &str) {
        let own = || self.ask("return document.activeElement === arguments[0]", &[]) == true;
        // What is still being asked for moves the field while the pointer is on its way.
        for _ in 0..STILL {
            self.click();
            if own() {
                self.window.press("Ctrl+A");
                self.window.type_text(text);
                assert_eq!(self.value(), text, "what was typed went elsewhere");
                return;
            }
        }
        panic!("a click does not lead into the field");
    }

    #[track_caller]
    fn act(&self, device: Value) {
        self.window.must("use the mouse", self.window.driver.act(&device));
    }

    /// A share of the element as a place in the page, which is scrolled so that it can be seen.
    #[track_caller]
    fn place(&self, (across, down): (f64, f64)) -> Point {
        let ask = || {
            self.ask(
                "arguments[0].scrollIntoView({ block: 'nearest', inline: 'nearest' });
                 const box = arguments[0].getBoundingClientRect();
                 return [box.x, box.y, box.width, box.height];",
                &[],
            )
        };
        let mut rect = ask();
        // A person points at what stands still, too.
        for _ in 0..STILL {
            std::thread::sleep(std::time::Duration::from_millis(30));
            let before = std::mem::replace(&mut rect, ask());
            if before == rect {
                break;
            }
        }
        let part = |n: usize| rect[n].as_f64().unwrap_or_default();
        (part(0) + across * part(2), part(1) + down * part(3))
    }

    #[track_caller]
    fn ask(&self, body: &str, more: &[Value]) -> Value {
        let args = [std::slice::from_ref(&self.reference), more].concat();
        self.window.must("ask an element", self.window.driver.script(body, &args))
    }
}
