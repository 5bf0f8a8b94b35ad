//! The layout of records without a header line.
//!
//! CloudWatch Logs exports, Firehose and subscription filters carry records without their header. Then a
//! layout is in question only if it is one of AWS's default formats, or one that the user's inventory names,
//! *and* the values fit it: a custom format with as many columns would otherwise be read with its columns
//! exchanged. If more than one is in question none is taken.

use crate::field::{FIELDS, Field};
use crate::layout::words;
use crate::line::parse;
use crate::look::{like_records, looks};
use crate::{Column, Layout, ReadOptions, Refusal, Value};

/// Lines that are looked at.
pub(crate) const LINES: usize = 64;
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

/// The layouts of these records, no two with as many columns: that of most of them first.
///
/// More than one where several flow logs write to one log group.
///
/// # Errors
/// Why none can be told.
pub(crate) fn infer<'a>(
    lines: impl Iterator<Item = &'a [u8]>,
    options: &ReadOptions,
) -> Result<Vec<Layout>, Refusal> {
    let lines: Vec<&[u8]> = lines.take(LINES).collect();
    if let (Some(layout), Some(first)) = (&options.layout, lines.first()) {
        return Ok(vec![stated_layout(layout, first)]);
    }
    let mut groups: Vec<(usize, Vec<&[u8]>)> = Vec::new();
    for line in &lines {
        let count = words(line).count();
        match groups.iter_mut().find(|(columns, _)| *columns == count) {
            Some((_, group)) => group.push(line),
            None => groups.push((count, vec![line])),
        }
    }
    let (mut found, mut fitting) = (Vec::new(), 0_usize);
    for (_, group) in groups {
        if let Some((layout, lines)) = of_group(&group, options)? {
            fitting = fitting.saturating_add(lines);
            found.push((lines, layout));
        }
    }
    if fitting == 0 || fitting.saturating_mul(2) < lines.len() {
        return Err(Refusal::NoLayout { looks: looks(lines.into_iter()) });
    }
    found.sort_by_key(|(lines, _)| std::cmp::Reverse(*lines));
    Ok(found.into_iter().map(|(_, layout)| layout).collect())
}

/// Whether these are records of a flow log, readable or not.
pub(crate) fn are_records<'a>(lines: impl Iterator<Item = &'a [u8]> + Clone) -> bool {
    let lines = lines.take(LINES);
    infer(lines.clone(), &ReadOptions::default()).is_ok() || like_records(lines)
}

/// The one layout that fits at least half of these lines of as many columns each, and how many it fits.
fn of_group(lines: &[&[u8]], options: &ReadOptions) -> Result<Option<(Layout, usize)>, Refusal> {
    let mut layouts: Vec<(Layout, Vec<bool>)> = Vec::new();
    for line in lines {
        for layout in in_question(line, options) {
            if !layouts.iter().any(|(known, _)| *known == layout) {
                let fit = lines.iter().map(|line| fits(line, &layout)).collect();
                layouts.push((layout, fit));
            }
        }
    }
    layouts.retain(|(_, fit)| fit.contains(&true));
    // A layout that fits fewer of the lines than another one is refuted by those, if it fits none but them.
    let within = |a: &[bool], b: &[bool]| a.iter().zip(b).all(|(a, b)| *b || !*a);
    let refuted =
        |fit: &[bool]| layouts.iter().any(|(_, other)| within(fit, other) && !within(other, fit));
    let standing: Vec<_> = layouts.iter().filter(|(_, fit)| !refuted(fit)).collect();
    match standing.as_slice() {
        [] => Ok(None),
        [(layout, fit)] => {
            let count = fit.iter().filter(|fit| **fit).count();
            let enough = count.saturating_mul(2) >= lines.len();
            Ok(enough.then(|| (layout.clone(), count)))
        }
        several => Err(Refusal::Ambiguous {
            candidates: several.iter().map(|(layout, _)| layout.clone()).collect(),
        }),
    }
}

