//! Packets that leave the case, as a capture whose every packet names where it was captured.

mod check;
mod source;

use crate::captures::Captures;
use crate::exporting::{Export, Written, cancelled, told, write_new};
use crate::hashed::Hashed;
use crate::look::find;
use crate::meter::Unit;
use crate::{Meter, VERSION, Workbench, WorkbenchError};
use capture::{SlicePacket, SliceWriter};
use case::{ExportedFile, snapshot_seq};
use evidence::{ConversationRef, RecordRef};
use serde_json::json;
use source::{Form, List, Source};
use std::collections::HashMap;
use std::path::Path;
use store::Selection;

/// Records whose packets are looked up at once.
const ROWS: usize = 5_000;

/// Which packets.
#[derive(Debug, Clone)]
pub enum PacketWish {
    /// Those of all records of a selection.
    Selection(Selection),
    /// Those of one record.
    Record(RecordRef),
    /// Those of a conversation.
    Conversation(ConversationRef),
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedPackets {
    /// The file.
    pub file: ExportedFile,
    /// Packets in it.
    pub packets: u64,
}

/// A packet that is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Wanted {
    time: Option<i64>,
    capture: u32,
    /// Where its record starts.
    offset: u64,
    /// It is a piece of what is wanted, and means something only as it was captured.
    piece: bool,
}

impl Workbench {
    /// Writes packets into a new pcapng file, each once, in order of time: as the interface sent and received them, or, if
    /// `outer`, as they were captured. Each bears a comment that says where; the section's says which all are. There is a
    /// file once it is whole; then the journal gets its hash.
    ///
    /// # Errors
    /// [`crate::ErrorCode::NotFound`] if there is no such record or conversation, [`ErrorCode::Unreadable`] if the file is there
    /// already or cannot be written, [`crate::ErrorCode::IntegrityMismatch`] if a capture was changed, [`ErrorCode::Cancelled`].
    pub fn export_packets(
        &self,
        path: &Path,
        wish: &PacketWish,
        outer: bool,
        meter: &Meter,
    ) -> Result<ExportedPackets, WorkbenchError> {
        let _alone = self.alone()?;
        let upto = snapshot_seq(&self.entries());
        let parameters = json!({
            "file": path.display().to_string(), "packets": wished(wish), "outer": outer,
        });
        self.exporting(Export { format: "pcapng", upto, parameters }, meter, || {
            let exported = self.write_packets(path, wish, outer, meter)?;
            let ExportedPackets { file, packets } = &exported;
            let results = json!({ "packets": packets, "sha256": file.sha256.to_string() });
            Ok(Written { files: vec![file.clone()], results, exported })
        })
    }

    fn write_packets(
        &self,
        path: &Path,
        wish: &PacketWish,
        outer: bool,
        meter: &Meter,
    ) -> Result<ExportedPackets, WorkbenchError> {
        let (packets, file) = write_new(path, |path, out| {
            meter.step("looking up the packets", 0, 0);
            let numbers = match wish {
                PacketWish::Selection(selection) => self.ordered(selection, None)?.0,
                _ => Vec::new(),
            };
            let number = self.info().number.clone();
            self.with_captures(|captures| {
                let wanted = self.wanted(captures, wish, &numbers, meter)?;
                let mut list = List::default();
                for one in &wanted {
                    let capture = captures.list.get(one.capture as usize);
                    capture.iter().for_each(|capture| list.add(capture.sha256, one.offset));
                }
                let failed = |error| WorkbenchError::file("write", path, error);
                let comment = list.comment(&number, outer);
                let writer = SliceWriter::new(out, VERSION, &comment).map_err(failed)?;
                let interfaces = HashMap::new();
                let mut writing = Writing { captures, writer, interfaces, outer, path };
                let total = wanted.len() as u64;
                for (done, one) in (0..).zip(&wanted) {
                    if done % 1024 == 0 {
                        meter.step_of(Unit::Packet, "writing packets", done, total);
                        if meter.is_stopped() {
                            return Err(cancelled());
                        }
                    }
                    writing.write(one)?;
                }
                Ok(total)
            })
        })?;
        Ok(ExportedPackets { file, packets })
    }

