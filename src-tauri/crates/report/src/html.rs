//! The report as one HTML file that loads nothing and runs nothing.
//!
//! Written as well-formed XML, so that a strict reader can check it. Text from outside only ever becomes the
//! content of an element, through [`escape`]; attributes and styles hold nothing but our own words and numbers.

use crate::compose::compose;
use crate::document::{Block, Column, Document, Fact, Line, Meter, Row, Section};
use crate::snapshot::Snapshot;
use crate::text::{Style, Text};
use std::fmt::Write;

const STYLE: &str = include_str!("report.css");
/// Nothing may be loaded or run, whatever slipped in.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// The report as HTML. The same snapshot gives the same bytes.
pub fn html(snapshot: &Snapshot) -> String {
    let document = compose(snapshot);
    let mut out = String::new();
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\"/>\n\
         <meta name=\"referrer\" content=\"no-referrer\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>"
    );
    words(&mut out, &document.title);
    let _ = write!(out, "</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n");
    front(&mut out, &document);
    for (number, section) in (1..).zip(&document.sections) {
        body(&mut out, number, section);
    }
    element(&mut out, "footer", |out| text(out, &document.foot));
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn front(out: &mut String, document: &Document) {
    out.push_str("<header>\n");
    if !document.marking.0.is_empty() {
        out.push_str("<p class=\"marking\">");
        text(out, &document.marking);
        out.push_str("</p>\n");
    }
    element(out, "h1", |out| text(out, &document.title));
    out.push_str("<p class=\"dim\">");
    text(out, &document.subtitle);
    out.push_str("</p>\n");
    facts(out, &document.facts);
    out.push_str("</header>\n<nav aria-label=\"Contents\">\n<ol>\n");
    for (number, section) in (1..).zip(&document.sections) {
        let class = if section.finding.is_some() { " class=\"sub\"" } else { "" };
        let _ = write!(out, "<li{class}><a href=\"#{}\">", anchor(number, section));
        text(out, &section.title);
        out.push_str("</a></li>\n");
    }
    out.push_str("</ol>\n</nav>\n");
}

fn anchor(number: usize, section: &Section) -> String {
    section.finding.map_or_else(|| format!("s-{number}"), |finding| format!("f-{finding}"))
}

fn body(out: &mut String, number: usize, section: &Section) {
    let class = match (section.finding, section.page) {
        (Some(_), true) => " class=\"finding page\"",
        (Some(_), false) => " class=\"finding\"",
        (None, true) => " class=\"page\"",
        (None, false) => "",
    };
    let _ = writeln!(out, "<section id=\"{}\"{class}>", anchor(number, section));
    element(out, "h2", |out| text(out, &section.title));
    for part in &section.blocks {
        block(out, part);
    }
    out.push_str("</section>\n");
}

fn block(out: &mut String, block: &Block) {
    match block {
        Block::Heading { text: words } => element(out, "h3", |out| text(out, words)),
        Block::Paragraph { text: words } => element(out, "p", |out| text(out, words)),
        Block::Remark { text: words } => {
            out.push_str("<p class=\"remark\">");
            text(out, words);
            out.push_str("</p>\n");
        }
        Block::Callout { text: words } => {
            out.push_str("<p class=\"callout\">");
            text(out, words);
            out.push_str("</p>\n");
        }
        Block::Facts { facts: list } => facts(out, list),
        Block::Table { columns, rows } => table(out, columns, rows),
        Block::Meters { meters: list } => meters(out, list),
        Block::Verbatim { lines } => verbatim(out, lines),
        // Drawn by us, of numbers only.
        Block::Timeline { svg } => {
            let _ = writeln!(out, "<figure>{svg}</figure>");
        }
    }
}

fn facts(out: &mut String, facts: &[Fact]) {
    out.push_str("<dl>\n");
    for fact in facts {
        let _ = write!(out, "<div><dt>{}</dt><dd>", fact.name);
        text(out, &fact.value);
        out.push_str("</dd></div>\n");
    }
    out.push_str("</dl>\n");
}

