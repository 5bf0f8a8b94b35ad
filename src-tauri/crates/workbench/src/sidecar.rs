//! Inventory that the AWS command line wrote (`ec2 describe-…`): which interface a mirror session copies.

use evidence::Address;
use serde_json::Value;

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
            self.sessions.push(MirrorSession { vni, interface_id });
        }
        Ok(())
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
    fn only_the_known_documents_are_recognised() {
        assert!(sniff(b" {\n  \"TrafficMirrorSessions\" : ["));
        assert!(!sniff(b"{\"Events\": []}"));
        assert!(!sniff(b"[1]"));
    }
}