    /// The packets, each once, in order of time.
    fn wanted(
        &self,
        captures: &Captures,
        wish: &PacketWish,
        numbers: &[u32],
        meter: &Meter,
    ) -> Result<Vec<Wanted>, WorkbenchError> {
        let mut places: Vec<(u32, u64)> = Vec::new();
        match wish {
            PacketWish::Conversation(id) => {
                let (_, conversation) = find(captures, id)?;
                let packets = captures.packets(&conversation)?;
                let own = packets.iter().map(|place| (place.capture as u32, place.entry.offset));
                places.extend(own);
            }
            PacketWish::Record(id) => {
                let row = self.flow_row(id)?;
                places.extend(self.places_of(captures, std::slice::from_ref(&row))?);
            }
            PacketWish::Selection(_) => {
                for (done, some) in (0..).zip(numbers.chunks(ROWS)) {
                    let chunks = numbers.len().div_ceil(ROWS) as u64;
                    meter.step("looking up the packets", done, chunks);
                    let rows = self.store()?.flows_numbered(some)?;
                    places.extend(self.places_of(captures, &rows)?);
                }
            }
        }
        places.sort_unstable();
        places.dedup();
        let mut wanted = Vec::with_capacity(places.len());
        for (capture, offset) in places {
            let Some(index) = captures.list.get(capture as usize).map(|capture| &capture.index)
            else {
                continue;
            };
            let pieces = index.records_joined_at(offset)?;
            let piece = !pieces.is_empty();
            let records = if piece { pieces } else { vec![offset] };
            for offset in records {
                let time = index.packet_at(offset)?.and_then(|entry| entry.time);
                wanted.push(Wanted { time, capture, offset, piece });
            }
        }
        wanted.sort_unstable_by_key(|one| (one.time, one.capture, one.offset, !one.piece));
        wanted.dedup_by_key(|one| (one.capture, one.offset));
        Ok(wanted)
    }

    fn places_of(
        &self,
        captures: &Captures,
        rows: &[store::FlowRow],
    ) -> Result<Vec<(u32, u64)>, WorkbenchError> {
        let packets = self.packets_of_rows(captures, rows)?;
        Ok(packets.into_values().flatten().map(|seen| seen.place).collect())
    }
}

/// What the journal says of the wish.
fn wished(wish: &PacketWish) -> serde_json::Value {
    match wish {
        PacketWish::Record(id) => json!({ "record": id.to_string() }),
        PacketWish::Conversation(id) => json!({ "conversation": id.to_string() }),
        PacketWish::Selection(selection) => told(selection),
    }
}

/// A slice under way.
struct Writing<'c> {
    path: &'c Path,
    captures: &'c mut Captures,
    writer: SliceWriter<&'c mut Hashed>,
    interfaces: HashMap<(u32, u32, u16), u32>,
    outer: bool,
}

impl Writing<'_> {
    fn write(&mut self, one: &Wanted) -> Result<(), WorkbenchError> {
        let failed = |error| WorkbenchError::file("write", self.path, error);
        let form = if self.outer || one.piece { Form::Outer } else { Form::Inner };
        let source = Source { offset: one.offset, capture: one.capture as usize, form };
        let packet = source.read(self.captures)?;
        let Some(capture) = self.captures.list.get(source.capture) else { return Ok(()) };
        let index = &capture.index;
        let session = match packet.entry.flow {
            Some(flow) => index.flow(flow)?.session,
            None => u32::MAX,
        };
        let key = (one.capture, session, packet.link.number());
        let interface = match self.interfaces.get(&key) {
            Some(number) => *number,
            None => {
                let known = index.sessions().get(session as usize);
                let name = known.map(|own| crate::sessions::name(crate::sessions::named(own)));
                let name = format!("{} {}", name.unwrap_or_else(|| "-/-".to_owned()), capture.name);
                let number = self.writer.interface(packet.link, &name).map_err(failed)?;
                *self.interfaces.entry(key).or_insert(number)
            }
        };
        let comment = source::comment(&capture.sha256, &packet, &capture.name);
        let written = self.writer.packet(&SlicePacket {
            interface,
            time: packet.entry.time,
            data: &packet.data,
            origlen: packet.origlen,
            comment: &comment,
        });
        written.map_err(failed)
    }
}
