//! add, status, gaps, verify, rebuild, relink.

use super::{DONE, NOT_CLEAN, found, open};
use crate::args::Kind;
use crate::print::Out;
use anyhow::Context;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use time::OffsetDateTime;
use workbench::wire::{OverlapObject, Status};
use workbench::{
    AddSummary, GapKind, GapQuery, Meter, Presence, Progress, ReadingWish, Sha256, Verification,
    Workbench,
};

const ERROR: u8 = 2;
/// What shells say of a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

pub(super) fn add(
    case: &Path,
    paths: &[PathBuf],
    wish: &ReadingWish,
    out: &mut Out,
) -> anyhow::Result<u8> {
    let workbench = open(case)?;
    let summary = shown(|meter| workbench.add(paths, wish, meter))?;
    print(&summary, out)
}

pub(super) fn relink(case: &Path, paths: &[PathBuf], out: &mut Out) -> anyhow::Result<u8> {
    let summary =
        shown(|meter| Workbench::open(case, OffsetDateTime::now_utc, meter)?.relink(paths, meter))?;
    if out.is_json() {
        out.object(&summary)?;
    } else {
        for found in &summary.found {
            out.line(format!("{} is at {}", found.name, found.path))?;
        }
        for problem in &summary.unreadable {
            out.line(format!("not read: {problem}"))?;
        }
        for name in &summary.missing {
            out.line(format!("missing still: {name}"))?;
        }
        out.line(format!(
            "{} of {} found among {} files",
            summary.found.len(),
            summary.found.len() + summary.missing.len(),
            summary.files
        ))?;
    }
    Ok(if summary.missing.is_empty() { DONE } else { NOT_CLEAN })
}

pub(super) fn rebuild(case: &Path, out: &mut Out) -> anyhow::Result<u8> {
    let (_, summary) = shown(|meter| Workbench::rebuild(case, OffsetDateTime::now_utc, meter))?;
    print(&summary, out)
}

/// Runs a long act; on a terminal, with one line that is written over while it runs. The first Ctrl-C stops it where
/// nothing is left half done, the second at once.
pub(super) fn shown<T>(act: impl FnOnce(&Meter) -> T) -> T {
    const EVERY: Duration = Duration::from_millis(100);
    let meter = Arc::new(Meter::default());
    let stopped = Arc::clone(&meter);
    // Where the signal cannot be had, it ends the process: what a killed process leaves is cleared up too.
    let _ = ctrlc::set_handler(move || {
        if stopped.is_stopped() {
            process::exit(INTERRUPTED);
        }
        stopped.stop();
    });
    if !io::stderr().is_terminal() {
        return act(&meter);
    }
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let line = scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                let Progress { doing, done, total, .. } = meter.progress();
                let doing: String = doing.chars().filter(|c| !c.is_control()).take(60).collect();
                let _ = write!(io::stderr(), "\r\x1b[K{done}/{total} {doing}");
                thread::park_timeout(EVERY);
            }
            let _ = write!(io::stderr(), "\r\x1b[K");
        });
        let result = act(&meter);
        ended.store(true, Ordering::Relaxed);
        line.thread().unpark();
        result
    })
}

fn print(summary: &AddSummary, out: &mut Out) -> anyhow::Result<u8> {
    for item in &summary.items {
        if out.is_json() {
            out.object(item)?;
        } else {
            let mut said = Vec::new();
            if item.known {
                said.push("already in the case".to_owned());
            }
            if item.flow_records > 0 {
                said.push(format!("{} records", item.flow_records));
            }
            if item.packets > 0 {
                said.push(format!("{} packets", item.packets));
            }
            if item.rejected_lines > 0 {
                said.push(format!("{} lines rejected", item.rejected_lines));
            }
            said.extend(item.anomalies.iter().cloned());
            said.extend(item.problem.iter().map(|problem| format!("PROBLEM: {problem}")));
            let kind = item.kind.unwrap_or("unreadable");
            out.line(format!("{}  {kind}  {}", item.path, said.join("; ")))?;
        }
    }
    if summary.cancelled {
        out.flush()?;
        writeln!(io::stderr(), "tidemark: it was cancelled: nothing was added")?;
        return Ok(ERROR);
    }
    for problem in &summary.problems {
        out.flush()?;
        writeln!(io::stderr(), "tidemark: {problem}")?;
    }
    if !out.is_json() {
        let sum =
            |count: fn(&workbench::Added) -> u64| summary.items.iter().map(count).sum::<u64>();
        out.line(format!(
            "{} files: {} flow records, {} packets, {} lines rejected, {} anomalies, {} files with problems",
            summary.items.len(),
            sum(|item| item.flow_records),
            sum(|item| item.packets),
            sum(|item| item.rejected_lines),
            sum(|item| item.anomalies.len() as u64),
            sum(|item| item.problem.is_some().into()),
        ))?;
    }
    Ok(if summary.is_clean() {
        DONE
    } else if summary.took_something() {
        NOT_CLEAN
    } else {
        ERROR
    })
}

