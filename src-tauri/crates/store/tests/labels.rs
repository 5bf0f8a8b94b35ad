//! What is known of addresses, in filters and groups, over records whose answers can be counted by hand.

use enrich::{AwsRanges, Reference};
use evidence::Sha256;
use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use store::{
    Bucket, Cell, CompareQuery, DistinctQuery, HistogramQuery, Label, Labeller, Measure, Selection,
    Store, StoreError, TimelineQuery, TopQuery, Window,
};

/// Lines 2 to 7: to S3, to EC2, within the VPC, from S3, to a stranger, and nothing.
const LOG: &str = "\
version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status
2 1 eni-a 10.0.0.1 52.2.0.7 1000 443 6 1 100 1700000000 1700000060 ACCEPT OK
2 1 eni-a 10.0.0.1 52.9.0.7 1001 443 6 2 200 1700000060 1700000120 ACCEPT OK
2 1 eni-a 10.0.0.1 10.0.0.2 1002 3306 6 3 300 1700000120 1700000180 ACCEPT OK
2 1 eni-a 52.2.0.7 10.0.0.1 443 1000 6 4 400 1700000180 1700000240 ACCEPT OK
2 1 eni-a 10.0.0.1 192.0.2.9 1003 22 6 5 500 1700003600 1700003660 REJECT OK
2 1 eni-b - - - - - - - 1700000000 1700000300 - NODATA
";
const MORE: &str = "\
version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status
2 1 eni-a 10.0.0.1 52.2.0.8 1000 443 6 1 100 1700000000 1700000060 ACCEPT OK
";
const RANGES: &str = r#"{"syncToken": "1", "prefixes": [
    {"ip_prefix": "52.0.0.0/11", "region": "us-east-1", "service": "EC2"},
    {"ip_prefix": "52.2.0.0/22", "region": "us-west-2", "service": "EC2"},
    {"ip_prefix": "52.2.0.0/22", "region": "us-west-2", "service": "S3"}]}"#;

/// A list of AWS's that may come and go, and how often it was read.
#[derive(Default)]
struct Given {
    list: Mutex<Option<&'static str>>,
    read: AtomicUsize,
}

impl Given {
    fn list(&self) -> Option<&'static str> {
        *self.list.lock().expect("nobody panicked")
    }
}

impl Labeller for Given {
    fn tells(&self, label: Label) -> bool {
        self.list().is_some() && matches!(label, Label::AwsService | Label::AwsRegion)
    }

    fn fingerprint(&self) -> String {
        self.list().unwrap_or_default().to_owned()
    }

    fn reference(&self) -> Result<Arc<Reference>, Box<dyn Error + Send + Sync>> {
        self.read.fetch_add(1, Ordering::Relaxed);
        let read = |list: &str| {
            Ok::<_, enrich::NotReadable>(Arc::new(AwsRanges::read(list.as_bytes())?.0))
        };
        Ok(Arc::new(Reference { aws: self.list().map(read).transpose()?, ..Reference::default() }))
    }
}

fn load(store: &Store, log: &str) {
    let loaded = store.load_flows(|loader| {
        let format = flowlog::Format::named("flow_log_text").expect("the format");
        format
            .read(&mut log.as_bytes(), &flowlog::ReadOptions::default(), loader)
            .expect("bytes in memory can be read");
        Ok::<_, StoreError>(Some((Sha256::of(log.as_bytes()), "a.log".to_owned())))
    });
    assert_eq!(loaded.expect("it loads").expect("it is kept").rejected, 0);
}

fn store() -> (tempfile::TempDir, Store, Arc<Given>) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join("case.duckdb")).expect("a database");
    load(&store, LOG);
    let given = Arc::new(Given::default());
    *given.list.lock().expect("nobody panicked") = Some(RANGES);
    store.set_labeller(Arc::clone(&given) as Arc<dyn Labeller>);
    (folder, store, given)
}

fn lines(store: &Store, filter: &str) -> Vec<u64> {
    let records = store.selected_records(&Selection::filtered(filter)).expect(filter);
    let mut lines: Vec<u64> =
        store.listed(&records).expect("rows").into_iter().map(|row| row.id.line).collect();
    lines.sort_unstable();
    lines
}

#[test]
fn filters_ask_what_is_known_of_either_side_or_of_one() {
    let (_folder, store, given) = store();
    for (filter, expected) in [
        ("dst_scope == public", vec![2, 3]),
        ("src_scope == PRIVATE && dst-scope == private", vec![4]),
        ("scope == documentation", vec![6]),
        ("scope != public", vec![4, 6]),
        ("dst_scope in {public, documentation}", vec![2, 3, 6]),
        ("aws_service == s3", vec![2, 5]),
        ("dst_aws_service == EC2", vec![3]),
        ("dst_aws_service != S3", vec![3]),
        ("src_aws_service", vec![5]),
        ("!aws_service", vec![4, 6, 7]),
        ("dst_aws_region matches \"^us-w\"", vec![2]),
        ("aws_region contains east || dst_scope == documentation", vec![3, 6]),
        ("dstport == https", vec![2, 3]),
        ("port in {mysql, ssh, 1000..1000}", vec![2, 4, 5, 6]),
        ("dstport != https && dstport < mysql", vec![5, 6]),
    ] {
        assert_eq!(lines(&store, filter), expected, "{filter}");
    }
    assert_eq!(given.read.load(Ordering::Relaxed), 1, "the table is made once");
}

#[test]
fn what_is_not_asked_is_not_made() {
    let (_folder, store, given) = store();
    assert_eq!(lines(&store, "dstport == https"), [2, 3]);
    assert_eq!(given.read.load(Ordering::Relaxed), 0);
}

