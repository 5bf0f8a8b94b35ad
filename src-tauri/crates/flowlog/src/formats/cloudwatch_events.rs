//! Log events of CloudWatch Logs, as `aws logs get-log-events` and `aws logs filter-log-events` print them:
//! `{"events": [{"timestamp": …, "message": "2 1234… OK", "ingestionTime": …}]}`.

use crate::format::Spec;
use crate::infer::are_records;
use crate::json::elements::{ElementReader, first_elements, read_elements};
use crate::json::splitter::Path;
use crate::messages::{Event, Messages, take_message};
use crate::rows::{Place, Rows};
use crate::{FlowSink, ReadOptions, Summary};
use serde_json::{Map, Value as Json};
use std::io::{self, Read};
use std::ops::ControlFlow;

pub(crate) static SPEC: Spec = Spec {
    name: "cloudwatch_events",
    title: "CloudWatch Logs events, JSON",
    sniff: |head| messages_are_records(head, PATH),
    read,
    sampled: false,
};

const PATH: Path = Path::Under("events");

fn read(
    input: &mut dyn Read,
    options: &ReadOptions,
    sink: &mut dyn FlowSink,
) -> io::Result<Summary> {
    read_elements(input, PATH, &mut Events(Messages::new(options)), sink)
}

/// Whether the first elements have messages that are records.
pub(super) fn messages_are_records(head: &[u8], path: Path) -> bool {
    let elements = first_elements(head, path, 64);
    let messages: Vec<&str> =
        elements.iter().filter_map(|element| element.get("message")?.as_str()).collect();
    !messages.is_empty() && are_records(messages.iter().map(|message| message.as_bytes()))
}

/// Elements that are log events.
pub(super) struct Events<'o>(pub(super) Messages<'o>);

impl ElementReader for Events<'_> {
    fn element(
        &mut self,
        mut element: Map<String, Json>,
        place: Place,
        source: &[u8],
        rows: &mut Rows<'_>,
    ) -> ControlFlow<()> {
        match take_message(&mut element, "message") {
            Ok(message) => self.0.push(Event::new(message, element, place, source), rows),
            Err(cause) => rows.reject(cause, place, source),
        }
    }

    fn member(&mut self, key: &str, value: Json, rows: &mut Rows<'_>) -> ControlFlow<()> {
        // Of `filter-log-events`; `get-log-events` has other tokens, and has them always.
        if matches!(key, "nextToken" | "NextToken") && value.is_string() {
            let (kind, expected) = ("flowlog.maybe_truncated", "every event that was asked for");
            let place = Place { line: None, offset: 0, length: 0 };
            rows.tell(kind, place, expected, "a token to fetch further events with")?;
        }
        ControlFlow::Continue(())
    }

    fn finish(&mut self, rows: &mut Rows<'_>) -> ControlFlow<()> {
        self.0.finish(rows)
    }
}
