//! AWS's own list of its addresses, `ip-ranges.json`.
//!
//! Source: *AWS IP address ranges* in AWS's documentation: `syncToken` and `createDate`, then `prefixes` and
//! `ipv6_prefixes`, each with the prefix, its `region`, its `network_border_group` and one `service`. A prefix stands
//! there once for each service that has it. `AMAZON` is every prefix of AWS.

use crate::prefix::{Prefix, mask};
use crate::{LONGEST_NAME, NotReadable};
use evidence::{Address, Anomaly, show_bytes};
use foldhash::fast::RandomState;
use memchr::memmem;
use serde_json::Value;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Anomalies that are told one by one; the rest are counted.
const TOLD: usize = 100;
/// Services of one prefix; AWS's own have four at most.
const SERVICES: usize = 32;
/// What every prefix of AWS is of.
const EVERYTHING: &str = "AMAZON";
/// What nearly as many are of.
const NEARLY_EVERYTHING: &str = "EC2";

/// Whether the first bytes of a file are the start of such a list.
pub fn sniff(head: &[u8]) -> bool {
    let begin = head.trim_ascii_start();
    let names = |key: &str| memmem::find(begin, key.as_bytes()).is_some();
    begin.starts_with(b"{")
        && names("\"syncToken\"")
        && (names("\"prefixes\"") || names("\"ipv6_prefixes\""))
}

/// The networks of one list.
#[derive(Debug, Clone, Default)]
pub struct AwsRanges {
    /// The moment of its making, as AWS writes it: `2026-03-03-18-45-03`.
    pub created: Option<String>,
    /// What AWS counts its changes by.
    pub sync_token: Option<String>,
    networks: usize,
    /// Of each length that there is, the longest first.
    by_length: Vec<(u32, HashMap<u128, AwsNetwork, RandomState>)>,
}

/// What AWS says of one network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsNetwork {
    /// The services that have it, the most telling first: `AMAZON` only where it is alone, `EC2` at the end.
    pub services: Vec<String>,
    /// `us-east-1`, or `GLOBAL`.
    pub region: String,
    /// The zones that share it, where they are not the whole region.
    pub border_group: Option<String>,
}

impl AwsNetwork {
    /// The most telling of its services.
    pub fn service(&self) -> Option<&str> {
        self.services.first().map(String::as_str)
    }
}

impl AwsRanges {
    /// Reads a list. Elements that are no prefixes are told, a hundred of them one by one, and left out.
    ///
    /// # Errors
    /// If the bytes are no such list.
    pub fn read(bytes: &[u8]) -> Result<(Self, Vec<Anomaly>), NotReadable> {
        let expected = "a JSON object with syncToken, prefixes and ipv6_prefixes";
        let found = |found: String| NotReadable { expected, found };
        let list: Value =
            serde_json::from_slice(bytes).map_err(|error| found(error.to_string()))?;
        let text = |key: &str| list.get(key).and_then(Value::as_str).map(str::to_owned);
        let kinds = [("prefixes", "ip_prefix"), ("ipv6_prefixes", "ipv6_prefix")];
        if kinds.iter().all(|(key, _)| list.get(key).and_then(Value::as_array).is_none()) {
            return Err(found(show_bytes(bytes, 40)));
        }
        let mut ranges =
            Self { created: text("createDate"), sync_token: text("syncToken"), ..Self::default() };
        let (mut broken, mut networks) = (Vec::new(), HashMap::default());
        for (key, name) in kinds {
            for item in list.get(key).and_then(Value::as_array).into_iter().flatten() {
                let own = read_item(item, name);
                if !own.is_some_and(|(prefix, own)| take(&mut networks, prefix, own)) {
                    broken.push(item);
                }
            }
        }
        ranges.networks = networks.len();
        for (prefix, mut network) in networks {
            order(&mut network.services);
            let place = ranges.by_length.iter().position(|(length, _)| *length == prefix.length);
            match place.and_then(|at| ranges.by_length.get_mut(at)) {
                Some((_, own)) => drop(own.insert(prefix.base, network)),
                None => {
                    let own = HashMap::from_iter([(prefix.base, network)]);
                    ranges.by_length.push((prefix.length, own));
                }
            }
        }
        ranges.by_length.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
        Ok((ranges, anomalies(&broken, bytes)))
    }

    /// How many networks there are.
    pub fn len(&self) -> usize {
        self.networks
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.networks == 0
    }

