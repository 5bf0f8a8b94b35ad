//! What the evidence can and cannot show, and how the tool came to what it says.

use super::{dim, instant, mono, section};
use crate::document::{
    Block, Meter, Section, column, heading, paragraph, remark, row, table, wide,
};
use crate::format;
use crate::snapshot::{Coverage, Snapshot};
use crate::text::{Style, Text};

pub(super) fn coverage(snapshot: &Snapshot) -> Section {
    let Coverage { full, partial, none, excess, not_comparable, without_verdict } =
        snapshot.totals.coverage;
    let captured = full.saturating_add(partial).saturating_add(excess);
    let compared = captured.saturating_add(none);
    let (recorded, seen) = (snapshot.totals.packets_recorded, snapshot.totals.packets_seen);
    let meter = |title, part: u64, whole: u64| Meter {
        title,
        permille: permille(part, whole),
        text: match whole {
            0 => "none to compare".into(),
            _ => format!("{} of {}", format::count(part), format::count(whole)).into(),
        },
    };
    let blocks = vec![
        Block::Meters {
            meters: vec![
                meter("Flow records with packets captured", captured, compared),
                meter("Recorded packets seen on mirrored interfaces", seen, recorded),
            ],
        },
        remark(format!(
            "Flow records by verdict: {} full, {} partial, {} none, {} excess, {} not comparable, \
             {} that count no packets (NODATA, SKIPDATA).",
            format::count(full),
            format::count(partial),
            format::count(none),
            format::count(excess),
            format::count(not_comparable),
            format::count(without_verdict),
        )),
        heading("Gaps in the flow logs"),
        gaps(snapshot),
    ];
    section("What the evidence can and cannot show", blocks)
}

fn permille(part: u64, whole: u64) -> u64 {
    let part = u128::from(part).saturating_mul(1000).checked_div(u128::from(whole)).unwrap_or(0);
    u64::try_from(part).unwrap_or(1000).min(1000)
}

fn gaps(snapshot: &Snapshot) -> Block {
    let rows = snapshot.gaps.iter().map(|gap| {
        row([
            instant(gap.from),
            instant(gap.to),
            gap.interface_id.as_deref().map_or_else(|| dim("any interface"), mono),
            gap.kind.as_str().into(),
            explained(&gap.kind).into(),
        ])
    });
    let columns = vec![
        column("From, UTC"),
        column("To, UTC"),
        column("Interface"),
        column("Kind"),
        wide("What that means"),
    ];
    table(columns, rows.collect(), "No gap was found.")
}

fn explained(kind: &str) -> &'static str {
    match kind {
        "nodata" => "AWS recorded that the interface had no traffic.",
        "skipdata" => "AWS skipped records; traffic of this span may be missing.",
        "suspected_missing_file" => {
            "A delivery seems to be absent; delivery is best effort, so this is not asserted."
        }
        "silence" => "No record either way.",
        _ => "",
    }
}

/// What holds of every report; the words that a court needs before it reads a table.
const METHOD: [(&str, &str); 6] = [
    (
        "How it was examined.",
        "Evidence was opened for reading only. The SHA-256 of each file was taken from the bytes of the pass \
         that read it, below any decompression. Flow records and packets were read by the program named on the \
         first page, stored in a database beside the case, and compared there. That database can be deleted and \
         is rebuilt from the evidence and the journal with the same results.",
    ),
    (
        "What a verdict means.",
        "For each flow record the packets of the same interface, addresses, ports, protocol, direction and \
         window were counted in the captures. Full: all that the record counts were found. Partial: some. \
         None: looked for, and not found. Excess: more than recorded. Not comparable: the log is sampled, or \
         lacks a field that comparing needs. A dash stands where nothing can be said; it is never a zero.",
    ),
    (
        "Times.",
        "All times are UTC. Flow records carry whole seconds of an aggregation window, not the times of single \
         packets. Packet times are those of the collector's clock as captured; where they are compared with flow \
         records they are corrected by the offset under “Clocks”, which is an estimate with the stated uncertainty.",
    ),
    (
        "How payload is shown.",
        "Excerpts stand with the offset of the first byte of each line. Line ends (CR LF and LF) are shown as \
         line ends. Characters and bytes that would not be seen, or that would change the order of what is \
         seen, are shown by name. Bytes that are no text are shown in hexadecimal. Long excerpts are cut, and \
         say so.",
    ),
    (
        "Who asserts what.",
        "Findings, their severity and their technique are assertions of the examiner. The program lists, counts \
         and compares; it asserts no finding.",
    ),
    (
        "What the records cannot contain.",
        "Flow logs never hold traffic to the Amazon DNS server, instance metadata, DHCP, Windows activation or \
         the reserved address of a router, and mirrored traffic itself. Traffic mirroring covers only the \
         interfaces, directions and filters that were configured, and may drop packets under load without a mark.",
    ),
];

const LIMITS: [&str; 4] = [
    "Absence of packets is not absence of traffic. Where no packet was captured, this report says nothing \
     about what was or was not sent.",
    "The journal is a chain of hashes. A changed, inserted, moved or removed entry within it is found by \
     verification. An end that was cut off at an entry, or a chain that was computed anew as a whole, can only \
     be found against an anchor: a journal head that was written down elsewhere, such as the one in this report.",
    "Hashes show that evidence has not changed since it was added to the case. They say nothing about what \
     happened to it before.",
    "The name of the examiner is what he said of himself. The program does not check it.",
];

pub(super) fn method(snapshot: &Snapshot) -> Section {
    let mut blocks: Vec<Block> = METHOD
        .iter()
        .map(|(name, text)| {
            paragraph(Text::new(Style::Strong, name).and(Style::Plain, " ").and(Style::Plain, text))
        })
        .collect();
    blocks.push(heading("Limits"));
    blocks.extend(LIMITS.into_iter().map(|text| Block::Callout { text: text.into() }));
    blocks.push(remark(format!("These statements hold for {}.", snapshot.tool)));
    let mut section = section("Method and limits", blocks);
    section.page = true;
    section
}
