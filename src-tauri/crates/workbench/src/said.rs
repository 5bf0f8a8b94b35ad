//! What captures say besides their packets: comments, counters of lost packets, names, keys.

use crate::captures::Captures;
use crate::wire::{CaptureFactKind, CaptureFactObject, CaptureFacts};
use crate::{Workbench, WorkbenchError};
use capture::KeptFact;
use evidence::Sha256;

/// Secrets that are a TLS key log: `TLSK` (pcapng, Decryption Secrets Block).
const TLS_KEY_LOG: u32 = 0x544c_534b;

impl Workbench {
    /// What one capture says besides its packets, or all of them, in file order.
    ///
    /// # Errors
    /// If an index cannot be read.
    pub fn capture_facts(
        &self,
        evidence: Option<Sha256>,
        limit: usize,
    ) -> Result<CaptureFacts, WorkbenchError> {
        self.with_captures(|captures| {
            let mut said = CaptureFacts::default();
            let wanted = captures.list.iter();
            for capture in wanted.filter(|capture| evidence.is_none_or(|own| own == capture.sha256))
            {
                let facts = capture.index.facts()?;
                said.total = said.total.saturating_add(facts.len());
                said.omitted = said.omitted.saturating_add(capture.index.omitted_facts());
                let room = limit.saturating_sub(said.rows.len());
                let rows = facts.into_iter().take(room);
                said.rows.extend(rows.map(|fact| row(&capture.name, capture.sha256, fact)));
            }
            Ok(said)
        })
    }
}

/// The comments that a packet bears.
pub(crate) fn comments_on(
    captures: &Captures,
    capture: usize,
    frame: u32,
) -> Result<Vec<String>, WorkbenchError> {
    let Some(capture) = captures.list.get(capture) else { return Ok(Vec::new()) };
    let facts = capture.index.facts()?.into_iter();
    let comments = facts.filter_map(|fact| match fact {
        KeptFact::Comment { frame: Some(own), text, .. } if own == u64::from(frame) => Some(text),
        _ => None,
    });
    Ok(comments.collect())
}

fn row(evidence: &str, sha256: Sha256, fact: KeptFact) -> CaptureFactObject {
    let offset = fact.offset();
    let (mut frame, mut address) = (None, None);
    let (kind, text) = match fact {
        KeptFact::Comment { frame: own, text, .. } => {
            frame = own;
            (CaptureFactKind::Comment, text)
        }
        KeptFact::Name { address: own, name, .. } => {
            address = Some(own.to_string());
            (CaptureFactKind::Name, name)
        }
        KeptFact::Secrets { kind, length, .. } => {
            let what = match kind {
                TLS_KEY_LOG => "a TLS key log".to_owned(),
                other => format!("secrets of kind 0x{other:08x}"),
            };
            (CaptureFactKind::Secrets, format!("{what} of {length} bytes"))
        }
        KeptFact::Drops {
            interface, received, dropped_by_interface, dropped_by_system, ..
        } => {
            let counted = [
                (received, "received"),
                (dropped_by_interface, "dropped by it"),
                (dropped_by_system, "dropped by the system"),
            ];
            let counted: Vec<String> = counted
                .into_iter()
                .filter_map(|(count, what)| Some(format!("{} {what}", count?)))
                .collect();
            let counted =
                if counted.is_empty() { "nothing".to_owned() } else { counted.join(", ") };
            (CaptureFactKind::Drops, format!("interface {interface} counts {counted}"))
        }
    };
    let (evidence, sha256) = (evidence.to_owned(), sha256.to_string());
    CaptureFactObject { evidence, sha256, offset, frame, kind, address, text }
}
