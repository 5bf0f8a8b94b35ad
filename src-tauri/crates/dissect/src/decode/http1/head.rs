//! The head of a message: start line and header fields (RFC 9112 §2–5).
//!
//! A head that keeps the rules is read by httparse. One that does not, or that the capture cut, is read line
//! by line for what it shows: attacks live in broken heads.

use crate::escape;
use httparse::{EMPTY_HEADER, ParserConfig};

/// Bytes of a head; a longer one is not taken for HTTP.
const HEAD_CAP: usize = 256 << 10;
/// Bytes of a start line that are looked at to tell whether it is one.
const LINE_CAP: usize = 8 << 10;
/// Methods that are common enough to stand for themselves (RFC 9110, RFC 5789, RFC 4918, RFC 3253).
const METHODS: [&str; 22] = [
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "CONNECT",
    "OPTIONS",
    "TRACE",
    "PATCH",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "REPORT",
    "SEARCH",
    "DEBUG",
    "TRACK",
    "PURGE",
    "SUBSCRIBE",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Client,
    Server,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    pub(super) start: Start,
    pub(super) headers: Vec<(String, String)>,
    /// Bytes from the start line to the empty line, both included.
    pub(super) length: usize,
    /// Why httparse refused it.
    pub(super) broken: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) enum Start {
    Request { method: String, target: String, version: String },
    Response { version: String, status: u16, reason: String },
}

impl Default for Start {
    fn default() -> Self {
        Self::Request { method: String::new(), target: String::new(), version: String::new() }
    }
}

/// What stands at the start of some bytes.
#[derive(Debug)]
pub(super) enum Found {
    Whole(Head),
    /// The bytes end within the head.
    Cut(Head),
    /// No head.
    Nothing,
}

/// Whether a message is likely to start here.
pub(super) fn starts(bytes: &[u8], side: Side) -> bool {
    let bytes = bytes.get(..LINE_CAP).unwrap_or(bytes);
    let bytes = bytes.get(blank_lines(bytes)..).unwrap_or_default();
    match side {
        Side::Server => matches!(
            bytes,
            [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0'..=b'9', b' ', b'0'..=b'9', ..]
        ),
        Side::Client => {
            let Some((method, rest)) = split_once(bytes, b' ') else { return false };
            if !is_token(method) {
                return false;
            }
            match split_once(rest, b'\n') {
                Some((line, _)) => split_version(line.trim_ascii_end()).is_some(),
                // The line is cut: a known method, and what looks like a target.
                None => {
                    METHODS.iter().any(|known| known.as_bytes() == method)
                        && matches!(rest.first(), Some(b'/' | b'h' | b'H' | b'*'))
                }
            }
        }
    }
}

/// How many bytes of empty lines stand before a message: some senders close a body with one more.
pub(super) fn blank_lines(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count()
}

/// Reads the head at the start of `bytes`.
pub(super) fn read(bytes: &[u8], side: Side) -> Found {
    let window = bytes.get(..HEAD_CAP).unwrap_or(bytes);
    let Some(length) = head_length(window) else {
        if window.len() < bytes.len() {
            return Found::Nothing;
        }
        return lenient(window, side, true).map_or(Found::Nothing, Found::Cut);
    };
    let bytes = window.get(..length).unwrap_or_default();
    match strict(bytes, side) {
        Ok(head) => Found::Whole(head),
        Err(error) => lenient(bytes, side, false).map_or(Found::Nothing, |head| {
            Found::Whole(Head { broken: Some(error.to_string()), ..head })
        }),
    }
}

/// Up to and with the first empty line.
fn head_length(bytes: &[u8]) -> Option<usize> {
    let mut line_start = 0;
    for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
        let line = bytes.get(line_start..at).unwrap_or_default();
        if line.is_empty() || line == b"\r" {
            return at.checked_add(1);
        }
        line_start = at.saturating_add(1);
    }
    None
}

