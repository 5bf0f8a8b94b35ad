//! The tree to SQL, every value a bound parameter.

use super::Target;
use super::tree::{Node, Order, Range, Scalar, Test};
use crate::labels::Label;
use evidence::Address;

/// A condition in DuckDB's SQL.
#[derive(Debug, Clone, PartialEq)]
pub struct Compiled {
    /// What follows WHERE, a `?` for each parameter.
    pub text: String,
    /// The parameters, in the order of the `?`.
    pub bounds: Vec<Bound>,
}

/// One bound parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Bound {
    /// BIGINT.
    Int(i64),
    /// UBIGINT: half of an address.
    UInt(u64),
    /// VARCHAR.
    Text(String),
    /// TIMESTAMP. Unit: µs since the epoch, UTC.
    Time(i64),
    /// DOUBLE.
    Double(f64),
}

/// The column of the table `texts`.
const TEXT: Target = Target::Column("text");

pub(super) fn compile(node: &Node) -> Compiled {
    let mut sql = Compiled { text: String::new(), bounds: Vec::new() };
    sql.node(node);
    sql
}

/// The addresses from one to another, by their halves.
enum Halves {
    Point,
    /// The upper half is the same.
    Lower,
    /// The lower half is any.
    Upper,
    Both,
}

impl Compiled {
    fn node(&mut self, node: &Node) {
        match node {
            Node::True => self.push("true"),
            Node::All(nodes) => self.joined(nodes, " AND ", Self::node),
            Node::Any(nodes) => self.joined(nodes, " OR ", Self::node),
            // A test of an absent field is NULL, which AND and OR and WHERE treat as false; only NOT does not.
            Node::Not(node) => self.not(|sql| sql.node(node)),
            Node::Test(field, test) => self.test(field.target, test),
        }
    }

    fn test(&mut self, target: Target, test: &Test) {
        match (target, test) {
            (Target::Either(_) | Target::ListContains(_), Test::NotAmong(ranges)) => {
                self.push("(");
                self.test(target, &Test::Exists);
                self.push(" AND ");
                self.not(|sql| sql.among(target, ranges));
                self.push(")");
            }
            (Target::Either(targets), test) => {
                self.joined(targets, " OR ", |sql, target| sql.test(*target, test));
            }
            (Target::Label(address, label), test) => self.labelled(address, label, test),
            (_, Test::NotAmong(ranges)) => {
                self.push("NOT (");
                self.among(target, ranges);
                self.push(")");
            }
            (Target::ListContains(list), Test::Contains(text)) => self.in_list(list, text),
            (Target::ListContains(list), Test::Exists) => {
                self.push(&format!("len({}) > 0", quoted(list)));
            }
            (target, Test::Exists) => {
                self.push(&operand(target));
                self.push(" IS NOT NULL");
            }
            (Target::Numbered(name), test) => self.numbered(name, |sql| sql.test(TEXT, test)),
            (_, Test::Among(ranges)) => self.among(target, ranges),
            (target, Test::Order(order, value)) => {
                self.push(&operand(target));
                self.push(match order {
                    Order::Less => " < ",
                    Order::LessOrEqual => " <= ",
                    Order::Greater => " > ",
                    Order::GreaterOrEqual => " >= ",
                });
                self.bind(bound(value));
            }
            (target, Test::Contains(text)) => self.call("contains", target, text),
            (target, Test::Matches(text)) => self.call("regexp_matches", target, text),
        }
    }

    fn among(&mut self, target: Target, ranges: &[Range]) {
        match target {
            Target::Either(targets) => {
                self.joined(targets, " OR ", |sql, target| sql.among(*target, ranges));
            }
            Target::Numbered(name) => self.numbered(name, |sql| sql.among(TEXT, ranges)),
            Target::Label(address, label) => {
                self.labelled(address, label, &Test::Among(ranges.to_vec()));
            }
            Target::ListContains(list) => self.joined(ranges, " OR ", |sql, range| {
                if let Scalar::Text(text) = &range.first {
                    sql.in_list(list, text);
                }
            }),
            _ => {
                let (points, stretches): (Vec<_>, Vec<_>) = ranges
                    .iter()
                    .partition(|range| range.first == range.last && !is_address(&range.first));
                match (points.is_empty(), stretches.is_empty()) {
                    (false, true) => self.points(target, &points),
                    (true, _) => {
                        self.joined(&stretches, " OR ", |sql, range| sql.stretch(target, range));
                    }
                    (false, false) => {
                        self.push("(");
                        self.points(target, &points);
                        for range in stretches {
                            self.push(" OR ");
                            self.stretch(target, range);
                        }
                        self.push(")");
                    }
                }
            }
        }
    }

