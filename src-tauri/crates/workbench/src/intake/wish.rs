//! What the user, or an inventory sidecar, says of how evidence is to be read.

use super::file::Incoming;
use super::taking::Taking;
use crate::{ErrorCode, WorkbenchError, sidecar};
use capture::Ports;
use evidence::Found;
use flowlog::{Format, Layout, ReadOptions};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;

/// A longer sidecar names no flow logs. Unit: bytes.
const LONGEST: u64 = 64 << 20;

const FORMAT: &str = "format";
const FIELDS: &str = "fields";
const CANDIDATES: &str = "candidates";
const VXLAN_PORTS: &str = "vxlan_ports";
const GENEVE_PORTS: &str = "geneve_ports";

/// How evidence is to be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadingWish {
    /// All files are of this format, whatever they look like.
    pub format: Option<Format>,
    /// What the columns of records without a header line mean.
    pub fields: Option<Layout>,
    /// Where captures have tunnels, besides the usual ports.
    pub ports: Ports,
}

impl ReadingWish {
    /// Reads a format's name, and the names of fields as AWS writes them, also as a `LogFormat`: `${version} …`.
    ///
    /// # Errors
    /// [`ErrorCode::BadQuery`] if there is no such format, or these are no names of fields.
    pub fn in_words(format: Option<&str>, fields: Option<&str>) -> Result<Self, WorkbenchError> {
        let bad = |message: String| WorkbenchError::new(ErrorCode::BadQuery, message);
        let format = format.map(|name| {
            let known = || Format::all().map(Format::name).collect::<Vec<_>>().join(", ");
            Format::named(name)
                .ok_or_else(|| bad(format!("there is no format {name:?}; there are {}", known())))
        });
        let fields = fields.map(|text| Layout::parse(text).map_err(|error| bad(error.to_string())));
        let ports = Ports::default();
        Ok(Self { format: format.transpose()?, fields: fields.transpose()?, ports })
    }

    /// Has tunnels looked for at these UDP ports of captures, besides the usual ones.
    pub fn tunnels_at(&mut self, vxlan: Vec<u16>, geneve: Vec<u16>) {
        self.ports = Ports { vxlan, geneve };
    }
}

impl Taking<'_> {
    pub(super) fn options_for(&self, incoming: &Incoming) -> ReadOptions {
        match &incoming.reading {
            Some(reading) => options_of(reading),
            None => ReadOptions {
                layout: self.wish.fields.clone(),
                candidates: self.candidates.clone(),
            },
        }
    }

    /// What the journal is to say, so that a rebuild reads the same whatever was added since.
    pub(super) fn reading_of(
        &self,
        incoming: &Incoming,
        options: &ReadOptions,
        inferred: bool,
    ) -> BTreeMap<String, String> {
        if let Some(reading) = &incoming.reading {
            return reading.clone();
        }
        let mut reading = BTreeMap::new();
        if let Some(format) = self.wish.format {
            reading.insert(FORMAT.to_owned(), format.name().to_owned());
        }
        if let Some(layout) = &options.layout {
            reading.insert(FIELDS.to_owned(), layout.to_string());
        }
        if inferred && !options.candidates.is_empty() {
            let layouts: Vec<String> = options.candidates.iter().map(Layout::to_string).collect();
            reading.insert(CANDIDATES.to_owned(), layouts.join("\n"));
        }
        reading
    }
}

impl Taking<'_> {
    pub(super) fn ports_for(&self, incoming: &Incoming) -> Ports {
        let reading = incoming.reading.as_ref();
        reading.map_or_else(|| self.wish.ports.clone(), ports_of)
    }
}

/// What the journal is to say of the ports at which a capture was searched for tunnels.
pub(super) fn reading_at(ports: &Ports) -> BTreeMap<String, String> {
    let list = |ports: &[u16]| ports.iter().map(u16::to_string).collect::<Vec<_>>().join(" ");
    [(VXLAN_PORTS, &ports.vxlan), (GENEVE_PORTS, &ports.geneve)]
        .into_iter()
        .filter(|(_, ports)| !ports.is_empty())
        .map(|(name, ports)| (name.to_owned(), list(ports)))
        .collect()
}

/// Where a capture was searched for tunnels, as the journal says it.
pub(crate) fn ports_of(reading: &BTreeMap<String, String>) -> Ports {
    let list = |name: &str| {
        let ports = reading.get(name).map(String::as_str).unwrap_or_default();
        ports.split(' ').filter_map(|port| port.parse().ok()).collect()
    };
    Ports { vxlan: list(VXLAN_PORTS), geneve: list(GENEVE_PORTS) }
}

/// How evidence was read, as the journal says it.
pub(crate) fn options_of(reading: &BTreeMap<String, String>) -> ReadOptions {
    let layout = |text: &str| Layout::parse(text).ok();
    let candidates = reading.get(CANDIDATES).map(String::as_str).unwrap_or_default();
    ReadOptions {
        layout: reading.get(FIELDS).and_then(|text| layout(text)),
        candidates: candidates.lines().filter_map(layout).collect(),
    }
}

/// The layouts of the flow logs that the sidecars among these files describe, wherever they stand in the order of files.
pub(super) fn candidates_in(found: &[Found]) -> Vec<Layout> {
    let mut layouts = Vec::new();
    for found in found.iter().filter(|found| found.problem.is_none()) {
        let Ok(mut file) = File::open(&found.path) else { continue };
        let mut head = Vec::new();
        if file.by_ref().take(512).read_to_end(&mut head).is_err() || !sidecar::sniff(&head) {
            continue;
        }
        if file.take(LONGEST).read_to_end(&mut head).is_ok() {
            take_layouts(&String::from_utf8_lossy(&head), &mut layouts);
        }
    }
    layouts
}

/// Adds the layouts of the flow logs that a sidecar describes.
pub(super) fn take_layouts(sidecar: &str, layouts: &mut Vec<Layout>) {
    for text in sidecar::log_formats(sidecar) {
        if let Ok(layout) = Layout::parse(&text)
            && !layouts.contains(&layout)
        {
            layouts.push(layout);
        }
    }
}
