//! The system's own dialogs for files and folders.

use serde::Deserialize;
use tauri::WebviewWindow;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Choice {
    Files,
    Folder,
    /// A folder that may be made.
    NewFolder,
}

/// What the user chose; nothing if he did not.
#[tauri::command]
pub(crate) async fn choose(window: WebviewWindow, what: Choice, title: String) -> Vec<String> {
    let dialog = rfd::AsyncFileDialog::new().set_title(title).set_parent(&window);
    let chosen = match what {
        Choice::Files => dialog.pick_files().await.unwrap_or_default(),
        Choice::Folder => dialog.pick_folder().await.into_iter().collect(),
        Choice::NewFolder => {
            dialog.set_can_create_directories(true).pick_folder().await.into_iter().collect()
        }
    };
    chosen.into_iter().map(|file| file.path().display().to_string()).collect()
}
