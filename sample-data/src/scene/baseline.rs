//! Ordinary traffic: visitors of a shop by day more than by night, its application and database, names,
//! the nightly backup, an administrator.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::Plan;
use crate::clock::{self, MILLI, MINUTE, Nanos, SECOND};
use crate::conversation::{Conversation, Mishap, Side};
use crate::net::{APP, BACKUP, BASTION, DB, Endpoint, INTERFACES, WEB};
use crate::packet::Phase;
use crate::rng::Rng;
use crate::scene::exchange::{self, answer, ask};
use crate::wire::http::{Coding, Request, Response};
use crate::wire::{dns, postgres, ssh, tls};
use crate::world::World;

pub(crate) const SHOP: &str = "shop.example";
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:136.0) Gecko/20100101 Firefox/136.0";

/// Visits per ten minutes, by hour of the day.
const RHYTHM: [i64; 24] =
    [14, 11, 9, 8, 8, 10, 16, 26, 40, 54, 62, 68, 72, 70, 74, 78, 76, 70, 64, 58, 50, 40, 30, 20];

/// While an engineer looked for a fault, web kept its TLS keys.
const KEYS_KEPT: (Nanos, Nanos) = (clock::at(13, 25, 0), clock::at(16, 30, 0));

/// The weight of `minute` in a day's traffic.
pub(crate) fn rhythm(minute: usize) -> i64 {
    RHYTHM[minute / 60]
}

/// The sum of [`rhythm`] over all minutes.
pub(crate) fn rhythm_total() -> i64 {
    60 * RHYTHM.iter().sum::<i64>()
}

/// The streams of numbers behind ordinary traffic.
pub(crate) struct Baseline {
    rng: Rng,
    identity: tls::Identity,
    percent: i64,
    mishaps: Vec<Mishap>,
}

impl Baseline {
    pub(crate) fn new(plan: &Plan) -> Self {
        let identity = tls::Identity::new(SHOP, &mut Rng::named(plan.seed, "certificate"));
        let rng = Rng::named(plan.seed, "baseline");
        let mishaps = vec![Mishap::Retransmission, Mishap::Reordering];
        Self { rng, identity, percent: plan.baseline_percent, mishaps }
    }

    /// What begins in `minute`.
    pub(crate) fn play(&mut self, world: &mut World, minute: usize) {
        let start = clock::minute_start(minute);
        let expected = RHYTHM[minute / 60] * self.percent;
        let visits = expected / 1000 + i64::from(self.rng.within(0, 999) < expected % 1000);
        for _ in 0..visits {
            let at = start + self.rng.within(0, MINUTE - 1);
            match self.rng.within(0, 99) {
                0..6 => self.tls_visit(world, at),
                6..14 => self.ipv6_visit(world, at),
                _ => self.visit(world, at),
            }
        }
        if self.rng.chance(300) {
            let at = start + self.rng.within(0, MINUTE - 1);
            self.name_lookup(world, at);
        }
        if minute == 8 * 60 + 12 {
            self.administrator(world, start + 17 * SECOND);
        }
    }

    fn visit(&mut self, world: &mut World, at: Nanos) {
        let client = Endpoint::new(self.visitor(), self.rng.within(1_025, 65_000) as u16);
        self.browse(world, client, Endpoint::ours(WEB, 80), at);
    }

    fn ipv6_visit(&mut self, world: &mut World, at: Nanos) {
        let Some(web) = INTERFACES[WEB].ipv6 else { return };
        let [network, host] = [(); 2].map(|()| self.rng.within(1, 40) as u16);
        let client = Ipv6Addr::new(0x2001, 0xdb8, 0xc0de, network, 0, 0, 0, host);
        let client = Endpoint::new(client, self.rng.within(1_025, 65_000) as u16);
        self.browse(world, client, Endpoint::new(web, 80), at);
    }

