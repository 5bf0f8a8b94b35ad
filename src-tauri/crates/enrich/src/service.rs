//! Names of services by port.

use crate::services::SERVICES;
use std::collections::BTreeSet;

const TCP: u8 = 6;
const UDP: u8 = 17;
const SCTP: u8 = 132;

/// Which transports a service has a port of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    Tcp,
    Udp,
    Both,
}

impl Over {
    fn is(self, protocol: u8) -> bool {
        match self {
            Self::Tcp => matches!(protocol, TCP | SCTP),
            Self::Udp => protocol == UDP,
            Self::Both => matches!(protocol, TCP | UDP | SCTP),
        }
    }
}

/// The service that has this port of this protocol (6, 17 or 132; other protocols have no ports).
pub fn service(protocol: u8, port: u16) -> Option<&'static str> {
    let first = SERVICES.partition_point(|(own, ..)| *own < port);
    let own = SERVICES.iter().skip(first).take_while(|(own, ..)| *own == port);
    own.into_iter().find(|(_, over, _)| over.is(protocol)).map(|(.., names)| shown(names))
}

/// The ports of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ports(pub Vec<u16>);

/// The ports of the service with this name, in small or capital letters; `None` where nothing is called so.
pub fn ports_named(name: &str) -> Option<Ports> {
    let called = |names: &str| names.split(' ').any(|own| own.eq_ignore_ascii_case(name));
    let ports = SERVICES.iter().filter(|(.., names)| called(names)).map(|(port, ..)| *port);
    let mut ports: Vec<u16> = ports.collect();
    ports.dedup();
    (!ports.is_empty()).then_some(Ports(ports))
}

/// The names that are shown, each once, in the order of the alphabet.
pub fn service_names() -> BTreeSet<&'static str> {
    SERVICES.iter().map(|(.., names)| shown(names)).collect()
}

/// The first of several names.
fn shown(names: &'static str) -> &'static str {
    names.split(' ').next().unwrap_or(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_known_by_its_protocol_and_back_by_any_of_its_names() {
        for (protocol, port, name) in [
            (TCP, 443, Some("https")),
            (UDP, 443, Some("https")),
            (TCP, 22, Some("ssh")),
            (UDP, 22, None),
            (UDP, 123, Some("ntp")),
            (TCP, 514, Some("shell")),
            (UDP, 514, Some("syslog")),
            (1, 443, None),
            (TCP, 0, None),
            (TCP, 65_535, None),
        ] {
            assert_eq!(service(protocol, port), name, "{protocol}/{port}");
        }
        assert_eq!(ports_named("rdp"), Some(Ports(vec![3389])));
        assert_eq!(ports_named("MS-WBT-Server"), Some(Ports(vec![3389])));
        assert_eq!(ports_named("mongodb"), Some(Ports(vec![27_017, 27_018, 27_019])));
        assert_eq!(ports_named("htps"), None);
    }

    #[test]
    fn the_table_is_sorted_and_no_port_has_two_names() {
        for pair in SERVICES.windows(2) {
            let [(a, over_a, _), (b, over_b, _)] = pair else { unreachable!() };
            let apart = matches!((over_a, over_b), (Over::Tcp, Over::Udp) | (Over::Udp, Over::Tcp));
            assert!(a < b || (a == b && apart), "{a} and {b}");
        }
    }

    #[test]
    fn a_name_is_a_word_of_the_filter_language() {
        let names = SERVICES.iter().flat_map(|(.., names)| names.split(' '));
        for name in names {
            let first = name.chars().next().unwrap();
            assert!(first.is_ascii_lowercase(), "{name}");
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{name}");
        }
    }
}
