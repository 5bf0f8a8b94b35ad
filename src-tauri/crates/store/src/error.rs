//! What can go wrong with the database.

use crate::filter::FilterError;
use std::path::PathBuf;

/// An error of the store. Input that breaks its own rules is not one of them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database file cannot be opened: damaged, or made by another version. It is a cache: rebuild it.
    #[error("cannot open the case's database {}; `rebuild` makes it anew", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What DuckDB says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// DuckDB refused or failed.
    #[error("the case's database failed")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The index of a capture cannot be read.
    #[error(transparent)]
    Index(#[from] capture::IndexError),
    /// The filter is not one.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// There is no such field to group or order by.
    #[error("there is no field {0:?}")]
    UnknownField(String),
    /// No file of reference in the case tells this of an address.
    #[error("nothing in the case tells {label}; {source_file} would, once it is added")]
    Untold {
        /// What was asked for.
        label: &'static str,
        /// What tells it.
        source_file: &'static str,
    },
    /// A file of reference is gone, or is not what it was.
    #[error("what addresses are known as cannot be looked up")]
    Reference(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Lists count records in 32 bits.
    #[error("the case holds more than 4,294,967,295 flow records, which no list can show")]
    TooManyRecords,
    /// The readers of flow logs reject such a record: this one did not.
    #[error("a reader of flow logs gave {0} as a port or protocol")]
    Unfitting(i64),
    /// Texts of records are kept once each, in memory.
    #[error("the flow logs hold more than {0} different texts, which are no names of anything")]
    TooManyTexts(usize),
    /// A file for other programs cannot be written.
    #[error("the export cannot be written")]
    Export(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// An answer was stopped.
    #[error("the answer was cut off")]
    Interrupted,
    /// The console takes one SELECT and nothing else.
    #[error("only a single SELECT can be run: {0}")]
    NotASelect(String),
}

impl From<duckdb::Error> for StoreError {
    fn from(error: duckdb::Error) -> Self {
        Self::Database(Box::new(error))
    }
}

impl From<arrow::error::ArrowError> for StoreError {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::Database(Box::new(error))
    }
}
