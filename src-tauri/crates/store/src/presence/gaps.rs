//! Stretches without flow records, and what is known of them.
//!
//! Four things that must not be taken for one another: the log *states* that nothing was sent (NODATA), or that records
//! were skipped (SKIPDATA); a delivery file is *suspected* to be missing, where a regular interface is in the files
//! before and after; or there is just no row (silence), and nobody says why.

use super::{Cell, Class, MINUTE, Presence, SLOT, SourcePresence, Sources, watched};
use crate::texts::{NODATA, SKIPDATA};
use crate::{Store, StoreError};
use duckdb::params;
use duckdb::types::{TimeUnit, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Slots before and after one that are looked at to see whether an interface is regular.
const AROUND: i64 = 6;
/// Slots in a row that may be missing files; more are a stretch that nobody copied. An hour.
const MOST_SLOTS: i64 = 12;
/// The same where other files of these slots are there: an interface may have been away.
const MOST_SLOTS_BESIDE_FILES: i64 = 3;
/// Rows of one kind that lie less apart are one stretch. Unit: µs.
const SECOND: i64 = 1_000_000;

/// What is known of a stretch without records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GapKind {
    /// The log states that nothing was sent.
    NoData,
    /// The log states that records were skipped.
    SkipData,
    /// A delivery file may be missing.
    SuspectedMissingFile,
    /// There is no row, and nobody says why.
    Silence,
}

impl GapKind {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::NoData, Self::SkipData, Self::SuspectedMissingFile, Self::Silence];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoData => "nodata",
            Self::SkipData => "skipdata",
            Self::SuspectedMissingFile => "suspected_missing_file",
            Self::Silence => "silence",
        }
    }
}

/// A stretch without records. Times in µs since the epoch, UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Whose traffic it is about.
    pub interface_id: String,
    /// What is known of it.
    pub kind: GapKind,
    /// First moment.
    pub from: i64,
    /// First moment after it; of what a log states, the end that it says.
    pub to: i64,
    /// The source that states it, or that lacks something.
    pub source: Option<String>,
    /// A sentence on what it rests on.
    pub note: String,
}

/// Which gaps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GapQuery {
    /// Of this interface.
    pub interface_id: Option<String>,
    /// Of this kind.
    pub kind: Option<GapKind>,
}

/// A gap that follows from what is not there. Times in µs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inferred {
    pub(super) kind: GapKind,
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) source: Option<usize>,
    pub(super) note: String,
}

/// What is missing of an interface. The sources are in order of precedence.
pub(super) fn inferred(sources: &Sources, presences: &[Presence]) -> Vec<Inferred> {
    let mut gaps = suspected(sources, presences);
    gaps.extend(silences(sources, presences, &gaps));
    gaps
}

fn suspected(sources: &Sources, presences: &[Presence]) -> Vec<Inferred> {
    let mut gaps: Vec<Inferred> = Vec::new();
    for (at, own) in presences.iter().enumerate() {
        let Some(source) = sources.list.get(own.source) else { continue };
        let Some(slots) = &source.slots else { continue };
        for (before, after) in own.cells.keys().zip(own.cells.keys().skip(1)) {
            let missing = after.saturating_sub(*before).saturating_sub(1);
            if !(1..=MOST_SLOTS).contains(&missing) {
                continue;
            }
            let beside = slots.range(before.saturating_add(1)..*after).next().is_some();
            let most = if beside { MOST_SLOTS_BESIDE_FILES } else { MOST_SLOTS };
            if missing > most
                || (beside && own.interval() > MINUTE)
                || !is_regular(own, *before, *after)
            {
                continue;
            }
            let (from, to) =
                (before.saturating_add(1).saturating_mul(SLOT), after.saturating_mul(SLOT));
            let of_slots = |other: &Presence| {
                other.cells.range(before.saturating_add(1)..*after).next().is_some()
            };
            // A source before this one in precedence has told of the stretch, with its rows or with a gap of its own.
            let earlier = presences.get(..at).unwrap_or_default();
            if earlier.iter().any(of_slots)
                || gaps.iter().any(|gap| gap.from <= from && to <= gap.to)
            {
                continue;
            }
            let later = presences.get(at.saturating_add(1)..).unwrap_or_default();
            let elsewhere = match later.iter().find(|other| of_slots(other)) {
                Some(other) => format!("; rows of {} count there", sources.name(other.source)),
                None if presences.len() > 1 => "; no other source has rows there".to_owned(),
                None => String::new(),
            };
            let files = if beside {
                "other files of this time are here"
            } else {
                "no file of this time is here"
            };
            gaps.push(Inferred {
                kind: GapKind::SuspectedMissingFile,
                from,
                to,
                source: Some(own.source),
                note: format!(
                    "the interface is regularly in the files before and after, and has no row that ends in this time; {files}{elsewhere}"
                ),
            });
        }
    }
    gaps
}

