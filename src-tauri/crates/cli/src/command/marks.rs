//! tag, note, finding.

use super::{DONE, NOT_CLEAN, open};
use crate::args::{OnArgs, SeverityArg};
use crate::print::Out;
use serde_json::json;
use std::path::Path;
use workbench::{FlowQuery, NewFinding, RecordRef, Reference, Selection, Severity, Workbench};

/// How a finding is worded.
pub(super) struct Wording {
    pub(super) title: Option<String>,
    pub(super) text: String,
    pub(super) severity: SeverityArg,
    pub(super) technique: Option<String>,
}

fn references(workbench: &Workbench, on: &OnArgs) -> anyhow::Result<Vec<Reference>> {
    let mut references = Vec::new();
    for text in &on.on {
        match text.parse::<RecordRef>() {
            Ok(record) => references.push(Reference::Record(record)),
            Err(_) => references.push(text.parse()?),
        }
    }
    if let Some(filter) = &on.filter {
        let query = FlowQuery { selection: Selection::filtered(filter), ..FlowQuery::default() };
        let rows = workbench.flows(&query)?;
        references.extend(rows.into_iter().map(|row| Reference::Record(row.id)));
    }
    Ok(references)
}

pub(super) fn tag(case: &Path, tag: &str, on: &OnArgs, remove: bool) -> anyhow::Result<u8> {
    let workbench = open(case)?;
    let references = references(&workbench, on)?;
    if references.is_empty() {
        return Ok(NOT_CLEAN);
    }
    if remove {
        workbench.untag(references, tag)?;
    } else {
        workbench.tag(references, tag)?;
    }
    Ok(DONE)
}

pub(super) fn note(
    case: &Path,
    text: Option<&str>,
    on: &OnArgs,
    out: &mut Out,
) -> anyhow::Result<u8> {
    let workbench = open(case)?;
    if let Some(text) = text {
        let references = references(&workbench, on)?;
        let id = workbench.note(references, text)?;
        out.line(id)?;
        return Ok(DONE);
    }
    let notes = workbench.notes();
    for note in &notes {
        let on: Vec<_> = note.on.iter().map(ToString::to_string).collect();
        if out.is_json() {
            let who = &note.author.who;
            out.object(&json!({ "id": note.id, "on": on, "text": note.text, "who": who }))?;
        } else {
            out.line(format!("{}  {}  ({})", note.id, note.text, on.join(", ")))?;
        }
    }
    Ok(if notes.is_empty() { NOT_CLEAN } else { DONE })
}

pub(super) fn finding(
    case: &Path,
    wording: Wording,
    on: &OnArgs,
    withdraw: Option<(String, String)>,
    out: &mut Out,
) -> anyhow::Result<u8> {
    let workbench = open(case)?;
    if let Some((id, reason)) = withdraw {
        workbench.withdraw(&id, &reason)?;
        return Ok(DONE);
    }
    if let Some(title) = wording.title {
        let references = references(&workbench, on)?;
        let id = workbench.finding(NewFinding {
            title,
            text: wording.text,
            severity: severity(wording.severity),
            references,
            technique: wording.technique,
        })?;
        out.line(id)?;
        return Ok(DONE);
    }
    let findings = workbench.findings();
    for finding in &findings {
        if out.is_json() {
            let on: Vec<_> = finding.references.iter().map(ToString::to_string).collect();
            out.object(&json!({
                "id": finding.id,
                "title": finding.title,
                "text": finding.text,
                "severity": finding.severity,
                "technique": finding.technique,
                "on": on,
                "who": finding.author.who,
                "withdrawn": finding.withdrawn.as_ref().map(|withdrawal| &withdrawal.reason),
            }))?;
        } else {
            let withdrawn = if finding.withdrawn.is_some() { "  (withdrawn)" } else { "" };
            out.line(format!("{}  {}{withdrawn}", finding.id, finding.title))?;
        }
    }
    Ok(if findings.is_empty() { NOT_CLEAN } else { DONE })
}

fn severity(severity: SeverityArg) -> Severity {
    match severity {
        SeverityArg::Info => Severity::Info,
        SeverityArg::Low => Severity::Low,
        SeverityArg::Medium => Severity::Medium,
        SeverityArg::High => Severity::High,
        SeverityArg::Critical => Severity::Critical,
    }
}
