//! Packets that were dealt out badly: what was left over finds a place, and what belongs together comes together.

use super::window::{Counted, LAG, Window};
use std::collections::{HashMap, VecDeque};

/// Records that are looked at for a packet.
const BESIDE: usize = 64;
/// Packets that may be left over; more are no mistake of dealing.
const LEFT: usize = 1000;

/// Packets with their records, and how many more each record counts.
pub(super) struct Dealing<'a> {
    /// In the order of their start.
    pub(super) windows: &'a [Window],
    pub(super) packets: &'a [Counted],
    pub(super) owners: Vec<Option<usize>>,
    pub(super) room: Vec<i64>,
}

impl Dealing<'_> {
    /// Gives packets that are left over to records that can count them: in the place of others, where need be, which go to
    /// a record that lacks some. So a flow has all packets that its records can have between them, whoever has which.
    /// Not those of which `is_unlogged` says that another record may count them.
    pub(super) fn rehome(&mut self, is_unlogged: impl Fn(i64) -> bool) {
        let is_left =
            |at: &usize| self.owners[*at].is_none() && !is_unlogged(self.packets[*at].second);
        let left: Vec<usize> = (0..self.packets.len()).filter(is_left).collect();
        if left.is_empty() || left.len() > LEFT {
            return;
        }
        let mut own = vec![Vec::new(); self.windows.len()];
        for (at, owner) in self.owners.iter().enumerate() {
            owner.iter().for_each(|owner| own[*owner].push(at));
        }
        for packet in left {
            self.find_place(packet, &mut own);
        }
    }

    /// Goes from record to record, each of which could take a packet of the one before, to one that lacks packets.
    fn find_place(&mut self, packet: usize, own: &mut [Vec<usize>]) {
        // By which packet a record was come to.
        let mut through: HashMap<usize, usize> = HashMap::new();
        let mut queue = VecDeque::new();
        for at in reaching(self.windows, self.packets[packet].second) {
            through.insert(at, packet);
            queue.push_back(at);
        }
        while let Some(mut at) = queue.pop_front() {
            if self.room[at] > 0 {
                self.room[at] -= 1;
                loop {
                    let moved = through[&at];
                    let before = self.owners[moved].replace(at);
                    own[at].push(moved);
                    let Some(before) = before else { return };
                    own[before].retain(|kept| *kept != moved);
                    at = before;
                }
            }
            for &other in &own[at] {
                for next in reaching(self.windows, self.packets[other].second) {
                    through.entry(next).or_insert_with(|| {
                        queue.push_back(next);
                        other
                    });
                }
            }
        }
    }

    /// Gives a packet that stands alone among those of another connection to the record of its own, if that lacks some: a
    /// port that was used again has records of both side by side.
    pub(super) fn bring_together(&mut self) {
        let Some(first) = self.packets.first() else { return };
        if self.packets.iter().all(|packet| packet.conversation == first.conversation) {
            return;
        }
        let mut counts: HashMap<(usize, i32), usize> = HashMap::new();
        for (packet, owner) in self.packets.iter().zip(&self.owners) {
            if let Some(owner) = owner {
                *counts.entry((*owner, packet.conversation)).or_default() += 1;
            }
        }
        let mut most: Vec<(usize, Option<i32>)> = vec![(0, None); self.windows.len()];
        for (&(owner, conversation), &count) in &counts {
            let better = (count, Some(conversation));
            most[owner] = most[owner].max(better);
        }
        for (at, packet) in self.packets.iter().enumerate() {
            let Some(owner) = self.owners[at] else { continue };
            let own = Some(packet.conversation);
            if most[owner].1 == own {
                continue;
            }
            let mut near = reaching(self.windows, packet.second);
            let fits = |other: &usize| most[*other].1 == own && self.room[*other] > 0;
            if let Some(other) = near.find(fits) {
                self.room[owner] += 1;
                self.room[other] -= 1;
                self.owners[at] = Some(other);
            }
        }
    }
}

/// The records that may count the packets of a second, the latest first.
fn reaching(windows: &[Window], second: i64) -> impl Iterator<Item = usize> {
    let end = windows.partition_point(|window| window.start <= second.saturating_add(LAG));
    (end.saturating_sub(BESIDE)..end).rev().filter(move |&at| windows[at].reaches(second))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window((start, end): (i64, i64), packets: i64) -> Window {
        Window { start, end, packets: Some(packets), bytes: None }
    }

    fn dealing<'a>(
        windows: &'a [Window],
        packets: &'a [Counted],
        owners: &[Option<usize>],
    ) -> Dealing<'a> {
        let mut room: Vec<i64> = windows.iter().map(Window::capacity).collect();
        owners.iter().flatten().for_each(|owner| room[*owner] -= 1);
        Dealing { windows, packets, owners: owners.to_vec(), room }
    }

    fn at(packets: &[(i64, i32)]) -> Vec<Counted> {
        let counted = |&(second, conversation)| Counted { second, bytes: 40, conversation };
        packets.iter().map(counted).collect()
    }

    #[test]
    fn what_is_left_takes_a_place_whose_packet_goes_where_there_is_room() {
        let windows = [window((100, 110), 2), window((150, 160), 2), window((210, 220), 2)];
        let packets = at(&[(100, 1), (112, 1), (112, 1), (155, 1), (155, 1)]);
        // The first record reaches the third packet but is full; the second is full of packets that the third reaches.
        let owners = [Some(0), Some(0), None, Some(1), Some(1)];
        let mut dealing = dealing(&windows, &packets, &owners);
        dealing.rehome(|_| false);
        assert!(dealing.owners.iter().all(Option::is_some), "{:?}", dealing.owners);
        let count = |record| dealing.owners.iter().filter(|owner| **owner == Some(record)).count();
        assert_eq!([count(0), count(1), count(2)], [2, 2, 1]);
        assert_eq!(dealing.room, [0, 0, 1]);
    }

    #[test]
    fn what_nobody_can_count_stays_left() {
        let windows = [window((100, 110), 1)];
        let packets = at(&[(100, 1), (105, 1), (500, 1)]);
        let mut dealing = dealing(&windows, &packets, &[Some(0), None, None]);
        dealing.rehome(|_| false);
        assert_eq!(dealing.owners, [Some(0), None, None]);
    }

    #[test]
    fn a_connection_on_a_port_used_again_keeps_its_last_packet() {
        let windows = [window((100, 110), 3), window((111, 120), 3)];
        let packets = at(&[(100, 1), (105, 1), (110, 1), (111, 2), (120, 2)]);
        let owners = [Some(0), Some(0), Some(1), Some(1), Some(1)];
        let mut dealing = dealing(&windows, &packets, &owners);
        dealing.bring_together();
        assert_eq!(dealing.owners, [Some(0), Some(0), Some(0), Some(1), Some(1)]);
    }
}
