//! Writing the report.

use crate::verify::MANIFEST;
use crate::{ErrorCode, Workbench, WorkbenchError};
use case::{Act, ExportedFile, snapshot_seq};
use evidence::Sha256;
use serde_json::json;
use std::fs;
use std::path::Path;

/// The forms that a report is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFormat {
    /// One self-contained page.
    Html,
    /// The same for paper.
    Pdf,
}

impl ReportFormat {
    fn file_name(self) -> &'static str {
        match self {
            Self::Html => "report.html",
            Self::Pdf => "report.pdf",
        }
    }
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The files, the manifest last.
    pub files: Vec<ExportedFile>,
    /// The journal entry that the report ends at, and its hash: the anchor to keep elsewhere.
    pub head: (u64, Sha256),
}

impl Workbench {
    /// Writes the report of the case into `folder`: its files, and a list of their hashes. The same case gives the
    /// same bytes: the report ends at journal entry `upto` (by default the last that is not an export), and states the
    /// time `at` (ns; by default that entry's) as its own.
    ///
    /// # Errors
    /// [`ErrorCode::Unreadable`] if the folder cannot be written.
    pub fn export_report(
        &mut self,
        folder: &Path,
        formats: &[ReportFormat],
        upto: Option<u64>,
        at: Option<i64>,
    ) -> Result<Exported, WorkbenchError> {
        let upto = upto.unwrap_or_else(|| snapshot_seq(self.folder.entries()));
        let begun = self.record(Act::Begin {
            operation: Act::EXPORT.to_owned(),
            parameters: json!({ "folder": folder.display().to_string(), "upto": upto }),
        })?;
        match self.write_report(folder, formats, upto, at) {
            Ok(exported) => {
                let files = exported.files.clone();
                self.record(Act::Exported { format: "report".to_owned(), upto, files })?;
                let hashes: Vec<_> =
                    exported.files.iter().map(|file| file.sha256.to_string()).collect();
                self.record(Act::Done { of: begun, results: json!({ "sha256": hashes }) })?;
                Ok(exported)
            }
            Err(error) => {
                self.record(Act::Failed { of: begun, cause: error.to_string() })?;
                Err(error)
            }
        }
    }

    fn write_report(
        &mut self,
        folder: &Path,
        formats: &[ReportFormat],
        upto: u64,
        at: Option<i64>,
    ) -> Result<Exported, WorkbenchError> {
        let snapshot = self.snapshot(upto, at)?;
        let folder = std::path::absolute(folder)
            .map_err(|error| WorkbenchError::file("write", folder, error))?;
        fs::create_dir_all(&folder)
            .map_err(|error| WorkbenchError::file("write", &folder, error))?;
        let mut files = Vec::new();
        let mut manifest = String::new();
        for format in formats {
            let bytes = match format {
                ReportFormat::Html => report::html(&snapshot).into_bytes(),
                ReportFormat::Pdf => report::pdf(&snapshot).map_err(|error| {
                    WorkbenchError::caused(ErrorCode::Internal, error.to_string(), error)
                })?,
            };
            let file = write_whole(&folder, format.file_name(), &bytes)?;
            manifest.push_str(&format!("{}  {}\n", file.sha256, format.file_name()));
            files.push(file);
        }
        files.push(write_whole(&folder, MANIFEST, manifest.as_bytes())?);
        Ok(Exported { files, head: (snapshot.head.seq, snapshot.head.hash) })
    }
}

/// Writes a file under another name first, so that a full disk leaves no half of a report under its name.
fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> Result<ExportedFile, WorkbenchError> {
    let path = folder.join(name);
    let partial = folder.join(format!("{name}.partial"));
    fs::write(&partial, bytes)
        .and_then(|()| fs::rename(&partial, &path))
        .map_err(|error| WorkbenchError::file("write", &path, error))?;
    Ok(ExportedFile {
        path: path.display().to_string(),
        size: bytes.len() as u64,
        sha256: Sha256::of(bytes),
    })
}
