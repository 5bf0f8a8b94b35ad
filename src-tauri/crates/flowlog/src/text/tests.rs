use super::*;
use crate::FIELDS;
use crate::script::Script;
use proptest::prelude::*;

const V2: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";
const OK: &str = "2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK";
const NODATA: &str =
    "2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA";
const SKIPDATA: &str =
    "2 123456789010 eni-11111111aaaaaaaaa - - - - - - - 1431280876 1431280934 - SKIPDATA";

fn read(input: &[u8]) -> (Vec<String>, Summary) {
    let mut script = Script::default();
    let summary = read_text(&mut &input[..], &ReadOptions::default(), &mut script).unwrap();
    (script.lines, summary)
}

fn check(input: &str, expected: &[&str]) {
    assert_eq!(read(input.as_bytes()).0, expected, "{input:?}");
}

/// What becomes of one line under a header of these fields.
fn check_line(fields: &str, line: &str, expected: &str) {
    let (lines, _) = read(format!("{fields}\n{line}\n").as_bytes());
    let given = lines.last().unwrap();
    assert_eq!(given.split_once(' ').unwrap().1, expected, "{fields}: {line}");
}

#[test]
fn the_rows_of_aws_are_records() {
    check(
        &format!("{V2}\n{OK}\n{NODATA}\n{SKIPDATA}\n"),
        &[
            "layout of 14",
            "2@115 version=2 account-id=\"123456789010\" interface-id=\"eni-1235b8ca123456789\" srcaddr=172.31.16.139 dstaddr=172.31.16.21 srcport=20641 dstport=22 protocol=6 packets=20 bytes=4249 start=1418530010000000us end=1418530070000000us action=\"ACCEPT\" log-status=\"OK\"",
            "3@230 version=2 account-id=\"123456789010\" interface-id=\"eni-1235b8ca123456789\" start=1431280876000000us end=1431280934000000us log-status=\"NODATA\"",
            "4@312 version=2 account-id=\"123456789010\" interface-id=\"eni-11111111aaaaaaaaa\" start=1431280876000000us end=1431280934000000us log-status=\"SKIPDATA\"",
        ],
    );
}

#[test]
fn each_kind_of_value_is_read_as_its_field_says() {
    check_line("srcaddr bytes", "2001:db8::1 0", "srcaddr=2001:db8::1 bytes=0");
    check_line("account-id srcport", "000000000012 0080", "account-id=\"000000000012\" srcport=80");
    check_line("interface_id log_status", "- OK", "log-status=\"OK\"");
    check_line("srcaddr flow-mood", "10.0.0.1 007", "srcaddr=10.0.0.1 flow-mood?=\"007\"");
    check_line("srcaddr srcaddr", "10.0.0.1 10.0.0.2", "srcaddr=10.0.0.1 srcaddr?=\"10.0.0.2\"");
    check_line("srcaddr dstport", "\t10.0.0.1   443\r", "srcaddr=10.0.0.1 dstport=443");
}

#[test]
fn a_line_with_anything_wrong_is_rejected_with_its_cause() {
    for (fields, line, expected) in [
        ("srcaddr dstport", "10.0.0.1", "columns: 1 columns where the layout has 2: 10.0.0.1"),
        (
            "srcaddr dstport",
            "10.0.0.1 1 2",
            "columns: 3 columns where the layout has 2: 10.0.0.1 1 2",
        ),
        (
            "srcaddr dstport action",
            "10.0.0.1 ACCEPT",
            "columns: 2 columns where the layout has 3: 10.0.0.1 ACCEPT",
        ),
        ("srcaddr dstport", "10.0.0.1 http", "number: dstport is not a number: 10.0.0.1 http"),
        ("srcaddr dstport", "10.0.0.1 -1", "number: dstport is not a number: 10.0.0.1 -1"),
        ("srcaddr dstport", "10.0.0.1 65536", "limit: dstport is above 65535: 10.0.0.1 65536"),
        ("srcaddr protocol", "10.0.0.1 256", "limit: protocol is above 255: 10.0.0.1 256"),
        ("srcaddr dstport", "10.0.0.256 1", "address: srcaddr is not an address: 10.0.0.256 1"),
        ("srcaddr dstport", "10.0.0.01 1", "address: srcaddr is not an address: 10.0.0.01 1"),
        ("srcaddr dstport", "localhost 1", "address: srcaddr is not an address: localhost 1"),
        (
            "srcaddr bytes",
            "10.0.0.1 18446744073709551616",
            "number: bytes is not a number: 10.0.0.1 184467440737095…",
        ),
        ("srcaddr start end", "- 20 10", "start_after_end: start is after end: - 20 10"),
        (
            "srcaddr start",
            "- 99999999999999",
            "time: start is neither seconds nor milliseconds since 1970: - 99999999999999",
        ),
        ("srcaddr action", "- ACC\0PT", "nul: a NUL byte: - ACC\\x00PT"),
    ] {
        check_line(fields, line, expected);
    }
    let (lines, _) = read(b"srcaddr action\n- \xff\xfe\n");
    assert_eq!(lines[1], "2@15+4 not_utf8: not UTF-8: - \\xff\\xfe");
}

