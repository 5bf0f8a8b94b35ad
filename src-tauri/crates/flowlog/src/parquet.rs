//! What a Parquet file holds, by its footer: the number of rows and the names of the columns.
//!
//! Source: the Parquet format's `parquet.thrift` and the compact protocol of Apache Thrift. The footer is read
//! here rather than by the `parquet` crate, which lets the list lengths of a footer size its allocations: a
//! hostile footer of a few bytes would end the process.

use crate::Layout;
use crate::layout::Header;
use evidence::{Anomaly, Cursor, show_bytes};
use std::io::{self, Read, Seek, SeekFrom};

/// The largest footer that is read. AWS's are a few KiB. Unit: bytes.
const LONGEST_FOOTER: u64 = 16 << 20;
/// More columns than any log has.
const MOST_COLUMNS: usize = 4096;
/// The format nests structures a handful deep.
const DEEPEST: u8 = 32;

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
    let anomaly = |offset, length, expected: &str, found: String| {
        Ok(Err(Anomaly::new("flowlog.parquet_footer", offset, length, expected, found)))
    };
    let end = input.seek(SeekFrom::End(0))?;
    let begin = end.saturating_sub(8);
    let tail = read_range(input, begin, 8)?;
    let mut cursor = Cursor::new(&tail);
    let (Some(length), b"PAR1") = (cursor.le32(), cursor.rest()) else {
        return anomaly(
            begin,
            tail.len() as u64,
            "length and `PAR1` at the end",
            show_bytes(&tail, 8),
        );
    };
    let length = u64::from(length);
    // The magic at the start is no part of the footer.
    if length > begin.saturating_sub(4) || length > LONGEST_FOOTER {
        return anomaly(begin, 4, "the length of the footer", format!("{length} of {end} bytes"));
    }
    let offset = begin.saturating_sub(length);
    let footer = read_range(input, offset, length)?;
    match description(&mut Cursor::new(&footer)) {
        Some(description) => Ok(Ok(description)),
        None => anomaly(offset, length, "a schema and a number of rows", show_bytes(&footer, 32)),
    }
}

fn read_range<R: Read + Seek>(input: &mut R, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.seek(SeekFrom::Start(offset))?;
    input.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// `FileMetaData`: 2 is the schema, 3 the number of rows; what follows is not looked at.
fn description(cursor: &mut Cursor<'_>) -> Option<ParquetDescription> {
    let (mut id, mut layout) = (0, None);
    while let Some(kind) = field(cursor, &mut id)? {
        match (id, kind) {
            (2, LIST) => layout = Some(schema(cursor)?),
            (3, I64) => {
                let rows = u64::try_from(zigzag(cursor)?).ok()?;
                return Some(ParquetDescription { rows, layout: layout? });
            }
            _ => skip(cursor, kind, DEEPEST)?,
        }
    }
    None
}

/// `list<SchemaElement>`: the tree of columns in depth-first order, its root first.
fn schema(cursor: &mut Cursor<'_>) -> Option<Layout> {
    let (count, kind) = list(cursor)?;
    let mut names = Vec::new();
    // Elements still to come that are not columns themselves: the root, then what is below a column.
    let mut inner = 1_u64;
    for number in 0..count {
        let (name, children) = (kind == STRUCT).then(|| element(cursor))??;
        match inner.checked_sub(1) {
            None => {
                names.push(name);
                inner = children;
            }
            Some(_) if number == 0 => inner = 0,
            Some(left) => inner = left.saturating_add(children),
        }
        if names.len() > MOST_COLUMNS {
            return None;
        }
    }
    Some(Header::of_names(names.into_iter()).layout)
}

/// `SchemaElement`: 4 is the name, 5 the number of children.
fn element<'a>(cursor: &mut Cursor<'a>) -> Option<(&'a [u8], u64)> {
    let (mut id, mut name, mut children) = (0, None, 0);
    while let Some(kind) = field(cursor, &mut id)? {
        match (id, kind) {
            (4, BINARY) => name = Some(binary(cursor)?),
            (5, I32) => children = u64::try_from(zigzag(cursor)?).ok()?,
            _ => skip(cursor, kind, DEEPEST)?,
        }
    }
    Some((name?, children))
}

const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const I16: u8 = 4;
const I32: u8 = 5;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;

/// The type of the next field of a structure, whose number goes to `id`; `Some(None)` at its end.
fn field(cursor: &mut Cursor<'_>, id: &mut i64) -> Option<Option<u8>> {
    let head = cursor.u8()?;
    if head == 0 {
        return Some(None);
    }
    *id = match head >> 4 {
        0 => zigzag(cursor)?,
        step => id.saturating_add(step.into()),
    };
    Some(Some(head & 0x0f))
}

/// Length and element type of a list.
fn list(cursor: &mut Cursor<'_>) -> Option<(u64, u8)> {
    let head = cursor.u8()?;
    let count = match head >> 4 {
        15 => varint(cursor)?,
        count => count.into(),
    };
    Some((count, head & 0x0f))
}