#[test]
fn the_table_is_of_the_records_and_the_files_that_there_are() {
    let (_folder, store, given) = store();
    assert_eq!(lines(&store, "dst_aws_service == S3"), [2]);
    load(&store, MORE);
    assert_eq!(lines(&store, "dst_aws_service == S3"), [2, 2]);
    *given.list.lock().expect("nobody panicked") =
        Some(r#"{"prefixes": [{"ip_prefix": "52.9.0.0/16", "region": "r", "service": "S3"}]}"#);
    assert_eq!(lines(&store, "dst_aws_service == S3"), [3]);
    // Another connection finds what this one made.
    assert_eq!(lines(&store.another().expect("a connection"), "dst_aws_service == S3"), [3]);
    assert_eq!(given.read.load(Ordering::Relaxed), 3);
}

#[test]
fn what_nothing_in_the_case_tells_is_an_error_and_not_an_empty_answer() {
    let (_folder, store, _) = store();
    let asked = Selection::filtered("dstport == 1 || dst_country == CN");
    let StoreError::Filter(error) = store.selected_records(&asked).expect_err("no such file")
    else {
        panic!("another error")
    };
    assert_eq!((error.column, error.message.as_str()), (17, "nothing in the case tells country"));
    let query = TopQuery {
        selection: Selection::all(),
        field: "dst_asn".to_owned(),
        by: Measure::Bytes,
        limit: 9,
    };
    assert!(matches!(store.top(&query), Err(StoreError::Untold { label: "asn", .. })));
}

#[test]
fn groups_add_up_over_the_addresses_of_a_label() {
    let (_folder, store, _) = store();
    let top = |field: &str| {
        let (field, by) = (field.to_owned(), Measure::Bytes);
        let query = TopQuery { selection: Selection::all(), field, by, limit: 9 };
        let rows = store.top(&query).expect("rows").into_iter();
        rows.map(|row| (row.value, row.records, row.bytes)).collect::<Vec<_>>()
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        top("dst_scope"),
        [
            (some("private"), 2, 700),
            (some("documentation"), 1, 500),
            (some("public"), 2, 300),
            (None, 1, 0)
        ]
    );
    assert_eq!(
        top("dst_aws_service,src_scope"),
        [
            (some("- private"), 2, 800),
            (some("- public"), 1, 400),
            (some("EC2 private"), 1, 200),
            (some("S3 private"), 1, 100),
            (some("- -"), 1, 0)
        ]
    );
    assert_eq!(top("srcaddr,src_scope")[0], (some("10.0.0.1 private"), 4, 1_100));
    let distinct = DistinctQuery {
        selection: Selection::all(),
        field: "dst_aws_region".to_owned(),
        limit: None,
    };
    let rows = store.distinct(&distinct).expect("rows");
    let values: Vec<_> = rows.iter().map(|row| (row.value.as_deref(), row.records)).collect();
    assert_eq!(values, [(Some("us-west-2"), 1), (None, 4), (Some("us-east-1"), 1)]);
    assert_eq!(store.distinct_count(&distinct).expect("a count"), 2);
}

#[test]
fn time_and_windows_can_be_split_by_a_label() {
    let (_folder, store, _) = store();
    let timeline = store
        .timeline(&TimelineQuery {
            selection: Selection::filtered("log_status == OK"),
            bucket: Bucket::Width(3_600_000_000),
            by: Some("dst_scope".to_owned()),
        })
        .expect("rows");
    let rows: Vec<_> = timeline.iter().map(|row| (row.by.as_deref(), row.records)).collect();
    assert_eq!(rows, [(Some("private"), 2), (Some("public"), 2), (Some("documentation"), 1)]);
    let from = 1_700_000_000_000_000;
    let histogram = store
        .histogram(&HistogramQuery {
            selection: Selection::all(),
            from,
            width: 3_600_000_000,
            buckets: 2,
            by: Some("dst_scope".to_owned()),
        })
        .expect("buckets");
    let public = histogram.series.iter().find(|one| one.value.as_deref() == Some("public"));
    assert_eq!(public.expect("a series").bytes, [300, 0]);
    let compared = store
        .compare(&CompareQuery {
            filter: None,
            all_sources: false,
            baseline: Window { from, to: from + 3_600_000_000 },
            window: Window { from: from + 3_600_000_000, to: from + 7_200_000_000 },
            field: "dst_scope".to_owned(),
            by: Measure::Records,
            limit: 9,
        })
        .expect("rows");
    let new = compared.iter().find(|row| row.change == store::Change::New).expect("one");
    assert_eq!((new.value.as_deref(), new.window.bytes), (Some("documentation"), 500));
    let gone = compared.iter().find(|row| row.value.as_deref() == Some("private")).expect("one");
    assert_eq!((gone.change, gone.baseline.records), (store::Change::Gone, 2));
}

#[test]
fn the_console_sees_each_address_once() {
    let (_folder, store, _) = store();
    let sql = "SELECT address, scope, aws_services FROM addresses WHERE scope = 'public' ORDER BY address";
    let rows = store.sql(sql, 9).expect("rows").rows;
    let text = |text: &str| Cell::Text(text.to_owned());
    let services = |names: &[&str]| Cell::List(names.iter().map(|name| text(name)).collect());
    assert_eq!(
        rows,
        [
            vec![text("52.2.0.7"), text("public"), services(&["S3", "EC2"])],
            vec![text("52.9.0.7"), text("public"), services(&["EC2"])],
        ]
    );
}
