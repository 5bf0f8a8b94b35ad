use super::*;
use crate::Reference;
use serde_json::json;
use time::macros::datetime;

const AT: OffsetDateTime = datetime!(2026-11-12 14:05:41.000_001 UTC);

fn author() -> Author {
    let text = |text: &str| text.to_owned();
    Author { who: text("A. Examiner"), os_user: text("ae"), host: text("desk"), build: text("1.0") }
}

fn place(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("tidemark-journal-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    let _ = std::fs::remove_file(&path);
    path
}

fn note(text: &str) -> Act {
    let on = vec![Reference::Evidence(Sha256::of(b"log"))];
    Act::NoteAdded { id: "n1".to_owned(), on, text: text.to_owned() }
}

/// A journal of three notes, and its bytes.
fn written(name: &str) -> (PathBuf, Vec<u8>) {
    let path = place(name);
    let mut journal = Journal::create(&path).unwrap();
    for text in ["first", "second", "third"] {
        journal.append(AT, &author(), note(text)).unwrap();
    }
    let bytes = std::fs::read(&path).unwrap();
    (path, bytes)
}

fn split(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

fn faults(bytes: &[u8]) -> Vec<(u64, &'static str)> {
    verify_journal(bytes).failures.iter().map(|failure| (failure.entry, failure.what)).collect()
}

#[test]
fn each_entry_holds_the_hash_of_the_line_before() {
    let (_, bytes) = written("chain");
    let check = verify_journal(&bytes);
    assert_eq!(check.failures, []);
    assert_eq!(check.entries, 3);
    let lines: Vec<&[u8]> = lines(&bytes).collect();
    assert_eq!(Entry::read(lines[0]).unwrap().prev, NO_ENTRY);
    assert_eq!(Entry::read(lines[1]).unwrap().prev, Sha256::of(lines[0]));
    assert_eq!(check.head, Some(Head { seq: 3, hash: Sha256::of(lines[2]) }));
}

#[test]
fn a_line_has_the_documented_members() {
    let (_, bytes) = written("members");
    let line: serde_json::Value = serde_json::from_slice(lines(&bytes).next().unwrap()).unwrap();
    assert_eq!(line["seq"], 1);
    assert_eq!(line["at"], "2026-11-12T14:05:41.000001Z");
    assert_eq!(line["who"], "A. Examiner");
    assert_eq!(line["os_user"], "ae");
    assert_eq!(line["host"], "desk");
    assert_eq!(line["build"], "1.0");
    assert_eq!(line["act"], "note_added");
    assert_eq!(line["on"][0], format!("evidence:{}", Sha256::of(b"log")));
    assert_eq!(line["prev"], "0".repeat(64));
}

#[test]
fn every_change_of_one_byte_is_found() {
    let (_, bytes) = written("bytes");
    for at in 0..bytes.len() {
        for flip in [0x01, 0x20, 0x80] {
            let mut changed = bytes.clone();
            changed[at] ^= flip;
            assert!(!verify_journal(&changed).ok(), "byte {at} ^ {flip:#x} went unnoticed");
        }
    }
}

#[test]
fn every_byte_left_out_is_found_but_a_cut_at_a_line() {
    let (_, bytes) = written("left-out");
    let ends: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] == b'\n').collect();
    for at in 1..bytes.len() {
        let intact = ends.contains(&(at - 1));
        assert_eq!(verify_journal(&bytes[..at]).ok(), intact, "cut at {at}");
    }
}

#[test]
fn an_inserted_moved_doubled_or_removed_entry_is_found() {
    let (_, bytes) = written("order");
    let lines = split(&bytes);
    let with = |order: &[usize]| order.iter().flat_map(|at| lines[*at].clone()).collect::<Vec<_>>();
    assert_eq!(faults(&with(&[0, 1, 2])), []);
    assert_eq!(faults(&with(&[0, 2])), [(2, "seq"), (2, "prev")]);
    assert_eq!(faults(&with(&[1, 2])), [(1, "seq"), (1, "prev")]);
    assert!(faults(&with(&[0, 2, 1])).contains(&(2, "prev")));
    assert!(faults(&with(&[0, 1, 1, 2])).contains(&(3, "prev")));

    let (_, line) = Entry::compose(2, AT, &author(), note("forged"), Sha256::of(b"")).unwrap();
    let forged =
        [lines[0].clone(), line, b"\n".to_vec(), lines[1].clone(), lines[2].clone()].concat();
    assert!(faults(&forged).contains(&(2, "prev")));
}

