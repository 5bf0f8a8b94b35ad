//! Several sources over the same interfaces, and stretches without records: answers that can be counted by hand.

use evidence::Sha256;
use store::{
    Gap, GapKind, GapQuery, Overlap, Selection, SourcePart, Store, StoreError, StretchKind,
};

/// 2023-11-14 22:15:00 UTC, the begin of a delivery slot. Unit: seconds.
const BEGUN: i64 = 1_700_000_100;
const SLOT: i64 = 300;
const HEADER: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";
const LONG_HEADER: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status tcp-flags";

/// A file of a source: its rows begin `BEGUN` plus so many seconds, last so long, and say this of an interface.
struct File {
    source: &'static str,
    header: &'static str,
    /// Number of its delivery slot, if it is a delivery file.
    slot: Option<i64>,
    rows: Vec<Row>,
}

#[derive(Clone, Copy)]
struct Row {
    interface: &'static str,
    start: i64,
    lasts: i64,
    says: &'static str,
}

fn row(interface: &'static str, start: i64, says: &'static str) -> Row {
    Row { interface, start, lasts: 59, says }
}

/// A row a minute from one minute to before another.
fn each_minute(
    interface: &'static str,
    minutes: std::ops::Range<i64>,
    says: &'static str,
) -> Vec<Row> {
    minutes.map(|minute| row(interface, minute * 60, says)).collect()
}

fn file(source: &'static str, header: &'static str, rows: Vec<Row>) -> File {
    File { source, header, slot: None, rows }
}

/// The rows as delivery files, each with those that end in its slot; some are lost.
fn delivered(source: &'static str, header: &'static str, rows: &[Row], lost: &[i64]) -> Vec<File> {
    let slot_of = |row: &Row| (row.start + row.lasts).div_euclid(SLOT);
    let mut slots: Vec<i64> = rows.iter().map(slot_of).collect();
    slots.sort_unstable();
    slots.dedup();
    slots.retain(|slot| !lost.contains(slot));
    let file = |slot: i64| File {
        source,
        header,
        slot: Some(slot),
        rows: rows.iter().filter(|row| slot_of(row) == slot).copied().collect(),
    };
    slots.into_iter().map(file).collect()
}

fn text(file: &File) -> String {
    let mut text = format!("{}\n", file.header);
    for row in &file.rows {
        let (start, end) = (BEGUN + row.start, BEGUN + row.start + row.lasts);
        let long = if file.header == LONG_HEADER { " 0" } else { "" };
        text += &match row.says {
            "NODATA" | "SKIPDATA" => {
                format!("2 1 {} - - - - - - - {start} {end} - {}{long}\n", row.interface, row.says)
            }
            action => format!(
                "2 1 {} 10.0.0.1 10.0.0.2 1000 443 6 1 100 {start} {end} {action} OK{long}\n",
                row.interface
            ),
        };
    }
    text
}

fn store(files: &[File]) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join("case.duckdb")).expect("a database");
    let mut parts = Vec::new();
    for (number, file) in files.iter().enumerate() {
        // Two exports of the same rows are not the same bytes.
        let text = text(file);
        let evidence = Sha256::of(format!("{number} {text}").as_bytes());
        let loaded = store.load_flows(|loader| {
            flowlog::read_text(&mut text.as_bytes(), &flowlog::ReadOptions::default(), loader)
                .expect("bytes in memory can be read");
            Ok::<_, StoreError>(Some((evidence, format!("{number}.log"))))
        });
        assert_eq!(loaded.expect("it loads").expect("it is kept").records, file.rows.len() as u64);
        parts.push(SourcePart {
            evidence,
            source: file.source.to_owned(),
            rank: 0,
            slot: file.slot.map(|slot| (BEGUN + slot * SLOT) * 1_000_000),
        });
    }
    store.set_sources(&parts).expect("sources");
    compute(&store);
    (folder, store)
}

