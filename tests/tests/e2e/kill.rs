//! Adding that is killed at any moment loses nothing, counts nothing twice and locks nobody out.

use super::cli::{arg, binary, expect, folder, incident, json, tidemark};
use super::generated::{HEADER, log, record};
use super::hostile::soaking;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Which random moments a run takes; another number gives others.
const SEED: u64 = 0x7469_6465;

/// Numbers between 0 and 1 that follow from a seed (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn start_adding(case: &Path, evidence: &Path) -> Child {
    let mut command = Command::new(binary());
    command.arg("add").arg(case).arg(evidence);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("tidemark starts")
}

/// Kills without a word to the process; whether there was still something to kill.
fn kill(mut adding: Child) -> bool {
    let running = adding.try_wait().expect("a child can be asked").is_none();
    adding.kill().expect("a child can be killed");
    adding.wait().expect("a killed child ends");
    running
}

/// Logs that differ in every record and are committed in several parts, captures between them, and files that are
/// broken in their own ways.
fn evidence_of(records: usize) -> PathBuf {
    const LINES: usize = 8_000;
    let evidence = folder("killed-evidence").join("load");
    fs::create_dir(&evidence).expect("a folder");
    for number in 0..records / LINES {
        // Every file has a line that is none, and records of an interface of its own.
        let rows: Vec<_> = (0..LINES).map(|line| record(number * LINES + line)).collect();
        let rows = rows.join("\n").replace("eni-0a4f21c9", &format!("eni-{number:08x}"));
        let text = format!("{HEADER}\n{rows}\nno record {number}\n");
        let file = File::create(evidence.join(format!("{number:04}.log.gz"))).expect("a file");
        let mut file = GzEncoder::new(file, Compression::fast());
        file.write_all(text.as_bytes()).and_then(|()| file.finish()).expect("it is written");
    }
    let captures = fs::read_dir(incident().join("mirror")).expect("the sample has captures");
    let step = records / LINES / 6;
    for (at, capture) in captures.flatten().enumerate() {
        let name = format!("{:04}-{}", at * step, capture.file_name().to_string_lossy());
        fs::copy(capture.path(), evidence.join(name)).expect("a copy");
    }
    fs::write(evidence.join(format!("{step:04}-noise.log")), "noise\n").expect("a file");
    evidence
}

/// A case that has evidence, and things that a person said about it.
fn case_with_more(name: &str) -> PathBuf {
    let case = folder(name).join("case.tidemark");
    let first = case.with_file_name("first.log");
    fs::write(&first, log(50)).expect("a file");
    expect(0, &["new", arg(&case), "--examiner", "A. Tester"]);
    expect(0, &["add", arg(&case), arg(&first)]);
    let record = json(&["flows", arg(&case), "--limit", "1"]).remove(0);
    let id = record["id"].as_str().expect("a record has an id");
    let on = format!("record:{id}");
    expect(0, &["tag", arg(&case), "kept", "--on", &on]);
    expect(0, &["note", arg(&case), "of before", "--on", &on]);
    case
}

/// Puts a copy of a case that nobody has open in the place of another.
fn copy(template: &Path, case: &Path) {
    let _ = fs::remove_dir_all(case);
    let mut folders = vec![(template.to_owned(), case.to_owned())];
    while let Some((from, to)) = folders.pop() {
        fs::create_dir_all(&to).expect("a folder");
        for entry in fs::read_dir(from).expect("a folder").flatten() {
            let (from, to) = (entry.path(), to.join(entry.file_name()));
            if from.is_dir() {
                folders.push((from, to));
            } else {
                fs::copy(from, to).expect("a copy");
            }
        }
    }
}

fn journal(case: &Path) -> Vec<u8> {
    fs::read(case.join("journal.jsonl")).expect("there is a journal")
}

fn acts(journal: &[u8]) -> Vec<Value> {
    let lines = journal.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    // A line that was cut is none yet.
    lines.filter_map(|line| serde_json::from_slice(line).ok()).collect()
}

/// Evidence that a journal holds, with its kind.
fn added(journal: &[u8]) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let acts = acts(journal);
    let added = acts.iter().filter(|act| act["act"] == "evidence_added");
    added.map(|act| (text(&act["sha256"]), text(&act["kind"]))).collect()
}

