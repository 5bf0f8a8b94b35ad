//! The end of a Parquet file: its columns, and where their values lie.
//!
//! Source: `parquet.thrift` of the Parquet format. Only the schema is kept as it is read; of the row groups it
//! keeps the places, so that a long footer costs no more memory than its own bytes.

use super::schema::{Leaf, Physical, Schema, is_path, structures};
use super::thrift::{BINARY, DEEPEST, I32, I64, LIST, STRUCT, count, skip, structure, zigzag};
use super::{Source, read_range};
use evidence::{Anomaly, Cursor, show_bytes};
use std::io::{self, SeekFrom};

/// The longest footer that is read. AWS's are a few KiB. Unit: bytes.
const LONGEST: u64 = 64 << 20;

#[derive(Debug)]
pub(super) struct Footer {
    /// Length of the whole file. Unit: bytes.
    pub(super) file: u64,
    /// Where the footer begins; values lie before it. Unit: bytes.
    pub(super) offset: u64,
    /// Rows of the file, as it says itself.
    pub(super) rows: u64,
    pub(super) schema: Schema,
    bytes: Vec<u8>,
    /// Where in `bytes` each row group begins.
    groups: Vec<usize>,
}

/// A row group: all values of a run of rows, column by column.
#[derive(Debug)]
pub(super) struct RowGroup {
    pub(super) rows: u64,
    /// One for each leaf of the schema.
    pub(super) chunks: Vec<Chunk>,
}

/// Where the values of one column in one row group lie.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) codec: i64,
    /// Unit: bytes.
    pub(super) offset: u64,
    /// Unit: bytes.
    pub(super) length: u64,
}

impl Footer {
    /// Reads the footer of `input`; of a damaged or encrypted file, the anomaly `flowlog.parquet_footer`.
    pub(super) fn read(input: &mut dyn Source) -> io::Result<Result<Self, Anomaly>> {
        let anomaly = |offset, length, expected: &str, found: String| {
            Ok(Err(Anomaly::new("flowlog.parquet_footer", offset, length, expected, found)))
        };
        let file = input.seek(SeekFrom::End(0))?;
        let begin = file.saturating_sub(8);
        let tail = read_range(input, begin, 8)?;
        let mut cursor = Cursor::new(&tail);
        let (Some(length), b"PAR1") = (cursor.le32(), cursor.rest()) else {
            let expected = "length and `PAR1` at the end";
            return anomaly(begin, tail.len() as u64, expected, show_bytes(&tail, 8));
        };
        let length = u64::from(length);
        // The magic at the start is no part of the footer.
        if length > begin.saturating_sub(4) || length > LONGEST {
            return anomaly(
                begin,
                4,
                "the length of the footer",
                format!("{length} of {file} bytes"),
            );
        }
        let offset = begin.saturating_sub(length);
        let bytes = read_range(input, offset, length)?;
        let Some((rows, schema, groups)) = parse(&bytes) else {
            return anomaly(
                offset,
                length,
                "a schema, a number of rows and row groups",
                show_bytes(&bytes, 32),
            );
        };
        Ok(Ok(Self { file, offset, rows, schema, bytes, groups }))
    }

    pub(super) fn groups(&self) -> usize {
        self.groups.len()
    }

