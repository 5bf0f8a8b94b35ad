//! Names of IP protocols.

/// The number of the protocol that Zeek, Suricata or Azure calls so. Source: IANA's registry of protocol numbers.
pub(crate) fn protocol(name: &str) -> Option<i64> {
    Some(match name.to_ascii_lowercase().as_str() {
        "icmp" => 1,
        "igmp" => 2,
        "ipip" => 4,
        "tcp" | "t" => 6,
        "udp" | "u" => 17,
        "gre" => 47,
        "esp" => 50,
        "ah" => 51,
        "icmp6" | "icmpv6" | "ipv6-icmp" => 58,
        "ospf" => 89,
        "sctp" => 132,
        _ => return None,
    })
}
