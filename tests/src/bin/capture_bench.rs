//! How fast captures are indexed, and how fast a flow record leads to its packets, beside the usual tools.
//!
//! `capture_bench FOLDER MEGABYTES` makes (once) two captures of that size from VXLAN packets, one of ordinary and one of
//! small packets, with the flow logs that account for them. It indexes each in a process of its own, beside `capinfos -c`
//! and tshark, then looks up the packets of a thousand records drawn at random, in the capture as it is and in gzip,
//! beside `tcpdump -r FILE host … and port …`. `capture_bench indexing FOLDER MEGABYTES` leaves out the latter, and tshark:
//! what it takes to index ten times as much. It prints figures and judges nothing.

use capture::{IndexBuilder, Limits, PacketSink, Ports, RawPacket};
use evidence::{Anomaly, Intake, RecordRef, Sha256};
use flate2::{Compression, write::GzEncoder};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};
use tests::measured::{Used, run};
use tests::mirrored::{self, Sizes};
use tests::random::Random;
use workbench::{Meter, Workbench};

/// Rounds, taken in turns, the best of which counts.
const ROUNDS: usize = 3;
/// Records whose packets are looked up.
const LOOKED_UP: usize = 1000;
/// Records that are also looked for with tcpdump, which takes seconds for each.
const SCANNED: usize = 5;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [how @ ("index" | "index-alone"), capture, index] => {
            index_capture(Path::new(capture), Path::new(index), how == "index");
        }
        ["indexing", folder, megabytes] => match megabytes.parse() {
            Ok(megabytes) => compare_indexing(Path::new(folder), megabytes, None),
            Err(_) => return ExitCode::from(2),
        },
        [folder, megabytes] => match megabytes.parse() {
            Ok(megabytes) => compare(Path::new(folder), megabytes),
            Err(_) => return ExitCode::from(2),
        },
        _ => return ExitCode::from(2),
    }
    ExitCode::SUCCESS
}

