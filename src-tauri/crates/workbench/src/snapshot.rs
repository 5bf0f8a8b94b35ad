//! The case at one entry of its journal, as the report wants it.

mod payload;

use crate::captures::Captures;
use crate::{Workbench, WorkbenchError};
use crate::{clocks, sessions};
use case::{CaseState, Reference, project};
use evidence::{ConversationRef, RecordRef};
use report::{
    Bucket, Case, Clock, Conversation, Coverage, Evidence, Finding, Flow, Gap, Head, MirrorSession,
    Note, Query, Severity, Snapshot, Tag, TopRow, TopTable, Totals, Verdict,
};
use std::collections::BTreeSet;
use store::{FlowRow, GapQuery, Measure, Selection, TimelineQuery, TopQuery};

/// Bars of the timeline.
const BARS: u32 = 96;
/// Lines of a ranking.
const TOP: u64 = 10;
/// Flow records listed of one finding; more are counted.
const FLOWS: usize = 50;

impl Workbench {
    /// What the report is made of, at journal entry `upto`.
    pub(crate) fn snapshot(&self, upto: u64, at: Option<i64>) -> Result<Snapshot, WorkbenchError> {
        let entries = self.entries();
        let state = project(&entries, Some(upto));
        let last = entries.iter().find(|entry| entry.seq == upto);
        let head = last.map(|entry| Head { seq: entry.seq, hash: entry.hash }).unwrap_or_default();
        let at = at.or_else(|| last.map(|entry| nanoseconds(entry.at))).unwrap_or_default();
        let info = self.info().clone();
        let status = self.status()?;
        let store_totals = self.store()?.totals()?;
        let gaps = self.store()?.gaps(&GapQuery::default())?;
        let timeline = self.timeline_buckets()?;
        let top = self.top_tables()?;
        let (recorded, seen) = self.store()?.packets_recorded_and_seen()?;
        let verdict = |name: &str| {
            status.verdicts.iter().find(|(own, _)| own == name).map_or(0, |(_, count)| *count)
        };
        let coverage = Coverage {
            full: verdict("full"),
            partial: verdict("partial"),
            none: verdict("none"),
            excess: verdict("excess"),
            not_comparable: verdict("not_comparable"),
            without_verdict: verdict("null"),
        };
        let (session_rows, clock_rows) = self.with_captures(|captures| {
            Ok((sessions::objects(captures), clocks::objects(captures)))
        })?;
        let mut findings = Vec::new();
        for finding in &state.findings {
            findings.push(self.finding_section(finding)?);
        }
        Ok(Snapshot {
            case: Case {
                number: info.number,
                title: info.title,
                examiner: info.examiner,
                created: nanoseconds(info.created),
                marking: String::new(),
            },
            tool: crate::VERSION.to_owned(),
            at,
            head,
            without: Vec::new(),
            summary: String::new(),
            evidence: evidence_rows(&state, &status.evidence),
            totals: Totals {
                flow_records: status.flow_records,
                packets: status.packets,
                conversations: status.conversations,
                rejected_lines: status.rejected_lines,
                anomalies: status.anomalies,
                first: store_totals.first.map(from_micros),
                last: store_totals.last.map(from_micros),
                coverage,
                packets_recorded: recorded,
                packets_seen: seen,
            },
            gaps: gaps
                .into_iter()
                .map(|gap| Gap {
                    interface_id: Some(gap.interface_id),
                    kind: gap.kind.name().to_owned(),
                    from: from_micros(gap.from),
                    to: from_micros(gap.to),
                })
                .collect(),
            sessions: session_rows
                .into_iter()
                .map(|row| MirrorSession {
                    source: match (row.source, row.key) {
                        (Some(source), Some(key)) => format!("{source}, {key}"),
                        (Some(only), None) | (None, Some(only)) => only,
                        (None, None) => "not encapsulated".to_owned(),
                    },
                    vni: row.vni.unwrap_or_default(),
                    interface_id: row.interface_id,
                    inferred: row.inferred,
                    packets: row.packets,
                })
                .collect(),
            clocks: clock_rows
                .into_iter()
                .map(|row| Clock {
                    collector: row.collector,
                    seconds: row.seconds,
                    uncertainty: row.uncertainty,
                    pairs: row.pairs,
                    pinned: row.pinned,
                })
                .collect(),
            timeline,
            top,
            findings,
            notes: state
                .notes
                .iter()
                .map(|note| Note {
                    at: nanoseconds(note.at),
                    author: note.author.who.clone(),
                    on: note.on.iter().map(ToString::to_string).collect(),
                    text: note.text.clone(),
                })
                .collect(),
            tags: tag_rows(&state),
        })
    }

