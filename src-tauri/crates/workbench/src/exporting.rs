//! How anything leaves a case: the journal says so before and after, and a file gets its name once it is whole.

use crate::hashed::Hashed;
use crate::new_file::NewFile;
use crate::{ErrorCode, Meter, Workbench, WorkbenchError};
use case::{Act, ExportedFile};
use serde_json::{Value, json};
use std::io::BufWriter;
use std::path::Path;
use store::Selection;

/// What the journal is told before anything is written.
pub(crate) struct Export {
    /// What is written, as the journal calls it.
    pub(crate) format: &'static str,
    /// The journal entry that it is of.
    pub(crate) upto: u64,
    pub(crate) parameters: Value,
}

/// What was written, and what the journal says of it.
pub(crate) struct Written<T> {
    pub(crate) exported: T,
    pub(crate) files: Vec<ExportedFile>,
    pub(crate) results: Value,
}

impl Workbench {
    /// Writes an export between the two entries that the journal has of it.
    pub(crate) fn exporting<T>(
        &self,
        export: Export,
        meter: &Meter,
        write: impl FnOnce() -> Result<Written<T>, WorkbenchError>,
    ) -> Result<T, WorkbenchError> {
        let Export { format, upto, parameters } = export;
        let begun = self.record(Act::Begin { operation: Act::EXPORT.to_owned(), parameters })?;
        match write() {
            Ok(Written { exported, files, results }) => {
                self.record(Act::Exported { format: format.to_owned(), upto, files })?;
                self.record(Act::Done { of: begun, results })?;
                Ok(exported)
            }
            Err(_) if meter.is_stopped() => {
                self.record(Act::Cancelled { of: begun })?;
                Err(cancelled())
            }
            Err(error) => {
                self.record(Act::Failed { of: begun, cause: error.to_string() })?;
                Err(error)
            }
        }
    }
}

/// Why there is no file after an export was stopped.
pub(crate) fn cancelled() -> WorkbenchError {
    WorkbenchError::new(ErrorCode::Cancelled, "it was cancelled: no file was written")
}

/// Writes a new file: there is one of that name once it is whole and on the medium, and not before. `write` is given its
/// absolute path.
pub(crate) fn write_new<T>(
    path: &Path,
    write: impl FnOnce(&Path, &mut Hashed) -> Result<T, WorkbenchError>,
) -> Result<(T, ExportedFile), WorkbenchError> {
    let path =
        std::path::absolute(path).map_err(|error| WorkbenchError::file("write", path, error))?;
    let failed = |error| WorkbenchError::file("write", &path, error);
    // First of all: what is known to fail need not be waited for.
    let file = NewFile::create(&path).map_err(failed)?;
    let mut out = Hashed::new(BufWriter::new(file.bytes().map_err(failed)?));
    let written = write(&path, &mut out)?;
    let (sha256, size) = out.finish().map_err(failed)?;
    file.keep().map_err(failed)?;
    Ok((written, ExportedFile { path: path.display().to_string(), size, sha256 }))
}

/// What the journal says of a selection.
pub(crate) fn told(selection: &Selection) -> Value {
    json!({
        "filter": selection.filter,
        "from": selection.from.map(crate::moment::microseconds),
        "to": selection.to.map(crate::moment::microseconds),
        "all_sources": selection.all_sources,
    })
}
