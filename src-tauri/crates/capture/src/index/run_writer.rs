//! Puts finished runs in order and writes them, on a thread of its own, while the next run comes in.

use super::PacketEntry;
use super::checked::CheckedWriter;
use super::file::{RunSections, STRIDE, Section};
use super::records::{Piece, Record as _, Trace};
use super::run::{NO_FLOW, Run};
use super::storage::Storage;
use std::io;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{Builder, JoinHandle};

/// An index file that grows run by run.
pub(super) struct IndexFile {
    pub(super) out: CheckedWriter,
    pub(super) runs: Vec<RunSections>,
}

/// Where runs are written: here, until there is a second one.
pub(super) enum RunWriter {
    Here(Box<IndexFile>),
    Thread(Thread),
    /// The thread ended before its time.
    Nobody,
}

pub(super) struct Thread {
    work: SyncSender<Run>,
    /// Runs to be filled again.
    used: Receiver<Run>,
    done: JoinHandle<io::Result<IndexFile>>,
}

impl RunWriter {
    pub(super) fn new(out: Box<dyn Storage>) -> Self {
        Self::Here(Box::new(IndexFile { out: CheckedWriter::new(out), runs: Vec::new() }))
    }

    /// Writes a run, and leaves the next one in its place, which is empty.
    pub(super) fn write(&mut self, run: &mut Run) -> io::Result<()> {
        if let Self::Here(_) = self {
            *self = match std::mem::replace(self, Self::Nobody) {
                Self::Here(file) => start(*file)?,
                other => other,
            };
        }
        let Self::Thread(thread) = self else { return Err(lost()) };
        let mut next = thread.used.try_recv().unwrap_or_default();
        next.follow(run);
        if thread.work.send(std::mem::replace(run, next)).is_ok() {
            return Ok(());
        }
        // The thread says why it ended.
        match std::mem::replace(self, Self::Nobody) {
            Self::Thread(thread) => thread.end().and(Err(lost())),
            _ => Err(lost()),
        }
    }

    /// Writes the last run.
    pub(super) fn finish(self, run: &Run) -> io::Result<IndexFile> {
        let mut file = match self {
            Self::Here(file) => *file,
            Self::Thread(thread) => thread.end()?,
            Self::Nobody => return Err(lost()),
        };
        file.add(run)?;
        Ok(file)
    }
}

impl Thread {
    fn end(self) -> io::Result<IndexFile> {
        drop((self.work, self.used));
        self.done.join().unwrap_or_else(|_| Err(lost()))
    }
}

fn start(file: IndexFile) -> io::Result<RunWriter> {
    // One run is filled, one waits or is written.
    let (work, todo) = sync_channel(0);
    let (give_back, used) = channel();
    let thread = Builder::new().name("index".to_owned());
    let done = thread.spawn(move || write(file, &todo, &give_back))?;
    Ok(RunWriter::Thread(Thread { work, used, done }))
}

fn write(
    mut file: IndexFile,
    todo: &Receiver<Run>,
    give_back: &Sender<Run>,
) -> io::Result<IndexFile> {
    for mut run in todo {
        file.add(&run)?;
        run.clear();
        // Nobody may want it any more.
        let _ = give_back.send(run);
    }
    Ok(file)
}

fn lost() -> io::Error {
    io::Error::other("the thread that writes the packet index ended before its time")
}

impl IndexFile {
    fn add(&mut self, run: &Run) -> io::Result<()> {
        let count = run.owners.len();
        let (records, _) = run.packets.as_chunks::<{ PacketEntry::LENGTH }>();
        let Some(first) = records.first() else { return Ok(()) };
        let in_order = InOrder::of(run);
        let out = &mut self.out;

        let packets = Section { offset: out.position(), count: count as u64 };
        for number in &in_order.packets {
            out.write(records.get(*number as usize).ok_or(io::ErrorKind::InvalidData)?)?;
        }
        let trace = Section { offset: out.position(), count: count as u64 };
        for (owner, record) in run.owners.iter().zip(records) {
            let flow = in_order.places.get(*owner as usize).copied();
            let flow = flow.unwrap_or(u32::try_from(run.flows.len()).unwrap_or(NO_FLOW));
            out.record(&Trace { offset: PacketEntry::offset_in(record), flow })?;
        }
        let flows = Section { offset: out.position(), count: run.flows.len() as u64 };
        let mut start = 0u64;
        for number in &in_order.flows {
            let growing = run.flows.get(*number as usize).ok_or(io::ErrorKind::InvalidData)?;
            out.record(&growing.finish(start))?;
            start = start.saturating_add(growing.flow.entries());
        }
        let count = run.pieces.len().checked_div(Piece::LENGTH).unwrap_or(0);
        let pieces = Section { offset: out.position(), count: count as u64 };
        out.write(&run.pieces)?;
        let keys: Vec<u64> = in_order
            .flows
            .iter()
            .step_by(STRIDE as usize)
            .filter_map(|number| run.flows.get(*number as usize))
            .map(|growing| growing.key)
            .collect();
        let keys = out.table(&keys)?;
        let first = PacketEntry::offset_in(first);
        self.runs.push(RunSections { first, packets, trace, flows, pieces, keys });
        Ok(())
    }
}

/// The order of a run's flows by their keys, and of its packets by their flows.
struct InOrder {
    /// Numbers of flows, by their place.
    flows: Vec<u32>,
    /// The other way round.
    places: Vec<u32>,
    /// Numbers of packets in the order of flows, and of the file within a flow; those without flow come last.
    packets: Vec<u32>,
}

impl InOrder {
    fn of(run: &Run) -> Self {
        let keys = (0u32..).zip(&run.flows).map(|(number, growing)| (growing.key, number));
        let mut keys: Vec<(u64, u32)> = keys.collect();
        // Equal keys keep the order in which they first appeared.
        keys.sort_unstable();
        let flows: Vec<u32> = keys.into_iter().map(|(_, number)| number).collect();
        let mut places = vec![0; flows.len()];
        // Where the next packet of each flow goes, by the flow's number; at the end, that of none.
        let mut next = vec![0u32; flows.len().saturating_add(1)];
        let mut start = 0u32;
        for (place, number) in (0u32..).zip(&flows) {
            let number = *number as usize;
            let entries = run.flows.get(number).map_or(0, |growing| growing.flow.entries());
            if let (Some(own), Some(next)) = (places.get_mut(number), next.get_mut(number)) {
                (*own, *next) = (place, start);
            }
            start = start.saturating_add(u32::try_from(entries).unwrap_or(u32::MAX));
        }
        if let Some(none) = next.last_mut() {
            *none = start;
        }
        let mut packets = vec![0; run.owners.len()];
        for (number, owner) in (0u32..).zip(&run.owners) {
            let owner = (*owner as usize).min(flows.len());
            let Some(next) = next.get_mut(owner) else { continue };
            if let Some(place) = packets.get_mut(*next as usize) {
                *place = number;
            }
            *next = next.saturating_add(1);
        }
        Self { flows, places, packets }
    }
}
