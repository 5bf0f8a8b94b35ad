//! The innermost packet of every frame, held against what tshark finds in it. The captures lie beside the
//! repository and are not part of it.

// The sentence that says why nothing was tested has nowhere else to go.
#![allow(clippy::print_stderr)]

use capture::{Decapsulated, Inner, PacketSink, RawPacket, decapsulate, read};
use evidence::{Address, Anomaly};
use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::Command;

fn collection() -> PathBuf {
    // The repository's parent holds both: crate, crates, src-tauri, repository, parent.
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data/captures")
}

/// What both sides say of a packet.
#[derive(Debug, PartialEq, Eq, Clone)]
struct Facts {
    source: Address,
    destination: Address,
    length: u32,
    ports: Option<(u16, u16)>,
}

impl Facts {
    fn ours(inner: &Inner) -> Self {
        let Inner { source, destination, inner_length: length, ports, .. } = *inner;
        let ports = ports.filter(|_| [6, 17].contains(&inner.protocol));
        Self { source, destination, length, ports }
    }
}

#[derive(Default)]
struct Frames(Vec<Decapsulated>);

impl PacketSink for Frames {
    fn packet(&mut self, packet: &RawPacket<'_>) -> ControlFlow<()> {
        self.0.push(decapsulate(packet.link, packet.data));
        ControlFlow::Continue(())
    }

    fn anomaly(&mut self, _: Anomaly) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

fn ours(name: &str) -> Vec<Decapsulated> {
    let file = fs::File::open(collection().join(name)).unwrap();
    let mut input: Box<dyn Read> = match name.ends_with(".gz") {
        true => Box::new(flate2::read::MultiGzDecoder::new(file)),
        false => Box::new(file),
    };
    let mut frames = Frames::default();
    read(&mut input, &mut frames).unwrap();
    frames.0
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

/// Protocols that lead on to an IP packet, as tshark calls them. What comes behind any other is none of ours:
/// the header in an ICMP error, GTP, Teredo.
const PASSED: [&str; 24] = [
    "eth",
    "ethertype",
    "vlan",
    "sll",
    "null",
    "raw",
    "llc",
    "ppp",
    "pppoes",
    "mpls",
    "pwethheuristic",
    "pwethcw",
    "ip",
    "ipv6",
    "udp",
    "gre",
    "erspan",
    "vxlan",
    "geneve",
    "nsh",
    "ah",
    "tzsp",
    "chdlc",
    "ieee8021ad",
];

/// For each frame tshark's innermost IP packet, and whether a copy of something else lies inside it.
fn theirs(name: &str) -> HashMap<usize, (String, Option<Facts>)> {
    let mut tshark = Command::new("tshark");
    tshark.arg("-n").arg("-r").arg(collection().join(name));
    for preference in ["ip.defragment:FALSE", "ipv6.defragment:FALSE"] {
        tshark.args(["-o", preference]);
    }
    tshark.args(["-T", "fields", "-E", "occurrence=a", "-E", "separator=/t", "-E", "aggregator=,"]);
    for field in FIELDS {
        tshark.args(["-e", field]);
    }
    let output = tshark.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().filter_map(fields).collect()
}

fn fields(line: &str) -> Option<(usize, (String, Option<Facts>))> {
    let columns: Vec<&str> = line.split('\t').collect();
    let frame = columns[0].parse().ok()?;
    let cell = |column: usize, place: usize| columns.get(column)?.split(',').nth(place);
    let (mut v4, mut v6, mut udp, mut tcp) = (0, 0, 0, 0);
    let mut facts = None;
    for protocol in columns[1].split(':') {
        let head = protocol.split('.').next().unwrap_or_default();
        match protocol {
            "ip" => {
                let address = |column| Address::parse(cell(column, v4)?);
                facts = address(2).zip(address(3)).map(|(source, destination)| Facts {
                    source,
                    destination,
                    length: cell(4, v4).and_then(|length| length.parse().ok()).unwrap_or(0),
                    ports: None,
                });
                v4 += 1;
            }
            "ipv6" => {
                let address = |column| Address::parse(cell(column, v6)?);
                facts = address(5).zip(address(6)).map(|(source, destination)| Facts {
                    source,
                    destination,
                    length: 40 + cell(7, v6).and_then(|length| length.parse().ok()).unwrap_or(0),
                    ports: None,
                });
                v6 += 1;
            }
            "udp" | "tcp" => {
                let (column, place) = if protocol == "udp" { (8, udp) } else { (10, tcp) };
                let port = |column| cell(column, place)?.parse().ok();
                if let Some(facts) = &mut facts {
                    facts.ports = port(column).zip(port(column + 1));
                }
                if protocol == "tcp" {
                    tcp += 1;
                    break;
                }
                udp += 1;
            }
            _ if PASSED.contains(&head) => {}
            _ => break,
        }
    }
    Some((frame, (columns[1].to_owned(), facts)))
}

#[test]
fn explore() {
    let Ok(table) = fs::read_to_string(collection().join("INDEX.tsv")) else { return };
    let all = std::env::var_os("ALL").is_some();
    let mut count = 0;
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let name = cells[0];
        if cells[8].parse::<u64>().is_err() {
            continue;
        }
        let found = ours(name);
        let tunnels = found.iter().any(|f| {
            !f.encapsulation.tunnels.is_empty()
                || f.inner.as_ref().is_some_and(|i| i.fragment.is_some())
        });
        let named = cells[10].split(' ').any(|p| {
            [
                "gre", "erspan", "ppp", "pppoes", "mpls", "geneve", "vxlan", "nsh", "ah", "esp",
                "pwethcw", "llc",
            ]
            .contains(&p)
        });
        if !(tunnels || named || all) {
            continue;
        }
        count += 1;
        let expected = theirs(name);
        let mut told = 0;
        for (n, f) in found.iter().enumerate() {
            let Some((protocols, facts)) = expected.get(&(n + 1)) else { continue };
            let mine = f.inner.as_ref().map(Facts::ours);
            if &mine != facts {
                told += 1;
                if told <= 3 {
                    eprintln!(
                        "{name} {} {protocols}\n   ours {mine:?} {:?} {:?}\n   them {facts:?}",
                        n + 1,
                        f.encapsulation.tunnels,
                        f.stop
                    );
                }
            }
        }
        if told > 3 {
            eprintln!("{name}: {told} of {}", found.len());
        }
    }
    eprintln!("{count} captures");
}