fn compute(store: &Store) {
    let presence = store.presence().expect("what overlaps is found");
    store.set_presence(&presence).expect("and kept");
}

fn count(store: &Store, filter: &str) -> u64 {
    store.count(&Selection::filtered(filter)).expect("a count")
}

fn everything(store: &Store) -> u64 {
    store.count(&Selection { all_sources: true, ..Selection::all() }).expect("a count")
}

/// Of each stretch: the interface, who is not counted, who counts, and how many records.
fn overlaps(store: &Store) -> Vec<(String, String, String, u64)> {
    let stretch =
        |overlap: Overlap| (overlap.interface_id, overlap.source, overlap.counted, overlap.records);
    store.overlaps().expect("overlaps").into_iter().map(stretch).collect()
}

/// Of each gap: the interface, its kind, and from where to where in seconds after the beginning.
fn gaps(store: &Store) -> Vec<(String, GapKind, i64, i64)> {
    let from_begin = |time: i64| time / 1_000_000 - BEGUN;
    let row = |gap: Gap| (gap.interface_id, gap.kind, from_begin(gap.from), from_begin(gap.to));
    store.gaps(&GapQuery::default()).expect("gaps").into_iter().map(row).collect()
}

fn own(rows: &[(&str, &str, &str, u64)]) -> Vec<(String, String, String, u64)> {
    let text = |text: &&str| (*text).to_owned();
    rows.iter().map(|(a, b, c, count)| (text(a), text(b), text(c), *count)).collect()
}

#[test]
fn one_source_counts_and_the_other_is_kept() {
    let rows = each_minute("eni-a", 0..10, "ACCEPT");
    let (_folder, store) = store(&[
        file("short", HEADER, rows.clone()),
        file("long", LONG_HEADER, rows),
        file("short", HEADER, each_minute("eni-b", 0..3, "REJECT")),
    ]);
    assert_eq!((count(&store, ""), everything(&store)), (13, 23));
    assert_eq!(count(&store, "source == long"), 10, "it has more fields");
    assert_eq!(count(&store, "source == short"), 3, "of the interface that only it has");
    assert_eq!(count(&store, "overlapping == long"), 10, "who asks for them sees them");
    assert_eq!(count(&store, "overlapping && interface_id == eni-a"), 10);
    assert_eq!(count(&store, "!overlapping"), 13);
    let reaches =
        |filter: &str| Selection::filtered(filter).reaches_all_sources().expect("a filter");
    assert_eq!(["", "source == long", "!overlapping"].map(reaches), [false, false, true]);
    assert_eq!(overlaps(&store), own(&[("eni-a", "short", "long", 10)]));
    let totals = store.totals().expect("totals");
    assert_eq!((totals.flow_records, totals.overlapping), (13, 10));
    let sources = store.sources().expect("sources");
    let told: Vec<_> =
        sources.iter().map(|one| (one.source.as_str(), one.records, one.overlapping)).collect();
    assert_eq!(told, [("long", 10, 0), ("short", 13, 10)]);
}

#[test]
fn where_nothing_overlaps_there_is_nothing_to_pay_for() {
    let (_folder, store) = store(&[
        file("a", HEADER, each_minute("eni-a", 0..10, "ACCEPT")),
        file("b", HEADER, each_minute("eni-b", 0..10, "ACCEPT")),
    ]);
    assert_eq!((count(&store, ""), everything(&store)), (20, 20));
    let columns = store
        .sql("SELECT count(*) FROM duckdb_columns() WHERE table_name = 'stored_records' AND column_name = 'overlapping_number'", 1)
        .expect("it is a SELECT");
    assert_eq!(columns.rows, [[store::Cell::Int(0)]]);
}

