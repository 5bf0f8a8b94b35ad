//! Records over a stretch of time in dense buckets, for a chart.

use crate::selection::Selection;
use crate::{Store, StoreError};
use duckdb::params_from_iter;

/// Which records, in which buckets, split by which field. Times in µs since the epoch, UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistogramQuery {
    /// Which records.
    pub selection: Selection,
    /// First moment of the first bucket.
    pub from: i64,
    /// Unit: µs.
    pub width: i64,
    /// How many; at most [`MAX_BUCKETS`] are given.
    pub buckets: usize,
    /// A field whose values are counted apart.
    pub by: Option<String>,
}

/// More are on no screen.
const MAX_BUCKETS: usize = 10_000;
/// Values of the field that are counted apart; the rest of them together.
const MAX_SERIES: usize = 12;

/// The counts of each bucket, by value. A record counts in the bucket that its start lies in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    /// One for each value, in the order of the values.
    pub series: Vec<Series>,
}

/// The counts of one value, a number for each bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Series {
    /// The value; `None` is the records that do not have the field.
    pub value: Option<String>,
    /// Records.
    pub records: Vec<u64>,
    /// Sums of their packets.
    pub packets: Vec<u64>,
    /// Sums of their bytes.
    pub bytes: Vec<u64>,
}

impl Store {
    /// Counts the records of each bucket.
    ///
    /// # Errors
    /// [`StoreError::Filter`], [`StoreError::UnknownField`] or [`StoreError::Database`].
    pub fn histogram(&self, query: &HistogramQuery) -> Result<Histogram, StoreError> {
        let by = query.by.as_deref().map(|names| self.group_key(names)).transpose()?;
        let buckets = query.buckets.clamp(1, MAX_BUCKETS);
        let width = query.width.max(1);
        let condition =
            self.condition(&query.selection, &by.as_ref().map_or(vec![], |key| key.fields()))?;
        let source = condition.source.to_owned();
        let (source, keys, text) = match by {
            None => (source, "NULL".to_owned(), "NULL".to_owned()),
            Some(key) => (key.joined(&source), key.keys, key.text),
        };
        let to = query.from.saturating_add(width.saturating_mul(stored(buckets)));
        let sql = format!(
            "SELECT bucket, {text}::VARCHAR, all_records, all_packets, all_bytes FROM (
                SELECT (epoch_us(\"start\") - {from}) // {width} AS bucket, {keys}, count(*) AS all_records,
                    coalesce(sum(packets), 0)::UBIGINT AS all_packets, coalesce(sum(bytes), 0)::UBIGINT AS all_bytes
                FROM {source} WHERE {condition}
                    AND \"start\" >= make_timestamp({from}) AND \"start\" < make_timestamp({to})
                GROUP BY ALL)",
            from = query.from,
            condition = condition.sql,
        );
        let mut statement = self.connection.prepare(&sql)?;
        let mut found = statement.query(params_from_iter(condition.bound()))?;
        let mut series: Vec<Series> = Vec::new();
        while let Some(row) = found.next()? {
            let at = usize::try_from(row.get::<_, i64>(0)?).unwrap_or(usize::MAX);
            let value: Option<String> = row.get(1)?;
            let place = match series.iter().position(|one| one.value == value) {
                Some(place) => place,
                None if series.len() < MAX_SERIES => {
                    series.push(Series::empty(value, buckets));
                    series.len() - 1
                }
                None => MAX_SERIES - 1,
            };
            if let Some(one) = series.get_mut(place) {
                one.add(at, row.get(2)?, row.get(3)?, row.get(4)?);
            }
        }
        series.sort_by(|a, b| (a.value.is_none(), &a.value).cmp(&(b.value.is_none(), &b.value)));
        Ok(Histogram { series })
    }
}

impl Series {
    fn empty(value: Option<String>, buckets: usize) -> Self {
        let zeros = vec![0; buckets];
        Self { value, records: zeros.clone(), packets: zeros.clone(), bytes: zeros }
    }

    fn add(&mut self, bucket: usize, records: u64, packets: u64, bytes: u64) {
        let counts =
            [(&mut self.records, records), (&mut self.packets, packets), (&mut self.bytes, bytes)];
        for (counts, more) in counts {
            if let Some(count) = counts.get_mut(bucket) {
                *count = count.saturating_add(more);
            }
        }
    }
}

fn stored(buckets: usize) -> i64 {
    i64::try_from(buckets).unwrap_or(i64::MAX)
}
