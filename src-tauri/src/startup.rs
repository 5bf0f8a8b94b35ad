//! What the window was started with.

use serde::Serialize;
use std::path::{Path, PathBuf};
use tauri::{AppHandle, Manager};

#[derive(Serialize)]
pub(crate) struct Startup {
    /// A case to open: the first argument of the command line.
    case: Option<String>,
    sample: Option<Sample>,
}

/// The sample incident as it was installed, and where its case goes.
#[derive(Serialize)]
pub(crate) struct Sample {
    evidence: String,
    case: String,
}

#[tauri::command]
pub(crate) fn startup(app: AppHandle) -> Startup {
    let argument = std::env::args_os().nth(1).map(PathBuf::from);
    let case = argument.and_then(|path| std::path::absolute(path).ok());
    Startup { case: case.as_deref().map(text), sample: sample(&app) }
}

fn sample(app: &AppHandle) -> Option<Sample> {
    let evidence = app.path().resource_dir().ok()?.join("sample");
    let case = app.path().app_data_dir().ok()?.join("sample.tidemark");
    evidence.is_dir().then(|| Sample { evidence: text(&evidence), case: text(&case) })
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
