//! The inventory that an analyst asks for, in the shape of the AWS command line's answers.

use std::path::Path;
use std::{fs, io};

use serde_json::{Value, json};

use crate::flowlog::FLOW_LOGS;
use crate::mirror::SESSIONS;
use crate::net::{ACCOUNT, INTERFACES, Interface, REGION, VPC};
use crate::wire::vxlan::COLLECTOR;

const FILTER: &str = "tmf-0d41c7a95e8b2f630";
const TARGET: &str = "tmt-0e52d8b06f9c31741";

/// Write the four files below `incident`.
pub(crate) fn write(incident: &Path) -> io::Result<()> {
    let folder = incident.join("sidecars");
    fs::create_dir_all(&folder)?;
    for (name, mut answer) in [
        ("describe-network-interfaces.json", network_interfaces()),
        ("describe-traffic-mirror-sessions.json", mirror_sessions()),
        ("describe-traffic-mirror-filters.json", mirror_filters()),
        ("describe-flow-logs.json", flow_logs()),
    ] {
        // Another crate of the same build may have switched serde_json to keep the order of insertion.
        answer.sort_all_objects();
        fs::write(folder.join(name), serde_json::to_string_pretty(&answer)? + "\n")?;
    }
    Ok(())
}

fn network_interfaces() -> Value {
    let describe = |i: &Interface| {
        let association = i.public.map(|ip| json!({ "IpOwnerId": "amazon", "PublicIp": ip }));
        let mut address = json!({ "Primary": true, "PrivateIpAddress": i.ipv4 });
        if let Some(association) = &association {
            address["Association"] = association.clone();
        }
        let mac: Vec<String> = i.mac.iter().map(|b| format!("{b:02x}")).collect();
        json!({
            "AvailabilityZone": "us-east-1a",
            "Attachment": { "DeviceIndex": 0, "InstanceId": i.instance, "Status": "attached" },
            "Description": "",
            "InterfaceType": "interface",
            "Ipv6Addresses": i.ipv6.iter().map(|ip| json!({ "Ipv6Address": ip })).collect::<Vec<_>>(),
            "MacAddress": mac.join(":"),
            "NetworkInterfaceId": i.id,
            "OwnerId": ACCOUNT,
            "PrivateIpAddress": i.ipv4,
            "PrivateIpAddresses": [address],
            "RequesterManaged": false,
            "SourceDestCheck": true,
            "Status": "in-use",
            "SubnetId": i.subnet.id,
            "TagSet": [{ "Key": "Name", "Value": i.name }],
            "VpcId": VPC,
        })
    };
    json!({ "NetworkInterfaces": INTERFACES.iter().map(describe).collect::<Vec<_>>() })
}

fn mirror_sessions() -> Value {
    let sessions: Vec<Value> = SESSIONS
        .iter()
        .map(|s| {
            let mut session = json!({
                "TrafficMirrorSessionId": s.id,
                "TrafficMirrorTargetId": TARGET,
                "TrafficMirrorFilterId": FILTER,
                "NetworkInterfaceId": INTERFACES[s.interface].id,
                "OwnerId": ACCOUNT,
                "SessionNumber": 1,
                "VirtualNetworkId": s.vni,
                "Description": format!("{} to collector {COLLECTOR}", INTERFACES[s.interface].name),
                "Tags": [],
            });
            if let Some(length) = s.packet_length {
                session["PacketLength"] = length.into();
            }
            session
        })
        .collect();
    json!({ "TrafficMirrorSessions": sessions })
}

fn mirror_filters() -> Value {
    let rules = |direction: &str, tag: &str| {
        [("0.0.0.0/0", 100, "4"), ("::/0", 110, "6")]
            .map(|(block, number, family)| {
                json!({
                    "TrafficMirrorFilterRuleId": format!("tmfr-0{tag}{family}f7a95e8b2f6300"),
                    "TrafficMirrorFilterId": FILTER,
                    "TrafficDirection": direction,
                    "RuleNumber": number,
                    "RuleAction": "accept",
                    "SourceCidrBlock": block,
                    "DestinationCidrBlock": block,
                })
            })
            .to_vec()
    };
    json!({ "TrafficMirrorFilters": [{
        "TrafficMirrorFilterId": FILTER,
        "IngressFilterRules": rules("ingress", "1"),
        "EgressFilterRules": rules("egress", "2"),
        "NetworkServices": [],
        "Description": "everything",
        "Tags": [],
    }] })
}

fn flow_logs() -> Value {
    let describe = |id: &str, resource: &str, fields: &str| {
        let format: Vec<String> = fields.split(' ').map(|f| format!("${{{f}}}")).collect();
        json!({
            "CreationTime": "2026-01-12T08:31:07.512000+00:00",
            "DeliverLogsStatus": "SUCCESS",
            "FlowLogId": id,
            "FlowLogStatus": "ACTIVE",
            "ResourceId": resource,
            "TrafficType": "ALL",
            "LogDestinationType": "s3",
            "LogDestination": format!("arn:aws:s3:::flow-logs-{ACCOUNT}-{REGION}"),
            "LogFormat": format.join(" "),
            "MaxAggregationInterval": 60,
            "DestinationOptions": {
                "FileFormat": "plain-text",
                "HiveCompatiblePartitions": false,
                "PerHourPartition": false,
            },
            "Tags": [],
        })
    };
    let logs: Vec<Value> =
        FLOW_LOGS.iter().map(|log| describe(log.id, log.resource, log.fields)).collect();
    json!({ "FlowLogs": logs })
}
