//! The tree of columns that a footer describes.

use super::thrift::{
    BINARY, DEEPEST, I32, LIST, STRUCT, TRUE, binary, count, list, skip, structure, zigzag,
};
use evidence::Cursor;
use std::ops::Range;

/// More columns than any log has; each of them holds buffers while a row group is read.
const MOST_COLUMNS: usize = 1024;
/// More elements than these many columns need.
const MOST_ELEMENTS: u64 = 8192;

/// How values lie in the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Physical {
    Boolean,
    Int32,
    Int64,
    /// Days and nanoseconds, as old writers keep points in time.
    Int96,
    Float,
    Double,
    Bytes,
    /// Bytes of one length.
    Fixed(usize),
}

/// What the values stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// What the physical type says.
    Plain,
    Text,
    Unsigned,
    /// A whole number, of which so many digits stand behind the point.
    Decimal(i32),
    /// Days since 1970.
    Date,
    /// Time of day. Unit: so many nanoseconds.
    Clock(i64),
    /// A point in time since 1970. Unit: so many nanoseconds.
    Instant {
        unit: i64,
        utc: bool,
    },
    Uuid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repetition {
    Required,
    Optional,
    Repeated,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    List,
    Map,
}

#[derive(Debug, Clone)]
pub(super) enum Content {
    Leaf,
    Group { children: Vec<Node>, form: Form },
}

/// A column, or a group of them.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) name: Vec<u8>,
    pub(super) repetition: Repetition,
    /// Definition level from which on the node is there.
    pub(super) def: u16,
    /// Repetition level at which another of it follows, if it is repeated.
    pub(super) rep: u16,
    /// The leaves below it.
    pub(super) leaves: Range<usize>,
    pub(super) content: Content,
}

/// A column that has values.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    pub(super) path: Vec<Vec<u8>>,
    pub(super) physical: Physical,
    pub(super) meaning: Meaning,
    /// Definition level of a value that is there.
    pub(super) def: u16,
    /// The deepest repetition level.
    pub(super) rep: u16,
}

impl Leaf {
    /// Its name, of nested ones with all that is above.
    pub(super) fn name(&self) -> String {
        String::from_utf8_lossy(&self.path.join(&b'.')).into_owned()
    }
}

#[derive(Debug, Clone)]
pub(super) struct Schema {
    pub(super) columns: Vec<Node>,
    pub(super) leaves: Vec<Leaf>,
}

impl Schema {
    /// Reads `list<SchemaElement>`: the tree in depth-first order, its root first.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        let (left, kind) = list(cursor)?;
        if kind != STRUCT || left > MOST_ELEMENTS {
            return None;
        }
        let mut tree = Tree { cursor, left, leaves: Vec::new(), path: Vec::new() };
        let root = tree.element()?;
        let columns = tree.children(root.children, 0, 0, DEEPEST)?;
        (tree.left == 0).then_some(Self { columns, leaves: tree.leaves })
    }
}

struct Tree<'c, 'a> {
    cursor: &'c mut Cursor<'a>,
    /// Elements that were not read yet.
    left: u64,
    leaves: Vec<Leaf>,
    path: Vec<Vec<u8>>,
}

impl Tree<'_, '_> {
    fn children(&mut self, number: u64, def: u16, rep: u16, deeper: u8) -> Option<Vec<Node>> {
        let deeper = deeper.checked_sub(1)?;
        let mut nodes = Vec::new();
        for _ in 0..number {
            nodes.push(self.node(def, rep, deeper)?);
        }
        Some(nodes)
    }

    fn node(&mut self, def: u16, rep: u16, deeper: u8) -> Option<Node> {
        let element = self.element()?;
        let repetition = element.repetition?;
        let def = def.saturating_add((repetition != Repetition::Required).into());
        let rep = rep.saturating_add((repetition == Repetition::Repeated).into());
        let first = self.leaves.len();
        self.path.push(element.name.to_vec());
        let content = if element.children == 0 {
            let (physical, meaning) = (element.physical()?, element.meaning());
            self.leaves.push(Leaf { path: self.path.clone(), physical, meaning, def, rep });
            if self.leaves.len() > MOST_COLUMNS {
                return None;
            }
            Content::Leaf
        } else {
            let children = self.children(element.children, def, rep, deeper)?;
            Content::Group { children, form: element.form() }
        };
        self.path.pop();
        let leaves = first..self.leaves.len();
        Some(Node { name: element.name.to_vec(), repetition, def, rep, leaves, content })
    }

    /// `SchemaElement`
    fn element(&mut self) -> Option<Element> {
        self.left = self.left.checked_sub(1)?;
        let mut element = Element::default();
        let mut named = false;
        structure(self.cursor, |cursor, id, kind| {
            match (id, kind) {
                (1, I32) => element.kind = Some(zigzag(cursor)?),
                (2, I32) => element.length = usize::try_from(zigzag(cursor)?).ok()?,
                (3, I32) => {
                    element.repetition = Some(match zigzag(cursor)? {
                        0 => Repetition::Required,
                        1 => Repetition::Optional,
                        2 => Repetition::Repeated,
                        _ => return None,
                    });
                }
                (4, BINARY) => {
                    element.name = binary(cursor)?.to_vec();
                    named = true;
                }
                (5, I32) => element.children = count(cursor)?,
                (6, I32) => element.converted = Some(zigzag(cursor)?),
                (7, I32) => element.scale = i32::try_from(zigzag(cursor)?).ok()?,
                (10, STRUCT) => element.logical = logical(cursor)?,
                _ => skip(cursor, kind, DEEPEST)?,
            }
            Some(())
        })?;
        named.then_some(element)
    }
}

