//! Records as they are read for stitching.

use super::{Key, Window};
use crate::presence::Sources;
use arrow::array::{
    Array, Int32Array, Int64Array, PrimitiveArray, UInt8Array, UInt16Array, UInt64Array,
};
use arrow::datatypes::ArrowPrimitiveType;
use arrow::record_batch::RecordBatch;

/// The records of a stretch of time that have addresses and times, in order of time.
pub(super) fn select(source: &str, condition: &str, from: i64, to: i64) -> String {
    let evidence = if source == "flow_details" { "evidence_number" } else { "evidence" };
    format!(
        r#"SELECT {evidence}, line, epoch_us("start"), epoch_us("end"), coalesce(packets, 0), coalesce(bytes, 0),
            tcp_flags::BIGINT, action_number, interface_id_number, flow_direction_number,
            coalesce(pkt_srcaddr_hi, srcaddr_hi), coalesce(pkt_srcaddr_lo, srcaddr_lo),
            coalesce(pkt_dstaddr_hi, dstaddr_hi), coalesce(pkt_dstaddr_lo, dstaddr_lo),
            srcport, dstport, protocol, overlapping_number, packets_seen, bytes_seen
        FROM {source} WHERE {condition} AND "start" >= make_timestamp({from}) AND "start" < make_timestamp({to})
            AND "end" IS NOT NULL AND coalesce(pkt_srcaddr_lo, srcaddr_lo) IS NOT NULL
            AND coalesce(pkt_dstaddr_lo, dstaddr_lo) IS NOT NULL
        ORDER BY 3, 4, line"#
    )
}

/// The columns of [`select`].
pub(super) struct Rows<'a> {
    evidence: &'a Int32Array,
    line: &'a Int64Array,
    start: &'a Int64Array,
    end: &'a Int64Array,
    packets: &'a Int64Array,
    bytes: &'a Int64Array,
    flags: &'a Int64Array,
    action: &'a Int32Array,
    interface: &'a Int32Array,
    direction: &'a Int32Array,
    addresses: [&'a UInt64Array; 4],
    ports: [&'a UInt16Array; 2],
    protocol: &'a UInt8Array,
    overlapping: &'a Int32Array,
    seen: [&'a Int64Array; 2],
}

impl<'a> Rows<'a> {
    pub(super) fn of(batch: &'a RecordBatch) -> Option<Self> {
        Some(Self {
            evidence: column(batch, 0)?,
            line: column(batch, 1)?,
            start: column(batch, 2)?,
            end: column(batch, 3)?,
            packets: column(batch, 4)?,
            bytes: column(batch, 5)?,
            flags: column(batch, 6)?,
            action: column(batch, 7)?,
            interface: column(batch, 8)?,
            direction: column(batch, 9)?,
            addresses: [
                column(batch, 10)?,
                column(batch, 11)?,
                column(batch, 12)?,
                column(batch, 13)?,
            ],
            ports: [column(batch, 14)?, column(batch, 15)?],
            protocol: column(batch, 16)?,
            overlapping: column(batch, 17)?,
            seen: [column(batch, 18)?, column(batch, 19)?],
        })
    }

    pub(super) fn key(&self, row: usize, sources: &Sources) -> Key {
        let own =
            || sources.of_evidence.get(&self.evidence.value(row)).copied().unwrap_or_default();
        Key {
            interface: value(self.interface, row),
            direction: value(self.direction, row),
            addresses: self.addresses.map(|column| column.value(row)),
            ports: (value(self.ports[0], row), value(self.ports[1], row)),
            protocol: value(self.protocol, row),
            overlapping: value(self.overlapping, row).map(|counted| (counted, own())),
        }
    }

    pub(super) fn window(&self, row: usize) -> Window {
        Window {
            evidence: self.evidence.value(row),
            line: self.line.value(row),
            start: self.start.value(row),
            end: self.end.value(row),
            packets: self.packets.value(row),
            bytes: self.bytes.value(row),
            flags: value(self.flags, row),
            action: value(self.action, row),
            seen: value(self.seen[0], row).zip(value(self.seen[1], row)),
        }
    }
}

fn column<T: Array + 'static>(batch: &RecordBatch, at: usize) -> Option<&T> {
    batch.column(at).as_any().downcast_ref()
}

fn value<T: ArrowPrimitiveType>(column: &PrimitiveArray<T>, row: usize) -> Option<T::Native> {
    (!column.is_null(row)).then(|| column.value(row))
}
