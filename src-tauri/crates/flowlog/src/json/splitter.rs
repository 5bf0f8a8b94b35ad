//! A JSON document of any length to its elements, in bounded memory.

use super::scanner::{Scan, Scanner};
use crate::block::SHOWN;
use crate::text::BYTE_ORDER_MARK;
use std::io::{self, ErrorKind, Read};
use std::ops::Range;

/// The longest element that is read. The longest there are, the minutes of an Azure log, have some MB. Unit: bytes.
pub(crate) const LONGEST: usize = 16 << 20;
/// The longest value beside the elements that is read. Unit: bytes.
const LONGEST_MEMBER: usize = 64 * 1024;
/// How much is read at once. Unit: bytes.
const STEP: usize = 64 * 1024;

/// Where in a document the elements are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Path {
    /// The document's values themselves: one after the other, on lines, or in one list.
    Top,
    /// In the list that an object at the top has under this key.
    Under(&'static str),
    /// There too, and each element is a list of objects.
    ListsUnder(&'static str),
}

impl Path {
    fn key(self) -> Option<&'static str> {
        match self {
            Self::Top => None,
            Self::Under(key) | Self::ListsUnder(key) => Some(key),
        }
    }
}

/// What comes next in a document.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// An element.
    Element { offset: u64, at: Range<usize> },
    /// A member of the object that holds the elements, whole unless it is long.
    Member { key: Vec<u8>, value: Option<Range<usize>> },
    /// The end of that object; whether it had the list of elements.
    End { offset: u64, length: u64, had_list: bool },
    /// An element that breaks after `at` bytes; so much is passed over to where reading goes on.
    Broken { offset: u64, length: u64, at: u64, head: Vec<u8> },
    /// An element that is too long to be read.
    TooLong { offset: u64, length: u64, head: Vec<u8> },
    /// An element that the end of the input cuts.
    Cut { offset: u64, length: u64, head: Vec<u8> },
    /// Bytes between elements that are none; passed over to where reading goes on.
    Noise { offset: u64, length: u64, head: Vec<u8> },
    /// The document ends before its lists and objects do.
    Unterminated { offset: u64 },
}

/// Gives the pieces of a document in its order.
pub(crate) struct Splitter<'r> {
    input: &'r mut dyn Read,
    path: Path,
    /// What is held of the input, from `base` on; before `at` it is done with.
    held: Vec<u8>,
    at: usize,
    base: u64,
    ended: bool,
    /// Whether a list at the top is open.
    in_top_list: bool,
    place: Place,
    /// Where the object that holds the elements began, and whether it had their list.
    object: u64,
    had_list: bool,
    /// Whether what was broken may have ended the list of elements.
    lost: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    Object,
    List,
    End,
}

/// Where a value ends.
enum End {
    Whole(Range<usize>),
    /// It was longer than allowed, and is passed over.
    Passed {
        length: u64,
        head: Vec<u8>,
    },
    Broken {
        at: u64,
        length: u64,
        head: Vec<u8>,
    },
    Cut {
        length: u64,
        head: Vec<u8>,
    },
    /// It is no element but an object that holds elements.
    Holder,
}

impl<'r> Splitter<'r> {
    pub(crate) fn new(input: &'r mut dyn Read, path: Path) -> Self {
        Self {
            input,
            path,
            held: Vec::new(),
            at: 0,
            base: 0,
            ended: false,
            in_top_list: false,
            place: Place::Top,
            object: 0,
            had_list: false,
            lost: false,
        }
    }

    /// The bytes of the piece that was given last.
    pub(crate) fn bytes(&self, range: &Range<usize>) -> &[u8] {
        self.held.get(range.clone()).unwrap_or_default()
    }

    /// The next piece; `None` at the end of the document.
    ///
    /// # Errors
    /// Only those of the input.
    pub(crate) fn next(&mut self) -> io::Result<Option<Piece>> {
        loop {
            let Some(byte) = self.peek()? else { return Ok(self.end()) };
            let key = self.path.key();
            match (self.place, byte) {
                (Place::End, _) => return Ok(None),
                (_, b',') => self.step(1),
                (Place::Top, b'[') if !self.in_top_list => {
                    self.in_top_list = true;
                    self.step(1);
                }
                (Place::Top, b']') if self.in_top_list => {
                    self.in_top_list = false;
                    self.step(1);
                }
                (Place::Top, b'{') if key.is_some() => {
                    self.object = self.offset();
                    self.had_list = false;
                    self.place = Place::Object;
                    self.step(1);
                }
                (Place::Top | Place::List, b'{' | b'[') => {
                    if let Some(piece) = self.element()? {
                        return Ok(Some(piece));
                    }
                }
                (Place::List, b']') => {
                    self.place = Place::Object;
                    self.step(1);
                }
                (Place::Object, b'"') => {
                    if let Some(piece) = self.member(key.unwrap_or_default())? {
                        return Ok(Some(piece));
                    }
                }
                (Place::Object, b'}') => {
                    self.place = Place::Top;
                    self.lost = false;
                    self.step(1);
                    let length = self.offset().saturating_sub(self.object);
                    let (offset, had_list) = (self.object, self.had_list);
                    return Ok(Some(Piece::End { offset, length, had_list }));
                }
                _ => {
                    let (offset, head) = (self.offset(), self.head()?);
                    let length = self.resynchronise()?;
                    return Ok(Some(Piece::Noise { offset, length, head: cut(head, length) }));
                }
            }
        }
    }

