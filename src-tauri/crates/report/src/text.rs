//! Text in which nothing hides.

use serde::Serialize;

/// A run of text in one style.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Span {
    pub(crate) style: Style,
    pub(crate) text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Style {
    Plain,
    Strong,
    /// Secondary.
    Dim,
    /// Addresses, paths, identifiers.
    Mono,
    /// A hash or a reference that holds one.
    Digest,
    /// Evidence that matters.
    Mark,
    /// The name of a character or byte that would not be seen.
    Unseen,
    /// A word on a coloured ground.
    Good,
    Fair,
    Bad,
    Odd,
    Neutral,
    /// A word that leads to finding number `.0`.
    Finding(usize),
}

/// Runs of text that make a line, a cell or a paragraph.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Text(pub(crate) Vec<Span>);

impl Text {
    pub(crate) fn new(style: Style, text: &str) -> Self {
        Self::default().and(style, text)
    }

    /// With `text` after it, what would not be seen in it made visible.
    pub(crate) fn and(mut self, style: Style, text: &str) -> Self {
        let mut run = String::new();
        for character in text.chars() {
            if !unseen(character) {
                run.push(character);
                continue;
            }
            self.push(style, std::mem::take(&mut run));
            self.push(Style::Unseen, name(character));
        }
        self.push(style, run);
        self
    }

    pub(crate) fn push(&mut self, style: Style, text: String) {
        if !text.is_empty() {
            self.0.push(Span { style, text });
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::new(Style::Plain, text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

/// The paragraphs of what a person wrote: an empty line parts them, a single line break is a space.
pub(crate) fn paragraphs(text: &str) -> Vec<Text> {
    let text = text.replace("\r\n", "\n");
    let parts = text.split("\n\n").map(|part| part.trim_matches('\n').replace(['\n', '\t'], " "));
    parts.filter(|part| !part.trim().is_empty()).map(Text::from).collect()
}

pub(crate) fn name(character: char) -> String {
    match character {
        '\0' => "NUL".to_owned(),
        '\t' => "TAB".to_owned(),
        '\n' => "LF".to_owned(),
        '\r' => "CR".to_owned(),
        '\u{1b}' => "ESC".to_owned(),
        _ => format!("U+{:04X}", u32::from(character)),
    }
}

/// Whether a character shows nothing, or changes how its neighbours are shown: controls, format characters
/// (Unicode category Cf, the bidirectional ones among them), separators, fillers, variation selectors,
/// private use and noncharacters.
pub(crate) fn unseen(character: char) -> bool {
    character.is_control()
        || matches!(u32::from(character),
            0xad | 0x34f | 0x61c | 0x600..=0x605 | 0x6dd | 0x70f | 0x115f | 0x1160 | 0x17b4 | 0x17b5
            | 0x180b..=0x180f | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0x2800 | 0x3164
            | 0xe000..=0xf8ff | 0xfdd0..=0xfdef | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xfffb
            | 0x110bd | 0x13430..=0x1345f | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0000..)
        || u32::from(character) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[(Style, &str)]) {
        let spans = Text::from(text).0;
        let found: Vec<_> = spans.iter().map(|span| (span.style, span.text.as_str())).collect();
        assert_eq!(found, expect, "{text:?}");
    }

    #[test]
    fn what_would_not_be_seen_is_named() {
        use Style::{Plain, Unseen};
        check("plain, ünïcode 中", &[(Plain, "plain, ünïcode 中")]);
        check("a\0b", &[(Plain, "a"), (Unseen, "NUL"), (Plain, "b")]);
        check("\u{202e}exe.txt", &[(Unseen, "U+202E"), (Plain, "exe.txt")]);
        check(
            "\u{feff}\u{ffff}\u{10fffd}",
            &[(Unseen, "U+FEFF"), (Unseen, "U+FFFF"), (Unseen, "U+10FFFD")],
        );
        check("", &[]);
    }

    #[test]
    fn an_empty_line_parts_paragraphs() {
        let found = paragraphs("one\r\ntwo\r\n\r\nthree\n\n\n");
        assert_eq!(found, [Text::from("one two"), Text::from("three")]);
    }
}
