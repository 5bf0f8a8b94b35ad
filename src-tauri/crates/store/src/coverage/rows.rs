//! Rows of the table `coverage`.

use crate::{Store, StoreError};
use arrow::array::{ArrayRef, Int32Builder, Int64Array, Int64Builder, ListBuilder, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use std::sync::Arc;

/// Rows of the table `coverage` in the making.
#[derive(Default)]
pub(super) struct CoverageRows {
    records: Vec<i64>,
    verdicts: StringBuilder,
    reasons: ListBuilder<StringBuilder>,
    packets: Int64Builder,
    bytes: Int64Builder,
    least: Int64Builder,
    most: Int64Builder,
    conversations: ListBuilder<Int32Builder>,
}

impl CoverageRows {
    pub(super) fn push(
        &mut self,
        record: i64,
        verdict: &str,
        reasons: &[&str],
        seen: (i64, i64),
        range: (i64, i64),
        conversations: &[i32],
    ) {
        self.records.push(record);
        self.verdicts.append_value(verdict);
        reasons.iter().for_each(|reason| self.reasons.values().append_value(reason));
        self.reasons.append(true);
        self.packets.append_value(seen.0);
        self.bytes.append_value(seen.1);
        self.least.append_value(range.0);
        self.most.append_value(range.1);
        conversations.iter().for_each(|number| self.conversations.values().append_value(*number));
        self.conversations.append(true);
    }

    pub(super) fn append_to(mut self, store: &Store) -> Result<(), StoreError> {
        let list = |kind| DataType::List(Arc::new(Field::new("item", kind, true)));
        let schema = Schema::new(vec![
            Field::new("record", DataType::Int64, true),
            Field::new("verdict", DataType::Utf8, true),
            Field::new("reasons", list(DataType::Utf8), true),
            Field::new("packets_seen", DataType::Int64, true),
            Field::new("bytes_seen", DataType::Int64, true),
            Field::new("packets_seen_min", DataType::Int64, true),
            Field::new("packets_seen_max", DataType::Int64, true),
            Field::new("conversations", list(DataType::Int32), true),
        ]);
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from(self.records)),
            Arc::new(self.verdicts.finish()),
            Arc::new(self.reasons.finish()),
            Arc::new(self.packets.finish()),
            Arc::new(self.bytes.finish()),
            Arc::new(self.least.finish()),
            Arc::new(self.most.finish()),
            Arc::new(self.conversations.finish()),
        ];
        let mut appender = store.connection.appender("coverage")?;
        appender.append_record_batch(RecordBatch::try_new(Arc::new(schema), arrays)?)?;
        appender.flush()?;
        Ok(())
    }
}
