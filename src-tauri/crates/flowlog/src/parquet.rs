//! Flow logs in Apache Parquet.
//!
//! Read here rather than by the `parquet` crate: that one lets the lengths in footers and page headers size its
//! allocations, and inflates without a limit, so that a few hostile bytes would end the process. Here every
//! length is held against the bytes that back it, a page is inflated to 64 MiB at most, values are decoded some
//! rows at a time, and [`limits`] bounds what a file may cost as a whole.
//!
//! In reading order: [`footer`] says where the values lie, [`page`] gets them, [`leaf`] takes them one by one with
//! their levels, [`cells`] makes values of flow-log fields of them and [`nested`] JSON, [`group`] puts rows
//! together, [`read`] goes through the file.
//!
//! Source: the Parquet format (`parquet.thrift`, *Encodings*, *Logical types*) and the compact protocol of
//! Apache Thrift.

mod cells;
mod codec;
mod delta;
mod footer;
mod group;
mod hive;
mod leaf;
mod limits;
mod nested;
mod output;
mod page;
mod read;
mod rle;
mod scalar;
mod schema;
#[cfg(test)]
mod tests;
mod thrift;
mod values;

pub use hive::hive_partitions;

use crate::layout::Header;
use crate::{FlowSink, Layout, Refusal, Summary};
use evidence::{Anomaly, show_bytes};
use footer::Footer;
use output::Output;
use read::{Holding, Reader};
use std::io::{self, Read, Seek, SeekFrom};

/// How many of the names of a file's columns are shown. Unit: bytes.
const SHOWN: usize = 1024;

/// What the footer of a Parquet file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParquetDescription {
    /// Rows of all row groups.
    pub rows: u64,
    /// The columns, of nested ones the outermost.
    pub layout: Layout,
}

/// Describes the Parquet file `input`; of a damaged or encrypted one, the anomaly `flowlog.parquet_footer`.
///
/// # Errors
/// Only those of `input`.
pub fn describe_parquet<R: Read + Seek>(
    input: &mut R,
) -> io::Result<Result<ParquetDescription, Anomaly>> {
    let footer = Footer::read(input)?;
    Ok(footer.map(|footer| {
        let layout = header(&footer).layout;
        ParquetDescription { rows: footer.rows, layout }
    }))
}

/// Reads a flow log in Parquet from `input` into `sink`.
///
/// The number of a record's line is its row in the file, the first row being 1; no row has an offset. Columns are
/// known by AWS's names with underscores or hyphens; those that AWS does not define are kept as text, groups as
/// JSON. Numbers may be numbers of any type or text, times may be seconds, milliseconds, dates or points in time of
/// any unit; the literal `None` and NaN are no value. A row with a value that its field cannot have is rejected.
/// Rows in OCSF (Security Lake) are recognised by their columns; a file of other columns is refused, and
/// [`Summary::refused`] says so.
///
/// The rows of a damaged row group are lost from the damage on: [`Summary::lost`] counts them and an anomaly says
/// which they are; the next row group is read. Memory is bounded whatever the file says.
///
/// Anomalies: `flowlog.parquet_footer`, `flowlog.parquet_unreadable`, `flowlog.parquet_surplus`,
/// `flowlog.parquet_rows`, `flowlog.empty`, `flowlog.unknown_field`, `flowlog.repeated_field`, and for a column
/// each `flowlog.milliseconds`, `flowlog.no_time_zone`, `flowlog.none`, `flowlog.nan`, `flowlog.account_number`.
///
/// # Errors
/// Only those of `input`.
pub fn read_parquet<R: Read + Seek>(input: &mut R, sink: &mut dyn FlowSink) -> io::Result<Summary> {
    let footer = match Footer::read(input)? {
        Ok(footer) => footer,
        Err(anomaly) => {
            // Nothing follows that the sink could want no more of.
            let _ = sink.anomaly(anomaly);
            return Ok(Summary::default());
        }
    };
    let header = header(&footer);
    let holding = Holding::of(&header.layout);
    if holding == Holding::SomethingElse {
        let names: Vec<_> = footer.schema.columns.iter().map(|node| node.name.as_slice()).collect();
        let columns = show_bytes(&names.join(&b' '), SHOWN);
        let refused = Some(Refusal::NotAFlowLog { columns });
        return Ok(Summary { refused, ..Summary::default() });
    }
    Reader::new(input, &footer, Output::new(sink, header)).read(holding)
}

fn header(footer: &Footer) -> Header {
    Header::of_names(footer.schema.columns.iter().map(|node| node.name.as_slice()))
}

/// Bytes in any order.
trait Source: Read + Seek {}

impl<R: Read + Seek> Source for R {}

/// Up to `length` bytes from `offset`: fewer where the input ends.
fn read_range(input: &mut dyn Source, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.seek(SeekFrom::Start(offset))?;
    input.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What a row group, or the rest of it, cannot be read for.
#[derive(Debug, Default)]
struct Damage {
    offset: u64,
    length: u64,
    expected: String,
    found: String,
}

/// Why reading a column ends.
#[derive(Debug)]
enum Stop {
    Io(io::Error),
    Damage(Damage),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
