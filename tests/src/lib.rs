//! What the tests of the whole repository share: where it is, and what is in it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the tests are a folder of the repository").to_owned()
}

/// The paths, below the root and with forward slashes, of every file that is in the repository or would
/// be after the next commit.
pub fn files() -> Vec<String> {
    // The clone may belong to someone else than to whom the tests run as; git then asks to be told so.
    let list = ["-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"];
    let listed = Command::new("git").current_dir(root()).args(list).output().expect("git runs");
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let names = String::from_utf8(listed.stdout).expect("file names are UTF-8");
    // A file that was deleted stays listed until the deletion is committed.
    names.lines().filter(|name| root().join(name).is_file()).map(str::to_owned).collect()
}

/// The text of a file of the repository; `None` for one that holds no text.
pub fn text(name: &str) -> Option<String> {
    let bytes = fs::read(root().join(name)).expect("a listed file can be read");
    String::from_utf8(bytes).ok()
}

/// A JSON file of the repository.
pub fn json(name: &str) -> serde_json::Value {
    let text = text(name).expect("JSON is text");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}
