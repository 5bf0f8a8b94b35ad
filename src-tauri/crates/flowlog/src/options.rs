//! What a user knows of a file that the file does not say.

use crate::Layout;

/// How to read text and log messages that have no header line. A header line, where there is one, decides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The layout, as the user states it: nothing is inferred.
    pub layout: Option<Layout>,
    /// Layouts that the records may have beside AWS's default formats, such as the `LogFormat`s that
    /// `aws ec2 describe-flow-logs` names.
    pub candidates: Vec<Layout>,
}
