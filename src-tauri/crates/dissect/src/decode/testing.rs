//! Connections for the decoders' tests.

use crate::{Decoded, Dialogue, Segment, Stream, decode_stream, reassemble};

/// What happens on a connection, in order; each is one packet.
pub(super) enum Part<'a> {
    Client(&'a [u8]),
    Server(&'a [u8]),
    /// The client's bytes, not captured.
    ClientLost(usize),
    /// The server's bytes, not captured.
    ServerLost(usize),
    /// The server's bytes, of which only the first were captured.
    ServerCut(&'a [u8], usize),
}
pub(super) use Part::{Client, ClientLost, Server, ServerCut, ServerLost};

/// Both directions; packet numbers count from 1, and their times are 10 ns each.
pub(super) fn talk(parts: &[Part<'_>]) -> (Stream, Stream) {
    build(parts, true)
}

/// The same, with the capture ending before the connection.
pub(super) fn talk_without_end(parts: &[Part<'_>]) -> (Stream, Stream) {
    build(parts, false)
}

fn build(parts: &[Part<'_>], closed: bool) -> (Stream, Stream) {
    let blank = |packet: u32, seq: u32, payload| Segment {
        packet,
        time: i64::from(packet) * 10,
        seq,
        syn: false,
        fin: false,
        rst: false,
        payload,
        payload_length: u32::try_from(<[u8]>::len(payload)).unwrap(),
    };
    let mut sides = [vec![], vec![]];
    let mut next = [1, 1];
    for side in &mut sides {
        side.push(Segment { syn: true, ..blank(0, 0, b"") });
    }
    for (part, packet) in parts.iter().zip(1..) {
        let (side, payload, length) = match part {
            Client(bytes) => (0, Some(*bytes), bytes.len()),
            Server(bytes) => (1, Some(*bytes), bytes.len()),
            ClientLost(length) => (0, None, *length),
            ServerLost(length) => (1, None, *length),
            ServerCut(bytes, kept) => (1, Some(&bytes[..*kept]), bytes.len()),
        };
        if let Some(payload) = payload {
            let payload_length = u32::try_from(length).unwrap();
            sides[side].push(Segment { payload_length, ..blank(packet, next[side], payload) });
        }
        next[side] += u32::try_from(length).unwrap();
    }
    if closed {
        for (side, seq) in sides.iter_mut().zip(next) {
            side.push(Segment { fin: true, ..blank(1000, seq, b"") });
        }
    }
    let [client, server] = sides;
    (reassemble(&client, usize::MAX), reassemble(&server, usize::MAX))
}

pub(super) fn decoded((client, server): &(Stream, Stream), port: u16) -> Decoded {
    decode_stream(&Dialogue { client, server }, port)
}
