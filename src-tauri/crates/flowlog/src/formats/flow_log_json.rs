//! Objects whose members are the fields of a flow log, as tables are exported: on lines, one after the other, or
//! in a list.

use crate::alias::names_flow_log;
use crate::format::Spec;
use crate::json::elements::{Each, Target, first_object, read_elements};
use crate::json::splitter::Path;
use crate::row::Row;
use crate::{Cause, FlowSink, ReadOptions, Summary};
use serde_json::{Map, Value as Json};
use std::io::{self, Read};
use std::ops::ControlFlow;

pub(crate) static SPEC: Spec = Spec {
    name: "flow_log_json",
    title: "AWS flow log, JSON",
    sniff: |head| first_object(head, Path::Top).is_some_and(|object| is_record(&object)),
    read,
    sampled: false,
};

fn read(input: &mut dyn Read, _: &ReadOptions, sink: &mut dyn FlowSink) -> io::Result<Summary> {
    read_elements(input, Path::Top, &mut Each(map), sink)
}

fn map(element: Map<String, Json>, target: &mut Target<'_, '_>) -> ControlFlow<()> {
    target.row(match is_record(&element) {
        true => Row::of_members(element),
        false => Err(Cause::Form { expected: "an object with fields of a flow log" }),
    })
}

fn is_record(element: &Map<String, Json>) -> bool {
    names_flow_log(element.keys().map(String::as_bytes))
}