    /// The network that says most of an address: the longest prefix that names a service, and where none but `AMAZON`
    /// is named, the longest of all.
    pub fn network(&self, address: Address) -> Option<&AwsNetwork> {
        let held = || {
            let own = self.by_length.iter();
            own.filter_map(|(length, own)| own.get(&(address.0 & mask(*length))))
        };
        let telling = |network: &&AwsNetwork| !network.services.iter().all(|it| it == EVERYTHING);
        held().find(telling).or_else(|| held().next())
    }
}

type Networks = HashMap<Prefix, AwsNetwork, RandomState>;

/// One element; `None` if it lacks something or is no prefix of its family.
fn read_item(item: &Value, name: &str) -> Option<(Prefix, AwsNetwork)> {
    let text =
        |key: &str| item.get(key).and_then(Value::as_str).filter(|text| text.len() <= LONGEST_NAME);
    let prefix = Prefix::parse(text(name)?)?;
    if Address(prefix.base).is_v4() != (name == "ip_prefix") {
        return None;
    }
    let (region, service) = (text("region")?.to_owned(), text("service")?.to_uppercase());
    let border_group = text("network_border_group").filter(|group| *group != region);
    let border_group = border_group.map(str::to_owned);
    Some((prefix, AwsNetwork { services: vec![service], region, border_group }))
}

/// Adds what one element says; where two name different regions, the one that names a service counts. Not if there
/// are more services already than any prefix has.
fn take(networks: &mut Networks, prefix: Prefix, network: AwsNetwork) -> bool {
    match networks.entry(prefix) {
        Entry::Vacant(place) => drop(place.insert(network)),
        Entry::Occupied(known) if known.get().services.len() >= SERVICES => return false,
        Entry::Occupied(mut known) => {
            let known = known.get_mut();
            if known.services.iter().all(|service| service == EVERYTHING) {
                known.region = network.region;
                known.border_group = network.border_group;
            }
            for service in network.services {
                if !known.services.contains(&service) {
                    known.services.push(service);
                }
            }
        }
    }
    true
}

fn order(services: &mut Vec<String>) {
    if services.iter().any(|service| service != EVERYTHING) {
        services.retain(|service| service != EVERYTHING);
    }
    services.sort_unstable();
    services.sort_by_key(|service| service == NEARLY_EVERYTHING);
}

