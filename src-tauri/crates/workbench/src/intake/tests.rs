//! A load that is stopped leaves the case as it was, and what it was to load can be loaded afterwards.

use crate::{Meter, Progress, ReadingWish, Workbench};
use case::Act;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use store::Cell;
use time::OffsetDateTime;

const FILES: u64 = 16;
const LINES: u64 = 5_000;
const HEADER: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status mood";

/// A log of which every hundredth line is none.
fn log(number: u64) -> String {
    let mut text = format!("{HEADER}\n");
    for line in 0..LINES {
        let start = 1_772_496_000 + number * 60;
        let packets = if line % 100 == 7 { "many".to_owned() } else { line.to_string() };
        let _ = writeln!(
            text,
            "2 111122223333 eni-{number} 10.0.{number}.10 192.0.2.{} 443 {} 6 {packets} 840 {start} {} ACCEPT OK m{}",
            line % 250,
            1024 + line,
            start + 60,
            line % 7
        );
    }
    text
}

/// A folder of logs, a capture, an empty file and a cut one.
fn evidence(folder: &Path) -> PathBuf {
    let evidence = folder.join("evidence");
    fs::create_dir(&evidence).expect("a folder");
    for number in 1..=FILES {
        fs::write(evidence.join(format!("{number:02}.log")), log(number)).expect("a file");
    }
    fs::write(evidence.join("03-empty.log"), "").expect("a file");
    fs::write(evidence.join("04-cut.log"), format!("{HEADER}\n2 1111")).expect("a file");
    let incident = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../sample-data/incident");
    let capture = incident.join("mirror/collector-1_20260303T093011Z.pcap");
    fs::copy(capture, evidence.join("02-capture.pcap")).expect("a file");
    evidence
}

/// A case that has a log already.
fn case(folder: &Path, name: &str) -> Workbench {
    let path = folder.join(name);
    let case = Workbench::create(&path, "1", "t", "e", OffsetDateTime::now_utc).expect("a case");
    let first = folder.join("first.log");
    fs::write(&first, log(99)).expect("a file");
    case.add(&[first], &ReadingWish::default(), &Meter::default()).expect("it is added");
    case
}

/// The number of rows of each table, and a checksum over them in whatever order.
fn tables(case: &Workbench) -> Vec<String> {
    let tables = "stored_records rejected_lines anomalies evidence sidecars coverage conversations transactions payload_anomalies derived tags";
    let one = |table: &str| {
        let sql = format!("SELECT count(*), coalesce(bit_xor(hash(t)), 0) FROM {table} AS t");
        format!("{table} {:?}", case.sql(&sql, 1).expect("a table").rows)
    };
    let mut all: Vec<_> = tables.split(' ').map(one).collect();
    let mut indexes: Vec<_> = fs::read_dir(case.path().join("index"))
        .into_iter()
        .flatten()
        .map(|file| format!("{:?}", file.expect("an entry").file_name()))
        .collect();
    indexes.sort();
    all.extend(indexes);
    all
}

fn records(case: &Workbench) -> i128 {
    match case.sql("SELECT count(*) FROM stored_records", 1).expect("a table").rows[0][..] {
        [Cell::Int(count)] => count,
        ref other => panic!("{other:?}"),
    }
}

/// Adds and stops as soon as `when` says so. Answers how many records others saw by then.
fn add_and_stop(
    case: &Workbench,
    evidence: &Path,
    wish: &ReadingWish,
    when: impl Fn(&Progress) -> bool + Sync,
) -> i128 {
    let (meter, ended) = (Meter::default(), AtomicBool::new(false));
    thread::scope(|scope| {
        let stopping = scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                if when(&meter.progress()) {
                    let seen = records(case);
                    meter.stop();
                    return seen;
                }
                thread::sleep(Duration::from_micros(50));
            }
            panic!("it had ended before it could be stopped");
        });
        let summary = case.add(&[evidence.to_owned()], wish, &meter);
        ended.store(true, Ordering::Relaxed);
        assert!(summary.expect("stopping is no error").cancelled);
        stopping.join().expect("the other thread ends")
    })
}

#[test]
fn a_stopped_load_leaves_the_tables_as_they_were_and_can_be_done_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let evidence = evidence(folder.path());
    let stopped = case(folder.path(), "stopped.tidemark");
    let (before, had) = (tables(&stopped), records(&stopped));

    let moments: [&(dyn Fn(&Progress) -> bool + Sync); 5] = [
        &|_| true,
        &|progress| progress.bytes_done > 0,
        &|progress| progress.done >= 2,
        &|progress| progress.done >= FILES / 2,
        &|progress| progress.done >= FILES - 2,
    ];
    let mut seen = 0;
    for (number, moment) in moments.iter().enumerate() {
        let entries = stopped.entries().len();
        seen = seen.max(add_and_stop(&stopped, &evidence, &ReadingWish::default(), moment));
        assert_eq!(tables(&stopped), before, "stopped at moment {number}");
        let said = &stopped.entries()[entries..];
        let acts: Vec<_> = said.iter().map(|entry| &entry.act).collect();
        assert!(
            matches!(acts[..], [Act::Begin { .. }, Act::Cancelled { of }] if *of == said[0].seq),
            "{acts:?}"
        );
    }
    assert!(seen > had, "no load was stopped after a part of it was committed");

    let whole = case(folder.path(), "whole.tidemark");
    for case in [&stopped, &whole] {
        let summary =
            case.add(std::slice::from_ref(&evidence), &ReadingWish::default(), &Meter::default());
        let summary = summary.expect("it is added");
        assert!(summary.items.iter().all(|item| !item.known), "{:?}", summary.items);
    }
    assert_eq!(tables(&stopped), tables(&whole));
    assert_eq!(records(&whole), had + i128::from(FILES * LINES * 99 / 100));
    let again = stopped.add(&[evidence], &ReadingWish::default(), &Meter::default());
    assert!(again.expect("it is added").items.iter().all(|item| item.known));
    assert_eq!(tables(&stopped), tables(&whole));
}

