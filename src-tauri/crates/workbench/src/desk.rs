//! What a window works at: at most one open case, asked by many threads at once, and the long acts that run.

use crate::commands::{self, Working};
use crate::wire::request::{BytesRequest, NewCase, id};
use crate::wire::{CaseObject, FlowPage};
use crate::{Clock, ErrorCode, Meter, Progress, Stopper, Workbench, WorkbenchError, moment};
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How often a long act tells how far it is.
const TELL: Duration = Duration::from_millis(100);
/// How long closing waits for questions that still run.
const PATIENCE: Duration = Duration::from_secs(10);

/// The window's side of the workbench. Commands and jobs go by their names and carry JSON.
pub struct Desk {
    clock: Clock,
    case: Mutex<Option<Workbench>>,
    lanes: Mutex<HashMap<String, Arc<Stopper>>>,
    jobs: Mutex<HashMap<u32, Arc<Meter>>>,
}

/// One question on its way.
pub(crate) struct Asking<'a> {
    pub(crate) desk: &'a Desk,
    stopper: Arc<Stopper>,
}

impl Asking<'_> {
    /// The open case.
    pub(crate) fn case(&self) -> Result<Workbench, WorkbenchError> {
        let case = lock(&self.desk.case);
        let case = case.as_ref().ok_or_else(no_case)?;
        Ok(case.stopped_by(&self.stopper))
    }
}

impl Desk {
    /// A desk without a case.
    pub fn new(clock: Clock) -> Self {
        Self { clock, case: Mutex::default(), lanes: Mutex::default(), jobs: Mutex::default() }
    }

    /// Answers a command. A newer question on the same lane stops an older one.
    ///
    /// # Errors
    /// Whatever the command answers; [`ErrorCode::Superseded`] if it was stopped.
    pub fn ask(
        &self,
        command: &str,
        request: Value,
        lane: Option<&str>,
    ) -> Result<Value, WorkbenchError> {
        let asking = Asking { desk: self, stopper: self.enter(lane) };
        let answer = commands::answer(&asking, command, request);
        asking.stopper.judge(answer)
    }

    /// Rows of a result, as JSON.
    ///
    /// # Errors
    /// As [`Workbench::flow_page`].
    pub fn page(&self, view: u32, from: usize, count: usize) -> Result<FlowPage, WorkbenchError> {
        self.asking().case()?.flow_page(view, from, count)
    }

    /// Bytes of one direction of a conversation.
    ///
    /// # Errors
    /// As [`Workbench::spoken_bytes`].
    pub fn bytes(&self, asked: &BytesRequest) -> Result<Vec<u8>, WorkbenchError> {
        let case = self.asking().case()?;
        case.spoken_bytes(&id(&asked.conversation)?, asked.direction, asked.from, asked.count)
    }

    /// Runs a job to its end, on this thread; `tell` hears how far it is. `id` names it for [`Desk::cancel`].
    ///
    /// # Errors
    /// Whatever the job answers; [`ErrorCode::Cancelled`] if it was cancelled and gave nothing.
    pub fn work(
        &self,
        id: u32,
        job: &str,
        request: Value,
        tell: impl Fn(Progress) + Sync,
    ) -> Result<Value, WorkbenchError> {
        let meter = Arc::new(Meter::default());
        lock(&self.jobs).insert(id, Arc::clone(&meter));
        let ended = AtomicBool::new(false);
        let result = thread::scope(|scope| {
            let teller = scope.spawn(|| {
                while !ended.load(Ordering::Relaxed) {
                    tell(meter.progress());
                    thread::park_timeout(TELL);
                }
            });
            let result =
                commands::work(&Working { asking: self.asking(), meter: &meter }, job, request);
            ended.store(true, Ordering::Relaxed);
            teller.thread().unpark();
            result
        });
        lock(&self.jobs).remove(&id);
        result
    }

    /// Asks a job to stop where it can.
    pub fn cancel(&self, id: u32) {
        if let Some(meter) = lock(&self.jobs).get(&id) {
            meter.stop();
        }
    }

    /// Asks every job to stop; whether there was one.
    pub fn cancel_all(&self) -> bool {
        let jobs = lock(&self.jobs);
        jobs.values().for_each(|meter| meter.stop());
        !jobs.is_empty()
    }

    /// What case is open.
    pub(crate) fn opened(&self) -> Option<CaseObject> {
        lock(&self.case).as_ref().map(object)
    }

    pub(crate) fn create(&self, new: &NewCase) -> Result<CaseObject, WorkbenchError> {
        let NewCase { path, number, title, examiner } = new;
        let path = std::path::absolute(path)
            .map_err(|error| WorkbenchError::file("make", Path::new(path), error))?;
        let case = Workbench::create(&path, number, title, examiner, self.clock)?;
        self.close()?;
        Ok(self.put(case))
    }

