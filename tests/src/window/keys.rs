//! Keys as the window writes them, `Ctrl+K` and `Alt+ArrowLeft`, and as WebDriver wants them.

use serde_json::{Value, json};

/// Presses a chord: each key goes down in order, and up in the other.
pub(super) fn chord(written: &str) -> Value {
    let keys = values(written);
    let down = keys.iter().map(|key| json!({ "type": "keyDown", "value": key }));
    let up = keys.iter().rev().map(|key| json!({ "type": "keyUp", "value": key }));
    device(down.chain(up).collect())
}

/// Types a text, letter by letter.
pub(super) fn text(text: &str) -> Value {
    let stroke = |letter: char| {
        let value = if letter == '\n' { named("Enter") } else { letter };
        ["keyDown", "keyUp"].map(|act| json!({ "type": act, "value": value }))
    };
    device(text.chars().flat_map(stroke).collect())
}

fn device(actions: Vec<Value>) -> Value {
    json!({ "type": "key", "id": "keyboard", "actions": actions })
}

fn values(written: &str) -> Vec<char> {
    // `+` itself is a key: it stands alone or behind another `+`.
    let (before, last) = match written.strip_suffix("++").or(written.strip_suffix('+')) {
        Some(before) => (before, "+"),
        None => written.rsplit_once('+').unwrap_or(("", written)),
    };
    let modifiers = before.split('+').filter(|name| !name.is_empty()).map(named);
    let mut letters = last.chars();
    let key = match (letters.next(), letters.next()) {
        // A capital letter in a chord names the key, and asks for no Shift.
        (Some(letter), None) if !before.is_empty() => letter.to_ascii_lowercase(),
        (Some(letter), None) => letter,
        _ => named(last),
    };
    modifiers.chain([key]).collect()
}

fn named(name: &str) -> char {
    match name {
        "Backspace" => '\u{e003}',
        "Tab" => '\u{e004}',
        "Enter" => '\u{e007}',
        "Shift" => '\u{e008}',
        "Ctrl" => '\u{e009}',
        "Alt" => '\u{e00a}',
        "Escape" => '\u{e00c}',
        "Space" => ' ',
        "PageUp" => '\u{e00e}',
        "PageDown" => '\u{e00f}',
        "End" => '\u{e010}',
        "Home" => '\u{e011}',
        "ArrowLeft" => '\u{e012}',
        "ArrowUp" => '\u{e013}',
        "ArrowRight" => '\u{e014}',
        "ArrowDown" => '\u{e015}',
        "Delete" => '\u{e017}',
        _ => panic!("{name} is no key"),
    }
}

#[cfg(test)]
mod tests {
    use super::values;

    #[test]
    fn a_chord_is_its_modifiers_and_one_key() {
        assert_eq!(values("p"), ['p']);
        assert_eq!(values("?"), ['?']);
        assert_eq!(values("+"), ['+']);
        assert_eq!(values("Ctrl+K"), ['\u{e009}', 'k']);
        assert_eq!(values("Ctrl++"), ['\u{e009}', '+']);
        assert_eq!(values("Ctrl+Shift+A"), ['\u{e009}', '\u{e008}', 'a']);
        assert_eq!(values("Alt+ArrowLeft"), ['\u{e00a}', '\u{e012}']);
    }
}
