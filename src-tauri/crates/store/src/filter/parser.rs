//! Tokens to the tree.

use super::lexer::{Lexeme, Token, tokens};
use super::tree::{Node, Order, Range, Scalar, Test};
use super::value;
use super::{FilterError, FilterField, Kind, Target};

/// Brackets and negations within one another; no person writes as many.
const DEEPEST: usize = 100;

pub(super) fn parse(text: &str, fields: &[FilterField]) -> Result<Node, FilterError> {
    let (tokens, end) = tokens(text)?;
    if tokens.is_empty() {
        return Ok(Node::True);
    }
    let mut parser = Parser { tokens, end, at: 0, depth: 0, fields };
    let node = parser.any()?;
    match parser.peek() {
        None => Ok(node),
        Some(_) => Err(parser.unexpected("`&&`, `||` or the end")),
    }
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    /// The column behind the last character.
    end: usize,
    at: usize,
    depth: usize,
    fields: &'a [FilterField],
}

/// What stands between a field and its value.
#[derive(Clone, Copy)]
enum Operator {
    Equal,
    NotEqual,
    Order(Order),
    In,
    Contains,
    Matches,
}

const OPERATORS: [(&str, &str, Operator); 9] = [
    ("==", "eq", Operator::Equal),
    ("!=", "ne", Operator::NotEqual),
    ("<", "lt", Operator::Order(Order::Less)),
    ("<=", "le", Operator::Order(Order::LessOrEqual)),
    (">", "gt", Operator::Order(Order::Greater)),
    (">=", "ge", Operator::Order(Order::GreaterOrEqual)),
    ("in", "in", Operator::In),
    ("contains", "contains", Operator::Contains),
    ("matches", "matches", Operator::Matches),
];

impl<'a> Parser<'a> {
    fn any(&mut self) -> Result<Node, FilterError> {
        let mut terms = vec![self.all()?];
        while self.eat("||") || self.eat("or") {
            terms.push(self.all()?);
        }
        Ok(single(terms, Node::Any))
    }

    fn all(&mut self) -> Result<Node, FilterError> {
        let mut terms = vec![self.one()?];
        while self.eat("&&") || self.eat("and") {
            terms.push(self.one()?);
        }
        Ok(single(terms, Node::All))
    }

