//! Is everything still what it was? Reads, and writes nothing.

use crate::reopen::Reopened;
use crate::{ErrorCode, Meter, WorkbenchError};
use case::{ReadOnlyCase, project};
use evidence::{Intake, Place, Sha256, Watch};
use serde::Serialize;
use std::fs;
use std::path::Path;

/// Name of the list of hashes beside an exported report; `sha256sum -c` reads it too.
pub(crate) const MANIFEST: &str = "manifest-sha256.txt";

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Verification {
    /// Nothing was changed.
    pub ok: bool,
    /// Files hashed.
    pub files: u64,
    /// Journal entries checked.
    pub entries: u64,
    /// Packets of a slice checked.
    pub packets: u64,
    /// What is not what it was.
    pub failures: Vec<Failure>,
}

/// One thing that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Failure {
    /// Stable name of the kind.
    pub what: String,
    /// The file.
    pub path: Option<String>,
    /// The journal entry.
    pub entry: Option<u64>,
    /// What it should be.
    pub expected: String,
    /// What it is.
    pub found: String,
}

/// Checks a case (its journal, its evidence, what was exported from it) or an exported report by its manifest.
/// `head` is an anchor from outside: an entry number and its hash.
///
/// # Errors
/// [`ErrorCode::NotFound`] if the path is neither.
pub fn verify(
    path: &Path,
    head: Option<(u64, Sha256)>,
    meter: &Meter,
) -> Result<Verification, WorkbenchError> {
    if path.join("journal.jsonl").is_file() {
        verify_case(path, head, meter)
    } else if path.join(MANIFEST).is_file() {
        verify_manifest(path, meter)
    } else if path.parent().is_some_and(|folder| path.is_file() && folder.join(MANIFEST).is_file())
    {
        verify_manifest(path.parent().unwrap_or(path), meter)
    } else {
        Err(WorkbenchError::new(
            ErrorCode::NotFound,
            format!("{} is neither a case nor an exported report", path.display()),
        ))
    }
}

fn verify_case(
    path: &Path,
    head: Option<(u64, Sha256)>,
    meter: &Meter,
) -> Result<Verification, WorkbenchError> {
    let case = ReadOnlyCase::open(path)?;
    let mut found = Verification { entries: case.check.entries, ..Verification::default() };
    let anchor = head.and_then(|(seq, hash)| case.check.check_head(seq, hash).err());
    for failure in case.check.failures.iter().chain(&anchor) {
        found.failures.push(Failure {
            what: format!("journal_{}", failure.what),
            path: Some(path.join("journal.jsonl").display().to_string()),
            entry: Some(failure.entry),
            expected: failure.expected.clone(),
            found: failure.found.clone(),
        });
    }
    let state = project(&case.entries, None);
    let mut held = Vec::new();
    for item in &state.evidence {
        // A place that is no more is no loss while another still has the bytes.
        let there = |at: &&case::Location| Path::new(&at.path).exists();
        let places: Vec<_> = match item.locations.iter().filter(there).collect::<Vec<_>>() {
            none if none.is_empty() => item.locations.iter().collect(),
            some => some,
        };
        for location in places {
            let place = Place::within(&location.path, location.member.as_deref());
            held.push(("evidence", place, item.seq, item.sha256));
        }
    }
    for export in &state.exports {
        for file in &export.files {
            held.push(("export", Path::new(&file.path).into(), export.seq, file.sha256));
        }
    }
    let size = |place: &Place| fs::metadata(&place.path).map_or(0, |file| file.len());
    let files = held.iter().filter(|(_, place, ..)| place.members.is_empty());
    meter.expect_bytes(files.map(|(_, place, ..)| size(place)).sum());
    let total = held.len() as u64;
    let mut reopened = Reopened::default();
    for (done, (what, place, entry, sha256)) in (0..).zip(held) {
        meter.step(&place.to_string(), done, total);
        found.hold(what, &mut reopened, &place, (entry, sha256), meter)?;
    }
    found.ok = found.failures.is_empty();
    Ok(found)
}

fn verify_manifest(folder: &Path, meter: &Meter) -> Result<Verification, WorkbenchError> {
    let manifest = folder.join(MANIFEST);
    let text = fs::read_to_string(&manifest)
        .map_err(|error| WorkbenchError::file("read", &manifest, error))?;
    let mut found = Verification::default();
    let mut reopened = Reopened::default();
    for line in text.lines() {
        match line.split_once("  ").map(|(hash, name)| (hash.parse::<Sha256>(), name)) {
            Some((Ok(sha256), name)) => {
                found.hold(
                    "export",
                    &mut reopened,
                    &folder.join(name).into(),
                    (0, sha256),
                    meter,
                )?;
            }
            _ => found.failures.push(Failure {
                what: "manifest_line".to_owned(),
                path: Some(manifest.display().to_string()),
                entry: None,
                expected: "a SHA-256, two spaces, a file name".to_owned(),
                found: line.to_owned(),
            }),
        }
    }
    for failure in &mut found.failures {
        failure.entry = None;
    }
    found.ok = found.failures.is_empty() && found.files > 0;
    Ok(found)
}

impl Verification {
    /// Hashes a file and holds it against what it was.
    fn hold(
        &mut self,
        what: &str,
        reopened: &mut Reopened,
        place: &Place,
        (entry, expected): (u64, Sha256),
        meter: &Meter,
    ) -> Result<(), WorkbenchError> {
        self.files += 1;
        let hashed = reopened.open(place, meter.watch()).and_then(Intake::finish);
        let (kind, found) = match hashed {
            Ok(taken) if taken.sha256 == expected => return Ok(()),
            Err(error) if Watch::stopped(&error) => {
                return Err(WorkbenchError::new(ErrorCode::Cancelled, "it was cancelled"));
            }
            Ok(taken) => ("changed", taken.sha256.to_string()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                ("missing", "no file".to_owned())
            }
            Err(error) => ("unreadable", error.to_string()),
        };
        self.failures.push(Failure {
            what: format!("{what}_{kind}"),
            path: Some(place.to_string()),
            entry: Some(entry),
            expected: expected.to_string(),
            found,
        });
        Ok(())
    }
}
