//! The index as a file: magic, version, three tables of fixed-width little-endian records, SHA-256.

use super::Index;
use evidence::{Cursor, Sha256, Sha256Hasher};
use records::Record;
use std::io::{self, ErrorKind, Read, Write};

mod records;

const MAGIC: [u8; 8] = *b"tidemark";
/// Raised with every change of the records, or of the rules by which they are made.
const VERSION: u32 = 1;
/// Records that are read or written at once.
const BATCH: u64 = 4096;

/// Why a stored index cannot be used. Nothing is lost: it can be built again from the evidence.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The file cannot be read.
    #[error("the packet index cannot be read")]
    Read(#[from] io::Error),
    /// It is something else.
    #[error("this is not a packet index; rebuild it from the capture")]
    Foreign,
    /// It was written by another version of this program.
    #[error("the packet index has version {found}, not {VERSION}; rebuild it from the capture")]
    Version {
        /// The version that it states.
        found: u32,
    },
    /// Its checksum, its length or one of its fields is wrong.
    #[error("the packet index is damaged; rebuild it from the capture")]
    Damaged,
}

impl Index {
    /// Writes the index.
    ///
    /// # Errors
    /// Whatever `out` answers.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut out = Writer { out, hasher: Sha256Hasher::default() };
        out.bytes(&MAGIC)?;
        out.bytes(&VERSION.to_le_bytes())?;
        out.table(&self.sessions)?;
        out.table(&self.flows)?;
        out.table(&self.packets)?;
        let Sha256(digest) = out.hasher.finish();
        out.out.write_all(&digest)
    }

    /// Reads an index that [`Index::write`] wrote, to the end of `input`.
    ///
    /// # Errors
    /// See [`IndexError`].
    pub fn read(input: &mut dyn Read) -> Result<Self, IndexError> {
        let mut input = Reader { input, hasher: Sha256Hasher::default() };
        if input.array::<8>()? != MAGIC {
            return Err(IndexError::Foreign);
        }
        let found = u32::from_le_bytes(input.array()?);
        if found != VERSION {
            return Err(IndexError::Version { found });
        }
        let sessions = input.table()?;
        let flows: Vec<super::Flow> = input.table()?;
        let packets: Vec<super::PacketEntry> = input.table()?;
        let Reader { input, hasher } = input;
        let Sha256(expected) = hasher.finish();
        let mut tail = Vec::new();
        input.take(33).read_to_end(&mut tail)?;
        let session_known = |session: u32| (session as usize) < sessions.len();
        let flow_known = |flow: u32| (flow as usize) < flows.len();
        let sound = tail == expected
            && flows.iter().all(|flow| session_known(flow.session))
            && packets.iter().filter_map(|packet| packet.flow).all(flow_known);
        if sound { Ok(Self::assemble(sessions, flows, packets)) } else { Err(IndexError::Damaged) }
    }
}

struct Writer<'w> {
    out: &'w mut dyn Write,
    hasher: Sha256Hasher,
}

impl Writer<'_> {
    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.out.write_all(bytes)
    }

    fn table<R: Record>(&mut self, records: &[R]) -> io::Result<()> {
        self.bytes(&(records.len() as u64).to_le_bytes())?;
        let mut bytes = Vec::new();
        for batch in records.chunks(BATCH as usize) {
            bytes.clear();
            batch.iter().for_each(|record| record.write(&mut bytes));
            self.bytes(&bytes)?;
        }
        Ok(())
    }
}

struct Reader<'r> {
    input: &'r mut dyn Read,
    hasher: Sha256Hasher,
}

impl Reader<'_> {
    fn exact(&mut self, bytes: &mut [u8]) -> Result<(), IndexError> {
        self.input.read_exact(bytes).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => IndexError::Damaged,
            _ => IndexError::Read(error),
        })?;
        self.hasher.update(bytes);
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], IndexError> {
        let mut bytes = [0; N];
        self.exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Grows with what is really there, whatever number of records is stated.
    fn table<R: Record>(&mut self) -> Result<Vec<R>, IndexError> {
        let mut left = u64::from_le_bytes(self.array()?);
        let mut records = Vec::new();
        let mut bytes = Vec::new();
        while left > 0 {
            let batch = left.min(BATCH);
            bytes.resize((batch as usize).saturating_mul(R::LENGTH), 0);
            self.exact(&mut bytes)?;
            for record in bytes.chunks_exact(R::LENGTH) {
                let record = R::read(&mut Cursor::new(record)).ok_or(IndexError::Damaged)?;
                records.push(record);
            }
            left = left.saturating_sub(batch);
        }
        Ok(records)
    }
}

#[cfg(test)]
mod tests;
