//! Names of members: kept whole, safe to show, unique.

use crate::Anomaly;
use std::collections::HashMap;

/// The longest name that is kept whole. Unit: bytes.
const MAX_LENGTH: usize = 4096;

/// The names given so far in one archive.
#[derive(Default)]
pub(crate) struct Names {
    given: HashMap<String, u64>,
    cut: u64,
}

impl Names {
    /// The text for a name, given in the archive's own order.
    pub(crate) fn unique(&mut self, raw: &[u8]) -> String {
        let mut name = escaped(raw.get(..MAX_LENGTH).unwrap_or(raw));
        if raw.len() > MAX_LENGTH {
            self.cut = self.cut.saturating_add(1);
            name.push_str("\\…");
        }
        let times = self.given.entry(name.clone()).or_default();
        *times = times.saturating_add(1);
        if *times > 1 {
            name.push_str(&format!("\\#{times}"));
        }
        name
    }

    /// That names were cut, if any were.
    pub(crate) fn cut(&self) -> Option<Anomaly> {
        let expected = format!("names of at most {MAX_LENGTH} bytes");
        let found = format!("{} longer ones, which are cut", self.cut);
        let told = Anomaly::new("archive.name_length", 0, 0, expected, found);
        (self.cut > 0).then_some(told)
    }
}

fn escaped(raw: &[u8]) -> String {
    let mut text = String::with_capacity(raw.len());
    let hex = |text: &mut String, bytes: &[u8]| {
        bytes.iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
    };
    for part in raw.utf8_chunks() {
        for letter in part.valid().chars() {
            match letter {
                '\\' => text.push_str("\\\\"),
                '!' => text.push_str("\\!"),
                _ if misleads(letter) => hex(&mut text, letter.encode_utf8(&mut [0; 4]).as_bytes()),
                _ => text.push(letter),
            }
        }
        hex(&mut text, part.invalid());
    }
    text
}

/// Whether it moves the cursor, ends the line, or turns or hides what stands around it.
fn misleads(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_whole_safe_and_unique() {
        let mut names = Names::default();
        for (raw, name) in [
            (&b"a/b.log"[..], "a/b.log"),
            (b"a/b.log", r"a/b.log\#2"),
            (br"a/b.log\#2", r"a/b.log\\#2"),
            (b"../../etc/passwd", "../../etc/passwd"),
            (b"c:\\x!y", r"c:\\x\!y"),
            (b"new\nline\x1b[2J\xff", r"new\x0aline\x1b[2J\xff"),
            ("\u{202e}gol".as_bytes(), r"\xe2\x80\xaegol"),
            ("größe".as_bytes(), "größe"),
            (b"a/b.log", r"a/b.log\#3"),
        ] {
            assert_eq!(names.unique(raw), name);
        }
        assert_eq!(names.cut(), None);
        let long = names.unique(&[b'a'; MAX_LENGTH + 1]);
        assert_eq!(names.unique(&[b'a'; MAX_LENGTH + 9]), format!(r"{long}\#2"));
        assert!(long.ends_with("a\\…") && names.cut().is_some());
    }
}
