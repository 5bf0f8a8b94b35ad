//! When each source has rows of each interface: what overlaps and gaps are computed from.
//!
//! Time is cut into the five minutes in which AWS delivers; a row belongs to the five minutes in which it ends, as in
//! the delivered files (AWS, "Flow log files": the time in a file's name). One grouped query counts the rows, and what
//! follows from the counts is computed here, interface by interface.

mod gaps;
mod overlaps;

pub use gaps::{Gap, GapKind, GapQuery};
pub use overlaps::Overlap;

use crate::records::StoredFields;
use crate::texts::{ACCEPT, NODATA, REJECT, SKIPDATA};
use crate::{Store, StoreError};
use arrow::array::{Array, Int32Array, Int64Array};
use arrow::record_batch::RecordBatch;
use flowlog::Field;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Length of a delivery slot. Unit: µs.
pub(crate) const SLOT: i64 = 300_000_000;
/// The shorter of the two aggregation intervals. Unit: µs.
const MINUTE: i64 = 60_000_000;
/// The longer one. Unit: µs.
const TEN_MINUTES: i64 = 600_000_000;
/// Windows of the shorter interval that are a little longer, for whole seconds. Unit: µs.
const ROUNDING: i64 = 5_000_000;

/// What a row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Class {
    /// NODATA or SKIPDATA.
    Status,
    Accept,
    Reject,
    /// A record that does not say what became of the packets.
    Unstated,
}

impl Class {
    fn of(status: Option<i32>, action: Option<i32>) -> Self {
        match (status, action) {
            (Some(NODATA | SKIPDATA), _) => Self::Status,
            (_, Some(ACCEPT)) => Self::Accept,
            (_, Some(REJECT)) => Self::Reject,
            _ => Self::Unstated,
        }
    }

    /// The same decision over the columns of the table.
    fn sql() -> String {
        format!(
            "CASE WHEN coalesce(log_status_number IN ({NODATA}, {SKIPDATA}), false) THEN 0
                WHEN action_number = {ACCEPT} THEN 1 WHEN action_number = {REJECT} THEN 2 ELSE 3 END"
        )
    }

    fn bit(self) -> u8 {
        match self {
            Self::Status => 0,
            Self::Accept => 1,
            Self::Reject => 2,
            Self::Unstated => 4,
        }
    }
}

/// Rows of one class that one file has of an interface in one slot. Times in µs.
#[derive(Debug, Clone, Copy)]
struct Part {
    evidence: i32,
    source: usize,
    bucket: i64,
    class: Class,
    first_start: i64,
    first_end: i64,
    last_end: i64,
    longest: i64,
}

/// All rows that a source has of an interface in one slot. Times in µs.
#[derive(Debug, Clone, Copy)]
struct Cell {
    /// Whether a record is among them, not only NODATA or SKIPDATA.
    records: bool,
    first_start: i64,
    first_end: i64,
    last_end: i64,
}

/// What a source has of one interface.
#[derive(Debug, Clone, Default)]
struct Presence {
    source: usize,
    cells: BTreeMap<i64, Cell>,
    /// Bits of the classes of its records.
    actions: u8,
    longest: i64,
}

impl Presence {
    fn add(&mut self, part: &Part) {
        let records = part.class != Class::Status;
        self.actions |= part.class.bit();
        self.longest = self.longest.max(part.longest);
        let cell = self.cells.entry(part.bucket).or_insert(Cell {
            records,
            first_start: part.first_start,
            first_end: part.first_end,
            last_end: part.last_end,
        });
        cell.records |= records;
        cell.first_start = cell.first_start.min(part.first_start);
        cell.first_end = cell.first_end.min(part.first_end);
        cell.last_end = cell.last_end.max(part.last_end);
    }

    /// The aggregation interval that its windows fit. Unit: µs.
    fn interval(&self) -> i64 {
        interval_of(self.longest)
    }
}

/// The aggregation interval that windows of up to this length fit. Unit: µs.
pub(crate) fn interval_of(longest: i64) -> i64 {
    if longest > MINUTE + ROUNDING { TEN_MINUTES } else { MINUTE }
}

/// A source as it is compared with others.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Source {
    name: String,
    rank: i32,
    fields: i32,
    /// The slots of its files, if all of them are delivery files.
    slots: Option<BTreeSet<i64>>,
}