/// Whether a process that was killed has left the database more evidence than the journal holds.
fn has_more(case: &Path, journal: &[u8]) -> bool {
    let beside = case.with_file_name("looked-at");
    copy(case, &beside);
    let database = duckdb::Connection::open(beside.join("case.duckdb")).expect("it opens");
    let sql = "SELECT count(*) FROM evidence";
    let held: usize = database.query_row(sql, [], |row| row.get(0)).expect("it counts");
    held > added(journal).len()
}

/// Where in its course a load was killed, as its journal tells.
fn stage(before: usize, journal: &[u8]) -> &'static str {
    let acts = acts(journal);
    let own: Vec<_> = acts.iter().skip(before).map(|act| act["act"].as_str()).collect();
    let has = |name| own.contains(&Some(name));
    match () {
        () if has("done") => "ended",
        () if has("evidence_added") => "deriving",
        () if has("begin") => "loading",
        () => "opening",
    }
}

/// What the database has of each piece of evidence that it knows: records, rejected lines, anomalies, and a checksum.
fn held(case: &Path) -> BTreeMap<String, String> {
    let sql = "SELECT e.sha256, count(*) AS entered,
        any_value(f.n) AS records, any_value(f.sum) AS sum, any_value(r.n) AS rejected, any_value(a.n) AS anomalies
        FROM evidence e
        LEFT JOIN (SELECT sha256, count(*) n, bit_xor(hash(line, interface_id, srcport, \"start\"))::VARCHAR sum
            FROM flow_records JOIN evidence ON number = evidence GROUP BY ALL) f ON f.sha256 = e.sha256
        LEFT JOIN (SELECT sha256, count(*) n FROM rejected_lines JOIN evidence ON number = evidence GROUP BY ALL) r
            ON r.sha256 = e.sha256
        LEFT JOIN (SELECT sha256, count(*) n FROM anomalies JOIN evidence ON number = evidence GROUP BY ALL) a
            ON a.sha256 = e.sha256
        GROUP BY e.sha256";
    let rows = json(&["sql", arg(case), sql, "--limit", "100000"]);
    rows.iter().map(|row| (row["sha256"].as_str().unwrap().to_owned(), row.to_string())).collect()
}

/// Rows of evidence that is none.
fn strays(case: &Path) -> Value {
    let of = |table: &str| format!("SELECT '{table}' AS found, evidence FROM {table}");
    let tables = ["stored_records", "rejected_lines", "anomalies", "sidecars", "sources"].map(of);
    let sql = format!(
        "SELECT found, count(*) AS n FROM ({}) WHERE evidence NOT IN (SELECT number FROM evidence) GROUP BY ALL",
        tables.join(" UNION ALL ")
    );
    tidemark(&["sql", arg(case), &sql, "--json"]).stdout.into()
}

fn indexes(case: &Path) -> BTreeSet<String> {
    let files = fs::read_dir(case.join("index")).expect("a case has indexes");
    files.flatten().map(|file| file.file_name().to_string_lossy().into_owned()).collect()
}

/// That the case opens, and that its tables and files hold what the journal says, all of it and nothing else.
fn check(case: &Path, whole: &BTreeMap<String, String>, when: &str) {
    let status = json(&["status", arg(case)]).remove(0);
    assert_eq!(status["problems"], Value::Array(Vec::new()), "{when}");
    let verified = json(&["verify", arg(case)]).remove(0);
    assert_eq!(verified["ok"], true, "{when}: {verified}");
    let known = added(&journal(case));
    let expected: BTreeMap<_, _> =
        known.keys().map(|sha256| (sha256.clone(), whole[sha256].clone())).collect();
    assert_eq!(held(case), expected, "{when}");
    assert_eq!(strays(case), "", "{when}");
    let captures = known.iter().filter(|(_, kind)| kind.starts_with("pcap"));
    let kept = |sha256: &str| ["index", "blocks"].map(|what| format!("{sha256}.{what}"));
    let captures: BTreeSet<_> = captures.flat_map(|(sha256, _)| kept(sha256)).collect();
    assert_eq!(indexes(case), captures, "{when}");
}

/// What an examiner could notice of a load, but for when it happened.
fn content(case: &Path) -> Vec<Value> {
    let status = json(&["status", arg(case)]).remove(0);
    let counted = [
        "flow_records",
        "packets",
        "conversations",
        "transactions",
        "anomalies",
        "gaps",
        "sources",
    ];
    let mut content: Vec<_> = counted.iter().map(|name| status[name].clone()).collect();
    let verdicts = "SELECT verdict::VARCHAR AS verdict, count(*) AS records FROM coverage GROUP BY ALL ORDER BY ALL";
    content.push(json(&["sql", arg(case), verdicts]).into());
    let tags = "SELECT tag, count(*) AS records FROM tags GROUP BY ALL";
    content.push(json(&["sql", arg(case), tags]).into());
    content
}

#[test]
fn a_killed_load_leaves_what_the_journal_says_and_is_taken_up_again() {
    let (kills, records) = if soaking() { (50, 4_000_000) } else { (4, 2_000_000) };
    let evidence = evidence_of(records);
    let undisturbed = case_with_more("undisturbed");
    let (template, case) = (undisturbed.with_file_name("template"), folder("killed").join("case"));
    copy(&undisturbed, &template);
    copy(&template, &case);
    let begun = Instant::now();
    // Its broken files say 1.
    expect(1, &["add", arg(&undisturbed), arg(&evidence)]);
    let duration = begun.elapsed();
    let whole = held(&undisturbed);

    let (mut random, mut stages, mut parts) = (Random(SEED), BTreeMap::new(), 0);
    for number in 0..kills {
        // In each part of the load once, late and early in turn.
        let part = f64::from(number * 37 % kills) + random.next();
        let delay = duration.mul_f64(part / f64::from(kills));
        let when = format!("seed {SEED:#x}, kill {number}, after {delay:?} of {duration:?}");
        let before = journal(&case);
        let running = kill({
            let adding = start_adding(&case, &evidence);
            std::thread::sleep(delay);
            adding
        });
        let after = journal(&case);
        assert!(after.starts_with(&before), "{when}: the journal has lost entries");
        let stage = if running { stage(acts(&before).len(), &after) } else { "ended" };
        *stages.entry(stage).or_insert(0) += 1;
        parts += usize::from(has_more(&case, &after));
        // Sometimes the next load finds it as it is, and may be killed while it clears up.
        if random.next() < 0.7 {
            check(&case, &whole, &format!("{when}, while {stage}"));
            assert!(journal(&case).starts_with(&after), "{when}: opening lost entries");
        }
        if added(&after).len() > added(&before).len() {
            // All of it came in: the next load would find nothing to do.
            check(&case, &whole, &format!("{when}, while {stage}"));
            copy(&template, &case);
        }
    }
    let told =
        format!("of {kills} kills: {stages:?}; {parts} left the database more than the journal");
    assert!(stages.contains_key("loading"), "{told}");
    tell(&told);
    expect(1, &["add", arg(&case), arg(&evidence)]);
    check(&case, &whole, "at the end");
    assert_eq!(content(&case), content(&undisturbed));
    for made in [&case, &undisturbed, &evidence] {
        fs::remove_dir_all(made.parent().expect("each lies in a folder of its own")).unwrap();
    }
}

#[expect(clippy::print_stderr, reason = "a long check says what it did")]
fn tell(what: &str) {
    eprintln!("{what}");
}

#[test]
fn a_second_process_is_told_who_has_the_case() {
    let case = folder("held").join("case.tidemark");
    expect(0, &["new", arg(&case), "--examiner", "A. Tester"]);
    let adding = start_adding(&case, &incident());
    let holder = format!("\"pid\":{}", adding.id());
    let patience = Instant::now() + Duration::from_secs(30);
    // Asking earlier would take the case away from the process that is about to have it.
    while !fs::read_to_string(case.join("lock")).is_ok_and(|text| text.contains(&holder)) {
        assert!(Instant::now() < patience, "the case was never opened");
        std::thread::sleep(Duration::from_millis(5));
    }
    let second = tidemark(&["status", arg(&case)]);
    let named = format!("process {} on ", adding.id());
    assert!(kill(adding), "the load had ended before a second process could ask");
    assert_eq!(second.status, 2, "{}", second.stdout);
    assert!(second.stderr.contains(&named), "{}", second.stderr);
    // The lock ends with its process, however that ends.
    expect(0, &["status", arg(&case)]);
}