    fn timeline_buckets(&self) -> Result<Vec<Bucket>, WorkbenchError> {
        let query = TimelineQuery {
            selection: Selection::all(),
            bucket: store::Bucket::Bins(BARS),
            by: Some("action".to_owned()),
        };
        let mut buckets: Vec<Bucket> = Vec::new();
        for row in self.store()?.timeline(&query)? {
            let from = from_micros(row.from);
            let to = from_micros(row.to);
            // Buckets without a record are bars of no height, so that the picture's axis is time.
            while let Some(end) = buckets.last().map(|last| last.to).filter(|end| *end < from) {
                buckets.push(empty_bucket(end, end + (to - from)));
            }
            if buckets.last().is_none_or(|last| last.from != from) {
                buckets.push(empty_bucket(from, to));
            }
            let Some(bucket) = buckets.last_mut() else { continue };
            match row.by.as_deref() {
                Some("REJECT") => {
                    bucket.reject_records += row.records;
                    bucket.reject_bytes += row.bytes;
                }
                Some(_) => {
                    bucket.accept_records += row.records;
                    bucket.accept_bytes += row.bytes;
                }
                None => {}
            }
        }
        Ok(buckets)
    }

    fn top_tables(&self) -> Result<Vec<TopTable>, WorkbenchError> {
        let tables = [
            ("Source addresses by bytes", "srcaddr", Measure::Bytes),
            ("Destination addresses by bytes", "dstaddr", Measure::Bytes),
            ("Destination ports by records", "dstport", Measure::Records),
        ];
        let mut top = Vec::new();
        for (title, field, by) in tables {
            let query = TopQuery {
                selection: Selection::filtered("exists srcaddr"),
                field: field.to_owned(),
                by,
                limit: TOP,
            };
            let rows = self.store()?.top(&query)?.into_iter().map(|row| TopRow {
                value: row.value.unwrap_or_else(|| "(absent)".to_owned()),
                records: row.records,
                packets: row.packets,
                bytes: row.bytes,
            });
            top.push(TopTable { title: title.to_owned(), rows: rows.collect() });
        }
        Ok(top)
    }

    fn finding_section(&self, finding: &case::Finding) -> Result<Finding, WorkbenchError> {
        let records: Vec<RecordRef> = finding
            .references
            .iter()
            .filter_map(|reference| match reference {
                Reference::Record(record) => Some(*record),
                _ => None,
            })
            .collect();
        let mut rows = Vec::new();
        for record in records.iter().take(FLOWS) {
            rows.extend(self.store()?.flow(record)?);
        }
        let mut wanted: BTreeSet<ConversationRef> = BTreeSet::new();
        for reference in &finding.references {
            match reference {
                Reference::Conversation(conversation) => {
                    wanted.insert(*conversation);
                }
                Reference::Packet(packet) => {
                    wanted.insert(ConversationRef(*packet));
                }
                Reference::Record(_) | Reference::Evidence(_) => {}
            }
        }
        let numbers: BTreeSet<i32> =
            rows.iter().flat_map(|row| row.conversations.clone()).collect();
        let (conversations, payloads) = self.with_captures(|captures| {
            let mut numbers = numbers;
            for conversation in &wanted {
                let found = captures.find_conversation(conversation)?;
                numbers.extend(found.map(|(number, _)| number));
            }
            let packets = self.packets_of_rows(captures, &rows)?;
            let about: BTreeSet<_> = packets
                .values()
                .flatten()
                .filter_map(|seen| crate::pivot::reference(captures, seen))
                .chain(wanted.iter().map(|conversation| conversation.0))
                .collect();
            let mut payloads = Vec::new();
            for number in &numbers {
                payloads.extend(payload::sections(captures, *number, &about)?);
            }
            Ok((conversation_rows(captures, &numbers)?, payloads))
        })?;
        Ok(Finding {
            id: finding.id.clone(),
            title: finding.title.clone(),
            text: finding.text.clone(),
            severity: severity(finding.severity),
            technique: finding.technique.clone(),
            author: finding.author.who.clone(),
            at: nanoseconds(finding.at),
            revision: finding.revision,
            first: rows.iter().filter_map(|row| row.int("start")).min().map(from_micros),
            contradiction: String::new(),
            flows: rows.iter().map(flow_section).collect(),
            flows_total: records.len() as u64,
            conversations,
            payloads,
            signatures: Vec::new(),
            queries: if records.len() > FLOWS {
                // The records that are not listed here stand in the journal.
                let command = "tidemark finding CASE --json".to_owned();
                vec![Query { command, results: self.state().findings.len() as u64, sha256: None }]
            } else {
                Vec::new()
            },
            withdrawn: finding.withdrawn.as_ref().map(|withdrawal| withdrawal.reason.clone()),
        })
    }
}

