//! An index that is asked: only what is asked for is read.

use super::checked::CheckedReader;
use super::facts::{Facts, KeptFact};
use super::file::{Footer, RunSections, STRIDE, Section};
use super::records::{Piece, Record, Trace};
use super::storage::Storage;
use super::{Activity, Flow, IndexError, Origin, PacketEntry, Session, Tuple, Unread};
use crate::Ports;
use evidence::Cursor;
use std::collections::BTreeSet;

/// Flows that are read at once when all are read.
const BATCH: u64 = 512;

/// Bytes of a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Where they start in the inflated capture.
    pub offset: u64,
    /// How many there are.
    pub length: u32,
}

/// The index of one capture: its mirror sessions, its flows, and the packets of each. Flows are numbered run by run, and
/// within a run in the order of their tuples.
pub struct PacketIndex {
    bytes: CheckedReader,
    footer: Footer,
    sessions: Vec<Session>,
    activity: Vec<Activity>,
    unread: Vec<Unread>,
    runs: Vec<OpenRun>,
    flow_count: u32,
}

struct OpenRun {
    sections: RunSections,
    /// The place of its first flow in the index.
    first_flow: u32,
    /// Of every 64th flow.
    keys: Vec<u64>,
}

impl PacketIndex {
    /// Opens what [`super::IndexBuilder::finish`] wrote.
    ///
    /// # Errors
    /// See [`IndexError`].
    pub fn open(storage: Box<dyn Storage>) -> Result<Self, IndexError> {
        let (footer, checks) = Footer::read(&*storage)?;
        let bytes = CheckedReader::new(storage, footer.length, checks);
        let mut index = Self {
            bytes,
            footer,
            sessions: Vec::new(),
            activity: Vec::new(),
            unread: Vec::new(),
            runs: Vec::new(),
            flow_count: 0,
        };
        index.sessions = index.all(index.footer.sessions)?;
        index.activity = index.all(index.footer.activity)?;
        index.unread = index.all(index.footer.unread)?;
        for sections in index.all::<RunSections>(index.footer.runs)? {
            let (first_flow, keys) = (index.flow_count, index.all(sections.keys)?);
            let flows = u32::try_from(sections.flows.count).map_err(|_| IndexError::Damaged)?;
            index.flow_count = first_flow.checked_add(flows).ok_or(IndexError::Damaged)?;
            index.runs.push(OpenRun { sections, first_flow, keys });
        }
        Ok(index)
    }

    /// Mirror sessions, in the order in which they first appear.
    pub fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// Packets of each session and minute.
    pub fn activity(&self) -> &[Activity] {
        &self.activity
    }

    /// How many flows there are.
    pub fn flow_count(&self) -> u32 {
        self.flow_count
    }

    /// How many packets there are.
    pub fn packet_count(&self) -> u64 {
        self.footer.captured
    }

    /// Packets whose headers could not be read to the end, by what they begin with and why.
    pub fn unread(&self) -> &[Unread] {
        &self.unread
    }

    /// What the capture says besides its packets, in file order.
    ///
    /// # Errors
    /// See [`IndexError`].
    pub fn facts(&self) -> Result<Vec<KeptFact>, IndexError> {
        let Section { offset, count } = self.footer.facts;
        let length = usize::try_from(count).map_err(|_| IndexError::Damaged)?;
        let mut bytes = Vec::new();
        self.bytes.read(offset, length, &mut bytes)?;
        Facts::read(&bytes).ok_or(IndexError::Damaged)
    }

    /// How many of those there was no room for.
    pub fn omitted_facts(&self) -> u64 {
        self.footer.omitted_facts
    }

    /// Earliest and latest capture time. Unit: nanoseconds since 1970-01-01 UTC.
    pub fn span(&self) -> Option<(i64, i64)> {
        let spans = || self.sessions.iter().filter_map(|session| session.span);
        spans().map(|(first, _)| first).min().zip(spans().map(|(_, last)| last).max())
    }

