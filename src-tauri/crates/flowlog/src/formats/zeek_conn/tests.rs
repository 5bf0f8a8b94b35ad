use super::*;
use crate::script::Script;

const FIELDS: &str = "ts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\torig_pkts\tconn_state";
const ROW: &str = "1.5\t10.0.0.1\t1024\t10.0.0.2\t53\tudp\t1\tS0";
const READ: &str = "srcaddr=10.0.0.1 dstaddr=10.0.0.2 srcport=1024 dstport=53 protocol=17 packets=1 start=1500000us end=1500000us …?=\"{\\\"conn_state\\\":\\\"S0\\\"}\"";

fn check(input: &str, expected: &[&str]) {
    let mut script = Script::default();
    read(&mut input.as_bytes(), &ReadOptions::default(), &mut script).unwrap();
    let given: Vec<_> = script
        .lines
        .iter()
        .filter(|line| !line.starts_with("layout"))
        .map(|line| line.split_once(' ').unwrap().1)
        .collect();
    assert_eq!(given, expected, "{input:?}");
}

#[test]
fn the_separator_and_the_marks_of_the_file_count() {
    check(&format!("#separator \\x09\n#fields\t{FIELDS}\n{ROW}\n#close\tx\n"), &[READ]);
    let piped = format!("#separator \\x7c\n#unset_field|?\n#fields\t{FIELDS}\n{ROW}\n#close\tx\n");
    check(&piped.replace('\t', "|").replace("|S0", "|?"), &[READ.split_once(" …").unwrap().0]);
}

#[test]
fn logs_that_were_joined_are_read_and_one_that_is_not_closed_is_told() {
    let log = format!("#separator \\x09\n#fields\t{FIELDS}\n{ROW}\n#close\tx\n");
    check(&format!("{log}{log}"), &[READ, READ]);
    check(&log.replace("#close\tx\n", ""), &[READ, "the end of the file"]);
}

#[test]
fn a_line_with_anything_wrong_is_rejected_with_its_cause() {
    let head = format!("#separator \\x09\n#fields\t{FIELDS}\n");
    for (row, expected) in [
        (ROW.replace("\tS0", ""), "columns: 7 columns where the layout has 8"),
        (ROW.replace("10.0.0.1", "host"), "address: srcaddr is not an address"),
        (ROW.replace("1.5", "soon"), "time: start is neither seconds nor milliseconds since 1970"),
        (ROW.replace("1024", "-"), ""),
        (ROW.replace("\t1\t", "\tmany\t"), "number: packets is not a number"),
    ] {
        let mut script = Script::default();
        let input = format!("{head}{row}\n#close\tx\n");
        let summary = read(&mut input.as_bytes(), &ReadOptions::default(), &mut script).unwrap();
        assert_eq!(summary.rejected, u64::from(!expected.is_empty()), "{row}");
        assert!(script.lines.last().unwrap().contains(expected), "{row}: {:?}", script.lines);
    }
}