    /// The element that begins here; nothing if it turns out to hold elements.
    fn element(&mut self) -> io::Result<Option<Piece>> {
        let offset = self.offset();
        // Where order was lost, the next object may be one that holds elements.
        let key = self.path.key().filter(|_| self.lost).unwrap_or_default();
        Ok(Some(match self.value(LONGEST, key)? {
            End::Whole(at) => Piece::Element { offset, at },
            End::Passed { length, head } => Piece::TooLong { offset, length, head },
            End::Broken { at, length, head } => Piece::Broken { offset, length, at, head },
            End::Cut { length, head } => Piece::Cut { offset, length, head },
            End::Holder => {
                self.place = Place::Top;
                return Ok(None);
            }
        }))
    }

    /// The member that begins here; nothing if it is the list of elements.
    fn member(&mut self, list: &str) -> io::Result<Option<Piece>> {
        let offset = self.offset();
        let key = match self.value(LONGEST_MEMBER, "")? {
            End::Whole(at) => self.bytes(&at).to_vec(),
            End::Passed { length, head } => return Ok(Some(Piece::Noise { offset, length, head })),
            End::Broken { length, head, .. } | End::Cut { length, head } => {
                return Ok(Some(Piece::Noise { offset, length, head }));
            }
            End::Holder => return Ok(None),
        };
        if self.peek()? == Some(b':') {
            self.step(1);
        } else {
            self.resynchronise()?;
            let length = self.offset().saturating_sub(offset);
            return Ok(Some(Piece::Noise { offset, length, head: key }));
        }
        let key = key.get(1..key.len().saturating_sub(1)).unwrap_or_default().to_vec();
        let begin = self.peek()?;
        if key == list.as_bytes() && begin == Some(b'[') {
            self.place = Place::List;
            self.had_list = true;
            self.lost = false;
            self.step(1);
            return Ok(None);
        }
        let offset = self.offset();
        Ok(Some(match self.value(LONGEST_MEMBER, "")? {
            End::Whole(value) => Piece::Member { key, value: Some(value) },
            End::Passed { .. } | End::Holder => Piece::Member { key, value: None },
            End::Broken { length, head, .. } | End::Cut { length, head } => {
                Piece::Noise { offset, length, head }
            }
        }))
    }

    /// Passes over the value that begins here; one of at most `longest` bytes stays held.
    fn value(&mut self, longest: usize, key: &'static str) -> io::Result<End> {
        let (begin, mut head) = (self.offset(), Vec::new());
        let mut scanner = Scanner::new(key);
        let mut read = 0_usize;
        loop {
            let unread = self.held.get(self.at.saturating_add(read)..).unwrap_or_default();
            let more = unread.len();
            let scan = scanner.read(unread);
            let whole = match scan {
                Scan::Whole(bytes) => read.saturating_add(bytes),
                _ => read.saturating_add(more),
            };
            // What is too long is let go of as it is read.
            if whole > longest && head.is_empty() {
                head = self.head()?;
            }
            if !key.is_empty() && scanner.has_key() && head.is_empty() {
                return Ok(End::Holder);
            }
            match scan {
                Scan::Whole(_) => {
                    let at = self.at..self.at.saturating_add(whole);
                    self.step(whole);
                    let length = self.offset().saturating_sub(begin);
                    return Ok(match head.is_empty() {
                        true => End::Whole(at),
                        false => End::Passed { length, head },
                    });
                }
                Scan::Broken(bytes) => {
                    let long = !head.is_empty();
                    let head = if long { head } else { self.head()? };
                    self.step(read.saturating_add(bytes));
                    let at = self.offset().saturating_sub(begin);
                    let length = at.saturating_add(self.resynchronise()?);
                    return Ok(match long {
                        true => End::Passed { length, head },
                        false => End::Broken { at, length, head: cut(head, length) },
                    });
                }
                Scan::Open => {
                    read = read.saturating_add(more);
                    if !head.is_empty() {
                        self.step(read);
                        read = 0;
                    }
                    if !self.fill()? {
                        let head = if head.is_empty() { self.head()? } else { head };
                        self.step(read);
                        return Ok(End::Cut { length: self.offset().saturating_sub(begin), head });
                    }
                }
            }
        }
    }

