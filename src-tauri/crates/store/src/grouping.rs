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
    /// SQL that puts the values in order.
    pub(crate) order: String,
}

impl GroupKey {
    fn of(columns: impl Into<String>, text: impl Into<String>) -> Self {
        let columns = columns.into();
        Self { order: columns.clone(), columns, text: text.into() }
    }

    /// The text with the number in this column; numbers come as the texts came.
    fn of_text(number: &str) -> Self {
        let text = format!("text_of({number})");
        Self { columns: number.to_owned(), order: text.clone(), text }
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
    let joined = |part: fn(&GroupKey) -> &str| keys.iter().map(part).collect::<Vec<_>>().join(", ");
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
    Ok(GroupKey { columns: joined(|key| &key.columns), order: joined(|key| &key.order), text })
}

fn one(name: &str, stored: &StoredFields) -> Result<GroupKey, StoreError> {
    match (field(name), name) {
        (Some(spec), _) if spec.kind == FieldKind::Address => {
            let column = stored_column(spec);
            // One column is grouped faster than two.
            Ok(match stored.is_wide(spec.field) {
                true => {
                    let columns = format!("{}, {column}", high_column(spec));
                    let text = format!("addr({columns})");
                    GroupKey::of(columns, text)
                }
                false => {
                    let text = format!("addr(0::UBIGINT, {column})");
                    GroupKey::of(column, text)
                }
            })
        }
        (Some(spec), _) if spec.kind == FieldKind::Text => {
            Ok(GroupKey::of_text(&number_column(spec)))
        }
        (Some(spec), _) => {
            let column = format!("\"{}\"", spec.column);
            Ok(GroupKey::of(column.clone(), column))
        }
        (None, "verdict" | "evidence" | "source") => Ok(GroupKey::of(name, name)),
        (None, "overlapping") => Ok(GroupKey::of_text(OVERLAPPING)),
        (None, "coverage") => Ok(GroupKey::of("verdict", "verdict")),
        _ => Err(StoreError::UnknownField(name.to_owned())),
    }
}
