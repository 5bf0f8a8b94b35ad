//! Dealing packets out to the records of one tuple and direction.

use super::mend::Dealing;
use super::place::lags;
use super::window::{Counted, Window};

/// Records that may hold a packet at once.
const MOST: usize = 64;

/// For each packet the record that counts it, if one can.
///
/// `windows` are in the order of their start, `packets` in that of their time. Each record stands where it would have come
/// without its lag. A packet inside a window goes there; where two windows hold it, to the later one, but in a second that
/// they share at their edges to the earlier one as long as that lacks packets. What no window holds goes to a record within
/// whose reach it lies and that still lacks packets, the next one before the last one. What is left inside a window is more
/// than the record counts, and stays with it, so that it is seen; unless it may be of another record, which was not
/// delivered: `is_unlogged` says so of its second.
pub fn deal(
    windows: &[Window],
    packets: &[Counted],
    is_unlogged: impl Fn(i64) -> bool,
) -> Vec<Option<usize>> {
    let lags = lags(windows, packets);
    let placed: Vec<Window> =
        windows.iter().zip(&lags).map(|(window, lag)| window.earlier(*lag)).collect();
    let mut dealing = Dealing {
        windows,
        packets,
        owners: vec![None; packets.len()],
        room: windows.iter().map(Window::capacity).collect(),
    };
    let Dealing { owners, room, .. } = &mut dealing;
    let stated = |window: &Window| (window.start, window.end);
    sweep(&placed, stated, packets, |at, second, held| {
        owners[at] = inside(&placed, held, second, room);
        owners[at].iter().for_each(|owner| room[*owner] -= 1);
    });
    sweep(windows, Window::reach, packets, |at, second, held| {
        if owners[at].is_none() {
            owners[at] = beside(windows, held, second, room);
            owners[at].iter().for_each(|owner| room[*owner] -= 1);
        }
    });
    dealing.rehome(&is_unlogged);
    dealing.bring_together();
    let mut owners = dealing.owners;
    sweep(&placed, stated, packets, |at, second, held| {
        if owners[at].is_none() && !is_unlogged(second) {
            owners[at] = held.iter().copied().max_by_key(|&at| (placed[at].start, at));
        }
    });
    owners
}

/// Gives each packet with the windows whose stretch holds its second.
pub(super) fn sweep(
    windows: &[Window],
    stretch: impl Fn(&Window) -> (i64, i64),
    packets: &[Counted],
    mut visit: impl FnMut(usize, i64, &[usize]),
) {
    let mut order: Vec<usize> = (0..windows.len()).collect();
    order.sort_by_key(|&at| stretch(&windows[at]));
    let mut next = order.into_iter().peekable();
    let mut held: Vec<usize> = Vec::new();
    for (at, packet) in packets.iter().enumerate() {
        while let Some(begun) = next.next_if(|&at| stretch(&windows[at]).0 <= packet.second) {
            held.push(begun);
            // Only logs that contradict themselves have so many at once.
            if held.len() > MOST {
                held.remove(0);
            }
        }
        held.retain(|&at| stretch(&windows[at]).1 >= packet.second);
        visit(at, packet.second, &held);
    }
}

fn inside(placed: &[Window], held: &[usize], second: i64, room: &[i64]) -> Option<usize> {
    let open = || held.iter().copied().filter(|&at| room[at] > 0);
    let later = open().max_by_key(|&at| (placed[at].start, at))?;
    let ending = open().filter(|&at| placed[at].end == second && placed[later].start == second);
    ending.min_by_key(|&at| (placed[at].start, at)).or(Some(later))
}

/// The record that may count a packet outside its window: the next one, else the last one.
fn beside(windows: &[Window], held: &[usize], second: i64, room: &[i64]) -> Option<usize> {
    let open = || held.iter().copied().filter(|&at| room[at] > 0);
    let next = open().filter(|&at| windows[at].start >= second);
    let last = || open().max_by_key(|&at| (windows[at].end, at));
    next.min_by_key(|&at| (windows[at].start, at)).or_else(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window((start, end): (i64, i64), packets: Option<i64>) -> Window {
        Window { start, end, packets, bytes: None }
    }

    fn logged(_: i64) -> bool {
        false
    }

    fn at(seconds: &[i64]) -> Vec<Counted> {
        seconds.iter().map(|&second| Counted { second, bytes: 40, conversation: 1 }).collect()
    }

    fn check(windows: &[(i64, i64)], second: i64, expect: Option<usize>) {
        let windows: Vec<_> = windows.iter().map(|&stretch| window(stretch, None)).collect();
        assert_eq!(deal(&windows, &at(&[second]), logged), [expect], "{second} in {windows:?}");
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
        let window = window((100, 110), Some(2));
        assert_eq!(deal(&[window], &at(&[80, 100, 105]), logged), [None, Some(0), Some(0)]);
        assert_eq!(deal(&[window], &at(&[80, 105]), logged), [Some(0), Some(0)]);
    }

    #[test]
    fn what_no_record_has_room_for_stays_inside_its_window() {
        let (windows, packets) = ([window((100, 110), Some(1))], at(&[100, 105]));
        assert_eq!(deal(&windows, &packets, logged), [Some(0), Some(0)]);
        // It may be of a record that was not delivered.
        assert_eq!(deal(&windows, &packets, |_| true), [Some(0), None]);
    }

    #[test]
    fn a_late_record_gets_the_packets_that_it_spans() {
        // 100 to 104, told 17 s late: it seems to lie on the window that follows.
        let windows = [window((117, 118), Some(2)), window((117, 121), Some(5))];
        let seconds = at(&[100, 101, 102, 103, 104, 117, 118]);
        let (late, exact) = (Some(1), Some(0));
        assert_eq!(deal(&windows, &seconds, logged), [late, late, late, late, late, exact, exact]);
    }

    #[test]
    fn a_second_that_two_windows_share_is_parted_by_what_the_earlier_one_lacks() {
        let windows = [window((100, 110), Some(3)), window((110, 120), Some(2))];
        let owners = deal(&windows, &at(&[100, 110, 110, 110, 120]), logged);
        assert_eq!(owners, [Some(0), Some(0), Some(0), Some(1), Some(1)]);
    }
}