/// The sources in order of precedence, and which one each evidence is part of.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    list: Vec<Source>,
    pub(crate) of_evidence: HashMap<i32, usize>,
}

impl Sources {
    fn name(&self, at: usize) -> &str {
        self.list.get(at).map_or("", |source| &source.name)
    }
}

/// What the sources have of each other's records and what none of them has; [`Store::set_presence`] keeps it.
#[derive(Debug, Default)]
pub struct SourcePresence {
    sources: Sources,
    /// By the number of the interface.
    marks: Vec<(i32, overlaps::Mark)>,
    gaps: Vec<(i32, gaps::Inferred)>,
    /// Sources of an interface that have one action alone where another source has the other.
    sided: HashMap<(i32, usize), &'static str>,
}

impl Store {
    /// Finds which records another source counts, and where records are missing.
    ///
    /// Records of an interface that two sources have count once: those of the source with more of AWS's fields, then of
    /// the one whose kind comes first ([`SourcePart::rank`](crate::SourcePart)), then of the one whose name does; the
    /// other counts where the first has none.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn presence(&self) -> Result<SourcePresence, StoreError> {
        let mut all = SourcePresence { sources: self.known_sources()?, ..Default::default() };
        let sources = &all.sources;
        let (marks, gaps, sided) = (&mut all.marks, &mut all.gaps, &mut all.sided);
        self.each_interface(sources, |interface, parts| {
            let presences = presences(parts);
            let overlapping = overlaps::marks(&presences, parts);
            let missing = gaps::inferred(sources, &presences);
            marks.extend(overlapping.into_iter().map(|mark| (interface, mark)));
            gaps.extend(missing.into_iter().map(|gap| (interface, gap)));
            sided.extend(
                gaps::one_sided(&presences).map(|(source, action)| ((interface, source), action)),
            );
        })?;
        self.keep_source_names(&all)?;
        Ok(all)
    }

    /// Marks the records that another source counts, and keeps the gaps. Nothing is deleted.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn set_presence(&self, presence: &SourcePresence) -> Result<(), StoreError> {
        self.atomically(|store| {
            store.mark_overlapping(presence)?;
            store.keep_gaps(presence)
        })
    }

    /// Records are marked with numbers of texts, which are to be in the database before: what undoes the marks does not
    /// undo them.
    fn keep_source_names(&self, presence: &SourcePresence) -> Result<(), StoreError> {
        let counted: HashSet<usize> = presence.marks.iter().map(|(_, mark)| mark.counted).collect();
        if counted.is_empty() {
            return Ok(());
        }
        for source in counted {
            self.texts.number(presence.sources.name(source))?;
        }
        let kept = self.whole(|connection| self.texts.keep(connection))?;
        self.texts.kept(kept);
        Ok(())
    }

    pub(crate) fn known_sources(&self) -> Result<Sources, StoreError> {
        let sql =
            "SELECT e.number, coalesce(s.source, e.name), coalesce(s.\"rank\", 2147483647), s.slot,
                coalesce(e.fields, 0)
            FROM evidence e LEFT JOIN sources s ON s.evidence = e.number ORDER BY e.number";
        let mut statement = self.connection.prepare(sql)?;
        let mut found = statement.query([])?;
        let mut by_name: BTreeMap<String, (Source, Vec<i32>)> = BTreeMap::new();
        while let Some(row) = found.next()? {
            let name: String = row.get(1)?;
            let (rank, slot, fields) = (row.get(2)?, row.get::<_, Option<i64>>(3)?, row.get(4)?);
            let entry = by_name.entry(name.clone()).or_insert_with(|| {
                (Source { name, rank, fields, slots: Some(BTreeSet::new()) }, Vec::new())
            });
            entry.0.rank = entry.0.rank.min(rank);
            entry.0.fields = entry.0.fields.max(fields);
            match (slot, &mut entry.0.slots) {
                (Some(slot), Some(slots)) => {
                    slots.insert(slot.div_euclid(SLOT));
                }
                (None, slots) => *slots = None,
                (Some(_), None) => {}
            }
            entry.1.push(row.get(0)?);
        }
        let mut list: Vec<(Source, Vec<i32>)> = by_name.into_values().collect();
        list.sort_by_key(|(source, _)| (-source.fields, source.rank, source.name.clone()));
        let mut sources = Sources::default();
        for (source, evidence) in list {
            let at = sources.list.len();
            sources.of_evidence.extend(evidence.into_iter().map(|number| (number, at)));
            sources.list.push(source);
        }
        Ok(sources)
    }

    /// Gives the counted rows of each interface at a time.
    fn each_interface(
        &self,
        sources: &Sources,
        mut take: impl FnMut(i32, &[Part]),
    ) -> Result<(), StoreError> {
        let watched = watched(&self.stored_fields()?);
        let sql = format!(
            r#"SELECT interface, evidence, bucket, log_status_number, action_number,
                coalesce(epoch_us("first_start"), epoch_us("first_end")), epoch_us("first_end"), epoch_us("last_end"),
                coalesce("longest", 0)
            FROM (SELECT {watched} AS interface, evidence, {ENDED} // {SLOT} AS bucket, log_status_number, action_number,
                    min("start") AS "first_start", min(coalesce("end", "start")) AS "first_end",
                    max(coalesce("end", "start")) AS "last_end", max(epoch_us("end") - epoch_us("start")) AS "longest"
                FROM stored_records GROUP BY ALL)
            WHERE interface IS NOT NULL AND bucket IS NOT NULL ORDER BY interface, evidence, bucket"#
        );
        let mut statement = self.connection.prepare(&sql)?;
        let mut parts: Vec<Part> = Vec::new();
        let mut own = None;
        for batch in statement.query_arrow([])? {
            let Some(columns) = Columns::of(&batch) else { continue };
            for row in 0..batch.num_rows() {
                let interface = columns.interface.value(row);
                if own != Some(interface) {
                    if let Some(own) = own.replace(interface) {
                        take(own, &parts);
                    }
                    parts.clear();
                }
                if let Some(source) = sources.of_evidence.get(&columns.evidence.value(row)) {
                    parts.push(columns.part(row, *source));
                }
            }
        }
        if let Some(own) = own {
            take(own, &parts);
        }
        Ok(())
    }
}

