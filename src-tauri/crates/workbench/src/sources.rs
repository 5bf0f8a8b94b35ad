//! Which source each piece of evidence is part of: one flow log as it was exported one way.
//!
//! A delivery file of AWS says which flow log it is of (AWS, "Flow log files"). Other exports do not; theirs is the
//! folder that holds them, or the file itself where a file is a whole result.

use case::EvidenceItem;
use evidence::Sha256;
use std::collections::{BTreeMap, HashMap};
use store::SourcePart;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

/// Whether the files of one folder are parts of one export, or each is an export of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whole {
    Folder,
    File,
}

/// Kinds of evidence that are no delivery files, in the order in which they count where two have the same records: lines
/// before tables, whole exports before results, which may be cut. Any other kind comes last.
const KINDS: [(&str, Whole); 10] = [
    ("flow_log_text", Whole::Folder),
    ("flow_log_utf16", Whole::Folder),
    ("flow_log_parquet", Whole::Folder),
    ("cloudwatch_subscription", Whole::Folder),
    ("cloudwatch_events", Whole::Folder),
    ("firehose_messages", Whole::Folder),
    ("ocsf_json", Whole::Folder),
    ("flow_log_json", Whole::Folder),
    ("flow_log_csv", Whole::File),
    ("cloudwatch_insights_json", Whole::File),
];
/// Delivery files of a flow log count before all others; those in Parquet after those in text, whose lines can be shown.
const DELIVERED: [i32; 2] = [0, 1];

/// What the name of a delivery file says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Delivery<'a> {
    account: &'a str,
    flow_log: &'a str,
    /// Begin of its five minutes. Unit: µs since the epoch, UTC.
    slot: i64,
    /// Tells files of one slot apart.
    hash: &'a str,
}

/// The sources of all evidence. `records` is how many flow records each has: of a delivery file that is there twice, say
/// packed and unpacked, the one with more is the file and the other a copy.
pub(crate) fn parts(
    evidence: &[EvidenceItem],
    records: impl Fn(&Sha256) -> u64,
) -> Vec<SourcePart> {
    let mut files: BTreeMap<Delivery<'_>, Vec<&EvidenceItem>> = BTreeMap::new();
    let mut exports: BTreeMap<String, Vec<&EvidenceItem>> = BTreeMap::new();
    for item in evidence {
        match Delivery::of(file_name(&item.name)) {
            Some(delivery) => files.entry(delivery).or_default().push(item),
            None => exports.entry(export(item)).or_default().push(item),
        }
    }
    let mut parts = Vec::new();
    for (delivery, mut copies) in files {
        copies.sort_by_cached_key(|item| {
            (u64::MAX - records(&item.sha256), item.name.clone(), item.sha256)
        });
        for (number, item) in (1..).zip(copies) {
            let copy = if number == 1 { String::new() } else { format!(" (copy {number})") };
            parts.push(SourcePart {
                evidence: item.sha256,
                source: format!("{}/{}{copy}", delivery.account, delivery.flow_log),
                rank: DELIVERED[usize::from(item.kind.contains("parquet"))],
                slot: Some(delivery.slot),
            });
        }
    }
    // Two folders that are called the same are told apart; where they lie is nobody's business.
    let mut called: HashMap<String, u32> = HashMap::new();
    for items in exports.into_values() {
        let Some(first) = items.iter().min_by_key(|item| &item.name) else { continue };
        let name = label(first);
        let times = called.entry(name.clone()).or_default();
        *times += 1;
        let source = if *times == 1 { name } else { format!("{name} ({times})") };
        parts.extend(items.iter().map(|item| SourcePart {
            evidence: item.sha256,
            source: source.clone(),
            rank: rank(&item.kind),
            slot: None,
        }));
    }
    parts
}

