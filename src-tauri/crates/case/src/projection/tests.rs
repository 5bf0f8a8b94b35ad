use super::*;
use evidence::RecordRef;
use serde_json::{Value, json};
use time::macros::datetime;

const START: OffsetDateTime = datetime!(2026-11-12 14:00 UTC);

fn text(text: &str) -> String {
    text.to_owned()
}

fn author() -> Author {
    Author { who: text("e"), os_user: text("u"), host: text("h"), build: text("b") }
}

/// Entries as a journal would give them, one minute apart.
fn entries(acts: Vec<Act>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for (seq, act) in (1u64..).zip(acts) {
        let at = START + time::Duration::minutes(seq as i64);
        let prev = entries.last().map_or(Sha256([0; 32]), |entry| entry.hash);
        let hash = Sha256::of(&seq.to_be_bytes());
        entries.push(Entry { seq, at, author: author(), act, prev, hash });
    }
    entries
}

fn added(path: &str, content: &[u8]) -> Act {
    Act::EvidenceAdded {
        path: text(path),
        name: text(path),
        size: content.len() as u64,
        sha256: Sha256::of(content),
        kind: text("flow_log_text"),
        member: None,
        copied: None,
        source: None,
        reading: BTreeMap::new(),
    }
}

fn made(title: &str) -> Act {
    Act::FindingMade {
        id: text("f1"),
        title: text(title),
        text: text("t"),
        severity: Severity::High,
        references: vec![],
        technique: None,
    }
}

fn changed(title: &str) -> Act {
    Act::FindingChanged {
        id: text("f1"),
        title: text(title),
        text: text("t"),
        severity: Severity::Low,
        references: vec![],
        technique: Some(text("T1190")),
    }
}

#[test]
fn the_same_bytes_at_two_places_are_one_item() {
    let sha256 = Sha256::of(b"log");
    let located = Act::EvidenceLocated { sha256, path: text("moved"), member: None };
    let state = project(
        &entries(vec![added("a", b"log"), added("b", b"log"), located, added("c", b"other")]),
        None,
    );
    assert_eq!(state.evidence.len(), 2);
    let places: Vec<&str> =
        state.evidence[0].locations.iter().map(|place| place.path.as_str()).collect();
    assert_eq!(places, ["a", "b", "moved"]);
}

#[test]
fn a_tag_holds_until_it_is_taken_off() {
    let record = Reference::Record(RecordRef { evidence: Sha256::of(b"log"), line: 2 });
    let on = vec![record];
    let entries = entries(vec![
        Act::TagSet { on: on.clone(), tag: text("seen") },
        Act::TagSet { on: on.clone(), tag: text("odd") },
        Act::TagRemoved { on: on.clone(), tag: text("seen") },
        Act::TagRemoved { on, tag: text("odd") },
    ]);
    let tags = |upto| project(&entries, Some(upto)).tags.get(&record).map_or(0, BTreeSet::len);
    assert_eq!([tags(0), tags(1), tags(2), tags(3), tags(4)], [0, 1, 2, 1, 0]);
}

#[test]
fn a_finding_reads_as_it_was_last_changed_and_stays_when_withdrawn() {
    let withdrawn = Act::FindingWithdrawn { id: text("f1"), reason: text("wrong host") };
    let entries = entries(vec![made("first"), changed("second"), withdrawn]);
    let at_first = &project(&entries, Some(1)).findings[0];
    assert_eq!((at_first.title.as_str(), at_first.revision), ("first", 1));
    let last = &project(&entries, None).findings[0];
    assert_eq!((last.title.as_str(), last.revision, last.seq), ("second", 2, 2));
    assert_eq!(last.withdrawn.as_ref().map(|end| end.reason.as_str()), Some("wrong host"));
}

#[test]
fn what_does_not_fit_is_listed_and_changes_nothing() {
    let unknown = Act::Unknown(json!({"act": "later"}).as_object().unwrap().clone());
    let state = project(
        &entries(vec![
            unknown,
            changed("of nothing"),
            Act::Cancelled { of: 9 },
            made("f"),
            made("again"),
        ]),
        None,
    );
    assert_eq!(state.not_understood, [1, 2, 3, 5]);
    assert_eq!(state.findings[0].title, "f");
}

#[test]
fn a_long_act_without_an_end_is_listed() {
    let begin = || Act::Begin { operation: text("scan"), parameters: Value::Null };
    let state =
        project(&entries(vec![begin(), begin(), Act::Done { of: 1, results: Value::Null }]), None);
    assert_eq!(state.unfinished, [2]);
}

#[test]
fn a_snapshot_ends_before_the_exports_that_follow_it() {
    let export = || Act::Begin { operation: text(Act::EXPORT), parameters: Value::Null };
    let exported = || Act::Exported { format: text("html"), upto: 1, files: vec![] };
    let check = |acts, seq| assert_eq!(snapshot_seq(&entries(acts)), seq);
    check(vec![], 0);
    check(vec![made("f")], 1);
    check(vec![made("f"), export(), exported(), Act::Done { of: 2, results: Value::Null }], 1);
    check(vec![made("f"), export(), changed("g"), Act::Cancelled { of: 2 }], 3);
}
