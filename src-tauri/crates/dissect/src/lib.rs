//! Packets and streams to layers, transactions and bodies.
//!
//! Everything here is a function of bytes that the caller holds: no files, no clock, no network. Nothing
//! *fails* on content; what breaks its own rules is kept as [`evidence::Anomaly`] beside what could be read.
//!
//! In reading order: [`layers`] takes one captured frame apart for the eye, [`reassemble`] joins the TCP
//! segments of one direction into a [`Stream`] that knows which packet carried each byte, [`decode_stream`]
//! and [`decode_datagrams`] read [`Transaction`]s out of them with the decoders of [`DECODERS`].

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod decode;
mod decoder;
mod layers;
mod stream;
mod text;
mod transaction;

pub use decode::{DECODERS, decode_datagrams, decode_stream};
pub use decoder::{
    Datagram, DatagramReader, Decoded, Decoder, Dialogue, Probe, Reading, StreamReader,
};
pub use layers::{Field, Layer, layers};
pub use stream::{Conflict, Gap, GapCause, Piece, Run, Segment, Stream, reassemble};
pub use text::{escape, form_decode, percent_decode};
pub use transaction::{
    Body, BodyGap, Detail, DnsExchange, DnsRecord, HttpExchange, HttpRequest, HttpResponse,
    NamedExchange, NamedField, Transaction,
};
