//! The layout of text without a header line.
//!
//! CloudWatch Logs exports, Firehose and subscription filters carry records without their header. Then a
//! layout is taken only if it is one of AWS's default formats *and* the values fit it: a custom format with
//! as many columns would otherwise be read with its columns exchanged.

use crate::field::{FIELDS, Field};
use crate::layout::words;
use crate::line::parse;
use crate::{Column, Layout, Value};

/// Lines that are looked at.
const LINES: usize = 64;
/// Columns of the default format, and of all fields up to each version of it.
const VPC_FORMATS: [usize; 8] = [14, 21, 25, 29, 39, 40, 41, 42];
/// Before any flow log. Unit: µs since the epoch, 2014-05-13 UTC.
const EARLIEST: i64 = 1_400_000_000_000_000;
/// Longer than any aggregation interval, which is 600 s at most. Unit: µs.
const LONGEST_WINDOW: i64 = 3_600_000_000;

/// The default format of Transit Gateway flow logs.
const TRANSIT_GATEWAY: [Field; 36] = [
    Field::Version,
    Field::ResourceType,
    Field::AccountId,
    Field::TgwId,
    Field::TgwAttachmentId,
    Field::TgwSrcVpcAccountId,
    Field::TgwDstVpcAccountId,
    Field::TgwSrcVpcId,
    Field::TgwDstVpcId,
    Field::TgwSrcSubnetId,
    Field::TgwDstSubnetId,
    Field::TgwSrcEni,
    Field::TgwDstEni,
    Field::TgwSrcAzId,
    Field::TgwDstAzId,
    Field::TgwPairAttachmentId,
    Field::SrcAddr,
    Field::DstAddr,
    Field::SrcPort,
    Field::DstPort,
    Field::Protocol,
    Field::Packets,
    Field::Bytes,
    Field::Start,
    Field::End,
    Field::LogStatus,
    Field::Type,
    Field::PacketsLostNoRoute,
    Field::PacketsLostBlackhole,
    Field::PacketsLostMtuExceeded,
    Field::PacketsLostTtlExpired,
    Field::TcpFlags,
    Field::Region,
    Field::FlowDirection,
    Field::PktSrcAwsService,
    Field::PktDstAwsService,
];

/// The default format that at least half of the first lines of `head` fit.
pub(crate) fn infer(head: &[u8]) -> Option<Layout> {
    let lines = head.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let mut votes: Vec<(Layout, usize)> = Vec::new();
    let mut seen = 0_usize;
    for line in lines.take(LINES) {
        seen = seen.saturating_add(1);
        let Some(layout) = default_format(line).filter(|layout| fits(line, layout)) else {
            continue;
        };
        match votes.iter_mut().find(|(known, _)| *known == layout) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => votes.push((layout, 1)),
        }
    }
    let (layout, count) = votes.into_iter().max_by_key(|(_, count)| *count)?;
    (count.saturating_mul(2) >= seen).then_some(layout)
}

/// The default format with as many columns as this line.
///
/// Each line of a CloudWatch Logs export starts with the time of its log event, which is no field of the
/// record: it becomes a column of its own.
fn default_format(line: &[u8]) -> Option<Layout> {
    let stamped = words(line).next().is_some_and(is_event_time);
    let count = words(line).count().checked_sub(usize::from(stamped))?;
    let stamp = stamped.then(|| Column::Unknown("timestamp".to_owned()));
    let columns = if count == TRANSIT_GATEWAY.len() {
        stamp.into_iter().chain(TRANSIT_GATEWAY.iter().filter_map(|field| known(*field))).collect()
    } else if VPC_FORMATS.contains(&count) {
        stamp.into_iter().chain(FIELDS.iter().take(count).map(Column::Known)).collect()
    } else {
        return None;
    };
    Some(Layout { columns })
}

fn known(field: Field) -> Option<Column> {
    FIELDS.get(field as usize).map(Column::Known)
}

/// `2015-08-12T13:47:43.000Z`
fn is_event_time(word: &[u8]) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00.000Z";
    word.len() == FORM.len()
        && word.iter().zip(FORM).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            other => byte == other,
        })
}

/// Whether the values are such as their fields have, stricter than for a record whose layout is known.
fn fits(line: &[u8], layout: &Layout) -> bool {
    let mut values = Vec::new();
    if parse(line, layout, &mut values).is_err() {
        return false;
    }
    let value = |field| layout.position(field).and_then(|at| values.get(at).copied());
    let one_of = |field, allowed: &[&str]| match value(field) {
        Some(Value::Text(text)) => allowed.contains(&text),
        _ => true,
    };
    let begins = |field, prefix| match value(field) {
        Some(Value::Text(text)) => text.starts_with(prefix),
        _ => true,
    };
    let window = match (value(Field::Start), value(Field::End)) {
        (Some(Value::Time(start)), Some(Value::Time(end))) => {
            start >= EARLIEST && end.saturating_sub(start) <= LONGEST_WINDOW
        }
        _ => false,
    };
    window
        && matches!(value(Field::Version), Some(Value::Int(2..=20)))
        && matches!(value(Field::LogStatus), Some(Value::Text("OK" | "NODATA" | "SKIPDATA")))
        && one_of(Field::Action, &["ACCEPT", "REJECT"])
        && one_of(Field::Type, &["IPv4", "IPv6", "EFA"])
        && one_of(Field::FlowDirection, &["ingress", "egress"])
        && begins(Field::InterfaceId, "eni-")
        && begins(Field::VpcId, "vpc-")
        && begins(Field::SubnetId, "subnet-")
        && begins(Field::TgwId, "tgw-")
}
