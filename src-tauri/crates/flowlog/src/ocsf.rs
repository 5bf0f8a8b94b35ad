//! OCSF Network Activity (class 4001) to AWS's fields: VPC flow logs as Security Lake keeps them, in both
//! generations, before OCSF 1.1 and since.
//!
//! Source: OCSF's schema, and the mappings of VPC flow logs in its repository of examples.

use crate::alias::by_alias;
use crate::field::Field;
use crate::json::value::{get, take};
use crate::row::{Cell, Row};
use crate::{Cause, FieldKind};
use serde_json::{Map, Value as Json};

/// The `class_uid` of Network Activity.
pub(crate) const NETWORK_ACTIVITY: u64 = 4001;

/// Members that mean a field, the better ones first; each is read as its field's kind.
const MEMBERS: [(&str, Field); 20] = [
    ("metadata.product.version", Field::Version),
    ("cloud.account_uid", Field::AccountId),
    ("cloud.account.uid", Field::AccountId),
    ("cloud.region", Field::Region),
    ("cloud.zone", Field::AzId),
    ("start_time", Field::Start),
    ("start_time_dt", Field::Start),
    ("time", Field::Start),
    ("time_dt", Field::Start),
    ("end_time", Field::End),
    ("end_time_dt", Field::End),
    ("src_endpoint.port", Field::SrcPort),
    ("dst_endpoint.port", Field::DstPort),
    ("src_endpoint.svc_name", Field::PktSrcAwsService),
    ("dst_endpoint.svc_name", Field::PktDstAwsService),
    ("connection_info.protocol_num", Field::Protocol),
    ("connection_info.tcp_flags", Field::TcpFlags),
    ("connection_info.protocol_ver", Field::Type),
    ("traffic.packets", Field::Packets),
    ("traffic.bytes", Field::Bytes),
];

/// Members of the endpoint that is the interface's own.
const OWN: [(&str, Field); 4] = [
    ("interface_uid", Field::InterfaceId),
    ("vpc_uid", Field::VpcId),
    ("subnet_uid", Field::SubnetId),
    ("instance_uid", Field::InstanceId),
];

/// Whether it says so of itself.
pub(crate) fn is_network_activity(event: &Map<String, Json>) -> bool {
    event.get("class_uid").and_then(Json::as_u64) == Some(NETWORK_ACTIVITY)
}

/// The record that an event is. What is no field of AWS's stays in the row's other members.
///
/// # Errors
/// Why it is none.
pub(crate) fn row(mut event: Map<String, Json>) -> Result<Row, Cause> {
    if !is_network_activity(&event) {
        return Err(Cause::Form { expected: "an OCSF network activity (class 4001)" });
    }
    let mut row = Row::default();
    for (path, field) in MEMBERS {
        if row.cell(field).is_none_or(|cell| *cell == Cell::Absent) {
            row.set(field, &take(&mut event, path))?;
        }
    }
    address(&mut event, &mut row, "src_endpoint", Field::SrcAddr, Field::PktSrcAddr)?;
    address(&mut event, &mut row, "dst_endpoint", Field::DstAddr, Field::PktDstAddr)?;
    let own = own_endpoint(&event);
    for (name, field) in OWN {
        row.set(field, &take(&mut event, &format!("{own}.{name}")))?;
    }
    if let Some(direction) = direction(&event) {
        row.put(Field::FlowDirection, Cell::text(direction));
    }
    if let Some(action) = action(&event) {
        row.put(Field::Action, Cell::text(action));
    }
    if let Some(path) = get(&event, "connection_info.boundary_id").and_then(traffic_path) {
        row.put(Field::TrafficPath, Cell::Int(path));
    }
    row.set(Field::LogStatus, &take(&mut event, "status_code"))?;
    unmapped(&mut event, &mut row)?;
    // OCSF has milliseconds: they are no surprise.
    row.milliseconds = false;
    row.others = event;
    without_nulls(&mut row.others);
    Ok(row)
}

/// `ip` is the address of the packet; where the interface's own is another, it is the intermediate one.
fn address(
    event: &mut Map<String, Json>,
    row: &mut Row,
    endpoint: &str,
    own: Field,
    packet: Field,
) -> Result<(), Cause> {
    let ip = take(event, &format!("{endpoint}.ip"));
    row.set(packet, &ip)?;
    let between = format!("{endpoint}.intermediate_ips");
    let one = match get(event, &between) {
        Some(Json::Array(ips)) => ips.first().filter(|_| ips.len() == 1).cloned(),
        _ => None,
    };
    match one {
        Some(one) => {
            take(event, &between);
            row.set(own, &one)
        }
        None => row.set(own, &ip),
    }
}

