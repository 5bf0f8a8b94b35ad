//! What flow records count and what the captures hold of it, over time.

use crate::{Store, StoreError};

/// One interface in one stretch of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciled {
    /// The interface.
    pub interface_id: String,
    /// Where the stretch begins. Unit: µs since the epoch.
    pub from: i64,
    /// Records that begin in it, of those whose packets can have been mirrored.
    pub records: u64,
    /// Packets that they count.
    pub recorded: u64,
    /// Packets of them in the captures.
    pub seen: u64,
}

/// Records whose packets no capture can hold: there is nothing to reconcile.
const NOT_MIRRORED: &str =
    "'not_a_mirror_source', 'no_capture', 'rejected_before_mirror', 'never_mirrored',
    'direction_not_mirrored', 'not_in_mirror_filter'";

impl Store {
    /// Sums over stretches of `width` (µs) by the start of the records, interface by interface, in order.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn reconciled(&self, width: i64) -> Result<Vec<Reconciled>, StoreError> {
        let width = width.max(1);
        let sql = format!(
            r#"SELECT text_of(f.interface_id_number) AS interface_id, epoch_us(f."start") // {width} * {width} AS slot,
                count(*), sum(f.packets)::UBIGINT, sum(c.packets_seen)::UBIGINT
            FROM coverage c JOIN flow_records f ON f.record = c.record
            WHERE c.verdict IN ('full', 'partial', 'none', 'excess') AND f."start" IS NOT NULL
                AND (len(c.reasons) = 0 OR c.reasons[1] NOT IN ({NOT_MIRRORED}))
            GROUP BY ALL ORDER BY interface_id, slot"#
        );
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map([], |row| {
            Ok(Reconciled {
                interface_id: row.get(0)?,
                from: row.get(1)?,
                records: row.get(2)?,
                recorded: row.get::<_, Option<u64>>(3)?.unwrap_or_default(),
                seen: row.get::<_, Option<u64>>(4)?.unwrap_or_default(),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
