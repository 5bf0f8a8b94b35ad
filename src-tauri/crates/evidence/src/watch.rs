//! Watching a first pass from another thread, and stopping it.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How many bytes of the files themselves were read, and whether reading is to stop.
#[derive(Debug, Default)]
pub struct Watch {
    read: AtomicU64,
    stopped: AtomicBool,
}

/// Why reading ended: somebody stopped it.
#[derive(Debug)]
struct Stopped;

impl Watch {
    /// Unit: bytes.
    pub fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Makes the next read fail.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether reading was told to stop.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Whether an error says that reading was stopped, and not that something is wrong.
    pub fn stopped(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Stopped>())
    }

    /// Fails if reading was told to stop, for whoever reads without [`Intake`](crate::Intake).
    ///
    /// # Errors
    /// One that [`Watch::stopped`] knows.
    pub fn go_on(&self) -> io::Result<()> {
        if self.is_stopped() { Err(io::Error::other(Stopped)) } else { Ok(()) }
    }

    pub(crate) fn pass(&self, count: usize) -> io::Result<()> {
        self.go_on()?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(())
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("reading was stopped")
    }
}

impl std::error::Error for Stopped {}
