//! Whose traffic a session copies, as far as the flow logs tell.

use super::DirectedTuple;
use crate::{Store, StoreError};
use std::fmt::Write as _;

/// An interface whose records have tuples of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// The interface.
    pub interface_id: String,
    /// How many of the tuples that were looked for.
    pub tuples: u64,
}

impl Store {
    /// The interfaces whose records have some of these tuples, in either direction; those with most first.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn interfaces_with(&self, tuples: &[DirectedTuple]) -> Result<Vec<Overlap>, StoreError> {
        if tuples.is_empty() {
            return Ok(Vec::new());
        }
        let mut probe = String::new();
        for (number, tuple) in tuples.iter().enumerate() {
            for (source, destination) in
                [(tuple.source, tuple.destination), (tuple.destination, tuple.source)]
            {
                let separator = if probe.is_empty() { "" } else { ", " };
                let _ = write!(
                    probe,
                    "{separator}({number}, {}, {}::UBIGINT, {}::UBIGINT, {}, {}::UBIGINT, {}::UBIGINT, {})",
                    tuple.protocol,
                    source.0.hi(),
                    source.0.lo(),
                    source.1,
                    destination.0.hi(),
                    destination.0.lo(),
                    destination.1,
                );
            }
        }
        let sql = format!(
            "SELECT text_of(f.interface_id_number) AS interface_id, count(DISTINCT p.number) AS tuples
            FROM flow_records f
            JOIN (VALUES {probe}) p(number, protocol, sh, sl, sp, dh, dl, dp)
            ON f.protocol = p.protocol AND coalesce(f.srcport, 0) = p.sp AND coalesce(f.dstport, 0) = p.dp
                AND coalesce(f.pkt_srcaddr_hi, f.srcaddr_hi) = p.sh AND coalesce(f.pkt_srcaddr_lo, f.srcaddr_lo) = p.sl
                AND coalesce(f.pkt_dstaddr_hi, f.dstaddr_hi) = p.dh AND coalesce(f.pkt_dstaddr_lo, f.dstaddr_lo) = p.dl
            WHERE f.interface_id_number IS NOT NULL
            GROUP BY ALL ORDER BY tuples DESC, interface_id"
        );
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement
            .query_map([], |row| Ok(Overlap { interface_id: row.get(0)?, tuples: row.get(1)? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
