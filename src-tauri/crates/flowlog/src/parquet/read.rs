//! A Parquet file to records.

use super::cells::CellColumn;
use super::footer::{Footer, RowGroup};
use super::group::{Columns, whole_rows};
use super::limits::Budget;
use super::output::{Output, Place};
use super::{Damage, Source, Stop};
use crate::layout::tells;
use crate::{Column, Field, Layout, Summary};
use evidence::Anomaly;
use std::io;
use std::ops::ControlFlow;

/// What a Parquet file is, by its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holding {
    FlowLog,
    Ocsf,
    SomethingElse,
}

impl Holding {
    /// A flow log has the addresses of both ends, or at least half of its columns are AWS's and among these is one
    /// that other logs have not. In OCSF each row says what class it is of.
    pub(super) fn of(layout: &Layout) -> Self {
        let named = |name| layout.columns.contains(&Column::Unknown(String::from(name)));
        if named("class_uid") && (named("src_endpoint") || named("dst_endpoint")) {
            return Self::Ocsf;
        }
        let known = layout.columns.iter().filter_map(|column| match column {
            Column::Known(spec) => Some(*spec),
            Column::Unknown(_) | Column::Others => None,
        });
        let telling = known.clone().any(|spec| spec.name.contains('-') || tells(spec.field));
        let half = known.count() >= layout.columns.len().div_ceil(2);
        let has = |field| layout.position(field).is_some();
        if (telling && half) || (has(Field::SrcAddr) && has(Field::DstAddr)) {
            Self::FlowLog
        } else {
            Self::SomethingElse
        }
    }
}

/// Why reading ends before the rows do.
enum End {
    /// The sink wants no more.
    Break,
    Io(io::Error),
    Damage(Damage),
}

impl From<Stop> for End {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Io(error) => Self::Io(error),
            Stop::Damage(damage) => Self::Damage(damage),
        }
    }
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Passes on that the sink wants no more.
fn go_on(flow: ControlFlow<()>) -> Result<(), End> {
    if flow.is_break() { Err(End::Break) } else { Ok(()) }
}

pub(super) struct Reader<'r> {
    input: &'r mut dyn Source,
    footer: &'r Footer,
    budget: Budget,
    output: Output<'r>,
}

impl<'r> Reader<'r> {
    pub(super) fn new(input: &'r mut dyn Source, footer: &'r Footer, output: Output<'r>) -> Self {
        Self { input, footer, budget: Budget::new(footer.file), output }
    }

    /// Reads all rows.
    pub(super) fn read(mut self, holding: Holding) -> io::Result<Summary> {
        match self.groups(holding) {
            Err(End::Io(error)) => Err(error),
            // Damage is told where it is met.
            Ok(()) | Err(End::Break | End::Damage(_)) => Ok(self.output.summary),
        }
    }

    fn groups(&mut self, holding: Holding) -> Result<(), End> {
        let mut cells = Vec::new();
        if holding == Holding::FlowLog {
            go_on(self.output.begin(self.footer.offset))?;
            for (node, column) in self.footer.schema.columns.iter().zip(self.output.columns()) {
                // Of a group all leaves are read another way.
                let leaf = self.footer.schema.leaves.get(node.leaves.start);
                cells.extend(leaf.map(|leaf| CellColumn::new(column.clone(), leaf.clone())));
            }
        }
        let mut before = 0_u64;
        for group in 0..self.footer.groups() {
            let mut place = Place { group, before, row: 0 };
            let rows = self.footer.rows_of(group);
            match self.group(&mut place, &mut cells, holding) {
                Err(End::Damage(damage)) => go_on(self.output.lost(place, rows, damage))?,
                other => other?,
            }
            before = before.saturating_add(rows);
        }
        go_on(self.finish(before))
    }

    fn group(
        &mut self,
        place: &mut Place,
        cells: &mut [CellColumn],
        holding: Holding,
    ) -> Result<(), End> {
        let impossible = |found| {
            let expected = "a row group that the file can have".to_owned();
            End::Damage(Damage { offset: self.footer.offset, length: 0, expected, found })
        };
        let group = self.footer.group(place.group).map_err(impossible)?;
        self.budget.release_all();
        self.budget.values(group.rows, group.chunks.len()).map_err(impossible)?;
        match holding {
            Holding::Ocsf => self.ocsf_rows(place, &group),
            Holding::FlowLog | Holding::SomethingElse => self.rows(place, &group, cells),
        }
    }

    fn rows(
        &mut self,
        place: &mut Place,
        group: &RowGroup,
        cells: &mut [CellColumn],
    ) -> Result<(), End> {
        let mut columns = Columns::new(&self.footer.schema, group, cells);
        while place.row < group.rows {
            let ready = columns.ready(self.input, &mut self.budget)?;
            let left = group.rows.saturating_sub(place.row);
            let ready = ready.min(usize::try_from(left).unwrap_or(usize::MAX));
            for (column, notice) in columns.noticed() {
                go_on(self.output.notice(*place, column, notice))?;
            }
            go_on(self.output.rows(&columns.cells(), ready, place))?;
            columns.take(ready);
        }
        for damage in columns.surplus(self.input, &mut self.budget)? {
            go_on(self.output.surplus(*place, damage))?;
        }
        Ok(())
    }

    fn ocsf_rows(&mut self, place: &mut Place, group: &RowGroup) -> Result<(), End> {
        let mut nested = whole_rows(&self.footer.schema, group);
        while place.row < group.rows {
            let row = nested.row(&self.footer.schema.columns, self.input, &mut self.budget)?;
            go_on(self.output.ocsf(&row, place))?;
        }
        if let Some(damage) = nested.surplus(0, self.input, &mut self.budget)? {
            go_on(self.output.surplus(*place, damage))?;
        }
        Ok(())
    }

    fn finish(&mut self, rows: u64) -> ControlFlow<()> {
        if rows != self.footer.rows {
            self.output.sink.anomaly(Anomaly::new(
                "flowlog.parquet_rows",
                self.footer.offset,
                0,
                format!("{} rows in all row groups", self.footer.rows),
                format!("{rows} rows"),
            ))?;
        }
        self.output.finish()
    }
}
