//! The open database.

use crate::StoreError;
use crate::labels::Labelling;
use crate::records::{create_table, create_views};
use crate::texts::{INGRESS, Texts};
use duckdb::{Config, Connection, Row, params};
use evidence::{Address, Anomaly, Sha256};
use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// What holds from here on: DuckDB takes these only once it is open. Trying ways of compressing that numbers gain nothing
/// from costs part of every load; threads and memory may change, see `ingest.rs`.
const SETTINGS: &str = "SET GLOBAL disabled_compression_methods = 'rle,roaring';
    SET GLOBAL allowed_configs = ['threads', 'memory_limit'];
    SET GLOBAL lock_configuration = true;";

/// Counts over the whole case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Flow records that count, NODATA and SKIPDATA rows among them.
    pub flow_records: u64,
    /// Flow records that another source counts.
    pub overlapping: u64,
    /// Lines that could not be read as records.
    pub rejected_lines: u64,
    /// Anomalies of all evidence.
    pub anomalies: u64,
    /// Earliest start of a record. Unit: µs since the epoch, UTC.
    pub first: Option<i64>,
    /// Latest end of a record. Unit: µs since the epoch, UTC.
    pub last: Option<i64>,
}

/// What was loaded from one piece of evidence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EvidenceCounts {
    /// Records kept.
    pub flow_records: u64,
    /// Lines that are no records.
    pub rejected_lines: u64,
    /// Anomalies.
    pub anomalies: u64,
}

/// An anomaly and the evidence it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnomalyRow {
    /// The evidence.
    pub evidence: Sha256,
    /// Its name, as added.
    pub name: String,
    /// Stable name of the kind.
    pub kind: String,
    /// First byte concerned. Unit: bytes.
    pub offset: u64,
    /// How many bytes. Unit: bytes.
    pub length: u64,
    /// What was promised.
    pub expected: String,
    /// What was there.
    pub found: String,
}

/// A line that is no record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedLine {
    /// Name of the evidence, as added.
    pub evidence: String,
    /// The evidence.
    pub sha256: Sha256,
    /// 1-based.
    pub line: u64,
    /// First byte of the line in the inflated file. Unit: bytes.
    pub offset: u64,
    /// Unit: bytes.
    pub length: u64,
    /// Why.
    pub cause: String,
    /// The line, escaped.
    pub text: String,
}

/// The database of one case, open for this process alone. A `Store` is one connection to it, for one thread at a
/// time; [`Store::another`] opens further ones, which see what the others have committed.
pub struct Store {
    pub(crate) connection: Connection,
    pub(crate) texts: Texts,
    pub(crate) labelling: Labelling,
    /// Whether a transaction is open that a caller further up began.
    within: Cell<bool>,
}

/// Stops what a connection is doing; the question that runs there then fails.
#[derive(Clone)]
pub struct Interrupter(Arc<duckdb::InterruptHandle>);

impl fmt::Debug for Interrupter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Interrupter")
    }
}

impl Interrupter {
    /// Stops the statement that runs now, if one does.
    pub fn interrupt(&self) {
        self.0.interrupt();
    }
}

