//! report.

use super::{DONE, micros, open};
use crate::args::Format;
use crate::print::Out;
use serde_json::json;
use std::path::Path;
use workbench::{ReportFormat, ReportWish};

pub(super) fn report(
    case: &Path,
    dir: &Path,
    formats: &[Format],
    at: Option<&str>,
    upto: Option<u64>,
    out: &mut Out,
) -> anyhow::Result<u8> {
    let formats: Vec<_> = formats
        .iter()
        .map(|format| match format {
            Format::Html => ReportFormat::Html,
            Format::Pdf => ReportFormat::Pdf,
        })
        .collect();
    let at = at.map(micros).transpose()?.map(|at| at.saturating_mul(1_000));
    let wish = ReportWish { formats, upto, at, without: Vec::new() };
    let exported = open(case)?.export_report(dir, &wish)?;
    let (seq, hash) = exported.head;
    for file in &exported.files {
        if out.is_json() {
            let sha256 = file.sha256.to_string();
            out.object(&json!({ "path": file.path, "size": file.size, "sha256": sha256 }))?;
        } else {
            out.line(format!("{}  {}", file.sha256, file.path))?;
        }
    }
    if !out.is_json() {
        out.line(format!("Keep this anchor elsewhere: {seq}:{hash}"))?;
    }
    Ok(DONE)
}
