//! What goes out as JSON: field names that scripts and the window rely on (README, "Names in `--json`").
//!
//! A missing value is `null`, never `"-"`. Times are RFC 3339 in UTC with the digits of their source.

mod flow;
mod packet;
mod status;
mod summary;

pub use flow::flow_object;
pub use packet::{
    ConversationObject, Direction, FieldObject, GapObject, LayerObject, PacketDetail, PacketObject,
    PieceObject, StreamObject, TransactionObject,
};
pub use status::{ClockObject, EvidenceObject, GapRow, SessionObject, Status};
pub use summary::{PivotObject, TimelineObject, TopObject};
