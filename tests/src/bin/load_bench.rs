//! How fast flow logs become a table, beside DuckDB's own reader.
//!
//! `load_bench FOLDER RECORDS` makes (once) that many records of AWS's default format in the files of a day, loads them
//! with `tidemark add` and with `read_csv` of the same DuckDB into a table of the same 14 columns, each in a process of
//! its own, and prints rows per CPU-second, the most memory, and the size of the tables. It judges nothing.

use flate2::{Compression, write::GzEncoder};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use tests::measured::{Used, run};
use tests::random::Random;

/// Five-minute files in a day.
const FILES: u64 = 288;
/// 2026-03-03T00:00:00Z.
const MIDNIGHT: u64 = 1_772_496_000;
const HEADER: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n";
/// Ports of services, the busy ones first.
const SERVICES: [u64; 10] = [443, 80, 53, 5432, 8080, 22, 6379, 123, 3389, 25];
/// Rounds, taken in turns, the best of which counts.
const ROUNDS: usize = 3;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["read_csv", logs, database] => read_csv(Path::new(logs), Path::new(database)),
        [folder, records] => match records.parse() {
            Ok(records) => compare(Path::new(folder), records),
            Err(_) => return ExitCode::from(2),
        },
        _ => return ExitCode::from(2),
    }
    ExitCode::SUCCESS
}

fn compare(folder: &Path, records: u64) {
    let logs = folder.join("logs");
    if !folder.join("made").exists() {
        make(&logs, records);
        fs::write(folder.join("made"), "").expect("the folder can be written");
    }
    let (case, database) = (folder.join("case.tidemark"), folder.join("peer.duckdb"));
    let own = std::env::current_exe().expect("this program has a path");
    let tidemark = own.with_file_name("tidemark");
    let (mut ours, mut theirs): (Option<Used>, Option<Used>) = (None, None);
    for _ in 0..if records > 10_000_000 { 1 } else { ROUNDS } {
        let _ = fs::remove_dir_all(&case);
        run(Command::new(&tidemark).arg("new").arg(&case));
        Used::better(&mut ours, run(Command::new(&tidemark).arg("add").arg(&case).arg(&logs)));
        let _ = fs::remove_file(&database);
        Used::better(
            &mut theirs,
            run(Command::new(&own).arg("read_csv").arg(&logs).arg(&database)),
        );
    }
    let (Some(ours), Some(theirs)) = (ours, theirs) else { return };
    let rows = records as f64;
    let size = |path: PathBuf| fs::metadata(path).map_or(0.0, |file| file.len() as f64);
    let mut table = String::new();
    let _ = writeln!(
        table,
        "{records} records of the default format, {FILES} files .log.gz → committed table"
    );
    for (name, used, size) in [
        ("tidemark add", &ours, size(case.join("case.duckdb"))),
        ("DuckDB read_csv", &theirs, size(database)),
    ] {
        let _ = writeln!(
            table,
            "{name:<16} {:>9.0} rows/CPU-s {:>7.1} CPU-s {:>7.1} s wall {:>6} MB memory {:>6.1} B/row on disk",
            rows / used.cpu,
            used.cpu,
            used.wall,
            used.memory / 1_000_000,
            size / rows,
        );
    }
    let _ = writeln!(
        table,
        "ratio            {:.2} × rows per CPU-second (to reach: 2.5)",
        theirs.cpu / ours.cpu
    );
    let _ = std::io::stdout().write_all(table.as_bytes());
}

/// The peer: the same files into a table of the same columns and types, as people do it.
fn read_csv(logs: &Path, database: &Path) {
    let connection = duckdb::Connection::open(database).expect("a database");
    let columns = "{'version': 'INTEGER', 'account_id': 'VARCHAR', 'interface_id': 'VARCHAR', 'srcaddr': 'VARCHAR',
        'dstaddr': 'VARCHAR', 'srcport': 'INTEGER', 'dstport': 'INTEGER', 'protocol': 'INTEGER', 'packets': 'BIGINT',
        'bytes': 'BIGINT', 'start': 'BIGINT', 'end': 'BIGINT', 'action': 'VARCHAR', 'log_status': 'VARCHAR'}";
    let sql = format!(
        "CREATE TABLE flows AS SELECT * FROM read_csv('{}/*.log.gz', delim = ' ', header = true, quote = '',
            nullstr = '-', auto_detect = false, columns = {columns}); CHECKPOINT",
        logs.display()
    );
    connection.execute_batch(&sql).expect("DuckDB reads the files");
}

/// A day of ordinary traffic: few interfaces, some hundred servers, many clients, ports that seldom come again.
fn make(logs: &Path, records: u64) {
    fs::create_dir_all(logs).expect("the folder can be made");
    let mut random = Random(20_260_303);
    for file in 0..FILES {
        let from = MIDNIGHT + file * 300;
        let mut text = String::from(HEADER);
        let count = records / FILES + u64::from(file < records % FILES);
        for _ in 0..count {
            line(&mut random, from, &mut text);
        }
        let (hour, minute) = (file / 12, file % 12 * 5);
        let name = format!(
            "123456789012_vpcflowlogs_us-east-1_fl-0123456789abcdef0_20260303T{hour:02}{minute:02}Z_{:08x}.log.gz",
            random.draw() as u32
        );
        let out = fs::File::create(logs.join(name)).expect("the file can be made");
        let mut gzip = GzEncoder::new(out, Compression::new(6));
        gzip.write_all(text.as_bytes())
            .and_then(|()| gzip.finish())
            .expect("the file can be written");
    }
}

fn line(random: &mut Random, from: u64, text: &mut String) {
    let interface = random.small(60);
    let own = format!("10.0.{}.{}", interface / 16, 10 + interface % 16);
    let other = match random.below(10) {
        0..6 => format!("10.0.{}.{}", random.below(8), random.below(250)),
        6..9 => format!("203.0.{}.{}", random.small(113), random.below(256)),
        _ => format!(
            "{}.{}.{}.{}",
            20 + random.below(180),
            random.below(256),
            random.below(256),
            random.below(256)
        ),
    };
    let service = SERVICES[random.small(SERVICES.len() as u64) as usize];
    let client = 1024 + random.below(64_511);
    let protocol = if matches!(service, 53 | 123) { 17 } else { 6 };
    let packets = 1 + random.small(400);
    let bytes = packets * (40 + random.small(1400));
    let start = from + random.below(240);
    let end = start + random.below(60);
    let action = if random.below(20) == 0 { "REJECT" } else { "ACCEPT" };
    let outward = random.below(2) == 0;
    let (source, destination) = if outward { (&own, &other) } else { (&other, &own) };
    let (srcport, dstport) =
        if random.below(2) == 0 { (client, service) } else { (service, client) };
    let _ = writeln!(
        text,
        "2 123456789012 eni-0{interface:016x} {source} {destination} {srcport} {dstport} {protocol} {packets} {bytes} {start} {end} {action} OK"
    );
}
