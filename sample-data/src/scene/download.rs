//! web fetches a "tool" twice, once with a content coding. It is the test file of the European Institute for
//! Computer Antivirus Research: harmless, and known to every scanner.

use std::net::Ipv4Addr;

use serde_json::json;

use crate::Plan;
use crate::clock::{self, MILLI, SECOND};
use crate::conversation::{Conversation, Side};
use crate::hash::sha256_hex;
use crate::net::{Endpoint, INTERFACES, WEB};
use crate::packet::Phase;
use crate::scene::exchange::{answer, ask, look_up};
use crate::wire::dns;
use crate::wire::http::{Coding, Request, Response};
use crate::world::World;

const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 80);
const HOST: &str = "files.mirror.example";

/// In halves, so that no scanner takes this source for the file.
const HALVES: [&str; 2] =
    ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STAN", "DARD-ANTIVIRUS-TEST-FILE!$H+H*"];

pub(crate) fn play(world: &mut World, _: &Plan) {
    let plain = HALVES.concat();
    let web = INTERFACES[WEB].ipv4;
    let from = clock::at(13, 31, 22);
    let found = look_up(world, Phase::Download, web, from, HOST, dns::A, &dns::Answer::A(SERVER));
    let mut bodies = Vec::new();
    for (delay, uri, coding) in [
        (0, "/tools/updater.com", Coding::Plain),
        (48 * SECOND, "/tools/updater2.com", Coding::Gzip),
    ] {
        let client = Endpoint::ours(WEB, world.port());
        let server = Endpoint::new(SERVER, 80);
        let mut conversation =
            Conversation::open(world, Phase::Download, client, server, found + delay);
        let request = Request::get(HOST, uri, "curl/8.5.0");
        let mut response = Response::ok("application/octet-stream", plain.clone());
        response.coding = coding;
        ask(world, &mut conversation, &request);
        conversation.wait(4 * MILLI);
        answer(world, &mut conversation, &request, &response);
        conversation.close(world, Side::Client);
        bodies.push(json!({
            "uri": uri, "srcport": client.port,
            "transferred_sha256": sha256_hex(&response.transferred()),
            "content_encoding": (coding == Coding::Gzip).then_some("gzip"),
        }));
    }
    let details = json!({
        "src": web, "dst": SERVER, "dstport": 80, "host": HOST,
        "eicar_sha256": sha256_hex(plain.as_bytes()), "downloads": bodies,
    });
    world.ledger.details.insert(Phase::Download.name(), details);
}
