//! What two hosts said to each other: a request and its response, a query and its answer.

use crate::text::{form_decode, percent_decode};
use evidence::{Anomaly, Sha256};
use std::ops::Range;

/// A request and its response, or the one of them that was captured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// Of the first byte of the request; of the response where there is no request. Unit: nanoseconds since
    /// the epoch, UTC.
    pub time: i64,
    /// Every packet that carried a byte of it: the caller's numbers, sorted, each once.
    pub packets: Vec<u32>,
    /// What was said.
    pub detail: Detail,
    /// What breaks the protocol's rules. Offsets are positions in the stream's bytes of the direction that
    /// the text names, or in the datagram.
    pub anomalies: Vec<Anomaly>,
}

/// What was said, by protocol.
#[expect(clippy::large_enum_variant, reason = "most are HTTP; a box would cost each of them")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// HTTP/1.
    Http(HttpExchange),
    /// DNS.
    Dns(DnsExchange),
    /// Any other protocol.
    Named(NamedExchange),
}

/// What was said in a protocol whose messages are told field by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamedExchange {
    /// The [`crate::Decoder::name`] that read it.
    pub protocol: &'static str,
    /// What the client said, in a line; empty where that was not captured.
    pub asked: String,
    /// What the server said, in a line; empty where that was not captured.
    pub answered: String,
    /// Whether what the protocol says in clear was captured of both.
    pub complete: bool,
    /// In the order in which they were said: those of the client, then those of the server.
    pub fields: Vec<NamedField>,
}

/// A field of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedField {
    /// As Wireshark calls it, where it has the field.
    pub name: &'static str,
    /// Text, with odd bytes escaped.
    pub value: String,
    /// Whose message it is of.
    pub from_client: bool,
    /// Where that message stands in [`Stream::bytes`](crate::Stream::bytes) of its side.
    pub range: Range<usize>,
}

/// An HTTP request and its response (RFC 9110, RFC 9112).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HttpExchange {
    /// `None` where only the response was captured.
    pub request: Option<HttpRequest>,
    /// `None` where only the request was captured.
    pub response: Option<HttpResponse>,
    /// The 1xx responses before it, in order.
    pub interim: Vec<HttpResponse>,
    /// Whether the connection speaks something else from here on: CONNECT, or a protocol upgrade.
    pub switched: bool,
}

/// An HTTP request. All text is written by [`escape`](crate::escape), so that no byte is lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HttpRequest {
    /// As sent.
    pub method: String,
    /// The request target as sent: `/path?query`, `http://host/path`, `host:port` or `*`.
    pub target: String,
    /// `HTTP/1.1`; empty where it was not captured.
    pub version: String,
    /// Names and values in the order and the letter case that they were sent in.
    pub headers: Vec<(String, String)>,
    /// The Host header, or the authority of an absolute target.
    pub host: Option<String>,
    /// Scheme, host and target: `http://host/path?query`. The target alone where no host is known.
    pub uri: String,
    /// `None` where there is none.
    pub body: Option<Body>,
    /// Head and body in the client's [`Stream::bytes`](crate::Stream::bytes).
    pub range: Range<usize>,
}

/// An HTTP response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HttpResponse {
    /// `HTTP/1.1`.
    pub version: String,
    /// The status code.
    pub status: u16,
    /// The words after it.
    pub reason: String,
    /// Names and values in the order and the letter case that they were sent in.
    pub headers: Vec<(String, String)>,
    /// `None` where there is none.
    pub body: Option<Body>,
    /// When its first byte was captured. Unit: nanoseconds since the epoch, UTC.
    pub time: i64,
    /// Head and body in the server's [`Stream::bytes`](crate::Stream::bytes).
    pub range: Range<usize>,
}

/// The body of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// What stood on the wire, chunk framing undone, gaps left out.
    pub raw: Vec<u8>,
    /// The same with its content coding undone; equal to `raw` where there is none, or none that is undone.
    pub decoded: Vec<u8>,
    /// Whether `decoded` is the whole content as it was sent.
    pub complete: bool,
    /// Why it is not, a sentence each.
    pub reasons: Vec<String>,
    /// Where `raw` stood in the stream's bytes.
    pub ranges: Vec<Range<usize>>,
    /// Where bytes of `raw` are missing.
    pub gaps: Vec<BodyGap>,
    /// SHA-256 of `decoded`.
    pub sha256: Sha256,
}

/// Bytes of a body that were not captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyGap {
    /// Index in [`Body::raw`] of the first byte behind the gap.
    pub position: usize,
    /// Unit: bytes.
    pub length: u64,
}

/// A DNS query and its answer (RFC 1035).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DnsExchange {
    /// The message id.
    pub id: u16,
    /// The name of the first question: labels joined by dots, odd bytes escaped (RFC 4343 §2.1).
    pub qname: String,
    /// `A`, `TXT`, `TYPE65280`.
    pub qtype: String,
    /// `IN`, `CLASS3`.
    pub qclass: String,
    /// `NOERROR`, `NXDOMAIN`; `None` without an answer.
    pub rcode: Option<String>,
    /// The answer section.
    pub answers: Vec<DnsRecord>,
    /// The authority section.
    pub authority: Vec<DnsRecord>,
    /// The additional section of the answer; of the query where there is no answer.
    pub additional: Vec<DnsRecord>,
    /// `None` for an answer that nothing asked for. Unit: nanoseconds since the epoch, UTC.
    pub query_time: Option<i64>,
    /// `None` for a query without answer. Unit: nanoseconds since the epoch, UTC.
    pub answer_time: Option<i64>,
    /// The TC flag of the answer: the rest was to be asked for over TCP.
    pub truncated: bool,
}

/// A resource record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsRecord {
    /// The owner name.
    pub name: String,
    /// `A`, `CNAME`, `TYPE65280`.
    pub type_: String,
    /// Unit: seconds. For OPT the field's bits have another meaning, which `value` tells.
    pub ttl: u32,
    /// The record as a zone file writes it; bytes of other types in hexadecimal.
    pub value: String,
}

impl HttpRequest {
    /// The target with its percent-encoding undone, and `+` as a space behind the first `?`, for display.
    pub fn decoded_target(&self) -> String {
        match self.target.split_once('?') {
            Some((path, query)) => format!("{}?{}", percent_decode(path), form_decode(query)),
            None => percent_decode(&self.target),
        }
    }

    /// The value of the first header of this name, whatever its letter case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The body of a form (`application/x-www-form-urlencoded`) with its encoding undone, for display.
    pub fn decoded_form(&self) -> Option<String> {
        let kind = self.header("content-type")?.split(';').next()?.trim();
        let body = self.body.as_ref()?;
        kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
            .then(|| form_decode(&crate::escape(&body.decoded)))
    }
}

impl HttpResponse {
    /// The value of the first header of this name, whatever its letter case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

pub(crate) fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}