/// The endpoint that names the interface; if neither does, the one that the direction says.
fn own_endpoint(event: &Map<String, Json>) -> &'static str {
    let names = |endpoint: &str| {
        let interface = get(event, &format!("{endpoint}.interface_uid")).and_then(Json::as_str);
        interface.is_some_and(|interface| interface != "-")
    };
    match direction(event) {
        _ if names("src_endpoint") && !names("dst_endpoint") => "src_endpoint",
        _ if names("dst_endpoint") && !names("src_endpoint") => "dst_endpoint",
        Some("ingress") => "dst_endpoint",
        _ => "src_endpoint",
    }
}

fn direction(event: &Map<String, Json>) -> Option<&'static str> {
    match get(event, "connection_info.direction_id").and_then(Json::as_i64) {
        Some(1) => Some("ingress"),
        Some(2) => Some("egress"),
        _ => match get(event, "connection_info.direction")?.as_str()? {
            "ingress" | "Inbound" => Some("ingress"),
            "egress" | "Outbound" => Some("egress"),
            _ => None,
        },
    }
}

/// Since 1.1 an event states its action; before, its activity is `Established` or `Refuse`.
fn action(event: &Map<String, Json>) -> Option<&'static str> {
    let number = |name| event.get(name).and_then(Json::as_i64);
    match (number("action_id"), number("disposition_id"), number("activity_id")) {
        (Some(1), ..) => Some("ACCEPT"),
        (Some(2), ..) => Some("REJECT"),
        (_, Some(1), _) => Some("ACCEPT"),
        (_, Some(2), _) => Some("REJECT"),
        (_, _, Some(1)) => Some("ACCEPT"),
        (_, _, Some(5)) => Some("REJECT"),
        _ => None,
    }
}

/// OCSF's boundaries from 4 (same VPC) to 11 are AWS's traffic paths from 1 to 8.
fn traffic_path(boundary: &Json) -> Option<i64> {
    let path = boundary.as_i64()?.checked_sub(3)?;
    (1..=8).contains(&path).then_some(path)
}

/// Fields for which OCSF has no place: a list of `key` and `value`, or since 1.0 an object.
fn unmapped(event: &mut Map<String, Json>, row: &mut Row) -> Result<(), Cause> {
    let members: Vec<(String, Json)> = match event.shift_remove("unmapped") {
        Some(Json::Object(members)) => members.into_iter().collect(),
        Some(Json::Array(list))
            if list.iter().all(|item| item.get("key").is_some_and(Json::is_string)) =>
        {
            let pair = |item: &Json| {
                Some((item.get("key")?.as_str()?.to_owned(), item.get("value")?.clone()))
            };
            list.iter().filter_map(pair).collect()
        }
        Some(other) => {
            event.insert("unmapped".to_owned(), other);
            return Ok(());
        }
        None => return Ok(()),
    };
    let mut rest = Map::new();
    for (name, value) in members {
        match by_alias(name.as_bytes()) {
            Some(spec) if row.cell(spec.field).is_none() => {
                // A text that a later version of AWS's adds is no reason to lose the record.
                match (spec.kind, row.set(spec.field, &value)) {
                    (FieldKind::Text, Err(_)) => {
                        rest.insert(name, value);
                    }
                    (_, set) => set?,
                }
            }
            _ => {
                rest.insert(name, value);
            }
        }
    }
    if !rest.is_empty() {
        event.insert("unmapped".to_owned(), Json::Object(rest));
    }
    Ok(())
}

