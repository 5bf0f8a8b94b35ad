//! Traffic Mirroring: which interfaces are sources, when the collector captured, and what got lost.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};

use crate::clock::{Nanos, at};
use crate::hash::fnv;
use crate::net::{APP, BASTION, Direction, INTERFACES, WEB};
use crate::packet::Packet;
use crate::wire::pcap::{self, Format};
use crate::wire::{ethernet, vxlan};

/// A mirror session: one source interface.
pub(crate) struct MirrorSession {
    pub(crate) id: &'static str,
    pub(crate) interface: usize,
    pub(crate) vni: u32,
    /// Bytes kept after the VXLAN header; all when unset.
    pub(crate) packet_length: Option<usize>,
}

pub(crate) static SESSIONS: [MirrorSession; 3] = [
    MirrorSession {
        id: "tms-0a3e5d7c9b1f20410",
        interface: WEB,
        vni: 7_340_101,
        packet_length: None,
    },
    MirrorSession {
        id: "tms-0b3e5d7c9b1f20422",
        interface: BASTION,
        vni: 2_205_522,
        packet_length: Some(128),
    },
    MirrorSession {
        id: "tms-0c3e5d7c9b1f20420",
        interface: APP,
        vni: 11_020_020,
        packet_length: None,
    },
];

/// A span in which the collector captured into one file.
pub(crate) struct Window {
    pub(crate) file: &'static str,
    pub(crate) format: Format,
    pub(crate) from: Nanos,
    pub(crate) to: Nanos,
}

pub(crate) static WINDOWS: [Window; 4] = [
    Window {
        file: "mirror/collector-1_20260303T093011Z.pcap",
        format: Format::Pcap,
        from: at(9, 30, 11),
        to: at(9, 46, 42),
    },
    Window {
        file: "mirror/collector-1_20260303T125205Z.pcap.gz",
        format: Format::Pcap,
        from: at(12, 52, 5),
        to: at(13, 2, 33),
    },
    Window {
        file: "mirror/collector-1_20260303T132908Z.pcapng",
        format: Format::Pcapng,
        from: at(13, 29, 8),
        to: at(13, 44, 21),
    },
    Window {
        file: "mirror/collector-1_20260303T150807Z.pcap.gz",
        format: Format::Pcap,
        from: at(15, 8, 7),
        to: at(16, 8, 45),
    },
];

/// What became of one interface's copy of a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    Captured,
    /// Dropped by the mirror, which yields to production traffic.
    Lost,
    NotASource,
    /// Inbound and denied: dropped before it could be mirrored.
    Rejected,
    OutsideWindow,
}

/// The session that mirrors `interface`.
pub(crate) fn session_of(interface: usize) -> Option<&'static MirrorSession> {
    SESSIONS.iter().find(|s| s.interface == interface)
}

/// The window that `moment` falls in.
pub(crate) fn window_at(moment: Nanos) -> Option<usize> {
    WINDOWS.iter().position(|w| (w.from..w.to).contains(&moment))
}

/// Write one capture after the other as packets come in, in time order.
pub(crate) struct Collector {
    files: [Option<Capture>; WINDOWS.len()],
    /// Frames written per window.
    pub(crate) frames: [u64; WINDOWS.len()],
    sent: [u16; INTERFACES.len()],
}

enum Capture {
    Plain(BufWriter<File>),
    Gzip(Box<GzEncoder<BufWriter<File>>>),
}

impl Capture {
    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Plain(file) => file,
            Self::Gzip(file) => file,
        }
    }
}

impl Collector {
    /// Create the capture files below `incident`.
    pub(crate) fn create(incident: &Path) -> io::Result<Self> {
        fs::create_dir_all(incident.join("mirror"))?;
        let mut files = [const { None }; WINDOWS.len()];
        for (slot, window) in files.iter_mut().zip(&WINDOWS) {
            let file = BufWriter::new(File::create(incident.join(window.file))?);
            let mut capture = if window.file.ends_with(".gz") {
                Capture::Gzip(Box::new(GzBuilder::new().write(file, Compression::best())))
            } else {
                Capture::Plain(file)
            };
            pcap::begin(capture.writer(), window.format)?;
            *slot = Some(capture);
        }
        Ok(Self { files, frames: [0; WINDOWS.len()], sent: [0; INTERFACES.len()] })
    }

    /// Write the copy of `packet` that `interface` saw at `moment`.
    pub(crate) fn capture(
        &mut self,
        moment: Nanos,
        interface: usize,
        direction: Direction,
        packet: &Packet,
    ) -> io::Result<()> {
        let (Some(session), Some(window)) = (session_of(interface), window_at(moment)) else {
            return Ok(());
        };
        let mut inner = inner_frame(interface, direction, packet);
        inner.truncate(session.packet_length.unwrap_or(usize::MAX));
        self.sent[interface] = self.sent[interface].wrapping_add(1);
        let outer_src = INTERFACES[interface].ipv4;
        let frame = vxlan::encapsulate(
            outer_src,
            session.vni,
            entropy(packet),
            self.sent[interface],
            &inner,
        );
        self.frames[window] += 1;
        match &mut self.files[window] {
            Some(file) => pcap::packet(file.writer(), WINDOWS[window].format, moment, &frame),
            None => Ok(()),
        }
    }

    /// Close all files.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        for ((slot, window), frames) in self.files.iter_mut().zip(&WINDOWS).zip(self.frames) {
            let Some(mut capture) = slot.take() else { continue };
            pcap::end(capture.writer(), window.format, window.to, frames)?;
            match capture {
                Capture::Plain(mut file) => file.flush()?,
                Capture::Gzip(file) => file.finish()?.flush()?,
            }
        }
        Ok(())
    }
}

/// The whole Ethernet frame as at `interface`.
pub(crate) fn inner_frame(interface: usize, direction: Direction, packet: &Packet) -> Vec<u8> {
    let ours = &INTERFACES[interface];
    let other = if direction == Direction::Egress { packet.dst.ip } else { packet.src.ip };
    // Within a subnet the neighbour's address stands in the frame, else the router's.
    let peer = INTERFACES
        .iter()
        .find(|i| other == i.ipv4 && i.subnet.id == ours.subnet.id)
        .map_or(ours.subnet.router, |i| i.mac);
    let (dst, src) =
        if direction == Direction::Egress { (peer, ours.mac) } else { (ours.mac, peer) };
    let mut frame = Vec::with_capacity(ethernet::HEADER + packet.ip_length());
    ethernet::write(&mut frame, dst, src, packet.src.ip);
    packet.encode(&mut frame);
    frame
}

/// The outer source port spreads flows: it is a hash of the inner five-tuple.
fn entropy(packet: &Packet) -> u64 {
    fnv(format!("{:?}{:?}{}", packet.src, packet.dst, packet.protocol()).as_bytes())
}
