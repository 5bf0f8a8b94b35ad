//! The files that are in use together, and what they say of an address.

use crate::{AsNumber, AwsNetwork, AwsRanges, Mmdb, Scope, Spot};
use evidence::Address;
use std::sync::Arc;

/// What addresses are looked up in. Each part is one file at most; a part that is missing says nothing.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    /// AWS's networks.
    pub aws: Option<Arc<AwsRanges>>,
    /// A database that holds countries.
    pub spots: Option<Arc<Mmdb>>,
    /// A database that holds autonomous systems.
    pub networks: Option<Arc<Mmdb>>,
}

/// What is known of one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Labels<'a> {
    /// From IANA's registries.
    pub scope: Scope,
    /// From AWS's list.
    pub aws: Option<&'a AwsNetwork>,
    /// From a database of places.
    pub spot: Spot<'a>,
    /// From a database of networks.
    pub network: AsNumber<'a>,
    /// An entry of a database could not be read: what is absent may be in it.
    pub unreadable: bool,
}

impl Reference {
    /// What is known of an address.
    pub fn labels(&self, address: Address) -> Labels<'_> {
        let mut unreadable = false;
        let spot = self.spots.as_ref().map(|file| file.spot(address));
        let network = self.networks.as_ref().map(|file| file.network(address));
        unreadable |= matches!(spot, Some(Err(_))) || matches!(network, Some(Err(_)));
        Labels {
            scope: Scope::of(address),
            aws: self.aws.as_ref().and_then(|file| file.network(address)),
            spot: spot.and_then(Result::ok).unwrap_or_default(),
            network: network.and_then(Result::ok).unwrap_or_default(),
            unreadable,
        }
    }
}
