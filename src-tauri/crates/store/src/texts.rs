//! The texts of flow records, each kept once and named by a number.
//!
//! A flow log repeats a few texts (accounts, interfaces, actions …) in millions of records. Records hold the number of
//! each text; that is what makes loading, filtering and grouping fast. In SQL, `text_of(number)` gives the text back.

use crate::StoreError;
use crate::database::stored;
use arrow::array::{Array, ArrayRef, Int32Array, RecordBatch, StringBuilder};
use arrow::datatypes::DataType;
use duckdb::vscalar::{ArrowFunctionSignature, VArrowScalar};
use duckdb::{Connection, params};
use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Texts whose numbers are the same in every case, so that SQL can name them.
const FIXED: [&str; 7] = ["NODATA", "SKIPDATA", "OK", "ACCEPT", "REJECT", "ingress", "egress"];
/// Number of `NODATA`.
pub(crate) const NODATA: i32 = 0;
/// Number of `SKIPDATA`.
pub(crate) const SKIPDATA: i32 = 1;
/// Number of `ACCEPT`.
pub(crate) const ACCEPT: i32 = 3;
/// Number of `REJECT`.
pub(crate) const REJECT: i32 = 4;
/// Number of `ingress`.
pub(crate) const INGRESS: i32 = 5;
/// Number of `egress`.
pub(crate) const EGRESS: i32 = 6;
/// More texts than this are no names of anything but an attack on memory; at some 40 bytes each they take 500 MB.
const MOST: usize = 4 << 20;

/// The texts of one case, shared by all its connections.
#[derive(Debug, Clone, Default)]
pub(crate) struct Texts(Arc<RwLock<Known>>);

#[derive(Debug, Default)]
struct Known {
    by_number: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, i32, foldhash::fast::RandomState>,
    /// How many of them the database has.
    kept: usize,
}

impl Texts {
    /// Reads the texts of an open database and makes `text_of` known to it.
    pub(crate) fn of(connection: &Connection) -> Result<Self, StoreError> {
        let texts = Self::default();
        {
            let mut known = texts.write();
            let mut statement = connection.prepare("SELECT \"text\" FROM texts ORDER BY number")?;
            let mut found = statement.query([])?;
            while let Some(row) = found.next()? {
                known.enter(&row.get::<_, String>(0)?);
            }
            known.kept = known.by_number.len();
            for text in FIXED.iter().skip(known.kept) {
                known.enter(text);
            }
        }
        connection.register_scalar_function_with_state::<TextOf>("text_of", &texts)?;
        let count = texts.keep(connection)?;
        texts.kept(count);
        Ok(texts)
    }

    /// The number of a text, which gets one if it has none.
    pub(crate) fn number(&self, text: &str) -> Result<i32, StoreError> {
        if let Some(number) = self.read().numbers.get(text) {
            return Ok(*number);
        }
        let mut known = self.write();
        match known.numbers.get(text) {
            Some(number) => Ok(*number),
            None if known.by_number.len() >= MOST => Err(StoreError::TooManyTexts(MOST)),
            None => Ok(known.enter(text)),
        }
    }

    /// The text with this number.
    pub(crate) fn text(&self, number: i32) -> Option<Arc<str>> {
        usize::try_from(number).ok().and_then(|at| self.read().by_number.get(at).cloned())
    }

    /// Writes the texts that came in since the last time, in the transaction that is open.
    /// Answers how many the database has then.
    pub(crate) fn keep(&self, connection: &Connection) -> Result<usize, StoreError> {
        let known = self.read();
        let mut appender = connection.appender("texts")?;
        for (number, text) in known.by_number.iter().enumerate().skip(known.kept) {
            appender.append_row(params![stored(number as u64), text.as_ref()])?;
        }
        appender.flush()?;
        Ok(known.by_number.len())
    }

    /// Says that this many were committed.
    pub(crate) fn kept(&self, count: usize) {
        self.write().kept = count;
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.read().by_number.len()
    }

    /// Forgets all but the first so many, which only a file had that is not kept.
    pub(crate) fn forget_from(&self, count: usize) {
        let mut known = self.write();
        let keep = count.max(known.kept).min(known.by_number.len());
        let gone = known.by_number.split_off(keep);
        for text in gone {
            known.numbers.remove(&text);
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn enter(&mut self, text: &str) -> i32 {
        let number = i32::try_from(self.by_number.len()).unwrap_or(i32::MAX);
        let text: Arc<str> = text.into();
        self.by_number.push(Arc::clone(&text));
        self.numbers.insert(text, number);
        number
    }
}

/// SQL's `text_of`.
struct TextOf;

impl VArrowScalar for TextOf {
    type State = Texts;

    fn invoke(texts: &Texts, input: RecordBatch) -> Result<Arc<dyn Array>, Box<dyn Error>> {
        let numbers = input.column(0).as_any().downcast_ref::<Int32Array>();
        let known = texts.read();
        let mut out = StringBuilder::with_capacity(input.num_rows(), input.num_rows() * 16);
        for number in numbers.into_iter().flatten() {
            let at = number.and_then(|number| usize::try_from(number).ok());
            out.append_option(at.and_then(|at| known.by_number.get(at)));
        }
        Ok(Arc::new(out.finish()) as ArrayRef)
    }

    fn signatures() -> Vec<ArrowFunctionSignature> {
        vec![ArrowFunctionSignature::exact(vec![DataType::Int32], DataType::Utf8)]
    }
}
