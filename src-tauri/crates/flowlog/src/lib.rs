//! Flow-log exports to flow records, without touching a file, a clock or a database.
//!
//! VPC and Transit Gateway flow logs are lines of fields parted by white space; which fields, and in which
//! order, each flow log decides for itself. So a file is read by its own header line, or, where the route
//! that it came by drops the header, by the one known layout that its values fit. Other routes wrap the lines
//! into JSON or turn them into tables; other tools know flows of their own, which are read into AWS's fields.
//!
//! A line or element becomes whole [`Record`]s or it becomes a [`Rejected`] with its cause: there is no record
//! with values that were quietly left out.
//!
//! In reading order: [`FIELDS`] is the table of AWS's fields, a [`Layout`] is what the columns of one file
//! mean, [`sniff`] tells the [`Format`] of a file by its first bytes, [`Format::read`] and [`read_parquet`] push
//! its records into a [`FlowSink`]; [`describe_parquet`] names what a Parquet file holds.
//!
//! Source: the pages *Flow log records* and *Transit Gateway flow log records* of AWS's documentation.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod alias;
mod block;
mod both_ways;
mod csv;
mod eight;
mod field;
mod format;
mod formats;
mod infer;
mod json;
mod layout;
mod line;
mod look;
mod messages;
mod moment;
mod number;
mod ocsf;
mod options;
mod parquet;
mod protocol;
mod record;
mod refusal;
mod row;
mod rows;
#[cfg(test)]
mod script;
mod text;
mod utf16;
mod zeek;

pub use field::{FIELDS, Field, FieldKind, FieldSpec};
pub use format::{Format, sniff};
pub use layout::{Column, Layout, NotALayout};
pub use look::Look;
pub use options::ReadOptions;
pub use parquet::{ParquetDescription, describe_parquet, hive_partitions, read_parquet};
pub use record::{Cause, FlowSink, Record, Rejected, Summary, Value};
pub use refusal::Refusal;
pub use text::read_text;
