//! The page's questions and jobs, each on a thread of its own: the window itself never waits.

use serde_json::Value;
use tauri::ipc::{Channel, Response};
use tauri::{AppHandle, Manager};
use workbench::wire::request::BytesRequest;
use workbench::wire::{Direction, ErrorObject};
use workbench::{Desk, ErrorCode, Progress, WorkbenchError};

#[tauri::command]
pub(crate) async fn ask(
    app: AppHandle,
    command: String,
    request: Value,
    lane: Option<String>,
) -> Result<Value, ErrorObject> {
    aside(app, move |desk| desk.ask(&command, request, lane.as_deref())).await
}

/// Rows travel as raw bytes: a page of them is long, and is read once.
#[tauri::command]
pub(crate) async fn page(
    app: AppHandle,
    view: u32,
    from: usize,
    count: usize,
) -> Result<Response, ErrorObject> {
    let page = aside(app, move |desk| desk.page(view, from, count)).await?;
    let text = serde_json::to_vec(&page)
        .map_err(|error| WorkbenchError::new(ErrorCode::Internal, error.to_string()))?;
    Ok(Response::new(text))
}

#[tauri::command]
pub(crate) async fn bytes(
    app: AppHandle,
    conversation: String,
    direction: Direction,
    from: usize,
    count: usize,
) -> Result<Response, ErrorObject> {
    let asked = BytesRequest { conversation, direction, from, count };
    Ok(Response::new(aside(app, move |desk| desk.bytes(&asked)).await?))
}

#[tauri::command]
pub(crate) async fn start(
    app: AppHandle,
    id: u32,
    job: String,
    request: Value,
    progress: Channel<Progress>,
) -> Result<Value, ErrorObject> {
    aside(app, move |desk| {
        // A page that is gone hears nothing; the job ends all the same.
        desk.work(id, &job, request, |step| drop(progress.send(step)))
    })
    .await
}

#[tauri::command]
pub(crate) fn cancel(desk: tauri::State<'_, Desk>, id: u32) {
    desk.cancel(id);
}

/// Runs `work` where it may block.
async fn aside<T: Send + 'static>(
    app: AppHandle,
    work: impl FnOnce(&Desk) -> Result<T, WorkbenchError> + Send + 'static,
) -> Result<T, ErrorObject> {
    let done = tauri::async_runtime::spawn_blocking(move || work(&app.state::<Desk>())).await;
    match done {
        Ok(result) => Ok(result?),
        Err(error) => Err(WorkbenchError::new(ErrorCode::Internal, error.to_string()).into()),
    }
}
