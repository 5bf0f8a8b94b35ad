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
    pub known_as: Option<String>,
    pub records: u64,
    pub packets: u64,
    pub bytes: u64,
}

/// A value, and when it was there.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct DistinctObject {
    pub value: Option<String>,
    pub known_as: Option<String>,
    pub records: u64,
    pub first: Option<String>,
    pub last: Option<String>,
}

/// The different values of a field.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DistinctAnswer {
    /// How many there are; records that lack the field are none.
    pub total: u64,
    /// Those that were there first at the top.
    pub rows: Vec<DistinctObject>,
}

/// What became of a value since the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum ChangeKind {
    New,
    Grown,
    Gone,
    Shrunk,
    Same,
}

/// Sums over one window.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct SumsObject {
    pub records: u64,
    pub packets: u64,
    pub bytes: u64,
}

/// A value in two windows; `ratio` is how many times as much an hour as in the baseline.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct ComparedObject {
    pub value: Option<String>,
    pub known_as: Option<String>,
    pub change: ChangeKind,
    pub baseline: SumsObject,
    pub window: SumsObject,
    pub ratio: Option<f64>,
}

/// A named selection of records.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct SavedViewObject {
    pub name: String,
    pub filter: String,
    pub from: Option<String>,
    pub to: Option<String>,
    pub order: Option<String>,
    pub all_sources: bool,
}

/// Flow records in a file.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct ExportedFlowsObject {
    pub path: String,
    pub records: u64,
    pub size: u64,
    pub sha256: String,
}

impl From<crate::ExportedFlows> for ExportedFlowsObject {
    fn from(exported: crate::ExportedFlows) -> Self {
        Self {
            path: exported.file.path,
            records: exported.records,
            size: exported.file.size,
            sha256: exported.file.sha256.to_string(),
        }
    }
}

/// Packets in a file.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the README documents the names")]
pub struct ExportedPacketsObject {
    pub path: String,
    pub packets: u64,
    pub size: u64,
    pub sha256: String,
}

impl From<crate::ExportedPackets> for ExportedPacketsObject {
    fn from(exported: crate::ExportedPackets) -> Self {
        Self {
            path: exported.file.path,
            packets: exported.packets,
            size: exported.file.size,
            sha256: exported.file.sha256.to_string(),
        }
    }
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
