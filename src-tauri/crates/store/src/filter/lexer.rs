//! Text to tokens.

use super::FilterError;

/// A piece of the filter and the column where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) column: usize,
    pub(super) lexeme: Lexeme<'a>,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lexeme<'a> {
    /// A name, a word operator or a value without quotes.
    Word(&'a str),
    /// What stood between quotes.
    Quoted(String),
    /// An operator or a bracket.
    Symbol(&'static str),
}

/// Longer ones first.
const SYMBOLS: [&str; 15] =
    ["==", "!=", "<=", ">=", "&&", "||", "..", "<", ">", "!", "(", ")", "{", "}", ","];

/// The tokens, and the column behind the last character.
pub(super) fn tokens(text: &str) -> Result<(Vec<Token<'_>>, usize), FilterError> {
    let mut tokens = Vec::new();
    let (mut rest, mut column) = (text, 1);
    loop {
        let trimmed = rest.trim_start();
        column += characters(rest) - characters(trimmed);
        rest = trimmed;
        let Some(first) = rest.chars().next() else { return Ok((tokens, column)) };
        let (lexeme, length) = if let Some(symbol) = SYMBOLS.iter().find(|s| rest.starts_with(**s))
        {
            (Lexeme::Symbol(symbol), symbol.len())
        } else if first == '"' || first == '\'' {
            quoted(rest, first).ok_or_else(|| {
                FilterError::new(column, "the quote is not closed", format!("{first} at its end"))
            })?
        } else {
            match word_length(rest) {
                0 => return Err(unknown(first, column)),
                length => (Lexeme::Word(&rest[..length]), length),
            }
        };
        tokens.push(Token { column, lexeme });
        column += characters(&rest[..length]);
        rest = &rest[length..];
    }
}

/// The column of the first word that is this name, with hyphens or underscores.
pub(super) fn column_of(text: &str, name: &str) -> Option<usize> {
    let (tokens, _) = tokens(text).ok()?;
    let is = |token: &&Token<'_>| match token.lexeme {
        Lexeme::Word(word) => word.replace('-', "_") == name,
        _ => false,
    };
    tokens.iter().find(is).map(|token| token.column)
}

fn characters(text: &str) -> usize {
    text.chars().count()
}

/// Bytes of the word at the beginning of `text`; two dots end it, since they make a range.
fn word_length(text: &str) -> usize {
    let part = |character: char| character.is_alphanumeric() || "_-.:/@+*".contains(character);
    let end = text.find(|character| !part(character)).unwrap_or(text.len());
    text[..end].find("..").unwrap_or(end)
}

/// The text between quotes, and how many bytes it takes with them.
fn quoted(text: &str, quote: char) -> Option<(Lexeme<'static>, usize)> {
    let mut inner = String::new();
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        let escaped = |next: &(usize, char)| matches!(next.1, '"' | '\'' | '\\');
        match character {
            _ if character == quote => return Some((Lexeme::Quoted(inner), at + 1)),
            '\\' => {
                let next = characters.next_if(escaped);
                inner.push(next.map_or('\\', |(_, character)| character));
            }
            _ => inner.push(character),
        }
    }
    None
}

fn unknown(character: char, column: usize) -> FilterError {
    let expected = match character {
        '=' => "`==`",
        '&' => "`&&`",
        '|' => "`||`",
        _ => "quotes around text with such a character",
    };
    FilterError::new(column, format!("{character:?} has no meaning here"), expected)
}