fn strict(bytes: &[u8], side: Side) -> Result<Head, httparse::Error> {
    let mut config = ParserConfig::default();
    config
        .allow_multiple_spaces_in_request_line_delimiters(true)
        .allow_multiple_spaces_in_response_status_delimiters(true)
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true);
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
    let mut slots = vec![EMPTY_HEADER; lines];
    let (start, length, headers) = match side {
        Side::Client => {
            let mut request = httparse::Request::new(&mut slots);
            let status = config.parse_request(&mut request, bytes)?;
            let start = Start::Request {
                method: request.method.unwrap_or_default().to_owned(),
                target: escape(request.path.unwrap_or_default().as_bytes()),
                version: version(request.version),
            };
            (start, status, request.headers)
        }
        Side::Server => {
            let mut response = httparse::Response::new(&mut slots);
            let status = config.parse_response(&mut response, bytes)?;
            let start = Start::Response {
                version: version(response.version),
                status: response.code.unwrap_or_default(),
                reason: escape(response.reason.unwrap_or_default().as_bytes()),
            };
            (start, status, response.headers)
        }
    };
    let httparse::Status::Complete(length) = length else {
        return Err(httparse::Error::NewLine);
    };
    let headers = headers.iter().map(|header| (header.name.to_owned(), escape(header.value)));
    Ok(Head { start, headers: headers.collect(), length, broken: None })
}

fn version(minor: Option<u8>) -> String {
    format!("HTTP/1.{}", minor.unwrap_or(1))
}

/// Line by line, taking what is there. `cut`: the last line may be incomplete.
fn lenient(bytes: &[u8], side: Side, cut: bool) -> Option<Head> {
    let mut lines = bytes.split(|byte| *byte == b'\n').map(strip_return);
    let first_line_cut = cut && !bytes.contains(&b'\n');
    let start = match side {
        Side::Client => request_line(lines.next()?, first_line_cut)?,
        Side::Server => status_line(lines.next()?)?,
    };
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let folded = matches!(line.first(), Some(b' ' | b'\t'));
        match (folded, headers.last_mut(), split_once(line, b':')) {
            (true, Some((_, value)), _) => value.push_str(&escape(line)),
            (_, _, Some((name, value))) => {
                headers.push((escape(name.trim_ascii()), escape(value.trim_ascii())));
            }
            _ => headers.push((escape(line), String::new())),
        }
    }
    Some(Head { start, headers, length: bytes.len(), broken: None })
}

/// The target is everything between the method and the version: tools send spaces in it.
fn request_line(line: &[u8], cut: bool) -> Option<Start> {
    let (method, rest) = split_once(line, b' ')?;
    let rest = rest.trim_ascii();
    let (target, version) = match split_version(rest) {
        Some(parts) => parts,
        None if cut && METHODS.iter().any(|known| known.as_bytes() == method) => (rest, &[][..]),
        None => return None,
    };
    is_token(method).then(|| Start::Request {
        method: escape(method),
        target: escape(target),
        version: escape(version),
    })
}

fn status_line(line: &[u8]) -> Option<Start> {
    let (version, rest) = split_once(line, b' ')?;
    version.strip_prefix(b"HTTP/1.")?;
    let rest = rest.trim_ascii();
    let (status, reason) = split_once(rest, b' ').unwrap_or((rest, &[]));
    let [a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9'] = status else { return None };
    let digit = |letter: &u8| u16::from(letter.wrapping_sub(b'0'));
    let status = digit(a)
        .saturating_mul(100)
        .saturating_add(digit(b).saturating_mul(10))
        .saturating_add(digit(c));
    Some(Start::Response { version: escape(version), status, reason: escape(reason) })
}

/// `/a b HTTP/1.1` as target and version.
fn split_version(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = rest.iter().rposition(|byte| *byte == b' ')?;
    let (target, version) = rest.split_at_checked(space)?;
    let version = version.trim_ascii();
    version.starts_with(b"HTTP/1.").then_some((target.trim_ascii(), version))
}

fn split_once(bytes: &[u8], mark: u8) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|byte| *byte == mark)?;
    Some((bytes.get(..at)?, bytes.get(at.checked_add(1)?..)?))
}

fn strip_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn is_token(bytes: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !bytes.is_empty() && bytes.len() <= 64 && bytes.iter().all(allowed)
}
