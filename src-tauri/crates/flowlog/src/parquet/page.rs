//! The pages of a column, one after the other.

use super::codec;
use super::footer::Chunk;
use super::limits::{Budget, LARGEST_PAGE};
use super::thrift::{DEEPEST, FALSE, I32, STRUCT, TRUE, count, skip, structure, zigzag};
use super::{Damage, Source, Stop, read_range};
use evidence::{Cursor, show_bytes};
use std::io;

/// How much is read at once. Unit: bytes.
const WINDOW: u64 = 16 << 10;
/// A page header has statistics, and those may have values of any length. Unit: bytes.
const LONGEST_HEADER: u64 = 1 << 20;

/// A page whose bytes are inflated.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) kind: PageKind,
    pub(super) bytes: Vec<u8>,
    /// Where its header begins in the file. Unit: bytes.
    pub(super) offset: u64,
    /// Unit: bytes of the file, the header included.
    pub(super) length: u64,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum PageKind {
    Dictionary { values: u64, encoding: i64 },
    Data { values: u64, encoding: i64, levels: Levels },
}

/// How the levels lie at the begin of the bytes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Levels {
    /// Behind their lengths, in these encodings.
    Prefixed { rep: i64, def: i64 },
    /// So many bytes of them.
    Sized { rep: usize, def: usize },
}

/// A place in a column chunk.
#[derive(Debug)]
pub(super) struct Pages {
    name: String,
    codec: i64,
    at: u64,
    end: u64,
    /// Bytes of the file that were read ahead, and where they begin.
    window: Vec<u8>,
    window_at: u64,
}

impl Pages {
    pub(super) fn new(name: String, chunk: &Chunk) -> Self {
        let (at, codec) = (chunk.offset, chunk.codec);
        let end = at.saturating_add(chunk.length);
        Self { name, codec, at, end, window: Vec::new(), window_at: at }
    }

    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Bytes of the column that were not read yet.
    pub(super) fn left(&self) -> u64 {
        self.end.saturating_sub(self.at)
    }

    pub(super) fn damage(&self, at: u64, length: u64, expected: &str, found: String) -> Damage {
        let expected = format!("{expected} of column {}", self.name);
        Damage { offset: at, length, expected, found }
    }

    /// The next page; pages that have no values are passed over.
    pub(super) fn next(
        &mut self,
        input: &mut dyn Source,
        budget: &mut Budget,
    ) -> Result<Option<Page>, Stop> {
        loop {
            if self.left() == 0 {
                return Ok(None);
            }
            let offset = self.at;
            let (header, head) = self.header(input)?;
            let damage = |pages: &Self, found| {
                let name = codec::name(pages.codec);
                let expected = format!("a page of {} bytes ({name})", header.size);
                let length = head.saturating_add(header.packed);
                Stop::Damage(pages.damage(offset, length, &expected, found))
            };
            let begin = offset.saturating_add(head);
            let left = self.end.saturating_sub(begin);
            if header.packed > left {
                return Err(damage(self, format!("{} bytes where {left} are left", header.packed)));
            }
            if header.packed > LARGEST_PAGE || header.size > LARGEST_PAGE {
                return Err(damage(self, format!("a page of more than {LARGEST_PAGE} bytes")));
            }
            let length = head.saturating_add(header.packed);
            self.at = begin.saturating_add(header.packed);
            let Some(kind) = header.kind else { continue };
            budget.inflate(header.size).map_err(|found| damage(self, found))?;
            let packed = self.body(input, begin, header.packed)?;
            if packed.len() as u64 != header.packed {
                return Err(damage(self, "the end of the file".to_owned()));
            }
            let bytes = header.inflate(self.codec, &packed).map_err(|found| damage(self, found))?;
            return Ok(Some(Page { kind, bytes, offset, length }));
        }
    }

    /// The header at the current place, and its length.
    fn header(&mut self, input: &mut dyn Source) -> Result<(Header, u64), Stop> {
        for length in [1 << 10, LONGEST_HEADER] {
            let mut cursor = Cursor::new(self.ahead(input, length)?);
            if let Some(header) = Header::read(&mut cursor) {
                return Ok((header, cursor.position() as u64));
            }
        }
        let found = show_bytes(self.ahead(input, 32)?, 32);
        Err(Stop::Damage(self.damage(self.at, self.left().min(32), "a page header", found)))
    }

    /// Bytes from the current place on: `length` at least, if the column has as many.
    fn ahead(&mut self, input: &mut dyn Source, length: u64) -> io::Result<&[u8]> {
        let length = length.min(self.left());
        let skipped = self.at.checked_sub(self.window_at);
        let known = skipped.and_then(|skipped| (self.window.len() as u64).checked_sub(skipped));
        if known.is_none_or(|known| known < length) {
            self.window = read_range(input, self.at, length.max(WINDOW).min(self.left()))?;
            self.window_at = self.at;
        }
        let skipped = usize::try_from(self.at.saturating_sub(self.window_at)).unwrap_or(usize::MAX);
        Ok(self.window.get(skipped..).unwrap_or_default())
    }

