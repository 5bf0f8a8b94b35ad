//! Rows of lists: a few fields of records that are known by their numbers.

use crate::database::sha256;
use crate::flows::texts;
use crate::records::{OVERLAPPING, StoredFields};
use crate::texts::Texts;
use crate::{Store, StoreError};
use duckdb::types::Value;
use duckdb::{Connection, Row};
use evidence::{Address, RecordRef, Sha256};
use flowlog::Field;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

/// Lookups in one statement.
const LOOKUPS: usize = 32;

/// What a list shows of a flow record. Times in µs since the epoch, UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of the log, under AWS's names")]
pub struct ListedRecord {
    /// Where it stands.
    pub id: RecordRef,
    /// Name of the evidence, as added.
    pub evidence: String,
    pub start: Option<i64>,
    pub end: Option<i64>,
    pub interface_id: Option<String>,
    pub srcaddr: Option<Address>,
    pub srcport: Option<i64>,
    pub dstaddr: Option<Address>,
    pub dstport: Option<i64>,
    pub protocol: Option<i64>,
    pub packets: Option<i64>,
    pub bytes: Option<i64>,
    pub action: Option<String>,
    pub log_status: Option<String>,
    pub flow_direction: Option<String>,
    pub tcp_flags: Option<i64>,
    /// Verdict on its packets; `None` for NODATA and SKIPDATA, and before it is computed.
    pub verdict: Option<String>,
    /// Reasons of the verdict, the primary one first.
    pub reasons: Vec<String>,
    /// Packets found in the captures.
    pub packets_seen: Option<i64>,
    /// Bytes found in the captures.
    pub bytes_seen: Option<i64>,
    /// The least and the most packets that may be its own, where the times leave it open.
    pub packets_range: Option<(i64, i64)>,
    /// The source that counts in its place, where another does.
    pub overlapping: Option<String>,
    /// Tags of the examiner.
    pub tags: Vec<String>,
}

