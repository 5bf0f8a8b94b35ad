use super::*;

const V2: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";
const OK: &str = "2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK";
const NODATA: &str =
    "2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA";
/// The default format with source and destination exchanged, and with start in front.
const EXCHANGED: &str = "version account-id interface-id dstaddr srcaddr srcport dstport protocol packets bytes start end action log-status";
const START_FIRST: &str = "start account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes version end action log-status";

/// The inferred layouts, or the layouts between which there is no telling, or the looks.
fn check(lines: &str, candidates: &[&str], expected: Result<&[&str], &[&str]>) {
    let options = ReadOptions {
        layout: None,
        candidates: candidates.iter().map(|text| Layout::parse(text).unwrap()).collect(),
    };
    let names = |layouts: Vec<Layout>| layouts.iter().map(Layout::to_string).collect::<Vec<_>>();
    let given = match infer(lines.lines().map(str::as_bytes), &options) {
        Ok(layouts) => Ok(names(layouts)),
        Err(Refusal::Ambiguous { candidates }) => Err(names(candidates)),
        Err(Refusal::NoLayout { looks }) => Err(looks.iter().map(ToString::to_string).collect()),
        Err(other) => panic!("{other}"),
    };
    let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    assert_eq!(given, expected.map(own).map_err(own), "{lines}");
}

#[test]
fn a_layout_is_taken_if_it_is_the_only_one_that_the_values_fit() {
    let start_first =
        "1418530010 123456789010 eni-1 10.0.0.1 10.0.0.2 1 2 6 1 40 2 1418530070 ACCEPT OK";
    check(OK, &[], Ok(&[V2]));
    check(OK, &[START_FIRST, V2], Ok(&[V2]));
    check(start_first, &[START_FIRST, "version srcaddr"], Ok(&[START_FIRST]));
    check(
        "2 eni-1 10.0.0.1 10.0.0.2",
        &["version interface-id srcaddr dstaddr"],
        Ok(&["version interface-id srcaddr dstaddr"]),
    );
    check(&format!("{OK}\na broken line\n{NODATA}"), &[], Ok(&[V2]));
}

#[test]
fn between_layouts_that_fit_as_well_as_each_other_none_is_taken() {
    check(OK, &[EXCHANGED], Err(&[V2, EXCHANGED]));
    check(NODATA, &[EXCHANGED], Err(&[V2, EXCHANGED]));
    // Half of the lines are of the one format, half of the other.
    let start_first =
        "1418530010 123456789010 eni-1 10.0.0.1 10.0.0.2 1 2 6 1 40 2 1418530070 ACCEPT OK";
    check(&format!("{OK}\n{start_first}"), &[START_FIRST], Err(&[V2, START_FIRST]));
}

#[test]
fn a_layout_that_only_some_of_the_lines_fit_is_refuted_by_the_others() {
    let turned = V2.replace("packets bytes", "protocol-x bytes").replace("protocol p", "packets p");
    let turned = turned.replace("protocol-x", "protocol");
    assert_ne!(turned, V2);
    // 20 packets of protocol 6, or 6 packets of protocol 20; but 300 is no protocol.
    check(OK, &[&turned], Err(&[V2, &turned]));
    check(&format!("{OK}\n{}", OK.replace("6 20 4249", "6 300 4249")), &[&turned], Ok(&[V2]));
}

#[test]
fn records_of_two_flow_logs_each_have_their_layout() {
    let v3 = format!("{OK} vpc-1 subnet-1 i-1 18 IPv4 10.0.0.1 10.0.0.2");
    let v3_names = "vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr";
    check(&format!("{v3}\n{OK}\n{OK}"), &[], Ok(&[V2, &format!("{V2} {v3_names}")]));
}

#[test]
fn what_cloudwatch_logs_puts_before_the_record_is_a_column() {
    let tail = format!("timestamp logStream {V2}");
    check(&format!("2014-12-14T04:06:50.000Z {OK}"), &[], Ok(&[&format!("timestamp {V2}")]));
    check(&format!("2014-12-14T04:06:50.000000+00:00 eni-1-all {OK}"), &[], Ok(&[&tail]));
    check(&format!("2014-12-14T04:06:50 eni-1-all {NODATA}"), &[], Ok(&[&tail]));
    let stated = ReadOptions { layout: Some(Layout::parse(V2).unwrap()), candidates: Vec::new() };
    let line = format!("2014-12-14T04:06:50 eni-1-all {OK}");
    assert_eq!(infer([line.as_bytes()].into_iter(), &stated).unwrap()[0].to_string(), tail);
}

#[test]
fn without_a_layout_that_fits_the_columns_are_described() {
    check(
        "2 eni-1 10.0.0.1 1418530010 ACCEPT",
        &[],
        Err(&["number to 255", "interface (eni-)", "address", "epoch time", "action"]),
    );
    check("", &[], Err(&[]));
    check(
        &OK.replace("1418530010", "141853001"),
        &["version srcaddr"],
        Err(&[
            "number to 255",
            "account",
            "interface (eni-)",
            "address",
            "address",
            "port-like number",
            "number to 255",
            "number to 255",
            "number to 255",
            "port-like number",
            "number",
            "epoch time",
            "action",
            "log status",
        ]),
    );
}

#[test]
fn only_an_exchange_of_like_columns_goes_unseen() {
    let words: Vec<_> = OK.split(' ').collect();
    let numbers = [0, 1, 5, 6, 7, 8, 9];
    for (a, b) in (0..14).flat_map(|a| (0..a).map(move |b| (b, a))) {
        let mut exchanged = words.clone();
        exchanged.swap(a, b);
        let like = (a, b) == (3, 4) || (numbers.contains(&a) && numbers.contains(&b));
        let line = exchanged.join(" ");
        let seen = infer([line.as_bytes()].into_iter(), &ReadOptions::default()).is_err();
        assert!(seen || like, "{a} and {b}");
    }
}
