//! Packets in file order on their way to the order of their flows, in bounded memory.

use super::NewStorage;
use super::PacketEntry;
use super::records::{Record as _, Trace};
use super::storage::Storage;
use std::io;

/// A packet in waiting: the number of its flow, then its record.
const WAITING: usize = 4 + PacketEntry::LENGTH;
/// The number of a packet without flow.
pub(super) const NO_FLOW: u32 = u32::MAX;
/// What is read or written at once. Unit: packets.
const CHUNK: usize = 4096;

/// The packets of an index in the making, in file order: in memory as far as they fit, and from there on disk.
pub(super) struct Waiting {
    /// At most this many are in memory, now and when they are put in order. Unit: packets.
    limit: usize,
    memory: Vec<u8>,
    disk: Option<(Box<dyn Storage>, u64)>,
    chunk: Vec<u8>,
    count: u64,
}

impl Waiting {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), memory: Vec::new(), disk: None, chunk: Vec::new(), count: 0 }
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn push(
        &mut self,
        flow: Option<u32>,
        packet: &PacketEntry,
        new_storage: &mut NewStorage<'_>,
    ) -> io::Result<()> {
        let fits = self.count < self.limit as u64;
        let out = if fits { &mut self.memory } else { &mut self.chunk };
        out.extend(flow.unwrap_or(NO_FLOW).to_le_bytes());
        packet.write(out);
        self.count = self.count.saturating_add(1);
        if self.chunk.len() >= CHUNK.saturating_mul(WAITING) {
            self.spill(new_storage)?;
        }
        Ok(())
    }

    fn spill(&mut self, new_storage: &mut NewStorage<'_>) -> io::Result<()> {
        if self.chunk.is_empty() {
            return Ok(());
        }
        let (disk, length) = match &mut self.disk {
            Some(disk) => disk,
            none => none.insert((new_storage()?, 0)),
        };
        disk.write_at(*length, &self.chunk)?;
        *length = length.saturating_add(self.chunk.len() as u64);
        self.chunk.clear();
        Ok(())
    }

    /// Gives all packets twice: in file order the place of each one's flow, then in the order of flows, and of the
    /// file within a flow, their records. `places` are the places of flows by number; `starts` says for each place
    /// where its packets start, and, at the end, where those without flow do.
    pub(super) fn cluster(
        mut self,
        places: &[u32],
        mut starts: Vec<u64>,
        new_storage: &mut NewStorage<'_>,
        mut trace: impl FnMut(Trace) -> io::Result<()>,
    ) -> io::Result<Clustered> {
        self.spill(new_storage)?;
        let mut windows = Windows::new(self.limit, self.count, new_storage)?;
        let no_flow = u32::try_from(starts.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let mut take = |waiting: &[u8]| -> io::Result<()> {
            let (number, record) = waiting.split_first_chunk().ok_or(io::ErrorKind::InvalidData)?;
            let number = u32::from_le_bytes(*number);
            let place = places.get(number as usize).copied().unwrap_or(no_flow);
            // The offset stands behind four bytes and the time: see the record.
            let offset = record.get(12..).and_then(|rest| rest.first_chunk());
            let offset = u64::from_le_bytes(*offset.ok_or(io::ErrorKind::InvalidData)?);
            trace(Trace { offset, flow: place })?;
            let next = starts.get_mut(place as usize).ok_or(io::ErrorKind::InvalidData)?;
            windows.put(*next, record)?;
            *next = next.saturating_add(1);
            Ok(())
        };
        self.memory.chunks_exact(WAITING).try_for_each(&mut take)?;
        self.memory = Vec::new();
        if let Some((disk, length)) = &self.disk {
            let mut at = 0;
            let mut chunk = Vec::new();
            while at < *length {
                let whole = (CHUNK.saturating_mul(WAITING)) as u64;
                let count = length.saturating_sub(at).min(whole);
                chunk.resize(usize::try_from(count).unwrap_or(0), 0);
                disk.read_at(at, &mut chunk)?;
                chunk.chunks_exact(WAITING).try_for_each(&mut take)?;
                at = at.saturating_add(count);
            }
        }
        windows.close()
    }
}

