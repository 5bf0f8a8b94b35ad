use super::super::testing::*;
use crate::*;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use std::io::Write;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn exchanges(parts: &[Part<'_>]) -> Vec<HttpExchange> {
    decoded(&talk(parts), 80).transactions.into_iter().map(exchange).collect()
}

fn exchange(transaction: Transaction) -> HttpExchange {
    match transaction.detail {
        Detail::Http(exchange) => exchange,
        Detail::Dns(_) | Detail::Named(_) => panic!("not HTTP"),
    }
}

/// `METHOD target [body] -> status [body]`, `!` behind a body that is incomplete, `-` for what is absent.
fn summary(exchanges: &[HttpExchange]) -> Vec<String> {
    let body = |body: &Option<Body>| {
        body.as_ref().map_or(String::new(), |body| {
            let mark = if body.complete { "" } else { "!" };
            format!(" [{}]{mark}", escape(&body.decoded))
        })
    };
    let line = |exchange: &HttpExchange| {
        let request = exchange.request.as_ref().map_or("-".to_owned(), |request| {
            format!("{} {}{}", request.method, request.target, body(&request.body))
        });
        let response = exchange.response.as_ref().map_or("-".to_owned(), |response| {
            format!("{}{}", response.status, body(&response.body))
        });
        format!("{request} -> {response}")
    };
    exchanges.iter().map(line).collect()
}

fn check(parts: &[Part<'_>], expect: &[&str]) {
    assert_eq!(summary(&exchanges(parts)), expect);
}

/// The one response to a GET with these headers and body bytes.
fn answered(head: &str, body: &[u8]) -> (HttpResponse, Vec<&'static str>) {
    let response = [b"HTTP/1.1 200 OK\r\n", head.as_bytes(), b"\r\n", body].concat();
    let parts = [Client(b"GET / HTTP/1.1\r\n\r\n"), Server(&response)];
    let mut decoded = decoded(&talk(&parts), 80);
    let transaction = decoded.transactions.remove(0);
    let kinds = transaction.anomalies.iter().map(|anomaly| anomaly.kind).collect();
    (exchange(transaction).response.unwrap(), kinds)
}

fn kinds(parts: &[Part<'_>]) -> Vec<&'static str> {
    let decoded = decoded(&talk(parts), 80);
    let of_transactions = decoded.transactions.iter().flat_map(|each| &each.anomalies);
    of_transactions.chain(&decoded.anomalies).map(|anomaly| anomaly.kind).collect()
}

#[test]
fn a_request_and_its_response_are_one_transaction() {
    let streams = talk(&[
        Client(b"POST /login?next=%2Fa+b HTTP/1.1\r\nhOsT: shop.test:8080\r\n"),
        Client(b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 12\r\n\r\nu=%27+OR+1=1"),
        Server(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"),
    ]);
    let decoded = decoded(&streams, 4444);
    assert_eq!(decoded.application, Some("http"));
    assert!(decoded.anomalies.is_empty());
    let transaction = decoded.transactions.into_iter().next().unwrap();
    assert_eq!((transaction.time, transaction.packets.as_slice()), (10, &[1, 2, 3][..]));
    assert!(transaction.anomalies.is_empty());
    let exchange = exchange(transaction);
    let request = exchange.request.unwrap();
    assert_eq!(request.headers[0], ("hOsT".to_owned(), "shop.test:8080".to_owned()));
    assert_eq!(request.host.as_deref(), Some("shop.test:8080"));
    assert_eq!(request.uri, "http://shop.test:8080/login?next=%2Fa+b");
    assert_eq!(request.decoded_target(), "/login?next=/a b");
    assert_eq!(request.decoded_form().as_deref(), Some("u=' OR 1=1"));
    assert_eq!(request.range, 0..streams.0.bytes.len());
    let body = request.body.unwrap();
    assert_eq!(body.sha256, evidence::Sha256::of(b"u=%27+OR+1=1"));
    assert_eq!(streams.0.bytes[body.ranges[0].clone()], body.raw);
    let response = exchange.response.unwrap();
    assert_eq!((response.status, response.reason.as_str()), (302, "Found"));
    assert_eq!(response.header("LOCATION"), Some("/"));
    assert_eq!(response.body, None);
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    check(
        &[
            Client(b"GET /1 HTTP/1.1\r\n\r\nHEAD /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n"),
            Server(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none"),
            Server(
                b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nHTTP/1.1 304 Not Modified\r\n\r\n",
            ),
        ],
        &["GET /1 -> 200 [one]", "HEAD /2 -> 200", "GET /3 -> 304"],
    );
}

#[test]
fn chunks_are_joined_and_trailers_kept() {
    let body = b"4;x=y\r\nWiki\r\n005\r\npedia\r\n0\r\nX-Sum: 7\r\n\r\n";
    let (response, kinds) = answered("Transfer-Encoding: chunked\r\n", body);
    assert!(kinds.is_empty());
    assert_eq!(response.header("x-sum"), Some("7"));
    let body = response.body.unwrap();
    assert_eq!((body.raw.as_slice(), body.complete), (&b"Wikipedia"[..], true));
    assert_eq!(body.ranges.len(), 2);
}

#[test]
fn a_body_without_length_ends_with_the_connection() {
    let parts = [Client(b"GET / HTTP/1.0\r\n\r\n"), Server(b"HTTP/1.0 200 OK\r\n\r\nall of it")];
    check(&parts, &["GET / -> 200 [all of it]"]);
    let open = decoded(&talk_without_end(&parts), 80).transactions.remove(0);
    assert_eq!(summary(&[exchange(open)]), ["GET / -> 200 [all of it]!"]);
}

#[test]
fn interim_responses_stand_beside_the_final_one() {
    let found = exchanges(&[
        Client(b"PUT /f HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"),
        Server(b"HTTP/1.1 100 Continue\r\n\r\n"),
        Client(b"hi"),
        Server(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"),
    ]);
    assert_eq!(summary(&found), ["PUT /f [hi] -> 201"]);
    assert_eq!(found[0].interim[0].status, 100);
}

#[test]
fn what_follows_a_connect_or_an_upgrade_is_left_alone() {
    let parts = [
        Client(b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n"),
        Server(b"HTTP/1.1 200 Connection established\r\n\r\n"),
        Client(b"\x16\x03\x01 not HTTP"),
        Server(b"\x16\x03\x03 nor this"),
    ];
    check(&parts, &["CONNECT a.test:443 -> 200"]);
    assert!(kinds(&parts).is_empty());
    assert!(exchanges(&parts)[0].switched);
    let refused = [
        Client(b"CONNECT a.test:443 HTTP/1.1\r\n\r\n"),
        Server(b"HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno"),
        Client(b"GET / HTTP/1.1\r\n\r\n"),
        Server(b"HTTP/1.1 204 No\r\n\r\n"),
    ];
    check(&refused, &["CONNECT a.test:443 -> 407 [no]", "GET / -> 204"]);
    let upgraded = [
        Client(b"GET /chat HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"),
        Server(b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x02hi"),
        Client(b"\x81\x82....xx"),
    ];
    check(&upgraded, &["GET /chat -> 101"]);
    assert!(kinds(&upgraded).is_empty());
}

#[test]
fn content_codings_are_undone() {
    let text = b"the content ".repeat(50);
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    zlib.write_all(&text).unwrap();
    let mut bare = DeflateEncoder::new(Vec::new(), Compression::best());
    bare.write_all(&text).unwrap();
    let cases = [
        ("gzip", gzip(&text)),
        ("x-gzip, identity", gzip(&text)),
        ("gzip", [gzip(&text[..100]), gzip(&text[100..])].concat()),
        ("deflate", zlib.finish().unwrap()),
        ("deflate", bare.finish().unwrap()),
        ("gzip, gzip", gzip(&gzip(&text))),
    ];
    for (coding, coded) in cases {
        let (response, kinds) = answered(&format!("Content-Encoding: {coding}\r\n"), &coded);
        let body = response.body.unwrap();
        assert_eq!(body.decoded, text, "{coding}");
        assert_eq!(body.raw, coded);
        assert!(body.complete && kinds.is_empty(), "{coding}: {:?}", body.reasons);
    }
}

#[test]
fn codings_that_cannot_be_undone_say_why() {
    let coded = gzip(&b"the content ".repeat(50));
    let why = |coding: &str, body: &[u8]| {
        let (response, kinds) = answered(&format!("Content-Encoding: {coding}\r\n"), body);
        (response.body.unwrap().reasons, kinds)
    };
    let (reasons, _) = why("gzip", &coded[..coded.len() - 9]);
    assert!(reasons[0].contains("end early"), "{reasons:?}");
    let (reasons, _) = why("br", b"whatever");
    assert_eq!(reasons, ["the content coding br is not undone"]);
    let (reasons, _) = why("gzip", b"plain text");
    assert!(reasons[0].contains("damaged"), "{reasons:?}");
    let (reasons, kinds) = why("gzip", &[&coded[..], b"hidden"].concat());
    assert_eq!((reasons.len(), kinds), (0, vec!["http.trailing_bytes"]));
}

#[test]
fn a_bomb_is_stopped_and_the_limit_stated() {
    let bomb = gzip(&vec![0; 8 << 20]);
    let (response, _) = answered("Content-Encoding: gzip\r\n", &bomb);
    let body = response.body.unwrap();
    assert_eq!(body.decoded.len(), bomb.len() * 1000);
    assert!(
        !body.complete && body.reasons[0].contains("1000 bytes for each"),
        "{:?}",
        body.reasons
    );
    let nested = gzip(&gzip(&gzip(&vec![0; 64 << 20])));
    let (response, _) = answered("Content-Encoding: gzip, gzip, gzip\r\n", &nested);
    let body = response.body.unwrap();
    assert!(body.decoded.len() < 2 << 20, "{}", body.decoded.len());
    assert!(!body.complete);
}

#[test]
fn a_gap_in_a_body_is_told_and_the_next_message_found() {
    let parts = [
        Client(b"GET /1 HTTP/1.1\r\n\r\n"),
        Server(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
        ServerLost(4),
        Server(b"hij"),
        Client(b"GET /2 HTTP/1.1\r\n\r\n"),
        Server(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
        ServerLost(10),
        Server(b"more of it"),
        Client(b"GET /3 HTTP/1.1\r\n\r\n"),
        Server(b"HTTP/1.1 204 No Content\r\n\r\n"),
    ];
    check(&parts, &["GET /1 -> 200 [abchij]!", "GET /2 -> 200 [ab]!", "GET /3 -> 204"]);
    let body = exchanges(&parts)[0].response.clone().unwrap().body.unwrap();
    assert_eq!(body.gaps, [BodyGap { position: 3, length: 4 }]);
    assert_eq!(body.reasons, ["4 bytes at 3 were not captured"]);
    assert_eq!(kinds(&parts), ["http.paired_by_time", "http.skipped"]);
}

#[test]
fn coded_bytes_behind_a_gap_are_not_undone() {
    let coded = gzip(&(0..2000u32).flat_map(u32::to_be_bytes).collect::<Vec<_>>());
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        coded.len()
    );
    let half = coded.len() / 2;
    let found = exchanges(&[
        Client(b"GET / HTTP/1.1\r\n\r\n"),
        Server(&[head.as_bytes(), &coded[..half]].concat()),
        ServerLost(7),
        Server(&coded[half + 7..]),
    ]);
    let body = found[0].response.clone().unwrap().body.unwrap();
    assert_eq!(body.raw.len(), coded.len() - 7);
    assert!(!body.complete && body.reasons.len() == 2, "{:?}", body.reasons);
    let plain: Vec<u8> = (0..2000u32).flat_map(u32::to_be_bytes).collect();
    assert!(plain.starts_with(&body.decoded) && !body.decoded.is_empty());
}

#[test]
fn a_head_that_the_capture_cut_keeps_what_is_there() {
    let long =
        b"HTTP/1.1 200 OK\r\nServer: nginx\r\nX-Long: abcdefgh\r\nContent-Length: 3\r\n\r\nabc";
    let parts = [
        Client(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n"),
        ServerCut(long, 40),
        Client(b"GET /b HTTP/1.1\r\nHost: a\r\n\r\n"),
        ServerCut(long, long.len()),
    ];
    check(&parts, &["GET /a -> 200", "GET /b -> 200 [abc]"]);
    let first = exchanges(&parts)[0].response.clone().unwrap();
    assert_eq!(first.header("server"), Some("nginx"));
    assert_eq!(first.header("x-long"), Some(""));
    assert!(kinds(&parts).contains(&"http.head_cut"));
}

#[test]
fn a_lost_request_leaves_its_response_alone() {
    let parts = [
        Client(b"GET /1 HTTP/1.1\r\n\r\n"),
        Server(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"),
        ClientLost(19),
        Server(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2"),
        Client(b"GET /3 HTTP/1.1\r\n\r\n"),
        Server(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n3"),
    ];
    check(&parts, &["GET /1 -> 200 [1]", "- -> 200 [2]", "GET /3 -> 200 [3]"]);
}

#[test]
fn one_direction_alone_is_read() {
    check(
        &[Client(b"GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n")],
        &["GET /1 -> -", "GET /2 -> -"],
    );
    check(&[Server(b"HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx")], &["- -> 404 [x]"]);
}

#[test]
fn a_broken_head_is_read_for_what_it_shows() {
    let parts = [
        Client(b"GET /item?id=1' OR '1'='1 HTTP/1.1\r\nHost: a\r\nBad\x01Name: b\xff\r\n\r\n"),
        Server(b"HTTP/1.1 500 Oops\r\nContent-Length: 1\r\n\r\nx"),
    ];
    check(&parts, &["GET /item?id=1' OR '1'='1 -> 500 [x]"]);
    let request = exchanges(&parts)[0].request.clone().unwrap();
    assert_eq!(request.headers[1], ("Bad\\x01Name".to_owned(), "b\\xff".to_owned()));
    assert_eq!(kinds(&parts), ["http.malformed_head"]);
}

#[test]
fn a_head_that_is_none_ends_its_direction() {
    let parts = [
        Client(b"GET / HTTP/1.1\r\n\r\n"),
        Client(b"\0\0\0\0\r\n\r\nGET /x HTTP/1.1\r\n\r\n"),
        Server(b"HTTP/1.1 204 No\r\n\r\n"),
    ];
    check(&parts, &["GET / -> 204"]);
    assert_eq!(kinds(&parts), ["http.malformed_head"]);
}

#[test]
fn two_statements_of_a_length_are_told() {
    let smuggled = b"POST / HTTP/1.1\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n";
    check(&[Client(smuggled)], &["POST / -> -", "GET /x -> -"]);
    assert_eq!(kinds(&[Client(smuggled)]), ["http.length_conflict"]);
    let (_, kinds) = answered("Content-Length: 1\r\nContent-Length: 2\r\n", b"ab");
    assert_eq!(kinds, ["http.length_conflict"]);
    let (response, kinds) = answered("Content-Length: -1\r\n", b"ab");
    assert_eq!(kinds, ["http.content_length"]);
    assert_eq!(response.body.unwrap().raw, b"ab");
}

#[test]
fn chunk_sizes_that_overflow_or_lie_are_told() {
    for size in ["10000000000000000", "-1", "0x4", ""] {
        let (response, kinds) =
            answered("Transfer-Encoding: chunked\r\n", format!("{size}\r\nab\r\n").as_bytes());
        assert_eq!(kinds, ["http.chunk"], "{size}");
        assert!(!response.body.unwrap().complete);
    }
    let (response, _) = answered("Transfer-Encoding: chunked\r\n", b"ffffffffffffffff\r\nabc");
    let body = response.body.unwrap();
    assert_eq!((body.raw.as_slice(), body.complete), (&b"abc"[..], false));
    let (response, _) = answered("Content-Length: 18446744073709551615\r\n", b"abc");
    assert!(!response.body.unwrap().complete);
}

#[test]
fn other_protocols_are_not_claimed() {
    let mail = [Server(b"220 mail ESMTP\r\n"), Client(b"HELO HTTP/1.1\n")];
    let streams = talk(&[Server(b"220 mail ESMTP\r\n"), Client(b"HELO me\r\n")]);
    assert_eq!(decoded(&streams, 25), Decoded::default());
    // A start line without a target is none.
    assert_eq!(decoded(&talk(&mail), 25), Decoded::default());
    assert_eq!(decoded(&talk(&[]), 80), Decoded::default());
}

#[test]
fn no_prefix_and_no_flipped_byte_brings_it_down() {
    let coded = gzip(b"content");
    let request = b"POST http://a/b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        coded.len()
    );
    let response = [head.as_bytes(), &coded].concat();
    let run = |request: &[u8], response: &[u8]| {
        let decoded = decoded(&talk(&[Client(request), Server(response)]), 80);
        assert!(decoded.transactions.iter().all(|each| each.packets.len() <= 2));
    };
    for end in 0..request.len() {
        run(&request[..end], &response);
    }
    for end in 0..response.len() {
        run(request, &response[..end]);
    }
    for bit in [0x01, 0x20, 0x80, 0xff] {
        for at in 0..request.len() {
            let mut flipped = request.to_vec();
            flipped[at] ^= bit;
            run(&flipped, &response);
        }
        for at in 0..response.len() {
            let mut flipped = response.clone();
            flipped[at] ^= bit;
            run(request, &flipped);
        }
    }
}
