//! A flow log as UTF-16 text. It is recognised only so that it is refused with its cause: offsets into the text
//! would not be offsets into the file.

use crate::format::Spec;
use crate::{FlowSink, ReadOptions, Refusal, Summary, utf16};
use evidence::Anomaly;
use std::io::{self, Read};

pub(crate) static SPEC: Spec = Spec {
    name: "flow_log_utf16",
    title: "Flow log in UTF-16 (not read)",
    sniff,
    read,
    sampled: false,
};

fn sniff(head: &[u8]) -> bool {
    // What was decoded has no NUL in every other byte, so this goes one step deep.
    utf16::decode(head)
        .is_some_and(|text| !text.contains('\0') && crate::sniff(text.as_bytes()).is_some())
}

fn read(_: &mut dyn Read, _: &ReadOptions, sink: &mut dyn FlowSink) -> io::Result<Summary> {
    let refusal = Refusal::Utf16;
    let (expected, found) = ("text in UTF-8", refusal.to_string());
    let _ = sink.anomaly(Anomaly::new(refusal.kind(), 0, 0, expected, found));
    Ok(Summary { refused: Some(refusal), ..Summary::default() })
}
