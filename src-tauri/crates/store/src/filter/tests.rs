use super::*;

/// The SQL of a filter, and its parameters as they would be written.
fn check(text: &str, sql: &str, parameters: &[&str]) {
    let compiled =
        parse(text, FLOW_FIELDS).unwrap_or_else(|error| panic!("{text}: {error}")).to_sql();
    let bounds: Vec<_> = compiled.bounds.iter().map(shown).collect();
    assert_eq!(
        (compiled.text.replace('"', "").as_str(), bounds),
        (sql, parameters.iter().map(|p| (*p).to_owned()).collect()),
        "{text}"
    );
    assert_eq!(compiled.text.matches('?').count(), compiled.bounds.len(), "{text}");
}

fn shown(bound: &Bound) -> String {
    match bound {
        Bound::Int(number) => number.to_string(),
        Bound::UInt(half) => format!("{half:x}"),
        Bound::Text(text) => format!("{text:?}"),
        Bound::Time(time) => format!("{time}us"),
        Bound::Double(number) => number.to_string(),
    }
}

fn check_error(text: &str, column: usize, display: &str) {
    let error = parse(text, FLOW_FIELDS).unwrap_err();
    assert_eq!(
        (error.column, error.to_string()),
        (column, format!("filter, column {column}: {display}")),
        "{text}"
    );
}

#[test]
fn the_example_of_the_manual() {
    check(
        "srcaddr == 10.0.0.0/8 && dstport in {22, 3389, 8000..8100} && action == REJECT && bytes > 10MB",
        "((srcaddr_hi = ? AND srcaddr_lo BETWEEN ? AND ?) AND (dstport IN (?, ?) OR dstport BETWEEN ? AND ?) AND action_number IN (SELECT number FROM texts WHERE text = ?) AND bytes > ?)",
        &[
            "0",
            "ffff0a000000",
            "ffff0affffff",
            "22",
            "3389",
            "8000",
            "8100",
            "\"REJECT\"",
            "10000000",
        ],
    );
}

#[test]
fn every_operator_has_a_word() {
    for (symbol, word) in [("<", "lt"), ("<=", "le"), (">", "gt"), (">=", "ge")] {
        check(&format!("packets {word} 5"), &format!("packets {symbol} ?"), &["5"]);
        check(&format!("packets{symbol}5"), &format!("packets {symbol} ?"), &["5"]);
    }
    check("packets eq 5", "packets = ?", &["5"]);
    check("packets NE 5", "NOT (packets = ?)", &["5"]);
    check(
        "packets and bytes or line",
        "((packets IS NOT NULL AND bytes IS NOT NULL) OR line IS NOT NULL)",
        &[],
    );
    check("not packets", "NOT coalesce(packets IS NOT NULL, false)", &[]);
}

#[test]
fn and_binds_tighter_than_or_and_brackets_tighter_than_both() {
    check(
        "version || line && packets",
        "(version IS NOT NULL OR (line IS NOT NULL AND packets IS NOT NULL))",
        &[],
    );
    check(
        "(version || line) && packets",
        "((version IS NOT NULL OR line IS NOT NULL) AND packets IS NOT NULL)",
        &[],
    );
    check(
        "!version && line",
        "(NOT coalesce(version IS NOT NULL, false) AND line IS NOT NULL)",
        &[],
    );
}

#[test]
fn an_empty_filter_holds_for_everything() {
    check("", "true", &[]);
    check(" \t\n", "true", &[]);
}

#[test]
fn a_field_is_written_either_way_and_alone_asks_for_presence() {
    check(
        "interface-id == eni-1",
        "interface_id_number IN (SELECT number FROM texts WHERE text = ?)",
        &["\"eni-1\""],
    );
    check(
        "interface_id == eni-1",
        "interface_id_number IN (SELECT number FROM texts WHERE text = ?)",
        &["\"eni-1\""],
    );
    check("exists pkt-srcaddr", "pkt_srcaddr_lo IS NOT NULL", &[]);
    check("port", "(srcport IS NOT NULL OR dstport IS NOT NULL)", &[]);
    check("tag", "len(tags) > 0", &[]);
}

