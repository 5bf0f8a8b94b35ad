//! A sink for tests.

use crate::{Column, FlowSink, Layout, Record, Rejected, Value};
use evidence::{Anomaly, show_bytes};
use std::ops::ControlFlow;

/// Writes down what it is given, a line each.
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) columns: Vec<String>,
    pub(crate) lines: Vec<String>,
    /// After how many lines to break.
    pub(crate) patience: Option<usize>,
}

impl Script {
    fn add(&mut self, line: String) -> ControlFlow<()> {
        self.lines.push(line);
        if self.patience == Some(self.lines.len()) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

impl FlowSink for Script {
    fn layout(&mut self, layout: &Layout) -> ControlFlow<()> {
        self.columns = layout
            .columns
            .iter()
            .map(|column| match column {
                Column::Known(spec) => spec.name.to_owned(),
                other => format!("{other}?"),
            })
            .collect();
        self.add(format!("layout of {}", layout.columns.len()))
    }

    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        assert_eq!(record.values.len(), self.columns.len());
        let values = self.columns.iter().zip(record.values).filter_map(|(name, value)| {
            let value = match value {
                Value::Absent => return None,
                Value::Int(number) => number.to_string(),
                Value::Address(address) => address.to_string(),
                Value::Time(time) => format!("{time}us"),
                Value::Text(text) => format!("{text:?}"),
            };
            Some(format!("{name}={value}"))
        });
        let values: Vec<_> = values.collect();
        self.add(format!("{}@{} {}", record.line, record.offset, values.join(" ")))
    }

    fn rejected(&mut self, rejected: &Rejected<'_>) -> ControlFlow<()> {
        let Rejected { line, offset, length, cause, text } = rejected;
        self.add(format!(
            "{line}@{offset}+{length} {}: {cause}: {}",
            cause.code(),
            show_bytes(text, 24)
        ))
    }

    fn anomaly(&mut self, anomaly: Anomaly) -> ControlFlow<()> {
        self.add(format!(
            "{}@{}+{} {}",
            anomaly.kind, anomaly.offset, anomaly.length, anomaly.found
        ))
    }
}
