//! A flow record.

use crate::moment;
use flowlog::FIELDS;
use serde_json::{Map, Value};
use store::{FlowRow, FlowValue};

/// AWS's names with underscores, then what Tidemark adds. Fields that no record of VPC flow logs has by default
/// (version 6 and up) stand only where the record has them.
pub fn flow_object(row: &FlowRow) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("id".to_owned(), row.id.to_string().into());
    for (spec, value) in FIELDS.iter().zip(&row.values) {
        let value = match value {
            FlowValue::Absent if spec.version > 5 => continue,
            FlowValue::Absent => Value::Null,
            FlowValue::Int(number) => (*number).into(),
            FlowValue::Address(address) => address.to_string().into(),
            FlowValue::Time(time) => moment::microseconds(*time).into(),
            FlowValue::Text(text) => text.as_str().into(),
        };
        object.insert(spec.column.to_owned(), value);
    }
    if let Some(unknown) = &row.unknown_fields {
        object.insert("unknown_fields".to_owned(), unknown.as_str().into());
    }
    object.insert("evidence".to_owned(), row.evidence.as_str().into());
    object.insert("evidence_sha256".to_owned(), row.id.evidence.to_string().into());
    object.insert("member".to_owned(), Value::Null);
    object.insert("line".to_owned(), row.id.line.into());
    object.insert("overlapping".to_owned(), row.overlapping.as_deref().into());
    object.insert("verdict".to_owned(), row.verdict.as_deref().into());
    object.insert("reasons".to_owned(), row.reasons.clone().into());
    object.insert("packets_seen".to_owned(), row.packets_seen.into());
    object.insert("bytes_seen".to_owned(), row.bytes_seen.into());
    object.insert("packets_seen_min".to_owned(), row.packets_seen.into());
    object.insert("packets_seen_max".to_owned(), row.packets_seen.into());
    object.insert("tags".to_owned(), row.tags.clone().into());
    object
}