    fn browse(&mut self, world: &mut World, client: Endpoint, server: Endpoint, at: Nanos) {
        let mut browser = Conversation::open(world, Phase::Baseline, client, server, at);
        // One visitor in five keeps the connection for more pages.
        let pages = if self.rng.chance(200) { self.rng.within(2, 4) } else { 1 };
        for page in 0..pages {
            if page > 0 {
                browser.acknowledge(world, Side::Client);
                browser.wait(self.rng.within(900, 4_000) * MILLI);
            }
            let item = self.rng.within(1, 400);
            let (request, mut response) = self.page(item);
            ask(world, &mut browser, &request);
            if self.rng.chance(450) {
                let done = self.application_call(world, browser.now() + MILLI, item);
                browser.acknowledge(world, Side::Server);
                browser.wait_until(done + MILLI);
            }
            if self.rng.chance(120) {
                response.coding = self.rng.pick(&[Coding::Chunked, Coding::Gzip]);
            }
            if at > clock::at(13, 32, 0) && response.body.len() > 4_500 {
                browser.mishap = self.mishaps.pop();
            }
            answer(world, &mut browser, &request, &response);
        }
        browser.close(world, Side::Client);
    }

    fn page(&mut self, item: i64) -> (Request, Response) {
        let (uri, kind) = match self.rng.within(0, 9) {
            0..3 => ("/".to_owned(), "text/html; charset=utf-8"),
            3..8 => (format!("/products?id={item}"), "text/html; charset=utf-8"),
            _ => (format!("/api/stock/{item}"), "application/json"),
        };
        let rows = if kind == "application/json" { 4 } else { self.rng.within(12, 70) };
        let mut body = String::from("<!doctype html>\n<title>Shop</title>\n<table>\n");
        for row in 0..rows {
            let number = 1 + (item * 37 + row) % 400;
            body += &format!(
                "<tr><td>Article {number}</td><td>in stock: {}</td><td>{}.{:02} EUR</td></tr>\n",
                self.rng.within(0, 90),
                number / 3,
                number % 100
            );
        }
        (Request::get(SHOP, uri, BROWSER), Response::ok(kind, body))
    }

    /// web asks app, which asks db now and then; the moment when app has answered.
    fn application_call(&mut self, world: &mut World, at: Nanos, item: i64) -> Nanos {
        let client = Endpoint::ours(WEB, world.port());
        let mut call =
            Conversation::open(world, Phase::Baseline, client, Endpoint::ours(APP, 8080), at);
        let request = Request::get("app.internal:8080", format!("/v2/articles/{item}"), "shop/3.1");
        ask(world, &mut call, &request);
        if self.rng.chance(330) {
            let done = self.database_query(world, call.now() + MILLI, item);
            call.acknowledge(world, Side::Server);
            call.wait_until(done);
        }
        let body = format!("{{\"article\":{item},\"stock\":{},\"currency\":\"EUR\"}}\n", item % 90);
        let mut response = Response::ok("application/json", body);
        response.server = "gunicorn";
        answer(world, &mut call, &request, &response);
        let done = call.now();
        call.close(world, Side::Client);
        done
    }

    fn database_query(&mut self, world: &mut World, at: Nanos, item: i64) -> Nanos {
        let client = Endpoint::ours(APP, world.port());
        let mut session =
            Conversation::open(world, Phase::Baseline, client, Endpoint::ours(DB, 5432), at);
        session.send(world, Side::Client, postgres::startup("shop", "shop"));
        session.send(world, Side::Server, postgres::welcome());
        let sql = format!("SELECT id, name, stock FROM articles WHERE id = {item}");
        session.send(world, Side::Client, postgres::query(&sql));
        session.wait(self.rng.within(1, 8) * MILLI);
        let row = vec![item.to_string(), format!("Article {item}"), (item % 90).to_string()];
        session.send(world, Side::Server, postgres::rows(&["id", "name", "stock"], &[row]));
        session.send(world, Side::Client, postgres::terminate());
        let done = session.now();
        session.close(world, Side::Client);
        done
    }

