//! Flow logs as lines of text.

mod block;
#[cfg(test)]
mod tests;

use crate::infer::infer;
use crate::layout::Header;
use crate::line::{LONGEST, cause_without_layout, parse};
use crate::sniff::BYTE_ORDER_MARK;
use crate::{Cause, FlowSink, Layout, Record, Rejected, Summary, Value};
use block::Block;
use evidence::{Anomaly, show_bytes};
use std::io::{self, Read};
use std::ops::ControlFlow;

/// How much is read at once. Unit: bytes.
const BLOCK: usize = 256 * 1024;
/// How much of a rejected line is shown. Unit: bytes.
const SHOWN: usize = 1024;
/// Changes of layout that are told one by one; more of them come only from a file made to be a burden.
const CHANGES_TOLD: u64 = 100;

/// Reads a flow log from `input` (inflated) into `sink`.
///
/// Memory is bounded whatever the length of the lines. Blank lines are passed over, CR LF ends a line too,
/// and a byte order mark before the first line is no part of it. A header line that comes again, as in
/// joined files, is a layout and not a record.
///
/// Anomalies: `flowlog.empty`, `flowlog.no_layout`, `flowlog.layout_changed`, `flowlog.layouts_not_told`,
/// `flowlog.unknown_field`, `flowlog.repeated_field`, `flowlog.milliseconds`, `flowlog.unterminated`.
///
/// # Errors
/// Only those of `input`.
pub fn read_text(input: &mut dyn Read, sink: &mut dyn FlowSink) -> io::Result<Summary> {
    read_blocks(input, sink, BLOCK)
}

fn read_blocks(input: &mut dyn Read, sink: &mut dyn FlowSink, size: usize) -> io::Result<Summary> {
    let mut block = Block::new(input, size);
    let mut reader = Reader {
        sink,
        layout: None,
        header: Vec::new(),
        looked: false,
        changes: 0,
        milliseconds: false,
        summary: Summary::default(),
    };
    loop {
        block.fill()?;
        let (lines, offset) = (block.lines(), block.offset());
        let (length, ended) = (lines.len(), block.ended());
        let flow = if length > 0 {
            reader.lines(lines, offset)
        } else if ended {
            reader.finish()
        } else {
            let (head, length) = block.skip_line(SHOWN)?;
            reader.too_long(&head, offset, length)
        };
        if flow.is_break() || (length == 0 && ended) {
            return Ok(reader.summary);
        }
        block.consume(length);
    }
}

struct Reader<'s> {
    sink: &'s mut dyn FlowSink,
    layout: Option<Layout>,
    /// The header line that the layout is from.
    header: Vec<u8>,
    /// Whether the first line that is not blank was seen.
    looked: bool,
    changes: u64,
    /// Whether times in milliseconds were told.
    milliseconds: bool,
    summary: Summary,
}

impl Reader<'_> {
    fn lines(&mut self, lines: &[u8], offset: u64) -> ControlFlow<()> {
        let mut values = Vec::new();
        let mut rest = lines;
        if offset == 0 {
            rest = rest.strip_prefix(BYTE_ORDER_MARK).unwrap_or(rest);
        }
        while !rest.is_empty() {
            let skipped = lines.len().saturating_sub(rest.len());
            let offset = offset.saturating_add(skipped as u64);
            let end = memchr::memchr(b'\n', rest);
            let line = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            self.summary.lines = self.summary.lines.saturating_add(1);
            if !line.trim_ascii().is_empty() {
                if !self.looked {
                    self.looked = true;
                    self.begin(line, rest, offset)?;
                }
                self.line(line, offset, &mut values)?;
                if end.is_none() {
                    let (found, length) = ("the end of the file", line.len() as u64);
                    let expected = "a line end after the last line, which may have been cut";
                    let kind = "flowlog.unterminated";
                    self.sink.anomaly(Anomaly::new(kind, offset, length, expected, found))?;
                }
            }
            rest = end.and_then(|end| rest.get(end.saturating_add(1)..)).unwrap_or_default();
        }
        ControlFlow::Continue(())
    }

    /// Finds the layout of a file that begins without a header.
    fn begin(&mut self, line: &[u8], rest: &[u8], offset: u64) -> ControlFlow<()> {
        if Header::parse(line).is_some() {
            return ControlFlow::Continue(());
        }
        match infer(rest) {
            Some(layout) => {
                self.summary.inferred = true;
                self.sink.layout(&layout)?;
                self.layout = Some(layout);
                ControlFlow::Continue(())
            }
            None => self.sink.anomaly(Anomaly::new(
                "flowlog.no_layout",
                offset,
                line.len() as u64,
                "a header line, or values that fit a default format",
                show_bytes(line, 80),
            )),
        }
    }

    fn line<'a>(
        &mut self,
        line: &'a [u8],
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
        match parse(line, layout, values) {
            Ok(milliseconds) => {
                self.summary.records = self.summary.records.saturating_add(1);
                if milliseconds && !self.milliseconds {
                    self.milliseconds = true;
                    self.sink.anomaly(Anomaly::new(
                        "flowlog.milliseconds",
                        offset,
                        line.len() as u64,
                        "start and end in seconds",
                        "milliseconds; they are read as such, here and below",
                    ))?;
                }
                self.sink.record(&Record { line: self.summary.lines, offset, values })
            }
            Err(cause) => self.reject(line, offset, line.len() as u64, cause),
        }
    }

    fn header(&mut self, header: Header, line: &[u8], offset: u64) -> ControlFlow<()> {
        self.summary.headers = self.summary.headers.saturating_add(1);
        self.header = line.to_vec();
        if self.layout.as_ref() == Some(&header.layout) {
            return ControlFlow::Continue(());
        }
        if self.layout.is_some() {
            self.changes = self.changes.saturating_add(1);
        }
        if self.changes <= CHANGES_TOLD {
            self.tell(&header, line, offset)?;
        }
        self.sink.layout(&header.layout)?;
        self.layout = Some(header.layout);
        ControlFlow::Continue(())
    }

    fn tell(&mut self, header: &Header, line: &[u8], offset: u64) -> ControlFlow<()> {
        let length = line.len() as u64;
        let mut tell = |kind, expected, found: String| {
            let found = show_bytes(found.as_bytes(), 200);
            self.sink.anomaly(Anomaly::new(kind, offset, length, expected, found))
        };
        if self.changes > 0 {
            let found = String::from_utf8_lossy(line).into_owned();
            tell("flowlog.layout_changed", "one layout throughout the file", found)?;
        }
        if self.changes == CHANGES_TOLD {
            let found = "many; the changes after this one are not told".to_owned();
            tell("flowlog.layouts_not_told", "one layout throughout the file", found)?;
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

    fn too_long(&mut self, head: &[u8], offset: u64, length: u64) -> ControlFlow<()> {
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
