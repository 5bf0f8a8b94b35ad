//! What a reader owes for every input, whatever it is. The fuzz targets hold each input against this, and so do the
//! tests that read again what they found.

use evidence::Anomaly;
use flowlog::{
    Column, Field, FieldKind, FlowSink, Format, Layout, ReadOptions, Record, Rejected, Summary,
    Value, describe_parquet, read_parquet, sniff,
};
use std::collections::HashSet;
use std::fmt::Write;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::ops::{ControlFlow, RangeInclusive};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads `bytes` as `format` in every way, and holds what comes against them.
pub(crate) fn hold(format: Format, bytes: &[u8]) {
    sniff(bytes);
    let stated = ReadOptions { layout: Layout::parse(DEFAULT).ok(), ..ReadOptions::default() };
    for options in [ReadOptions::default(), stated] {
        hold_under(format, &options, bytes);
    }
}

const DEFAULT: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";

fn hold_under(format: Format, options: &ReadOptions, bytes: &[u8]) {
    let read = |input: &mut Pieces<'_>, ledger: &mut Ledger<'_>| {
        if format.needs_seeking() {
            read_parquet(input, ledger)
        } else {
            format.read(input, options, ledger)
        }
    };
    let mut whole = Ledger::of(format, bytes);
    let summary = read(&mut Pieces::of(bytes, usize::MAX), &mut whole).expect("memory can be read");
    whole.settle(format, &summary);
    let size = 1 + bytes.len() % 13;
    let mut again = Ledger::of(format, bytes);
    let same = read(&mut Pieces::of(bytes, size), &mut again).expect("memory can be read");
    assert_eq!(summary, same, "in pieces of {size}");
    assert_eq!(whole.said, again.said, "in pieces of {size}");
    let mut short = Ledger { patience: bytes.len() % 7, ..Ledger::of(format, bytes) };
    read(&mut Pieces::of(bytes, size), &mut short).expect("memory can be read");
    assert!(whole.said.starts_with(&short.said), "what a sink that has enough was given");
}

/// Bytes that come in pieces.
struct Pieces<'a> {
    input: Cursor<&'a [u8]>,
    size: usize,
}

impl<'a> Pieces<'a> {
    fn of(bytes: &'a [u8], size: usize) -> Self {
        Self { input: Cursor::new(bytes), size }
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let size = self.size.min(out.len());
        self.input.read(&mut out[..size])
    }
}

impl Seek for Pieces<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.input.seek(to)
    }
}

/// Holds each thing that a reader gives against the input, and writes it down.
struct Ledger<'i> {
    input: &'i [u8],
    /// Where each line of the input begins, of formats that name records by their line.
    begins: Option<Vec<usize>>,
    placed: bool,
    layout: Option<Vec<Column>>,
    named: HashSet<u64>,
    records: u64,
    rejected: u64,
    anomalies: Vec<&'static str>,
    said: String,
    /// After how many things it has enough.
    patience: usize,
    given: usize,
}

impl<'i> Ledger<'i> {
    fn of(format: Format, input: &'i [u8]) -> Self {
        let by_line = matches!(format.name(), "flow_log_text" | "flow_log_csv");
        let ends = input.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        Self {
            input,
            begins: by_line.then(|| [0].into_iter().chain(ends.map(|(at, _)| at + 1)).collect()),
            placed: !format.needs_seeking(),
            layout: None,
            named: HashSet::new(),
            records: 0,
            rejected: 0,
            anomalies: Vec::new(),
            said: String::new(),
            patience: usize::MAX,
            given: 0,
        }
    }

