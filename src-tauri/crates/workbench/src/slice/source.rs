//! Where a packet of a slice was captured, and what of it the slice holds.

use crate::WorkbenchError;
use crate::captures::Captures;
use capture::{LinkType, PacketEntry, Ports, decapsulate_with};
use evidence::{Sha256, Sha256Hasher};

/// What of a captured packet a slice holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// All of it.
    Outer,
    /// What the mirrored interface sent or received; all of it where there is no IP.
    Inner,
}

impl Form {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Outer => "outer",
            Self::Inner => "inner",
        }
    }
}

/// A packet of a capture of the case.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    /// Place in [`Captures::list`].
    pub(super) capture: usize,
    /// Where its record starts.
    pub(super) offset: u64,
    pub(super) form: Form,
}

/// It, as the slice holds it.
pub(super) struct Packet {
    pub(super) entry: PacketEntry,
    pub(super) form: Form,
    pub(super) link: LinkType,
    pub(super) data: Vec<u8>,
    pub(super) origlen: u32,
}

impl Source {
    /// Reads it, checked against the first pass.
    pub(super) fn read(&self, captures: &mut Captures) -> Result<Packet, WorkbenchError> {
        let missing = || WorkbenchError::not_found(format!("packet at {}", self.offset));
        let capture = captures.list.get(self.capture).ok_or_else(missing)?;
        let entry = capture.index.packet_at(self.offset)?.ok_or_else(missing)?;
        let ports = capture.ports.clone();
        let data = captures.read(self.capture, entry.data_offset(), entry.caplen as usize)?;
        let inner = match self.form {
            Form::Outer => None,
            Form::Inner => inner(&ports, entry.link, &data),
        };
        Ok(match inner {
            Some((link, range, origlen)) => {
                let data = data.get(range).unwrap_or_default().to_vec();
                Packet { entry, form: Form::Inner, link, data, origlen }
            }
            None => {
                let (link, origlen) = (entry.link, entry.origlen);
                Packet { entry, form: Form::Outer, link, data, origlen }
            }
        })
    }
}

/// The packet as the mirrored interface sent or received it: its link type, where its bytes are, and how long it was.
fn inner(
    ports: &Ports,
    link: LinkType,
    data: &[u8],
) -> Option<(LinkType, std::ops::Range<usize>, u32)> {
    let found = decapsulate_with(ports, link, data);
    let inner = found.mirrored.or(found.inner)?;
    let network = inner.network_offset as usize;
    let (link, start) = match inner.ethernet_offset {
        Some(ethernet) => (LinkType::Ethernet, ethernet as usize),
        None => (LinkType::Raw, network),
    };
    let header = network.checked_sub(start)?;
    let end = network.saturating_add(inner.inner_length as usize).min(data.len());
    let origlen = inner.inner_length.saturating_add(u32::try_from(header).ok()?);
    Some((link, start..end.max(start), origlen))
}

/// `sha256=… offset=… frame=… form=inner file=…`: the file comes last, since its name may hold anything.
pub(super) fn comment(sha256: &Sha256, packet: &Packet, name: &str) -> String {
    let Packet { entry, form, .. } = packet;
    let (offset, frame) = (entry.offset, entry.frame);
    format!("sha256={sha256} offset={offset} frame={frame} form={} file={name}", form.name())
}

/// The capture's hash, where the packet's record starts in it, and the form, out of such a comment.
pub(super) fn parse(comment: &str) -> Option<(Sha256, u64, Form)> {
    let mut words = comment.split(' ');
    let mut value = |name: &str| words.next()?.strip_prefix(name)?.strip_prefix('=');
    let sha256 = value("sha256")?.parse().ok()?;
    let offset = value("offset")?.parse().ok()?;
    value("frame")?;
    let form = match value("form")? {
        "outer" => Form::Outer,
        "inner" => Form::Inner,
        _ => return None,
    };
    Some((sha256, offset, form))
}

/// Which packets a slice holds, in order: so that one that was taken out or put in is found.
#[derive(Default)]
pub(super) struct List {
    hasher: Sha256Hasher,
    count: u64,
}

impl List {
    pub(super) fn add(&mut self, sha256: Sha256, offset: u64) {
        self.hasher.update(&sha256.0);
        self.hasher.update(&offset.to_le_bytes());
        self.count = self.count.saturating_add(1);
    }

    /// What the section says of itself.
    pub(super) fn comment(self, case: &str, outer: bool) -> String {
        let form = if outer { Form::Outer } else { Form::Inner }.name();
        let (count, digest) = (self.count, self.hasher.finish());
        format!("tidemark-slice packets={count} list={digest} form={form} case={case}")
    }

    /// Whether a section's comment says the same of its packets.
    pub(super) fn agrees(self, comment: &str) -> bool {
        let (count, digest) = (self.count, self.hasher.finish());
        let said = format!("tidemark-slice packets={count} list={digest} ");
        comment.starts_with(&said)
    }
}
