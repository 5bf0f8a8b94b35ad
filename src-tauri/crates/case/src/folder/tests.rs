use super::*;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use time::macros::datetime;

const AT: OffsetDateTime = datetime!(2026-11-12 14:05:41.000_001_9 UTC);
const HOLD: &str = "TIDEMARK_TEST_HOLD_CASE";

fn author() -> Author {
    Author::of_this_process("A. Examiner", "1.0.0 (a1b2c3d)")
}

fn info() -> CaseInfo {
    CaseInfo {
        number: "IR-2026-041".to_owned(),
        title: "Web tier \"intrusion\"\n".to_owned(),
        examiner: "A. Examiner, CERT".to_owned(),
        created: AT,
        tool_version: "1.0.0".to_owned(),
    }
}

fn place(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("tidemark-case-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    path
}

#[test]
fn a_case_opens_as_it_was_created() {
    let path = place("created");
    let created = CaseFolder::create(&path, info(), &author()).unwrap();
    let (made, head) = (created.info().clone(), created.head());
    drop(created);
    let opened = CaseFolder::open(&path, AT, &author()).unwrap();
    assert_eq!(opened.info(), &made);
    assert_eq!(opened.head(), head);
    assert_eq!(opened.state().info, Some(made));
    assert!(opened.index_folder().is_dir() && opened.exports_folder().is_dir());
    drop(opened);
    assert_eq!(ReadOnlyCase::open(&path).unwrap().check.failures, []);
}

#[test]
fn a_case_is_not_created_over_anything() {
    let path = place("taken");
    drop(CaseFolder::create(&path, info(), &author()).unwrap());
    assert!(matches!(CaseFolder::create(&path, info(), &author()), Err(CaseError::Exists(_))));
    let file = path.join("lock");
    assert!(matches!(CaseFolder::create(&file, info(), &author()), Err(CaseError::Exists(_))));
}

#[test]
fn a_folder_without_a_journal_is_no_case_and_stays_as_it_is() {
    let path = place("no-case");
    std::fs::create_dir_all(&path).unwrap();
    let error = CaseFolder::open(&path, AT, &author()).unwrap_err();
    assert!(matches!(error, CaseError::NotACase { missing: "case.toml", .. }), "{error}");
    assert_eq!(std::fs::read_dir(&path).unwrap().count(), 0);
}

#[test]
fn a_second_opener_is_told_who_has_the_case() {
    let path = place("two");
    let first = CaseFolder::create(&path, info(), &author()).unwrap();
    match CaseFolder::open(&path, AT, &author()) {
        Err(CaseError::Open(Some(holder))) => {
            assert_eq!(holder.pid, std::process::id());
            assert_eq!(holder.who, "A. Examiner");
            assert_eq!(holder.since, "2026-11-12T14:05:41.000001Z");
        }
        other => panic!("{other:?}"),
    }
    assert!(ReadOnlyCase::open(&path).is_ok());
    drop(first);
    assert!(CaseFolder::open(&path, AT, &author()).is_ok());
}

/// Not a test by itself: the process that `a_killed_process_gives_the_case_free` kills.
#[test]
fn holds_a_case_until_it_is_killed() {
    let Some(path) = std::env::var_os(HOLD) else { return };
    let _case = CaseFolder::open(Path::new(&path), AT, &author()).unwrap();
    std::fs::write(Path::new(&path).join("held"), "").unwrap();
    std::thread::sleep(std::time::Duration::from_secs(60));
}

#[test]
fn a_killed_process_gives_the_case_free() {
    let path = place("killed");
    drop(CaseFolder::create(&path, info(), &author()).unwrap());
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "folder::tests::holds_a_case_until_it_is_killed", "--nocapture"])
        .env(HOLD, &path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let started = BufReader::new(child.stdout.take().unwrap()).lines().next();
    assert!(started.is_some());
    while !path.join("held").exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    match CaseFolder::open(&path, AT, &author()) {
        Err(CaseError::Open(Some(holder))) => assert_eq!(holder.pid, child.id()),
        other => panic!("{other:?}"),
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(CaseFolder::open(&path, AT, &author()).is_ok());
}

#[test]
fn reading_only_changes_no_file_even_of_a_damaged_case() {
    let path = place("read-only");
    drop(CaseFolder::create(&path, info(), &author()).unwrap());
    let journal = path.join(JOURNAL);
    let mut bytes = std::fs::read(&journal).unwrap();
    bytes.extend_from_slice(b"{\"seq\":2,");
    std::fs::write(&journal, &bytes).unwrap();
    let listed = |path: &Path| {
        let mut names: Vec<_> =
            std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = listed(&path);
    let case = ReadOnlyCase::open(&path).unwrap();
    assert_eq!(case.check.failures[0].what, "tail_cut");
    assert_eq!(case.entries.len(), 1);
    assert_eq!(std::fs::read(&journal).unwrap(), bytes);
    assert_eq!(listed(&path), before);
}

#[test]
fn a_changed_case_toml_is_held_against_the_journal() {
    let path = place("toml");
    drop(CaseFolder::create(&path, info(), &author()).unwrap());
    let text = std::fs::read_to_string(path.join(INFO)).unwrap();
    std::fs::write(path.join(INFO), text.replace("IR-2026-041", "IR-2026-042")).unwrap();
    let check = ReadOnlyCase::open(&path).unwrap().check;
    assert_eq!(check.failures.len(), 1);
    assert_eq!(check.failures[0].what, "case_toml");
}
