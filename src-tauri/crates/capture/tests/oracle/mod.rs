//! What tshark says of a capture.

use capture::Inner;
use evidence::Address;
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

/// What is compared of an IP packet.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(crate) struct Facts {
    pub(crate) source: Address,
    pub(crate) destination: Address,
    /// As its header states it.
    pub(crate) length: u32,
    /// Of TCP and UDP.
    pub(crate) ports: Option<(u16, u16)>,
}

impl Facts {
    pub(crate) fn of(inner: &Inner) -> Self {
        let Inner { source, destination, inner_length: length, ports, .. } = *inner;
        let ports = ports.filter(|_| [6, 17].contains(&inner.protocol));
        Self { source, destination, length, ports }
    }
}

/// The innermost IP packet of a frame.
#[derive(Debug)]
pub(crate) struct Innermost {
    /// All protocols of the frame, from the outermost in.
    #[expect(dead_code, reason = "shown where both sides differ")]
    pub(crate) protocols: String,
    pub(crate) facts: Option<Facts>,
    /// Whether a tunnel lies in that packet, or around all, so that something else than IP is in the tunnel.
    pub(crate) in_mirror: bool,
}

const FIELDS: [&str; 12] = [
    "frame.number",
    "frame.protocols",
    "ip.src",
    "ip.dst",
    "ip.len",
    "ipv6.src",
    "ipv6.dst",
    "ipv6.plen",
    "udp.srcport",
    "udp.dstport",
    "tcp.srcport",
    "tcp.dstport",
];

/// Protocols that lead on to an IP packet, as tshark calls them. What comes behind any other is none of ours: the
/// header in an ICMP error, GTP, Teredo.
const PASSED: [&str; 23] = [
    "eth",
    "ethertype",
    "vlan",
    "sll",
    "null",
    "raw",
    "llc",
    "ieee8021ad",
    "ppp",
    "pppoes",
    "mpls",
    "pwethheuristic",
    "pwethcw",
    "udp",
    "gre",
    "erspan",
    "vxlan",
    "geneve",
    "nsh",
    "ah",
    "tzsp",
    "chdlc",
    "ipv6",
];
const MIRRORS: [&str; 6] = ["vxlan", "geneve", "erspan", "tzsp", "mpls", "pppoes"];

fn tshark(capture: &Path, options: &[&str], fields: &[&str]) -> String {
    let mut tshark = Command::new("tshark");
    tshark.arg("-n").arg("-r").arg(capture);
    options.iter().for_each(|option| {
        tshark.args(["-o", option]);
    });
    tshark.args(["-T", "fields", "-E", "occurrence=a", "-E", "separator=/t", "-E", "aggregator=,"]);
    fields.iter().for_each(|field| {
        tshark.args(["-e", field]);
    });
    String::from_utf8_lossy(&tshark.output().unwrap().stdout).into_owned()
}

/// The innermost IP packet of each frame. Fragments are left as they are.
pub(crate) fn innermost(capture: &Path) -> HashMap<u64, Innermost> {
    let apart = ["ip.defragment:FALSE", "ipv6.defragment:FALSE"];
    tshark(capture, &apart, &FIELDS).lines().filter_map(row).collect()
}

fn row(line: &str) -> Option<(u64, Innermost)> {
    let columns: Vec<&str> = line.split('\t').collect();
    let frame = columns[0].parse().ok()?;
    let cell = |column: usize, place: usize| columns.get(column)?.split(',').nth(place);
    let mut places = HashMap::new();
    let (mut facts, mut in_mirror) = (None::<Facts>, false);
    for protocol in columns[1].split(':') {
        let place = places.entry(protocol).or_insert(0usize);
        let here = std::mem::replace(place, *place + 1);
        let ends = |column| {
            let address = |column| Address::parse(cell(column, here)?);
            address(column).zip(address(column + 1))
        };
        let number = |column| cell(column, here).and_then(|cell| cell.parse::<u32>().ok());
        let ip = |column, more| {
            ends(column).map(|(source, destination)| {
                let length = number(column + 2).unwrap_or_default() + more;
                Facts { source, destination, length, ports: None }
            })
        };
        match protocol {
            "ip" => (facts, in_mirror) = (ip(2, 0), false),
            "ipv6" => (facts, in_mirror) = (ip(5, 40), false),
            "udp" | "tcp" => {
                let column = if protocol == "udp" { 8 } else { 10 };
                let port = |column| number(column).map(|port| port as u16);
                if let Some(facts) = &mut facts {
                    facts.ports = port(column).zip(port(column + 1));
                }
                if protocol == "tcp" {
                    break;
                }
            }
            _ => {
                in_mirror |= MIRRORS.contains(&protocol);
                // "ipv6.hopopts" belongs to IPv6.
                let head = protocol.split('.').next().unwrap_or_default();
                if !PASSED.contains(&head) {
                    break;
                }
            }
        }
    }
    let protocols = columns[1].to_owned();
    Some((frame, Innermost { protocols, facts, in_mirror }))
}

/// The content of each datagram that was joined, and the frame that completed it.
pub(crate) fn reassembled(capture: &Path) -> Vec<(u64, Vec<u8>)> {
    let joined = ["ip.defragment:TRUE", "ipv6.defragment:TRUE"];
    let fields = ["frame.number", "ip.reassembled.data", "ipv6.reassembled.data"];
    let told = tshark(capture, &joined, &fields);
    let row = |line: &str| {
        let columns: Vec<_> = line.split('\t').map(str::to_owned).collect();
        let frame: u64 = columns[0].parse().unwrap();
        let datagrams = columns.into_iter().skip(1).filter(|cell| !cell.is_empty());
        datagrams.map(move |cell| (frame, hex(&cell))).collect::<Vec<_>>()
    };
    told.lines().flat_map(row).collect()
}

/// The bytes of hexadecimal digits.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}
