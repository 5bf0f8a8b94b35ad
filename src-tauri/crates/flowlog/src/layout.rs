//! What the columns of one file mean.

use crate::alias::by_alias;
use crate::field::{Field, FieldSpec, by_name};
use crate::line::LONGEST;
use std::fmt;

/// One column of a flow log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// A field that AWS defines, an entry of [`FIELDS`](crate::FIELDS). No field stands twice in a layout.
    Known(&'static FieldSpec),
    /// A column of another name, kept as text.
    Unknown(String),
    /// All further fields of a record, as the text of a JSON object: of sources whose records do not all have
    /// the same fields. At most one of a layout.
    Others,
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Known(spec) => spec.name,
            Self::Unknown(name) => name,
            Self::Others => "…",
        })
    }
}

/// The columns of a flow log, from left to right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The columns.
    pub columns: Vec<Column>,
}

/// The names of the columns, as [`Layout::parse`] reads them.
impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, column) in self.columns.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            column.fmt(f)?;
        }
        Ok(())
    }
}

/// Why a text states no layout.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotALayout {
    /// Not one name.
    #[error("no field is named")]
    Empty,
    /// Something that no field can be called.
    #[error("`{0}` is no name of a field")]
    Name(String),
    /// A field that is named again.
    #[error("`{0}` is named twice")]
    Repeated(String),
    /// None of the names is one of AWS's.
    #[error("none of these fields is one that AWS defines")]
    Unknown,
}

impl Layout {
    /// Reads `version account-id …`, or the form of a flow log's `LogFormat`: `${version} ${account-id} …`.
    ///
    /// A name that AWS does not define is a [`Column::Unknown`]: AWS adds fields.
    ///
    /// # Errors
    /// Why it states none.
    pub fn parse(text: &str) -> Result<Self, NotALayout> {
        let names = text.split(|c: char| c.is_ascii_whitespace() || c == ',');
        let names = names.filter(|name| !name.is_empty()).map(|word| {
            let name = word.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
            let name = name.unwrap_or(word);
            if name_like(name.as_bytes()) {
                Ok(name)
            } else {
                Err(NotALayout::Name(word.to_owned()))
            }
        });
        let names: Vec<_> = names.collect::<Result<_, _>>()?;
        let header = Header::with(names.iter().map(|name| name.as_bytes()), by_name);
        match header.repeated.first() {
            _ if names.is_empty() => Err(NotALayout::Empty),
            Some(name) => Err(NotALayout::Repeated((*name).to_owned())),
            None if header.unknown.len() == names.len() => Err(NotALayout::Unknown),
            None => Ok(header.layout),
        }
    }

    /// Where the values of `field` stand in a record of this layout.
    pub fn position(&self, field: Field) -> Option<usize> {
        self.columns
            .iter()
            .position(|column| matches!(column, Column::Known(spec) if spec.field == field))
    }
}

/// A header line as it was read.
pub(crate) struct Header {
    pub(crate) layout: Layout,
    /// Names that AWS does not define.
    pub(crate) unknown: Vec<String>,
    /// Fields that the line names again; their further columns are kept as text.
    pub(crate) repeated: Vec<&'static str>,
}

impl Header {
    /// Reads a header line; anything else gives nothing.
    ///
    /// A header consists of names, at least half of them AWS's, and among these one that no prose contains:
    /// `the start and the end` is not a header.
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        // Most records begin with a digit, and cost one look.
        let first = line.trim_ascii_start().first()?;
        if !first.is_ascii_alphabetic() || line.len() > LONGEST || !consists_of_names(line) {
            return None;
        }
        Some(Self::with(words(line), by_name))
    }

    /// The columns of CSV or Parquet that have these names, by whichever of their aliases.
    pub(crate) fn of_names<'a>(names: impl Iterator<Item = &'a [u8]>) -> Self {
        Self::with(names, by_alias)
    }

    fn with<'a>(
        names: impl Iterator<Item = &'a [u8]>,
        spec: fn(&[u8]) -> Option<&'static FieldSpec>,
    ) -> Self {
        let mut layout = Layout { columns: Vec::new() };
        let (mut unknown, mut repeated) = (Vec::new(), Vec::new());
        let mut seen = 0_u64;
        for name in names {
            let text = || String::from_utf8_lossy(name).into_owned();
            layout.columns.push(match spec(name) {
                Some(spec) if seen & bit(spec.field) == 0 => {
                    seen |= bit(spec.field);
                    Column::Known(spec)
                }
                Some(spec) => {
                    repeated.push(spec.name);
                    Column::Unknown(text())
                }
                None => {
                    unknown.push(text());
                    Column::Unknown(text())
                }
            });
        }
        Self { layout, unknown, repeated }
    }
}

