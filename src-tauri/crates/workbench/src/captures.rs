//! The captures of a case: their indexes, whose interface each session copies, the conversations over all of them.

use crate::index_file::IndexFile;
use crate::intake::index_again;
use crate::sidecar::Inventory;
use crate::{ErrorCode, Workbench, WorkbenchError};
use capture::{Conversation, Index, PacketEntry, Part};
use evidence::{Address, BlockHashes, Container, PacketRef, RangeReader, Sha256};
use store::coverage::{ClockOffset, Mirror, Source};

/// One capture.
pub(crate) struct Capture {
    pub(crate) sha256: Sha256,
    pub(crate) name: String,
    pub(crate) index: Index,
    /// Interface of each session, and whether that was inferred from the flow logs.
    pub(crate) interfaces: Vec<Option<(String, bool)>>,
    place: Option<evidence::Place>,
    container: Container,
    blocks: BlockHashes,
    reader: Option<RangeReader>,
}

/// All captures of a case, in the order of their hashes.
pub(crate) struct Captures {
    pub(crate) list: Vec<Capture>,
    pub(crate) conversations: Vec<Conversation>,
    pub(crate) mirror: Mirror,
    pub(crate) offsets: Vec<Option<ClockOffset>>,
    /// Conversation of each flow of each capture.
    numbers: Vec<Vec<i32>>,
}

/// A mirror session over all captures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SessionTotal {
    pub(crate) source: Option<Address>,
    pub(crate) vni: Option<u32>,
    pub(crate) interface: Option<(String, bool)>,
    pub(crate) packets: u64,
}

/// A packet of a conversation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// Place of its capture in [`Captures::list`].
    pub(crate) capture: usize,
    pub(crate) entry: &'a PacketEntry,
    /// Whether the conversation's client sent it.
    pub(crate) from_client: bool,
}

impl Captures {
    /// Reads all indexes in, and makes those anew that are missing or damaged.
    pub(crate) fn load(workbench: &Workbench) -> Result<Self, WorkbenchError> {
        let mut inventory = Inventory::default();
        for text in workbench.store()?.sidecars()? {
            // A sidecar was checked when it was taken in.
            let _ = inventory.read(text.as_bytes());
        }
        let mut list = Vec::new();
        for item in workbench.state().evidence {
            if !matches!(item.kind.as_str(), "pcap" | "pcapng") {
                continue;
            }
            let path = workbench.index_path(item.sha256);
            let place = workbench.place_of(&item);
            let file = match IndexFile::read(&path) {
                Ok(file) => file,
                Err(error) => {
                    let Some(place) = &place else {
                        let message = format!(
                            "the index of {} is unusable and the capture is gone",
                            item.name
                        );
                        return Err(WorkbenchError::caused(ErrorCode::Unreadable, message, error));
                    };
                    let file = index_again(place, item.sha256)?;
                    file.write(&path)
                        .map_err(|error| WorkbenchError::file("write", &path, error))?;
                    file
                }
            };
            let interfaces = file
                .index
                .sessions
                .iter()
                .map(|session| interface_of(workbench, &inventory, session.source, session.vni))
                .collect::<Result<Vec<_>, _>>()?;
            list.push(Capture {
                sha256: item.sha256,
                name: item.name,
                index: file.index,
                interfaces,
                place,
                container: file.container,
                blocks: file.blocks,
                reader: None,
            });
        }
        list.sort_by_key(|capture| capture.sha256);
        let indexes: Vec<_> = list.iter().map(|capture| (capture.sha256, &capture.index)).collect();
        let conversations = capture::join(&indexes);
        let numbers = numbers(&list, &conversations);
        let sources: Vec<_> = list
            .iter()
            .zip(&numbers)
            .map(|(capture, numbers)| Source {
                index: &capture.index,
                interfaces: capture
                    .interfaces
                    .iter()
                    .map(|interface| interface.as_ref().map(|(id, _)| id.clone()))
                    .collect(),
                conversations: numbers.clone(),
            })
            .collect();
        let mirror = Mirror::new(&sources);
        let offsets = workbench.store()?.clock_offsets(&mirror)?;
        Ok(Self { list, conversations, mirror, offsets, numbers })
    }

    /// The mirror sessions, in order of their source and VNI.
    pub(crate) fn sessions(&self) -> Vec<SessionTotal> {
        let mut totals: Vec<SessionTotal> = Vec::new();
        for capture in &self.list {
            for (session, interface) in capture.index.sessions.iter().zip(&capture.interfaces) {
                let known = totals
                    .iter_mut()
                    .find(|total| total.source == session.source && total.vni == session.vni);
                match known {
                    Some(total) => total.packets += session.packets,
                    None => totals.push(SessionTotal {
                        source: session.source,
                        vni: session.vni,
                        interface: interface.clone(),
                        packets: session.packets,
                    }),
                }
            }
        }
        totals.sort_by_key(|total| (total.source, total.vni));
        totals
    }

