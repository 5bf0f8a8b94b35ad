//! Bad input is named, nothing is lost, the rest goes on, and the exit status says it.

use super::cli::{add, arg, empty_case, expect, incident, item, json, lines};
use super::generated::{HEADER, log, record};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn gzip(path: &Path) -> PathBuf {
    let status =
        std::process::Command::new("gzip").arg("-n").arg(path).status().expect("gzip runs");
    assert!(status.success());
    path.with_file_name(format!("{}.gz", path.file_name().unwrap().to_str().unwrap()))
}

#[test]
fn an_empty_file_and_noise_are_named_and_the_rest_is_loaded() {
    let (case, evidence) = empty_case("noise");
    fs::write(evidence.join("empty.log"), "").unwrap();
    fs::write(evidence.join("noise.txt"), "it was a dark and stormy night\n".repeat(50)).unwrap();
    fs::write(evidence.join("good.log"), log(20)).unwrap();
    let items = add(&case, &evidence, 1);
    assert_eq!(item(&items, "empty.log")["problem"], "the file is empty");
    assert!(item(&items, "noise.txt")["problem"].as_str().unwrap().contains("not recognised"));
    assert_eq!(item(&items, "good.log")["flow_records"], 20);
    // What was not loaded is on record all the same, with its hash.
    let status = &json(&["status", arg(&case)])[0];
    assert_eq!(status["evidence"].as_array().unwrap().len(), 3);
    assert_eq!(status["flow_records"], 20);
}

#[test]
fn a_cut_gzip_gives_every_whole_line_before_the_cut_and_no_half_one() {
    let (case, evidence) = empty_case("cut-gzip");
    let text = log(5_000);
    fs::write(evidence.join("cut.log"), &text).unwrap();
    let gz = gzip(&evidence.join("cut.log"));
    let bytes = fs::read(&gz).unwrap();
    fs::write(&gz, &bytes[..bytes.len() / 2]).unwrap();
    let items = add(&case, &evidence, 1);
    let cut = item(&items, "cut.log.gz");
    let kept = cut["flow_records"].as_u64().unwrap();
    assert!(0 < kept && kept < 5_000, "{cut}");
    let anomaly = cut["anomalies"][0].as_str().unwrap();
    assert!(anomaly.starts_with(&format!("gzip.cut at byte {}", bytes.len() / 2)), "{anomaly}");
    let flows = json(&["flows", arg(&case), "--order", "line"]);
    for (number, flow) in flows.iter().enumerate() {
        assert_eq!(flow["dstport"].as_u64(), Some(1024 + number as u64));
        assert_eq!(flow["line"].as_u64(), Some(number as u64 + 2));
        assert_eq!(flow["log_status"], "OK");
    }
}

#[test]
fn a_capture_cut_in_mid_packet_keeps_every_packet_before() {
    let (case, evidence) = empty_case("cut-capture");
    let whole = fs::read(incident().join("mirror/collector-1_20260303T093011Z.pcap")).unwrap();
    fs::write(evidence.join("cut.pcap"), &whole[..whole.len() / 2]).unwrap();
    let items = add(&case, &evidence, 1);
    let cut = item(&items, "cut.pcap");
    assert!(cut["anomalies"][0].as_str().unwrap().starts_with("pcap.record_cut at byte"), "{cut}");
    // Counted by walking the records of the file.
    let (mut at, mut packets) = (24, 0);
    while at + 16 <= whole.len() / 2 {
        let length = u32::from_le_bytes(whole[at + 8..at + 12].try_into().unwrap()) as usize;
        at += 16 + length;
        packets += u64::from(at <= whole.len() / 2);
    }
    assert_eq!(cut["packets"].as_u64(), Some(packets));
}

#[test]
fn every_broken_line_is_kept_with_its_place_and_cause() {
    let (case, evidence) = empty_case("broken-lines");
    let mut rows: Vec<String> = (0..2_000).map(record).collect();
    let broken: Vec<usize> = (0..2_000).step_by(100).collect();
    for (kind, at) in broken.iter().enumerate() {
        rows[*at] = match kind % 4 {
            0 => "2 111122223333 eni-0a4f21c9d3b7e6a10".to_owned(),
            1 => rows[*at].replace(" 443 ", " forty "),
            2 => rows[*at].replace("10.0.1.10", "10.0.1.999"),
            _ => rows[*at].replace("1772496060", "1772495000"),
        };
    }
    fs::write(evidence.join("broken.log"), format!("{HEADER}\n{}\n", rows.join("\n"))).unwrap();
    let items = add(&case, &evidence, 1);
    let file = item(&items, "broken.log");
    assert_eq!(file["flow_records"], 1_980);
    assert_eq!(file["rejected_lines"], 20);
    let kept = json(&[
        "sql",
        arg(&case),
        "SELECT line, \"offset\", cause, \"text\" FROM rejected_lines ORDER BY line",
    ]);
    let text = fs::read_to_string(evidence.join("broken.log")).unwrap();
    for (row, at) in kept.iter().zip(&broken) {
        assert_eq!(row["line"].as_u64(), Some(*at as u64 + 2));
        assert_eq!(row["text"].as_str(), Some(rows[*at].as_str()));
        let offset = row["offset"].as_u64().unwrap() as usize;
        assert!(text[offset..].starts_with(&rows[*at]), "{row}");
    }
    let causes: Vec<&str> = kept[..4].iter().map(|row| row["cause"].as_str().unwrap()).collect();
    assert_eq!(
        causes,
        [
            "3 columns where the layout has 14",
            "srcport is not a number",
            "srcaddr is not an address",
            "start is after end"
        ]
    );
}

