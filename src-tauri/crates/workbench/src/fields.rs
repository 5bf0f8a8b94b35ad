//! The fields of the filter language, for people who type.

use crate::wire::{FieldKind, FilterFieldObject};
use store::FLOW_FIELDS;
use store::filter::Kind;

/// What is not told by a field's name; AWS's page tells of each in full.
const ABOUT: [(&str, &str); 52] = [
    ("version", "version of the record"),
    ("account_id", "account of the interface"),
    ("interface_id", "network interface that recorded"),
    ("srcaddr", "source address"),
    ("dstaddr", "destination address"),
    ("srcport", "source port, or its service"),
    ("dstport", "destination port, or its service"),
    ("protocol", "IP protocol, by name or number"),
    ("packets", "packets in the window"),
    ("bytes", "bytes in the window: 10MB, 4KiB"),
    ("start", "start of the window"),
    ("end", "end of the window"),
    ("action", "ACCEPT or REJECT"),
    ("log_status", "OK, NODATA or SKIPDATA"),
    ("vpc_id", "VPC of the interface"),
    ("subnet_id", "subnet of the interface"),
    ("instance_id", "instance of the interface"),
    ("tcp_flags", "TCP flags of the window, as a sum"),
    ("type", "IPv4, IPv6 or EFA"),
    ("pkt_srcaddr", "source address of the packets"),
    ("pkt_dstaddr", "destination address of the packets"),
    ("region", "region of the interface"),
    ("az_id", "availability zone"),
    ("pkt_src_aws_service", "AWS service of the source"),
    ("pkt_dst_aws_service", "AWS service of the destination"),
    ("flow_direction", "ingress or egress"),
    ("traffic_path", "path of egress traffic"),
    ("reject_reason", "why it was rejected"),
    ("addr", "address of either side"),
    ("port", "port of either side, or its service"),
    ("scope", "kind of network of either side: public, private …"),
    ("aws_service", "AWS service of either side, by ip-ranges.json"),
    ("aws_region", "AWS region of either side, by ip-ranges.json"),
    ("country", "country of either side, by a MaxMind database"),
    ("city", "city of either side, by a MaxMind database"),
    ("asn", "autonomous system of either side, by a MaxMind database"),
    ("as_org", "its organisation"),
    ("duration", "length of the window: 250ms, 5m"),
    ("verdict", "what the captures hold: full, partial, none …"),
    ("coverage", "the same as verdict"),
    ("reason", "why the captures hold no more"),
    ("packets_seen", "packets found in the captures"),
    ("packets_seen_min", "the least packets that may be its own"),
    ("packets_seen_max", "the most packets that may be its own"),
    ("bytes_seen", "bytes found in the captures"),
    ("evidence", "name of the file"),
    ("line", "line in the file"),
    ("source", "flow log as it was exported"),
    ("overlapping", "source that counts in its place"),
    ("tag", "tag of the examiner"),
    ("tgw_id", "transit gateway"),
    ("ecs_service_name", "ECS service"),
];

/// Every field, in the order of its table.
pub(crate) fn listed() -> Vec<FilterFieldObject> {
    let told = |name: &str| ABOUT.iter().find(|(own, _)| *own == name).map(|(_, about)| *about);
    let about = |name: &str| {
        let sides = [("src_", "the source"), ("dst_", "the destination")];
        let of_side = sides.iter().find_map(|(prefix, side)| {
            let either = told(name.strip_prefix(prefix)?)?;
            Some(either.replace("either side", side))
        });
        told(name).map(str::to_owned).or(of_side).unwrap_or_else(|| name.replace('_', " "))
    };
    FLOW_FIELDS
        .iter()
        .map(|field| FilterFieldObject {
            name: field.name.to_owned(),
            about: about(field.name),
            values: values(field.kind),
            kind: match field.kind {
                Kind::Int => FieldKind::Int,
                Kind::Bytes => FieldKind::Bytes,
                Kind::Protocol => FieldKind::Protocol,
                Kind::Address => FieldKind::Address,
                Kind::Time => FieldKind::Time,
                Kind::Duration => FieldKind::Duration,
                Kind::Port => FieldKind::Port,
                Kind::AsNumber => FieldKind::AsNumber,
                Kind::Scope => FieldKind::Scope,
                Kind::Code => FieldKind::Code,
                Kind::Text => FieldKind::Text,
            },
        })
        .collect()
}

/// The values that are known beforehand.
fn values(kind: Kind) -> Vec<String> {
    match kind {
        Kind::Port => enrich::service_names().into_iter().map(str::to_owned).collect(),
        Kind::Scope => enrich::Scope::ALL.map(|scope| scope.name().to_owned()).to_vec(),
        _ => Vec::new(),
    }
}
