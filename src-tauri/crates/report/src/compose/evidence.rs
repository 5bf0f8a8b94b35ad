//! What was examined, what it holds as a whole, and what the examiner wrote beside it.

use super::{count, dim, instant, mono, section};
use crate::document::{Block, Section, column, heading, number, row, table, wide};
use crate::snapshot::{Clock, Snapshot, TopTable};
use crate::text::{Style, Text};

pub(super) fn items(snapshot: &Snapshot) -> Section {
    let columns = vec![
        wide("File, as given"),
        column("Kind"),
        number("Size, bytes"),
        number("Records"),
        number("Packets"),
        number("Rejected"),
        number("Anomalies"),
    ];
    let rows = snapshot.evidence.iter().map(|item| {
        row([
            mono(&item.path),
            item.kind.as_str().into(),
            count(item.size),
            count(item.flow_records),
            count(item.packets),
            count(item.rejected_lines),
            count(item.anomalies),
        ])
        .with(dim("SHA-256 ").and(Style::Digest, &item.sha256.to_string()))
    });
    let mut section = section("Evidence examined", vec![
        Block::Remark {
            text: "Each file was opened for reading only and hashed by the pass that first read it. \
                Rejected: lines that are no flow record. Anomalies: places that break the rules of the format."
                .into(),
        },
        table(columns, rows.collect(), "No evidence was added."),
    ]);
    section.page = true;
    section
}

pub(super) fn traffic(snapshot: &Snapshot) -> Section {
    let mut blocks = vec![heading("Mirror sessions")];
    let rows = snapshot.sessions.iter().map(|session| {
        row([
            mono(&session.source),
            count(session.vni.into()),
            session.interface_id.as_deref().map_or_else(|| dim("unknown"), mono),
            if session.inferred { "inferred from the packets" } else { "stated" }.into(),
            count(session.packets),
        ])
    });
    let columns = vec![
        wide("Outer source"),
        number("VNI"),
        wide("Interface"),
        column("Interface is"),
        number("Packets"),
    ];
    blocks.push(table(columns, rows.collect(), "The captures hold no mirror session."));
    blocks.push(heading("Clocks"));
    let columns = vec![
        wide("Collector"),
        number("Capture − flow log, s"),
        number("± s"),
        number("From pairs"),
        column("Set by"),
    ];
    let rows = snapshot.clocks.iter().map(|clock| {
        let seconds =
            |value: Option<f64>| value.map_or_else(|| dim("–"), |s| format!("{s:.3}").into());
        row([
            mono(&clock.collector),
            seconds(clock.seconds),
            seconds(clock.uncertainty),
            count(clock.pairs),
            set_by(clock).into(),
        ])
    });
    blocks.push(table(columns, rows.collect(), "No clock could be compared."));
    for ranking in &snapshot.top {
        top(ranking, &mut blocks);
    }
    section("Traffic as a whole", blocks)
}

fn set_by(clock: &Clock) -> &'static str {
    match clock {
        Clock { pinned: true, .. } => "the examiner",
        Clock { seconds: Some(_), .. } => "estimate",
        _ => "nobody: cannot be estimated",
    }
}

fn top(ranking: &TopTable, blocks: &mut Vec<Block>) {
    blocks.push(heading(ranking.title.as_str()));
    let rows = ranking.rows.iter().map(|line| {
        row([mono(&line.value), count(line.records), count(line.packets), count(line.bytes)])
    });
    let columns = vec![wide("Value"), number("Records"), number("Packets"), number("Bytes")];
    blocks.push(table(columns, rows.collect(), "Nothing to rank."));
}

pub(super) fn notes(snapshot: &Snapshot) -> Section {
    let references = |on: &[String]| {
        let mut text = Text::default();
        for reference in on {
            text = text.and(Style::Digest, reference).and(Style::Plain, " ");
        }
        text
    };
    let rows = snapshot.notes.iter().map(|note| {
        let written = note.text.replace("\r\n", " ").replace(['\n', '\t'], " ");
        row([instant(note.at), note.author.as_str().into(), written.into()])
            .with(references(&note.on))
    });
    let columns = vec![column("When, UTC"), column("Who"), wide("Note")];
    let notes = table(columns, rows.collect(), "No note was written.");
    let rows = snapshot.tags.iter().map(|tag| {
        row([tag.tag.as_str().into(), count(tag.on.len() as u64)]).with(references(&tag.on))
    });
    let tags = table(vec![wide("Tag"), number("Things")], rows.collect(), "Nothing was tagged.");
    section("Notes and tags", vec![notes, heading("Tags"), tags])
}
