//! Zeek's connection log as JSON, an object on each line.

use crate::format::Spec;
use crate::json::elements::{Each, first_object, read_elements};
use crate::json::splitter::Path;
use crate::{FlowSink, ReadOptions, Summary, zeek};
use std::io::{self, Read};

pub(crate) static SPEC: Spec = Spec {
    name: "zeek_conn_json",
    title: "Zeek conn.log, JSON",
    sniff: |head| {
        first_object(head, Path::Top).is_some_and(|members| zeek::is_connection(&members))
    },
    read,
    sampled: false,
};

fn read(input: &mut dyn Read, _: &ReadOptions, sink: &mut dyn FlowSink) -> io::Result<Summary> {
    read_elements(input, Path::Top, &mut Each(zeek::map), sink)
}