fn say(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

fn compare(folder: &Path, megabytes: u64) {
    compare_indexing(folder, megabytes, Some("tshark"));
    let mixed = folder.join("mixed");
    let capture = mixed.join("capture.pcap");
    compare_lookups(&mixed, &capture, "as it is");
    let gzip = mixed.join("capture.pcap.gz");
    if !gzip.exists() {
        let partial = mixed.join("partial.gz");
        let out = File::create(&partial).expect("the file can be made");
        let mut out = GzEncoder::new(out, Compression::new(3));
        io::copy(&mut File::open(&capture).expect("it was made"), &mut out)
            .and_then(|_| out.finish())
            .and_then(|_| fs::rename(&partial, &gzip))
            .expect("the file can be written");
    }
    compare_lookups(&mixed, &gzip, "in gzip");
}

fn compare_indexing(folder: &Path, megabytes: u64, tshark: Option<&str>) {
    for (name, sizes) in [("mixed", Sizes::Mixed), ("small", Sizes::Small)] {
        let own = folder.join(name);
        if !own.join("made").exists() {
            fs::create_dir_all(&own).expect("the folder can be made");
            mirrored::make(&own, megabytes * 1_000_000, sizes).expect("the capture can be written");
            fs::write(own.join("made"), "").expect("the folder can be written");
        }
        compare_on(&own, name, tshark);
    }
}

fn compare_on(folder: &Path, name: &str, tshark: Option<&str>) {
    let capture = folder.join("capture.pcap");
    let own = std::env::current_exe().expect("this program has a path");
    let (mut ours, mut alone, mut hashed, mut counted) = (None, None, None, None);
    let index = folder.join("index");
    for _ in 0..ROUNDS {
        for (how, used) in [("index-alone", &mut alone), ("index", &mut ours)] {
            let _ = fs::remove_file(&index);
            Used::better(used, run(Command::new(&own).arg(how).arg(&capture).arg(&index)));
        }
        let peer = Command::new("openssl").args(["dgst", "-sha256"]).arg(&capture).status_of();
        Used::better(&mut hashed, peer);
        let peer = Command::new("capinfos").arg("-c").arg(&capture).status_of();
        Used::better(&mut counted, peer);
    }
    let dissected = tshark.map(|tshark| {
        let mut tshark = Command::new(tshark);
        tshark.args(["-n", "-q", "-z", "conv,tcp", "-r"]).arg(&capture).status_of()
    });
    let bytes = fs::metadata(&capture).map_or(0, |file| file.len()) as f64;
    let index = fs::metadata(folder.join("index")).map_or(0, |file| file.len()) as f64;
    let packets = packets_of(&folder.join("index")) as f64;
    say(&format!(
        "\n{name}: {:.2} GB, {packets} packets of {:.0} bytes; index {:.0} MB\n",
        bytes / 1e9,
        bytes / packets - 16.0,
        index / 1e6
    ));
    for (name, used) in [
        ("tidemark index, SHA-256", ours),
        ("tidemark index alone", alone),
        ("openssl SHA-256 alone", hashed),
        ("capinfos -c", counted),
        ("tshark -z conv", dissected),
    ] {
        let (Some(used), Some(ours)) = (used, ours) else { continue };
        say(&format!(
            "{name:<24} {:>6.2} M packets/s {:>6.2} GB/s {:>7.2} s wall {:>7.2} CPU-s {:>5} MB memory   {:>6.2} × wall {:>6.2} × CPU\n",
            packets / used.wall / 1e6,
            bytes / used.wall / 1e9,
            used.wall,
            used.cpu,
            used.memory / 1_000_000,
            used.wall / ours.wall,
            used.cpu / ours.cpu,
        ));
    }
}

trait Peer {
    fn status_of(&mut self) -> Used;
}

impl Peer for Command {
    fn status_of(&mut self) -> Used {
        run(self.stderr(Stdio::null()))
    }
}

fn packets_of(index: &Path) -> u64 {
    let file = File::open(index).expect("the index was written");
    let index = capture::PacketIndex::open(Box::new(file)).expect("it is an index");
    index.packet_count()
}

struct Sink(IndexBuilder);

impl PacketSink for Sink {
    fn packet(&mut self, packet: &RawPacket<'_>) -> ControlFlow<()> {
        self.0.add(packet).expect("there is room on the disk");
        ControlFlow::Continue(())
    }
    fn anomaly(&mut self, anomaly: Anomaly) -> ControlFlow<()> {
        panic!("{anomaly}");
    }
}

/// What loading a capture does with it: index it, and hash it and its blocks as it is read; or the former alone.
fn index_capture(capture: &Path, index: &Path, hashed: bool) {
    let file = File::options().read(true).write(true).create(true).truncate(true).open(index);
    let out = Box::new(file.expect("the index can be made"));
    let mut sink = Sink(IndexBuilder::new(Limits::default(), Ports::default(), out));
    if hashed {
        let mut intake = Intake::open(capture).expect("the capture can be read");
        intake.keep_rereading(index.parent()).expect("there is room on the disk");
        capture::read(&mut intake, &mut sink).expect("the capture can be read");
        intake.finish().expect("the capture can be read");
    } else {
        let mut file = File::open(capture).expect("the capture can be read");
        capture::read(&mut file, &mut sink).expect("the capture can be read");
    }
    sink.0.finish().expect("the index can be written");
}

fn compare_lookups(folder: &Path, capture: &Path, how: &str) {
    let path = folder.join("case.tidemark");
    let _ = fs::remove_dir_all(&path);
    let tidemark = std::env::current_exe().expect("a path").with_file_name("tidemark");
    run(Command::new(&tidemark).arg("new").arg(&path));
    let log = folder.join("flows.log");
    let evidence = [&log, &capture.to_owned(), &folder.join("sessions.json")].map(PathBuf::clone);
    let added = run(Command::new(&tidemark).arg("add").arg(&path).args(evidence));
    say(&format!(
        "\n{how}: add {:.1} s wall, {:.1} CPU-s, {} MB memory\n",
        added.wall,
        added.cpu,
        added.memory / 1_000_000
    ));
    let text = fs::read(&log).expect("the log was written");
    let sha256 = Sha256::of(&text);
    let lines: Vec<&str> = std::str::from_utf8(&text).expect("it is text").lines().collect();
    let case =
        Workbench::open(&path, time::OffsetDateTime::now_utc, &Meter::default()).expect("it opens");
    let mut random = Random(1);
    let mut drawn = || 1 + random.below(lines.len() as u64 - 1) as usize;
    let look = |line: usize| {
        let begun = Instant::now();
        let record = RecordRef { evidence: sha256, line: line as u64 + 1 };
        let row = case.flow_row(&record).expect("it is a record");
        let found = begun.elapsed();
        let pivot = case.pivot_of(&row).expect("it can be held against the capture");
        let took = begun.elapsed();
        let counted = lines[line].split(' ').nth(8).and_then(|text| text.parse::<usize>().ok());
        (took - found, took, Some(pivot.packet_ids.len()) == counted)
    };
    // The first one reads in what all need.
    let (first, ..) = look(drawn());
    let all: Vec<(Duration, Duration, bool)> = (0..LOOKED_UP).map(|_| look(drawn())).collect();
    let exact = all.iter().filter(|(.., exact)| *exact).count();
    let own = Sorted::of(all.iter().map(|(own, ..)| *own));
    let both = Sorted::of(all.iter().map(|(_, both, _)| *both));
    say(&format!(
        "pivot of {LOOKED_UP} records at hand: p50 {:.2} ms, p99 {:.2} ms, most {:.2} ms (the first {:.0} ms); {exact} find as many packets as recorded\n",
        own.at(50),
        own.at(99),
        own.at(100),
        first.as_secs_f64() * 1e3,
    ));
    say(&format!(
        "  the record looked up by its reference before: p50 {:.2} ms, p99 {:.2} ms\n",
        both.at(50),
        both.at(99),
    ));
    let mut scanned = Vec::new();
    for _ in 0..SCANNED {
        let fields: Vec<&str> = lines[drawn()].split(' ').collect();
        let plain = folder.join("capture.pcap");
        let mut scan = Command::new("tcpdump");
        // It does not look inside VXLAN; the scan takes as long for whatever it finds.
        scan.args(["-n", "-r"])
            .arg(&plain)
            .arg(format!("host {} and port {}", fields[3], fields[5]));
        scanned.push(scan.status_of().wall);
    }
    scanned.sort_by(f64::total_cmp);
    let median = scanned[scanned.len() / 2] * 1e3;
    say(&format!(
        "tcpdump -r with the tuple: median {median:.0} ms, {:.0} × p50, {:.0} × p99; with the record looked up {:.0} × p50\n",
        median / own.at(50),
        median / own.at(99),
        median / both.at(50),
    ));
}

struct Sorted(Vec<Duration>);

impl Sorted {
    fn of(times: impl Iterator<Item = Duration>) -> Self {
        let mut times: Vec<_> = times.collect();
        times.sort_unstable();
        Self(times)
    }

    /// Below which this share, in per cent, lies. Unit: ms.
    fn at(&self, share: usize) -> f64 {
        let place = (self.0.len() * share / 100).min(self.0.len() - 1);
        self.0[place].as_secs_f64() * 1e3
    }
}
