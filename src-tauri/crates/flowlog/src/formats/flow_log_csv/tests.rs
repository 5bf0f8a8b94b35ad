use super::*;
use crate::script::Script;

fn check(input: &str, expected: &[&str]) {
    let mut script = Script::default();
    read(&mut input.as_bytes(), &ReadOptions::default(), &mut script).unwrap();
    assert_eq!(script.lines, expected, "{input:?}");
}

#[test]
fn a_row_is_named_by_its_first_line() {
    check(
        "srcaddr,bytes,mood\r\n10.0.0.1,7,\"a\nb\"\r\n\r\n10.0.0.2,8,\"\"\r\n",
        &[
            "flowlog.unknown_field@0+18 mood",
            "layout of 3",
            "2@20 srcaddr=10.0.0.1 bytes=7 mood?=\"a\\nb\"",
            "5@40 srcaddr=10.0.0.2 bytes=8 mood?=\"\"",
        ],
    );
}

#[test]
fn what_is_empty_without_quotation_marks_is_absent() {
    check(
        "srcaddr;bytes;action\n;;\n-;-;-\n\"\";\"\";\"\"\n",
        &["layout of 3", "2@21 ", "3@24 ", "4@30 action=\"\""],
    );
}

#[test]
fn numbers_and_times_are_read_in_the_forms_that_tables_have() {
    check(
        "srcaddr,dstport,start,end\n,443.0,2014-12-14 04:06:50.5,1418530010999\n",
        &[
            "layout of 4",
            "flowlog.milliseconds@26+42 milliseconds; they are read as such, here and below",
            "2@26 dstport=443 start=1418530010500000us end=1418530010999000us",
        ],
    );
}

#[test]
fn a_row_with_anything_wrong_is_rejected_and_the_next_one_read() {
    for (row, expected) in [
        ("10.0.0.1", "@14+8 columns: 1 columns where the layout has 2: 10.0.0.1"),
        ("10.0.0.1,x", "@14+10 number: bytes is not a number: 10.0.0.1,x"),
        (
            "\"10.0.0.1\"x,1",
            "@14+13 quotes: a quoted value that does not end where a value ends: \\\"10.0.0.1\\\"x,1",
        ),
        (
            "\"10.0.0.1,1",
            "@14+11 quotes: a quoted value that does not end where a value ends: \\\"10.0.0.1,1",
        ),
        ("10.0.0.1,\0", "@14+10 nul: a NUL byte: 10.0.0.1,\\x00"),
    ] {
        let next = 14 + row.len() + 1;
        check(
            &format!("srcaddr,bytes\n{row}\n,7\n"),
            &["layout of 2", &format!("2{expected}"), &format!("3@{next} bytes=7")],
        );
    }
}

#[test]
fn rows_of_any_length_are_rejected_in_bounded_memory() {
    for length in [LONGEST + 1, BLOCK, 5 * BLOCK + 17] {
        for quote in ["", "\""] {
            let mut script = Script::default();
            let input = format!("srcaddr,bytes\n{quote}{}\n,7\n", "x".repeat(length));
            let summary =
                read(&mut input.as_bytes(), &ReadOptions::default(), &mut script).unwrap();
            assert_eq!((summary.records, summary.rejected, summary.lines), (1, 1, 3));
            let next = 14 + quote.len() + length + 1;
            assert_eq!(script.lines.last().unwrap(), &format!("3@{next} bytes=7"));
        }
    }
}

#[test]
fn a_header_that_comes_again_is_no_row() {
    check(
        "srcaddr,bytes\n,1\nsrcaddr,bytes\n,2\nbytes,srcaddr\n3,\n",
        &[
            "layout of 2",
            "2@14 bytes=1",
            "4@31 bytes=2",
            "flowlog.layout_changed@34+13 bytes,srcaddr",
            "layout of 2",
            "6@48 bytes=3",
        ],
    );
}

#[test]
fn the_fields_of_an_insights_query_are_read_where_no_message_is() {
    check(
        "@timestamp,srcAddr,dstPort\n2014-12-14 04:06:50.000,10.0.0.1,22\n",
        &[
            "layout of 3",
            "2@27 srcaddr=10.0.0.1 dstport=22 …?=\"{\\\"@timestamp\\\":\\\"2014-12-14 04:06:50.000\\\"}\"",
        ],
    );
}

#[test]
fn a_file_that_ends_in_mid_row_is_told() {
    check(
        "srcaddr,bytes\n,7",
        &["layout of 2", "2@14 bytes=7", "flowlog.unterminated@14+2 the end of the file"],
    );
    check("srcaddr,bytes\n", &["layout of 2", "flowlog.empty@0+0 no element of the format"]);
}
