//! Flow logs as lines of text.

#[cfg(test)]
mod tests;

use crate::block::{BLOCK, LineReader, SHOWN, read_lines};
use crate::infer::{LINES, infer};
use crate::layout::Header;
use crate::line::{Clean, LONGEST, cause_without_layout, parse};
use crate::utf16::is_utf16;
use crate::{Cause, FlowSink, Layout, ReadOptions, Record, Refusal, Rejected, Summary, Value};
use evidence::{Anomaly, show_bytes};
use std::io::{self, Read};
use std::ops::ControlFlow;

/// Windows editors put it before the first line.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads a flow log from `input` (inflated) into `sink`.
///
/// Memory is bounded whatever the length of the lines. Blank lines are passed over, CR LF ends a line too,
/// and a byte order mark before the first line is no part of it. A header line that comes again, as in
/// joined files, is a layout and not a record. A file without a header line among its first lines has the
/// layout that the options state, or the one in question that its values fit; if there is none, or more than
/// one, it is refused.
///
/// Anomalies: `flowlog.empty`, `flowlog.no_layout`, `flowlog.ambiguous_layout`, `flowlog.utf16`,
/// `flowlog.fields_not_used`, `flowlog.layout_changed`, `flowlog.unknown_field`,
/// `flowlog.repeated_field`, `flowlog.milliseconds`, `flowlog.unterminated`.
///
/// # Errors
/// Only those of `input`.
pub fn read_text(
    input: &mut dyn Read,
    options: &ReadOptions,
    sink: &mut dyn FlowSink,
) -> io::Result<Summary> {
    read_blocks(input, options, sink, BLOCK)
}

fn read_blocks(
    input: &mut dyn Read,
    options: &ReadOptions,
    sink: &mut dyn FlowSink,
    size: usize,
) -> io::Result<Summary> {
    let mut reader = Reader {
        sink,
        options,
        layout: None,
        others: Vec::new(),
        header: Vec::new(),
        looked: false,
        milliseconds: false,
        summary: Summary::default(),
    };
    read_lines(input, size, &mut reader)?;
    Ok(reader.summary)
}

struct Reader<'s> {
    sink: &'s mut dyn FlowSink,
    options: &'s ReadOptions,
    layout: Option<Layout>,
    /// Inferred layouts of records with other numbers of columns.
    others: Vec<Layout>,
    /// The header line that the layout is from.
    header: Vec<u8>,
    /// Whether the first line that is not blank was seen.
    looked: bool,
    /// Whether times in milliseconds were told.
    milliseconds: bool,
    summary: Summary,
}

impl LineReader for Reader<'_> {
    fn lines(&mut self, lines: &[u8], offset: u64, ended: bool) -> ControlFlow<(), usize> {
        let mut values = Vec::new();
        let mut rest = lines;
        if offset == 0 {
            if is_utf16(lines) {
                return self.refuse(Refusal::Utf16, lines, 0).map_continue(|()| 0);
            }
            rest = rest.strip_prefix(BYTE_ORDER_MARK).unwrap_or(rest);
        }
        let clean = Clean::of(rest);
        let mut at = 0_usize;
        while let Some(tail) = rest.get(at..).filter(|tail| !tail.is_empty()) {
            let skipped = lines.len().saturating_sub(tail.len());
            let offset = offset.saturating_add(skipped as u64);
            let end = memchr::memchr(b'\n', tail);
            let line = tail.get(..end.unwrap_or(tail.len())).unwrap_or_default();
            self.summary.lines = self.summary.lines.saturating_add(1);
            if !is_blank(line) {
                if !self.looked {
                    self.looked = true;
                    self.begin(line, tail, offset)?;
                }
                self.line(line, clean.line(at, line), offset, &mut values)?;
                if end.is_none() && ended {
                    let (found, length) = ("the end of the file", line.len() as u64);
                    let expected = "a line end after the last line, which may have been cut";
                    let kind = "flowlog.unterminated";
                    self.sink.anomaly(Anomaly::new(kind, offset, length, expected, found))?;
                }
            }
            at = at.saturating_add(line.len()).saturating_add(1);
        }
        ControlFlow::Continue(lines.len())
    }

    fn too_long(&mut self, head: &[u8], offset: u64, length: u64) -> ControlFlow<()> {
        if offset == 0 && is_utf16(head) {
            return self.refuse(Refusal::Utf16, head, 0);
        }
        self.summary.lines = self.summary.lines.saturating_add(1);
        self.reject(head, offset, length, Cause::TooLong { limit: LONGEST })
    }

    fn finish(&mut self) -> ControlFlow<()> {
        if self.summary.records > 0 || self.summary.rejected > 0 {
            return ControlFlow::Continue(());
        }
        let found = match (self.summary.headers, self.summary.lines) {
            (0, 0) => "an empty file",
            (0, _) => "nothing but blank lines",
            _ => "a header line only",
        };
        self.sink.anomaly(Anomaly::new("flowlog.empty", 0, 0, "records", found))
    }
}

