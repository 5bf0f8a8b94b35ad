//! What a filter says, its values already of the kinds of their fields.

use super::FilterField;
use evidence::Address;

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// Holds for everything.
    True,
    /// All of these.
    All(Vec<Node>),
    /// At least one of these.
    Any(Vec<Node>),
    /// Not this.
    Not(Box<Node>),
    /// A test of one field.
    Test(FilterField, Test),
}

/// What is asked of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Test {
    /// It is present.
    Exists,
    /// It lies in one of these ranges.
    Among(Vec<Range>),
    /// It is present, and lies in none of these ranges.
    NotAmong(Vec<Range>),
    /// It is on this side of the value.
    Order(Order, Scalar),
    /// It contains this text.
    Contains(String),
    /// It matches this regular expression somewhere.
    Matches(String),
}

/// Which side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// From the first to the last value, both included; a single value is both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) first: Scalar,
    pub(super) last: Scalar,
}

impl Node {
    /// Shows each field that it tests.
    pub(super) fn each_field(&self, show: &mut impl FnMut(&FilterField)) {
        match self {
            Self::True => {}
            Self::All(nodes) | Self::Any(nodes) => {
                nodes.iter().for_each(|node| node.each_field(show));
            }
            Self::Not(node) => node.each_field(show),
            Self::Test(field, _) => show(field),
        }
    }
}

impl Range {
    pub(super) fn point(value: Scalar) -> Self {
        Self { first: value.clone(), last: value }
    }
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scalar {
    Int(i64),
    /// µs since the epoch, UTC.
    Time(i64),
    Address(Address),
    Text(String),
}
