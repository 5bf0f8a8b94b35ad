//! VPC Flow Logs, computed from the packets that each interface saw, by AWS's rules: one record per
//! interface, direction and five-tuple within each minute; `start` and `end` are whole seconds of its
//! first and last packet; `bytes` counts IP total lengths; files hold the five minutes of their name.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};

use crate::clock::{self, Nanos, SECOND};
use crate::hash::fnv;
use crate::mirror::Fate;
use crate::net::{self, ACCOUNT, Direction, Endpoint, INTERFACES, REGION, VPC};
use crate::packet::{Packet, Phase};

/// A flow log: what it covers and how its lines look.
pub(crate) struct FlowLog {
    pub(crate) id: &'static str,
    /// The subnet or interface that it was made for.
    pub(crate) resource: &'static str,
    pub(crate) interfaces: &'static [usize],
    pub(crate) fields: &'static str,
}

const CUSTOM: &str = "version account-id interface-id vpc-id subnet-id instance-id srcaddr dstaddr srcport dstport protocol packets bytes start end action tcp-flags type pkt-srcaddr pkt-dstaddr flow-direction traffic-path log-status";
const DEFAULT: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";

/// Two subnets in one custom format; one interface in the default format. No interface is covered twice.
pub(crate) static FLOW_LOGS: [FlowLog; 3] = [
    FlowLog {
        id: "fl-0a7c41e09d3b5f261",
        resource: net::PUBLIC.id,
        interfaces: &[net::WEB, net::BASTION],
        fields: CUSTOM,
    },
    FlowLog {
        id: "fl-0b2d85f6c1974e0a2",
        resource: net::PRIVATE.id,
        interfaces: &[net::APP, net::RESOLVER, net::DB],
        fields: CUSTOM,
    },
    FlowLog {
        id: "fl-0c9e16b7a4d8230f3",
        resource: INTERFACES[net::BACKUP].id,
        interfaces: &[net::BACKUP],
        fields: DEFAULT,
    },
];

/// Minutes of silence that one NODATA row stands for.
const SILENCE: usize = 10;

/// Minutes in which the service skipped records: interface, minute of the day.
const SKIPPED: [(usize, usize); 2] = [(net::WEB, 13 * 60 + 38), (net::APP, 15 * 60 + 45)];

#[derive(PartialEq, Eq, Hash)]
struct Key {
    interface: usize,
    direction: Direction,
    src: Endpoint,
    dst: Endpoint,
    protocol: u8,
    rejected: bool,
}

/// What one record counts, and what the captures hold of it.
pub(crate) struct Record {
    key: Key,
    pub(crate) phase: Phase,
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    pub(crate) first: Nanos,
    pub(crate) last: Nanos,
    flags: u8,
    pub(crate) captured_packets: u64,
    pub(crate) captured_bytes: u64,
    lost: u64,
    outside: u64,
}

impl Record {
    pub(crate) fn is_rejected(&self) -> bool {
        self.key.rejected
    }

    /// How the captures cover the record, in one word.
    pub(crate) fn class(&self) -> &'static str {
        let elsewhere = self.packets - self.captured_packets - self.lost - self.outside;
        match (self.captured_packets, self.lost, self.outside) {
            _ if elsewhere > 0 && self.key.rejected => "none-rejected",
            _ if elsewhere > 0 => "none-not-a-source",
            (_, 0, 0) => "full",
            (0, _, 0) => "none-lost",
            (0, 0, _) => "none-outside-window",
            (_, _, 0) => "partial",
            _ => "mixed",
        }
    }
}

/// One line of a flow log as it was written.
pub(crate) struct Written<'a> {
    /// Relative to the incident folder.
    pub(crate) file: &'a str,
    /// Counted from 1, the header included.
    pub(crate) line: u64,
    pub(crate) row: Row<'a>,
}

/// What the line says.
pub(crate) enum Row<'a> {
    Record(&'a Record),
    NoData,
    SkipData,
}

/// Records of the open minute.
#[derive(Default)]
pub(crate) struct Aggregation {
    index: HashMap<Key, usize>,
    records: Vec<Record>,
    /// Consecutive silent minutes of the present span, per interface.
    silent: [usize; INTERFACES.len()],
}

