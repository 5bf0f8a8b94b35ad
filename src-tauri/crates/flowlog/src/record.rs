//! What the reader gives: records, rejected lines, anomalies.

use crate::Layout;
use evidence::{Address, Anomaly};
use std::ops::ControlFlow;

/// One value of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// AWS wrote `-`: not applicable to this record, or not computed.
    Absent,
    /// A number.
    Int(i64),
    /// An address.
    Address(Address),
    /// A point in time. Unit: µs since the epoch, UTC.
    Time(i64),
    /// Text as it stands in the file.
    Text(&'a str),
}

/// One line of a flow log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// Number of the line in the file; the first line, header or not, is 1. In Parquet, the row.
    pub line: u64,
    /// First byte of the line in the inflated file; 0 in Parquet, where no row has a place. Unit: bytes.
    pub offset: u64,
    /// The values, one for each column of the layout.
    pub values: &'a [Value<'a>],
}

/// A line that is no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejected<'a> {
    /// Number of the line in the file; the first line is 1.
    pub line: u64,
    /// First byte of the line in the inflated file. Unit: bytes.
    pub offset: u64,
    /// Length of the whole line without its end. Unit: bytes.
    pub length: u64,
    /// Why it is no record.
    pub cause: Cause,
    /// The line as it was found; of a long line its first 1024 bytes. In Parquet, row group and row, and the
    /// row's values behind their names.
    pub text: &'a [u8],
}

/// Why a line is no record. Fields are named as AWS names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// More or fewer columns than the layout has.
    #[error("{found} columns where the layout has {expected}")]
    Columns {
        /// Columns of the layout.
        expected: usize,
        /// Columns of the line.
        found: usize,
    },
    /// Something else than digits, or more than 64 bits hold.
    #[error("{field} is not a number")]
    Number {
        /// The field.
        field: &'static str,
    },
    /// Neither an IPv4 nor an IPv6 address.
    #[error("{field} is not an address")]
    Address {
        /// The field.
        field: &'static str,
    },
    /// A number that the field cannot have.
    #[error("{field} is above {limit}")]
    Limit {
        /// The field.
        field: &'static str,
        /// The largest value it can have.
        limit: i64,
    },
    /// Neither seconds nor milliseconds of this age.
    #[error("{field} is neither seconds nor milliseconds since 1970")]
    Time {
        /// The field.
        field: &'static str,
    },
    /// The window ends before it starts.
    #[error("start is after end")]
    StartAfterEnd,
    /// Bytes that are not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// A NUL byte, as blocks that were never written have them.
    #[error("a NUL byte")]
    Nul,
    /// Longer than any record is.
    #[error("longer than {limit} bytes")]
    TooLong {
        /// The longest line that is read.
        limit: usize,
    },
    /// A value that is none of the kind that its field has, such as a date where a port belongs.
    #[error("{field} has a value of a wrong type")]
    Type {
        /// The field.
        field: &'static str,
    },
    /// It is not known what the columns mean.
    #[error("no header line before it, and no default format that fits")]
    NoLayout,
}

impl Cause {
    /// Stable name of the cause, never renamed.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Columns { .. } => "columns",
            Self::Number { .. } => "number",
            Self::Address { .. } => "address",
            Self::Limit { .. } => "limit",
            Self::Time { .. } => "time",
            Self::StartAfterEnd => "start_after_end",
            Self::NotUtf8 => "not_utf8",
            Self::Nul => "nul",
            Self::TooLong { .. } => "too_long",
            Self::Type { .. } => "type",
            Self::NoLayout => "no_layout",
        }
    }
}

/// Takes what the reader gives, in the order of the file. Breaking ends the reading.
pub trait FlowSink {
    /// The records from here on have this layout.
    fn layout(&mut self, layout: &Layout) -> ControlFlow<()>;
    /// A record.
    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()>;
    /// A line that is no record.
    fn rejected(&mut self, rejected: &Rejected<'_>) -> ControlFlow<()>;
    /// Something about the file that breaks the rules.
    fn anomaly(&mut self, anomaly: Anomaly) -> ControlFlow<()>;
}

/// Why a whole file is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It is in a form that flow logs come in, but holds something else.
    #[error("not a flow log; its columns are {columns}")]
    NotAFlowLog {
        /// The names of its columns, parted by spaces; of many the first.
        columns: String,
    },
}

/// What was read. Every line is counted as a record, as rejected, as a header, as lost, or is blank.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Lines, the blank ones included.
    pub lines: u64,
    /// Records.
    pub records: u64,
    /// Rejected lines.
    pub rejected: u64,
    /// Header lines, the repeated ones included.
    pub headers: u64,
    /// Whether the layout is one of AWS's default formats, taken because the values fit it, for want of a header.
    pub inferred: bool,
    /// Rows that lie in damaged parts of a Parquet file; an anomaly says which.
    pub lost: u64,
    /// Why nothing was read.
    pub refused: Option<Refusal>,
}
