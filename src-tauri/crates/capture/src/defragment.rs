//! Datagrams out of their fragments: IPv4 (RFC 791) and IPv6 (RFC 8200 §4.5, RFC 5722).

mod datagram;
mod gathering;
mod header;
mod told;

pub use datagram::{Datagram, Fragmented, Piece, Refusal, Taken};
pub use told::{Defragmented, Incomplete};

use crate::Inner;
use evidence::Address;
use foldhash::fast::RandomState;
use gathering::{Arrival, Gathering};
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};
use told::Told;

/// How long a datagram waits for its fragments from the first that came (RFC 8200 §4.5): identifications are
/// used again. Unit: nanoseconds of capture time.
pub(crate) const REASSEMBLY: u64 = 60_000_000_000;

/// How much waits at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefragmentLimits {
    /// Memory for fragments. Unit: bytes, about.
    pub bytes: usize,
    /// Number of datagrams.
    pub datagrams: usize,
}

impl Default for DefragmentLimits {
    /// 64 MiB, 65,536 datagrams.
    fn default() -> Self {
        Self { bytes: 64 << 20, datagrams: 1 << 16 }
    }
}

/// Joins fragments into datagrams. `S` is what keeps apart packets that only look as if they belonged together,
/// such as a mirror session.
///
/// **Overlaps.** Hosts differ in what they make of overlapping IPv4 fragments. Here the copy that was captured
/// first is kept, as it is in streams of TCP, and the datagram says so. Overlapping IPv6 fragments are discarded with their datagram, as
/// RFC 5722 wants it.
///
/// **Memory.** Beyond the [`DefragmentLimits`], what waits longest is given up first, and counted.
pub struct Defragmenter<S> {
    limits: DefragmentLimits,
    known: HashMap<Key<S>, Known, RandomState>,
    /// Every key, from the one that is known longest.
    ages: BTreeMap<u64, Key<S>>,
    next_age: u64,
    held: usize,
    /// How many of those that are known are not whole.
    gathering: usize,
    /// Tells whether fragments have the same bytes.
    fingerprint: RandomState,
    told: Told,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key<S> {
    session: S,
    source: Address,
    destination: Address,
    /// 0 in IPv6, whose fragments may differ in it (RFC 8200 §4.5).
    protocol: u8,
    id: u32,
}

struct Known {
    age: u64,
    /// Of the first fragment that came.
    time: Option<i64>,
    state: State,
}

enum State {
    Gathering(Box<Gathering>),
    /// It was whole: what it was made of, to tell fragments that come once more.
    Joined(Vec<Arrival>),
    /// All that comes of it is refused.
    Discarded(Refusal),
}

impl<S: Copy + Eq + Hash> Default for Defragmenter<S> {
    fn default() -> Self {
        Self::new(DefragmentLimits::default())
    }
}

impl<S: Copy + Eq + Hash> Defragmenter<S> {
    /// A defragmenter that holds so much at most.
    pub fn new(limits: DefragmentLimits) -> Self {
        Self {
            limits,
            known: HashMap::default(),
            ages: BTreeMap::new(),
            next_age: 0,
            held: 0,
            gathering: 0,
            fingerprint: RandomState::default(),
            told: Told::default(),
        }
    }

    /// Takes the next fragment of the capture.
    pub fn take(&mut self, session: S, fragment: &Fragmented<'_>) -> Taken {
        self.told.fragment();
        match self.place(session, fragment) {
            Ok(Some(datagram)) => {
                self.told.datagram(&datagram, fragment);
                Taken::Whole(datagram)
            }
            Ok(None) => Taken::Pending,
            Err(refusal) => {
                self.told.refused(refusal, fragment);
                Taken::Refused(refusal)
            }
        }
    }

    /// Whether fragments wait for others.
    pub(crate) fn waits(&self) -> bool {
        self.gathering > 0
    }

    /// What became of all fragments. Whatever is not whole by now is incomplete.
    pub fn finish(mut self) -> Defragmented {
        while let Some((_, key)) = self.ages.first_key_value() {
            let key = *key;
            self.give_up(key, |told| &mut told.unfinished);
        }
        self.told.finish()
    }

