//! A report before it has a form: sections of blocks, which the HTML and the PDF both show.

use crate::text::{Style, Text};
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(crate) struct Document {
    pub(crate) marking: Text,
    pub(crate) title: Text,
    pub(crate) subtitle: Text,
    /// Case number, program and journal head: what stands at the foot of a page.
    pub(crate) foot: Text,
    pub(crate) facts: Vec<Fact>,
    pub(crate) sections: Vec<Section>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Section {
    pub(crate) title: Text,
    /// Number of the finding that it is about.
    pub(crate) finding: Option<usize>,
    /// Whether it starts a page.
    pub(crate) page: bool,
    pub(crate) blocks: Vec<Block>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "block", rename_all = "snake_case")]
pub(crate) enum Block {
    Heading {
        text: Text,
    },
    Paragraph {
        text: Text,
    },
    /// Secondary text.
    Remark {
        text: Text,
    },
    Callout {
        text: Text,
    },
    Facts {
        facts: Vec<Fact>,
    },
    Table {
        columns: Vec<Column>,
        rows: Vec<Row>,
    },
    Meters {
        meters: Vec<Meter>,
    },
    Verbatim {
        lines: Vec<Line>,
    },
    Timeline {
        svg: String,
    },
}

#[derive(Debug, Serialize)]
pub(crate) struct Fact {
    pub(crate) name: &'static str,
    pub(crate) value: Text,
}

#[derive(Debug, Serialize)]
pub(crate) struct Column {
    pub(crate) title: &'static str,
    /// Numbers stand at the right.
    pub(crate) number: bool,
    /// Whether it takes what room is left.
    pub(crate) wide: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) cells: Vec<Text>,
    /// Lines over the whole width, below the cells.
    pub(crate) details: Vec<Text>,
}

/// A part of a whole.
#[derive(Debug, Serialize)]
pub(crate) struct Meter {
    pub(crate) title: &'static str,
    /// 0–1000.
    pub(crate) permille: u64,
    pub(crate) text: Text,
}

#[derive(Debug, Serialize)]
pub(crate) struct Line {
    pub(crate) gutter: String,
    pub(crate) text: Text,
}

pub(crate) fn heading(text: impl Into<Text>) -> Block {
    Block::Heading { text: text.into() }
}

pub(crate) fn paragraph(text: impl Into<Text>) -> Block {
    Block::Paragraph { text: text.into() }
}

pub(crate) fn remark(text: impl Into<Text>) -> Block {
    Block::Remark { text: text.into() }
}

/// A command as one types it.
pub(crate) fn command(text: &str) -> Block {
    let text = Text::new(Style::Plain, text);
    Block::Verbatim { lines: vec![Line { gutter: String::new(), text }] }
}

pub(crate) fn column(title: &'static str) -> Column {
    Column { title, number: false, wide: false }
}

pub(crate) fn wide(title: &'static str) -> Column {
    Column { title, number: false, wide: true }
}

pub(crate) fn number(title: &'static str) -> Column {
    Column { title, number: true, wide: false }
}

pub(crate) fn row(cells: impl IntoIterator<Item = Text>) -> Row {
    Row { cells: cells.into_iter().collect(), details: Vec::new() }
}

impl Row {
    pub(crate) fn with(mut self, detail: Text) -> Self {
        self.details.push(detail);
        self
    }
}

/// A table, or a sentence where it would be empty.
pub(crate) fn table(columns: Vec<Column>, rows: Vec<Row>, none: &str) -> Block {
    if rows.is_empty() { remark(none) } else { Block::Table { columns, rows } }
}
