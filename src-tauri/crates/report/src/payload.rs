//! Bytes as lines that can be printed: text where they are text, hexadecimal where they are not.

use crate::document::Line;
use crate::snapshot::Excerpt;
use crate::text::{Style, Text, name, unseen};

/// Bytes in a line of hexadecimal.
const ROW: usize = 16;

/// The lines of an excerpt, each with the offset of its first byte.
pub(crate) fn lines(excerpt: &Excerpt) -> Vec<Line> {
    if is_text(&excerpt.bytes) { text_lines(excerpt) } else { hex_lines(excerpt) }
}

/// Text is at most one part in eight of bytes that text does not have.
fn is_text(bytes: &[u8]) -> bool {
    let odd: usize = bytes
        .utf8_chunks()
        .map(|chunk| {
            let controls =
                chunk.valid().chars().filter(|c| unseen(*c) && !matches!(c, '\r' | '\n' | '\t'));
            controls.count() + chunk.invalid().len()
        })
        .sum();
    odd * 8 <= bytes.len()
}

fn text_lines(excerpt: &Excerpt) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in excerpt.bytes.split_inclusive(|byte| *byte == b'\n') {
        let shown = line.strip_suffix(b"\n").unwrap_or(line);
        let shown = shown.strip_suffix(b"\r").filter(|_| shown.len() < line.len()).unwrap_or(shown);
        lines.push(Line { gutter: offset(excerpt, start), text: runs(excerpt, start, shown) });
        start += line.len();
    }
    lines
}

/// A line of text, cut where a mark starts or ends and where something would not be seen.
fn runs(excerpt: &Excerpt, start: usize, bytes: &[u8]) -> Text {
    let mut text = Text::default();
    let mut run = (Style::Plain, String::new());
    let mut at = start;
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            let style = style(excerpt, at);
            if unseen(character) {
                text.push(run.0, std::mem::take(&mut run.1));
                text.push(Style::Unseen, name(character));
            } else {
                if style != run.0 {
                    text.push(run.0, std::mem::take(&mut run.1));
                    run.0 = style;
                }
                run.1.push(character);
            }
            at += character.len_utf8();
        }
        for byte in chunk.invalid() {
            text.push(run.0, std::mem::take(&mut run.1));
            text.push(Style::Unseen, format!("\\x{byte:02x}"));
            at += 1;
        }
    }
    text.push(run.0, run.1);
    text
}

fn hex_lines(excerpt: &Excerpt) -> Vec<Line> {
    let rows = excerpt.bytes.chunks(ROW).zip((0..).step_by(ROW));
    rows.map(|(row, start)| {
        let mut text = Text::default();
        let mut run = (Style::Plain, String::new());
        let mut put = |style, part: &str| {
            if style != run.0 {
                text.push(run.0, std::mem::take(&mut run.1));
                run.0 = style;
            }
            run.1.push_str(part);
        };
        for (byte, at) in row.iter().zip(start..) {
            put(style(excerpt, at), &format!("{byte:02x}"));
            put(Style::Plain, if at % ROW == ROW / 2 - 1 { "  " } else { " " });
        }
        put(Style::Plain, &"   ".repeat(ROW - row.len()));
        put(Style::Plain, if row.len() < ROW / 2 { "  " } else { " " });
        for (byte, at) in row.iter().zip(start..) {
            let shown = if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' };
            put(style(excerpt, at), shown.encode_utf8(&mut [0; 4]));
        }
        text.push(run.0, run.1);
        Line { gutter: offset(excerpt, start), text }
    })
    .collect()
}

fn style(excerpt: &Excerpt, at: usize) -> Style {
    let marked = excerpt.marks.iter().any(|mark| mark.contains(&at));
    if marked { Style::Mark } else { Style::Plain }
}

fn offset(excerpt: &Excerpt, at: usize) -> String {
    excerpt.offset.saturating_add(at as u64).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], mark: std::ops::Range<usize>, expect: &[(&str, &[(Style, &str)])]) {
        let excerpt = Excerpt {
            label: String::new(),
            decoded: false,
            offset: 100,
            bytes: bytes.to_vec(),
            left_out: 0,
            marks: vec![mark],
        };
        let lines = lines(&excerpt);
        assert_eq!(lines.len(), expect.len());
        for (line, (gutter, spans)) in lines.iter().zip(expect) {
            assert_eq!(line.gutter, *gutter);
            let found: Vec<_> =
                line.text.0.iter().map(|span| (span.style, span.text.as_str())).collect();
            assert_eq!(found, *spans);
        }
    }

    #[test]
    fn text_is_shown_by_lines_with_their_offsets_and_marks() {
        use Style::{Mark, Plain};
        check(
            b"GET /x HTTP/1.1\r\nHost: a\n",
            4..6,
            &[
                ("100", &[(Plain, "GET "), (Mark, "/x"), (Plain, " HTTP/1.1")]),
                ("117", &[(Plain, "Host: a")]),
            ],
        );
    }

    #[test]
    fn what_is_not_text_in_a_text_is_named() {
        use Style::{Plain, Unseen};
        check(
            b"a long enough line\0\xff\rx",
            0..0,
            &[(
                "100",
                &[
                    (Plain, "a long enough line"),
                    (Unseen, "NUL"),
                    (Unseen, "\\xff"),
                    (Unseen, "CR"),
                    (Plain, "x"),
                ],
            )],
        );
    }

    #[test]
    fn other_bytes_are_hexadecimal() {
        use Style::{Mark, Plain};
        check(
            b"\x16\x03\x01A",
            3..4,
            &[(
                "100",
                &[
                    (Plain, "16 03 01 "),
                    (Mark, "41"),
                    (Plain, &format!(" {}  ...", "   ".repeat(12))),
                    (Mark, "A"),
                ],
            )],
        );
    }
}
