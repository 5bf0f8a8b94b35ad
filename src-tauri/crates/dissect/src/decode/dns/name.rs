//! Names with their compression undone (RFC 1035 §4.1.4).

use evidence::{Anomaly, Cursor};

/// Bytes of a name on the wire, uncompressed (RFC 1035 §2.3.4).
const NAME_CAP: usize = 255;
/// Pointers followed in one name: as many as a name can have labels.
const POINTER_CAP: usize = 127;

/// Reads the name at the cursor of `message`, which starts at the message's first byte.
///
/// Labels joined by dots, the root as `.`; a dot or backslash within a label behind a backslash, other odd
/// bytes as `\DDD` (RFC 4343 §2.1). A pointer must lead to an earlier place than the one before it, so that
/// no loop ends up here. `None` where the name is not all there; what breaks the rules is stated.
pub(super) fn read<'m>(
    message: &'m [u8],
    cursor: &mut Cursor<'m>,
    anomalies: &mut Vec<Anomaly>,
) -> Option<String> {
    let mut name = String::new();
    let mut length: usize = 1;
    let mut pointers: usize = 0;
    let mut lowest = cursor.position();
    let mut away: Option<Cursor<'m>> = None;
    loop {
        let here = away.as_mut().unwrap_or(cursor);
        let at = here.position();
        let first = here.u8()?;
        match first {
            0 => break,
            1..=63 => {
                let label = here.take(first.into())?;
                length = length.saturating_add(label.len()).saturating_add(1);
                if length > NAME_CAP {
                    state(anomalies, "dns.name_length", at, "a name of at most 255 bytes", "more");
                    return None;
                }
                if !name.is_empty() {
                    name.push('.');
                }
                push_label(&mut name, label);
            }
            0xc0.. => {
                let second = here.u8()?;
                let target = usize::from(u16::from_be_bytes([first & 0x3f, second]));
                pointers = pointers.saturating_add(1);
                if target >= lowest || pointers > POINTER_CAP {
                    let expected = format!("a pointer to before byte {lowest}");
                    state(anomalies, "dns.pointer", at, &expected, &format!("to byte {target}"));
                    return None;
                }
                lowest = target;
                let mut jump = Cursor::new(message);
                jump.skip(target)?;
                away = Some(jump);
            }
            _ => {
                state(
                    anomalies,
                    "dns.label",
                    at,
                    "a label or a pointer",
                    &format!("0x{first:02x}"),
                );
                return None;
            }
        }
    }
    if name.is_empty() {
        name.push('.');
    }
    Some(name)
}

fn push_label(name: &mut String, label: &[u8]) {
    for byte in label {
        match byte {
            b'.' | b'\\' => {
                name.push('\\');
                name.push(char::from(*byte));
            }
            0x21..=0x7e => name.push(char::from(*byte)),
            other => name.push_str(&format!("\\{other:03}")),
        }
    }
}

fn state(anomalies: &mut Vec<Anomaly>, kind: &'static str, at: usize, expected: &str, found: &str) {
    anomalies.push(Anomaly::new(kind, at as u64, 1, expected, found));
}
