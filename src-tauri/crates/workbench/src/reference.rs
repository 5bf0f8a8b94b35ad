//! Files that say what addresses are known as: which of them are in use, and what they say.
//!
//! Of AWS's lists, of databases of places and of databases of networks one each is in use: that which was added last.
//! One of cities goes before one of countries, and stands for both.

use crate::recognise::{Kind, ReferenceKind};
use crate::{Workbench, WorkbenchError};
use case::{EvidenceItem, Location};
use enrich::{AwsRanges, Mmdb, Reference};
use evidence::{Place, Sha256, Watch};
use std::error::Error;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::{Label, Labeller};

/// A longer list of AWS's is not read; it has some 2 MB. Unit: bytes.
pub(crate) const RANGES_LIMIT: u64 = 16 << 20;
/// A longer database is not read; those of cities have some 100 MB. Unit: bytes.
pub(crate) const MMDB_LIMIT: u64 = 512 << 20;

/// The files of one case.
#[derive(Default)]
pub(crate) struct References {
    files: Mutex<InUse>,
    read: Mutex<LastRead>,
}

/// The files that are in use, a few of the case's evidence.
#[derive(Clone, Default, PartialEq)]
struct InUse {
    aws: Option<EvidenceItem>,
    spots: Option<EvidenceItem>,
    networks: Option<EvidenceItem>,
}

/// What was read last, and why it failed.
#[derive(Default)]
struct LastRead {
    of: String,
    reference: Option<Arc<Reference>>,
    problem: Option<String>,
}

impl References {
    /// Takes the case's evidence, in the order in which it was added.
    pub(crate) fn set(&self, evidence: &[EvidenceItem]) {
        let last = |wanted: fn(ReferenceKind) -> bool| {
            let is = |item: &&EvidenceItem| match Kind::named(&item.kind) {
                Some(Kind::Reference(kind)) => wanted(kind),
                _ => false,
            };
            evidence.iter().rfind(is).cloned()
        };
        *lock(&self.files) = InUse {
            aws: last(|kind| kind == ReferenceKind::AwsRanges),
            spots: last(ReferenceKind::has_cities).or_else(|| last(ReferenceKind::has_countries)),
            networks: last(ReferenceKind::has_networks),
        };
    }

    /// The hashes of those that are in use.
    pub(crate) fn in_use(&self) -> Vec<Sha256> {
        lock(&self.files).all().map(|item| item.sha256).collect()
    }

    /// Why they cannot be read, in sentences, as far as that is known without reading them.
    pub(crate) fn problems(&self) -> Vec<String> {
        let missing = |item: &EvidenceItem| {
            place_of(item).is_none().then(|| WorkbenchError::missing(&item.name).to_string())
        };
        let mut problems: Vec<String> = lock(&self.files).all().filter_map(missing).collect();
        if problems.is_empty() {
            problems.extend(lock(&self.read).problem.clone());
        }
        problems
    }

    /// What the files say; nothing but the scope where one of them cannot be read, which [`References::problems`] tells.
    pub(crate) fn shown(&self) -> Arc<Reference> {
        self.read().unwrap_or_default()
    }

    fn read(&self) -> Result<Arc<Reference>, WorkbenchError> {
        let (fingerprint, files) = (self.fingerprint(), lock(&self.files).clone());
        let mut read = lock(&self.read);
        if read.of == fingerprint
            && let Some(reference) = &read.reference
        {
            return Ok(Arc::clone(reference));
        }
        let result = files.read().map(Arc::new);
        *read = LastRead {
            of: fingerprint,
            reference: result.as_ref().ok().map(Arc::clone),
            problem: result.as_ref().err().map(ToString::to_string),
        };
        result
    }
}

impl Labeller for References {
    fn tells(&self, label: Label) -> bool {
        let files = lock(&self.files);
        let has = |item: &Option<EvidenceItem>, wanted: fn(ReferenceKind) -> bool| {
            item.as_ref().is_some_and(|item| match Kind::named(&item.kind) {
                Some(Kind::Reference(kind)) => wanted(kind),
                _ => false,
            })
        };
        match label {
            Label::Scope => true,
            Label::AwsService | Label::AwsRegion => files.aws.is_some(),
            Label::Country => files.spots.is_some(),
            Label::City => has(&files.spots, ReferenceKind::has_cities),
            Label::Asn | Label::AsOrg => files.networks.is_some(),
        }
    }

