//! Hands the window's configuration and permissions to tauri.

use tauri_build::{AppManifest, Attributes, try_build};

/// The commands of the page. Naming them here makes each need a permission (`capabilities/main.json`).
const COMMANDS: &[&str] = &[
    "ask",
    "page",
    "bytes",
    "start",
    "cancel",
    "choose",
    "listen",
    "load_settings",
    "save_settings",
    "startup",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The page is kept inside the binary; cargo does not see that by itself.
    println!("cargo:rerun-if-changed=../ui/dist");
    try_build(Attributes::new().app_manifest(AppManifest::new().commands(COMMANDS)))?;
    Ok(())
}
