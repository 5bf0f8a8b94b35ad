//! The formats that flow logs come in: a table, in which each has a line.

use crate::formats::*;
use crate::{FlowSink, ReadOptions, Summary};
use std::fmt;
use std::io::{self, Read};

/// A format that flow logs come in.
#[derive(Clone, Copy)]
pub struct Format(&'static Spec);

/// What makes a format.
pub(crate) struct Spec {
    /// Kept in journals, never renamed.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// Whether the first bytes of a file, some 64 KiB, are of it.
    pub(crate) sniff: fn(&[u8]) -> bool,
    pub(crate) read: fn(&mut dyn Read, &ReadOptions, &mut dyn FlowSink) -> io::Result<Summary>,
    /// Whether the source sampled packets, so that its counts are estimates.
    pub(crate) sampled: bool,
}

/// In the order in which they are tried: what cannot be mistaken for anything else comes first.
static FORMATS: &[&Spec] = &[
    &parquet_file::SPEC,
    &utf16_text::SPEC,
    &zeek_conn::SPEC,
    &flow_log_csv::SPEC,
    &text::SPEC,
    &cloudwatch_events::SPEC,
    &cloudwatch_subscription::SPEC,
    &cloudwatch_insights::SPEC,
    &firehose_messages::SPEC,
    &azure_vnet::SPEC,
    &azure_nsg::SPEC,
    &ocsf_json::SPEC,
    &gcp_flow::SPEC,
    &suricata_eve::SPEC,
    &zeek_conn_json::SPEC,
    &flow_log_json::SPEC,
];

/// The format of the flow log that begins with `head` (inflated, some 64 KiB of it), if it is one.
///
/// The bytes decide, not a name. Records that are recognised without a header line can still be refused when
/// they are read, if it cannot be told what their columns mean.
pub fn sniff(head: &[u8]) -> Option<Format> {
    Format::all().find(|format| (format.0.sniff)(head))
}

impl Format {
    /// Every format.
    pub fn all() -> impl Iterator<Item = Self> {
        FORMATS.iter().map(|spec| Self(spec))
    }

    /// The format with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|format| format.name() == name)
    }

    /// Its stable name, as journals keep it: `flow_log_text`.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        self.0.title
    }

    /// Whether its counts are estimates out of a sample of the packets.
    pub fn is_sampled(self) -> bool {
        self.0.sampled
    }

    /// Whether it can only be read from a file that can be sought in: Parquet. [`Format::read`] refuses it.
    pub fn needs_seeking(self) -> bool {
        self.0.name == parquet_file::SPEC.name
    }

    /// Reads a flow log of this format from `input` (inflated) into `sink`.
    ///
    /// Memory is bounded whatever the input.
    ///
    /// # Errors
    /// Only those of `input`.
    pub fn read(
        self,
        input: &mut dyn Read,
        options: &ReadOptions,
        sink: &mut dyn FlowSink,
    ) -> io::Result<Summary> {
        (self.0.read)(input, options, sink)
    }
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Format {}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests;
