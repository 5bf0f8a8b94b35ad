//! Making the cache anew from evidence and journal.

use crate::{AddSummary, Clock, Meter, Workbench, WorkbenchError};
use std::fs;
use std::path::Path;

impl Workbench {
    /// Opens a case with a new database: throws the old one away, which may be damaged, and reads all evidence again.
    /// Evidence that is not where it was, or is not what it was, is listed and left out; the journal is not touched.
    /// What is cut off here is taken up when the case is opened.
    ///
    /// # Errors
    /// As [`Workbench::open`], [`crate::ErrorCode::Cancelled`], or if the case's folder cannot be written.
    pub fn rebuild(
        path: &Path,
        clock: Clock,
        meter: &Meter,
    ) -> Result<(Self, AddSummary), WorkbenchError> {
        let (folder, author) = Self::folder(path, clock)?;
        let database = path.join("case.duckdb");
        for stale in [database.clone(), database.with_extension("duckdb.wal")] {
            match fs::remove_file(&stale) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(WorkbenchError::file("remove", &stale, error));
                }
                _ => {}
            }
        }
        let workbench = Self::over(folder, author, clock)?;
        workbench.forget_what_does_not_count()?;
        let summary = workbench.read_missing(meter)?;
        Ok((workbench, summary))
    }
}
