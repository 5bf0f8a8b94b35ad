//! The first page: whose case, what in short, which findings.

use super::{count, instant_or_dash, section, severity};
use crate::document::{Block, Fact, Section, column, number, paragraph, remark, row, table, wide};
use crate::format;
use crate::snapshot::{Finding, Snapshot};
use crate::text::{Style, Text, paragraphs};
use crate::timeline;

pub(super) fn facts(snapshot: &Snapshot) -> Vec<Fact> {
    let totals = &snapshot.totals;
    let period = match (totals.first, totals.last) {
        (Some(first), Some(last)) => {
            format!("{} to {} UTC", format::instant(first), format::instant(last)).into()
        }
        _ => Text::from("no dated evidence"),
    };
    let head = snapshot.head;
    vec![
        Fact { name: "Examiner", value: snapshot.case.examiner.as_str().into() },
        Fact { name: "Period examined", value: period },
        Fact {
            name: "Snapshot",
            value: Text::from(format!("journal entry {} · ", head.seq))
                .and(Style::Mono, &head.hash.short()),
        },
        Fact { name: "Stated time", value: format!("{} UTC", format::instant(snapshot.at)).into() },
        Fact {
            name: "Case created",
            value: format!("{} UTC", format::instant(snapshot.case.created)).into(),
        },
        Fact { name: "Made with", value: snapshot.tool.as_str().into() },
    ]
}

pub(super) fn summary(snapshot: &Snapshot) -> Section {
    let totals = &snapshot.totals;
    let mut blocks: Vec<Block> = paragraphs(&snapshot.summary).into_iter().map(paragraph).collect();
    blocks.push(paragraph(format!(
        "The report rests on {}, which hold {}, {} and {}; {} and {} were kept aside and are counted below.",
        format::things(snapshot.evidence.len() as u64, "evidence item"),
        format::things(totals.flow_records, "flow record"),
        format::things(totals.packets, "packet"),
        format::things(totals.conversations, "conversation"),
        format::things(totals.rejected_lines, "rejected line"),
        match totals.anomalies {
            0 => "no anomalies".to_owned(),
            1 => "1 anomaly".to_owned(),
            many => format!("{} anomalies", format::count(many)),
        },
    )));
    if let Some(svg) = timeline::svg(&snapshot.timeline, &snapshot.findings) {
        blocks.push(Block::Timeline { svg });
    }
    section("Summary", blocks)
}

pub(super) fn findings(snapshot: &Snapshot) -> Section {
    let numbered = || snapshot.findings.iter().zip(1..);
    let asserted = numbered().filter(|(finding, _)| finding.withdrawn.is_none());
    let rows = asserted.map(|(finding, at)| {
        row([
            Text::new(Style::Finding(at), &format!("F-{at}")),
            severity(finding.severity),
            finding.title.as_str().into(),
            Text::new(Style::Mono, finding.technique.as_deref().unwrap_or("–")),
            instant_or_dash(finding.first),
            count(records(finding)),
            captured(finding),
        ])
    });
    let columns = vec![
        column("No"),
        column("Severity"),
        wide("Finding"),
        column("Technique"),
        column("First seen, UTC"),
        number("Records"),
        number("Captured"),
    ];
    let mut blocks = vec![table(columns, rows.collect(), "No finding is asserted.")];
    for (finding, at) in numbered() {
        if let Some(reason) = &finding.withdrawn {
            let text = Text::from(format!("F-{at} was withdrawn: "))
                .and(Style::Plain, &finding.title)
                .and(Style::Plain, " — ")
                .and(Style::Plain, reason);
            blocks.push(remark(text));
        }
    }
    section("Findings", blocks)
}

pub(super) fn records(finding: &Finding) -> u64 {
    finding.flows_total.max(finding.flows.len() as u64)
}

/// How many of the listed flow records have at least one packet in the captures.
fn captured(finding: &Finding) -> Text {
    let listed = finding.flows.len() as u64;
    let seen = finding.flows.iter().filter(|flow| flow.packets_seen.is_some_and(|seen| seen > 0));
    match seen.count() as u64 {
        _ if listed == 0 => super::dim("–"),
        all if all == listed => format!("all {} listed", format::count(all)).into(),
        some => format!("{} of {} listed", format::count(some), format::count(listed)).into(),
    }
}
