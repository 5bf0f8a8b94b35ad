//! What a mirror filter lets through.

use super::DirectedTuple;
use evidence::Address;

const UDP: u8 = 17;
const TCP: u8 = 6;
const DNS: u16 = 53;

/// A traffic mirror filter (EC2 API, `TrafficMirrorFilter`): the rules are tried in the order of their number, the first one
/// that matches decides, and what none matches is not mirrored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MirrorFilter {
    /// In the order of their number.
    pub rules: Vec<MirrorRule>,
    /// Whether traffic to and from the Amazon DNS server is mirrored by the network service rule.
    pub amazon_dns: bool,
}

/// A rule of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MirrorRule {
    /// Of packets that the interface sends; else of those that it receives.
    pub egress: bool,
    /// Whether what matches is mirrored.
    pub accept: bool,
    /// IANA number; none for all.
    pub protocol: Option<u8>,
    /// First and last source address.
    pub source: (Address, Address),
    /// First and last destination address.
    pub destination: (Address, Address),
    /// First and last port; none for all.
    pub source_ports: Option<(u16, u16)>,
    /// First and last port; none for all.
    pub destination_ports: Option<(u16, u16)>,
}

/// What becomes of packets at a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub enum Passage {
    /// They are mirrored, or it is not known that they are not.
    #[default]
    Mirrored,
    /// No rule accepts them.
    NotAccepted,
    /// No rule accepts any packet of this direction.
    OtherDirection,
}

impl MirrorFilter {
    /// What becomes of the packets of a tuple, which the interface sends (`egress`) or receives; where that is not known,
    /// they may be either.
    pub fn passage(&self, tuple: &DirectedTuple, egress: Option<bool>) -> Passage {
        match egress {
            Some(egress) => self.passage_of(tuple, egress),
            None => self.passage_of(tuple, true).min(self.passage_of(tuple, false)),
        }
    }

    fn passage_of(&self, tuple: &DirectedTuple, egress: bool) -> Passage {
        let dns = [tuple.source.1, tuple.destination.1].contains(&DNS);
        if self.amazon_dns && dns && [UDP, TCP].contains(&tuple.protocol) {
            return Passage::Mirrored;
        }
        let mut own = self.rules.iter().filter(|rule| rule.egress == egress);
        if !own.clone().any(|rule| rule.accept) {
            return Passage::OtherDirection;
        }
        match own.find(|rule| rule.matches(tuple)) {
            Some(rule) if rule.accept => Passage::Mirrored,
            _ => Passage::NotAccepted,
        }
    }
}

impl MirrorRule {
    fn matches(&self, tuple: &DirectedTuple) -> bool {
        let lies = |range: (Address, Address), address| range.0 <= address && address <= range.1;
        let open = |range: Option<(u16, u16)>, port| {
            range.is_none_or(|(first, last)| first <= port && port <= last)
        };
        self.protocol.is_none_or(|protocol| protocol == tuple.protocol)
            && lies(self.source, tuple.source.0)
            && lies(self.destination, tuple.destination.0)
            && open(self.source_ports, tuple.source.1)
            && open(self.destination_ports, tuple.destination.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: (Address, Address) = (Address(0), Address(u128::MAX));

    fn rule(egress: bool, accept: bool, ports: Option<(u16, u16)>) -> MirrorRule {
        let (source, destination) = (ALL, ALL);
        let (protocol, source_ports) = (Some(TCP), None);
        MirrorRule {
            egress,
            accept,
            protocol,
            source,
            destination,
            source_ports,
            destination_ports: ports,
        }
    }

    fn tuple(protocol: u8, port: u16) -> DirectedTuple {
        let address = |text| Address::parse(text).unwrap();
        DirectedTuple {
            protocol,
            source: (address("10.0.0.1"), 40_000),
            destination: (address("10.0.0.2"), port),
        }
    }

    #[test]
    fn the_first_rule_that_matches_decides_and_what_none_matches_is_not_mirrored() {
        let rules = vec![rule(true, false, Some((22, 22))), rule(true, true, Some((1, 1000)))];
        let filter = MirrorFilter { rules, amazon_dns: false };
        for (protocol, port, expect) in [
            (TCP, 443, Passage::Mirrored),
            (TCP, 22, Passage::NotAccepted),
            (TCP, 8080, Passage::NotAccepted),
            (UDP, 443, Passage::NotAccepted),
        ] {
            assert_eq!(filter.passage(&tuple(protocol, port), Some(true)), expect, "{port}");
        }
        let incoming = filter.passage(&tuple(TCP, 443), Some(false));
        assert_eq!(incoming, Passage::OtherDirection);
        assert_eq!(filter.passage(&tuple(TCP, 443), None), Passage::Mirrored);
    }

    #[test]
    fn the_network_service_of_dns_passes_where_no_rule_does() {
        let filter = MirrorFilter { rules: Vec::new(), amazon_dns: true };
        assert_eq!(filter.passage(&tuple(UDP, 53), Some(true)), Passage::Mirrored);
        assert_eq!(filter.passage(&tuple(UDP, 54), Some(true)), Passage::OtherDirection);
    }
}
