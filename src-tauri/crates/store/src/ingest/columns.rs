//! Flow records as columns, on their way into the table.
//!
//! The memory of a batch serves the next one, of the next file too: to get it anew costs more than to fill it.

use crate::StoreError;
use crate::records::{StoredFields, Width, high_column, stored_column};
use crate::texts::Texts;
use arrow::array::{
    Array as _, ArrayRef, ArrowPrimitiveType, NullBufferBuilder, PrimitiveArray, StringBuilder,
};
use arrow::datatypes::{
    Field as ArrowField, Int32Type, Int64Type, Schema, TimestampMicrosecondType, UInt8Type,
    UInt16Type, UInt64Type,
};
use arrow::record_batch::RecordBatch;
use flowlog::{Field, FieldKind, FieldSpec, Value};
use std::sync::Arc;

/// Records of one load that are not yet in the table.
#[derive(Default)]
pub(super) struct Columns {
    records: Numbers<Int64Type>,
    evidence: Numbers<Int32Type>,
    lines: Numbers<Int64Type>,
    fields: Vec<(&'static FieldSpec, Builder)>,
    unknown: Option<StringBuilder>,
}

impl Columns {
    /// Whether there is room for the fields that the table has.
    pub(super) fn fits(&self, stored: &StoredFields) -> bool {
        let own = self.fields.iter().map(|(spec, _)| spec.field);
        own.eq(stored.specs().map(|spec| spec.field))
            && self.unknown.is_some() == stored.has_unknown()
    }

    /// Makes room for the fields that the table has; there must be no rows.
    pub(super) fn fit(&mut self, stored: &StoredFields) {
        let mut old = std::mem::take(&mut self.fields);
        self.fields = stored
            .specs()
            .map(|spec| match old.iter().position(|(known, _)| known.field == spec.field) {
                Some(at) => old.swap_remove(at),
                None => (spec, Builder::new(spec)),
            })
            .collect();
        self.unknown = stored.has_unknown().then(StringBuilder::new);
    }

    /// The place of a field, for [`Columns::put`].
    pub(super) fn place(&self, field: Field) -> Option<usize> {
        self.fields.iter().position(|(spec, _)| spec.field == field)
    }

    /// Rows that are whole.
    pub(super) fn rows(&self) -> usize {
        self.records.values.len()
    }

    /// Gives the row that [`Columns::end_row`] will end a value.
    pub(super) fn put(
        &mut self,
        place: usize,
        value: &Value<'_>,
        texts: &Texts,
    ) -> Result<(), StoreError> {
        match self.fields.get_mut(place) {
            Some((_, column)) => column.push(value, texts),
            None => Ok(()),
        }
    }

    /// Ends a row; `unknown` is what it has beside its fields.
    pub(super) fn end_row(
        &mut self,
        record: i64,
        evidence: i32,
        line: i64,
        unknown: Option<String>,
    ) {
        self.records.push(record);
        self.evidence.push(evidence);
        self.lines.push(line);
        if let Some(column) = &mut self.unknown {
            column.append_option(unknown);
        }
    }

    /// Gives every row the fields that it lacks: what comes next may have others.
    pub(super) fn level(&mut self) {
        let rows = self.rows();
        self.fields.iter_mut().for_each(|(_, column)| column.numbers().level(rows));
    }

    /// Forgets all rows but the first, and a row that was begun.
    pub(super) fn cut(&mut self, rows: usize) {
        self.records.cut(rows);
        self.evidence.cut(rows);
        self.lines.cut(rows);
        for (_, column) in &mut self.fields {
            column.numbers().cut(rows);
            match column {
                Builder::Address { hi, .. } => hi.cut(rows),
                // Numbers of texts are forgotten with the rows that named them.
                Builder::Text { recent, .. } => *recent = Recent::new(),
                _ => {}
            }
        }
        if let Some(column) = &mut self.unknown {
            let all = column.finish();
            (0..rows)
                .for_each(|row| column.append_option(all.is_valid(row).then(|| all.value(row))));
        }
    }

