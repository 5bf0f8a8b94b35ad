//! A file whose hash is taken as it is written.

use evidence::{Sha256, Sha256Hasher};
use std::fs::File;
use std::io::{self, BufWriter, Write};

pub(crate) struct Hashed {
    out: BufWriter<File>,
    hasher: Sha256Hasher,
    size: u64,
}

impl Hashed {
    pub(crate) fn new(out: BufWriter<File>) -> Self {
        Self { out, hasher: Sha256Hasher::default(), size: 0 }
    }

    /// What was written: its hash and its size in bytes.
    pub(crate) fn finish(mut self) -> io::Result<(Sha256, u64)> {
        self.out.flush()?;
        Ok((self.hasher.finish(), self.size))
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.hasher.update(bytes.get(..count).unwrap_or_default());
        self.size += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