fn consists_of_names(line: &[u8]) -> bool {
    let (mut known, mut unknown, mut telling) = (0_usize, 0_usize, false);
    for name in words(line) {
        match by_name(name) {
            Some(spec) => {
                known = known.saturating_add(1);
                telling |= spec.name.contains('-') || tells(spec.field);
            }
            None if name_like(name) => unknown = unknown.saturating_add(1),
            None => return false,
        }
    }
    telling && known >= unknown
}

fn bit(field: Field) -> u64 {
    1_u64.wrapping_shl(field as u32)
}

/// The columns of a line: it is split on runs of ASCII white space.
pub(crate) fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
}

/// Fields of a single word that is no word of prose.
pub(crate) fn tells(field: Field) -> bool {
    matches!(field, Field::SrcAddr | Field::DstAddr | Field::SrcPort | Field::DstPort)
}

fn name_like(word: &[u8]) -> bool {
    word.first().is_some_and(u8::is_ascii_alphabetic)
        && word.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.@".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Option<&[&str]>) {
        let header = Header::parse(line.as_bytes());
        let names: Option<Vec<_>> = header.as_ref().map(|header| {
            header
                .layout
                .columns
                .iter()
                .map(|column| match column {
                    Column::Known(spec) => spec.name.to_owned(),
                    other => format!("{other}?"),
                })
                .collect()
        });
        let expected: Option<Vec<_>> =
            expected.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(names, expected, "{line}");
    }

    #[test]
    fn names_are_taken_in_any_order_and_either_spelling() {
        check("srcaddr version", Some(&["srcaddr", "version"]));
        check("version  account_id\tlog-status\r", Some(&["version", "account-id", "log-status"]));
        check("interface-id", Some(&["interface-id"]));
    }

    #[test]
    fn a_layout_is_stated_by_its_names_or_by_a_log_format() {
        let layout = Layout::parse("version srcaddr flow-mood").unwrap();
        assert_eq!(layout.to_string(), "version srcaddr flow-mood");
        assert_eq!(Layout::parse("${version} ${srcaddr}\n${flow-mood}"), Ok(layout.clone()));
        assert_eq!(Layout::parse("version, srcaddr,flow-mood"), Ok(layout));
        for (text, expected) in [
            (" ", NotALayout::Empty),
            ("version ${srcaddr", NotALayout::Name("${srcaddr".to_owned())),
            ("version 2", NotALayout::Name("2".to_owned())),
            ("srcaddr srcaddr", NotALayout::Repeated("srcaddr".to_owned())),
            ("a b c", NotALayout::Unknown),
        ] {
            assert_eq!(Layout::parse(text), Err(expected));
        }
    }

    #[test]
    fn every_field_has_a_bit_of_its_own() {
        assert!(crate::FIELDS.len() <= 64);
    }

    #[test]
    fn a_name_of_another_kind_is_kept_and_a_repeated_field_keeps_its_column() {
        check("srcaddr flow-mood", Some(&["srcaddr", "flow-mood?"]));
        check("srcaddr dstaddr srcaddr", Some(&["srcaddr", "dstaddr", "srcaddr?"]));
    }

    #[test]
    fn prose_records_and_noise_are_no_header() {
        for line in [
            "",
            " ",
            "the start and the end of the type",
            "version start end",
            "srcaddr is what this long sentence speaks about",
            "srcaddr, dstaddr, srcport",
            "{\"srcaddr\": 1}",
            "2 123456789010 eni-1235b8ca123456789",
            "eni-1235b8ca123456789 ACCEPT",
            "srcaddr \u{fffd}",
        ] {
            check(line, None);
        }
    }
}
