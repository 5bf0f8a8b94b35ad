//! Flows: the records of one tuple, stitched over windows.
//!
//! The records are swept in order of time, a slice of it at a time, and a flow is given out once no record can belong to
//! it any more: memory holds one slice and the flows that are under way, however many records there are.

mod rows;

use crate::selection::Selection;
use crate::texts::REJECT;
use crate::{Store, StoreError};
use duckdb::params_from_iter;
use evidence::{Address, RecordRef, Sha256};
use foldhash::fast::RandomState;
use rows::{Rows, select};
use std::collections::HashMap;
use std::ops::ControlFlow;

/// Records that are sorted at once; the records of one second are not parted.
const SLICE: u64 = 500_000;
const SECOND: i64 = 1_000_000;
/// How late a window may begin (AWS, "Flow log record fields": `start`). Unit: µs.
const LATE: i64 = 60 * SECOND;

const FIN: i64 = 1;
const SYN: i64 = 2;
const RST: i64 = 4;
const ACK: i64 = 16;

/// Who opened a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Initiator {
    /// The source of the records: it sent a SYN without ACK.
    Source,
    /// Their destination: the source answered with SYN and ACK.
    Destination,
}

/// Records of one tuple, interface and direction whose windows follow each other. Times in µs since the epoch, UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in flow records")]
pub struct StitchedFlow {
    /// Its first record.
    pub id: RecordRef,
    pub interface_id: Option<String>,
    pub flow_direction: Option<String>,
    /// Of the packets where the log has it, else of the record.
    pub srcaddr: Address,
    pub srcport: Option<u16>,
    /// Of the packets where the log has it, else of the record.
    pub dstaddr: Address,
    pub dstport: Option<u16>,
    pub protocol: Option<u8>,
    /// Start of its first record.
    pub first: i64,
    /// Last end of a record.
    pub last: i64,
    /// How many records it has.
    pub windows: u64,
    /// How many of them say that the packets were rejected.
    pub rejected: u64,
    /// Sum of the records that have it.
    pub packets: u64,
    /// Sum of the records that have it.
    pub bytes: u64,
    /// Packets found in the captures; `None` if that cannot be told of any record.
    pub packets_seen: Option<i64>,
    /// Bytes found in the captures, as inner IP lengths.
    pub bytes_seen: Option<i64>,
    /// Of all records together; `None` if none has the field.
    pub tcp_flags: Option<i64>,
    /// Inferred from the flags; `None` where they do not tell, or tell both.
    pub initiator: Option<Initiator>,
    /// The source that counts in its place, where another does.
    pub overlapping: Option<String>,
}

/// What became of the records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StitchSummary {
    /// Flows given out.
    pub flows: u64,
    /// Records in them.
    pub records: u64,
    /// Records that are part of no flow: they have no addresses or no times, as NODATA and SKIPDATA.
    pub left_out: u64,
}

/// What the records of a flow share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    interface: Option<i32>,
    direction: Option<i32>,
    addresses: [u64; 4],
    ports: (Option<u16>, Option<u16>),
    protocol: Option<u8>,
    /// The number of the source that counts in place of these records, and their own: copies are not added up.
    overlapping: Option<(i32, usize)>,
}

/// A flow under way.
#[derive(Debug, Clone, Copy)]
struct Open {
    evidence: i32,
    line: i64,
    first: i64,
    last: i64,
    windows: u64,
    rejected: u64,
    packets: u64,
    bytes: u64,
    /// Packets and bytes.
    seen: Option<(i64, i64)>,
    flags: Option<i64>,
    /// Whether a record says that the source, the destination opened it.
    opened: (bool, bool),
    /// Whether a record says that the connection ended.
    ended: bool,
}

/// What is read of one record.
#[derive(Debug, Clone, Copy)]
struct Window {
    evidence: i32,
    line: i64,
    start: i64,
    end: i64,
    packets: i64,
    bytes: i64,
    seen: Option<(i64, i64)>,
    flags: Option<i64>,
    action: Option<i32>,
}

impl Open {
    fn begin(window: &Window) -> Self {
        let mut flow = Self {
            evidence: window.evidence,
            line: window.line,
            first: window.start,
            last: window.end,
            windows: 0,
            rejected: 0,
            packets: 0,
            bytes: 0,
            seen: None,
            flags: None,
            opened: (false, false),
            ended: false,
        };
        flow.add(window);
        flow
    }

