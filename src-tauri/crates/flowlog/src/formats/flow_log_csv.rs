//! CSV whose header names the fields of a flow log: results of Athena, of CloudWatch Logs Insights, and of any
//! other tool.
//!
//! A value that is empty without quotation marks is absent, as Athena writes it. Where a row of Insights has the
//! message itself, that is read. Source: RFC 4180; `;` and tab part values as well if the header does so.

use super::cloudwatch_insights::Results;
use crate::alias::names_flow_log;
use crate::block::{BLOCK, LineReader, read_lines};
use crate::csv::{self, Row, Scan};
use crate::format::Spec;
use crate::layout::Header;
use crate::line::LONGEST;
use crate::row::of_text;
use crate::rows::{Place, Rows};
use crate::text::BYTE_ORDER_MARK;
use crate::{Cause, Column, Field, FlowSink, Layout, ReadOptions, Summary, Value};
use evidence::show_bytes;
use serde_json::{Map, Value as Json};
use std::io::{self, Read};
use std::ops::ControlFlow;

pub(crate) static SPEC: Spec =
    Spec { name: "flow_log_csv", title: "AWS flow log, CSV", sniff, read, sampled: false };

fn sniff(head: &[u8]) -> bool {
    let text = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head).trim_ascii_start();
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    // AWS's own names parted by tabs are a text.
    if Header::parse(first).is_some() {
        return false;
    }
    let Some((separator, names)) = header(text) else { return false };
    let message = names.iter().position(|name| name == "@message");
    let Some(message) = message.filter(|_| !names_flow_log(bytes(&names))) else {
        return names_flow_log(bytes(&names));
    };
    let (mut rest, mut messages) = (text, Vec::new());
    while let Scan::Whole { row, length, .. } = csv::scan(rest, separator, true) {
        messages.extend(row.values.get(message).map(|value| value.text.clone().into_owned()));
        rest = rest.get(length..).unwrap_or_default();
        if rest.is_empty() || messages.len() > 64 {
            break;
        }
    }
    let messages = messages.get(1..).unwrap_or_default();
    !messages.is_empty() && crate::infer::are_records(messages.iter().map(Vec::as_slice))
}

/// The separator and the names of a header line.
fn header(text: &[u8]) -> Option<(u8, Vec<String>)> {
    b",;\t".iter().find_map(|separator| match csv::scan(text, *separator, true) {
        Scan::Whole { row, .. } => {
            let names = names(&row)?;
            let header = names_flow_log(bytes(&names)) || names.iter().any(|it| it == "@message");
            header.then_some((*separator, names))
        }
        _ => None,
    })
}

fn names(row: &Row<'_>) -> Option<Vec<String>> {
    let names = row.values.iter().map(|value| std::str::from_utf8(&value.text).ok());
    names.map(|name| name.map(|name| name.trim_ascii().to_owned())).collect()
}

fn bytes(names: &[String]) -> impl Iterator<Item = &[u8]> {
    names.iter().map(String::as_bytes)
}

fn read(
    input: &mut dyn Read,
    options: &ReadOptions,
    sink: &mut dyn FlowSink,
) -> io::Result<Summary> {
    let mut reader = Reader {
        rows: Rows::new(sink),
        separator: b',',
        names: Vec::new(),
        layout: Layout { columns: Vec::new() },
        insights: Results::new(options),
        reading: Reading::Nothing,
        line: 1,
    };
    read_lines(input, BLOCK, &mut reader)?;
    Ok(reader.rows.summary)
}

struct Reader<'s> {
    rows: Rows<'s>,
    separator: u8,
    names: Vec<String>,
    layout: Layout,
    insights: Results<'s>,
    reading: Reading,
    /// The number of the next line.
    line: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// There was no header yet.
    Nothing,
    /// The columns are fields.
    Columns,
    /// The columns are those of an Insights query, the message among them or not.
    Insights,
}

impl LineReader for Reader<'_> {
    fn lines(&mut self, lines: &[u8], offset: u64, ended: bool) -> ControlFlow<(), usize> {
        let mark = if offset == 0 && lines.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.len()
        } else {
            0
        };
        let mut at = mark;
        while let Some(rest) = lines.get(at..).filter(|rest| !rest.is_empty()) {
            let begin = offset.saturating_add(at as u64);
            let line = Some(self.line);
            let length = match csv::scan(rest, self.separator, ended) {
                Scan::Whole { row, length, content } if content <= LONGEST => {
                    let place = Place { line, offset: begin, length: content as u64 };
                    let source = rest.get(..content).unwrap_or_default();
                    self.row(&row, place, source)?;
                    if ended && content == rest.len() {
                        let expected = "a line end after the last row, which may have been cut";
                        let found = "the end of the file";
                        self.rows.tell("flowlog.unterminated", place, expected, found)?;
                    }
                    length
                }
                Scan::Open if !ended && at > mark => break,
                scan => {
                    // Only its first line: what follows can be read again.
                    let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                    let cause = match scan {
                        Scan::Whole { .. } => Cause::TooLong { limit: LONGEST },
                        _ => Cause::Quotes,
                    };
                    let place = Place { line, offset: begin, length: end as u64 };
                    self.rows.reject(cause, place, rest.get(..end).unwrap_or_default())?;
                    end.saturating_add(1).min(rest.len())
                }
            };
            let taken = rest.get(..length).unwrap_or_default();
            let ends = memchr::memchr_iter(b'\n', taken).count() as u64;
            self.line = self.line.saturating_add(ends.max(1));
            at = at.saturating_add(length);
        }
        self.rows.summary.lines = self.line.saturating_sub(1);
        ControlFlow::Continue(at)
    }

    fn too_long(&mut self, head: &[u8], offset: u64, length: u64) -> ControlFlow<()> {
        let place = Place { line: Some(self.line), offset, length };
        self.line = self.line.saturating_add(1);
        self.rows.reject(Cause::TooLong { limit: LONGEST }, place, head)
    }

    fn finish(&mut self) -> ControlFlow<()> {
        if self.reading == Reading::Insights {
            self.insights.end(&mut self.rows)?;
        }
        self.rows.finish()
    }
}

