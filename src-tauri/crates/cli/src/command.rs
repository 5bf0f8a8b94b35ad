//! One function for each family of commands; each answers the exit status.

mod account;
mod compare;
mod evidence;
mod flows;
mod marks;
mod mirror;
mod packets;
mod report;
mod slice;
mod views;

use crate::args::{Command, SelectionArgs};
use crate::print::Out;
use anyhow::{Context, bail};
use std::path::Path;
use time::OffsetDateTime;
use workbench::{Meter, Order, ReadingWish, Selection, Workbench, moment};

/// Done.
const DONE: u8 = 0;
/// Nothing found, something rejected, or verification failed.
const NOT_CLEAN: u8 = 1;

pub(crate) fn run(command: Command, out: &mut Out) -> anyhow::Result<u8> {
    match command {
        Command::New { case, title, number, examiner } => {
            Workbench::create(&case, &number, &title, &examiner, OffsetDateTime::now_utc)?;
            Ok(DONE)
        }
        Command::Add { case, paths, format, fields, vxlan_port, geneve_port } => {
            let mut wish = ReadingWish::in_words(format.as_deref(), fields.as_deref())?;
            wish.tunnels_at(vxlan_port, geneve_port);
            evidence::add(&case, &paths, &wish, out)
        }
        Command::Status { case } => evidence::status(&case, out),
        Command::Gaps { case, interface, kind } => evidence::gaps(&case, interface, kind, out),
        Command::Verify { path, slice: Some(slice), .. } => slice::verify(&path, &slice, out),
        Command::Verify { path, head, .. } => evidence::verify(&path, head.as_deref(), out),
        Command::Sessions { case, confirm, release } => {
            mirror::sessions(&case, confirm.as_deref(), release.as_deref(), out)
        }
        Command::Clock { case, pin, unpin } => {
            mirror::clock(&case, pin.as_deref(), unpin.as_deref(), out)
        }
        Command::Relink { case, paths } => evidence::relink(&case, &paths, out),
        Command::Facts { case, limit } => mirror::facts(&case, limit, out),
        Command::Reconcile { case } => mirror::reconcile(&case, out),
        Command::Rebuild { case } => evidence::rebuild(&case, out),
        Command::Flows { case, selection, limit, stitched: true, .. } => {
            flows::stitched(&case, &selection, limit, out)
        }
        Command::Flows { case, selection, order, limit, raw, out: file, stitched: false } => {
            match file {
                Some(file) => flows::export(&case, &selection, order.as_deref(), &file, out),
                None if raw => flows::raw(&case, &selection, order.as_deref(), limit, out),
                None => flows::flows(&case, &selection, order.as_deref(), limit, out),
            }
        }
        Command::Timeline { case, selection, bucket, bins, by } => {
            flows::timeline(&case, &selection, bucket.as_deref(), bins, by, out)
        }
        Command::Top { case, field, selection, baseline, by, limit } => match baseline {
            Some(baseline) => {
                compare::compare(&case, field, &selection, &baseline, (by, limit), out)
            }
            None => flows::top(&case, field, &selection, by, limit, out),
        },
        Command::Distinct { case, field, selection, limit } => {
            compare::distinct(&case, field, &selection, limit, out)
        }
        Command::View { case, name, selection, order, forget } => {
            views::view(&case, name.as_deref(), &selection, order.as_deref(), forget, out)
        }
        Command::Pivot { case, conversation: Some(id), .. } => {
            account::of_conversation(&case, &id, out)
        }
        Command::Pivot { case, packet: Some(id), .. } => account::of_packet(&case, &id, out),
        Command::Pivot { case, record, selection, pcap: Some(file), outer, .. } => {
            slice::records(&case, record.as_deref(), &selection, (&file, outer), out)
        }
        Command::Pivot { case, record, selection, limit, .. } => {
            flows::pivot(&case, record.as_deref(), &selection, limit, out)
        }
        Command::Conversations { case } => packets::conversations(&case, out),
        Command::Packets { case, conversation, pcap: Some(file), outer } => {
            slice::conversation(&case, &conversation, (&file, outer), out)
        }
        Command::Packets { case, conversation, .. } => packets::packets(&case, &conversation, out),
        Command::Packet { case, packet } => packets::packet(&case, &packet, out),
        Command::Stream { case, conversation, client: _, server, raw } => {
            packets::stream(&case, &conversation, server, raw.as_deref(), out)
        }
        Command::Transactions { case, protocol } => {
            packets::transactions(&case, protocol.as_deref(), out)
        }
        Command::Sql { case, statement, limit } => flows::sql(&case, &statement, limit, out),
        Command::Tag { case, tag, on, remove } => marks::tag(&case, &tag, &on, remove),
        Command::Note { case, text, on } => marks::note(&case, text.as_deref(), &on, out),
        Command::Finding { case, title, text, severity, technique, on, withdraw, reason } => {
            let wording = marks::Wording { title, text, severity, technique };
            marks::finding(&case, wording, &on, withdraw.zip(reason), out)
        }
        Command::Report { case, dir, format, at, upto } => {
            report::report(&case, &dir, &format, at.as_deref(), upto, out)
        }
    }
}

/// The status of a listing.
fn found<T>(rows: &[T]) -> u8 {
    if rows.is_empty() { NOT_CLEAN } else { DONE }
}

fn open(case: &Path) -> anyhow::Result<Workbench> {
    Ok(Workbench::open(case, OffsetDateTime::now_utc, &Meter::default())?)
}

/// The records that the arguments select, and the order of the saved view that they name.
fn selected(case: &Workbench, args: &SelectionArgs) -> anyhow::Result<(Selection, Option<Order>)> {
    let time = |text: &Option<String>| text.as_deref().map(micros).transpose();
    let (saved, order) = match &args.view {
        Some(name) => case.saved_view(name)?,
        None => (Selection::all(), None),
    };
    let filter = match (saved.filter, &args.filter) {
        (Some(saved), Some(own)) => Some(format!("({saved}) && ({own})")),
        (saved, own) => saved.or_else(|| own.clone()),
    };
    let (from, to) = (time(&args.from)?.or(saved.from), time(&args.to)?.or(saved.to));
    Ok((Selection { filter, from, to, all_sources: saved.all_sources || args.all_sources }, order))
}

fn selection(case: &Workbench, args: &SelectionArgs) -> anyhow::Result<Selection> {
    Ok(selected(case, args)?.0)
}

fn micros(text: &str) -> anyhow::Result<i64> {
    moment::parse_microseconds(text).with_context(|| format!("{text:?} is not a time"))
}

/// Reads `30s`, `5m`, `1h`, `1d`. Unit of the result: µs.
fn duration(text: &str) -> anyhow::Result<i64> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let seconds: i64 = match unit {
        "s" | "" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => bail!("{text:?} is not a duration: 30s, 5m, 1h, 1d"),
    };
    let count: i64 = digits.parse().with_context(|| format!("{text:?} is not a duration"))?;
    count
        .checked_mul(seconds * 1_000_000)
        .filter(|width| *width > 0)
        .with_context(|| format!("{text:?} is not a duration"))
}
