//! Signatures over bytes: YARA rules, compiled once, run over streams and files.
//!
//! This crate knows nothing but bytes. What a match means, and which packet carried it, is for the
//! caller to say. In reading order: [`Rules`] are compiled from texts, a scan has [`Limits`], a scan
//! yields [`Match`]es.

mod rules;
mod scanning;

pub use rules::{RuleError, Rules, SHIPPED};
pub use scanning::{Limits, Match, PatternMatch, ScanError};
