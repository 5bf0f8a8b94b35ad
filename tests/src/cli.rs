//! Running `tidemark` as a user does, and the cases that several tests read.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// What a command answered.
pub struct Outcome {
    /// Its exit status; -1 if it was killed.
    pub status: i32,
    /// What it printed.
    pub stdout: String,
    /// What it told beside that.
    pub stderr: String,
}

/// The program, which is built before the tests run.
pub fn binary() -> PathBuf {
    crate::built("tidemark")
}

/// Runs `tidemark`.
pub fn tidemark(args: &[&str]) -> Outcome {
    let output = Command::new(binary()).args(args).output().expect("tidemark runs");
    Outcome {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("output is UTF-8"),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs `tidemark`, which has to answer this status.
pub fn expect(status: i32, args: &[&str]) -> Outcome {
    let outcome = tidemark(args);
    assert_eq!(outcome.status, status, "{args:?}\n{}\n{}", outcome.stdout, outcome.stderr);
    outcome
}

/// The JSON lines that a command printed.
pub fn lines(outcome: &Outcome) -> Vec<Value> {
    outcome.stdout.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}

/// Runs `tidemark … --json`, which has to succeed, and gives its lines.
pub fn json(args: &[&str]) -> Vec<Value> {
    lines(&expect(0, &[args, &["--json"]].concat()))
}

/// A fresh folder.
pub fn folder(name: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let path =
        std::env::temp_dir().join(format!("tidemark-{}-{number}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("a temporary folder can be made");
    path
}

/// A path as an argument.
pub fn arg(path: &Path) -> &str {
    path.to_str().expect("temporary paths are UTF-8")
}

/// Makes a case that holds `evidence`.
pub fn case_of(name: &str, evidence: &[PathBuf]) -> PathBuf {
    let case = folder(name).join("case.tidemark");
    expect(0, &["new", arg(&case), "--title", name, "--number", "1", "--examiner", "A. Tester"]);
    let mut add = vec!["add", arg(&case)];
    add.extend(evidence.iter().map(|path| arg(path)));
    expect(0, &add);
    case
}

/// A case without evidence, and a folder for some beside it.
pub fn empty_case(name: &str) -> (PathBuf, PathBuf) {
    let folder = folder(name);
    let (case, evidence) = (folder.join("case.tidemark"), folder.join("evidence"));
    fs::create_dir(&evidence).expect("a folder can be made");
    expect(0, &["new", arg(&case), "--title", name]);
    (case, evidence)
}

/// Adds a file or folder, which has to end with this status, and gives what became of each file.
pub fn add(case: &Path, evidence: &Path, status: i32) -> Vec<Value> {
    lines(&expect(status, &["add", arg(case), arg(evidence), "--json"]))
}

/// What became of one file.
pub fn item<'a>(items: &'a [Value], path: &str) -> &'a Value {
    let found = items.iter().find(|item| item["path"] == path);
    found.unwrap_or_else(|| panic!("{path} in {items:?}"))
}

/// The folder of the sample incident's evidence.
pub fn incident() -> PathBuf {
    crate::root().join("sample-data/incident")
}

/// A case over the sample incident that tests only read. A case is open in one process at a time, so whoever reads it
/// holds the lock.
pub fn sample_case() -> (std::sync::MutexGuard<'static, ()>, PathBuf) {
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    static CASE: OnceLock<PathBuf> = OnceLock::new();
    let guard = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let case = CASE.get_or_init(|| case_of("sample", &[incident()])).clone();
    (guard, case)
}

/// The published data beside the repository; tests that need it say so and end where it is absent.
pub fn shared(path: &str) -> Option<PathBuf> {
    let found = crate::root().parent()?.join("shared/data").join(path);
    if found.exists() {
        return Some(found);
    }
    #[expect(clippy::print_stderr, reason = "a skipped test says so")]
    {
        eprintln!("skipped: {path} is not beside the repository");
    }
    None
}

/// The rows of a gzipped CSV file without quotes, by column name.
pub fn csv_gz(path: &Path) -> Vec<std::collections::HashMap<String, String>> {
    let output = Command::new("gzip").arg("-dc").arg(path).output().expect("gzip runs");
    assert!(output.status.success(), "{}", path.display());
    let text = String::from_utf8(output.stdout).expect("CSV is UTF-8");
    let mut rows = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let head = rows.next().unwrap_or_default();
    rows.map(|row| head.iter().cloned().zip(row).collect()).collect()
}
