//! Adding that is killed in the middle loses nothing, counts nothing twice and locks nobody out.

use super::cli::{arg, binary, expect, folder, incident, json, sample_case, tidemark};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

fn new_case(name: &str) -> PathBuf {
    let case = folder(name).join("case.tidemark");
    expect(0, &["new", arg(&case), "--examiner", "A. Tester"]);
    case
}

fn start_adding(case: &Path) -> Child {
    let mut command = Command::new(binary());
    command.arg("add").arg(case).arg(incident());
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

/// Flow records (NODATA and SKIPDATA rows are records too) and packets of the sample incident.
fn truth() -> (u64, u64) {
    let totals = &tests::json("sample-data/truth/truth.json")["totals"];
    let classes = &totals["records_by_class"];
    let number = |value: &Value| value.as_u64().expect("totals are numbers");
    let rows = [&totals["flow_records"], &classes["nodata"], &classes["skipdata"]];
    (rows.into_iter().map(number).sum(), number(&totals["captured_frames"]))
}

fn status(case: &Path) -> Value {
    json(&["status", arg(case)]).remove(0)
}

fn counts(status: &Value) -> (u64, u64) {
    let count = |name: &str| status[name].as_u64().expect("status has the count");
    (count("flow_records"), count("packets"))
}

fn assert_verified(case: &Path) {
    let verified = json(&["verify", arg(case)]).remove(0);
    assert_eq!(verified["ok"], true, "{verified}");
}

/// What an examiner could notice of a load, but for when it happened.
fn content(case: &Path) -> Vec<Value> {
    let status = status(case);
    let counted = ["flow_records", "packets", "conversations", "transactions", "anomalies"];
    let mut content: Vec<_> = counted.iter().map(|name| status[name].clone()).collect();
    let mut items: Vec<_> = status["evidence"]
        .as_array()
        .expect("status lists the evidence")
        .iter()
        .map(|item| format!("{} {} {}", item["sha256"], item["flow_records"], item["packets"]))
        .collect();
    items.sort();
    content.extend(items.into_iter().map(Value::from));
    let sources = "SELECT count(DISTINCT (evidence, line)) AS lines FROM flow_records";
    content.push(json(&["sql", arg(case), sources]).remove(0));
    content.push(json(&["sql", arg(case), VERDICTS]).into());
    content
}

const VERDICTS: &str = "SELECT verdict::VARCHAR AS verdict, count(*) AS records FROM coverage \
                        GROUP BY ALL ORDER BY ALL";

/// Starts adding and kills it after each of the delays, all on one case; then adds to the end.
fn check(delays: &[Duration]) -> usize {
    let case = new_case("killed");
    let (records, packets) = truth();
    let mut killed = 0;
    for delay in delays {
        let adding = start_adding(&case);
        std::thread::sleep(*delay);
        killed += usize::from(kill(adding));
        let (records_now, packets_now) = counts(&status(&case));
        let within = records_now <= records && packets_now <= packets;
        assert!(within, "after {delay:?}: {records_now} records, {packets_now} packets");
        assert_verified(&case);
    }
    expect(0, &["add", arg(&case), arg(&incident())]);
    assert_eq!(counts(&status(&case)), (records, packets), "killed after {delays:?}");
    assert_verified(&case);
    let (_reading, whole) = sample_case();
    assert_eq!(content(&case), content(&whole), "killed after {delays:?}");
    let parent = case.parent().expect("the case lies in its own folder");
    fs::remove_dir_all(parent).expect("the case can be removed");
    killed
}

#[test]
fn a_killed_load_is_taken_up_again_and_nothing_counts_twice() {
    let killed = if std::env::var_os("TIDEMARK_SOAK").is_some() {
        (0..40).map(|step| check(&[Duration::from_millis(20 + 180 * step)])).sum()
    } else {
        check(&[300, 900, 1_800].map(Duration::from_millis))
    };
    assert!(killed > 0, "every load had ended before it could be killed");
}

#[test]
fn a_second_process_is_told_who_has_the_case() {
    let case = new_case("held");
    let adding = start_adding(&case);
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