    fn points(&mut self, target: Target, points: &[&Range]) {
        self.push(&operand(target));
        if let [point] = points {
            self.push(" = ");
            self.bind(bound(&point.first));
            return;
        }
        self.push(" IN (");
        for (at, point) in points.iter().enumerate() {
            self.push(if at == 0 { "" } else { ", " });
            self.bind(bound(&point.first));
        }
        self.push(")");
    }

    fn stretch(&mut self, target: Target, range: &Range) {
        match (target, &range.first, &range.last) {
            (Target::Address(name), Scalar::Address(first), Scalar::Address(last)) => {
                self.addresses(name, first, last);
            }
            (target, first, last) => {
                self.push(&operand(target));
                self.push(" BETWEEN ");
                self.bind(bound(first));
                self.push(" AND ");
                self.bind(bound(last));
            }
        }
    }

    fn addresses(&mut self, name: &str, first: &Address, last: &Address) {
        let hi = quoted(&format!("{name}_hi"));
        let lo = quoted(&format!("{name}_lo"));
        let whole = first.lo() == 0 && last.lo() == u64::MAX;
        let halves = match (first == last, first.hi() == last.hi(), whole) {
            (true, ..) => Halves::Point,
            (_, true, false) => Halves::Lower,
            (_, _, true) => Halves::Upper,
            _ => Halves::Both,
        };
        let (text, bounds) = match halves {
            Halves::Point => (format!("({hi} = ? AND {lo} = ?)"), vec![first.hi(), first.lo()]),
            Halves::Lower => (
                format!("({hi} = ? AND {lo} BETWEEN ? AND ?)"),
                vec![first.hi(), first.lo(), last.lo()],
            ),
            Halves::Upper => (format!("{hi} BETWEEN ? AND ?"), vec![first.hi(), last.hi()]),
            Halves::Both => (
                format!(
                    "(({hi} > ? OR ({hi} = ? AND {lo} >= ?)) AND ({hi} < ? OR ({hi} = ? AND {lo} <= ?)))"
                ),
                vec![first.hi(), first.hi(), first.lo(), last.hi(), last.hi(), last.lo()],
            ),
        };
        self.push(&text);
        self.bounds.extend(bounds.into_iter().map(Bound::UInt));
    }

    /// Tests the texts instead of the records: there are few of them.
    fn numbered(&mut self, name: &str, test: impl FnOnce(&mut Self)) {
        self.push(&quoted(&format!("{name}_number")));
        self.push(" IN (SELECT number FROM texts WHERE ");
        test(self);
        self.push(")");
    }

    /// Tests what is known of the addresses instead of the records: there are fewer.
    fn labelled(&mut self, address: &str, label: Label, test: &Test) {
        let (hi, lo) = (quoted(&format!("{address}_hi")), quoted(&format!("{address}_lo")));
        self.push(&format!("({hi}, {lo}) IN (SELECT (hi, lo) FROM address_labels WHERE "));
        self.test(Target::Column(label.name()), test);
        self.push(")");
    }

    fn in_list(&mut self, list: &str, text: &str) {
        self.push(&format!("list_contains({}, ", quoted(list)));
        self.bind(Bound::Text(text.to_owned()));
        self.push(")");
    }

    fn call(&mut self, function: &str, target: Target, text: &str) {
        self.push(&format!("{function}({}, ", operand(target)));
        self.bind(Bound::Text(text.to_owned()));
        self.push(")");
    }

    fn not(&mut self, inner: impl FnOnce(&mut Self)) {
        self.push("NOT coalesce(");
        inner(self);
        self.push(", false)");
    }

    fn joined<T>(&mut self, items: &[T], operator: &str, mut each: impl FnMut(&mut Self, &T)) {
        let [only] = items else {
            self.push("(");
            for (at, item) in items.iter().enumerate() {
                self.push(if at == 0 { "" } else { operator });
                each(self, item);
            }
            return self.push(")");
        };
        each(self, only);
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn bind(&mut self, bound: Bound) {
        self.text.push('?');
        self.bounds.push(bound);
    }
}

/// What stands for the field in a comparison; an address is present when its lower half is.
fn operand(target: Target) -> String {
    match target {
        Target::Column(name) | Target::ListContains(name) => quoted(name),
        Target::Address(name) => quoted(&format!("{name}_lo")),
        Target::Numbered(name) => quoted(&format!("{name}_number")),
        Target::Expression(sql) => format!("({sql})"),
        Target::Either(_) | Target::Label(..) => String::new(),
    }
}

/// A column's name; some of AWS's names are words of SQL.
fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

fn is_address(value: &Scalar) -> bool {
    matches!(value, Scalar::Address(_))
}

fn bound(value: &Scalar) -> Bound {
    match value {
        Scalar::Int(number) => Bound::Int(*number),
        Scalar::Time(time) => Bound::Time(*time),
        Scalar::Text(text) => Bound::Text(text.clone()),
        Scalar::Address(address) => Bound::UInt(address.lo()),
    }
}
