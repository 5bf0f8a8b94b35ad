//! Reading one file into the case, by what it is.

use super::taking::{Taking, unread};
use super::wish::reading_at;
use crate::index_file::{IndexFolder, NewIndex};
use crate::recognise::{Kind, ReferenceKind};
use crate::{ErrorCode, WorkbenchError};
use capture::{Defragmented, Fact, PacketIndex, PacketSink, Ports, RawPacket};
use evidence::{Anomalies, Anomaly, Intake, Intaken, Place, Rereading, Sha256, Watch};
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::Arc;

/// A sidecar longer than this is not read. Unit: bytes.
const SIDECAR_LIMIT: u64 = 64 << 20;

/// One file on its way in.
pub(super) struct Incoming {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) kind: Kind,
    /// The hash that a rebuild expects; anything else is not loaded.
    pub(super) expected: Option<Sha256>,
    /// How it was read before, of evidence that is read again.
    pub(super) reading: Option<BTreeMap<String, String>>,
}

impl Incoming {
    pub(super) fn keeps(&self, sha256: Sha256) -> bool {
        self.expected.is_none_or(|expected| expected == sha256)
    }
}

/// What loading one file gave.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) flow_records: u64,
    pub(super) packets: u64,
    pub(super) rejected_lines: u64,
    pub(super) anomalies: Vec<Anomaly>,
    pub(super) problem: Option<String>,
    /// What it turned out to be, where its beginning did not tell.
    pub(super) kind: Option<Kind>,
    /// How it was read, where the user or a sidecar said so: a rebuild reads it the same way.
    pub(super) reading: BTreeMap<String, String>,
}

impl Loaded {
    fn of(kept: Option<store::Loaded>, summary: flowlog::Summary) -> Self {
        let kept = kept.unwrap_or_default();
        Self {
            flow_records: kept.records,
            rejected_lines: kept.rejected,
            anomalies: kept.anomalies,
            problem: summary.refused.map(|refusal| refusal.to_string()),
            ..Self::default()
        }
    }
}

