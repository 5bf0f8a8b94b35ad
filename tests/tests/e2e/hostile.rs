//! Files that were made, or broken, to do harm: each is named with what is wrong and where, memory stays bounded, and
//! the other files of the same act are loaded.

use super::cli::{add, arg, binary, empty_case, expect, item, json, lines};
use super::generated::{HEADER, log, record};
use arrow::array::{ArrayRef, Date32Array, Int64Array, StringArray};
use arrow::record_batch::RecordBatch;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use parquet::arrow::ArrowWriter;
use serde_json::Value;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// More than the program takes for itself, and far less than a bomb would make it take. Unit: KiB.
const MOST_MEMORY: u64 = 400 * 1024;
const MIB: usize = 1 << 20;

pub(super) fn soaking() -> bool {
    std::env::var_os("TIDEMARK_SOAK").is_some()
}

/// Adds, which has to end with this status, and gives what became of each file, and the most memory that it took
/// (KiB; none where the system does not tell).
fn add_and_weigh(case: &Path, evidence: &Path, status: i32) -> (Vec<Value>, Option<u64>) {
    let mut command = Command::new(binary());
    command.args(["add", arg(case), arg(evidence), "--json"]);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("tidemark starts");
    let mut peak = None;
    let ended = loop {
        peak = peak_of(child.id()).or(peak);
        if let Some(ended) = child.try_wait().expect("a child can be asked") {
            break ended;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let mut stdout = String::new();
    child.stdout.take().expect("it was piped").read_to_string(&mut stdout).expect("it is text");
    assert_eq!(ended.code(), Some(status), "{stdout}");
    (stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect(), peak)
}

pub(super) fn peak_of(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A gzip of several members, one of which comes `times` times.
fn gzip_around(head: &[u8], block: &[u8], times: usize, tail: &[u8]) -> Vec<u8> {
    let block = gzip(block);
    [gzip(head), block.repeat(times), gzip(tail)].concat()
}

fn anomalies(item: &Value) -> Vec<&str> {
    item["anomalies"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect()
}

#[test]
fn a_gzip_bomb_ends_at_the_ratio_and_costs_no_memory() {
    let (case, evidence) = empty_case("gzip-bomb");
    let head = log(10);
    // 10 GB; the limit is at 1 GiB, so that fewer would do.
    let blocks = if soaking() { 10_000 / 64 } else { 18 };
    let bomb = gzip_around(head.as_bytes(), &vec![0; 64 * MIB], blocks, b"");
    fs::write(evidence.join("bomb.log.gz"), bomb).unwrap();
    fs::write(evidence.join("good.log"), log(20)).unwrap();
    let (items, peak) = add_and_weigh(&case, &evidence, 1);
    let bomb = item(&items, "bomb.log.gz");
    assert_eq!(bomb["flow_records"], 10, "{bomb}");
    let told = anomalies(bomb);
    assert!(told.iter().any(|told| told.starts_with("gzip.ratio at byte ")), "{told:?}");
    assert!(told.iter().any(|told| told.contains("at most 500 bytes for one")), "{told:?}");
    assert_eq!(item(&items, "good.log")["flow_records"], 20);
    assert!(peak.is_none_or(|peak| peak < MOST_MEMORY), "{peak:?} KiB");
}

#[test]
fn a_zip_bomb_is_told_before_it_is_read_and_a_lie_about_its_size_while() {
    let (case, evidence) = empty_case("zip-bomb");
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    (0..40).for_each(|_| encoder.write_all(&vec![0; 64 * MIB]).unwrap());
    let (stored, size) = (encoder.finish().unwrap(), 40 * 64 * MIB as u64);
    fs::write(evidence.join("honest.zip"), zip(&stored, size as u32)).unwrap();
    fs::write(evidence.join("lying.zip"), zip(&stored, 100)).unwrap();
    fs::write(evidence.join("good.log"), log(20)).unwrap();
    let (items, peak) = add_and_weigh(&case, &evidence, 1);
    let problem = item(&items, "honest.zip!zeros.log")["problem"].as_str().unwrap();
    assert!(problem.contains("archive.ratio at byte 0: expected at most "), "{problem}");
    let lying = item(&items, "lying.zip!zeros.log");
    assert_eq!(anomalies(lying), ["zip.size at byte 0: expected 100 bytes, found more"]);
    assert_eq!(item(&items, "good.log")["flow_records"], 20);
    assert!(peak.is_none_or(|peak| peak < MOST_MEMORY), "{peak:?} KiB");
}

/// A zip with one deflated member that promises this size.
fn zip(stored: &[u8], size: u32) -> Vec<u8> {
    let mut fields = b"\0\0\x08\0\0\0\0\0\0\0\0\0".to_vec();
    fields.extend((stored.len() as u32).to_le_bytes());
    fields.extend(size.to_le_bytes());
    fields.extend([9, 0, 0, 0]);
    let mut bytes = [b"PK\x03\x04\x14\0", &fields[..], b"zeros.log", stored].concat();
    let start = bytes.len() as u32;
    bytes.extend([b"PK\x01\x02\x14\0\x14\0", &fields[..], &[0; 14], b"zeros.log"].concat());
    let length = bytes.len() as u32 - start;
    bytes.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    bytes.extend([length.to_le_bytes(), start.to_le_bytes()].concat());
    bytes.extend([0, 0]);
    bytes
}

#[test]
fn a_line_without_end_is_one_rejected_line_in_every_format() {
    let (case, evidence) = empty_case("endless");
    // 1 GB; what is longer than a block is treated alike.
    let times = if soaking() { 1_000 / 50 } else { 1 };
    let block = vec![b'x'; 50_000_000];
    let length = (block.len() * times) as u64;
    let json =
        "{\"srcaddr\":\"10.0.0.1\",\"dstaddr\":\"10.0.0.2\",\"dstport\":22,\"start\":1772496000}\n";
    let csv = "srcaddr,dstaddr\n10.0.0.1,10.0.0.2\n";
    let zeek = "#separator \\x09\n#path\tconn\n#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tconn_state\n";
    let conn = "1418530010.0\t10.0.0.1\t20641\t10.0.0.2\t22\ttcp\tSF\n";
    let closed = format!("{conn}#close\t2014-12-14-04-10-00\n");
    for (name, head, before, after, tail) in [
        ("text.log.gz", log(3), "", "\n", record(3) + "\n"),
        ("csv.gz", csv.to_owned(), "", "\n", "10.0.0.1,10.0.0.3\n".to_owned()),
        ("quoted.csv.gz", csv.to_owned(), "\"", "\n", "10.0.0.1,10.0.0.3\n".to_owned()),
        ("lines.json.gz", json.to_owned(), "{\"srcaddr\":\"", "\"}\n", json.to_owned()),
        ("conn.log.gz", format!("{zeek}{conn}"), "", "\n", closed),
    ] {
        let (head, tail) = (head + before, format!("{after}{tail}"));
        let file = gzip_around(head.as_bytes(), &block, times, tail.as_bytes());
        fs::write(evidence.join(name), file).unwrap();
    }
    let (items, peak) = add_and_weigh(&case, &evidence, 1);
    for (name, records, surplus) in [
        ("text.log.gz", 4, 0),
        ("csv.gz", 2, 0),
        ("quoted.csv.gz", 2, 1),
        ("lines.json.gz", 2, 14),
        ("conn.log.gz", 2, 0),
    ] {
        let file = item(&items, name);
        assert_eq!(file["flow_records"], records, "{file}");
        assert_eq!(file["rejected_lines"], 1, "{file}");
        let sql = format!(
            "SELECT r.length, r.cause, length(r.\"text\") AS shown FROM rejected_lines AS r JOIN evidence AS e \
             ON e.number = r.evidence WHERE e.name = '{name}'"
        );
        let kept = json_one(&case, &sql);
        assert_eq!(kept["length"], length + surplus, "{name} {kept}");
        assert!(kept["cause"].as_str().unwrap().starts_with("longer than "), "{name} {kept}");
        assert!((1024..1050).contains(&kept["shown"].as_u64().unwrap()), "{name} {kept}");
    }
    assert!(peak.is_none_or(|peak| peak < MOST_MEMORY), "{peak:?} KiB");
}

fn json_one(case: &Path, sql: &str) -> Value {
    json(&["sql", arg(case), sql]).remove(0)
}

#[test]
fn odd_texts_are_read_or_refused_with_their_cause() {
    let (case, evidence) = empty_case("odd-texts");
    let text = log(20);
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(evidence.join("utf16.log"), [&[0xff, 0xfe], &utf16[..]].concat()).unwrap();
    fs::write(evidence.join("utf16-unmarked.log"), &utf16).unwrap();
    fs::write(evidence.join("crlf.log"), text.replace('\n', "\r\n")).unwrap();
    fs::write(evidence.join("marked.log"), format!("\u{feff}{text}")).unwrap();
    // As a file system leaves it whose blocks were never written.
    fs::write(evidence.join("nul.log"), [text.as_bytes(), &[0; 4096]].concat()).unwrap();
    fs::write(evidence.join("nothing-but-nul.log"), [0; 4096]).unwrap();
    fs::write(evidence.join("empty.log"), "").unwrap();
    fs::write(evidence.join("good.log"), log(21)).unwrap();
    let items = add(&case, &evidence, 1);
    let problem =
        |name: &str| item(&items, name)["problem"].as_str().unwrap_or_default().to_owned();
    for name in ["utf16.log", "utf16-unmarked.log"] {
        assert!(problem(name).contains("UTF-16 text; it can be read once"), "{}", problem(name));
        assert!(anomalies(item(&items, name))[0].starts_with("flowlog.utf16 at byte 0: "));
    }
    assert_eq!(problem("empty.log"), "the file is empty");
    assert!(problem("nothing-but-nul.log").contains("not recognised"));
    for name in ["crlf.log", "marked.log", "nul.log"] {
        assert_eq!(item(&items, name)["flow_records"], 20, "{name}");
    }
    for name in ["crlf.log", "marked.log"] {
        let file = item(&items, name);
        assert_eq!((&file["rejected_lines"], anomalies(file)), (&0.into(), vec![]), "{file}");
    }
    let nul = json_one(&case, "SELECT \"offset\", length, cause FROM rejected_lines");
    assert_eq!(nul["offset"], text.len() as u64);
    assert_eq!((&nul["length"], &nul["cause"]), (&4096.into(), &"a NUL byte".into()));
    assert_eq!(item(&items, "good.log")["flow_records"], 21);
}

#[test]
fn a_parquet_file_with_wrong_types_loses_its_rows_one_by_one() {
    let (case, evidence) = empty_case("wrong-types");
    let address: ArrayRef = Arc::new(StringArray::from(vec!["10.0.0.1", "host", "10.0.0.3"]));
    let packets: ArrayRef = Arc::new(StringArray::from(vec!["10", "20", "a few"]));
    let start: ArrayRef = Arc::new(Int64Array::from(vec![1_772_496_000; 3]));
    let dates: ArrayRef = Arc::new(Date32Array::from(vec![20_000; 3]));
    let values = vec![("srcaddr", address), ("packets", packets), ("start", start)];
    let types = [&values[..1], &[("dstport", dates)]].concat();
    for (name, columns) in [("values.parquet", values), ("types.parquet", types)] {
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let file = File::create(evidence.join(name)).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }
    fs::write(evidence.join("good.log"), log(20)).unwrap();
    let items = add(&case, &evidence, 1);
    let sql = "SELECT e.name, r.line, r.cause FROM rejected_lines AS r JOIN evidence AS e \
               ON e.number = r.evidence ORDER BY ALL";
    let kept = json(&["sql", arg(&case), sql]);
    let kept: Vec<_> = kept
        .iter()
        .map(|row| format!("{} {} {}", row["name"], row["line"], row["cause"]).replace('"', ""))
        .collect();
    assert_eq!(
        kept,
        [
            "types.parquet 1 dstport has a value of a wrong type",
            "types.parquet 2 srcaddr is not an address",
            "types.parquet 3 dstport has a value of a wrong type",
            "values.parquet 2 srcaddr is not an address",
            "values.parquet 3 packets is not a number",
        ]
    );
    assert_eq!(item(&items, "values.parquet")["flow_records"], 1);
    assert_eq!(item(&items, "good.log")["flow_records"], 20);
}

/// Each thing that is no file of evidence, in the place of one.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_named_and_holds_nothing_up() {
    let (case, evidence) = empty_case("no-files");
    fs::write(evidence.join("good.log"), log(20)).unwrap();
    fs::create_dir(evidence.join("folder.log")).unwrap();
    let made = Command::new("mkfifo").arg(evidence.join("pipe.log")).status().expect("mkfifo runs");
    assert!(made.success());
    let empty = evidence.with_file_name("empty.log");
    fs::create_dir(&empty).unwrap();
    let mut add = vec!["add", arg(&case), arg(&evidence), arg(&empty), "--json"];
    // Its first byte cannot be read, as of a broken disk.
    let unreadable = PathBuf::from("/proc/self/mem");
    if unreadable.exists() {
        add.push(arg(&unreadable));
    }
    let items = lines(&expect(1, &add));
    let problem =
        |name: &str| item(&items, name)["problem"].as_str().unwrap_or_default().to_owned();
    assert!(problem("pipe.log").contains("neither a file nor a folder"), "{items:?}");
    assert!(problem(arg(&empty)).contains("a folder without a file"), "{items:?}");
    if unreadable.exists() {
        let problem = problem(arg(&unreadable));
        assert!(problem.contains("cannot read /proc/self/mem: "), "{problem}");
    }
    assert_eq!(item(&items, "good.log")["flow_records"], 20);
    // They are in the journal too.
    let journal = fs::read_to_string(case.join("journal.jsonl")).unwrap();
    assert!(journal.contains("\"act\":\"evidence_refused\",\"path\":\"pipe.log\""), "{journal}");
}

#[test]
fn what_comes_again_without_end_is_counted_instead_of_told() {
    let (case, evidence) = empty_case("again-and-again");
    let times = if soaking() { 2_000_000 } else { 5_000 };
    let event = format!("{{\"timestamp\":1772496000000,\"message\":\"{}\"}}", record(1));
    let zeek = "#separator \\x09\n#path\tconn\n#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tconn_state\n\
                1418530010.0\t10.0.0.1\t20641\t10.0.0.2\t22\ttcp\tSF\n";
    let csv = "srcaddr,dstaddr\n10.0.0.1,10.0.0.2\n";
    for (name, head, again, kind, every) in [
        ("conn.log", zeek.to_owned(), "#path\tdns\n", "flowlog.other_log", times),
        (
            "a.csv",
            csv.to_owned(),
            "dstaddr,srcaddr\nsrcaddr,dstaddr\n",
            "flowlog.layout_changed",
            2 * times,
        ),
        (
            "a.json",
            format!("{{\"events\":[{event}]}}\n"),
            "{\"other\":1}\n",
            "flowlog.no_elements",
            times,
        ),
        ("b.json", format!("{{\"events\":[{event}]}}\n"), "} ", "flowlog.noise", 1),
        ("text.log", log(1), "srcaddr bytes\nbytes srcaddr\n", "flowlog.layout_changed", 2 * times),
    ] {
        fs::write(evidence.join(name), head + &again.repeat(times)).unwrap();
        let (items, peak) = add_and_weigh(&case, &evidence.join(name), 1);
        assert_eq!(items[0]["flow_records"], 1, "{}", items[0]);
        let told = anomalies(&items[0]);
        let of_kind: Vec<_> = told.iter().filter(|told| told.starts_with(kind)).collect();
        assert_eq!(of_kind.len(), every.min(101), "{name} {:?}", told.last());
        if every > 100 {
            let more = format!("found {} more from here on, over ", every - 100);
            assert!(of_kind[100].contains(&more), "{name} {}", of_kind[100]);
        }
        assert!(peak.is_none_or(|peak| peak < MOST_MEMORY), "{name} {peak:?} KiB");
    }
}

/// One file must not keep the others out of the case.
#[test]
fn names_without_end_refuse_the_file_that_has_them() {
    let (case, evidence) = empty_case("texts");
    let lines = if soaking() { 4_300_000 } else { 0 };
    let mut text = format!("{HEADER}\n");
    for line in 0..lines {
        text += &record(7).replace("111122223333", &format!("{line:012}"));
        text.push('\n');
    }
    fs::write(evidence.join("a.log"), text).unwrap();
    fs::write(evidence.join("good.log"), log(20)).unwrap();
    let items = add(&case, &evidence, 1);
    assert_eq!(item(&items, "good.log")["flow_records"], 20);
    if soaking() {
        let problem = item(&items, "a.log")["problem"].as_str().unwrap();
        assert!(problem.contains("more than 4194304 different texts"), "{problem}");
    }
}