    fn one(&mut self) -> Result<Node, FilterError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let message = "brackets and negations are nested too deep";
            return Err(FilterError::new(self.column(), message, format!("at most {DEEPEST}")));
        }
        let node = if self.eat("!") || self.eat("not") {
            Node::Not(Box::new(self.one()?))
        } else if self.eat("(") {
            let node = self.any()?;
            self.expect(")", "`)`, `&&` or `||`")?;
            node
        } else if self.eat("exists") {
            Node::Test(self.field()?, Test::Exists)
        } else {
            self.test()?
        };
        self.depth -= 1;
        Ok(node)
    }

    fn test(&mut self) -> Result<Node, FilterError> {
        let field = self.field()?;
        let column = self.column();
        let operator =
            OPERATORS.iter().find(|(symbol, word, _)| self.eat(symbol) || self.eat(word));
        let Some((name, _, operator)) = operator else {
            return Ok(Node::Test(field, Test::Exists));
        };
        let test = match operator {
            Operator::Equal => Test::Among(self.value(field.kind)?),
            Operator::NotEqual => Test::NotAmong(self.value(field.kind)?),
            Operator::In => Test::Among(self.set(field.kind)?),
            Operator::Order(order) if field.kind.has_order() => {
                Test::Order(*order, self.scalar(field.kind)?)
            }
            Operator::Contains if field.kind == Kind::Text => Test::Contains(self.text()?),
            Operator::Matches if field.kind == Kind::Text && !is_list(field.target) => {
                Test::Matches(self.text()?)
            }
            _ => {
                let message = format!("{} cannot be tested with `{name}`", field.name);
                return Err(FilterError::new(column, message, operators_of(field)));
            }
        };
        Ok(Node::Test(field, test))
    }

    fn field(&mut self) -> Result<FilterField, FilterError> {
        let Some(Token { column, lexeme: Lexeme::Word(word) }) = self.peek() else {
            return Err(self.unexpected("a field"));
        };
        let name = word.replace('-', "_");
        let Some(field) = self.fields.iter().find(|field| field.name == name) else {
            let alike: Vec<_> =
                self.fields.iter().filter(|field| alike(field.name, &name)).collect();
            let expected = match alike.as_slice() {
                [] => "a field".to_owned(),
                alike => {
                    let names: Vec<_> = alike.iter().take(4).map(|field| field.name).collect();
                    format!("a field, such as {}", names.join(", "))
                }
            };
            return Err(FilterError::new(*column, format!("there is no field {word:?}"), expected));
        };
        self.at += 1;
        Ok(*field)
    }

    fn set(&mut self, kind: Kind) -> Result<Vec<Range>, FilterError> {
        self.expect("{", "`{`")?;
        let mut ranges = Vec::new();
        loop {
            ranges.append(&mut self.item(kind)?);
            if self.eat("}") {
                return Ok(ranges);
            }
            self.expect(",", "`,`, `..` or `}`")?;
        }
    }

    fn item(&mut self, kind: Kind) -> Result<Vec<Range>, FilterError> {
        let (begin, column) = (self.at, self.column());
        let ranges = self.value(kind)?;
        let dots = self.column();
        if !self.eat("..") {
            return Ok(ranges);
        }
        if matches!(kind, Kind::Text | Kind::Code | Kind::Scope) {
            let message = "there are no ranges of text";
            return Err(FilterError::new(dots, message, "`,` or `}`"));
        }
        // A network is no end of a range.
        self.at = begin;
        let first = self.scalar(kind)?;
        self.expect("..", "`..`")?;
        let last = self.scalar(kind)?;
        value::between(first, last).ok_or_else(|| {
            let message = "this range has no values";
            FilterError::new(column, message, "the smaller value first, and both alike")
        })
    }

    /// A value that may stand for several.
    fn value(&mut self, kind: Kind) -> Result<Vec<Range>, FilterError> {
        self.literal(kind, value::ranges)
    }

    fn scalar(&mut self, kind: Kind) -> Result<Scalar, FilterError> {
        self.literal(kind, value::scalar)
    }

    fn literal<T>(
        &mut self,
        kind: Kind,
        read: fn(Kind, &str) -> Option<T>,
    ) -> Result<T, FilterError> {
        let column = self.column();
        let mut text = self.word_or_quoted(value::form(kind))?;
        // The only value of two words is a date with a time of day.
        if kind == Kind::Time
            && let Some(Token { lexeme: Lexeme::Word(clock), .. }) = self.peek()
            && clock.starts_with(|first: char| first.is_ascii_digit())
        {
            text = format!("{text} {clock}");
            self.at += 1;
        }
        read(kind, &text)
            .ok_or_else(|| FilterError::new(column, value::unfit(kind, &text), value::form(kind)))
    }

    fn text(&mut self) -> Result<String, FilterError> {
        self.word_or_quoted("text")
    }

    fn word_or_quoted(&mut self, expected: &str) -> Result<String, FilterError> {
        let text = match self.peek().map(|token| &token.lexeme) {
            Some(Lexeme::Word(word)) => (*word).to_owned(),
            Some(Lexeme::Quoted(text)) => text.clone(),
            _ => return Err(self.unexpected(expected)),
        };
        self.at += 1;
        Ok(text)
    }

    fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at)
    }

    fn column(&self) -> usize {
        self.peek().map_or(self.end, |token| token.column)
    }

    /// Passes over this symbol or word, if it comes next.
    fn eat(&mut self, wanted: &str) -> bool {
        let found = self.peek().is_some_and(|token| match &token.lexeme {
            Lexeme::Word(word) => word.eq_ignore_ascii_case(wanted),
            Lexeme::Symbol(symbol) => *symbol == wanted,
            Lexeme::Quoted(_) => false,
        });
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &str, expected: &str) -> Result<(), FilterError> {
        if self.eat(symbol) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    fn unexpected(&self, expected: &str) -> FilterError {
        let message = match self.peek().map(|token| &token.lexeme) {
            None => "the filter ends here".to_owned(),
            Some(Lexeme::Word(word)) => format!("{word:?} cannot stand here"),
            Some(Lexeme::Quoted(text)) => format!("the text {text:?} cannot stand here"),
            Some(Lexeme::Symbol(symbol)) => format!("`{symbol}` cannot stand here"),
        };
        FilterError::new(self.column(), message, expected)
    }
}

fn single(terms: Vec<Node>, many: fn(Vec<Node>) -> Node) -> Node {
    match <[Node; 1]>::try_from(terms) {
        Ok([only]) => only,
        Err(terms) => many(terms),
    }
}

fn is_list(target: Target) -> bool {
    matches!(target, Target::ListContains(_))
}

fn operators_of(field: FilterField) -> &'static str {
    match field.kind {
        Kind::Text if is_list(field.target) => "`==`, `!=`, `in` or `contains`",
        Kind::Text => "`==`, `!=`, `in`, `contains` or `matches`",
        Kind::Address | Kind::Scope | Kind::Code => "`==`, `!=` or `in`",
        _ => "`==`, `!=`, `<`, `<=`, `>`, `>=` or `in`",
    }
}

/// Whether a person may have meant this field.
fn alike(field: &str, word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    word.len() >= 3 && (field.contains(&word) || word.contains(field))
}