impl<'a> Delivery<'a> {
    /// Reads `123456789012_vpcflowlogs_us-east-1_fl-1234abcd_20180620T1620Z_fe123456.log.gz`.
    fn of(name: &'a str) -> Option<Self> {
        let mut words = name.split('_');
        let (account, service, _region) = (words.next()?, words.next()?, words.next()?);
        let (flow_log, slot, rest) = (words.next()?, words.next()?, words.next()?);
        let hash = rest.split('.').next()?;
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        if !is_account
            || service != "vpcflowlogs"
            || !flow_log.starts_with("fl-")
            || hash.is_empty()
            || words.next().is_some()
        {
            return None;
        }
        let format = format_description!("[year][month][day]T[hour][minute]Z");
        let slot = PrimitiveDateTime::parse(slot, &format).ok()?.assume_utc();
        Some(Self { account, flow_log, slot: microseconds(slot)?, hash })
    }
}

fn microseconds(at: OffsetDateTime) -> Option<i64> {
    at.unix_timestamp().checked_mul(1_000_000)
}

fn kind(name: &str) -> (i32, Whole) {
    let after = (2..).zip(KINDS).find(|(_, (own, _))| name == *own);
    after.map_or((i32::MAX, Whole::Folder), |(rank, (_, whole))| (rank, whole))
}

fn rank(kind_name: &str) -> i32 {
    kind(kind_name).0
}

/// What makes an export one: its kind and where it lies, the flow of time in folder names left out.
fn export(item: &EvidenceItem) -> String {
    let place = item.locations.first().map_or_else(
        || item.name.clone(),
        |at| {
            [Some(at.path.as_str()), at.member.as_deref()]
                .iter()
                .flatten()
                .copied()
                .collect::<Vec<_>>()
                .join("/")
        },
    );
    format!("{}\n{}", item.kind, holder(&place, kind(&item.kind).1))
}

/// How it is called: by its kind and by names below the folder that was added.
fn label(item: &EvidenceItem) -> String {
    let holder = holder(&item.name, kind(&item.kind).1);
    if holder.is_empty() { item.kind.clone() } else { format!("{} {holder}", item.kind) }
}

/// The file, or the folder of an export that holds it.
fn holder(path: &str, whole: Whole) -> String {
    let mut names: Vec<&str> = path.split(['/', '\\']).collect();
    if whole == Whole::File {
        return names.join("/");
    }
    names.pop();
    // A CloudWatch export has a folder for each stream, whose name ends in the traffic that it has.
    if let [.., task, stream] = names.as_slice()
        && (stream.starts_with("eni-") || is_uuid(task))
    {
        let last = stream.rsplit('-').next();
        let traffic = last.filter(|word| matches!(*word, "accept" | "reject" | "all"));
        names.pop();
        names.extend(traffic);
    }
    while names.last().is_some_and(|name| is_time(name)) {
        names.pop();
    }
    names.join("/")
}

/// Whether a folder's name is a partition: `2026`, `11`, `hour=03`.
fn is_time(name: &str) -> bool {
    let is_number = (1..=4).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_digit());
    is_number || name.contains('=')
}

