//! distinct, top with a baseline.

use super::flows::measure;
use super::{found, micros, open, selection};
use crate::args::{By, SelectionArgs};
use crate::print::Out;
use anyhow::Context;
use std::path::Path;
use workbench::{CompareQuery, DistinctQuery, Window, wire::ChangeKind};

pub(super) fn distinct(
    case: &Path,
    field: String,
    args: &SelectionArgs,
    limit: Option<u64>,
    out: &mut Out,
) -> anyhow::Result<u8> {
    let case = open(case)?;
    let selection = selection(&case, args)?;
    let answer = case.distinct(&DistinctQuery { selection, field, limit })?;
    out.rows(&answer.rows, &["VALUE", "RECORDS", "FIRST", "LAST", "KNOWN AS"], |row| {
        vec![
            row.value.clone().unwrap_or_else(|| "(absent)".to_owned()),
            row.records.to_string(),
            row.first.clone().unwrap_or_default(),
            row.last.clone().unwrap_or_default(),
            row.known_as.clone().unwrap_or_default(),
        ]
    })?;
    if !out.is_json() {
        out.line(format!("{} different values", answer.total))?;
    }
    Ok(found(&answer.rows))
}

/// The window is `--from` to `--to`, and where they are not given, all that comes after the baseline.
pub(super) fn compare(
    case: &Path,
    field: String,
    args: &SelectionArgs,
    baseline: &str,
    (by, limit): (By, u64),
    out: &mut Out,
) -> anyhow::Result<u8> {
    let (from, to) = baseline
        .split_once("..")
        .with_context(|| format!("{baseline:?} is not a baseline: FROM..TO"))?;
    let baseline = Window { from: micros(from)?, to: micros(to)? };
    let case = open(case)?;
    let selection = selection(&case, args)?;
    let window = Window {
        from: selection.from.unwrap_or(baseline.to),
        to: selection.to.unwrap_or(i64::MAX),
    };
    let window = match window.to {
        i64::MAX => Window { to: case.last_moment()?.unwrap_or(window.from), ..window },
        _ => window,
    };
    let rows = case.compare(&CompareQuery {
        filter: selection.filter,
        all_sources: selection.all_sources,
        baseline,
        window,
        field,
        by: measure(by),
        limit,
    })?;
    let head = [
        "CHANGE",
        "VALUE",
        "RECORDS BEFORE",
        "BYTES BEFORE",
        "RECORDS",
        "BYTES",
        "TIMES AN HOUR",
        "KNOWN AS",
    ];
    out.rows(&rows, &head, |row| {
        let change = match row.change {
            ChangeKind::New => "new",
            ChangeKind::Grown => "grown",
            ChangeKind::Gone => "gone",
            ChangeKind::Shrunk => "shrunk",
            ChangeKind::Same => "same",
        };
        vec![
            change.to_owned(),
            row.value.clone().unwrap_or_else(|| "(absent)".to_owned()),
            row.baseline.records.to_string(),
            row.baseline.bytes.to_string(),
            row.window.records.to_string(),
            row.window.bytes.to_string(),
            row.ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default(),
            row.known_as.clone().unwrap_or_default(),
        ]
    })?;
    Ok(found(&rows))
}