/// When a row ended, as SQL. Unit: µs.
const ENDED: &str = r#"epoch_us(coalesce("end", "start"))"#;

/// The number of what a record was observed at, as SQL: its interface, or what stands in its place.
fn watched(stored: &StoredFields) -> String {
    let instead = [Field::ResourceId, Field::TgwAttachmentId];
    let mut columns = vec!["interface_id_number".to_owned()];
    for field in instead.into_iter().filter(|field| stored.has(*field)) {
        columns.extend(stored.columns(field));
    }
    if columns.len() == 1 { columns.remove(0) } else { format!("coalesce({})", columns.join(", ")) }
}

struct Columns<'a> {
    interface: &'a Int32Array,
    evidence: &'a Int32Array,
    status: &'a Int32Array,
    action: &'a Int32Array,
    bucket: &'a Int64Array,
    times: [&'a Int64Array; 4],
}

impl<'a> Columns<'a> {
    fn of(batch: &'a RecordBatch) -> Option<Self> {
        let int = |at: usize| batch.column(at).as_any().downcast_ref::<Int32Array>();
        let long = |at: usize| batch.column(at).as_any().downcast_ref::<Int64Array>();
        Some(Self {
            interface: int(0)?,
            evidence: int(1)?,
            bucket: long(2)?,
            status: int(3)?,
            action: int(4)?,
            times: [long(5)?, long(6)?, long(7)?, long(8)?],
        })
    }

    fn part(&self, row: usize, source: usize) -> Part {
        let number = |column: &Int32Array| (!column.is_null(row)).then(|| column.value(row));
        let [first_start, first_end, last_end, longest] =
            self.times.map(|column| column.value(row));
        Part {
            evidence: self.evidence.value(row),
            source,
            bucket: self.bucket.value(row),
            class: Class::of(number(self.status), number(self.action)),
            first_start,
            first_end,
            last_end,
            longest,
        }
    }
}

/// What each source has of the interface, in order of precedence.
fn presences(parts: &[Part]) -> Vec<Presence> {
    let mut by_source: BTreeMap<usize, Presence> = BTreeMap::new();
    for part in parts {
        by_source
            .entry(part.source)
            .or_insert_with(|| Presence { source: part.source, ..Presence::default() })
            .add(part);
    }
    by_source.into_values().collect()
}
