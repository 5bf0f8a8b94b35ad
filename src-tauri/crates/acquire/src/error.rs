//! Why an acquisition stopped.

use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata};
use std::{error::Error, io, path::PathBuf};

/// Why objects were not listed or an object was not fetched. Nothing is kept of an object that failed.
#[derive(Debug, thiserror::Error)]
pub enum AcquireError {
    /// The service did not answer, or answered no.
    #[error("{what}: {message}")]
    Service {
        /// What was asked for.
        what: String,
        /// The service's own code, for example `NoSuchBucket`; none where it did not answer.
        code: Option<String>,
        /// The whole chain of causes.
        message: String,
    },
    /// A file could not be written.
    #[error("{}: {source}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file of that name is there already. It is left as it is.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// The object is not the one that was listed, or its transfer was cut.
    #[error("{source_name}: {expected} bytes were listed, {received} came")]
    Size {
        /// The object, as `s3://bucket/key`.
        source_name: String,
        /// Unit: bytes.
        expected: u64,
        /// Unit: bytes.
        received: u64,
    },
    /// The caller stopped it.
    #[error("cancelled")]
    Cancelled,
}

impl AcquireError {
    pub(crate) fn service<E>(what: impl Into<String>, error: E) -> Self
    where
        E: Error + ProvideErrorMetadata,
    {
        let code = error.code().map(str::to_owned);
        Self::Service { what: what.into(), code, message: DisplayErrorContext(error).to_string() }
    }

    pub(crate) fn write(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Write { path, source }
    }
}
