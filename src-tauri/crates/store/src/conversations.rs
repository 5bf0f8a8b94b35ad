//! The conversations of all captures.

use crate::database::stored;
use crate::{Order, Store, StoreError};
use duckdb::{Row, params, params_from_iter};
use evidence::Address;

/// One conversation as it is kept and listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationRow {
    /// Its number in this database.
    pub number: i32,
    /// Its reference: that of its first packet.
    pub id: String,
    /// IANA protocol number.
    pub protocol: u8,
    /// Who opened it (TCP), or sent first.
    pub client: (Address, u16),
    /// The other side.
    pub server: (Address, u16),
    /// Outer source address of its mirror session; `None` for packets that were not encapsulated.
    pub source: Option<Address>,
    /// VXLAN network identifier of its mirror session.
    pub vni: Option<u32>,
    /// What names its mirror session where that is no VNI, in words: `ERSPAN 7`.
    pub session_key: Option<String>,
    /// Whether its packets lie in a tunnel of the mirrored interface's own.
    pub tunnelled: bool,
    /// The interface that was mirrored, where known.
    pub interface_id: Option<String>,
    /// The conversation that this one is a copy of: both ends were mirrored.
    pub duplicate_of: Option<String>,
    /// How many flow records account for it.
    pub records: u64,
    /// Why none does, if none does: see [`crate::coverage::LogExtents::reason`].
    pub unrecorded_reason: Option<String>,
    /// First packet, as captured. Unit: ns since the epoch, UTC.
    pub first: i64,
    /// Last packet, as captured. Unit: ns since the epoch, UTC.
    pub last: i64,
    /// Packets from the client.
    pub packets_client: u64,
    /// Packets from the server.
    pub packets_server: u64,
    /// Inner IP lengths from the client. Unit: bytes.
    pub bytes_client: u64,
    /// Inner IP lengths from the server. Unit: bytes.
    pub bytes_server: u64,
    /// The application protocol, where a decoder recognised it.
    pub application: Option<String>,
    /// Community ID version 1, seed 0.
    pub community_id: String,
}

const COLUMNS: &str = r#"conversation, id, protocol, client_hi, client_lo, client_port, server_hi, server_lo,
    server_port, source, vni, session_key, tunnelled, interface_id, duplicate_of, records, unrecorded_reason, "first", "last", packets_client, packets_server, bytes_client,
    bytes_server, application, community_id"#;

/// Some of the conversations that a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationPage {
    /// How many it found.
    pub total: u64,
    /// The ones asked for.
    pub rows: Vec<ConversationRow>,
}

