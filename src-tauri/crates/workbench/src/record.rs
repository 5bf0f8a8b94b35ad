//! One flow record in full.

use crate::clocks;
use crate::wire::RecordDetail;
use crate::{Workbench, WorkbenchError};
use evidence::RecordRef;
use std::collections::BTreeSet;

/// Records of one flow follow each other within the longest aggregation interval and the lag of delivery (AWS: 10
/// minutes, and one more). Unit: µs.
const PAUSE: i64 = 11 * 60 * 1_000_000;
/// Packets of a record that are listed with it.
const LISTED: usize = 1_000;

impl Workbench {
    /// Everything about one flow record.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] if the case has no such record.
    pub fn record_detail(&self, id: &RecordRef) -> Result<RecordDetail, WorkbenchError> {
        let missing = || WorkbenchError::not_found(format!("flow record {id}"));
        let number = self.store()?.record_number(id)?.ok_or_else(missing)?;
        let row = self.rows_of(&[number])?.pop().ok_or_else(missing)?;
        let windows = self.rows_of(&self.store()?.windows_of(number, PAUSE)?)?;
        let pivot = self.pivot_record(id)?;
        let known_as =
            self.store()?.flow(id)?.map_or_else(Vec::new, |row| self.known().record(&row));
        let wanted: BTreeSet<&str> = pivot.conversations.iter().map(String::as_str).collect();
        let conversations =
            self.store()?.conversations_named(&wanted.into_iter().collect::<Vec<_>>())?;
        let clock = self.with_captures(|captures| {
            let interface = row.interface_id.as_deref().unwrap_or_default();
            let collector = captures.mirror.collector(interface);
            let own = collector.and_then(|at| clocks::object(captures, at));
            Ok(own.filter(|_| !conversations.is_empty()))
        })?;
        let fields = pivot
            .record
            .into_iter()
            .take_while(|(name, _)| name != "evidence")
            .filter(|(name, value)| name != "id" && !value.is_null())
            .map(|(name, value)| match value {
                serde_json::Value::String(text) => (name, text),
                other => (name, other.to_string()),
            });
        Ok(RecordDetail {
            fields: fields.collect(),
            known_as,
            reasons: pivot.reasons,
            because: pivot.because,
            conversations: conversations
                .into_iter()
                .map(crate::look::conversation_object)
                .collect(),
            packets_total: pivot.packet_ids.len(),
            packet_ids: pivot.packet_ids.into_iter().take(LISTED).collect(),
            elsewhere: pivot.elsewhere,
            clock,
            windows,
            row,
        })
    }
}
