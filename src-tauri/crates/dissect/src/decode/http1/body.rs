//! Where a body ends (RFC 9112 §6–7), and what of it was captured.

use super::super::tape::{Span, Tape};
use super::coding;
use super::direction::Message;
use crate::{Body, BodyGap, Stream};
use evidence::{Anomaly, Sha256, show_bytes};
use std::ops::Range;

/// Bytes of a chunk-size line with its extensions, or of a trailer line.
const LINE_CAP: usize = 16 << 10;
/// Trailer lines that are read.
const TRAILER_CAP: usize = 1000;

/// How the end of a body is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    None,
    Length(u64),
    Chunked,
    UntilClose,
    /// What follows is another protocol.
    Switched,
}

/// What to do behind a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// The next message follows.
    InStep,
    /// The end was not found: look for a message behind the gap.
    Astray,
    /// Nothing that follows can be told apart.
    Stop,
}

/// The framing that the header fields state; `otherwise` where they state none.
pub(super) fn framing(
    headers: &[(String, String)],
    otherwise: Framing,
    at: usize,
    anomalies: &mut Vec<Anomaly>,
) -> Framing {
    let mut state = |kind, expected: &str, found: String| {
        anomalies.push(Anomaly::new(kind, at as u64, 0, expected, found));
    };
    let named = |name: &'static str| {
        let same = headers.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name));
        same.flat_map(|(_, value)| value.split(','))
            .map(str::trim)
            .filter(|value| !value.is_empty())
    };
    let last_coding = named("transfer-encoding").next_back();
    let mut lengths: Vec<&str> = named("content-length").collect();
    lengths.dedup();
    if lengths.len() > 1 || (last_coding.is_some() && !lengths.is_empty()) {
        // Two ends of one body: the two servers on the way may each believe another (request smuggling).
        let coding = last_coding.map(|coding| format!("transfer coding {coding}, "));
        let found = format!("{}lengths {}", coding.unwrap_or_default(), lengths.join(", "));
        state("http.length_conflict", "one statement of the length", found);
    }
    match (last_coding, lengths.first()) {
        (Some(coding), _) if coding.eq_ignore_ascii_case("chunked") => Framing::Chunked,
        (Some(coding), _) if !coding.eq_ignore_ascii_case("identity") => {
            let found = format!("transfer coding {coding}; read to the end of the stream");
            state("http.transfer_coding", "chunked", found);
            Framing::UntilClose
        }
        (_, Some(length)) => match decimal(length) {
            Some(length) => Framing::Length(length),
            None => {
                state("http.content_length", "a number", (*length).to_owned());
                otherwise
            }
        },
        (_, None) => otherwise,
    }
}

