//! What both flow logs of Azure have in common: records of groups of tuples, a tuple for each conversation.

use crate::both_ways::{Counts, rows};
use crate::field::Field;
use crate::json::elements::Target;
use crate::number::int;
use crate::row::{Cell, Row};
use crate::{Cause, protocol};
use serde_json::{Map, Value as Json};
use std::ops::ControlFlow;

/// Where the parts of a tuple are.
pub(super) struct Places {
    /// `A` or `D`, of tuples that state the decision apart from the state.
    pub(super) decision: Option<usize>,
    pub(super) state: usize,
    /// Packets and bytes there, packets and bytes back: four parts from here on.
    pub(super) counts: usize,
}

/// Gives the rows of a list of tuples. `others` is what the record and its groups say of all of them.
pub(super) fn tuples(
    list: Option<&Json>,
    places: &Places,
    interface: Option<&Json>,
    others: &Map<String, Json>,
    target: &mut Target<'_, '_>,
) -> ControlFlow<()> {
    let Some(Json::Array(list)) = list else {
        return target.row(Err(Cause::Form { expected: "a group of flow tuples" }));
    };
    for tuple in list {
        match tuple.as_str().map(|tuple| read(tuple, places, interface, others)) {
            Some(Ok((there, back))) => {
                target.row(Ok(there))?;
                back.map_or(ControlFlow::Continue(()), |back| target.row(Ok(back)))?;
            }
            Some(Err(cause)) => target.row(Err(cause))?,
            None => target.row(Err(Cause::Form { expected: "a flow tuple" }))?,
        }
    }
    ControlFlow::Continue(())
}

fn read(
    tuple: &str,
    places: &Places,
    interface: Option<&Json>,
    others: &Map<String, Json>,
) -> Result<(Row, Option<Row>), Cause> {
    const FORM: Cause = Cause::Form { expected: "a flow tuple" };
    let parts: Vec<&str> = tuple.split(',').collect();
    let part = |at: usize| parts.get(at).copied().filter(|part| !part.is_empty());
    let count = |at: usize, field| match part(places.counts.saturating_add(at)) {
        None => Ok(None),
        Some(text) => int(text.as_bytes()).map(Some).ok_or(Cause::Number { field }),
    };
    if parts.len() < 8 {
        return Err(FORM);
    }
    let mut row = Row::default();
    for (at, field) in
        [(1, Field::SrcAddr), (2, Field::DstAddr), (3, Field::SrcPort), (4, Field::DstPort)]
    {
        row.set(field, &Json::from(part(at)))?;
    }
    // The one time that a tuple has is that of its event: begin, continuing, end.
    row.set(Field::Start, &Json::from(part(0)))?;
    row.set(Field::End, &Json::from(part(0)))?;
    let number = part(5).and_then(|text| int(text.as_bytes()).or_else(|| protocol::protocol(text)));
    let number =
        number.filter(|number| *number <= 255).ok_or(Cause::Number { field: "protocol" })?;
    row.put(Field::Protocol, Cell::Int(number));
    let direction = match part(6) {
        Some("I") => "ingress",
        Some("O") => "egress",
        _ => return Err(FORM),
    };
    row.put(Field::FlowDirection, Cell::text(direction));
    let denied = match places.decision {
        Some(at) => part(at).filter(|it| matches!(*it, "A" | "D")).ok_or(FORM)? == "D",
        None => match part(places.state) {
            Some("D") => true,
            Some("B" | "C" | "E") => false,
            _ => return Err(FORM),
        },
    };
    row.put(Field::Action, Cell::text(if denied { "REJECT" } else { "ACCEPT" }));
    if let Some(interface) = interface {
        row.set(Field::InterfaceId, interface)?;
    }
    // Milliseconds are the rule here.
    row.milliseconds = false;
    row.others = others.clone();
    row.others.insert("flowTuple".to_owned(), tuple.into());
    let there =
        Counts { packets: count(0, "packets")?, bytes: count(1, "bytes")?, tcp_flags: None };
    let back = Counts { packets: count(2, "packets")?, bytes: count(3, "bytes")?, tcp_flags: None };
    Ok(rows(row, there, back))
}

/// The members of an object but one.
pub(super) fn without(object: &Map<String, Json>, name: &str) -> Map<String, Json> {
    object.iter().filter(|(key, _)| *key != name).map(|(k, v)| (k.clone(), v.clone())).collect()
}

/// The objects of a list; what else is there is an error to tell.
pub(super) fn objects(
    list: Option<&Json>,
) -> Result<impl Iterator<Item = &Map<String, Json>>, Cause> {
    const FORM: Cause = Cause::Form { expected: "a list of groups of flows" };
    match list {
        Some(Json::Array(list)) if list.iter().all(Json::is_object) => {
            Ok(list.iter().filter_map(Json::as_object))
        }
        _ => Err(FORM),
    }
}

/// Whether the first bytes of a document, of which even the first record may be longer, say so.
pub(super) fn says(head: &[u8], words: [&[u8]; 2]) -> bool {
    let begins = head.trim_ascii_start().first().is_some_and(|byte| matches!(byte, b'{' | b'['));
    begins && words.iter().all(|word| memchr::memmem::find(head, word).is_some())
}