pub(super) fn status(case: &Path, out: &mut Out) -> anyhow::Result<u8> {
    let status = open(case)?.status()?;
    if out.is_json() {
        out.object(&status)?;
        return Ok(DONE);
    }
    out.line(format!("{}  {}  {}", status.number, status.title, status.examiner))?;
    out.line(format!(
        "{} flow records, {} packets, {} conversations, {} transactions, {} lines rejected, {} anomalies",
        status.flow_records,
        status.packets,
        status.conversations,
        status.transactions,
        status.rejected_lines,
        status.anomalies
    ))?;
    if let (Some(first), Some(last)) = (&status.first, &status.last) {
        out.line(format!("records from {first} to {last}"))?;
    }
    sources(&status, out)?;
    let verdicts: Vec<_> =
        status.verdicts.iter().map(|(verdict, count)| format!("{verdict} {count}")).collect();
    out.line(format!("packets of records: {}", verdicts.join(", ")))?;
    out.line(format!(
        "{} places where payload breaks its protocol's rules, {} packets not read to the end",
        status.payload_anomalies, status.unread_packets
    ))?;
    for reference in &status.references {
        let said = if reference.in_use { "says what addresses are" } else { "is not in use" };
        out.line(format!("{} ({}) {said}", reference.path, reference.kind))?;
    }
    for item in &status.evidence {
        let said = match item.presence {
            Presence::Present => continue,
            Presence::Missing => "is not where it was",
            Presence::Changed => "was changed, or another file took its place",
        };
        out.line(format!("{} {said}: `tidemark relink` finds it by its hash", item.path))?;
    }
    for problem in &status.problems {
        out.line(format!("PROBLEM: {problem}"))?;
    }
    out.line("")?;
    let rows: Vec<_> = status
        .mirror_sessions
        .iter()
        .map(|session| {
            vec![
                session.source.clone().unwrap_or_else(|| "not encapsulated".to_owned()),
                session.vni.map(|vni| vni.to_string()).or(session.key.clone()).unwrap_or_default(),
                session.interface_id.clone().unwrap_or_else(|| "unknown".to_owned()),
                if session.inferred { "inferred" } else { "" }.to_owned(),
                session.packets.to_string(),
            ]
        })
        .collect();
    out.table(&["MIRROR SOURCE", "VNI OR KEY", "INTERFACE", "", "PACKETS"], &rows)?;
    for clock in &status.clock_offsets {
        match (clock.seconds, clock.uncertainty) {
            (Some(seconds), Some(uncertainty)) => out.line(format!(
                "{}: clock {seconds:+.3} s ± {uncertainty:.3} s against the flow logs ({} pairs)",
                clock.collector, clock.pairs
            ))?,
            _ => out.line(format!("{}: clock unknown, too few pairs agree", clock.collector))?,
        }
    }
    out.line("")?;
    let rows: Vec<_> = status
        .evidence
        .iter()
        .map(|item| {
            vec![
                item.kind.clone(),
                item.flow_records.to_string(),
                item.packets.to_string(),
                item.rejected_lines.to_string(),
                item.anomalies.to_string(),
                item.sha256.chars().take(12).collect(),
                item.path.clone(),
            ]
        })
        .collect();
    out.table(&["KIND", "RECORDS", "PACKETS", "REJECTED", "ANOMALIES", "SHA-256", "PATH"], &rows)?;
    out.line("")?;
    out.line(format!("journal head {}:{}", status.journal_seq, status.journal_head))?;
    Ok(DONE)
}

