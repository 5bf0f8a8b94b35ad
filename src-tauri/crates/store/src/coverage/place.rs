//! How late each record came.
//!
//! A late record's start and end lie later than its packets, by the same number of seconds; what they span is right. So
//! where the windows of a tuple crowd each other, each record is tried at every lag that AWS allows, and stays where the
//! packets under it are those that it counts. What is found is the likeliest placing, not a certain one: what else the
//! packets could mean is told by `range.rs`.

use super::window::{Counted, LAG, Window};

/// Records that are looked at beside one that is placed.
const BESIDE: usize = 8;
/// How often all records are gone through at most.
const ROUNDS: usize = 4;
/// What a lag has to be worth, in packets.
const LATE: i64 = 3;

/// Packets and bytes that a second has.
#[derive(Clone, Copy, Default)]
struct Sum {
    packets: i64,
    bytes: i64,
}

/// The packets of a tuple by second.
struct Seconds {
    seconds: Vec<i64>,
    /// Sums of all before each second, and of all.
    before: Vec<Sum>,
}

impl Seconds {
    fn of(packets: &[Counted]) -> Self {
        let (mut seconds, mut before) = (Vec::new(), vec![Sum::default()]);
        let mut sum = Sum::default();
        for packet in packets {
            if seconds.last() != Some(&packet.second) {
                seconds.push(packet.second);
                before.push(sum);
            }
            sum.packets += 1;
            sum.bytes += packet.bytes;
            if let Some(last) = before.last_mut() {
                *last = sum;
            }
        }
        Self { seconds, before }
    }

    fn range(&self, from: i64, to: i64) -> std::ops::Range<usize> {
        let start = self.seconds.partition_point(|second| *second < from);
        start..self.seconds.partition_point(|second| *second <= to).max(start)
    }

    fn sum(&self, from: i64, to: i64) -> Sum {
        let range = self.range(from, to);
        let (before, after) = (self.before[range.start], self.before[range.end]);
        Sum { packets: after.packets - before.packets, bytes: after.bytes - before.bytes }
    }

    /// Each second of a stretch that has packets.
    fn each(&self, from: i64, to: i64) -> impl Iterator<Item = (i64, Sum)> {
        self.range(from, to)
            .map(|at| (self.seconds[at], self.sum(self.seconds[at], self.seconds[at])))
    }
}

/// How late each window is. They are in the order of their start, the packets in that of their time. Unit: seconds.
pub(super) fn lags(windows: &[Window], packets: &[Counted]) -> Vec<i64> {
    let mut lags = vec![0; windows.len()];
    let seconds = Seconds::of(packets);
    if is_plain(windows, &seconds, packets.len()) {
        return lags;
    }
    // Those that count most say most of where they belong.
    let mut order: Vec<usize> = (0..windows.len()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(windows[at].packets), at));
    for _ in 0..ROUNDS {
        let mut moved = false;
        for &at in &order {
            let best = best_lag(windows, &lags, at, &seconds);
            moved |= best != lags[at];
            lags[at] = best;
        }
        if !moved {
            break;
        }
    }
    lags
}

/// Whether each window holds just what its record counts, and all packets lie in windows.
fn is_plain(windows: &[Window], seconds: &Seconds, packets: usize) -> bool {
    let mut held = 0;
    let exact = windows.iter().all(|window| {
        let sum = seconds.sum(window.start, window.end);
        held += sum.packets;
        window.packets == Some(sum.packets) && window.bytes.is_none_or(|bytes| bytes == sum.bytes)
    });
    exact && held == packets as i64
}

fn best_lag(windows: &[Window], lags: &[i64], at: usize, seconds: &Seconds) -> i64 {
    let own = windows[at];
    let (from, to) = own.reach();
    // Starts are in order, ends need not be: a far window that reaches here is passed over, at the price of a worse guess.
    let near = at.saturating_sub(BESIDE)..(at + BESIDE + 1).min(windows.len());
    let beside: Vec<Window> = near
        .filter(|&other| other != at)
        .map(|other| windows[other].earlier(lags[other]))
        .filter(|other| other.start <= to && from <= other.end)
        .collect();
    let taken: Vec<i64> = beside
        .iter()
        .map(|other| {
            seconds.sum(other.start, from.saturating_sub(1)).packets
                + seconds.sum(to.saturating_add(1), other.end).packets
        })
        .collect();
    let cost = |lag: i64| cost(own, lag, &beside, &taken, seconds);
    let mut best = (cost(0), 0);
    for lag in 1..=LAG {
        // A record begins with a packet and ends with one: at least one of them was seen, or nothing tells its place.
        let shifted = own.earlier(lag);
        let touches = |second| seconds.seconds.binary_search(&second).is_ok();
        if touches(shifted.start) || touches(shifted.end) {
            best = best.min((cost(lag), lag));
        }
    }
    best.1
}

/// What does not fit if a record is so late: packets that nobody counts, twice, and packets that are missing.
fn cost(own: Window, lag: i64, beside: &[Window], taken: &[i64], seconds: &Seconds) -> i64 {
    let shifted = own.earlier(lag);
    let (from, to) = own.reach();
    let mut room: Vec<i64> =
        beside.iter().zip(taken).map(|(other, taken)| (other.capacity() - taken).max(0)).collect();
    let (mut own_room, mut own_bytes, mut nobodys) = (own.capacity(), 0, 0);
    for (second, Sum { mut packets, bytes }) in seconds.each(from, to) {
        let give = |packets: &mut i64, room: &mut i64| {
            let given = (*packets).min(*room);
            *room -= given;
            *packets -= given;
            given
        };
        // Of two windows that share a second the earlier one is filled first.
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for (at, other) in beside.iter().enumerate().filter(|(_, other)| other.holds(second)) {
            if other.end < shifted.end { before.push(at) } else { after.push(at) }
        }
        for at in before {
            give(&mut packets, &mut room[at]);
        }
        if shifted.holds(second) {
            let given = give(&mut packets, &mut own_room);
            own_bytes += if packets == 0 && given > 0 { bytes } else { 0 };
        }
        for at in after {
            give(&mut packets, &mut room[at]);
        }
        nobodys += packets;
    }
    let own_missing = if own.packets.is_some() { own_room } else { 0 };
    let missing: i64 = beside
        .iter()
        .zip(&room)
        .filter(|(other, _)| other.packets.is_some())
        .map(|(_, room)| *room)
        .sum();
    let other_bytes = own_missing == 0 && own.bytes.is_some_and(|bytes| bytes != own_bytes);
    2 * nobodys + missing + own_missing + i64::from(other_bytes) + if lag > 0 { LATE } else { 0 }
}