fn is_uuid(name: &str) -> bool {
    name.len() == 36
        && name.bytes().filter(|byte| *byte == b'-').count() == 4
        && name.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use case::Location;

    fn item(place: &str, name: &str, kind: &str) -> EvidenceItem {
        EvidenceItem {
            sha256: Sha256::of(place.as_bytes()),
            name: name.to_owned(),
            size: 1,
            kind: kind.to_owned(),
            locations: vec![Location { path: place.to_owned(), member: None }],
            source: None,
            copied: None,
            reading: BTreeMap::new(),
            readings: 1,
            seq: 1,
            at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    /// The sources of files, each given by its place and what is added of it.
    fn sources(files: &[(&str, &str, &str)]) -> Vec<String> {
        let items: Vec<_> = files
            .iter()
            .map(|(folder, name, kind)| item(&format!("{folder}/{name}"), name, kind))
            .collect();
        let parts = parts(&items, |_| 0);
        let of = |item: &EvidenceItem| {
            parts.iter().find(|part| part.evidence == item.sha256).expect("a part").source.clone()
        };
        items.iter().map(of).collect()
    }

    #[test]
    fn a_delivery_file_says_which_flow_log_it_is_of() {
        let name = "AWSLogs/123456789012/123456789012_vpcflowlogs_us-east-1_fl-1234abcd_20180620T1620Z_fe123456.log.gz";
        let parts = parts(&[item("a", name, "flow_log_text")], |_| 0);
        assert_eq!(parts[0].source, "123456789012/fl-1234abcd");
        assert_eq!((parts[0].rank, parts[0].slot), (0, Some(1_529_511_600_000_000)));
        for other in [
            "flow.log",
            "123456789012_vpcflowlogs_us-east-1_fl-1234abcd_20180620_fe123456.log.gz",
            "12345_vpcflowlogs_us-east-1_fl-1234abcd_20180620T1620Z_fe123456.log.gz",
            "123456789012_cloudtrail_us-east-1_fl-1234abcd_20180620T1620Z_fe123456.log.gz",
        ] {
            assert_eq!(Delivery::of(other), None, "{other}");
        }
    }

    #[test]
    fn a_delivery_file_that_is_there_twice_is_one_and_a_copy() {
        let name = "123456789012_vpcflowlogs_us-east-1_fl-1234abcd_20180620T1620Z_fe123456.log";
        let items =
            [item("a", &format!("{name}.gz"), "flow_log_text"), item("b", name, "flow_log_text")];
        let whole = items[1].sha256;
        let parts = parts(&items, |sha256| if *sha256 == whole { 9 } else { 5 });
        let of =
            |sha256| &parts.iter().find(|part| part.evidence == sha256).expect("a part").source;
        assert_eq!(of(whole), "123456789012/fl-1234abcd");
        assert_eq!(of(items[0].sha256), "123456789012/fl-1234abcd (copy 2)");
    }

    #[test]
    fn other_exports_are_told_apart_by_the_folder_that_holds_them() {
        let task = "exportedlogs/2f22a5d3-6a96-4672-a7b5-5ea63b8e1728";
        let stream = |eni: &str| format!("{task}/{eni}/000000.gz");
        let files = [
            ("one", &stream("eni-a-all"), "flow_log_text"),
            ("one", &stream("eni-b-all"), "flow_log_text"),
            ("one", &stream("eni-b-reject"), "flow_log_text"),
            ("two", &stream("eni-a-all"), "flow_log_text"),
            ("one", &"firehose/2026/11/23/18/part-1".to_owned(), "firehose_messages"),
            ("one", &"firehose/2026/11/23/19/part-2".to_owned(), "firehose_messages"),
            ("one", &"results/a.csv".to_owned(), "flow_log_csv"),
            ("one", &"results/b.csv".to_owned(), "flow_log_csv"),
            ("one", &"flow.log".to_owned(), "flow_log_text"),
        ];
        let files: Vec<_> =
            files.iter().map(|(folder, name, kind)| (*folder, name.as_str(), *kind)).collect();
        assert_eq!(
            sources(&files),
            [
                &format!("flow_log_text {task}/all"),
                &format!("flow_log_text {task}/all"),
                &format!("flow_log_text {task}/reject"),
                &format!("flow_log_text {task}/all (2)"),
                "firehose_messages firehose",
                "firehose_messages firehose",
                "flow_log_csv results/a.csv",
                "flow_log_csv results/b.csv",
                "flow_log_text",
            ]
        );
    }

    #[test]
    fn what_was_delivered_counts_before_what_was_asked_for() {
        let ranks =
            ["flow_log_text", "flow_log_parquet", "cloudwatch_events", "flow_log_csv", "zeek_conn"]
                .map(rank);
        assert!(ranks.is_sorted(), "{ranks:?}");
        assert!(DELIVERED.iter().all(|delivered| *delivered < ranks[0]));
    }
}
