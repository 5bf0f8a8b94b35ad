//! One pass over a capture of either format.

use crate::packet::PacketSink;
use crate::window::Window;
use crate::{pcap, pcapng};
use evidence::{Anomaly, show_bytes};
use std::io::{self, Read};
use std::ops::ControlFlow;

/// A record or block that claims to be longer is damaged: no link layer has such packets. Unit: bytes.
pub(crate) const LONGEST: u32 = 16 << 20;

/// The two capture formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// libpcap's own (draft-ietf-opsawg-pcap), with µs or ns times, also in Kuznetzov's form.
    Pcap,
    /// draft-ietf-opsawg-pcapng.
    PcapNg,
}

/// The format of an (inflated) capture that begins with these bytes; four are enough.
pub fn sniff(head: &[u8]) -> Option<Format> {
    let magic = *head.first_chunk::<4>()?;
    if magic == pcapng::SECTION_HEADER.to_be_bytes() {
        Some(Format::PcapNg)
    } else {
        pcap::Variant::of(magic).map(|_| Format::Pcap)
    }
}

/// Reads a whole capture once, front to back, from already inflated bytes.
///
/// # Errors
/// Only what `input` itself answers: whatever is wrong with the content is given to the sink.
pub fn read(input: &mut dyn Read, sink: &mut dyn PacketSink) -> io::Result<()> {
    let mut window = Window::new(input);
    let head = window.fill(4)?;
    let outcome = match sniff(head) {
        Some(Format::Pcap) => pcap::read(&mut window, sink),
        Some(Format::PcapNg) => pcapng::read(&mut window, sink),
        None => {
            let found = show_bytes(head, 4);
            let length = window.drain()?;
            let expected = "the magic number of a pcap or pcapng capture";
            told(sink.anomaly(Anomaly::new("capture.magic", 0, length, expected, found)))
        }
    };
    match outcome {
        Ok(()) | Err(Halt::Told) => Ok(()),
        Err(Halt::Io(error)) => Err(error),
    }
}

/// Why a reader ends before its input does.
pub(crate) enum Halt {
    /// The sink said so.
    Told,
    /// The input cannot be read.
    Io(io::Error),
}

impl From<io::Error> for Halt {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The sink's answer, for the `?` operator.
pub(crate) fn told(answer: ControlFlow<()>) -> Result<(), Halt> {
    match answer {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Halt::Told),
    }
}

/// A fault that may stand in every record: told once, at its first place and with its number, so that a
/// capture of a hundred million such records does not give a hundred million anomalies.
#[derive(Default)]
pub(crate) struct Tally {
    first: Option<Anomaly>,
    count: u64,
}

impl Tally {
    pub(crate) fn count(&mut self, anomaly: impl FnOnce() -> Anomaly) {
        self.count = self.count.saturating_add(1);
        self.first.get_or_insert_with(anomaly);
    }

    pub(crate) fn tell(self, sink: &mut dyn PacketSink) -> Result<(), Halt> {
        let Some(mut anomaly) = self.first else { return Ok(()) };
        if self.count > 1 {
            anomaly.found.push_str(&format!(" (the first of {} such packets)", self.count));
        }
        told(sink.anomaly(anomaly))
    }
}
