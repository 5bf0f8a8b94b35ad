//! Networks as they are written: `10.0.0.0/8`.

use evidence::Address;

/// A network: its first address, and how many leading bits of 128 all its addresses share. An IPv4 network is one of
/// mapped addresses, so that its length is 96 more than is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Prefix {
    pub(crate) base: u128,
    pub(crate) length: u32,
}

impl Prefix {
    /// Reads `base/length`; `None` if it is no network, bits behind its length among the reasons.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (base, length) = text.split_once('/')?;
        let longest: u32 = if base.contains(':') { 128 } else { 32 };
        if length.len() > 3 || !length.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let length = length.parse::<u32>().ok().filter(|length| *length <= longest)?;
        let length = length.saturating_add(128_u32.saturating_sub(longest));
        let base = Address::parse(base)?.0;
        (base == base & mask(length)).then_some(Self { base, length })
    }

    /// Whether the address lies in it.
    pub(crate) fn holds(self, address: Address) -> bool {
        address.0 & mask(self.length) == self.base
    }
}

/// As many ones as `length` says, then zeros.
pub(crate) fn mask(length: u32) -> u128 {
    !u128::MAX.checked_shr(length).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_first_and_its_last_address_and_no_other() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", ["10.0.0.0", "10.255.255.255"], ["9.255.255.255", "11.0.0.0"]),
            ("192.0.2.7/32", ["192.0.2.7", "192.0.2.7"], ["192.0.2.6", "192.0.2.8"]),
            ("0.0.0.0/0", ["0.0.0.0", "255.255.255.255"], ["::", "2001:db8::1"]),
            ("fc00::/7", ["fc00::", "fdff:ffff::1"], ["fbff::1", "fe00::"]),
        ] {
            let prefix = Prefix::parse(network).unwrap();
            let holds = |text| prefix.holds(Address::parse(text).unwrap());
            assert!(inside.into_iter().all(holds), "{network}");
            assert!(!outside.into_iter().any(holds), "{network}");
        }
    }

    #[test]
    fn what_is_no_network_is_none() {
        for text in
            ["10.0.0.0", "10.0.0.1/8", "10.0.0.0/33", "::/129", "10.0.0.0/", "x/8", "10.0.0.0/+8"]
        {
            assert_eq!(Prefix::parse(text), None, "{text}");
        }
    }
}
