//! Conversations, packets, streams, transactions.

use serde::{Deserialize, Serialize};

/// A conversation.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct ConversationObject {
    pub id: String,
    pub protocol: u8,
    pub client: String,
    pub client_port: u16,
    pub server: String,
    pub server_port: u16,
    pub source: Option<String>,
    pub vni: Option<u32>,
    pub key: Option<String>,
    pub tunnelled: bool,
    pub interface_id: Option<String>,
    pub duplicate_of: Option<String>,
    pub records: u64,
    pub unrecorded_reason: Option<String>,
    pub first: String,
    pub last: String,
    pub packets_client: u64,
    pub packets_server: u64,
    pub bytes_client: u64,
    pub bytes_server: u64,
    pub application: Option<String>,
    pub community_id: String,
}

/// Who sent a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The conversation's client.
    Client,
    /// The conversation's server.
    Server,
}

/// A packet of a conversation.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct PacketObject {
    pub id: String,
    pub time: Option<String>,
    pub time_corrected: Option<String>,
    pub evidence: String,
    pub offset: u64,
    pub frame: u32,
    pub caplen: u32,
    pub inner_length: u32,
    pub direction: Direction,
    pub flags: Option<String>,
    pub seq: Option<u32>,
    pub ack: Option<u32>,
    pub payload_length: u32,
    pub truncated: bool,
}

/// A packet taken apart.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct PacketDetail {
    pub id: String,
    pub time: Option<String>,
    pub evidence: String,
    pub evidence_sha256: String,
    pub offset: u64,
    pub data_offset: u64,
    pub frame: u32,
    pub caplen: u32,
    pub origlen: u32,
    pub conversation: Option<String>,
    pub layers: Vec<LayerObject>,
    /// What people or programs wrote on it in the capture.
    pub comments: Vec<String>,
    /// The captured bytes, hexadecimal.
    pub bytes: String,
}

/// A protocol layer; ranges are bytes of the packet, `[from, to)`.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct LayerObject {
    pub protocol: &'static str,
    pub title: String,
    pub range: [usize; 2],
    pub fields: Vec<FieldObject>,
    pub anomalies: Vec<String>,
}

/// A field of a layer.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct FieldObject {
    pub name: &'static str,
    pub value: String,
    pub range: [usize; 2],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<Vec<FieldObject>>", optional))]
    pub fields: Vec<FieldObject>,
}

/// One direction of a conversation, reassembled.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct StreamObject {
    pub conversation: String,
    pub direction: Direction,
    pub length: usize,
    pub text: String,
    pub gaps: Vec<GapObject>,
    pub pieces: Vec<PieceObject>,
    pub conflicts: usize,
    pub retransmitted_segments: u64,
    pub start_seen: bool,
    pub end_seen: bool,
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

/// Bytes that were not captured; `at` counts from the start of the stream.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct GapObject {
    pub at: u64,
    pub length: u64,
    pub cause: &'static str,
}

/// Which packet carried which bytes; `offset` is where they stand in the evidence.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct PieceObject {
    pub start: usize,
    pub length: usize,
    pub packet: String,
    pub evidence: String,
    pub offset: u64,
    pub time: String,
}

/// A transaction; fields of other protocols are `null`.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct TransactionObject {
    pub id: String,
    pub conversation: String,
    pub protocol: String,
    pub time: String,
    pub complete: bool,
    pub method: Option<String>,
    pub host: Option<String>,
    pub uri: Option<String>,
    pub uri_decoded: Option<String>,
    pub status: Option<u16>,
    pub request_body_sha256: Option<String>,
    pub response_body_sha256: Option<String>,
    pub request_body_size: Option<u64>,
    pub response_body_size: Option<u64>,
    pub qname: Option<String>,
    pub qtype: Option<String>,
    pub rcode: Option<String>,
    pub answers: Option<Vec<String>>,
    pub asked: Option<String>,
    pub answered: Option<String>,
    pub fields: Vec<NamedFieldObject>,
}

/// A field of a message, as Wireshark calls it.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "told above")]
pub struct NamedFieldObject {
    pub name: String,
    pub value: String,
    pub direction: Direction,
}
