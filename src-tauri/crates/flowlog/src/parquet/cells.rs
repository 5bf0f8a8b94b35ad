//! Values as the fields of a flow log have them.

use super::leaf::Taker;
use super::nested::Row;
use super::scalar::Scalar;
use super::schema::Leaf;
use super::values::Raw;
use crate::line::{LONGEST, number, within_limit};
use crate::number::{address, int, time};
use crate::{Cause, Column, Field, FieldKind, FieldSpec, Value};
use evidence::Address;
use std::fmt::{Display, Write};

/// How much of a value is kept that is too long for a record. Unit: bytes.
const SHOWN: usize = 1024;

/// A value that does not borrow.
#[derive(Debug, Clone, Copy)]
enum Cell {
    Absent,
    Int(i64),
    Address(Address),
    Time(i64),
    /// Where in the text it stands.
    Text(u32, u32),
    /// Which of the faults it is.
    Fault(u32),
}

/// A value that its field cannot have, and where in the text it stands.
#[derive(Debug)]
struct Fault {
    cause: Cause,
    shown: (u32, u32),
}

/// Cells, and what they point to.
#[derive(Debug, Default)]
struct Cells {
    cells: Vec<Cell>,
    text: String,
    faults: Vec<Fault>,
}

impl Cells {
    fn clear(&mut self) {
        self.cells.clear();
        self.text.clear();
        self.faults.clear();
    }

    /// Places fit: pages are shorter than 4 GiB, and so is what is made of them.
    fn put(&mut self, value: impl Display) -> (u32, u32) {
        let place = |text: &String| u32::try_from(text.len()).unwrap_or(u32::MAX);
        let start = place(&self.text);
        // Writing to a string cannot fail.
        let _ = write!(self.text, "{value}");
        (start, place(&self.text))
    }

    fn shown(&self, (start, end): (u32, u32)) -> &str {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }
}

/// What of a column is worth being told, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    Milliseconds,
    NoTimeZone,
    None,
    NotANumber,
    AccountNumber,
}

impl Notice {
    /// Kind of the anomaly, what was expected and what was found.
    pub(super) fn told(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Milliseconds => (
                "flowlog.milliseconds",
                "seconds",
                "milliseconds; they are read as such, here and below",
            ),
            Self::NoTimeZone => (
                "flowlog.no_time_zone",
                "times in UTC",
                "times of no stated zone; they are read as UTC",
            ),
            Self::None => ("flowlog.none", "`-` or no value", "`None`; it is read as no value"),
            Self::NotANumber => {
                ("flowlog.nan", "a number or no value", "NaN; it is read as no value")
            }
            Self::AccountNumber => (
                "flowlog.account_number",
                "account numbers as text",
                "numbers, whose leading zeros are lost; they are filled up to 12 digits",
            ),
        }
    }
}

/// A column of values, some rows at a time.
#[derive(Debug)]
pub(super) struct CellColumn {
    column: Column,
    leaf: Leaf,
    dictionary: Cells,
    batch: Cells,
    /// Whether the text of the batch stands in the dictionary.
    picked: bool,
    /// Rows of the batch that were given away.
    taken: usize,
    notices: Vec<Notice>,
    told: usize,
}

impl CellColumn {
    pub(super) fn new(column: Column, leaf: Leaf) -> Self {
        Self {
            column,
            leaf,
            dictionary: Cells::default(),
            batch: Cells::default(),
            picked: false,
            taken: 0,
            notices: Vec::new(),
            told: 0,
        }
    }

    /// Forgets everything but what was told.
    pub(super) fn restart(&mut self) {
        self.dictionary.clear();
        self.clear();
    }

    pub(super) fn clear(&mut self) {
        self.batch.clear();
        (self.picked, self.taken) = (false, 0);
    }

    /// Rows that were not given away yet.
    pub(super) fn rows(&self) -> usize {
        self.batch.cells.len().saturating_sub(self.taken)
    }

    /// Text of the batch. Unit: bytes.
    pub(super) fn text(&self) -> usize {
        self.batch.text.len()
    }

    pub(super) fn take(&mut self, rows: usize) {
        self.taken = self.taken.saturating_add(rows);
    }

