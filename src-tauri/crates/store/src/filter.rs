//! The filter language: Wireshark's operators over AWS's field names.
//!
//! ```text
//! srcaddr == 10.0.0.0/8 && dstport in {22, 3389, 8000..8100} && action == REJECT && bytes > 10MB
//! ```
//!
//! # Grammar
//!
//! ```text
//! filter  = [ any ]                              an empty filter holds for everything
//! any     = all { ( "||" | "or" ) all }
//! all     = one { ( "&&" | "and" ) one }
//! one     = ( "!" | "not" ) one | "(" any ")" | [ "exists" ] field | test
//! test    = field ( "==" | "eq" | "!=" | "ne" ) value
//!         | field ( "<" | "lt" | "<=" | "le" | ">" | "gt" | ">=" | "ge" ) value
//!         | field "in" "{" item { "," item } "}"
//!         | field ( "contains" | "matches" ) text
//! item    = value [ ".." value ]                 both ends belong to the range
//! ```
//!
//! Field names are written with hyphens or underscores, operators in small or capital letters. What a value
//! looks like depends on its field, see [`Kind`]. Text stands bare (letters, digits and `_ - . : / @ + *`) or in
//! double or single quotes, in which `\"`, `\'` and `\\` are the characters themselves and any other backslash
//! is kept, so that `"\d+"` is the regular expression that it looks like (RE2's syntax). Text is compared
//! letter by letter: `REJECT` is not `reject`.
//!
//! # What holds when a field is absent
//!
//! Every test of an absent field is false, `!=` among them, and `!` turns it into true: `!(dstport == 22)` holds
//! for NODATA records, `dstport != 22` does not. A field alone, or after `exists`, holds when it is present.
//!
//! A field of either side (`addr`, `port`) and one with several values (`tag`, `reason`) passes a test when one
//! of its values does; `!=` holds when it has values and *none of them* is equal, as in Wireshark since 4.0.

mod fields;
mod lexer;
mod parser;
mod sql;
mod time;
mod tree;
mod value;

#[cfg(test)]
mod tests;

use crate::labels::Label;

pub use fields::{FLOW_FIELDS, FilterField, Kind, Target};
pub use sql::{Bound, Compiled};

/// A filter that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    root: tree::Node,
}

impl Filter {
    /// What it asks of addresses beside their bits, and where in `text`, which it was read from.
    pub(crate) fn labels(&self, text: &str) -> Vec<(Label, Option<usize>)> {
        let mut asked = Vec::new();
        self.root.each_field(&mut |field| {
            let sides = match field.target {
                Target::Either(sides) => sides,
                ref one => std::slice::from_ref(one),
            };
            if let Some(Target::Label(_, label)) = sides.first() {
                asked.push((*label, lexer::column_of(text, field.name)));
            }
        });
        asked
    }

    /// The filter as a condition for WHERE. Where a field is absent it may be NULL instead of false: whoever
    /// negates it writes `NOT coalesce(…, false)`.
    pub fn to_sql(&self) -> Compiled {
        sql::compile(&self.root)
    }
}

/// Why a text is not a filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("filter, column {column}: {message}; expected {expected}")]
pub struct FilterError {
    /// Where, as a person counts: the first character is 1.
    pub column: usize,
    /// What is wrong there.
    pub message: String,
    /// What could stand there.
    pub expected: String,
}

impl FilterError {
    fn new(column: usize, message: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { column, message: message.into(), expected: expected.into() }
    }
}

/// Reads a filter over these fields.
///
/// # Errors
/// The first place at which the text is not a filter.
pub fn parse(text: &str, fields: &[FilterField]) -> Result<Filter, FilterError> {
    Ok(Filter { root: parser::parse(text, fields)? })
}
