//! Zeek's connection log as Zeek writes it: columns, described by lines that begin with `#`.
//!
//! Source: *Log Formats and Inspection* of Zeek's documentation.

use crate::block::{BLOCK, LineReader, read_lines};
use crate::format::Spec;
use crate::rows::{Place, Rows};
use crate::{Cause, FlowSink, ReadOptions, Summary, zeek};
use evidence::show_bytes;
use serde_json::{Map, Value as Json};
use std::io::{self, Read};
use std::ops::ControlFlow;

pub(crate) static SPEC: Spec =
    Spec { name: "zeek_conn", title: "Zeek conn.log", sniff, read, sampled: false };

/// Longer than any connection's line. Unit: bytes.
const LONGEST: usize = 64 * 1024;

fn sniff(head: &[u8]) -> bool {
    let mut lines = head.split(|byte| *byte == b'\n').take_while(|line| line.starts_with(b"#"));
    head.starts_with(b"#separator ")
        && lines.any(|line| {
            let contains = |word: &[u8]| memchr::memmem::find(line, word).is_some();
            line.starts_with(b"#fields")
                && [b"id.orig_h".as_slice(), b"id.resp_h", b"proto", b"conn_state"]
                    .iter()
                    .all(|it| contains(it))
        })
}

fn read(input: &mut dyn Read, _: &ReadOptions, sink: &mut dyn FlowSink) -> io::Result<Summary> {
    let mut reader = Reader {
        rows: Rows::new(sink),
        separator: vec![b'\t'],
        unset: "-".to_owned(),
        empty: "(empty)".to_owned(),
        fields: Vec::new(),
        closed: true,
        end: 0,
    };
    read_lines(input, BLOCK, &mut reader)?;
    Ok(reader.rows.summary)
}

struct Reader<'s> {
    rows: Rows<'s>,
    separator: Vec<u8>,
    /// What stands for a value that is not set, and for one that is empty.
    unset: String,
    empty: String,
    fields: Vec<String>,
    /// Whether the log that began was closed.
    closed: bool,
    end: u64,
}

impl LineReader for Reader<'_> {
    fn lines(&mut self, lines: &[u8], offset: u64, _: bool) -> ControlFlow<(), usize> {
        let mut at = offset;
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            let whole = line.len() as u64;
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let place = Place { line: None, offset: at, length: line.len() as u64 };
            at = at.saturating_add(whole);
            self.end = at;
            self.rows.summary.lines = self.rows.summary.lines.saturating_add(1);
            match line.strip_prefix(b"#") {
                Some(directive) => self.directive(directive, place)?,
                None if line.trim_ascii().is_empty() => {}
                None => self.connection(line, place)?,
            }
        }
        ControlFlow::Continue(lines.len())
    }

    fn too_long(&mut self, head: &[u8], offset: u64, length: u64) -> ControlFlow<()> {
        self.rows.summary.lines = self.rows.summary.lines.saturating_add(1);
        let place = Place { line: None, offset, length };
        self.rows.reject(Cause::TooLong { limit: LONGEST }, place, head)
    }

    fn finish(&mut self) -> ControlFlow<()> {
        if !self.closed {
            let place = Place { line: None, offset: self.end, length: 0 };
            let expected = "a #close line; the log may have been cut, or was still written";
            self.rows.tell("flowlog.unterminated", place, expected, "the end of the file")?;
        }
        self.rows.finish()
    }
}

impl Reader<'_> {
    /// `separator \x09`; after that one each has the separator between name and value.
    fn directive(&mut self, line: &[u8], place: Place) -> ControlFlow<()> {
        self.rows.summary.headers = self.rows.summary.headers.saturating_add(1);
        if let Some(separator) = line.strip_prefix(b"separator ") {
            self.closed = false;
            return match unescape(separator) {
                Some(separator) => {
                    self.separator = separator;
                    ControlFlow::Continue(())
                }
                None => self.rows.noise(place, "a separator, such as \\x09", line),
            };
        }
        let text = String::from_utf8_lossy(line);
        let separator = String::from_utf8_lossy(&self.separator).into_owned();
        let (name, value) = text.split_once(&separator).unwrap_or((&text, ""));
        match name {
            "unset_field" => value.clone_into(&mut self.unset),
            "empty_field" => value.clone_into(&mut self.empty),
            "fields" => self.fields = value.split(&separator).map(str::to_owned).collect(),
            "close" => self.closed = true,
            "path" if value != "conn" => {
                let found = show_bytes(value.as_bytes(), 80);
                return self.rows.tell("flowlog.other_log", place, "#path conn", found);
            }
            "path" | "set_separator" | "open" | "types" => {}
            _ => return self.rows.noise(place, "a line that Zeek's logs have", line),
        }
        ControlFlow::Continue(())
    }

    fn connection(&mut self, line: &[u8], place: Place) -> ControlFlow<()> {
        match self.members(line).and_then(zeek::connection) {
            Ok((there, back)) => {
                self.rows.push(Ok(there), place, line)?;
                back.map_or(ControlFlow::Continue(()), |back| self.rows.push(Ok(back), place, line))
            }
            Err(cause) => self.rows.reject(cause, place, line),
        }
    }

    fn members(&self, line: &[u8]) -> Result<Map<String, Json>, Cause> {
        if line.len() > LONGEST {
            return Err(Cause::TooLong { limit: LONGEST });
        }
        if self.fields.is_empty() {
            return Err(Cause::NoLayout);
        }
        let line = std::str::from_utf8(line).map_err(|_| Cause::NotUtf8)?;
        if line.contains('\0') {
            return Err(Cause::Nul);
        }
        let separator = String::from_utf8_lossy(&self.separator);
        let values: Vec<&str> = line.split(&*separator).collect();
        if values.len() != self.fields.len() {
            let (expected, found) = (self.fields.len(), values.len());
            return Err(Cause::Columns { expected, found });
        }
        let mut members = Map::new();
        for (name, value) in self.fields.iter().zip(values) {
            let value = match value {
                _ if value == self.unset => continue,
                _ if value == self.empty => "",
                _ => value,
            };
            if members.insert(name.clone(), value.into()).is_some() {
                return Err(Cause::RepeatedKey);
            }
        }
        Ok(members)
    }
}

/// `\x09`, or the bytes themselves.
fn unescape(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?;
    let bytes = match text.strip_prefix("\\x") {
        Some(digits) => vec![u8::from_str_radix(digits, 16).ok()?],
        None => text.as_bytes().to_vec(),
    };
    (!bytes.is_empty() && bytes.is_ascii() && bytes != b"\n").then_some(bytes)
}

#[cfg(test)]
mod tests;
