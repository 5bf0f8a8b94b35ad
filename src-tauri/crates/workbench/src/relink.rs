//! Evidence that was moved: what the case misses, and where the same bytes lie now.

use crate::{ErrorCode, Meter, Workbench, WorkbenchError};
use case::{Act, EvidenceItem, Location};
use evidence::{Place, Sha256, Sha256Hasher, Watch};
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How much of a file is hashed at once. Unit: bytes.
const CHUNK: usize = 256 * 1024;

/// Whether evidence still lies where it was seen. Nothing is read for it: `verify` holds the bytes against their hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// A file of its size is there.
    Present,
    /// No file is where it was seen.
    Missing,
    /// A file is there, and has another size.
    Changed,
}

/// What a search for moved evidence found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RelinkSummary {
    /// Evidence that was missing and was found.
    pub found: Vec<Relinked>,
    /// Names of evidence that is missing still.
    pub missing: Vec<String>,
    /// Files that were looked at.
    pub files: u64,
    /// Of these, those that could not be read, a sentence each.
    pub unreadable: Vec<String>,
}

/// Evidence at its new place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Relinked {
    /// The name that it has in the case.
    pub name: String,
    /// What tells that it is the same.
    pub sha256: String,
    /// Where it lies now.
    pub path: String,
}

/// How evidence is where it was seen last.
pub(crate) fn presence(item: &EvidenceItem) -> Presence {
    let mut changed = false;
    for location in &item.locations {
        match fs::metadata(&location.path) {
            // The size of a member is not that of its archive.
            Ok(file) if location.member.is_some() || file.len() == item.size => {
                return Presence::Present;
            }
            Ok(_) => changed = true,
            Err(_) => {}
        }
    }
    if changed { Presence::Changed } else { Presence::Missing }
}

impl Workbench {
    /// Looks in files and folders for evidence that is not where it was, told by its hash, and notes where it lies now.
    /// Only files of a wanted size are read.
    ///
    /// # Errors
    /// [`ErrorCode::Cancelled`], or if the journal cannot be written.
    pub fn relink(
        &self,
        paths: &[PathBuf],
        meter: &Meter,
    ) -> Result<RelinkSummary, WorkbenchError> {
        let _alone = self.alone()?;
        let shown: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
        let begun = self.record(Act::Begin {
            operation: "relink".to_owned(),
            parameters: json!({ "paths": shown }),
        })?;
        let result = self.search(paths, meter);
        self.record(match &result {
            Ok(summary) => Act::Done {
                of: begun,
                results: json!({ "found": summary.found.len(), "missing": summary.missing.len() }),
            },
            Err(error) if error.code == ErrorCode::Cancelled => Act::Cancelled { of: begun },
            Err(error) => Act::Failed { of: begun, cause: error.to_string() },
        })?;
        result
    }

    fn search(&self, paths: &[PathBuf], meter: &Meter) -> Result<RelinkSummary, WorkbenchError> {
        let items = self.state().evidence;
        let lost = |item: &&EvidenceItem| presence(item) != Presence::Present;
        // Members come with their archive, which is evidence too.
        let wanted: BTreeMap<Sha256, &EvidenceItem> = items
            .iter()
            .filter(lost)
            .filter(|item| item.locations.iter().any(|location| location.member.is_none()))
            .map(|item| (item.sha256, item))
            .collect();
        let sizes: BTreeSet<u64> = wanted.values().map(|item| item.size).collect();
        let mut summary = RelinkSummary::default();
        let mut moved: Vec<(Sha256, Location)> = Vec::new();
        let files: Vec<_> = paths.iter().flat_map(|path| evidence::walk(path)).collect();
        let of_size = |path: &Path| fs::metadata(path).map(|file| file.len());
        let own = files.iter().filter_map(|file| of_size(&file.path).ok());
        meter.expect_bytes(own.filter(|size| sizes.contains(size)).sum());
        for (done, file) in (0..).zip(&files) {
            meter.step(&file.name, done, files.len() as u64);
            summary.files += 1;
            let found = of_size(&file.path).and_then(|size| match sizes.contains(&size) {
                true => hash(&file.path, meter.watch()).map(Some),
                false => Ok(None),
            });
            let sha256 = match found {
                Ok(Some(sha256)) => sha256,
                Ok(None) => continue,
                Err(error) if Watch::stopped(&error) => {
                    let message = "it was cancelled: nothing was noted";
                    return Err(WorkbenchError::new(ErrorCode::Cancelled, message));
                }
                Err(error) => {
                    summary.unreadable.push(format!("{}: {error}", file.path.display()));
                    continue;
                }
            };
            let Some(item) = wanted.get(&sha256) else { continue };
            if moved.iter().any(|(known, _)| *known == sha256) {
                continue;
            }
            let path = std::path::absolute(&file.path).unwrap_or_else(|_| file.path.clone());
            let path = path.display().to_string();
            moved.push((sha256, Location { path: path.clone(), member: None }));
            moved.extend(members(&items, item, &path));
            summary.found.push(Relinked {
                name: item.name.clone(),
                sha256: sha256.to_string(),
                path,
            });
        }
        self.note_moved(moved)?;
        let state = self.state();
        let missing = state.evidence.iter().filter(lost).map(|item| item.name.clone());
        summary.missing = missing.collect();
        Ok(summary)
    }

    fn note_moved(&self, moved: Vec<(Sha256, Location)>) -> Result<(), WorkbenchError> {
        for (sha256, Location { path, member }) in moved {
            let place = Place::within(&path, member.as_deref());
            self.record(Act::EvidenceLocated { sha256, path, member })?;
            if let Some(captures) = self.captures().as_mut() {
                captures.moved(sha256, place);
            }
        }
        self.forget_spoken();
        Ok(())
    }
}

/// The members of an archive that lies at another path now.
fn members<'a>(
    items: &'a [EvidenceItem],
    archive: &'a EvidenceItem,
    path: &'a str,
) -> impl Iterator<Item = (Sha256, Location)> + 'a {
    let was = |location: &&Location| {
        let same = |own: &Location| own.member.is_none() && own.path == location.path;
        location.member.is_some() && archive.locations.iter().any(same)
    };
    items.iter().flat_map(move |item| {
        let inside = item.locations.iter().filter(was).map(|location| {
            (item.sha256, Location { path: path.to_owned(), member: location.member.clone() })
        });
        inside.collect::<Vec<_>>()
    })
}

pub(crate) fn hash(path: &Path, watch: &Arc<Watch>) -> io::Result<Sha256> {
    let mut file = File::open(path)?;
    let (mut hasher, mut chunk) = (Sha256Hasher::default(), vec![0; CHUNK]);
    loop {
        watch.go_on()?;
        match file.read(&mut chunk)? {
            0 => return Ok(hasher.finish()),
            count => hasher.update(chunk.get(..count).unwrap_or_default()),
        }
    }
}
