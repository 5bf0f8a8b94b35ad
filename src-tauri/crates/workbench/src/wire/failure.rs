//! A failed operation.

use crate::{ErrorCode, WorkbenchError};
use serde::Serialize;

/// For programs the code, for people the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ErrorObject {
    /// What a caller can branch on.
    pub code: ErrorCode,
    /// What failed.
    pub message: String,
    /// 1-based column in what the user typed, if that is where the error is.
    pub column: Option<usize>,
    /// What lies below it, the nearest first.
    pub causes: Vec<String>,
}

impl From<WorkbenchError> for ErrorObject {
    fn from(error: WorkbenchError) -> Self {
        Self {
            causes: error.causes(),
            code: error.code,
            column: error.column,
            message: error.message,
        }
    }
}
