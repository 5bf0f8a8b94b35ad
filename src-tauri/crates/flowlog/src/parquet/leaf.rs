//! The values of one column in one row group, with their levels.

use super::footer::Chunk;
use super::limits::Budget;
use super::page::{Levels, Page, PageKind, Pages};
use super::rle::Hybrid;
use super::schema::Leaf;
use super::values::{Own, Raw, Values, prefixed};
use super::{Damage, Source, Stop};
use std::io;

const RLE: i64 = 3;

/// Takes the values of a column.
pub(super) trait Taker {
    /// Memory that an entry of the dictionary takes besides its own bytes. Unit: bytes.
    const ENTRY: usize;
    /// The next entry of the dictionary.
    fn entry(&mut self, raw: Raw<'_>);
    /// A value that is this entry of the dictionary; `None` if there is no such entry.
    fn pick(&mut self, entry: u32) -> Option<()>;
    /// A value.
    fn value(&mut self, raw: Raw<'_>);
    /// No value.
    fn null(&mut self);
}

/// A place in a column of a row group.
#[derive(Debug)]
pub(super) struct LeafReader {
    leaf: Leaf,
    pages: Pages,
    page: Option<Current>,
    /// Levels that are still to come, of a column that is not repeated.
    left: u64,
}

/// The page that is being read.
#[derive(Debug)]
struct Current {
    page: Page,
    left: u64,
    rep: Option<Hybrid>,
    def: Option<Hybrid>,
    values: Values,
}

impl LeafReader {
    pub(super) fn new(leaf: &Leaf, chunk: &Chunk, rows: u64) -> Self {
        let pages = Pages::new(leaf.name(), chunk);
        Self { leaf: leaf.clone(), pages, page: None, left: rows }
    }

    pub(super) fn leaf(&self) -> &Leaf {
        &self.leaf
    }

    /// Levels that are left in the page, once it is there: 0 at the end of the column.
    pub(super) fn ready(
        &mut self,
        input: &mut dyn Source,
        budget: &mut Budget,
        taker: &mut impl Taker,
    ) -> Result<u64, Stop> {
        loop {
            if let Some(current) = &self.page
                && current.left > 0
            {
                return Ok(current.left);
            }
            if let Some(current) = self.page.take() {
                budget.release(current.page.bytes.len());
            }
            let Some(page) = self.pages.next(input, budget)? else { return Ok(0) };
            let (offset, length) = (page.offset, page.length);
            self.open(page, budget, taker).map_err(|(expected, found)| {
                Stop::Damage(self.pages.damage(offset, length, expected, found))
            })?;
        }
    }

    fn open<T: Taker>(
        &mut self,
        page: Page,
        budget: &mut Budget,
        taker: &mut T,
    ) -> Result<(), (&'static str, String)> {
        match page.kind {
            PageKind::Dictionary { values, encoding } => {
                self.dictionary(&page, values, encoding, budget, taker)
            }
            PageKind::Data { values, encoding, levels } => {
                if self.leaf.rep > 0 {
                    budget.values(values, 1).map_err(|found| ("fewer values", found))?;
                } else {
                    self.left = self.left.checked_sub(values).ok_or_else(|| {
                        (
                            "no more values than rows",
                            format!("{values} where {} are left", self.left),
                        )
                    })?;
                }
                budget.hold(page.bytes.len()).map_err(|found| ("a page", found))?;
                let leaf = &self.leaf;
                let (rep, def, at) = levels_of(&page.bytes, levels, leaf)
                    .ok_or_else(|| ("levels", format!("{levels:?}")))?;
                let open = Values::new(encoding, leaf.physical, &page.bytes, at);
                let values_ = open.ok_or_else(|| {
                    ("values", format!("{:?} in encoding {encoding}", leaf.physical))
                })?;
                self.page = Some(Current { page, left: values, rep, def, values: values_ });
                Ok(())
            }
        }
    }

    fn dictionary<T: Taker>(
        &self,
        page: &Page,
        count: u64,
        encoding: i64,
        budget: &mut Budget,
        taker: &mut T,
    ) -> Result<(), (&'static str, String)> {
        let physical = self.leaf.physical;
        let mut values = Own::dictionary(encoding, physical)
            .ok_or_else(|| ("a dictionary", format!("{physical:?} in encoding {encoding}")))?;
        budget.hold(page.bytes.len()).map_err(|found| ("a dictionary", found))?;
        for number in 0..count {
            budget.hold(T::ENTRY).map_err(|found| ("a dictionary", found))?;
            let raw = values.next(physical, &page.bytes);
            let raw =
                raw.ok_or_else(|| ("a dictionary", format!("{number} of {count} entries")))?;
            taker.entry(raw);
        }
        Ok(())
    }

    /// Reads the next levels and their value, which goes to `taker`; after [`ready`](Self::ready) only.
    ///
    /// # Errors
    /// Levels above those of the schema, an entry that the dictionary has not, or bytes that end too early.
    #[inline]
    pub(super) fn next(&mut self, taker: &mut impl Taker) -> Result<(u16, u16), Damage> {
        self.read(taker).ok_or_else(|| self.cut())
    }

    #[inline]
    fn read(&mut self, taker: &mut impl Taker) -> Option<(u16, u16)> {
        let current = self.page.as_mut()?;
        let bytes = current.page.bytes.as_slice();
        current.left = current.left.checked_sub(1)?;
        let level = |levels: &mut Option<Hybrid>, most: u16| match levels {
            Some(levels) => u16::try_from(levels.next(bytes)?).ok().filter(|level| *level <= most),
            None => Some(0),
        };
        let rep = level(&mut current.rep, self.leaf.rep)?;
        let def = level(&mut current.def, self.leaf.def)?;
        if def < self.leaf.def {
            taker.null();
        } else {
            match &mut current.values {
                Values::Places(places) => taker.pick(places.next(bytes)?)?,
                Values::Own(own) => taker.value(own.next(self.leaf.physical, bytes)?),
            }
        }
        Some((rep, def))
    }

    fn cut(&self) -> Damage {
        let (at, length, left) = match &self.page {
            Some(current) => (current.page.offset, current.page.length, current.left),
            None => (self.pages.at(), 0, 0),
        };
        let found = format!("no valid value {} from the end", left.saturating_add(1));
        self.pages.damage(at, length, "levels and values", found)
    }

    /// What is wrong with a column that has ended before the rows did.
    pub(super) fn ended(&self) -> Damage {
        self.pages.damage(self.pages.at(), 0, "another page", "the end of the column".to_owned())
    }

    /// What lies behind the last row: values, or bytes that are no page.
    pub(super) fn surplus(
        &mut self,
        input: &mut dyn Source,
        budget: &mut Budget,
        taker: &mut impl Taker,
    ) -> io::Result<Option<Damage>> {
        match self.ready(input, budget, taker) {
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some(self.more_rows())),
            Err(Stop::Damage(damage)) => Ok(Some(damage)),
            Err(Stop::Io(error)) => Err(error),
        }
    }

    /// Rows behind the last one.
    pub(super) fn more_rows(&self) -> Damage {
        let found = "more rows".to_owned();
        self.pages.damage(self.pages.at(), 0, "nothing behind the last row", found)
    }
}

/// The levels of a page, and where its values begin.
fn levels_of(
    bytes: &[u8],
    levels: Levels,
    leaf: &Leaf,
) -> Option<(Option<Hybrid>, Option<Hybrid>, usize)> {
    let width = |most: u16| 16_u32.saturating_sub(most.leading_zeros());
    let open = |range, most| match most {
        0 => Some(None),
        most => Hybrid::new(range, width(most)).map(Some),
    };
    match levels {
        Levels::Sized { rep, def } => {
            let end = rep.checked_add(def)?;
            Some((open(0..rep, leaf.rep)?, open(rep..end, leaf.def)?, end))
        }
        Levels::Prefixed { rep, def } => {
            let mut at = 0;
            let mut prefixed = |encoding, most| {
                if most == 0 {
                    return Some(None);
                }
                let range = (encoding == RLE).then(|| prefixed(bytes, at))??;
                at = range.end;
                open(range, most)
            };
            Some((prefixed(rep, leaf.rep)?, prefixed(def, leaf.def)?, at))
        }
    }
}
