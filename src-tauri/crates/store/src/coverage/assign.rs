//! Dealing packets out to the records of one tuple and direction.

/// A packet may precede the record that counts it by this much. Unit: seconds.
pub(super) const LAG: i64 = 60;
/// A packet may come after its record by this much, for what the clocks disagree. Unit: seconds.
const SLACK: i64 = 2;

/// The stretch that a record states. Unit: whole seconds since the epoch, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First second.
    pub start: i64,
    /// Last second.
    pub end: i64,
    /// How many packets the record counts.
    pub packets: Option<i64>,
}

/// For each packet the record that counts it, if one can.
///
/// `windows` are in the order of their start; `times` are whole seconds of the flow logs' clock. Packets inside a
/// window go there; where a late window reaches into the next one, the later record is right: only lateness makes
/// windows overlap, and a record never starts before its own first packet. A packet outside every window goes to the
/// record after it within the lag, else to the one before it within the slack, but only if that record counts more
/// packets than lie inside its window: a record that has all its packets has no room for those of a record that was
/// skipped or not delivered.
pub fn deal(windows: &[Window], times: &[i64]) -> Vec<Option<usize>> {
    let reach = reach(windows);
    let mut owners: Vec<Option<usize>> =
        times.iter().map(|&time| inside(windows, &reach, time)).collect();
    let mut missing: Vec<i64> =
        windows.iter().map(|window| window.packets.unwrap_or(i64::MAX)).collect();
    for owner in owners.iter().flatten() {
        missing[*owner] = missing[*owner].saturating_sub(1);
    }
    for (owner, &time) in owners.iter_mut().zip(times) {
        if owner.is_none() {
            let beside = beside(windows, &reach, time).into_iter().flatten();
            *owner = beside.into_iter().find(|&at| missing[at] > 0);
        }
    }
    owners
}

/// For each window the one among it and those before it that ends last.
fn reach(windows: &[Window]) -> Vec<usize> {
    let mut reach: Vec<usize> = Vec::with_capacity(windows.len());
    for (at, window) in windows.iter().enumerate() {
        let last = reach.last().copied().filter(|&before| windows[before].end >= window.end);
        reach.push(last.unwrap_or(at));
    }
    reach
}

fn inside(windows: &[Window], reach: &[usize], time: i64) -> Option<usize> {
    let later = windows.partition_point(|window| window.start <= time);
    // Nothing before a place whose reach is over can hold the packet.
    (0..later)
        .rev()
        .take_while(|&at| windows[reach[at]].end >= time)
        .find(|&at| windows[at].end >= time)
}

/// The records that may count a packet outside their windows, the likelier one first.
fn beside(windows: &[Window], reach: &[usize], time: i64) -> [Option<usize>; 2] {
    let later = windows.partition_point(|window| window.start <= time);
    let after = windows.get(later).filter(|next| next.start - time <= LAG).map(|_| later);
    let before = later.checked_sub(1).map(|last| reach[last]);
    [after, before.filter(|&at| time - windows[at].end <= SLACK)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(windows: &[(i64, i64)], time: i64, expect: Option<usize>) {
        let windows: Vec<_> =
            windows.iter().map(|&(start, end)| Window { start, end, packets: None }).collect();
        assert_eq!(deal(&windows, &[time]), [expect], "{time} in {windows:?}");
    }

    #[test]
    fn a_packet_inside_a_window_is_counted_there() {
        check(&[(100, 159), (160, 200)], 100, Some(0));
        check(&[(100, 159), (160, 200)], 159, Some(0));
        check(&[(100, 159), (160, 200)], 160, Some(1));
    }

    #[test]
    fn a_late_record_counts_packets_before_its_start() {
        check(&[(100, 110)], 40, Some(0));
        check(&[(100, 110)], 39, None);
        check(&[(100, 110), (175, 200)], 150, Some(1));
    }

    #[test]
    fn where_a_late_window_reaches_into_the_next_the_later_record_counts() {
        check(&[(120, 180), (160, 200)], 170, Some(1));
        check(&[(120, 180), (160, 200)], 159, Some(0));
    }

    #[test]
    fn a_packet_long_after_every_record_belongs_to_none() {
        check(&[(100, 110)], 112, Some(0));
        check(&[(100, 110)], 113, None);
        check(&[], 5, None);
    }

    #[test]
    fn a_record_that_has_all_its_packets_takes_no_others() {
        let window = Window { start: 100, end: 110, packets: Some(2) };
        assert_eq!(deal(&[window], &[80, 100, 105]), [None, Some(0), Some(0)]);
        assert_eq!(deal(&[window], &[80, 105]), [Some(0), Some(0)]);
    }
}
