//! The records of one interface, tuple and direction, held against its packets.

use super::candidates::Candidate;
use super::rows::CoverageRows;
use super::window::LAG;
use super::{Counted, Dealt, Facts, Mirror, Window, Within, deal, judge, ranges};
use crate::StoreError;
use crate::database::stored;

const SECOND: i64 = 1_000_000_000;
/// UDP ports whose traffic AWS never mirrors: DHCP and NTP (Traffic Mirroring considerations).
const NEVER_MIRRORED: [u16; 5] = [67, 68, 123, 546, 547];

/// Records that share interface, tuple and direction, in order of time.
pub(super) struct Group<'a> {
    pub(super) mirror: &'a Mirror,
    pub(super) interface: &'a str,
    /// Capture clock − flow-log clock. Unit: ns.
    pub(super) offset: i64,
    pub(super) candidates: &'a [Candidate],
}

/// What was dealt to whom.
struct Hand {
    dealt: Vec<Dealt>,
    /// The records that can have packets, by their place.
    windowed: Vec<usize>,
    windows: Vec<Window>,
    packets: Vec<Counted>,
}

impl Group<'_> {
    /// Deals the packets of the tuple out to the records.
    pub(super) fn deal(&self) -> Result<Vec<Dealt>, StoreError> {
        Ok(self.hand()?.dealt)
    }

    /// The verdict on each record.
    pub(super) fn judge(&self, rows: &mut CoverageRows) -> Result<(), StoreError> {
        let Hand { dealt, windowed, windows, packets } = self.hand()?;
        let seen: Vec<i64> =
            windowed.iter().map(|&at| stored(dealt[at].packets.len() as u64)).collect();
        let is_open = |second| self.is_unlogged(second);
        let mut range = vec![(0, 0); dealt.len()];
        for (at, found) in windowed.iter().zip(ranges(&windows, &packets, &seen, is_open)) {
            range[*at] = found;
        }
        for ((candidate, dealt), range) in self.candidates.iter().zip(dealt).zip(range) {
            let mut facts = self.facts(candidate, &dealt);
            // Somebody else's packets in the place of lost ones would hardly have the same bytes.
            let exact = facts.recorded == Some(facts.seen);
            let range = if exact { (facts.seen.0, facts.seen.0) } else { range };
            facts.edge = range.0 < range.1;
            let (verdict, reasons) = judge(&facts);
            let mut conversations: Vec<i32> =
                dealt.packets.iter().map(|seen| seen.conversation).collect();
            conversations.sort_unstable();
            conversations.dedup();
            let record = candidate.record;
            rows.push(record, verdict.name(), &reasons, facts.seen, range, &conversations);
        }
        Ok(())
    }

    fn hand(&self) -> Result<Hand, StoreError> {
        let Self { mirror, interface, offset, candidates, .. } = *self;
        let windowed: Vec<usize> = (0..candidates.len())
            .filter(|&at| candidates[at].window.is_some() && !candidates[at].rejected_ingress)
            .collect();
        let mut hand = Hand {
            dealt: candidates
                .iter()
                .map(|candidate| Dealt { record: candidate.record, packets: Vec::new() })
                .collect(),
            windows: windowed.iter().filter_map(|&at| candidates[at].window).collect(),
            windowed,
            packets: Vec::new(),
        };
        let Some(tuple) = candidates.first().and_then(|candidate| candidate.tuple) else {
            return Ok(hand);
        };
        let seen = mirror.packets(interface, &tuple)?;
        let second = |time: i64| time.saturating_sub(offset).div_euclid(SECOND);
        let counted = |seen: &super::Seen| Counted {
            second: second(seen.time),
            bytes: seen.bytes.into(),
            conversation: seen.conversation,
        };
        hand.packets = seen.iter().map(counted).collect();
        let owners = deal(&hand.windows, &hand.packets, |second| self.is_unlogged(second));
        for (seen, owner) in seen.iter().zip(owners) {
            if let Some(owner) = owner {
                hand.dealt[hand.windowed[owner]].packets.push(*seen);
            }
        }
        Ok(hand)
    }

    fn is_unlogged(&self, second: i64) -> bool {
        let stretches = self.mirror.unlogged(self.interface);
        stretches.iter().any(|(from, to)| *from <= second && second <= *to)
    }

    fn facts(&self, candidate: &Candidate, dealt: &Dealt) -> Facts {
        let clock = |second: i64| second.saturating_mul(SECOND).saturating_add(self.offset);
        Facts {
            recorded: candidate.recorded.filter(|_| candidate.tuple.is_some()),
            seen: (
                stored(dealt.packets.len() as u64),
                dealt.packets.iter().map(|seen| i64::from(seen.bytes)).sum(),
            ),
            truncated: stored(dealt.packets.iter().filter(|seen| seen.truncated).count() as u64),
            any_capture: self.mirror.any_capture(),
            mirrored: true,
            within: candidate.window.map_or_else(Default::default, |window| {
                // The whole seconds of a record begin before its first packet and end after its last.
                let (from, to) = (clock(window.start + 1), clock(window.end));
                match self.mirror.within(self.interface, from, to) {
                    Within::Inside => {
                        // It may have come late.
                        let (from, to) = (clock(window.start - LAG), clock(window.end));
                        let earlier = self.mirror.within(self.interface, from, to);
                        if earlier == Within::Inside { earlier } else { Within::Near }
                    }
                    within => within,
                }
            }),
            rejected_ingress: candidate.rejected_ingress,
            passage: candidate.tuple.map_or_else(Default::default, |tuple| {
                self.mirror.passage(self.interface, &tuple, candidate.egress)
            }),
            edge: false,
            never_mirrored: candidate.tuple.is_some_and(|tuple| {
                tuple.protocol == 17
                    && [tuple.source.1, tuple.destination.1]
                        .iter()
                        .any(|port| NEVER_MIRRORED.contains(port))
            }),
        }
    }
}
