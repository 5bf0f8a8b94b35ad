//! Finds the end of one JSON value, byte by byte, and the first byte that no JSON value can have there.
//!
//! Brackets, commas, colons and strings are checked; what stands in a number or a literal is not: the value is
//! parsed afterwards. Source: RFC 8259.

/// Deeper nesting than any flow log's ends the value as broken.
const DEEPEST: u32 = 96;

/// Reads one value, in as many pieces as its bytes come.
pub(crate) struct Scanner {
    state: State,
    /// One bit for each open bracket, the innermost last: 1 for an object.
    open: u128,
    depth: u32,
    /// A key to look out for among those of the value itself, and how much of it the present one has.
    key: &'static str,
    matched: Option<usize>,
    has_key: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// A value has to begin.
    Value,
    /// A value, or the end of the list.
    ValueOrEnd,
    /// A key, or the end of the object.
    KeyOrEnd,
    Key,
    Colon,
    /// After a value within brackets.
    CommaOrEnd,
    /// Within a number or a literal.
    Word,
    String,
    Escape,
    KeyString,
    KeyEscape,
}

/// How far the value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scan {
    /// Beyond these bytes.
    Open,
    /// So many bytes, and then it is whole.
    Whole(usize),
    /// After so many bytes comes one that breaks it.
    Broken(usize),
}

impl Scanner {
    /// Looks out for `key` among the keys of the value.
    pub(crate) fn new(key: &'static str) -> Self {
        Self { state: State::Value, open: 0, depth: 0, key, matched: None, has_key: false }
    }

    /// Whether the value itself has a list under the key.
    pub(crate) fn has_key(&self) -> bool {
        self.has_key
    }

    /// Reads on. After [`Scan::Whole`] and [`Scan::Broken`] there is nothing more to read.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Scan {
        let mut at = 0_usize;
        while let Some(byte) = bytes.get(at).copied() {
            let next = at.saturating_add(1);
            match self.state {
                State::String | State::KeyString => {
                    let rest = bytes.get(at..).unwrap_or_default();
                    let end = memchr::memchr3(b'"', b'\\', b'\n', rest);
                    let text = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
                    self.compare(text);
                    let Some(end) = end else { return Scan::Open };
                    at = at.saturating_add(end);
                    match (rest.get(end), self.state) {
                        (Some(b'"'), State::String) => self.state = State::CommaOrEnd,
                        (Some(b'"'), _) => self.state = State::Colon,
                        (Some(b'\\'), State::String) => self.state = State::Escape,
                        (Some(b'\\'), _) => {
                            self.matched = None;
                            self.state = State::KeyEscape;
                        }
                        _ => return Scan::Broken(at),
                    }
                    at = at.saturating_add(1);
                    if self.depth == 0 && self.state == State::CommaOrEnd {
                        return Scan::Whole(at);
                    }
                    continue;
                }
                State::Escape => self.state = State::String,
                State::KeyEscape => self.state = State::KeyString,
                State::Word => match byte {
                    b'0'..=b'9' | b'a'..=b'z' | b'E' | b'+' | b'-' | b'.' => {}
                    _ if self.depth == 0 => return Scan::Whole(at),
                    _ => {
                        self.state = State::CommaOrEnd;
                        continue;
                    }
                },
                _ if byte.is_ascii_whitespace() => {}
                State::KeyOrEnd | State::Key if byte == b'"' => {
                    self.state = State::KeyString;
                    self.matched = (self.depth == 1).then_some(0);
                }
                State::Colon if byte == b':' => self.state = State::Value,
                State::CommaOrEnd if byte == b',' => {
                    self.state = if self.open & 1 == 1 { State::Key } else { State::Value };
                }
                State::KeyOrEnd | State::CommaOrEnd if byte == b'}' && self.open & 1 == 1 => {
                    if self.close() {
                        return Scan::Whole(next);
                    }
                }
                State::ValueOrEnd | State::CommaOrEnd if byte == b']' && self.open & 1 == 0 => {
                    if self.close() {
                        return Scan::Whole(next);
                    }
                }
                State::Value | State::ValueOrEnd => match byte {
                    b'{' | b'[' if self.depth < DEEPEST => {
                        self.has_key |= byte == b'[' && self.matched == Some(self.key.len());
                        self.matched = None;
                        self.open = self.open.wrapping_shl(1) | u128::from(byte == b'{');
                        self.depth = self.depth.saturating_add(1);
                        let object = byte == b'{';
                        self.state = if object { State::KeyOrEnd } else { State::ValueOrEnd };
                    }
                    b'"' => self.state = State::String,
                    b'0'..=b'9' | b'-' | b't' | b'f' | b'n' => self.state = State::Word,
                    _ => return Scan::Broken(at),
                },
                _ => return Scan::Broken(at),
            }
            at = next;
        }
        Scan::Open
    }

    /// Closes the innermost bracket, and says whether it was the outermost as well.
    fn close(&mut self) -> bool {
        self.open >>= 1;
        self.depth = self.depth.saturating_sub(1);
        self.state = State::CommaOrEnd;
        self.depth == 0
    }

    fn compare(&mut self, text: &[u8]) {
        if self.state != State::KeyString {
            self.matched = None;
            return;
        }
        self.matched = self.matched.and_then(|matched| {
            let rest = self.key.as_bytes().get(matched..)?;
            rest.starts_with(text).then(|| matched.saturating_add(text.len()))
        });
    }
}