#[test]
fn a_cut_at_a_line_and_a_new_chain_are_found_against_an_anchor() {
    let (_, bytes) = written("anchor");
    let head = verify_journal(&bytes).head.unwrap();
    assert_eq!(verify_journal(&bytes).check_head(head.seq, head.hash), Ok(()));

    let cut = split(&bytes)[..2].concat();
    let failure = verify_journal(&cut).check_head(head.seq, head.hash).unwrap_err();
    assert_eq!((failure.entry, failure.what), (3, "head"));
    assert_eq!(failure.found, "no such entry");

    let path = place("anchor-again");
    let mut journal = Journal::create(&path).unwrap();
    for text in ["first", "second", "never"] {
        journal.append(AT, &author(), note(text)).unwrap();
    }
    let again = verify_journal(&std::fs::read(&path).unwrap());
    assert!(again.ok());
    assert!(again.check_head(head.seq, head.hash).is_err());
}

#[test]
fn an_empty_journal_is_no_journal() {
    assert_eq!(faults(b""), [(1, "empty")]);
}

#[test]
fn a_line_that_is_no_entry_is_named_and_the_rest_is_checked() {
    let (_, bytes) = written("noise");
    let mut lines = split(&bytes);
    lines[1] = b"not JSON\xff\n".to_vec();
    let check = verify_journal(&lines.concat());
    let faults: Vec<_> =
        check.failures.iter().map(|failure| (failure.entry, failure.what)).collect();
    assert_eq!(faults, [(2, "sum"), (2, "unreadable"), (3, "prev")]);
    assert_eq!(check.head.map(|head| head.seq), Some(3));
}

#[test]
fn an_append_killed_at_any_byte_is_kept_as_a_quotation_and_the_chain_goes_on() {
    let (path, bytes) = written("killed");
    let whole = split(&bytes)[..2].concat();
    for cut in whole.len() + 1..bytes.len() {
        std::fs::write(&path, &bytes[..cut]).unwrap();
        assert_eq!(faults(&bytes[..cut]), [(3, "tail_cut")]);
        let mut journal = Journal::open(&path, AT, &author()).unwrap();
        let quoted = bytes[whole.len()..cut].escape_ascii().to_string();
        let length = (cut - whole.len()) as u64;
        assert_eq!(journal.entries()[2].act, Act::TailRecovered { length, quoted });
        journal.append(AT, &author(), note("after")).unwrap();
        let now = std::fs::read(&path).unwrap();
        assert!(now.starts_with(&whole));
        assert_eq!(faults(&now), []);
        assert_eq!(verify_journal(&now).entries, 4);
    }
}

