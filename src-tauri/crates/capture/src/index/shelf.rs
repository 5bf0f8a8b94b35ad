//! The flows of an index in the making.

use super::records::Record as _;
use super::storage::Storage;
use super::{
    Endpoint, Flow, FlowState, NewStorage, Observation, Opening, PacketEntry, Tuple, flags,
};
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::io;

/// Flows in memory, found by their endpoints; those that were silent longest make room for others, and wait on disk.
///
/// A flow that made room and then goes on becomes another flow of the index. Joining makes one conversation of the two,
/// as it does with the halves of a rotation.
pub(super) struct Shelf {
    /// Flows in memory, at most `limit`.
    slots: Vec<Option<Growing>>,
    free: Vec<u32>,
    limit: usize,
    /// The slot of the latest flow of each pair of endpoints.
    latest: HashMap<FlowKey, u32, RandomState>,
    /// What is known of each flow, by its number.
    known: Vec<Known>,
    /// Flows that made room, by their number.
    away: Option<Box<dyn Storage>>,
}

/// The place of a flow on the shelf, which another flow may take later: hence the number.
#[derive(Clone, Copy)]
pub(super) struct FlowAt {
    pub(super) number: u32,
    slot: u32,
}

#[derive(Clone, Copy)]
struct Known {
    key: u64,
    /// Packets and contents.
    entries: u32,
    /// Its slot, or none once it made room.
    slot: Option<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct FlowKey {
    session: u32,
    level: Level,
    protocol: u8,
    low: Endpoint,
    high: Endpoint,
}

/// How a flow lies to what the mirrored interface sent and received: see [`Flow`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Level {
    pub(super) tunnelled: bool,
    pub(super) carrier: bool,
}

/// A flow whose `client` is, until the end, whoever sent its first packet.
struct Growing {
    flow: Flow,
    number: u32,
}

/// The flows of a finished index, in the order of their keys.
pub(super) struct Ordered {
    slots: Vec<Option<Growing>>,
    known: Vec<Known>,
    away: Option<Box<dyn Storage>>,
    /// Numbers of flows, by their place.
    numbers: Vec<u32>,
}

impl Shelf {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            limit: limit.max(1),
            latest: HashMap::default(),
            known: Vec::new(),
            away: None,
        }
    }

    /// Whether a flow is still where it was.
    pub(super) fn holds(&self, at: FlowAt) -> bool {
        let slot = self.slots.get(at.slot as usize).and_then(Option::as_ref);
        slot.is_some_and(|growing| growing.number == at.number)
    }

    /// The flow that a packet belongs to; a new one where the split rule says so. `session` has this identity.
    pub(super) fn flow(
        &mut self,
        session: u32,
        carrier: bool,
        tuple: &Tuple,
        source: Endpoint,
        seen: &Observation,
        new_storage: &mut NewStorage<'_>,
    ) -> io::Result<FlowAt> {
        let Tuple { protocol, low, high, tunnelled, .. } = *tuple;
        let level = Level { tunnelled, carrier };
        let key = FlowKey { session, level, protocol, low, high };
        if let Some(slot) = self.latest.get(&key).copied()
            && let Some(Some(latest)) = self.slots.get(slot as usize)
            && !latest.flow.state.begins_anew(seen)
        {
            return Ok(FlowAt { number: latest.number, slot });
        }
        if self.slots.len().saturating_sub(self.free.len()) >= self.limit {
            self.make_room(new_storage)?;
        }
        let number = u32::try_from(self.known.len()).map_err(|_| io::ErrorKind::OutOfMemory)?;
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                self.slots.push(None);
                u32::try_from(self.slots.len().saturating_sub(1)).unwrap_or(u32::MAX)
            }
        };
        let server = if source == low { high } else { low };
        let growing = Growing { flow: begun(session, level, protocol, source, server), number };
        if let Some(place) = self.slots.get_mut(slot as usize) {
            *place = Some(growing);
        }
        self.known.push(Known { key: tuple.key(), entries: 0, slot: Some(slot) });
        // Flows that ended stay in their slots until they make room.
        self.latest.insert(key, slot);
        Ok(FlowAt { number, slot })
    }

    /// Counts a packet to its flow, and says which side sent it.
    pub(super) fn count(
        &mut self,
        at: FlowAt,
        source: Endpoint,
        packet: &mut PacketEntry,
        seen: &Observation,
    ) {
        let Some(Some(growing)) = self.slots.get_mut(at.slot as usize) else { return };
        packet.from_client = growing.flow.client == source;
        growing.take(packet, seen);
        self.enter(at);
    }

    /// The flow to which the last packet of a tuple was counted, if it is on the shelf.
    pub(super) fn latest(&self, session: u32, tuple: &Tuple) -> Option<FlowAt> {
        let Tuple { protocol, low, high, tunnelled, .. } = *tuple;
        let level = Level { tunnelled, carrier: false };
        let slot = *self.latest.get(&FlowKey { session, level, protocol, low, high })?;
        let number = self.slots.get(slot as usize)?.as_ref()?.number;
        Some(FlowAt { number, slot })
    }

    /// Adds the content of a datagram to the flow of its packets, and says which side sent it.
    pub(super) fn add_content(&mut self, at: FlowAt, source: Endpoint, content: &mut PacketEntry) {
        let Some(Some(growing)) = self.slots.get_mut(at.slot as usize) else { return };
        content.from_client = growing.flow.client == source;
        growing.flow.contents = growing.flow.contents.saturating_add(1);
        self.enter(at);
    }

    fn enter(&mut self, at: FlowAt) {
        if let Some(known) = self.known.get_mut(at.number as usize) {
            known.entries = known.entries.saturating_add(1);
        }
    }

    /// Writes the half of the flows that was silent longest to where they wait.
    fn make_room(&mut self, new_storage: &mut NewStorage<'_>) -> io::Result<()> {
        let age = |growing: &Growing| (growing.flow.last, growing.number);
        let mut ages: Vec<_> = self.slots.iter().flatten().map(age).collect();
        let half = ages.len().div_ceil(2).saturating_sub(1);
        let (_, youngest_to_go, _) = ages.select_nth_unstable(half);
        let youngest_to_go = *youngest_to_go;
        let away = match &mut self.away {
            Some(away) => away,
            none => none.insert(new_storage()?),
        };
        let mut record = Vec::with_capacity(Flow::LENGTH);
        for (number, slot) in (0u32..).zip(&mut self.slots) {
            let Some(growing) = slot.take_if(|growing| age(growing) <= youngest_to_go) else {
                continue;
            };
            let at = u64::from(growing.number).saturating_mul(Flow::LENGTH as u64);
            if let Some(known) = self.known.get_mut(growing.number as usize) {
                known.slot = None;
            }
            record.clear();
            growing.finish().write(&mut record);
            away.write_at(at, &record)?;
            self.free.push(number);
        }
        let slots = &self.slots;
        self.latest.retain(|_, slot| slots.get(*slot as usize).is_some_and(Option::is_some));
        Ok(())
    }

    /// The flows in the order of their keys.
    pub(super) fn order(self) -> Ordered {
        let Self { slots, known, away, .. } = self;
        let mut numbers: Vec<u32> = (0u32..).take(known.len()).collect();
        let key = |number: &u32| known.get(*number as usize).map(|known| known.key);
        // Equal keys keep the order in which they first appeared.
        numbers.sort_by_cached_key(|number| (key(number), *number));
        Ordered { slots, known, away, numbers }
    }
}