    fn place(
        &mut self,
        session: S,
        fragment: &Fragmented<'_>,
    ) -> Result<Option<Datagram>, Refusal> {
        self.expire(fragment.time);
        let Fragmented { inner, .. } = fragment;
        let place = inner.fragment.ok_or(Refusal::Whole)?;
        let split = header::split(fragment.data, inner)?;
        let bytes = split.content(fragment.data)?;
        let end = place.offset.saturating_add(crate::decapsulate::short(bytes.len()));
        if bytes.is_empty() || (place.more && bytes.len() % 8 != 0) {
            return Err(Refusal::Length);
        }
        if end > split.room() {
            return Err(Refusal::TooLong);
        }
        let Inner { source, destination, .. } = **inner;
        let key = Key { session, source, destination, protocol: split.protocol(), id: place.id };
        let arrival =
            Arrival { start: place.offset, end, fingerprint: self.fingerprint.hash_one(bytes) };
        let (mut known, mut gathering) = self.gathering(key, fragment)?;
        let added = gathering.add(arrival, place.more, bytes, fragment, &split);
        let datagram = match added {
            Ok(()) => gathering.whole(),
            Err(_) => Ok(None),
        };
        known.state = match (&added, &datagram) {
            (Err(refusal @ Refusal::Overlap), _) | (_, Err(refusal)) => {
                self.told.discarded();
                State::Discarded(*refusal)
            }
            (_, Ok(Some(_))) => State::Joined(gathering.arrivals()),
            _ => State::Gathering(gathering),
        };
        self.keep(key, known);
        added?;
        datagram
    }

    /// What is known of this datagram, taken out.
    fn gathering(
        &mut self,
        key: Key<S>,
        fragment: &Fragmented<'_>,
    ) -> Result<(Known, Box<Gathering>), Refusal> {
        let stale = |known: &Known| !close(known.time, fragment.time);
        if self.known.get(&key).is_some_and(stale) {
            self.give_up(key, |told| &mut told.timed_out);
        }
        let mut earlier = Vec::new();
        if let Some(known) = self.forget(key) {
            match known.state {
                State::Gathering(gathering) => {
                    let state = State::Joined(Vec::new());
                    return Ok((Known { state, ..known }, gathering));
                }
                State::Joined(arrivals) => earlier = arrivals,
                State::Discarded(refusal) => {
                    self.keep(key, known);
                    return Err(refusal);
                }
            }
        }
        let age = self.next_age;
        self.next_age = age.saturating_add(1);
        let known = Known { age, time: fragment.time, state: State::Joined(Vec::new()) };
        Ok((known, Box::new(Gathering::new(fragment, earlier))))
    }

    fn keep(&mut self, key: Key<S>, known: Known) {
        self.held = self.held.saturating_add(known.state.cost());
        self.gathering = self.gathering.saturating_add(known.state.gathers().into());
        self.ages.insert(known.age, key);
        self.known.insert(key, known);
        while self.held > self.limits.bytes || self.known.len() > self.limits.datagrams {
            let Some((_, oldest)) = self.ages.first_key_value() else { break };
            let oldest = *oldest;
            self.give_up(oldest, |told| &mut told.displaced);
        }
    }

    fn forget(&mut self, key: Key<S>) -> Option<Known> {
        let known = self.known.remove(&key)?;
        self.ages.remove(&known.age);
        self.held = self.held.saturating_sub(known.state.cost());
        self.gathering = self.gathering.saturating_sub(known.state.gathers().into());
        Some(known)
    }

    /// Gives up what has waited too long.
    fn expire(&mut self, now: Option<i64>) {
        while let Some((_, oldest)) = self.ages.first_key_value() {
            let oldest = *oldest;
            let early = |time: i64| now.is_some_and(|now| time < now);
            let time = self.known.get(&oldest).and_then(|known| known.time);
            if !time.is_some_and(early) || close(time, now) {
                break;
            }
            self.give_up(oldest, |told| &mut told.timed_out);
        }
    }

    fn give_up(&mut self, key: Key<S>, count: fn(&mut Defragmented) -> &mut u64) {
        let Some(known) = self.forget(key) else {
            // Every age has a key that is known; should it not, ages must shrink all the same.
            self.ages.retain(|_, kept| *kept != key);
            return;
        };
        let State::Gathering(gathering) = known.state else { return };
        match gathering.repeats_only() {
            true => self.told.repeated(&gathering),
            false => self.told.incomplete((key.source, key.destination, key.id), &gathering, count),
        }
    }
}

impl State {
    fn gathers(&self) -> bool {
        matches!(self, Self::Gathering(_))
    }

    /// Memory that it takes, about. Unit: bytes.
    fn cost(&self) -> usize {
        const KNOWN: usize = 400;
        KNOWN.saturating_add(match self {
            Self::Gathering(gathering) => gathering.cost(),
            Self::Joined(arrivals) => arrivals.len().saturating_mul(size_of::<Arrival>()),
            Self::Discarded(_) => 0,
        })
    }
}

/// Whether two times are so close that an identification means the same datagram.
fn close(a: Option<i64>, b: Option<i64>) -> bool {
    a.zip(b).is_none_or(|(a, b)| a.abs_diff(b) <= REASSEMBLY)
}

#[cfg(test)]
mod tests;