impl Store {
    /// The records with these numbers, in this order; numbers that are not there are left out.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn listed(&self, records: &[u32]) -> Result<Vec<ListedRecord>, StoreError> {
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let mut among = String::from("record IN (");
        for (at, record) in records.iter().enumerate() {
            let _ = write!(among, "{}{record}", if at == 0 { "" } else { "," });
        }
        among.push(')');
        let mut found = self.bare_rows(records)?;
        let sql = "SELECT reason FROM uncovered";
        let uncovered: String = self.connection.query_row(sql, [], |row| row.get(0))?;
        for listed in found.values_mut() {
            listed.leave_uncovered(&uncovered);
        }
        self.each(
            &format!(
                "SELECT record, verdict, reasons, packets_seen, bytes_seen, packets_seen_min, packets_seen_max FROM coverage WHERE {among}"
            ),
            |row| {
                if let Some(listed) = found.get_mut(&row.get::<_, i64>(0)?) {
                    listed.verdict = row.get(1)?;
                    listed.reasons = texts(row.get::<_, Value>(2)?);
                    listed.packets_seen = row.get(3)?;
                    listed.bytes_seen = row.get(4)?;
                    listed.packets_range = row.get::<_, Option<i64>>(5)?.zip(row.get(6)?);
                }
                Ok(())
            },
        )?;
        self.each(
            &format!("SELECT DISTINCT record, tag FROM tags WHERE {among} ORDER BY tag"),
            |row| {
                if let Some(listed) = found.get_mut(&row.get::<_, i64>(0)?) {
                    listed.tags.push(row.get(1)?);
                }
                Ok(())
            },
        )?;
        Ok(records.iter().filter_map(|record| found.remove(&i64::from(*record))).collect())
    }

    /// The rows as they stand in the table of records, by their numbers.
    fn bare_rows(&self, records: &[u32]) -> Result<HashMap<i64, ListedRecord>, StoreError> {
        let (half, rest) = records.split_at(records.len() / 2);
        let stored = &self.stored_fields()?;
        let other = self.another()?;
        let mut rows = std::thread::scope(|scope| {
            let rest = scope.spawn(move || other.some_rows(rest, stored));
            let mut rows = self.some_rows(half, stored)?;
            rows.extend(rest.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
            Ok::<_, StoreError>(rows)
        })?;
        let numbers: BTreeSet<String> =
            rows.values().map(|(evidence, _)| evidence.to_string()).collect();
        let numbers: Vec<String> = numbers.into_iter().collect();
        let sql = format!(
            "SELECT number, sha256, name FROM evidence WHERE number IN ({})",
            if numbers.is_empty() { "NULL".to_owned() } else { numbers.join(",") }
        );
        let mut evidence = HashMap::new();
        self.each(&sql, |row| {
            evidence.insert(row.get::<_, i32>(0)?, (sha256(row, 1)?, row.get::<_, String>(2)?));
            Ok(())
        })?;
        let named = |(record, (number, mut row)): (i64, (i32, ListedRecord))| {
            let (sha256, name) = evidence.get(&number)?;
            row.id.evidence = *sha256;
            row.evidence.clone_from(name);
            Some((record, row))
        };
        Ok(rows.drain().filter_map(named).collect())
    }

    /// Rows with the number of their evidence instead of its name.
    ///
    /// A lookup for each record: DuckDB goes straight to it by the least and largest number of each stretch of the
    /// table, where a list of numbers would make it read the columns of all stretches that hold one. Many lookups in one
    /// statement take half the time of as many statements.
    fn some_rows(
        &self,
        records: &[u32],
        stored: &StoredFields,
    ) -> Result<HashMap<i64, (i32, ListedRecord)>, StoreError> {
        let columns: Vec<String> = LISTED.iter().flat_map(|field| stored.columns(*field)).collect();
        let overlapping = if stored.has_overlapping() { OVERLAPPING } else { "NULL::INTEGER" };
        let columns = columns.join(", ");
        let lookup = |record: &u32| {
            format!(
                "SELECT record, evidence, line, {columns}, {overlapping} FROM stored_records WHERE record = {record}"
            )
        };
        let mut rows = HashMap::new();
        for some in records.chunks(LOOKUPS) {
            let sql = some.iter().map(lookup).collect::<Vec<_>>().join(" UNION ALL ");
            self.each(&sql, |row| {
                rows.insert(row.get(0)?, (row.get(1)?, listed(row, &self.texts)?));
                Ok(())
            })?;
        }
        Ok(rows)
    }

    /// The number of a record.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn record_number(&self, id: &RecordRef) -> Result<Option<u32>, StoreError> {
        let sql = format!(
            "SELECT record FROM stored_records WHERE line = {} AND evidence IN (
                SELECT number FROM evidence WHERE sha256 = '{}')",
            id.line, id.evidence
        );
        Ok(first_numbers(&self.connection, &sql)?.pop())
    }

    /// The records whose packets, or some of them, are those of a conversation; in order of time.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn records_of_conversation(
        &self,
        conversation: i32,
        limit: u64,
    ) -> Result<Vec<u32>, StoreError> {
        let sql = format!(
            "SELECT f.record FROM flow_records f WHERE f.record IN (
                SELECT record FROM coverage WHERE list_contains(conversations, {conversation}))
             ORDER BY \"start\", evidence, line LIMIT {limit}"
        );
        first_numbers(&self.connection, &sql)
    }

    /// The records of the same tuple at the same interface whose windows follow each other without a longer pause
    /// than `pause` (µs), this record's among them; in order of time.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn windows_of(&self, record: u32, pause: i64) -> Result<Vec<u32>, StoreError> {
        let sql = format!(
            r#"WITH one AS (SELECT * FROM flow_records WHERE record = {record})
            SELECT f.record, epoch_us(f."start"), epoch_us(f."end") FROM flow_records f, one
            WHERE f.srcaddr_lo = one.srcaddr_lo AND f.dstaddr_lo = one.dstaddr_lo
                AND f.srcaddr_hi = one.srcaddr_hi AND f.dstaddr_hi = one.dstaddr_hi
                AND f.srcport = one.srcport AND f.dstport = one.dstport AND f.protocol = one.protocol
                AND f.interface_id_number = one.interface_id_number
                AND f.flow_direction_number IS NOT DISTINCT FROM one.flow_direction_number
                AND f."start" IS NOT NULL AND f."end" IS NOT NULL
                AND (f.overlapping_number IS NULL) = (one.overlapping_number IS NULL)
            ORDER BY f."start", f.evidence, f.line"#
        );
        let mut windows: Vec<(u32, i64, i64)> = Vec::new();
        self.each(&sql, |row| {
            if let Ok(record) = u32::try_from(row.get::<_, i64>(0)?) {
                windows.push((record, row.get(1)?, row.get(2)?));
            }
            Ok(())
        })?;
        let runs = windows.chunk_by(|a, b| b.1.saturating_sub(a.2) <= pause);
        let mut own = runs.filter(|run| run.iter().any(|(number, ..)| *number == record));
        Ok(own
            .next()
            .map_or_else(|| vec![record], |run| run.iter().map(|(number, ..)| *number).collect()))
    }

    fn each(
        &self,
        sql: &str,
        mut take: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare(sql)?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            take(row)?;
        }
        Ok(())
    }
}

