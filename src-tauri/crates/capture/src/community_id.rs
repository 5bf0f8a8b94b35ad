//! Community ID, version 1 (<https://github.com/corelight/community-id-spec>): the name of a flow that
//! Zeek, Suricata and Arkime also give.

use crate::decapsulate::{ICMP, ICMPV6, SCTP, TCP, UDP};
use crate::index::Endpoint;
use base64::{Engine, engine::general_purpose::STANDARD};
use sha1::{Digest, Sha1};

/// The Community ID, seed 0, of a flow between two endpoints. For ICMP and ICMPv6, whose endpoints have
/// no ports, `icmp` is the type and code of a packet from `source`; elsewhere it is ignored.
pub fn community_id(
    protocol: u8,
    source: Endpoint,
    destination: Endpoint,
    icmp: Option<(u8, u8)>,
) -> String {
    let (mut low, mut high) = (source, destination);
    let mut ports = matches!(protocol, TCP | UDP | SCTP);
    let mut one_way = false;
    if let (ICMP | ICMPV6, Some((kind, code))) = (protocol, icmp) {
        let counterpart = counterpart(protocol, kind);
        low.port = kind.into();
        high.port = counterpart.unwrap_or(code).into();
        one_way = counterpart.is_none();
        ports = true;
    }
    if !one_way && high < low {
        std::mem::swap(&mut low, &mut high);
    }
    let mut hash = Sha1::new();
    hash.update([0, 0]);
    for endpoint in [low, high] {
        let octets = endpoint.address.0.to_be_bytes();
        let (_, v4) = octets.split_at(12);
        hash.update(if endpoint.address.is_v4() { v4 } else { &octets[..] });
    }
    hash.update([protocol, 0]);
    if ports {
        hash.update(low.port.to_be_bytes());
        hash.update(high.port.to_be_bytes());
    }
    format!("1:{}", STANDARD.encode(hash.finalize()))
}

/// The ICMP type that answers this one, in place of a second port; none for one-way messages.
fn counterpart(protocol: u8, kind: u8) -> Option<u8> {
    const V4: [(u8, u8); 5] = [(8, 0), (13, 14), (15, 16), (10, 9), (17, 18)];
    const V6: [(u8, u8); 5] = [(128, 129), (133, 134), (135, 136), (130, 131), (144, 145)];
    let pairs = if protocol == ICMP { V4 } else { V6 };
    pairs.into_iter().find_map(|(asks, answers)| match kind {
        _ if kind == asks => Some(answers),
        _ if kind == answers => Some(asks),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::Address;

    fn endpoint(text: &str, port: u16) -> Endpoint {
        Endpoint { address: Address::parse(text).unwrap(), port }
    }

    #[test]
    fn the_identifiers_are_those_of_the_specification() {
        let check = |protocol, a: Endpoint, b: Endpoint, icmp, answer, expect: &str| {
            assert_eq!(community_id(protocol, a, b, icmp), expect);
            assert_eq!(community_id(protocol, b, a, answer), expect);
        };
        let (a, b) = (endpoint("128.232.110.120", 34855), endpoint("66.35.250.204", 80));
        check(6, a, b, None, None, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
        let (a, b) = (endpoint("192.168.1.52", 54585), endpoint("8.8.8.8", 53));
        check(17, a, b, None, None, "1:d/FP5EW3wiY1vCndhwleRRKHowQ=");
        let (a, b) = (endpoint("192.168.170.8", 7), endpoint("192.168.170.56", 80));
        check(132, a, b, None, None, "1:jQgCxbku+pNGw8WPbEc/TS/uTpQ=");
        let (a, b) = (endpoint("192.168.0.89", 0), endpoint("192.168.0.1", 0));
        check(1, a, b, Some((8, 0)), Some((0, 0)), "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=");
    }
}
