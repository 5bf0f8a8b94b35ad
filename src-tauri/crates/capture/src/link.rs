//! What stands in front of the network layer.

use std::fmt;

/// A link-layer header type, by its LINKTYPE_ number (<https://www.tcpdump.org/linktypes.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkType {
    /// 0, BSD loopback: a four-byte address family in the capturing host's byte order.
    Null,
    /// 1, Ethernet, with any number of VLAN tags.
    Ethernet,
    /// 101 (and 12 and 14, as some systems write it): the packet begins with its IP header.
    Raw,
    /// 108, OpenBSD loopback: a four-byte address family, most significant byte first.
    Loop,
    /// 113, Linux "cooked" capture.
    LinuxSll,
    /// 228: the packet begins with its IPv4 header.
    Ipv4,
    /// 229: the packet begins with its IPv6 header.
    Ipv6,
    /// 276, Linux "cooked" capture, version 2.
    LinuxSll2,
    /// Any other number: such packets are counted and kept, but not looked into.
    Other(u16),
}

impl LinkType {
    /// The type with this number.
    pub fn from_number(number: u16) -> Self {
        match number {
            0 => Self::Null,
            1 => Self::Ethernet,
            12 | 14 | 101 => Self::Raw,
            108 => Self::Loop,
            113 => Self::LinuxSll,
            228 => Self::Ipv4,
            229 => Self::Ipv6,
            276 => Self::LinuxSll2,
            other => Self::Other(other),
        }
    }

    /// The number by which captures name it; 101 for every form of [`LinkType::Raw`].
    pub fn number(self) -> u16 {
        match self {
            Self::Null => 0,
            Self::Ethernet => 1,
            Self::Raw => 101,
            Self::Loop => 108,
            Self::LinuxSll => 113,
            Self::Ipv4 => 228,
            Self::Ipv6 => 229,
            Self::LinuxSll2 => 276,
            Self::Other(number) => number,
        }
    }
}

impl fmt::Display for LinkType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "NULL",
            Self::Ethernet => "EN10MB",
            Self::Raw => "RAW",
            Self::Loop => "LOOP",
            Self::LinuxSll => "LINUX_SLL",
            Self::Ipv4 => "IPV4",
            Self::Ipv6 => "IPV6",
            Self::LinuxSll2 => "LINUX_SLL2",
            Self::Other(number) => return write!(f, "link type {number}"),
        })
    }
}
