//! All messages of one direction.

use super::super::tape::Tape;
use super::body::{self, After, Framing};
use super::head::{self, Found, Head, Side, Start};
use super::pairing::{Asked, Pairing};
use crate::{Body, Stream};
use evidence::{Anomaly, show_bytes};
use std::ops::Range;

/// A request or a response.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) head: Head,
    pub(super) body: Option<Body>,
    /// Positions in the stream's bytes.
    pub(super) range: Range<usize>,
    /// Of its first byte.
    pub(super) time: i64,
    /// Whether nothing is missing between it and the message before it, or the start.
    pub(super) in_step: bool,
    pub(super) anomalies: Vec<Anomaly>,
}

#[derive(Debug, Default)]
pub(super) struct Direction {
    pub(super) messages: Vec<Message>,
    pub(super) anomalies: Vec<Anomaly>,
}

pub(super) fn requests(stream: &Stream, budget: &mut usize) -> Direction {
    read(stream, Side::Client, budget, |message| match &message.head.start {
        Start::Request { method, .. } if method == "CONNECT" => Framing::None,
        _ => body::framing(
            &message.head.headers,
            Framing::None,
            message.range.start,
            &mut message.anomalies,
        ),
    })
}

pub(super) fn responses(
    stream: &Stream,
    pairing: &mut Pairing<'_>,
    budget: &mut usize,
) -> Direction {
    read(stream, Side::Server, budget, |message| {
        let Start::Response { status, .. } = message.head.start else { return Framing::None };
        match (status, pairing.answer(status, message.time, message.in_step)) {
            (101, _) | (200..300, Asked::Connect) => Framing::Switched,
            (100..200 | 204 | 304, _) | (_, Asked::Head) => Framing::None,
            _ => body::framing(
                &message.head.headers,
                Framing::UntilClose,
                message.range.start,
                &mut message.anomalies,
            ),
        }
    })
}

fn read(
    stream: &Stream,
    side: Side,
    budget: &mut usize,
    mut framing: impl FnMut(&mut Message) -> Framing,
) -> Direction {
    let mut direction = Direction::default();
    let mut tape = Tape::new(stream);
    let mut in_step = stream.start_seen;
    loop {
        tape.skip(head::blank_lines(tape.unbroken()));
        if tape.at_end() {
            break;
        }
        if tape.unbroken().is_empty() {
            in_step = false;
        }
        if !in_step && !find_message(stream, &mut tape, side, &mut direction) {
            break;
        }
        let start = tape.position();
        let (head, cut) = match head::read(tape.unbroken(), side) {
            Found::Whole(head) => (head, false),
            Found::Cut(head) => (head, true),
            Found::Nothing => {
                direction.anomalies.push(no_head(&tape, side));
                break;
            }
        };
        tape.skip(head.length);
        let time = stream.time_of(start).unwrap_or(0);
        let range = start..tape.position_behind();
        let mut message = Message { head, body: None, range, time, in_step, anomalies: Vec::new() };
        if let Some(error) = &message.head.broken {
            let anomaly = about(&message, side, "http.malformed_head", error.clone());
            message.anomalies.push(anomaly);
        }
        let framing = framing(&mut message);
        let after = if cut {
            let anomaly =
                about(&message, side, "http.head_cut", "the captured bytes end within it".into());
            message.anomalies.push(anomaly);
            tape.skip_gap();
            After::Astray
        } else {
            body::read(stream, &mut tape, framing, &mut message, budget)
        };
        message.range.end = tape.position_behind().max(message.range.end);
        if cut {
            message.range.end = start.saturating_add(message.head.length);
        }
        for anomaly in &mut message.anomalies {
            // A transaction holds those of both directions.
            anomaly.expected.push_str(&format!(", in the {} stream", owner(side)));
        }
        direction.messages.push(message);
        match after {
            After::InStep => in_step = true,
            After::Astray => in_step = false,
            After::Stop => break,
        }
    }
    direction
}

/// Goes on to the next packet that starts a message; states what is passed over. `false`: there is none.
fn find_message(
    stream: &Stream,
    tape: &mut Tape<'_>,
    side: Side,
    direction: &mut Direction,
) -> bool {
    let from = tape.position();
    let first = stream.pieces.partition_point(|piece| piece.start < from);
    let later = stream.pieces.get(first..).unwrap_or_default().iter().map(|piece| piece.start);
    let here = [from].into_iter();
    let found = here
        .chain(later)
        .filter_map(|at| Some((at, stream.offset_of(at)?)))
        .find(|(_, offset)| head::starts(stream.unbroken_from(*offset), side));
    let to = found.map_or(stream.bytes.len(), |(at, _)| at);
    if to > from {
        let passed = stream.bytes.get(from..to).unwrap_or_default();
        direction.anomalies.push(Anomaly::new(
            "http.skipped",
            from as u64,
            passed.len() as u64,
            format!("the start of a {}, in the {} stream", noun(side), owner(side)),
            format!("{} bytes of something begun before: {}", passed.len(), show_bytes(passed, 32)),
        ));
    }
    if let Some((_, offset)) = found {
        tape.go_to(offset);
    }
    found.is_some()
}

fn no_head(tape: &Tape<'_>, side: Side) -> Anomaly {
    let rest = tape.unbroken();
    Anomaly::new(
        "http.malformed_head",
        tape.position() as u64,
        rest.len() as u64,
        format!("a {} head; the rest of the {} stream is not read", noun(side), owner(side)),
        show_bytes(rest, 64),
    )
}

fn about(message: &Message, side: Side, kind: &'static str, found: String) -> Anomaly {
    let range = &message.range;
    let expected = format!("a {} head", noun(side));
    Anomaly::new(kind, range.start as u64, range.len() as u64, expected, found)
}

fn noun(side: Side) -> &'static str {
    match side {
        Side::Client => "request",
        Side::Server => "response",
    }
}

fn owner(side: Side) -> &'static str {
    match side {
        Side::Client => "client's",
        Side::Server => "server's",
    }
}
