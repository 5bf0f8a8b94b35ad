//! A decoder is a data sheet and two functions for each kind of transport that it reads.

use crate::{Stream, Transaction};
use evidence::Anomaly;

/// An application protocol.
#[derive(Debug)]
pub struct Decoder {
    /// Stored in cases, never renamed.
    pub name: &'static str,
    /// Where the protocol is defined.
    pub spec: &'static str,
    /// Where it is usually served. A hint: it makes a probe's [`Probe::Maybe`] enough.
    pub ports: &'static [u16],
    /// How it is read from TCP.
    pub stream: Option<StreamReader>,
    /// How it is read from UDP.
    pub datagrams: Option<DatagramReader>,
}

/// What a decoder gives: transactions in the order of their requests, and what belongs to none of them.
pub type Reading = (Vec<Transaction>, Vec<Anomaly>);

/// The functions that read a protocol from both directions of a TCP connection.
#[derive(Debug)]
pub struct StreamReader {
    /// Is it mine?
    pub probe: fn(&Dialogue<'_>) -> Probe,
    /// Reads all of it.
    pub decode: fn(&Dialogue<'_>) -> Reading,
}

/// The functions that read a protocol from the datagrams of a UDP conversation.
#[derive(Debug)]
pub struct DatagramReader {
    /// Is it mine, for this server port?
    pub probe: fn(&[Datagram<'_>], u16) -> Probe,
    /// Reads all of it.
    pub decode: fn(&[Datagram<'_>]) -> Reading,
}

/// A decoder's answer to "is it mine?".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// It is not.
    No,
    /// It may be, if the port says so too.
    Maybe,
    /// It is, on any port.
    Yes,
}

/// Both directions of a TCP connection.
#[derive(Debug, Clone, Copy)]
pub struct Dialogue<'a> {
    /// From the side that opened the connection.
    pub client: &'a Stream,
    /// From the other.
    pub server: &'a Stream,
}

/// One UDP datagram as captured.
#[derive(Debug, Clone, Copy)]
pub struct Datagram<'a> {
    /// The caller's number for the packet.
    pub packet: u32,
    /// Capture time. Unit: nanoseconds since the epoch, UTC.
    pub time: i64,
    /// Whether the side that spoke first sent it.
    pub from_client: bool,
    /// The payload as far as it was captured.
    pub payload: &'a [u8],
    /// The payload's length on the wire. Unit: bytes.
    pub payload_length: u32,
}

/// What a conversation said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The [`Decoder::name`] that read it; `None` where no decoder knows it.
    pub application: Option<&'static str>,
    /// In the order of their requests.
    pub transactions: Vec<Transaction>,
    /// What could not be read as part of any transaction.
    pub anomalies: Vec<Anomaly>,
}
