//! Named fields, gathered message by message.

use crate::{Detail, Dialogue, NamedExchange, NamedField, Transaction};
use std::collections::BTreeSet;
use std::ops::Range;

/// Fields of one exchange; a flood of them cannot fill the memory.
const MOST: usize = 4_000;

#[derive(Default)]
pub(super) struct Fields {
    list: Vec<NamedField>,
}

/// Takes the fields of one message.
pub(super) struct OfMessage<'f> {
    list: &'f mut Vec<NamedField>,
    from_client: bool,
    range: Range<usize>,
}

impl Fields {
    /// The fields of a message that stands there in the stream of its side.
    pub(super) fn of(&mut self, from_client: bool, range: &Range<usize>) -> OfMessage<'_> {
        OfMessage { list: &mut self.list, from_client, range: range.clone() }
    }

    /// Every packet that carried a byte of the messages, sorted, each once.
    fn packets(&self, dialogue: &Dialogue<'_>) -> Vec<u32> {
        let mut packets = BTreeSet::new();
        let mut before = None;
        for NamedField { from_client, range, .. } in &self.list {
            let own = (*from_client, range.clone());
            if before.as_ref() == Some(&own) {
                continue;
            }
            let stream = if *from_client { dialogue.client } else { dialogue.server };
            packets.extend(stream.sources_of(range.clone()).iter().map(|piece| piece.packet));
            before = Some(own);
        }
        packets.into_iter().collect()
    }

    /// The transaction of which these are the fields; `told` has none yet.
    pub(super) fn transaction(
        self,
        dialogue: &Dialogue<'_>,
        time: i64,
        told: NamedExchange,
    ) -> Transaction {
        let packets = self.packets(dialogue);
        let detail = Detail::Named(NamedExchange { fields: self.list, ..told });
        Transaction { time, packets, detail, anomalies: Vec::new() }
    }
}

impl OfMessage<'_> {
    pub(super) fn add(&mut self, name: &'static str, value: impl Into<String>) {
        if self.list.len() < MOST {
            let (from_client, range) = (self.from_client, self.range.clone());
            self.list.push(NamedField { name, value: value.into(), from_client, range });
        }
    }

    /// One field for each value.
    pub(super) fn add_all(&mut self, name: &'static str, values: impl IntoIterator<Item = String>) {
        values.into_iter().for_each(|value| self.add(name, value));
    }
}
