use super::elements::{Each, read_elements};
use super::splitter::Path;
use super::value::{get, parse, take};
use crate::row::Row;
use crate::{Cause, FlowSink, Layout, Record, Rejected};
use evidence::Anomaly;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::io::Read;
use std::ops::ControlFlow;

/// Writes down where each record, rejected element and anomaly is, and of what length.
#[derive(Default)]
struct Script(Vec<String>);

impl FlowSink for Script {
    fn layout(&mut self, _: &Layout) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        let Record { line, offset, length, .. } = record;
        self.0.push(format!("{line}@{offset}+{length}"));
        ControlFlow::Continue(())
    }
    fn rejected(&mut self, rejected: &Rejected<'_>) -> ControlFlow<()> {
        let Rejected { line, offset, length, cause, .. } = rejected;
        self.0.push(format!("{line}@{offset}+{length} {}", cause.code()));
        ControlFlow::Continue(())
    }
    fn anomaly(&mut self, anomaly: Anomaly) -> ControlFlow<()> {
        self.0.push(format!("{}@{}+{}", anomaly.kind, anomaly.offset, anomaly.length));
        ControlFlow::Continue(())
    }
}

/// Gives a few bytes at a time.
struct Drops<'a>(&'a [u8], usize);

impl Read for Drops<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.1.min(out.len()).min(self.0.len());
        out[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

/// Elements are records if they have a `bytes`.
fn read(text: &str, path: Path, drop: usize) -> Vec<String> {
    let mut script = Script::default();
    let mut each = Each(|element, target| {
        target.row(match element.contains_key("bytes") {
            true => Row::of_members(element),
            false => Err(Cause::Form { expected: "a record" }),
        })
    });
    read_elements(&mut Drops(text.as_bytes(), drop), path, &mut each, &mut script).unwrap();
    script.0
}

fn check(path: Path, text: &str, expected: &[&str]) {
    for drop in [1, 7, 1 << 20] {
        assert_eq!(read(text, path, drop), expected, "{text} by {drop}");
    }
}

const EVENTS: Path = Path::Under("events");

#[test]
fn elements_stand_on_lines_or_one_after_the_other_or_in_a_list() {
    check(Path::Top, "{\"bytes\":1}\n{\"bytes\":2}\n", &["1@0+11", "2@12+11"]);
    check(Path::Top, "{\"bytes\":1}{\"bytes\":2}", &["1@0+11", "2@11+11"]);
    check(
        Path::Top,
        "\u{feff}[ {\"bytes\":1},\n{\"bytes\":\"}\\\"{\"} ]",
        &["1@5+11", "2@18+16 number"],
    );
    check(Path::Top, "{\"bytes\":1},\r\n{\"bytes\":2},", &["1@0+11", "2@14+11"]);
    check(EVENTS, "{\"events\":[{\"bytes\":1},{\"bytes\":2}],\"x\":[1]}", &["1@11+11", "2@23+11"]);
    check(
        EVENTS,
        "{\"x\":{\"events\":[]},\"events\":[{\"bytes\":1}]}{\"events\":[{\"bytes\":2}]}",
        &["1@29+11", "2@53+11"],
    );
    check(EVENTS, "[{\"events\":[{\"bytes\":1}]},{\"events\":[]}]", &["1@12+11"]);
}

#[test]
fn a_broken_element_is_rejected_and_the_next_one_read() {
    // On lines: a string without an end, a bracket without its partner, a key without a value.
    for broken in
        ["{\"bytes\":\"1}", "{\"bytes\":[1}", "{\"bytes\"}", "{\"bytes\":1", "{\"bytes\":1,}"]
    {
        let length = broken.len() + 1;
        let text = format!("{broken}\n{{\"bytes\":2}}\n");
        check(Path::Top, &text, &[&format!("1@0+{length} json"), &format!("2@{length}+11")]);
    }
    // On one line, where a lost quotation mark turns all text inside out.
    check(
        EVENTS,
        "{\"events\":[{\"bytes\":1,\"m\":\"x,\"n\":\"y\"},{\"bytes\":2},{\"bytes\":3}]}",
        &["1@11+27 json", "2@38+11", "3@50+11"],
    );
    check(
        Path::Top,
        "{\"bytes\":1}x{\"bytes\":2}\n{\"bytes\":3}",
        &["1@0+11", "flowlog.noise@11+13", "2@24+11"],
    );
    check(Path::Top, "[1,{\"bytes\":2}]", &["flowlog.noise@1+2", "1@3+11"]);
    check(Path::Top, "[[1],{\"bytes\":2}]", &["1@1+3 form", "2@5+11"]);
}

#[test]
fn after_a_broken_element_the_next_document_is_read_as_one() {
    check(
        EVENTS,
        "{\"events\":[{\"bytes\":1]}{\"events\":[{\"bytes\":2}],\"x\":1}",
        &["1@11+12 json", "2@34+11"],
    );
}

#[test]
fn numbers_and_literals_that_are_none_are_rejected_when_they_are_parsed() {
    check(Path::Top, "{\"bytes\":1.2.3}\n{\"bytes\":nil}", &["1@0+15 json", "2@16+13 json"]);
    check(Path::Top, "{\"bytes\":1,\"bytes\":2}", &["1@0+21 repeated_key"]);
    check(Path::Top, "{\"bytes\":1,\"x\":{\"y\":1,\"y\":2}}", &["1@0+29 repeated_key"]);
}

#[test]
fn what_the_end_of_the_file_cuts_is_told() {
    check(
        EVENTS,
        "{\"events\":[{\"bytes\":1},{\"byt",
        &["1@11+11", "2@23+5 cut", "flowlog.unterminated@28+0"],
    );
    check(EVENTS, "{\"events\":[{\"bytes\":1}", &["1@11+11", "flowlog.unterminated@22+0"]);
    check(Path::Top, "{\"bytes\":1}\n{\"byt", &["1@0+11", "2@12+5 cut"]);
}

#[test]
fn a_document_of_another_form_is_told() {
    check(EVENTS, "{\"records\":[]}", &["flowlog.no_elements@0+14", "flowlog.empty@0+0"]);
    check(EVENTS, "", &["flowlog.empty@0+0"]);
    check(EVENTS, "{\"events\":[]}", &["flowlog.empty@0+0"]);
    check(Path::Top, "prose", &["flowlog.noise@0+5"]);
}

#[test]
fn nesting_and_length_have_a_limit() {
    let deep = format!("{}{}", "{\"a\":".repeat(5000), "[".repeat(5000));
    let given = read(&format!("{deep}\n{{\"bytes\":2}}"), Path::Top, 1 << 20);
    assert!(given.iter().rev().skip(1).all(|line| line.ends_with(" json")));
    assert!(given.last().unwrap().ends_with("@30001+11"));

    let length = super::splitter::LONGEST + 10;
    let long = format!("{{\"bytes\":\"{}\"}}", "x".repeat(length));
    let given = read(&format!("{long}\n{{\"bytes\":2}}"), Path::Top, 1 << 20);
    let next = long.len() + 1;
    assert_eq!(given, [format!("1@0+{} too_long", long.len()), format!("2@{next}+11")]);

    let many = format!("[{}1]", "1,".repeat(1_000_001));
    assert!(matches!(parse(many.as_bytes()), Err(Cause::TooMany { .. })));
}

#[test]
fn members_are_found_and_taken_by_their_path() {
    let Ok(Json::Object(mut object)) = parse(b"{\"a\":{\"b\":{\"c\":1},\"d\":2},\"a.e\":3}") else {
        panic!()
    };
    assert_eq!(get(&object, "a.b.c"), Some(&json!(1)));
    assert_eq!(take(&mut object, "a.b.c"), json!(1));
    assert_eq!(take(&mut object, "a.e"), json!(3));
    assert_eq!(take(&mut object, "a.x"), json!(null));
    assert_eq!(Json::Object(object), json!({"a": {"d": 2}}));
}

proptest! {
    #[test]
    fn any_bytes_end_and_are_told_within_the_input(
        noise in proptest::collection::vec(
            prop_oneof![
                Just("{\"events\":["), Just("{\"bytes\":1}"), Just("{"), Just("}"), Just("["), Just("]"),
                Just("\""), Just(","), Just("\n"), Just("\\"), Just(":"), Just("x"), Just("\"events\"")
            ], 0..60),
        drop in 1_usize..40,
    ) {
        let text = noise.concat();
        for path in [Path::Top, EVENTS, Path::ListsUnder("events")] {
            let given = read(&text, path, drop);
            prop_assert_eq!(&given, &read(&text, path, 1 << 20));
            prop_assert!(!given.is_empty());
            for place in given.iter().filter_map(|line| line.split_once('@')?.1.split(' ').next()) {
                let (offset, length) = place.split_once('+').unwrap();
                let end = offset.parse::<usize>().unwrap() + length.parse::<usize>().unwrap();
                prop_assert!(end <= text.len());
            }
        }
    }
}
