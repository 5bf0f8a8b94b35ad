//! Bytes with a check for each block of them, so that a few can be read and believed without reading all.

use super::IndexError;
use super::file::Section;
use super::records::Record;
use super::storage::Storage;
use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, PoisonError};
use twox_hash::XxHash3_64;

/// Unit: bytes.
const BLOCK: usize = 16 * 1024;
/// Blocks at hand: a mebibyte, since there may be hundreds of captures.
const KEPT: usize = 64;
/// Blocks that are read or written at once when all are.
const RUN: usize = 64;
/// Unit: bytes.
const AT_ONCE: usize = RUN * BLOCK;

/// Writes front to back.
pub(super) struct CheckedWriter {
    out: Box<dyn Storage>,
    /// Where the open blocks start.
    at: u64,
    open: Vec<u8>,
    checks: Vec<u64>,
}

impl CheckedWriter {
    pub(super) fn new(out: Box<dyn Storage>) -> Self {
        Self { out, at: 0, open: Vec::new(), checks: Vec::new() }
    }

    /// Where the next byte will stand.
    pub(super) fn position(&self) -> u64 {
        self.at.saturating_add(self.open.len() as u64)
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.open.extend_from_slice(bytes);
        self.flush_whole()
    }

    pub(super) fn record<R: Record>(&mut self, record: &R) -> io::Result<()> {
        record.write(&mut self.open);
        self.flush_whole()
    }

    fn flush_whole(&mut self) -> io::Result<()> {
        let whole = self.open.len().checked_div(AT_ONCE).unwrap_or(0).saturating_mul(AT_ONCE);
        if whole > 0 { self.flush(whole) } else { Ok(()) }
    }

    /// Writes these records, and says where they stand.
    pub(super) fn table<R: Record>(&mut self, records: &[R]) -> io::Result<Section> {
        let section = Section { offset: self.position(), count: records.len() as u64 };
        records.iter().try_for_each(|record| self.record(record))?;
        Ok(section)
    }

    /// Writes the first bytes of what is open: whole blocks, but at the end.
    fn flush(&mut self, count: usize) -> io::Result<()> {
        let done = self.open.get(..count).unwrap_or_default();
        self.checks.extend(done.chunks(BLOCK).map(XxHash3_64::oneshot));
        self.out.write_at(self.at, done)?;
        self.at = self.at.saturating_add(done.len() as u64);
        self.open.drain(..count);
        Ok(())
    }

    /// Gives where it was written, how long it is, and the checks.
    pub(super) fn finish(mut self) -> io::Result<(Box<dyn Storage>, u64, Vec<u64>)> {
        self.flush(self.open.len())?;
        Ok((self.out, self.at, self.checks))
    }
}

/// Reads any of it; what fails its check is never given.
pub(super) struct CheckedReader {
    storage: Box<dyn Storage>,
    length: u64,
    checks: Vec<u64>,
    kept: Mutex<HashMap<u64, Vec<u8>>>,
}

impl CheckedReader {
    pub(super) fn new(storage: Box<dyn Storage>, length: u64, checks: Vec<u64>) -> Self {
        Self { storage, length, checks, kept: Mutex::default() }
    }

    /// Appends the `length` bytes from `offset` to `out`.
    pub(super) fn read(
        &self,
        offset: u64,
        length: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), IndexError> {
        if length > AT_ONCE {
            return self.read_run(offset, length, out);
        }
        let (mut at, end) = (offset, offset.saturating_add(length as u64));
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        while at < end {
            let number = at.checked_div(BLOCK as u64).unwrap_or(0);
            if !kept.contains_key(&number) {
                if kept.len() >= KEPT {
                    kept.clear();
                }
                let mut block = Vec::new();
                self.blocks(number, 1, &mut block)?;
                kept.insert(number, block);
            }
            let block = kept.get(&number).ok_or(IndexError::Damaged)?;
            let start = number.saturating_mul(BLOCK as u64);
            let within = |place: u64| usize::try_from(place.saturating_sub(start)).ok();
            let from = within(at).ok_or(IndexError::Damaged)?;
            let to = within(end).ok_or(IndexError::Damaged)?.min(block.len());
            let part = block.get(from..to).filter(|part| !part.is_empty());
            out.extend_from_slice(part.ok_or(IndexError::Damaged)?);
            at = start.saturating_add(to as u64);
        }
        Ok(())
    }

    /// The same for much of it, which does not displace what is at hand.
    fn read_run(&self, offset: u64, length: usize, out: &mut Vec<u8>) -> Result<(), IndexError> {
        let block = BLOCK as u64;
        let (mut at, end) = (offset, offset.saturating_add(length as u64));
        let mut run = Vec::new();
        while at < end {
            let number = at.checked_div(block).unwrap_or(0);
            let start = number.saturating_mul(block);
            let last = end.div_ceil(block);
            let count = last.saturating_sub(number).min(RUN as u64);
            run.clear();
            self.blocks(number, count, &mut run)?;
            let within = |place: u64| usize::try_from(place.saturating_sub(start)).ok();
            let from = within(at).ok_or(IndexError::Damaged)?;
            let to = within(end).ok_or(IndexError::Damaged)?.min(run.len());
            let part = run.get(from..to).filter(|part| !part.is_empty());
            out.extend_from_slice(part.ok_or(IndexError::Damaged)?);
            at = start.saturating_add(to as u64);
        }
        Ok(())
    }

    fn blocks(&self, first: u64, count: u64, out: &mut Vec<u8>) -> Result<(), IndexError> {
        let block = BLOCK as u64;
        let start = first.saturating_mul(block);
        let end = start.saturating_add(count.saturating_mul(block)).min(self.length);
        let length = usize::try_from(end.saturating_sub(start)).ok();
        out.resize(length.filter(|length| *length > 0).ok_or(IndexError::Damaged)?, 0);
        self.storage.read_at(start, out)?;
        let checks = usize::try_from(first).ok().and_then(|first| self.checks.get(first..));
        let mut checks = checks.unwrap_or_default().iter();
        for block in out.chunks(BLOCK) {
            if checks.next() != Some(&XxHash3_64::oneshot(block)) {
                return Err(IndexError::Damaged);
            }
        }
        Ok(())
    }
}
