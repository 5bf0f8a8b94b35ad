//! Holding a slice against the evidence that it was taken from.

use super::source::{List, Source, parse};
use crate::verify::{Failure, Verification};
use crate::{ErrorCode, Meter, Workbench, WorkbenchError};
use capture::{Fact, PacketSink, RawPacket};
use evidence::Anomaly;
use std::fs::File;
use std::io::BufReader;
use std::ops::ControlFlow;
use std::path::Path;

/// Failures that are listed; what is beyond says nothing new.
const LISTED: usize = 1_000;

/// A packet of the slice, until its comment was read.
struct Held {
    frame: u64,
    time: Option<i64>,
    origlen: u32,
    data: Vec<u8>,
}

impl Workbench {
    /// Holds a slice against the captures of this case: every packet against the one that its comment names, and the list
    /// of all against what the section says.
    ///
    /// # Errors
    /// [`ErrorCode::Unreadable`] if the file cannot be read, [`ErrorCode::Cancelled`].
    pub fn verify_slice(&self, path: &Path, meter: &Meter) -> Result<Verification, WorkbenchError> {
        let failed = |error| WorkbenchError::file("read", path, error);
        let mut input = BufReader::new(File::open(path).map_err(failed)?);
        let mut checking = Checking {
            workbench: self,
            path,
            meter,
            held: None,
            section: None,
            list: List::default(),
            found: Verification { files: 1, ..Verification::default() },
        };
        capture::read(&mut input, &mut checking).map_err(failed)?;
        checking.check_held(None);
        if meter.is_stopped() {
            return Err(WorkbenchError::new(ErrorCode::Cancelled, "it was cancelled"));
        }
        let Checking { section, list, mut found, .. } = checking;
        let said = section.unwrap_or_default();
        if !list.agrees(&said) {
            let found_said = if said.is_empty() { "no list" } else { &said };
            found.failures.push(Failure {
                what: "slice_list".to_owned(),
                path: Some(path.display().to_string()),
                entry: None,
                expected: "the packets that the section lists, in their order".to_owned(),
                found: format!("{} packets, and the section says: {found_said}", found.packets),
            });
        }
        found.ok = found.failures.is_empty();
        Ok(found)
    }
}

struct Checking<'a> {
    workbench: &'a Workbench,
    path: &'a Path,
    meter: &'a Meter,
    held: Option<Held>,
    section: Option<String>,
    list: List,
    found: Verification,
}

impl Checking<'_> {
    /// Checks the packet that was read last, which bears this comment.
    fn check_held(&mut self, comment: Option<&str>) {
        let Some(held) = self.held.take() else { return };
        self.found.packets = self.found.packets.saturating_add(1);
        let Some((sha256, offset, form)) = comment.and_then(parse) else {
            self.fail(&held, "slice_source", "a comment that names where it was captured", "none");
            return;
        };
        self.list.add(sha256, offset);
        let read = self.workbench.with_captures(|captures| {
            let capture = captures.list.iter().position(|capture| capture.sha256 == sha256);
            let Some(capture) = capture else { return Ok(None) };
            Source { capture, offset, form }.read(captures).map(Some)
        });
        let place = format!("the packet at {offset} of {sha256}");
        match read {
            Ok(Some(packet)) => {
                let time = packet.entry.time.or(Some(0));
                if packet.data != held.data || packet.origlen != held.origlen {
                    self.fail(&held, "slice_packet", &place, "other bytes");
                } else if time != held.time {
                    self.fail(&held, "slice_packet", &place, "another time");
                }
            }
            Ok(None) => self.fail(&held, "slice_source", "a capture of the case", &place),
            Err(error) => self.fail(&held, "slice_source", &place, &error.to_string()),
        }
    }

    fn fail(&mut self, held: &Held, what: &str, expected: &str, found: &str) {
        if self.found.failures.len() < LISTED {
            self.found.failures.push(Failure {
                what: what.to_owned(),
                path: Some(self.path.display().to_string()),
                entry: None,
                expected: expected.to_owned(),
                found: format!("packet {}: {found}", held.frame),
            });
        }
    }
}

impl PacketSink for Checking<'_> {
    fn packet(&mut self, packet: &RawPacket<'_>) -> ControlFlow<()> {
        self.check_held(None);
        self.held = Some(Held {
            frame: packet.frame,
            time: packet.time,
            origlen: packet.origlen,
            data: packet.data.to_vec(),
        });
        if self.meter.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn anomaly(&mut self, anomaly: Anomaly) -> ControlFlow<()> {
        self.found.failures.push(Failure {
            what: "slice_damaged".to_owned(),
            path: Some(self.path.display().to_string()),
            entry: None,
            expected: anomaly.expected.clone(),
            found: anomaly.to_string(),
        });
        ControlFlow::Continue(())
    }

    fn fact(&mut self, fact: Fact<'_>) -> ControlFlow<()> {
        if let Fact::Comment { frame, text, .. } = fact {
            match (frame, &self.held) {
                (Some(frame), Some(held)) if held.frame == frame => self.check_held(Some(&text)),
                (None, _) if self.section.is_none() => self.section = Some(text),
                _ => {}
            }
        }
        ControlFlow::Continue(())
    }
}
