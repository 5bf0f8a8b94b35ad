//! The names that other tools give to AWS's fields.

use crate::field::{FIELDS, Field, FieldSpec};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Names of Athena tables and of CloudWatch Logs Insights that are more than another spelling.
const ALIASES: [(&str, Field); 12] = [
    ("account", Field::AccountId),
    ("eni", Field::InterfaceId),
    ("sourceaddress", Field::SrcAddr),
    ("destinationaddress", Field::DstAddr),
    ("sourceport", Field::SrcPort),
    ("destinationport", Field::DstPort),
    ("numpackets", Field::Packets),
    ("numbytes", Field::Bytes),
    ("starttime", Field::Start),
    ("endtime", Field::End),
    ("pktsourceaddress", Field::PktSrcAddr),
    ("pktdestinationaddress", Field::PktDstAddr),
];

static BY_PLAIN_NAME: LazyLock<HashMap<String, &FieldSpec>> = LazyLock::new(|| {
    let own = FIELDS.iter().map(|spec| (plain(spec.name.as_bytes()), spec));
    let aliases = ALIASES.iter().filter_map(|(name, field)| {
        FIELDS.get(*field as usize).map(|spec| ((*name).to_owned(), spec))
    });
    own.chain(aliases).collect()
});

/// The field that a column of CSV, JSON or Parquet means by this name: `srcaddr`, `src_addr`, `sourceAddress`.
pub(crate) fn by_alias(name: &[u8]) -> Option<&'static FieldSpec> {
    // No name is longer; a hostile one of megabytes costs nothing.
    if name.len() > 64 {
        return None;
    }
    BY_PLAIN_NAME.get(&plain(name)).copied()
}

/// Whether these names are those of a flow log's columns: some of AWS's, and among them one that no other kind
/// of table is likely to have.
pub(crate) fn names_flow_log<'a>(names: impl Iterator<Item = &'a [u8]>) -> bool {
    let (mut known, mut unknown, mut telling) = (0_usize, 0_usize, false);
    for name in names {
        match by_alias(name) {
            Some(spec) => {
                known = known.saturating_add(1);
                telling |= tells(spec.field);
            }
            None => unknown = unknown.saturating_add(1),
        }
    }
    telling && known >= 2 && (known >= unknown || known >= 5)
}

fn tells(field: Field) -> bool {
    matches!(
        field,
        Field::SrcAddr
            | Field::DstAddr
            | Field::SrcPort
            | Field::DstPort
            | Field::PktSrcAddr
            | Field::PktDstAddr
            | Field::LogStatus
            | Field::TgwAttachmentId
    )
}

/// In small letters, without `-` and `_`.
fn plain(name: &[u8]) -> String {
    let kept = name.iter().filter(|byte| !matches!(byte, b'-' | b'_'));
    kept.map(|byte| char::from(byte.to_ascii_lowercase())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_and_other_names_find_their_field() {
        for (name, field) in [
            ("account-id", "account-id"),
            ("AccountId", "account-id"),
            ("account", "account-id"),
            ("interfaceid", "interface-id"),
            ("eni", "interface-id"),
            ("srcAddr", "srcaddr"),
            ("src_addr", "srcaddr"),
            ("sourceaddress", "srcaddr"),
            ("destinationport", "dstport"),
            ("numbytes", "bytes"),
            ("start_time", "start"),
            ("endTime", "end"),
            ("logStatus", "log-status"),
            ("pktsrcaddr", "pkt-srcaddr"),
            ("tcpflags", "tcp-flags"),
        ] {
            assert_eq!(by_alias(name.as_bytes()).map(|spec| spec.name), Some(field), "{name}");
        }
        for name in ["", "day", "aws-account-id", "@message", "srcaddr ", "\u{fffd}"] {
            assert_eq!(by_alias(name.as_bytes()), None, "{name}");
        }
        assert_eq!(BY_PLAIN_NAME.len(), FIELDS.len() + ALIASES.len());
    }

    #[test]
    fn a_table_of_another_kind_is_no_flow_log() {
        for (names, expected) in [
            ("srcaddr,bytes", true),
            ("sourceaddress,x,y,destinationport", true),
            ("srcaddr", false),
            ("AccountId,StartTime,EndTime,Region,Type", false),
            ("srcaddr,a,b,c,d,bytes", false),
        ] {
            assert_eq!(names_flow_log(names.split(',').map(str::as_bytes)), expected, "{names}");
        }
    }
}
