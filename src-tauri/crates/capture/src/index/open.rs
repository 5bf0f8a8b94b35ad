//! An index that is asked: only what is asked for is read.

use super::checked::CheckedReader;
use super::file::{Footer, STRIDE, Section};
use super::records::{Record, Trace};
use super::storage::Storage;
use super::{Activity, Flow, IndexError, PacketEntry, Session, Tuple, Unread};
use evidence::Cursor;

/// Flows that are read at once when all are read.
const BATCH: u64 = 4096;

/// The index of one capture: its mirror sessions, its flows in the order of their tuples, and the packets of each.
pub struct PacketIndex {
    bytes: CheckedReader,
    footer: Footer,
    sessions: Vec<Session>,
    activity: Vec<Activity>,
    unread: Vec<Unread>,
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
            keys: Vec::new(),
        };
        index.sessions = index.all(index.footer.sessions)?;
        index.activity = index.all(index.footer.activity)?;
        index.unread = index.all(index.footer.unread)?;
        index.keys = index.all(index.footer.keys)?;
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
        u32::try_from(self.footer.flows.count).unwrap_or(u32::MAX)
    }

    /// How many packets there are.
    pub fn packet_count(&self) -> u64 {
        self.footer.packets.count
    }

    /// Packets whose headers could not be read to the end, by what they begin with and why.
    pub fn unread(&self) -> &[Unread] {
        &self.unread
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

    /// The flow at a place.
    ///
    /// # Errors
    /// See [`IndexError`]; [`IndexError::Damaged`] if there is none.
    pub fn flow(&self, place: u32) -> Result<Flow, IndexError> {
        self.one(self.footer.flows, place.into())
    }

    /// All flows, in order.
    pub fn flows(&self) -> Flows<'_> {
        Flows { index: self, next: 0, batch: Vec::new().into_iter() }
    }

    /// The places and flows of a tuple.
    ///
    /// # Errors
    /// See [`IndexError`].
    pub fn flows_of(&self, tuple: &Tuple) -> Result<Vec<(u32, Flow)>, IndexError> {
        let wanted = tuple.key();
        // Flows of the wanted key may begin in the stretch before the first key that is not less.
        let stretch = self.keys.partition_point(|key| *key < wanted).saturating_sub(1);
        let (mut from, count) = (STRIDE.saturating_mul(stretch as u64), self.footer.flows.count);
        let mut found = Vec::new();
        while from < count {
            let batch = count.saturating_sub(from).min(STRIDE);
            let flows: Vec<Flow> = self.many(self.footer.flows, from, batch)?;
            for (place, flow) in (from..).zip(flows) {
                let own = self.tuple(&flow)?;
                if own == *tuple {
                    found.push((u32::try_from(place).unwrap_or(u32::MAX), flow));
                } else if own.key() > wanted {
                    return Ok(found);
                }
            }
            from = from.saturating_add(batch);
        }
        Ok(found)
    }

    /// The tuple of one of its flows.
    ///
    /// # Errors
    /// [`IndexError::Damaged`] if the flow's session is none of this index.
    pub fn tuple(&self, flow: &Flow) -> Result<Tuple, IndexError> {
        let session = self.sessions.get(flow.session as usize).ok_or(IndexError::Damaged)?;
        Ok(Tuple::of(session.identity(), flow.protocol, flow.client, flow.server))
    }

    /// The packets of a flow, in file order.
    ///
    /// # Errors
    /// See [`IndexError`].
    pub fn packets_of(&self, place: u32) -> Result<Vec<PacketEntry>, IndexError> {
        let flow = self.flow(place)?;
        let mut packets: Vec<PacketEntry> =
            self.many(self.footer.packets, flow.first_packet, flow.packets())?;
        for packet in &mut packets {
            packet.flow = Some(place);
            packet.from_client ^= flow.turned;
        }
        Ok(packets)
    }

    /// The packets without flow, in file order.
    ///
    /// # Errors
    /// See [`IndexError`].
    pub fn packets_without_flow(&self) -> Result<Vec<PacketEntry>, IndexError> {
        let start = self.without_flow()?;
        let count = self.packet_count().saturating_sub(start);
        self.many(self.footer.packets, start, count)
    }

    /// The packet whose record starts at this offset of the capture.
    ///
    /// # Errors
    /// See [`IndexError`].
    pub fn packet_at(&self, offset: u64) -> Result<Option<PacketEntry>, IndexError> {
        let (mut from, mut to) = (0, self.footer.trace.count);
        while from < to {
            let middle = from.midpoint(to);
            let trace: Trace = self.one(self.footer.trace, middle)?;
            if trace.offset < offset {
                from = middle.saturating_add(1);
            } else {
                to = middle;
            }
        }
        if from >= self.footer.trace.count {
            return Ok(None);
        }
        let trace: Trace = self.one(self.footer.trace, from)?;
        if trace.offset != offset {
            return Ok(None);
        }
        let (start, end, flow) = if trace.flow < self.flow_count() {
            let flow = self.flow(trace.flow)?;
            let end = flow.first_packet.saturating_add(flow.packets());
            (flow.first_packet, end, Some((trace.flow, flow.turned)))
        } else {
            (self.without_flow()?, self.packet_count(), None)
        };
        let (mut from, mut to) = (start, end);
        while from < to {
            let middle = from.midpoint(to);
            let packet: PacketEntry = self.one(self.footer.packets, middle)?;
            if packet.offset < offset {
                from = middle.saturating_add(1);
            } else {
                to = middle;
            }
        }
        let mut packet: PacketEntry = self.one(self.footer.packets, from)?;
        if packet.offset != offset {
            return Err(IndexError::Damaged);
        }
        if let Some((place, turned)) = flow {
            packet.flow = Some(place);
            packet.from_client ^= turned;
        }
        Ok(Some(packet))
    }

    /// The flow's Community ID.
    pub fn community_id(&self, flow: &Flow) -> String {
        let (source, destination) = match flow.opening.from_client {
            true => (flow.client, flow.server),
            false => (flow.server, flow.client),
        };
        crate::community_id(flow.protocol, source, destination, flow.opening.icmp)
    }

    /// Where the packets without flow begin.
    fn without_flow(&self) -> Result<u64, IndexError> {
        let Some(last) = self.flow_count().checked_sub(1) else { return Ok(0) };
        let last = self.flow(last)?;
        Ok(last.first_packet.saturating_add(last.packets()))
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

/// The flows of an index, in order.
pub struct Flows<'i> {
    index: &'i PacketIndex,
    next: u64,
    batch: std::vec::IntoIter<Flow>,
}

impl Iterator for Flows<'_> {
    type Item = Result<Flow, IndexError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.batch.len() == 0 {
            let section = self.index.footer.flows;
            let count = section.count.saturating_sub(self.next).min(BATCH);
            match self.index.many(section, self.next, count) {
                Ok(flows) => self.batch = flows.into_iter(),
                Err(error) => {
                    self.next = section.count;
                    return Some(Err(error));
                }
            }
            self.next = self.next.saturating_add(count);
        }
        self.batch.next().map(Ok)
    }
}
