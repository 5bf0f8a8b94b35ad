//! Bytes of a protocol as text for people, and percent-encoding (RFC 3986 §2.1).

/// The bytes as text: UTF-8 as it is, every other byte and every control character as `\xNN`.
///
/// Nothing is lost: a backslash that stands before an `x` is written `\x5c` itself, so the bytes can be had
/// back by undoing `\xNN` alone.
pub fn escape(bytes: &[u8]) -> String {
    show(bytes, true)
}

fn show(bytes: &[u8], backslash: bool) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        let mut letters = chunk.valid().chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' if backslash && letters.peek() == Some(&'x') => text.push_str("\\x5c"),
                _ if letter.is_control() || is_invisible(letter) => {
                    let mut buffer = [0; 4];
                    letter.encode_utf8(&mut buffer).bytes().for_each(|byte| push(&mut text, byte));
                }
                _ => text.push(letter),
            }
        }
        chunk.invalid().iter().for_each(|byte| push(&mut text, *byte));
    }
    text
}

/// Characters that turn or hide the text around them: bidirectional controls, zero-width ones.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn push(text: &mut String, byte: u8) {
    text.push_str("\\x");
    for digit in [byte >> 4, byte & 0x0f] {
        text.push(char::from_digit(u32::from(digit), 16).unwrap_or('?'));
    }
}

/// `%27%20OR` as `' OR`, for display. What is no percent-encoding stays as it is.
pub fn percent_decode(text: &str) -> String {
    decode(text, false)
}

/// As [`percent_decode`], and `+` as a space: a query or a form (`application/x-www-form-urlencoded`).
pub fn form_decode(text: &str) -> String {
    decode(text, true)
}

fn decode(text: &str, form: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let pair = match after {
            [high, low, ..] if *first == b'%' => digit(*high).zip(digit(*low)),
            _ => None,
        };
        if let Some((high, low)) = pair {
            bytes.push((high << 4) | low);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(if form && *first == b'+' { b' ' } else { *first });
            rest = after;
        }
    }
    // The text is already written by `escape`: its backslashes stand for themselves.
    show(&bytes, false)
}

fn digit(letter: u8) -> Option<u8> {
    char::from(letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_and_other_bytes_are_escaped() {
        assert_eq!(escape("grün ✓".as_bytes()), "grün ✓");
        assert_eq!(escape(b"a\r\n\xff\0"), "a\\x0d\\x0a\\xff\\x00");
        assert_eq!(escape("abc\u{202e}txt".as_bytes()), "abc\\xe2\\x80\\xaetxt");
    }

    #[test]
    fn a_written_escape_is_told_from_a_byte() {
        assert_eq!(escape(br"\xff"), r"\x5cxff");
        assert_eq!(escape(br"..\..\windows"), r"..\..\windows");
        assert_eq!(escape(b"\\\xff"), r"\\xff");
    }

    #[test]
    fn an_injection_reads_as_it_was_meant() {
        assert_eq!(percent_decode("/a%27%20OR%201=1--"), "/a' OR 1=1--");
        assert_eq!(form_decode("q=1+UNION+SELECT%2b%zz%4"), "q=1 UNION SELECT+%zz%4");
        assert_eq!(percent_decode("+%ff%0d"), "+\\xff\\x0d");
    }
}