fn decimal(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Reads the body behind the head of `message` into it.
pub(super) fn read(
    stream: &Stream,
    tape: &mut Tape<'_>,
    framing: Framing,
    message: &mut Message,
    budget: &mut usize,
) -> After {
    let mut content = Content::default();
    let after = match framing {
        Framing::None => return After::InStep,
        Framing::Switched => return After::Stop,
        Framing::Length(length) => {
            let span = tape.take(length);
            content.short(&span, length, stream);
            content.append(span);
            After::InStep
        }
        Framing::UntilClose => {
            content.append(tape.take_rest());
            if !stream.end_seen {
                let cause = if stream.reset {
                    "the connection was reset"
                } else {
                    "the end of the connection was not captured"
                };
                content.reasons.push(cause.to_owned());
            }
            After::Stop
        }
        Framing::Chunked => read_chunks(stream, tape, message, &mut content),
    };
    if stream.omitted > 0 && tape.at_end() {
        content.reasons.push(format!("{} bytes of the stream were left out", stream.omitted));
    }
    message.body = content.finish(stream, message, budget);
    after
}

/// The captured bytes of a body in the making.
#[derive(Default)]
struct Content {
    ranges: Vec<Range<usize>>,
    gaps: Vec<BodyGap>,
    held: usize,
    reasons: Vec<String>,
}

impl Content {
    fn append(&mut self, span: Span) {
        for gap in span.gaps {
            let position = self.held.saturating_add(gap.position);
            self.gaps.push(BodyGap { position, length: gap.length });
        }
        for range in span.ranges {
            self.held = self.held.saturating_add(range.len());
            self.ranges.push(range);
        }
    }

    fn short(&mut self, span: &Span, length: u64, stream: &Stream) {
        if span.beyond > 0 {
            let cause =
                if stream.end_seen { "the connection was closed" } else { "the capture ends" };
            self.reasons.push(format!("{cause} {} bytes before the {length} stated", span.beyond));
        }
    }

    fn finish(self, stream: &Stream, message: &mut Message, budget: &mut usize) -> Option<Body> {
        let Self { ranges, gaps, held, mut reasons } = self;
        if let Some(first) = gaps.first() {
            let missing = gaps.iter().fold(0, |sum, gap| u64::saturating_add(sum, gap.length));
            let places = match gaps.len() {
                1 => format!("at {}", first.position),
                many => format!("in {many} places, the first at {},", first.position),
            };
            reasons.push(format!("{missing} bytes {places} were not captured"));
        }
        if held == 0 && reasons.is_empty() {
            return None;
        }
        let mut raw = Vec::with_capacity(held);
        for range in &ranges {
            raw.extend_from_slice(stream.bytes.get(range.clone()).unwrap_or_default());
        }
        let codings = coding::codings(&message.head.headers);
        let decoded = if codings.is_empty() {
            raw.clone()
        } else {
            // Behind a gap the coded bytes mean nothing.
            let whole = gaps.first().map_or(raw.len(), |gap| gap.position);
            let undone = coding::undo(raw.get(..whole).unwrap_or_default(), &codings, budget);
            reasons.extend(undone.reason);
            if undone.left_over > 0 {
                message.anomalies.push(Anomaly::new(
                    "http.trailing_bytes",
                    message.range.start as u64,
                    undone.left_over as u64,
                    format!("the end of the body behind its {} data", codings.join(", ")),
                    format!("{} bytes more", undone.left_over),
                ));
            }
            undone.bytes
        };
        let sha256 = Sha256::of(&decoded);
        Some(Body { raw, decoded, complete: reasons.is_empty(), reasons, ranges, gaps, sha256 })
    }
}

fn read_chunks(
    stream: &Stream,
    tape: &mut Tape<'_>,
    message: &mut Message,
    content: &mut Content,
) -> After {
    loop {
        let start = tape.position();
        let Some(line) = line(tape) else { return unfinished(stream, tape, message, content) };
        let Some(size) = chunk_size(line) else {
            return broken(message, content, start, "a chunk size of at most 16 digits", line);
        };
        if size == 0 {
            return read_trailers(stream, tape, message, content);
        }
        let span = tape.take(size);
        let beyond = span.beyond;
        content.short(&span, size, stream);
        content.append(span);
        if beyond > 0 {
            return After::Stop;
        }
        let start = tape.position();
        match line_end(tape) {
            Some(true) => {}
            Some(false) => {
                let rest = tape.unbroken();
                return broken(message, content, start, "a line end behind the chunk", rest);
            }
            None => return unfinished(stream, tape, message, content),
        }
    }
}

fn read_trailers(
    stream: &Stream,
    tape: &mut Tape<'_>,
    message: &mut Message,
    content: &mut Content,
) -> After {
    for _ in 0..TRAILER_CAP {
        let start = tape.position();
        match line(tape) {
            None => {
                // The content is whole; only its trailer section is not.
                let there = tape.unbroken().len();
                message.anomalies.push(Anomaly::new(
                    "http.trailer_cut",
                    start as u64,
                    there as u64,
                    "an empty line behind the last chunk",
                    format!("{there} bytes"),
                ));
                let more = tape.skip_gap();
                return if more && !stream.bytes.is_empty() { After::Astray } else { After::Stop };
            }
            Some([]) => return After::InStep,
            Some(line) => {
                let at = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
                let (name, value) = line.split_at_checked(at).unwrap_or((line, &[]));
                let value = value.strip_prefix(b":").unwrap_or(value).trim_ascii();
                message.head.headers.push((crate::escape(name), crate::escape(value)));
            }
        }
    }
    broken(message, content, tape.position(), "at most 1000 trailer lines", b"more")
}

/// A gap, or the end, stands where the framing should.
fn unfinished(
    stream: &Stream,
    tape: &mut Tape<'_>,
    message: &mut Message,
    content: &mut Content,
) -> After {
    let rest = tape.unbroken();
    if rest.len() > LINE_CAP {
        return broken(message, content, tape.position(), "a chunk-size line", rest);
    }
    let more = tape.skip_gap();
    let cause = match (more, stream.end_seen) {
        (true, _) => "a chunk size was not captured",
        (false, true) => "the connection was closed before the last chunk",
        (false, false) => "the capture ends before the last chunk",
    };
    content.reasons.push(cause.to_owned());
    if more { After::Astray } else { After::Stop }
}

fn broken(
    message: &mut Message,
    content: &mut Content,
    at: usize,
    expected: &str,
    found: &[u8],
) -> After {
    let anomaly = Anomaly::new("http.chunk", at as u64, 0, expected, show_bytes(found, 32));
    message.anomalies.push(anomaly);
    content.reasons.push(format!("its chunks are malformed: expected {expected}"));
    After::Stop
}

/// The next line without its end; `None` if it is not all there.
fn line<'a>(tape: &mut Tape<'a>) -> Option<&'a [u8]> {
    let bytes = tape.unbroken();
    let end = bytes.iter().take(LINE_CAP).position(|byte| *byte == b'\n')?;
    tape.skip(end.checked_add(1)?);
    let line = bytes.get(..end)?;
    Some(line.strip_suffix(b"\r").unwrap_or(line))
}

/// Passes over a line end; `Some(false)` where something else stands, `None` where nothing does.
fn line_end(tape: &mut Tape<'_>) -> Option<bool> {
    let length = match tape.unbroken() {
        [] | [b'\r'] => return None,
        [b'\r', b'\n', ..] => 2,
        [b'\n', ..] => 1,
        _ => return Some(false),
    };
    tape.skip(length);
    Some(true)
}

/// Hexadecimal digits, then perhaps extensions behind a semicolon.
fn chunk_size(line: &[u8]) -> Option<u64> {
    let text = line.split(|byte| *byte == b';').next()?.trim_ascii();
    let digits = text.iter().all(u8::is_ascii_hexdigit) && !text.is_empty();
    let text = std::str::from_utf8(text).ok().filter(|_| digits)?;
    u64::from_str_radix(text, 16).ok()
}
