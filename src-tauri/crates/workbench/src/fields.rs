//! The fields of the filter language, for people who type.

use crate::wire::{FieldKind, FilterFieldObject};
use store::FLOW_FIELDS;
use store::filter::Kind;

/// What is not told by a field's name; AWS's page tells of each in full.
const ABOUT: [(&str, &str); 43] = [
    ("version", "version of the record"),
    ("account_id", "account of the interface"),
    ("interface_id", "network interface that recorded"),
    ("srcaddr", "source address"),
    ("dstaddr", "destination address"),
    ("srcport", "source port"),
    ("dstport", "destination port"),
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
    ("port", "port of either side"),
    ("duration", "length of the window: 250ms, 5m"),
    ("verdict", "what the captures hold: full, partial, none …"),
    ("coverage", "the same as verdict"),
    ("reason", "why the captures hold no more"),
    ("packets_seen", "packets found in the captures"),
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
    let about = |name: &str| {
        let told = ABOUT.iter().find(|(own, _)| *own == name);
        told.map_or_else(|| name.replace('_', " "), |(_, about)| (*about).to_owned())
    };
    FLOW_FIELDS
        .iter()
        .map(|field| FilterFieldObject {
            name: field.name.to_owned(),
            about: about(field.name),
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
