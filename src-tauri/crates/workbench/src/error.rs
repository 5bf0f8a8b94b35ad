//! One error type for callers that branch on codes and people who read sentences.

use serde::Serialize;
use std::fmt;
use std::io;

/// What a caller can branch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorCode {
    /// The thing that was named is not in the case.
    NotFound,
    /// A file cannot be read or written.
    Unreadable,
    /// A file of evidence is not where it was added from.
    EvidenceMissing,
    /// There is no room left on the medium.
    NoSpace,
    /// Another process has the case open.
    CaseLocked,
    /// Bytes are not the ones that were hashed.
    IntegrityMismatch,
    /// What the user typed is not in the language it should be in; `column` says where.
    BadQuery,
    /// The case's database cannot be used; it can be made anew.
    CacheUnusable,
    /// No case is open.
    NoCase,
    /// Another long act runs.
    Busy,
    /// The user stopped it.
    Cancelled,
    /// A newer question took its place.
    Superseded,
    /// A fault of the program or of the case's cache.
    Internal,
}

/// A failed operation.
#[derive(Debug)]
pub struct WorkbenchError {
    /// For programs.
    pub code: ErrorCode,
    /// For people: what failed, and what can be done.
    pub message: String,
    /// 1-based column in what the user typed, if that is where the error is.
    pub column: Option<usize>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl WorkbenchError {
    /// An error of this kind.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), column: None, source: None }
    }

    pub(crate) fn caused(
        code: ErrorCode,
        message: impl Into<String>,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        let code = if is_full(&source) { ErrorCode::NoSpace } else { code };
        Self { code, message: message.into(), column: None, source: Some(Box::new(source)) }
    }

    /// What lies below it, the nearest first, in sentences.
    pub fn causes(&self) -> Vec<String> {
        let mut causes = Vec::new();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            let text = error.to_string();
            // Many errors only pass on what the one below says.
            if text != self.message && causes.last() != Some(&text) {
                causes.push(text);
            }
            cause = error.source();
        }
        causes
    }

    pub(crate) fn not_found(what: impl fmt::Display) -> Self {
        Self::new(ErrorCode::NotFound, format!("the case has no {what}"))
    }

    pub(crate) fn file(task: &str, path: &std::path::Path, source: std::io::Error) -> Self {
        Self::place(task, &path.into(), source)
    }

    /// A file of evidence that is gone.
    pub(crate) fn missing(name: &str) -> Self {
        let message = format!("{name} is not where it was when it was added");
        Self::new(ErrorCode::EvidenceMissing, message)
    }

    /// A file of evidence that is not what it was.
    pub(crate) fn changed(place: &evidence::Place) -> Self {
        let message = format!("{place} was changed after it was added");
        Self::new(ErrorCode::IntegrityMismatch, message)
    }

    pub(crate) fn place(task: &str, place: &evidence::Place, source: std::io::Error) -> Self {
        Self::caused(ErrorCode::Unreadable, format!("cannot {task} {place}"), source)
    }
}

/// Whether a full medium is at the bottom of an error.
fn is_full(error: &(dyn std::error::Error + 'static)) -> bool {
    let full = [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded];
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some_and(|error| full.contains(&error.kind())) {
            return true;
        }
        cause = error.source();
    }
    false
}

impl fmt::Display for WorkbenchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for WorkbenchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<store::StoreError> for WorkbenchError {
    fn from(error: store::StoreError) -> Self {
        use store::StoreError as E;
        let (code, column) = match &error {
            E::Filter(filter) => (ErrorCode::BadQuery, Some(filter.column)),
            E::UnknownField(_) | E::NotASelect(_) | E::Untold { .. } => (ErrorCode::BadQuery, None),
            E::Reference(cause) => {
                let cause = cause.downcast_ref::<Self>();
                (cause.map_or(ErrorCode::Internal, |cause| cause.code), None)
            }
            E::Open { .. } | E::Index(_) => (ErrorCode::CacheUnusable, None),
            // The fault of one file, which is refused; the others are loaded.
            E::TooManyTexts(_) => (ErrorCode::Unreadable, None),
            _ => (ErrorCode::Internal, None),
        };
        Self { column, ..Self::caused(code, error.to_string(), error) }
    }
}

impl From<case::CaseError> for WorkbenchError {
    fn from(error: case::CaseError) -> Self {
        let code = match &error {
            case::CaseError::Open { .. } => ErrorCode::CaseLocked,
            case::CaseError::Journal(case::JournalError::Damaged { .. }) => {
                ErrorCode::IntegrityMismatch
            }
            _ => ErrorCode::Unreadable,
        };
        Self::caused(code, error.to_string(), error)
    }
}

impl From<capture::IndexError> for WorkbenchError {
    fn from(error: capture::IndexError) -> Self {
        let code = match &error {
            capture::IndexError::Read(_) => ErrorCode::Unreadable,
            _ => ErrorCode::CacheUnusable,
        };
        Self::caused(code, error.to_string(), error)
    }
}

impl From<evidence::RangeError> for WorkbenchError {
    fn from(error: evidence::RangeError) -> Self {
        let code = match &error {
            evidence::RangeError::Changed { .. } => ErrorCode::IntegrityMismatch,
            evidence::RangeError::Read { source, .. }
                if source.kind() == io::ErrorKind::NotFound =>
            {
                ErrorCode::EvidenceMissing
            }
            _ => ErrorCode::Unreadable,
        };
        Self::caused(code, error.to_string(), error)
    }
}
