//! A conversation as its two sides spoke: which packet carried which bytes, in order of time.

use crate::captures::Captures;
use crate::look::{Found, find, pieces};
use crate::moment;
use crate::payload::Payload;
use crate::wire::{
    ConversationDetail, Dialogue, Direction, GapObject, PacketPage, StreamSide, Turn,
};
use crate::{Workbench, WorkbenchError};
use capture::Conversation;
use dissect::{GapCause, Stream};
use evidence::ConversationRef;
use std::sync::{Arc, PoisonError};

/// Turns that are given of one conversation.
const TURNS: usize = 200_000;
/// Flow records that are listed with a conversation.
const RECORDS: u64 = 500;
const TCP: u8 = 6;

/// The bytes of both directions of the conversation that was asked for last.
pub(crate) struct Spoken {
    id: ConversationRef,
    client: Vec<u8>,
    server: Vec<u8>,
}

impl Workbench {
    /// A conversation, and the flow records that account for it.
    ///
    /// # Errors
    /// [`crate::ErrorCode::NotFound`] if the case has no such conversation.
    pub fn conversation_detail(
        &self,
        id: &ConversationRef,
    ) -> Result<ConversationDetail, WorkbenchError> {
        let (own, number, packets) = self.with_captures(|captures| {
            let (number, conversation) = find(captures, id)?;
            let packets = conversation.packets_client.saturating_add(conversation.packets_server);
            Ok((conversation.id, number, packets as usize))
        })?;
        let missing = || WorkbenchError::not_found(format!("conversation {id}"));
        let store = self.store()?;
        let row = store.conversations_named(&[&own.to_string()])?.pop().ok_or_else(missing)?;
        let records = store.records_of_conversation(number, RECORDS)?;
        drop(store);
        Ok(ConversationDetail {
            conversation: crate::look::conversation_object(row),
            packets,
            records: self.rows_of(&records)?,
        })
    }

    /// Some of the packets of a conversation, in order of time.
    ///
    /// # Errors
    /// [`crate::ErrorCode::NotFound`] if the case has no such conversation.
    pub fn packet_page(
        &self,
        id: &ConversationRef,
        from: usize,
        count: usize,
    ) -> Result<PacketPage, WorkbenchError> {
        self.with_captures(|captures| {
            let (_, conversation) = find(captures, id)?;
            let interface = captures.interface(&conversation);
            let offset = captures.known_offset_of(interface);
            let places = captures.packets(&conversation)?;
            let some = places.iter().skip(from).take(count);
            let rows = some.map(|place| crate::look::packet_object(captures, place, offset));
            Ok(PacketPage { total: places.len(), from, rows: rows.collect() })
        })
    }

    /// Both directions of a conversation, turn by turn.
    ///
    /// # Errors
    /// As [`Workbench::packet`].
    pub fn dialogue(&self, id: &ConversationRef) -> Result<Dialogue, WorkbenchError> {
        self.with_captures(|captures| {
            let (_, conversation) = find(captures, id)?;
            let payload = Payload::read(captures, &conversation)?;
            let (decoded, _) = payload.decode(&conversation);
            let (dialogue, spoken) = if conversation.protocol == TCP {
                streams(captures, &conversation, &payload)?
            } else {
                datagrams(captures, &conversation, &payload)?
            };
            self.keep_spoken(spoken);
            Ok(Dialogue { application: decoded.application.map(str::to_owned), ..dialogue })
        })
    }

    /// Captured bytes of one direction.
    ///
    /// # Errors
    /// As [`Workbench::packet`].
    pub fn spoken_bytes(
        &self,
        id: &ConversationRef,
        direction: Direction,
        from: usize,
        count: usize,
    ) -> Result<Vec<u8>, WorkbenchError> {
        let own = self.with_captures(|captures| Ok(find(captures, id)?.1.id))?;
        let kept = || {
            let kept = self.case.spoken.lock().unwrap_or_else(PoisonError::into_inner);
            kept.as_ref().filter(|spoken| spoken.id == own).map(Arc::clone)
        };
        if kept().is_none() {
            self.dialogue(id)?;
        }
        let spoken = kept().ok_or_else(|| WorkbenchError::not_found("those bytes any more"))?;
        let bytes = match direction {
            Direction::Client => &spoken.client,
            Direction::Server => &spoken.server,
        };
        let rest = bytes.get(from..).unwrap_or_default();
        Ok(rest.get(..count).unwrap_or(rest).to_vec())
    }