    fn add(&mut self, window: &Window) {
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        self.last = self.last.max(window.end);
        self.windows = self.windows.saturating_add(1);
        self.rejected = self.rejected.saturating_add(u64::from(window.action == Some(REJECT)));
        self.packets = self.packets.saturating_add(count(window.packets));
        self.bytes = self.bytes.saturating_add(count(window.bytes));
        if let Some((packets, bytes)) = window.seen {
            let before = self.seen.unwrap_or_default();
            self.seen = Some((before.0.saturating_add(packets), before.1.saturating_add(bytes)));
        }
        if let Some(flags) = window.flags {
            self.flags = Some(self.flags.unwrap_or(0) | flags);
            self.opened.0 |= flags & SYN != 0 && flags & ACK == 0;
            self.opened.1 |= flags & SYN != 0 && flags & ACK != 0;
            self.ended |= flags & (FIN | RST) != 0;
        }
    }

    /// Whether a record belongs to it: it comes without a longer pause, and does not open the port's next connection. One
    /// that opens a connection inside of this flow came late: it is this one's first.
    fn takes(&self, window: &Window, pause: i64) -> bool {
        let opens = window.flags.is_some_and(|flags| flags & SYN != 0) && window.start >= self.last;
        window.start.saturating_sub(self.last) <= pause && !(self.ended && opens)
    }

    fn initiator(&self) -> Option<Initiator> {
        match self.opened {
            (true, false) => Some(Initiator::Source),
            (false, true) => Some(Initiator::Destination),
            _ => None,
        }
    }
}

/// Flows under way, and what naming them takes.
struct Sweep<'a> {
    store: &'a Store,
    /// Its place among all by hash, and the hash.
    evidence: HashMap<i32, (u32, Sha256), RandomState>,
    /// The longest pause within a flow, by interface. Unit: µs.
    pauses: HashMap<Option<i32>, i64, RandomState>,
    open: HashMap<Key, Open, RandomState>,
    done: Vec<(Key, Open)>,
    summary: StitchSummary,
}

impl Store {
    /// Stitches the selected records and gives the flows as they end, those that end together by their first start, until
    /// told to stop.
    ///
    /// Records of one tuple, interface and direction are one flow as long as the pause between their windows is not
    /// longer than the interface's aggregation interval and the minute that a window may begin late. A record with SYN
    /// after the end of one with FIN or RST begins another.
    ///
    /// # Errors
    /// [`StoreError::Filter`] or [`StoreError::Database`].
    pub fn stitched(
        &self,
        selection: &Selection,
        mut take: impl FnMut(StitchedFlow) -> ControlFlow<()>,
    ) -> Result<StitchSummary, StoreError> {
        let sources = self.known_sources()?;
        let mut evidence = self.evidence()?;
        evidence.sort_unstable_by_key(|(_, sha256)| *sha256);
        let mut sweep = Sweep {
            store: self,
            evidence: (0..)
                .zip(evidence)
                .map(|(place, (number, sha256))| (number, (place, sha256)))
                .collect(),
            pauses: self.pauses()?,
            open: HashMap::default(),
            done: Vec::new(),
            summary: StitchSummary::default(),
        };
        let (slices, total) = self.slices(selection)?;
        for (from, to) in slices {
            let condition = self.condition(selection, &["start", "end", "packets_seen"])?;
            let sql = select(condition.source, &condition.sql, from, to);
            let mut statement = self.connection.prepare(&sql)?;
            for batch in statement.query_arrow(params_from_iter(condition.bound()))? {
                let Some(rows) = Rows::of(&batch) else { continue };
                for row in 0..batch.num_rows() {
                    sweep.add(rows.key(row, &sources), &rows.window(row));
                }
            }
            if sweep.give(to, &mut take).is_break() {
                return Ok(sweep.summary);
            }
        }
        let stopped = sweep.give(i64::MAX, &mut take).is_break();
        if !stopped {
            sweep.summary.left_out = total.saturating_sub(sweep.summary.records);
        }
        Ok(sweep.summary)
    }