/// Whether most of the slots up to `before` and from `after` on have rows.
fn is_regular(own: &Presence, before: i64, after: i64) -> bool {
    let ends = own.cells.keys().next().zip(own.cells.keys().next_back());
    let Some((first, last)) = ends else { return false };
    let full = |from: i64, to: i64| {
        let filled = own.cells.range(from..=to).count() as i64;
        filled >= 2 && filled * 4 >= (to - from + 1) * 3
    };
    full(before.saturating_sub(AROUND - 1).max(*first), before)
        && full(after, after.saturating_add(AROUND - 1).min(*last))
}

/// Pauses between the rows of all sources that are longer than is usual.
fn silences(sources: &Sources, presences: &[Presence], explained: &[Inferred]) -> Vec<Inferred> {
    let mut cells: BTreeMap<i64, (Cell, usize)> = BTreeMap::new();
    for own in presences {
        for (bucket, cell) in &own.cells {
            let (known, source) = cells.entry(*bucket).or_insert((*cell, own.source));
            known.first_start = known.first_start.min(cell.first_start);
            if cell.last_end > known.last_end {
                (known.last_end, *source) = (cell.last_end, own.source);
            }
        }
    }
    let mut pauses = Vec::new();
    let mut last: Option<(i64, usize)> = None;
    for (cell, source) in cells.into_values() {
        if let Some((end, of)) = last {
            pauses.push((end, cell.first_start, of));
        }
        if last.is_none_or(|(end, _)| cell.last_end > end) {
            last = Some((cell.last_end, source));
        }
    }
    let longest = presences.iter().map(Presence::interval).max().unwrap_or(MINUTE);
    let usual = usual(&pauses).max(longest.saturating_add(SLOT));
    pauses
        .into_iter()
        .filter(|(from, to, _)| to.saturating_sub(*from) > usual)
        .filter(|(from, to, _)| !explained.iter().any(|gap| gap.from < *to && *from < gap.to))
        .map(|(from, to, source)| Inferred {
            kind: GapKind::Silence,
            from,
            to,
            source: Some(source),
            note: format!(
                "no row of this interface for {}{}; pauses up to {} say nothing here",
                lasting(to.saturating_sub(from)),
                match sources.list.get(source).and_then(|source| source.slots.as_ref()) {
                    Some(slots) if !any_within(slots, from, to) => ", and no delivery file of it",
                    _ => "",
                },
                lasting(usual)
            ),
        })
        .collect()
}

/// Whether one of the slots lies in a stretch as a whole.
fn any_within(slots: &BTreeSet<i64>, from: i64, to: i64) -> bool {
    let first = from.saturating_add(SLOT - 1).div_euclid(SLOT);
    slots
        .range(first..)
        .next()
        .is_some_and(|slot| slot.saturating_add(1).saturating_mul(SLOT) <= to)
}

/// Three times the pause that half of the pauses do not exceed: an interface that is seldom logged is not silent each
/// time. Two pauses are no rhythm. Unit: µs.
fn usual(pauses: &[(i64, i64, usize)]) -> i64 {
    let mut lengths: Vec<i64> =
        pauses.iter().map(|(from, to, _)| to.saturating_sub(*from).max(0)).collect();
    if lengths.len() < 3 {
        return 0;
    }
    lengths.sort_unstable();
    lengths.get(lengths.len().saturating_sub(1) / 2).copied().unwrap_or(0).saturating_mul(3)
}

