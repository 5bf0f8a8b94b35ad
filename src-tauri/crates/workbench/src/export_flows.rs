//! Flow records as files for other programs.

use crate::{ErrorCode, Workbench, WorkbenchError};
use case::{Act, ExportedFile, snapshot_seq};
use evidence::Sha256Hasher;
use serde_json::json;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use store::{ExportFormat, Order, Selection};

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
    /// Writes the selected records into a new file, all of them; the journal keeps its hash.
    ///
    /// # Errors
    /// [`ErrorCode::BadQuery`] if the filter or order is none or the name ends in neither `.csv` nor `.parquet`,
    /// [`ErrorCode::Unreadable`] if the file cannot be written.
    pub fn export_flows(
        &self,
        path: &Path,
        selection: &Selection,
        order: Option<&Order>,
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
        match self.write_flows(path, format, selection, order) {
            Ok(exported) => {
                let files = vec![exported.file.clone()];
                self.record(Act::Exported { format: "flows".to_owned(), upto, files })?;
                let results = json!({ "records": exported.records, "sha256": exported.file.sha256.to_string() });
                self.record(Act::Done { of: begun, results })?;
                Ok(exported)
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
        selection: &Selection,
        order: Option<&Order>,
    ) -> Result<ExportedFlows, WorkbenchError> {
        let path = std::path::absolute(path)
            .map_err(|error| WorkbenchError::file("write", path, error))?;
        let partial = PathBuf::from(format!("{}.partial", path.display()));
        let failed = |error| WorkbenchError::file("write", &path, error);
        // A file that is there may be evidence: nothing is written over.
        if path.exists() {
            return Err(failed(io::Error::new(io::ErrorKind::AlreadyExists, "the file exists")));
        }
        let file = File::create_new(&partial).map_err(failed)?;
        let mut out =
            Hashed { out: BufWriter::new(file), hasher: Sha256Hasher::default(), size: 0 };
        let written = self.store()?.export_flows(selection, order, format, &mut out);
        let records = match written {
            Ok(records) => records,
            Err(error) => {
                // Half a file under any name would be taken for a whole one.
                let _ = fs::remove_file(&partial);
                return Err(error.into());
            }
        };
        let Hashed { mut out, hasher, size } = out;
        out.flush().and_then(|()| fs::rename(&partial, &path)).map_err(failed)?;
        let file = ExportedFile { path: path.display().to_string(), size, sha256: hasher.finish() };
        Ok(ExportedFlows { file, records })
    }
}

/// A file whose hash is taken as it is written.
struct Hashed {
    out: BufWriter<File>,
    hasher: Sha256Hasher,
    size: u64,
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
