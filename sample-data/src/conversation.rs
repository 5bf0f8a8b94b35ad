//! A TCP conversation as two honest stacks hold it: handshake, segments, acknowledgements, close.
//!
//! Time is the time at our interface. A far peer answers after a round trip; a near one after microseconds.

use std::ops::Range;
use std::rc::Rc;

use crate::clock::{MICRO, MILLI, Nanos};
use crate::hash::fnv;
use crate::net::{self, Endpoint};
use crate::packet::{Packet, Payload, Phase, Transport};
use crate::truth::Body;
use crate::wire::tcp::{self, ACK, FIN, PSH, RST, SYN};
use crate::world::World;

/// Who opened, and who was called. Also: whose interface looked on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    Client,
    Server,
}

impl Side {
    fn other(self) -> Self {
        if self == Self::Client { Self::Server } else { Self::Client }
    }
}

/// Something that goes wrong on the path, once, in the first message of several segments.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mishap {
    /// The first segment is sent again after a timeout.
    Retransmission,
    /// The first two segments change places.
    Reordering,
}

/// Segments sent before the sender waits for acknowledgements.
const FLIGHT: usize = 10;

/// An open conversation.
pub(crate) struct Conversation {
    phase: Phase,
    ends: [Endpoint; 2],
    rtt: Nanos,
    now: Nanos,
    /// Next sequence number, initial one, next IPv4 identification and last acknowledged, per side.
    next: [u32; 2],
    initial: [u32; 2],
    id: [u16; 2],
    acknowledged: [u32; 2],
    speaker: Side,
    /// Stream ranges that were sent, with whether each side's interface has them in a capture.
    segments: [Vec<(Range<u64>, [bool; 2])>; 2],
    /// Whether all packets so far are in a capture, as each side's interface saw them.
    complete: [bool; 2],
    bodies: Vec<(Side, Range<u64>, Body)>,
    pub(crate) mishap: Option<Mishap>,
}

impl Conversation {
    /// Shake hands, beginning at `at`.
    pub(crate) fn open(
        world: &mut World,
        phase: Phase,
        client: Endpoint,
        server: Endpoint,
        at: Nanos,
    ) -> Self {
        let salt = fnv(format!("{client:?}{server:?}{at}").as_bytes());
        let initial = [salt as u32, (salt >> 32) as u32];
        let mut conversation = Self {
            phase,
            ends: [client, server],
            rtt: round_trip(client, server),
            now: at,
            next: initial,
            initial,
            id: [(salt >> 16) as u16, (salt >> 48) as u16],
            acknowledged: initial,
            speaker: Side::Client,
            segments: [Vec::new(), Vec::new()],
            complete: [true; 2],
            bodies: Vec::new(),
            mishap: None,
        };
        conversation.emit(world, Side::Client, SYN, Payload::default());
        conversation.turn(Side::Server);
        conversation.emit(world, Side::Server, SYN | ACK, Payload::default());
        conversation.turn(Side::Client);
        conversation.emit(world, Side::Client, ACK, Payload::default());
        conversation.now += 40 * MICRO;
        conversation
    }

    /// The present moment of the conversation.
    pub(crate) fn now(&self) -> Nanos {
        self.now
    }

    /// Let time pass.
    pub(crate) fn wait(&mut self, duration: Nanos) {
        self.now += duration;
    }

    /// Let time pass until `moment`, if that lies ahead.
    pub(crate) fn wait_until(&mut self, moment: Nanos) {
        self.now = self.now.max(moment);
    }

    /// Send a message; the range that it takes in the sender's stream.
    pub(crate) fn send(&mut self, world: &mut World, side: Side, bytes: Vec<u8>) -> Range<u64> {
        self.turn(side);
        let receiver = side.other();
        let begin =
            u64::from(self.next[side as usize].wrapping_sub(self.initial[side as usize])) - 1;
        let bytes: Rc<[u8]> = bytes.into();
        let mss = if self.ends[0].ip.is_ipv4() { 1460 } else { 1440 };
        let mut parts: Vec<Range<usize>> =
            (0..bytes.len()).step_by(mss).map(|at| at..(at + mss).min(bytes.len())).collect();
        let mishap = if parts.len() > 2 { self.mishap.take() } else { None };
        if mishap == Some(Mishap::Reordering) {
            parts.swap(0, 1);
        }
        let start = self.next[side as usize];
        let count = parts.len();
        let (near_sender, near_receiver) = (self.is_near(side), self.is_near(receiver));
        let pace = if near_sender { 15 * MICRO } else { 110 * MICRO };
        // Across the VPC the receiver cannot acknowledge what it has not got yet.
        let reach = if near_sender && near_receiver { 130 * MICRO } else { 25 * MICRO };
        let mut high = 0;
        for (position, part) in parts.into_iter().enumerate() {
            let last = position + 1 == count;
            self.next[side as usize] = start.wrapping_add(part.start as u32);
            let flags = if last { PSH | ACK } else { ACK };
            let payload = Payload::part(&bytes, part.clone());
            self.emit(world, side, flags, payload);
            if position == 0 && mishap == Some(Mishap::Retransmission) {
                self.now += 240 * MILLI;
                self.next[side as usize] = start;
                self.emit(world, side, flags, Payload::part(&bytes, part.clone()));
            }
            high = high.max(part.end);
            self.next[side as usize] = start.wrapping_add(high as u32);
            self.now += pace;
            let end_of_flight = (position + 1) % FLIGHT == 0 && !last;
            if near_receiver && position % 2 == 1 && !last {
                self.now += reach;
                self.emit(world, receiver, ACK, Payload::default());
                self.now += 10 * MICRO;
            }
            if end_of_flight {
                self.now += self.rtt;
                if !near_receiver {
                    self.emit(world, receiver, ACK, Payload::default());
                    self.now += 30 * MICRO;
                }
            }
        }
        begin..begin + bytes.len() as u64
    }

