//! How a reader checks the report: hashes, the journal head, and what to type.

use crate::document::{
    Block, Fact, Line, Section, column, command, heading, number, paragraph, remark, row, table,
    wide,
};
use crate::format;
use crate::snapshot::{Evidence, Snapshot};
use crate::text::{Style, Text};

pub(super) fn section(snapshot: &Snapshot) -> Section {
    let head = snapshot.head;
    let mut blocks = vec![
        Block::Facts {
            facts: vec![
                Fact { name: "Journal entry", value: format::count(head.seq).into() },
                Fact {
                    name: "Stated time",
                    value: format!("{} UTC", format::instant(snapshot.at)).into(),
                },
                Fact {
                    name: "Journal head",
                    value: Text::new(Style::Digest, &format!("{}:{}", head.seq, head.hash)),
                },
            ],
        },
        paragraph(
            "The journal and the evidence are checked with the program that made this report. \
             The second command holds the journal against the head above:",
        ),
        command("tidemark verify CASE"),
        command(&format!("tidemark verify CASE --head {}:{}", head.seq, head.hash)),
        paragraph(
            "The evidence can be checked without it. With the lines below in a file SHA256SUMS, in the folder \
             of the evidence:",
        ),
        command("sha256sum --check SHA256SUMS"),
        paragraph(
            "This report is the same, byte for byte, whenever it is made again from the same journal entry \
             with the same stated time:",
        ),
        command(&format!(
            "tidemark report CASE DIR --at {}Z --upto {}",
            format::instant(snapshot.at).replace(' ', "T"),
            head.seq
        )),
        heading("SHA-256 of the evidence"),
    ];
    blocks.push(match sums(snapshot) {
        lines if lines.is_empty() => remark("No evidence was added."),
        lines => Block::Verbatim { lines },
    });
    let bodies = snapshot.findings.iter().zip(1..).flat_map(|(finding, at)| {
        let asserted = finding.payloads.iter().filter(|_| finding.withdrawn.is_none());
        asserted.flat_map(|payload| &payload.bodies).map(move |body| (at, body))
    });
    let rows: Vec<_> = bodies
        .map(|(at, body)| {
            let label = Text::new(Style::Finding(at), &format!("F-{at}"))
                .and(Style::Plain, " ")
                .and(Style::Plain, &body.label);
            let digest = Text::new(Style::Digest, &body.sha256.to_string());
            row([digest, label, format::count(body.length).into()])
        })
        .collect();
    if !rows.is_empty() {
        blocks.push(heading("SHA-256 of bodies in the findings"));
        let columns = vec![column("SHA-256"), wide("Body"), number("Bytes")];
        blocks.push(table(columns, rows, ""));
    }
    let mut integrity = super::section("Integrity", blocks);
    integrity.page = true;
    integrity
}

/// The evidence in the form that `sha256sum --check` reads.
fn sums(snapshot: &Snapshot) -> Vec<Line> {
    let line = |item: &Evidence| {
        let digest = Text::new(Style::Digest, &item.sha256.to_string());
        let text = digest.and(Style::Plain, "  ").and(Style::Plain, &item.path);
        Line { gutter: String::new(), text }
    };
    snapshot.evidence.iter().map(line).collect()
}