    fn keep_spoken(&self, spoken: Spoken) {
        *self.case.spoken.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(spoken));
    }

    /// Makes the next reader of bytes read them from the evidence again.
    pub(crate) fn forget_spoken(&self) {
        *self.case.spoken.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn streams(
    captures: &Captures,
    conversation: &Conversation,
    payload: &Payload,
) -> Result<(Dialogue, Spoken), WorkbenchError> {
    let streams = payload.streams();
    let client = stream_turns(captures, payload, Direction::Client, &streams.client)?;
    let server = stream_turns(captures, payload, Direction::Server, &streams.server)?;
    let total = client.len() + server.len();
    let mut turns = interleave(client, server);
    turns.truncate(TURNS);
    let dialogue = Dialogue {
        application: None,
        client: side(&streams.client),
        server: side(&streams.server),
        turns: turns.into_iter().map(|(_, turn)| turn).collect(),
        truncated: total > TURNS,
    };
    let (client, server) = (streams.client.bytes, streams.server.bytes);
    Ok((dialogue, Spoken { id: conversation.id, client, server }))
}

/// The pieces of a direction with the gaps before them; a gap at the end stands alone.
fn stream_turns(
    captures: &Captures,
    payload: &Payload,
    direction: Direction,
    stream: &Stream,
) -> Result<Vec<(i64, Turn)>, WorkbenchError> {
    let mut gaps = stream.gaps.iter().peekable();
    let mut turns = Vec::with_capacity(stream.pieces.len());
    for piece in &stream.pieces {
        let at = stream.offset_of(piece.start).unwrap_or(u64::MAX);
        let mut gap = gaps.next_if(|gap| gap.stream_offset < at).map(gap_object);
        let within = piece.packet_payload_offset as usize;
        let (start, length) = (piece.start, piece.length);
        for found in pieces(captures, payload, piece.packet, within, start, length)? {
            turns.push((piece.time, turn(direction, gap.take(), found)));
        }
    }
    for gap in gaps {
        let last = turns.last().map(|(time, turn): &(i64, Turn)| (*time, turn.clone()));
        let Some((time, last)) = last else { continue };
        let start = last.start + last.length;
        turns.push((time, Turn { start, length: 0, gap: Some(gap_object(gap)), ..last }));
    }
    Ok(turns)
}

fn turn(direction: Direction, gap: Option<GapObject>, Found { piece, frame }: Found) -> Turn {
    Turn {
        direction,
        start: piece.start,
        length: piece.length,
        gap,
        time: Some(piece.time),
        packet: piece.packet,
        evidence: piece.evidence,
        offset: piece.offset,
        frame,
    }
}

fn datagrams(
    captures: &Captures,
    conversation: &Conversation,
    payload: &Payload,
) -> Result<(Dialogue, Spoken), WorkbenchError> {
    let mut spoken = Spoken { id: conversation.id, client: Vec::new(), server: Vec::new() };
    let mut turns = Vec::new();
    for (number, packet) in (0..).zip(&payload.packets) {
        let (direction, bytes) = if packet.from_client {
            (Direction::Client, &mut spoken.client)
        } else {
            (Direction::Server, &mut spoken.server)
        };
        let (start, length) = (bytes.len(), packet.payload.len());
        bytes.extend_from_slice(&packet.payload);
        for found in pieces(captures, payload, number, 0, start, length)? {
            turns.push(turn(direction, None, found));
        }
    }
    let truncated = turns.len() > TURNS;
    turns.truncate(TURNS);
    let whole =
        |length| StreamSide { length, start_seen: true, end_seen: true, ..StreamSide::default() };
    let dialogue = Dialogue {
        application: None,
        client: whole(spoken.client.len()),
        server: whole(spoken.server.len()),
        turns,
        truncated,
    };
    Ok((dialogue, spoken))
}

/// Both lists in order of time, each in its own order.
fn interleave(a: Vec<(i64, Turn)>, b: Vec<(i64, Turn)>) -> Vec<(i64, Turn)> {
    let mut merged = Vec::with_capacity(a.len() + b.len());
    let (mut a, mut b) = (a.into_iter().peekable(), b.into_iter().peekable());
    loop {
        let from_a = match (a.peek(), b.peek()) {
            (Some(a), Some(b)) => a.0 <= b.0,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => return merged,
        };
        merged.extend(if from_a { a.next() } else { b.next() });
    }
}

fn side(stream: &Stream) -> StreamSide {
    StreamSide {
        length: stream.bytes.len(),
        gaps: stream.gaps.iter().map(gap_object).collect(),
        conflicts: stream.conflicts.len(),
        retransmitted_segments: stream.retransmitted_segments,
        start_seen: stream.start_seen,
        end_seen: stream.end_seen,
    }
}

pub(crate) fn gap_object(gap: &dissect::Gap) -> GapObject {
    GapObject {
        at: gap.stream_offset,
        length: gap.length,
        cause: match gap.cause {
            GapCause::Lost => "lost",
            GapCause::Truncated => "truncated",
        },
    }
}

/// The moment of a message, if it has one.
pub(crate) fn moment_of(time: i64) -> Option<String> {
    (time != 0).then(|| moment::nanoseconds(time))
}
