//! Log events whose messages are records without a header.

use crate::alias::names_flow_log;
use crate::block::SHOWN;
use crate::infer::{LINES, infer};
use crate::layout::Header;
use crate::line::parse;
use crate::row::Row;
use crate::rows::{Place, Rows, object};
use crate::{Cause, Column, Layout, ReadOptions, Value};
use serde_json::{Map, Value as Json};
use std::ops::ControlFlow;

/// How much waits at most until the layout is known. Unit: bytes.
const MOST_WAITING: u64 = 1 << 20;

/// Reads messages under the layout that the first of them fit.
pub(crate) struct Messages<'o> {
    options: &'o ReadOptions,
    /// What was given before the layout was known; `None` since.
    waiting: Option<Vec<Event>>,
    bytes: u64,
    reading: Reading,
}

/// A message, and what else its log event says.
pub(crate) struct Event {
    pub(crate) message: String,
    pub(crate) others: Map<String, Json>,
    pub(crate) place: Place,
    /// The first bytes that it was read from.
    pub(crate) head: Vec<u8>,
}

enum Reading {
    /// The layout in use, and others with other numbers of columns.
    Lines { layout: Layout, others: Vec<Layout> },
    /// No layout fits the messages, but other members of the events name the fields.
    Members,
}

impl Event {
    pub(crate) fn new(
        message: String,
        others: Map<String, Json>,
        place: Place,
        source: &[u8],
    ) -> Self {
        let head = source.get(..SHOWN).unwrap_or(source).to_vec();
        Self { message, others, place, head }
    }
}

impl<'o> Messages<'o> {
    pub(crate) fn new(options: &'o ReadOptions) -> Self {
        Self { options, waiting: Some(Vec::new()), bytes: 0, reading: Reading::Members }
    }

    pub(crate) fn push(&mut self, mut event: Event, rows: &mut Rows<'_>) -> ControlFlow<()> {
        // What is rejected meanwhile comes after it all the same.
        event.place.line.get_or_insert_with(|| rows.next_line());
        let Some(waiting) = &mut self.waiting else { return self.give(event, rows) };
        self.bytes = self.bytes.saturating_add(event.place.length);
        waiting.push(event);
        if waiting.len() < LINES && self.bytes < MOST_WAITING {
            return ControlFlow::Continue(());
        }
        self.settle(rows)
    }

    /// There are no more messages.
    pub(crate) fn finish(&mut self, rows: &mut Rows<'_>) -> ControlFlow<()> {
        self.settle(rows)
    }

    /// Finds the layout, and reads what has waited for it.
    fn settle(&mut self, rows: &mut Rows<'_>) -> ControlFlow<()> {
        let waiting = self.waiting.take().unwrap_or_default();
        let Some(first) = waiting.first() else { return ControlFlow::Continue(()) };
        let header = Header::parse(first.message.as_bytes());
        let inferred = match header {
            Some(header) => Ok(vec![header.layout]),
            None => infer(waiting.iter().map(|event| event.message.as_bytes()), self.options),
        };
        match inferred {
            Ok(layouts) => {
                let mut layouts = layouts.into_iter();
                let Some(layout) = layouts.next() else { return ControlFlow::Continue(()) };
                let stated = self.options.layout.is_some();
                rows.summary.inferred =
                    !stated && Header::parse(first.message.as_bytes()).is_none();
                begin(&layout, rows)?;
                self.reading = Reading::Lines { layout, others: layouts.collect() };
            }
            Err(_) if names_flow_log(first.others.keys().map(String::as_bytes)) => {}
            Err(refusal) => return rows.refuse(refusal, first.place),
        }
        for event in waiting {
            self.give(event, rows)?;
        }
        ControlFlow::Continue(())
    }

    fn give(&mut self, event: Event, rows: &mut Rows<'_>) -> ControlFlow<()> {
        let Event { message, mut others, place, head } = event;
        let Reading::Lines { layout, others: layouts } = &mut self.reading else {
            others.insert("@message".to_owned(), message.into());
            return rows.push(Row::of_members(others), place, &head);
        };
        if !rows.is_begun() {
            begin(layout, rows)?;
        }
        let line = message.as_bytes();
        if let Some(header) = Header::parse(line) {
            rows.summary.headers = rows.summary.headers.saturating_add(1);
            if *layout != header.layout {
                (*layout, *layouts) = (header.layout, Vec::new());
                begin(layout, rows)?;
            }
            return ControlFlow::Continue(());
        }
        let mut values = Vec::new();
        let mut read = parse(line, None, layout, &mut values);
        if let Err(Cause::Columns { found, .. }) = read
            && let Some(other) = layouts.iter_mut().find(|layout| layout.columns.len() == found)
        {
            std::mem::swap(other, layout);
            begin(layout, rows)?;
            read = parse(line, None, layout, &mut values);
        }
        match read {
            Ok(milliseconds) => {
                let others = object(&others);
                values.push(others.as_deref().map_or(Value::Absent, Value::Text));
                rows.record(&values, milliseconds, place)
            }
            Err(cause) => rows.reject(cause, place, &head),
        }
    }
}

fn begin(layout: &Layout, rows: &mut Rows<'_>) -> ControlFlow<()> {
    let mut layout = layout.clone();
    layout.columns.push(Column::Others);
    rows.begin(&layout)
}

/// A message out of a log event.
pub(crate) fn take_message(event: &mut Map<String, Json>, name: &str) -> Result<String, Cause> {
    match event.shift_remove(name) {
        Some(Json::String(message)) => Ok(message),
        _ => Err(Cause::Form { expected: "a log event with a message" }),
    }
}
