//! Names of assigned numbers (IANA).

/// `0x0800 (IPv4)`.
pub(super) fn ether_type(number: u16) -> String {
    let name = match number {
        0x0800 => "IPv4",
        0x0806 => "ARP",
        0x22eb => "ERSPAN III",
        0x6558 => "transparent Ethernet bridging",
        0x8100 => "802.1Q VLAN",
        0x86dd => "IPv6",
        0x8847 | 0x8848 => "MPLS",
        0x8864 => "PPPoE session",
        0x880b => "PPP",
        0x88a8 => "802.1ad VLAN",
        0x88be => "ERSPAN",
        0x9100 => "VLAN, double tagged",
        0..0x0600 => "length",
        _ => "unknown",
    };
    format!("0x{number:04x} ({name})")
}

/// `6 (TCP)`.
pub(super) fn ip_protocol(number: u8) -> String {
    let name = match number {
        0 => "hop-by-hop options",
        1 => "ICMP",
        2 => "IGMP",
        4 => "IPv4",
        6 => "TCP",
        17 => "UDP",
        41 => "IPv6",
        43 => "routing header",
        44 => "fragment header",
        47 => "GRE",
        50 => "ESP",
        51 => "AH",
        58 => "ICMPv6",
        59 => "no next header",
        60 => "destination options",
        132 => "SCTP",
        137 => "MPLS",
        135 => "mobility header",
        _ => "unknown",
    };
    format!("{number} ({name})")
}