#[test]
fn logs_of_one_action_each_complete_each_other() {
    let (_folder, store) = store(&[
        file("accepted", LONG_HEADER, each_minute("eni-a", 0..10, "ACCEPT")),
        file("rejected", HEADER, each_minute("eni-a", 0..10, "REJECT")),
    ]);
    assert_eq!((count(&store, ""), everything(&store)), (20, 20));
    assert_eq!(overlaps(&store), []);
}

#[test]
fn a_log_of_one_action_leaves_the_other_to_a_log_of_both() {
    let mut both = each_minute("eni-a", 0..10, "ACCEPT");
    both.extend(each_minute("eni-a", 0..10, "REJECT"));
    let (_folder, store) = store(&[
        file("accepted", LONG_HEADER, each_minute("eni-a", 0..10, "ACCEPT")),
        file("both", HEADER, both),
    ]);
    assert_eq!((count(&store, "action == ACCEPT"), count(&store, "action == REJECT")), (10, 10));
    assert_eq!(count(&store, "source == both"), 10);
}

#[test]
fn where_the_source_of_record_ends_or_lacks_a_file_the_other_counts() {
    // A copy of the log that ends later and has the slot that was not delivered.
    let rows = each_minute("eni-a", 0..30, "ACCEPT");
    let mut files = delivered("delivered", LONG_HEADER, &rows[..25], &[2]);
    files.push(file("copied", HEADER, rows));
    let (_folder, store) = store(&files);
    assert_eq!(count(&store, ""), 30, "each minute once");
    assert_eq!((count(&store, "source == delivered"), count(&store, "source == copied")), (20, 10));
    assert_eq!(
        overlaps(&store),
        own(&[("eni-a", "copied", "delivered", 10), ("eni-a", "copied", "delivered", 10)])
    );
    let missing = store.gaps(&GapQuery::default()).expect("gaps");
    assert_eq!(gaps(&store), [("eni-a".to_owned(), GapKind::SuspectedMissingFile, 600, 900)]);
    assert_eq!(missing[0].source.as_deref(), Some("delivered"));
    assert!(missing[0].note.contains("rows of copied count there"), "{}", missing[0].note);
}

#[test]
fn a_stated_silence_does_not_hide_records_of_another() {
    let mut told = each_minute("eni-a", 0..5, "NODATA");
    told.extend(each_minute("eni-a", 5..10, "ACCEPT"));
    let (_folder, store) = store(&[
        file("silent", LONG_HEADER, told),
        file("telling", HEADER, each_minute("eni-a", 0..10, "ACCEPT")),
    ]);
    assert_eq!(count(&store, "action == ACCEPT"), 10);
    assert_eq!(count(&store, "source == telling"), 5);
}

#[test]
fn windows_of_ten_minutes_cover_those_of_a_minute() {
    let long = |start: i64| Row { interface: "eni-a", start, lasts: 599, says: "ACCEPT" };
    let (_folder, store) = store(&[
        file("tens", LONG_HEADER, vec![long(0), long(600), long(1_200)]),
        file("minutes", HEADER, each_minute("eni-a", 0..30, "ACCEPT")),
    ]);
    assert_eq!((count(&store, "source == tens"), count(&store, "source == minutes")), (3, 0));
    let (_folder, store) = self::store(&[
        file("minutes", LONG_HEADER, each_minute("eni-a", 0..30, "ACCEPT")),
        file("tens", HEADER, vec![long(0), long(600), long(1_200)]),
    ]);
    assert_eq!((count(&store, "source == tens"), count(&store, "source == minutes")), (0, 30));
}

#[test]
fn of_three_sources_the_first_that_has_records_counts() {
    let (_folder, store) = store(&[
        file("a", HEADER, each_minute("eni-a", 0..10, "ACCEPT")),
        file("b", HEADER, each_minute("eni-a", 5..15, "ACCEPT")),
        file("c", HEADER, each_minute("eni-a", 0..20, "ACCEPT")),
    ]);
    assert_eq!(count(&store, ""), 20);
    let counted = ["a", "b", "c"].map(|name| count(&store, &format!("source == {name}")));
    assert_eq!(counted, [10, 5, 5]);
}

