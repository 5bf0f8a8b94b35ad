//! The index as a file.
//!
//! ```text
//! runs, in file order; of each
//!   packets  77 bytes each, in the order of flows and then of the file; those without flow last
//!   trace    12 bytes a packet, in file order: where its record starts, and the place of its flow in the run
//!   flows    142 bytes each, in the order of their tuples' keys
//!   pieces   28 bytes each, in file order: what joined datagrams are made of
//!   keys     8 bytes each: of every 64th flow
//! sessions, activity, unread, what else the capture says
//! the sections of each run
//! checks     8 bytes for each 16 KiB of all the above (XXH3)
//! footer     sections, totals, version; SHA-256 of checks and footer; "tidemark"
//! ```
//! Numbers are little-endian. What is read of it is held against the check of its block. The file is a cache: if it is
//! damaged or of another version, the capture is indexed anew.

use super::facts::Facts;
use super::records::{Piece, Record, Trace};
use super::run_writer::IndexFile;
use super::storage::Storage;
use super::{Activity, Flow, IndexError, PacketEntry, Session, Unread};
use evidence::{Cursor, Sha256, Sha256Hasher};
use std::io;

/// At the very end.
const MAGIC: [u8; 8] = *b"tidemark";
/// Raised with every change of the records, or of the rules by which they are made.
const VERSION: u32 = 4;
const SECTIONS: usize = 5;
/// Flows whose keys are found with one step once the index is open.
pub(super) const STRIDE: u64 = 64;
/// Sections; data length, number of checks, captured packets, orphan fragments, ports, omitted facts; version; SHA-256,
/// magic. Unit: bytes.
const FOOTER: usize = SECTIONS * 16 + 48 + 4 + 32 + 8;

/// A table of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Section {
    pub(super) offset: u64,
    pub(super) count: u64,
}

/// The tables of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RunSections {
    /// Where the record of its first packet starts in the capture.
    pub(super) first: u64,
    pub(super) packets: Section,
    pub(super) trace: Section,
    pub(super) flows: Section,
    pub(super) pieces: Section,
    pub(super) keys: Section,
}

/// What the end of the file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Footer {
    pub(super) sessions: Section,
    pub(super) activity: Section,
    pub(super) unread: Section,
    /// Counted in bytes.
    pub(super) facts: Section,
    pub(super) runs: Section,
    /// Where the checks start.
    pub(super) length: u64,
    pub(super) checks: u64,
    /// Packets of the capture: an entry each, and further ones for what they carry.
    pub(super) captured: u64,
    pub(super) orphan_fragments: u64,
    /// See [`crate::Ports::digest`].
    pub(super) ports: u64,
    pub(super) omitted_facts: u64,
}

/// What an index holds besides flows and packets.
pub(super) struct Rest {
    pub(super) sessions: Vec<Session>,
    pub(super) activity: Vec<Activity>,
    pub(super) unread: Vec<Unread>,
    pub(super) facts: Facts,
    pub(super) captured: u64,
    pub(super) orphan_fragments: u64,
    pub(super) ports: u64,
}

/// Writes what follows the runs.
pub(super) fn write(file: IndexFile, rest: Rest) -> io::Result<Box<dyn Storage>> {
    let Rest { captured, orphan_fragments, ports, .. } = rest;
    let IndexFile { mut out, runs } = file;
    let mut footer = Footer { captured, orphan_fragments, ports, ..Footer::default() };
    footer.sessions = out.table(&rest.sessions)?;
    footer.activity = out.table(&rest.activity)?;
    footer.unread = out.table(&rest.unread)?;
    footer.facts = Section { offset: out.position(), count: rest.facts.bytes.len() as u64 };
    out.write(&rest.facts.bytes)?;
    footer.omitted_facts = rest.facts.omitted;
    footer.runs = out.table(&runs)?;

    let (mut out, length, checks) = out.finish()?;
    (footer.length, footer.checks) = (length, checks.len() as u64);
    let mut end: Vec<u8> = checks.into_iter().flat_map(u64::to_le_bytes).collect();
    footer.write(&mut end);
    let Sha256(digest) = Sha256::of(&end);
    end.extend(digest);
    end.extend(MAGIC);
    out.write_at(length, &end)?;
    Ok(out)
}

impl Footer {
    fn sections(&mut self) -> [&mut Section; SECTIONS] {
        let Self { sessions, activity, unread, facts, runs, .. } = self;
        [sessions, activity, unread, facts, runs]
    }

    fn write(&mut self, out: &mut Vec<u8>) {
        for Section { offset, count } in self.sections() {
            out.extend(offset.to_le_bytes());
            out.extend(count.to_le_bytes());
        }
        let Self { length, checks, captured, orphan_fragments, ports, omitted_facts, .. } = *self;
        for number in [length, checks, captured, orphan_fragments, ports, omitted_facts] {
            out.extend(number.to_le_bytes());
        }
        out.extend(VERSION.to_le_bytes());
    }

    /// Reads the end of an index, and the checks before it.
    pub(super) fn read(storage: &dyn Storage) -> Result<(Self, Vec<u64>), IndexError> {
        let length = storage.length()?;
        let Some(start) = length.checked_sub(FOOTER as u64) else {
            return Err(IndexError::Foreign);
        };
        let mut bytes = vec![0; FOOTER];
        storage.read_at(start, &mut bytes)?;
        let (fields, tail) = bytes.split_at(FOOTER - 40);
        let (digest, magic) = tail.split_at(32);
        if magic != MAGIC {
            return Err(IndexError::Foreign);
        }
        let footer = Self::parse(fields)?;
        // The checks are as many as the file has room for: their number is not believed before.
        let room = start.checked_sub(footer.length).ok_or(IndexError::Damaged)?;
        if footer.checks.checked_mul(8) != Some(room) {
            return Err(IndexError::Damaged);
        }
        let mut checks = vec![0; usize::try_from(room).map_err(|_| IndexError::Damaged)?];
        storage.read_at(footer.length, &mut checks)?;
        let mut hasher = Sha256Hasher::default();
        hasher.update(&checks);
        hasher.update(fields);
        if hasher.finish().0 != digest {
            return Err(IndexError::Damaged);
        }
        let checks = checks.as_chunks().0.iter().map(|check| u64::from_le_bytes(*check));
        Ok((footer, checks.collect()))
    }

    fn parse(fields: &[u8]) -> Result<Self, IndexError> {
        let mut cursor = Cursor::new(fields);
        let mut footer = Self::default();
        let mut read = || {
            for section in footer.sections() {
                *section = Section { offset: cursor.le64()?, count: cursor.le64()? };
            }
            footer.length = cursor.le64()?;
            footer.checks = cursor.le64()?;
            footer.captured = cursor.le64()?;
            footer.orphan_fragments = cursor.le64()?;
            footer.ports = cursor.le64()?;
            footer.omitted_facts = cursor.le64()?;
            cursor.le32()
        };
        match read() {
            Some(VERSION) => Ok(footer),
            Some(found) => Err(IndexError::Version { found }),
            None => Err(IndexError::Damaged),
        }
    }
}

impl Section {
    /// Where the record at a place stands.
    pub(super) fn at<R: Record>(&self, place: u64) -> Option<u64> {
        let within = (place < self.count).then(|| place.checked_mul(R::LENGTH as u64))??;
        self.offset.checked_add(within)
    }
}

/// The widths that the description above states.
const _: () = {
    assert!(Piece::LENGTH == 28);
    assert!(Trace::LENGTH == 12 && PacketEntry::LENGTH == 77 && Flow::LENGTH == 142);
};