    fn fingerprint(&self) -> String {
        let files = lock(&self.files);
        let parts = [("aws", &files.aws), ("spots", &files.spots), ("networks", &files.networks)];
        let part = |(name, item): (&str, &Option<EvidenceItem>)| {
            item.as_ref().map(|item| format!("{name}={}", item.sha256))
        };
        parts.into_iter().filter_map(part).collect::<Vec<_>>().join(" ")
    }

    fn reference(&self) -> Result<Arc<Reference>, Box<dyn Error + Send + Sync>> {
        Ok(self.read()?)
    }
}

impl InUse {
    fn all(&self) -> impl Iterator<Item = &EvidenceItem> {
        let mut items: Vec<&EvidenceItem> =
            [&self.aws, &self.spots, &self.networks].into_iter().flatten().collect();
        items.dedup_by_key(|item| item.sha256);
        items.into_iter()
    }

    fn read(&self) -> Result<Reference, WorkbenchError> {
        let mmdb = |item: &EvidenceItem| {
            let bytes = bytes_of(item, MMDB_LIMIT)?;
            let read = Mmdb::read(bytes).map_err(|error| unlike(item, error))?;
            Ok::<_, WorkbenchError>(Arc::new(read))
        };
        let aws = match &self.aws {
            None => None,
            Some(item) => {
                let read = AwsRanges::read(&bytes_of(item, RANGES_LIMIT)?);
                Some(Arc::new(read.map_err(|error| unlike(item, error))?.0))
            }
        };
        let spots = self.spots.as_ref().map(mmdb).transpose()?;
        let networks = match (&self.networks, &self.spots) {
            (Some(own), Some(same)) if own.sha256 == same.sha256 => spots.clone(),
            (own, _) => own.as_ref().map(mmdb).transpose()?,
        };
        Ok(Reference { aws, spots, networks })
    }
}

impl Workbench {
    /// Looks which of the case's files of reference are in use now.
    pub(crate) fn refresh_references(&self) {
        self.case.references.set(&self.state().evidence);
    }
}

/// Where evidence lies now: the copy in the case, else the last place it was seen at that still has a file.
pub(crate) fn place_of(item: &EvidenceItem) -> Option<Place> {
    let there = |location: &&Location| Path::new(&location.path).is_file();
    // Where another file took its place, the same bytes may lie elsewhere still.
    let fits = |location: &&Location| {
        let size = std::fs::metadata(&location.path).map(|file| file.len());
        location.member.is_some() || size.is_ok_and(|size| size == item.size)
    };
    let mut places = item.locations.iter().rev().filter(there);
    let place = places.clone().find(fits).or_else(|| places.next())?;
    Some(Place::within(&place.path, place.member.as_deref()))
}

/// The content of a file, which is what it was when it was added.
fn bytes_of(item: &EvidenceItem, limit: u64) -> Result<Vec<u8>, WorkbenchError> {
    let place = place_of(item).ok_or_else(|| WorkbenchError::missing(&item.name))?;
    let unread = |error| WorkbenchError::place("read", &place, error);
    let watch = Arc::<Watch>::default();
    let mut intake = crate::reopen::Reopened::default().open(&place, &watch).map_err(unread)?;
    let mut bytes = Vec::new();
    intake.by_ref().take(limit).read_to_end(&mut bytes).map_err(unread)?;
    if intake.finish().map_err(unread)?.sha256 != item.sha256 {
        return Err(WorkbenchError::changed(&place));
    }
    Ok(bytes)
}

/// The same bytes could be read when they were added, so this is a fault of the program.
fn unlike(item: &EvidenceItem, error: enrich::NotReadable) -> WorkbenchError {
    let message = format!("{} cannot be read any more", item.name);
    WorkbenchError::caused(crate::ErrorCode::Internal, message, error)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
