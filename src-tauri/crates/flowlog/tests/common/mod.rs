//! What the tests over sample files share.

#![allow(dead_code, reason = "not every test uses all of it")]

use evidence::Anomaly;
use flowlog::{Column, FlowSink, Layout, Record, Rejected, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Keeps everything that it is given.
#[derive(Default)]
pub(crate) struct Everything {
    layout: Vec<Column>,
    /// Each record: the values that are not absent by the names of their columns.
    pub(crate) records: Vec<BTreeMap<String, String>>,
    /// What tells each record and each rejected one.
    pub(crate) lines: Vec<u64>,
    /// The codes of causes.
    pub(crate) causes: BTreeMap<&'static str, u64>,
    pub(crate) anomalies: Vec<Anomaly>,
}

impl Everything {
    /// The kinds of anomalies and the codes of causes.
    pub(crate) fn told(&self) -> Vec<&'static str> {
        let kinds = self.anomalies.iter().map(|anomaly| anomaly.kind);
        let told: BTreeSet<_> = kinds.chain(self.causes.keys().copied()).collect();
        told.into_iter().collect()
    }
}

impl FlowSink for Everything {
    fn layout(&mut self, layout: &Layout) -> ControlFlow<()> {
        let others = layout.columns.iter().filter(|column| **column == Column::Others).count();
        assert!(others <= 1);
        self.layout.clone_from(&layout.columns);
        ControlFlow::Continue(())
    }

    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        assert_eq!(record.values.len(), self.layout.len());
        let values = self.layout.iter().zip(record.values).filter_map(|(column, value)| {
            let value = match value {
                Value::Absent => return None,
                Value::Int(number) => number.to_string(),
                Value::Address(address) => address.to_string(),
                Value::Time(time) => time.to_string(),
                Value::Text(text) => (*text).to_owned(),
            };
            Some((column.to_string(), value))
        });
        self.records.push(values.collect());
        self.lines.push(record.line);
        ControlFlow::Continue(())
    }

    fn rejected(&mut self, rejected: &Rejected<'_>) -> ControlFlow<()> {
        *self.causes.entry(rejected.cause.code()).or_default() += 1;
        self.lines.push(rejected.line);
        ControlFlow::Continue(())
    }

    fn anomaly(&mut self, anomaly: Anomaly) -> ControlFlow<()> {
        self.anomalies.push(anomaly);
        ControlFlow::Continue(())
    }
}

/// A folder of samples beside the project; without it there is nothing to test.
pub(crate) fn samples(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3)?;
    let folder = root.parent()?.join("shared/data").join(name);
    if !folder.is_dir() {
        skip(&format!("there are no samples in {}", folder.display()));
        return None;
    }
    Some(folder)
}

#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn skip(why: &str) {
    eprintln!("skipped: {why}");
}

/// All files below a folder, by their paths from there on.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(folder).unwrap().to_owned());
            }
        }
    }
    files.sort();
    files
}
