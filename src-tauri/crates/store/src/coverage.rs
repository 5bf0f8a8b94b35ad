//! Which packets the captures hold of each flow record, and why not more.
//!
//! A record counts packets of one interface, one tuple, one direction and one aggregation window; its times are
//! whole seconds and may lie up to 60 s after the packets (AWS, "Flow log record fields": `start`, `end`). So the
//! packets of the same interface, tuple and direction are dealt out to the records by time ([`deal`]), after the
//! collector's clock has been held against the flow logs' ([`clock_offset`]); where the times leave it open whose a packet
//! is, the record has a range ([`ranges`]).

mod candidates;
mod clock;
mod compute;
mod deal;
mod filter;
mod group;
mod mend;
mod mirror;
mod overlap;
mod place;
mod range;
mod reason;
mod reconcile;
mod rows;
mod unrecorded;
mod window;

pub use clock::{ClockOffset, clock_offset};
pub use compute::Dealt;
pub use deal::deal;
pub use filter::{MirrorFilter, MirrorRule, Passage};
pub use mirror::{DirectedTuple, Mirror, Seen, Source};
pub use overlap::Overlap;
pub use range::ranges;
pub use reason::{Facts, Verdict, Within, judge};
pub use reconcile::Reconciled;
pub use unrecorded::{LogExtents, Unrecorded};
pub use window::{Counted, Window};