impl Aggregation {
    /// Count a packet as `interface` saw it.
    pub(crate) fn add(
        &mut self,
        moment: Nanos,
        interface: usize,
        direction: Direction,
        fate: Fate,
        packet: &Packet,
    ) {
        let key = || Key {
            interface,
            direction,
            src: packet.src,
            dst: packet.dst,
            protocol: packet.protocol(),
            rejected: packet.rejected,
        };
        let slot = *self.index.entry(key()).or_insert(self.records.len());
        if slot == self.records.len() {
            self.records.push(Record {
                key: key(),
                phase: packet.phase,
                packets: 0,
                bytes: 0,
                first: moment,
                last: moment,
                flags: 0,
                captured_packets: 0,
                captured_bytes: 0,
                lost: 0,
                outside: 0,
            });
        }
        let record = &mut self.records[slot];
        let length = packet.ip_length() as u64;
        record.packets += 1;
        record.bytes += length;
        record.last = moment;
        record.flags |= packet.logged_flags();
        match fate {
            Fate::Captured => {
                record.captured_packets += 1;
                record.captured_bytes += length;
            }
            Fate::Lost => record.lost += 1,
            Fate::OutsideWindow => record.outside += 1,
            Fate::NotASource | Fate::Rejected => {}
        }
    }
}

/// The writers of all flow logs.
pub(crate) struct Publisher {
    seed: u64,
    incident: PathBuf,
    /// A file that has as many lines is continued in another one.
    lines_per_file: u64,
    open: [Option<Part>; FLOW_LOGS.len()],
    /// Records that happened but that SKIPDATA stands for.
    pub(crate) skipped: u64,
    /// Files written.
    pub(crate) files: u64,
}

struct Part {
    slot: Nanos,
    number: u64,
    name: String,
    lines: u64,
    file: GzEncoder<BufWriter<File>>,
}

impl Publisher {
    pub(crate) fn create(incident: &Path, seed: u64, lines_per_file: u64) -> io::Result<Self> {
        fs::create_dir_all(incident.join(folder()))?;
        let incident = incident.to_path_buf();
        Ok(Self { seed, incident, lines_per_file, open: [const { None }; _], skipped: 0, files: 0 })
    }

