//! What kind of network an address is of.
//!
//! Sources: IANA, *IPv4 Special-Purpose Address Registry* and *IPv6 Special-Purpose Address Registry* (RFC 6890 and the
//! RFCs that each line names), *IPv4 Multicast* and *IPv6 Address Space*.

use crate::prefix::Prefix;
use evidence::Address;
use std::fmt;

/// What kind of network an address is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Reached from everywhere.
    Public,
    /// RFC 1918: `10.0.0.0/8`, `172.16.0.0/12`, `192.168.0.0/16`.
    Private,
    /// RFC 6598: between a provider and its customers, `100.64.0.0/10`.
    Shared,
    /// RFC 4193: IPv6's private networks, `fc00::/7`.
    UniqueLocal,
    /// Of one link: RFC 3927, RFC 4291. In a VPC, `169.254.169.…` is the instance's metadata, DNS and time.
    LinkLocal,
    /// The host itself.
    Loopback,
    /// No address yet: `0.0.0.0/8`, `::`.
    Unspecified,
    /// Everybody on the link.
    Broadcast,
    /// A group of hosts.
    Multicast,
    /// Of examples in books.
    Documentation,
    /// RFC 2544, RFC 5180: tests of devices.
    Benchmarking,
    /// An IPv4 address written as an IPv6 address by a translator (RFC 6052, RFC 8215).
    Translated,
    /// IPv6 that is carried over IPv4: 6to4 (RFC 3056), Teredo (RFC 4380).
    Tunnelled,
    /// Thrown away where it arrives (RFC 6666, RFC 9780).
    Discard,
    /// Of a protocol, or not given to anybody.
    Reserved,
}

impl Scope {
    /// All, in the order of their declaration.
    pub const ALL: [Self; 15] = [
        Self::Public,
        Self::Private,
        Self::Shared,
        Self::UniqueLocal,
        Self::LinkLocal,
        Self::Loopback,
        Self::Unspecified,
        Self::Broadcast,
        Self::Multicast,
        Self::Documentation,
        Self::Benchmarking,
        Self::Translated,
        Self::Tunnelled,
        Self::Discard,
        Self::Reserved,
    ];

