//! app reports to its controller every minute, give or take a tenth.

use std::net::Ipv4Addr;

use serde_json::json;

use crate::Plan;
use crate::clock::{self, MILLI, Nanos};
use crate::conversation::{Conversation, Side};
use crate::net::{APP, Endpoint, INTERFACES};
use crate::packet::Phase;
use crate::rng::Rng;
use crate::scene::exchange::{answer, ask, look_up};
use crate::wire::dns;
use crate::wire::http::{Request, Response};
use crate::world::World;

const CONTROLLER: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 23);
const HOST: &str = "sync.telemetry.example";
const UNTIL: Nanos = clock::at(18, 35, 0);

pub(crate) fn play(world: &mut World, plan: &Plan) {
    let mut rng = Rng::named(plan.seed, "beacon");
    let app = INTERFACES[APP].ipv4;
    let mut at = clock::at(13, 34, 41);
    let mut beacons = 0_u64;
    while at < UNTIL {
        if beacons.is_multiple_of(30) {
            let answer = dns::Answer::A(CONTROLLER);
            look_up(world, Phase::Beacon, app, at - 90 * MILLI, HOST, dns::A, &answer);
        }
        let client = Endpoint::ours(APP, world.port());
        let server = Endpoint::new(CONTROLLER, 80);
        let mut conversation = Conversation::open(world, Phase::Beacon, client, server, at);
        let request = Request {
            method: "POST",
            host: HOST.into(),
            uri: "/v1/ping".into(),
            agent: "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1)",
            content_type: "application/json",
            body: format!("{{\"id\":\"a9f3\",\"n\":{beacons},\"t\":{}}}", at / 1_000_000).into(),
        };
        ask(world, &mut conversation, &request);
        let task = if beacons % 25 == 24 { "{\"task\":\"collect\"}" } else { "{\"task\":null}" };
        answer(world, &mut conversation, &request, &Response::ok("application/json", task));
        conversation.close(world, Side::Client);
        beacons += 1;
        at += rng.within(54_000, 66_000) * MILLI;
    }
    let details = json!({
        "src": app, "dst": CONTROLLER, "dstport": 80, "host": HOST, "uri": "/v1/ping",
        "beacons": beacons, "interval_seconds": 60, "jitter_percent": 10,
    });
    world.ledger.details.insert(Phase::Beacon.name(), details);
}
