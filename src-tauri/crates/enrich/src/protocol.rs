//! Names of IP protocols. Source: IANA, *Protocol Numbers*; in small letters, and shortened where everybody does.

const PROTOCOLS: [(u8, &str); 21] = [
    (1, "icmp"),
    (2, "igmp"),
    (4, "ipip"),
    (6, "tcp"),
    (8, "egp"),
    (17, "udp"),
    (33, "dccp"),
    (41, "ipv6"),
    (46, "rsvp"),
    (47, "gre"),
    (50, "esp"),
    (51, "ah"),
    (58, "icmpv6"),
    (88, "eigrp"),
    (89, "ospf"),
    (103, "pim"),
    (108, "ipcomp"),
    (112, "vrrp"),
    (115, "l2tp"),
    (132, "sctp"),
    (136, "udplite"),
];

/// What the protocol with this number is called.
pub fn protocol_name(number: u8) -> Option<&'static str> {
    PROTOCOLS.iter().find(|(own, _)| *own == number).map(|(_, name)| *name)
}

/// The number of the protocol with this name, in small or capital letters.
pub fn protocol_number(name: &str) -> Option<u8> {
    PROTOCOLS.iter().find(|(_, own)| own.eq_ignore_ascii_case(name)).map(|(number, _)| *number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_each_others() {
        assert_eq!((protocol_name(6), protocol_number("TCP")), (Some("tcp"), Some(6)));
        assert_eq!((protocol_name(255), protocol_number("tcpp")), (None, None));
        for (number, name) in PROTOCOLS {
            assert_eq!(protocol_number(name).and_then(protocol_name), Some(name), "{number}");
        }
    }
}
