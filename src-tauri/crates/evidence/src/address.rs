//! One form for every IP address.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An IPv4 or IPv6 address as 128 bits; an IPv4 address is its IPv4-mapped form (`::ffff:a.b.c.d`,
/// RFC 4291 §2.5.5.2), so that addresses compare and sort as numbers whichever text form they came in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(pub u128);

impl Address {
    /// The address with these upper and lower 64 bits.
    pub fn from_halves(hi: u64, lo: u64) -> Self {
        Self((u128::from(hi) << 64) | u128::from(lo))
    }

    /// The upper 64 bits: 0 for an IPv4 address.
    pub fn hi(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0.to_be_bytes();
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    /// The lower 64 bits.
    pub fn lo(&self) -> u64 {
        let [.., a, b, c, d, e, f, g, h] = self.0.to_be_bytes();
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    /// Whether it is an IPv4 address.
    pub fn is_v4(&self) -> bool {
        self.0 >> 32 == 0xffff
    }

    /// The address in the standard library's form.
    pub fn ip(&self) -> IpAddr {
        IpAddr::V6(Ipv6Addr::from(self.0)).to_canonical()
    }

    /// Reads `10.0.0.1` or `2001:db8::1`.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<IpAddr>().ok().map(Self::from)
    }
}

impl From<IpAddr> for Address {
    fn from(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(v4) => v4.octets().into(),
            IpAddr::V6(v6) => v6.octets().into(),
        }
    }
}

impl From<[u8; 4]> for Address {
    fn from(octets: [u8; 4]) -> Self {
        Self(Ipv4Addr::from(octets).to_ipv6_mapped().into())
    }
}

impl From<[u8; 16]> for Address {
    fn from(octets: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(octets))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ip().fmt(f)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ip().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_families_keep_their_text() {
        for text in ["10.0.0.1", "255.255.255.255", "2001:db8::1", "::"] {
            let address = Address::parse(text).unwrap();
            assert_eq!(address.to_string(), text);
            assert_eq!(Address::from_halves(address.hi(), address.lo()), address);
        }
    }

    #[test]
    fn a_mapped_address_is_the_ipv4_address() {
        assert_eq!(Address::parse("::ffff:10.0.0.1"), Address::parse("10.0.0.1"));
        assert!(Address::from([10, 0, 0, 1]).is_v4());
        assert!(!Address::parse("2001:db8::1").unwrap().is_v4());
    }
}
