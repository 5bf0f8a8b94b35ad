//! What a report says, in which order.

mod evidence;
mod findings;
mod front;
mod integrity;
mod limits;

use crate::document::{Document, Fact, Section};
use crate::format;
use crate::snapshot::{Severity, Snapshot, Verdict};
use crate::text::{Style, Text};

/// A part of the report that the examiner may leave out; the report then says so. What makes it checkable is no such
/// part.
struct Part {
    title: &'static str,
    /// What it holds, in a few words.
    about: fn(&Snapshot) -> String,
    compose: fn(&Snapshot) -> Vec<Section>,
}

/// In the order of the report.
static PARTS: [Part; 9] = [
    Part {
        title: "Summary",
        about: |_| "counts and the timeline".to_owned(),
        compose: |snapshot| vec![front::summary(snapshot)],
    },
    Part {
        title: "Findings",
        about: |snapshot| format::things(asserted(snapshot), "finding"),
        compose: |snapshot| vec![front::findings(snapshot)],
    },
    Part {
        title: "What the evidence can and cannot show",
        about: |_| "how much of the records the captures hold".to_owned(),
        compose: |snapshot| vec![limits::coverage(snapshot)],
    },
    Part {
        title: "Findings in detail",
        about: |_| "records, conversations and payload of each".to_owned(),
        compose: findings::sections,
    },
    Part {
        title: "Evidence examined",
        about: |snapshot| format::things(snapshot.evidence.len() as u64, "evidence item"),
        compose: |snapshot| vec![evidence::items(snapshot)],
    },
    Part {
        title: "Traffic as a whole",
        about: |_| "who talked most".to_owned(),
        compose: |snapshot| vec![evidence::traffic(snapshot)],
    },
    Part {
        title: "Notes and tags",
        about: |snapshot| {
            format!(
                "{}, {}",
                format::things(snapshot.notes.len() as u64, "note"),
                format::things(snapshot.tags.len() as u64, "tag")
            )
        },
        compose: |snapshot| vec![evidence::notes(snapshot)],
    },
    Part {
        title: "Method and limits",
        about: |_| "how verdicts are reached".to_owned(),
        compose: |snapshot| vec![limits::method(snapshot)],
    },
    Part {
        title: INTEGRITY,
        about: |snapshot| format!("always there: journal head {}", snapshot.head.seq),
        compose: |snapshot| vec![integrity::section(snapshot)],
    },
];

/// The part without which nobody could check the report.
const INTEGRITY: &str = "Integrity";

fn asserted(snapshot: &Snapshot) -> u64 {
    snapshot.findings.iter().filter(|finding| finding.withdrawn.is_none()).count() as u64
}

/// The titles of the report's parts, each with what it holds in a few words.
pub fn outline(snapshot: &Snapshot) -> Vec<(&'static str, String)> {
    PARTS.iter().map(|part| (part.title, (part.about)(snapshot))).collect()
}

/// The report of a snapshot.
pub(crate) fn compose(snapshot: &Snapshot) -> Document {
    let mut facts = front::facts(snapshot);
    let left_out = |part: &&Part| {
        part.title != INTEGRITY && snapshot.without.iter().any(|title| title == part.title)
    };
    let (without, with): (Vec<_>, Vec<_>) = PARTS.iter().partition(left_out);
    if !without.is_empty() {
        let titles: Vec<_> = without.iter().map(|part| part.title).collect();
        facts.push(Fact { name: "Left out by the examiner", value: titles.join(", ").into() });
    }
    let sections = with.iter().flat_map(|part| (part.compose)(snapshot)).collect();
    Document {
        marking: snapshot.case.marking.as_str().into(),
        title: titled(&snapshot.case.title, "Untitled case").into(),
        subtitle: format!("Network evidence report, case {}", number(snapshot)).into(),
        foot: format!(
            "{} · {} · journal head {} : {}",
            number(snapshot),
            snapshot.tool,
            snapshot.head.seq,
            snapshot.head.hash.short(),
        )
        .into(),
        facts,
        sections,
    }
}

fn number(snapshot: &Snapshot) -> &str {
    titled(&snapshot.case.number, "without number")
}

fn titled<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.trim().is_empty() { otherwise } else { text }
}

fn section(title: &str, blocks: Vec<crate::document::Block>) -> Section {
    Section { title: title.into(), finding: None, page: false, blocks }
}

fn mono(text: &str) -> Text {
    Text::new(Style::Mono, text)
}

fn dim(text: &str) -> Text {
    Text::new(Style::Dim, text)
}

fn count(number: u64) -> Text {
    format::count(number).into()
}

/// A missing number is a dash, which nobody takes for 0.
fn count_or_dash(number: Option<u64>) -> Text {
    number.map_or_else(|| dim("–"), count)
}

fn instant(nanoseconds: i64) -> Text {
    mono(&format::instant(nanoseconds))
}

fn instant_or_dash(nanoseconds: Option<i64>) -> Text {
    nanoseconds.map_or_else(|| dim("–"), instant)
}

fn severity(severity: Severity) -> Text {
    match severity {
        Severity::Critical => Text::new(Style::Bad, "Critical"),
        Severity::High => Text::new(Style::Bad, "High"),
        Severity::Medium => Text::new(Style::Fair, "Medium"),
        Severity::Low => Text::new(Style::Neutral, "Low"),
        Severity::Info => Text::new(Style::Neutral, "Info"),
    }
}

fn verdict(verdict: Option<Verdict>) -> Text {
    match verdict {
        Some(Verdict::Full) => Text::new(Style::Good, "full"),
        Some(Verdict::Partial) => Text::new(Style::Fair, "partial"),
        Some(Verdict::None) => Text::new(Style::Bad, "none"),
        Some(Verdict::Excess) => Text::new(Style::Odd, "excess"),
        Some(Verdict::NotComparable) => Text::new(Style::Neutral, "not comparable"),
        None => dim("–"),
    }
}
