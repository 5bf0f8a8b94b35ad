//! Addresses of both kinds in one case: the upper half is stored only where one has it, and nobody notices.

use evidence::Sha256;
use store::{Measure, Selection, Store, StoreError, TopQuery};

const HEADER: &str = "interface-id srcaddr dstaddr pkt-srcaddr srcport dstport protocol packets bytes start end action log-status\n";

fn line(source: &str, destination: &str, packet: &str, bytes: u64) -> String {
    format!(
        "eni-a {source} {destination} {packet} 1000 443 6 1 {bytes} 1700000000 1700000060 ACCEPT OK\n"
    )
}

fn load(store: &Store, name: &str, lines: &[String]) {
    let log = HEADER.to_owned() + &lines.concat();
    let loaded = store.load_flows(|loader| {
        let format = flowlog::Format::named("flow_log_text").expect("the format");
        let options = flowlog::ReadOptions::default();
        format.read(&mut log.as_bytes(), &options, loader).expect("bytes in memory can be read");
        Ok::<_, StoreError>(Some((Sha256::of(log.as_bytes()), name.to_owned())))
    });
    assert_eq!(loaded.expect("it loads").expect("it is kept").records, lines.len() as u64);
}

fn top(store: &Store, field: &str) -> Vec<(Option<String>, u64)> {
    let query = TopQuery {
        selection: Selection::all(),
        field: field.to_owned(),
        by: Measure::Bytes,
        limit: 20,
    };
    let rows = store.top(&query).expect("values");
    rows.into_iter().map(|row| (row.value, row.bytes)).collect()
}

fn selected(store: &Store, filter: &str) -> usize {
    store.selected_records(&Selection::filtered(filter)).expect(filter).len()
}

#[test]
fn logs_of_both_kinds_one_after_the_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join("case.duckdb")).expect("a database");
    load(&store, "v4.log", &[line("10.0.0.1", "10.0.0.2", "-", 1), line("-", "10.0.0.2", "-", 2)]);
    let four = [(None, 2), (Some("10.0.0.1".to_owned()), 1)];
    assert_eq!(top(&store, "srcaddr"), four);
    assert_eq!(selected(&store, "srcaddr == 10.0.0.0/8"), 1);
    assert_eq!(selected(&store, "exists srcaddr"), 1);

    // Within one file, IPv6 comes after IPv4, and an address of the packet is IPv4 beside one that is not.
    let more = [
        line("10.0.0.1", "10.0.0.2", "-", 4),
        line("2001:db8::1", "10.0.0.2", "10.0.0.9", 8),
        line("::1", "10.0.0.2", "-", 16),
        line("10.0.0.3", "10.0.0.2", "2001:db8::2", 32),
    ];
    load(&store, "both.log", &more);
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        top(&store, "srcaddr"),
        [
            (text("10.0.0.3"), 32),
            (text("::1"), 16),
            (text("2001:db8::1"), 8),
            (text("10.0.0.1"), 5),
            (None, 2)
        ]
    );
    assert_eq!(
        top(&store, "pkt_srcaddr,dstaddr"),
        [
            (text("2001:db8::2 10.0.0.2"), 32),
            (text("- 10.0.0.2"), 23),
            (text("10.0.0.9 10.0.0.2"), 8)
        ]
    );
    for (filter, records) in [
        ("srcaddr == 10.0.0.0/8", 3),
        ("srcaddr == 2001:db8::/32", 1),
        ("srcaddr == ::/0", 2),
        ("srcaddr == ::1", 1),
        ("exists srcaddr", 5),
        ("not exists srcaddr", 1),
        ("pkt_srcaddr == 2001:db8::2", 1),
        ("srcaddr != 10.0.0.1", 3),
    ] {
        assert_eq!(selected(&store, filter), records, "{filter}");
    }
    let rows = store.listed(&[0, 1, 2, 3, 4, 5]).expect("rows");
    let sources: Vec<_> =
        rows.iter().map(|row| row.srcaddr.map(|address| address.to_string())).collect();
    assert_eq!(
        sources,
        [
            text("10.0.0.1"),
            None,
            text("10.0.0.1"),
            text("2001:db8::1"),
            text("::1"),
            text("10.0.0.3")
        ]
    );
}
