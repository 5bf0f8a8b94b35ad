//! Lines of fields parted by white space: as S3 has them, as a CloudWatch Logs export or `aws logs tail` gives
//! them, or saved by hand.

use crate::format::Spec;
use crate::infer::are_records;
use crate::layout::Header;
use crate::text::{BYTE_ORDER_MARK, read_text};

pub(crate) static SPEC: Spec = Spec {
    name: "flow_log_text",
    title: "AWS flow log, text",
    sniff,
    read: read_text,
    sampled: false,
};

fn sniff(head: &[u8]) -> bool {
    let text = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head).trim_ascii_start();
    // Every other format of text begins otherwise, and prose does seldom.
    if text.is_empty() || text.starts_with(b"{") || text.starts_with(b"[") {
        return false;
    }
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let first = lines.clone().next().unwrap_or_default();
    Header::parse(first).is_some() || are_records(lines)
}
