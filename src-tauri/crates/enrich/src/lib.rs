//! What an address, a port and a protocol number are known as.
//!
//! Some of it is the same everywhere and stands in tables here: [`protocol_name`], [`service`], and the [`Scope`] of an
//! address, all from IANA's registries. The rest changes from day to day and comes from files that the user gives:
//! [`AwsRanges`] reads AWS's `ip-ranges.json`, [`Mmdb`] a MaxMind database. A [`Reference`] is those of them that are in
//! use, and gives the [`Labels`] of an address.
//!
//! Everything is a function of bytes that the caller holds: no file, no clock, no database, no network. The bytes may be
//! hostile; what breaks the rules of its format is an anomaly, and the rest is used.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod aws;
mod mmdb;
mod prefix;
mod protocol;
mod reference;
mod scope;
mod service;
mod services;

pub use aws::{AwsNetwork, AwsRanges, sniff as is_aws_ranges};
pub use mmdb::{AsNumber, Holds, MARKER, MARKER_WITHIN, Mmdb, Spot};
pub use protocol::{protocol_name, protocol_number};
pub use reference::{Labels, Reference};
pub use scope::Scope;
pub use service::{Ports, ports_named, service, service_names};

/// No name is longer; what is goes into no table, of which each address would have a copy. Unit: bytes.
const LONGEST_NAME: usize = 256;

/// Why bytes are no reference file at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found {found}")]
pub struct NotReadable {
    /// What the format promises.
    pub expected: &'static str,
    /// What was there.
    pub found: String,
}
