//! What the tests of the whole repository share: where it is, and what is in it.

pub mod cli;
pub mod generated;
pub mod measured;
pub mod mirrored;
pub mod random;
pub mod two_logs;
pub mod window;

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
    json_at(&root().join(name))
}

/// A JSON file.
pub fn json_at(path: &Path) -> serde_json::Value {
    let text = fs::read_to_string(path).expect("JSON is text");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A program of this repository, which is built before the tests run.
pub fn built(name: &str) -> PathBuf {
    let binary = profile().join(name);
    assert!(binary.is_file(), "{} is missing: cargo build --workspace --bins", binary.display());
    binary
}

/// A folder below the build's own that keeps what a run leaves to be looked at.
pub fn results(name: &str) -> PathBuf {
    let target = profile().parent().expect("a profile lies in the target folder").to_owned();
    target.join("test-results").join(name)
}

/// Where cargo puts what it builds: tests run from `<profile>/deps`, programs from `<profile>`.
fn profile() -> PathBuf {
    let own = std::env::current_exe().expect("a program knows where it is");
    let folder = own.parent().expect("a program lies in a folder");
    let folder = if folder.ends_with("deps") { folder.parent() } else { Some(folder) };
    folder.expect("the folder of tests lies in another").to_owned()
}
