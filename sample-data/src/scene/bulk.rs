//! More of the same, for benchmarks: a fleet of unlogged hosts asks the resolver and the database (flow
//! records without packets) and downloads from web while the collector captures (packets with few records).

use std::net::Ipv4Addr;

use crate::Plan;
use crate::clock::{self, MINUTE, MINUTES};
use crate::conversation::{Conversation, Side};
use crate::mirror::WINDOWS;
use crate::net::{DB, Endpoint, WEB};
use crate::packet::Phase;
use crate::rng::Rng;
use crate::scene::baseline::{SHOP, rhythm, rhythm_total};
use crate::scene::exchange::{ask, look_up};
use crate::wire::http::{Request, Response};
use crate::wire::{dns, postgres};
use crate::world::World;

/// Flow records of one exchange: both directions at the one interface that is logged.
const RECORDS: u64 = 2;

/// Body of one download, in bytes, and the packets of its conversation at a mirrored interface.
const DOWNLOAD: usize = 60_000;
const DOWNLOAD_PACKETS: u64 = 70;

/// How much is wanted beyond the incident.
pub(crate) struct Bulk {
    rng: Rng,
    records: u64,
    packets: u64,
    body: Vec<u8>,
}

impl Bulk {
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut rng = Rng::named(plan.seed, "bulk");
        let body = if plan.extra_packets > 0 { rng.bytes(DOWNLOAD) } else { Vec::new() };
        Self { rng, records: plan.extra_flow_records, packets: plan.extra_packets, body }
    }

    /// This minute's share: records by the rhythm of the day, packets evenly over the capture windows.
    pub(crate) fn play(&mut self, world: &mut World, minute: usize) {
        let exchanges = self.records / RECORDS;
        for number in 0..share(exchanges, |m| rhythm(m) as u64, rhythm_total() as u64, minute) {
            let at = clock::minute_start(minute) + self.rng.within(0, MINUTE - 1);
            let host = self.host();
            if number % 2 == 0 {
                let name = format!("node-{number}.fleet.example");
                let address = Ipv4Addr::from(0x0A00_0800 + number as u32 % 2048);
                let answer = dns::Answer::A(address);
                look_up(world, Phase::Baseline, host, at, &name, dns::A, &answer);
            } else {
                self.database(world, host, at);
            }
        }
        let downloads = self.packets / DOWNLOAD_PACKETS;
        let all: u64 = (0..MINUTES).map(captured_seconds).sum();
        for _ in 0..share(downloads, captured_seconds, all, minute) {
            self.download(world, minute);
        }
    }

    fn database(&mut self, world: &mut World, host: Ipv4Addr, at: i64) {
        let client = Endpoint::new(host, self.rng.within(1_025, 65_000) as u16);
        let mut session =
            Conversation::open(world, Phase::Baseline, client, Endpoint::ours(DB, 5432), at);
        session.send(world, Side::Client, postgres::query("SELECT 1"));
        let row = vec!["1".to_owned()];
        session.send(world, Side::Server, postgres::rows(&["?column?"], &[row]));
        session.close(world, Side::Client);
    }

    fn download(&mut self, world: &mut World, minute: usize) {
        let mut at = clock::minute_start(minute) + self.rng.within(0, MINUTE - 1);
        // Partly captured minutes: stay inside the window.
        if let Some(window) = WINDOWS.iter().find(|w| overlap(minute, w.from, w.to) > 0) {
            at = at.max(window.from).min(window.to - clock::SECOND);
        }
        let client = Endpoint::new(self.host(), self.rng.within(1_025, 65_000) as u16);
        let mut conversation =
            Conversation::open(world, Phase::Baseline, client, Endpoint::ours(WEB, 80), at);
        let request = Request::get(SHOP, "/media/film.bin", "fleet/1.0");
        ask(world, &mut conversation, &request);
        let response = Response::ok("application/octet-stream", self.body.clone());
        conversation.send(world, Side::Server, response.encode());
        conversation.close(world, Side::Client);
    }

    /// One of 2,048 hosts of 10.0.8.0/21.
    fn host(&mut self) -> Ipv4Addr {
        Ipv4Addr::from(0x0A00_0800 + self.rng.within(0, 2047) as u32)
    }
}

/// The part of `total` that falls on `minute`, so that all minutes together give exactly `total`.
fn share(total: u64, weight: impl Fn(usize) -> u64, all: u64, minute: usize) -> u64 {
    if total == 0 || weight(minute) == 0 {
        return 0;
    }
    let before: u64 = (0..minute).map(&weight).sum();
    let up_to = |part: u64| (u128::from(total) * u128::from(part) / u128::from(all)) as u64;
    up_to(before + weight(minute)) - up_to(before)
}

fn captured_seconds(minute: usize) -> u64 {
    WINDOWS.iter().map(|w| overlap(minute, w.from, w.to)).sum()
}

fn overlap(minute: usize, from: i64, to: i64) -> u64 {
    let start = clock::minute_start(minute);
    ((to.min(start + MINUTE) - from.max(start)).max(0) / clock::SECOND) as u64
}
