//! The transactions that were decoded out of the conversations.

use crate::database::stored;
use crate::flows::texts;
use crate::{Store, StoreError};
use duckdb::types::Value;
use duckdb::{Row, params, params_from_iter};
use evidence::Anomaly;
use std::collections::HashMap;

/// One transaction as it is kept and listed; fields of other protocols are `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TransactionRow {
    /// `<conversation>/<number from 1>`.
    pub id: String,
    /// Number of its conversation in this database.
    pub conversation: i32,
    /// Name of the decoder.
    pub protocol: String,
    /// First byte, as captured. Unit: ns since the epoch, UTC.
    pub time: i64,
    /// HTTP request method.
    pub method: Option<String>,
    /// HTTP host.
    pub host: Option<String>,
    /// HTTP request target as sent.
    pub uri: Option<String>,
    /// HTTP status code.
    pub status: Option<u16>,
    /// SHA-256 of the HTTP request body, its encodings undone.
    pub request_body_sha256: Option<String>,
    /// SHA-256 of the HTTP response body, its encodings undone.
    pub response_body_sha256: Option<String>,
    /// Length of the request body, its encodings undone. Unit: bytes.
    pub request_body_size: Option<u64>,
    /// Length of the response body, its encodings undone. Unit: bytes.
    pub response_body_size: Option<u64>,
    /// Whether all bytes of it were captured.
    pub complete: bool,
    /// DNS name asked for.
    pub qname: Option<String>,
    /// DNS type asked for.
    pub qtype: Option<String>,
    /// DNS response code.
    pub rcode: Option<String>,
    /// DNS answers as text.
    pub answers: Option<Vec<String>>,
    /// Of other protocols: what the client said, in a line.
    pub asked: Option<String>,
    /// Of other protocols: what the server said, in a line.
    pub answered: Option<String>,
    /// Of other protocols: all that was said.
    pub fields: Vec<FieldRow>,
}

/// A field of a transaction; several values that follow each other are one, joined by commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRow {
    /// As Wireshark calls it.
    pub name: String,
    /// As text.
    pub value: String,
    /// Whether the client said it.
    pub from_client: bool,
}

/// Some of the transactions that a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionPage {
    /// How many it found.
    pub total: u64,
    /// The ones asked for.
    pub rows: Vec<TransactionRow>,
}

/// Transactions whose fields are read at once.
const AT_ONCE: usize = 1_000;

/// What a search looks into; targets also with their percent-encoding undone.
const SEARCHED: &str = "lower(concat_ws(' ', protocol, method, host, uri, url_decode(replace(uri, '+', ' ')), status, qname,
    qtype, rcode, array_to_string(answers, ' '), request_body_sha256, response_body_sha256, asked, answered))";

/// Whether a field of it holds a word.
const FIELD_HOLDS: &str =
    "id IN (SELECT id FROM transaction_fields WHERE contains(lower(value), ?))";

const COLUMNS: &str = r#"id, conversation, protocol, "time", method, host, uri, status, request_body_sha256,
    response_body_sha256, request_body_size, response_body_size, complete, qname, qtype, rcode, answers,
    asked, answered"#;