impl Store {
    /// Opens the database at `path`, making an empty one where there is none. It is locked down: no file
    /// but its own, no extension, no network, and no statement can change that.
    ///
    /// # Errors
    /// [`StoreError::Open`] if the file is damaged, of another version, or open in another process.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let opened = |source: duckdb::Error| StoreError::Open {
            path: path.to_owned(),
            source: Box::new(source),
        };
        let config = Config::default()
            .enable_external_access(false)
            .and_then(|config| config.enable_autoload_extension(false))
            .and_then(|config| config.with("autoinstall_known_extensions", "false"))
            .map_err(opened)?;
        let connection = Connection::open_with_flags(path, config).map_err(opened)?;
        connection.execute_batch(SETTINGS).map_err(opened)?;
        if !has(&connection, "tables", "stored_records")? {
            let tables = [include_str!("schema.sql"), &create_table()].concat();
            connection.execute_batch(&format!("BEGIN;\n{tables}COMMIT"))?;
        }
        let texts = Texts::of(&connection)?;
        let labelling = Labelling::of(&connection)?;
        let store = Self { connection, texts, labelling, within: Cell::new(false) };
        if !has(&store.connection, "views", "flows")? {
            create_views(&store.connection, &store.stored_fields()?)?;
        }
        Ok(store)
    }

    /// Another connection to the same database.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn another(&self) -> Result<Self, StoreError> {
        let connection = self.connection.try_clone()?;
        let (texts, labelling) = (self.texts.clone(), self.labelling.clone());
        Ok(Self { connection, texts, labelling, within: Cell::new(false) })
    }

    /// What stops this connection from another thread.
    pub fn interrupter(&self) -> Interrupter {
        Interrupter(self.connection.interrupt_handle())
    }

    /// Runs `work` so that all that it changes is kept and seen by other connections at once, or nothing is.
    ///
    /// # Errors
    /// Whatever `work` answers, or [`StoreError::Database`].
    pub fn atomically<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.within.replace(true) {
            return work(self);
        }
        let result = self.begin_and(work);
        self.within.set(false);
        result
    }

    fn begin_and<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.connection.execute_batch("BEGIN").map_err(StoreError::from)?;
        let result = work(self);
        let sql = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = self.connection.execute_batch(sql).map_err(StoreError::from);
        let value = result?;
        ended?;
        Ok(value)
    }

    /// Whether a transaction is open that more is to happen in.
    pub(crate) fn is_within(&self) -> bool {
        self.within.get()
    }

    /// Begins what [`Store::end`] ends.
    pub(crate) fn begin(&self) -> Result<(), StoreError> {
        self.connection.execute_batch("BEGIN")?;
        self.within.set(true);
        Ok(())
    }

    /// Keeps what was done since [`Store::begin`], or undoes it.
    pub(crate) fn end(&self, keep: bool) -> Result<(), StoreError> {
        if self.within.replace(false) {
            self.connection.execute_batch(if keep { "COMMIT" } else { "ROLLBACK" })?;
        }
        Ok(())
    }

    /// [`Store::atomically`] for work on the bare connection.
    pub(crate) fn whole<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.atomically(|store| work(&store.connection))
    }

    pub(crate) fn next_evidence(&self) -> Result<i32, StoreError> {
        let sql = "SELECT coalesce(max(number) + 1, 0) FROM evidence";
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    pub(crate) fn enter_evidence(
        &self,
        number: i32,
        sha256: Sha256,
        name: &str,
        fields: Option<i32>,
        reading: u32,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO evidence VALUES (?, ?, ?, ?, ?)";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![number, sha256.to_string(), name, fields, reading])?;
        Ok(())
    }

    /// Whether the derived tables are those of the evidence that is in the database now; a process that ended while
    /// it derived them leaves them behind incomplete.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn is_derived(&self) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare("SELECT fingerprint FROM derived")?;
        let mut rows = statement.query([])?;
        let known: Option<String> = match rows.next()? {
            Some(row) => Some(row.get(0)?),
            None => None,
        };
        Ok(known == Some(self.fingerprint()?))
    }

    /// Says that the derived tables are about to change.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn begin_derived(&self) -> Result<(), StoreError> {
        self.connection.execute("DELETE FROM derived", [])?;
        self.forget_rollups()
    }

    /// Says that the derived tables are complete but for these problems, a sentence each.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn end_derived(&self, problems: &[String]) -> Result<(), StoreError> {
        let row = params![self.fingerprint()?, problems.join("\n")];
        self.connection.execute("INSERT INTO derived VALUES (?, ?)", row)?;
        Ok(())
    }

    /// What could not be derived, a sentence each.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn derived_problems(&self) -> Result<Vec<String>, StoreError> {
        let mut statement = self.connection.prepare("SELECT problems FROM derived")?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
        let texts: Vec<String> = rows.collect::<Result<_, _>>()?;
        Ok(texts.iter().flat_map(|text| text.lines()).map(str::to_owned).collect())
    }

    /// Names the evidence in the database, whatever the order in which it was entered.
    fn fingerprint(&self) -> Result<String, StoreError> {
        let mut all: Vec<_> =
            self.readings()?.into_iter().map(|(_, sha256, reading)| (sha256, reading)).collect();
        all.sort_unstable();
        let bytes = |(sha256, reading): &(Sha256, u32)| {
            sha256.0.into_iter().chain(reading.to_le_bytes()).collect::<Vec<_>>()
        };
        Ok(Sha256::of(&all.iter().flat_map(bytes).collect::<Vec<_>>()).to_string())
    }

    /// What was loaded from each piece of evidence: flow records, rejected lines, anomalies.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn evidence_counts(&self) -> Result<HashMap<Sha256, EvidenceCounts>, StoreError> {
        let sql = "SELECT sha256,
            coalesce(f.n, 0), coalesce(r.n, 0), coalesce(a.n, 0) FROM evidence e
            LEFT JOIN (SELECT evidence, count(*) n FROM stored_records GROUP BY ALL) f ON f.evidence = e.number
            LEFT JOIN (SELECT evidence, count(*) n FROM rejected_lines GROUP BY ALL) r ON r.evidence = e.number
            LEFT JOIN (SELECT evidence, count(*) n FROM anomalies GROUP BY ALL) a ON a.evidence = e.number";
        let mut statement = self.connection.prepare(sql)?;
        let mut found = statement.query([])?;
        let mut counts = HashMap::new();
        while let Some(row) = found.next()? {
            let row_counts = EvidenceCounts {
                flow_records: row.get(1)?,
                rejected_lines: row.get(2)?,
                anomalies: row.get(3)?,
            };
            counts.insert(sha256(row, 0)?, row_counts);
        }
        Ok(counts)
    }

    /// Every anomaly that was kept: evidence, kind, offset, length, expected, found.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn anomalies(&self) -> Result<Vec<AnomalyRow>, StoreError> {
        let sql = r#"SELECT e.sha256, e.name, kind, "offset", length, expected, found
            FROM anomalies a JOIN evidence e ON e.number = a.evidence ORDER BY e.name, "offset", kind"#;
        let mut statement = self.connection.prepare(sql)?;
        let mut found = statement.query([])?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            rows.push(AnomalyRow {
                evidence: sha256(row, 0)?,
                name: row.get(1)?,
                kind: row.get(2)?,
                offset: row.get(3)?,
                length: row.get(4)?,
                expected: row.get(5)?,
                found: row.get(6)?,
            });
        }
        Ok(rows)
    }

    /// The lines that are no records, of one piece of evidence or of all, by name and line.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn rejected_lines_of(
        &self,
        evidence: Option<Sha256>,
        limit: u64,
    ) -> Result<Vec<RejectedLine>, StoreError> {
        let sql = format!(
            r#"SELECT e.name, e.sha256, line, "offset", length, cause, "text" FROM rejected_lines r
            JOIN evidence e ON e.number = r.evidence WHERE coalesce(e.sha256 = ?, true)
            ORDER BY e.name, line LIMIT {limit}"#
        );
        let mut statement = self.connection.prepare(&sql)?;
        let mut found = statement.query([evidence.map(|sha256| sha256.to_string())])?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            rows.push(RejectedLine {
                evidence: row.get(0)?,
                sha256: sha256(row, 1)?,
                line: row.get(2)?,
                offset: row.get(3)?,
                length: row.get(4)?,
                cause: row.get(5)?,
                text: row.get(6)?,
            });
        }
        Ok(rows)
    }

    /// Keeps the text of an inventory sidecar.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn keep_sidecar(&self, evidence: i32, text: &str) -> Result<(), StoreError> {
        self.connection.execute("INSERT INTO sidecars VALUES (?, ?)", params![evidence, text])?;
        Ok(())
    }

    /// The texts of all sidecars.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn sidecars(&self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT \"text\" FROM sidecars s JOIN evidence e ON e.number = s.evidence ORDER BY e.sha256";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The interface whose own address is `source` in the logs: the sender of what it sends.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn interface_with_address(&self, source: Address) -> Result<Option<String>, StoreError> {
        let sql = format!(
            "SELECT text_of(interface_id_number) AS interface_id FROM flow_records
            WHERE srcaddr_hi = ? AND srcaddr_lo = ? AND flow_direction_number IS DISTINCT FROM {INGRESS}
            AND interface_id_number IS NOT NULL GROUP BY interface_id_number ORDER BY count(*) DESC, interface_id LIMIT 1"
        );
        let mut statement = self.connection.prepare(&sql)?;
        let mut rows = statement.query(params![source.hi(), source.lo()])?;
        Ok(match rows.next()? {
            Some(row) => Some(row.get(0)?),
            None => None,
        })
    }

    /// The numbers and hashes of all evidence entered.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn evidence(&self) -> Result<Vec<(i32, Sha256)>, StoreError> {
        Ok(self.readings()?.into_iter().map(|(number, sha256, _)| (number, sha256)).collect())
    }

    /// The same, and which reading of the bytes each is, from 1.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn readings(&self) -> Result<Vec<(i32, Sha256, u32)>, StoreError> {
        let sql = "SELECT number, sha256, reading FROM evidence ORDER BY number";
        let mut statement = self.connection.prepare(sql)?;
        let mut found = statement.query([])?;
        let mut evidence = Vec::new();
        while let Some(row) = found.next()? {
            evidence.push((row.get(0)?, sha256(row, 1)?, row.get(2)?));
        }
        Ok(evidence)
    }

    /// Forgets everything that came from these pieces of evidence: loads that were cut off.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn forget_evidence(&self, numbers: &[i32]) -> Result<(), StoreError> {
        if numbers.is_empty() {
            return Ok(());
        }
        let numbers: Vec<String> = numbers.iter().map(i32::to_string).collect();
        self.atomically(|store| store.delete_evidence(&format!("IN ({})", numbers.join(","))))
    }

    /// Deletes what came from the evidence whose number meets a condition.
    pub(crate) fn delete_evidence(&self, condition: &str) -> Result<(), StoreError> {
        self.forget_rollups()?;
        let tables = [
            "stored_records",
            "rejected_lines",
            "anomalies",
            "sidecars",
            "sources",
            "overlapping_slots",
        ];
        for table in tables {
            let sql = format!("DELETE FROM {table} WHERE evidence {condition}");
            self.connection.execute_batch(&sql)?;
        }
        Ok(self
            .connection
            .execute_batch(&format!("DELETE FROM evidence WHERE number {condition}"))?)
    }

    /// Keeps the anomalies of a piece of evidence.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn keep_anomalies(&self, evidence: i32, anomalies: &[Anomaly]) -> Result<(), StoreError> {
        if anomalies.is_empty() {
            return Ok(());
        }
        let mut appender = self.connection.appender("anomalies")?;
        for anomaly in anomalies {
            appender.append_row(params![
                evidence,
                anomaly.kind,
                stored(anomaly.offset),
                stored(anomaly.length),
                anomaly.expected,
                anomaly.found
            ])?;
        }
        appender.flush()?;
        Ok(())
    }

    /// Counts over the whole case.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn totals(&self) -> Result<Totals, StoreError> {
        let sql = r#"SELECT count(*) FILTER (overlapping_number IS NULL), epoch_us(min("start")), epoch_us(max("end")),
            (SELECT count(*) FROM rejected_lines), (SELECT count(*) FROM anomalies), count(overlapping_number)
            FROM flow_records"#;
        Ok(self.connection.query_row(sql, [], |row| {
            Ok(Totals {
                flow_records: row.get(0)?,
                first: row.get(1)?,
                last: row.get(2)?,
                rejected_lines: row.get(3)?,
                anomalies: row.get(4)?,
                overlapping: row.get(5)?,
            })
        })?)
    }

    /// A handle that stops the running query from another thread.
    pub fn interrupt(&self) -> impl Fn() + Send + Sync + 'static {
        let handle = self.connection.interrupt_handle();
        move || handle.interrupt()
    }
}

/// The hash in column `at`.
pub(crate) fn sha256(row: &Row<'_>, at: usize) -> Result<Sha256, StoreError> {
    let text: String = row.get(at)?;
    text.parse().map_err(|error| StoreError::Database(Box::new(error)))
}

/// A count or offset as DuckDB keeps it; nothing read from a file reaches 2^63.
pub(crate) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Whether there is such a thing; `kind` is `tables` or `views`.
fn has(connection: &Connection, kind: &str, name: &str) -> Result<bool, StoreError> {
    let one = kind.trim_end_matches('s');
    let sql = format!("SELECT count(*) > 0 FROM duckdb_{kind}() WHERE {one}_name = ?");
    Ok(connection.query_row(&sql, [name], |row| row.get(0))?)
}
