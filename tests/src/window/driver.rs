//! The WebDriver protocol, as WebKitWebDriver speaks it.

use super::display::Display;
use super::processes::Group;
use base64::Engine;
use serde_json::{Value, json};
use std::fmt;
use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A command that is not answered by then never will be.
const ANSWER: Duration = Duration::from_secs(40);
const START: Duration = Duration::from_secs(30);
/// A picture of a large page is several megabytes of Base64.
const LARGEST_ANSWER: u64 = 64 << 20;

/// What the driver would not do.
#[derive(Debug)]
pub struct Refused {
    /// The protocol's name of the error, such as `no such element`.
    pub error: String,
    /// The driver's words.
    pub message: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}: {}", self.error, self.message)
    }
}

pub(super) type Answer = Result<Value, Refused>;

pub(super) struct Driver {
    agent: ureq::Agent,
    session: String,
}

impl Driver {
    /// Starts the window below a driver. Both write what they have to say into `log`.
    pub(super) fn start(
        group: &mut Group,
        display: &Display,
        home: &Path,
        log: &Path,
        args: &[&str],
    ) -> Driver {
        // The driver takes any port itself, but does not tell which.
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let port = port.expect("a port is free").port();
        let file = File::create(log).expect("the log can be written");
        let mut command = Command::new("WebKitWebDriver");
        command
            .arg(format!("--port={port}"))
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdout(file.try_clone().expect("a file can be shared"))
            .stderr(file);
        display.lend(&mut command, home);
        group.start(&mut command);

        let config = ureq::Agent::config_builder();
        let config = config.http_status_as_error(false).timeout_global(Some(ANSWER));
        let agent = config.build().new_agent();
        let root = format!("http://127.0.0.1:{port}");
        let begun = Instant::now();
        while value(agent.get(format!("{root}/status")).call()).is_err() {
            assert!(begun.elapsed() < START, "WebKitWebDriver does not listen");
            sleep(Duration::from_millis(10));
        }
        let options = json!({ "binary": crate::built("tidemark-window"), "args": args });
        let capabilities = json!({ "alwaysMatch": { "webkitgtk:browserOptions": options } });
        let asked = json!({ "capabilities": capabilities });
        let driver = Driver { agent, session: format!("{root}/session") };
        let opened = driver.post("", &asked).unwrap_or_else(|refused| {
            panic!("the window does not start: {refused}; its log is {}", log.display());
        });
        let id = opened["sessionId"].as_str().expect("a session has an id");
        let driver = Driver { session: format!("{}/{id}", driver.session), ..driver };
        driver.wait_for_page();
        driver
    }

    /// The session begins with an empty page, before the window has loaded its own.
    fn wait_for_page(&self) {
        let loaded = "return document.readyState === 'complete' && location.href !== 'about:blank'";
        let begun = Instant::now();
        while !self.script(loaded, &[]).is_ok_and(|answer| answer == true) {
            assert!(begun.elapsed() < START, "the window loads no page");
            sleep(Duration::from_millis(5));
        }
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Answer {
        value(self.agent.post(format!("{}{path}", self.session)).send(body.to_string()))
    }

    fn get(&self, path: &str) -> Answer {
        value(self.agent.get(format!("{}{path}", self.session)).call())
    }

    /// Runs the body of a function in the page. A promise is waited for.
    pub(super) fn script(&self, body: &str, args: &[Value]) -> Answer {
        self.post("/execute/sync", &json!({ "script": body, "args": args }))
    }

    /// Runs the body of a function that calls its last argument when it is done.
    pub(super) fn script_with_callback(&self, body: &str, args: &[Value]) -> Answer {
        self.post("/execute/async", &json!({ "script": body, "args": args }))
    }

    /// Moves one input device: see `keys` and `pointer`.
    pub(super) fn act(&self, device: &Value) -> Answer {
        self.post("/actions", &json!({ "actions": [device] }))
    }

    /// Lets go of every input device. The driver takes the wheel's movement as the difference to its last one
    /// until then: the same turn again would be none.
    pub(super) fn let_go(&self) -> Answer {
        value(self.agent.delete(format!("{}/actions", self.session)).call())
    }

    pub(super) fn resize(&self, width: u32, height: u32) -> Answer {
        self.post("/window/rect", &json!({ "x": 0, "y": 0, "width": width, "height": height }))
    }

    /// The visible page as PNG.
    pub(super) fn screenshot(&self) -> Result<Vec<u8>, Refused> {
        let picture = self.get("/screenshot")?;
        let decoded =
            base64::engine::general_purpose::STANDARD.decode(picture.as_str().unwrap_or_default());
        decoded.map_err(|error| Refused { error: "no picture".into(), message: error.to_string() })
    }

    /// Ends the session, and with it the window.
    pub(super) fn quit(&self) -> Answer {
        let request = self.agent.delete(&self.session);
        value(request.config().timeout_global(Some(Duration::from_secs(5))).build().call())
    }
}

fn value(response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answer {
    let lost = |error: ureq::Error| Refused {
        error: "no answer of the driver".into(),
        message: error.to_string(),
    };
    let mut response = response.map_err(lost)?;
    let body = response.body_mut().with_config().limit(LARGEST_ANSWER);
    let body = body.read_to_string().map_err(lost)?;
    // What is no JSON is no answer of a driver, and holds no value.
    let mut body: Value = serde_json::from_str(&body).unwrap_or_default();
    let value = body["value"].take();
    let refused = !response.status().is_success();
    if !refused {
        return Ok(value);
    }
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    Err(Refused { error: text("error"), message: text("message") })
}
