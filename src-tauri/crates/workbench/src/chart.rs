//! What the timeline draws: histogram and lanes.

use crate::wire::{HistogramObject, HistogramSeries, Lane, Lanes, Span, SpanKind};
use crate::{Workbench, WorkbenchError, sessions};
use std::collections::BTreeMap;
use store::{HistogramQuery, StretchKind};

/// Bits of a lane narrower than this many of the whole are drawn as one.
const GRAINS: i64 = 2_000;
/// Stretches of which the lane of coverage is made, at most.
const COVERAGE_GRAINS: i64 = 500;
/// Captures of one session that follow each other within this are one stretch, as a rotation is no hole. Unit: µs.
const ROTATION: i64 = 60_000_000;

impl Workbench {
    /// Counts records in dense buckets.
    ///
    /// # Errors
    /// [`crate::ErrorCode::BadQuery`] if the filter or the field is none.
    pub fn histogram(&self, query: &HistogramQuery) -> Result<HistogramObject, WorkbenchError> {
        let found = self.store()?.histogram(query)?;
        let series = found.series.into_iter().map(|series| HistogramSeries {
            value: series.value,
            records: series.records,
            packets: series.packets,
            bytes: series.bytes,
        });
        Ok(HistogramObject {
            from_us: query.from,
            width_us: query.width,
            buckets: query.buckets,
            series: series.collect(),
        })
    }

    /// When the busiest interfaces have records, and when each mirror session has packets.
    ///
    /// # Errors
    /// If the case's database or an index cannot be read.
    pub fn lanes(&self, limit: u64) -> Result<Lanes, WorkbenchError> {
        let store = self.store()?;
        let totals = store.totals()?;
        let whole =
            totals.last.unwrap_or_default().saturating_sub(totals.first.unwrap_or_default());
        let (interfaces, interfaces_total) = store.interface_lanes(limit, whole / GRAINS)?;
        drop(store);
        let interfaces = interfaces.into_iter().map(|lane| Lane {
            label: lane.interface_id.clone(),
            id: lane.interface_id,
            spans: lane
                .stretches
                .into_iter()
                .map(|stretch| Span {
                    from_us: stretch.from,
                    to_us: stretch.to,
                    kind: match stretch.kind {
                        StretchKind::Records => SpanKind::Records,
                        StretchKind::NoData => SpanKind::NoData,
                        StretchKind::SkipData => SpanKind::SkipData,
                        StretchKind::SuspectedMissingFile => SpanKind::SuspectedMissingFile,
                        StretchKind::Silence => SpanKind::Silence,
                    },
                })
                .collect(),
        });
        Ok(Lanes {
            interfaces: interfaces.collect(),
            sessions: self.session_lanes()?,
            coverage: self.coverage_lane(whole / COVERAGE_GRAINS)?,
            interfaces_total,
        })
    }

    fn session_lanes(&self) -> Result<Vec<Lane>, WorkbenchError> {
        self.with_captures(|captures| {
            let mut lanes: BTreeMap<_, (String, Vec<(i64, i64)>)> = BTreeMap::new();
            for capture in &captures.list {
                let sessions = capture.index.sessions().iter().zip(&capture.interfaces);
                for (session, interface) in sessions {
                    let Some((first, last)) = session.span else { continue };
                    let shifted = |time| captures.logged_at(interface.as_deref(), time);
                    let label = match (session.vni, session.key, interface) {
                        (Some(vni), ..) => format!("mirror VNI {vni}"),
                        (None, Some(key), _) => key.to_string(),
                        (None, None, Some(id)) => id.clone(),
                        (None, None, None) => "not encapsulated".to_owned(),
                    };
                    let lane = lanes.entry(sessions::named(session)).or_default();
                    lane.0 = label;
                    lane.1.push((shifted(first), shifted(last)));
                }
            }
            let lanes = lanes.into_iter().map(|((source, vni, key), (label, mut times))| {
                times.sort_unstable();
                let mut spans: Vec<Span> = Vec::new();
                for (from_us, to_us) in times {
                    match spans.last_mut() {
                        Some(last) if from_us <= last.to_us.saturating_add(ROTATION) => {
                            last.to_us = last.to_us.max(to_us);
                        }
                        _ => spans.push(Span { from_us, to_us, kind: SpanKind::Capture }),
                    }
                }
                let source = source.map(|source| source.to_string()).unwrap_or_default();
                let number = key.map(|key| key.to_string());
                let number = number.unwrap_or_else(|| vni.unwrap_or_default().to_string());
                Lane { id: format!("{source}/{number}"), label, spans }
            });
            Ok(lanes.collect())
        })
    }
}
