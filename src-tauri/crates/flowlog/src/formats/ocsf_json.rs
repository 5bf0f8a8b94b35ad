//! Security Lake's events as JSON: OCSF Network Activity (class 4001), on lines, one after the other, or in a list.

use crate::format::Spec;
use crate::json::elements::{Each, Target, first_object, read_elements};
use crate::json::splitter::Path;
use crate::ocsf;
use crate::{FlowSink, ReadOptions, Summary};
use serde_json::{Map, Value as Json};
use std::io::{self, Read};
use std::ops::ControlFlow;

pub(crate) static SPEC: Spec = Spec {
    name: "ocsf_json",
    title: "Security Lake (OCSF network activity), JSON",
    sniff: |head| {
        first_object(head, Path::Top).is_some_and(|event| ocsf::is_network_activity(&event))
    },
    read,
    sampled: false,
};

fn read(input: &mut dyn Read, _: &ReadOptions, sink: &mut dyn FlowSink) -> io::Result<Summary> {
    read_elements(input, Path::Top, &mut Each(map), sink)
}

fn map(event: Map<String, Json>, target: &mut Target<'_, '_>) -> ControlFlow<()> {
    match event.get("class_uid").and_then(Json::as_u64) {
        Some(class) if class != ocsf::NETWORK_ACTIVITY => {
            target.pass(&format!("OCSF class {class}"))
        }
        _ => target.row(ocsf::row(event)),
    }
}