#[test]
fn what_came_later_changes_what_counts() {
    let (_folder, store) = store(&[
        file("b", HEADER, each_minute("eni-a", 0..10, "ACCEPT")),
        file("a", HEADER, each_minute("eni-a", 0..10, "ACCEPT")),
    ]);
    assert_eq!((count(&store, "source == a"), count(&store, "source == b")), (10, 0));
    let (number, _) = store.evidence().expect("evidence")[1];
    store.forget_evidence(&[number]).expect("it is forgotten");
    compute(&store);
    assert_eq!((count(&store, ""), count(&store, "source == b")), (10, 10));
    assert_eq!(overlaps(&store), []);
}

#[test]
fn four_kinds_of_gaps_are_told_apart() {
    let mut rows = each_minute("eni-a", 0..30, "ACCEPT");
    rows[7].says = "SKIPDATA";
    rows.extend(each_minute("eni-b", 0..30, "NODATA"));
    // An interface that is there for five minutes, twice; and one that is seldom there.
    rows.extend(each_minute("eni-c", 0..5, "ACCEPT"));
    rows.extend(each_minute("eni-c", 25..30, "ACCEPT"));
    rows.extend([0, 11, 21, 29].map(|minute| row("eni-d", minute * 60, "ACCEPT")));
    let (_folder, store) = store(&delivered("log", HEADER, &rows, &[3]));
    let own = |interface: &str, kind, from, to| (interface.to_owned(), kind, from, to);
    assert_eq!(
        gaps(&store),
        [
            own("eni-a", GapKind::SkipData, 420, 479),
            own("eni-a", GapKind::SuspectedMissingFile, 900, 1_200),
            own("eni-b", GapKind::NoData, 0, 899),
            own("eni-b", GapKind::SuspectedMissingFile, 900, 1_200),
            own("eni-b", GapKind::NoData, 1_200, 1_799),
            own("eni-c", GapKind::Silence, 299, 1_500),
        ]
    );
    let (lanes, _) = store.interface_lanes(4, 1_000_000).expect("lanes");
    let silent = lanes.iter().find(|lane| lane.interface_id == "eni-c").expect("a lane");
    let kinds: Vec<_> = silent.stretches.iter().map(|stretch| stretch.kind).collect();
    assert_eq!(kinds.last(), Some(&StretchKind::Silence), "{kinds:?}");
    let only = GapQuery { interface_id: Some("eni-b".to_owned()), kind: Some(GapKind::NoData) };
    assert_eq!(store.gaps(&only).expect("gaps").len(), 2);
}

#[test]
fn a_copy_without_slots_suspects_no_file() {
    let mut rows = each_minute("eni-a", 0..10, "ACCEPT");
    rows.extend(each_minute("eni-a", 15..30, "ACCEPT"));
    let (_folder, store) = store(&[file("copy", HEADER, rows.clone())]);
    assert_eq!(gaps(&store), [], "five minutes may be a late delivery");
    rows.retain(|row| row.start < 300 || row.start >= 900);
    let (_folder, store) = self::store(&[file("copy", HEADER, rows)]);
    assert_eq!(gaps(&store), [("eni-a".to_owned(), GapKind::Silence, 299, 900)]);
}

#[test]
fn a_time_selection_and_a_bucket_hold_the_same_records() {
    let (_folder, store) = store(&[file("a", HEADER, each_minute("eni-a", 0..10, "ACCEPT"))]);
    let at = |minute: i64| Some((BEGUN + minute * 60) * 1_000_000);
    let within = |from, to| {
        store.count(&Selection { from: at(from), to: at(to), ..Selection::all() }).expect("a count")
    };
    assert_eq!((within(0, 4), within(4, 10), within(0, 10)), (4, 6, 10));
}
