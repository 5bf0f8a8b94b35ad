//! app uploads the customers in one go: the largest outbound record of the day.

use std::net::Ipv4Addr;

use serde_json::json;

use crate::Plan;
use crate::clock::{self, MILLI};
use crate::conversation::{Conversation, Side};
use crate::hash::sha256_hex;
use crate::net::{APP, Endpoint, INTERFACES};
use crate::packet::Phase;
use crate::rng::Rng;
use crate::scene::exchange::{answer, ask, look_up};
use crate::wire::dns;
use crate::wire::http::{Request, Response};
use crate::world::World;

const DROP: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 200);
const HOST: &str = "drop.filebin.example";
const URI: &str = "/d/3f9a/customers.csv";
const CUSTOMERS: usize = 22_000;

pub(crate) fn play(world: &mut World, plan: &Plan) {
    let mut rng = Rng::named(plan.seed, "upload");
    let app = INTERFACES[APP].ipv4;
    let at = clock::at(15, 50, 5);
    let found = look_up(world, Phase::Upload, app, at, HOST, dns::A, &dns::Answer::A(DROP));
    let client = Endpoint::ours(APP, world.port());
    let mut conversation =
        Conversation::open(world, Phase::Upload, client, Endpoint::new(DROP, 80), found);
    let mut body = String::from("id,name,mail,city,since\n");
    for number in 0..CUSTOMERS {
        let city = rng.pick(&["Aachen", "Bremen", "Celle", "Dresden", "Emden", "Fulda"]);
        let day = rng.within(1, 28);
        body += &format!(
            "{number},Customer {number:05},customer.{number:05}@mail.example,{city},2024-05-{day:02}\n"
        );
    }
    let request = Request {
        method: "PUT",
        host: HOST.into(),
        uri: URI.into(),
        agent: "curl/8.5.0",
        content_type: "text/csv",
        body: body.into(),
    };
    ask(world, &mut conversation, &request);
    conversation.wait(30 * MILLI);
    let mut response = Response::ok("text/plain", "stored\n");
    response.status = "201 Created";
    answer(world, &mut conversation, &request, &response);
    conversation.close(world, Side::Client);
    let details = json!({
        "src": app, "srcport": client.port, "dst": DROP, "dstport": 80, "host": HOST, "uri": URI,
        "body_bytes": request.body.len(), "body_sha256": sha256_hex(&request.body),
    });
    world.ledger.details.insert(Phase::Upload.name(), details);
}
