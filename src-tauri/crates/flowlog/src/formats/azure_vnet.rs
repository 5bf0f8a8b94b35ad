//! Flow logs of Azure's virtual networks, version 4: `PT1H.json`, `{"records": […]}`.
//!
//! Source: *Virtual network flow logs* of Microsoft's documentation.

use super::azure::{Places, objects, says, tuples, without};
use crate::format::Spec;
use crate::json::elements::{Each, Target, read_elements};
use crate::json::splitter::Path;
use crate::json::value::get;
use crate::{FlowSink, ReadOptions, Summary};
use serde_json::{Map, Value as Json};
use std::io::{self, Read};
use std::ops::ControlFlow;

pub(crate) static SPEC: Spec = Spec {
    name: "azure_vnet",
    title: "Azure VNet flow log",
    sniff: |head| says(head, [b"\"flowRecords\"", b"\"flowTuples\""]),
    read,
    sampled: false,
};

/// `time,source,destination,port,port,protocol,I|O,B|C|E|D,encryption,packets,bytes,packets,bytes`
const PLACES: Places = Places { decision: None, state: 7, counts: 9 };

fn read(input: &mut dyn Read, _: &ReadOptions, sink: &mut dyn FlowSink) -> io::Result<Summary> {
    read_elements(input, Path::Under("records"), &mut Each(map), sink)
}

fn map(record: Map<String, Json>, target: &mut Target<'_, '_>) -> ControlFlow<()> {
    match record.get("category").and_then(Json::as_str) {
        Some("FlowLogFlowEvent") | None => {}
        Some(other) => return target.pass(other),
    }
    let lists = match objects(get(&record, "flowRecords.flows")) {
        Ok(lists) => lists,
        Err(cause) => return target.row(Err(cause)),
    };
    for list in lists {
        let mut others = without(&record, "flowRecords");
        others.shift_remove("macAddress");
        if let Some(name) = list.get("aclID") {
            others.insert("aclID".to_owned(), name.clone());
        }
        match objects(list.get("flowGroups")) {
            Ok(groups) => {
                for group in groups {
                    let mut others = others.clone();
                    if let Some(name) = group.get("rule") {
                        others.insert("rule".to_owned(), name.clone());
                    }
                    let list = group.get("flowTuples");
                    tuples(list, &PLACES, record.get("macAddress"), &others, target)?;
                }
            }
            Err(cause) => target.row(Err(cause))?,
        }
    }
    ControlFlow::Continue(())
}
