//! Rows of lists: a few fields of records that are known by their numbers.

use crate::database::sha256;
use crate::flows::texts;
use crate::{Store, StoreError};
use duckdb::types::Value;
use duckdb::{Connection, Row};
use evidence::{Address, RecordRef};
use std::collections::HashMap;
use std::fmt::Write as _;

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
        // Numbers in the text of the statement let DuckDB skip whatever cannot hold them; three lookups are far
        // cheaper than the view that joins the whole tables.
        let mut among = String::from("record IN (");
        for (at, record) in records.iter().enumerate() {
            let _ = write!(among, "{}{record}", if at == 0 { "" } else { "," });
        }
        among.push(')');
        let mut found = HashMap::new();
        self.each(
            &format!(
                r#"SELECT record, e.sha256, line, e.name, epoch_us("start"), epoch_us("end"), interface_id,
                    srcaddr_hi, srcaddr_lo, srcport, dstaddr_hi, dstaddr_lo, dstport, protocol, packets, bytes,
                    action, log_status, flow_direction, tcp_flags
                FROM flow_records f JOIN evidence e ON e.number = f.evidence WHERE {among}"#
            ),
            |row| {
                found.insert(row.get::<_, i64>(0)?, listed(row)?);
                Ok(())
            },
        )?;
        let sql = "SELECT reason FROM uncovered";
        let uncovered: String = self.connection.query_row(sql, [], |row| row.get(0))?;
        for listed in found.values_mut() {
            listed.leave_uncovered(&uncovered);
        }
        self.each(
            &format!(
                "SELECT record, verdict, reasons, packets_seen, bytes_seen FROM coverage WHERE {among}"
            ),
            |row| {
                if let Some(listed) = found.get_mut(&row.get::<_, i64>(0)?) {
                    listed.verdict = row.get(1)?;
                    listed.reasons = texts(row.get::<_, Value>(2)?);
                    listed.packets_seen = row.get(3)?;
                    listed.bytes_seen = row.get(4)?;
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
            return;
        }
        (self.packets_seen, self.bytes_seen) = (Some(0), Some(0));
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

fn listed(row: &Row<'_>) -> Result<ListedRecord, StoreError> {
    let address = |at: usize| -> Result<Option<Address>, StoreError> {
        let halves = row.get::<_, Option<u64>>(at)?.zip(row.get(at + 1)?);
        Ok(halves.map(|(hi, lo)| Address::from_halves(hi, lo)))
    };
    Ok(ListedRecord {
        id: RecordRef { evidence: sha256(row, 1)?, line: row.get(2)? },
        evidence: row.get(3)?,
        start: row.get(4)?,
        end: row.get(5)?,
        interface_id: row.get(6)?,
        srcaddr: address(7)?,
        srcport: row.get(9)?,
        dstaddr: address(10)?,
        dstport: row.get(12)?,
        protocol: row.get(13)?,
        packets: row.get(14)?,
        bytes: row.get(15)?,
        action: row.get(16)?,
        log_status: row.get(17)?,
        flow_direction: row.get(18)?,
        tcp_flags: row.get(19)?,
        verdict: None,
        reasons: Vec::new(),
        packets_seen: None,
        bytes_seen: None,
        tags: Vec::new(),
    })
}
