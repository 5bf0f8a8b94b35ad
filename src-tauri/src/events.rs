//! What the system tells the window, and the window the page.

use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tauri::ipc::Channel;
use tauri::{DragDropEvent, Manager, State, Window};
use workbench::Desk;

/// What the page hears.
#[derive(Clone, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum HostEvent {
    /// Something hangs over the window, or no more.
    Drag { over: bool },
    /// It was dropped: cases, and everything else.
    Drop { paths: Vec<String>, cases: Vec<String> },
}

/// The page, once it listens.
#[derive(Default)]
pub(crate) struct Listener(Mutex<Option<Channel<HostEvent>>>);

impl Listener {
    pub(crate) fn tell(&self, drag: &DragDropEvent) {
        let event = match drag {
            DragDropEvent::Enter { .. } => HostEvent::Drag { over: true },
            DragDropEvent::Leave => HostEvent::Drag { over: false },
            DragDropEvent::Drop { paths, .. } => dropped(paths),
            _ => return,
        };
        if let Some(page) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            // A page that was just closed hears nothing.
            let _ = page.send(event);
        }
    }
}

fn dropped(paths: &[PathBuf]) -> HostEvent {
    let is_case = |path: &&PathBuf| path.join("journal.jsonl").is_file();
    let (cases, paths): (Vec<&PathBuf>, Vec<&PathBuf>) = paths.iter().partition(is_case);
    let texts = |paths: Vec<&PathBuf>| paths.into_iter().map(|path| text(path)).collect();
    HostEvent::Drop { paths: texts(paths), cases: texts(cases) }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

#[tauri::command]
pub(crate) fn listen(listener: State<'_, Listener>, events: Channel<HostEvent>) {
    *listener.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(events);
}

/// Closes the window as soon as no job runs any more.
pub(crate) fn close_when_idle(window: Window) {
    std::thread::spawn(move || {
        while window.state::<Desk>().cancel_all() {
            std::thread::sleep(Duration::from_millis(50));
        }
        // Nothing is left to do about a window that cannot be closed.
        let _ = window.destroy();
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_dropped_case_is_told_from_dropped_evidence() {
        let folder = std::env::temp_dir().join(format!("tidemark-drop-{}", std::process::id()));
        let (case, evidence) = (folder.join("a.tidemark"), folder.join("logs"));
        fs::create_dir_all(&case).expect("a folder");
        fs::create_dir_all(&evidence).expect("a folder");
        fs::write(case.join("journal.jsonl"), "").expect("a file");
        let event = dropped(&[case.clone(), evidence.clone()]);
        let _ = fs::remove_dir_all(&folder);
        let HostEvent::Drop { paths, cases } = event else { panic!("it was dropped") };
        assert_eq!((paths, cases), (vec![text(&evidence)], vec![text(&case)]));
    }
}