/// Null says that there is nothing, as absence does.
fn without_nulls(members: &mut Map<String, Json>) {
    members.retain(|_, value| match value {
        Json::Null => false,
        Json::Object(inner) => {
            without_nulls(inner);
            !inner.is_empty()
        }
        _ => true,
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(event: Json, expected: &str) {
        let Json::Object(event) = event else { panic!() };
        let row = row(event).unwrap();
        let cells = row.cells.iter().filter(|(_, cell)| *cell != Cell::Absent);
        let cells: Vec<_> = cells
            .map(|(spec, cell)| match cell {
                Cell::Text(text) => format!("{}={text}", spec.name),
                Cell::Int(number) => format!("{}={number}", spec.name),
                Cell::Address(address) => format!("{}={address}", spec.name),
                Cell::Time(time) => format!("{}={time}us", spec.name),
                Cell::Absent => String::new(),
            })
            .collect();
        assert_eq!(format!("{} {}", cells.join(" "), Json::Object(row.others)), expected);
    }

    #[test]
    fn an_event_of_the_first_generation_is_a_record() {
        check(
            json!({
                "class_uid": 4001, "activity_id": 1, "time": 1_680_171_259_000_i64,
                "start_time": 1_680_171_259_000_i64, "end_time": 1_680_171_303_000_i64,
                "cloud": {"account_uid": "000000000012", "region": "us-east-1", "zone": "use1-az3", "provider": "AWS"},
                "connection_info": {"boundary_id": 4, "direction": "egress", "direction_id": 2,
                                    "protocol_num": 6, "protocol_ver": "IPv4", "tcp_flags": 2},
                "src_endpoint": {"ip": "10.0.0.5", "port": 40000, "interface_uid": "eni-1", "vpc_uid": "vpc-1",
                                 "subnet_uid": "subnet-1", "instance_uid": "-", "svc_name": "-"},
                "dst_endpoint": {"ip": "203.0.113.5", "port": 443, "interface_uid": null,
                                 "intermediate_ips": ["10.0.0.220"], "svc_name": "S3"},
                "metadata": {"product": {"version": "5"}, "version": "0.39.0"},
                "traffic": {"packets": 3, "bytes": 180},
                "unmapped": [{"key": "log_status", "value": "OK"}, {"key": "mood", "value": "calm"}]
            }),
            "version=5 account-id=000000000012 region=us-east-1 az-id=use1-az3 start=1680171259000000us \
             end=1680171303000000us srcport=40000 dstport=443 pkt-dst-aws-service=S3 protocol=6 tcp-flags=2 type=IPv4 \
             packets=3 bytes=180 pkt-srcaddr=10.0.0.5 srcaddr=10.0.0.5 pkt-dstaddr=203.0.113.5 dstaddr=10.0.0.220 \
             interface-id=eni-1 vpc-id=vpc-1 subnet-id=subnet-1 flow-direction=egress action=ACCEPT traffic-path=1 \
             log-status=OK {\"class_uid\":4001,\"activity_id\":1,\"time\":1680171259000,\
             \"cloud\":{\"provider\":\"AWS\"},\"connection_info\":{\"boundary_id\":4,\"direction\":\"egress\",\
             \"direction_id\":2},\"metadata\":{\"version\":\"0.39.0\"},\"unmapped\":{\"mood\":\"calm\"}}",
        );
    }

    #[test]
    fn an_event_of_the_second_generation_is_a_record() {
        check(
            json!({
                "class_uid": 4001, "activity_id": 6, "action_id": 2, "status_code": "OK",
                "start_time_dt": "2022-04-11T20:02:12.000-04:00", "end_time_dt": "2022-04-12 00:03:08+00:00",
                "cloud": {"account": {"uid": "123456789012"}},
                "connection_info": {"direction": "Inbound", "boundary_id": 99},
                "src_endpoint": {"ip": "192.0.2.4"},
                "dst_endpoint": {"ip": "172.31.2.52", "interface_uid": "eni-2"},
                "unmapped": {"reject_reason": "BPA", "sublocation_id": "-"}
            }),
            "account-id=123456789012 start=1649721732000000us end=1649721788000000us pkt-srcaddr=192.0.2.4 \
             srcaddr=192.0.2.4 pkt-dstaddr=172.31.2.52 dstaddr=172.31.2.52 interface-id=eni-2 flow-direction=ingress \
             action=REJECT log-status=OK reject-reason=BPA {\"class_uid\":4001,\"activity_id\":6,\"action_id\":2,\
             \"connection_info\":{\"direction\":\"Inbound\",\"boundary_id\":99}}",
        );
    }

    #[test]
    fn silence_has_neither_addresses_nor_action() {
        check(
            json!({
                "class_uid": 4001, "activity_id": 0, "start_time": 1_680_171_259_000_i64,
                "src_endpoint": {"ip": "-", "port": null, "interface_uid": "eni-1"},
                "dst_endpoint": {"ip": "-"}, "connection_info": {"direction": "-", "direction_id": 0},
                "unmapped": [{"key": "log_status", "value": "NODATA"}]
            }),
            "start=1680171259000000us interface-id=eni-1 log-status=NODATA {\"class_uid\":4001,\"activity_id\":0,\
             \"connection_info\":{\"direction\":\"-\",\"direction_id\":0}}",
        );
    }
}
