//! Results of CloudWatch Logs Insights as JSON: of `aws logs get-query-results`, where each row is a list of
//! fields (`{"results": [[{"field": "@message", "value": "…"}]]}`), or of the console, where it is an object.

use crate::alias::names_flow_log;
use crate::format::Spec;
use crate::infer::are_records;
use crate::json::elements::{ElementReader, first_elements, read_elements};
use crate::json::splitter::Path;
use crate::messages::{Event, Messages};
use crate::row::Row;
use crate::rows::{Place, Rows};
use crate::{Cause, FlowSink, ReadOptions, Summary};
use serde_json::{Map, Value as Json};
use std::io::{self, Read};
use std::ops::ControlFlow;

pub(crate) static SPEC: Spec = Spec {
    name: "cloudwatch_insights_json",
    title: "CloudWatch Logs Insights results, JSON",
    sniff: |head| path(head).is_some(),
    read,
    sampled: false,
};

const API: Path = Path::ListsUnder("results");
/// Insights gives no more rows than these.
const MOST_ROWS: u64 = 10_000;
/// How much decides which of the two forms it is. Unit: bytes.
const HEAD: u64 = 64 * 1024;

fn read(
    input: &mut dyn Read,
    options: &ReadOptions,
    sink: &mut dyn FlowSink,
) -> io::Result<Summary> {
    let mut head = Vec::new();
    input.take(HEAD).read_to_end(&mut head)?;
    let path = path(&head).unwrap_or(API);
    read_elements(&mut head.as_slice().chain(input), path, &mut Results::new(options), sink)
}

/// Where the rows are, if they are rows of a flow log.
fn path(head: &[u8]) -> Option<Path> {
    [API, Path::Top].into_iter().find(|path| {
        let rows =
            first_elements(head, *path, 64).into_iter().filter_map(|element| match element {
                Json::Array(fields) if *path == API => members(fields).ok(),
                Json::Object(row) if row.keys().any(|name| name.starts_with('@')) => Some(row),
                _ => None,
            });
        let rows: Vec<_> = rows.collect();
        let messages: Vec<_> =
            rows.iter().filter_map(|row| row.get("@message")?.as_str()).collect();
        let names =
            rows.first().is_some_and(|row| names_flow_log(row.keys().map(String::as_bytes)));
        names || (!messages.is_empty() && are_records(messages.iter().map(|it| it.as_bytes())))
    })
}

/// `[{"field": NAME, "value": VALUE}, …]`
fn members(fields: Vec<Json>) -> Result<Map<String, Json>, Cause> {
    const FORM: Cause = Cause::Form { expected: "a list of fields and values" };
    let mut members = Map::new();
    for field in fields {
        let Json::Object(mut field) = field else { return Err(FORM) };
        let (Some(Json::String(name)), Some(value)) =
            (field.remove("field"), field.remove("value"))
        else {
            return Err(FORM);
        };
        if members.insert(name, value).is_some() {
            return Err(Cause::RepeatedKey);
        }
    }
    Ok(members)
}

/// Rows of a query, whose `@message` is the record, or whose columns are its fields.
pub(super) struct Results<'o> {
    messages: Messages<'o>,
    rows: u64,
}

impl<'o> Results<'o> {
    pub(super) fn new(options: &'o ReadOptions) -> Self {
        Self { messages: Messages::new(options), rows: 0 }
    }

    pub(super) fn row(
        &mut self,
        mut row: Map<String, Json>,
        place: Place,
        source: &[u8],
        rows: &mut Rows<'_>,
    ) -> ControlFlow<()> {
        self.rows = self.rows.saturating_add(1);
        match row.shift_remove("@message") {
            Some(Json::String(message)) => {
                self.messages.push(Event::new(message, row, place, source), rows)
            }
            None if names_flow_log(row.keys().map(String::as_bytes)) => {
                rows.push(Row::of_members(row), place, source)
            }
            _ => {
                let cause =
                    Cause::Form { expected: "a row with `@message` or fields of a flow log" };
                rows.reject(cause, place, source)
            }
        }
    }

    pub(super) fn end(&mut self, rows: &mut Rows<'_>) -> ControlFlow<()> {
        self.messages.finish(rows)?;
        if self.rows != MOST_ROWS {
            return ControlFlow::Continue(());
        }
        let place = Place { line: None, offset: 0, length: 0 };
        let expected = "fewer rows than the 10,000 that Insights gives at most";
        rows.tell("flowlog.maybe_truncated", place, expected, "10,000 rows")
    }
}

impl ElementReader for Results<'_> {
    fn element(
        &mut self,
        element: Map<String, Json>,
        place: Place,
        source: &[u8],
        rows: &mut Rows<'_>,
    ) -> ControlFlow<()> {
        self.row(element, place, source, rows)
    }

    fn list(
        &mut self,
        element: Vec<Json>,
        place: Place,
        source: &[u8],
        rows: &mut Rows<'_>,
    ) -> ControlFlow<()> {
        match members(element) {
            Ok(row) => self.row(row, place, source, rows),
            Err(cause) => rows.reject(cause, place, source),
        }
    }

    fn member(&mut self, key: &str, value: Json, rows: &mut Rows<'_>) -> ControlFlow<()> {
        match value.as_str() {
            Some(status) if key == "status" && status != "Complete" => {
                let place = Place { line: None, offset: 0, length: 0 };
                rows.tell("flowlog.maybe_truncated", place, "a query that is complete", status)
            }
            _ => ControlFlow::Continue(()),
        }
    }

    fn finish(&mut self, rows: &mut Rows<'_>) -> ControlFlow<()> {
        self.end(rows)
    }
}