    pub(crate) fn open(
        &self,
        path: &Path,
        rebuild: bool,
        meter: &Meter,
    ) -> Result<CaseObject, WorkbenchError> {
        let path =
            std::path::absolute(path).map_err(|error| WorkbenchError::file("open", path, error))?;
        // Another case stays open until this one is: but this one cannot be opened twice.
        if lock(&self.case).as_ref().is_some_and(|case| case.path() == path) {
            self.close()?;
        }
        let case = if rebuild {
            Workbench::rebuild(&path, self.clock, meter)?.0
        } else {
            Workbench::open(&path, self.clock, meter)?
        };
        self.close()?;
        Ok(self.put(case))
    }

    fn put(&self, case: Workbench) -> CaseObject {
        let object = object(&case);
        *lock(&self.case) = Some(case);
        object
    }

    /// Closes the case, once nothing asks it any more.
    pub(crate) fn close(&self) -> Result<(), WorkbenchError> {
        let Some(case) = lock(&self.case).take() else { return Ok(()) };
        lock(&self.lanes).drain().for_each(|(_, stopper)| stopper.stop());
        let begun = Instant::now();
        while !case.is_alone() {
            // A job that goes on, such as a load, has the case until it ends.
            if begun.elapsed() > PATIENCE || case.alone().is_err() {
                *lock(&self.case) = Some(case);
                return Err(WorkbenchError::new(
                    ErrorCode::Busy,
                    "a job is still at work in the case that is open",
                ));
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    fn asking(&self) -> Asking<'_> {
        Asking { desk: self, stopper: Arc::default() }
    }

    fn enter(&self, lane: Option<&str>) -> Arc<Stopper> {
        let stopper = Arc::new(Stopper::default());
        if let Some(lane) = lane {
            let older = lock(&self.lanes).insert(lane.to_owned(), Arc::clone(&stopper));
            if let Some(older) = older {
                older.stop();
            }
        }
        stopper
    }
}

fn object(case: &Workbench) -> CaseObject {
    let info = case.info();
    let created = i64::try_from(info.created.unix_timestamp_nanos()).unwrap_or_default();
    CaseObject {
        path: case.path().display().to_string(),
        title: info.title.clone(),
        number: info.number.clone(),
        examiner: info.examiner.clone(),
        created: moment::nanoseconds(created),
    }
}

fn no_case() -> WorkbenchError {
    WorkbenchError::new(ErrorCode::NoCase, "no case is open")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use time::OffsetDateTime;

    fn desk_with_case() -> (tempfile::TempDir, Desk) {
        let folder = tempfile::tempdir().expect("a folder");
        let desk = Desk::new(OffsetDateTime::now_utc);
        let path = folder.path().join("case.tidemark");
        let new = json!({ "path": path, "number": "1", "title": "t", "examiner": "e" });
        desk.ask("create_case", new, None).expect("a case");
        (folder, desk)
    }

    fn check(result: Result<Value, WorkbenchError>, expected: ErrorCode) {
        assert_eq!(result.expect_err("it fails").code, expected);
    }

    #[test]
    fn without_a_case_questions_about_it_say_so() {
        let desk = Desk::new(OffsetDateTime::now_utc);
        check(desk.ask("status", Value::Null, None), ErrorCode::NoCase);
        assert_eq!(desk.ask("case", Value::Null, None).expect("an answer"), Value::Null);
    }

    #[test]
    fn what_is_not_in_the_table_is_refused() {
        let (_folder, desk) = desk_with_case();
        check(desk.ask("drop_everything", Value::Null, None), ErrorCode::Internal);
        check(desk.ask("record", json!({ "id": 1 }), None), ErrorCode::Internal);
        check(desk.ask("record", json!({ "id": "x", "more": 1 }), None), ErrorCode::Internal);
    }

    #[test]
    fn a_filter_error_names_its_column() {
        let (_folder, desk) = desk_with_case();
        let error = desk.ask("check_filter", json!({ "filter": "dstport = 22" }), None);
        assert_eq!(error.expect_err("no filter").column, Some(9));
    }

    #[test]
    fn a_case_that_was_closed_can_be_opened_again() {
        let (_folder, desk) = desk_with_case();
        let opened = desk.opened().expect("a case");
        desk.ask("close_case", Value::Null, None).expect("closed");
        let open = json!({ "path": opened.path, "rebuild": false });
        desk.work(1, "open_case", open.clone(), |_| ()).expect("opened");
        // The same case again, while it is open.
        desk.work(2, "open_case", open, |_| ()).expect("opened");
        assert_eq!(desk.opened().map(|case| case.path), Some(opened.path));
    }

    #[test]
    fn an_older_question_on_a_lane_is_stopped_by_a_newer_one() {
        let (_folder, desk) = desk_with_case();
        let older = desk.enter(Some("lane"));
        let newer = desk.enter(Some("lane"));
        assert!(older.is_stopped() && !newer.is_stopped());
        let asking = Asking { desk: &desk, stopper: older };
        let error = asking.case().and_then(|case| case.status()).expect_err("it was stopped");
        assert_eq!(error.code, ErrorCode::Superseded);
    }
}
