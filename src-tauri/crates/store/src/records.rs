//! The table of flow records, and the views that people and the other questions read it by.
//!
//! `stored_records` has a column only for fields that a loaded log has: most logs have 14 of AWS's fields, and empty
//! columns cost time and memory too. The view `flow_records` has all fields, as text where a number stands for a text.

use crate::{Store, StoreError};
use duckdb::Connection;
use flowlog::{FIELDS, Field, FieldKind, FieldSpec};
use std::collections::HashSet;
use std::fmt::Write as _;

/// Fields of AWS's default format, the first of [`FIELDS`]: always there, because questions about packets need them.
const ALWAYS: usize = 14;
/// Where fields stand that the log has and AWS does not define.
const UNKNOWN: &str = "unknown_fields";
/// The number of the name of the source that counts in the record's place; there once a source overlaps another.
pub(crate) const OVERLAPPING: &str = "overlapping_number";

/// Columns of `stored_records` beside those of the fields.
pub(crate) const PLACE: [&str; 3] = ["record", "evidence", "line"];

/// The column with the number of a field's text.
pub(crate) fn number_column(spec: &FieldSpec) -> String {
    format!("{}_number", spec.column)
}

/// How many bits the numbers of a field take: narrow columns load faster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Width {
    /// IP protocols.
    Eight,
    /// Ports.
    Sixteen,
    /// Whatever a log may count.
    All,
}

impl Width {
    pub(crate) fn of(field: Field) -> Self {
        match field {
            Field::Protocol => Self::Eight,
            Field::SrcPort | Field::DstPort => Self::Sixteen,
            _ => Self::All,
        }
    }

    fn sql(self) -> &'static str {
        match self {
            Self::Eight => "UTINYINT",
            Self::Sixteen => "USMALLINT",
            Self::All => "BIGINT",
        }
    }
}

/// The column of a field in `stored_records`: of an address its lower half.
pub(crate) fn stored_column(spec: &FieldSpec) -> String {
    match spec.kind {
        FieldKind::Address => low_column(spec),
        FieldKind::Text => number_column(spec),
        FieldKind::Time | FieldKind::Int => spec.column.to_owned(),
    }
}

fn stored_type(spec: &FieldSpec) -> &'static str {
    match spec.kind {
        FieldKind::Address => "UBIGINT",
        FieldKind::Text => "INTEGER",
        FieldKind::Time => "TIMESTAMP",
        FieldKind::Int => Width::of(spec.field).sql(),
    }
}

fn low_column(spec: &FieldSpec) -> String {
    format!("{}_lo", spec.column)
}

/// The column of an address's upper half, which is there once an address has one that is not zero: those of IPv4 have
/// none. Where it is NULL and the lower half is not, it is zero.
pub(crate) fn high_column(spec: &FieldSpec) -> String {
    format!("{}_hi", spec.column)
}

/// Which fields the table has columns for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredFields {
    fields: Vec<bool>,
    /// Whether there is a column for the upper half of an address.
    wide: Vec<bool>,
    unknown: bool,
    overlapping: bool,
}

impl StoredFields {
    /// Whether there is a column for this field.
    pub(crate) fn has(&self, field: Field) -> bool {
        self.fields.get(field as usize).copied().unwrap_or(false)
    }

    /// Whether a field holds addresses that take more than the lower half.
    pub(crate) fn is_wide(&self, field: Field) -> bool {
        self.wide.get(field as usize).copied().unwrap_or(false)
    }

    /// SQL of the columns of a field, NULL for each that the table lacks; times in µs, addresses in two halves.
    pub(crate) fn columns(&self, field: Field) -> Vec<String> {
        let Some(spec) = FIELDS.get(field as usize) else { return Vec::new() };
        let column = match (self.has(field), spec.kind) {
            (false, FieldKind::Time) => "NULL::BIGINT".to_owned(),
            (false, _) => format!("NULL::{}", stored_type(spec)),
            (true, FieldKind::Time) => format!("epoch_us(\"{}\")", spec.column),
            (true, _) => format!("\"{}\"", stored_column(spec)),
        };
        match spec.kind {
            FieldKind::Address => vec![self.high(spec), column],
            _ => vec![column],
        }
    }

    /// SQL of the upper half of an address.
    fn high(&self, spec: &FieldSpec) -> String {
        let (hi, lo) = (high_column(spec), low_column(spec));
        match (self.has(spec.field), self.is_wide(spec.field)) {
            (false, _) => "NULL::UBIGINT".to_owned(),
            (true, false) => format!("({lo} & 0::UBIGINT)"),
            (true, true) => format!("coalesce({hi}, {lo} & 0::UBIGINT)"),
        }
    }

    /// The fields, in the order of [`FIELDS`].
    pub(crate) fn specs(&self) -> impl Iterator<Item = &'static FieldSpec> {
        FIELDS.iter().filter(|spec| self.has(spec.field))
    }

    /// Whether records can be marked as counted by another source.
    pub(crate) fn has_overlapping(&self) -> bool {
        self.overlapping
    }

    /// Whether there is a column for fields that AWS does not define.
    pub(crate) fn has_unknown(&self) -> bool {
        self.unknown
    }
}

