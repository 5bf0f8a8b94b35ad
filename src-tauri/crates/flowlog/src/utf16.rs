//! UTF-16 text, as Windows writes it: recognised, so that it is refused with its cause.

/// Whether these first bytes of a file are text of two bytes a character: a byte order mark says so, or every
/// other byte of the first ones is NUL.
pub(crate) fn is_utf16(head: &[u8]) -> bool {
    decoder(head).is_some()
}

/// The text, as far as it can be read.
pub(crate) fn decode(head: &[u8]) -> Option<String> {
    let unit = decoder(head)?;
    let (units, _) = head.as_chunks();
    let text = char::decode_utf16(units.iter().map(|bytes| unit(*bytes)));
    Some(text.map(|char| char.unwrap_or('\u{fffd}')).filter(|char| *char != '\u{feff}').collect())
}

fn decoder(head: &[u8]) -> Option<fn([u8; 2]) -> u16> {
    let text = |byte: &u8| matches!(byte, b'\t' | b'\r' | b'\n' | b' '..=b'~');
    let (chars, _) = head.get(..head.len().min(16))?.as_chunks::<2>();
    match head {
        [0xff, 0xfe, ..] => Some(u16::from_le_bytes),
        [0xfe, 0xff, ..] => Some(u16::from_be_bytes),
        _ if chars.len() < 2 => None,
        _ if chars.iter().all(|[low, high]| *high == 0 && text(low)) => Some(u16::from_le_bytes),
        _ if chars.iter().all(|[high, low]| *high == 0 && text(low)) => Some(u16::from_be_bytes),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_byte_orders_are_known_with_and_without_a_mark() {
        for mark in ["", "\u{feff}"] {
            let units: Vec<u16> = format!("{mark}srcaddr\n").encode_utf16().collect();
            let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
            assert_eq!(decode(&little).as_deref(), Some("srcaddr\n"));
            assert_eq!(decode(&big).as_deref(), Some("srcaddr\n"));
        }
        for other in ["", "srcaddr", "\0\0\0\0\0\0", "\u{1}\0\u{2}\0"] {
            assert_eq!(decode(other.as_bytes()), None, "{other:?}");
        }
    }
}