impl Taking<'_> {
    pub(super) fn load_content(
        &mut self,
        incoming: &Incoming,
        intake: Intake,
    ) -> Result<(Intaken, Loaded), WorkbenchError> {
        match incoming.kind {
            Kind::FlowLog(format) if format.needs_seeking() => self.load_parquet(incoming, intake),
            Kind::FlowLog(format) => self.load_flow_log(incoming, format, intake),
            Kind::Capture(_) => self.load_capture(incoming, intake),
            Kind::Reference(ReferenceKind::AwsRanges) => self.load_ranges(incoming, intake),
            Kind::Reference(_) => self.load_mmdb_again(incoming, intake),
            Kind::Unrecognised => self.load_unrecognised(incoming, intake),
            _ => self.load_whole(incoming, intake),
        }
    }

    fn load_flow_log(
        &mut self,
        incoming: &Incoming,
        format: flowlog::Format,
        mut intake: Intake,
    ) -> Result<(Intaken, Loaded), WorkbenchError> {
        let options = self.options_for(incoming);
        let (mut taken, mut summary) = (None, flowlog::Summary::default());
        let loaded = self.load.file(|loader| {
            let read = format.read(&mut intake, &options, loader).map(|read| summary = read);
            let finished = finish(intake, read, &incoming.place)?;
            for anomaly in &finished.anomalies {
                let _ = flowlog::FlowSink::anomaly(loader, anomaly.clone());
            }
            let keep =
                incoming.keeps(finished.sha256).then(|| (finished.sha256, incoming.name.clone()));
            taken = Some(finished);
            Ok::<_, WorkbenchError>(keep)
        })?;
        let taken = taken.ok_or_else(|| WorkbenchError::not_found("hash of the file just read"))?;
        let inferred = summary.inferred || summary.refused.is_some();
        let mut loaded = Loaded::of(loaded, summary);
        loaded.reading = self.reading_of(incoming, &options, inferred);
        Ok((taken, loaded))
    }

    /// Parquet is read from its end: the first pass hashes its blocks, the second reads through those hashes.
    fn load_parquet(
        &mut self,
        incoming: &Incoming,
        mut intake: Intake,
    ) -> Result<(Intaken, Loaded), WorkbenchError> {
        intake.keep_rereading(None).map_err(|error| unread(&incoming.place, error))?;
        let taken = finish(intake, Ok(()), &incoming.place)?;
        if !incoming.keeps(taken.sha256) {
            return Ok((taken, Loaded::default()));
        }
        let rereading = taken.rereading.clone().unwrap_or_default();
        let mut content = rereading.open(&incoming.place)?.content();
        let mut summary = flowlog::Summary::default();
        let loaded = self.load.file(|loader| {
            for anomaly in &taken.anomalies {
                let _ = flowlog::FlowSink::anomaly(loader, anomaly.clone());
            }
            for (column, value) in flowlog::hive_partitions(&incoming.name) {
                loader.share(column, value);
            }
            summary = flowlog::read_parquet(&mut content, loader)
                .map_err(|error| unread(&incoming.place, error))?;
            Ok::<_, WorkbenchError>(Some((taken.sha256, incoming.name.clone())))
        })?;
        Ok((taken, Loaded::of(loaded, summary)))
    }

    fn load_capture(
        &mut self,
        incoming: &Incoming,
        mut intake: Intake,
    ) -> Result<(Intaken, Loaded), WorkbenchError> {
        let indexes = self.workbench.indexes();
        let gathered = intake.keep_rereading(Some(&indexes.0));
        gathered.map_err(|error| unread(&incoming.place, error))?;
        let ports = self.ports_for(incoming);
        let mut sink = CaptureSink::new(&indexes, ports.clone())?;
        let read = capture::read(&mut intake, &mut sink);
        sink.failure.take().map_or(Ok(()), |error| Err(unwritten(&indexes, error)))?;
        let mut taken = finish(intake, read, &incoming.place)?;
        if !incoming.keeps(taken.sha256) {
            return Ok((taken, Loaded::default()));
        }
        let mut anomalies = sink.anomalies.finish();
        anomalies.extend_from_slice(&taken.anomalies);
        let packets = sink.index.packets();
        let rereading = taken.rereading.take().unwrap_or_default();
        let fragments = indexes
            .keep(taken.sha256, &rereading, sink.index)
            .map_err(|error| unwritten(&indexes, error))?;
        anomalies.extend(anomalies_of(fragments));
        self.load.enter_evidence(taken.sha256, &incoming.name, &anomalies)?;
        Ok((taken, Loaded { packets, anomalies, reading: reading_at(&ports), ..Loaded::default() }))
    }

    /// Everything that is kept for what it is and loaded as a whole, or not at all.
    fn load_whole(
        &mut self,
        incoming: &Incoming,
        mut intake: Intake,
    ) -> Result<(Intaken, Loaded), WorkbenchError> {
        let mut text = Vec::new();
        let read = match incoming.kind {
            Kind::Sidecar => intake.by_ref().take(SIDECAR_LIMIT).read_to_end(&mut text).map(drop),
            _ => Ok(()),
        };
        let taken = finish(intake, read, &incoming.place)?;
        if !incoming.keeps(taken.sha256) {
            return Ok((taken, Loaded::default()));
        }
        let mut loaded = Loaded {
            anomalies: taken.anomalies.clone(),
            problem: (incoming.kind == Kind::Empty).then(|| "the file is empty".to_owned()),
            ..Loaded::default()
        };
        let document = std::str::from_utf8(&text).ok().filter(|text| crate::sidecar::is_json(text));
        if incoming.kind == Kind::Sidecar && document.is_none() {
            let (expected, found) = ("a JSON document", "something else");
            loaded.anomalies.push(Anomaly::new("sidecar.not_json", 0, taken.size, expected, found));
        }
        let number = self.load.enter_evidence(taken.sha256, &incoming.name, &loaded.anomalies)?;
        if let Some(text) = document {
            self.load.store().keep_sidecar(number, text)?;
        }
        Ok((taken, loaded))
    }
}