#[test]
fn a_header_that_comes_again_is_no_record() {
    check(
        "srcaddr dstport\n10.0.0.1 1\nsrcaddr dstport\n10.0.0.2 2\n",
        &["layout of 2", "2@16 srcaddr=10.0.0.1 dstport=1", "4@43 srcaddr=10.0.0.2 dstport=2"],
    );
    check(
        "action interface-id\nACCEPT eni-1\ninterface-id action\neni-2 REJECT\n",
        &[
            "layout of 2",
            "2@20 action=\"ACCEPT\" interface-id=\"eni-1\"",
            "flowlog.layout_changed@33+19 interface-id action",
            "layout of 2",
            "4@53 interface-id=\"eni-2\" action=\"REJECT\"",
        ],
    );
}

#[test]
fn records_without_a_header_take_a_default_format_that_their_values_fit() {
    let (lines, summary) = read(format!("{OK}\n{NODATA}\n{SKIPDATA}\n").as_bytes());
    assert_eq!(lines.len(), 4);
    assert!(lines[1].starts_with("1@0 version=2 account-id"), "{}", lines[1]);
    assert_eq!((summary.records, summary.inferred), (3, true));

    let (lines, _) = read(format!("2014-12-14T04:06:50.000Z {OK}\n").as_bytes());
    assert_eq!(lines[0], "layout of 15");
    assert!(lines[1].starts_with("1@0 timestamp?=\"2014-12-14T04:06:50.000Z\" version=2"));

    let exchanged = OK.replace("2 1234", "1418530010 1234");
    check(
        &format!("{exchanged}\n{V2}\n{OK}\n").replace(OK, NODATA),
        &[
            &format!("flowlog.no_layout@0+123 {}…", &exchanged[..80]),
            "1@0+123 no_layout: no header line before it, and no default format that fits: 1418530010 123456789010 …",
            "layout of 14",
            "3@239 version=2 account-id=\"123456789010\" interface-id=\"eni-1235b8ca123456789\" start=1431280876000000us end=1431280934000000us log-status=\"NODATA\"",
        ],
    );
}

/// What the reading of records without a header comes to under these options.
fn read_with(options: &ReadOptions, input: &str) -> (Vec<String>, Summary) {
    let mut script = Script::default();
    let summary = read_text(&mut input.as_bytes(), options, &mut script).unwrap();
    (script.lines, summary)
}

#[test]
fn without_a_header_and_a_layout_that_fits_nothing_is_read() {
    let input = "2 eni-1 10.0.0.1 1418530010\n".repeat(1000);
    let (lines, summary) = read(input.as_bytes());
    assert_eq!(lines, ["flowlog.no_layout@0+27 2 eni-1 10.0.0.1 1418530010"]);
    assert_eq!((summary.records, summary.rejected), (0, 0));
    assert_eq!(
        summary.refused.unwrap().to_string(),
        "no header line, and no known layout fits; the columns look like: 1 number to 255, 2 interface (eni-), 3 \
         address, 4 epoch time"
    );
    // The user knows.
    let layout = Layout::parse("${version} ${interface-id} ${srcaddr} ${start}").unwrap();
    let stated = ReadOptions { layout: Some(layout), candidates: Vec::new() };
    let (_, summary) = read_with(&stated, &input);
    assert_eq!((summary.records, summary.inferred, summary.refused), (1000, false, None));
}

