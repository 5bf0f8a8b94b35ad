//! Writes down what a reader gives, a line each.

use evidence::Anomaly;
use flowlog::{Column, FlowSink, Layout, Record, Rejected, Summary, Value, read_parquet};
use std::io::Cursor;
use std::ops::ControlFlow;

#[derive(Default)]
pub(crate) struct Script {
    pub(crate) columns: Vec<String>,
    pub(crate) lines: Vec<String>,
}

impl Script {
    /// The values that are there, behind their names.
    pub(crate) fn values(&self, record: &Record<'_>) -> Vec<String> {
        assert_eq!(record.values.len(), self.columns.len());
        let values = self.columns.iter().zip(record.values).filter_map(|(name, value)| {
            Some(match value {
                Value::Absent => return None,
                Value::Int(number) => format!("{name}={number}"),
                Value::Address(address) => format!("{name}={address}"),
                Value::Time(time) => format!("{name}={time}us"),
                Value::Text(text) => format!("{name}={text:?}"),
            })
        });
        values.collect()
    }

    fn add(&mut self, line: String) -> ControlFlow<()> {
        self.lines.push(line);
        ControlFlow::Continue(())
    }
}

impl FlowSink for Script {
    fn layout(&mut self, layout: &Layout) -> ControlFlow<()> {
        let name = |column: &Column| match column {
            Column::Known(spec) => spec.name.to_owned(),
            Column::Unknown(name) => format!("{name}?"),
            Column::Others => "others".to_owned(),
        };
        self.columns = layout.columns.iter().map(name).collect();
        self.add(format!("layout of {}", self.columns.join(" ")))
    }

    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        let line = format!("{} {}", record.line, self.values(record).join(" "));
        self.add(line)
    }

    fn rejected(&mut self, rejected: &Rejected<'_>) -> ControlFlow<()> {
        let Rejected { line, cause, text, .. } = rejected;
        let text = String::from_utf8_lossy(text);
        self.add(format!("{line} rejected {}: {cause}: {text}", cause.code()))
    }

    fn anomaly(&mut self, anomaly: Anomaly) -> ControlFlow<()> {
        self.add(format!("{} {}", anomaly.kind, anomaly.found))
    }
}

/// Reads a Parquet file.
pub(crate) fn read(file: &[u8]) -> (Vec<String>, Summary) {
    let mut script = Script::default();
    let summary = read_parquet(&mut Cursor::new(file), &mut script).unwrap();
    (script.lines, summary)
}
