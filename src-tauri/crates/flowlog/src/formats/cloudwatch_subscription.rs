//! What a subscription filter of CloudWatch Logs delivers: objects of `logEvents`, one after the other with or
//! without line ends between them. Control messages test the way, and carry no records.

use super::cloudwatch_events::messages_are_records;
use crate::format::Spec;
use crate::json::elements::{ElementReader, first_elements, read_elements};
use crate::json::splitter::Path;
use crate::messages::{Event, Messages, take_message};
use crate::rows::{Place, Rows};
use crate::{FlowSink, ReadOptions, Summary};
use serde_json::{Map, Value as Json};
use std::io::{self, Read};
use std::ops::ControlFlow;

pub(crate) static SPEC: Spec = Spec {
    name: "cloudwatch_subscription",
    title: "CloudWatch Logs subscription, JSON",
    sniff,
    read,
    sampled: false,
};

const PATH: Path = Path::Under("logEvents");

fn sniff(head: &[u8]) -> bool {
    let control = |event: &Json| {
        let message = event.get("message").and_then(Json::as_str);
        message.is_some_and(|message| message.starts_with("CWL CONTROL MESSAGE"))
    };
    messages_are_records(head, PATH) || first_elements(head, PATH, 1).iter().any(control)
}

fn read(
    input: &mut dyn Read,
    options: &ReadOptions,
    sink: &mut dyn FlowSink,
) -> io::Result<Summary> {
    let messages = Messages::new(options);
    read_elements(input, PATH, &mut Delivery { messages, holder: Map::new() }, sink)
}

struct Delivery<'o> {
    messages: Messages<'o>,
    /// What the object says that holds the events.
    holder: Map<String, Json>,
}

impl ElementReader for Delivery<'_> {
    fn element(
        &mut self,
        mut element: Map<String, Json>,
        place: Place,
        source: &[u8],
        rows: &mut Rows<'_>,
    ) -> ControlFlow<()> {
        if self.holder.get("messageType").is_some_and(|kind| kind == "CONTROL_MESSAGE") {
            rows.pass("CONTROL_MESSAGE");
            return ControlFlow::Continue(());
        }
        match take_message(&mut element, "message") {
            Ok(message) => {
                for (name, value) in self.holder.iter().filter(|(name, _)| *name != "messageType") {
                    element.entry(name.clone()).or_insert_with(|| value.clone());
                }
                self.messages.push(Event::new(message, element, place, source), rows)
            }
            Err(cause) => rows.reject(cause, place, source),
        }
    }

    fn member(&mut self, key: &str, value: Json, _: &mut Rows<'_>) -> ControlFlow<()> {
        if matches!(key, "messageType" | "owner" | "logGroup" | "logStream") {
            self.holder.insert(key.to_owned(), value);
        }
        ControlFlow::Continue(())
    }

    fn holder_ends(&mut self, _: &mut Rows<'_>) -> ControlFlow<()> {
        self.holder.clear();
        ControlFlow::Continue(())
    }

    fn finish(&mut self, rows: &mut Rows<'_>) -> ControlFlow<()> {
        self.messages.finish(rows)
    }
}
