//! What the window's page may do: show itself, and ask the host.

use serde_json::Value;
use tests::{files, json, text};

const CONFIG: &str = "src-tauri/tauri.conf.json";

/// The directives of the content security policy, each with its sources.
fn policy() -> Vec<(String, Vec<String>)> {
    let config = json(CONFIG);
    let policy = config["app"]["security"]["csp"].as_str().expect("the policy is one text");
    let words = |directive: &str| directive.split_whitespace().map(str::to_owned).collect();
    let directives = policy.split(';').map(words);
    directives.map(|mut words: Vec<String>| (words.remove(0), words)).collect()
}

fn check(directive: &str, expected: &[&str]) {
    let policy = policy();
    let found = policy.iter().find(|(name, _)| name == directive);
    let (_, sources) = found.unwrap_or_else(|| panic!("the policy says nothing of {directive}"));
    assert_eq!(sources, expected, "{directive}");
}

#[test]
fn the_page_loads_nothing_but_its_own_files() {
    check("default-src", &["'none'"]);
    check("script-src", &["'self'"]);
    check("style-src", &["'self'"]);
    check("connect-src", &["ipc:", "http://ipc.localhost"]);
    for forbidden in ["base-uri", "form-action", "frame-ancestors", "object-src"] {
        check(forbidden, &["'none'"]);
    }
}

#[test]
fn the_policy_has_no_unsafe_source_and_no_remote_host() {
    // `ipc.localhost` is how a page reaches its own host on some systems; it never leaves the machine.
    let allowed = ["'none'", "'self'", "data:", "ipc:", "http://ipc.localhost"];
    for (directive, sources) in policy() {
        for source in sources {
            assert!(allowed.contains(&source.as_str()), "{directive} allows {source}");
        }
    }
    assert_eq!(
        json(CONFIG)["app"]["security"]["dangerousDisableAssetCspModification"],
        Value::Null
    );
}

#[test]
fn the_page_may_use_the_windows_own_commands_and_no_plugin() {
    let capability = |name: &String| name.starts_with("src-tauri/capabilities/");
    let capabilities: Vec<_> = files().into_iter().filter(capability).collect();
    assert_eq!(capabilities, ["src-tauri/capabilities/main.json"]);
    let capability = json("src-tauri/capabilities/main.json");
    let permissions = capability["permissions"].as_array().expect("a list");
    for permission in permissions {
        // A plugin's permission, and Tauri's own, have a name before a colon.
        let name = permission.as_str().expect("a name");
        assert!(name.starts_with("allow-") && !name.contains(':'), "{name}");
    }
    let host = text("ui/src/lib/host.ts").expect("it is text");
    let asked = |permission: &Value| {
        let name = permission.as_str().unwrap_or_default().trim_start_matches("allow-");
        host.contains(&format!("'{}'", name.replace('-', "_")))
    };
    assert!(permissions.iter().all(asked), "a permission that the page does not use");
    assert_eq!(capability["remote"], Value::Null);
    assert_eq!(json(CONFIG)["plugins"], Value::Null);
    assert_eq!(json(CONFIG)["app"]["withGlobalTauri"], Value::Null);
}

#[test]
fn the_page_and_the_program_have_one_version() {
    let page = json("ui/package.json");
    assert_eq!(page["version"].as_str(), Some(env!("CARGO_PKG_VERSION")));
    assert_eq!(json("ui/package-lock.json")["version"], page["version"]);
}
