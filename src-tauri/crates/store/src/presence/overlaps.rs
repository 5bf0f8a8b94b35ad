//! Which records another source counts.
//!
//! A source covers the slots in which it has records of an interface, from its first row of that interface to its last:
//! before, after, and in slots where it has none, the next source counts. NODATA and SKIPDATA of one source do not hide
//! records of another. A log of accepted traffic alone covers accepted records alone, so that a log of the rejected ones
//! completes it. Windows are not cut: where a source with windows of ten minutes takes over from one with windows of a
//! minute, one window may count twice in part.

use super::{Class, ENDED, Part, Presence, SLOT, SourcePresence, TEN_MINUTES, watched};
use crate::records::OVERLAPPING;
use crate::{Store, StoreError};
use duckdb::params;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A stretch in which a source has records that another counts. Times in µs since the epoch, UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// Whose traffic the records are about.
    pub interface_id: String,
    /// The source that has them.
    pub source: String,
    /// The source that counts in its place.
    pub counted: String,
    /// First start of these records.
    pub from: i64,
    /// Last end of these records.
    pub to: i64,
    /// How many they are.
    pub records: u64,
}

/// Rows of one file, one class and one slot that another source counts, if they end in `[from, to)` (µs).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) evidence: i32,
    pub(super) class: Class,
    pub(super) bucket: i64,
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) counted: usize,
}

/// Slots that a window can reach into beside the one that it ends in.
const NEAR: i64 = TEN_MINUTES / SLOT;

/// What a source covers of another's rows. Times in µs.
struct Cover {
    records: BTreeSet<i64>,
    rows: BTreeSet<i64>,
    from: i64,
    to: i64,
}

/// The rows of an interface that another source counts. The sources are in order of precedence.
pub(super) fn marks(presences: &[Presence], parts: &[Part]) -> Vec<Mark> {
    let mut marks = Vec::new();
    if presences.len() < 2 {
        return marks;
    }
    let mut at_slot: HashMap<i64, Vec<usize>> = HashMap::new();
    for (at, own) in presences.iter().enumerate() {
        for bucket in own.cells.keys() {
            at_slot.entry(*bucket).or_default().push(at);
        }
    }
    for (at, own) in presences.iter().enumerate().skip(1) {
        // Many sources follow each other in time and have nothing to do with each other.
        let around =
            own.cells.keys().flat_map(|slot| slot.saturating_sub(NEAR)..=slot.saturating_add(NEAR));
        let near: BTreeSet<usize> = around
            .filter_map(|slot| at_slot.get(&slot))
            .flatten()
            .copied()
            .filter(|other| *other < at)
            .collect();
        let others = near.into_iter().filter_map(|other| presences.get(other));
        let covers: Vec<(&Presence, Cover)> =
            others.map(|other| (other, cover(other, own))).collect();
        for part in parts.iter().filter(|part| part.source == own.source) {
            let mut taken: Vec<(i64, i64)> = Vec::new();
            for (other, cover) in &covers {
                let slots = match part.class {
                    Class::Status => &cover.rows,
                    _ => &cover.records,
                };
                if !claims(other, own, part.class) || !slots.contains(&part.bucket) {
                    continue;
                }
                let slot = part.bucket.saturating_mul(SLOT);
                let whole = (cover.from.max(slot), cover.to.min(slot.saturating_add(SLOT)));
                let free = without(whole, &taken);
                taken.extend(&free);
                marks.extend(
                    free.into_iter()
                        .filter(|(from, to)| part.first_end < *to && part.last_end >= *from)
                        .map(|(from, to)| Mark {
                            evidence: part.evidence,
                            class: part.class,
                            bucket: part.bucket,
                            from,
                            to,
                            counted: other.source,
                        }),
                );
            }
        }
    }
    marks
}

/// What is left of `[from, to)`.
fn without(whole: (i64, i64), taken: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let mut left = vec![whole];
    for (from, to) in taken {
        let cut = |(a, b): (i64, i64)| [(a, b.min(*from)), (a.max(*to), b)];
        left = left.into_iter().flat_map(cut).collect();
        left.retain(|(from, to)| from < to);
    }
    left.retain(|(from, to)| from < to);
    left
}

/// Whether a source has rows of a class at all where another has.
fn claims(other: &Presence, own: &Presence, class: Class) -> bool {
    let both = Class::Accept.bit() | Class::Reject.bit();
    let unstated = Class::Unstated.bit();
    let everything = other.actions & unstated != 0 || other.actions & both == both;
    match class {
        Class::Accept | Class::Reject => everything || other.actions & class.bit() != 0,
        Class::Status | Class::Unstated => everything || own.actions & !other.actions == 0,
    }
}