fn lasting(time: i64) -> String {
    match time / SECOND {
        seconds if seconds < 600 => format!("{seconds} s"),
        seconds if seconds < 36_000 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}

/// Sources that have records of one action alone where another source has the other: what they state is about that
/// action alone.
pub(super) fn one_sided(presences: &[Presence]) -> impl Iterator<Item = (usize, &'static str)> {
    let (accept, reject) = (Class::Accept.bit(), Class::Reject.bit());
    presences.iter().filter_map(move |own| {
        let others = |bit: u8| presences.iter().any(|other| other.actions & bit != 0);
        match own.actions {
            only if only == accept && others(reject) => Some((own.source, "accepted")),
            only if only == reject && others(accept) => Some((own.source, "rejected")),
            _ => None,
        }
    })
}

impl Store {
    /// Keeps the gaps: what the counted rows state, and what was inferred.
    pub(super) fn keep_gaps(&self, presence: &SourcePresence) -> Result<(), StoreError> {
        self.connection.execute_batch("DELETE FROM gaps")?;
        let inferred = presence.gaps.iter().map(|(interface, gap)| {
            let source = gap.source.map(|source| presence.sources.name(source).to_owned());
            (*interface, gap.kind, gap.from, gap.to, source, gap.note.clone())
        });
        let stated = self.stated(presence)?;
        let mut appender = self.connection.appender("gaps")?;
        for (interface, kind, from, to, source, note) in stated.into_iter().chain(inferred) {
            let Some(interface) = self.texts.text(interface) else { continue };
            appender.append_row(params![
                interface.as_ref(),
                kind.name(),
                Value::Timestamp(TimeUnit::Microsecond, from),
                Value::Timestamp(TimeUnit::Microsecond, to),
                source,
                note
            ])?;
        }
        appender.flush()?;
        Ok(())
    }

    /// NODATA and SKIPDATA. Rows that adjoin each other are one stretch.
    fn stated(&self, presence: &SourcePresence) -> Result<Vec<KeptGap>, StoreError> {
        let sql = format!(
            r#"SELECT {watched} AS interface, log_status_number, evidence, epoch_us("start"), epoch_us("end")
            FROM flow_records WHERE log_status_number IN ({NODATA}, {SKIPDATA}) AND overlapping_number IS NULL
            AND {watched} IS NOT NULL AND "start" IS NOT NULL AND "end" IS NOT NULL
            ORDER BY interface, log_status_number, "start", "end", evidence"#,
            watched = watched(&self.stored_fields()?)
        );
        let mut statement = self.connection.prepare(&sql)?;
        let mut found = statement.query([])?;
        let mut gaps: Vec<(i32, GapKind, i64, i64, Option<usize>)> = Vec::new();
        // Sources take turns where several state something at the same time; each has a stretch of its own.
        let mut open: BTreeMap<Option<usize>, usize> = BTreeMap::new();
        while let Some(row) = found.next()? {
            let interface: i32 = row.get(0)?;
            let kind =
                if row.get::<_, i32>(1)? == NODATA { GapKind::NoData } else { GapKind::SkipData };
            let source = presence.sources.of_evidence.get(&row.get(2)?).copied();
            let (from, to): (i64, i64) = (row.get(3)?, row.get(4)?);
            let last = open.get(&source).and_then(|at| gaps.get_mut(*at));
            match last {
                Some(last)
                    if (last.0, last.1) == (interface, kind)
                        && from.saturating_sub(last.3) <= SECOND =>
                {
                    last.3 = last.3.max(to);
                }
                _ => {
                    open.insert(source, gaps.len());
                    gaps.push((interface, kind, from, to, source));
                }
            }
        }
        let named =
            |(interface, kind, from, to, source): (i32, GapKind, i64, i64, Option<usize>)| {
                let what = match kind {
                    GapKind::SkipData => "the log states that records were skipped",
                    _ => "the log states that nothing was sent or received",
                };
                let side = source.and_then(|source| presence.sided.get(&(interface, source)));
                let note = side.map_or_else(
                    || what.to_owned(),
                    |side| format!("{what}, of {side} traffic alone"),
                );
                let source = source.map(|source| presence.sources.name(source).to_owned());
                (interface, kind, from, to, source, note)
            };
        Ok(gaps.into_iter().map(named).collect())
    }

    /// Stretches without records, by interface and time.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn gaps(&self, query: &GapQuery) -> Result<Vec<Gap>, StoreError> {
        let sql = r#"SELECT interface_id, kind, epoch_us("from"), epoch_us("to"), source, note FROM gaps
            WHERE coalesce(interface_id = ?, true) AND coalesce(kind = ?, true)
            ORDER BY interface_id, "from", kind, source"#;
        let mut statement = self.connection.prepare(sql)?;
        let mut found =
            statement.query(params![query.interface_id, query.kind.map(GapKind::name)])?;
        let mut gaps = Vec::new();
        while let Some(row) = found.next()? {
            let name: String = row.get(1)?;
            let Some(kind) = GapKind::ALL.into_iter().find(|kind| kind.name() == name) else {
                continue;
            };
            gaps.push(Gap {
                interface_id: row.get(0)?,
                kind,
                from: row.get(2)?,
                to: row.get(3)?,
                source: row.get(4)?,
                note: row.get(5)?,
            });
        }
        Ok(gaps)
    }
}

/// Number of the interface, kind, from, to, source, note.
type KeptGap = (i32, GapKind, i64, i64, Option<String>, String);