impl Reader<'_> {
    /// Finds the layout of a file that begins without a header.
    fn begin(&mut self, line: &[u8], rest: &[u8], offset: u64) -> ControlFlow<()> {
        let lines = rest.split(|byte| *byte == b'\n').filter(|line| !is_blank(line));
        if Header::parse(line).is_some() {
            return ControlFlow::Continue(());
        }
        let refusal = match infer(lines.clone(), self.options) {
            Ok(layouts) => {
                let mut layouts = layouts.into_iter();
                let Some(layout) = layouts.next() else { return ControlFlow::Continue(()) };
                self.summary.inferred = self.options.layout.is_none();
                self.sink.layout(&layout)?;
                self.layout = Some(layout);
                self.others = layouts.collect();
                return ControlFlow::Continue(());
            }
            Err(refusal) => refusal,
        };
        // What comes before a header line is rejected line by line; a file that has none, as a whole.
        if lines.take(LINES).any(|line| Header::parse(line).is_some()) {
            return self.tell_refusal(&refusal, line, offset);
        }
        self.refuse(refusal, line, offset)
    }

    fn tell_refusal(&mut self, refusal: &Refusal, line: &[u8], offset: u64) -> ControlFlow<()> {
        let (line, length) = (show_bytes(line, 80), line.len().min(LONGEST) as u64);
        let expected = "a header line, or values that fit one known layout";
        let found = match refusal {
            Refusal::NoLayout { .. } => line,
            _ => refusal.to_string(),
        };
        self.sink.anomaly(Anomaly::new(refusal.kind(), offset, length, expected, found))
    }

    fn refuse(&mut self, refusal: Refusal, line: &[u8], offset: u64) -> ControlFlow<()> {
        let _ = self.tell_refusal(&refusal, line, offset);
        self.summary.refused = Some(refusal);
        ControlFlow::Break(())
    }

    fn line<'a>(
        &mut self,
        line: &'a [u8],
        text: Option<&'a str>,
        offset: u64,
        values: &mut Vec<Value<'a>>,
    ) -> ControlFlow<()> {
        if line == self.header.as_slice() {
            self.summary.headers = self.summary.headers.saturating_add(1);
            return ControlFlow::Continue(());
        }
        if let Some(header) = Header::parse(line) {
            return self.header(header, line, offset);
        }
        let Some(layout) = &self.layout else {
            return self.reject(line, offset, line.len() as u64, cause_without_layout(line));
        };
        let read = match parse(line, text, layout, values) {
            Err(Cause::Columns { found, .. }) if !self.others.is_empty() => {
                self.turn_to(found)?;
                match &self.layout {
                    Some(layout) => parse(line, text, layout, values),
                    None => return ControlFlow::Continue(()),
                }
            }
            read => read,
        };
        match read {
            Ok(milliseconds) => {
                self.summary.records = self.summary.records.saturating_add(1);
                if milliseconds && !self.milliseconds {
                    self.milliseconds = true;
                    self.sink.anomaly(milliseconds_told(offset, line.len() as u64))?;
                }
                let (line, length) = (self.summary.lines, line.len() as u64);
                self.sink.record(&Record { line, offset, length, values })
            }
            Err(cause) => self.reject(line, offset, line.len() as u64, cause),
        }
    }

    /// Makes the inferred layout of so many columns the one that is in use, if there is one.
    fn turn_to(&mut self, columns: usize) -> ControlFlow<()> {
        let other = self.others.iter_mut().find(|layout| layout.columns.len() == columns);
        if let (Some(other), Some(layout)) = (other, &mut self.layout) {
            std::mem::swap(other, layout);
            self.sink.layout(layout)?;
        }
        ControlFlow::Continue(())
    }

    fn header(&mut self, header: Header, line: &[u8], offset: u64) -> ControlFlow<()> {
        self.summary.headers = self.summary.headers.saturating_add(1);
        self.header = line.to_vec();
        if self.layout.as_ref() == Some(&header.layout) {
            return ControlFlow::Continue(());
        }
        if self.layout.is_none()
            && self.options.layout.as_ref().is_some_and(|stated| *stated != header.layout)
        {
            let (length, found) = (line.len() as u64, "a header line that names others; it counts");
            let (kind, expected) = ("flowlog.fields_not_used", "the fields that were stated");
            self.sink.anomaly(Anomaly::new(kind, offset, length, expected, found))?;
        }
        self.tell(&header, line, offset)?;
        self.sink.layout(&header.layout)?;
        self.layout = Some(header.layout);
        self.others.clear();
        ControlFlow::Continue(())
    }

    fn tell(&mut self, header: &Header, line: &[u8], offset: u64) -> ControlFlow<()> {
        let length = line.len() as u64;
        let mut tell = |kind, expected, found: String| {
            let found = show_bytes(found.as_bytes(), 200);
            self.sink.anomaly(Anomaly::new(kind, offset, length, expected, found))
        };
        if self.layout.is_some() {
            let found = String::from_utf8_lossy(line).into_owned();
            tell("flowlog.layout_changed", "one layout throughout the file", found)?;
        }
        if !header.unknown.is_empty() {
            let found = header.unknown.join(" ");
            tell(
                "flowlog.unknown_field",
                "fields that AWS defines (these are kept as text)",
                found,
            )?;
        }
        if !header.repeated.is_empty() {
            let found = header.repeated.join(" ");
            tell("flowlog.repeated_field", "each field once (the first counts)", found)?;
        }
        ControlFlow::Continue(())
    }

    fn reject(&mut self, line: &[u8], offset: u64, length: u64, cause: Cause) -> ControlFlow<()> {
        self.summary.rejected = self.summary.rejected.saturating_add(1);
        let text = line.strip_suffix(b"\r").unwrap_or(line);
        let text = text.get(..SHOWN).unwrap_or(text);
        self.sink.rejected(&Rejected { line: self.summary.lines, offset, length, cause, text })
    }
}

/// Faster than looking for anything else: a line of a flow log begins with something else than white space.
fn is_blank(line: &[u8]) -> bool {
    line.first().is_none_or(|byte| byte.is_ascii_whitespace()) && line.trim_ascii().is_empty()
}

/// Told once for a file.
pub(crate) fn milliseconds_told(offset: u64, length: u64) -> Anomaly {
    Anomaly::new(
        "flowlog.milliseconds",
        offset,
        length,
        "start and end in seconds",
        "milliseconds; they are read as such, here and below",
    )
}
