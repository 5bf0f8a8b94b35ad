//! The window. It opens the page, hands its questions to the workbench and keeps its settings; every operation lives
//! in `workbench`.

mod asking;
mod choosing;
mod events;
mod settings;
mod startup;

use tauri::{Manager, RunEvent, WindowEvent};
use time::OffsetDateTime;
use workbench::Desk;

fn main() -> anyhow::Result<()> {
    let app = tauri::Builder::default()
        .manage(Desk::new(OffsetDateTime::now_utc))
        .manage(events::Listener::default())
        .invoke_handler(tauri::generate_handler![
            asking::ask,
            asking::page,
            asking::bytes,
            asking::start,
            asking::cancel,
            choosing::choose,
            events::listen,
            settings::load_settings,
            settings::save_settings,
            startup::startup,
        ])
        .on_window_event(|window, event| match event {
            WindowEvent::DragDrop(drag) => window.state::<events::Listener>().tell(drag),
            // A load that is told to stop leaves the journal saying so; then the window may go.
            WindowEvent::CloseRequested { api, .. } if window.state::<Desk>().cancel_all() => {
                api.prevent_close();
                events::close_when_idle(window.clone());
            }
            _ => {}
        })
        .build(tauri::generate_context!())?;
    app.run(|app, event| {
        if let RunEvent::Exit = event {
            // The lock of the case goes with it.
            let _ = app.state::<Desk>().ask("close_case", serde_json::Value::Null, None);
        }
    });
    Ok(())
}