    /// Stable name, as filters have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Shared => "shared",
            Self::UniqueLocal => "unique_local",
            Self::LinkLocal => "link_local",
            Self::Loopback => "loopback",
            Self::Unspecified => "unspecified",
            Self::Broadcast => "broadcast",
            Self::Multicast => "multicast",
            Self::Documentation => "documentation",
            Self::Benchmarking => "benchmarking",
            Self::Translated => "translated",
            Self::Tunnelled => "tunnelled",
            Self::Discard => "discard",
            Self::Reserved => "reserved",
        }
    }

    /// The scope of an address.
    pub fn of(address: Address) -> Self {
        let lines: &[Line] = if address.is_v4() { V4 } else { V6 };
        let line = lines.iter().find(|line| line.network.holds(address));
        line.map_or(Self::Public, |line| line.scope)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A line of a registry; of lines that hold an address, the first counts.
struct Line {
    network: Prefix,
    scope: Scope,
}

const fn v4(octets: [u8; 4], length: u32, scope: Scope) -> Line {
    let base = 0xffff_0000_0000 | u32::from_be_bytes(octets) as u128;
    line(base, 96_u32.saturating_add(length), scope)
}

/// A network by its first groups.
const fn v6(groups: [u16; 4], length: u32, scope: Scope) -> Line {
    let [a, b, c, d] = groups;
    let base = (a as u128) << 112 | (b as u128) << 96 | (c as u128) << 80 | (d as u128) << 64;
    line(base, length, scope)
}

const fn line(base: u128, length: u32, scope: Scope) -> Line {
    Line { network: Prefix { base, length }, scope }
}

const V4: &[Line] = &[
    v4([0, 0, 0, 0], 8, Scope::Unspecified),
    v4([10, 0, 0, 0], 8, Scope::Private),
    v4([100, 64, 0, 0], 10, Scope::Shared),
    v4([127, 0, 0, 0], 8, Scope::Loopback),
    v4([169, 254, 0, 0], 16, Scope::LinkLocal),
    v4([172, 16, 0, 0], 12, Scope::Private),
    // Port Control Protocol and TURN anycast (RFC 7723, RFC 8155) are reached from everywhere, the rest of the protocol
    // assignments (RFC 6890) is not.
    v4([192, 0, 0, 9], 32, Scope::Public),
    v4([192, 0, 0, 10], 32, Scope::Public),
    v4([192, 0, 0, 0], 24, Scope::Reserved),
    v4([192, 0, 2, 0], 24, Scope::Documentation),
    // Relays of 6to4, no longer used (RFC 7526).
    v4([192, 88, 99, 0], 24, Scope::Reserved),
    v4([192, 168, 0, 0], 16, Scope::Private),
    v4([198, 18, 0, 0], 15, Scope::Benchmarking),
    v4([198, 51, 100, 0], 24, Scope::Documentation),
    v4([203, 0, 113, 0], 24, Scope::Documentation),
    v4([224, 0, 0, 0], 4, Scope::Multicast),
    v4([255, 255, 255, 255], 32, Scope::Broadcast),
    v4([240, 0, 0, 0], 4, Scope::Reserved),
];

const V6: &[Line] = &[
    v6([0, 0, 0, 0], 128, Scope::Unspecified),
    line(1, 128, Scope::Loopback),
    v6([0x64, 0xff9b, 0, 0], 96, Scope::Translated),
    v6([0x64, 0xff9b, 1, 0], 48, Scope::Translated),
    v6([0x100, 0, 0, 0], 64, Scope::Discard),
    v6([0x100, 0, 0, 1], 64, Scope::Discard),
    // Of the protocol assignments (RFC 2928), those that are reached from everywhere: PCP, TURN and DNS-SD anycast, AMT
    // (RFC 7450), AS112 (RFC 7535), ORCHIDv2 (RFC 7343), drone identifiers (RFC 9374).
    line(0x2001_0001 << 96 | 1, 128, Scope::Public),
    line(0x2001_0001 << 96 | 2, 128, Scope::Public),
    line(0x2001_0001 << 96 | 3, 128, Scope::Public),
    v6([0x2001, 0, 0, 0], 32, Scope::Tunnelled),
    v6([0x2001, 2, 0, 0], 48, Scope::Benchmarking),
    v6([0x2001, 3, 0, 0], 32, Scope::Public),
    v6([0x2001, 4, 0x112, 0], 48, Scope::Public),
    v6([0x2001, 0x20, 0, 0], 28, Scope::Public),
    v6([0x2001, 0x30, 0, 0], 28, Scope::Public),
    v6([0x2001, 0, 0, 0], 23, Scope::Reserved),
    v6([0x2001, 0xdb8, 0, 0], 32, Scope::Documentation),
    v6([0x2002, 0, 0, 0], 16, Scope::Tunnelled),
    v6([0x3fff, 0, 0, 0], 20, Scope::Documentation),
    // All other addresses that are given to anybody.
    v6([0x2000, 0, 0, 0], 3, Scope::Public),
    v6([0xfc00, 0, 0, 0], 7, Scope::UniqueLocal),
    v6([0xfe80, 0, 0, 0], 10, Scope::LinkLocal),
    v6([0xff00, 0, 0, 0], 8, Scope::Multicast),
    v6([0, 0, 0, 0], 0, Scope::Reserved),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_network_ends_where_its_registry_says() {
        for (text, scope) in [
            ("0.0.0.0", Scope::Unspecified),
            ("1.0.0.0", Scope::Public),
            ("9.255.255.255", Scope::Public),
            ("10.0.0.0", Scope::Private),
            ("10.255.255.255", Scope::Private),
            ("11.0.0.0", Scope::Public),
            ("100.63.255.255", Scope::Public),
            ("100.64.0.0", Scope::Shared),
            ("100.127.255.255", Scope::Shared),
            ("100.128.0.0", Scope::Public),
            ("127.0.0.53", Scope::Loopback),
            ("169.254.169.254", Scope::LinkLocal),
            ("169.255.0.0", Scope::Public),
            ("172.15.255.255", Scope::Public),
            ("172.16.0.0", Scope::Private),
            ("172.31.255.255", Scope::Private),
            ("172.32.0.0", Scope::Public),
            ("192.0.0.8", Scope::Reserved),
            ("192.0.0.9", Scope::Public),
            ("192.0.0.171", Scope::Reserved),
            ("192.0.2.255", Scope::Documentation),
            ("192.31.196.1", Scope::Public),
            ("192.88.99.1", Scope::Reserved),
            ("192.167.255.255", Scope::Public),
            ("192.168.0.0", Scope::Private),
            ("192.169.0.0", Scope::Public),
            ("198.17.255.255", Scope::Public),
            ("198.18.0.0", Scope::Benchmarking),
            ("198.19.255.255", Scope::Benchmarking),
            ("198.20.0.0", Scope::Public),
            ("198.51.100.0", Scope::Documentation),
            ("203.0.113.255", Scope::Documentation),
            ("223.255.255.255", Scope::Public),
            ("224.0.0.0", Scope::Multicast),
            ("239.255.255.255", Scope::Multicast),
            ("240.0.0.0", Scope::Reserved),
            ("255.255.255.254", Scope::Reserved),
            ("255.255.255.255", Scope::Broadcast),
            ("::", Scope::Unspecified),
            ("::1", Scope::Loopback),
            ("::2", Scope::Reserved),
            ("64:ff9b::7f00:1", Scope::Translated),
            ("64:ff9b::1:0:0", Scope::Reserved),
            ("64:ff9b:1::", Scope::Translated),
            ("64:ff9b:2::", Scope::Reserved),
            ("100::1", Scope::Discard),
            ("100:0:0:1::1", Scope::Discard),
            ("100:0:0:2::", Scope::Reserved),
            ("2000::", Scope::Public),
            ("2001::1", Scope::Tunnelled),
            ("2001:1::1", Scope::Public),
            ("2001:1::4", Scope::Reserved),
            ("2001:2::", Scope::Benchmarking),
            ("2001:2:1::", Scope::Reserved),
            ("2001:1ff:ffff::", Scope::Reserved),
            ("2001:200::", Scope::Public),
            ("2001:db7:ffff::", Scope::Public),
            ("2001:db8::", Scope::Documentation),
            ("2001:db9::", Scope::Public),
            ("2002:c000:201::", Scope::Tunnelled),
            ("2600:1f18::1", Scope::Public),
            ("3ffe::", Scope::Public),
            ("3fff::", Scope::Documentation),
            ("3fff:1000::", Scope::Public),
            ("4000::", Scope::Reserved),
            ("5f00::", Scope::Reserved),
            ("fbff:ffff::", Scope::Reserved),
            ("fc00::", Scope::UniqueLocal),
            ("fd00:ec2::254", Scope::UniqueLocal),
            ("fe00::", Scope::Reserved),
            ("fe80::1", Scope::LinkLocal),
            ("fec0::1", Scope::Reserved),
            ("ff02::1", Scope::Multicast),
        ] {
            assert_eq!(Scope::of(Address::parse(text).unwrap()), scope, "{text}");
        }
    }

    #[test]
    fn every_line_is_a_network_that_no_line_before_it_hides() {
        for lines in [V4, V6] {
            for (at, line) in lines.iter().enumerate() {
                let first = Address(line.network.base);
                assert!(line.network.holds(first), "{first}");
                let hidden = lines[..at].iter().any(|before| {
                    before.network.length <= line.network.length && before.network.holds(first)
                });
                assert!(!hidden, "{first}");
            }
        }
    }

    #[test]
    fn names_are_one_each() {
        let names: std::collections::HashSet<_> =
            Scope::ALL.iter().map(|scope| scope.name()).collect();
        assert_eq!(names.len(), Scope::ALL.len());
    }
}
