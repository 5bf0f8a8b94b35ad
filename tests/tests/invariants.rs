//! What is true of the whole repository, a test each.

use tests::{files, text};

/// Every text file whose name `wanted` accepts, with its text.
fn texts(wanted: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    files()
        .into_iter()
        .filter(|name| wanted(name))
        .filter_map(|name| text(&name).map(|text| (name, text)))
        .collect()
}

fn source(name: &str) -> bool {
    [".rs", ".ts", ".svelte"].iter().any(|end| name.ends_with(end))
}

#[test]
fn a_pure_crate_denies_every_way_to_panic() {
    let lints = "unwrap_used expect_used panic indexing_slicing arithmetic_side_effects";
    let lints: Vec<_> = lints.split(' ').map(|lint| format!("clippy::{lint}")).collect();
    let expected = format!("#![cfg_attr(not(test),deny({}))]", lints.join(","));
    for name in ["evidence", "flowlog", "capture", "dissect", "enrich"] {
        let text = text(&format!("src-tauri/crates/{name}/src/lib.rs")).unwrap();
        let text: String = text.split_whitespace().collect();
        assert!(text.replace(",)", ")").contains(&expected), "{name} does not deny all five lints");
    }
}

#[test]
fn no_crate_can_hold_unsafe_code() {
    let root = text("Cargo.toml").unwrap();
    assert!(root.contains("[workspace.lints.rust]\nunsafe_code = \"forbid\"\n"));
    for (name, manifest) in texts(|name| name.ends_with("/Cargo.toml")) {
        assert!(
            manifest.contains("[lints]\nworkspace = true\n"),
            "{name} takes no workspace lints"
        );
    }
}

#[test]
fn nothing_picks_a_toolchain_that_would_be_downloaded() {
    let found = files().into_iter().find(|name| name.contains("rust-toolchain"));
    assert_eq!(found, None);
}

#[test]
fn licences_and_sources_of_dependencies_are_limited() {
    let deny = text("deny.toml").unwrap();
    for part in ["[licenses]", "[bans]", "[sources]", "unknown-registry = \"deny\""] {
        assert!(deny.contains(part), "deny.toml has no {part}");
    }
    let lock = text("Cargo.lock").unwrap();
    let elsewhere = lock
        .lines()
        .filter(|line| line.starts_with("source = "))
        .find(|line| !line.contains("registry+https://github.com/rust-lang/crates.io-index"));
    assert_eq!(elsewhere, None, "a crate comes from elsewhere than crates.io");
    for banned in ["openssl-sys", "native-tls"] {
        assert!(deny.contains(banned), "deny.toml does not ban {banned}");
        assert!(!lock.contains(&format!("name = \"{banned}\"\n")), "{banned} came in");
    }
}

#[test]
fn only_acquire_opens_a_connection() {
    let own = ["src-tauri/crates/acquire/", "tests/"];
    let shipped = |name: &str| name.ends_with(".rs") && !own.iter().any(|it| name.starts_with(it));
    for (name, text) in texts(shipped) {
        for word in ["TcpStream", "TcpListener", "UdpSocket", "UnixStream", "ToSocketAddrs"] {
            assert!(!text.contains(word), "{name} uses {word}");
        }
    }
}

#[test]
fn no_file_names_a_folder_of_the_machine_it_was_written_on() {
    // The sample incident is a story, and names what an intruder touched.
    for (name, text) in texts(|name| !name.starts_with("sample-data/")) {
        for folder in ["work", "root", "home", "tmp"].map(|folder| format!("/{folder}/")) {
            let own = text.match_indices(&folder).find(|(at, _)| {
                let before = text.get(..*at).and_then(|head| head.chars().next_back());
                before.is_none_or(|letter| !letter.is_alphanumeric() && !"._-}".contains(letter))
            });
            assert!(own.is_none(), "{name} names a path below {folder}");
        }
    }
}

#[test]
fn no_source_file_is_too_long_to_be_read() {
    for (name, text) in texts(source) {
        let lines = text.lines().count();
        assert!(lines <= 900, "{name} has {lines} lines");
    }
}

#[test]
fn no_test_is_switched_off() {
    let marks = [concat!("#[", "ignore"), concat!("test", ".skip("), concat!("test", ".only(")];
    for (name, text) in texts(source) {
        let found = marks.iter().find(|mark| text.contains(**mark));
        assert_eq!(found, None, "{name}");
    }
}