    /// The interface whose packets a conversation is made of.
    pub(crate) fn interface(&self, conversation: &Conversation) -> Option<&str> {
        let part = conversation.parts.first()?;
        let capture = self.list.get(part.capture)?;
        let session = capture.index.flows.get(part.flow as usize)?.session;
        capture.interfaces.get(session as usize)?.as_ref().map(|(id, _)| id.as_str())
    }

    /// Capture clock − flow-log clock at an interface, where it is known. Unit: ns.
    pub(crate) fn known_offset_of(&self, interface: Option<&str>) -> Option<i64> {
        let collector = self.mirror.collector(interface?)?;
        let offset = self.offsets.get(collector).copied().flatten()?;
        Some((offset.seconds * 1e9).round() as i64)
    }

    /// The same, 0 where it is unknown.
    pub(crate) fn offset_of(&self, interface: Option<&str>) -> i64 {
        self.known_offset_of(interface).unwrap_or_default()
    }

    /// The Community ID of a conversation.
    pub(crate) fn community_id(&self, conversation: &Conversation) -> String {
        let first = conversation.parts.first();
        let id = first.and_then(|part| self.list.get(part.capture)?.index.community_id(part.flow));
        id.unwrap_or_default()
    }

    /// The packets of a conversation, in order of time.
    pub(crate) fn packets(&self, conversation: &Conversation) -> Vec<Place<'_>> {
        let mut places = Vec::new();
        for Part { capture, flow, swapped } in &conversation.parts {
            let Some(index) = self.list.get(*capture).map(|capture| &capture.index) else {
                continue;
            };
            places.extend(index.flow_packets(*flow).map(|entry| Place {
                capture: *capture,
                entry,
                from_client: entry.from_client != *swapped,
            }));
        }
        places.sort_by_key(|place| (place.entry.time, place.capture, place.entry.offset));
        places
    }

    /// A capture was found at another place: it is read there from now on.
    pub(crate) fn moved(&mut self, sha256: Sha256, place: evidence::Place) {
        for capture in self.list.iter_mut().filter(|capture| capture.sha256 == sha256) {
            capture.place = Some(place.clone());
            capture.reader = None;
        }
    }

    /// The place of a packet, and the number of its conversation.
    pub(crate) fn find_packet(&self, packet: &PacketRef) -> Option<(usize, usize, Option<i32>)> {
        let at = self.list.iter().position(|capture| capture.sha256 == packet.evidence)?;
        let packets = &self.list.get(at)?.index.packets;
        let number = packets.binary_search_by_key(&packet.offset, |entry| entry.offset).ok()?;
        let flow = packets.get(number)?.flow;
        let conversation = flow.and_then(|flow| self.numbers.get(at)?.get(flow as usize).copied());
        Some((at, number, conversation))
    }

    /// The reference of a packet.
    pub(crate) fn reference(&self, capture: usize, entry: &PacketEntry) -> Option<PacketRef> {
        let evidence = self.list.get(capture)?.sha256;
        Some(PacketRef { evidence, offset: entry.offset })
    }

    /// `length` bytes of a capture from `offset`, checked against the first pass.
    pub(crate) fn read(
        &mut self,
        capture: usize,
        offset: u64,
        length: usize,
    ) -> Result<Vec<u8>, WorkbenchError> {
        let Some(capture) = self.list.get_mut(capture) else {
            return Err(WorkbenchError::not_found("such capture"));
        };
        let reader = match &mut capture.reader {
            Some(reader) => reader,
            None => {
                let Some(place) = &capture.place else {
                    return Err(WorkbenchError::missing(&capture.name));
                };
                let reader = RangeReader::open(place, capture.container, capture.blocks.clone())?;
                capture.reader.insert(reader)
            }
        };
        Ok(reader.read(offset, length)?)
    }
}

/// Conversation of each flow of each capture; every flow belongs to one.
fn numbers(list: &[Capture], conversations: &[Conversation]) -> Vec<Vec<i32>> {
    let mut numbers: Vec<Vec<i32>> =
        list.iter().map(|capture| vec![-1; capture.index.flows.len()]).collect();
    for (number, conversation) in (0..).zip(conversations) {
        for part in &conversation.parts {
            let flow =
                numbers.get_mut(part.capture).and_then(|flows| flows.get_mut(part.flow as usize));
            if let Some(flow) = flow {
                *flow = number;
            }
        }
    }
    numbers
}

/// Sidecars say it; where they do not, the flow logs show who sends from the session's source address.
fn interface_of(
    workbench: &Workbench,
    inventory: &Inventory,
    source: Option<Address>,
    vni: Option<u32>,
) -> Result<Option<(String, bool)>, WorkbenchError> {
    if let Some(id) = inventory.interface_of(source, vni) {
        return Ok(Some((id.to_owned(), false)));
    }
    match source {
        Some(source) => Ok(workbench.store()?.interface_with_address(source)?.map(|id| (id, true))),
        None => Ok(None),
    }
}
