//! Flow-log exports to flow records, without touching a file, a clock or a database.
//!
//! VPC and Transit Gateway flow logs are lines of fields parted by white space; which fields, and in which
//! order, each flow log decides for itself. So a file is read by its own header line, or, where the route
//! that it came by drops the header, by one of AWS's default formats if its values fit that format.
//!
//! A line becomes a whole [`Record`] or it becomes a [`Rejected`] with its cause: there is no record with
//! values that were quietly left out.
//!
//! In reading order: [`FIELDS`] is the table of AWS's fields, a [`Layout`] is what the columns of one file
//! mean, [`sniff`] says whether bytes are a flow log at all, [`read_text`] and [`read_parquet`] push the records
//! of one into a [`FlowSink`], [`describe_parquet`] names what a Parquet file holds.
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

mod field;
mod infer;
mod layout;
mod line;
mod number;
mod parquet;
mod record;
mod sniff;
mod text;

pub use field::{FIELDS, Field, FieldKind, FieldSpec};
pub use layout::{Column, Layout};
pub use parquet::{ParquetDescription, describe_parquet, hive_partitions, read_parquet};
pub use record::{Cause, FlowSink, Record, Refusal, Rejected, Summary, Value};
pub use sniff::{Format, sniff};
pub use text::read_text;