impl Reader<'_> {
    fn row(&mut self, row: &Row<'_>, place: Place, source: &[u8]) -> ControlFlow<()> {
        if row.is_blank() {
            return ControlFlow::Continue(());
        }
        if self.reading == Reading::Nothing {
            return match header(source) {
                Some((separator, names)) => {
                    self.separator = separator;
                    self.header(names, place, source)
                }
                None => self.rows.reject(Cause::NoLayout, place, source),
            };
        }
        // Joined files have their header again.
        let first = row.values.first().map(|value| &*value.text);
        if first.is_some_and(|first| {
            first.first().is_some_and(|it| it.is_ascii_alphabetic() || *it == b'@')
        }) && let Some(names) = names(row)
            && (names == self.names || names_flow_log(bytes(&names)))
        {
            return self.header(names, place, source);
        }
        if row.values.len() != self.names.len() {
            let (expected, found) = (self.names.len(), row.values.len());
            return self.rows.reject(Cause::Columns { expected, found }, place, source);
        }
        if self.reading == Reading::Insights {
            return match self.members(row) {
                Ok(members) => self.insights.row(members, place, source, &mut self.rows),
                Err(cause) => self.rows.reject(cause, place, source),
            };
        }
        match values(row, &self.layout) {
            Ok((values, milliseconds)) => self.rows.record(&values, milliseconds, place),
            Err(cause) => self.rows.reject(cause, place, source),
        }
    }

    fn header(&mut self, names: Vec<String>, place: Place, source: &[u8]) -> ControlFlow<()> {
        self.rows.summary.headers = self.rows.summary.headers.saturating_add(1);
        if names == self.names {
            return ControlFlow::Continue(());
        }
        if self.reading != Reading::Nothing {
            let (kind, expected) = ("flowlog.layout_changed", "one layout throughout the file");
            self.rows.tell(kind, place, expected, show_bytes(source, 200))?;
        }
        let header = Header::of_names(bytes(&names));
        if !header.repeated.is_empty() {
            let (kind, expected) = ("flowlog.repeated_field", "each field once (the first counts)");
            self.rows.tell(kind, place, expected, header.repeated.join(" "))?;
        }
        let insights = names.iter().any(|name| name.starts_with('@'));
        if !insights && !header.unknown.is_empty() {
            let expected = "fields that AWS defines (these are kept as text)";
            let found = show_bytes(header.unknown.join(" ").as_bytes(), 200);
            self.rows.tell("flowlog.unknown_field", place, expected, found)?;
        }
        self.names = names;
        if insights {
            self.reading = Reading::Insights;
            return ControlFlow::Continue(());
        }
        self.reading = Reading::Columns;
        self.layout = header.layout;
        self.rows.begin(&self.layout)
    }

    /// The row by the names of its columns; the first of two of one name counts, the others get a number.
    fn members(&self, row: &Row<'_>) -> Result<Map<String, Json>, Cause> {
        let mut members = Map::new();
        for (at, (name, value)) in self.names.iter().zip(&row.values).enumerate() {
            let text = text(value)?;
            let json = if value.is_absent() { Json::Null } else { text.into() };
            let taken = members.contains_key(name);
            let name =
                if taken { format!("{name} {}", at.saturating_add(1)) } else { name.clone() };
            members.insert(name, json);
        }
        Ok(members)
    }
}

fn text<'a>(value: &'a csv::Value<'_>) -> Result<&'a str, Cause> {
    if memchr::memchr(0, &value.text).is_some() {
        return Err(Cause::Nul);
    }
    std::str::from_utf8(&value.text).map_err(|_| Cause::NotUtf8)
}

fn values<'a>(row: &'a Row<'_>, layout: &Layout) -> Result<(Vec<Value<'a>>, bool), Cause> {
    let (mut values, mut milliseconds) = (Vec::new(), false);
    let (mut start, mut end) = (None, None);
    for (value, column) in row.values.iter().zip(&layout.columns) {
        let text = text(value)?;
        values.push(match column {
            _ if value.is_absent() => Value::Absent,
            Column::Known(spec) => {
                let (value, fine) = of_text(text, spec)?;
                milliseconds |= fine;
                match (spec.field, value) {
                    (Field::Start, Value::Time(time)) => start = Some(time),
                    (Field::End, Value::Time(time)) => end = Some(time),
                    _ => {}
                }
                value
            }
            _ if text == "-" => Value::Absent,
            _ => Value::Text(text),
        });
    }
    match (start, end) {
        (Some(start), Some(end)) if start > end => Err(Cause::StartAfterEnd),
        _ => Ok((values, milliseconds)),
    }
}

#[cfg(test)]
mod tests;
