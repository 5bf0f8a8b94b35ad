use super::super::testing::*;
use crate::*;

/// The question `name type IN` in wire form.
fn question(name: &str, kind: u16) -> Vec<u8> {
    let mut bytes = wire(name);
    bytes.extend(kind.to_be_bytes());
    bytes.extend([0, 1]);
    bytes
}

fn wire(name: &str) -> Vec<u8> {
    let labels = name.split('.').filter(|label| !label.is_empty());
    let mut bytes: Vec<u8> =
        labels.flat_map(|label| [&[label.len() as u8], label.as_bytes()].concat()).collect();
    bytes.push(0);
    bytes
}

fn header(id: u16, flags: u16, counts: [u16; 4]) -> Vec<u8> {
    [id, flags].iter().chain(&counts).flat_map(|word| word.to_be_bytes()).collect()
}

fn query(id: u16, name: &str, kind: u16) -> Vec<u8> {
    [header(id, 0x0100, [1, 0, 0, 0]), question(name, kind)].concat()
}

/// A record whose owner is the question's name.
fn record(kind: u16, ttl: u32, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).unwrap();
    let mut bytes = vec![0xc0, 12];
    bytes.extend(kind.to_be_bytes());
    bytes.extend([0, 1]);
    bytes.extend(ttl.to_be_bytes());
    bytes.extend(length.to_be_bytes());
    bytes.extend(value);
    bytes
}

fn answer(id: u16, flags: u16, name: &str, kind: u16, records: &[Vec<u8>]) -> Vec<u8> {
    let count = u16::try_from(records.len()).unwrap();
    [header(id, 0x8180 | flags, [1, count, 0, 0]), question(name, kind), records.concat()].concat()
}

fn said(messages: &[(bool, &[u8])]) -> Decoded {
    let datagrams: Vec<Datagram<'_>> = messages
        .iter()
        .zip(1..)
        .map(|((from_client, payload), packet)| Datagram {
            packet,
            time: i64::from(packet) * 10,
            from_client: *from_client,
            payload,
            payload_length: u32::try_from(payload.len()).unwrap(),
        })
        .collect();
    decode_datagrams(&datagrams, 53)
}

fn exchanges(decoded: &Decoded) -> Vec<&DnsExchange> {
    let details = decoded.transactions.iter().map(|transaction| &transaction.detail);
    details
        .map(|detail| match detail {
            Detail::Dns(exchange) => exchange,
            Detail::Http(_) | Detail::Named(_) => panic!("not DNS"),
        })
        .collect()
}

fn kinds(decoded: &Decoded) -> Vec<&'static str> {
    let inner = decoded.transactions.iter().flat_map(|each| &each.anomalies);
    inner.chain(&decoded.anomalies).map(|anomaly| anomaly.kind).collect()
}

fn value_of(kind: u16, value: &[u8]) -> String {
    let bytes = answer(7, 0, "a.test", kind, &[record(kind, 60, value)]);
    let decoded = said(&[(true, &query(7, "a.test", kind)), (false, &bytes)]);
    let record = exchanges(&decoded)[0].answers[0].clone();
    format!("{} {} {}", record.name, record.type_, record.value)
}

#[test]
fn a_query_and_its_answer_are_one_transaction() {
    let cname = record(5, 300, &[3, b'w', b'w', b'w', 0xc0, 12]);
    let address = record(1, 60, &[192, 0, 2, 1]);
    let decoded = said(&[
        (true, &query(7, "Shop.Test", 1)),
        (false, &answer(7, 0, "shop.test", 1, &[cname, address])),
    ]);
    assert_eq!(decoded.application, Some("dns"));
    assert!(kinds(&decoded).is_empty());
    assert_eq!(
        (decoded.transactions[0].time, decoded.transactions[0].packets.as_slice()),
        (10, &[1, 2][..])
    );
    let exchange = exchanges(&decoded)[0];
    assert_eq!((exchange.qname.as_str(), exchange.qtype.as_str()), ("Shop.Test", "A"));
    assert_eq!(exchange.qclass, "IN");
    assert_eq!(exchange.rcode.as_deref(), Some("NOERROR"));
    assert_eq!((exchange.query_time, exchange.answer_time), (Some(10), Some(20)));
    let values: Vec<_> =
        exchange.answers.iter().map(|record| (record.ttl, record.value.as_str())).collect();
    assert_eq!(values, [(300, "www.shop.test"), (60, "192.0.2.1")]);
}

