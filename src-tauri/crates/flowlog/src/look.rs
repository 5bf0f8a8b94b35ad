//! What the columns of a text without a header look like.

use crate::layout::words;
use crate::number::{address, int};
use std::fmt;

/// What all values of a column look like, `-` aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Look {
    /// Nothing but `-`.
    Absent,
    /// IPv4 or IPv6 addresses.
    Address,
    /// `eni-…`
    Interface,
    /// `vpc-…`, `subnet-…`, `i-…`, `tgw-…` and the like.
    Resource,
    /// Twelve digits.
    Account,
    /// Seconds or milliseconds since 1970, of this century.
    Time,
    /// A date and time.
    Date,
    /// A number up to 255.
    Byte,
    /// A number up to 65535.
    Port,
    /// Any other number.
    Number,
    /// `ACCEPT`, `REJECT`
    Action,
    /// `OK`, `NODATA`, `SKIPDATA`
    Status,
    /// `IPv4`, `IPv6`, `EFA`
    Type,
    /// `ingress`, `egress`
    Direction,
    /// Anything else.
    Text,
}

impl fmt::Display for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "only `-`",
            Self::Address => "address",
            Self::Interface => "interface (eni-)",
            Self::Resource => "resource",
            Self::Account => "account",
            Self::Time => "epoch time",
            Self::Date => "date and time",
            Self::Byte => "number to 255",
            Self::Port => "port-like number",
            Self::Number => "number",
            Self::Action => "action",
            Self::Status => "log status",
            Self::Type => "IP version",
            Self::Direction => "direction",
            Self::Text => "text",
        })
    }
}

/// What the columns of most of these lines look like: of the lines with the column count that most have.
pub(crate) fn looks<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Vec<Look> {
    let mut groups: Vec<(usize, Vec<Look>)> = Vec::new();
    for line in lines {
        let row: Vec<_> = words(line).map(look).collect();
        match groups.iter_mut().find(|(_, columns)| columns.len() == row.len()) {
            Some((lines, columns)) => {
                *lines = lines.saturating_add(1);
                for (column, look) in columns.iter_mut().zip(row) {
                    *column = both(*column, look);
                }
            }
            None => groups.push((1, row)),
        }
    }
    groups
        .into_iter()
        .max_by_key(|(lines, _)| *lines)
        .map(|(_, columns)| columns)
        .unwrap_or_default()
}

/// Whether at least half of these lines look like flow records: they have as many columns as each other, and
/// of the things that every flow log has and few other logs, at least two.
pub(crate) fn like_records<'a>(lines: impl Iterator<Item = &'a [u8]>) -> bool {
    let rows: Vec<Vec<Look>> = lines.map(|line| words(line).map(look).collect()).collect();
    let alike = |row: &&Vec<Look>| {
        let same = rows.iter().filter(|other| other.len() == row.len()).count();
        same.saturating_mul(2) >= rows.len() && like_record(row)
    };
    let alike = rows.iter().filter(alike).count();
    alike > 0 && alike.saturating_mul(2) >= rows.len()
}

fn like_record(row: &[Look]) -> bool {
    let count = |look| row.iter().filter(|other| **other == look).count();
    let signs = [
        count(Look::Address) >= 2,
        count(Look::Interface) >= 1,
        count(Look::Time) >= 2,
        count(Look::Action) == 1,
        count(Look::Status) == 1,
    ];
    signs.iter().filter(|sign| **sign).count() >= 2
}

fn look(word: &[u8]) -> Look {
    let text = String::from_utf8_lossy(word);
    let number = int(word);
    match &*text {
        "-" => Look::Absent,
        "ACCEPT" | "REJECT" => Look::Action,
        "OK" | "NODATA" | "SKIPDATA" => Look::Status,
        "IPv4" | "IPv6" | "EFA" => Look::Type,
        "ingress" | "egress" => Look::Direction,
        _ if word.len() == 12 && number.is_some() => Look::Account,
        _ if number.is_some_and(is_time) => Look::Time,
        _ if number.is_some_and(|number| number <= 255) => Look::Byte,
        _ if number.is_some_and(|number| number <= 65_535) => Look::Port,
        _ if number.is_some() => Look::Number,
        _ if address(&text).is_some() => Look::Address,
        _ if crate::moment::moment(&text).is_some() => Look::Date,
        _ if text.starts_with("eni-") => Look::Interface,
        _ if ["vpc-", "subnet-", "i-", "tgw-", "nat-"].iter().any(|it| text.starts_with(it)) => {
            Look::Resource
        }
        _ => Look::Text,
    }
}

/// Since 2014, when flow logs began, and for as long as ten digits last.
fn is_time(number: i64) -> bool {
    (1_400_000_000..=9_999_999_999).contains(&number)
        || (1_400_000_000_000..=9_999_999_999_999).contains(&number)
}

/// The look that both have; of numbers, the wider one.
fn both(a: Look, b: Look) -> Look {
    let width = |look| match look {
        Look::Byte => Some(0_u8),
        Look::Port => Some(1),
        Look::Number | Look::Time | Look::Account => Some(2),
        _ => None,
    };
    match (a, b) {
        (a, b) if a == b => a,
        (Look::Absent, other) | (other, Look::Absent) => other,
        _ => match (width(a), width(b)) {
            (Some(a), Some(b)) if a.max(b) == 1 => Look::Port,
            (Some(_), Some(_)) => Look::Number,
            _ => Look::Text,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> impl Iterator<Item = &[u8]> {
        text.lines().map(str::as_bytes)
    }

    #[test]
    fn each_column_has_the_look_of_all_its_values() {
        let text = "1418530010 123456789010 eni-1 10.0.0.1 22 6 ACCEPT OK vpc-1 -\n\
                    1418530070 - eni-2 2001:db8::1 20641 17 REJECT NODATA - -\n\
                    a line of prose\n";
        let looks: Vec<_> = looks(lines(text)).iter().map(Look::to_string).collect();
        assert_eq!(
            looks.join(", "),
            "epoch time, account, interface (eni-), address, port-like number, number to 255, action, log status, \
             resource, only `-`"
        );
    }

    #[test]
    fn records_of_any_format_are_told_from_other_logs() {
        for (text, expected) in [
            ("2 eni-1235b8ca123456789 172.31.16.139 172.31.16.21\n", true),
            ("10.0.0.1 10.0.0.2 443 1418530010 1418530070\n", true),
            ("eni-1 - - 1418530010 1418530070 NODATA\n", true),
            ("10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\" 200 2326\n", false),
            (
                "Jan 12 06:25:41 host sshd[1]: from 10.0.0.1 to 10.0.0.2 OK\nJan 12 x\nJan 12 y z\n",
                false,
            ),
            ("1418530010.123 921 192.168.0.68 TCP_MISS/200 1507 GET\n", false),
            ("prose about an interface, 10.0.0.1 and 10.0.0.2\n", false),
            ("", false),
        ] {
            assert_eq!(like_records(lines(text)), expected, "{text}");
        }
    }
}
