//! Mirror sessions and the clocks of collectors.

use super::evidence::shown;
use super::{DONE, found, open};
use crate::print::Out;
use anyhow::{Context, bail};
use std::path::Path;
use workbench::wire::{CaptureFactKind, ClockObject, SessionBasis, SessionObject};

pub(super) fn sessions(
    case: &Path,
    confirm: Option<&str>,
    release: Option<&str>,
    out: &mut Out,
) -> anyhow::Result<u8> {
    let case = open(case)?;
    if let Some(text) = confirm {
        let (session, interface) = text.split_once('=').context("not SESSION=INTERFACE")?;
        shown(|meter| case.confirm_session(session, interface, meter))?;
    }
    if let Some(session) = release {
        shown(|meter| case.release_session(session, meter))?;
    }
    let sessions = case.sessions()?;
    if out.is_json() {
        sessions.iter().try_for_each(|session| out.object(session))?;
    } else {
        let rows: Vec<_> = sessions.iter().map(session_cells).collect();
        out.table(&["SESSION", "INTERFACE", "KNOWN FROM", "PACKETS", "CANDIDATES"], &rows)?;
    }
    Ok(if confirm.or(release).is_some() { DONE } else { found(&sessions) })
}

fn session_cells(session: &SessionObject) -> Vec<String> {
    let candidates = session.candidates.iter().map(|candidate| {
        format!("{} ({} of {})", candidate.interface_id, candidate.tuples, session.looked_for)
    });
    vec![
        session.session.clone(),
        session.interface_id.clone().unwrap_or_else(|| "unknown".to_owned()),
        match session.basis {
            Some(SessionBasis::Confirmed) => "confirmed by the examiner",
            Some(SessionBasis::Stated) => "stated by a sidecar",
            Some(SessionBasis::Inferred) => "inferred from the flow logs",
            None => "",
        }
        .to_owned(),
        session.packets.to_string(),
        candidates.collect::<Vec<_>>().join(", "),
    ]
}

pub(super) fn clock(
    case: &Path,
    pin: Option<&str>,
    unpin: Option<&str>,
    out: &mut Out,
) -> anyhow::Result<u8> {
    let case = open(case)?;
    if let Some(text) = pin {
        let (collector, seconds) = text.split_once('=').context("not COLLECTOR=SECONDS")?;
        let Ok(seconds) = seconds.parse::<f64>() else { bail!("{seconds:?} is no number") };
        shown(|meter| case.pin_clock(collector, seconds, meter))?;
    }
    if let Some(collector) = unpin {
        shown(|meter| case.release_clock(collector, meter))?;
    }
    let clocks = case.clocks()?;
    if out.is_json() {
        clocks.iter().try_for_each(|clock| out.object(clock))?;
    } else {
        let rows: Vec<_> = clocks.iter().map(clock_cells).collect();
        out.table(&["COLLECTOR", "AHEAD BY", "ESTIMATE", "PAIRS", "CAPTURES"], &rows)?;
    }
    Ok(if pin.or(unpin).is_some() { DONE } else { found(&clocks) })
}

fn clock_cells(clock: &ClockObject) -> Vec<String> {
    let offset = |seconds: Option<f64>| seconds.map(|seconds| format!("{seconds:+.3} s"));
    let used = offset(clock.seconds).unwrap_or_else(|| "unknown".to_owned());
    let estimate = offset(clock.estimated_seconds).zip(clock.estimated_uncertainty);
    vec![
        clock.collector.clone(),
        if clock.pinned { format!("{used}, set by hand") } else { used },
        estimate.map(|(estimate, open)| format!("{estimate} ± {open:.3} s")).unwrap_or_default(),
        clock.pairs.to_string(),
        clock.evidence.join(", "),
    ]
}

pub(super) fn reconcile(case: &Path, out: &mut Out) -> anyhow::Result<u8> {
    let rows = open(case)?.reconciliation()?;
    if out.is_json() {
        rows.iter().try_for_each(|row| out.object(row))?;
    } else {
        let cells = rows.iter().map(|row| {
            let counts = [row.records, row.recorded, row.seen, row.lost, row.captured];
            let names = [row.interface_id.clone(), row.from.clone()];
            names.into_iter().chain(counts.map(|count| count.to_string())).collect()
        });
        let head = ["INTERFACE", "MINUTE", "RECORDS", "RECORDED", "SEEN", "LOST", "CAPTURED"];
        out.table(&head, &cells.collect::<Vec<_>>())?;
    }
    Ok(found(&rows))
}

pub(super) fn facts(case: &Path, limit: usize, out: &mut Out) -> anyhow::Result<u8> {
    let said = open(case)?.capture_facts(None, limit)?;
    out.rows(&said.rows, &["CAPTURE", "OFFSET", "WHAT", "OF", "TEXT"], |fact| {
        let packet = fact.frame.map(|frame| format!("packet {frame}"));
        let kind = match fact.kind {
            CaptureFactKind::Comment => "comment",
            CaptureFactKind::Drops => "counters",
            CaptureFactKind::Name => "name",
            CaptureFactKind::Secrets => "secrets",
        };
        vec![
            fact.evidence.clone(),
            fact.offset.to_string(),
            kind.to_owned(),
            packet.or_else(|| fact.address.clone()).unwrap_or_default(),
            fact.text.clone(),
        ]
    })?;
    let more = said.total.saturating_sub(said.rows.len()) as u64;
    let more = more.saturating_add(said.omitted);
    if more > 0 && !out.is_json() {
        out.line(format!("{more} more"))?;
    }
    Ok(found(&said.rows))
}