#[derive(Default)]
struct Element {
    kind: Option<i64>,
    length: usize,
    repetition: Option<Repetition>,
    name: Vec<u8>,
    children: u64,
    converted: Option<i64>,
    scale: i32,
    logical: Option<Logical>,
}

/// What a `LogicalType` says that this reader asks for.
#[derive(Clone, Copy)]
enum Logical {
    Map,
    List,
    Value(Meaning),
}

impl Element {
    fn physical(&self) -> Option<Physical> {
        Some(match self.kind? {
            0 => Physical::Boolean,
            1 => Physical::Int32,
            2 => Physical::Int64,
            3 => Physical::Int96,
            4 => Physical::Float,
            5 => Physical::Double,
            6 => Physical::Bytes,
            7 if (1..=1 << 16).contains(&self.length) => Physical::Fixed(self.length),
            _ => return None,
        })
    }

    fn meaning(&self) -> Meaning {
        if let Some(Logical::Value(meaning)) = self.logical {
            return meaning;
        }
        let instant = |unit| Meaning::Instant { unit, utc: true };
        match self.converted {
            Some(0 | 4 | 19) => Meaning::Text,
            Some(5) => Meaning::Decimal(self.scale),
            Some(6) => Meaning::Date,
            Some(7) => Meaning::Clock(MILLI),
            Some(8) => Meaning::Clock(MICRO),
            Some(9) => instant(MILLI),
            Some(10) => instant(MICRO),
            Some(11..=14) => Meaning::Unsigned,
            _ => Meaning::Plain,
        }
    }

    fn form(&self) -> Form {
        match (self.logical, self.converted) {
            (Some(Logical::List), _) | (None, Some(3)) => Form::List,
            (Some(Logical::Map), _) | (None, Some(1 | 2)) => Form::Map,
            _ => Form::Plain,
        }
    }
}

const MILLI: i64 = 1_000_000;
const MICRO: i64 = 1_000;

/// `LogicalType`, a union: the number of the one field that it has says which type it is.
fn logical(cursor: &mut Cursor<'_>) -> Option<Option<Logical>> {
    let mut logical = None;
    structure(cursor, |cursor, id, kind| {
        if kind != STRUCT {
            return skip(cursor, kind, DEEPEST);
        }
        let details = details(cursor)?;
        let value = match id {
            1 | 4 | 12 => Meaning::Text,
            5 => Meaning::Decimal(details.number),
            6 => Meaning::Date,
            7 => Meaning::Clock(details.unit),
            8 => Meaning::Instant { unit: details.unit, utc: details.first },
            10 if !details.second => Meaning::Unsigned,
            14 => Meaning::Uuid,
            _ => Meaning::Plain,
        };
        logical = Some(match id {
            2 => Logical::Map,
            3 => Logical::List,
            _ => Logical::Value(value),
        });
        Some(())
    })?;
    Some(logical)
}

/// What the types of a union say of themselves; which field means what depends on the type.
struct Details {
    number: i32,
    first: bool,
    second: bool,
    unit: i64,
}

fn details(cursor: &mut Cursor<'_>) -> Option<Details> {
    let mut details = Details { number: 0, first: false, second: false, unit: 1 };
    structure(cursor, |cursor, id, kind| {
        match (id, kind) {
            (1, I32) => details.number = i32::try_from(zigzag(cursor)?).ok()?,
            (1, TRUE) => details.first = true,
            (2, TRUE) => details.second = true,
            (2, STRUCT) => structure(cursor, |cursor, unit, kind| {
                details.unit = match unit {
                    1 => MILLI,
                    2 => MICRO,
                    _ => 1,
                };
                skip(cursor, kind, DEEPEST)
            })?,
            _ => skip(cursor, kind, DEEPEST)?,
        }
        Some(())
    })?;
    Some(details)
}

/// `list<string>`, held against a path without keeping it.
pub(super) fn is_path(cursor: &mut Cursor<'_>, path: &[Vec<u8>]) -> Option<bool> {
    let (count, kind) = list(cursor)?;
    let mut same = count == path.len() as u64 && kind == BINARY;
    let mut expected = path.iter();
    for _ in 0..count {
        let name = (kind == BINARY).then(|| binary(cursor))??;
        same &= expected.next().is_some_and(|part| part == name);
    }
    Some(same)
}

/// The type of an element of a list, for those who read lists of structures.
pub(super) fn structures(cursor: &mut Cursor<'_>, kind: u8) -> Option<u64> {
    let (count, element) = (kind == LIST).then(|| list(cursor))??;
    (element == STRUCT || count == 0).then_some(count)
}
