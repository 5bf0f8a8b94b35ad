//! Reading the fields of one layer.

use super::{Field, Layer};
use evidence::{Anomaly, Cursor};
use std::ops::Range;

/// What the next bytes are, by the word of the header before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// A pcap LINKTYPE.
    Link(u16),
    EtherType(u16),
    /// An IP protocol number.
    Transport(u8),
    Vxlan,
    Geneve,
    Erspan,
    Ppp,
    /// Bytes that nothing here reads.
    Data,
}

/// The IP header above a transport header, as far as a checksum needs it.
#[derive(Debug, Clone)]
pub(super) struct Network {
    /// The pseudo-header's addresses, 8 or 32 bytes.
    pub(super) addresses: Vec<u8>,
}

/// The bytes inside a header.
#[derive(Debug)]
pub(super) struct Inside {
    pub(super) next: Next,
    pub(super) range: Range<usize>,
    /// Whether the capture holds all of them: neither cut nor one fragment of several.
    pub(super) complete: bool,
    pub(super) network: Option<Network>,
}

impl Inside {
    pub(super) fn new(next: Next, range: Range<usize>) -> Self {
        Self { next, range, complete: true, network: None }
    }
}

/// Builds a [`Layer`] field by field. A read past the end answers `None`, so that a header's reader is a
/// list of `?`, and [`LayerReader::finish`] states the cut.
pub(super) struct LayerReader<'a> {
    cursor: Cursor<'a>,
    range: Range<usize>,
    /// Whether the capture holds all that the layer above promised.
    pub(super) complete: bool,
    layer: Layer,
    /// Where the fields went before a group was opened.
    groups: Vec<Vec<Field>>,
}

impl<'a> LayerReader<'a> {
    pub(super) fn new(frame: &'a [u8], range: Range<usize>, complete: bool) -> Self {
        let bytes = frame.get(range.clone()).unwrap_or_default();
        let layer = Layer {
            protocol: "data",
            title: String::new(),
            range: range.start..range.start,
            fields: Vec::new(),
            anomalies: Vec::new(),
        };
        Self { cursor: Cursor::new(bytes), range, complete, layer, groups: Vec::new() }
    }

    pub(super) fn name(&mut self, protocol: &'static str, title: impl Into<String>) {
        self.layer.protocol = protocol;
        self.layer.title = title.into();
    }

    /// Where the next field starts in the frame.
    pub(super) fn position(&self) -> usize {
        self.range.start.saturating_add(self.cursor.position())
    }

    /// How many bytes of the header have been read.
    pub(super) fn passed(&self) -> usize {
        self.cursor.position()
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.cursor.rest()
    }

    pub(super) fn remaining(&self) -> usize {
        self.cursor.remaining()
    }