    /// Close the window of `minute`: write its records and what silence there is to report.
    pub(crate) fn close_minute(
        &mut self,
        minute: usize,
        window: &mut Aggregation,
        mut told: impl FnMut(Written<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        window.index.clear();
        let mut records = std::mem::take(&mut window.records);
        records.sort_by_key(|r| r.key.interface);
        let start = clock::minute_start(minute);
        let mut seen = [false; INTERFACES.len()];
        for (position, record) in records.iter().enumerate() {
            let interface = record.key.interface;
            seen[interface] = true;
            let skipping = SKIPPED.contains(&(interface, minute));
            if skipping && record.phase == Phase::Baseline && position % 3 == 0 {
                self.skipped += 1;
                continue;
            }
            let log = log_of(interface);
            let line = record_line(log, record);
            self.write(log, minute, &line, Row::Record(record), &mut told)?;
        }
        for (interface, seen) in seen.into_iter().enumerate() {
            let log = log_of(interface);
            if SKIPPED.contains(&(interface, minute)) {
                let line = empty_line(log, interface, start, start + 59 * SECOND, "SKIPDATA");
                self.write(log, minute, &line, Row::SkipData, &mut told)?;
            }
            if minute.is_multiple_of(SILENCE) {
                window.silent[interface] = 0;
            }
            window.silent[interface] += usize::from(!seen);
            if window.silent[interface] == SILENCE {
                let from = clock::minute_start(minute + 1 - SILENCE);
                let line = empty_line(log, interface, from, start + 59 * SECOND, "NODATA");
                self.write(log, minute, &line, Row::NoData, &mut told)?;
            }
        }
        // Hand the buffer back: scaled runs would allocate it 1,440 times.
        records.clear();
        window.records = records;
        Ok(())
    }

    /// Close all files.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        for part in &mut self.open {
            if let Some(part) = part.take() {
                part.file.finish()?.flush()?;
            }
        }
        Ok(())
    }

    fn write(
        &mut self,
        log: usize,
        minute: usize,
        line: &str,
        row: Row<'_>,
        told: &mut impl FnMut(Written<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let slot = clock::minute_start(minute - minute % 5);
        let number = match &self.open[log] {
            Some(part) if part.slot == slot && part.lines < self.lines_per_file => None,
            Some(part) if part.slot == slot => Some(part.number + 1),
            _ => Some(0),
        };
        if let Some(number) = number {
            let next = self.start(log, slot, number)?;
            if let Some(done) = self.open[log].replace(next) {
                done.file.finish()?.flush()?;
            }
        }
        let Some(part) = &mut self.open[log] else { return Ok(()) };
        part.file.write_all(line.as_bytes())?;
        part.lines += 1;
        told(Written { file: &part.name, line: part.lines, row })
    }

    fn start(&mut self, log: usize, slot: Nanos, number: u64) -> io::Result<Part> {
        let FlowLog { id, fields, .. } = &FLOW_LOGS[log];
        let time = clock::compact(slot);
        let hash = fnv(format!("{} {id} {time} {number}", self.seed).as_bytes()) as u32;
        let name =
            format!("{}/{ACCOUNT}_vpcflowlogs_{REGION}_{id}_{time}_{hash:08x}.log.gz", folder());
        let file = BufWriter::new(File::create(self.incident.join(&name))?);
        let mut file = GzBuilder::new().write(file, Compression::default());
        file.write_all(fields.as_bytes())?;
        file.write_all(b"\n")?;
        self.files += 1;
        Ok(Part { slot, number, name, lines: 1, file })
    }
}

fn folder() -> String {
    format!("flowlogs/AWSLogs/{ACCOUNT}/vpcflowlogs/{REGION}/2026/03/03")
}

fn log_of(interface: usize) -> usize {
    FLOW_LOGS.iter().position(|l| l.interfaces.contains(&interface)).unwrap_or(0)
}

fn record_line(log: usize, record: &Record) -> String {
    let Key { interface, direction, src, dst, protocol, rejected } = &record.key;
    let ours = &INTERFACES[*interface];
    let (start, end) = (record.first / SECOND, record.last / SECOND);
    let action = if *rejected { "REJECT" } else { "ACCEPT" };
    let tuple = format!("{} {} {} {} {protocol}", src.ip, dst.ip, src.port, dst.port);
    let counts = format!("{} {} {start} {end} {action}", record.packets, record.bytes);
    if FLOW_LOGS[log].fields == DEFAULT {
        return format!("2 {ACCOUNT} {} {tuple} {counts} OK\n", ours.id);
    }
    let family = if src.ip.is_ipv4() { "IPv4" } else { "IPv6" };
    let (direction, path) = match direction {
        Direction::Ingress => ("ingress", "-"),
        // 1 is the same VPC, 8 an internet gateway as seen by a Nitro instance.
        Direction::Egress => ("egress", if net::is_inside(dst.ip) { "1" } else { "8" }),
    };
    format!(
        "5 {ACCOUNT} {} {VPC} {} {} {tuple} {counts} {} {family} {} {} {direction} {path} OK\n",
        ours.id, ours.subnet.id, ours.instance, record.flags, src.ip, dst.ip
    )
}

/// NODATA and SKIPDATA rows keep what does not depend on a flow.
fn empty_line(log: usize, interface: usize, from: Nanos, to: Nanos, status: &str) -> String {
    let ours = &INTERFACES[interface];
    let (start, end) = (from / SECOND, to / SECOND);
    if FLOW_LOGS[log].fields == DEFAULT {
        return format!("2 {ACCOUNT} {} - - - - - - - {start} {end} - {status}\n", ours.id);
    }
    format!(
        "5 {ACCOUNT} {} {VPC} {} {} - - - - - - - {start} {end} - - - - - - - {status}\n",
        ours.id, ours.subnet.id, ours.instance
    )
}
