//! Looking at packets: conversations, packets, one packet's layers, a stream, transactions.

use crate::captures::{Captures, FoundPacket, Place};
use crate::moment;
use crate::payload::Payload;
use crate::wire::{
    ConversationObject, Direction, FieldObject, LayerObject, NamedFieldObject, PacketDetail,
    PacketObject, PieceObject, StreamObject, TransactionObject,
};
use crate::{Workbench, WorkbenchError};
use capture::{Conversation, Origin, Stretch, flags};
use evidence::{ConversationRef, PacketRef};
use std::fmt::Write as _;
use store::{ConversationRow, TransactionRow};

impl Workbench {
    /// All conversations, in order of time.
    ///
    /// # Errors
    /// If the case's database cannot be read.
    pub fn conversations(&self) -> Result<Vec<ConversationObject>, WorkbenchError> {
        Ok(self.store()?.conversations()?.into_iter().map(conversation_object).collect())
    }

    /// The packets of the conversation that holds this packet, in order of time.
    ///
    /// # Errors
    /// [`crate::ErrorCode::NotFound`] if the case has no such packet.
    pub fn packets(&self, id: &ConversationRef) -> Result<Vec<PacketObject>, WorkbenchError> {
        self.with_captures(|captures| {
            let (_, conversation) = find(captures, id)?;
            let offset = captures.known_offset_of(captures.interface(&conversation));
            let places = captures.packets(&conversation)?;
            Ok(places.iter().map(|place| packet_object(captures, place, offset)).collect())
        })
    }

    /// One packet with its layers; its bytes are checked against the first pass.
    ///
    /// # Errors
    /// [`crate::ErrorCode::NotFound`], [`crate::ErrorCode::Unreadable`] or
    /// [`crate::ErrorCode::IntegrityMismatch`].
    pub fn packet(&self, id: &PacketRef) -> Result<PacketDetail, WorkbenchError> {
        self.with_captures(|captures| {
            let missing = || WorkbenchError::not_found(format!("packet {id}"));
            let FoundPacket { capture: at, entry, conversation } =
                captures.find_packet(id)?.ok_or_else(missing)?;
            let name = captures.list.get(at).ok_or_else(missing)?.name.clone();
            let conversation = match conversation {
                Some(number) => captures.conversation(number)?,
                None => None,
            };
            let conversation = conversation.map(|conversation| conversation.id.to_string());
            let bytes = captures.read(at, entry.data_offset(), entry.caplen as usize)?;
            let layers = dissect::layers(entry.link.number(), &bytes);
            let mut hex = String::with_capacity(bytes.len() * 2);
            for byte in &bytes {
                let _ = write!(hex, "{byte:02x}");
            }
            Ok(PacketDetail {
                id: id.to_string(),
                time: entry.time.map(moment::nanoseconds),
                evidence: name,
                evidence_sha256: id.evidence.to_string(),
                offset: entry.offset,
                data_offset: entry.data_offset(),
                frame: entry.frame,
                caplen: entry.caplen,
                origlen: entry.origlen,
                conversation,
                layers: layers.into_iter().map(layer_object).collect(),
                comments: crate::said::comments_on(captures, at, entry.frame)?,
                bytes: hex,
            })
        })
    }

    /// One direction of a conversation, reassembled.
    ///
    /// # Errors
    /// As [`Workbench::packet`].
    pub fn stream(
        &self,
        id: &ConversationRef,
        direction: Direction,
    ) -> Result<StreamObject, WorkbenchError> {
        self.with_captures(|captures| {
            let (_, conversation) = find(captures, id)?;
            let payload = Payload::read(captures, &conversation)?;
            let streams = payload.streams();
            let stream = match direction {
                Direction::Client => streams.client,
                Direction::Server => streams.server,
            };
            let mut found = Vec::new();
            for piece in &stream.pieces {
                let within = piece.packet_payload_offset as usize;
                let (start, length) = (piece.start, piece.length);
                found.extend(pieces(captures, &payload, piece.packet, within, start, length)?);
            }
            let gaps = stream.gaps.iter().map(crate::dialogue::gap_object);
            Ok(StreamObject {
                conversation: conversation.id.to_string(),
                direction,
                length: stream.bytes.len(),
                text: dissect::escape(&stream.bytes),
                gaps: gaps.collect(),
                pieces: found.into_iter().map(|found| found.piece).collect(),
                conflicts: stream.conflicts.len(),
                retransmitted_segments: stream.retransmitted_segments,
                start_seen: stream.start_seen,
                end_seen: stream.end_seen,
                bytes: stream.bytes,
            })
        })
    }

    /// The transactions of a protocol, or all, in order of time.
    ///
    /// # Errors
    /// If the case's database cannot be read.
    pub fn transactions(
        &self,
        protocol: Option<&str>,
    ) -> Result<Vec<TransactionObject>, WorkbenchError> {
        let rows = self.store()?.transactions(protocol)?;
        Ok(rows.into_iter().map(transaction_object).collect())
    }
}

/// The conversation that holds a packet.
pub(crate) fn find(
    captures: &Captures,
    id: &ConversationRef,
) -> Result<(i32, Conversation), WorkbenchError> {
    let missing = || WorkbenchError::not_found(format!("conversation {id}"));
    captures.find_conversation(id)?.ok_or_else(missing)
}

/// A piece of payload in the evidence.
pub(crate) struct Found {
    pub(crate) piece: PieceObject,
    /// Number of its packet in the file.
    pub(crate) frame: u32,
}

