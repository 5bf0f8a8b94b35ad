//! The bytes of a member, held against what the archive promised of them.

use super::{ArchiveKind, Entry};
use crate::Anomaly;
use crate::content::{Content, Window};
use crate::layers::{Layers, Medium};
use flate2::Crc;
use std::io::{self, Read};

/// A member being read: its own bytes, inflated where the archive compressed them.
///
/// Reading ends where the promised size ends; a member that is shorter, longer, or has another checksum than promised
/// is broken.
pub(crate) struct MemberBytes {
    bytes: Layers<Window>,
    window: Window,
    stored_as_is: bool,
    kind: ArchiveKind,
    header: u64,
    size: u64,
    given: u64,
    crc: Option<(u32, Crc)>,
    ended: bool,
    anomaly: Option<Anomaly>,
}

impl MemberBytes {
    pub(super) fn new(content: Content, kind: ArchiveKind, entry: &Entry) -> io::Result<Self> {
        let window = Window::new(content, entry.start, entry.stored);
        let mut bytes = Layers::bare(window.clone(), entry.start);
        if let Some(layer) = entry.coding {
            bytes = bytes.inside(layer)?;
        }
        Ok(Self {
            bytes,
            window,
            stored_as_is: entry.coding.is_none(),
            kind,
            header: entry.header,
            size: entry.size,
            given: 0,
            crc: entry.crc.map(|crc| (crc, Crc::new())),
            ended: false,
            anomaly: None,
        })
    }

    /// The part of the archive that the member is, if that is all there is to it.
    pub(crate) fn window(&self) -> Option<Window> {
        (self.stored_as_is && self.window.is_seekable()).then(|| self.window.clone())
    }

    fn end(&mut self, more: bool) -> io::Result<()> {
        self.ended = true;
        let expected = format!("{} bytes", self.size);
        let (kind, expected, found) = match (&self.crc, self.kind) {
            _ if more => ("zip.size", expected, "more".to_owned()),
            _ if self.bytes.is_broken() => return Ok(()),
            (_, ArchiveKind::Zip) if self.given < self.size => {
                ("zip.cut", expected, self.given.to_string())
            }
            (_, ArchiveKind::Tar) if self.given < self.size => {
                ("tar.cut", expected, self.given.to_string())
            }
            (Some((crc, seen)), _) if *crc != seen.sum() => {
                ("zip.checksum", format!("CRC {crc:08x}"), format!("{:08x}", seen.sum()))
            }
            _ => return self.bytes.drain(),
        };
        self.anomaly = Some(Anomaly::new(kind, self.header, 0, expected, found));
        Ok(())
    }
}

impl Read for MemberBytes {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.ended || out.is_empty() {
            return Ok(0);
        }
        let left = self.size.saturating_sub(self.given);
        if left == 0 {
            let more = self.bytes.read_on(&mut [0])? > 0;
            self.end(more)?;
            return Ok(0);
        }
        let room = usize::try_from(left).unwrap_or(usize::MAX).min(out.len());
        let out = out.get_mut(..room).unwrap_or_default();
        let count = self.bytes.read_on(out)?;
        if count == 0 {
            self.end(false)?;
        }
        if let (Some((_, crc)), Some(bytes)) = (&mut self.crc, out.get(..count)) {
            crc.update(bytes);
        }
        self.given = self.given.saturating_add(count as u64);
        Ok(count)
    }
}

impl Medium for MemberBytes {
    fn is_broken(&self) -> bool {
        self.anomaly.is_some() || self.bytes.is_broken()
    }

    fn anomalies(&self) -> Vec<Anomaly> {
        let mut all = self.bytes.anomalies();
        all.extend(self.anomaly.clone());
        all
    }
}
