//! Fields to group records by.

use crate::StoreError;
use crate::flows::field;
use crate::records::{OVERLAPPING, number_column};
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

/// The key of a field, or of several with commas between their names.
pub(crate) fn group_key(names: &str) -> Result<GroupKey, StoreError> {
    let keys: Vec<GroupKey> =
        names.split(',').map(|name| one(name.trim())).collect::<Result<_, _>>()?;
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

fn one(name: &str) -> Result<GroupKey, StoreError> {
    match (field(name), name) {
        (Some(spec), _) if spec.kind == FieldKind::Address => {
            let columns = format!("{column}_hi, {column}_lo", column = spec.column);
            Ok(GroupKey { text: format!("addr({columns})"), columns })
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
