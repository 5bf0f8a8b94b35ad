//! Timeline, top and pivot.

use serde::Serialize;
use serde_json::{Map, Value};

/// A bucket of the timeline.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct TimelineObject {
    pub from: String,
    pub to: String,
    pub by: Option<String>,
    pub records: u64,
    pub packets: u64,
    pub bytes: u64,
}

/// A value and its sums.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct TopObject {
    pub value: Option<String>,
    pub records: u64,
    pub packets: u64,
    pub bytes: u64,
}

/// A flow record and its packets.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct PivotObject {
    pub record: Map<String, Value>,
    pub verdict: Option<String>,
    pub reasons: Vec<String>,
    /// A sentence for each reason.
    pub because: Vec<String>,
    pub packets: Option<i64>,
    pub packets_seen: Option<i64>,
    pub bytes: Option<i64>,
    pub bytes_seen: Option<i64>,
    pub conversations: Vec<String>,
    pub packet_ids: Vec<String>,
    pub elsewhere: Vec<String>,
}