    /// Fragments whose first one was not seen, so that their ports are unknown.
    pub fn orphan_fragments(&self) -> u64 {
        self.footer.orphan_fragments
    }

    /// Whether these are the ports at which tunnels were looked for besides the usual ones.
    pub fn is_of(&self, ports: &Ports) -> bool {
        self.footer.ports == ports.digest()
    }

    /// The flow at a place.
    ///
    /// # Errors
    /// See [`IndexError`]; [`IndexError::Damaged`] if there is none.
    pub fn flow(&self, place: u32) -> Result<Flow, IndexError> {
        let run = self.run_of(place)?;
        self.flow_in(run, place.saturating_sub(run.first_flow))
    }

    /// All flows, in order.
    pub fn flows(&self) -> impl Iterator<Item = Result<Flow, IndexError>> {
        self.runs().flatten()
    }

    /// The flows of each run.
    pub(crate) fn runs(&self) -> impl Iterator<Item = Flows<'_>> {
        self.runs.iter().map(|run| Flows {
            index: self,
            section: run.sections.flows,
            place: run.first_flow,
            next: 0,
            batch: Vec::new().into_iter(),
        })
    }

    /// The places and flows of a tuple.
    ///
    /// # Errors
    /// See [`IndexError`].
    pub fn flows_of(&self, tuple: &Tuple) -> Result<Vec<(u32, Flow)>, IndexError> {
        let (wanted, mut found) = (tuple.key(), Vec::new());
        for run in &self.runs {
            self.find(tuple, wanted, run, &mut found)?;
        }
        Ok(found)
    }

    fn find(
        &self,
        tuple: &Tuple,
        wanted: u64,
        run: &OpenRun,
        found: &mut Vec<(u32, Flow)>,
    ) -> Result<(), IndexError> {
        let section = run.sections.flows;
        // Flows of the wanted key may begin behind the last of these keys that is less.
        let less = run.keys.partition_point(|key| *key < wanted) as u64;
        let from = less.saturating_sub(1).saturating_mul(STRIDE).min(section.count);
        let to = less.saturating_mul(STRIDE).min(section.count);
        let before = |flow: &Flow| self.tuple(flow).is_ok_and(|own| own.key() < wanted);
        for place in self.first_not(section, from, to, before)?..section.count {
            let flow: Flow = self.one(section, place)?;
            let own = self.tuple(&flow)?;
            if own == *tuple {
                let place = u32::try_from(place).unwrap_or(u32::MAX);
                found.push((run.first_flow.saturating_add(place), flow));
            } else if own.key() != wanted {
                break;
            }
        }
        Ok(())
    }

    /// The tuple of one of its flows.
    ///
    /// # Errors
    /// [`IndexError::Damaged`] if the flow's session is none of this index.
    pub fn tuple(&self, flow: &Flow) -> Result<Tuple, IndexError> {
        let session = self.sessions.get(flow.session as usize).ok_or(IndexError::Damaged)?;
        let tuple = Tuple::of(session.identity(), flow.protocol, flow.client, flow.server);
        Ok(Tuple { tunnelled: flow.tunnelled, ..tuple })
    }

    /// The packets of a flow, in file order.
    ///
    /// # Errors
    /// See [`IndexError`].
    pub fn packets_of(&self, place: u32) -> Result<Vec<PacketEntry>, IndexError> {
        let (mut packets, contents) = self.entries_of(place)?;
        if contents {
            packets.retain(|packet| packet.origin != Origin::Content);
        }
        Ok(packets)
    }

    /// The packets of a flow, in file order, for the reading of their payload: instead of fragments that were joined
    /// stands what they are together. See [`PacketIndex::stretches`].
    ///
    /// # Errors
    /// See [`IndexError`].
    pub fn payloads_of(&self, place: u32) -> Result<Vec<PacketEntry>, IndexError> {
        let (mut packets, contents) = self.entries_of(place)?;
        if !contents {
            return Ok(packets);
        }
        let mut joined = BTreeSet::new();
        for content in packets.iter().filter(|packet| packet.origin == Origin::Content) {
            joined.extend(self.pieces(content.offset)?.iter().map(|piece| piece.packet));
        }
        packets.retain(|packet| {
            packet.origin == Origin::Content || !joined.contains(&packet.data_offset())
        });
        Ok(packets)
    }

    /// Where the captured payload of a packet stands in the capture.
    ///
    /// # Errors
    /// See [`IndexError`].
    pub fn stretches(&self, packet: &PacketEntry) -> Result<Vec<Stretch>, IndexError> {
        let (from, length) = (packet.payload_offset, packet.payload_captured);
        if length == 0 {
            return Ok(Vec::new());
        }
        if packet.origin == Origin::Captured {
            let offset = packet.data_offset().saturating_add(from.into());
            return Ok(vec![Stretch { offset, length }]);
        }
        let to = from.saturating_add(length);
        let mut stretches = Vec::new();
        for Piece { packet, offset, start, length, .. } in self.pieces(packet.offset)? {
            let (low, high) = (start.max(from), start.saturating_add(length).min(to));
            if low < high {
                let within = u64::from(offset).saturating_add(low.saturating_sub(start).into());
                let offset = packet.saturating_add(within);
                stretches.push(Stretch { offset, length: high.saturating_sub(low) });
            }
        }
        Ok(stretches)
    }

    /// Where the captured bytes start of the packets that a joined packet is made of, in the order of its bytes.
    ///
    /// # Errors
    /// See [`IndexError`].
    pub fn fragments_of(&self, packet: &PacketEntry) -> Result<Vec<u64>, IndexError> {
        if packet.origin == Origin::Captured {
            return Ok(Vec::new());
        }
        let mut packets: Vec<u64> =
            self.pieces(packet.offset)?.iter().map(|piece| piece.packet).collect();
        packets.dedup();
        Ok(packets)
    }

    /// Where the records start of the packets that the one with its record at `offset` completes datagrams with, its own
    /// among them; none, nearly always.
    ///
    /// # Errors
    /// See [`IndexError`].
    pub fn records_joined_at(&self, offset: u64) -> Result<Vec<u64>, IndexError> {
        let mut records = Vec::new();
        for piece in self.pieces(offset)? {
            records.extend(self.record_of(piece.packet)?.map(|(record, _)| record));
        }
        records.sort_unstable();
        records.dedup();
        Ok(records)
    }

    /// The packets without flow, in file order.
    ///
    /// # Errors
    /// See [`IndexError`].
    pub fn packets_without_flow(&self) -> Result<Vec<PacketEntry>, IndexError> {
        let mut packets = Vec::new();
        for run in &self.runs {
            let (start, section) = (self.without_flow(run)?, run.sections.packets);
            packets.extend(self.many(section, start, section.count.saturating_sub(start))?);
        }
        Ok(packets)
    }

    /// The packet whose record starts at this offset of the capture: the innermost, where packets carry each other;
    /// where it completes a joined one, itself, unless it is part of no conversation.
    ///
    /// # Errors
    /// See [`IndexError`].
    pub fn packet_at(&self, offset: u64) -> Result<Option<PacketEntry>, IndexError> {
        let mut all = self.all_at(offset)?;
        let talking = all.iter().position(|(talks, _)| *talks).unwrap_or_default();
        Ok((talking < all.len()).then(|| all.swap_remove(talking).1))
    }

    /// All packets of that record which are part of a conversation: itself, and those that it completes.
    ///
    /// # Errors
    /// See [`IndexError`].
    pub fn talking_at(&self, offset: u64) -> Result<Vec<PacketEntry>, IndexError> {
        let all = self.all_at(offset)?.into_iter();
        Ok(all.filter(|(talks, _)| *talks).map(|(_, packet)| packet).collect())
    }

    /// Where the record starts that holds a byte of the capture, and the number of its packet.
    ///
    /// # Errors
    /// See [`IndexError`].
    pub fn record_of(&self, byte: u64) -> Result<Option<(u64, u32)>, IndexError> {
        let Some(run) = self.run_at(byte) else { return Ok(None) };
        let section = run.sections.trace;
        let until = |trace: &Trace| trace.offset <= byte;
        let Some(at) = self.first_not(section, 0, section.count, until)?.checked_sub(1) else {
            return Ok(None);
        };
        let trace: Trace = self.one(section, at)?;
        let (_, packet) = self.traced(run, &trace)?;
        Ok(Some((packet.offset, packet.frame)))
    }

    /// Entries with their record at an offset, in the order in which they were made, and whether each is part of a
    /// conversation.
    fn all_at(&self, offset: u64) -> Result<Vec<(bool, PacketEntry)>, IndexError> {
        let Some(run) = self.run_at(offset) else { return Ok(Vec::new()) };
        let section = run.sections.trace;
        let before = |trace: &Trace| trace.offset < offset;
        let mut at = self.first_not(section, 0, section.count, before)?;
        let mut all = Vec::new();
        while at < section.count {
            let trace: Trace = self.one(section, at)?;
            if trace.offset != offset {
                break;
            }
            let (talks, packet) = self.traced(run, &trace)?;
            if packet.origin != Origin::Content {
                all.push((talks, packet));
            }
            at = at.saturating_add(1);
        }
        Ok(all)
    }

    /// An entry, and whether it is part of a conversation.
    fn traced(&self, run: &OpenRun, trace: &Trace) -> Result<(bool, PacketEntry), IndexError> {
        let RunSections { packets, flows, .. } = run.sections;
        let has_flow = u64::from(trace.flow) < flows.count;
        let flow = has_flow.then(|| self.flow_in(run, trace.flow)).transpose()?;
        let (start, end) = match &flow {
            Some(flow) => (flow.first_packet, flow.first_packet.saturating_add(flow.entries())),
            None => (self.without_flow(run)?, packets.count),
        };
        let before = |packet: &PacketEntry| packet.offset < trace.offset;
        let at = self.first_not(packets, start, end, before)?;
        let mut packet: PacketEntry = self.one(packets, at)?;
        if packet.offset != trace.offset {
            return Err(IndexError::Damaged);
        }
        if let Some(flow) = &flow {
            packet.flow = Some(run.first_flow.saturating_add(trace.flow));
            packet.from_client ^= flow.turned;
        }
        Ok((flow.is_some_and(|flow| !flow.carrier), packet))
    }

    /// All entries of a flow, in file order, and whether contents are among them.
    fn entries_of(&self, place: u32) -> Result<(Vec<PacketEntry>, bool), IndexError> {
        let run = self.run_of(place)?;
        let flow = self.flow_in(run, place.saturating_sub(run.first_flow))?;
        let mut entries: Vec<PacketEntry> =
            self.many(run.sections.packets, flow.first_packet, flow.entries())?;
        for entry in &mut entries {
            entry.flow = Some(place);
            entry.from_client ^= flow.turned;
        }
        Ok((entries, flow.contents > 0))
    }

    /// What the datagram is made of that the packet with its record at `of` completes, in the order of its bytes.
    fn pieces(&self, of: u64) -> Result<Vec<Piece>, IndexError> {
        let Some(run) = self.run_at(of) else { return Ok(Vec::new()) };
        let section = run.sections.pieces;
        let from = self.first_not(section, 0, section.count, |piece: &Piece| piece.of < of)?;
        let to = self.first_not(section, from, section.count, |piece: &Piece| piece.of == of)?;
        self.many(section, from, to.saturating_sub(from))
    }

    /// The first place from `from` on whose record is not `before`, where all that are come first; `to` if there is none.
    fn first_not<R: Record>(
        &self,
        section: Section,
        mut from: u64,
        mut to: u64,
        before: impl Fn(&R) -> bool,
    ) -> Result<u64, IndexError> {
        while from < to {
            let middle = from.midpoint(to);
            if before(&self.one(section, middle)?) {
                from = middle.saturating_add(1);
            } else {
                to = middle;
            }
        }
        Ok(from)
    }

    /// The flow's Community ID.
    pub fn community_id(&self, flow: &Flow) -> String {
        let (source, destination) = match flow.opening.from_client {
            true => (flow.client, flow.server),
            false => (flow.server, flow.client),
        };
        crate::community_id(flow.protocol, source, destination, flow.opening.icmp)
    }

    /// Where the packets without flow begin in a run.
    fn without_flow(&self, run: &OpenRun) -> Result<u64, IndexError> {
        let Some(last) = run.sections.flows.count.checked_sub(1) else { return Ok(0) };
        let last: Flow = self.one(run.sections.flows, last)?;
        Ok(last.first_packet.saturating_add(last.entries()))
    }

    /// The run with the flow at this place of the index.
    fn run_of(&self, place: u32) -> Result<&OpenRun, IndexError> {
        let after = self.runs.partition_point(|run| run.first_flow <= place);
        after.checked_sub(1).and_then(|at| self.runs.get(at)).ok_or(IndexError::Damaged)
    }

    /// The flow at this place of a run.
    fn flow_in(&self, run: &OpenRun, place: u32) -> Result<Flow, IndexError> {
        self.one(run.sections.flows, place.into())
    }

    /// The run with this byte of the capture.
    fn run_at(&self, offset: u64) -> Option<&OpenRun> {
        let after = self.runs.partition_point(|run| run.sections.first <= offset);
        self.runs.get(after.checked_sub(1)?)
    }

    fn one<R: Record>(&self, section: Section, place: u64) -> Result<R, IndexError> {
        let mut bytes = Vec::with_capacity(R::LENGTH);
        let at = section.at::<R>(place).ok_or(IndexError::Damaged)?;
        self.bytes.read(at, R::LENGTH, &mut bytes)?;
        R::read(&mut Cursor::new(&bytes)).ok_or(IndexError::Damaged)
    }

    fn many<R: Record>(
        &self,
        section: Section,
        first: u64,
        count: u64,
    ) -> Result<Vec<R>, IndexError> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let end = first.checked_add(count).filter(|end| *end <= section.count);
        let at = section.at::<R>(first).filter(|_| end.is_some()).ok_or(IndexError::Damaged)?;
        let length = usize::try_from(count).ok().and_then(|count| count.checked_mul(R::LENGTH));
        let mut bytes = Vec::new();
        self.bytes.read(at, length.ok_or(IndexError::Damaged)?, &mut bytes)?;
        let records = bytes.chunks_exact(R::LENGTH);
        records.map(|record| R::read(&mut Cursor::new(record)).ok_or(IndexError::Damaged)).collect()
    }

    fn all<R: Record>(&self, section: Section) -> Result<Vec<R>, IndexError> {
        self.many(section, 0, section.count)
    }
}

/// The flows of a run, in order.
pub(crate) struct Flows<'i> {
    index: &'i PacketIndex,
    section: Section,
    /// Of the first of them in the index.
    place: u32,
    next: u64,
    batch: std::vec::IntoIter<Flow>,
}

impl Flows<'_> {
    /// The place in the index of the flow that comes next.
    pub(crate) fn place(&self) -> u32 {
        let given = self.next.saturating_sub(self.batch.len() as u64);
        self.place.saturating_add(u32::try_from(given).unwrap_or(u32::MAX))
    }
}

impl Iterator for Flows<'_> {
    type Item = Result<Flow, IndexError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.batch.len() == 0 {
            let count = self.section.count.saturating_sub(self.next).min(BATCH);
            match self.index.many(self.section, self.next, count) {
                Ok(flows) => self.batch = flows.into_iter(),
                Err(error) => {
                    self.next = self.section.count;
                    return Some(Err(error));
                }
            }
            self.next = self.next.saturating_add(count);
        }
        self.batch.next().map(Ok)
    }
}