#[test]
fn words_of_sql_are_quoted() {
    let compiled = parse("start && end && type == IPv4", FLOW_FIELDS).unwrap().to_sql();
    assert_eq!(
        compiled.text,
        "(\"start\" IS NOT NULL AND \"end\" IS NOT NULL AND \"type_number\" IN (SELECT number FROM texts WHERE \"text\" = ?))"
    );
}

#[test]
fn addresses_and_networks_are_two_halves() {
    check("srcaddr == 10.0.0.1", "(srcaddr_hi = ? AND srcaddr_lo = ?)", &["0", "ffff0a000001"]);
    check(
        "srcaddr == ::ffff:10.0.0.1",
        "(srcaddr_hi = ? AND srcaddr_lo = ?)",
        &["0", "ffff0a000001"],
    );
    check(
        "srcaddr == 10.9.8.7/8",
        "(srcaddr_hi = ? AND srcaddr_lo BETWEEN ? AND ?)",
        &["0", "ffff0a000000", "ffff0affffff"],
    );
    check("srcaddr == 10.0.0.1/32", "(srcaddr_hi = ? AND srcaddr_lo = ?)", &["0", "ffff0a000001"]);
    check(
        "srcaddr == 0.0.0.0/0",
        "(srcaddr_hi = ? AND srcaddr_lo BETWEEN ? AND ?)",
        &["0", "ffff00000000", "ffffffffffff"],
    );
    check(
        "srcaddr == 2001:db8::/32",
        "srcaddr_hi BETWEEN ? AND ?",
        &["20010db800000000", "20010db8ffffffff"],
    );
    check(
        "srcaddr == 2001:db8::/64",
        "srcaddr_hi BETWEEN ? AND ?",
        &["20010db800000000", "20010db800000000"],
    );
    check(
        "srcaddr == 2001:db8::/96",
        "(srcaddr_hi = ? AND srcaddr_lo BETWEEN ? AND ?)",
        &["20010db800000000", "0", "ffffffff"],
    );
    check(
        "srcaddr in {10.0.0.1..10.0.0.9, ::1}",
        "((srcaddr_hi = ? AND srcaddr_lo BETWEEN ? AND ?) OR (srcaddr_hi = ? AND srcaddr_lo = ?))",
        &["0", "ffff0a000001", "ffff0a000009", "0", "1"],
    );
    check(
        "srcaddr in {2001:db8::1 .. 2001:db9::}",
        "((srcaddr_hi > ? OR (srcaddr_hi = ? AND srcaddr_lo >= ?)) AND (srcaddr_hi < ? OR (srcaddr_hi = ? AND srcaddr_lo <= ?)))",
        &["20010db800000000", "20010db800000000", "1", "20010db900000000", "20010db900000000", "0"],
    );
}

#[test]
fn a_network_of_ipv6_holds_no_ipv4_address() {
    let compiled = parse("srcaddr == ::/0", FLOW_FIELDS).unwrap().to_sql();
    let halves: Vec<_> = compiled.bounds.iter().map(shown).collect();
    assert!(
        compiled.text.starts_with("((\"srcaddr_hi\" = ? AND \"srcaddr_lo\" BETWEEN ? AND ?) OR (("),
        "{}",
        compiled.text
    );
    assert_eq!(halves[..3], ["0", "0", "fffeffffffff"]);
    assert_eq!(halves[3..6], ["0", "0", "1000000000000"]);
    // The last address of this network is the last one of IPv4.
    check(
        "srcaddr == ::/80",
        "(srcaddr_hi = ? AND srcaddr_lo BETWEEN ? AND ?)",
        &["0", "0", "fffeffffffff"],
    );
    check(
        "srcaddr == ::ffff:0:0/96",
        "(srcaddr_hi = ? AND srcaddr_lo BETWEEN ? AND ?)",
        &["0", "ffff00000000", "ffffffffffff"],
    );
}

#[test]
fn a_field_of_either_side_passes_when_one_side_does() {
    check("port == 22", "(srcport = ? OR dstport = ?)", &["22", "22"]);
    check("port < 1024", "(srcport < ? OR dstport < ?)", &["1024", "1024"]);
    check(
        "addr == 10.0.0.1",
        "((srcaddr_hi = ? AND srcaddr_lo = ?) OR (dstaddr_hi = ? AND dstaddr_lo = ?))",
        &["0", "ffff0a000001", "0", "ffff0a000001"],
    );
}

