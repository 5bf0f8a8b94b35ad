//! Writing the report.

use crate::exporting::{Export, Written};
use crate::verify::MANIFEST;
use crate::{ErrorCode, Meter, Workbench, WorkbenchError};
use case::{ExportedFile, snapshot_seq};
use evidence::Sha256;
use report::Snapshot;
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

/// What is to be written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportWish {
    /// In these forms.
    pub formats: Vec<ReportFormat>,
    /// Up to this journal entry; by default the last that is not an export.
    pub upto: Option<u64>,
    /// The time that the report states as its own (ns); by default that entry's.
    pub at: Option<i64>,
    /// Titles of the parts to leave out; the report says so.
    pub without: Vec<String>,
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
    /// The titles of the report's parts, each with what it would hold in a few words.
    ///
    /// # Errors
    /// If the case cannot be read.
    pub fn report_outline(&self) -> Result<Vec<(String, String)>, WorkbenchError> {
        let snapshot = self.snapshot(snapshot_seq(&self.entries()), None)?;
        let parts = report::outline(&snapshot).into_iter();
        Ok(parts.map(|(title, about)| (title.to_owned(), about)).collect())
    }

    /// Writes the report of the case into `folder`: its files, and a list of their hashes. The same case and the same
    /// wish give the same bytes.
    ///
    /// # Errors
    /// [`ErrorCode::Unreadable`] if the folder cannot be written.
    pub fn export_report(
        &self,
        folder: &Path,
        wish: &ReportWish,
    ) -> Result<Exported, WorkbenchError> {
        let _alone = self.alone()?;
        let upto = wish.upto.unwrap_or_else(|| snapshot_seq(&self.entries()));
        let parameters = json!({
            "folder": folder.display().to_string(), "upto": upto, "without": wish.without,
        });
        let export = Export { format: "report", upto, parameters };
        self.exporting(export, &Meter::default(), || {
            let exported = self.write_report(folder, wish, upto)?;
            let files = exported.files.clone();
            let hashes: Vec<_> = files.iter().map(|file| file.sha256.to_string()).collect();
            Ok(Written { exported, files, results: json!({ "sha256": hashes }) })
        })
    }

    fn write_report(
        &self,
        folder: &Path,
        wish: &ReportWish,
        upto: u64,
    ) -> Result<Exported, WorkbenchError> {
        let snapshot = Snapshot { without: wish.without.clone(), ..self.snapshot(upto, wish.at)? };
        let folder = std::path::absolute(folder)
            .map_err(|error| WorkbenchError::file("write", folder, error))?;
        fs::create_dir_all(&folder)
            .map_err(|error| WorkbenchError::file("write", &folder, error))?;
        let mut files = Vec::new();
        let mut manifest = String::new();
        for format in &wish.formats {
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