/// The statements that make the table for an empty case.
pub(crate) fn create_table() -> String {
    let mut sql = String::from(
        "CREATE TABLE stored_records (record BIGINT NOT NULL, evidence INTEGER NOT NULL, line BIGINT NOT NULL",
    );
    for spec in FIELDS.iter().take(ALWAYS) {
        let _ = write!(sql, ", \"{}\" {}", stored_column(spec), stored_type(spec));
    }
    sql.push_str(");\n");
    sql
}

impl Store {
    /// Which fields the table has columns for now.
    pub(crate) fn stored_fields(&self) -> Result<StoredFields, StoreError> {
        let sql = "SELECT column_name FROM duckdb_columns() WHERE table_name = 'stored_records'";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
        let names: HashSet<String> = rows.collect::<Result<_, _>>()?;
        Ok(StoredFields {
            fields: FIELDS.iter().map(|spec| names.contains(&stored_column(spec))).collect(),
            wide: FIELDS.iter().map(|spec| names.contains(&high_column(spec))).collect(),
            unknown: names.contains(UNKNOWN),
            overlapping: names.contains(OVERLAPPING),
        })
    }

    /// Makes the column by which records are marked as counted by another source, where there is none.
    pub(crate) fn ensure_overlapping(&self) -> Result<(), StoreError> {
        if self.stored_fields()?.overlapping {
            return Ok(());
        }
        let sql = format!("ALTER TABLE stored_records ADD COLUMN {OVERLAPPING} INTEGER");
        self.connection.execute_batch(&sql)?;
        create_views(&self.connection, &self.stored_fields()?)
    }

    /// Makes columns for these fields where there are none.
    pub(crate) fn ensure_columns(
        &self,
        has: &mut StoredFields,
        wanted: &[Field],
        unknown: bool,
    ) -> Result<(), StoreError> {
        let missing =
            FIELDS.iter().filter(|spec| wanted.contains(&spec.field) && !has.has(spec.field));
        let mut sql = String::new();
        for spec in missing {
            let (column, kind) = (stored_column(spec), stored_type(spec));
            let _ = writeln!(sql, "ALTER TABLE stored_records ADD COLUMN \"{column}\" {kind};");
        }
        if unknown && !has.unknown {
            let _ = writeln!(sql, "ALTER TABLE stored_records ADD COLUMN {UNKNOWN} VARCHAR;");
        }
        self.alter(has, &sql)
    }

    /// Makes the column of the upper half of an address where there is none.
    pub(crate) fn ensure_wide(
        &self,
        has: &mut StoredFields,
        field: Field,
    ) -> Result<(), StoreError> {
        match FIELDS.get(field as usize) {
            Some(spec) if !has.is_wide(field) => {
                let column = high_column(spec);
                self.alter(has, &format!("ALTER TABLE stored_records ADD COLUMN {column} UBIGINT"))
            }
            _ => Ok(()),
        }
    }

    fn alter(&self, has: &mut StoredFields, sql: &str) -> Result<(), StoreError> {
        if sql.is_empty() {
            return Ok(());
        }
        self.connection.execute_batch(sql)?;
        *has = self.stored_fields()?;
        create_views(&self.connection, has)
    }
}

/// Makes the views anew over the columns that there are.
pub(crate) fn create_views(connection: &Connection, has: &StoredFields) -> Result<(), StoreError> {
    let mut columns = PLACE.join(", ");
    let (mut internal, mut texts) =
        (vec!["evidence".to_owned(), OVERLAPPING.to_owned()], String::new());
    for spec in FIELDS {
        let stored = has.has(spec.field);
        let (own, kind) = (stored_column(spec), stored_type(spec));
        let _ = match stored {
            true => write!(columns, ", \"{own}\""),
            false => write!(columns, ", NULL::{kind} AS \"{own}\""),
        };
        if spec.kind == FieldKind::Address {
            let _ = write!(columns, ", {} AS {}", has.high(spec), high_column(spec));
            internal.push(high_column(spec));
        }
        match spec.kind {
            FieldKind::Address | FieldKind::Text => internal.push(own),
            FieldKind::Int | FieldKind::Time => {}
        }
        let column = spec.column;
        if spec.kind == FieldKind::Address {
            let _ = write!(texts, "addr({column}_hi, {column}_lo) AS {column}, ");
        }
        if spec.kind == FieldKind::Text {
            let _ = match stored {
                true => write!(columns, ", text_of({column}_number) AS \"{column}\""),
                false => write!(columns, ", NULL::VARCHAR AS \"{column}\""),
            };
        }
    }
    columns.push_str(if has.unknown {
        ", unknown_fields"
    } else {
        ", NULL::VARCHAR AS unknown_fields"
    });
    columns.push_str(if has.overlapping {
        ", overlapping_number, text_of(overlapping_number) AS overlapping"
    } else {
        ", NULL::INTEGER AS overlapping_number, NULL::VARCHAR AS overlapping"
    });
    let sql = include_str!("views.sql")
        .replace("{columns}", &columns)
        .replace("{internal}", &internal.join(", "))
        .replace("{address_texts}", &texts);
    Ok(connection.execute_batch(&sql)?)
}