    /// Passes over bytes until something begins that looks like an element: an object with a member, or a list
    /// of such, on a line of its own or after a bracket or comma. Gives how many bytes there were.
    ///
    /// Whether they stand in a string is not known here: where a quotation mark was lost, all that follows
    /// would seem to.
    fn resynchronise(&mut self) -> io::Result<u64> {
        let begin = self.offset();
        let (opener, follows) = match self.path {
            Path::ListsUnder(_) => (b'[', b'{'),
            _ => (b'{', b'"'),
        };
        // The byte that broke the element can itself begin the next one.
        let (mut before, mut new_line) = (0_u8, true);
        while let Some(byte) = self.byte()? {
            let parted = new_line || matches!(before, b',' | b'}' | b'[' | b']');
            if byte == opener && parted && self.follows(follows)? {
                break;
            }
            // Another document can come after the one that is broken.
            if byte == b'{' && (new_line || before == b'}') && self.follows(b'"')? {
                break;
            }
            match byte {
                b'\n' => new_line = true,
                _ if byte.is_ascii_whitespace() => {}
                _ => (before, new_line) = (byte, false),
            }
            self.step(1);
        }
        if self.path.key().is_some() {
            (self.place, self.lost) = (Place::List, true);
        }
        Ok(self.offset().saturating_sub(begin))
    }

    /// Whether this byte is the next one after the bracket here, white space aside.
    fn follows(&mut self, wanted: u8) -> io::Result<bool> {
        let mut next = 1_usize;
        loop {
            match self.held.get(self.at.saturating_add(next)).copied() {
                Some(byte) if byte.is_ascii_whitespace() && next < SHOWN => {
                    next = next.saturating_add(1);
                }
                Some(byte) => return Ok(byte == wanted),
                None if self.fill()? => {}
                None => return Ok(false),
            }
        }
    }

    fn end(&mut self) -> Option<Piece> {
        let within = matches!(self.place, Place::Object | Place::List);
        let open = self.in_top_list || (within && !self.lost);
        self.place = Place::End;
        self.in_top_list = false;
        open.then(|| Piece::Unterminated { offset: self.offset() })
    }

    /// The next byte that is not white space, a byte order mark or a record separator (RFC 7464).
    fn peek(&mut self) -> io::Result<Option<u8>> {
        while let Some(byte) = self.byte()? {
            if self.offset() == 0 && byte == 0xef {
                while self.held.len() < BYTE_ORDER_MARK.len() && self.fill()? {}
                if self.held.starts_with(BYTE_ORDER_MARK) {
                    self.step(BYTE_ORDER_MARK.len());
                    continue;
                }
            }
            if !byte.is_ascii_whitespace() && byte != 0x1e {
                return Ok(Some(byte));
            }
            self.step(1);
        }
        Ok(None)
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.held.get(self.at).copied() {
                Some(byte) => return Ok(Some(byte)),
                None if self.fill()? => {}
                None => return Ok(None),
            }
        }
    }

    fn offset(&self) -> u64 {
        self.base.saturating_add(self.at as u64)
    }

    fn step(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes).min(self.held.len());
    }

    /// The first bytes from here on, in whatever pieces the input comes.
    fn head(&mut self) -> io::Result<Vec<u8>> {
        while self.held.len().saturating_sub(self.at) < SHOWN && self.fill()? {}
        let rest = self.held.get(self.at..).unwrap_or_default();
        Ok(rest.get(..SHOWN).unwrap_or(rest).to_vec())
    }

    /// Holds more of the input, and lets go of what is done with; `false` at its end.
    fn fill(&mut self) -> io::Result<bool> {
        if self.at > 0 {
            self.held.drain(..self.at);
            self.base = self.offset();
            self.at = 0;
        }
        let held = self.held.len();
        while !self.ended {
            self.held.resize(held.saturating_add(STEP), 0);
            let room = self.held.get_mut(held..).unwrap_or_default();
            match self.input.read(room) {
                Ok(count) => {
                    self.held.truncate(held.saturating_add(count));
                    self.ended = count == 0;
                    return Ok(count > 0);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.held.truncate(held);
                    return Err(error);
                }
            }
        }
        Ok(false)
    }
}

/// No more than what is passed over.
fn cut(mut head: Vec<u8>, length: u64) -> Vec<u8> {
    head.truncate(usize::try_from(length).unwrap_or(usize::MAX));
    head
}
