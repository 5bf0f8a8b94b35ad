//! What addresses, ports and protocols that are shown are known as.

use crate::Workbench;
use crate::reference::References;
use crate::wire::flow_object;
use enrich::{Labels, Reference, Scope, protocol_name, service};
use evidence::{Address, Sha256};
use serde_json::{Map, Value};
use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;
use store::{FlowRow, Label};

const TCP: u8 = 6;
const UDP: u8 = 17;
/// Stands in a pair for what is not known.
const UNKNOWN: &str = "–";
/// The fields that hold addresses, and what the names of their labels begin with.
const ADDRESSES: [(&str, &str); 4] =
    [("srcaddr", "src"), ("dstaddr", "dst"), ("pkt_srcaddr", ""), ("pkt_dstaddr", "")];

/// Looks up what is shown, one by one: only what is asked of all records needs a table.
pub struct Known {
    references: Arc<References>,
    /// Read when an address is first shown.
    read: OnceCell<Arc<Reference>>,
    /// Where in archives evidence lies.
    members: HashMap<Sha256, String>,
}

impl Workbench {
    /// What is known by the files of reference that are in use. Where one of them cannot be read, `status` says so.
    pub fn known(&self) -> Known {
        Known {
            references: Arc::clone(&self.case.references),
            read: OnceCell::new(),
            members: self.members(),
        }
    }
}

impl Known {
    /// Whether more is known than everybody knows.
    pub fn has_files(&self) -> bool {
        !self.references.in_use().is_empty()
    }

    fn reference(&self) -> &Reference {
        self.read.get_or_init(|| self.references.shown())
    }

    /// An address in a few words: `S3 us-east-1 · US · AS16509 AMAZON-02`; `None` where nothing is worth saying.
    pub fn address(&self, address: Address) -> Option<String> {
        words(&self.reference().labels(address))
    }

    /// A value of a field in a few words; of several fields with an arrow between them.
    pub(crate) fn value(&self, field: &str, value: Option<&str>) -> Option<String> {
        let fields: Vec<&str> = field.split(',').map(str::trim).collect();
        if let [only] = fields[..] {
            return self.one(only, value?);
        }
        let values: Vec<&str> = value?.split(' ').collect();
        if values.len() != fields.len() {
            return None;
        }
        let words: Vec<Option<String>> =
            fields.iter().zip(values).map(|(field, value)| self.one(field, value)).collect();
        words.iter().any(Option::is_some).then(|| {
            let words = words.into_iter().map(|word| word.unwrap_or_else(|| UNKNOWN.to_owned()));
            words.collect::<Vec<_>>().join(" → ")
        })
    }

    fn one(&self, field: &str, value: &str) -> Option<String> {
        match field.replace('-', "_").as_str() {
            "srcaddr" | "dstaddr" | "pkt_srcaddr" | "pkt_dstaddr" => {
                self.address(Address::parse(value)?)
            }
            "srcport" | "dstport" => services(value.parse().ok()?),
            "protocol" => protocol_name(value.parse().ok()?).map(str::to_owned),
            _ => None,
        }
    }

    /// The fields of a record that are known as something, each with it.
    pub(crate) fn record(&self, row: &FlowRow) -> Vec<(String, String)> {
        let mut known = Vec::new();
        for (field, _) in ADDRESSES {
            known
                .extend(row.address(field).and_then(|own| self.address(own)).map(|it| (field, it)));
        }
        for field in ["srcport", "dstport"] {
            known.extend(service_of(row, field).map(|it| (field, it.to_owned())));
        }
        known.into_iter().map(|(field, words)| (field.to_owned(), words)).collect()
    }

    /// The service of a record: that of its destination's port, else that of its source's.
    pub fn service(&self, row: &FlowRow) -> Option<&'static str> {
        service_of(row, "dstport").or_else(|| service_of(row, "srcport"))
    }

    /// A record as `flows --json` has it: AWS's names, then what is known. Of an address only its scope is always there.
    pub fn flow_object(&self, row: &FlowRow) -> Map<String, Value> {
        let mut object = flow_object(row, &self.members);
        let protocol = row.int("protocol").and_then(|own| u8::try_from(own).ok());
        object.insert("protocol_name".to_owned(), protocol.and_then(protocol_name).into());
        for field in ["srcport", "dstport"] {
            object.insert(format!("{field}_service"), service_of(row, field).into());
        }
        for (field, side) in ADDRESSES.into_iter().filter(|(_, side)| !side.is_empty()) {
            let Some(address) = row.address(field) else { continue };
            let labels = self.reference().labels(address);
            for label in Label::ALL {
                let value = value(&labels, label);
                if !value.is_null() {
                    object.insert(format!("{side}_{}", label.name()), value);
                }
            }
        }
        object
    }
}

fn value(labels: &Labels<'_>, label: Label) -> Value {
    match label {
        Label::Scope => labels.scope.name().into(),
        Label::AwsService => labels.aws.and_then(enrich::AwsNetwork::service).into(),
        Label::AwsRegion => labels.aws.map(|network| network.region.as_str()).into(),
        Label::Country => labels.spot.country.into(),
        Label::City => labels.spot.city.into(),
        Label::Asn => labels.network.number.into(),
        Label::AsOrg => labels.network.organisation.into(),
    }
}

/// What is worth saying of an address: that it is public, or one of the private networks that everybody knows, is not.
fn words(labels: &Labels<'_>) -> Option<String> {
    let mut words = Vec::new();
    if !matches!(labels.scope, Scope::Public | Scope::Private) {
        words.push(labels.scope.name().replace('_', " "));
    }
    if let Some(network) = labels.aws {
        words.push(format!("{} {}", network.services.join(", "), network.region));
    }
    match (labels.spot.city, labels.spot.country) {
        (Some(city), Some(country)) => words.push(format!("{city}, {country}")),
        (one, other) => words.extend(one.or(other).map(str::to_owned)),
    }
    match (labels.network.number, labels.network.organisation) {
        (Some(number), name) => {
            words.push(format!("AS{number} {}", name.unwrap_or_default()).trim_end().to_owned());
        }
        (None, name) => words.extend(name.map(str::to_owned)),
    }
    (!words.is_empty()).then(|| words.join(" · "))
}

fn service_of(row: &FlowRow, field: &str) -> Option<&'static str> {
    let protocol = u8::try_from(row.int("protocol")?).ok()?;
    service(protocol, u16::try_from(row.int(field)?).ok()?)
}

/// The services of a port, whatever the protocol.
fn services(port: u16) -> Option<String> {
    match (service(TCP, port), service(UDP, port)) {
        (Some(tcp), Some(udp)) if tcp != udp => Some(format!("{tcp}, {udp}")),
        (tcp, udp) => tcp.or(udp).map(str::to_owned),
    }
}