    /// Stretches of time that hold some records each, and how many records are selected in all.
    fn slices(&self, selection: &Selection) -> Result<(Vec<(i64, i64)>, u64), StoreError> {
        let condition = self.condition(selection, &[])?;
        let sql = format!(
            r#"SELECT epoch_us("start") // {SECOND} AS second, count(*) FROM {} WHERE {}
            GROUP BY ALL ORDER BY second NULLS LAST"#,
            condition.source, condition.sql
        );
        let mut statement = self.connection.prepare(&sql)?;
        let mut found = statement.query(params_from_iter(condition.bound()))?;
        let (mut slices, mut total) = (Vec::<(i64, i64)>::new(), 0_u64);
        let mut held = SLICE;
        while let Some(row) = found.next()? {
            let count: u64 = row.get(1)?;
            total = total.saturating_add(count);
            let Some(second) = row.get::<_, Option<i64>>(0)? else { continue };
            let from = second.saturating_mul(SECOND);
            let to = from.saturating_add(SECOND);
            match slices.last_mut() {
                Some(last) if held.saturating_add(count) <= SLICE => {
                    last.1 = to;
                    held = held.saturating_add(count);
                }
                _ => {
                    slices.push((from, to));
                    held = count;
                }
            }
        }
        Ok((slices, total))
    }

    fn pauses(&self) -> Result<HashMap<Option<i32>, i64, RandomState>, StoreError> {
        let sql = r#"SELECT interface_id_number, coalesce(max(epoch_us("end") - epoch_us("start")), 0)
            FROM stored_records GROUP BY ALL"#;
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| {
            let interval = crate::presence::interval_of(row.get(1)?);
            Ok((row.get(0)?, interval + LATE))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Sweep<'_> {
    fn add(&mut self, key: Key, window: &Window) {
        let pause = self.pauses.get(&key.interface).copied().unwrap_or(LATE);
        match self.open.get_mut(&key) {
            None => {
                self.open.insert(key, Open::begin(window));
            }
            Some(flow) if flow.takes(window, pause) => flow.add(window),
            Some(flow) => {
                let ended = std::mem::replace(flow, Open::begin(window));
                self.done.push((key, ended));
            }
        }
    }

    /// Gives the flows that no record from `now` (µs) on can belong to.
    fn give(
        &mut self,
        now: i64,
        take: &mut impl FnMut(StitchedFlow) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut done = std::mem::take(&mut self.done);
        let pauses = &self.pauses;
        self.open.retain(|key, flow| {
            let pause = pauses.get(&key.interface).copied().unwrap_or(LATE);
            let is_under_way = now.saturating_sub(flow.last) <= pause;
            if !is_under_way {
                done.push((*key, *flow));
            }
            is_under_way
        });
        let evidence = &self.evidence;
        let place = |flow: &Open| evidence.get(&flow.evidence).map_or(0, |(place, _)| *place);
        let mut order: Vec<(i64, u32, i64, u32)> = (0_u32..)
            .zip(&done)
            .map(|(at, (_, flow))| (flow.first, place(flow), flow.line, at))
            .collect();
        order.sort_unstable();
        for (key, flow) in order.into_iter().filter_map(|(.., at)| done.get(at as usize)) {
            self.summary.flows = self.summary.flows.saturating_add(1);
            self.summary.records = self.summary.records.saturating_add(flow.windows);
            take(self.named(key, flow))?;
        }
        ControlFlow::Continue(())
    }

    fn named(&self, key: &Key, flow: &Open) -> StitchedFlow {
        let text = |number: Option<i32>| {
            number.and_then(|number| self.store.texts.text(number)).map(|text| text.to_string())
        };
        let [source_hi, source_lo, destination_hi, destination_lo] = key.addresses;
        let evidence = self.evidence.get(&flow.evidence).map_or(Sha256([0; 32]), |(_, hash)| *hash);
        StitchedFlow {
            id: RecordRef { evidence, line: u64::try_from(flow.line).unwrap_or(0) },
            interface_id: text(key.interface),
            flow_direction: text(key.direction),
            srcaddr: Address::from_halves(source_hi, source_lo),
            srcport: key.ports.0,
            dstaddr: Address::from_halves(destination_hi, destination_lo),
            dstport: key.ports.1,
            protocol: key.protocol,
            first: flow.first,
            last: flow.last,
            windows: flow.windows,
            rejected: flow.rejected,
            packets: flow.packets,
            bytes: flow.bytes,
            packets_seen: flow.seen.map(|(packets, _)| packets),
            bytes_seen: flow.seen.map(|(_, bytes)| bytes),
            tcp_flags: flow.flags,
            initiator: flow.initiator(),
            overlapping: text(key.overlapping.map(|(counted, _)| counted)),
        }
    }
}