    /// A field of `length` bytes.
    pub(super) fn field(
        &mut self,
        name: &'static str,
        length: usize,
        show: impl FnOnce(&[u8]) -> String,
    ) -> Option<&'a [u8]> {
        let start = self.position();
        let bytes = self.cursor.take(length)?;
        let range = start..self.position();
        self.push(Field { name, value: show(bytes), range, fields: Vec::new() });
        Some(bytes)
    }

    pub(super) fn u8(&mut self, name: &'static str, show: impl FnOnce(u8) -> String) -> Option<u8> {
        let value = self.cursor.clone().u8()?;
        self.field(name, 1, |_| show(value))?;
        Some(value)
    }

    pub(super) fn be16(
        &mut self,
        name: &'static str,
        show: impl FnOnce(u16) -> String,
    ) -> Option<u16> {
        let value = self.cursor.clone().be16()?;
        self.field(name, 2, |_| show(value))?;
        Some(value)
    }

    pub(super) fn be24(
        &mut self,
        name: &'static str,
        show: impl FnOnce(u32) -> String,
    ) -> Option<u32> {
        let value = self.cursor.clone().be24()?;
        self.field(name, 3, |_| show(value))?;
        Some(value)
    }

    pub(super) fn be32(
        &mut self,
        name: &'static str,
        show: impl FnOnce(u32) -> String,
    ) -> Option<u32> {
        let value = self.cursor.clone().be32()?;
        self.field(name, 4, |_| show(value))?;
        Some(value)
    }

    /// Some bits of the field that was read last.
    pub(super) fn bits(&mut self, name: &'static str, value: impl ToString) {
        if let Some(last) = self.layer.fields.last_mut() {
            let range = last.range.clone();
            last.fields.push(Field { name, value: value.to_string(), range, fields: Vec::new() });
        }
    }

    /// Says more about the field that was read last.
    pub(super) fn remark(&mut self, remark: &str) {
        if let Some(last) = self.layer.fields.last_mut() {
            last.value.push_str(remark);
        }
    }

    /// The fields from here to [`LayerReader::close`] become parts of one field.
    pub(super) fn open(&mut self) {
        self.groups.push(std::mem::take(&mut self.layer.fields));
    }

    /// Ends the group that was opened last.
    pub(super) fn close(&mut self, name: &'static str, value: impl Into<String>) {
        let fields = std::mem::take(&mut self.layer.fields);
        self.layer.fields = self.groups.pop().unwrap_or_default();
        let here = self.position();
        let start = fields.first().map_or(here, |field| field.range.start);
        self.push(Field { name, value: value.into(), range: start..here, fields });
    }

    pub(super) fn anomaly(
        &mut self,
        kind: &'static str,
        range: Range<usize>,
        expected: impl ToString,
        found: impl ToString,
    ) {
        self.layer.anomalies.push(Anomaly::new(
            kind,
            range.start as u64,
            range.len() as u64,
            expected.to_string(),
            found.to_string(),
        ));
    }

    /// All bytes that are left, as the inside.
    pub(super) fn inside(&self, next: Next) -> Inside {
        let range = self.position()..self.range.end;
        Inside { next, range, complete: self.complete, network: None }
    }

    /// The inside as a header states its length. More than is there makes it incomplete, and is stated.
    pub(super) fn inside_of(&mut self, next: Next, length: usize) -> Inside {
        let there = self.remaining();
        let start = self.position();
        if length > there {
            self.anomaly(
                "layer.truncated",
                start..self.range.end,
                format!("{length} bytes by the header's word"),
                format!("{there} bytes captured"),
            );
        }
        let range = start..start.saturating_add(length.min(there));
        let complete = self.complete && length <= there;
        Inside { next, range, complete, network: None }
    }

    /// The layer, and what stands inside it: `None` when a field reached past the end.
    pub(super) fn finish(mut self, inner: Option<Option<Inside>>) -> (Layer, Option<Inside>) {
        let cut = inner.is_none();
        while !self.groups.is_empty() {
            self.close("layer.cut_group", "cut");
        }
        if cut {
            let start = self.position();
            let there = self.remaining();
            self.cursor.skip(there);
            let expected = format!("the rest of a {} header", self.layer.protocol);
            let found = format!("{there} bytes");
            self.anomaly("layer.cut", start..self.range.end, expected, found);
        }
        self.layer.range.end = self.position();
        (self.layer, inner.flatten())
    }

    fn push(&mut self, field: Field) {
        self.layer.fields.push(field);
    }
}

/// `0x0800`.
pub(super) fn hex16(value: u16) -> String {
    format!("0x{value:04x}")
}

/// `02:42:ac:11:00:02`.
pub(super) fn mac(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}

/// `0a0b0c`, cut after 64 bytes.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text: String = bytes.iter().take(64).map(|byte| format!("{byte:02x}")).collect();
    if bytes.len() > 64 {
        text.push('…');
    }
    text
}

/// An IPv4 or IPv6 address of 4 or 16 bytes.
pub(super) fn address(bytes: &[u8]) -> String {
    if let Ok(v4) = <[u8; 4]>::try_from(bytes) {
        return std::net::Ipv4Addr::from(v4).to_string();
    }
    <[u8; 16]>::try_from(bytes)
        .map_or_else(|_| hex(bytes), |v6| std::net::Ipv6Addr::from(v6).to_string())
}
