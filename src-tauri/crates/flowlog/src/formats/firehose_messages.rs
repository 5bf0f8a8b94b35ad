//! Flow logs delivered to Firehose: a JSON object for each record, `{"message": "2 1234… OK"}`.

use super::cloudwatch_events::{Events, messages_are_records};
use crate::format::Spec;
use crate::json::elements::read_elements;
use crate::json::splitter::Path;
use crate::messages::Messages;
use crate::{FlowSink, ReadOptions, Summary};
use std::io::{self, Read};

pub(crate) static SPEC: Spec = Spec {
    name: "firehose_messages",
    title: "Firehose delivery, JSON messages",
    sniff: |head| messages_are_records(head, Path::Top),
    read,
    sampled: false,
};

fn read(
    input: &mut dyn Read,
    options: &ReadOptions,
    sink: &mut dyn FlowSink,
) -> io::Result<Summary> {
    read_elements(input, Path::Top, &mut Events(Messages::new(options)), sink)
}
