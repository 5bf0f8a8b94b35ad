//! Inventory that the AWS command line wrote (`ec2 describe-…`): which interface a mirror session copies.

use evidence::Address;
use serde_json::Value;
use std::collections::HashMap;
use store::coverage::{MirrorFilter, MirrorRule};

/// The documents that are understood, by their one top-level key.
const KEYS: [&str; 6] = [
    "NetworkInterfaces",
    "TrafficMirrorSessions",
    "TrafficMirrorFilters",
    "TrafficMirrorTargets",
    "FlowLogs",
    "Reservations",
];

/// What the sidecars say, as far as it is needed to map sessions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Inventory {
    /// Known interfaces.
    pub(crate) interfaces: Vec<Interface>,
    /// Configured mirror sessions.
    pub(crate) sessions: Vec<MirrorSession>,
    /// Mirror filters by their id.
    pub(crate) filters: HashMap<String, MirrorFilter>,
}

/// A network interface (`describe-network-interfaces`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Interface {
    /// `eni-…`.
    pub(crate) id: String,
    /// Its primary private address: the outer source of what it mirrors.
    pub(crate) primary: Option<Address>,
    /// Its `Name` tag or its description.
    pub(crate) name: Option<String>,
}

/// A mirror session (`describe-traffic-mirror-sessions`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MirrorSession {
    /// `VirtualNetworkId`.
    pub(crate) vni: u32,
    /// The mirrored interface.
    pub(crate) interface_id: String,
    /// The filter (`tmf-…`) that says what is mirrored.
    pub(crate) filter_id: Option<String>,
}

/// Whether the first bytes of a file are the start of such a document.
pub(crate) fn sniff(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head.get(..512).unwrap_or(head));
    let Some(rest) = head.trim_start().strip_prefix('{') else { return false };
    KEYS.iter().any(|key| {
        let quoted = format!("\"{key}\"");
        rest.trim_start()
            .strip_prefix(&quoted)
            .is_some_and(|rest| rest.trim_start().starts_with(':'))
    })
}

/// Whether a text is a whole JSON document.
pub(crate) fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// The `LogFormat` of each flow log that a document describes (`describe-flow-logs`).
pub(crate) fn log_formats(document: &str) -> Vec<String> {
    let Ok(document) = serde_json::from_str::<Value>(document) else { return Vec::new() };
    items(&document, "FlowLogs").filter_map(|log| text(log, "LogFormat")).collect()
}

impl Inventory {
    /// Takes in one document. Fields that are missing or of another type are passed over.
    ///
    /// # Errors
    /// If the bytes are no JSON.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Result<(), serde_json::Error> {
        let document: Value = serde_json::from_slice(bytes)?;
        for item in items(&document, "NetworkInterfaces") {
            let Some(id) = text(item, "NetworkInterfaceId") else { continue };
            self.interfaces.push(Interface {
                id,
                primary: text(item, "PrivateIpAddress").as_deref().and_then(Address::parse),
                name: name_tag(item).or_else(|| text(item, "Description")),
            });
        }
        for item in items(&document, "TrafficMirrorSessions") {
            let vni = item.get("VirtualNetworkId").and_then(Value::as_u64);
            let vni = vni.and_then(|number| u32::try_from(number).ok());
            let (Some(vni), Some(interface_id)) = (vni, text(item, "NetworkInterfaceId")) else {
                continue;
            };
            let filter_id = text(item, "TrafficMirrorFilterId");
            self.sessions.push(MirrorSession { vni, interface_id, filter_id });
        }
        for item in items(&document, "TrafficMirrorFilters") {
            if let Some(id) = text(item, "TrafficMirrorFilterId")
                && let Some(filter) = filter(item)
            {
                self.filters.insert(id, filter);
            }
        }
        Ok(())
    }

    /// The filter of an interface's session.
    pub(crate) fn filter_of(&self, interface_id: &str, vni: u32) -> Option<&MirrorFilter> {
        let own =
            |session: &&MirrorSession| session.vni == vni && session.interface_id == interface_id;
        self.filters.get(self.sessions.iter().find(own)?.filter_id.as_ref()?)
    }

    /// The interface that a session copies: by its VNI, held against the interface's primary address where both
    /// are known, else by that address alone.
    pub(crate) fn interface_of(&self, source: Option<Address>, vni: Option<u32>) -> Option<&str> {
        let primary = |id: &str| {
            self.interfaces.iter().find(|interface| interface.id == id).and_then(|i| i.primary)
        };
        let by_vni = self.sessions.iter().find(|session| {
            Some(session.vni) == vni
                && primary(&session.interface_id).is_none_or(|address| Some(address) == source)
        });
        let by_address = || {
            self.interfaces
                .iter()
                .find(|interface| source.is_some() && interface.primary == source)
                .map(|interface| interface.id.as_str())
        };
        by_vni.map(|session| session.interface_id.as_str()).or_else(by_address)
    }
}

/// Reads a filter; none if one of its rules says something that is not understood: then nothing may be said in its name.
fn filter(item: &Value) -> Option<MirrorFilter> {
    let mut rules = Vec::new();
    for (key, egress) in [("IngressFilterRules", false), ("EgressFilterRules", true)] {
        for item in items(item, key) {
            let number = item.get("RuleNumber").and_then(Value::as_u64)?;
            rules.push((number, rule(item, egress)?));
        }
    }
    rules.sort_by_key(|(number, _)| *number);
    let mut services = items(item, "NetworkServices").filter_map(Value::as_str);
    Some(MirrorFilter {
        rules: rules.into_iter().map(|(_, rule)| rule).collect(),
        amazon_dns: services.any(|service| service == "amazon-dns"),
    })
}

