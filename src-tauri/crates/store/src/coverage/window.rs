//! What a record states of itself, and what its packets have to fit.

/// A packet may precede the record that counts it by this much (AWS, "Flow log record fields": `start`). Unit: seconds.
pub(super) const LAG: i64 = 60;
/// A packet may come after its record by this much, for what the clocks disagree. Unit: seconds.
pub(super) const SLACK: i64 = 2;
/// Stands for a number of packets that a record does not state.
const UNSTATED: i64 = 1 << 40;

/// The stretch that a record states, and how much it counts there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First second. Unit: whole seconds since the epoch.
    pub start: i64,
    /// Last second, which belongs to it.
    pub end: i64,
    /// How many packets the record counts.
    pub packets: Option<i64>,
    /// How many bytes.
    pub bytes: Option<i64>,
}

/// A packet as a record counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Second of the flow logs' clock.
    pub second: i64,
    /// Inner IP length. Unit: bytes.
    pub bytes: i64,
    /// The connection that it is part of.
    pub conversation: i32,
}

impl Window {
    /// How many packets fit.
    pub(super) fn capacity(&self) -> i64 {
        self.packets.unwrap_or(UNSTATED)
    }

    /// Whether it states that it counts the packets of this second.
    pub(super) fn holds(&self, second: i64) -> bool {
        self.start <= second && second <= self.end
    }

    /// The first and the last second whose packets it may count.
    pub(super) fn reach(&self) -> (i64, i64) {
        (self.start.saturating_sub(LAG), self.end.saturating_add(SLACK))
    }

    /// Whether it may count the packets of this second.
    pub(super) fn reaches(&self, second: i64) -> bool {
        let (from, to) = self.reach();
        from <= second && second <= to
    }

    /// The same record, had it come without its lag.
    pub(super) fn earlier(self, lag: i64) -> Self {
        let by = |second: i64| second.saturating_sub(lag);
        Self { start: by(self.start), end: by(self.end), ..self }
    }
}