    /// What was noticed since this was asked.
    pub(super) fn noticed(&mut self) -> &[Notice] {
        let told = std::mem::replace(&mut self.told, self.notices.len());
        self.notices.get(told..).unwrap_or_default()
    }

    /// The value of a row that was not given away.
    ///
    /// # Errors
    /// Why it is none, and the value as it was found.
    #[inline]
    pub(super) fn value(&self, row: usize) -> Result<Value<'_>, (Cause, &str)> {
        let cell = self.taken.checked_add(row).and_then(|row| self.batch.cells.get(row));
        let cells = if self.picked { &self.dictionary } else { &self.batch };
        Ok(match cell {
            None | Some(Cell::Absent) => Value::Absent,
            Some(Cell::Int(number)) => Value::Int(*number),
            Some(Cell::Address(address)) => Value::Address(*address),
            Some(Cell::Time(time)) => Value::Time(*time),
            Some(Cell::Text(start, end)) => Value::Text(cells.shown((*start, *end))),
            Some(Cell::Fault(fault)) => {
                let fault = cells.faults.get(*fault as usize);
                let shown = fault.map(|fault| cells.shown(fault.shown)).unwrap_or_default();
                return Err((fault.map_or(Cause::NoLayout, |fault| fault.cause), shown));
            }
        })
    }

    /// A row of a nested column: it is kept as JSON.
    pub(super) fn push_json(&mut self, row: &Row) {
        let value = row.value.as_object().and_then(|object| object.values().next());
        let Some(value) = value else { return self.null() };
        let text = value.to_string();
        let made = match &self.column {
            Column::Known(spec) => Err(Cause::Type { field: spec.name }),
            _ if !row.utf8 => Err(Cause::NotUtf8),
            _ if text.len() > LONGEST => Err(Cause::TooLong { limit: LONGEST }),
            _ => {
                let (start, end) = self.batch.put(&text);
                Ok(Cell::Text(start, end))
            }
        };
        let shown: String = text.chars().take(SHOWN).collect();
        push(&mut self.batch, made, Scalar::Text(&shown));
    }

    fn convert(&mut self, raw: Raw<'_>, into_dictionary: bool) {
        let cells = if into_dictionary { &mut self.dictionary } else { &mut self.batch };
        // What is too long for a record is not worth being looked at.
        if let Raw::Bytes(bytes) = raw
            && bytes.len() > LONGEST
        {
            let shown = Scalar::NotUtf8(bytes.get(..SHOWN).unwrap_or_default());
            return push(cells, Err(Cause::TooLong { limit: LONGEST }), shown);
        }
        let scalar = Scalar::new(&self.leaf, raw);
        let made = made(cells, &self.column, scalar, &mut self.notices);
        push(cells, made, scalar);
    }
}

impl Taker for CellColumn {
    /// What is made of a number as text is not longer than the second half of this.
    const ENTRY: usize = size_of::<Cell>() + 40;

    fn entry(&mut self, raw: Raw<'_>) {
        self.convert(raw, true);
    }

    #[inline]
    fn pick(&mut self, entry: u32) -> Option<()> {
        self.picked = true;
        self.batch.cells.push(*self.dictionary.cells.get(entry as usize)?);
        Some(())
    }

    #[inline]
    fn value(&mut self, raw: Raw<'_>) {
        self.convert(raw, false);
    }

    #[inline]
    fn null(&mut self) {
        self.batch.cells.push(Cell::Absent);
    }
}

fn push(cells: &mut Cells, made: Result<Cell, Cause>, found: Scalar<'_>) {
    let cell = match made {
        Ok(cell) => cell,
        Err(cause) => {
            let shown = cells.put(found);
            let fault = u32::try_from(cells.faults.len()).unwrap_or(u32::MAX);
            cells.faults.push(Fault { cause, shown });
            Cell::Fault(fault)
        }
    };
    cells.cells.push(cell);
}

