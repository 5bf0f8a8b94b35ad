//! A vertical scan of web: most ports are denied by the security group, some are allowed and closed, two open.

use std::net::Ipv4Addr;

use serde_json::json;

use crate::Plan;
use crate::clock::{self, MICRO, MILLI, SECOND};
use crate::net::{self, Endpoint, WEB};
use crate::packet::{Packet, Payload, Phase, Transport};
use crate::rng::Rng;
use crate::wire::tcp::{self, ACK, RST, SYN};
use crate::world::World;

const SCANNER: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 66);
const PORTS: usize = 1_000;

pub(crate) fn play(world: &mut World, plan: &Plan) {
    let mut rng = Rng::named(plan.seed, "scan");
    let scanner = Endpoint::new(SCANNER, 41_022);
    let rtt = 38 * MILLI;
    let mut at = clock::at(9, 32, 6);
    let mut rejected = 0_u64;
    // The first thousand ports and what an old rule leaves open for development.
    let ports: Vec<u16> = (1..=(PORTS as u16 - 40)).chain(8_000..8_040).collect();
    for index in rng.shuffled(PORTS) {
        let web = Endpoint::ours(WEB, ports[index]);
        let seq = rng.next() as u32;
        let allowed = matches!(web.port, 80 | 443 | 8_000..8_100);
        let syn = || segment(scanner, web, seq, 0, SYN);
        if allowed {
            world.send(at, syn());
            let open = matches!(web.port, 80 | 443);
            let isn = rng.next() as u32;
            let flags = if open { SYN | ACK } else { RST | ACK };
            let answer =
                segment(web, scanner, if open { isn } else { 0 }, seq.wrapping_add(1), flags);
            world.send(at + 60 * MICRO, answer);
            if open {
                world.send(at + rtt, segment(scanner, web, seq.wrapping_add(1), 0, RST));
            }
        } else {
            rejected += 1;
            world.send(at, Packet { rejected: true, ..syn() });
            if rng.chance(300) {
                world.send(at + SECOND, Packet { rejected: true, ..syn() });
            }
        }
        at += rng.within(60, 420) * MILLI;
    }
    let details = json!({
        "src": SCANNER, "srcport": scanner.port, "dst": net::INTERFACES[WEB].ipv4,
        "ports": PORTS, "ports_rejected": rejected, "ports_open": [80, 443],
        "ports_closed": PORTS as u64 - rejected - 2,
    });
    world.ledger.details.insert(Phase::Scan.name(), details);
}

fn segment(src: Endpoint, dst: Endpoint, seq: u32, ack: u32, flags: u8) -> Packet {
    let options = if flags & SYN != 0 { tcp::SYN_OPTIONS_BARE } else { &[] };
    let window = if flags & RST != 0 { 0 } else { 1024 };
    let header = tcp::Header { seq, ack, flags, window, options };
    Packet {
        phase: Phase::Scan,
        src,
        dst,
        id: (seq >> 8) as u16,
        ttl: net::ttl_of(src.ip),
        transport: Transport::Tcp(header),
        payload: Payload::default(),
        rejected: false,
    }
}
