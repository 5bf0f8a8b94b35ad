//! What the window remembers between two starts: a small JSON file of the page's own, in the user's configuration
//! folder. Nothing of a case is in it.

use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use tauri::{AppHandle, Manager};

/// The settings, or nothing: a file that cannot be read is as good as none.
#[tauri::command]
pub(crate) fn load_settings(app: AppHandle) -> Value {
    let text = place(&app).and_then(|place| fs::read_to_string(place).ok());
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Keeps the settings, whole or not at all. A computer that does not let us is no reason to bother the user.
#[tauri::command]
pub(crate) fn save_settings(app: AppHandle, settings: Value) {
    let Some(place) = place(&app) else { return };
    let partial = place.with_extension("partial");
    let folder = place.parent().map(fs::create_dir_all);
    if matches!(folder, Some(Ok(()))) && fs::write(&partial, settings.to_string()).is_ok() {
        let _ = fs::rename(partial, place);
    }
}

fn place(app: &AppHandle) -> Option<PathBuf> {
    Some(app.path().app_config_dir().ok()?.join("settings.json"))
}
