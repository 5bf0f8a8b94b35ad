//! Records stitched into flows: answers that can be counted by hand.

use evidence::Sha256;
use std::ops::ControlFlow;
use store::{Initiator, Selection, StitchSummary, StitchedFlow, Store, StoreError};

const HEADER: &str = "interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status tcp-flags flow-direction pkt-srcaddr pkt-dstaddr";
const BEGUN: i64 = 1_700_000_000;

/// A store that holds records of `1000 > 443` over TCP, each given by its place, its start and end in seconds after the
/// beginning, and its flags.
fn store(records: &[(&str, i64, i64, &str)]) -> (tempfile::TempDir, Store) {
    let mut text = format!("{HEADER}\n");
    for (place, start, end, flags) in records {
        let (start, end) = (BEGUN + start, BEGUN + end);
        text += &format!(
            "eni-a 10.0.0.1 10.0.0.2 1000 443 6 2 100 {start} {end} ACCEPT OK {flags} {place} - -\n"
        );
    }
    loaded(&text)
}

fn loaded(text: &str) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join("case.duckdb")).expect("a database");
    let loaded = store.load_flows(|loader| {
        flowlog::read_text(&mut text.as_bytes(), &flowlog::ReadOptions::default(), loader)
            .expect("bytes in memory can be read");
        Ok::<_, StoreError>(Some((Sha256::of(text.as_bytes()), "a.log".to_owned())))
    });
    let loaded = loaded.expect("it loads").expect("it is kept");
    assert_eq!(loaded.records, text.lines().count() as u64 - 1, "{text}");
    (folder, store)
}

fn flows(store: &Store, selection: &Selection) -> (Vec<StitchedFlow>, StitchSummary) {
    let mut flows = Vec::new();
    let summary = store.stitched(selection, |flow| {
        flows.push(flow);
        ControlFlow::Continue(())
    });
    (flows, summary.expect("they can be stitched"))
}

/// Of each flow: its first line, its windows, its first and last second.
fn told(store: &Store) -> Vec<(u64, u64, i64, i64)> {
    let seconds = |time: i64| time / 1_000_000 - BEGUN;
    let flows = flows(store, &Selection::all()).0.into_iter();
    flows
        .map(|flow| (flow.id.line, flow.windows, seconds(flow.first), seconds(flow.last)))
        .collect()
}

#[test]
fn windows_that_follow_each_other_are_one_flow() {
    let (_folder, store) = store(&[
        ("egress", 120, 170, "1"),
        ("egress", 0, 59, "2"),
        ("ingress", 0, 59, "18"),
        ("egress", 60, 110, "0"),
        ("ingress", 60, 119, "0"),
    ]);
    let (flows, summary) = flows(&store, &Selection::all());
    assert_eq!(summary, StitchSummary { flows: 2, records: 5, left_out: 0 });
    let egress = &flows[0];
    assert_eq!((egress.id.line, egress.windows, egress.packets, egress.bytes), (3, 3, 6, 300));
    assert_eq!(egress.tcp_flags, Some(3));
    assert_eq!(egress.flow_direction.as_deref(), Some("egress"));
    assert_eq!(egress.initiator, Some(Initiator::Source));
    assert_eq!(flows[1].initiator, Some(Initiator::Destination));
}

#[test]
fn a_longer_pause_than_an_interval_and_a_minute_begins_another() {
    let (_folder, store) =
        store(&[("egress", 0, 59, "0"), ("egress", 179, 180, "0"), ("egress", 301, 302, "0")]);
    assert_eq!(told(&store), [(2, 2, 0, 180), (4, 1, 301, 302)]);
    // Where windows last ten minutes, pauses may.
    let (_folder, store) = self::store(&[
        ("egress", 0, 599, "0"),
        ("egress", 1_259, 1_260, "0"),
        ("egress", 1_921, 1_922, "0"),
    ]);
    assert_eq!(told(&store), [(2, 2, 0, 1_260), (4, 1, 1_921, 1_922)]);
}

#[test]
fn a_port_that_is_used_again_begins_another() {
    let (_folder, store) = store(&[
        ("egress", 0, 10, "3"),
        ("egress", 11, 20, "0"),
        ("egress", 21, 30, "2"),
        ("egress", 31, 40, "2"),
        ("ingress", 0, 10, "19"),
        ("ingress", 21, 30, "18"),
    ]);
    assert_eq!(
        told(&store),
        [(2, 2, 0, 20), (6, 1, 0, 10), (4, 2, 21, 40), (7, 1, 21, 30)],
        "a SYN alone, such as one sent again, ends nothing"
    );
}

#[test]
fn who_opened_is_said_only_where_the_flags_tell() {
    for (flags, initiator) in [
        ("0", None),
        ("-", None),
        ("2", Some(Initiator::Source)),
        ("18", Some(Initiator::Destination)),
        ("1", None),
    ] {
        let (_folder, store) = store(&[("egress", 0, 10, flags)]);
        assert_eq!(flows(&store, &Selection::all()).0[0].initiator, initiator, "{flags}");
    }
    let (_folder, store) = store(&[("egress", 0, 10, "2"), ("egress", 11, 20, "18")]);
    assert_eq!(flows(&store, &Selection::all()).0[0].initiator, None, "both");
}

#[test]
fn packets_tell_who_speaks_and_rows_without_addresses_are_counted() {
    let line = |pkt: &str, interface: &str, start: i64| {
        format!(
            "{interface} 10.0.0.1 10.0.0.2 1 2 17 1 10 {} {} REJECT OK - egress {pkt} 10.0.0.2\n",
            BEGUN + start,
            BEGUN + start + 1
        )
    };
    let mut text = format!("{HEADER}\n");
    text += &line("10.9.0.1", "eni-a", 0);
    text += &line("10.9.0.2", "eni-a", 10);
    text += &line("10.9.0.1", "eni-b", 20);
    text += &line("10.9.0.1", "eni-a", 30);
    text += &format!("eni-a - - - - - - - {BEGUN} {BEGUN} - NODATA - - - -\n");
    let (_folder, store) = loaded(&text);
    let (flows, summary) = flows(&store, &Selection::all());
    assert_eq!(summary, StitchSummary { flows: 3, records: 4, left_out: 1 });
    let told: Vec<_> = flows
        .iter()
        .map(|flow| (flow.srcaddr.to_string(), flow.interface_id.as_deref(), flow.rejected))
        .collect();
    let own = |address: &str, interface, rejected| (address.to_owned(), Some(interface), rejected);
    assert_eq!(
        told,
        [own("10.9.0.1", "eni-a", 2), own("10.9.0.2", "eni-a", 1), own("10.9.0.1", "eni-b", 1)]
    );
    let filtered = Selection::filtered("interface_id == eni-b || tag == x");
    assert_eq!(self::flows(&store, &filtered).0.len(), 1, "a filter may need other tables");
}
