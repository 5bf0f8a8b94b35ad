//! Flow records as files for other programs.

use crate::hashed::Hashed;
use crate::meter::Unit;
use crate::new_file::NewFile;
use crate::{ErrorCode, Meter, Workbench, WorkbenchError};
use case::{Act, ExportedFile, snapshot_seq};
use serde_json::json;
use std::io::BufWriter;
use std::ops::ControlFlow;
use std::path::Path;
use store::{ExportFormat, Order, Selection};

/// What is done meanwhile.
const WRITING: &str = "writing records";

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedFlows {
    /// The file.
    pub file: ExportedFile,
    /// Records in it.
    pub records: u64,
}

/// The format that the ending of a name asks for.
pub fn export_format(path: &Path) -> Option<ExportFormat> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => Some(ExportFormat::Csv),
        Some("parquet") => Some(ExportFormat::Parquet),
        _ => None,
    }
}

impl Workbench {
    /// Writes the selected records into a new file, all of them. There is a file of that name once it is whole and on the
    /// medium, and not before; then the journal gets its hash.
    ///
    /// # Errors
    /// [`ErrorCode::BadQuery`] if the filter or order is none or the name ends in neither `.csv` nor `.parquet`,
    /// [`ErrorCode::Unreadable`] if the file is there already or cannot be written, [`ErrorCode::Cancelled`].
    pub fn export_flows(
        &self,
        path: &Path,
        selection: &Selection,
        order: Option<&Order>,
        meter: &Meter,
    ) -> Result<ExportedFlows, WorkbenchError> {
        let format = export_format(path).ok_or_else(|| {
            WorkbenchError::new(
                ErrorCode::BadQuery,
                format!("{} ends in neither .csv nor .parquet", path.display()),
            )
        })?;
        let _alone = self.alone()?;
        let upto = snapshot_seq(&self.entries());
        let begun = self.record(Act::Begin {
            operation: Act::EXPORT.to_owned(),
            parameters: json!({
                "file": path.display().to_string(),
                "filter": selection.filter,
                "from": selection.from.map(crate::moment::microseconds),
                "to": selection.to.map(crate::moment::microseconds),
                "all_sources": selection.all_sources,
            }),
        })?;
        let stoppable = self.stopped_by(meter.stopper());
        match stoppable.write_flows(path, format, (selection, order), meter) {
            Ok(exported) => {
                let files = vec![exported.file.clone()];
                self.record(Act::Exported { format: "flows".to_owned(), upto, files })?;
                let results = json!({ "records": exported.records, "sha256": exported.file.sha256.to_string() });
                self.record(Act::Done { of: begun, results })?;
                Ok(exported)
            }
            Err(_) if meter.is_stopped() => {
                self.record(Act::Cancelled { of: begun })?;
                Err(WorkbenchError::new(
                    ErrorCode::Cancelled,
                    "it was cancelled: no file was written",
                ))
            }
            Err(error) => {
                self.record(Act::Failed { of: begun, cause: error.to_string() })?;
                Err(error)
            }
        }
    }

    fn write_flows(
        &self,
        path: &Path,
        format: ExportFormat,
        (selection, order): (&Selection, Option<&Order>),
        meter: &Meter,
    ) -> Result<ExportedFlows, WorkbenchError> {
        let path = std::path::absolute(path)
            .map_err(|error| WorkbenchError::file("write", path, error))?;
        let failed = |error| WorkbenchError::file("write", &path, error);
        // First of all: what is known to fail need not be waited for.
        let file = NewFile::create(&path).map_err(failed)?;
        meter.step("putting the records in order", 0, 0);
        let (numbers, _) = self.ordered(selection, order)?;
        let total = numbers.len() as u64;
        let mut out = Hashed::new(BufWriter::new(file.bytes().map_err(failed)?));
        meter.step_of(Unit::Record, WRITING, 0, total);
        let records = self.store()?.export_flows(&numbers, format, &mut out, |written| {
            meter.step_of(Unit::Record, WRITING, written, total);
            if meter.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        let (hasher, size) = out.finish().map_err(failed)?;
        file.keep().map_err(failed)?;
        let file = ExportedFile { path: path.display().to_string(), size, sha256: hasher.finish() };
        Ok(ExportedFlows { file, records })
    }
}
