//! From a conversation to what was said in it.

use crate::WorkbenchError;
use crate::captures::{Captures, Place};
use capture::{Conversation, PacketEntry, Stretch, flags};
use dissect::{
    Datagram, Decoded, Dialogue, Segment, Stream, decode_datagrams, decode_stream, reassemble,
};
use evidence::Anomaly;

/// Bytes of a stream that are reassembled; what is beyond is counted as omitted. Unit: bytes.
const STREAM_LIMIT: usize = 256 << 20;
const TCP: u8 = 6;
const UDP: u8 = 17;

/// The packets of a conversation with their payload, as captured.
pub(crate) struct Payload {
    pub(crate) packets: Vec<PayloadPacket>,
}

pub(crate) struct PayloadPacket {
    pub(crate) capture: usize,
    pub(crate) entry: PacketEntry,
    pub(crate) time: i64,
    pub(crate) from_client: bool,
    pub(crate) payload: Vec<u8>,
    /// Where it stands in the capture: one stretch, but for what was joined from fragments.
    pub(crate) stretches: Vec<Stretch>,
    later_fragment: bool,
}

/// Both directions of a TCP conversation.
pub(crate) struct Streams {
    pub(crate) client: Stream,
    pub(crate) server: Stream,
}

impl Payload {
    /// Reads the payload of every packet of a conversation.
    pub(crate) fn read(
        captures: &mut Captures,
        conversation: &Conversation,
    ) -> Result<Self, WorkbenchError> {
        let places = captures.payloads(conversation)?;
        let mut packets = Vec::with_capacity(places.len());
        for Place { capture, entry, from_client } in places {
            let stretches = captures.stretches(capture, &entry)?;
            let mut payload = Vec::new();
            for Stretch { offset, length } in &stretches {
                payload.extend(captures.read(capture, *offset, *length as usize)?);
            }
            packets.push(PayloadPacket {
                capture,
                time: entry.time.unwrap_or_default(),
                from_client,
                payload,
                stretches,
                later_fragment: matches!(
                    entry.fragment,
                    capture::FragmentPart::Later | capture::FragmentPart::Orphan
                ),
                entry,
            });
        }
        Ok(Self { packets })
    }

    /// Both directions, reassembled. Packets are named by their place in [`Payload::packets`].
    pub(crate) fn streams(&self) -> Streams {
        let direction = |from_client: bool| {
            let segments: Vec<Segment<'_>> = (0..)
                .zip(&self.packets)
                .filter(|(_, packet)| packet.from_client == from_client && !packet.later_fragment)
                .map(|(number, packet)| Segment {
                    packet: number,
                    time: packet.time,
                    seq: packet.entry.seq,
                    syn: packet.entry.tcp_flags & flags::SYN != 0,
                    fin: packet.entry.tcp_flags & flags::FIN != 0,
                    rst: packet.entry.tcp_flags & flags::RST != 0,
                    payload: &packet.payload,
                    payload_length: packet.entry.payload_length,
                })
                .collect();
            reassemble(&segments, STREAM_LIMIT)
        };
        Streams { client: direction(true), server: direction(false) }
    }

    /// The transactions of the conversation, and the anomalies of the reassembly below them.
    pub(crate) fn decode(&self, conversation: &Conversation) -> (Decoded, Vec<Anomaly>) {
        match conversation.protocol {
            TCP => {
                let streams = self.streams();
                let dialogue = Dialogue { client: &streams.client, server: &streams.server };
                let decoded = decode_stream(&dialogue, conversation.server.port);
                let below = [streams.client.anomalies, streams.server.anomalies].concat();
                (decoded, below)
            }
            UDP => {
                let datagrams: Vec<Datagram<'_>> = (0..)
                    .zip(&self.packets)
                    .filter(|(_, packet)| !packet.later_fragment)
                    .map(|(number, packet)| Datagram {
                        packet: number,
                        time: packet.time,
                        from_client: packet.from_client,
                        payload: &packet.payload,
                        payload_length: packet.entry.payload_length,
                    })
                    .collect();
                (decode_datagrams(&datagrams, conversation.server.port), Vec::new())
            }
            _ => (Decoded::default(), Vec::new()),
        }
    }
}
