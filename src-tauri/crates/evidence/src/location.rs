//! References by content: how a journal, a report or a colleague names one thing in the evidence.
//!
//! Never a row number of a database: the same evidence gives the same references in any load order and
//! after any rebuild.

use crate::Sha256;
use std::{fmt, str::FromStr};

/// A flow record: the file, and the line of its inflated text (or the row of a table).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordRef {
    /// The file as acquired.
    pub evidence: Sha256,
    /// 1-based, the header included.
    pub line: u64,
}

/// A packet: the capture, and where its record starts in the inflated file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PacketRef {
    /// The capture as acquired.
    pub evidence: Sha256,
    /// Offset of the packet's record header (pcap) or block (pcapng) in the inflated bytes. Unit: bytes.
    pub offset: u64,
}

/// A conversation: the one that holds this packet. The packet's own outer headers name its mirror session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConversationRef(pub PacketRef);

impl fmt::Display for RecordRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.evidence, self.line)
    }
}

impl fmt::Display for PacketRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.evidence, self.offset)
    }
}

impl fmt::Display for ConversationRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The text is not a reference of the form that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a reference: {0:?} (a record is SHA256:LINE, a packet or conversation SHA256@OFFSET)")]
pub struct ParseReferenceError(String);

fn split(text: &str, mark: char) -> Option<(Sha256, u64)> {
    let (digest, number) = text.split_once(mark)?;
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    Some((digest.parse().ok()?, number.parse().ok().filter(|_| digits)?))
}

impl FromStr for RecordRef {
    type Err = ParseReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (evidence, line) =
            split(text, ':').ok_or_else(|| ParseReferenceError(text.to_owned()))?;
        Ok(Self { evidence, line })
    }
}

impl FromStr for PacketRef {
    type Err = ParseReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (evidence, offset) =
            split(text, '@').ok_or_else(|| ParseReferenceError(text.to_owned()))?;
        Ok(Self { evidence, offset })
    }
}

impl FromStr for ConversationRef {
    type Err = ParseReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_reads_back_what_it_writes() {
        let record = RecordRef { evidence: Sha256::of(b"log"), line: 7 };
        assert_eq!(record.to_string().parse(), Ok(record));
        let packet = PacketRef { evidence: Sha256::of(b"capture"), offset: 24 };
        assert_eq!(packet.to_string().parse(), Ok(packet));
        assert_eq!(packet.to_string().parse(), Ok(ConversationRef(packet)));
    }

    #[test]
    fn a_record_is_no_packet() {
        let record = RecordRef { evidence: Sha256::of(b"log"), line: 7 };
        assert!(record.to_string().parse::<PacketRef>().is_err());
        assert!(format!("{}:+7", Sha256::of(b"log")).parse::<RecordRef>().is_err());
    }
}
