use super::super::testing::{Client, ClientLost, Part, Server, ServerCut, decoded, talk};
use crate::{Detail, NamedExchange};

fn vector16(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes()[..], bytes].concat()
}

fn extension(kind: u16, content: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &vector16(content)].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u32).to_be_bytes();
    [&[kind], &length[1..], body].concat()
}

fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    [&[kind, 3, 1][..], &vector16(content)].concat()
}

fn numbers(list: &[u16]) -> Vec<u8> {
    list.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// What a client says that offers TLS 1.3 with two ciphers and GREASE in every list.
fn client_hello() -> Vec<u8> {
    let name = [&[0][..], &vector16(b"shop.example")].concat();
    let versions = numbers(&[0x2a2a, 0x0304, 0x0303]);
    let extensions = [
        extension(0x0a0a, b""),
        extension(0, &vector16(&name)),
        extension(16, &vector16(b"\x02h2\x08http/1.1")),
        extension(10, &vector16(&numbers(&[0x1a1a, 29, 23]))),
        extension(11, b"\x01\x00"),
        extension(13, &vector16(&numbers(&[0x0403, 0x0804]))),
        extension(43, &[&[versions.len() as u8][..], &versions].concat()),
    ]
    .concat();
    let ciphers = vector16(&numbers(&[0xfafa, 0x1302, 0x1301]));
    let body = [&[3, 3][..], &[7; 32], &[0], &ciphers, &[1, 0], &vector16(&extensions)].concat();
    message(1, &body)
}

fn server_hello() -> Vec<u8> {
    let extensions = extension(43, &[3, 4]);
    let body = [&[3, 3][..], &[9; 32], &[0], &[0x13, 0x01], &[0], &vector16(&extensions)].concat();
    message(2, &body)
}

fn exchange(parts: &[Part<'_>]) -> (NamedExchange, Vec<u32>) {
    let mut decoded = decoded(&talk(parts), 8443);
    assert_eq!(decoded.application, Some("tls"));
    let transaction = decoded.transactions.remove(0);
    let Detail::Named(named) = transaction.detail else { panic!("fields") };
    (named, transaction.packets)
}

fn values<'n>(named: &'n NamedExchange, name: &str, from_client: bool) -> Vec<&'n str> {
    let own = named.fields.iter().filter(|one| (one.name, one.from_client) == (name, from_client));
    own.map(|field| field.value.as_str()).collect()
}

#[test]
fn both_hellos_are_told_with_their_fingerprints() {
    let client = record(22, &client_hello());
    let server = [record(22, &server_hello()), record(20, &[1]), record(23, &[0xee; 90])].concat();
    let (named, packets) = exchange(&[Client(&client), Server(&server)]);
    assert_eq!(named.asked, "shop.example for h2, http/1.1");
    assert_eq!(named.answered, "TLS 1.3, TLS_AES_128_GCM_SHA256");
    assert!(named.complete);
    assert_eq!(packets, [1, 2]);
    let said = |name| values(&named, name, true).concat();
    assert_eq!(said("tls.handshake.extensions_server_name"), "shop.example");
    assert_eq!(said("tls.handshake.ja3_full"), "771,4866-4865,0-16-10-11-13-43,29-23,0");
    assert_eq!(said("tls.handshake.ja4_r"), "t13d0206h2_1301,1302_000a,000b,000d,002b_0403,0804");
    assert!(said("tls.handshake.ja4").starts_with("t13d0206h2_"));
    assert_eq!(values(&named, "tls.handshake.ja3s_full", false), ["771,4865,43"]);
    let hello = named.fields.iter().find(|field| field.from_client).expect("a field");
    assert_eq!(hello.range, 5..client.len());
}

#[test]
fn a_hello_may_be_spread_over_records_and_segments() {
    let hello = client_hello();
    let (begin, end) = hello.split_at(70);
    let client = [record(22, begin), record(22, end)].concat();
    let (first, second) = client.split_at(33);
    let (named, packets) =
        exchange(&[Client(first), Client(second), Server(&record(22, &server_hello()))]);
    assert_eq!(values(&named, "tls.handshake.extensions_server_name", true), ["shop.example"]);
    assert_eq!(packets, [1, 2, 3]);
}

#[test]
fn what_was_not_captured_is_not_made_up() {
    let client = record(22, &client_hello());
    for kept in 6..client.len() {
        let (named, _) = exchange(&[Client(&client[..kept]), ClientLost(client.len() - kept)]);
        assert!(!named.complete);
        assert_eq!(named.answered, "");
        // A part of a hello has another fingerprint than the whole.
        for name in ["tls.handshake.ja3", "tls.handshake.ja4", "tls.handshake.ja4_r"] {
            assert_eq!(values(&named, name, true), [""; 0], "{name} of {kept} bytes");
        }
    }
    let server = record(22, &server_hello());
    let (named, _) = exchange(&[Client(&client), ServerCut(&server, server.len() - 1)]);
    assert_eq!(values(&named, "tls.handshake.ja3s", false), [""; 0]);
    assert!(!named.complete);
    let (named, _) = exchange(&[ClientLost(client.len()), Server(&record(22, &server_hello()))]);
    assert_eq!((named.asked.as_str(), named.complete), ("", false));
    assert!(named.answered.starts_with("TLS 1.3"));
}

#[test]
fn an_alert_in_clear_is_told() {
    let (named, _) =
        exchange(&[Client(&record(22, &client_hello())), Server(&record(21, &[2, 40]))]);
    assert_eq!(values(&named, "tls.alert_message.desc", false), ["handshake_failure (fatal)"]);
}

#[test]
fn other_bytes_at_a_port_of_tls_are_not_tls() {
    let decoded = decoded(&talk(&[Client(b"\x17\x03\x03\xff\xffnothing of the kind")]), 443);
    assert_eq!(decoded.application, None);
    let data = record(23, &[0xaa; 40]).repeat(3);
    let decoded = super::super::testing::decoded(&talk(&[Client(&data)]), 443);
    assert_eq!(decoded.application, Some("tls"));
}

#[test]
fn no_prefix_and_no_flipped_byte_brings_it_down() {
    let certificate = message(11, &[&[0, 0, 9, 0, 0, 6][..], &[0x30, 4, 2, 2, 0, 1]].concat());
    let server = [record(22, &server_hello()), record(22, &certificate)].concat();
    let client = record(22, &client_hello());
    for place in 0..client.len() + server.len() {
        let mut said = [client.clone(), server.clone()];
        let (side, at) = match place.checked_sub(client.len()) {
            None => (0, place),
            Some(at) => (1, at),
        };
        for flip in [1, 0x80, 0xff] {
            said[side][at] ^= flip;
            let _ = decoded(&talk(&[Client(&said[0]), Server(&said[1])]), 443);
            said[side][at] ^= flip;
        }
        said[side].truncate(at);
        let _ = decoded(&talk(&[Client(&said[0]), Server(&said[1])]), 443);
    }
}