#[test]
fn between_two_layouts_that_fit_neither_is_taken() {
    let turned = V2.replace("srcaddr dstaddr", "dstaddr srcaddr");
    let candidates = vec![Layout::parse(V2).unwrap(), Layout::parse(&turned).unwrap()];
    let inventory = ReadOptions { layout: None, candidates };
    let (lines, summary) = read_with(&inventory, &format!("{OK}\n").repeat(100));
    let said = format!("no header line, and several layouts fit: ({V2}) or ({turned})");
    assert_eq!(lines, [format!("flowlog.ambiguous_layout@0+114 {said}")]);
    assert_eq!(summary.refused.unwrap().to_string(), said);
    let stated = ReadOptions { layout: Layout::parse(&turned).ok(), ..inventory.clone() };
    assert!(read_with(&stated, OK).0[1].contains("dstaddr=172.31.16.139"));
    // A header says it, whatever the inventory or the user does.
    assert_eq!(read_with(&inventory, &format!("{V2}\n{OK}\n")).1.records, 1);
    let (lines, _) = read_with(&stated, &format!("{V2}\n{OK}\n"));
    assert!(lines[0].starts_with("flowlog.fields_not_used@0+114 "), "{lines:?}");
    assert!(lines[2].contains("srcaddr=172.31.16.139"));
}

#[test]
fn records_of_two_flow_logs_in_one_file_are_read_under_their_own_layouts() {
    let v3 = format!("{OK} vpc-1 subnet-1 i-1 18 IPv4 10.0.0.1 10.0.0.2");
    let (lines, summary) = read(format!("{OK}\n{OK}\n{v3}\n{OK}\nshort\n").as_bytes());
    let layouts: Vec<_> = lines.iter().filter(|line| line.starts_with("layout")).collect();
    assert_eq!(layouts, ["layout of 14", "layout of 21", "layout of 14"]);
    assert_eq!((summary.records, summary.rejected, summary.inferred), (4, 1, true));
}

#[test]
fn utf16_is_refused() {
    let bytes: Vec<u8> = V2.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (lines, summary) = read(&bytes);
    assert_eq!((lines.len(), summary.refused), (1, Some(Refusal::Utf16)));
}

#[test]
fn milliseconds_are_read_and_told_once() {
    check(
        "srcaddr start end\n- 1418530010123 1418530070000\n- 1418530011000 1418530071000\n",
        &[
            "layout of 3",
            "flowlog.milliseconds@18+29 milliseconds; they are read as such, here and below",
            "2@18 start=1418530010123000us end=1418530070000000us",
            "3@48 start=1418530011000000us end=1418530071000000us",
        ],
    );
}

#[test]
fn a_last_line_without_an_end_is_a_record_and_told() {
    check(
        "srcaddr bytes\n- 7",
        &["layout of 2", "2@14 bytes=7", "flowlog.unterminated@14+3 the end of the file"],
    );
}

#[test]
fn a_file_without_lines_is_told() {
    check("", &["flowlog.empty@0+0 an empty file"]);
    check("\n\r\n", &["flowlog.empty@0+0 nothing but blank lines"]);
    check("srcaddr bytes\n", &["layout of 2", "flowlog.empty@0+0 a header line only"]);
}

#[test]
fn a_byte_order_mark_and_blank_lines_keep_numbers_and_offsets_right() {
    check("\u{feff}srcaddr bytes\r\n\r\n- 7\r\n", &["layout of 2", "3@20 bytes=7"]);
}

#[test]
fn unknown_and_repeated_names_are_told() {
    let (lines, _) = read(b"srcaddr dstaddr srcaddr mood\n- - - -\n");
    assert_eq!(
        lines,
        [
            "flowlog.unknown_field@0+28 mood",
            "flowlog.repeated_field@0+28 srcaddr",
            "layout of 4",
            "2@29 ",
        ]
    );
}

#[test]
fn lines_of_any_length_are_rejected_in_bounded_memory() {
    for length in [LONGEST + 1, BLOCK, BLOCK + 1, 5 * BLOCK + 17] {
        let long = "x".repeat(length);
        let (lines, summary) = read(format!("srcaddr bytes\n{long}\n- 7\n").as_bytes());
        assert_eq!(
            lines[1],
            format!("2@14+{length} too_long: longer than 65536 bytes: {}…", &long[..24])
        );
        assert_eq!(lines[2], format!("3@{} bytes=7", 15 + length));
        assert_eq!(summary.lines, 3);
    }
    let (lines, _) = read("x".repeat(BLOCK * 2).as_bytes());
    assert_eq!(lines.len(), 1);
}

#[test]
fn a_sink_that_breaks_ends_the_reading() {
    let mut script = Script { patience: Some(2), ..Script::default() };
    let input = format!("{V2}\n{OK}\n{OK}\n");
    let summary = read_text(&mut input.as_bytes(), &ReadOptions::default(), &mut script).unwrap();
    assert_eq!((script.lines.len(), summary.records), (2, 1));
}

