//! The conversations of all captures.

use crate::database::stored;
use crate::{Store, StoreError};
use duckdb::{Row, params};
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
    /// The interface that was mirrored, where known.
    pub interface_id: Option<String>,
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
    server_port, source, vni, interface_id, "first", "last", packets_client, packets_server, bytes_client,
    bytes_server, application, community_id"#;

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
                    row.interface_id,
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
        interface_id: row.get(11)?,
        first: row.get(12)?,
        last: row.get(13)?,
        packets_client: row.get(14)?,
        packets_server: row.get(15)?,
        bytes_client: row.get(16)?,
        bytes_server: row.get(17)?,
        application: row.get(18)?,
        community_id: row.get(19)?,
    })
}