    fn tls_visit(&mut self, world: &mut World, at: Nanos) {
        let client = Endpoint::new(self.visitor(), self.rng.within(1_025, 65_000) as u16);
        let mut session = tls::handshake(&mut self.rng, SHOP, &self.identity);
        let mut browser =
            Conversation::open(world, Phase::Baseline, client, Endpoint::ours(WEB, 443), at);
        browser.send(world, Side::Client, session.client_hello);
        browser.send(world, Side::Server, session.server_flight);
        let item = self.rng.within(1, 400);
        let request = Request { uri: format!("/account/orders/{item}"), ..self.page(item).0 };
        let (_, response) = self.page(item);
        let kept = (KEYS_KEPT.0..KEYS_KEPT.1).contains(&at) && self.rng.chance(700);
        let asked = session.client.application(&request.encode());
        browser.send(world, Side::Client, [session.client_finished, asked].concat());
        let moment = browser.now();
        let answered = session.server.application(&response.encode());
        let message = browser.send(world, Side::Server, answered);
        if kept {
            world.key_log += &session.key_log;
            // Without the handshake no key opens the records: the stream counts from its start.
            if let Some(body) = exchange::response_body(&request, &response, moment, "tls") {
                browser.note_body(Side::Server, 0..message.end, body);
            }
        }
        browser.send(world, Side::Client, session.client.close_notify());
        browser.close(world, Side::Client);
    }

    fn name_lookup(&mut self, world: &mut World, at: Nanos) {
        let host = self.rng.pick(&[WEB, APP]);
        let (name, answer) = self.rng.pick(&[
            ("api.payments.example", Some(Ipv4Addr::new(192, 0, 2, 14))),
            ("updates.os.example", Some(Ipv4Addr::new(192, 0, 2, 18))),
            ("mail.shop.example", Some(Ipv4Addr::new(192, 0, 2, 25))),
            ("wpad.shop.example", None),
        ]);
        let answer = answer.map_or(dns::Answer::NoSuchName, dns::Answer::A);
        let client = INTERFACES[host].ipv4;
        exchange::look_up(world, Phase::Baseline, client, at, name, dns::A, &answer);
    }

    fn administrator(&mut self, world: &mut World, at: Nanos) {
        let client = Endpoint::new(Ipv4Addr::new(192, 0, 2, 40), 51_514);
        let mut shell =
            Conversation::open(world, Phase::Baseline, client, Endpoint::ours(BASTION, 22), at);
        exchange::ssh_log_in(world, &mut shell, &mut self.rng);
        for _ in 0..60 {
            shell.wait(self.rng.within(400, 6_000) * MILLI);
            shell.send(world, Side::Client, ssh::encrypted(&mut self.rng, 1));
            let blocks = self.rng.within(1, 20) as usize;
            shell.send(world, Side::Server, ssh::encrypted(&mut self.rng, blocks));
        }
        shell.close(world, Side::Client);
    }

    /// One of some three hundred people; a few of them come more often.
    fn visitor(&mut self) -> IpAddr {
        let host = self.rng.within(0, 150).min(self.rng.within(0, 150)) as u8;
        match self.rng.within(0, 2) {
            0 => Ipv4Addr::new(192, 0, 2, 100 + host),
            1 => Ipv4Addr::new(203, 0, 113, 10 + host % 50),
            _ => Ipv4Addr::new(198, 51, 100, 130 + host % 120),
        }
        .into()
    }
}

/// The database hands its dump to the backup host, for twenty minutes.
pub(crate) fn nightly_backup(world: &mut World, plan: &Plan) {
    let mut rng = Rng::named(plan.seed, "backup");
    let client = Endpoint::ours(DB, world.port());
    let server = Endpoint::ours(BACKUP, 873);
    let at = clock::at(1, 30, 4);
    let mut copy = Conversation::open(world, Phase::Baseline, client, server, at);
    copy.send(world, Side::Server, b"@RSYNCD: 31.0\n".to_vec());
    copy.send(world, Side::Client, b"@RSYNCD: 31.0\nvault\n".to_vec());
    copy.send(world, Side::Server, b"@RSYNCD: OK\n".to_vec());
    for _ in 0..40 {
        let length = rng.within(60_000, 200_000) as usize;
        copy.send(world, Side::Client, rng.bytes(length));
        copy.acknowledge(world, Side::Server);
        copy.wait(rng.within(22, 36) * SECOND);
    }
    copy.close(world, Side::Client);
}
