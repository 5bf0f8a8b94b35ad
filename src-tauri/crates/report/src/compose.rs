//! What a report says, in which order.

mod evidence;
mod findings;
mod front;
mod integrity;
mod limits;

use crate::document::{Document, Section};
use crate::format;
use crate::snapshot::{Severity, Snapshot, Verdict};
use crate::text::{Style, Text};

/// The report of a snapshot.
pub(crate) fn compose(snapshot: &Snapshot) -> Document {
    let mut sections = vec![front::summary(snapshot), front::findings(snapshot)];
    sections.push(limits::coverage(snapshot));
    sections.extend(findings::sections(snapshot));
    sections.extend([
        evidence::items(snapshot),
        evidence::traffic(snapshot),
        evidence::notes(snapshot),
        limits::method(snapshot),
        integrity::section(snapshot),
    ]);
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
        facts: front::facts(snapshot),
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