#[test]
fn opening_an_intact_journal_writes_nothing() {
    let (path, bytes) = written("intact");
    let journal = Journal::open(&path, AT, &author()).unwrap();
    assert_eq!(journal.entries().len(), 3);
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[test]
fn nothing_is_written_after_a_broken_chain() {
    let (path, bytes) = written("broken");
    let text = String::from_utf8(bytes).unwrap().replace("second", "zecond");
    std::fs::write(&path, &text).unwrap();
    let error = Journal::open(&path, AT, &author()).unwrap_err();
    assert!(matches!(&error, JournalError::Damaged { failures } if failures[0].entry == 2));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    assert_eq!(read_entries(text.as_bytes()).len(), 3);
}

#[test]
fn a_line_written_by_another_program_stops_the_next_append() {
    let (path, bytes) = written("underneath");
    let mut journal = Journal::open(&path, AT, &author()).unwrap();
    std::fs::write(&path, [bytes.as_slice(), b"{}\n"].concat()).unwrap();
    let error = journal.append(AT, &author(), note("late")).unwrap_err();
    assert!(matches!(error, JournalError::ChangedUnderneath { .. }), "{error}");
}

#[test]
fn an_act_of_a_newer_version_is_kept_and_passes() {
    let fields = json!({"act": "evidence_notarised", "by": "somebody", "numbers": [1, 2]});
    let unknown = Act::Unknown(fields.as_object().unwrap().clone());
    let path = place("newer");
    let mut journal = Journal::create(&path).unwrap();
    journal.append(AT, &author(), unknown.clone()).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(faults(&bytes), []);
    assert_eq!(read_entries(&bytes)[0].act, unknown);
}

#[test]
fn a_known_act_with_fields_that_cannot_be_read_is_kept_too() {
    let fields = json!({"act": "tag_set", "on": ["galaxy:7"], "tag": "x"});
    let odd = Act::Unknown(fields.as_object().unwrap().clone());
    let (_, line) = Entry::compose(1, AT, &author(), odd.clone(), NO_ENTRY).unwrap();
    assert_eq!(Entry::read(&line).unwrap().act, odd);
}

#[test]
fn every_act_reads_back_as_it_was_written() {
    let sha256 = Sha256::of(b"log");
    let text = |text: &str| text.to_owned();
    let on = vec![Reference::Evidence(sha256)];
    let (title, severity) = (text("t\u{202e}\n\"<script>"), Severity::High);
    let acts = vec![
        Act::CaseCreated {
            number: text("7"),
            title: text("t"),
            examiner: text("e"),
            tool_version: text("1"),
        },
        Act::EvidenceAdded {
            path: text("/evidence/a/b.log.gz"),
            name: text("a/b.log.gz"),
            size: u64::MAX,
            sha256,
            kind: text("flow_log_text"),
            member: Some(text("b.log.gz")),
            copied: None,
            source: Some(text("s3://bucket/b.log.gz")),
            reading: [(text("fields"), text("srcaddr dstaddr"))].into(),
        },
        Act::EvidenceLocated { sha256, path: text("c"), member: None },
        Act::EvidenceRefused { path: text("d"), cause: text("cannot read") },
        Act::Begin { operation: text("scan"), parameters: json!({"rules": ["x"]}) },
        Act::Done { of: 5, results: json!({"hits": 3}) },
        Act::Failed { of: 5, cause: text("disk full") },
        Act::Cancelled { of: 5 },
        Act::TagSet { on: on.clone(), tag: text("seen") },
        Act::TagRemoved { on: on.clone(), tag: text("seen") },
        note("text"),
        Act::FindingMade {
            id: text("f1"),
            title: title.clone(),
            text: text(""),
            severity,
            references: on.clone(),
            technique: Some(text("T1190")),
        },
        Act::FindingChanged {
            id: text("f1"),
            title,
            text: text(""),
            severity,
            references: on,
            technique: None,
        },
        Act::FindingWithdrawn { id: text("f1"), reason: text("wrong") },
        Act::ClockPinned {
            collector: text("mirror-02"),
            evidence: vec![text("ab")],
            microseconds: -2_310_000,
        },
        Act::ClockReleased { collector: text("mirror-02"), evidence: vec![text("ab")] },
        Act::SessionConfirmed { session: text("10.0.0.1/7"), interface_id: text("eni-1") },
        Act::SessionReleased { session: text("10.0.0.1/7") },
        Act::Exported {
            format: text("html"),
            upto: 9,
            files: vec![ExportedFile { path: text("r.html"), size: 1, sha256 }],
        },
        Act::TailRecovered { length: 1, quoted: text("\\xff") },
    ];
    for act in acts {
        let (entry, line) = Entry::compose(1, AT, &author(), act.clone(), NO_ENTRY).unwrap();
        assert!(!line.contains(&b'\n'));
        assert_eq!(Entry::read(&line).unwrap(), entry);
        assert_eq!(entry.act, act);
    }
}
