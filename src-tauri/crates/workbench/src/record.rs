//! One flow record in full, and the line of the log that it was read from.

use crate::ask::clocks;
use crate::wire::{RawLine, RecordDetail};
use crate::{ErrorCode, Workbench, WorkbenchError};
use evidence::{Intake, RecordRef};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;

/// Records of one flow follow each other within the longest aggregation interval and the lag of delivery (AWS: 10
/// minutes, and one more). Unit: µs.
const PAUSE: i64 = 11 * 60 * 1_000_000;
/// Packets of a record that are listed with it.
const LISTED: usize = 1_000;
/// A line longer than this is shown up to here. Unit: bytes.
const LINE_LIMIT: u64 = 64 << 10;

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
        let wanted: BTreeSet<&str> = pivot.conversations.iter().map(String::as_str).collect();
        let conversations =
            self.store()?.conversations_named(&wanted.into_iter().collect::<Vec<_>>())?;
        let clock = self.with_captures(|captures| {
            let interface = row.interface_id.as_deref().unwrap_or_default();
            let collector = captures.mirror.collector(interface);
            let own = collector.and_then(|at| clocks(captures).into_iter().nth(at));
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

    /// The line of a text log that a record was read from. The whole file is hashed while it is read: a file that is not
    /// what it was is named instead of shown.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`], [`ErrorCode::EvidenceMissing`] or [`ErrorCode::IntegrityMismatch`].
    pub fn raw_line(&self, id: &RecordRef) -> Result<RawLine, WorkbenchError> {
        let items = self.state().evidence;
        let item = items.into_iter().find(|item| item.sha256 == id.evidence);
        let item = item.ok_or_else(|| WorkbenchError::not_found(format!("flow record {id}")))?;
        let place = self.place_of(&item).ok_or_else(|| {
            WorkbenchError::new(
                ErrorCode::EvidenceMissing,
                format!("{} is not where it was when it was added", item.name),
            )
        })?;
        let failed = |error| WorkbenchError::place("read", &place, error);
        let mut intake = Intake::at(&place, &Arc::default()).map_err(failed)?;
        let mut lines = BufReader::new(&mut intake);
        let first = next_line(&mut lines).map_err(failed)?;
        let mut line = first.clone();
        for _ in 1..id.line {
            line = next_line(&mut lines).map_err(failed)?;
        }
        drop(lines);
        let taken = intake.finish().map_err(failed)?;
        if taken.sha256 != item.sha256 {
            return Err(WorkbenchError::new(
                ErrorCode::IntegrityMismatch,
                format!("{} was changed after it was added", place),
            ));
        }
        // A header names columns; a record has numbers in it.
        let is_header = first.starts_with(b"version ")
            || first.starts_with(b"account-id ")
            || !first.iter().any(u8::is_ascii_digit);
        Ok(RawLine {
            evidence: item.name,
            sha256: item.sha256.to_string(),
            line: id.line,
            header: (is_header && id.line > 1).then(|| dissect::escape(&first)),
            text: dissect::escape(&line),
        })
    }
}

/// The next line without its end, in bounded memory.
fn next_line(lines: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut line = Vec::new();
    lines.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
    } else {
        lines.skip_until(b'\n')?;
    }
    Ok(line)
}