/// The layouts with as many columns as this line.
fn in_question(line: &[u8], options: &ReadOptions) -> Vec<Layout> {
    let count = words(line).count();
    let mut layouts = Vec::new();
    for prefix in prefixes(line) {
        let Some(columns) = count.checked_sub(prefix.len()) else { continue };
        let candidates =
            options.candidates.iter().filter(|layout| layout.columns.len() == columns).cloned();
        for layout in default_format(columns).into_iter().chain(candidates) {
            layouts.push(prefixed(prefix, &layout));
        }
    }
    layouts
}

/// What can stand before the record, which is no field of it.
///
/// Each line of a CloudWatch Logs export starts with the time of its log event; in the output of
/// `aws logs tail`, the name of the log stream follows.
fn prefixes(line: &[u8]) -> &'static [&'static [&'static str]] {
    match words(line).next() {
        Some(word) if is_event_time(word) => &[&["timestamp"], &["timestamp", "logStream"]],
        _ => &[&[]],
    }
}

fn prefixed(prefix: &[&str], layout: &Layout) -> Layout {
    let prefix = prefix.iter().map(|name| Column::Unknown((*name).to_owned()));
    Layout { columns: prefix.chain(layout.columns.iter().cloned()).collect() }
}

/// The layout that the user states, with what stands before the record if that makes up for the columns.
fn stated_layout(layout: &Layout, line: &[u8]) -> Layout {
    let count = words(line).count();
    let missing = count.checked_sub(layout.columns.len());
    let prefix = prefixes(line).iter().find(|prefix| Some(prefix.len()) == missing);
    prefixed(prefix.copied().unwrap_or_default(), layout)
}

fn default_format(columns: usize) -> Option<Layout> {
    let columns = if columns == TRANSIT_GATEWAY.len() {
        TRANSIT_GATEWAY.iter().filter_map(|field| known(*field)).collect()
    } else if VPC_FORMATS.contains(&columns) {
        FIELDS.iter().take(columns).map(Column::Known).collect()
    } else {
        return None;
    };
    Some(Layout { columns })
}

fn known(field: Field) -> Option<Column> {
    FIELDS.get(field as usize).map(Column::Known)
}

/// `2015-08-12T13:47:43.000Z`, `2015-08-12T13:47:43.000000+00:00`, `2015-08-12T13:47:43`
fn is_event_time(word: &[u8]) -> bool {
    word.get(10) == Some(&b'T')
        && std::str::from_utf8(word).is_ok_and(|text| crate::moment::moment(text).is_some())
}

/// Whether the values are such as their fields have, stricter than for a record whose layout is known.
fn fits(line: &[u8], layout: &Layout) -> bool {
    let mut values = Vec::new();
    if parse(line, None, layout, &mut values).is_err() {
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
    let time = |field| match value(field) {
        Some(Value::Time(time)) => time >= EARLIEST,
        Some(_) => false,
        None => true,
    };
    let window = match (value(Field::Start), value(Field::End)) {
        (Some(Value::Time(start)), Some(Value::Time(end))) => {
            end.saturating_sub(start) <= LONGEST_WINDOW
        }
        _ => true,
    };
    time(Field::Start)
        && time(Field::End)
        && window
        && matches!(value(Field::Version), None | Some(Value::Int(2..=20)))
        && matches!(value(Field::LogStatus), None | Some(Value::Text("OK" | "NODATA" | "SKIPDATA")))
        && one_of(Field::Action, &["ACCEPT", "REJECT"])
        && one_of(Field::Type, &["IPv4", "IPv6", "EFA"])
        && one_of(Field::FlowDirection, &["ingress", "egress"])
        && begins(Field::InterfaceId, "eni-")
        && begins(Field::VpcId, "vpc-")
        && begins(Field::SubnetId, "subnet-")
        && begins(Field::TgwId, "tgw-")
}

#[cfg(test)]
mod tests;
