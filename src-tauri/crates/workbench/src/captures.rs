//! The captures of a case: their indexes, whose interface each session copies, the conversations over all of them.

use crate::intake::{index_again, ports_of};
use crate::sessions::Assignments;
use crate::sidecar::Inventory;
use crate::{ErrorCode, Meter, Workbench, WorkbenchError, clocks};
use capture::{Conversation, Conversations, PacketEntry, PacketIndex, Part, Ports, Stretch};
use case::EvidenceItem;
use evidence::{BlockCache, ConversationRef, PacketRef, RangeReader, Rereading, Sha256};
use std::sync::Arc;
use store::coverage::{ClockOffset, Mirror, Source};

/// Blocks at hand while all is read: the conversations of so much of a capture are read in one go. Unit: bytes.
const READ_ALL: usize = 256 << 20;

/// One capture.
pub(crate) struct Capture {
    pub(crate) sha256: Sha256,
    pub(crate) name: String,
    pub(crate) index: Arc<PacketIndex>,
    /// Interface of each session.
    pub(crate) interfaces: Vec<Option<String>>,
    /// Where tunnels are looked for, besides the usual ports.
    pub(crate) ports: Ports,
    place: Option<evidence::Place>,
    rereading: Rereading,
    reader: Option<RangeReader>,
}

/// All captures of a case, in the order of their hashes.
pub(crate) struct Captures {
    pub(crate) list: Vec<Capture>,
    pub(crate) conversations: Arc<Conversations>,
    pub(crate) mirror: Mirror,
    pub(crate) assignments: Assignments,
    /// Clock offsets as they are used, as they are estimated, and as they were set by hand (µs); each by collector.
    pub(crate) offsets: Vec<Option<ClockOffset>>,
    pub(crate) estimates: Vec<Option<ClockOffset>>,
    pub(crate) pinned: Vec<Option<i64>>,
    /// What readers share while all is read: see [`Captures::read_all`].
    reads_all: Option<Arc<BlockCache>>,
}

/// A packet of a conversation.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// Place of its capture in [`Captures::list`].
    pub(crate) capture: usize,
    pub(crate) entry: PacketEntry,
    /// Whether the conversation's client sent it.
    pub(crate) from_client: bool,
}

/// A packet that was asked for by its reference.
pub(crate) struct FoundPacket {
    /// Place of its capture in [`Captures::list`].
    pub(crate) capture: usize,
    pub(crate) entry: PacketEntry,
    /// Number of its conversation.
    pub(crate) conversation: Option<i32>,
}