impl Store {
    /// Replaces all conversations.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn set_conversations(&self, rows: &[ConversationRow]) -> Result<(), StoreError> {
        self.whole(|connection| {
            connection.execute("DELETE FROM conversations", [])?;
            let mut appender = connection.appender("conversations")?;
            for row in rows {
                appender.append_row(params![
                    row.number,
                    row.id,
                    row.protocol,
                    row.client.0.hi(),
                    row.client.0.lo(),
                    row.client.1,
                    row.server.0.hi(),
                    row.server.0.lo(),
                    row.server.1,
                    row.source.map(|address| address.to_string()),
                    row.vni.map(i64::from),
                    row.session_key,
                    row.tunnelled,
                    row.interface_id,
                    row.duplicate_of,
                    stored(row.records),
                    row.unrecorded_reason,
                    row.first,
                    row.last,
                    stored(row.packets_client),
                    stored(row.packets_server),
                    stored(row.bytes_client),
                    stored(row.bytes_server),
                    row.application,
                    row.community_id
                ])?;
            }
            appender.flush()?;
            Ok(())
        })
    }

    /// The conversations whose addresses, ports, application, interface or Community ID hold each word of `search`,
    /// from the row `from` on; by default in order of time.
    ///
    /// # Errors
    /// [`StoreError::UnknownField`] or [`StoreError::Database`].
    pub fn find_conversations(
        &self,
        search: &str,
        order: Option<&Order>,
        from: u64,
        count: u64,
    ) -> Result<ConversationPage, StoreError> {
        let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
        let condition =
            words.iter().map(|_| format!("contains({SEARCHED}, ?)")).collect::<Vec<_>>();
        let condition =
            if condition.is_empty() { "true".to_owned() } else { condition.join(" AND ") };
        let order = match order {
            Some(order) => format!("{}, conversation", sort_key(order)?),
            None => "\"first\", conversation".to_owned(),
        };
        let sql = format!("SELECT count(*) FROM conversations WHERE {condition}");
        let total = self.connection.query_row(&sql, params_from_iter(&words), |row| row.get(0))?;
        let sql = format!(
            "SELECT {COLUMNS} FROM conversations WHERE {condition} ORDER BY {order} LIMIT {count} OFFSET {from}"
        );
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map(params_from_iter(&words), conversation)?;
        Ok(ConversationPage { total, rows: rows.collect::<Result<_, _>>()? })
    }

    /// The conversations with these references, in order of time.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn conversations_named(&self, ids: &[&str]) -> Result<Vec<ConversationRow>, StoreError> {
        let marks = vec!["?"; ids.len()].join(", ");
        let sql = format!(
            "SELECT {COLUMNS} FROM conversations WHERE id IN ({}) ORDER BY \"first\", conversation",
            if ids.is_empty() { "NULL" } else { &marks }
        );
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map(params_from_iter(ids), conversation)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// All conversations, in the order of their numbers.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn conversations(&self) -> Result<Vec<ConversationRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM conversations ORDER BY conversation");
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map([], conversation)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// What a search looks into.
const SEARCHED: &str = "lower(concat_ws(' ', addr(client_hi, client_lo) || ':' || client_port,
    addr(server_hi, server_lo) || ':' || server_port, application, interface_id, vni, community_id,
    unrecorded_reason))";

fn sort_key(order: &Order) -> Result<String, StoreError> {
    let direction = if order.descending { "DESC" } else { "ASC" };
    let columns: &[&str] = match order.field.as_str() {
        "first" => &["\"first\""],
        "last" => &["\"last\""],
        "packets" => &["packets_client + packets_server"],
        "bytes" => &["bytes_client + bytes_server"],
        "client" => &["client_hi", "client_lo", "client_port"],
        "server" => &["server_hi", "server_lo", "server_port"],
        "application" => &["application"],
        "protocol" => &["protocol"],
        other => return Err(StoreError::UnknownField(other.to_owned())),
    };
    let keys: Vec<_> =
        columns.iter().map(|column| format!("{column} {direction} NULLS LAST")).collect();
    Ok(keys.join(", "))
}

fn conversation(row: &Row<'_>) -> Result<ConversationRow, duckdb::Error> {
    let endpoint = |at: usize| -> Result<(Address, u16), duckdb::Error> {
        let address = Address::from_halves(row.get(at)?, row.get(at + 1)?);
        Ok((address, row.get(at + 2)?))
    };
    Ok(ConversationRow {
        number: row.get(0)?,
        id: row.get(1)?,
        protocol: row.get(2)?,
        client: endpoint(3)?,
        server: endpoint(6)?,
        source: row.get::<_, Option<String>>(9)?.as_deref().and_then(Address::parse),
        vni: row.get(10)?,
        session_key: row.get(11)?,
        tunnelled: row.get(12)?,
        interface_id: row.get(13)?,
        duplicate_of: row.get(14)?,
        records: row.get(15)?,
        unrecorded_reason: row.get(16)?,
        first: row.get(17)?,
        last: row.get(18)?,
        packets_client: row.get(19)?,
        packets_server: row.get(20)?,
        bytes_client: row.get(21)?,
        bytes_server: row.get(22)?,
        application: row.get(23)?,
        community_id: row.get(24)?,
    })
}
