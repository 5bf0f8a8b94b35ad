//! The rows of one row group, from columns that are read side by side.

use super::cells::{CellColumn, Notice};
use super::footer::RowGroup;
use super::leaf::LeafReader;
use super::limits::{BATCH, BATCH_TEXT, Budget};
use super::nested::Nested;
use super::schema::{Content, Node, Repetition, Schema};
use super::{Damage, Source, Stop};
use std::io;

/// The columns of a flow log in one row group.
pub(super) struct Columns<'c> {
    columns: Vec<GroupColumn<'c>>,
}

struct GroupColumn<'c> {
    source: ColumnSource<'c>,
    /// What was decoded and not given away yet.
    cells: &'c mut CellColumn,
    /// What ended the column behind that.
    damage: Option<Damage>,
}

enum ColumnSource<'c> {
    Flat(Box<LeafReader>),
    Nested(&'c Node, Nested),
}

impl<'c> Columns<'c> {
    /// `cells` has one for each column of the schema.
    pub(super) fn new(schema: &'c Schema, group: &RowGroup, cells: &'c mut [CellColumn]) -> Self {
        let columns = schema.columns.iter().zip(cells).map(|(node, cells)| {
            cells.restart();
            let mut readers = readers(schema, group, node);
            let flat =
                matches!(node.content, Content::Leaf) && node.repetition != Repetition::Repeated;
            let source = match readers.pop().filter(|_| flat) {
                Some(reader) => ColumnSource::Flat(Box::new(reader)),
                None => ColumnSource::Nested(
                    node,
                    Nested::new(self::readers(schema, group, node), false),
                ),
            };
            GroupColumn { source, cells, damage: None }
        });
        Self { columns: columns.collect() }
    }

    /// Decodes rows where none are left, and says how many there are in all columns.
    pub(super) fn ready(
        &mut self,
        input: &mut dyn Source,
        budget: &mut Budget,
    ) -> Result<usize, Stop> {
        let mut rows = BATCH;
        for column in &mut self.columns {
            if column.cells.rows() == 0 {
                column.fill(input, budget)?;
            }
            rows = rows.min(column.cells.rows());
        }
        Ok(rows)
    }

    /// The columns as they stand before the rows that are ready.
    pub(super) fn cells(&self) -> Vec<&CellColumn> {
        self.columns.iter().map(|column| &*column.cells).collect()
    }

    pub(super) fn take(&mut self, rows: usize) {
        self.columns.iter_mut().for_each(|column| column.cells.take(rows));
    }

    /// What was noticed for the first time, and in which column.
    pub(super) fn noticed(&mut self) -> Vec<(usize, Notice)> {
        let columns = self.columns.iter_mut().enumerate();
        columns
            .flat_map(|(at, column)| column.cells.noticed().iter().map(move |notice| (at, *notice)))
            .collect()
    }

    /// What lies behind the last row.
    pub(super) fn surplus(
        &mut self,
        input: &mut dyn Source,
        budget: &mut Budget,
    ) -> io::Result<Vec<Damage>> {
        let mut found = Vec::new();
        for GroupColumn { source, cells, .. } in &mut self.columns {
            found.extend(match source {
                ColumnSource::Flat(reader) => reader.surplus(input, budget, &mut **cells)?,
                ColumnSource::Nested(_, nested) => nested.surplus(cells.rows(), input, budget)?,
            });
        }
        Ok(found)
    }
}

impl GroupColumn<'_> {
    /// Decodes the next rows. Those before a damage are given first.
    fn fill(&mut self, input: &mut dyn Source, budget: &mut Budget) -> Result<(), Stop> {
        if let Some(damage) = self.damage.take() {
            return Err(Stop::Damage(damage));
        }
        self.cells.clear();
        match self.decode(input, budget) {
            Err(Stop::Damage(damage)) if self.cells.rows() > 0 => {
                self.damage = Some(damage);
                Ok(())
            }
            other => other,
        }
    }

    fn decode(&mut self, input: &mut dyn Source, budget: &mut Budget) -> Result<(), Stop> {
        let cells = &mut *self.cells;
        match &mut self.source {
            ColumnSource::Flat(reader) => {
                let left = reader.ready(input, budget, cells)?;
                if left == 0 {
                    return Err(Stop::Damage(reader.ended()));
                }
                for _ in 0..left.min(BATCH as u64) {
                    reader.next(cells).map_err(Stop::Damage)?;
                    if cells.text() > BATCH_TEXT {
                        break;
                    }
                }
            }
            ColumnSource::Nested(node, nested) => {
                for _ in 0..BATCH {
                    cells.push_json(&nested.row(std::slice::from_ref(node), input, budget)?);
                    if cells.text() > BATCH_TEXT {
                        break;
                    }
                }
            }
        }
        Ok(())
    }
}

/// The rows of a row group as one nested column.
pub(super) fn whole_rows(schema: &Schema, group: &RowGroup) -> Nested {
    Nested::new(schema.columns.iter().flat_map(|node| readers(schema, group, node)).collect(), true)
}

fn readers(schema: &Schema, group: &RowGroup, node: &Node) -> Vec<LeafReader> {
    let leaves = schema.leaves.iter().zip(&group.chunks);
    leaves
        .skip(node.leaves.start)
        .take(node.leaves.len())
        .map(|(leaf, chunk)| LeafReader::new(leaf, chunk, group.rows))
        .collect()
}
