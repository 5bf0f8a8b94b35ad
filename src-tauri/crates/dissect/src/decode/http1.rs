//! HTTP/1.0 and HTTP/1.1 (RFC 9110, RFC 9112).
//!
//! Reads every message of both directions and joins each response to its request: in order, as the protocol
//! has it, and by time once bytes of either direction are missing. What follows a CONNECT or an upgrade is
//! not HTTP and is left alone. Does not follow redirects and does not judge content types.

mod body;
mod coding;
mod direction;
mod head;
mod pairing;

#[cfg(test)]
mod tests;

use crate::transaction::header;
use crate::{
    Decoder, Detail, Dialogue, HttpExchange, HttpRequest, HttpResponse, Probe, Reading, Stream,
    StreamReader, Transaction,
};
use direction::Message;
use evidence::Anomaly;
use head::{Side, Start};
use pairing::Pairing;

pub(super) static DECODER: Decoder = Decoder {
    name: "http",
    spec: "RFC 9112",
    ports: &[80, 81, 591, 3000, 3128, 5000, 8000, 8008, 8080, 8081, 8888, 9000],
    stream: Some(StreamReader { probe, decode }),
    datagrams: None,
};

/// Bytes that the content codings of one conversation may inflate to, over all its bodies.
const INFLATE_BUDGET: usize = 256 << 20;
/// Places where a direction is asked whether a message starts there.
const PROBES: usize = 16;

fn probe(dialogue: &Dialogue<'_>) -> Probe {
    let speaks = |stream: &Stream, side| {
        let mut places = stream.pieces.iter().take(PROBES).map(|piece| piece.start);
        places.any(|at| head::starts(stream.bytes.get(at..).unwrap_or_default(), side))
    };
    if speaks(dialogue.client, Side::Client) || speaks(dialogue.server, Side::Server) {
        Probe::Yes
    } else {
        Probe::No
    }
}

fn decode(dialogue: &Dialogue<'_>) -> Reading {
    let mut budget = INFLATE_BUDGET;
    let mut client = direction::requests(dialogue.client, &mut budget);
    let mut pairing = Pairing::new(&client.messages);
    let server = direction::responses(dialogue.server, &mut pairing, &mut budget);
    let pairs = pairing.finish();

    let switched = pairs.iter().find(|pair| pair.switched).and_then(|pair| pair.request);
    if let Some(last) = switched {
        // What the client said after that is another protocol, whatever it looked like.
        let end = client.messages.get(last).map_or(0, |message| message.range.end as u64);
        client.messages.truncate(last.saturating_add(1));
        client.anomalies.retain(|anomaly| anomaly.offset < end);
    }

    let mut requests: Vec<Option<Message>> = client.messages.into_iter().map(Some).collect();
    let mut transactions = Vec::new();
    let mut interim = Vec::new();
    for (message, pair) in server.messages.into_iter().zip(pairs) {
        if pair.interim {
            interim.push(message);
            continue;
        }
        let request = pair.request.and_then(|at| requests.get_mut(at)).and_then(Option::take);
        let by_time = pair.by_time && request.is_some();
        let before = std::mem::take(&mut interim);
        let mut joined = join(dialogue, request, before, Some(message));
        if by_time {
            joined.anomalies.push(Anomaly::new(
                "http.paired_by_time",
                0,
                0,
                "requests and responses in one order",
                "bytes are missing; the latest request before this response was taken for its own",
            ));
        }
        if let Detail::Http(exchange) = &mut joined.detail {
            exchange.switched = pair.switched;
        }
        transactions.push(joined);
    }
    let mut unanswered = requests.into_iter().flatten();
    if !interim.is_empty() {
        let request = unanswered.next();
        transactions.push(join(dialogue, request, interim, None));
    }
    transactions.extend(unanswered.map(|request| join(dialogue, Some(request), Vec::new(), None)));
    transactions.sort_by_key(|transaction| transaction.time);
    let mut anomalies = client.anomalies;
    anomalies.extend(server.anomalies);
    (transactions, anomalies)
}

fn join(
    dialogue: &Dialogue<'_>,
    request: Option<Message>,
    interim: Vec<Message>,
    response: Option<Message>,
) -> Transaction {
    let first = request.as_ref().or(interim.first()).or(response.as_ref());
    let time = first.map_or(0, |message| message.time);
    let mut packets = Vec::new();
    let mut anomalies = Vec::new();
    let sides = [(dialogue.client, &request)].into_iter();
    let answers = interim.iter().chain(&response);
    let said = sides
        .filter_map(|(stream, message)| Some((stream, message.as_ref()?)))
        .chain(answers.map(|message| (dialogue.server, message)));
    for (stream, message) in said {
        let sources = stream.sources_of(message.range.clone());
        packets.extend(sources.iter().map(|piece| piece.packet));
        anomalies.extend(message.anomalies.iter().cloned());
    }
    packets.sort_unstable();
    packets.dedup();
    let exchange = HttpExchange {
        request: request.map(to_request),
        response: response.map(to_response),
        interim: interim.into_iter().map(to_response).collect(),
        switched: false,
    };
    Transaction { time, packets, detail: Detail::Http(exchange), anomalies }
}

fn to_request(message: Message) -> HttpRequest {
    let Message { head, body, range, .. } = message;
    let mut request = HttpRequest { headers: head.headers, body, range, ..HttpRequest::default() };
    if let Start::Request { method, target, version } = head.start {
        let absolute = target.split_once("://").map(|(_, rest)| rest);
        let authority = match absolute {
            Some(rest) => rest.split(['/', '?']).next(),
            None if method == "CONNECT" => Some(target.as_str()),
            None => None,
        };
        let named = header(&request.headers, "host").filter(|host| !host.is_empty());
        request.host = named.or(authority).map(str::to_owned);
        request.uri = match &request.host {
            Some(host) if target.starts_with('/') => format!("http://{host}{target}"),
            _ => target.clone(),
        };
        (request.method, request.target, request.version) = (method, target, version);
    }
    request
}

fn to_response(message: Message) -> HttpResponse {
    let Message { head, body, range, time, .. } = message;
    let mut response =
        HttpResponse { headers: head.headers, body, range, time, ..HttpResponse::default() };
    if let Start::Response { version, status, reason } = head.start {
        (response.version, response.status, response.reason) = (version, status, reason);
    }
    response
}
