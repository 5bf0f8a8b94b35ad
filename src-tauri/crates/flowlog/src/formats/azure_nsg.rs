//! Flow logs of Azure's network security groups, versions 1 and 2: `PT1H.json`, `{"records": […]}`.
//!
//! Source: *Flow logging for network security groups* of Microsoft's documentation.

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
    name: "azure_nsg",
    title: "Azure NSG flow log",
    sniff: |head| says(head, [b"\"NetworkSecurityGroupFlowEvent\"", b"\"flowTuples\""]),
    read,
    sampled: false,
};

/// `time,source,destination,port,port,T|U,I|O,A|D[,B|C|E,packets,bytes,packets,bytes]`
const PLACES: Places = Places { decision: Some(7), state: 8, counts: 9 };

fn read(input: &mut dyn Read, _: &ReadOptions, sink: &mut dyn FlowSink) -> io::Result<Summary> {
    read_elements(input, Path::Under("records"), &mut Each(map), sink)
}

fn map(record: Map<String, Json>, target: &mut Target<'_, '_>) -> ControlFlow<()> {
    match record.get("category").and_then(Json::as_str) {
        Some("NetworkSecurityGroupFlowEvent") | None => {}
        Some(other) => return target.pass(other),
    }
    let rules = match objects(get(&record, "properties.flows")) {
        Ok(rules) => rules,
        Err(cause) => return target.row(Err(cause)),
    };
    for rule in rules {
        let mut others = without(&record, "properties");
        if let Some(name) = rule.get("rule") {
            others.insert("rule".to_owned(), name.clone());
        }
        match objects(rule.get("flows")) {
            Ok(groups) => {
                for group in groups {
                    let list = group.get("flowTuples");
                    let interface = group.get("mac").or_else(|| record.get("macAddress"));
                    tuples(list, &PLACES, interface, &others, target)?;
                }
            }
            Err(cause) => target.row(Err(cause))?,
        }
    }
    ControlFlow::Continue(())
}