fn made(
    cells: &mut Cells,
    column: &Column,
    scalar: Scalar<'_>,
    notices: &mut Vec<Notice>,
) -> Result<Cell, Cause> {
    let mut notice = |notice| {
        if !notices.contains(&notice) {
            notices.push(notice);
        }
    };
    match scalar {
        Scalar::Text("-") => return Ok(Cell::Absent),
        Scalar::NotUtf8(_) => return Err(Cause::NotUtf8),
        Scalar::Text(text) if memchr::memchr(0, text.as_bytes()).is_some() => {
            return Err(Cause::Nul);
        }
        _ => {}
    }
    let Column::Known(spec) = column else {
        let (start, end) = cells.put(scalar);
        return Ok(Cell::Text(start, end));
    };
    match scalar {
        Scalar::Text("") if spec.kind != FieldKind::Text => return Ok(Cell::Absent),
        // As Python writes no value.
        Scalar::Text("None") => {
            notice(Notice::None);
            return Ok(Cell::Absent);
        }
        Scalar::Binary(bytes) if std::str::from_utf8(bytes).is_ok() => return Err(Cause::Nul),
        Scalar::Binary(_) => return Err(Cause::NotUtf8),
        Scalar::Double(number) if number.is_nan() => {
            notice(Notice::NotANumber);
            return Ok(Cell::Absent);
        }
        Scalar::Single(number) if number.is_nan() => {
            notice(Notice::NotANumber);
            return Ok(Cell::Absent);
        }
        _ => {}
    }
    match spec.kind {
        FieldKind::Int => match scalar {
            Scalar::Text(text) => number(text, spec),
            _ => whole(scalar, spec).and_then(|number| within_limit(number, spec)),
        }
        .map(Cell::Int),
        FieldKind::Address => match scalar {
            Scalar::Text(text) => {
                address(text).map(Cell::Address).ok_or(Cause::Address { field: spec.name })
            }
            _ => Err(Cause::Type { field: spec.name }),
        },
        FieldKind::Time => point_in_time(scalar, spec, notice),
        FieldKind::Text => {
            let (start, end) = match scalar {
                Scalar::Text(text) => cells.put(text),
                _ if is_account(spec.field) => {
                    let number = whole(scalar, spec)?;
                    notice(Notice::AccountNumber);
                    cells.put(format_args!("{number:012}"))
                }
                _ => cells.put(scalar),
            };
            Ok(Cell::Text(start, end))
        }
    }
}

fn is_account(field: Field) -> bool {
    matches!(field, Field::AccountId | Field::TgwSrcVpcAccountId | Field::TgwDstVpcAccountId)
}

/// A number that is not negative, whichever type it has.
fn whole(scalar: Scalar<'_>, spec: &'static FieldSpec) -> Result<i64, Cause> {
    match scalar {
        Scalar::Int(_)
        | Scalar::Large(_)
        | Scalar::Single(_)
        | Scalar::Double(_)
        | Scalar::Decimal { .. } => {
            let number = scalar.whole().and_then(|number| i64::try_from(number).ok());
            number.filter(|number| *number >= 0).ok_or(Cause::Number { field: spec.name })
        }
        _ => Err(Cause::Type { field: spec.name }),
    }
}

fn point_in_time(
    scalar: Scalar<'_>,
    spec: &'static FieldSpec,
    mut notice: impl FnMut(Notice),
) -> Result<Cell, Cause> {
    let of_number = |number| time(number).ok_or(Cause::Time { field: spec.name });
    let (time, fine) = match scalar {
        Scalar::Text(text) => {
            of_number(int(text.as_bytes()).ok_or(Cause::Number { field: spec.name })?)?
        }
        Scalar::Date(days) => of_number(i64::from(days).saturating_mul(86_400))?,
        Scalar::Instant { nanos, utc } => {
            if !utc {
                notice(Notice::NoTimeZone);
            }
            let micros = i64::try_from(nanos.div_euclid(1_000)).ok();
            // The limits are those of a time in seconds.
            let seconds = micros.map(|micros| micros.div_euclid(1_000_000));
            seconds.map(of_number).transpose()?;
            (micros.ok_or(Cause::Time { field: spec.name })?, false)
        }
        _ => of_number(whole(scalar, spec)?)?,
    };
    if fine {
        notice(Notice::Milliseconds);
    }
    Ok(Cell::Time(time))
}