#[test]
fn unequal_means_present_and_none_of_them_equal() {
    check(
        "action != ACCEPT",
        "NOT (action_number IN (SELECT number FROM texts WHERE text = ?))",
        &["\"ACCEPT\""],
    );
    check(
        "port != 22",
        "((srcport IS NOT NULL OR dstport IS NOT NULL) AND NOT coalesce((srcport = ? OR dstport = ?), false))",
        &["22", "22"],
    );
    check(
        "tag != seen",
        "(len(tags) > 0 AND NOT coalesce(list_contains(tags, ?), false))",
        &["\"seen\""],
    );
    check(
        "srcaddr != 10.0.0.1",
        "NOT ((srcaddr_hi = ? AND srcaddr_lo = ?))",
        &["0", "ffff0a000001"],
    );
}

#[test]
fn what_is_absent_fails_every_test_and_passes_its_negation() {
    check("!(dstport == 22)", "NOT coalesce(dstport = ?, false)", &["22"]);
    check(
        "!(dstport == 22 || !line)",
        "NOT coalesce((dstport = ? OR NOT coalesce(line IS NOT NULL, false)), false)",
        &["22"],
    );
}

#[test]
fn lists_are_asked_for_their_elements() {
    check("tag == lateral", "list_contains(tags, ?)", &["\"lateral\""]);
    check("reason contains truncated", "list_contains(reasons, ?)", &["\"truncated\""]);
    check(
        "reason in {truncated, window_edge}",
        "(list_contains(reasons, ?) OR list_contains(reasons, ?))",
        &["\"truncated\"", "\"window_edge\""],
    );
}

#[test]
fn each_kind_has_its_literals() {
    check("tcp-flags == 0x12", "tcp_flags = ?", &["18"]);
    check("bytes >= 1500", "bytes >= ?", &["1500"]);
    check(
        "bytes in {1kB, 1KiB..2GiB}",
        "(bytes = ? OR bytes BETWEEN ? AND ?)",
        &["1000", "1024", "2147483648"],
    );
    check(
        "protocol in {tcp, UDP, icmpv6, 47}",
        "protocol IN (?, ?, ?, ?)",
        &["6", "17", "58", "47"],
    );
    check("duration >= 3m", "(epoch_us(end) - epoch_us(start)) >= ?", &["180000000"]);
    check(
        "start >= 2026-03-03 12:00 && end < 2026-03-04",
        "(start >= ? AND end < ?)",
        &["1772539200000000us", "1772582400000000us"],
    );
    check(
        "start in {2026-03-03 12:00..2026-03-03T13:00:00Z}",
        "start BETWEEN ? AND ?",
        &["1772539200000000us", "1772542800000000us"],
    );
    check("start == \"2026-03-03 12:00\"", "start = ?", &["1772539200000000us"]);
    check("start > 1418530010", "start > ?", &["1418530010000000us"]);
    check("coverage == none", "verdict = ?", &["\"none\""]);
    check(
        "account-id == 000000000012",
        "account_id_number IN (SELECT number FROM texts WHERE text = ?)",
        &["\"000000000012\""],
    );
    check("evidence contains 2026/03", "contains(evidence, ?)", &["\"2026/03\""]);
    check("evidence matches \"\\d+_vpc\"", "regexp_matches(evidence, ?)", &["\"\\\\d+_vpc\""]);
    check("tag == 'it\\'s \"so\" \\\\'", "list_contains(tags, ?)", &["\"it's \\\"so\\\" \\\\\""]);
    check("tag == prüfen", "list_contains(tags, ?)", &["\"prüfen\""]);
    check(
        "tag == or or tag == in",
        "(list_contains(tags, ?) OR list_contains(tags, ?))",
        &["\"or\"", "\"in\""],
    );
}