impl Store {
    /// Replaces all transactions.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn set_transactions(&self, rows: &[TransactionRow]) -> Result<(), StoreError> {
        // The appender takes no lists; the answers go in as text and are split by a mark that no escaped name holds.
        self.whole(|connection| {
            connection.execute("DELETE FROM transactions", [])?;
            connection.execute_batch(
                "CREATE OR REPLACE TEMP TABLE incoming AS FROM transactions LIMIT 0;
                 ALTER TABLE incoming ALTER answers TYPE VARCHAR",
            )?;
            let mut appender = connection.appender("incoming")?;
            for row in rows {
                appender.append_row(params![
                    row.id,
                    row.conversation,
                    row.protocol,
                    row.time,
                    row.method,
                    row.host,
                    row.uri,
                    row.status,
                    row.request_body_sha256,
                    row.response_body_sha256,
                    row.request_body_size.map(stored),
                    row.response_body_size.map(stored),
                    row.complete,
                    row.qname,
                    row.qtype,
                    row.rcode,
                    row.answers.as_ref().map(|answers| answers.join("\n")),
                    row.asked,
                    row.answered
                ])?;
            }
            appender.flush()?;
            drop(appender);
            connection.execute_batch(
                "INSERT INTO transactions SELECT * REPLACE (
                    CASE WHEN answers = '' THEN [] ELSE string_split(answers, chr(10)) END AS answers) FROM incoming;
                 DROP TABLE incoming",
            )?;
            connection.execute("DELETE FROM transaction_fields", [])?;
            let mut appender = connection.appender("transaction_fields")?;
            for row in rows {
                for (place, field) in (1_i32..).zip(&row.fields) {
                    let FieldRow { name, value, from_client } = field;
                    let TransactionRow { id, conversation, protocol, .. } = row;
                    appender.append_row(params![
                        id,
                        conversation,
                        protocol,
                        place,
                        from_client,
                        name,
                        value
                    ])?;
                }
            }
            appender.flush()?;
            Ok(())
        })
    }

    /// Replaces all places where payload breaks the rules of its protocol, each with the number of its conversation.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn set_payload_anomalies(&self, rows: &[(i32, Anomaly)]) -> Result<(), StoreError> {
        self.whole(|connection| {
            connection.execute("DELETE FROM payload_anomalies", [])?;
            let mut appender = connection.appender("payload_anomalies")?;
            for (conversation, anomaly) in rows {
                appender.append_row(params![
                    conversation,
                    anomaly.kind,
                    stored(anomaly.offset),
                    stored(anomaly.length),
                    anomaly.expected,
                    anomaly.found
                ])?;
            }
            appender.flush()?;
            Ok(())
        })
    }

    /// How many places of the payload break the rules of their protocol.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn payload_anomaly_count(&self) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM payload_anomalies";
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    /// How many transactions there are.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn transaction_count(&self) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM transactions";
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    /// The transactions of a protocol, or all, whose texts hold each word of `search`, from the row `from` on; by time
    /// and id.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn find_transactions(
        &self,
        protocol: Option<&str>,
        search: &str,
        from: u64,
        count: u64,
    ) -> Result<TransactionPage, StoreError> {
        let mut condition = "true".to_owned();
        let mut parameters: Vec<String> = Vec::new();
        if let Some(protocol) = protocol {
            condition.push_str(" AND protocol = ?");
            parameters.push(protocol.to_owned());
        }
        for word in search.split_whitespace() {
            condition.push_str(&format!(" AND (contains({SEARCHED}, ?) OR {FIELD_HOLDS})"));
            parameters.extend([word.to_lowercase(), word.to_lowercase()]);
        }
        let sql = format!("SELECT count(*) FROM transactions WHERE {condition}");
        let bound = params_from_iter(&parameters);
        let total = self.connection.query_row(&sql, bound, |row| row.get(0))?;
        let sql = format!(
            "SELECT {COLUMNS} FROM transactions WHERE {condition} ORDER BY \"time\", id LIMIT {count} OFFSET {from}"
        );
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map(params_from_iter(&parameters), transaction)?;
        let mut rows: Vec<TransactionRow> = rows.collect::<Result<_, _>>()?;
        self.with_fields(&mut rows)?;
        Ok(TransactionPage { total, rows })
    }

    /// The transactions of a protocol, or all, by time and id.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn transactions(&self, protocol: Option<&str>) -> Result<Vec<TransactionRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM transactions WHERE coalesce(protocol = ?, true) ORDER BY \"time\", id"
        );
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map([protocol], transaction)?;
        let mut rows: Vec<TransactionRow> = rows.collect::<Result<_, _>>()?;
        self.with_fields(&mut rows)?;
        Ok(rows)
    }

    /// Reads in the fields of these transactions.
    fn with_fields(&self, rows: &mut [TransactionRow]) -> Result<(), StoreError> {
        for some in rows.chunks_mut(AT_ONCE) {
            let mut named: HashMap<String, &mut Vec<FieldRow>> = some
                .iter_mut()
                .filter(|row| row.asked.is_some())
                .map(|row| (row.id.clone(), &mut row.fields))
                .collect();
            if named.is_empty() {
                continue;
            }
            let marks = vec!["?"; named.len()].join(", ");
            let sql = format!(
                "SELECT id, name, value, from_client FROM transaction_fields WHERE id IN ({marks}) ORDER BY id, place"
            );
            let ids: Vec<String> = named.keys().cloned().collect();
            let mut statement = self.connection.prepare(&sql)?;
            let mut found = statement.query(params_from_iter(&ids))?;
            while let Some(row) = found.next()? {
                let id: String = row.get(0)?;
                let field =
                    FieldRow { name: row.get(1)?, value: row.get(2)?, from_client: row.get(3)? };
                if let Some(fields) = named.get_mut(&id) {
                    fields.push(field);
                }
            }
        }
        Ok(())
    }
}

fn transaction(row: &Row<'_>) -> Result<TransactionRow, duckdb::Error> {
    Ok(TransactionRow {
        id: row.get(0)?,
        conversation: row.get(1)?,
        protocol: row.get(2)?,
        time: row.get(3)?,
        method: row.get(4)?,
        host: row.get(5)?,
        uri: row.get(6)?,
        status: row.get(7)?,
        request_body_sha256: row.get(8)?,
        response_body_sha256: row.get(9)?,
        request_body_size: row.get(10)?,
        response_body_size: row.get(11)?,
        complete: row.get(12)?,
        qname: row.get(13)?,
        qtype: row.get(14)?,
        rcode: row.get(15)?,
        answers: match row.get::<_, Value>(16)? {
            Value::Null => None,
            list => Some(texts(list)),
        },
        asked: row.get(17)?,
        answered: row.get(18)?,
        fields: Vec::new(),
    })
}
