//! What a tag, a note or a finding points at.

use evidence::{ConversationRef, PacketRef, RecordRef, Sha256};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// A thing in the evidence, named by content. As text: `record:SHA256:LINE`, `packet:SHA256@OFFSET`,
/// `conversation:SHA256@OFFSET` or `evidence:SHA256`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// A flow record.
    Record(RecordRef),
    /// A packet.
    Packet(PacketRef),
    /// A conversation.
    Conversation(ConversationRef),
    /// An evidence item as a whole.
    Evidence(Sha256),
}

impl Reference {
    /// The evidence item that holds the thing.
    pub fn evidence(&self) -> Sha256 {
        match self {
            Self::Record(record) => record.evidence,
            Self::Packet(packet) | Self::Conversation(ConversationRef(packet)) => packet.evidence,
            Self::Evidence(sha256) => *sha256,
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(record) => write!(f, "record:{record}"),
            Self::Packet(packet) => write!(f, "packet:{packet}"),
            Self::Conversation(conversation) => write!(f, "conversation:{conversation}"),
            Self::Evidence(sha256) => write!(f, "evidence:{sha256}"),
        }
    }
}

/// The text names nothing in the evidence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a reference: {0:?} (record:SHA256:LINE, packet:SHA256@OFFSET, conversation:SHA256@OFFSET or evidence:SHA256)"
)]
pub struct ParseReferenceError(String);

impl FromStr for Reference {
    type Err = ParseReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = match text.split_once(':') {
            Some(("record", name)) => name.parse().ok().map(Self::Record),
            Some(("packet", name)) => name.parse().ok().map(Self::Packet),
            Some(("conversation", name)) => name.parse().ok().map(Self::Conversation),
            Some(("evidence", name)) => name.parse().ok().map(Self::Evidence),
            _ => None,
        };
        read.ok_or_else(|| ParseReferenceError(text.to_owned()))
    }
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        as_text::serialize(self, to)
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        as_text::deserialize(from)
    }
}

/// A value in JSON as the text that it prints and parses.
pub(crate) mod as_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::{fmt::Display, str::FromStr};

    pub(crate) fn serialize<T: Display, S: Serializer>(
        value: &T,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub(crate) fn deserialize<'de, T, D>(from: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back_what_it_writes() {
        let evidence = Sha256::of(b"evidence");
        let packet = PacketRef { evidence, offset: 24 };
        for reference in [
            Reference::Record(RecordRef { evidence, line: 2 }),
            Reference::Packet(packet),
            Reference::Conversation(ConversationRef(packet)),
            Reference::Evidence(evidence),
        ] {
            assert_eq!(reference.to_string().parse(), Ok(reference));
            assert_eq!(reference.evidence(), evidence);
        }
    }

    #[test]
    fn a_text_without_its_kind_is_no_reference() {
        let digest = Sha256::of(b"evidence");
        for text in [format!("{digest}:2"), format!("record:{digest}@2"), "row:7".to_owned()] {
            assert!(text.parse::<Reference>().is_err(), "{text}");
        }
    }
}