fn table(out: &mut String, columns: &[Column], rows: &[Row]) {
    out.push_str("<table>\n<thead><tr>");
    for column in columns {
        let class = if column.number { " class=\"number\"" } else { "" };
        let _ = write!(out, "<th scope=\"col\"{class}>{}</th>", column.title);
    }
    out.push_str("</tr></thead>\n");
    for row in rows {
        out.push_str("<tbody><tr>");
        for (cell, column) in row.cells.iter().zip(columns) {
            let _ = write!(out, "<td{}>", class(column, cell));
            text(out, cell);
            out.push_str("</td>");
        }
        out.push_str("</tr>");
        for detail in &row.details {
            let _ = write!(out, "<tr class=\"detail\"><td colspan=\"{}\">", columns.len());
            text(out, detail);
            out.push_str("</td></tr>");
        }
        out.push_str("</tbody>\n");
    }
    out.push_str("</table>\n");
}

/// Short cells stay on one line: a time, an address with its port, a word. Longer ones break anywhere.
const SHORT: usize = 29;
/// The same in a column that has room for more than one line.
const SHORT_OF_WIDE: usize = 22;

fn class(column: &Column, cell: &Text) -> &'static str {
    let length: usize = cell.0.iter().map(|span| span.text.chars().count()).sum();
    let short = length <= if column.wide { SHORT_OF_WIDE } else { SHORT };
    match (column.number, short) {
        (true, true) => " class=\"number short\"",
        (true, false) => " class=\"number\"",
        (false, true) => " class=\"short\"",
        (false, false) => "",
    }
}

fn meters(out: &mut String, meters: &[Meter]) {
    out.push_str("<div class=\"meters\">\n");
    for meter in meters {
        let (whole, tenths) = (meter.permille / 10, meter.permille % 10);
        let _ = write!(
            out,
            "<div><span>{}</span><div class=\"bar\"><i style=\"width:{whole}.{tenths}%\"></i></div><span class=\"dim\">",
            meter.title
        );
        text(out, &meter.text);
        out.push_str("</span></div>\n");
    }
    out.push_str("</div>\n");
}

fn verbatim(out: &mut String, lines: &[Line]) {
    out.push_str("<div class=\"verbatim\">\n");
    for line in lines {
        out.push_str("<div>");
        if !line.gutter.is_empty() {
            let _ = write!(out, "<span class=\"offset\">{}</span>", line.gutter);
        }
        out.push_str("<code>");
        text(out, &line.text);
        out.push_str("</code></div>\n");
    }
    out.push_str("</div>\n");
}

fn element(out: &mut String, name: &str, content: impl FnOnce(&mut String)) {
    let _ = write!(out, "<{name}>");
    content(out);
    let _ = writeln!(out, "</{name}>");
}

/// Each run stands in its own `bdi`, so that text of another direction reorders nothing around it.
fn text(out: &mut String, text: &Text) {
    for span in &text.0 {
        let class = match span.style {
            Style::Plain => {
                out.push_str("<bdi>");
                escape(out, &span.text);
                out.push_str("</bdi>");
                continue;
            }
            Style::Finding(number) => {
                let _ = write!(out, "<a href=\"#f-{number}\">");
                escape(out, &span.text);
                out.push_str("</a>");
                continue;
            }
            Style::Strong => "strong",
            Style::Dim => "dim",
            Style::Mono => "mono",
            Style::Digest => "digest",
            Style::Mark => "mark",
            Style::Unseen => "unseen",
            Style::Good => "badge good",
            Style::Fair => "badge fair",
            Style::Bad => "badge bad",
            Style::Odd => "badge odd",
            Style::Neutral => "badge neutral",
        };
        let _ = write!(out, "<bdi class=\"{class}\">");
        escape(out, &span.text);
        out.push_str("</bdi>");
    }
}

/// Text where no element may stand.
fn words(out: &mut String, text: &Text) {
    for span in &text.0 {
        escape(out, &span.text);
    }
}

fn escape(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(character),
        }
    }
}

#[cfg(test)]
mod tests;
