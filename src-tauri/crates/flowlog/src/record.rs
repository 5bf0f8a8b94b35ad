//! What the reader gives: records, rejected lines, anomalies.

use crate::{Layout, Refusal};
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

/// One flow record.
///
/// Its place is that of the line, or of the element of a JSON document, that it was read from. A source that
/// tells both directions in one element gives two records of the same place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// What tells this record from every other of the file. In text and CSV the number of the line; the first
    /// line, header or not, is 1, and a CSV row of several lines has the first one's. In every other format the
    /// ordinal of the row from 1 on, rejected ones counted.
    pub line: u64,
    /// First byte of the line or element in the inflated file; 0 in Parquet, where no row has a place. Unit: bytes.
    pub offset: u64,
    /// Length of the line without its end, or of the element. Unit: bytes.
    pub length: u64,
    /// The values, one for each column of the layout.
    pub values: &'a [Value<'a>],
}

/// A line or element that is no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejected<'a> {
    /// Number of the line, or ordinal of the row, as in [`Record::line`].
    pub line: u64,
    /// First byte in the inflated file. Unit: bytes.
    pub offset: u64,
    /// Length of the whole line without its end; of a broken element, up to where reading goes on. Unit: bytes.
    pub length: u64,
    /// Why it is no record.
    pub cause: Cause,
    /// The bytes as they were found; of many the first 1024. In Parquet, row group and row, and the row's values
    /// behind their names.
    pub text: &'a [u8],
}

/// Why a line or element is no record. Fields are named as AWS names them.
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
    /// Neither seconds nor milliseconds of this age; where the format allows it, no date and time either.
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
    /// A list or an object where text should be.
    #[error("{field} is not text")]
    Text {
        /// The field.
        field: &'static str,
    },
    /// Bytes that are not JSON.
    #[error("not JSON from its byte {at} on")]
    Json {
        /// Where it breaks, from the first byte of the element on. Unit: bytes.
        at: u64,
    },
    /// An object with two members of one name: there is no telling which counts.
    #[error("a JSON object with two members of one name")]
    RepeatedKey,
    /// More values in one element than any record has.
    #[error("more than {limit} values in one element")]
    TooMany {
        /// The most values that are read.
        limit: usize,
    },
    /// JSON of another form than the format has.
    #[error("not {expected}")]
    Form {
        /// What the format has in its place.
        expected: &'static str,
    },
    /// A quoted CSV value that does not end, or goes on after its end.
    #[error("a quoted value that does not end where a value ends")]
    Quotes,
    /// The file ends within it.
    #[error("the file ends within it")]
    Cut,
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
            Self::Text { .. } => "text",
            Self::Json { .. } => "json",
            Self::RepeatedKey => "repeated_key",
            Self::TooMany { .. } => "too_many",
            Self::Form { .. } => "form",
            Self::Quotes => "quotes",
            Self::Cut => "cut",
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
    /// Something about the file that breaks the rules. There may be any number of them: see [`evidence::Anomalies`].
    fn anomaly(&mut self, anomaly: Anomaly) -> ControlFlow<()>;
}

/// What was read. Every line is counted as a record, as rejected, as a header, as passed over, as lost, or is blank;
/// one line or element can give several records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Lines, the blank ones included; elements where the format is not one of lines.
    pub lines: u64,
    /// Records.
    pub records: u64,
    /// Rejected lines or elements.
    pub rejected: u64,
    /// Header lines, the repeated ones included.
    pub headers: u64,
    /// Elements that say of themselves that they are something else than a flow record; an anomaly tells what.
    pub passed_over: u64,
    /// Whether the layout was taken because the values fit it, for want of a header.
    pub inferred: bool,
    /// Rows that lie in damaged parts of a Parquet file; an anomaly says which.
    pub lost: u64,
    /// Why nothing was read, if the file was refused as a whole.
    pub refused: Option<Refusal>,
}