    fn group_at(&self, number: usize) -> Cursor<'_> {
        let bytes = self.groups.get(number).and_then(|at| self.bytes.get(*at..));
        Cursor::new(bytes.unwrap_or_default())
    }

    /// How many rows this row group has, whatever else it says; 0 where it does not.
    pub(super) fn rows_of(&self, number: usize) -> u64 {
        let mut rows = 0;
        let read = structure(&mut self.group_at(number), |cursor, id, kind| {
            match (id, kind) {
                (3, I64) => rows = count(cursor)?,
                _ => skip(cursor, kind, DEEPEST)?,
            }
            Some(())
        });
        read.map_or(0, |()| rows)
    }

    /// The row group of this number.
    ///
    /// # Errors
    /// What it says that cannot be.
    pub(super) fn group(&self, number: usize) -> Result<RowGroup, String> {
        let mut chunks = Vec::new();
        let leaves = self.schema.leaves.len();
        let read = structure(&mut self.group_at(number), |cursor, id, kind| {
            if (id, kind) != (1, LIST) {
                return skip(cursor, kind, DEEPEST);
            }
            for number in 0..structures(cursor, kind)? {
                let leaf = usize::try_from(number).ok().and_then(|at| self.schema.leaves.get(at));
                chunks.push(self.chunk(cursor, leaf?)?);
            }
            Some(())
        });
        let columns = chunks.len();
        let chunks = chunks.into_iter().collect::<Result<Vec<_>, _>>()?;
        if read.is_none() || columns != leaves {
            return Err(format!("{columns} columns that can be, instead of {leaves}"));
        }
        Ok(RowGroup { rows: self.rows_of(number), chunks })
    }

    /// `ColumnChunk`
    fn chunk(&self, cursor: &mut Cursor<'_>, leaf: &Leaf) -> Option<Result<Chunk, String>> {
        let (mut kind_of_values, mut codec, mut length) = (None, None, None);
        let (mut pages, mut dictionary, mut elsewhere) = (None, None, None);
        let mut same_path = false;
        structure(cursor, |cursor, id, kind| match (id, kind) {
            (1, BINARY) => {
                elsewhere = Some("values in another file");
                skip(cursor, kind, DEEPEST)
            }
            (8, STRUCT) => {
                elsewhere = Some("encrypted values");
                skip(cursor, kind, DEEPEST)
            }
            (3, STRUCT) => structure(cursor, |cursor, id, kind| {
                match (id, kind) {
                    (1, I32) => kind_of_values = Some(zigzag(cursor)?),
                    (3, LIST) => same_path = is_path(cursor, &leaf.path)?,
                    (4, I32) => codec = Some(zigzag(cursor)?),
                    (7, I64) => length = Some(count(cursor)?),
                    (9, I64) => pages = Some(count(cursor)?),
                    (11, I64) => dictionary = Some(count(cursor)?),
                    _ => skip(cursor, kind, DEEPEST)?,
                }
                Some(())
            }),
            _ => skip(cursor, kind, DEEPEST),
        })?;
        let name = leaf.name();
        if let Some(found) = elsewhere {
            return Some(Err(format!("{found} for column {name}")));
        }
        if !same_path || kind_of_values != Some(number_of(leaf.physical)) {
            return Some(Err(format!("another column where {name} stands in the schema")));
        }
        let (Some(codec), Some(length), Some(pages)) = (codec, length, pages) else {
            return Some(Err(format!("no place for the values of column {name}")));
        };
        // Some writers give 0 where there is no dictionary, or are no values.
        let places = [Some(pages), dictionary].into_iter().flatten();
        let offset = places.filter(|at| *at > 0).min().unwrap_or(0);
        // Of no rows there may be no place.
        let inside =
            offset >= 4 && offset.checked_add(length).is_some_and(|end| end <= self.offset);
        if length > 0 && !inside {
            return Some(Err(format!(
                "{length} bytes from byte {offset} of {} for column {name}",
                self.file
            )));
        }
        Some(Ok(Chunk { codec, offset, length }))
    }
}

fn number_of(physical: Physical) -> i64 {
    match physical {
        Physical::Boolean => 0,
        Physical::Int32 => 1,
        Physical::Int64 => 2,
        Physical::Int96 => 3,
        Physical::Float => 4,
        Physical::Double => 5,
        Physical::Bytes => 6,
        Physical::Fixed(_) => 7,
    }
}

/// `FileMetaData`: rows, schema and the places of the row groups.
fn parse(bytes: &[u8]) -> Option<(u64, Schema, Vec<usize>)> {
    let (mut rows, mut schema, mut groups) = (None, None, Vec::new());
    structure(&mut Cursor::new(bytes), |cursor, id, kind| {
        match (id, kind) {
            (2, LIST) => schema = Some(Schema::read(cursor)?),
            (3, I64) => rows = Some(count(cursor)?),
            (4, LIST) => {
                for _ in 0..structures(cursor, kind)? {
                    groups.push(cursor.position());
                    skip(cursor, STRUCT, DEEPEST)?;
                }
            }
            _ => skip(cursor, kind, DEEPEST)?,
        }
        Some(())
    })?;
    Some((rows?, schema?, groups))
}
