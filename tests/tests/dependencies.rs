//! Who may know whom. ARCHITECTURE.md has the same tables in prose; a new crate or a new heavy
//! dependency needs a row here.

use std::{collections::BTreeMap, process::Command};

/// Each package, and the packages of this workspace that it may use.
const MAY_USE: &[(&str, &[&str])] = &[
    ("evidence", &[]),
    ("acquire", &["evidence"]),
    ("flowlog", &["evidence"]),
    ("capture", &["evidence"]),
    ("dissect", &["evidence", "capture"]),
    ("scan", &[]),
    ("enrich", &["evidence"]),
    ("case", &["evidence"]),
    ("store", &["evidence", "flowlog", "capture", "dissect", "scan", "enrich", "case"]),
    ("report", &["evidence"]),
    (
        "workbench",
        &[
            "evidence", "acquire", "flowlog", "capture", "dissect", "scan", "enrich", "case",
            "store", "report",
        ],
    ),
    ("cli", &["workbench"]),
    ("tidemark-window", &["workbench"]),
    ("sample-data", &[]),
    // What is measured within a process; everything else goes over the command line.
    ("tests", &["evidence", "capture", "workbench"]),
];

/// Dependencies that have one home, and their homes. What is not shipped may use what it likes.
const ONLY_USED_BY: &[(&[&str], &[&str])] = &[
    (&["sha2"], &["evidence"]),
    // Inflating is evidence's; a body inside a stream and a page inside a Parquet file are inflated where they
    // are decoded.
    (&["flate2"], &["evidence", "dissect", "flowlog"]),
    (&["lz4_flex", "zstd"], &["evidence", "flowlog"]),
    (&["bzip2", "lzma-rust2", "tar", "zlib-rs"], &["evidence"]),
    (&["brotli-decompressor", "snap"], &["flowlog"]),
    (&["aws-config", "aws-sdk-s3", "aws-smithy-http-client", "tokio"], &["acquire"]),
    // Exports are written by the database's crate, from its Arrow; Parquet is read by hand.
    (&["parquet"], &["store"]),
    (&["arrow"], &["store"]),
    (&["httparse"], &["dissect"]),
    (&["maxminddb"], &["enrich"]),
    (&["rsa", "yara-x"], &["scan"]),
    (&["duckdb"], &["store"]),
    (&["typst", "typst-assets", "typst-pdf"], &["report"]),
    (&["clap"], &["cli"]),
    (&["rfd", "tauri", "tauri-build"], &["tidemark-window"]),
];

const NOT_SHIPPED: &[&str] = &["sample-data", "tests"];

/// The direct dependencies of each package of the workspace, those for its own tests left out.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let metadata = Command::new(env!("CARGO"))
        .current_dir(tests::root())
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .output()
        .expect("cargo runs");
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let name = |value: &serde_json::Value| value["name"].as_str().unwrap().to_owned();
    let list = |value: &serde_json::Value| value.as_array().unwrap().clone();
    list(&metadata["packages"])
        .iter()
        .map(|package| {
            let used = list(&package["dependencies"]);
            (name(package), used.iter().filter(|one| one["kind"] != "dev").map(name).collect())
        })
        .collect()
}

#[test]
fn dependencies_point_one_way() {
    let packages = dependencies();
    let rows: BTreeMap<_, _> = MAY_USE.iter().copied().collect();
    for (package, used) in &packages {
        let allowed = rows.get(package.as_str());
        let allowed = allowed.unwrap_or_else(|| panic!("{package} has no row in MAY_USE"));
        for other in used.iter().filter(|other| packages.contains_key(*other)) {
            assert!(allowed.contains(&other.as_str()), "{package} must not use {other}");
        }
    }
    for (package, _) in MAY_USE {
        assert!(packages.contains_key(*package), "{package} has a row in MAY_USE and is no more");
    }
}

#[test]
fn a_heavy_dependency_has_one_home() {
    let mut packages = dependencies();
    packages.retain(|package, _| !NOT_SHIPPED.contains(&package.as_str()));
    for (heavy, homes) in ONLY_USED_BY {
        for (package, used) in &packages {
            let found = used.iter().find(|one| heavy.contains(&one.as_str()));
            let at_home = homes.contains(&package.as_str());
            assert!(found.is_none() || at_home, "{package} uses {found:?}; its home is {homes:?}");
        }
    }
}

#[test]
fn the_workbench_does_not_know_who_asks() {
    let packages = dependencies();
    let shell = packages["workbench"].iter().find(|one| one.starts_with("tauri") || *one == "clap");
    assert_eq!(shell, None);
}

#[test]
fn the_window_uses_no_plugin() {
    let packages = dependencies();
    let plugin = packages["tidemark-window"].iter().find(|one| one.starts_with("tauri-plugin"));
    assert_eq!(plugin, None);
}