#[test]
fn values_read_as_in_a_zone_file() {
    let check = |kind, value: &[u8], expect: &str| assert_eq!(value_of(kind, value), expect);
    check(
        28,
        &[0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        "a.test AAAA 2001:db8::1",
    );
    check(2, &[2, b'n', b's', 0xc0, 12], "a.test NS ns.a.test");
    check(12, &[0], "a.test PTR .");
    check(15, &[0, 10, 1, b'm', 0xc0, 12], "a.test MX 10 m.a.test");
    check(16, b"\x03abc\x04d\"\xff\\", "a.test TXT \"abc\" \"d\\\"\\255\\\\\"");
    check(33, &[0, 1, 0, 2, 0x14, 0xeb, 1, b's', 0], "a.test SRV 1 2 5355 s");
    let mut soa = vec![0xc0, 12, 0xc0, 12];
    soa.extend((1..=5u32).flat_map(u32::to_be_bytes));
    check(6, &soa, "a.test SOA a.test a.test 1 2 3 4 5");
    check(65280, &[1, 0xff], "a.test TYPE65280 01ff");
    check(1, &[1, 2, 3], "a.test A 010203");
}

#[test]
fn odd_bytes_of_a_name_are_escaped() {
    let mut bytes = header(1, 0, [1, 0, 0, 0]);
    bytes.extend(b"\x05a.b\\\xff\x02 c\0\0\x10\0\x01");
    assert_eq!(exchanges(&said(&[(true, &bytes)]))[0].qname, r"a\.b\\\255.\032c");
}

#[test]
fn queries_without_answer_and_answers_without_query_are_kept() {
    let decoded = said(&[
        (true, &query(1, "lost.test", 16)),
        (false, &answer(2, 3, "never.asked", 1, &[])),
        (true, &query(3, "a.test", 1)),
        (false, &answer(3, 0, "b.test", 1, &[])),
    ]);
    let found: Vec<_> = exchanges(&decoded)
        .iter()
        .map(|each| (each.qname.as_str(), each.rcode.as_deref(), each.query_time))
        .collect();
    assert_eq!(
        found,
        [
            ("lost.test", None, Some(10)),
            ("never.asked", Some("NXDOMAIN"), None),
            ("a.test", None, Some(30)),
            ("b.test", Some("NOERROR"), None),
        ]
    );
    assert_eq!(kinds(&decoded), ["dns.unsolicited", "dns.unsolicited"]);
}

#[test]
fn a_repeated_query_is_answered_once_each() {
    let (ask, say) = (query(1, "a.test", 1), answer(1, 0, "a.test", 1, &[]));
    let decoded = said(&[(true, &ask), (true, &ask), (false, &say)]);
    let times: Vec<_> = exchanges(&decoded).iter().map(|each| each.answer_time).collect();
    assert_eq!(times, [Some(30), None]);
    // A query is never answered by its own side.
    let decoded = said(&[(true, &ask), (true, &say)]);
    assert_eq!(kinds(&decoded), ["dns.unsolicited"]);
}

#[test]
fn an_error_answer_without_question_is_matched_by_its_id() {
    let refused = header(9, 0x8005, [0, 0, 0, 0]);
    let decoded = said(&[(true, &query(9, "a.test", 1)), (false, &refused)]);
    assert_eq!(exchanges(&decoded)[0].rcode.as_deref(), Some("REFUSED"));
    assert_eq!(decoded.transactions.len(), 1);
}

#[test]
fn edns_extends_the_response_code() {
    let mut bytes = header(9, 0x8180, [1, 0, 0, 1]);
    bytes.extend(question("a.test", 1));
    bytes.extend([0, 0, 41, 0x04, 0xd0, 1, 0, 0x80, 0, 0, 5, 0, 10, 0, 1, 0xab]);
    let decoded = said(&[(true, &query(9, "a.test", 1)), (false, &bytes)]);
    let exchange = exchanges(&decoded)[0];
    assert_eq!(exchange.rcode.as_deref(), Some("BADVERS"));
    assert_eq!(exchange.additional[0].value, "version 0, udp 1232, do, option 10:ab");
}

#[test]
fn pointers_must_lead_backwards() {
    for pointer in [[0xc0, 12], [0xc0, 14], [0xc0, 0xff], [0xff, 0xff]] {
        let mut bytes = header(1, 0, [1, 0, 0, 0]);
        bytes.extend(pointer);
        bytes.extend([0, 1, 0, 1]);
        assert_eq!(kinds(&said(&[(true, &bytes)])), ["dns.pointer", "dns.cut"], "{pointer:?}");
    }
    // Two names that point at each other.
    let mut bytes = header(1, 0x8000, [1, 1, 0, 0]);
    bytes.extend(question("a", 1));
    bytes.extend([1, b'b', 0xc0, 19, 0, 1, 0, 1]);
    assert!(kinds(&said(&[(false, &bytes)])).contains(&"dns.pointer"));
}

#[test]
fn names_have_a_longest_length() {
    let long = vec!["a".repeat(63); 5].join(".");
    assert!(kinds(&said(&[(true, &query(1, &long, 1))])).contains(&"dns.name_length"));
}

#[test]
fn bytes_behind_a_message_and_cut_copies_are_told() {
    let bytes = [query(1, "a.test", 1), b"smuggled".to_vec()].concat();
    assert_eq!(kinds(&said(&[(true, &bytes)])), ["dns.trailing_bytes"]);
    let bytes =
        answer(1, 0, "a.test", 1, &[record(1, 1, &[1, 2, 3, 4]), record(1, 1, &[5, 6, 7, 8])]);
    let datagram = Datagram {
        packet: 1,
        time: 0,
        from_client: false,
        payload: &bytes[..bytes.len() - 6],
        payload_length: u32::try_from(bytes.len()).unwrap(),
    };
    let decoded = decode_datagrams(&[datagram], 53);
    assert_eq!(kinds(&decoded), ["dns.truncated_capture", "dns.cut", "dns.unsolicited"]);
    assert_eq!(exchanges(&decoded)[0].answers.len(), 1);
    assert_eq!(kinds(&said(&[(true, &query(1, "a", 1)), (true, b"short")])), ["dns.header_cut"]);
}

#[test]
fn messages_on_tcp_stand_behind_their_length() {
    let framed = |message: Vec<u8>| {
        [&u16::try_from(message.len()).unwrap().to_be_bytes()[..], &message].concat()
    };
    let asks = [framed(query(1, "a.test", 252)), framed(query(2, "b.test", 1))].concat();
    let first = framed(answer(1, 0, "a.test", 252, &[record(1, 1, &[1, 2, 3, 4])]));
    let second = framed(answer(2, 0, "b.test", 1, &[]));
    let streams = talk(&[Client(&asks[..5]), Client(&asks[5..]), Server(&first), Server(&second)]);
    let whole = decoded(&streams, 5300);
    assert_eq!(whole.application, Some("dns"));
    assert!(kinds(&whole).is_empty());
    assert_eq!(whole.transactions[0].packets, [1, 2, 3]);
    assert_eq!(whole.transactions[1].packets, [2, 4]);
    // The length leads over a gap to the next message.
    let streams = talk(&[Client(&asks), ServerCut(&first, 30), Server(&second)]);
    let cut = decoded(&streams, 53);
    assert_eq!(kinds(&cut), ["dns.truncated_capture", "dns.cut"]);
    assert!(exchanges(&cut).iter().all(|each| each.answer_time.is_some()));
}

#[test]
fn messages_of_the_same_format_are_not_dns() {
    let bytes = query(0, "printer.local", 12);
    let datagram =
        Datagram { packet: 1, time: 0, from_client: true, payload: &bytes, payload_length: 31 };
    assert_eq!(decode_datagrams(&[datagram], 5353).application, None);
    assert_eq!(decode_datagrams(&[datagram], 5300).application, Some("dns"));
    let noise = Datagram { payload: &[0x17; 60], payload_length: 60, ..datagram };
    assert_eq!(decode_datagrams(&[noise], 9999).application, None);
}

#[test]
fn no_prefix_and_no_flipped_byte_brings_it_down() {
    let records = [
        record(5, 300, &[3, b'w', b'w', b'w', 0xc0, 12]),
        record(15, 1, &[0, 10, 1, b'm', 0xc0, 12]),
        record(16, 1, b"\x03abc"),
    ];
    let (ask, say) = (query(1, "a.test", 1), answer(1, 0, "a.test", 1, &records));
    for end in 0..=say.len() {
        said(&[(true, &ask), (false, &say[..end])]);
        decoded(&talk(&[Client(&ask), Server(&say[..end])]), 53);
    }
    for at in 0..say.len() {
        for bit in [0x01, 0x40, 0x80, 0xff] {
            let mut flipped = say.clone();
            flipped[at] ^= bit;
            let decoded = said(&[(true, &ask), (false, &flipped)]);
            assert!(decoded.transactions.len() <= 2);
        }
    }
}