    /// Fields with an address that takes more than the lower half.
    pub(super) fn wide(&self) -> impl Iterator<Item = Field> {
        let wide = |(spec, column): &(&FieldSpec, Builder)| match column {
            Builder::Address { hi, .. } if !hi.values.is_empty() => Some(spec.field),
            _ => None,
        };
        self.fields.iter().filter_map(wide)
    }

    /// All rows, in columns that are named as those of the table.
    pub(super) fn lend(&mut self) -> Result<RecordBatch, StoreError> {
        self.level();
        let rows = self.rows();
        let mut batch = Batch::default();
        batch.put("record".to_owned(), self.records.lend());
        batch.put("evidence".to_owned(), self.evidence.lend());
        batch.put("line".to_owned(), self.lines.lend());
        for (spec, column) in &mut self.fields {
            batch.put(stored_column(spec), column.numbers().lend());
            if let Builder::Address { hi, .. } = column
                && !hi.values.is_empty()
            {
                hi.level(rows);
                batch.put(high_column(spec), hi.lend());
            }
        }
        if let Some(column) = &mut self.unknown {
            batch.put("unknown_fields".to_owned(), Arc::new(column.finish()));
        }
        batch.finish()
    }

    /// Takes the memory of what was lent back, once nobody else has it.
    pub(super) fn take_back(&mut self) {
        self.records.take_back();
        self.evidence.take_back();
        self.lines.take_back();
        for (_, column) in &mut self.fields {
            column.numbers().take_back();
            if let Builder::Address { hi, .. } = column {
                hi.take_back();
            }
        }
    }
}

/// The values of one field.
enum Builder {
    Byte(Numbers<UInt8Type>),
    Short(Numbers<UInt16Type>),
    Int(Numbers<Int64Type>),
    /// The upper half is absent where it is zero, and ends with the last one that is not.
    Address {
        hi: Numbers<UInt64Type>,
        lo: Numbers<UInt64Type>,
    },
    Time(Numbers<TimestampMicrosecondType>),
    Text {
        numbers: Numbers<Int32Type>,
        recent: Recent,
    },
}

impl Builder {
    fn new(spec: &FieldSpec) -> Self {
        match spec.kind {
            FieldKind::Int => match Width::of(spec.field) {
                Width::Eight => Self::Byte(Numbers::default()),
                Width::Sixteen => Self::Short(Numbers::default()),
                Width::All => Self::Int(Numbers::default()),
            },
            FieldKind::Address => Self::Address { hi: Numbers::default(), lo: Numbers::default() },
            FieldKind::Time => Self::Time(Numbers::default()),
            FieldKind::Text => Self::Text { numbers: Numbers::default(), recent: Recent::new() },
        }
    }

    /// Appends a value of this kind; anything else is absent here, since the reader gives each field its kind.
    fn push(&mut self, value: &Value<'_>, texts: &Texts) -> Result<(), StoreError> {
        match (self, value) {
            (Self::Byte(numbers), Value::Int(number)) => {
                numbers.push(u8::try_from(*number).map_err(|_| StoreError::Unfitting(*number))?);
            }
            (Self::Short(numbers), Value::Int(number)) => {
                numbers.push(u16::try_from(*number).map_err(|_| StoreError::Unfitting(*number))?);
            }
            (Self::Int(numbers), Value::Int(number)) => numbers.push(*number),
            (Self::Time(numbers), Value::Time(time)) => numbers.push(*time),
            (Self::Address { hi, lo }, Value::Address(address)) => {
                if address.hi() != 0 {
                    hi.level(lo.values.len());
                    hi.push(address.hi());
                }
                lo.push(address.lo());
            }
            (Self::Text { numbers, recent }, Value::Text(text)) => {
                numbers.push(recent.number(text, texts)?);
            }
            (absent, _) => absent.numbers().skip(),
        }
        Ok(())
    }

