//! Rows of nested columns, put together as JSON.
//!
//! Source: *Nested Encoding* of the Parquet format, after the Dremel paper.

use super::leaf::{LeafReader, Taker};
use super::limits::{Budget, LARGEST_ROW};
use super::scalar::Scalar;
use super::schema::{Content, Form, Leaf, Node, Repetition};
use super::values::Raw;
use super::{Damage, Source, Stop};
use serde_json::{Map, Value as Json};
use std::io;
use std::ops::Range;

/// What a value costs besides its text. Unit: bytes.
const ENTRY: usize = 96;

/// One value of a row, with its levels.
#[derive(Debug, Clone)]
struct Entry {
    rep: u16,
    def: u16,
    value: Json,
    utf8: bool,
}

/// The leaves of one or more columns.
#[derive(Debug)]
pub(super) struct Nested {
    columns: Vec<LeafColumn>,
}

#[derive(Debug)]
struct LeafColumn {
    reader: LeafReader,
    values: JsonValues,
    /// The values of the row, and the first one of the next row.
    row: Vec<Entry>,
    next: Option<Entry>,
    /// How many of them were put into the row.
    at: usize,
}

/// A row as JSON.
#[derive(Debug, PartialEq)]
pub(super) struct Row {
    pub(super) value: Json,
    /// Whether all of its text is UTF-8.
    pub(super) utf8: bool,
}

impl Nested {
    /// Reads these leaves; `ocsf`: points in time are written as OCSF has them.
    pub(super) fn new(readers: Vec<LeafReader>, ocsf: bool) -> Self {
        let columns = readers.into_iter().map(|reader| {
            let values = JsonValues::new(reader.leaf(), ocsf);
            LeafColumn { reader, values, row: Vec::new(), next: None, at: 0 }
        });
        Self { columns: columns.collect() }
    }

    /// The next row of these columns, as an object of what is not null.
    pub(super) fn row(
        &mut self,
        nodes: &[Node],
        input: &mut dyn Source,
        budget: &mut Budget,
    ) -> Result<Row, Stop> {
        let mut room = LARGEST_ROW;
        let mut utf8 = true;
        for column in &mut self.columns {
            column.fill(input, budget, &mut room)?;
            utf8 &= column.row.iter().all(|entry| entry.utf8);
        }
        let first = nodes.first().map_or(0, |node| node.leaves.start);
        let assembled = Assembly { columns: &mut self.columns, first }.object(nodes);
        let complete = self.columns.iter().all(|column| column.at == column.row.len());
        match assembled.filter(|_| complete) {
            Some(object) => Ok(Row { value: Json::Object(object), utf8 }),
            None => Err(Stop::Damage(self.damage("levels that agree", "levels that do not"))),
        }
    }

    /// What lies behind the last row, `read` rows too many among it.
    pub(super) fn surplus(
        &mut self,
        read: usize,
        input: &mut dyn Source,
        budget: &mut Budget,
    ) -> io::Result<Option<Damage>> {
        for column in &mut self.columns {
            if read > 0 || column.next.is_some() {
                return Ok(Some(column.reader.more_rows()));
            }
            let surplus = column.reader.surplus(input, budget, &mut column.values)?;
            if surplus.is_some() {
                return Ok(surplus);
            }
        }
        Ok(None)
    }

    fn damage(&self, expected: &str, found: &str) -> Damage {
        let mut damage =
            self.columns.first().map_or_else(Damage::default, |column| column.reader.ended());
        damage.expected =
            format!("{expected} {}", damage.expected.trim_start_matches("another page "));
        damage.found = found.to_owned();
        damage
    }
}

impl LeafColumn {
    /// Reads the values of the next row.
    fn fill(
        &mut self,
        input: &mut dyn Source,
        budget: &mut Budget,
        room: &mut usize,
    ) -> Result<(), Stop> {
        self.row.clear();
        self.at = 0;
        self.row.extend(self.next.take());
        loop {
            if self.reader.leaf().rep == 0 && !self.row.is_empty() {
                return Ok(());
            }
            if self.reader.ready(input, budget, &mut self.values)? == 0 {
                return if self.row.is_empty() {
                    Err(Stop::Damage(self.reader.ended()))
                } else {
                    Ok(())
                };
            }
            let (rep, def) = self.reader.next(&mut self.values).map_err(Stop::Damage)?;
            let (value, utf8) = std::mem::take(&mut self.values.value);
            let left = room.checked_sub(ENTRY.saturating_add(value.as_str().map_or(0, str::len)));
            let Some(left) = left.filter(|_| !self.values.too_long) else {
                let mut damage = self.reader.ended();
                damage.found = format!("a row of more than {LARGEST_ROW} bytes");
                return Err(Stop::Damage(damage));
            };
            *room = left;
            let entry = Entry { rep, def, value, utf8 };
            if rep == 0 && !self.row.is_empty() {
                self.next = Some(entry);
                return Ok(());
            }
            if rep > 0 && self.row.is_empty() {
                let mut damage = self.reader.ended();
                damage.found = "a row that goes on before it has begun".to_owned();
                return Err(Stop::Damage(damage));
            }
            self.row.push(entry);
        }
    }

    fn peek(&self) -> Option<&Entry> {
        self.row.get(self.at)
    }

    fn take(&mut self) -> Option<Json> {
        let entry = self.row.get_mut(self.at)?;
        self.at = self.at.saturating_add(1);
        Some(std::mem::take(&mut entry.value))
    }
}

/// The values of one leaf as JSON.
#[derive(Debug)]
struct JsonValues {
    leaf: Leaf,
    milliseconds: bool,
    dictionary: Vec<(Json, bool)>,
    /// The value that came last, and whether it is UTF-8 where it should be.
    value: (Json, bool),
    /// Whether there was one that is too long for any row.
    too_long: bool,
}