#[test]
fn an_error_points_at_its_place_and_says_what_could_stand_there() {
    check_error("srcprt == 22", 1, "there is no field \"srcprt\"; expected a field");
    check_error("ü == 22", 1, "there is no field \"ü\"; expected a field");
    check_error(
        "line && flags",
        9,
        "there is no field \"flags\"; expected a field, such as tcp_flags",
    );
    check_error("srcport = 22", 9, "'=' has no meaning here; expected `==`");
    check_error("packets == ", 12, "the filter ends here; expected a number");
    check_error("packets == http", 12, "\"http\" does not fit; expected a number");
    check_error("packets == 22MB", 12, "\"22MB\" does not fit; expected a number");
    check_error(
        "bytes > 10mb",
        9,
        "\"10mb\" does not fit; expected a number of bytes, such as 1500, 10kB, 3MB, 4KiB",
    );
    check_error(
        "bytes > 9999999999GB",
        9,
        "\"9999999999GB\" does not fit; expected a number of bytes, such as 1500, 10kB, 3MB, 4KiB",
    );
    check_error(
        "srcaddr == 10.0.0.0/33",
        12,
        "\"10.0.0.0/33\" does not fit; expected an address or a network, such as 10.0.0.1 or 10.0.0.0/8",
    );
    check_error(
        "srcaddr < 10.0.0.1",
        9,
        "srcaddr cannot be tested with `<`; expected `==`, `!=` or `in`",
    );
    check_error(
        "action > 1",
        8,
        "action cannot be tested with `>`; expected `==`, `!=`, `in`, `contains` or `matches`",
    );
    check_error(
        "tag matches x",
        5,
        "tag cannot be tested with `matches`; expected `==`, `!=`, `in` or `contains`",
    );
    check_error(
        "port contains 2",
        6,
        "port cannot be tested with `contains`; expected `==`, `!=`, `<`, `<=`, `>`, `>=` or `in`",
    );
    check_error(
        "protocol == 256",
        13,
        "\"256\" does not fit; expected a protocol, such as tcp or 6",
    );
    check_error(
        "duration > 60",
        12,
        "\"60\" does not fit; expected a duration with its unit, such as 5s, 3m, 2h, 1d",
    );
    check_error(
        "start > 2026",
        9,
        "\"2026\" does not fit; expected a time, such as 2026-03-03 or 2026-03-03 12:00",
    );
    check_error(
        "port in {9..1}",
        10,
        "this range has no values; expected the smaller value first, and both alike",
    );
    check_error(
        "addr in {10.0.0.1..::1}",
        10,
        "this range has no values; expected the smaller value first, and both alike",
    );
    check_error("tag in {a..b}", 10, "there are no ranges of text; expected `,` or `}`");
    check_error("port in {22 23}", 13, "\"23\" cannot stand here; expected `,`, `..` or `}`");
    check_error(
        "port in {}",
        10,
        "`}` cannot stand here; expected a port or a service, such as 443 or https",
    );
    check_error("port in 22", 9, "\"22\" cannot stand here; expected `{`");
    check_error("tag == \"open", 8, "the quote is not closed; expected \" at its end");
    check_error("(line", 6, "the filter ends here; expected `)`, `&&` or `||`");
    check_error("line)", 5, "`)` cannot stand here; expected `&&`, `||` or the end");
    check_error("line line", 6, "\"line\" cannot stand here; expected `&&`, `||` or the end");
    check_error(
        "tag == é && §",
        13,
        "'§' has no meaning here; expected quotes around text with such a character",
    );
}