    /// What says how many rows there are.
    fn numbers(&mut self) -> &mut dyn Lent {
        match self {
            Self::Byte(numbers) => numbers,
            Self::Short(numbers) => numbers,
            Self::Int(numbers) => numbers,
            Self::Time(numbers) => numbers,
            Self::Address { lo, .. } => lo,
            Self::Text { numbers, .. } => numbers,
        }
    }
}

/// Numbers, some of which may be absent.
struct Numbers<T: ArrowPrimitiveType> {
    values: Vec<T::Native>,
    absent: NullBufferBuilder,
    lent: Option<Arc<PrimitiveArray<T>>>,
}

impl<T: ArrowPrimitiveType> Default for Numbers<T> {
    fn default() -> Self {
        Self { values: Vec::new(), absent: NullBufferBuilder::new(0), lent: None }
    }
}

impl<T: ArrowPrimitiveType> Numbers<T> {
    #[inline(always)]
    fn push(&mut self, value: T::Native) {
        self.values.push(value);
        self.absent.append_non_null();
    }
}

/// Numbers of any width.
trait Lent {
    /// Appends one that is absent.
    fn skip(&mut self);
    /// Appends absent ones up to this many rows.
    fn level(&mut self, rows: usize);
    /// Keeps no more than this many rows.
    fn cut(&mut self, rows: usize);
    fn lend(&mut self) -> ArrayRef;
    fn take_back(&mut self);
}

impl<T: ArrowPrimitiveType> Lent for Numbers<T> {
    fn skip(&mut self) {
        self.values.push(T::Native::default());
        self.absent.append_null();
    }

    fn level(&mut self, rows: usize) {
        let more = rows.saturating_sub(self.values.len());
        self.values.resize(self.values.len() + more, T::Native::default());
        self.absent.append_n_nulls(more);
    }

    fn cut(&mut self, rows: usize) {
        self.values.truncate(rows);
        self.absent.truncate(self.values.len());
    }

    fn lend(&mut self) -> ArrayRef {
        let values = std::mem::take(&mut self.values).into();
        let array = Arc::new(PrimitiveArray::new(values, self.absent.finish()));
        self.lent = Some(Arc::clone(&array));
        array
    }

    fn take_back(&mut self) {
        if let Some(array) = self.lent.take().and_then(Arc::into_inner)
            && let Ok(mut values) = array.into_parts().1.into_inner().into_vec()
        {
            values.clear();
            self.values = values;
        }
    }
}

/// The texts that came last, and their numbers: most come again soon.
struct Recent(Vec<(String, i32)>);

impl Recent {
    /// As many as ten bits tell apart.
    const KEPT: usize = 1024;

    fn new() -> Self {
        Self(vec![(String::new(), -1); Self::KEPT])
    }

    fn number(&mut self, text: &str, texts: &Texts) -> Result<i32, StoreError> {
        // Ids differ in their last letters.
        let letters = text.as_bytes().last_chunk().map_or(0, |last| u32::from_be_bytes(*last));
        let at = letters.wrapping_mul(0x9e37_79b1) >> 22;
        let Some(own) = self.0.get_mut(at as usize) else { return texts.number(text) };
        if own.1 < 0 || own.0 != text {
            own.1 = texts.number(text)?;
            own.0.clear();
            own.0.push_str(text);
        }
        Ok(own.1)
    }
}

/// Named columns of equal length.
#[derive(Default)]
struct Batch {
    fields: Vec<ArrowField>,
    arrays: Vec<ArrayRef>,
}

impl Batch {
    fn put(&mut self, name: String, array: ArrayRef) {
        self.fields.push(ArrowField::new(name, array.data_type().clone(), true));
        self.arrays.push(array);
    }

    fn finish(self) -> Result<RecordBatch, StoreError> {
        Ok(RecordBatch::try_new(Arc::new(Schema::new(self.fields)), self.arrays)?)
    }
}
