//! How far a collector's clock is from the flow logs' clock.

/// An estimate of capture clock − flow-log clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClockOffset {
    /// Unit: seconds.
    pub seconds: f64,
    /// The true offset lies within ± this of the estimate, if the pairs it rests on are right. Unit: seconds.
    pub uncertainty: f64,
    /// How many pairs of a first packet and a record's start agree on it.
    pub pairs: usize,
}

impl ClockOffset {
    /// Unit: ns.
    pub fn nanoseconds(&self) -> i64 {
        (self.seconds * 1e9).round() as i64
    }
}

/// Estimates the offset from differences (first packet − start of the one record that counts it; ns).
///
/// A record's start is cut to the second, so an exact record gives a difference in [offset, offset + 1 s); a late
/// one gives less. Late windows have many lags and exact ones have one, so the second that holds the most
/// differences is the exact one, and its extremes bound the offset from both sides. Fewer than three pairs, or
/// fewer than a third of all agreeing, say nothing.
pub fn clock_offset(differences: &mut [i64]) -> Option<ClockOffset> {
    const SECOND: i64 = 1_000_000_000;
    differences.sort_unstable();
    let mut best: Option<(usize, usize)> = None;
    let mut from = 0;
    for to in 0..differences.len() {
        while differences[to] - differences[from] >= SECOND {
            from += 1;
        }
        if best.is_none_or(|(count, _)| to - from + 1 > count) {
            best = Some((to - from + 1, from));
        }
    }
    let (pairs, from) = best?;
    if pairs < 3 || pairs * 3 < differences.len() {
        return None;
    }
    let (least, most) = (differences[from], differences[from + pairs - 1]);
    let (lowest, highest) = ((most - SECOND) as f64 / 1e9, least as f64 / 1e9);
    // Where agreeing clocks explain all pairs, nothing is corrected.
    let seconds = if lowest <= 0.0 && 0.0 <= highest { 0.0 } else { (lowest + highest) / 2.0 };
    Some(ClockOffset { seconds, uncertainty: (highest - seconds).max(seconds - lowest), pairs })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_exact_records_and_some_late_ones_give_the_offset() {
        let exact = (0..100).map(|i| 2_300_000_000 + i * 9_900_000);
        let late = (1..28).map(|lag| 2_500_000_000 - lag * 1_000_000_000);
        let mut differences: Vec<i64> = exact.chain(late).collect();
        let offset = clock_offset(&mut differences).unwrap();
        assert!((offset.seconds - 2.3).abs() <= offset.uncertainty + 1e-9, "{offset:?}");
        assert!(offset.uncertainty < 0.02, "{offset:?}");
        assert!(offset.pairs >= 100);
    }

    #[test]
    fn clocks_that_agree_are_not_corrected() {
        let mut differences: Vec<i64> = (0..100).map(|i| 1_000 + i * 9_900_000).collect();
        assert_eq!(clock_offset(&mut differences).unwrap().seconds, 0.0);
    }

    #[test]
    fn too_few_pairs_say_nothing() {
        assert_eq!(clock_offset(&mut []), None);
        assert_eq!(clock_offset(&mut [1, 2]), None);
        assert_eq!(clock_offset(&mut (0..90).map(|i| i * 2_000_000_000).collect::<Vec<_>>()), None);
    }
}
