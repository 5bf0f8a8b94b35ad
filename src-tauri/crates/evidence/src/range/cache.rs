//! Checked blocks at hand, so that neighbouring reads read and hash once.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// Blocks of one reader, or of several that share the room; whichever was not asked for longest makes room.
pub struct BlockCache {
    /// Unit: bytes.
    room: usize,
    blocks: Mutex<Blocks>,
}

/// A reader, and the number of a block.
type Name = (u64, u64);

#[derive(Default)]
struct Blocks {
    kept: HashMap<Name, Kept>,
    /// Every name, from the one that was asked for longest ago.
    ages: BTreeMap<u64, Name>,
    next_age: u64,
    next_reader: u64,
    /// Unit: bytes.
    held: usize,
}

struct Kept {
    age: u64,
    bytes: Arc<Vec<u8>>,
}

impl BlockCache {
    /// Room for so many bytes, or for one block.
    pub fn new(room: usize) -> Self {
        Self { room, blocks: Mutex::default() }
    }

    /// A number that no other reader has.
    pub(super) fn reader(&self) -> u64 {
        self.alone(|blocks| {
            blocks.next_reader = blocks.next_reader.saturating_add(1);
            blocks.next_reader
        })
    }

    pub(super) fn get(&self, name: Name) -> Option<Arc<Vec<u8>>> {
        self.alone(|blocks| {
            let next = blocks.next_age;
            let kept = blocks.kept.get_mut(&name)?;
            // Mostly it is the one that was asked for before.
            if kept.age.saturating_add(1) != next {
                blocks.ages.remove(&kept.age);
                kept.age = next;
                blocks.ages.insert(next, name);
                blocks.next_age = next.saturating_add(1);
            }
            Some(Arc::clone(&kept.bytes))
        })
    }

    pub(super) fn keep(&self, name: Name, bytes: Arc<Vec<u8>>) {
        self.alone(|blocks| {
            blocks.forget(name);
            let room = self.room.saturating_sub(bytes.len());
            while blocks.held > room {
                let Some((_, oldest)) = blocks.ages.first_key_value() else { break };
                blocks.forget(*oldest);
            }
            let age = blocks.next_age;
            blocks.next_age = age.saturating_add(1);
            blocks.held = blocks.held.saturating_add(bytes.len());
            blocks.ages.insert(age, name);
            blocks.kept.insert(name, Kept { age, bytes });
        });
    }

    fn alone<T>(&self, act: impl FnOnce(&mut Blocks) -> T) -> T {
        act(&mut self.blocks.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Blocks {
    fn forget(&mut self, name: Name) {
        let Some(Kept { age, bytes }) = self.kept.remove(&name) else { return };
        self.ages.remove(&age);
        self.held = self.held.saturating_sub(bytes.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_asked_for_longest_makes_room() {
        let cache = BlockCache::new(30);
        let (a, b) = (cache.reader(), cache.reader());
        let has = |name| cache.get(name).is_some();
        let keep = |name, length| cache.keep(name, Arc::new(vec![0; length]));
        keep((a, 0), 10);
        keep((b, 0), 10);
        keep((a, 1), 10);
        assert!(has((a, 0)));
        keep((a, 2), 20);
        assert_eq!([(a, 0), (b, 0), (a, 1), (a, 2)].map(has), [true, false, false, true]);
        keep((b, 7), 99);
        assert_eq!([(a, 0), (a, 2), (b, 7)].map(has), [false, false, true]);
    }
}
