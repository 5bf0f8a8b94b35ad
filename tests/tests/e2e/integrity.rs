//! The report is the same every time, and a changed byte is found wherever it is.

use super::cli::{arg, case_of, expect, folder, incident, json};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// A case over copies of some evidence, with a finding.
fn case_with_finding() -> (PathBuf, PathBuf) {
    let evidence = folder("evidence");
    for name in [
        "mirror/collector-1_20260303T093011Z.pcap",
        "sidecars/describe-network-interfaces.json",
        "sidecars/describe-traffic-mirror-sessions.json",
    ] {
        let to = evidence.join(name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(incident().join(name), to).unwrap();
    }
    let logs = incident().join("flowlogs/AWSLogs/111122223333/vpcflowlogs/us-east-1/2026/03/03");
    for entry in fs::read_dir(logs).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if name.contains("20260303T09") {
            fs::copy(entry.path(), evidence.join(name)).unwrap();
        }
    }
    let case = case_of("integrity", std::slice::from_ref(&evidence));
    expect(
        0,
        &[
            "finding",
            arg(&case),
            "SQL injection against the shop",
            "--text",
            "UNION SELECT in three requests.",
            "--severity",
            "high",
            "--technique",
            "T1190",
            "--filter",
            "srcaddr == 198.51.100.77 && dstport == 80",
        ],
    );
    expect(
        0,
        &[
            "note",
            arg(&case),
            "Ask for the web server's log.",
            "--filter",
            "srcaddr == 198.51.100.77 && srcport == 53741",
        ],
    );
    (case, evidence)
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    let at = at % bytes.len();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// What a verification that must fail says.
fn failures(path: &Path) -> Vec<Value> {
    let outcome = expect(1, &["verify", arg(path), "--json"]);
    let found: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(found["ok"], false);
    found["failures"].as_array().unwrap().clone()
}

#[test]
fn two_runs_of_the_report_are_byte_identical_and_self_contained() {
    let (case, _) = case_with_finding();
    let (one, two) = (folder("report-1"), folder("report-2"));
    for out in [&one, &two] {
        expect(0, &["report", arg(&case), arg(out), "--format", "html,pdf"]);
    }
    for name in ["report.html", "report.pdf", "manifest-sha256.txt"] {
        assert!(fs::read(one.join(name)).unwrap() == fs::read(two.join(name)).unwrap(), "{name}");
    }
    let html = fs::read_to_string(one.join("report.html")).unwrap();
    for part in [
        "SQL injection against the shop",
        "T1190",
        "1' OR '1'='1' UNION SELECT username,password_hash FROM users",
        "collector-1_20260303T093011Z.pcap",
        "Ask for the web server",
        "<svg",
    ] {
        let escaped = part.replace('\'', "&#39;");
        assert!(html.contains(part) || html.contains(&escaped), "{part}");
    }
    // Nothing is loaded and nothing runs.
    for remote in ["<script", "src=\"http", "href=\"http", "@import", "url(http"] {
        assert!(!html.contains(remote), "{remote}");
    }
    assert_eq!(&fs::read(one.join("report.pdf")).unwrap()[..5], b"%PDF-");
    let status = &json(&["status", arg(&case)])[0];
    for item in status["evidence"].as_array().unwrap() {
        assert!(html.contains(item["sha256"].as_str().unwrap()), "{item}");
    }
}

#[test]
fn a_changed_byte_of_the_evidence_is_found_and_never_shown() {
    let (case, evidence) = case_with_finding();
    expect(0, &["verify", arg(&case)]);
    let filter = "srcaddr == 198.51.100.77 && dstport == 80";
    let pivot = &json(&["pivot", arg(&case), "--filter", filter, "--limit", "1"])[0];
    let packet = pivot["packet_ids"][0].as_str().unwrap();
    let detail = &json(&["packet", arg(&case), packet])[0];
    let capture = evidence.join("mirror/collector-1_20260303T093011Z.pcap");
    flip(&capture, detail["data_offset"].as_u64().unwrap() as usize + 60);

    let found = failures(&case);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["what"], "evidence_changed");
    assert!(found[0]["path"].as_str().unwrap().ends_with("collector-1_20260303T093011Z.pcap"));
    let outcome = expect(2, &["packet", arg(&case), packet]);
    assert!(outcome.stderr.contains("was changed after it was added"), "{}", outcome.stderr);
    assert!(outcome.stdout.is_empty());
}

#[test]
fn a_changed_byte_of_the_journal_is_found_and_the_case_is_not_written() {
    let (case, _) = case_with_finding();
    let journal = case.join("journal.jsonl");
    let whole = fs::read(&journal).unwrap();
    for at in (0..whole.len()).step_by(whole.len() / 23) {
        flip(&journal, at);
        // A changed hash or path in the journal makes evidence look changed or missing besides.
        let of_journal =
            |failure: &Value| failure["what"].as_str().unwrap().starts_with("journal_");
        assert!(failures(&case).iter().any(of_journal), "byte {at}");
        fs::write(&journal, &whole).unwrap();
    }
    flip(&journal, whole.len() / 2);
    let outcome = expect(2, &["note", arg(&case), "x", "--filter", "dstport == 80"]);
    assert!(outcome.stderr.contains("journal"), "{}", outcome.stderr);
}

#[test]
fn a_cut_tail_is_found_against_an_anchor() {
    let (case, _) = case_with_finding();
    let status = &json(&["status", arg(&case)])[0];
    let anchor = format!("{}:{}", status["journal_seq"], status["journal_head"].as_str().unwrap());
    expect(0, &["verify", arg(&case), "--head", &anchor]);
    let journal = case.join("journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    let kept = text.trim_end().rsplit_once('\n').unwrap().0;
    fs::write(&journal, format!("{kept}\n")).unwrap();
    expect(0, &["verify", arg(&case)]);
    expect(1, &["verify", arg(&case), "--head", &anchor]);
}

#[test]
fn a_changed_byte_of_the_report_is_found() {
    let (case, _) = case_with_finding();
    let out = folder("report");
    expect(0, &["report", arg(&case), arg(&out)]);
    expect(0, &["verify", arg(&case)]);
    expect(0, &["verify", arg(&out)]);
    flip(&out.join("report.html"), 1000);
    assert_eq!(failures(&case)[0]["what"], "export_changed");
    assert_eq!(failures(&out)[0]["what"], "export_changed");
}

#[test]
fn evidence_is_left_as_it_was() {
    let (case, evidence) = case_with_finding();
    let before: Vec<_> = snapshot(&evidence);
    expect(0, &["report", arg(&case), arg(&folder("out"))]);
    expect(0, &["add", arg(&case), arg(&evidence)]);
    assert_eq!(before, snapshot(&evidence));
}

/// Names, lengths and times of a folder's files.
fn snapshot(path: &Path) -> Vec<(PathBuf, u64, std::time::SystemTime)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(path).unwrap() {
        let entry = entry.unwrap();
        let about = entry.metadata().unwrap();
        if about.is_dir() {
            files.extend(snapshot(&entry.path()));
        } else {
            files.push((entry.path(), about.len(), about.modified().unwrap()));
        }
    }
    files.sort();
    files
}
