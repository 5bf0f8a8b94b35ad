//! Fields to group records by.

use crate::flows::field;
use crate::labels::Label;
use crate::records::{OVERLAPPING, StoredFields, high_column, number_column, stored_column};
use crate::{Store, StoreError};
use flowlog::{FieldKind, FieldSpec};
use std::fmt::Write as _;

/// One field to group by, or several.
///
/// What is known of an address is no column of the records: they are grouped by the address first, and the few sums that
/// are left by what is known of it.
#[derive(Default)]
pub(crate) struct GroupKey {
    /// The columns that records are grouped by, as SQL for GROUP BY.
    pub(crate) columns: String,
    /// The columns that sums have after [`GroupKey::grouped`]; mostly the same.
    pub(crate) keys: String,
    /// SQL of its text, made of the keys; that of several fields has a space between them, and `-` for what a record
    /// lacks.
    pub(crate) text: String,
    /// SQL that puts the values in order.
    pub(crate) order: String,
    labels: Vec<(Label, Option<usize>)>,
    /// SQL of the keys, beside the joins that they need.
    selected: String,
    joins: String,
}

impl GroupKey {
    /// The columns, one by one.
    pub(crate) fn fields(&self) -> Vec<&str> {
        self.columns.split(", ").collect()
    }

    /// Sums by the keys, out of a query that has sums by the columns; `sums` says how these are summed up further.
    pub(crate) fn grouped(&self, by_columns: &str, sums: &str) -> String {
        if self.joins.is_empty() {
            return by_columns.to_owned();
        }
        let Self { selected, joins, .. } = self;
        format!("SELECT {selected}, {sums} FROM ({by_columns}) g {joins} GROUP BY ALL")
    }

    /// A table of records with the keys as columns beside its own.
    pub(crate) fn joined(&self, source: &str) -> String {
        if self.joins.is_empty() {
            return source.to_owned();
        }
        let Self { selected, joins, .. } = self;
        format!("(SELECT {selected}, g.* FROM {source} g {joins})")
    }

    /// Adds a field, and answers the SQL of its text.
    fn add(&mut self, name: &str, stored: &StoredFields) -> Result<String, StoreError> {
        if let Some((spec, label)) = labelled(name) {
            let at = self.labels.len();
            self.labels.push((label, None));
            let (columns, lo) = (address_columns(spec, stored), stored_column(spec));
            let hi = match columns.len() {
                1 => "0::UBIGINT".to_owned(),
                _ => format!("g.{}", high_column(spec)),
            };
            self.add_columns(&columns);
            let key = format!("label_{at}");
            append(&mut self.keys, &key);
            append(&mut self.order, &key);
            append(&mut self.selected, &format!("l{at}.{} AS {key}", label.name()));
            let _ = write!(
                self.joins,
                " LEFT JOIN address_labels l{at} ON l{at}.hi = {hi} AND l{at}.lo = g.{lo}"
            );
            return Ok(key);
        }
        let One { columns, text, order } = one(name, stored)?;
        for column in &columns {
            append(&mut self.keys, column);
            append(&mut self.selected, &format!("g.{column}"));
        }
        self.add_columns(&columns);
        append(&mut self.order, &order);
        Ok(text)
    }

    fn add_columns(&mut self, columns: &[String]) {
        for column in columns {
            if !self.columns.split(", ").any(|known| known == *column) {
                append(&mut self.columns, column);
            }
        }
    }
}

impl Store {
    /// The key of a field, or of several with commas between their names, ready to be asked for.
    pub(crate) fn group_key(&self, names: &str) -> Result<GroupKey, StoreError> {
        let (mut key, stored) = (GroupKey::default(), self.stored_fields()?);
        let names: Vec<&str> = names.split(',').map(str::trim).collect();
        let texts: Vec<String> =
            names.iter().map(|name| key.add(name, &stored)).collect::<Result<_, _>>()?;
        key.text = match &texts[..] {
            [only] => only.clone(),
            several => {
                let texts: Vec<String> = several
                    .iter()
                    .map(|text| format!("coalesce(({text})::VARCHAR, '-')"))
                    .collect();
                format!("concat_ws(' ', {})", texts.join(", "))
            }
        };
        self.need_labels(&key.labels)?;
        Ok(key)
    }
}

/// The field with the address, and the label, that a name means: `src_country`.
fn labelled(name: &str) -> Option<(&'static FieldSpec, Label)> {
    let name = name.replace('-', "_");
    let sides = [("src_", "srcaddr"), ("dst_", "dstaddr")];
    sides.into_iter().find_map(|(prefix, column)| {
        let name = name.strip_prefix(prefix)?;
        let label = Label::ALL.into_iter().find(|label| label.name() == name)?;
        Some((field(column)?, label))
    })
}

fn append(list: &mut String, item: &str) {
    if !list.is_empty() {
        list.push_str(", ");
    }
    list.push_str(item);
}

/// A field of the records: its columns, the SQL of its text, and the SQL of its order.
struct One {
    columns: Vec<String>,
    text: String,
    order: String,
}

impl One {
    fn of(column: &str) -> Self {
        let [text, order] = [column, column].map(str::to_owned);
        Self { columns: vec![column.to_owned()], text, order }
    }

    /// The text with the number in this column; numbers come as the texts came.
    fn of_text(number: &str) -> Self {
        let text = format!("text_of({number})");
        Self { columns: vec![number.to_owned()], order: text.clone(), text }
    }
}

fn one(name: &str, stored: &StoredFields) -> Result<One, StoreError> {
    Ok(match (field(name), name) {
        (Some(spec), _) if spec.kind == FieldKind::Address => {
            let columns = address_columns(spec, stored);
            let order = columns.join(", ");
            let text = match columns.len() {
                1 => format!("addr(0::UBIGINT, {order})"),
                _ => format!("addr({order})"),
            };
            One { columns, text, order }
        }
        (Some(spec), _) if spec.kind == FieldKind::Text => One::of_text(&number_column(spec)),
        (Some(spec), _) => One::of(&format!("\"{}\"", spec.column)),
        (None, "verdict" | "evidence" | "source") => One::of(name),
        (None, "overlapping") => One::of_text(OVERLAPPING),
        (None, "coverage") => One::of("verdict"),
        _ => return Err(StoreError::UnknownField(name.to_owned())),
    })
}

/// One column is grouped faster than two.
fn address_columns(spec: &FieldSpec, stored: &StoredFields) -> Vec<String> {
    match stored.is_wide(spec.field) {
        true => vec![high_column(spec), stored_column(spec)],
        false => vec![stored_column(spec)],
    }
}