fn anomalies(broken: &[&Value], bytes: &[u8]) -> Vec<Anomaly> {
    let expected = "a prefix with its region and its service";
    let mut told: Vec<Anomaly> = Vec::new();
    let mut from = 0;
    for item in broken.iter().take(TOLD) {
        // Where it stands is found by its first text, which is as rare as a broken prefix is.
        let texts = item.as_object().into_iter().flatten().filter_map(|(_, value)| value.as_str());
        let place =
            texts.filter_map(|text| serde_json::to_string(text).ok()).next().and_then(|text| {
                let at = memmem::find(bytes.get(from..)?, text.as_bytes())?.saturating_add(from);
                Some((at, text.len()))
            });
        let (at, length) = place.unwrap_or((from, 0));
        from = at;
        let found = show_bytes(item.to_string().as_bytes(), 120);
        let (at, length) = (at as u64, length as u64);
        told.push(Anomaly::new("aws_ranges.broken_prefix", at, length, expected, found));
    }
    if let Some(more) = broken.len().checked_sub(TOLD).filter(|more| *more > 0) {
        let found = format!("{more} more elements that are none");
        told.push(Anomaly::new("aws_ranges.broken_prefixes", from as u64, 0, expected, found));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"{"syncToken": "1772563503", "createDate": "2026-03-03-18-45-03", "prefixes": [
        {"ip_prefix": "52.0.0.0/11", "region": "us-east-1", "service": "AMAZON", "network_border_group": "us-east-1"},
        {"ip_prefix": "52.0.0.0/11", "region": "us-east-1", "service": "EC2", "network_border_group": "us-east-1"},
        {"ip_prefix": "52.1.0.0/22", "region": "us-east-1", "service": "AMAZON", "network_border_group": "us-east-1"},
        {"ip_prefix": "52.2.0.0/22", "region": "us-east-1", "service": "EC2", "network_border_group": "us-east-1-bos-1"},
        {"ip_prefix": "52.2.0.0/22", "region": "us-east-1", "service": "S3", "network_border_group": "us-east-1-bos-1"},
        {"ip_prefix": "13.32.0.0/15", "region": "GLOBAL", "service": "AMAZON", "network_border_group": "GLOBAL"}],
        "ipv6_prefixes": [
        {"ipv6_prefix": "2600:1f18::/33", "region": "us-east-1", "service": "EC2", "network_border_group": "us-east-1"}]}"#;

    #[test]
    fn the_longest_prefix_that_names_a_service_says_what_an_address_is() {
        let (ranges, anomalies) = AwsRanges::read(LIST.as_bytes()).unwrap();
        assert_eq!((ranges.len(), anomalies), (5, Vec::new()));
        for (address, expected) in [
            ("52.2.3.255", Some(("S3 EC2", "us-east-1", Some("us-east-1-bos-1")))),
            ("52.2.4.0", Some(("EC2", "us-east-1", None))),
            ("52.1.0.1", Some(("EC2", "us-east-1", None))),
            ("13.33.1.1", Some(("AMAZON", "GLOBAL", None))),
            ("2600:1f18:7fff::1", Some(("EC2", "us-east-1", None))),
            ("2600:1f18:8000::1", None),
            ("10.0.0.1", None),
        ] {
            let found = ranges.network(Address::parse(address).unwrap()).map(|network| {
                let group = network.border_group.as_deref();
                (network.services.join(" "), network.region.clone(), group.map(str::to_owned))
            });
            let expected = expected.map(|(services, region, group)| {
                (services.to_owned(), region.to_owned(), group.map(str::to_owned))
            });
            assert_eq!(found, expected, "{address}");
        }
    }

    #[test]
    fn broken_prefixes_are_told_and_the_rest_is_used() {
        let list = r#"{"syncToken": "1", "prefixes": [{"ip_prefix": "10.0.0.1/8", "region": "r", "service": "s"}, 7,
            {"ip_prefix": "2001:db8::/32", "region": "r", "service": "s"}, {"ip_prefix": "10.0.0.0/8", "region": "r"},
            {"ip_prefix": "198.51.100.0/24", "region": "r", "service": "s"}]}"#;
        let (ranges, anomalies) = AwsRanges::read(list.as_bytes()).unwrap();
        assert_eq!((ranges.len(), anomalies.len()), (1, 4));
        let first = &anomalies[0];
        let place = first.offset as usize..(first.offset + first.length) as usize;
        assert_eq!((first.kind, &list[place]), ("aws_ranges.broken_prefix", "\"10.0.0.1/8\""));
    }

    #[test]
    fn many_broken_prefixes_are_counted() {
        let list = format!("{{\"prefixes\": [{}]}}", vec!["0"; 1_000].join(","));
        let (_, anomalies) = AwsRanges::read(list.as_bytes()).unwrap();
        assert_eq!(anomalies.len(), TOLD + 1);
        assert!(anomalies[TOLD].found.starts_with("900 more"));
    }

    #[test]
    fn every_prefix_of_a_list_and_every_changed_byte_is_survived() {
        for end in 0..LIST.len() {
            assert!(AwsRanges::read(&LIST.as_bytes()[..end]).is_err());
            let mut changed = LIST.as_bytes().to_vec();
            changed[end] ^= 0x15;
            let _ = AwsRanges::read(&changed);
        }
        assert!(AwsRanges::read("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn what_would_be_copied_to_every_address_is_bounded() {
        let item = |service: &str| {
            format!(r#"{{"ip_prefix": "52.0.0.0/11", "region": "r", "service": "{service}"}}"#)
        };
        let mut items: Vec<String> = (0..50).map(|number| item(&format!("S{number}"))).collect();
        items.push(item(&"X".repeat(257)));
        let (ranges, anomalies) =
            AwsRanges::read(format!(r#"{{"prefixes": [{}]}}"#, items.join(",")).as_bytes())
                .unwrap();
        let network = ranges.network(Address::parse("52.0.0.1").unwrap()).unwrap();
        assert_eq!((network.services.len(), anomalies.len()), (SERVICES, 19));
    }

    #[test]
    fn a_list_is_known_by_what_it_begins_with() {
        assert!(sniff(LIST.as_bytes()));
        assert!(sniff(b"{\"syncToken\":\"1\",\"createDate\":\"x\",\"ipv6_prefixes\":["));
        assert!(!sniff(b"{\"prefixes\": []}"));
        assert!(!sniff(b"[\"syncToken\", \"prefixes\"]"));
    }
}