/// The ordered packets, cut into windows that fit into memory; a window's packets wait on disk until it is its turn, if
/// there is more than one.
struct Windows {
    /// Unit: packets.
    width: u64,
    count: u64,
    /// The only window, in its final form.
    only: Vec<u8>,
    disk: Option<Box<dyn Storage>>,
    /// What each window has on disk, and what is yet to be written there.
    open: Vec<(u64, Vec<u8>)>,
}

/// Windows that hold all packets.
pub(super) struct Clustered(Windows);

impl Windows {
    fn new(limit: usize, count: u64, new_storage: &mut NewStorage<'_>) -> io::Result<Self> {
        let width = limit as u64;
        let windows = usize::try_from(count.div_ceil(width)).unwrap_or(usize::MAX);
        let all = usize::try_from(count).unwrap_or(usize::MAX);
        let (only, disk) = match windows {
            0 | 1 => (vec![0; all.saturating_mul(PacketEntry::LENGTH)], None),
            _ => (Vec::new(), Some(new_storage()?)),
        };
        let open = if disk.is_some() { vec![(0, Vec::new()); windows] } else { Vec::new() };
        Ok(Self { width, count, only, disk, open })
    }

    fn put(&mut self, position: u64, record: &[u8]) -> io::Result<()> {
        let Some(disk) = &mut self.disk else { return place(&mut self.only, position, record) };
        let window = position.checked_div(self.width).unwrap_or(0);
        let within = position.saturating_sub(window.saturating_mul(self.width));
        let start = window.saturating_mul(self.width).saturating_mul(WAITING as u64);
        let window = usize::try_from(window).ok().and_then(|window| self.open.get_mut(window));
        let (written, open) = window.ok_or(io::ErrorKind::InvalidData)?;
        open.extend(u32::try_from(within).unwrap_or(u32::MAX).to_le_bytes());
        open.extend_from_slice(record);
        if open.len() >= CHUNK.saturating_mul(WAITING) {
            disk.write_at(start.saturating_add(*written), open)?;
            *written = written.saturating_add(open.len() as u64);
            open.clear();
        }
        Ok(())
    }

    fn close(mut self) -> io::Result<Clustered> {
        if let Some(disk) = &mut self.disk {
            let width = self.width.saturating_mul(WAITING as u64);
            for (window, (written, open)) in (0u64..).zip(&mut self.open) {
                let start = window.saturating_mul(width);
                disk.write_at(start.saturating_add(*written), open)?;
                *written = written.saturating_add(open.len() as u64);
                *open = Vec::new();
            }
        }
        Ok(Clustered(self))
    }
}

impl Clustered {
    /// Gives the records, many at once.
    pub(super) fn each(self, mut give: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let Windows { width, count, only, disk, open } = self.0;
        let Some(disk) = disk else { return give(&only) };
        let (mut ordered, mut chunk) = (Vec::new(), Vec::new());
        for (window, (written, _)) in (0u64..).zip(open) {
            let first = window.saturating_mul(width);
            let packets = count.saturating_sub(first).min(width);
            let length = usize::try_from(packets).unwrap_or(usize::MAX);
            ordered.resize(length.saturating_mul(PacketEntry::LENGTH), 0);
            let mut at = 0;
            while at < written {
                let whole = CHUNK.saturating_mul(WAITING) as u64;
                let part = written.saturating_sub(at).min(whole);
                chunk.resize(usize::try_from(part).unwrap_or(0), 0);
                let start = first.saturating_mul(WAITING as u64);
                disk.read_at(start.saturating_add(at), &mut chunk)?;
                for waiting in chunk.chunks_exact(WAITING) {
                    let split = waiting.split_first_chunk();
                    let (within, record) = split.ok_or(io::ErrorKind::InvalidData)?;
                    place(&mut ordered, u32::from_le_bytes(*within).into(), record)?;
                }
                at = at.saturating_add(part);
            }
            give(&ordered)?;
        }
        Ok(())
    }
}

fn place(ordered: &mut [u8], position: u64, record: &[u8]) -> io::Result<()> {
    let start = usize::try_from(position).unwrap_or(usize::MAX).saturating_mul(PacketEntry::LENGTH);
    let place = ordered.get_mut(start..start.saturating_add(PacketEntry::LENGTH));
    place.ok_or(io::ErrorKind::InvalidData)?.copy_from_slice(record);
    Ok(())
}