#[test]
fn an_error_of_the_medium_is_an_error() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("bad sector"))
        }
    }
    let mut input = V2.as_bytes().chain(Broken);
    let error = read_text(&mut input, &ReadOptions::default(), &mut Script::default()).unwrap_err();
    assert_eq!(error.to_string(), "bad sector");
}

/// Gives a few bytes at a time.
struct Drops<'a>(&'a [u8], usize);

impl Read for Drops<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.1.min(out.len()).min(self.0.len());
        out[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

#[test]
fn the_size_of_the_blocks_changes_nothing() {
    let input = format!("{V2}\n{OK}\r\n\n{NODATA}\nshort\n{SKIPDATA}");
    let expected = read(input.as_bytes());
    for (size, drop) in (120..300).map(|size| (size, 1 + size % 7)) {
        let mut script = Script::default();
        let summary = read_blocks(
            &mut Drops(input.as_bytes(), drop),
            &ReadOptions::default(),
            &mut script,
            size,
        )
        .unwrap();
        assert_eq!((script.lines, summary), expected, "{size}");
    }
}

/// Every line is accounted for, and what is told lies inside the input.
fn hostile(input: &[u8]) {
    struct Inside<'a>(&'a [u8], u64);
    impl FlowSink for Inside<'_> {
        fn layout(&mut self, _: &Layout) -> ControlFlow<()> {
            ControlFlow::Continue(())
        }
        fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
            assert!(record.offset < self.0.len() as u64 && record.line > self.1);
            self.1 = record.line;
            ControlFlow::Continue(())
        }
        fn rejected(&mut self, rejected: &Rejected<'_>) -> ControlFlow<()> {
            assert!(rejected.line > self.1);
            let begin = rejected.offset as usize;
            let line = &self.0[begin..begin + rejected.length as usize];
            assert!(line.starts_with(rejected.text));
            self.1 = rejected.line;
            ControlFlow::Continue(())
        }
        fn anomaly(&mut self, anomaly: Anomaly) -> ControlFlow<()> {
            assert!(anomaly.offset + anomaly.length <= self.0.len() as u64);
            ControlFlow::Continue(())
        }
    }
    let summary =
        read_text(&mut &input[..], &ReadOptions::default(), &mut Inside(input, 0)).unwrap();
    let text = input.strip_prefix(BYTE_ORDER_MARK).unwrap_or(input);
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    if summary.refused.is_none() {
        assert_eq!(summary.records + summary.rejected + summary.headers, lines.count() as u64);
    }
    crate::sniff(input);
}

#[test]
fn every_prefix_and_every_changed_byte_is_accounted_for() {
    let input = format!("{V2}\n{OK}\n{NODATA}\n{V2}\n{OK}").into_bytes();
    for end in 0..=input.len() {
        hostile(&input[..end]);
    }
    for at in 0..input.len() {
        for flip in [0x01, 0x20, 0x80, 0xff, input[at]] {
            let mut changed = input.clone();
            changed[at] ^= flip;
            hostile(&changed);
        }
    }
}

proptest! {
    #[test]
    fn any_order_of_the_columns_gives_the_same_values(
        order in Just((0..14).collect::<Vec<usize>>()).prop_shuffle()
    ) {
        let shuffle = |line: &str| {
            let words: Vec<_> = line.split(' ').collect();
            order.iter().map(|at| words[*at]).collect::<Vec<_>>().join(" ")
        };
        let sorted = |line: &str| {
            let mut words: Vec<_> = line.split(' ').skip(1).map(str::to_owned).collect();
            words.sort();
            words
        };
        let (straight, _) = read(format!("{V2}\n{OK}\n").as_bytes());
        let (shuffled, _) = read(format!("{}\n{}\n", shuffle(V2), shuffle(OK)).as_bytes());
        prop_assert_eq!(sorted(&straight[1]), sorted(&shuffled[1]));
    }

    #[test]
    fn any_bytes_are_accounted_for(
        header in any::<bool>(),
        noise in proptest::collection::vec(
            prop_oneof![Just(b' '), Just(b'\n'), Just(b'-'), b'0'..=b'9', any::<u8>()], 0..400)
    ) {
        let mut input = if header { format!("{V2}\n").into_bytes() } else { Vec::new() };
        input.extend(noise);
        hostile(&input);
    }
}

#[test]
fn every_field_can_stand_in_a_header() {
    let names: Vec<_> = FIELDS.iter().map(|spec| spec.name).collect();
    let row = vec!["-"; names.len()];
    let (lines, _) = read(format!("{}\n{}\n", names.join(" "), row.join(" ")).as_bytes());
    assert_eq!(lines.len(), 2, "{lines:?}");
}
