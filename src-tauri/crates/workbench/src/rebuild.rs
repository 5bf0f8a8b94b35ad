//! Making the cache anew from evidence and journal.

use crate::intake::Progress;
use crate::{AddSummary, Workbench, WorkbenchError};
use std::fs;
use std::sync::atomic::AtomicBool;
use store::Store;

impl Workbench {
    /// Throws the database and the indexes away and reads all evidence again. Evidence that is not where it was, or is
    /// not what it was, is listed and left out; the journal is not touched.
    ///
    /// # Errors
    /// If the case's folder cannot be written.
    pub fn rebuild(
        self,
        progress: &mut dyn FnMut(&Progress),
        cancel: &AtomicBool,
    ) -> Result<(Self, AddSummary), WorkbenchError> {
        let Self { folder, store, author, known, clock, .. } = self;
        drop(store);
        let path = folder.path().join("case.duckdb");
        for stale in [path.clone(), path.with_extension("duckdb.wal")] {
            match fs::remove_file(&stale) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(WorkbenchError::file("remove", &stale, error));
                }
                _ => {}
            }
        }
        let store = Store::open(&path)?;
        let mut workbench = Self { folder, store, author, known, clock, captures: None };
        let summary = workbench.read_again(progress, cancel)?;
        Ok((workbench, summary))
    }
}
