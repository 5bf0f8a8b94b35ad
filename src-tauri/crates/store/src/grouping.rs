//! Fields to group records by.

use crate::flows::field;
use crate::records::{OVERLAPPING, StoredFields, high_column, number_column, stored_column};
use crate::{Store, StoreError};
use flowlog::FieldKind;

/// One field to group by, or several.
pub(crate) struct GroupKey {
    /// The columns that hold it, as SQL for GROUP BY.
    pub(crate) columns: String,
    /// SQL of its text, made of these columns; that of several fields has a space between them, and `-` for what a
    /// record lacks.
    pub(crate) text: String,
}

impl GroupKey {
    fn of(column: &str) -> Self {
        Self { columns: column.to_owned(), text: column.to_owned() }
    }

    /// The columns, one by one.
    pub(crate) fn fields(&self) -> Vec<&str> {
        self.columns.split(", ").collect()
    }
}

impl Store {
    /// The key of a field, or of several with commas between their names.
    pub(crate) fn group_key(&self, names: &str) -> Result<GroupKey, StoreError> {
        group_key(names, &self.stored_fields()?)
    }
}

fn group_key(names: &str, stored: &StoredFields) -> Result<GroupKey, StoreError> {
    let keys: Vec<GroupKey> =
        names.split(',').map(|name| one(name.trim(), stored)).collect::<Result<_, _>>()?;
    let columns: Vec<&str> = keys.iter().map(|key| key.columns.as_str()).collect();
    let text = match &keys[..] {
        [only] => only.text.clone(),
        several => {
            let texts: Vec<String> = several
                .iter()
                .map(|key| format!("coalesce(({})::VARCHAR, '-')", key.text))
                .collect();
            format!("concat_ws(' ', {})", texts.join(", "))
        }
    };
    Ok(GroupKey { columns: columns.join(", "), text })
}

fn one(name: &str, stored: &StoredFields) -> Result<GroupKey, StoreError> {
    match (field(name), name) {
        (Some(spec), _) if spec.kind == FieldKind::Address => {
            let column = stored_column(spec);
            // One column is grouped faster than two.
            Ok(match stored.is_wide(spec.field) {
                true => {
                    let columns = format!("{}, {column}", high_column(spec));
                    GroupKey { text: format!("addr({columns})"), columns }
                }
                false => GroupKey { text: format!("addr(0::UBIGINT, {column})"), columns: column },
            })
        }
        (Some(spec), _) if spec.kind == FieldKind::Text => {
            let columns = number_column(spec);
            Ok(GroupKey { text: format!("text_of({columns})"), columns })
        }
        (Some(spec), _) => Ok(GroupKey::of(&format!("\"{}\"", spec.column))),
        (None, "verdict" | "evidence" | "source") => Ok(GroupKey::of(name)),
        (None, "overlapping") => Ok(GroupKey {
            columns: OVERLAPPING.to_owned(),
            text: format!("text_of({OVERLAPPING})"),
        }),
        (None, "coverage") => Ok(GroupKey::of("verdict")),
        _ => Err(StoreError::UnknownField(name.to_owned())),
    }
}