#[test]
fn what_cannot_be_opened_is_named() {
    let (case, evidence) = empty_case("unreadable");
    fs::write(evidence.join("good.log"), log(3)).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/", evidence.join("everything")).unwrap();
    let missing = evidence.join("missing");
    let items = lines(&expect(1, &["add", arg(&case), arg(&evidence), arg(&missing), "--json"]));
    assert!(item(&items, "everything")["problem"].as_str().unwrap().contains("a link"));
    assert!(item(&items, arg(&missing))["problem"].as_str().unwrap().contains("No such file"));
    assert_eq!(item(&items, "good.log")["flow_records"], 3);
    // Nothing at all to load is an error.
    expect(2, &["add", arg(&case), arg(&missing)]);
}

/// Root may read anything, so this test runs the program as nobody where it can.
#[cfg(unix)]
#[test]
fn a_folder_without_permission_is_named() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let (case, evidence) = empty_case("permission");
    let closed = evidence.join("closed");
    fs::create_dir(&closed).unwrap();
    fs::write(closed.join("hidden.log"), log(3)).unwrap();
    fs::write(evidence.join("good.log"), log(3)).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let root = fs::read_dir(&closed).is_ok();
    let mut command = std::process::Command::new(super::cli::binary());
    if root {
        let top = case.parent().unwrap();
        let owned =
            std::process::Command::new("chown").args(["-R", "65534:65534"]).arg(top).status();
        assert!(owned.is_ok_and(|status| status.success()));
        // The build folder may be closed to others; a copy of the program is not.
        let copy = top.join("tidemark");
        fs::copy(super::cli::binary(), &copy).unwrap();
        let library = super::cli::binary().with_file_name("libduckdb.so");
        fs::copy(library, top.join("libduckdb.so")).unwrap();
        command = std::process::Command::new(copy);
        command.uid(65534).gid(65534);
    }
    let output = command.args(["add", arg(&case), arg(&evidence), "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let items: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(
        item(&items, "closed")["problem"].as_str().unwrap().contains("Permission denied"),
        "{text}"
    );
    assert_eq!(item(&items, "good.log")["flow_records"], 3);
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn the_same_bytes_at_a_second_place_are_counted_once() {
    let (case, evidence) = empty_case("twice");
    fs::write(evidence.join("one.log"), log(7)).unwrap();
    fs::write(evidence.join("two.log"), log(7)).unwrap();
    let items = add(&case, &evidence, 0);
    assert_eq!(item(&items, "one.log")["known"], false);
    assert_eq!(item(&items, "two.log")["known"], true);
    let status = &json(&["status", arg(&case)])[0];
    assert_eq!(status["flow_records"], 7);
    assert_eq!(status["evidence"][0]["locations"].as_array().unwrap().len(), 2);
}

#[test]
fn a_filter_that_is_none_points_at_the_column() {
    let (case, evidence) = empty_case("filter");
    fs::write(evidence.join("good.log"), log(3)).unwrap();
    add(&case, &evidence, 0);
    let outcome =
        expect(2, &["flows", arg(&case), "--filter", "dstport == 22 && srcadr == 10.0.0.1"]);
    assert!(outcome.stderr.contains("18"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("srcadr"), "{}", outcome.stderr);
    expect(1, &["flows", arg(&case), "--filter", "dstport == 9"]);
}

#[test]
fn the_console_reads_and_does_nothing_else() {
    let (case, evidence) = empty_case("console");
    fs::write(evidence.join("good.log"), log(3)).unwrap();
    add(&case, &evidence, 0);
    let answer = json(&["sql", arg(&case), "SELECT count(*) AS n, min(srcaddr) AS s FROM flows"]);
    assert_eq!((answer[0]["n"].as_u64(), answer[0]["s"].as_str()), (Some(3), Some("10.0.1.10")));
    for refused in [
        "DELETE FROM flow_records",
        "SELECT 1; SELECT 2",
        "COPY flow_records TO 'x.csv'",
        "SELECT * FROM read_csv('good.log')",
        "SELECT * FROM '/etc/passwd'",
        "ATTACH 'x.duckdb'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "PRAGMA database_list",
    ] {
        expect(2, &["sql", arg(&case), refused]);
    }
    assert_eq!(json(&["status", arg(&case)])[0]["flow_records"], 3);
}
