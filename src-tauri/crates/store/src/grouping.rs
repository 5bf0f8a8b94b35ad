//! Fields to group records by.

use crate::flows::field;
use crate::labels::Label;
use crate::records::{OVERLAPPING, number_column};
use crate::{Store, StoreError};
use flowlog::FieldKind;
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
    fn add(&mut self, name: &str) -> Result<String, StoreError> {
        if let Some((side, label)) = labelled(name) {
            let at = self.labels.len();
            self.labels.push((label, None));
            self.add_columns(&[&format!("{side}_hi"), &format!("{side}_lo")]);
            let key = format!("label_{at}");
            append(&mut self.keys, &key);
            append(&mut self.selected, &format!("l{at}.{} AS {key}", label.name()));
            let _ = write!(
                self.joins,
                " LEFT JOIN address_labels l{at} ON l{at}.hi = g.{side}_hi AND l{at}.lo = g.{side}_lo"
            );
            return Ok(key);
        }
        let (columns, text) = one(name)?;
        for column in columns.split(", ") {
            self.add_columns(&[column]);
            append(&mut self.keys, column);
            append(&mut self.selected, &format!("g.{column}"));
        }
        Ok(text)
    }

    fn add_columns(&mut self, columns: &[&str]) {
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
        let mut key = GroupKey::default();
        let names: Vec<&str> = names.split(',').map(str::trim).collect();
        let texts: Vec<String> =
            names.iter().map(|name| key.add(name)).collect::<Result<_, _>>()?;
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

/// The address column and the label that a name means: `src_country`.
fn labelled(name: &str) -> Option<(&'static str, Label)> {
    let name = name.replace('-', "_");
    let sides = [("src_", "srcaddr"), ("dst_", "dstaddr")];
    sides.into_iter().find_map(|(prefix, column)| {
        let name = name.strip_prefix(prefix)?;
        let label = Label::ALL.into_iter().find(|label| label.name() == name)?;
        Some((column, label))
    })
}

fn append(list: &mut String, item: &str) {
    if !list.is_empty() {
        list.push_str(", ");
    }
    list.push_str(item);
}

/// The columns of a field of the records, and the SQL of its text.
fn one(name: &str) -> Result<(String, String), StoreError> {
    let plain = |column: &str| (column.to_owned(), column.to_owned());
    Ok(match (field(name), name) {
        (Some(spec), _) if spec.kind == FieldKind::Address => {
            let columns = format!("{column}_hi, {column}_lo", column = spec.column);
            let text = format!("addr({columns})");
            (columns, text)
        }
        (Some(spec), _) if spec.kind == FieldKind::Text => {
            let column = number_column(spec);
            let text = format!("text_of({column})");
            (column, text)
        }
        (Some(spec), _) => plain(&format!("\"{}\"", spec.column)),
        (None, "verdict" | "evidence" | "source") => plain(name),
        (None, "overlapping") => (OVERLAPPING.to_owned(), format!("text_of({OVERLAPPING})")),
        (None, "coverage") => plain("verdict"),
        _ => return Err(StoreError::UnknownField(name.to_owned())),
    })
}