/// Where in the evidence some payload stands, from `within` the payload of a packet on: in one piece, but for what was
/// joined from fragments. `start` is its place in what was said.
pub(crate) fn pieces(
    captures: &Captures,
    payload: &Payload,
    packet: u32,
    within: usize,
    mut start: usize,
    length: usize,
) -> Result<Vec<Found>, WorkbenchError> {
    let mut found = Vec::new();
    let Some(packet) = payload.packets.get(packet as usize) else { return Ok(found) };
    let Some(capture) = captures.list.get(packet.capture) else { return Ok(found) };
    let (mut skipped, mut left) = (within, length);
    let whole = packet.entry.origin == Origin::Captured;
    for Stretch { offset, length } in &packet.stretches {
        let here = (*length as usize).saturating_sub(skipped).min(left);
        if here > 0 {
            let offset = offset.saturating_add(skipped as u64);
            let own = || {
                Some((captures.reference(packet.capture, packet.entry.offset)?, packet.entry.frame))
            };
            let source = if whole { own() } else { captures.packet_of(packet.capture, offset)? };
            let Some((reference, frame)) = source else { continue };
            let piece = PieceObject {
                start,
                length: here,
                packet: reference.to_string(),
                evidence: capture.name.clone(),
                offset,
                time: moment::nanoseconds(packet.time),
            };
            found.push(Found { piece, frame });
        }
        skipped = skipped.saturating_sub(*length as usize);
        (start, left) = (start + here, left - here);
    }
    Ok(found)
}

pub(crate) fn packet_object(
    captures: &Captures,
    place: &Place,
    offset: Option<i64>,
) -> PacketObject {
    let entry = &place.entry;
    let tcp = entry.tcp.then_some(());
    PacketObject {
        id: captures
            .reference(place.capture, entry.offset)
            .map(|packet| packet.to_string())
            .unwrap_or_default(),
        time: entry.time.map(moment::nanoseconds),
        time_corrected: entry
            .time
            .zip(offset)
            .map(|(time, offset)| moment::nanoseconds(time.saturating_sub(offset))),
        evidence: captures
            .list
            .get(place.capture)
            .map(|capture| capture.name.clone())
            .unwrap_or_default(),
        offset: entry.offset,
        frame: entry.frame,
        caplen: entry.caplen,
        inner_length: entry.inner_length,
        direction: if place.from_client { Direction::Client } else { Direction::Server },
        flags: tcp.map(|()| flag_letters(entry.tcp_flags)),
        seq: tcp.map(|()| entry.seq),
        ack: tcp.map(|()| entry.ack),
        payload_length: entry.payload_length,
        truncated: entry.truncated,
    }
}

fn flag_letters(bits: u8) -> String {
    let names = [
        (flags::SYN, "SYN"),
        (flags::FIN, "FIN"),
        (flags::RST, "RST"),
        (0x08, "PSH"),
        (flags::ACK, "ACK"),
        (0x20, "URG"),
    ];
    let set: Vec<_> =
        names.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect();
    set.join(" ")
}

fn layer_object(layer: dissect::Layer) -> LayerObject {
    LayerObject {
        protocol: layer.protocol,
        title: layer.title,
        range: [layer.range.start, layer.range.end],
        fields: layer.fields.into_iter().map(field_object).collect(),
        anomalies: layer.anomalies.iter().map(ToString::to_string).collect(),
    }
}

fn field_object(field: dissect::Field) -> FieldObject {
    FieldObject {
        name: field.name,
        value: field.value,
        range: [field.range.start, field.range.end],
        fields: field.fields.into_iter().map(field_object).collect(),
    }
}

pub(crate) fn conversation_object(row: ConversationRow) -> ConversationObject {
    ConversationObject {
        id: row.id,
        protocol: row.protocol,
        client: row.client.0.to_string(),
        client_port: row.client.1,
        server: row.server.0.to_string(),
        server_port: row.server.1,
        source: row.source.map(|address| address.to_string()),
        vni: row.vni,
        key: row.session_key,
        tunnelled: row.tunnelled,
        interface_id: row.interface_id,
        duplicate_of: row.duplicate_of,
        records: row.records,
        unrecorded_reason: row.unrecorded_reason,
        first: moment::nanoseconds(row.first),
        last: moment::nanoseconds(row.last),
        packets_client: row.packets_client,
        packets_server: row.packets_server,
        bytes_client: row.bytes_client,
        bytes_server: row.bytes_server,
        application: row.application,
        community_id: row.community_id,
    }
}

pub(crate) fn transaction_object(row: TransactionRow) -> TransactionObject {
    // It is named by its conversation and its place there.
    let conversation = row.id.rsplit_once('/').map(|(conversation, _)| conversation.to_owned());
    TransactionObject {
        id: row.id,
        conversation: conversation.unwrap_or_default(),
        protocol: row.protocol,
        time: moment::nanoseconds(row.time),
        complete: row.complete,
        method: row.method,
        host: row.host,
        uri_decoded: row.uri.as_deref().map(dissect::form_decode),
        uri: row.uri,
        status: row.status,
        request_body_sha256: row.request_body_sha256,
        response_body_sha256: row.response_body_sha256,
        request_body_size: row.request_body_size,
        response_body_size: row.response_body_size,
        qname: row.qname,
        qtype: row.qtype,
        rcode: row.rcode,
        answers: row.answers,
        asked: row.asked,
        answered: row.answered,
        fields: row.fields.into_iter().map(named_field).collect(),
    }
}

pub(crate) fn named_field(field: store::FieldRow) -> NamedFieldObject {
    let direction = if field.from_client { Direction::Client } else { Direction::Server };
    NamedFieldObject { name: field.name, value: field.value, direction }
}