fn rule(item: &Value, egress: bool) -> Option<MirrorRule> {
    let accept = match text(item, "RuleAction")?.as_str() {
        "accept" => true,
        "reject" => false,
        _ => return None,
    };
    let protocol = match item.get("Protocol") {
        None | Some(Value::Null) => None,
        Some(number) => Some(u8::try_from(number.as_u64()?).ok()?),
    };
    let of = |key| network(&text(item, key)?);
    let ports = |key| -> Option<Option<(u16, u16)>> {
        let Some(range) = item.get(key).filter(|range| !range.is_null()) else { return Some(None) };
        let port = |key| u16::try_from(range.get(key)?.as_u64()?).ok();
        Some(Some((port("FromPort")?, port("ToPort")?)))
    };
    Some(MirrorRule {
        egress,
        accept,
        protocol,
        source: of("SourceCidrBlock")?,
        destination: of("DestinationCidrBlock")?,
        source_ports: ports("SourcePortRange")?,
        destination_ports: ports("DestinationPortRange")?,
    })
}

/// The first and the last address of `10.0.0.0/8`.
fn network(text: &str) -> Option<(Address, Address)> {
    let (base, length) = text.split_once('/')?;
    let base = Address::parse(base)?;
    let longest = if text.contains(':') { 128 } else { 32 };
    let rest = longest - length.parse::<u32>().ok().filter(|length| *length <= longest)?;
    let mask = 1_u128.checked_shl(rest).map_or(u128::MAX, |bit| bit - 1);
    Some((Address(base.0 & !mask), Address(base.0 | mask)))
}

fn items<'a>(document: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    document.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn text(item: &Value, key: &str) -> Option<String> {
    item.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn name_tag(item: &Value) -> Option<String> {
    items(item, "TagSet")
        .find(|tag| text(tag, "Key").as_deref() == Some("Name"))
        .and_then(|tag| text(tag, "Value"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inventory() -> Inventory {
        let mut inventory = Inventory::default();
        let interfaces = br#"{"NetworkInterfaces": [
            {"NetworkInterfaceId": "eni-a", "PrivateIpAddress": "10.0.0.1", "TagSet": [{"Key": "Name", "Value": "web"}]},
            {"NetworkInterfaceId": "eni-b", "PrivateIpAddress": "10.0.0.2", "Description": "app"}]}"#;
        let sessions = br#"{"TrafficMirrorSessions": [{"NetworkInterfaceId": "eni-a", "VirtualNetworkId": 7}]}"#;
        inventory.read(interfaces).unwrap();
        inventory.read(sessions).unwrap();
        inventory
    }

    #[test]
    fn a_session_is_named_by_its_vni_and_its_source() {
        let inventory = inventory();
        let address = Address::parse;
        assert_eq!(inventory.interface_of(address("10.0.0.1"), Some(7)), Some("eni-a"));
        assert_eq!(inventory.interface_of(address("10.0.0.2"), Some(99)), Some("eni-b"));
        assert_eq!(inventory.interface_of(address("10.0.0.9"), Some(7)), None);
        assert_eq!(inventory.interface_of(None, None), None);
    }

    #[test]
    fn a_filter_says_what_is_mirrored_unless_it_says_more_than_is_understood() {
        let session =
            br#"{"TrafficMirrorSessions": [{"NetworkInterfaceId": "eni-a", "VirtualNetworkId": 7,
            "TrafficMirrorFilterId": "tmf-1"}]}"#;
        let document = |rule: &str| {
            format!(
                r#"{{"TrafficMirrorFilters": [{{"TrafficMirrorFilterId": "tmf-1", "NetworkServices": ["amazon-dns"],
                "EgressFilterRules": [], "IngressFilterRules": [{rule}]}}]}}"#
            )
        };
        let read = |rule: &str| {
            let mut inventory = Inventory::default();
            inventory.read(session).unwrap();
            inventory.read(document(rule).as_bytes()).unwrap();
            inventory.filter_of("eni-a", 7).cloned()
        };
        let plain = r#""RuleNumber": 1, "RuleAction": "accept", "SourceCidrBlock": "10.0.0.0/8""#;
        let told = format!(
            r#"{{{plain}, "DestinationCidrBlock": "::/0", "Protocol": 6, "DestinationPortRange": {{"FromPort": 1, "ToPort": 9}}}}"#
        );
        let filter = read(&told).unwrap();
        let [rule] = &filter.rules[..] else { panic!("{filter:?}") };
        let address = |text| Address::parse(text).unwrap();
        assert_eq!(rule.source, (address("10.0.0.0"), address("10.255.255.255")));
        assert_eq!(rule.destination, (Address(0), Address(u128::MAX)));
        assert_eq!((rule.protocol, rule.destination_ports), (Some(6), Some((1, 9))));
        assert!(filter.amazon_dns && rule.accept && !rule.egress);
        assert_eq!(read(&format!("{{{plain}}}")), None, "a rule without a destination");
    }

    #[test]
    fn only_the_known_documents_are_recognised() {
        assert!(sniff(b" {\n  \"TrafficMirrorSessions\" : ["));
        assert!(!sniff(b"{\"Events\": []}"));
        assert!(!sniff(b"[1]"));
    }
}
