//! A record in the making, of a source that names the fields of each record.

use crate::alias::by_alias;
use crate::field::{FIELDS, Field, FieldKind, FieldSpec};
use crate::line::within_limit;
use crate::moment::{decimal_seconds, moment};
use crate::number::{address, int, time};
use crate::{Cause, Value};
use evidence::Address;
use serde_json::{Map, Value as Json};

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    Absent,
    Int(i64),
    Address(Address),
    /// Unit: µs since the epoch, UTC.
    Time(i64),
    Text(String),
}

/// The values that are known of a record, and all else that its source says, as an object.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Row {
    /// No field stands here twice.
    pub(crate) cells: Vec<(&'static FieldSpec, Cell)>,
    pub(crate) others: Map<String, Json>,
    /// Whether a time was written in milliseconds where seconds are the rule.
    pub(crate) milliseconds: bool,
}

impl Cell {
    pub(crate) fn value(&self) -> Value<'_> {
        match self {
            Self::Absent => Value::Absent,
            Self::Int(number) => Value::Int(*number),
            Self::Address(address) => Value::Address(*address),
            Self::Time(time) => Value::Time(*time),
            Self::Text(text) => Value::Text(text),
        }
    }

    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    fn is(&self, kind: FieldKind) -> bool {
        match self {
            Self::Absent => true,
            Self::Int(_) => kind == FieldKind::Int,
            Self::Address(_) => kind == FieldKind::Address,
            Self::Time(_) => kind == FieldKind::Time,
            Self::Text(_) => kind == FieldKind::Text,
        }
    }
}

impl Row {
    /// The row that an object's members make whose names are those of fields or their aliases; of two members
    /// of one field the first counts, and the other stands with all else.
    pub(crate) fn of_members(members: Map<String, Json>) -> Result<Self, Cause> {
        let mut row = Self::default();
        for (name, value) in members {
            match by_alias(name.as_bytes()) {
                Some(spec) if row.cell(spec.field).is_none() => row.set_spec(spec, &value)?,
                _ if value.is_null() => {}
                _ => {
                    row.others.insert(name, value);
                }
            }
        }
        Ok(row)
    }

    pub(crate) fn cell(&self, field: Field) -> Option<&Cell> {
        self.cells.iter().find(|(spec, _)| spec.field == field).map(|(_, cell)| cell)
    }

    /// Sets a field to what the source says, read as the field's kind; null sets nothing.
    ///
    /// # Errors
    /// Why it is no value of the field.
    pub(crate) fn set(&mut self, field: Field, value: &Json) -> Result<(), Cause> {
        match FIELDS.get(field as usize) {
            Some(spec) if !value.is_null() => self.set_spec(spec, value),
            _ => Ok(()),
        }
    }

    fn set_spec(&mut self, spec: &'static FieldSpec, value: &Json) -> Result<(), Cause> {
        let (cell, milliseconds) = of_json(value, spec)?;
        self.milliseconds |= milliseconds;
        self.put(spec.field, cell);
        Ok(())
    }

    /// Sets a field to a value of its kind.
    pub(crate) fn put(&mut self, field: Field, cell: Cell) {
        let Some(spec) = FIELDS.get(field as usize).filter(|spec| cell.is(spec.kind)) else {
            return;
        };
        match self.cells.iter_mut().find(|(known, _)| known.field == field) {
            Some((_, old)) => *old = cell,
            None => self.cells.push((spec, cell)),
        }
    }

    /// # Errors
    /// [`Cause::StartAfterEnd`]
    pub(crate) fn check(&self) -> Result<(), Cause> {
        match (self.cell(Field::Start), self.cell(Field::End)) {
            (Some(Cell::Time(start)), Some(Cell::Time(end))) if start > end => {
                Err(Cause::StartAfterEnd)
            }
            _ => Ok(()),
        }
    }
}

/// A JSON value as a value of the field, and whether it is a time in milliseconds.
fn of_json(value: &Json, spec: &'static FieldSpec) -> Result<(Cell, bool), Cause> {
    let text = match value {
        Json::Null => return Ok((Cell::Absent, false)),
        Json::String(text) => text.as_str(),
        Json::Number(number) => &number.to_string(),
        Json::Bool(_) | Json::Array(_) | Json::Object(_) => {
            return Err(match spec.kind {
                FieldKind::Int => Cause::Number { field: spec.name },
                FieldKind::Address => Cause::Address { field: spec.name },
                FieldKind::Time => Cause::Time { field: spec.name },
                FieldKind::Text => Cause::Text { field: spec.name },
            });
        }
    };
    let (value, milliseconds) = of_text(text, spec)?;
    let cell = match value {
        Value::Absent => Cell::Absent,
        Value::Int(number) => Cell::Int(number),
        Value::Address(address) => Cell::Address(address),
        Value::Time(time) => Cell::Time(time),
        Value::Text(text) => Cell::Text(text.to_owned()),
    };
    Ok((cell, milliseconds))
}

