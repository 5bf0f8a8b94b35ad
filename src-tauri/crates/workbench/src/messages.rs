//! The transactions of one conversation in full.

use crate::dialogue::moment_of;
use crate::look::{find, named_field};
use crate::moment;
use crate::payload::Payload;
use crate::wire::{DnsAnswer, DnsMessage, HttpMessage, MessageBody, MessageObject, NamedMessage};
use crate::{Workbench, WorkbenchError};
use dissect::{
    Body, Detail, DnsExchange, DnsRecord, HttpExchange, HttpRequest, HttpResponse, NamedExchange,
    Transaction,
};
use evidence::ConversationRef;

/// How much of a body is given as text. Unit: bytes.
const TEXT: usize = 64 << 10;

impl Workbench {
    /// Everything that was said in a conversation, as far as a decoder reads it.
    ///
    /// # Errors
    /// As [`Workbench::packet`].
    pub fn messages(&self, id: &ConversationRef) -> Result<Vec<MessageObject>, WorkbenchError> {
        self.with_captures(|captures| {
            let (_, conversation) = find(captures, id)?;
            let payload = Payload::read(captures, &conversation)?;
            let (decoded, _) = payload.decode(&conversation);
            let reference = |number: &u32| {
                let packet = payload.packets.get(*number as usize)?;
                Some(captures.reference(packet.capture, packet.entry.offset)?.to_string())
            };
            let messages =
                (1..).zip(&decoded.transactions).map(|(place, transaction)| MessageObject {
                    id: format!("{}/{place}", conversation.id),
                    packets: transaction.packets.iter().filter_map(reference).collect(),
                    ..message(transaction)
                });
            Ok(messages.collect())
        })
    }
}

fn message(transaction: &Transaction) -> MessageObject {
    let anomalies = transaction.anomalies.iter().map(ToString::to_string).collect();
    let time = moment::nanoseconds(transaction.time);
    match &transaction.detail {
        Detail::Http(http) => {
            MessageObject { time, anomalies, ..http_message(http, transaction.time) }
        }
        Detail::Dns(dns) => MessageObject { time, anomalies, ..dns_message(dns) },
        Detail::Named(named) => MessageObject { time, anomalies, ..named_message(named) },
    }
}

fn http_message(http: &HttpExchange, begun: i64) -> MessageObject {
    let request = http.request.as_ref();
    let response = http.response.as_ref();
    let whole = |body: Option<&Body>| body.is_none_or(|body| body.complete);
    let asked = request.map(|request| format!("{} {}", request.method, request.decoded_target()));
    let answered = response.map(|response| format!("{} {}", response.status, response.reason));
    let after = response.zip(request).map(|(response, _)| response.time.saturating_sub(begun));
    MessageObject {
        id: String::new(),
        protocol: "http".to_owned(),
        time: String::new(),
        complete: request.is_some()
            && response.is_some()
            && whole(request.and_then(|request| request.body.as_ref()))
            && whole(response.and_then(|response| response.body.as_ref())),
        summary: [asked, answered].into_iter().flatten().collect::<Vec<_>>().join(" → "),
        packets: Vec::new(),
        request: request.map(request_message),
        response: response.map(response_message),
        interim: http.interim.iter().map(response_message).collect(),
        dns: None,
        named: None,
        anomalies: Vec::new(),
        duration_ms: after.map(|nanoseconds| nanoseconds as f64 / 1e6),
        uri_decoded: request.map(HttpRequest::decoded_target),
    }
}

fn request_message(request: &HttpRequest) -> HttpMessage {
    HttpMessage {
        start_line: format!("{} {} {}", request.method, request.target, request.version)
            .trim_end()
            .to_owned(),
        headers: request.headers.clone(),
        body: request.body.as_ref().map(body),
        time: None,
        range: [request.range.start, request.range.end],
    }
}

fn response_message(response: &HttpResponse) -> HttpMessage {
    HttpMessage {
        start_line: format!("{} {} {}", response.version, response.status, response.reason)
            .trim_end()
            .to_owned(),
        headers: response.headers.clone(),
        body: response.body.as_ref().map(body),
        time: moment_of(response.time),
        range: [response.range.start, response.range.end],
    }
}

fn body(body: &Body) -> MessageBody {
    let shown = body.decoded.get(..TEXT).unwrap_or(&body.decoded);
    MessageBody {
        size: body.decoded.len(),
        wire_size: body.raw.len(),
        complete: body.complete,
        reasons: body.reasons.clone(),
        sha256: body.sha256.to_string(),
        text: lines(shown),
        text_cut: shown.len() < body.decoded.len(),
        gaps: body.gaps.iter().map(|gap| (gap.position, gap.length)).collect(),
    }
}

/// Text that keeps its lines; every other byte that would not be seen is escaped.
fn lines(bytes: &[u8]) -> String {
    let lines = bytes.split(|byte| *byte == b'\n');
    lines.map(dissect::escape).collect::<Vec<_>>().join("\n")
}

fn named_message(named: &NamedExchange) -> MessageObject {
    let of = |from_client: bool| {
        let own = || named.fields.iter().filter(|field| field.from_client == from_client);
        let start = own().map(|field| field.range.start).min()?;
        Some([start, own().map(|field| field.range.end).max()?])
    };
    let said = [named.asked.as_str(), named.answered.as_str()];
    let said: Vec<&str> = said.into_iter().filter(|said| !said.is_empty()).collect();
    MessageObject {
        id: String::new(),
        protocol: named.protocol.to_owned(),
        time: String::new(),
        complete: named.complete,
        summary: said.join(" → "),
        packets: Vec::new(),
        request: None,
        response: None,
        interim: Vec::new(),
        dns: None,
        named: Some(NamedMessage {
            asked: named.asked.clone(),
            answered: named.answered.clone(),
            fields: crate::derive::fields(named).into_iter().map(named_field).collect(),
            ranges: [of(true), of(false)],
        }),
        anomalies: Vec::new(),
        duration_ms: None,
        uri_decoded: None,
    }
}

fn dns_message(dns: &DnsExchange) -> MessageObject {
    let answers = |records: &[DnsRecord]| {
        records
            .iter()
            .map(|record| DnsAnswer {
                name: record.name.clone(),
                type_: record.type_.clone(),
                ttl: record.ttl,
                value: record.value.clone(),
            })
            .collect()
    };
    let first = dns.answers.first().map(|record| format!(" → {}", record.value));
    let after = dns.query_time.zip(dns.answer_time);
    MessageObject {
        id: String::new(),
        protocol: "dns".to_owned(),
        time: String::new(),
        complete: after.is_some(),
        summary: format!("{} {}{}", dns.qname, dns.qtype, first.unwrap_or_default()),
        packets: Vec::new(),
        request: None,
        response: None,
        interim: Vec::new(),
        dns: Some(DnsMessage {
            qname: dns.qname.clone(),
            qtype: dns.qtype.clone(),
            qclass: dns.qclass.clone(),
            rcode: dns.rcode.clone(),
            answers: answers(&dns.answers),
            authority: answers(&dns.authority),
            additional: answers(&dns.additional),
            truncated: dns.truncated,
        }),
        named: None,
        anomalies: Vec::new(),
        duration_ms: after.map(|(asked, answered)| answered.saturating_sub(asked) as f64 / 1e6),
        uri_decoded: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_keeps_its_lines_and_shows_what_would_not_be_seen() {
        assert_eq!(lines(b"<table>\n<tr>\x00\r\n"), "<table>\n<tr>\\x00\\x0d\n");
        assert_eq!(lines(b""), "");
    }
}
