//! Apache Parquet, by its first four bytes; its columns tell whether it is a flow log.

use crate::format::Spec;
use crate::{FlowSink, ReadOptions, Refusal, Summary};
use evidence::Anomaly;
use std::io::{self, Read};

pub(crate) static SPEC: Spec = Spec {
    name: "flow_log_parquet",
    title: "Flow log, Parquet",
    sniff: |head| head.starts_with(b"PAR1"),
    read,
    sampled: false,
};

fn read(_: &mut dyn Read, _: &ReadOptions, sink: &mut dyn FlowSink) -> io::Result<Summary> {
    let refusal = Refusal::NeedsSeeking;
    let (expected, found) = ("a file that can be sought in", refusal.to_string());
    let _ = sink.anomaly(Anomaly::new(refusal.kind(), 0, 0, expected, found));
    Ok(Summary { refused: Some(refusal), ..Summary::default() })
}
