//! What joined datagrams are made of, on its way into the index file.

use super::NewStorage;
use super::records::{Piece, Record as _};
use super::storage::Storage;
use std::io;

/// What is kept in memory before it goes to disk, and read back at once. Unit: bytes, a multiple of a piece's.
const CHUNK: usize = Piece::LENGTH << 12;

/// Pieces in the order in which their datagrams were completed.
#[derive(Default)]
pub(super) struct Pieces {
    memory: Vec<u8>,
    disk: Option<(Box<dyn Storage>, u64)>,
    count: u64,
}

impl Pieces {
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn push(
        &mut self,
        piece: &Piece,
        new_storage: &mut NewStorage<'_>,
    ) -> io::Result<()> {
        piece.write(&mut self.memory);
        self.count = self.count.saturating_add(1);
        if self.memory.len() >= CHUNK {
            let (disk, length) = match &mut self.disk {
                Some(disk) => disk,
                none => none.insert((new_storage()?, 0)),
            };
            disk.write_at(*length, &self.memory)?;
            *length = length.saturating_add(self.memory.len() as u64);
            self.memory.clear();
        }
        Ok(())
    }

    /// Gives the records, many at once.
    pub(super) fn each(self, mut give: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        if let Some((disk, length)) = self.disk {
            let (mut at, mut chunk) = (0, vec![0; CHUNK]);
            while at < length {
                let part = usize::try_from(length.saturating_sub(at)).unwrap_or(CHUNK).min(CHUNK);
                chunk.truncate(part);
                disk.read_at(at, &mut chunk)?;
                give(&chunk)?;
                at = at.saturating_add(part as u64);
            }
        }
        give(&self.memory)
    }
}