/// Which sources there are, where there are several, what they share, and what none has.
fn sources(status: &Status, out: &mut Out) -> anyhow::Result<()> {
    if status.overlapping_records > 0 {
        out.line(format!(
            "{} more records overlap: another source counts (--all-sources, or the filter field overlapping)",
            status.overlapping_records
        ))?;
    }
    if !status.gaps.is_empty() {
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for gap in &status.gaps {
            *kinds.entry(gap.kind.as_str()).or_default() += 1;
        }
        let kinds: Vec<_> = kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        out.line(format!("stretches without records: {}", kinds.join(", ")))?;
    }
    if status.sources.len() > 1 {
        out.line("")?;
        let rows: Vec<_> = status
            .sources
            .iter()
            .map(|source| {
                vec![
                    source.source.clone(),
                    source.evidence.to_string(),
                    source.fields.to_string(),
                    source.flow_records.to_string(),
                    source.overlapping_records.to_string(),
                    source.first.clone().unwrap_or_default(),
                    source.last.clone().unwrap_or_default(),
                ]
            })
            .collect();
        let head = ["SOURCE", "FILES", "FIELDS", "RECORDS", "OVERLAPPING", "FROM", "TO"];
        out.table(&head, &rows)?;
    }
    if !status.overlaps.is_empty() {
        out.line("")?;
        let mut pairs: BTreeMap<(&str, &str), Vec<&OverlapObject>> = BTreeMap::new();
        for overlap in &status.overlaps {
            pairs.entry((&overlap.source, &overlap.counted)).or_default().push(overlap);
        }
        let rows: Vec<_> = pairs
            .into_iter()
            .map(|((source, counted), stretches)| {
                let interfaces: BTreeSet<_> =
                    stretches.iter().map(|stretch| &stretch.interface_id).collect();
                let first = stretches.iter().map(|stretch| &stretch.from).min();
                let last = stretches.iter().map(|stretch| &stretch.to).max();
                vec![
                    source.to_owned(),
                    counted.to_owned(),
                    interfaces.len().to_string(),
                    stretches.iter().map(|stretch| stretch.records).sum::<u64>().to_string(),
                    first.cloned().unwrap_or_default(),
                    last.cloned().unwrap_or_default(),
                ]
            })
            .collect();
        let head = ["NOT COUNTED", "COUNTED", "INTERFACES", "RECORDS", "FIRST", "LAST"];
        out.table(&head, &rows)?;
    }
    if status.sources.len() > 1 {
        out.line("")?;
    }
    Ok(())
}

pub(super) fn gaps(
    case: &Path,
    interface_id: Option<String>,
    kind: Option<Kind>,
    out: &mut Out,
) -> anyhow::Result<u8> {
    let kind = kind.map(|kind| match kind {
        Kind::NoData => GapKind::NoData,
        Kind::SkipData => GapKind::SkipData,
        Kind::SuspectedMissingFile => GapKind::SuspectedMissingFile,
        Kind::Silence => GapKind::Silence,
    });
    let gaps = open(case)?.gaps(&GapQuery { interface_id, kind })?;
    out.rows(&gaps, &["INTERFACE", "KIND", "FROM", "TO", "SOURCE", ""], |gap| {
        vec![
            gap.interface_id.clone(),
            gap.kind.clone(),
            gap.from.clone(),
            gap.to.clone(),
            gap.source.clone().unwrap_or_default(),
            gap.note.clone(),
        ]
    })?;
    Ok(found(&gaps))
}

pub(super) fn verify(path: &Path, head: Option<&str>, out: &mut Out) -> anyhow::Result<u8> {
    let head = head.map(anchor).transpose()?;
    print_verification(&workbench::verify(path, head, &Meter::default())?, out)
}

pub(super) fn print_verification(found: &Verification, out: &mut Out) -> anyhow::Result<u8> {
    if out.is_json() {
        out.object(found)?;
    } else {
        for failure in &found.failures {
            let entry = failure.entry.map(|entry| format!(" (entry {entry})")).unwrap_or_default();
            let path = failure.path.as_deref().unwrap_or_default();
            out.line(format!("{}{entry}: {path}", failure.what))?;
            out.line(format!("  expected {}", failure.expected))?;
            out.line(format!("  found    {}", failure.found))?;
        }
        let verdict = if found.ok { "unchanged" } else { "CHANGED" };
        let packets = match found.packets {
            0 => String::new(),
            packets => format!(", {packets} packets"),
        };
        let (files, entries) = (found.files, found.entries);
        out.line(format!("{verdict}: {files} files, {entries} journal entries{packets}"))?;
    }
    Ok(if found.ok { DONE } else { NOT_CLEAN })
}

fn anchor(text: &str) -> anyhow::Result<(u64, Sha256)> {
    let (seq, hash) = text.split_once(':').context("an anchor is SEQ:HASH")?;
    Ok((seq.parse().context("an anchor is SEQ:HASH")?, hash.parse()?))
}