fn empty_bucket(from: i64, to: i64) -> Bucket {
    Bucket { from, to, accept_records: 0, accept_bytes: 0, reject_records: 0, reject_bytes: 0 }
}

fn evidence_rows(state: &CaseState, objects: &[crate::wire::EvidenceObject]) -> Vec<Evidence> {
    let mut rows = Vec::new();
    for item in &state.evidence {
        let hash = item.sha256.to_string();
        let counts = objects.iter().find(|object| object.sha256 == hash);
        rows.push(Evidence {
            path: item.name.clone(),
            size: item.size,
            sha256: item.sha256,
            kind: item.kind.clone(),
            flow_records: counts.map_or(0, |counts| counts.flow_records),
            packets: counts.map_or(0, |counts| counts.packets),
            rejected_lines: counts.map_or(0, |counts| counts.rejected_lines),
            anomalies: counts.map_or(0, |counts| counts.anomalies),
        });
    }
    rows.sort_by(|a, b| (&a.path, a.sha256.0).cmp(&(&b.path, b.sha256.0)));
    rows
}

fn tag_rows(state: &CaseState) -> Vec<Tag> {
    let names: BTreeSet<&String> = state.tags.values().flatten().collect();
    let on = |name: &String| {
        let tagged = state.tags.iter().filter(|(_, names)| names.contains(name));
        tagged.map(|(reference, _)| reference.to_string()).collect()
    };
    names.into_iter().map(|name| Tag { tag: name.clone(), on: on(name) }).collect()
}

fn conversation_rows(
    captures: &Captures,
    numbers: &BTreeSet<i32>,
) -> Result<Vec<Conversation>, WorkbenchError> {
    let mut rows = Vec::new();
    for number in numbers {
        let Some(conversation) = captures.conversation(*number)? else { continue };
        let endpoint = |end: capture::Endpoint| {
            if end.address.is_v4() {
                format!("{}:{}", end.address, end.port)
            } else {
                format!("[{}]:{}", end.address, end.port)
            }
        };
        rows.push(Conversation {
            reference: conversation.id.to_string(),
            first: conversation.first.unwrap_or_default(),
            last: conversation.last.unwrap_or_default(),
            client: endpoint(conversation.client),
            server: endpoint(conversation.server),
            protocol: protocol_name(conversation.protocol),
            application: None,
            packets_client: conversation.packets_client,
            packets_server: conversation.packets_server,
            bytes_client: conversation.bytes_client,
            bytes_server: conversation.bytes_server,
        });
    }
    Ok(rows)
}

fn protocol_name(number: u8) -> String {
    enrich::protocol_name(number).map_or_else(|| number.to_string(), str::to_owned)
}

fn flow_section(row: &FlowRow) -> Flow {
    let text = |column: &str| row.text(column).map(str::to_owned);
    let address = |column: &str| row.address(column).map(|address| address.to_string());
    let count = |column: &str| row.int(column).and_then(|number| u64::try_from(number).ok());
    let port = |column: &str| row.int(column).and_then(|number| u16::try_from(number).ok());
    Flow {
        reference: row.id.to_string(),
        path: row.evidence.clone(),
        line: row.id.line,
        start: row.int("start").map(from_micros),
        end: row.int("end").map(from_micros),
        account_id: text("account_id"),
        interface_id: text("interface_id"),
        srcaddr: address("srcaddr"),
        srcport: port("srcport"),
        dstaddr: address("dstaddr"),
        dstport: port("dstport"),
        protocol: row
            .int("protocol")
            .map(|number| u8::try_from(number).map_or_else(|_| number.to_string(), protocol_name)),
        action: text("action"),
        flow_direction: text("flow_direction"),
        tcp_flags: row.int("tcp_flags").map(|number| number.to_string()),
        log_status: text("log_status"),
        packets: count("packets"),
        bytes: count("bytes"),
        verdict: row.verdict.as_deref().map(|name| match name {
            "full" => Verdict::Full,
            "partial" => Verdict::Partial,
            "none" => Verdict::None,
            "excess" => Verdict::Excess,
            _ => Verdict::NotComparable,
        }),
        reasons: row.reasons.clone(),
        packets_seen: row.packets_seen.and_then(|number| u64::try_from(number).ok()),
        bytes_seen: row.bytes_seen.and_then(|number| u64::try_from(number).ok()),
    }
}

fn severity(severity: case::Severity) -> Severity {
    match severity {
        case::Severity::Info => Severity::Info,
        case::Severity::Low => Severity::Low,
        case::Severity::Medium => Severity::Medium,
        case::Severity::High => Severity::High,
        case::Severity::Critical => Severity::Critical,
    }
}

fn from_micros(time: i64) -> i64 {
    time.saturating_mul(1_000)
}

fn nanoseconds(at: time::OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos()).unwrap_or(i64::MAX)
}
