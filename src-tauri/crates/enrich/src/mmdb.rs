//! MaxMind databases: which country, city and network an address is of.
//!
//! Source: *MaxMind DB File Format Specification* 2.0, and MaxMind's pages on its GeoIP2 and GeoLite2 databases, whose
//! names of fields others (DB-IP) use too. The crate `maxminddb` reads the tree and the records; it bounds depth, values
//! and bytes of what it decodes.

use crate::{LONGEST_NAME, NotReadable};
use evidence::Address;
use maxminddb::{MaxMindDbError, Reader};
use serde::Deserialize;
use std::fmt;

/// What stands before the description of a database, near its end.
pub const MARKER: &[u8] = b"\xab\xcd\xefMaxMind.com";
/// How near. Unit: bytes.
pub const MARKER_WITHIN: usize = 128 * 1024;

/// What a database is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holds {
    /// Countries, and perhaps cities.
    pub spots: bool,
    /// Cities.
    pub cities: bool,
    /// Numbers of autonomous systems and their organisations.
    pub networks: bool,
}

/// One database.
pub struct Mmdb {
    reader: Reader<Vec<u8>>,
    holds: Holds,
}

/// Where an address is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spot<'a> {
    /// ISO 3166-1, two letters.
    pub country: Option<&'a str>,
    /// In English.
    pub city: Option<&'a str>,
}

/// The autonomous system that announces an address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AsNumber<'a> {
    /// Its number.
    pub number: Option<u32>,
    /// Its organisation.
    pub organisation: Option<&'a str>,
}

/// An entry that breaks the rules of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

#[derive(Deserialize, Default)]
struct SpotEntry<'a> {
    #[serde(borrow, default)]
    country: Country<'a>,
    #[serde(borrow, default)]
    city: City<'a>,
}

#[derive(Deserialize, Default)]
struct Country<'a> {
    #[serde(borrow, default)]
    iso_code: Option<&'a str>,
}

#[derive(Deserialize, Default)]
struct City<'a> {
    #[serde(borrow, default)]
    names: Names<'a>,
}

#[derive(Deserialize, Default)]
struct Names<'a> {
    #[serde(borrow, default)]
    en: Option<&'a str>,
}

#[derive(Deserialize, Default)]
struct NetworkEntry<'a> {
    #[serde(default)]
    autonomous_system_number: Option<u32>,
    #[serde(borrow, default)]
    autonomous_system_organization: Option<&'a str>,
    // Where a database of places has them.
    #[serde(borrow, default)]
    traits: Traits<'a>,
}

#[derive(Deserialize, Default)]
struct Traits<'a> {
    #[serde(default)]
    autonomous_system_number: Option<u32>,
    #[serde(borrow, default)]
    autonomous_system_organization: Option<&'a str>,
}

impl Mmdb {
    /// Takes a whole database.
    ///
    /// # Errors
    /// If its description or its tree break the rules of the format, or if it is of a kind that says nothing that is
    /// asked here.
    pub fn read(bytes: Vec<u8>) -> Result<Self, NotReadable> {
        let reader = Reader::from_source(bytes).map_err(|error| NotReadable {
            expected: "a MaxMind database",
            found: error.to_string(),
        })?;
        let holds = holds(&reader.metadata().database_type);
        if !holds.spots && !holds.networks {
            return Err(NotReadable {
                expected: "a database of countries, cities or autonomous systems",
                found: format!("one of the type {:?}", reader.metadata().database_type),
            });
        }
        Ok(Self { reader, holds })
    }

    /// What it is, in its own words: `GeoLite2-ASN`.
    pub fn name(&self) -> &str {
        &self.reader.metadata().database_type
    }

    /// When it was made. Unit: s since 1970, UTC.
    pub fn built(&self) -> u64 {
        self.reader.metadata().build_epoch
    }

    /// What it can be asked for.
    pub fn holds(&self) -> Holds {
        self.holds
    }

    pub(crate) fn spot(&self, address: Address) -> Result<Spot<'_>, Unreadable> {
        let entry: SpotEntry<'_> = self.entry(address)?;
        Ok(Spot { country: name(entry.country.iso_code)?, city: name(entry.city.names.en)? })
    }

    pub(crate) fn network(&self, address: Address) -> Result<AsNumber<'_>, Unreadable> {
        let entry: NetworkEntry<'_> = self.entry(address)?;
        let Traits { autonomous_system_number, autonomous_system_organization } = entry.traits;
        Ok(AsNumber {
            number: entry.autonomous_system_number.or(autonomous_system_number),
            organisation: name(
                entry.autonomous_system_organization.or(autonomous_system_organization),
            )?,
        })
    }

    /// The entry of an address; of one that has none, an empty one.
    fn entry<'a, T: Deserialize<'a> + Default>(
        &'a self,
        address: Address,
    ) -> Result<T, Unreadable> {
        match self.reader.lookup(address.ip()) {
            Ok(found) => found.decode().map(Option::unwrap_or_default).map_err(|_| Unreadable),
            // An IPv6 address in a database of IPv4 addresses.
            Err(MaxMindDbError::InvalidInput { .. }) => Ok(T::default()),
            Err(_) => Err(Unreadable),
        }
    }
}

impl fmt::Debug for Mmdb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mmdb").field("name", &self.name()).finish_non_exhaustive()
    }
}

fn name(text: Option<&str>) -> Result<Option<&str>, Unreadable> {
    match text {
        Some(text) if text.len() > LONGEST_NAME => Err(Unreadable),
        text => Ok(text),
    }
}

/// By the type's name, whose words MaxMind documents: `GeoLite2-City`, `GeoIP2-Country`, `GeoLite2-ASN`, `GeoIP2-ISP`,
/// `GeoIP2-Enterprise`.
fn holds(kind: &str) -> Holds {
    let has = |word: &str| kind.contains(word);
    let whole = has("Enterprise") || has("Precision");
    let cities = has("City") || has("Location") || whole;
    Holds { spots: cities || has("Country"), cities, networks: has("ASN") || has("ISP") || whole }
}