impl ListedRecord {
    /// What is said of a record that has no row of its own in `coverage`, as the view `covered_records` says it.
    fn leave_uncovered(&mut self, reason: &str) {
        if matches!(self.log_status.as_deref(), Some("NODATA" | "SKIPDATA")) {
            return self.reasons.extend(self.overlapping.iter().map(|_| "overlapping".to_owned()));
        }
        if self.overlapping.is_some() {
            self.verdict = Some("not_comparable".to_owned());
            return self.reasons.push("overlapping".to_owned());
        }
        (self.packets_seen, self.bytes_seen) = (Some(0), Some(0));
        self.packets_range = Some((0, 0));
        let comparable = self.packets.is_some() && self.bytes.is_some();
        self.verdict = Some(if comparable { "none" } else { "not_comparable" }.to_owned());
        if comparable {
            self.reasons.push(reason.to_owned());
        }
    }
}

fn first_numbers(connection: &Connection, sql: &str) -> Result<Vec<u32>, StoreError> {
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| row.get::<_, u32>(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The fields of a row, in the order in which [`listed`] reads them.
const LISTED: [Field; 14] = [
    Field::Start,
    Field::End,
    Field::SrcAddr,
    Field::DstAddr,
    Field::SrcPort,
    Field::DstPort,
    Field::Protocol,
    Field::Packets,
    Field::Bytes,
    Field::TcpFlags,
    Field::InterfaceId,
    Field::Action,
    Field::LogStatus,
    Field::FlowDirection,
];

fn listed(row: &Row<'_>, known: &Texts) -> Result<ListedRecord, StoreError> {
    let address = |at: usize| -> Result<Option<Address>, StoreError> {
        let halves = row.get::<_, Option<u64>>(at)?.zip(row.get(at + 1)?);
        Ok(halves.map(|(hi, lo)| Address::from_halves(hi, lo)))
    };
    let text = |at: usize| -> Result<Option<String>, StoreError> {
        let number: Option<i32> = row.get(at)?;
        Ok(number.and_then(|number| known.text(number)).map(|text| text.to_string()))
    };
    Ok(ListedRecord {
        id: RecordRef { evidence: Sha256([0; 32]), line: row.get(2)? },
        evidence: String::new(),
        start: row.get(3)?,
        end: row.get(4)?,
        srcaddr: address(5)?,
        dstaddr: address(7)?,
        srcport: row.get(9)?,
        dstport: row.get(10)?,
        protocol: row.get(11)?,
        packets: row.get(12)?,
        bytes: row.get(13)?,
        tcp_flags: row.get(14)?,
        interface_id: text(15)?,
        action: text(16)?,
        log_status: text(17)?,
        flow_direction: text(18)?,
        overlapping: text(19)?,
        verdict: None,
        reasons: Vec::new(),
        packets_seen: None,
        packets_range: None,
        bytes_seen: None,
        tags: Vec::new(),
    })
}
