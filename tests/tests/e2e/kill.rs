//! A load that is killed leaves a case that opens, and loses and doubles nothing.

use super::cli::{arg, binary, expect, folder, incident, json};
use std::process::{Command, Stdio};
use std::time::Duration;

#[test]
fn a_killed_load_loses_nothing_and_doubles_nothing() {
    let rounds: u64 = if std::env::var_os("TIDEMARK_SOAK").is_some() { 40 } else { 3 };
    let truth = tests::json("sample-data/truth/truth.json");
    let totals = &truth["totals"];
    let classes = &totals["records_by_class"];
    let records = [&totals["flow_records"], &classes["nodata"], &classes["skipdata"]];
    let records: u64 = records.iter().map(|count| count.as_u64().expect("a count")).sum();
    for round in 0..rounds {
        let case = folder("killed").join("case.tidemark");
        expect(0, &["new", arg(&case), "--title", "killed"]);
        let mut load = Command::new(binary())
            .args(["add", arg(&case), arg(&incident())])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("tidemark runs");
        // From the first files to the derivation after the last one.
        std::thread::sleep(Duration::from_millis(150 + round * 4_500 / rounds));
        load.kill().expect("a child can be killed");
        load.wait().expect("a child ends");

        expect(0, &["status", arg(&case)]);
        expect(0, &["verify", arg(&case)]);
        expect(0, &["add", arg(&case), arg(&incident())]);
        let status = &json(&["status", arg(&case)])[0];
        assert_eq!(status["flow_records"].as_u64(), Some(records), "round {round}");
        assert_eq!(status["packets"], totals["captured_frames"], "round {round}");
        let judged: u64 = status["verdicts"]
            .as_array()
            .expect("verdicts")
            .iter()
            .map(|pair| pair[1].as_u64().expect("a count"))
            .sum();
        assert_eq!(judged, records, "every record is judged once, round {round}");
    }
}

#[test]
fn a_second_process_is_told_who_has_the_case() {
    let case = folder("two-processes").join("case.tidemark");
    expect(0, &["new", arg(&case), "--title", "two", "--examiner", "A. First"]);
    let mut load = Command::new(binary())
        .args(["add", arg(&case), arg(&incident())])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("tidemark runs");
    std::thread::sleep(Duration::from_millis(400));
    let second = super::cli::tidemark(&["status", arg(&case)]);
    let pid = load.id().to_string();
    load.kill().expect("a child can be killed");
    load.wait().expect("a child ends");
    assert_eq!(second.status, 2, "{}", second.stdout);
    assert!(
        second.stderr.contains(&pid) && second.stderr.contains("A. First"),
        "{}",
        second.stderr
    );
}
