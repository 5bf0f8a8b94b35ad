//! What is kept of a capture besides the capture itself, in two files named by its SHA-256.
//!
//! `….index` is the packet index, as [`capture::IndexBuilder`] writes it. `….blocks` is how to read any part of the content
//! again, as [`Rereading`] writes it. Both are a cache: if one is damaged, the capture is read anew.

use capture::{Defragmented, Fact, IndexBuilder, Limits, PacketIndex, Ports, RawPacket};
use evidence::{Rereading, Sha256};
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;
use tempfile::NamedTempFile;

/// What the names of files begin with that are not whole yet; a process that is killed leaves them behind.
pub(crate) const PARTIAL: &str = "partial-";

/// The folder of both.
#[derive(Debug, Clone)]
pub(crate) struct IndexFolder(pub(crate) PathBuf);

/// An index in the making, in a file that is gone unless it is kept.
pub(crate) struct NewIndex {
    builder: IndexBuilder,
    partial: NamedTempFile,
}

impl NewIndex {
    pub(crate) fn packets(&self) -> u64 {
        self.builder.packets()
    }

    pub(crate) fn note(&mut self, fact: &Fact<'_>) {
        self.builder.note(fact);
    }

    pub(crate) fn add(&mut self, packet: &RawPacket<'_>) -> io::Result<()> {
        self.builder.add(packet)
    }
}

impl IndexFolder {
    /// An index to be made of a capture whose hash is not known yet.
    pub(crate) fn begin(&self, ports: Ports) -> io::Result<NewIndex> {
        let partial = self.partial()?;
        let out = Box::new(partial.reopen()?);
        Ok(NewIndex { builder: IndexBuilder::new(Limits::default(), ports, out), partial })
    }

    /// Writes both files, each whole or not at all, and says what became of fragments.
    pub(crate) fn keep(
        &self,
        sha256: Sha256,
        first: &Rereading,
        index: NewIndex,
    ) -> io::Result<Defragmented> {
        let NewIndex { builder, partial } = index;
        let (_, fragments) = builder.finish()?;
        partial.as_file().sync_all()?;
        partial.persist(self.index_path(sha256)).map_err(|error| error.error)?;
        let mut partial = self.partial()?;
        let mut out = BufWriter::new(partial.as_file_mut());
        first.write(&mut out)?;
        out.flush()?;
        drop(out);
        partial.as_file().sync_all()?;
        partial.persist(self.blocks_path(sha256)).map_err(|error| error.error)?;
        Ok(fragments)
    }

    /// Opens both; anything but what was written with these ports is an error.
    pub(crate) fn open(
        &self,
        sha256: Sha256,
        ports: &Ports,
    ) -> io::Result<(Rereading, PacketIndex)> {
        let first = Rereading::read(File::open(self.blocks_path(sha256))?)?;
        let file = File::open(self.index_path(sha256))?;
        let index = PacketIndex::open(Box::new(file)).map_err(io::Error::other)?;
        match index.is_of(ports) {
            true => Ok((first, index)),
            false => Err(io::Error::other("tunnels were looked for at other ports")),
        }
    }

    fn partial(&self) -> io::Result<NamedTempFile> {
        tempfile::Builder::new().prefix(PARTIAL).tempfile_in(&self.0)
    }

    fn index_path(&self, sha256: Sha256) -> PathBuf {
        self.0.join(format!("{sha256}.index"))
    }

    fn blocks_path(&self, sha256: Sha256) -> PathBuf {
        self.0.join(format!("{sha256}.blocks"))
    }
}
