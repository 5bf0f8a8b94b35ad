//! Hands the window's configuration and permissions to tauri.

fn main() {
    // The page is kept inside the binary; cargo does not see that by itself.
    println!("cargo:rerun-if-changed=../ui/dist");
    tauri_build::build();
}
