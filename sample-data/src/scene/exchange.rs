//! What several phases do: ask for a name, exchange an HTTP message, log in over SSH.

use std::net::Ipv4Addr;

use crate::clock::{self, MILLI, Nanos};
use crate::conversation::{Conversation, Side};
use crate::hash::sha256_hex;
use crate::net::{self, Endpoint, RESOLVER};
use crate::packet::{Packet, Phase, Transport};
use crate::rng::Rng;
use crate::truth::Body;
use crate::wire::http::{Coding, Request, Response};
use crate::wire::{dns, ssh};
use crate::world::World;

/// Ask the resolver; the moment when the answer is there.
pub(crate) fn look_up(
    world: &mut World,
    phase: Phase,
    client: Ipv4Addr,
    at: Nanos,
    name: &str,
    kind: u16,
    answer: &dns::Answer<'_>,
) -> Nanos {
    let client = Endpoint::new(client, world.port());
    let server = Endpoint::ours(RESOLVER, 53);
    let id = (at / 1_237) as u16;
    let took = (1 + (at / 911) % 24) * MILLI;
    world.ledger.dns_queries += 1;
    datagram(world, phase, client, server, at, dns::query(id, name, kind));
    datagram(world, phase, server, client, at + took, dns::response(id, name, kind, answer));
    at + took + MILLI
}

fn datagram(
    world: &mut World,
    phase: Phase,
    src: Endpoint,
    dst: Endpoint,
    at: Nanos,
    payload: Vec<u8>,
) {
    let packet = Packet {
        phase,
        src,
        dst,
        id: (at / 4_099) as u16,
        ttl: net::ttl_of(src.ip),
        transport: Transport::Udp,
        payload: payload.into(),
        rejected: false,
    };
    world.send(at, packet);
}

/// The client asks.
pub(crate) fn ask(world: &mut World, conversation: &mut Conversation, request: &Request) {
    let at = conversation.now();
    let message = conversation.send(world, Side::Client, request.encode());
    if let Some(body) = request_body(request, at, "tcp") {
        conversation.note_body(Side::Client, message, body);
    }
}

/// The server answers.
pub(crate) fn answer(
    world: &mut World,
    conversation: &mut Conversation,
    request: &Request,
    response: &Response,
) {
    let at = conversation.now();
    let message = conversation.send(world, Side::Server, response.encode());
    if let Some(body) = response_body(request, response, at, "tcp") {
        conversation.note_body(Side::Server, message, body);
    }
}

/// What the truth says of a request's body; nothing where there is none.
pub(crate) fn request_body(request: &Request, at: Nanos, transport: &'static str) -> Option<Body> {
    body(request, "request", transport, at, &request.body, None)
}

/// The same of a response's body.
pub(crate) fn response_body(
    request: &Request,
    response: &Response,
    at: Nanos,
    transport: &'static str,
) -> Option<Body> {
    let decoded = (response.coding == Coding::Gzip).then(|| sha256_hex(&response.body));
    body(request, "response", transport, at, &response.transferred(), decoded)
}

fn body(
    request: &Request,
    role: &'static str,
    transport: &'static str,
    at: Nanos,
    bytes: &[u8],
    decoded_sha256: Option<String>,
) -> Option<Body> {
    (!bytes.is_empty()).then(|| Body {
        at: clock::rfc3339(at),
        host: request.host.clone(),
        uri: request.uri.clone(),
        role,
        transport,
        sha256: sha256_hex(bytes),
        length: bytes.len(),
        decoded_sha256,
        captured_at: Vec::new(),
        conversation_complete: false,
    })
}

/// Banners, key exchange and an authentication request, up to the server's verdict.
pub(crate) fn ssh_log_in(world: &mut World, conversation: &mut Conversation, rng: &mut Rng) {
    use Side::{Client, Server};
    conversation.wait(3 * MILLI);
    conversation.send(world, Server, ssh::SERVER_BANNER.to_vec());
    conversation.send(world, Client, ssh::CLIENT_BANNER.to_vec());
    conversation.send(world, Client, ssh::kexinit(rng));
    conversation.send(world, Server, ssh::kexinit(rng));
    conversation.send(world, Client, ssh::ecdh_init(rng));
    conversation.send(world, Server, ssh::ecdh_reply(rng));
    let request = [ssh::newkeys(), ssh::encrypted(rng, 2)].concat();
    conversation.send(world, Client, request);
    conversation.send(world, Server, ssh::encrypted(rng, 2));
    conversation.send(world, Client, ssh::encrypted(rng, 5));
    // Servers take their time over a password.
    conversation.wait(rng.within(20, 60) * MILLI);
    conversation.send(world, Server, ssh::encrypted(rng, 1));
}
