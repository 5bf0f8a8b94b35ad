//! Why a file is refused as a whole.

use crate::{Layout, Look};

/// Why nothing of a file was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Records without a header line that several layouts fit.
    #[error("no header line, and several layouts fit: {}", list(candidates))]
    Ambiguous {
        /// The layouts, each one to be stated as it stands.
        candidates: Vec<Layout>,
    },
    /// Records without a header line that no known layout fits.
    #[error("no header line, and no known layout fits; the columns look like: {}", columns(looks))]
    NoLayout {
        /// What the columns look like, from left to right.
        looks: Vec<Look>,
    },
    /// Text of two bytes a character.
    #[error("UTF-16 text; it can be read once it is converted to UTF-8")]
    Utf16,
    /// It is in a form that flow logs come in, but holds something else.
    #[error("not a flow log; its columns are {columns}")]
    NotAFlowLog {
        /// The names of its columns, parted by spaces; of many the first.
        columns: String,
    },
    /// A format that is read from a file that can be sought in: Parquet.
    #[error("this format is read by `read_parquet`")]
    NeedsSeeking,
}

fn list(layouts: &[Layout]) -> String {
    layouts.iter().map(|layout| format!("({layout})")).collect::<Vec<_>>().join(" or ")
}

fn columns(looks: &[Look]) -> String {
    let numbered = looks.iter().enumerate();
    numbered
        .map(|(at, look)| format!("{} {look}", at.saturating_add(1)))
        .collect::<Vec<_>>()
        .join(", ")
}

impl Refusal {
    /// The kind of the anomaly that goes with it, never renamed.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Ambiguous { .. } => "flowlog.ambiguous_layout",
            Self::NoLayout { .. } => "flowlog.no_layout",
            Self::Utf16 => "flowlog.utf16",
            Self::NotAFlowLog { .. } => "flowlog.not_a_flow_log",
            Self::NeedsSeeking => "flowlog.needs_seeking",
        }
    }
}
