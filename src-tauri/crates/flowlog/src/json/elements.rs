//! The elements of a JSON document to the rows of a flow log.

use super::splitter::{LONGEST, Path, Piece, Splitter};
use super::value::parse;
use crate::row::Row;
use crate::rows::{Place, Rows};
use crate::{Cause, FlowSink, Summary};
use serde_json::{Map, Value as Json};
use std::io::{self, Read};
use std::ops::ControlFlow;

/// Where the rows of one element go.
pub(crate) struct Target<'t, 's> {
    rows: &'t mut Rows<'s>,
    place: Place,
    source: &'t [u8],
}

impl Target<'_, '_> {
    /// Gives a row, or says why it is none.
    pub(crate) fn row(&mut self, row: Result<Row, Cause>) -> ControlFlow<()> {
        self.rows.push(row, self.place, self.source)
    }

    /// The element says of itself that it is `what`, which is no flow record.
    pub(crate) fn pass(&mut self, what: &str) -> ControlFlow<()> {
        self.rows.pass(what);
        ControlFlow::Continue(())
    }
}

/// Takes the elements of a document. Breaking ends the reading.
pub(crate) trait ElementReader {
    /// An element, and the bytes that it was read from.
    fn element(
        &mut self,
        element: Map<String, Json>,
        place: Place,
        source: &[u8],
        rows: &mut Rows<'_>,
    ) -> ControlFlow<()>;

    /// An element that is no object.
    fn list(
        &mut self,
        _element: Vec<Json>,
        place: Place,
        source: &[u8],
        rows: &mut Rows<'_>,
    ) -> ControlFlow<()> {
        rows.reject(Cause::Form { expected: "an object" }, place, source)
    }

    /// A member of the object that holds the elements.
    fn member(&mut self, _key: &str, _value: Json, _rows: &mut Rows<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// The end of that object.
    fn holder_ends(&mut self, _rows: &mut Rows<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// The end of the document.
    fn finish(&mut self, _rows: &mut Rows<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Maps each element for itself.
pub(crate) struct Each(pub(crate) Mapping);

pub(crate) type Mapping = fn(Map<String, Json>, &mut Target<'_, '_>) -> ControlFlow<()>;

impl ElementReader for Each {
    fn element(
        &mut self,
        element: Map<String, Json>,
        place: Place,
        source: &[u8],
        rows: &mut Rows<'_>,
    ) -> ControlFlow<()> {
        (self.0)(element, &mut Target { rows, place, source })
    }
}

/// Reads a document whose elements are at `path`.
///
/// Anomalies: `flowlog.noise`, `flowlog.no_elements`, `flowlog.unterminated`,
/// `flowlog.passed_over`, `flowlog.empty`, `flowlog.milliseconds`.
///
/// # Errors
/// Only those of `input`.
pub(crate) fn read_elements(
    input: &mut dyn Read,
    path: Path,
    reader: &mut dyn ElementReader,
    sink: &mut dyn FlowSink,
) -> io::Result<Summary> {
    let mut splitter = Splitter::new(input, path);
    let mut rows = Rows::new(sink);
    while let Some(piece) = splitter.next()? {
        if give(piece, &splitter, reader, &mut rows).is_break() {
            return Ok(rows.summary);
        }
    }
    if reader.finish(&mut rows).is_continue() {
        let _ = rows.finish();
    }
    Ok(rows.summary)
}

fn give(
    piece: Piece,
    splitter: &Splitter<'_>,
    reader: &mut dyn ElementReader,
    rows: &mut Rows<'_>,
) -> ControlFlow<()> {
    let place = |offset, length| Place { line: None, offset, length };
    match &piece {
        Piece::Element { .. }
        | Piece::Broken { .. }
        | Piece::TooLong { .. }
        | Piece::Cut { .. } => {
            rows.summary.lines = rows.summary.lines.saturating_add(1);
        }
        _ => {}
    }
    match piece {
        Piece::Element { offset, at } => {
            let source = splitter.bytes(&at);
            let place = place(offset, source.len() as u64);
            match parse(source) {
                Ok(Json::Object(element)) => reader.element(element, place, source, rows),
                Ok(Json::Array(element)) => reader.list(element, place, source, rows),
                Ok(_) => rows.reject(Cause::Form { expected: "an object" }, place, source),
                Err(cause) => rows.reject(cause, place, source),
            }
        }
        Piece::Member { key, value } => {
            let key = String::from_utf8_lossy(&key);
            let value = value.and_then(|at| parse(splitter.bytes(&at)).ok());
            reader.member(&key, value.unwrap_or(Json::Null), rows)
        }
        Piece::End { offset, length, had_list } => {
            if !had_list {
                let (kind, expected) = ("flowlog.no_elements", "an object with a list of records");
                rows.tell(kind, place(offset, length), expected, "an object without")?;
            }
            reader.holder_ends(rows)
        }
        Piece::Broken { offset, length, at, head } => {
            rows.reject(Cause::Json { at }, place(offset, length), &head)
        }
        Piece::TooLong { offset, length, head } => {
            rows.reject(Cause::TooLong { limit: LONGEST }, place(offset, length), &head)
        }
        Piece::Cut { offset, length, head } => {
            rows.reject(Cause::Cut, place(offset, length), &head)
        }
        Piece::Noise { offset, length, head } => {
            rows.noise(place(offset, length), "JSON of the form that the format has", &head)
        }
        Piece::Unterminated { offset } => {
            let expected = "the end of the document, which may have been cut";
            rows.tell("flowlog.unterminated", place(offset, 0), expected, "the end of the file")
        }
    }
}

/// The first elements that are whole in the first bytes of a document, at most `most`.
pub(crate) fn first_elements(head: &[u8], path: Path, most: usize) -> Vec<Json> {
    let mut input = head;
    let mut splitter = Splitter::new(&mut input, path);
    let mut elements = Vec::new();
    while elements.len() < most {
        match splitter.next() {
            Ok(Some(Piece::Element { at, .. })) => {
                // What does not parse counts as an element of another form.
                elements.push(parse(splitter.bytes(&at)).unwrap_or(Json::Null));
            }
            // Text of another kind is noise from its first byte on: it is not looked through.
            Ok(Some(Piece::Noise { .. })) if elements.is_empty() => break,
            Ok(Some(_)) => {}
            _ => break,
        }
    }
    elements
}

/// The first element, if it is an object.
pub(crate) fn first_object(head: &[u8], path: Path) -> Option<Map<String, Json>> {
    match first_elements(head, path, 1).pop()? {
        Json::Object(object) => Some(object),
        _ => None,
    }
}