impl Ordered {
    /// How many packets and contents each flow has, in order.
    pub(super) fn entries(&self) -> impl Iterator<Item = u32> {
        self.numbers.iter().map(|number| self.known.get(*number as usize).map_or(0, |k| k.entries))
    }

    /// The key of each flow, in order.
    pub(super) fn keys(&self) -> impl Iterator<Item = u64> {
        self.numbers.iter().map(|number| self.known.get(*number as usize).map_or(0, |k| k.key))
    }

    /// The place of each flow, by its number.
    pub(super) fn places(&self) -> Vec<u32> {
        let mut places = vec![0; self.numbers.len()];
        for (place, number) in (0u32..).zip(&self.numbers) {
            if let Some(known) = places.get_mut(*number as usize) {
                *known = place;
            }
        }
        places
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Gives each flow, in order.
    pub(super) fn each(mut self, mut give: impl FnMut(Flow) -> io::Result<()>) -> io::Result<()> {
        let mut record = vec![0; Flow::LENGTH];
        for number in &self.numbers {
            let known = self.known.get(*number as usize);
            let slot = known.and_then(|known| known.slot).map(|slot| slot as usize);
            if let Some(growing) = slot.and_then(|slot| self.slots.get_mut(slot)?.take()) {
                give(growing.finish())?;
            } else if let Some(away) = &self.away {
                away.read_at(u64::from(*number).saturating_mul(Flow::LENGTH as u64), &mut record)?;
                let flow = Flow::read(&mut evidence::Cursor::new(&record));
                give(flow.ok_or(io::ErrorKind::InvalidData)?)?;
            }
        }
        Ok(())
    }
}

fn begun(
    session: u32,
    Level { tunnelled, carrier }: Level,
    protocol: u8,
    client: Endpoint,
    server: Endpoint,
) -> Flow {
    Flow {
        session,
        tunnelled,
        carrier,
        protocol,
        client,
        server,
        client_seen_opening: false,
        packets_client: 0,
        packets_server: 0,
        bytes_client: 0,
        bytes_server: 0,
        first: None,
        last: None,
        first_offset: 0,
        isn_client: None,
        closed: false,
        opening: Opening::default(),
        state: FlowState::default(),
        first_packet: 0,
        contents: 0,
        turned: false,
    }
}

impl Growing {
    fn take(&mut self, packet: &PacketEntry, seen: &Observation) {
        let flow = &mut self.flow;
        flow.state.take(seen);
        if flow.packets() == 0 {
            flow.first_offset = packet.offset;
            let PacketEntry { time, icmp, .. } = *packet;
            flow.opening = Opening { time, from_client: true, tcp: seen.tcp, icmp };
        }
        let (packets, bytes) = match packet.from_client {
            true => (&mut flow.packets_client, &mut flow.bytes_client),
            false => (&mut flow.packets_server, &mut flow.bytes_server),
        };
        *packets = packets.saturating_add(1);
        *bytes = bytes.saturating_add(packet.inner_length.into());
        if let Some(time) = packet.time {
            if flow.first.is_none_or(|first| time < first) {
                flow.first = Some(time);
                flow.first_offset = packet.offset;
            }
            flow.last = flow.last.max(Some(time));
        }
        if packet.tcp && packet.tcp_flags & flags::SYN != 0 {
            let asks = packet.tcp_flags & flags::ACK == 0;
            if asks && flow.isn_client.is_none() {
                flow.isn_client = Some(packet.seq);
            }
            if !flow.client_seen_opening {
                flow.client_seen_opening = true;
                flow.turned = packet.from_client != asks;
            }
        }
    }

    fn finish(self) -> Flow {
        let mut flow = self.flow;
        flow.closed = flow.state.closed;
        if flow.turned {
            std::mem::swap(&mut flow.client, &mut flow.server);
            std::mem::swap(&mut flow.packets_client, &mut flow.packets_server);
            std::mem::swap(&mut flow.bytes_client, &mut flow.bytes_server);
            flow.opening.from_client = false;
        }
        flow
    }
}
