//! Taking in files that say what addresses are known as.

use super::file::{Incoming, Loaded, finish};
use super::taking::{Taking, unread};
use crate::WorkbenchError;
use crate::recognise::{Kind, ReferenceKind};
use crate::reference::{MMDB_LIMIT, RANGES_LIMIT};
use crate::reopen::Reopened;
use enrich::{AwsRanges, MARKER, MARKER_WITHIN, Mmdb};
use evidence::{Anomaly, Intake, Intaken};
use std::io::{self, Read};

/// How much is read at once. Unit: bytes.
const CHUNK: usize = 64 * 1024;

impl Taking<'_> {
    /// AWS's list: read once, for what is wrong with it; what it says is read again when it is needed.
    pub(super) fn load_ranges(
        &mut self,
        incoming: &Incoming,
        mut intake: Intake,
    ) -> Result<(Intaken, Loaded), WorkbenchError> {
        let mut bytes = Vec::new();
        let read = intake.by_ref().take(RANGES_LIMIT).read_to_end(&mut bytes).map(drop);
        let taken = finish(intake, read, &incoming.place)?;
        let mut loaded = Loaded { anomalies: taken.anomalies.clone(), ..Loaded::default() };
        match AwsRanges::read(&bytes) {
            Ok((_, anomalies)) => loaded.anomalies.extend(anomalies),
            Err(error) => {
                // A list that is none is kept for what it is, and never used.
                loaded.kind = Some(Kind::Unrecognised);
                loaded.problem = Some(format!("not AWS's list of its addresses: {error}"));
            }
        }
        self.keep_whole(incoming, taken, loaded)
    }

    /// What nothing is known of by its beginning: a MaxMind database is known by its end.
    pub(super) fn load_unrecognised(
        &mut self,
        incoming: &Incoming,
        mut intake: Intake,
    ) -> Result<(Intaken, Loaded), WorkbenchError> {
        let binary = intake.head().contains(&0);
        let mut marked = Ok(false);
        if binary {
            marked = has_marker_at_end(&mut intake);
        }
        let is_mmdb = *marked.as_ref().unwrap_or(&false);
        let taken = finish(intake, marked.map(drop), &incoming.place)?;
        if is_mmdb {
            return self.load_mmdb(incoming, taken);
        }
        let loaded = Loaded {
            anomalies: taken.anomalies.clone(),
            problem: Some("not recognised as a flow log, a capture or a sidecar".to_owned()),
            ..Loaded::default()
        };
        self.keep_whole(incoming, taken, loaded)
    }

    /// A MaxMind database whose bytes were hashed: they are read again, to see what it holds.
    fn load_mmdb(
        &mut self,
        incoming: &Incoming,
        taken: Intaken,
    ) -> Result<(Intaken, Loaded), WorkbenchError> {
        let failed = |error| unread(&incoming.place, error);
        let mut again =
            Reopened::default().open(&incoming.place, self.meter.watch()).map_err(failed)?;
        let mut bytes = Vec::new();
        again.by_ref().take(MMDB_LIMIT).read_to_end(&mut bytes).map_err(failed)?;
        if again.finish().map_err(failed)?.sha256 != taken.sha256 {
            return Err(WorkbenchError::changed(&incoming.place));
        }
        let mut loaded = Loaded { anomalies: taken.anomalies.clone(), ..Loaded::default() };
        let (kind, problem) = match Mmdb::read(bytes) {
            Ok(file) => (ReferenceKind::of(file.holds()), None),
            Err(error) => (ReferenceKind::Unused, Some(error)),
        };
        loaded.kind = Some(Kind::Reference(kind));
        if let Some(error) = problem {
            loaded.problem = Some(format!("a MaxMind database that is not used: {error}"));
            let found = Anomaly::new("mmdb.unused", 0, taken.size, error.expected, error.found);
            loaded.anomalies.push(found);
        }
        self.keep_whole(incoming, taken, loaded)
    }

    /// A database that is read again, as what it was: it is not used before it is needed.
    pub(super) fn load_mmdb_again(
        &mut self,
        incoming: &Incoming,
        intake: Intake,
    ) -> Result<(Intaken, Loaded), WorkbenchError> {
        let taken = finish(intake, Ok(()), &incoming.place)?;
        if !incoming.keeps(taken.sha256) {
            return Ok((taken, Loaded::default()));
        }
        self.load_mmdb(incoming, taken)
    }

    fn keep_whole(
        &mut self,
        incoming: &Incoming,
        taken: Intaken,
        loaded: Loaded,
    ) -> Result<(Intaken, Loaded), WorkbenchError> {
        if !incoming.keeps(taken.sha256) {
            return Ok((taken, Loaded::default()));
        }
        self.load.enter_evidence(taken.sha256, &incoming.name, &loaded.anomalies)?;
        Ok((taken, loaded))
    }
}

/// Reads to the end, and says whether the mark of MaxMind's databases stands near it.
fn has_marker_at_end(intake: &mut Intake) -> io::Result<bool> {
    let (mut tail, mut chunk) = (Vec::new(), vec![0; CHUNK]);
    loop {
        let count = intake.read(&mut chunk)?;
        if count == 0 {
            let near = tail.len().saturating_sub(MARKER_WITHIN);
            let near = tail.get(near..).unwrap_or_default();
            return Ok(near.windows(MARKER.len()).any(|some| some == MARKER));
        }
        tail.extend_from_slice(chunk.get(..count).unwrap_or_default());
        if tail.len() > 4 * MARKER_WITHIN {
            tail.drain(..tail.len() - MARKER_WITHIN);
        }
    }
}
