//! Rows of comma-separated values. Source: RFC 4180.
//!
//! It is read here rather than by a crate because a value that is empty and one that is `""` are two things, and
//! because after a quotation mark that is never closed reading has to go on with the next line.

use std::borrow::Cow;

/// One row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row<'a> {
    pub(crate) values: Vec<Value<'a>>,
}

/// One value, without its quotation marks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Value<'a> {
    pub(crate) text: Cow<'a, [u8]>,
    pub(crate) quoted: bool,
}

/// What the next bytes are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Scan<'a> {
    /// A row: how many bytes it has, and how many of them without its line end.
    Whole { row: Row<'a>, length: usize, content: usize },
    /// The row goes on beyond these bytes.
    Open,
    /// A closing quotation mark is followed by more than the end of the value.
    Broken,
}

impl Value<'_> {
    /// Whether nothing stands there, not even quotation marks.
    pub(crate) fn is_absent(&self) -> bool {
        self.text.is_empty() && !self.quoted
    }
}

impl Row<'_> {
    /// Whether the line is empty.
    pub(crate) fn is_blank(&self) -> bool {
        match self.values.as_slice() {
            [value] => !value.quoted && value.text.trim_ascii().is_empty(),
            _ => false,
        }
    }
}

/// Reads the row that `bytes` begin with; if they have `ended`, its line end may be missing.
pub(crate) fn scan(bytes: &[u8], separator: u8, ended: bool) -> Scan<'_> {
    let mut values = Vec::new();
    let mut at = 0_usize;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let (value, length) = match rest.strip_prefix(b"\"") {
            Some(inner) => match quoted(inner) {
                Some((text, length)) => (Value { text, quoted: true }, length.saturating_add(1)),
                None => return Scan::Open,
            },
            None => {
                let end = memchr::memchr2(separator, b'\n', rest).unwrap_or(rest.len());
                let text = rest.get(..end).unwrap_or_default();
                let at_line_end = rest.get(end).is_none_or(|byte| *byte == b'\n');
                let text =
                    if at_line_end { text.strip_suffix(b"\r").unwrap_or(text) } else { text };
                (Value { text: Cow::Borrowed(text), quoted: false }, text.len())
            }
        };
        values.push(value);
        at = at.saturating_add(length);
        let content = at;
        if bytes.get(at) == Some(&b'\r')
            && bytes.get(at.saturating_add(1)).is_none_or(|it| *it == b'\n')
        {
            at = at.saturating_add(1);
        }
        match bytes.get(at) {
            Some(byte) if *byte == separator => at = at.saturating_add(1),
            Some(b'\n') => {
                let length = at.saturating_add(1);
                return Scan::Whole { row: Row { values }, length, content };
            }
            Some(_) => return Scan::Broken,
            None if ended => {
                return Scan::Whole { row: Row { values }, length: at, content };
            }
            None => return Scan::Open,
        }
    }
}

/// The text up to the closing quotation mark, and how many bytes there are with that.
fn quoted(inner: &[u8]) -> Option<(Cow<'_, [u8]>, usize)> {
    let mut text = Cow::Borrowed(&[][..]);
    let mut at = 0_usize;
    loop {
        let rest = inner.get(at..)?;
        let end = memchr::memchr(b'"', rest)?;
        let part = rest.get(..end)?;
        if text.is_empty() && at == 0 {
            text = Cow::Borrowed(part);
        } else {
            text.to_mut().extend_from_slice(part);
        }
        at = at.saturating_add(end).saturating_add(1);
        if inner.get(at) != Some(&b'"') {
            return Some((text, at));
        }
        text.to_mut().push(b'"');
        at = at.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let Scan::Whole { row, length, content } = scan(text.as_bytes(), b',', true) else {
            panic!("{text:?}")
        };
        let shown: Vec<_> = row
            .values
            .iter()
            .map(|value| {
                let text = String::from_utf8_lossy(&value.text);
                if value.quoted { format!("<{text}>") } else { text.into_owned() }
            })
            .collect();
        assert_eq!(shown, expected, "{text:?}");
        assert_eq!(text[content..length].trim_end_matches(['\r', '\n']), "");
    }

    #[test]
    fn values_are_parted_by_commas_and_may_be_quoted() {
        check("a,b\n", &["a", "b"]);
        check("a,b", &["a", "b"]);
        check("a,\r\nb", &["a", ""]);
        check("\"a,\"\"b\"\"\",\"\",\n", &["<a,\"b\">", "<>", ""]);
        check("\"\"\"\"\n", &["<\">"]);
        check("\"a\nb\",c\n", &["<a\nb>", "c"]);
        check("\n", &[""]);
        check("a\"b,c\n", &["a\"b", "c"]);
    }

    #[test]
    fn a_row_that_does_not_end_or_goes_on_after_a_value_is_none() {
        assert_eq!(scan(b"\"a\nb", b',', true), Scan::Open);
        assert_eq!(scan(b"a,b", b',', false), Scan::Open);
        assert_eq!(scan(b"\"a\"b,c\n", b',', true), Scan::Broken);
    }
}