/// Ends the first pass: what the reader could not read on because the container is broken is told by the container's
/// anomaly; anything else that failed is an error of the medium.
pub(super) fn finish(
    intake: Intake,
    read: io::Result<()>,
    place: &Place,
) -> Result<Intaken, WorkbenchError> {
    match read {
        Err(error) if !intake.is_broken() => Err(unread(place, error)),
        _ => intake.finish().map_err(|error| unread(place, error)),
    }
}

/// Reads a capture again and makes its index anew: the one in the case is missing or damaged.
pub(crate) fn index_again(
    indexes: &IndexFolder,
    place: &Place,
    expected: Sha256,
    ports: Ports,
    watch: &Arc<Watch>,
) -> Result<(Rereading, PacketIndex), WorkbenchError> {
    let failed = |error| unread(place, error);
    let mut intake = Intake::at(place, watch).map_err(failed)?;
    intake.keep_rereading(Some(&indexes.0)).map_err(failed)?;
    let mut sink = CaptureSink::new(indexes, ports.clone())?;
    let read = capture::read(&mut intake, &mut sink);
    sink.failure.take().map_or(Ok(()), |error| Err(unwritten(indexes, error)))?;
    let mut taken = finish(intake, read, place)?;
    if taken.sha256 != expected {
        return Err(WorkbenchError::changed(place));
    }
    let rereading = taken.rereading.take().unwrap_or_default();
    let kept = indexes.keep(expected, &rereading, sink.index);
    kept.and_then(|_| indexes.open(expected, &ports)).map_err(|error| unwritten(indexes, error))
}

fn unwritten(indexes: &IndexFolder, error: io::Error) -> WorkbenchError {
    let message = format!("cannot write a packet index in {}", indexes.0.display());
    WorkbenchError::caused(ErrorCode::Internal, message, error)
}

struct CaptureSink {
    index: NewIndex,
    anomalies: Anomalies,
    /// The index could not be written.
    failure: Option<io::Error>,
}

impl CaptureSink {
    fn new(indexes: &IndexFolder, ports: Ports) -> Result<Self, WorkbenchError> {
        let index = indexes.begin(ports).map_err(|error| unwritten(indexes, error))?;
        Ok(Self { index, anomalies: Anomalies::default(), failure: None })
    }
}

impl PacketSink for CaptureSink {
    fn packet(&mut self, packet: &RawPacket<'_>) -> ControlFlow<()> {
        match self.index.add(packet) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.failure = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    fn anomaly(&mut self, anomaly: Anomaly) -> ControlFlow<()> {
        self.anomalies.push(anomaly);
        ControlFlow::Continue(())
    }

    fn fact(&mut self, fact: Fact<'_>) -> ControlFlow<()> {
        self.index.note(&fact);
        ControlFlow::Continue(())
    }
}

/// What fragments did not become, and how they contradict their rules.
fn anomalies_of(fragments: Defragmented) -> Vec<Anomaly> {
    let Defragmented { timed_out, displaced, unfinished, cut, incomplete, .. } = fragments;
    let mut anomalies = fragments.anomalies;
    let expected = "all fragments of a datagram";
    for one in &incomplete {
        let total = one.total.map_or_else(String::new, |total| format!(" of {total}"));
        let found = format!(
            "{}{total} bytes of identification {} from {} to {}",
            one.received, one.id, one.source, one.destination
        );
        anomalies.push(Anomaly::new("fragment.incomplete", one.offset, 0, expected, found));
    }
    let all = timed_out.saturating_add(displaced).saturating_add(unfinished);
    let told = incomplete.len() as u64;
    if all > told {
        let found = format!(
            "{all} datagrams that are not whole: {timed_out} waited for 60 seconds, {displaced} made room, {unfinished} at the end; {told} are listed"
        );
        anomalies.push(Anomaly::new("fragment.incomplete_total", 0, 0, expected, found));
    }
    if cut > 0 {
        let found = format!("{cut} fragments that were not captured to their end");
        let expected = "whole fragments";
        anomalies.push(Anomaly::new("fragment.cut", 0, 0, expected, found));
    }
    anomalies
}

pub(super) fn with_causes(error: &WorkbenchError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