    fn next(&mut self) -> ControlFlow<()> {
        assert!(self.given <= self.patience, "it was given more than it wanted");
        self.given += 1;
        if self.given > self.patience { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// The bytes of a place, which is inside the input.
    fn at(&self, offset: u64, length: u64) -> &'i [u8] {
        let end = offset.checked_add(length).expect("a place ends somewhere");
        assert!(end <= self.input.len() as u64, "{offset}+{length} of {}", self.input.len());
        &self.input[offset as usize..end as usize]
    }

    /// A record or a rejected line, which nothing else is called by.
    fn named(&mut self, line: u64, offset: u64, length: u64) {
        let bytes = self.at(offset, length);
        // A line that is several records is not one of AWS's; other formats number their records.
        assert!(self.named.insert(line) && line > 0, "{line} twice");
        let Some(begins) = &self.begins else { return };
        let begin = begins[line as usize - 1];
        let marked = usize::from(line == 1 && self.input.starts_with(BYTE_ORDER_MARK)) * 3;
        assert_eq!(offset as usize, begin + marked, "where line {line} begins");
        let next = &self.input[offset as usize + bytes.len()..];
        let ended = next.is_empty() || next.starts_with(b"\n") || next.starts_with(b"\r");
        assert!(ended, "line {line} ends where a line does");
    }

    /// The sums are those of the summary, and nothing was passed over in silence.
    fn settle(&self, format: Format, summary: &Summary) {
        assert_eq!(self.records, summary.records);
        assert_eq!(self.rejected, summary.rejected);
        let counted = summary.records + summary.rejected + summary.passed_over + summary.lost;
        assert!(counted > 0 || !self.anomalies.is_empty() || summary.refused.is_some(), "silence");
        if summary.refused.is_some() {
            assert_eq!(summary.records, 0, "a refused file has no records");
        } else if format.needs_seeking() {
            self.settle_rows(counted);
        } else if format.name() == "flow_log_text" {
            let text = self.input.strip_prefix(BYTE_ORDER_MARK).unwrap_or(self.input);
            let lines: Vec<_> = text.split_inclusive(|byte| *byte == b'\n').collect();
            let blank = lines.iter().filter(|line| line.trim_ascii().is_empty()).count() as u64;
            assert_eq!(summary.lines, lines.len() as u64);
            assert_eq!(summary.lines, counted + summary.headers + blank);
        }
    }

    /// Every row that the footer promises is accounted for, unless an anomaly says that it cannot be believed.
    fn settle_rows(&self, counted: u64) {
        let described = describe_parquet(&mut Cursor::new(self.input)).expect("memory can be read");
        match described {
            Ok(described) if !self.anomalies.contains(&"flowlog.parquet_rows") => {
                assert_eq!(described.rows, counted);
            }
            Ok(_) => {}
            Err(_) => assert_eq!(counted, 0),
        }
    }
}

/// What the database has room for.
fn range(column: &Column) -> RangeInclusive<i64> {
    match column {
        Column::Known(spec) if spec.field == Field::Protocol => 0..=255,
        Column::Known(spec) if [Field::SrcPort, Field::DstPort].contains(&spec.field) => 0..=65_535,
        _ => 0..=i64::MAX,
    }
}

impl FlowSink for Ledger<'_> {
    fn layout(&mut self, layout: &Layout) -> ControlFlow<()> {
        let _ = writeln!(self.said, "{:?}", layout.to_string());
        self.layout = Some(layout.columns.clone());
        self.next()
    }

    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        self.records += 1;
        let _ = writeln!(self.said, "{record:?}");
        let layout = self.layout.as_ref().expect("a layout comes before the records that have it");
        assert_eq!(layout.len(), record.values.len());
        for (column, value) in layout.iter().zip(record.values) {
            let kind = match column {
                Column::Known(spec) => spec.kind,
                Column::Unknown(_) | Column::Others => FieldKind::Text,
            };
            let fits = match value {
                Value::Absent => true,
                Value::Int(number) => kind == FieldKind::Int && range(column).contains(number),
                Value::Address(_) => kind == FieldKind::Address,
                Value::Time(_) => kind == FieldKind::Time,
                Value::Text(text) => {
                    let object = || serde_json::from_str::<serde_json::Map<_, _>>(text).is_ok();
                    kind == FieldKind::Text && (*column != Column::Others || object())
                }
            };
            assert!(fits, "{value:?} in {column}");
        }
        // What tells both ways at once has one place and two records; they are numbered one by one.
        self.named(record.line, record.offset, record.length);
        self.next()
    }

    fn rejected(&mut self, rejected: &Rejected<'_>) -> ControlFlow<()> {
        self.rejected += 1;
        let _ = writeln!(self.said, "{rejected:?} {}", rejected.cause);
        assert!(rejected.text.len() <= 1024 || !self.placed);
        if self.placed {
            let bytes = self.at(rejected.offset, rejected.length);
            assert!(bytes.starts_with(rejected.text), "what is shown stands there");
            let shown = rejected.text.len() + usize::from(bytes.ends_with(b"\r"));
            assert!(shown >= bytes.len().min(1024), "of {} only {shown}", bytes.len());
        }
        self.named(rejected.line, rejected.offset, rejected.length);
        self.next()
    }

    fn anomaly(&mut self, anomaly: Anomaly) -> ControlFlow<()> {
        let _ = writeln!(self.said, "{anomaly:?}");
        self.at(anomaly.offset, anomaly.length);
        self.anomalies.push(anomaly.kind);
        self.next()
    }
}
