//! Flow records as files for other programs.

use crate::exporting::{Export, Written, told, write_new};
use crate::meter::Unit;
use crate::{ErrorCode, Meter, Workbench, WorkbenchError};
use case::{ExportedFile, snapshot_seq};
use serde_json::json;
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
        let mut parameters = told(selection);
        parameters["file"] = path.display().to_string().into();
        let upto = snapshot_seq(&self.entries());
        let stoppable = self.stopped_by(meter.stopper());
        self.exporting(Export { format: "flows", upto, parameters }, meter, || {
            let exported = stoppable.write_flows(path, format, (selection, order), meter)?;
            let ExportedFlows { file, records } = &exported;
            let results = json!({ "records": records, "sha256": file.sha256.to_string() });
            Ok(Written { files: vec![file.clone()], results, exported })
        })
    }

    fn write_flows(
        &self,
        path: &Path,
        format: ExportFormat,
        (selection, order): (&Selection, Option<&Order>),
        meter: &Meter,
    ) -> Result<ExportedFlows, WorkbenchError> {
        let (records, file) = write_new(path, |_, out| {
            meter.step("putting the records in order", 0, 0);
            let (numbers, _) = self.ordered(selection, order)?;
            let total = numbers.len() as u64;
            meter.step_of(Unit::Record, WRITING, 0, total);
            let written = self.store()?.export_flows(&numbers, format, out, |written| {
                meter.step_of(Unit::Record, WRITING, written, total);
                if meter.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            Ok(written)
        })?;
        Ok(ExportedFlows { file, records })
    }
}
