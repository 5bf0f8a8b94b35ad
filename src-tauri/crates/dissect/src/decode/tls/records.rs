//! The record layer (RFC 8446 §5), as far as it is in clear, and the handshake messages in it.

use crate::Stream;
use evidence::{Anomaly, Cursor};
use std::ops::Range;

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const HEARTBEAT: u8 = 24;
/// 2^14, and what encryption may add (RFC 5246 §6.2.3). Unit: bytes.
const LONGEST: usize = 16_384 + 2_048;
/// Handshake bytes that are gathered; a chain of certificates is some kilobytes. Unit: bytes.
const MOST: usize = 1 << 20;

/// What a side said in clear.
#[derive(Default)]
pub(super) struct Spoken {
    pub(super) messages: Vec<Message>,
    /// Level, description, and where the record stands.
    pub(super) alerts: Vec<(u8, u8, Range<usize>)>,
    pub(super) anomalies: Vec<Anomaly>,
}

/// A handshake message.
pub(super) struct Message {
    pub(super) kind: u8,
    pub(super) body: Vec<u8>,
    /// Whether all of it was captured.
    pub(super) whole: bool,
    /// Where it stands in the stream's bytes, record headers within it included.
    pub(super) range: Range<usize>,
}

struct Header {
    kind: u8,
    length: usize,
}

impl Header {
    /// Reads a header; none if these bytes are none, or end within.
    fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        let (kind, major, _minor) = (cursor.u8()?, cursor.u8()?, cursor.u8()?);
        let length = usize::from(cursor.be16()?);
        let known = (CHANGE_CIPHER_SPEC..=HEARTBEAT).contains(&kind) && major == 3;
        (known && length > 0 && length <= LONGEST).then_some(Self { kind, length })
    }
}

/// Whether a stream begins with records that follow each other.
pub(super) fn go_on(stream: &Stream) -> bool {
    let mut cursor = Cursor::new(&stream.bytes);
    for records in 0..3 {
        if cursor.remaining() == 0 {
            return records > 0;
        }
        let Some(header) = Header::read(&mut cursor) else { return false };
        if cursor.skip(header.length).is_none() {
            return records > 0;
        }
    }
    true
}

/// Reads the records from the start, up to the first gap or the first that is encrypted.
pub(super) fn read(stream: &Stream) -> Spoken {
    let mut spoken = Spoken::default();
    let bytes = stream.unbroken_from(stream.next_run(0).unwrap_or(0));
    let mut cursor = Cursor::new(bytes);
    let mut said = Vec::new();
    // Where each stretch of `said` stands: its start there, and in the stream.
    let mut places: Vec<(usize, usize)> = Vec::new();
    while cursor.remaining() > 0 {
        let at = cursor.position();
        let Some(Header { kind, length }) = Header::read(&mut cursor) else {
            if cursor.remaining() > 0 {
                let expected = "a TLS record";
                let found = crate::escape(bytes.get(at..).map_or(&[], |rest| first(rest, 16)));
                spoken.anomalies.push(Anomaly::new("tls.record", at as u64, 5, expected, found));
            }
            break;
        };
        let start = cursor.position();
        let whole = cursor.take(length);
        let content = whole.unwrap_or(cursor.rest());
        match (kind, content) {
            (HANDSHAKE, _) if said.len() < MOST => {
                places.push((said.len(), start));
                said.extend_from_slice(content);
            }
            (ALERT, [level, description]) => {
                let range = at..start.saturating_add(content.len());
                spoken.alerts.push((*level, *description, range));
            }
            _ => break,
        }
        if whole.is_none() {
            break;
        }
    }
    split(&said, &places, &mut spoken.messages);
    spoken
}

fn split(said: &[u8], places: &[(usize, usize)], messages: &mut Vec<Message>) {
    let position = |at: usize| {
        let after = places.partition_point(|(start, _)| *start <= at);
        let place = after.checked_sub(1).and_then(|before| places.get(before));
        place.map_or(0, |(start, stands)| stands.saturating_add(at.saturating_sub(*start)))
    };
    let mut cursor = Cursor::new(said);
    loop {
        let start = cursor.position();
        let header = cursor.u8().zip(cursor.be24());
        let Some((kind, length)) = header else { break };
        // What was captured of the last one may be less.
        let whole = cursor.take(length as usize);
        let body = whole.unwrap_or(cursor.rest()).to_vec();
        let last = start.saturating_add(3).saturating_add(body.len());
        let range = position(start)..position(last).saturating_add(1);
        messages.push(Message { kind, body, whole: whole.is_some(), range });
        if whole.is_none() {
            break;
        }
    }
}

fn first(bytes: &[u8], count: usize) -> &[u8] {
    bytes.get(..count).unwrap_or(bytes)
}
