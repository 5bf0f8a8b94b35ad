//! A hash per block, so that a later read of a few bytes can be held against the first read of all.

use crate::{Sha256, Sha256Hasher};

/// Length of a block of the inflated bytes; the last one may be shorter. Unit: bytes.
pub const BLOCK_SIZE: usize = 64 * 1024;

/// The SHA-256 of one block.
pub type BlockHash = Sha256;

/// The hashes of a file's blocks, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlockHashes {
    /// One hash per [`BLOCK_SIZE`] bytes of the inflated file.
    pub hashes: Vec<BlockHash>,
    /// Length of the inflated file. Unit: bytes.
    pub length: u64,
}

/// Block hashes in the making.
#[derive(Default)]
pub(crate) struct BlockHasher {
    done: BlockHashes,
    open: Sha256Hasher,
    filled: usize,
}

impl BlockHasher {
    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        self.done.length = self.done.length.saturating_add(bytes.len() as u64);
        while !bytes.is_empty() {
            let room = BLOCK_SIZE.saturating_sub(self.filled);
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.open.update(now);
            self.filled = self.filled.saturating_add(now.len());
            if self.filled == BLOCK_SIZE {
                self.close();
            }
            bytes = later;
        }
    }

    pub(crate) fn finish(mut self) -> BlockHashes {
        if self.filled > 0 {
            self.close();
        }
        self.done
    }

    fn close(&mut self) {
        self.done.hashes.push(std::mem::take(&mut self.open).finish());
        self.filled = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_do_not_depend_on_how_the_bytes_arrive() {
        let bytes: Vec<u8> = (0..BLOCK_SIZE * 2 + 5).map(|i| i as u8).collect();
        let mut whole = BlockHasher::default();
        whole.update(&bytes);
        let mut parts = BlockHasher::default();
        bytes.chunks(777).for_each(|part| parts.update(part));
        let whole = whole.finish();
        assert_eq!(whole, parts.finish());
        assert_eq!(whole.hashes.len(), 3);
        assert_eq!(whole.hashes[2], Sha256::of(&bytes[BLOCK_SIZE * 2..]));
        assert_eq!(whole.length, bytes.len() as u64);
    }
}
