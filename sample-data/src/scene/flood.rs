//! A SYN flood on web from many sources of very different strength.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use serde_json::json;

use crate::Plan;
use crate::clock::{self, MICRO, Nanos};
use crate::net::{self, Endpoint, INTERFACES, WEB};
use crate::packet::{Packet, Payload, Phase, Transport};
use crate::rng::Rng;
use crate::wire::tcp::{self, ACK, SYN};
use crate::world::World;

const FROM: Nanos = clock::at(16, 5, 0);
const TO: Nanos = clock::at(16, 9, 0);
/// The strongest source sends as many SYNs, the second half as many, the third a third, and so on.
const STRONGEST: u64 = 2_800;

pub(crate) fn play(world: &mut World, plan: &Plan) {
    let mut rng = Rng::named(plan.seed, "flood");
    let web = Endpoint::ours(WEB, 80);
    let mut sources = BTreeSet::new();
    while sources.len() < plan.flood_sources {
        sources.insert(Ipv4Addr::from(0xC612_0000 + rng.within(1, 0x1_FFFE) as u32));
    }
    let sources: Vec<Ipv4Addr> = sources.into_iter().collect();
    let ranked: Vec<(Ipv4Addr, u64)> = rng
        .shuffled(sources.len())
        .into_iter()
        .enumerate()
        .map(|(rank, index)| (sources[index], (STRONGEST / (rank as u64 + 1)).max(2)))
        .collect();
    let mut answered = 0_u64;
    for &(source, packets) in &ranked {
        let ports = 1 + packets as i64 / 5;
        let first_port = rng.within(1_025, 60_000 - ports);
        for _ in 0..packets {
            let attacker = Endpoint::new(source, (first_port + rng.within(0, ports - 1)) as u16);
            let at = rng.within(FROM, TO - 1);
            let seq = rng.next() as u32;
            world.send(at, segment(attacker, web, seq, 0, SYN));
            // The backlog is full: few are answered.
            if rng.chance(60) {
                answered += 1;
                let isn = rng.next() as u32;
                let answer = segment(web, attacker, isn, seq.wrapping_add(1), SYN | ACK);
                world.send(at + 80 * MICRO, answer);
            }
        }
    }
    let total: u64 = ranked.iter().map(|(_, packets)| packets).sum();
    let top: Vec<_> = ranked
        .iter()
        .take(20)
        .map(|(source, packets)| json!({ "src": source, "packets": packets }))
        .collect();
    let details = json!({
        "dst": INTERFACES[WEB].ipv4, "dstport": 80, "kind": "SYN flood", "network": "198.18.0.0/15",
        "sources": ranked.len(), "syn_packets": total, "syn_ack_packets": answered, "top_sources": top,
    });
    world.ledger.details.insert(Phase::Flood.name(), details);
}

fn segment(src: Endpoint, dst: Endpoint, seq: u32, ack: u32, flags: u8) -> Packet {
    let header = tcp::Header {
        seq,
        ack,
        flags,
        window: if flags == SYN { 512 } else { tcp::SYN_WINDOW },
        options: if flags == SYN { &[] } else { tcp::SYN_OPTIONS_BARE },
    };
    Packet {
        phase: Phase::Flood,
        src,
        dst,
        id: (seq >> 16) as u16,
        ttl: net::ttl_of(src.ip),
        transport: Transport::Tcp(header),
        payload: Payload::default(),
        rejected: false,
    }
}