impl Workbench {
    /// Makes those indexes anew that are missing, damaged, or of another version of this program. What stands in the way
    /// of one is told when captures are asked for.
    pub(crate) fn renew_indexes(&self, meter: &Meter) -> Result<(), WorkbenchError> {
        let indexes = self.indexes();
        let stale: Vec<EvidenceItem> = captures_among(self)
            .filter(|item| indexes.open(item.sha256, &ports_of(&item.reading)).is_err())
            .collect();
        meter.expect_bytes(stale.iter().map(|item| item.size).sum());
        for (done, item) in (0..).zip(&stale) {
            let Some(place) = self.place_of(item) else { continue };
            let doing = format!("indexing {} again", item.name);
            meter.step(&doing, done, stale.len() as u64);
            let ports = ports_of(&item.reading);
            match index_again(&indexes, &place, item.sha256, ports, meter.watch()) {
                Err(error) if error.code == ErrorCode::Cancelled => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

fn captures_among(workbench: &Workbench) -> impl Iterator<Item = EvidenceItem> {
    let items = workbench.state().evidence.into_iter();
    items.filter(|item| matches!(item.kind.as_str(), "pcap" | "pcapng"))
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
        for item in captures_among(workbench) {
            let indexes = workbench.indexes();
            let place = workbench.place_of(&item);
            let ports = ports_of(&item.reading);
            let (first, index) = match indexes.open(item.sha256, &ports) {
                Ok(opened) => opened,
                Err(error) => {
                    let Some(place) = &place else {
                        let message = format!(
                            "the index of {} is unusable and the capture is gone",
                            item.name
                        );
                        return Err(WorkbenchError::caused(ErrorCode::Unreadable, message, error));
                    };
                    index_again(&indexes, place, item.sha256, ports.clone(), &Arc::default())?
                }
            };
            list.push(Capture {
                sha256: item.sha256,
                name: item.name,
                index: Arc::new(index),
                interfaces: Vec::new(),
                ports,
                place,
                rereading: first,
                reader: None,
            });
        }
        list.sort_by_key(|capture| capture.sha256);
        let conversations = Arc::new(capture::join(&indexes(&list))?);
        let all: Vec<&PacketIndex> = list.iter().map(|capture| &*capture.index).collect();
        let assignments = Assignments::find(workbench, &inventory, &all)?;
        for capture in &mut list {
            let sessions = capture.index.sessions().iter();
            capture.interfaces = sessions.map(|own| assignments.interface_of(own)).collect();
        }
        let sources = list.iter().map(|capture| Source {
            index: Arc::clone(&capture.index),
            interfaces: capture.interfaces.clone(),
        });
        let mirror = Mirror::new(sources.collect(), Arc::clone(&conversations))
            .filtered(assignments.filters(&inventory));
        let unlogged = workbench.store()?.unlogged(&mirror)?;
        let mirror = mirror.unlogged_at(unlogged);
        let estimates = workbench.store()?.clock_offsets(&mirror)?;
        let (offsets, pinned) = (Vec::new(), Vec::new());
        let mut captures = Self {
            list,
            conversations,
            mirror,
            assignments,
            offsets,
            estimates,
            pinned,
            reads_all: None,
        };
        captures.pinned = clocks::pinned(&captures, &workbench.state().clocks);
        captures.offsets = clocks::used(&captures.estimates, &captures.pinned);
        Ok(captures)
    }

    /// The captures of a collector.
    pub(crate) fn of_collector(&self, collector: usize) -> impl Iterator<Item = &Capture> {
        let own = move |id: &String| self.mirror.collector(id) == Some(collector);
        self.list.iter().filter(move |capture| capture.interfaces.iter().flatten().any(own))
    }

    /// The conversation with this number.
    pub(crate) fn conversation(&self, number: i32) -> Result<Option<Conversation>, WorkbenchError> {
        let Ok(number) = usize::try_from(number) else { return Ok(None) };
        Ok(self.conversations.get(&indexes(&self.list), number)?)
    }

    /// The interface whose packets a conversation is made of.
    pub(crate) fn interface(&self, conversation: &Conversation) -> Option<&str> {
        let part = conversation.parts.first()?;
        let capture = self.list.get(part.capture as usize)?;
        let mut sessions = capture.index.sessions().iter();
        let session = sessions.position(|session| session.identity() == conversation.session())?;
        capture.interfaces.get(session)?.as_deref()
    }

    /// Capture clock − flow-log clock at an interface, where it is known. Unit: ns.
    pub(crate) fn known_offset_of(&self, interface: Option<&str>) -> Option<i64> {
        self.mirror.offset(interface?, &self.offsets)
    }

    /// The same, 0 where it is unknown.
    pub(crate) fn offset_of(&self, interface: Option<&str>) -> i64 {
        self.known_offset_of(interface).unwrap_or_default()
    }

    /// A capture's time at an interface (ns) by the flow logs' clock. Unit: µs.
    pub(crate) fn logged_at(&self, interface: Option<&str>, time: i64) -> i64 {
        time.saturating_sub(self.offset_of(interface)).div_euclid(1_000)
    }

    /// The Community ID of a conversation.
    pub(crate) fn community_id(
        &self,
        conversation: &Conversation,
    ) -> Result<String, WorkbenchError> {
        let first = conversation.parts.first();
        let first = first.and_then(|part| Some((part, self.list.get(part.capture as usize)?)));
        let Some((part, capture)) = first else { return Ok(String::new()) };
        Ok(capture.index.community_id(&capture.index.flow(part.flow)?))
    }

    /// The packets of a conversation, in order of time.
    pub(crate) fn packets(
        &self,
        conversation: &Conversation,
    ) -> Result<Vec<Place>, WorkbenchError> {
        self.places(conversation, PacketIndex::packets_of)
    }

    /// The same, where joined fragments stand as what they are together: for the reading of their payload.
    pub(crate) fn payloads(
        &self,
        conversation: &Conversation,
    ) -> Result<Vec<Place>, WorkbenchError> {
        self.places(conversation, PacketIndex::payloads_of)
    }

    /// Where the captured payload of a packet stands in its capture.
    pub(crate) fn stretches(
        &self,
        capture: usize,
        entry: &PacketEntry,
    ) -> Result<Vec<Stretch>, WorkbenchError> {
        let capture = self.list.get(capture);
        let capture = capture.ok_or_else(|| WorkbenchError::not_found("such capture"))?;
        Ok(capture.index.stretches(entry)?)
    }

    fn places(
        &self,
        conversation: &Conversation,
        of: impl Fn(&PacketIndex, u32) -> Result<Vec<PacketEntry>, capture::IndexError>,
    ) -> Result<Vec<Place>, WorkbenchError> {
        let mut places = Vec::new();
        for Part { capture, flow, swapped } in &conversation.parts {
            let capture = *capture as usize;
            let Some(index) = self.list.get(capture).map(|capture| &capture.index) else {
                continue;
            };
            places.extend(of(index, *flow)?.into_iter().map(|entry| Place {
                capture,
                from_client: entry.from_client != *swapped,
                entry,
            }));
        }
        places.sort_by_key(|place| (place.entry.time, place.capture, place.entry.offset));
        Ok(places)
    }

    /// A capture was found at another place: it is read there from now on.
    pub(crate) fn moved(&mut self, sha256: Sha256, place: evidence::Place) {
        for capture in self.list.iter_mut().filter(|capture| capture.sha256 == sha256) {
            capture.place = Some(place.clone());
            capture.reader = None;
        }
    }

    /// A packet, and the number of its conversation.
    pub(crate) fn find_packet(
        &self,
        packet: &PacketRef,
    ) -> Result<Option<FoundPacket>, WorkbenchError> {
        let capture = self.list.iter().position(|capture| capture.sha256 == packet.evidence);
        let Some((at, capture)) = capture.and_then(|at| Some((at, self.list.get(at)?))) else {
            return Ok(None);
        };
        let Some(entry) = capture.index.packet_at(packet.offset)? else { return Ok(None) };
        let conversation = entry.flow.and_then(|flow| self.conversations.number(at, flow));
        let conversation = conversation.and_then(|number| i32::try_from(number).ok());
        Ok(Some(FoundPacket { capture: at, entry, conversation }))
    }

    /// The conversation with this reference, or else the one that holds the packet which it names.
    pub(crate) fn find_conversation(
        &self,
        id: &ConversationRef,
    ) -> Result<Option<(i32, Conversation)>, WorkbenchError> {
        let capture = self.list.iter().position(|capture| capture.sha256 == id.0.evidence);
        let Some((at, capture)) = capture.and_then(|at| Some((at, self.list.get(at)?))) else {
            return Ok(None);
        };
        let mut found = None;
        for entry in capture.index.talking_at(id.0.offset)? {
            let number = entry.flow.and_then(|flow| self.conversations.number(at, flow));
            let Some(number) = number.and_then(|number| i32::try_from(number).ok()) else {
                continue;
            };
            let Some(conversation) = self.conversation(number)? else { continue };
            if conversation.id == *id {
                return Ok(Some((number, conversation)));
            }
            found = found.or(Some((number, conversation)));
        }
        Ok(found)
    }

    /// The packet that holds a byte of a capture, and its number in the file.
    pub(crate) fn packet_of(
        &self,
        capture: usize,
        byte: u64,
    ) -> Result<Option<(PacketRef, u32)>, WorkbenchError> {
        let Some(capture) = self.list.get(capture) else { return Ok(None) };
        let record = capture.index.record_of(byte)?;
        Ok(record.map(|(offset, frame)| (PacketRef { evidence: capture.sha256, offset }, frame)))
    }

    /// The reference of a packet.
    pub(crate) fn reference(&self, capture: usize, offset: u64) -> Option<PacketRef> {
        let evidence = self.list.get(capture)?.sha256;
        Some(PacketRef { evidence, offset })
    }

    /// Whether nearly all of every capture is about to be read, in whatever order: then compressed ones are inflated once,
    /// into a file without a name, instead of a stretch of them again and again, and more blocks stay at hand.
    pub(crate) fn read_all(&mut self, reads_all: bool) {
        self.reads_all = reads_all.then(|| Arc::new(BlockCache::new(READ_ALL)));
        self.list.iter_mut().for_each(|capture| capture.reader = None);
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
                let own = &capture.rereading;
                let reader = match &self.reads_all {
                    Some(cache) => {
                        let forward = Rereading::forward(own.container(), own.blocks().clone());
                        forward.open(place)?.sharing(cache)
                    }
                    None => own.open(place)?,
                };
                capture.reader.insert(reader)
            }
        };
        Ok(reader.read(offset, length)?)
    }
}

fn indexes(list: &[Capture]) -> Vec<(Sha256, &PacketIndex)> {
    list.iter().map(|capture| (capture.sha256, &*capture.index)).collect()
}
