//! Sources that tell both directions of a conversation in one element.

use crate::field::Field;
use crate::row::{Cell, Row};

/// What was counted in one direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) packets: Option<i64>,
    /// Unit: bytes, as the source counts them.
    pub(crate) bytes: Option<i64>,
    /// As AWS has them: FIN 1, SYN 2, RST 4, and 18 for SYN-ACK.
    pub(crate) tcp_flags: Option<i64>,
}

impl Counts {
    fn says_something(&self) -> bool {
        self.packets.is_some_and(|packets| packets > 0) || self.bytes.is_some_and(|bytes| bytes > 0)
    }

    fn put(self, row: &mut Row) {
        for (field, number) in [
            (Field::Packets, self.packets),
            (Field::Bytes, self.bytes),
            (Field::TcpFlags, self.tcp_flags),
        ] {
            if let Some(number) = number {
                row.put(field, Cell::Int(number));
            }
        }
    }
}

/// The rows of a conversation, of which `row` is the way from the one that opened it.
///
/// The way back is a row only where the source counted something on it: a flow record says that there was
/// traffic, and a refused or unanswered connection has no answer.
pub(crate) fn rows(row: Row, there: Counts, back: Counts) -> (Row, Option<Row>) {
    let answer = back.says_something().then(|| {
        let mut answer = turned(&row);
        back.put(&mut answer);
        answer
    });
    let mut row = row;
    there.put(&mut row);
    (row, answer)
}

/// The same row with source and destination exchanged.
fn turned(row: &Row) -> Row {
    let mut turned = Row { cells: Vec::new(), ..row.clone() };
    for (spec, cell) in &row.cells {
        let field = match spec.field {
            Field::SrcAddr => Field::DstAddr,
            Field::DstAddr => Field::SrcAddr,
            Field::SrcPort => Field::DstPort,
            Field::DstPort => Field::SrcPort,
            other => other,
        };
        let cell = match cell {
            Cell::Text(text) if field == Field::FlowDirection => Cell::text(match text.as_str() {
                "ingress" => "egress",
                _ => "ingress",
            }),
            cell => cell.clone(),
        };
        turned.put(field, cell);
    }
    turned
}
