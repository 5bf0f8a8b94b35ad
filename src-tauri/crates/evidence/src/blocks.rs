//! A hash per block, so that a later read of a few bytes can be held against the first read of all.
//!
//! The hashes are steps of the one SHA-256 of all bytes: that of a whole block is the chaining value behind it, and that
//! of a shorter last block is the digest itself. So the pass that takes the digest has them for nothing, a block is
//! checked by going on from the hash before it, and whoever finds other bytes that pass has broken SHA-256: from a fixed
//! chaining value to another fixed one leads one message of that length, as far as anybody knows.

use crate::{Sha256, Sha256Hasher};

/// Length of a block of the inflated bytes; the last one may be shorter. Unit: bytes.
pub const BLOCK_SIZE: usize = 64 * 1024;

/// The hash of one block: a step of SHA-256, never to be shown as the digest of anything.
pub type BlockHash = Sha256;

/// The hashes of the blocks of some bytes, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlockHashes {
    /// One hash per [`BLOCK_SIZE`] bytes: the chaining value of SHA-256 behind the block, or the digest of all bytes
    /// where the last block is shorter.
    pub hashes: Vec<BlockHash>,
    /// How many bytes there are.
    pub length: u64,
}

/// How a block differs from the one that was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Difference {
    /// It hashes to something else.
    Hash { expected: BlockHash, found: BlockHash },
    /// There was no such block.
    PastEnd,
}

impl BlockHashes {
    /// Holds bytes against the hash of the block with this number, from 0.
    pub(crate) fn check(&self, number: u64, bytes: &[u8]) -> Result<(), Difference> {
        let at = |number: u64| usize::try_from(number).ok().and_then(|at| self.hashes.get(at));
        let expected = *at(number).ok_or(Difference::PastEnd)?;
        let before = number.checked_sub(1).and_then(at);
        let start = number.saturating_mul(BLOCK_SIZE as u64);
        let mut hasher = before
            .map_or_else(Sha256Hasher::default, |before| Sha256Hasher::resumed(*before, start));
        hasher.update(bytes);
        let found =
            if bytes.len() == BLOCK_SIZE { hasher.chaining_value() } else { hasher.finish() };
        if found == expected { Ok(()) } else { Err(Difference::Hash { expected, found }) }
    }
}

/// Block hashes in the making.
#[derive(Default)]
pub(crate) struct BlockHasher {
    done: BlockHashes,
    hasher: Sha256Hasher,
    filled: usize,
}

impl BlockHasher {
    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        self.done.length = self.done.length.saturating_add(bytes.len() as u64);
        while !bytes.is_empty() {
            let room = BLOCK_SIZE.saturating_sub(self.filled);
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.hasher.update(now);
            self.filled = self.filled.saturating_add(now.len());
            if self.filled == BLOCK_SIZE {
                self.done.hashes.push(self.hasher.chaining_value());
                self.filled = 0;
            }
            bytes = later;
        }
    }

    /// The hashes of the blocks, and the digest of all bytes.
    pub(crate) fn finish(self) -> (BlockHashes, Sha256) {
        let Self { mut done, hasher, filled } = self;
        let digest = hasher.finish();
        if filled > 0 {
            done.hashes.push(digest);
        }
        (done, digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_do_not_depend_on_how_the_bytes_arrive_and_end_in_the_digest() {
        for length in [0, 1, BLOCK_SIZE, BLOCK_SIZE * 2, BLOCK_SIZE * 2 + 5] {
            let bytes: Vec<u8> = (0..length).map(|i| i as u8).collect();
            let mut whole = BlockHasher::default();
            whole.update(&bytes);
            let mut parts = BlockHasher::default();
            bytes.chunks(777).for_each(|part| parts.update(part));
            let (whole, digest) = whole.finish();
            assert_eq!((whole.clone(), digest), parts.finish());
            assert_eq!(digest, Sha256::of(&bytes));
            assert_eq!(whole.hashes.len(), length.div_ceil(BLOCK_SIZE));
            assert_eq!(whole.length, length as u64);
        }
    }

    #[test]
    fn a_block_is_checked_alone_and_at_its_place() {
        let bytes: Vec<u8> = (0..BLOCK_SIZE * 2 + 5).map(|i| i as u8).collect();
        let mut hasher = BlockHasher::default();
        hasher.update(&bytes);
        let (hashes, _) = hasher.finish();
        for (number, block) in (0..).zip(bytes.chunks(BLOCK_SIZE)) {
            assert_eq!(hashes.check(number, block), Ok(()));
            let mut changed = block.to_vec();
            changed[3] ^= 1;
            assert!(matches!(hashes.check(number, &changed), Err(Difference::Hash { .. })));
            assert!(hashes.check(number, &block[1..]).is_err());
        }
        // The same bytes at another place are another block: the hashes are one chain.
        assert_eq!(bytes[..BLOCK_SIZE], bytes[BLOCK_SIZE..BLOCK_SIZE * 2]);
        assert_ne!(hashes.hashes[0], hashes.hashes[1]);
        assert_eq!(hashes.check(3, b""), Err(Difference::PastEnd));
    }
}