    /// Acknowledge what `side` has received, without answering yet.
    pub(crate) fn acknowledge(&mut self, world: &mut World, side: Side) {
        if self.acknowledged[side.other() as usize] != self.next[side.other() as usize] {
            self.turn(side);
            self.emit(world, side, ACK, Payload::default());
            self.now += 20 * MICRO;
        }
    }

    /// Remember that `message`, a range of the stream of `side`, holds `body`: whether the captures
    /// hold it is known when the conversation ends.
    pub(crate) fn note_body(&mut self, side: Side, message: Range<u64>, body: Body) {
        self.bodies.push((side, message, body));
    }

    /// `side` closes, then the other one.
    pub(crate) fn close(mut self, world: &mut World, side: Side) {
        self.acknowledge(world, side);
        self.turn(side);
        self.emit(world, side, FIN | ACK, Payload::default());
        self.turn(side.other());
        self.emit(world, side.other(), FIN | ACK, Payload::default());
        self.turn(side);
        self.emit(world, side, ACK, Payload::default());
        self.settle(world);
    }

    fn settle(self, world: &mut World) {
        let vantage = self.ends.map(|end| net::interface_of(end.ip));
        for (side, message, mut body) in self.bodies {
            for (look, interface) in vantage.iter().enumerate() {
                let Some(interface) = interface else { continue };
                let mut seen: Vec<_> = self.segments[side as usize]
                    .iter()
                    .filter(|(_, captured)| captured[look])
                    .map(|(range, _)| range.clone())
                    .collect();
                seen.sort_by_key(|range| range.start);
                let reached = seen.into_iter().fold(message.start, |reached, range| {
                    if range.start <= reached { reached.max(range.end) } else { reached }
                });
                if reached >= message.end {
                    body.captured_at.push(net::INTERFACES[*interface].id);
                    body.conversation_complete |= self.complete[look];
                }
            }
            if !body.captured_at.is_empty() {
                world.ledger.bodies.push(body);
            }
        }
    }

    fn is_near(&self, side: Side) -> bool {
        net::is_inside(self.ends[side as usize].ip)
    }

    /// Give the word to `side`.
    fn turn(&mut self, side: Side) {
        if self.speaker != side {
            let jitter = (self.now / 7) % (90 * MICRO);
            self.now += if !self.is_near(side) {
                self.rtt + jitter
            } else if self.is_near(side.other()) {
                240 * MICRO + jitter
            } else {
                70 * MICRO + jitter
            };
            self.speaker = side;
        }
    }

    fn emit(&mut self, world: &mut World, side: Side, flags: u8, payload: Payload) {
        let (own, other) = (side as usize, side.other() as usize);
        let syn = flags & SYN != 0;
        let options = match (syn, self.ends[0].ip.is_ipv4()) {
            (false, _) => &[][..],
            (true, true) => tcp::SYN_OPTIONS_V4,
            (true, false) => tcp::SYN_OPTIONS_V6,
        };
        let header = tcp::Header {
            seq: self.next[own],
            ack: if flags & ACK != 0 { self.next[other] } else { 0 },
            flags,
            window: if syn { tcp::SYN_WINDOW } else { tcp::WINDOW },
            options,
        };
        let length = payload.len() as u32;
        let packet = Packet {
            phase: self.phase,
            src: self.ends[own],
            dst: self.ends[other],
            id: self.id[own],
            ttl: net::ttl_of(self.ends[own].ip),
            transport: Transport::Tcp(header),
            payload,
            rejected: false,
        };
        let sighting = world.send(self.now, packet);
        let mut captured = [false; 2];
        captured[own] = sighting.at_sender;
        captured[other] = sighting.at_receiver;
        for (complete, captured) in self.complete.iter_mut().zip(captured) {
            *complete &= captured;
        }
        if length > 0 {
            let start = u64::from(self.next[own].wrapping_sub(self.initial[own])) - 1;
            self.segments[own].push((start..start + u64::from(length), captured));
        }
        self.id[own] = self.id[own].wrapping_add(1);
        self.acknowledged[other] = self.next[other];
        let phantom = u32::from(syn) + u32::from(flags & FIN != 0);
        self.next[own] = self.next[own].wrapping_add(length + phantom);
        debug_assert!(flags & RST == 0, "scans send their resets themselves");
    }
}

/// Tens of milliseconds to hosts on the internet, half a millisecond across the VPC.
fn round_trip(client: Endpoint, server: Endpoint) -> Nanos {
    let far = [client, server].into_iter().find(|end| !net::is_inside(end.ip));
    far.map_or(500 * MICRO, |end| {
        (12 + (fnv(format!("{:?}", end.ip).as_bytes()) % 70) as Nanos) * MILLI
    })
}
