//! Parquet files that lie, are cut or damaged.

mod script;

use arrow::array::{ArrayRef, Int64Array, ListBuilder, StringArray, StringBuilder};
use arrow::record_batch::RecordBatch;
use flowlog::Summary;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use script::read;
use std::io::Write;
use std::sync::Arc;

/// A value as the compact protocol of Thrift writes it.
enum Thrift {
    I32(i64),
    I64(i64),
    Text(&'static str),
    List(Vec<Thrift>),
    Struct(Vec<(u8, Thrift)>),
}
use Thrift::{I32, I64, List, Struct, Text};

impl Thrift {
    fn kind(&self) -> u8 {
        match self {
            I32(_) => 5,
            I64(_) => 6,
            Text(_) => 8,
            List(_) => 9,
            Struct(_) => 12,
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            I32(number) | I64(number) => varint(out, ((number << 1) ^ (number >> 63)) as u64),
            Text(text) => {
                varint(out, text.len() as u64);
                out.extend(text.as_bytes());
            }
            List(items) => {
                out.push(0xf0 | items.first().map_or(12, Self::kind));
                varint(out, items.len() as u64);
                items.iter().for_each(|item| item.write(out));
            }
            Struct(fields) => {
                let mut last = 0;
                for (id, value) in fields {
                    out.push((id - last) << 4 | value.kind());
                    value.write(out);
                    last = *id;
                }
                out.push(0);
            }
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

const NUMBER: i64 = 2;
const BYTES: i64 = 6;
const PLAIN: i64 = 0;
const DELTA: i64 = 5;
const DELTA_LENGTHS: i64 = 6;
const DELTA_BYTES: i64 = 7;
const DICTIONARY: i64 = 8;
const UNCOMPRESSED: i64 = 0;
const SNAPPY: i64 = 1;
const GZIP: i64 = 2;
const BROTLI: i64 = 4;
const ZSTD: i64 = 6;
const LZ4: i64 = 7;

/// A data page that says that it has `values` values in `size` bytes.
fn page(values: i64, encoding: i64, size: usize, body: &[u8]) -> Vec<u8> {
    let data = Struct(vec![(1, I32(values)), (2, I32(encoding)), (3, I32(3)), (4, I32(3))]);
    let lengths = [(1, I32(0)), (2, I32(size as i64)), (3, I32(body.len() as i64))];
    let header = Struct(lengths.into_iter().chain([(5, data)]).collect());
    [&header.bytes(), body].concat()
}

fn dictionary(values: i64, body: &[u8]) -> Vec<u8> {
    let length = body.len() as i64;
    let data = Struct(vec![(1, I32(values)), (2, I32(PLAIN))]);
    let header = Struct(vec![(1, I32(2)), (2, I32(length)), (3, I32(length)), (7, data)]);
    [&header.bytes(), body].concat()
}

/// A file of one column, whose row groups all say that `pages` are theirs.
fn file(kind: i64, codec: i64, rows: i64, groups: usize, pages: &[u8]) -> Vec<u8> {
    let name = if kind == NUMBER { "srcport" } else { "srcaddr" };
    let group = || {
        let chunk = Struct(vec![
            (1, I32(kind)),
            (2, List(vec![I32(0)])),
            (3, List(vec![Text(name)])),
            (4, I32(codec)),
            (5, I64(rows)),
            (6, I64(1)),
            (7, I64(pages.len() as i64)),
            (9, I64(4)),
        ]);
        let chunk = Struct(vec![(2, I64(4)), (3, chunk)]);
        Struct(vec![(1, List(vec![chunk])), (2, I64(1)), (3, I64(rows))])
    };
    let root = Struct(vec![(4, Text("root")), (5, I32(1))]);
    let leaf = Struct(vec![(1, I32(kind)), (3, I32(0)), (4, Text(name))]);
    let footer = Struct(vec![
        (1, I32(1)),
        (2, List(vec![root, leaf])),
        (3, I64(rows.saturating_mul(groups as i64))),
        (4, List((0..groups).map(|_| group()).collect())),
    ]);
    with_footer(pages, &footer.bytes())
}

fn with_footer(pages: &[u8], footer: &[u8]) -> Vec<u8> {
    [b"PAR1", pages, footer, &(footer.len() as u32).to_le_bytes(), b"PAR1"].concat()
}

fn zeros(length: usize) -> Vec<u8> {
    vec![0; length]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Every row is a record, rejected, or told as lost.
fn account(summary: &Summary, lines: &[String]) {
    let Summary { records, rejected, lost, .. } = *summary;
    assert_eq!(summary.lines, records.saturating_add(rejected).saturating_add(lost));
    assert!(lost == 0 || lines.iter().any(|line| line.starts_with("flowlog.parquet_unreadable")));
}

/// The most memory that this process ever had. Unit: MiB.
#[cfg(target_os = "linux")]
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim_end_matches("kB").trim().parse::<u64>().unwrap() / 1024
}

#[test]
fn a_page_that_lies_costs_its_rows_and_no_memory() {
    let number = 80_i64.to_le_bytes();
    let good = |codec, body: &[u8]| file(NUMBER, codec, 1, 1, &page(1, PLAIN, 8, body));
    let snappy = [&[8, 28], number.as_slice()].concat();
    let lz4 = [&[0x80], number.as_slice()].concat();
    let zstd = zstd::bulk::compress(&number, 1).unwrap();
    let brotli = [b"\x8b\x03\x80".as_slice(), &number, b"\x03"].concat();
    for (codec, body) in [
        (UNCOMPRESSED, number.to_vec()),
        (SNAPPY, snappy),
        (GZIP, gzip(&number)),
        (BROTLI, brotli),
        (ZSTD, zstd),
        (LZ4, lz4),
    ] {
        assert_eq!(read(&good(codec, &body)).0, ["layout of srcport", "1 srcport=80"], "{codec}");
    }

    let many = gzip(&zeros(64 << 20)).repeat(40);
    let large = zstd::bulk::compress(&zeros(64 << 20), 1).unwrap().repeat(40);
    let numbers =
        |encoding, bytes: &[u8]| file(NUMBER, 0, 9, 1, &page(9, encoding, bytes.len(), bytes));
    let texts =
        |encoding, bytes: &[u8]| file(BYTES, 0, 9, 1, &page(9, encoding, bytes.len(), bytes));
    let picks = |entries, dictionary_: &[u8], values, body: &[u8]| {
        let pages = [dictionary(entries, dictionary_), page(values, DICTIONARY, body.len(), body)];
        file(NUMBER, 0, values, 1, &pages.concat())
    };
    let hundred_and_many = {
        let mut bytes = vec![0x80, 0x01, 4];
        varint(&mut bytes, 1 << 60);
        [bytes, vec![2]].concat()
    };
    let cases = [
        (
            "2 GiB in a page",
            file(NUMBER, GZIP, 1, 1, &page(1, PLAIN, (1 << 31) - 1, &gzip(&[0]))),
            1,
            "a page of more than 67108864 bytes",
        ),
        (
            "a page longer than the file",
            file(NUMBER, 0, 1, 1, &page(1, PLAIN, 8, &number)[..20]),
            1,
            "8 bytes where 3 are left",
        ),
        (
            "gzip of 2.5 GiB",
            file(NUMBER, GZIP, 9, 1, &page(9, PLAIN, 72, &many)),
            9,
            "more than 72 bytes inside",
        ),
        (
            "Zstandard of 2.5 GiB",
            file(NUMBER, ZSTD, 9, 1, &page(9, PLAIN, 72, &large)),
            9,
            "more than 72 bytes inside",
        ),
        (
            "Snappy that says 64 MiB",
            good(SNAPPY, &[0x80, 0x80, 0x80, 0x20, 0]),
            1,
            "67108864 bytes out of 5 instead of 8",
        ),
        (
            "LZ4 without bytes",
            file(NUMBER, LZ4, 9, 1, &page(9, PLAIN, 60 << 20, &[0; 9])),
            9,
            "62914560 bytes out of 9 instead of 62914560",
        ),
        ("Brotli with a window of 1 GiB", good(BROTLI, b"\x11\x1e\x8b\x03\x80"), 1, "Invalid Data"),
        ("a codec of old", good(3, &number), 1, "a codec that is not read: LZO (3)"),
        (
            "fewer bytes",
            file(NUMBER, GZIP, 1, 1, &page(1, PLAIN, 8, &gzip(&[0; 7]))),
            1,
            "7 bytes inside instead of 8",
        ),
        ("fewer values", numbers(PLAIN, &[0; 24]), 6, "no valid value 6 from the end"),
        (
            "more values than rows",
            file(NUMBER, 0, 1, 1, &page(2, PLAIN, 16, &[0; 16])),
            1,
            "2 where 1 are left",
        ),
        (
            "fewer values than rows",
            file(NUMBER, 0, 5, 1, &page(2, PLAIN, 16, &[0; 16])),
            3,
            "the end of the column",
        ),
        ("no encoding", numbers(77, &[0; 24]), 9, "Int64 in encoding 77"),
        ("a block without parts", numbers(DELTA, &[0x80, 1, 0, 9, 0]), 9, "Int64 in encoding 5"),
        (
            "a block of 2^62",
            numbers(DELTA, &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40, 1, 9, 0]),
            9,
            "Int64 in encoding 5",
        ),
        (
            "a width of 65 bits",
            numbers(DELTA, &[0x80, 1, 4, 9, 0, 0, 65, 0, 0, 0, 1, 1]),
            8,
            "no valid value 8 from the end",
        ),
        ("2^60 lengths", texts(DELTA_LENGTHS, &hundred_and_many), 9, "Bytes in encoding 6"),
        (
            "a negative length",
            texts(DELTA_LENGTHS, &[0x80, 1, 4, 1, 1, 0]),
            9,
            "no valid value 9 from the end",
        ),
        (
            "more in common than there is",
            texts(DELTA_BYTES, &[0x80, 1, 4, 1, 2, 0x80, 1, 4, 1, 2, 65]),
            9,
            "no valid value 9 from the end",
        ),
        (
            "2^31 entries",
            picks((1 << 31) - 1, &number, 1, &[1, 2, 0]),
            1,
            "1 of 2147483647 entries",
        ),
        (
            "an entry that is not there",
            picks(1, &number, 2, &[1, 4, 1]),
            2,
            "no valid value 2 from the end",
        ),
        (
            "entries without a dictionary",
            numbers(DICTIONARY, &[0, 18]),
            9,
            "no valid value 9 from the end",
        ),
        (
            "2^40 rows in four bytes",
            file(NUMBER, 0, 1 << 40, 1, &page(1, DICTIONARY, 2, &[0, 2])),
            1 << 40,
            "more than 500 values for each byte of the file",
        ),
        ("no page", file(NUMBER, 0, 1, 1, b"\xff\xff\xff"), 1, "\\xff\\xff\\xff"),
    ];
    for (what, file, lost, expected) in cases {
        let (lines, summary) = read(&file);
        account(&summary, &lines);
        assert_eq!(summary.lost, lost, "{what}: {lines:?}");
        let unreadable = format!("flowlog.parquet_unreadable {expected}");
        assert!(lines.contains(&unreadable), "{what}: {lines:?}");
    }

    // Rows that the row group does not tell of.
    let pages = [page(1, PLAIN, 8, &number), page(1, PLAIN, 8, &number)].concat();
    let (lines, summary) = read(&file(NUMBER, 0, 1, 1, &pages));
    assert_eq!(lines[1..], ["1 srcport=80", "flowlog.parquet_surplus 1 where 0 are left"]);
    assert_eq!(summary.lost, 0);

    // The same 32 MiB again and again.
    let zeros = zstd::bulk::compress(&zeros(32 << 20), 1).unwrap();
    let pages = page(1, PLAIN, 32 << 20, &zeros);
    let (lines, summary) = read(&file(NUMBER, ZSTD, 1, 100, &pages));
    account(&summary, &lines);
    assert!((32..60).contains(&summary.records), "{summary:?}");
    assert!(lines.last().unwrap().ends_with("more than 500 bytes out of each byte of the file"));
    #[cfg(target_os = "linux")]
    assert!(peak() < 400, "{} MiB", peak());
}

#[test]
fn a_footer_that_lies_is_an_anomaly_and_costs_no_memory() {
    let root = |children| Struct(vec![(4, Text("root")), (5, I32(children))]);
    let leaf = || Struct(vec![(1, I32(NUMBER)), (3, I32(0)), (4, Text("srcport"))]);
    let footer = |schema: Vec<Thrift>| {
        Struct(vec![(1, I32(1)), (2, List(schema)), (3, I64(0)), (4, List(vec![]))]).bytes()
    };
    assert_eq!(read(&with_footer(&[], &footer(vec![root(1), leaf()]))).0.len(), 2);
    let deep: Vec<_> = (0..100).map(|_| root(1)).collect();
    let group = || Struct(vec![(3, I32(2)), (4, Text("group")), (5, I32(1))]);
    let deep_groups = [root(1)].into_iter().chain((0..60).map(|_| group())).chain([leaf()]);
    let cases: [(&str, Vec<u8>); 9] = [
        ("nothing", vec![]),
        ("2^60 elements", b"\x15\x02\x19\xfc\xff\xff\xff\xff\xff\xff\xff\xff\x0f\0".to_vec()),
        (
            "a name of 2^60 bytes",
            b"\x15\x02\x19\x1c\x48\xff\xff\xff\xff\xff\xff\xff\xff\x0f\0".to_vec(),
        ),
        ("structures without end", vec![0x1c; 5000]),
        ("groups without leaves", footer(deep)),
        ("groups too deep", footer(deep_groups.collect())),
        ("2^30 children", footer(vec![root(1 << 30), leaf()])),
        (
            "too many columns",
            footer([root(2000)].into_iter().chain((0..2000).map(|_| leaf())).collect()),
        ),
        ("no number of rows", Struct(vec![(2, List(vec![root(1), leaf()]))]).bytes()),
    ];
    for (what, footer) in cases {
        let (lines, summary) = read(&with_footer(&[], &footer));
        assert_eq!(summary, Summary::default(), "{what}");
        assert!(
            lines.len() == 1 && lines[0].starts_with("flowlog.parquet_footer"),
            "{what}: {lines:?}"
        );
    }
    let mut encrypted = with_footer(&[], &footer(vec![root(1), leaf()]));
    *encrypted.last_mut().unwrap() = b'E';
    assert!(read(&encrypted).0[0].ends_with("PARE"));
}

/// Three row groups of four rows: text in dictionaries, plain numbers, lists; compressed, so that checksums tell.
fn written(codec: Compression) -> Vec<u8> {
    let mut tags = ListBuilder::new(StringBuilder::new());
    for row in 0..12 {
        tags.append_value((0..row % 3).map(|tag| Some(format!("tag{tag}"))));
    }
    let columns: [(&str, ArrayRef); 3] = [
        (
            "srcaddr",
            Arc::new(StringArray::from_iter_values(
                (0..12).map(|row| format!("10.0.0.{}", row / 2)),
            )),
        ),
        ("bytes", Arc::new(Int64Array::from_iter((0..12).map(|row| (row != 5).then_some(row))))),
        ("tags", Arc::new(tags.finish())),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder()
        .set_compression(codec)
        .set_column_dictionary_enabled("bytes".into(), false)
        .set_max_row_group_row_count(Some(4))
        .build();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    file
}

#[test]
fn a_damaged_row_group_costs_its_own_rows_alone() {
    let mut file = written(Compression::GZIP(Default::default()));
    let (whole, _) = read(&file);
    assert_eq!(whole.len(), 14);
    let gzip = |file: &[u8]| -> Vec<_> {
        let starts = file.windows(3).enumerate();
        starts.filter(|(_, bytes)| *bytes == b"\x1f\x8b\x08").map(|(at, _)| at).collect()
    };
    // Of each row group: a dictionary and a page, a page, a dictionary and a page.
    let pages = gzip(&file);
    assert_eq!(pages.len(), 15);
    file[pages[6] + 12] ^= 0x55;
    let (lines, summary) = read(&file);
    account(&summary, &lines);
    assert_eq!((summary.records, summary.lost), (8, 4));
    assert_eq!(lines[2..6], whole[2..6]);
    assert_eq!(lines[7..], whole[10..]);
    assert!(lines[6].starts_with("flowlog.parquet_unreadable"), "{lines:?}");
}

#[test]
fn every_prefix_and_every_changed_byte_is_accounted_for() {
    for codec in
        [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::ZSTD(Default::default())]
    {
        let file = written(codec);
        for end in 0..file.len() {
            let (lines, summary) = read(&file[..end]);
            assert!(summary.records == 0 && lines[0].starts_with("flowlog.parquet_footer"));
        }
        for at in 0..file.len() {
            for flip in [1, 0x10, 0x80, 0xff] {
                let mut changed = file.clone();
                changed[at] ^= flip;
                let (lines, summary) = read(&changed);
                account(&summary, &lines);
            }
        }
    }
}
