//! The mirror sessions of an index in the making, and their packets over time.

use super::{Activity, Session, SessionIdentity};
use crate::{Encapsulation, Key};
use evidence::Address;
use foldhash::fast::RandomState;
use std::collections::{BTreeMap, HashMap};

const MINUTE: i64 = 60_000_000_000;

type Named = (Option<Address>, Option<u32>, Option<Key>, Option<u64>);

#[derive(Default)]
pub(super) struct Sessions {
    list: Vec<Session>,
    numbers: HashMap<Named, u32, RandomState>,
    last: Option<(Named, u32)>,
    activity: BTreeMap<(u32, i64), u64>,
}

impl Sessions {
    /// The number of the session that this names.
    pub(super) fn number(&mut self, encapsulation: &Encapsulation) -> u32 {
        let Encapsulation { source, vni, key, endpoint, .. } = *encapsulation;
        let named = (source, vni, key, endpoint);
        let number = match self.last {
            Some((last, number)) if last == named => number,
            _ => *self.numbers.entry(named).or_insert_with(|| {
                let (packets, span) = (0, None);
                self.list.push(Session { source, vni, key, endpoint, packets, span });
                u32::try_from(self.list.len().saturating_sub(1)).unwrap_or(u32::MAX)
            }),
        };
        self.last = Some((named, number));
        number
    }

    pub(super) fn identity(&self, number: u32) -> SessionIdentity {
        self.list.get(number as usize).map(Session::identity).unwrap_or_default()
    }

    /// Counts a captured packet.
    pub(super) fn count(&mut self, number: u32, time: Option<i64>) {
        let Some(session) = self.list.get_mut(number as usize) else { return };
        session.packets = session.packets.saturating_add(1);
        let Some(time) = time else { return };
        let (first, last) = session.span.unwrap_or((time, time));
        session.span = Some((first.min(time), last.max(time)));
        let count = self.activity.entry((number, time.div_euclid(MINUTE))).or_default();
        *count = count.saturating_add(1);
    }

    pub(super) fn finish(self) -> (Vec<Session>, Vec<Activity>) {
        let activity = self.activity.into_iter();
        let activity = activity
            .map(|((session, minute), packets)| Activity { session, minute, packets })
            .collect();
        (self.list, activity)
    }
}
