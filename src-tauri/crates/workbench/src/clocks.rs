//! How far the clocks of collectors are from the flow logs' clock: estimated, or as the examiner says.

use crate::captures::Captures;
use crate::wire::ClockObject;
use crate::{ErrorCode, Meter, Workbench, WorkbenchError};
use case::Act;
use std::collections::BTreeMap;
use store::coverage::ClockOffset;

/// No clock is further off. Unit: seconds.
const FURTHEST: f64 = 100.0 * 365.0 * 86_400.0;

impl Workbench {
    /// The clock of each collector.
    ///
    /// # Errors
    /// If the captures' indexes cannot be read.
    pub fn clocks(&self) -> Result<Vec<ClockObject>, WorkbenchError> {
        self.with_captures(|captures| Ok(objects(captures)))
    }

    /// Sets how far a collector's clock is ahead of the flow logs' clock, in seconds; everything that rests on it is computed
    /// anew.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] if there is no such collector; [`ErrorCode::BadQuery`] if that is no offset.
    pub fn pin_clock(
        &self,
        collector: &str,
        seconds: f64,
        meter: &Meter,
    ) -> Result<(), WorkbenchError> {
        if !seconds.is_finite() || seconds.abs() > FURTHEST {
            return Err(WorkbenchError::new(ErrorCode::BadQuery, "that is no offset in seconds"));
        }
        let microseconds = (seconds * 1e6).round() as i64;
        let (collector, evidence) = self.collector(collector)?;
        self.rematch(Act::ClockPinned { collector, evidence, microseconds }, meter)
    }

    /// Has a collector's clock estimated again.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] if there is no such collector.
    pub fn release_clock(&self, collector: &str, meter: &Meter) -> Result<(), WorkbenchError> {
        let (collector, evidence) = self.collector(collector)?;
        self.rematch(Act::ClockReleased { collector, evidence }, meter)
    }

    /// The name of a collector, and the hashes of its captures.
    fn collector(&self, name: &str) -> Result<(String, Vec<String>), WorkbenchError> {
        self.with_captures(|captures| {
            let named = |at: &usize| name_of(captures, *at).as_deref() == Some(name);
            let found = (0..captures.offsets.len()).find(named);
            let at = found.ok_or_else(|| WorkbenchError::not_found(format!("collector {name}")))?;
            let own = captures.of_collector(at).map(|capture| capture.sha256.to_string());
            Ok((name.to_owned(), own.collect()))
        })
    }
}

/// The offsets that were set by hand, by collector.
pub(crate) fn pinned(captures: &Captures, by_capture: &BTreeMap<String, i64>) -> Vec<Option<i64>> {
    let of = |at: usize| {
        let mut own = captures.of_collector(at);
        own.find_map(|capture| by_capture.get(&capture.sha256.to_string()).copied())
    };
    (0..captures.mirror.collectors()).map(of).collect()
}

/// What is used: what was set by hand, else the estimate.
pub(crate) fn used(
    estimates: &[Option<ClockOffset>],
    pinned: &[Option<i64>],
) -> Vec<Option<ClockOffset>> {
    let used = |(estimate, pinned): (&Option<ClockOffset>, &Option<i64>)| match pinned {
        None => *estimate,
        Some(microseconds) => {
            let seconds = *microseconds as f64 / 1e6;
            Some(ClockOffset { seconds, uncertainty: 0.0, pairs: 0 })
        }
    };
    estimates.iter().zip(pinned).map(used).collect()
}

/// A collector goes by the first of the interfaces that it holds.
fn name_of(captures: &Captures, collector: usize) -> Option<String> {
    let mut interfaces = captures.mirror.interfaces().into_iter();
    let own = interfaces.find(|id| captures.mirror.collector(id) == Some(collector))?;
    Some(format!("collector-of-{own}"))
}

/// The clock of a collector that holds packets of a known interface.
pub(crate) fn object(captures: &Captures, collector: usize) -> Option<ClockObject> {
    let estimate = captures.estimates.get(collector).copied().flatten();
    let used = captures.offsets.get(collector).copied().flatten();
    Some(ClockObject {
        collector: name_of(captures, collector)?,
        evidence: captures.of_collector(collector).map(|capture| capture.name.clone()).collect(),
        seconds: used.map(|offset| offset.seconds),
        uncertainty: used.map(|offset| offset.uncertainty),
        pairs: estimate.map_or(0, |offset| offset.pairs as u64),
        pinned: captures.pinned.get(collector).copied().flatten().is_some(),
        estimated_seconds: estimate.map(|offset| offset.seconds),
        estimated_uncertainty: estimate.map(|offset| offset.uncertainty),
    })
}

pub(crate) fn objects(captures: &Captures) -> Vec<ClockObject> {
    (0..captures.offsets.len()).filter_map(|collector| object(captures, collector)).collect()
}
