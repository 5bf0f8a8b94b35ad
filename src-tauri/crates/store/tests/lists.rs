//! Lists, charts and lanes over a few records whose answers can be counted by hand.

use evidence::Sha256;
use store::{FlowQuery, HistogramQuery, Order, Selection, Store, StoreError, StretchKind};

/// Five minutes of one interface: a flow over three windows, another flow, a refused packet, and a NODATA row. The
/// lines stand in no order.
const LOG: &str = "\
version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status
2 1 eni-a 10.0.0.1 10.0.0.2 1000 443 6 3 300 1700000120 1700000180 ACCEPT OK
2 1 eni-a 10.0.0.1 10.0.0.2 1000 443 6 1 100 1700000000 1700000060 ACCEPT OK
2 1 eni-a 10.0.0.9 10.0.0.2 2000 22 6 1 40 1700000030 1700000030 REJECT OK
2 1 eni-a 10.0.0.1 10.0.0.2 1000 443 6 2 200 1700000060 1700000120 ACCEPT OK
2 1 eni-a 10.0.0.3 10.0.0.2 3000 53 17 1 60 1700000200 1700000210 ACCEPT OK
2 1 eni-b - - - - - - - 1700000000 1700000300 - NODATA
2 1 eni-a 10.0.0.1 10.0.0.2 1000 443 6 9 900 1700009000 1700009060 ACCEPT OK
";
const BEGUN: i64 = 1_700_000_000_000_000;
const MINUTE: i64 = 60_000_000;

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join("case.duckdb")).expect("a database");
    let loaded = store.load_flows(|loader| {
        let format = flowlog::Format::named("flow_log_text").expect("the format");
        let options = flowlog::ReadOptions::default();
        format.read(&mut LOG.as_bytes(), &options, loader).expect("bytes in memory can be read");
        Ok::<_, StoreError>(Some((Sha256::of(LOG.as_bytes()), "a.log".to_owned())))
    });
    assert_eq!(loaded.expect("it loads").expect("it is kept").records, 7);
    (folder, store)
}

/// The lines of these records.
fn lines(store: &Store, records: &[u32]) -> Vec<u64> {
    store.listed(records).expect("rows").into_iter().map(|row| row.id.line).collect()
}

#[test]
fn the_default_order_is_time() {
    let (_folder, store) = store();
    let by_time = [3, 7, 4, 5, 2, 6, 8];
    let computed = store.record_order(None).expect("an order");
    assert_eq!(lines(&store, computed.all()), by_time);
    // The list of the command line stands in the same order.
    let listed = store.flows(&FlowQuery::default()).expect("records");
    assert_eq!(listed.iter().map(|row| row.id.line).collect::<Vec<_>>(), by_time);
}

#[test]
fn a_selection_stands_in_the_order_that_was_asked_for() {
    let (_folder, store) = store();
    let order = Order { field: "bytes".to_owned(), descending: true };
    let whole = store.record_order(Some(&order)).expect("an order");
    let selected =
        store.selected_records(&Selection::filtered("action == ACCEPT")).expect("a selection");
    assert_eq!(lines(&store, &whole.arrange(&selected)), [8, 2, 5, 3, 6]);
    // What lacks the field comes last, whatever the direction.
    assert_eq!(lines(&store, whole.all()).last(), Some(&7));
}

#[test]
fn a_row_has_what_the_log_says_and_nothing_in_place_of_a_dash() {
    let (_folder, store) = store();
    let all = store.record_order(None).expect("an order");
    let rows = store.listed(all.all()).expect("rows");
    let refused = rows.iter().find(|row| row.id.line == 4).expect("the refused packet");
    assert_eq!(refused.srcaddr.map(|address| address.to_string()).as_deref(), Some("10.0.0.9"));
    assert_eq!((refused.dstport, refused.bytes), (Some(22), Some(40)));
    let empty = rows.iter().find(|row| row.id.line == 7).expect("the NODATA row");
    assert_eq!((empty.srcaddr, empty.packets, empty.action.as_deref()), (None, None, None));
    assert_eq!(empty.log_status.as_deref(), Some("NODATA"));
}

#[test]
fn the_windows_of_a_flow_end_where_it_pauses() {
    let (_folder, store) = store();
    let all = store.record_order(None).expect("an order");
    let rows = store.listed(all.all()).expect("rows");
    let at = rows.iter().position(|row| row.id.line == 5).expect("the second window");
    let windows = store.windows_of(all.all()[at], 11 * MINUTE).expect("windows");
    assert_eq!(lines(&store, &windows), [3, 5, 2], "the one two hours later is another flow");
}

#[test]
fn a_histogram_counts_each_record_once_where_it_starts() {
    let (_folder, store) = store();
    let query = HistogramQuery {
        selection: Selection::all(),
        from: BEGUN,
        width: MINUTE,
        buckets: 4,
        by: Some("action".to_owned()),
    };
    let found = store.histogram(&query).expect("a histogram");
    let series: Vec<_> = found
        .series
        .iter()
        .map(|series| (series.value.as_deref(), series.records.as_slice(), series.bytes.as_slice()))
        .collect();
    assert_eq!(
        series,
        [
            (Some("ACCEPT"), &[1, 1, 1, 1][..], &[100, 200, 300, 60][..]),
            (Some("REJECT"), &[1, 0, 0, 0][..], &[40, 0, 0, 0][..]),
            (None, &[1, 0, 0, 0][..], &[0, 0, 0, 0][..]),
        ]
    );
}

#[test]
fn lanes_tell_records_from_a_stated_silence() {
    let (_folder, store) = store();
    let (lanes, total) = store.interface_lanes(4, MINUTE).expect("lanes");
    assert_eq!(total, 2);
    let kinds = |at: usize| -> Vec<_> {
        let stretches = lanes[at].stretches.iter();
        stretches.map(|stretch| (stretch.kind, (stretch.to - stretch.from) / 1_000_000)).collect()
    };
    assert_eq!(lanes[0].interface_id, "eni-a");
    assert_eq!(kinds(0), [(StretchKind::Records, 210), (StretchKind::Records, 60)]);
    assert_eq!(lanes[1].interface_id, "eni-b");
    assert_eq!(kinds(1), [(StretchKind::NoData, 300)]);
}

#[test]
fn a_change_is_seen_by_another_connection_all_at_once_or_not_at_all() {
    let (_folder, store) = store();
    let other = store.another().expect("a second connection");
    let before = other.record_count().expect("a count");
    let failed = store.atomically(|store| {
        store.forget_evidence(&[0])?;
        assert_eq!(other.record_count()?, before, "nobody sees half of it");
        Err::<(), _>(StoreError::UnknownField("a reason to stop".to_owned()))
    });
    assert!(failed.is_err());
    assert_eq!(other.record_count().expect("a count"), before);
    store.atomically(|store| store.forget_evidence(&[0])).expect("it is forgotten");
    assert_eq!(other.record_count().expect("a count"), 0);
}
