//! Parquet files as AWS and others write them.

mod script;

use arrow::array::*;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use flate2::read::MultiGzDecoder;
use flowlog::{
    FlowSink, Layout, Record, Refusal, Rejected, describe_parquet, read_parquet, read_text,
};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use script::{Script, read};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn write(properties: WriterProperties, columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let fields: Vec<_> = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let batch = RecordBatch::try_new(schema.clone(), arrays).unwrap();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, schema, Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    file
}

fn file(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    write(WriterProperties::new(), columns)
}

fn text(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn ints(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

/// A file of this column beside an address, so that it is a flow log.
fn beside_address(name: &str, array: ArrayRef) -> Vec<String> {
    let addresses = text(&vec!["10.0.0.1"; array.len()]);
    let (lines, _) = read(&file(vec![("srcaddr", addresses), (name, array)]));
    let lines = lines.into_iter().filter(|line| !line.starts_with("layout"));
    lines
        .filter(|line| !line.starts_with("flowlog.unknown_field"))
        .map(|line| line.replacen("srcaddr=10.0.0.1", "", 1).replacen("  ", " ", 1))
        .collect()
}

#[test]
fn aws_writes_its_names_with_underscores_and_absent_values_as_hyphen_or_null() {
    let properties =
        WriterProperties::builder().set_compression(Compression::GZIP(Default::default())).build();
    let file = write(
        properties,
        vec![
            ("version", Arc::new(Int32Array::from(vec![2, 2]))),
            ("account_id", text(&["012345678901", "unknown"])),
            ("interface_id", text(&["eni-1", "eni-2"])),
            ("srcaddr", text(&["10.0.0.1", "-"])),
            ("dstaddr", text(&["2001:db8::1", "-"])),
            ("srcport", Arc::new(Int32Array::from(vec![Some(443), None]))),
            ("bytes", Arc::new(Int64Array::from(vec![Some(1 << 40), None]))),
            ("start", ints(&[1_418_530_010, 1_431_280_876])),
            ("end", ints(&[1_418_530_070, 1_431_280_934])),
            ("log_status", text(&["OK", "NODATA"])),
        ],
    );
    let (lines, summary) = read(&file);
    assert_eq!(
        lines,
        [
            "layout of version account-id interface-id srcaddr dstaddr srcport bytes start end log-status",
            "1 version=2 account-id=\"012345678901\" interface-id=\"eni-1\" srcaddr=10.0.0.1 dstaddr=2001:db8::1 srcport=443 bytes=1099511627776 start=1418530010000000us end=1418530070000000us log-status=\"OK\"",
            "2 version=2 account-id=\"unknown\" interface-id=\"eni-2\" start=1431280876000000us end=1431280934000000us log-status=\"NODATA\"",
        ]
    );
    assert_eq!((summary.lines, summary.records, summary.rejected, summary.lost), (2, 2, 0, 0));
}

#[test]
fn numbers_and_times_are_read_from_any_type_that_holds_them() {
    let port = ["1 srcport=443"];
    let start = ["1 start=1418530010000000us"];
    let seconds = 1_418_530_010_i64;
    let cases: [(&str, ArrayRef, &[&str]); 15] = [
        ("srcport", text(&["443"]), &port),
        ("srcport", Arc::new(LargeStringArray::from(vec!["443"])), &port),
        ("srcport", Arc::new(StringViewArray::from(vec!["443"])), &port),
        (
            "srcport",
            Arc::new(DictionaryArray::<arrow::datatypes::Int8Type>::from_iter(["443"])),
            &port,
        ),
        ("srcport", Arc::new(Float64Array::from(vec![443.0])), &port),
        ("srcport", Arc::new(Float32Array::from(vec![443.0])), &port),
        ("srcport", Arc::new(UInt16Array::from(vec![443])), &port),
        ("srcport", Arc::new(Int8Array::from(vec![80])), &["1 srcport=80"]),
        (
            "srcport",
            Arc::new(Decimal128Array::from(vec![44300]).with_precision_and_scale(20, 2).unwrap()),
            &port,
        ),
        ("bytes", Arc::new(UInt64Array::from(vec![1 << 62])), &["1 bytes=4611686018427387904"]),
        ("start", Arc::new(TimestampSecondArray::from(vec![seconds]).with_timezone_utc()), &start),
        (
            "start",
            Arc::new(
                TimestampMicrosecondArray::from(vec![seconds * 1_000_000 + 7]).with_timezone_utc(),
            ),
            &["1 start=1418530010000007us"],
        ),
        (
            "start",
            Arc::new(
                TimestampNanosecondArray::from(vec![seconds * 1_000_000_000]).with_timezone_utc(),
            ),
            &start,
        ),
        ("start", Arc::new(Date32Array::from(vec![16_418])), &["1 start=1418515200000000us"]),
        ("start", text(&["1418530010"]), &start),
    ];
    for (name, array, expected) in cases {
        let kind = array.data_type().clone();
        assert_eq!(beside_address(name, array), expected, "{name} as {kind}");
    }
}

#[test]
fn what_is_read_as_something_else_is_told_once() {
    let cases: [(&str, ArrayRef, [&str; 3]); 5] = [
        (
            "account_id",
            ints(&[12_345_678_901, 210_987_654_321]),
            [
                "flowlog.account_number",
                "1 account-id=\"012345678901\"",
                "2 account-id=\"210987654321\"",
            ],
        ),
        ("packets", text(&["None", "7"]), ["flowlog.none", "1 ", "2 packets=7"]),
        (
            "packets",
            Arc::new(Float64Array::from(vec![f64::NAN, 7.0])),
            ["flowlog.nan", "1 ", "2 packets=7"],
        ),
        (
            "end",
            ints(&[1_418_530_010_123, 1_418_530_010]),
            ["flowlog.milliseconds", "1 end=1418530010123000us", "2 end=1418530010000000us"],
        ),
        (
            "end",
            Arc::new(TimestampMillisecondArray::from(vec![1_418_530_010_123, 0])),
            ["flowlog.no_time_zone", "1 end=1418530010123000us", "2 end=0us"],
        ),
    ];
    for (name, array, expected) in cases {
        let lines = beside_address(name, array);
        let lines: Vec<_> = lines.iter().map(|line| line.split(" from").next().unwrap()).collect();
        assert_eq!(lines, expected, "{name}");
    }
}

#[test]
fn a_value_that_its_field_cannot_have_rejects_its_row_alone_and_is_shown() {
    let shown = |line: &str| line.split(": row group").next().unwrap().to_owned();
    let cases: [(&str, ArrayRef, &str); 13] = [
        ("srcport", text(&["abc"]), "number: srcport is not a number"),
        ("srcport", text(&["443.0"]), "number: srcport is not a number"),
        ("srcport", ints(&[65_536]), "limit: srcport is above 65535"),
        ("srcport", ints(&[-1]), "number: srcport is not a number"),
        ("srcport", Arc::new(Float64Array::from(vec![0.5])), "number: srcport is not a number"),
        (
            "srcport",
            Arc::new(BooleanArray::from(vec![true])),
            "type: srcport has a value of a wrong type",
        ),
        (
            "srcport",
            Arc::new(Date32Array::from(vec![1])),
            "type: srcport has a value of a wrong type",
        ),
        ("bytes", Arc::new(UInt64Array::from(vec![u64::MAX])), "number: bytes is not a number"),
        ("dstaddr", ints(&[167_772_161]), "type: dstaddr has a value of a wrong type"),
        ("dstaddr", text(&["10.0.0"]), "address: dstaddr is not an address"),
        ("start", ints(&[1 << 62]), "time: start is neither seconds nor milliseconds since 1970"),
        ("action", Arc::new(BinaryArray::from(vec![b"\xff".as_slice()])), "not_utf8: not UTF-8"),
        ("action", text(&["a\0b"]), "nul: a NUL byte"),
    ];
    for (name, array, expected) in cases {
        let kind = array.data_type().clone();
        let lines = beside_address(name, array);
        assert_eq!(lines.len(), 1);
        assert_eq!(shown(&lines[0]), format!("1 rejected {expected}"), "{name} as {kind}");
    }
    let (lines, summary) = read(&file(vec![
        ("srcaddr", text(&["10.0.0.1", "10.0.0.2", "10.0.0.3"])),
        ("srcport", text(&["1", "x y", "3"])),
        ("start", ints(&[10, 10, 11])),
        ("end", ints(&[10, 10, 10])),
    ]));
    assert_eq!(
        lines[1..],
        [
            "1 srcaddr=10.0.0.1 srcport=1 start=10000000us end=10000000us",
            "2 rejected number: srcport is not a number: row group 0, row 2: srcaddr=10.0.0.2 srcport=x y start=10 end=10",
            "3 rejected start_after_end: start is after end: row group 0, row 3: srcaddr=10.0.0.3 srcport=3 start=11 end=10",
        ]
    );
    assert_eq!((summary.lines, summary.records, summary.rejected), (3, 1, 2));
}

#[test]
fn unknown_columns_are_kept_as_text_and_groups_as_json() {
    let utc = TimestampMillisecondArray::from(vec![1_418_530_010_500]).with_timezone_utc();
    let cases: [(ArrayRef, &str); 11] = [
        (text(&["000123"]), "\"000123\""),
        (ints(&[-5]), "\"-5\""),
        (Arc::new(Float64Array::from(vec![0.5])), "\"0.5\""),
        (Arc::new(BooleanArray::from(vec![true])), "\"true\""),
        (Arc::new(UInt64Array::from(vec![u64::MAX])), "\"18446744073709551615\""),
        (Arc::new(utc), "\"2014-12-14T04:06:50.5Z\""),
        (Arc::new(Date32Array::from(vec![16_418])), "\"2014-12-14\""),
        (Arc::new(Time32MillisecondArray::from(vec![3_600_001])), "\"01:00:00.001\""),
        (
            Arc::new(Decimal128Array::from(vec![-105]).with_precision_and_scale(20, 2).unwrap()),
            "\"-1.05\"",
        ),
        (Arc::new(BinaryArray::from(vec![b"\x00\xff".as_slice()])), "\"0x00ff\""),
        (groups(), r#""{\"tags\":[\"a\",null],\"n\":1}""#),
    ];
    for (array, expected) in cases {
        let kind = array.data_type().clone();
        let lines = beside_address("extra", array);
        assert_eq!(lines, [format!("1 extra?={expected}")], "{kind}");
    }
}

/// A group of a list and a number.
fn groups() -> ArrayRef {
    let mut tags = ListBuilder::new(StringBuilder::new());
    tags.append_value([Some("a"), None]);
    let tags = tags.finish();
    let fields = vec![
        (Arc::new(Field::new("tags", tags.data_type().clone(), true)), Arc::new(tags) as ArrayRef),
        (Arc::new(Field::new("n", DataType::Int64, true)), ints(&[1])),
    ];
    Arc::new(StructArray::from(fields))
}

#[test]
fn hyphens_any_order_and_columns_of_others_are_a_flow_log() {
    let (lines, _) = read(&file(vec![
        ("dstaddr", text(&["10.0.0.2"])),
        ("log-status", text(&["OK"])),
        ("srcaddr", text(&["10.0.0.1"])),
        ("date", text(&["2026-01-02"])),
        ("log_status", text(&["again"])),
    ]));
    assert_eq!(
        lines,
        [
            "flowlog.unknown_field date",
            "flowlog.repeated_field log-status",
            "layout of dstaddr log-status srcaddr date? log_status?",
            "1 dstaddr=10.0.0.2 log-status=\"OK\" srcaddr=10.0.0.1 date?=\"2026-01-02\" log_status?=\"again\"",
        ]
    );
}

#[test]
fn a_file_is_described_by_its_rows_and_outermost_columns() {
    let file = file(vec![("start", ints(&[1])), ("extra", groups())]);
    let description = describe_parquet(&mut Cursor::new(file)).unwrap().unwrap();
    assert_eq!((description.rows, description.layout.columns.len()), (1, 2));
    assert!(describe_parquet(&mut Cursor::new(b"PAR1")).unwrap().is_err());
}

#[test]
fn other_columns_are_refused_with_their_names() {
    let (lines, summary) = read(&file(vec![
        ("eventName", text(&["RunInstances"])),
        ("region", text(&["us-east-1"])),
        ("account_id", text(&["1"])),
        ("userAgent", text(&["x"])),
        ("eventTime", ints(&[1])),
    ]));
    let columns = "eventName region account_id userAgent eventTime".to_owned();
    assert_eq!(lines, Vec::<String>::new());
    assert_eq!(summary.refused, Some(Refusal::NotAFlowLog { columns }));
    let (lines, summary) = read(&file(vec![("srcaddr", text(&[]))]));
    assert_eq!(lines, ["layout of srcaddr", "flowlog.empty no rows"]);
    assert_eq!(summary.refused, None);
}

#[test]
fn every_encoding_codec_and_page_version_gives_the_same_rows() {
    let rows = 5_000_usize;
    let number = |row: usize| ((row * row) as i64) % 40_000;
    let columns = || -> Vec<(&str, ArrayRef)> {
        let addresses: Vec<_> = (0..rows)
            .map(|row| (row % 7 > 0).then(|| format!("10.0.{}.{}", row % 200, row % 90)))
            .collect();
        vec![
            ("srcaddr", Arc::new(StringArray::from(addresses))),
            ("srcport", Arc::new(Int32Array::from_iter((0..rows).map(|row| number(row) as i32)))),
            (
                "bytes",
                Arc::new(Int64Array::from_iter(
                    (0..rows).map(|row| (row % 3 > 0).then(|| number(row) << 33)),
                )),
            ),
            (
                "end",
                Arc::new(Float64Array::from_iter_values((0..rows).map(|row| number(row) as f64))),
            ),
            ("flag", Arc::new(BooleanArray::from_iter((0..rows).map(|row| Some(row % 5 == 0))))),
            (
                "pad",
                Arc::new(
                    FixedSizeBinaryArray::try_from_iter(
                        (0..rows).map(|row| [b'a' + (row % 26) as u8; 3]),
                    )
                    .unwrap(),
                ),
            ),
        ]
    };
    let layout = "layout of srcaddr srcport bytes end flag? pad?";
    let unknown = "flowlog.unknown_field flag pad";
    let line = |row: usize| {
        let (address, bytes) = (!row.is_multiple_of(7), !row.is_multiple_of(3));
        let address = address.then(|| format!(" srcaddr=10.0.{}.{}", row % 200, row % 90));
        let bytes = bytes.then(|| format!(" bytes={}", number(row) << 33));
        format!(
            "{}{} srcport={}{} end={}us flag?=\"{}\" pad?=\"{}\"",
            row + 1,
            address.unwrap_or_default(),
            number(row),
            bytes.unwrap_or_default(),
            number(row) * 1_000_000,
            row.is_multiple_of(5),
            char::from(b'a' + (row % 26) as u8).to_string().repeat(3)
        )
    };
    let head = [unknown.to_owned(), layout.to_owned()];
    let expected: Vec<_> = head.into_iter().chain((0..rows).map(line)).collect();
    let encodings: [&[(&str, Encoding)]; 4] = [
        &[],
        &[("srcaddr", Encoding::PLAIN), ("flag", Encoding::RLE)],
        &[
            ("srcaddr", Encoding::DELTA_BYTE_ARRAY),
            ("srcport", Encoding::DELTA_BINARY_PACKED),
            ("bytes", Encoding::DELTA_BINARY_PACKED),
            ("end", Encoding::BYTE_STREAM_SPLIT),
            ("pad", Encoding::DELTA_BYTE_ARRAY),
        ],
        &[
            ("srcaddr", Encoding::DELTA_LENGTH_BYTE_ARRAY),
            ("srcport", Encoding::BYTE_STREAM_SPLIT),
            ("bytes", Encoding::BYTE_STREAM_SPLIT),
            ("pad", Encoding::BYTE_STREAM_SPLIT),
        ],
    ];
    let codecs = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(Default::default()),
        Compression::ZSTD(Default::default()),
        Compression::LZ4_RAW,
    ];
    for (version, encoding, codec, page) in
        [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0].into_iter().flat_map(|version| {
            encodings.into_iter().flat_map(move |encoding| {
                codecs
                    .into_iter()
                    .map(move |codec| (version, encoding, codec, 100 + encoding.len() * 333))
            })
        })
    {
        let mut properties = WriterProperties::builder()
            .set_writer_version(version)
            .set_compression(codec)
            .set_dictionary_enabled(encoding.is_empty())
            .set_data_page_row_count_limit(page)
            .set_write_batch_size(64)
            .set_max_row_group_row_count(Some(1_999))
            .set_statistics_enabled(EnabledStatistics::Page);
        for (column, encoding) in encoding {
            properties = properties.set_column_encoding((*column).into(), *encoding);
        }
        let (lines, _) = read(&write(properties.build(), columns()));
        assert!(lines == expected, "{version:?} {encoding:?} {codec:?}");
    }
}

type Lists = Vec<Option<Vec<Option<Vec<Option<i64>>>>>>;

proptest::proptest! {
    #[test]
    fn lists_of_lists_are_put_together_as_they_were(rows in lists(), page in 1_usize..20) {
        let mut outer = ListBuilder::new(ListBuilder::new(Int64Builder::new()));
        for row in &rows {
            for inner in row.iter().flatten() {
                outer.values().append_option(inner.clone());
            }
            outer.append(row.is_some());
        }
        let addresses = text(&vec!["10.0.0.1"; rows.len()]);
        let properties = WriterProperties::builder()
            .set_data_page_row_count_limit(page)
            .set_write_batch_size(3)
            .build();
        let columns: Vec<(_, ArrayRef)> = vec![("srcaddr", addresses), ("lists", Arc::new(outer.finish()))];
        let (lines, _) = read(&write(properties, columns));
        let expected = rows.iter().enumerate().map(|(at, row)| match row {
            None => format!("{} srcaddr=10.0.0.1", at + 1),
            Some(_) => format!("{} srcaddr=10.0.0.1 lists?={:?}", at + 1, serde_json::json!(row).to_string()),
        });
        proptest::prop_assert_eq!(&lines[2..], expected.collect::<Vec<_>>());
    }
}

fn lists() -> impl proptest::strategy::Strategy<Value = Lists> {
    use proptest::{collection::vec, option, prelude::any};
    let inner = option::of(vec(option::of(any::<i64>()), 0..4));
    vec(option::of(vec(inner, 0..4)), 1..40)
}

#[test]
fn the_public_sample_with_numbers_as_text_is_read() {
    let Some(data) = shared() else { return };
    let path = data.join("flowlogs/obsrvbl-oss-flowlogs-reader/tests/data/flows.parquet");
    let (lines, summary) = read(&std::fs::read(path).unwrap());
    assert_eq!((summary.records, summary.rejected, summary.lost), (2, 1, 0));
    let kinds: Vec<_> = lines.iter().filter(|line| line.starts_with("flowlog.")).collect();
    assert_eq!(kinds.len(), 6, "{kinds:#?}");
    // Its protocol is 8080.
    assert!(lines.iter().any(|line| line.starts_with("3 rejected limit: protocol is above 255")));
    assert!(lines.iter().any(|line| line
        == "2 version=2 account-id=\"123456789010\" interface-id=\"eni-202010ab\" start=1439387263000000us end=1439387264000000us log-status=\"NODATA\""),
        "{lines:#?}");
}

#[test]
fn the_lab_gives_the_same_rows_as_its_text() {
    let Some(data) = shared() else { return };
    let folder = |name| files(&data.join("lab-a/evidence/data").join(name));
    let mut parquet = Rows::default();
    for path in folder("flowlogs-parquet") {
        let summary = read_parquet(&mut File::open(path).unwrap(), &mut parquet).unwrap();
        assert_eq!((summary.rejected, summary.lost), (0, 0));
    }
    let mut text = Rows::default();
    for path in folder("flowlogs-s3") {
        let mut gzip = MultiGzDecoder::new(File::open(path).unwrap());
        read_text(&mut gzip, &flowlog::ReadOptions::default(), &mut text).unwrap();
    }
    assert!(parquet.0.values().sum::<u64>() > 1_000);
    assert!(parquet.0 == text.0, "{} rows and {}", parquet.0.len(), text.0.len());
}

/// How often each row was there, its values by name.
#[derive(Default)]
struct Rows(BTreeMap<String, u64>, Script);

impl FlowSink for Rows {
    fn layout(&mut self, layout: &Layout) -> ControlFlow<()> {
        self.1.layout(layout)
    }

    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        let mut values = self.1.values(record);
        values.sort();
        *self.0.entry(values.join(" ")).or_default() += 1;
        ControlFlow::Continue(())
    }

    fn rejected(&mut self, rejected: &Rejected<'_>) -> ControlFlow<()> {
        panic!("{}", rejected.cause)
    }

    fn anomaly(&mut self, anomaly: evidence::Anomaly) -> ControlFlow<()> {
        panic!("{anomaly}")
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// The folder of samples beside the project; without it there is nothing to test.
fn shared() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3)?;
    let folder = root.parent()?.join("shared/data");
    if !folder.is_dir() {
        use std::io::Write;
        let skipped = format!("skipped: there are no samples in {}", folder.display());
        let _ = writeln!(std::io::stderr(), "{skipped}");
        return None;
    }
    Some(folder)
}