impl JsonValues {
    fn new(leaf: &Leaf, ocsf: bool) -> Self {
        let text = leaf.path.last().is_some_and(|name| name.ends_with(b"_dt"));
        Self {
            leaf: leaf.clone(),
            milliseconds: ocsf && !text,
            dictionary: Vec::new(),
            value: (Json::Null, true),
            too_long: false,
        }
    }

    fn convert(&mut self, raw: Raw<'_>) -> (Json, bool) {
        if matches!(raw, Raw::Bytes(bytes) if bytes.len() > LARGEST_ROW) {
            self.too_long = true;
            return (Json::Null, false);
        }
        let scalar = Scalar::new(&self.leaf, raw);
        (scalar.json(self.milliseconds), !matches!(scalar, Scalar::NotUtf8(_)))
    }
}

impl Taker for JsonValues {
    const ENTRY: usize = ENTRY;

    fn entry(&mut self, raw: Raw<'_>) {
        let converted = self.convert(raw);
        self.dictionary.push(converted);
    }

    fn pick(&mut self, entry: u32) -> Option<()> {
        self.value = self.dictionary.get(entry as usize)?.clone();
        Some(())
    }

    fn value(&mut self, raw: Raw<'_>) {
        self.value = self.convert(raw);
    }

    fn null(&mut self) {
        self.value = (Json::Null, true);
    }
}

/// Puts one row together. `None` where the levels of the leaves contradict each other.
struct Assembly<'r> {
    columns: &'r mut [LeafColumn],
    /// The leaf that the first of `columns` is.
    first: usize,
}

impl Assembly<'_> {
    fn object(&mut self, nodes: &[Node]) -> Option<Map<String, Json>> {
        let mut object = Map::new();
        for node in nodes {
            let value = self.node(node)?;
            let name = String::from_utf8_lossy(&node.name).into_owned();
            if !value.is_null() && object.insert(name, value).is_some() {
                return None;
            }
        }
        Some(object)
    }

    fn node(&mut self, node: &Node) -> Option<Json> {
        match node.repetition {
            Repetition::Required => self.content(node),
            Repetition::Optional if self.is_there(node)? => self.content(node),
            Repetition::Optional => self.absent(node).map(|()| Json::Null),
            Repetition::Repeated if self.is_there(node)? => {
                let mut items = Vec::new();
                loop {
                    items.push(self.content(node)?);
                    if !self.follows(node)? {
                        return Some(Json::Array(items));
                    }
                }
            }
            Repetition::Repeated => self.absent(node).map(|()| Json::Array(Vec::new())),
        }
    }

    fn content(&mut self, node: &Node) -> Option<Json> {
        let Content::Group { children, form } = &node.content else {
            return self.leaves(&node.leaves)?.first_mut()?.take();
        };
        match (form, children.as_slice()) {
            (Form::List, [child]) if child.repetition == Repetition::Repeated => {
                let items = self.node(child)?;
                Some(if is_wrapper(child, node) { unwrapped(items) } else { items })
            }
            (Form::Map, [child]) if child.repetition == Repetition::Repeated => {
                self.node(child).map(by_key)
            }
            _ => self.object(children).map(Json::Object),
        }
    }

    /// Whether the node is there in this place: all of its leaves have to say the same.
    fn is_there(&mut self, node: &Node) -> Option<bool> {
        let mut leaves = self.leaves(&node.leaves)?.iter();
        let there = leaves.next()?.peek()?.def >= node.def;
        leaves.try_fold(there, |there, leaf| {
            ((leaf.peek()?.def >= node.def) == there).then_some(there)
        })
    }

    /// Whether another of a repeated node follows.
    fn follows(&mut self, node: &Node) -> Option<bool> {
        let mut leaves = self.leaves(&node.leaves)?.iter();
        let another = |leaf: &LeafColumn| leaf.peek().is_some_and(|entry| entry.rep == node.rep);
        let follows = another(leaves.next()?);
        leaves.all(|leaf| another(leaf) == follows).then_some(follows)
    }

    fn absent(&mut self, node: &Node) -> Option<()> {
        self.leaves(&node.leaves)?.iter_mut().try_for_each(|leaf| leaf.take().map(drop))
    }

    fn leaves(&mut self, range: &Range<usize>) -> Option<&mut [LeafColumn]> {
        let start = range.start.checked_sub(self.first)?;
        self.columns.get_mut(start..range.end.checked_sub(self.first)?)
    }
}

/// Whether each item of a list lies in a group made for it alone; rules for older writers of the format's page.
fn is_wrapper(item: &Node, list: &Node) -> bool {
    let tuple = [list.name.as_slice(), b"_tuple"].concat();
    matches!(&item.content, Content::Group { children, .. } if children.len() == 1)
        && item.name != b"array"
        && item.name != tuple
}

fn unwrapped(items: Json) -> Json {
    let Json::Array(items) = items else { return items };
    let inner = |item| match item {
        Json::Object(object) => object.into_iter().next().map_or(Json::Null, |(_, value)| value),
        other => other,
    };
    Json::Array(items.into_iter().map(inner).collect())
}

/// Pairs of key and value as an object, unless a key is no text or stands twice.
fn by_key(pairs: Json) -> Json {
    let object = pairs.as_array().and_then(|pairs| {
        let mut object = Map::new();
        for pair in pairs {
            let key = pair.get("key")?.as_str()?.to_owned();
            let value = pair.get("value").cloned().unwrap_or(Json::Null);
            if object.insert(key, value).is_some() {
                return None;
            }
        }
        Some(object)
    });
    object.map_or(pairs, Json::Object)
}
