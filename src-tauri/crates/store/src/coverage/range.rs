//! How many packets a record may have, whoever is right about the edges.

use super::deal::sweep;
use super::window::{Counted, Window};

/// For each record the least and the most packets that may be its own.
///
/// The most are those within its reach, though not more than it counts. The least follow from the others: the packets of a
/// run of records that can belong to nobody else have to be somebody's, so a record lacks at most what the whole run lacks.
/// `is_open` tells of a second whose packets may belong to a record that is not there (skipped, not delivered); those
/// packets have to be nobody's. Where a run has more packets than it counts, something is there that no record tells of,
/// and nothing is certain.
///
/// `windows` are in the order of their start, `packets` in that of their time, `seen` is how they were dealt.
pub fn ranges(
    windows: &[Window],
    packets: &[Counted],
    seen: &[i64],
    is_open: impl Fn(i64) -> bool,
) -> Vec<(i64, i64)> {
    let (mut most, mut bound) = (vec![0_i64; windows.len()], Vec::new());
    sweep(windows, Window::reach, packets, |_, second, held| {
        held.iter().for_each(|&at| most[at] += 1);
        if !held.is_empty() && !is_open(second) {
            bound.push(second);
        }
    });
    let before = |second: i64| bound.partition_point(|own| *own < second) as i64;
    // A run from `l` to `r` lacks `counted[..=r] - counted[..l]` less the packets that only it may count: those after all
    // that a record before `l` reaches, and before all that a record after `r` reaches.
    let (mut counted, mut reached) = (0_i64, None::<i64>);
    let mut from_left = Vec::with_capacity(windows.len());
    let mut most_left = i64::MIN;
    for window in windows {
        let behind = reached.map_or(0, |end| before(end.saturating_add(1)));
        most_left = most_left.max(counted - behind);
        from_left.push(most_left);
        counted += window.capacity();
        reached = reached.max(Some(window.reach().1));
    }
    let (mut least_right, mut ranges) = (i64::MAX, vec![(0, 0); windows.len()]);
    let mut next_reaches = None::<i64>;
    for (at, window) in windows.iter().enumerate().rev() {
        let ahead = next_reaches.map_or(bound.len() as i64, before);
        least_right = least_right.min(counted - ahead);
        let lacking = least_right - from_left[at];
        let least = if lacking < 0 { 0 } else { window.capacity() - lacking };
        let most = most[at].min(window.capacity()).max(seen[at]);
        ranges[at] = (least.clamp(0, seen[at].min(most)), most);
        counted -= window.capacity();
        next_reaches = Some(window.reach().0);
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(windows: &[(i64, i64, i64)], seconds: &[i64], seen: &[i64], expect: &[(i64, i64)]) {
        check_beside(windows, seconds, seen, |_| false, expect);
    }

    fn check_beside(
        windows: &[(i64, i64, i64)],
        seconds: &[i64],
        seen: &[i64],
        is_open: impl Fn(i64) -> bool,
        expect: &[(i64, i64)],
    ) {
        let window = |&(start, end, packets): &(i64, i64, i64)| Window {
            start,
            end,
            packets: Some(packets),
            bytes: None,
        };
        let windows: Vec<_> = windows.iter().map(window).collect();
        let packets: Vec<_> =
            seconds.iter().map(|&second| Counted { second, bytes: 40, conversation: 1 }).collect();
        assert_eq!(ranges(&windows, &packets, seen, is_open), expect, "{windows:?} {seconds:?}");
    }

    #[test]
    fn a_record_alone_is_certain_of_its_packets() {
        check(&[(100, 110, 3)], &[100, 105], &[2], &[(2, 2)]);
        check(&[(100, 110, 3), (500, 510, 1)], &[100, 105, 500], &[2, 1], &[(2, 2), (1, 1)]);
    }

    #[test]
    fn records_that_share_edges_are_certain_where_all_packets_are_there() {
        let windows = [(100, 159, 2), (160, 200, 2)];
        check(&windows, &[100, 150, 160, 200], &[2, 2], &[(2, 2), (2, 2)]);
    }

    #[test]
    fn what_the_run_lacks_any_of_its_records_may_lack() {
        // One of four is lost: the third packet may be the first record's.
        let windows = [(100, 159, 2), (160, 200, 2)];
        check(&windows, &[100, 150, 200], &[2, 1], &[(1, 2), (1, 2)]);
        // The first record cannot count what comes long after it.
        check(&windows, &[100, 190, 200], &[1, 2], &[(1, 1), (2, 2)]);
    }

    #[test]
    fn packets_of_records_that_may_not_be_there_are_certain_for_nobody() {
        let near = |second: i64| second < 100;
        check_beside(&[(100, 110, 3)], &[90, 100, 105], &[3], near, &[(2, 3)]);
    }

    #[test]
    fn more_than_is_counted_makes_nothing_certain() {
        check(&[(100, 110, 1)], &[100, 105], &[2], &[(0, 2)]);
    }
}