fn binary<'a>(cursor: &mut Cursor<'a>) -> Option<&'a [u8]> {
    let length = usize::try_from(varint(cursor)?).ok()?;
    cursor.take(length)
}

fn varint(cursor: &mut Cursor<'_>) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = cursor.u8()?;
        number |= u64::from(byte & 0x7f).wrapping_shl(shift);
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn zigzag(cursor: &mut Cursor<'_>) -> Option<i64> {
    let number = varint(cursor)?;
    Some((number >> 1).cast_signed() ^ (number & 1).cast_signed().wrapping_neg())
}

/// Passes over a value. Each element of a list takes a byte at least, so no length makes this long.
fn skip(cursor: &mut Cursor<'_>, kind: u8, deeper: u8) -> Option<()> {
    let deeper = deeper.checked_sub(1)?;
    match kind {
        TRUE | FALSE => {}
        BYTE => cursor.skip(1)?,
        I16 | I32 | I64 => {
            varint(cursor)?;
        }
        DOUBLE => cursor.skip(8)?,
        BINARY => {
            binary(cursor)?;
        }
        LIST | SET => {
            let (count, kind) = list(cursor)?;
            for _ in 0..count {
                skip_element(cursor, kind, deeper)?;
            }
        }
        MAP => {
            let count = varint(cursor)?;
            let kinds = if count == 0 { 0 } else { cursor.u8()? };
            for _ in 0..count {
                skip_element(cursor, kinds >> 4, deeper)?;
                skip_element(cursor, kinds & 0x0f, deeper)?;
            }
        }
        STRUCT => {
            let mut id = 0;
            while let Some(kind) = field(cursor, &mut id)? {
                skip(cursor, kind, deeper)?;
            }
        }
        _ => return None,
    }
    Some(())
}

/// A truth value has no bytes of its own as a field, but one as an element.
fn skip_element(cursor: &mut Cursor<'_>, kind: u8, deeper: u8) -> Option<()> {
    match kind {
        TRUE | FALSE => cursor.skip(1),
        _ => skip(cursor, kind, deeper),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Column;
    use ::parquet::data_type::Int64Type;
    use ::parquet::file::writer::SerializedFileWriter;
    use ::parquet::schema::parser::parse_message_type;
    use std::io::Cursor as Bytes;
    use std::sync::Arc;

    /// A file of three rows, written by the `parquet` crate.
    fn file() -> Vec<u8> {
        let schema = "message flow {
            required int64 start;
            required group unmapped { required int64 a; required group b { required int64 c; } }
            required int64 account_id;
        }";
        let schema = Arc::new(parse_message_type(schema).unwrap());
        let mut file = Vec::new();
        let mut writer = SerializedFileWriter::new(&mut file, schema, Arc::default()).unwrap();
        let mut group = writer.next_row_group().unwrap();
        while let Some(mut column) = group.next_column().unwrap() {
            column.typed::<Int64Type>().write_batch(&[1, 2, 3], None, None).unwrap();
            column.close().unwrap();
        }
        group.close().unwrap();
        writer.close().unwrap();
        file
    }

    fn describe(bytes: &[u8]) -> Result<ParquetDescription, Anomaly> {
        describe_parquet(&mut Bytes::new(bytes)).unwrap()
    }

    #[test]
    fn rows_and_outermost_columns_are_told() {
        let description = describe(&file()).unwrap();
        assert_eq!(description.rows, 3);
        let names: Vec<_> = description
            .layout
            .columns
            .iter()
            .map(|column| match column {
                Column::Known(spec) => spec.name,
                Column::Unknown(name) => name,
                Column::Others => "…",
            })
            .collect();
        assert_eq!(names, ["start", "unmapped", "account-id"]);
    }

    #[test]
    fn a_footer_that_is_none_is_an_anomaly() {
        let endless = b"PAR1\x15\x02\x19\xfc\xff\xff\xff\xff\x07\x09\0\0\0PAR1";
        let deep = [b"PAR1".as_slice(), &[0x1c; 90], b"\x5a\0\0\0PAR1"].concat();
        for bytes in [b"".as_slice(), b"PAR1", b"PAR1\xff\xff\xff\xffPAR1", endless, &deep] {
            assert_eq!(describe(bytes).unwrap_err().kind, "flowlog.parquet_footer");
        }
        let mut encrypted = file();
        let magic = encrypted.len() - 1;
        encrypted[magic] = b'E';
        assert!(describe(&encrypted).unwrap_err().found.ends_with("PARE"));
    }

    #[test]
    fn every_prefix_and_every_changed_byte_is_described_or_an_anomaly() {
        let file = file();
        for end in 0..file.len() {
            assert!(describe(&file[..end]).is_err());
        }
        for (at, flip) in
            (0..file.len()).flat_map(|at| [1, 0x10, 0x80, 0xff].map(|flip| (at, flip)))
        {
            let mut changed = file.clone();
            changed[at] ^= flip;
            let _ = describe(&changed);
        }
    }
}
