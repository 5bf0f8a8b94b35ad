//! Output: JSON Lines, or tables for people in which nothing of the evidence can move the cursor.

use serde::Serialize;
use std::io::{self, BufWriter, Write};

/// Standard output in one of its two forms.
pub(crate) struct Out {
    inner: BufWriter<io::Stdout>,
    json: bool,
}

impl Out {
    pub(crate) fn new(json: bool) -> Self {
        Self { inner: BufWriter::new(io::stdout()), json }
    }

    /// Whether JSON was asked for.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// One JSON line.
    pub(crate) fn object(&mut self, object: &impl Serialize) -> anyhow::Result<()> {
        serde_json::to_writer(&mut self.inner, object)?;
        Ok(self.inner.write_all(b"\n")?)
    }

    /// One line of text.
    pub(crate) fn line(&mut self, text: impl AsRef<str>) -> anyhow::Result<()> {
        self.inner.write_all(visible(text.as_ref()).as_bytes())?;
        Ok(self.inner.write_all(b"\n")?)
    }

    /// A table: its columns as wide as their widest cell, numbers to the right.
    pub(crate) fn table(&mut self, head: &[&str], rows: &[Vec<String>]) -> anyhow::Result<()> {
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|cell| visible(cell)).collect()).collect();
        let width = |column: usize| {
            let cells =
                rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
            cells.chain(head.get(column).map(|name| name.chars().count())).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..head.len()).map(width).collect();
        let heading: Vec<String> = head.iter().map(|name| (*name).to_owned()).collect();
        for row in std::iter::once(&heading).chain(&rows) {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                let number = !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit());
                if number {
                    line.push_str(&format!("{cell:>width$}  "));
                } else {
                    line.push_str(&format!("{cell:<width$}  "));
                }
            }
            self.inner.write_all(line.trim_end().as_bytes())?;
            self.inner.write_all(b"\n")?;
        }
        Ok(())
    }

    /// Rows in the form that was asked for: JSON Lines, or a table of their cells.
    pub(crate) fn rows<T: Serialize>(
        &mut self,
        rows: &[T],
        head: &[&str],
        cells: impl Fn(&T) -> Vec<String>,
    ) -> anyhow::Result<()> {
        if self.json {
            rows.iter().try_for_each(|row| self.object(row))
        } else {
            self.table(head, &rows.iter().map(cells).collect::<Vec<_>>())
        }
    }

    pub(crate) fn flush(&mut self) -> anyhow::Result<()> {
        Ok(self.inner.flush()?)
    }
}

/// Text without control characters and without characters that turn the direction of text.
fn visible(text: &str) -> String {
    let odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if odd(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// An error with its causes, on one line.
pub(crate) fn error_text(error: &anyhow::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in error.chain() {
        let text = cause.to_string();
        if parts.last().is_none_or(|last| !last.contains(&text)) {
            parts.push(text);
        }
    }
    visible(&parts.join(": "))
}

pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json =
            cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        io.or(json) == Some(io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_cannot_move_the_cursor_or_turn_the_text() {
        assert_eq!(visible("a\x1b[2Jb\u{202e}c"), "a\\u{1b}[2Jb\\u{202e}c");
    }
}