    fn body(&self, input: &mut dyn Source, begin: u64, length: u64) -> io::Result<Vec<u8>> {
        let from = begin.checked_sub(self.window_at).and_then(|from| usize::try_from(from).ok());
        let range = from.zip(usize::try_from(length).ok());
        let range = range.and_then(|(from, length)| Some(from..from.checked_add(length)?));
        match range.and_then(|range| self.window.get(range)) {
            Some(bytes) => Ok(bytes.to_vec()),
            None => read_range(input, begin, length),
        }
    }
}

/// `PageHeader`
struct Header {
    /// What is not read (an index) has none.
    kind: Option<PageKind>,
    size: u64,
    packed: u64,
    checksum: Option<u32>,
    /// Whether the values are compressed, if the column is.
    compressed: bool,
}

impl Header {
    fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        let (mut number, mut size, mut packed, mut checksum) = (None, None, None, None);
        let (mut first, mut dictionary, mut second) = (None, None, None);
        let mut compressed = true;
        structure(cursor, |cursor, id, kind| {
            match (id, kind) {
                (1, I32) => number = Some(zigzag(cursor)?),
                (2, I32) => size = Some(count(cursor)?),
                (3, I32) => packed = Some(count(cursor)?),
                (4, I32) => checksum = Some(zigzag(cursor)? as u32),
                (5, STRUCT) => {
                    let [values, encoding, def, rep, ..] = numbers(cursor, &mut compressed)?;
                    let levels = Levels::Prefixed { rep: rep?, def: def? };
                    first = Some((values?, encoding?, levels));
                }
                (7, STRUCT) => {
                    let [values, encoding, ..] = numbers(cursor, &mut compressed)?;
                    dictionary = Some((values?, encoding?));
                }
                (8, STRUCT) => {
                    let [values, _, _, encoding, def, rep] = numbers(cursor, &mut compressed)?;
                    let size = |length: Option<i64>| usize::try_from(length?).ok();
                    let levels = Levels::Sized { rep: size(rep)?, def: size(def)? };
                    second = Some((values?, encoding?, levels));
                }
                _ => skip(cursor, kind, DEEPEST)?,
            }
            Some(())
        })?;
        let kind = match number? {
            0 => Some(first?),
            3 => Some(second?),
            2 => None,
            _ => {
                return Some(Self {
                    kind: None,
                    size: size?,
                    packed: packed?,
                    checksum,
                    compressed,
                });
            }
        };
        let kind = match kind {
            Some((values, encoding, levels)) => {
                PageKind::Data { values: u64::try_from(values).ok()?, encoding, levels }
            }
            None => {
                let (values, encoding) = dictionary?;
                PageKind::Dictionary { values: u64::try_from(values).ok()?, encoding }
            }
        };
        Some(Self { kind: Some(kind), size: size?, packed: packed?, checksum, compressed })
    }

    /// The bytes as they were before they were compressed, levels included.
    fn inflate(&self, codec: i64, packed: &[u8]) -> Result<Vec<u8>, String> {
        if let Some(expected) = self.checksum {
            let mut crc = flate2::Crc::new();
            crc.update(packed);
            if crc.sum() != expected {
                return Err(format!("the checksum {:08x} instead of {expected:08x}", crc.sum()));
            }
        }
        let levels = match self.kind {
            Some(PageKind::Data { levels: Levels::Sized { rep, def }, .. }) => {
                rep.saturating_add(def)
            }
            _ => 0,
        };
        let size = usize::try_from(self.size).ok().and_then(|size| size.checked_sub(levels));
        let (Some((levels, values)), Some(size)) = (packed.split_at_checked(levels), size) else {
            return Err(format!("levels of {levels} bytes"));
        };
        let mut bytes = levels.to_vec();
        let codec = if self.compressed { codec } else { 0 };
        codec::inflate(codec, values, size, &mut bytes)?;
        Ok(bytes)
    }
}

/// The first numbers of a structure, and whether its field 7 says that values are not compressed.
fn numbers(cursor: &mut Cursor<'_>, compressed: &mut bool) -> Option<[Option<i64>; 6]> {
    let mut numbers = [None; 6];
    structure(cursor, |cursor, id, kind| {
        let at = usize::try_from(id).ok().and_then(|id| id.checked_sub(1));
        match (at.and_then(|at| numbers.get_mut(at)), kind) {
            (Some(number), I32) => *number = Some(zigzag(cursor)?),
            (None, TRUE | FALSE) if id == 7 => *compressed = kind == TRUE,
            _ => skip(cursor, kind, DEEPEST)?,
        }
        Some(())
    })?;
    Some(numbers)
}