/// A text as a value of the field, and whether it is a time in milliseconds. More forms are read than a flow
/// log's own lines have: times as dates and with a fraction, numbers written `443.0`.
pub(crate) fn of_text<'a>(
    text: &'a str,
    spec: &'static FieldSpec,
) -> Result<(Value<'a>, bool), Cause> {
    if text == "-" || (text.is_empty() && spec.kind != FieldKind::Text) {
        return Ok((Value::Absent, false));
    }
    let value = match spec.kind {
        FieldKind::Text => Value::Text(text),
        FieldKind::Int => {
            let digits = text.strip_suffix(".0").unwrap_or(text);
            let number = int(digits.as_bytes()).ok_or(Cause::Number { field: spec.name })?;
            Value::Int(within_limit(number, spec)?)
        }
        FieldKind::Address => {
            Value::Address(address(text).ok_or(Cause::Address { field: spec.name })?)
        }
        FieldKind::Time => {
            let (time, milliseconds) =
                point_in_time(text).ok_or(Cause::Time { field: spec.name })?;
            return Ok((Value::Time(time), milliseconds));
        }
    };
    Ok((value, false))
}

/// Unit: µs since the epoch, UTC; and whether it was written in milliseconds.
pub(crate) fn point_in_time(text: &str) -> Option<(i64, bool)> {
    match int(text.as_bytes()) {
        Some(number) => time(number),
        None if text.contains(':') => moment(text).map(|micros| (micros, false)),
        None => {
            let micros = decimal_seconds(text)?;
            // As `time` has it: what is above is in milliseconds.
            let (number, fraction) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
            let (whole, milliseconds) = time(number)?;
            let fraction = if milliseconds { fraction.div_euclid(1_000) } else { fraction };
            Some((whole.saturating_add(fraction), milliseconds))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(field: Field, value: Json, expected: Result<Cell, Cause>) {
        let mut row = Row::default();
        let set = row.set(field, &value);
        let cell = row.cells.pop().map_or(Cell::Absent, |(_, cell)| cell);
        assert_eq!(set.map(|()| cell), expected, "{field:?} {value}");
    }

    #[test]
    fn a_json_value_is_read_as_its_field_says() {
        let address = Address::parse("10.0.0.1").unwrap();
        check(Field::SrcAddr, json!("10.0.0.1"), Ok(Cell::Address(address)));
        check(Field::SrcAddr, json!("-"), Ok(Cell::Absent));
        check(Field::SrcAddr, json!(null), Ok(Cell::Absent));
        check(Field::SrcAddr, json!(1), Err(Cause::Address { field: "srcaddr" }));
        check(Field::SrcPort, json!(443), Ok(Cell::Int(443)));
        check(Field::SrcPort, json!("443"), Ok(Cell::Int(443)));
        check(Field::SrcPort, json!(443.0), Ok(Cell::Int(443)));
        check(Field::SrcPort, json!(""), Ok(Cell::Absent));
        check(Field::SrcPort, json!(443.5), Err(Cause::Number { field: "srcport" }));
        check(Field::SrcPort, json!(-1), Err(Cause::Number { field: "srcport" }));
        check(Field::SrcPort, json!(true), Err(Cause::Number { field: "srcport" }));
        check(Field::SrcPort, json!(65536), Err(Cause::Limit { field: "srcport", limit: 65_535 }));
        check(Field::AccountId, json!("000000000012"), Ok(Cell::text("000000000012")));
        check(Field::AccountId, json!(12), Ok(Cell::text("12")));
        check(Field::AccountId, json!(["12"]), Err(Cause::Text { field: "account-id" }));
        check(Field::AccountId, json!(""), Ok(Cell::text("")));
    }

    #[test]
    fn a_time_is_read_in_every_form() {
        let time = 1_704_776_401_500_000;
        for value in [
            json!(1_704_776_401_500_i64),
            json!("1704776401500"),
            json!(1_704_776_401.5),
            json!("2024-01-09 05:00:01.500"),
            json!("2024-01-09T05:00:01.5Z"),
        ] {
            check(Field::Start, value, Ok(Cell::Time(time)));
        }
        check(Field::Start, json!(1_704_776_401), Ok(Cell::Time(1_704_776_401_000_000)));
        for value in [json!("yesterday"), json!(1e30), json!({})] {
            check(Field::Start, value, Err(Cause::Time { field: "start" }));
        }
    }

    #[test]
    fn members_of_other_names_and_a_field_named_again_are_kept() {
        let Json::Object(members) =
            json!({"srcAddr": "10.0.0.1", "src_addr": "10.0.0.2", "mood": [1], "no": null})
        else {
            panic!()
        };
        let row = Row::of_members(members).unwrap();
        assert_eq!(row.cells.len(), 1);
        assert_eq!(Json::Object(row.others), json!({"src_addr": "10.0.0.2", "mood": [1]}));
    }
}