#[test]
fn nesting_ends_before_the_stack_does() {
    let nested = |depth: usize| format!("{}line{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&nested(99), FLOW_FIELDS).is_ok());
    for text in [nested(100), nested(100_000), "!".repeat(100_000)] {
        let error = parse(&text, FLOW_FIELDS).unwrap_err();
        assert_eq!(error.column, 101);
    }
}

#[test]
fn a_long_filter_is_no_deep_one() {
    let many = vec!["line == 7"; 10_000].join(" || ");
    assert_eq!(parse(&many, FLOW_FIELDS).unwrap().to_sql().bounds.len(), 10_000);
}

#[test]
fn a_value_never_becomes_sql() {
    check(
        "tag == \"x'; DROP TABLE flow_records; --\"",
        "list_contains(tags, ?)",
        &["\"x'; DROP TABLE flow_records; --\""],
    );
}

#[test]
fn no_text_is_too_hostile() {
    let pieces = [
        "srcaddr",
        "dstport",
        "start",
        "tag",
        "bytes",
        "duration",
        "==",
        "!=",
        "<",
        "in",
        "{",
        "}",
        "(",
        ")",
        "..",
        ",",
        "!",
        "&&",
        "or",
        "10.0.0.0/8",
        "::/0",
        "::1",
        "/",
        "2026-03-03",
        "12:00",
        "1d",
        "0x",
        "\"",
        "'",
        "\\",
        "é",
        "\u{0}",
        "-",
        "&",
        "99999999999999999999",
        "contains",
    ];
    for first in pieces {
        for second in pieces {
            for third in pieces {
                for separator in ["", " "] {
                    let text = [first, second, third].join(separator);
                    if let Err(error) = parse(&text, FLOW_FIELDS) {
                        assert!((1..=text.chars().count() + 1).contains(&error.column), "{text}");
                    }
                }
            }
        }
    }
}

#[test]
fn every_field_of_a_flow_log_can_be_asked_for() {
    for spec in flowlog::FIELDS {
        let field = FLOW_FIELDS.iter().find(|field| field.name == spec.column);
        let field = field.unwrap_or_else(|| panic!("{} is missing", spec.column));
        let address = matches!(field.target, Target::Address(name) if name == spec.column);
        assert_eq!(spec.kind == flowlog::FieldKind::Address, address, "{}", spec.name);
        assert_eq!(
            spec.kind == flowlog::FieldKind::Time,
            field.kind == Kind::Time,
            "{}",
            spec.name
        );
        assert_eq!(
            spec.kind == flowlog::FieldKind::Text,
            field.kind == Kind::Text,
            "{}",
            spec.name
        );
    }
}

#[test]
fn a_port_is_also_the_service_that_has_it() {
    check("dstport == https", "dstport = ?", &["443"]);
    check(
        "dstport in {ssh, RDP, 8000..8100}",
        "(dstport IN (?, ?) OR dstport BETWEEN ? AND ?)",
        &["22", "3389", "8000", "8100"],
    );
    check("srcport == mongodb", "srcport IN (?, ?, ?)", &["27017", "27018", "27019"]);
    let expected = "expected a port or a service, such as 443 or https";
    check_error(
        "bytes > 1 && dstport == htps",
        25,
        &format!("there is no service \"htps\"; {expected}"),
    );
    check_error("dstport in {ssh, rpd}", 18, &format!("there is no service \"rpd\"; {expected}"));
    check_error(
        "dstport < mongodb",
        11,
        &format!("there is no service \"mongodb\" with one port; {expected}"),
    );
}

#[test]
fn what_is_known_of_an_address_is_asked_of_the_addresses() {
    let within = |side: &str, test: &str| {
        format!("({side}_hi, {side}_lo) IN (SELECT (hi, lo) FROM address_labels WHERE {test})")
    };
    let (src, dst) = (within("srcaddr", "asn = ?"), within("dstaddr", "asn = ?"));
    check("src_asn == AS64500", &src, &["64500"]);
    check("asn == 64500", &format!("({src} OR {dst})"), &["64500", "64500"]);
    check("dst-country == us", &within("dstaddr", "country = ?"), &["\"US\""]);
    check("src_aws_service == s3", &within("srcaddr", "aws_service = ?"), &["\"S3\""]);
    let error = parse("src_scope == privat", FLOW_FIELDS).unwrap_err();
    assert_eq!((error.column, error.message.as_str()), (14, "\"privat\" does not fit"));
    assert!(error.expected.contains("private") && error.expected.contains("unique_local"));
    check_error(
        "scope < public",
        7,
        "scope cannot be tested with `<`; expected `==`, `!=` or `in`",
    );
}

#[test]
fn every_scope_is_named_where_one_is_expected() {
    for scope in enrich::Scope::ALL {
        assert!(value::form(Kind::Scope).contains(scope.name()), "{scope}");
    }
}
