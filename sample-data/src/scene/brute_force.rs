//! Guessing passwords at bastion: the last of exactly as many connections as planned gets in, stays, and
//! goes on to app.

use std::net::Ipv4Addr;

use serde_json::json;

use crate::Plan;
use crate::clock::{self, MILLI, Nanos, rfc3339};
use crate::conversation::{Conversation, Side};
use crate::net::{APP, BASTION, Endpoint, INTERFACES};
use crate::packet::Phase;
use crate::rng::Rng;
use crate::scene::exchange::ssh_log_in;
use crate::wire::ssh;
use crate::world::World;

const GUESSER: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 129);
const FROM: Nanos = clock::at(10, 58, 20);
const LAST_GUESS: Nanos = clock::at(12, 58, 40);
const SUCCESS: Nanos = clock::at(12, 59, 2);

pub(crate) fn play(world: &mut World, plan: &Plan) {
    let mut rng = Rng::named(plan.seed, "brute force");
    let failing = plan.brute_force_connections - 1;
    let bastion = Endpoint::ours(BASTION, 22);
    for number in 0..failing {
        let spread = (LAST_GUESS - FROM) / failing as Nanos * number as Nanos;
        let at = FROM + spread + rng.within(0, 300) * MILLI;
        let client = Endpoint::new(GUESSER, 33_000 + number as u16);
        let mut guess = Conversation::open(world, Phase::BruteForce, client, bastion, at);
        ssh_log_in(world, &mut guess, &mut rng);
        guess.close(world, Side::Client);
    }
    let client = Endpoint::new(GUESSER, 33_000 + failing as u16);
    let mut shell = Conversation::open(world, Phase::BruteForce, client, bastion, SUCCESS);
    ssh_log_in(world, &mut shell, &mut rng);
    type_commands(world, &mut shell, &mut rng, 25);
    let onward = Endpoint::ours(BASTION, world.port());
    let onward_at = shell.now();
    let target = Endpoint::ours(APP, 22);
    let mut inner = Conversation::open(world, Phase::BruteForce, onward, target, onward_at);
    ssh_log_in(world, &mut inner, &mut rng);
    type_commands(world, &mut inner, &mut rng, 25);
    let onward_done = inner.now();
    inner.close(world, Side::Client);
    shell.wait_until(onward_done);
    type_commands(world, &mut shell, &mut rng, 6);
    let done = shell.now();
    shell.close(world, Side::Client);
    let details = json!({
        "src": GUESSER, "dst": INTERFACES[BASTION].ipv4, "dstport": 22,
        "connections": plan.brute_force_connections,
        "failed_connections": failing,
        "success": { "srcport": client.port, "from": rfc3339(SUCCESS), "to": rfc3339(done) },
        "lateral_movement": {
            "src": INTERFACES[BASTION].ipv4, "srcport": onward.port,
            "dst": INTERFACES[APP].ipv4, "dstport": 22,
            "from": rfc3339(onward_at), "to": rfc3339(onward_done),
        },
    });
    world.ledger.details.insert(Phase::BruteForce.name(), details);
}

fn type_commands(world: &mut World, shell: &mut Conversation, rng: &mut Rng, commands: usize) {
    for _ in 0..commands {
        shell.wait(rng.within(700, 3_200) * MILLI);
        shell.send(world, Side::Client, ssh::encrypted(rng, 1));
        let blocks = rng.within(1, 40) as usize;
        shell.send(world, Side::Server, ssh::encrypted(rng, blocks));
    }
}
