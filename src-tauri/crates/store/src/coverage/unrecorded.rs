//! Why no flow record accounts for a conversation.

use crate::texts::{ACCEPT, REJECT};
use crate::{GapKind, GapQuery, Store, StoreError};
use evidence::Address;
use std::collections::HashMap;

/// How late a record may come, and how long its window may be. Unit: µs.
const LATE: i64 = 120_000_000;
const TCP: u8 = 6;
const UDP: u8 = 17;
/// Addresses at which AWS's own services answer: instance metadata, DNS, time, licences (VPC user guide, "Flow log
/// limitations").
const SERVICES: [&str; 8] = [
    "169.254.169.254",
    "169.254.169.253",
    "169.254.169.123",
    "169.254.169.250",
    "169.254.169.251",
    "fd00:ec2::254",
    "fd00:ec2::253",
    "fd00:ec2::123",
];

/// What the flow logs hold of each interface.
#[derive(Debug, Default)]
pub struct LogExtents(HashMap<String, LogExtent>);

/// What the flow logs hold of an interface. Times in µs since the epoch.
#[derive(Debug, Default, Clone)]
struct LogExtent {
    first: i64,
    last: i64,
    accepts: bool,
    rejects: bool,
    gaps: Vec<(GapKind, i64, i64)>,
}

/// A conversation, or a packet of one, without a record.
#[derive(Debug, Clone, Copy)]
pub struct Unrecorded<'a> {
    /// The interface that was mirrored, where known.
    pub interface: Option<&'a str>,
    /// IANA protocol number.
    pub protocol: u8,
    /// Both ends.
    pub ends: [(Address, u16); 2],
    /// First and last time by the flow logs' clock. Unit: µs since the epoch.
    pub span: (i64, i64),
}

impl Store {
    /// What the flow logs hold of each interface, of the records that count.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn log_extents(&self) -> Result<LogExtents, StoreError> {
        let sql = format!(
            r#"SELECT text_of(interface_id_number), epoch_us(min("start")), epoch_us(max("end")),
                coalesce(bool_or(action_number = {ACCEPT}), false), coalesce(bool_or(action_number = {REJECT}), false)
            FROM flow_records WHERE interface_id_number IS NOT NULL AND overlapping_number IS NULL
                AND "start" IS NOT NULL AND "end" IS NOT NULL
            GROUP BY interface_id_number"#
        );
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map([], |row| {
            let extent = LogExtent {
                first: row.get(1)?,
                last: row.get(2)?,
                accepts: row.get(3)?,
                rejects: row.get(4)?,
                gaps: Vec::new(),
            };
            Ok((row.get(0)?, extent))
        })?;
        let mut extents: HashMap<String, LogExtent> = rows.collect::<Result<_, _>>()?;
        for gap in self.gaps(&GapQuery::default())? {
            if let Some(extent) = extents.get_mut(&gap.interface_id) {
                extent.gaps.push((gap.kind, gap.from, gap.to));
            }
        }
        Ok(LogExtents(extents))
    }

    /// How many records account for each conversation that any does, by its number.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn records_by_conversation(&self) -> Result<HashMap<i32, u64>, StoreError> {
        let sql = "SELECT number, count(*) FROM (SELECT unnest(conversations) AS number FROM coverage) GROUP BY number";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl LogExtents {
    /// The reason: from what makes a record impossible to what only makes it missing.
    pub fn reason(&self, unrecorded: &Unrecorded<'_>) -> &'static str {
        let Some(interface) = unrecorded.interface else { return "interface_unknown" };
        if is_never_logged(unrecorded) {
            return "never_logged";
        }
        let Some(extent) = self.0.get(interface) else { return "interface_not_logged" };
        let (first, last) = unrecorded.span;
        if last < extent.first || extent.last.saturating_add(LATE) < first {
            return "outside_logs";
        }
        let crosses = |wanted: GapKind| {
            extent.gaps.iter().any(|(kind, from, to)| {
                *kind == wanted && from.saturating_sub(LATE) <= last && first <= *to
            })
        };
        if crosses(GapKind::SkipData) {
            "skipdata"
        } else if crosses(GapKind::SuspectedMissingFile) {
            "suspected_missing_file"
        } else if extent.accepts != extent.rejects {
            "action_not_logged"
        } else if first < extent.first || extent.last < last {
            "outside_logs"
        } else {
            "unexplained"
        }
    }
}

/// Traffic that no flow log records.
fn is_never_logged(Unrecorded { protocol, ends, .. }: &Unrecorded<'_>) -> bool {
    let service = |(address, _): &(Address, u16)| {
        SERVICES.iter().any(|service| Address::parse(service) == Some(*address))
    };
    let dhcp = *protocol == UDP && ends.iter().any(|(_, port)| [67, 68, 546, 547].contains(port));
    // The Amazon DNS server of a VPC has the third address of its network.
    let resolver = |(address, port): &(Address, u16)| {
        *port == 53 && address.is_v4() && address.0 & 0xff == 2 && is_private(*address)
    };
    ends.iter().any(service) || dhcp || ([TCP, UDP].contains(protocol) && ends.iter().any(resolver))
}

fn is_private(address: Address) -> bool {
    let std::net::IpAddr::V4(address) = address.ip() else { return false };
    address.is_private() || (address.octets()[0] == 100 && address.octets()[1] & 0xc0 == 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000_000;

    fn extents() -> LogExtents {
        let gap = |kind, from, to| (kind, from * MINUTE, to * MINUTE);
        let extent = LogExtent {
            first: 100 * MINUTE,
            last: 200 * MINUTE,
            accepts: true,
            rejects: true,
            gaps: vec![
                gap(GapKind::SkipData, 120, 121),
                gap(GapKind::SuspectedMissingFile, 150, 155),
            ],
        };
        let one_action = LogExtent { rejects: false, gaps: Vec::new(), ..extent.clone() };
        LogExtents([("eni-a".to_owned(), extent), ("eni-b".to_owned(), one_action)].into())
    }

    #[test]
    fn a_conversation_without_a_record_says_why() {
        let address = |text| Address::parse(text).unwrap();
        let web = (address("203.0.113.1"), 443);
        for (interface, other, port, minute, expect) in [
            (Some("eni-a"), "10.0.0.9", 9999, 110, "unexplained"),
            (None, "10.0.0.9", 9999, 110, "interface_unknown"),
            (Some("eni-x"), "10.0.0.9", 9999, 110, "interface_not_logged"),
            (Some("eni-b"), "10.0.0.9", 9999, 110, "action_not_logged"),
            (Some("eni-a"), "10.0.0.9", 9999, 50, "outside_logs"),
            (Some("eni-a"), "10.0.0.9", 9999, 300, "outside_logs"),
            (Some("eni-a"), "10.0.0.9", 9999, 120, "skipdata"),
            (Some("eni-a"), "10.0.0.9", 9999, 152, "suspected_missing_file"),
            (Some("eni-x"), "169.254.169.254", 80, 110, "never_logged"),
            (Some("eni-a"), "10.0.0.2", 53, 110, "never_logged"),
            (Some("eni-a"), "10.0.0.2", 54, 110, "unexplained"),
            (Some("eni-a"), "8.8.8.2", 53, 110, "unexplained"),
        ] {
            let unrecorded = Unrecorded {
                interface,
                protocol: UDP,
                ends: [web, (address(other), port)],
                span: (minute * MINUTE, minute * MINUTE),
            };
            assert_eq!(extents().reason(&unrecorded), expect, "{unrecorded:?}");
        }
    }
}
