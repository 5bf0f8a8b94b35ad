//! The world of the scene: packets are sent at a time, interfaces see them, and minute by minute what they
//! saw becomes flow records and captures. Memory holds the minutes that are still open, not the day.

use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::rc::Rc;

use crate::clock::{self, MICRO, MINUTES, Nanos};
use crate::flowlog::{Aggregation, Publisher};
use crate::mirror::{self, Collector, Fate};
use crate::net::{self, Direction};
use crate::packet::{Packet, Phase};
use crate::rng::Rng;
use crate::truth::Ledger;

/// From one interface of the VPC to another.
const TRANSIT: Nanos = 85 * MICRO;

/// Mirrored packets lost, per mille.
const MIRROR_LOSS: i64 = 3;

struct Observation {
    at: Nanos,
    interface: usize,
    direction: Direction,
    fate: Fate,
    packet: Rc<Packet>,
}

/// Whether the sender's and the receiver's copy of a packet are in a capture.
#[derive(Clone, Copy)]
pub(crate) struct Sighting {
    pub(crate) at_sender: bool,
    pub(crate) at_receiver: bool,
}

/// Packets go in by [`World::send`]; files come out as minutes are closed.
pub(crate) struct World {
    /// Observations of the open minutes; the first is `minute`.
    pending: VecDeque<Vec<Observation>>,
    minute: usize,
    window: Aggregation,
    publisher: Publisher,
    collector: Collector,
    losses: Rng,
    next_port: u16,
    pub(crate) ledger: Ledger,
    /// Lines of the key log.
    pub(crate) key_log: String,
}

impl World {
    pub(crate) fn create(
        incident: &Path,
        seed: u64,
        lines_per_file: u64,
        ledger: Ledger,
    ) -> io::Result<Self> {
        Ok(Self {
            pending: VecDeque::new(),
            minute: 0,
            window: Aggregation::default(),
            publisher: Publisher::create(incident, seed, lines_per_file)?,
            collector: Collector::create(incident)?,
            losses: Rng::named(seed, "mirror loss"),
            next_port: 32_768,
            ledger,
            key_log: String::new(),
        })
    }

    /// A fresh ephemeral port: no five-tuple comes back within a day of ordinary traffic.
    pub(crate) fn port(&mut self) -> u16 {
        self.next_port = if self.next_port >= 60_998 { 32_768 } else { self.next_port + 1 };
        self.next_port
    }

    /// Send `packet` at a time not before the open minute.
    pub(crate) fn send(&mut self, at: Nanos, packet: Packet) -> Sighting {
        let packet = Rc::new(packet);
        let sender = net::interface_of(packet.src.ip);
        let arrival = if sender.is_some() { at + TRANSIT } else { at };
        let at_sender = sender.is_some_and(|i| self.observe(at, i, Direction::Egress, &packet));
        let at_receiver = net::interface_of(packet.dst.ip)
            .is_some_and(|i| self.observe(arrival, i, Direction::Ingress, &packet));
        Sighting { at_sender, at_receiver }
    }

    fn observe(
        &mut self,
        at: Nanos,
        interface: usize,
        direction: Direction,
        packet: &Rc<Packet>,
    ) -> bool {
        // What happens after midnight is the next day's log.
        let Some(minute) = clock::minute_of(at) else { return false };
        let fate = self.fate(at, interface, direction, packet);
        debug_assert!(minute >= self.minute, "a packet is sent in a closed minute");
        let ahead = minute.saturating_sub(self.minute);
        if self.pending.len() <= ahead {
            self.pending.resize_with(ahead + 1, Vec::new);
        }
        let packet = Rc::clone(packet);
        self.pending[ahead].push(Observation { at, interface, direction, fate, packet });
        fate == Fate::Captured
    }

    fn fate(&mut self, at: Nanos, interface: usize, direction: Direction, packet: &Packet) -> Fate {
        if packet.rejected && direction == Direction::Ingress {
            return Fate::Rejected;
        }
        if mirror::session_of(interface).is_none() {
            return Fate::NotASource;
        }
        if mirror::window_at(at).is_none() {
            return Fate::OutsideWindow;
        }
        // A sample whose point is lost by chance teaches nothing.
        let spared = matches!(packet.phase, Phase::Injection | Phase::Download);
        if !spared && self.losses.chance(MIRROR_LOSS) { Fate::Lost } else { Fate::Captured }
    }

    /// Close the open minute: nothing will be sent in it any more.
    pub(crate) fn close_minute(&mut self) -> io::Result<()> {
        let mut seen = self.pending.pop_front().unwrap_or_default();
        // Stable: packets of the same instant stay in the order in which they were sent.
        seen.sort_by_key(|o| o.at);
        for Observation { at, interface, direction, fate, packet } in &seen {
            self.window.add(*at, *interface, *direction, *fate, packet);
            if *fate == Fate::Captured {
                self.collector.capture(*at, *interface, *direction, packet)?;
            }
        }
        let ledger = &mut self.ledger;
        self.publisher
            .close_minute(self.minute, &mut self.window, |written| ledger.note(&written))?;
        self.minute += 1;
        Ok(())
    }

    /// Close what is left of the day and all files.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        while self.minute < MINUTES {
            self.close_minute()?;
        }
        self.ledger.skipped_records = self.publisher.skipped;
        self.ledger.flow_log_files = self.publisher.files;
        self.ledger.captured_frames = self.collector.frames;
        self.publisher.finish()?;
        self.collector.finish()
    }
}