/// A log without a header is refused; then somebody says what its columns mean, and thinks better of it.
#[test]
fn a_stopped_second_reading_leaves_the_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let evidence = evidence(folder.path());
    let case = case(folder.path(), "case.tidemark");
    let headless = evidence.join("00-headless.log");
    let text = log(77).replace("07 many 840", "07 7 840");
    let (_, rows) = text.split_once('\n').expect("lines");
    fs::write(&headless, rows).expect("a file");
    let add = |wish: &ReadingWish| {
        case.add(std::slice::from_ref(&headless), wish, &Meter::default()).expect("it is added")
    };
    let refused = add(&ReadingWish::default()).items.remove(0);
    assert!(refused.problem.is_some() && !refused.anomalies.is_empty(), "{refused:?}");
    let (before, had) = (tables(&case), records(&case));

    let wish = ReadingWish::in_words(None, Some(HEADER)).expect("names of fields");
    let seen =
        add_and_stop(&case, &evidence, &wish, |progress: &Progress| progress.done >= FILES - 2);
    assert!(seen > had, "it was stopped before a part of it was committed");
    assert_eq!(tables(&case), before);

    let read = add(&wish).items.remove(0);
    assert!(!read.known && read.problem.is_none(), "{read:?}");
    let sql = format!(
        "SELECT reading, (SELECT count(*) FROM stored_records r WHERE r.evidence = e.number) FROM evidence e
         WHERE sha256 = '{}'",
        read.sha256.expect("it was hashed")
    );
    let held = case.sql(&sql, 5).expect("a table").rows;
    assert_eq!(held, [[Cell::Int(2), Cell::Int(i128::from(read.flow_records))]]);
    assert_eq!(records(&case), had + i128::from(read.flow_records));
}

/// The journal's word counts, whatever a killed process left in the database and beside it.
#[test]
fn opening_drops_what_the_journal_does_not_hold_and_reads_what_it_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let evidence = evidence(folder.path());
    let made = case(folder.path(), "case.tidemark");
    made.add(&[evidence], &ReadingWish::default(), &Meter::default()).expect("it is added");
    let (path, before) = (made.path().to_owned(), tables(&made));
    let unknown = evidence::Sha256::of(b"unknown");
    for name in [format!("{unknown}.index"), format!("{unknown}.blocks"), "partial-x".to_owned()] {
        fs::write(path.join("index").join(name), "half").expect("a file");
    }
    let known = made.state().evidence[0].sha256;
    {
        // A second reading that nobody entered in the journal, and a rebuild that was cut off.
        let store = made.store().expect("a connection");
        let mut load = store.begin_load().expect("a load");
        load.reads(known, 2);
        load.enter_evidence(known, "first.log", &[]).expect("it is entered");
        load.enter_evidence(unknown, "unknown.log", &[]).expect("it is entered");
        load.commit().expect("it is kept");
        let numbers = store.readings().expect("numbers").into_iter().skip(3).take(4);
        store
            .forget_evidence(&numbers.map(|(number, ..)| number).collect::<Vec<_>>())
            .expect("gone");
        store.begin_derived().expect("nothing is derived");
    }
    drop(made);
    let opened =
        Workbench::open(&path, OffsetDateTime::now_utc, &Meter::default()).expect("it opens");
    let numbered = ["evidence", "stored_records", "rejected_lines", "anomalies", "coverage"];
    let same = |tables: &[String]| {
        let by_number = |table: &String| numbered.iter().any(|name| table.starts_with(name));
        tables.iter().filter(|table| !by_number(table)).cloned().collect::<Vec<_>>()
    };
    // What was read again has other numbers.
    assert_eq!(same(&tables(&opened)), same(&before));
    let count = |tables: &[String]| {
        let counts =
            tables.iter().map(|table| table.split("Int(").take(2).collect::<Vec<_>>().concat());
        counts
            .map(|table| table.split(')').next().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(count(&tables(&opened)), count(&before));
}

#[test]
fn an_index_of_another_version_is_made_anew_when_the_case_is_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    let evidence = evidence(folder.path());
    let made = case(folder.path(), "case.tidemark");
    made.add(&[evidence], &ReadingWish::default(), &Meter::default()).expect("it is added");
    let (path, before) = (made.path().to_owned(), tables(&made));
    drop(made);
    let indexes = fs::read_dir(path.join("index")).expect("a folder").flatten();
    let mut indexes = indexes.map(|entry| entry.path());
    let index = indexes.find(|path| path.extension().is_some_and(|end| end == "index"));
    let index = index.expect("the capture has an index");
    let intact = fs::read(&index).expect("a file");
    let spoil = || {
        let mut bytes = intact.clone();
        let version = bytes.len() - 44;
        bytes[version] += 1;
        fs::write(&index, bytes).expect("a file");
    };

    // It can be stopped, and then nothing was changed.
    spoil();
    let stopped = Meter::default();
    stopped.stop();
    let refused = Workbench::open(&path, OffsetDateTime::now_utc, &stopped).err();
    assert_eq!(refused.map(|error| error.code), Some(crate::ErrorCode::Cancelled));
    assert_ne!(fs::read(&index).expect("a file"), intact);

    let meter = Meter::default();
    let opened = Workbench::open(&path, OffsetDateTime::now_utc, &meter).expect("it opens");
    assert!(meter.progress().doing.starts_with("indexing 02-capture.pcap again"));
    assert_eq!(fs::read(&index).expect("a file"), intact);
    assert_eq!(tables(&opened), before);
}
