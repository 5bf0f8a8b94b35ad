//! From a conversation or a packet back to its flow records.

use super::{found, open};
use crate::print::Out;
use serde_json::json;
use std::path::Path;
use workbench::{Account, unrecorded};

pub(super) fn of_conversation(case: &Path, id: &str, out: &mut Out) -> anyhow::Result<u8> {
    print(open(case)?.account_of(&id.parse()?)?, out)
}

pub(super) fn of_packet(case: &Path, id: &str, out: &mut Out) -> anyhow::Result<u8> {
    print(open(case)?.account_of_packet(&id.parse()?)?, out)
}

fn print(account: Account, out: &mut Out) -> anyhow::Result<u8> {
    let Account { conversation, records, reason } = account;
    let because = reason.as_deref().map(unrecorded);
    if out.is_json() {
        let ids: Vec<String> = records.iter().map(|record| record.id.to_string()).collect();
        out.object(&json!({
            "conversation": conversation, "records": ids, "unrecorded_reason": reason, "because": because,
        }))?;
    } else {
        out.line(format!("conversation {conversation}"))?;
        for record in &records {
            out.line(format!(
                "  record {} ({} line {})",
                record.id, record.evidence, record.id.line
            ))?;
        }
        if let Some((reason, because)) = reason.as_deref().zip(because) {
            out.line(format!("  {reason}: {because}"))?;
        }
    }
    Ok(found(&records))
}
