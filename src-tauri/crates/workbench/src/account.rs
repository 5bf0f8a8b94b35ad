//! From a conversation or a packet back to the flow records that account for it, and why none does.

use crate::captures::Captures;
use crate::look::find;
use crate::{Workbench, WorkbenchError};
use evidence::{ConversationRef, PacketRef};
use store::FlowRow;
use store::coverage::Unrecorded;

/// Records that are held against one packet.
const RECORDS: u64 = 10_000;

/// The flow records that account for a conversation or a packet.
#[derive(Debug, Clone)]
pub struct Account {
    /// The conversation, or that of the packet.
    pub conversation: String,
    /// In order of time.
    pub records: Vec<FlowRow>,
    /// Why there are none.
    pub reason: Option<String>,
}

impl Workbench {
    /// The records that account for a conversation.
    ///
    /// # Errors
    /// [`crate::ErrorCode::NotFound`] if the case has no such conversation.
    pub fn account_of(&self, id: &ConversationRef) -> Result<Account, WorkbenchError> {
        let missing = || WorkbenchError::not_found(format!("conversation {id}"));
        let (number, own) = self.with_captures(|captures| {
            let (number, conversation) = find(captures, id)?;
            Ok((number, conversation.id.to_string()))
        })?;
        let store = self.store()?;
        let row = store.conversations_named(&[&own])?.pop().ok_or_else(missing)?;
        let records = store.flows_numbered(&store.records_of_conversation(number, RECORDS)?)?;
        Ok(Account { conversation: own, records, reason: row.unrecorded_reason })
    }

    /// The record that counts a packet; several only where logs were exported twice.
    ///
    /// # Errors
    /// [`crate::ErrorCode::NotFound`] if the case has no such packet, or it is part of no conversation.
    pub fn account_of_packet(&self, id: &PacketRef) -> Result<Account, WorkbenchError> {
        let mut account = self.account_of(&ConversationRef(*id))?;
        let rows = std::mem::take(&mut account.records);
        self.with_captures(|captures| {
            let packets = self.packets_of_rows(captures, &rows)?;
            let holds = |row: &FlowRow| {
                let own = packets.get(&row.record).into_iter().flatten();
                own.filter_map(|seen| crate::pivot::reference(captures, seen)).any(|own| own == *id)
            };
            account.records = rows.iter().filter(|row| holds(row)).cloned().collect();
            if account.records.is_empty() && account.reason.is_none() {
                account.reason = Some(self.reason_of(captures, id)?.to_owned());
            }
            Ok(account)
        })
    }

    /// Why no record counts a packet whose conversation has some.
    fn reason_of(
        &self,
        captures: &Captures,
        id: &PacketRef,
    ) -> Result<&'static str, WorkbenchError> {
        let missing = || WorkbenchError::not_found(format!("packet {id}"));
        let packet = captures.find_packet(id)?.ok_or_else(missing)?;
        let number = packet.conversation.ok_or_else(missing)?;
        let conversation = captures.conversation(number)?.ok_or_else(missing)?;
        let interface = captures.interface(&conversation);
        let time = captures.logged_at(interface, packet.entry.time.unwrap_or_default());
        Ok(self.store()?.log_extents()?.reason(&Unrecorded {
            interface,
            protocol: conversation.protocol,
            ends: [conversation.client.into(), conversation.server.into()],
            span: (time, time),
        }))
    }
}

/// What a reason means.
pub fn unrecorded(reason: &str) -> &'static str {
    match reason {
        "never_logged" => {
            "Flow logs never record this traffic: Amazon DNS, instance metadata, time, licences, DHCP."
        }
        "interface_unknown" => {
            "Nothing says which interface the packets were mirrored from: confirm the mirror session."
        }
        "interface_not_logged" => "The case has no flow log of this interface.",
        "outside_logs" => "The flow logs of this interface begin later or end before.",
        "skipdata" => "The flow log says that it skipped records at this time.",
        "suspected_missing_file" => {
            "A file of the flow log that should cover this time seems not to have been delivered."
        }
        "action_not_logged" => {
            "The flow log of this interface holds one action only: the other may not be logged."
        }
        _ => "Nothing in the case explains why no record accounts for this.",
    }
}
