//! The window. It opens the page and nothing else: every operation lives in `workbench`.

fn main() -> anyhow::Result<()> {
    tauri::Builder::default().run(tauri::generate_context!())?;
    Ok(())
}