fn cover(other: &Presence, own: &Presence) -> Cover {
    let rows: BTreeSet<i64> = other.cells.keys().copied().collect();
    let mut records: BTreeSet<i64> = BTreeSet::new();
    let slot_of = |time: i64| time.div_euclid(SLOT);
    for (bucket, cell) in other.cells.iter().filter(|(_, cell)| cell.records) {
        records.insert(*bucket);
        if other.interval() > own.interval() {
            // A long window holds what short ones have in the slots before the one that it ends in.
            let begun =
                slot_of(cell.first_start).max(bucket.saturating_sub(other.interval() / SLOT));
            records.extend(begun..*bucket);
        }
        if own.interval() > other.interval() {
            // A long window that ends while the other tells of nothing may hold what it told before.
            let after = bucket.saturating_add(1)..=bucket.saturating_add(own.interval() / SLOT);
            records.extend(after.filter(|after| rows.contains(after)));
        }
    }
    let starts = other.cells.values().map(|cell| {
        if other.interval() > own.interval() { cell.first_start } else { cell.first_end }
    });
    let last = other.cells.values().map(|cell| cell.last_end).max();
    Cover {
        from: starts.min().unwrap_or(i64::MAX),
        to: last.map_or(i64::MIN, |last| last.saturating_add(1)),
        records,
        rows,
    }
}

impl Store {
    /// Marks the records, and keeps what was marked as stretches.
    pub(super) fn mark_overlapping(
        &self,
        SourcePresence { sources, marks, .. }: &SourcePresence,
    ) -> Result<(), StoreError> {
        // What counts changes.
        self.forget_rollups()?;
        let stored = self.stored_fields()?;
        self.connection
            .execute_batch("DELETE FROM overlapping_slots; DELETE FROM overlapping_stretches")?;
        if stored.has_overlapping() {
            let sql = format!(
                "UPDATE stored_records SET {OVERLAPPING} = NULL WHERE {OVERLAPPING} IS NOT NULL"
            );
            self.connection.execute_batch(&sql)?;
        }
        if marks.is_empty() {
            return Ok(());
        }
        self.ensure_overlapping()?;
        let counted: BTreeSet<usize> = marks.iter().map(|(_, mark)| mark.counted).collect();
        let mut names = BTreeMap::new();
        for source in counted {
            names.insert(source, self.texts.number(sources.name(source))?);
        }
        let mut appender = self.connection.appender("overlapping_slots")?;
        for (interface, mark) in marks {
            appender.append_row(params![
                mark.evidence,
                interface,
                mark.class as i8,
                mark.bucket,
                mark.from,
                mark.to,
                names.get(&mark.counted).copied()
            ])?;
        }
        appender.flush()?;
        drop(appender);
        let (watched, class) = (watched(&stored), Class::sql());
        self.connection.execute_batch(&format!(
            r#"UPDATE stored_records SET {OVERLAPPING} = o.counted FROM overlapping_slots o
            WHERE o.evidence = stored_records.evidence AND o.interface = {watched} AND o.class = {class}
                AND o.bucket = {ENDED} // {SLOT} AND {ENDED} >= o."from" AND {ENDED} < o."to""#
        ))?;
        self.connection.execute_batch(&format!(
            r#"INSERT INTO overlapping_stretches
            WITH slots AS (
                SELECT {watched} AS interface, s.source, {OVERLAPPING} AS counted, {ENDED} // {SLOT} AS bucket,
                    min(coalesce("start", "end")) AS "from", max(coalesce("end", "start")) AS "to", count(*) AS records
                FROM stored_records r JOIN sources s ON s.evidence = r.evidence
                WHERE {OVERLAPPING} IS NOT NULL GROUP BY ALL),
            runs AS (
                SELECT *, bucket - row_number() OVER (PARTITION BY interface, source, counted ORDER BY bucket) AS run
                FROM slots)
            SELECT text_of(interface::INTEGER), source, text_of(counted), min("from"), max("to"), sum(records)::BIGINT
            FROM runs GROUP BY interface, source, counted, run"#
        ))?;
        Ok(())
    }

    /// The stretches in which records are not counted because those of another source are, by interface and time.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn overlaps(&self) -> Result<Vec<Overlap>, StoreError> {
        let sql = r#"SELECT interface_id, source, counted, epoch_us("from"), epoch_us("to"), records FROM overlapping_stretches
            ORDER BY interface_id, "from", source, counted"#;
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| {
            Ok(Overlap {
                interface_id: row.get(0)?,
                source: row.get(1)?,
                counted: row.get(2)?,
                from: row.get(3)?,
                to: row.get(4)?,
                records: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
