//! What became of all fragments of a capture.

use super::gathering::Gathering;
use super::{Datagram, Fragmented, Refusal};
use evidence::{Address, Anomalies, Anomaly};

/// Datagrams that never were whole, told one by one. More are counted.
const TOLD: usize = 100;

/// What became of all fragments of a capture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Defragmented {
    /// Fragments that were taken.
    pub fragments: u64,
    /// Datagrams that were whole.
    pub datagrams: u64,
    /// Fragments that came again with the same bytes.
    pub duplicates: u64,
    /// Whole datagrams whose fragments overlap.
    pub overlapping: u64,
    /// Whole datagrams whose fragments contradict each other.
    pub conflicting: u64,
    /// Fragments that were not captured to their end.
    pub cut: u64,
    /// Fragments that break the rules of fragmentation; see `anomalies`.
    pub refused: u64,
    /// Datagrams that were discarded as a whole, since their IPv6 fragments overlap or all of them are too long.
    pub discarded: u64,
    /// Incomplete datagrams that had waited for 60 seconds.
    pub timed_out: u64,
    /// Incomplete datagrams that were given up because too much waited.
    pub displaced: u64,
    /// Incomplete datagrams at the end of the capture.
    pub unfinished: u64,
    /// The first of the incomplete datagrams, 100 at most.
    pub incomplete: Vec<Incomplete>,
    /// Fragments that contradict the rules or each other: `fragment.header`, `fragment.length`,
    /// `fragment.too_long`, `fragment.end`, `fragment.overlap`, `fragment.conflict`, each at the record of the
    /// captured packet.
    pub anomalies: Vec<Anomaly>,
}

/// A datagram that never was whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incomplete {
    /// Number of the packet that brought the fragment which came first, from 1.
    pub frame: u64,
    /// Where that packet's record starts in the inflated capture. Unit: bytes.
    pub offset: u64,
    /// Who sent it.
    pub source: Address,
    /// To whom.
    pub destination: Address,
    /// Its identification.
    pub id: u32,
    /// How much of its content came. Unit: bytes.
    pub received: u32,
    /// How much there is, if its last fragment came.
    pub total: Option<u32>,
}

#[derive(Default)]
pub(super) struct Told {
    so_far: Defragmented,
    anomalies: Anomalies,
}

impl Told {
    pub(super) fn fragment(&mut self) {
        raise(&mut self.so_far.fragments, 1);
    }

    pub(super) fn datagram(&mut self, datagram: &Datagram, last: &Fragmented<'_>) {
        let told = &mut self.so_far;
        raise(&mut told.datagrams, 1);
        raise(&mut told.duplicates, datagram.duplicates.into());
        raise(&mut told.overlapping, datagram.overlapping.into());
        raise(&mut told.conflicting, datagram.conflicting.into());
        if datagram.conflicting {
            let expected = "overlapping fragments with the same bytes";
            let found =
                format!("other bytes in a datagram that packet {} begins", datagram.first_frame);
            self.anomaly("fragment.conflict", last, expected, found);
        }
    }

    pub(super) fn refused(&mut self, refusal: Refusal, fragment: &Fragmented<'_>) {
        if refusal == Refusal::Cut {
            raise(&mut self.so_far.cut, 1);
            return;
        }
        raise(&mut self.so_far.refused, 1);
        let (kind, expected) = match refusal {
            Refusal::Whole | Refusal::Cut => return,
            Refusal::Header => ("fragment.header", "headers that lead to the fragment"),
            Refusal::Length => {
                ("fragment.length", "some multiple of eight bytes in front of another fragment")
            }
            Refusal::TooLong => ("fragment.too_long", "a datagram of 65,535 bytes at most"),
            Refusal::End => ("fragment.end", "fragments that agree where their datagram ends"),
            Refusal::Overlap => {
                ("fragment.overlap", "IPv6 fragments that do not overlap (RFC 5722)")
            }
        };
        let inner = fragment.inner;
        let place = inner.fragment.map_or_else(String::new, |place| {
            let follows = if place.more { "another follows" } else { "the last" };
            format!(", at {} of identification {}, {follows}", place.offset, place.id)
        });
        self.anomaly(
            kind,
            fragment,
            expected,
            format!("a packet of {} bytes{place}", inner.inner_length),
        );
    }

    pub(super) fn discarded(&mut self) {
        raise(&mut self.so_far.discarded, 1);
    }

    pub(super) fn repeated(&mut self, gathering: &Gathering) {
        raise(&mut self.so_far.duplicates, gathering.fragments());
    }

    pub(super) fn incomplete(
        &mut self,
        (source, destination, id): (Address, Address, u32),
        gathering: &Gathering,
        count: fn(&mut Defragmented) -> &mut u64,
    ) {
        raise(count(&mut self.so_far), 1);
        if self.so_far.incomplete.len() < TOLD {
            let Gathering { frame, offset, .. } = *gathering;
            let (received, total) = gathering.progress();
            let incomplete = Incomplete { frame, offset, source, destination, id, received, total };
            self.so_far.incomplete.push(incomplete);
        }
    }

    pub(super) fn finish(self) -> Defragmented {
        Defragmented { anomalies: self.anomalies.finish(), ..self.so_far }
    }

    fn anomaly(&mut self, kind: &'static str, at: &Fragmented<'_>, expected: &str, found: String) {
        let length = at.data.len() as u64;
        self.anomalies.push(Anomaly::new(kind, at.offset, length, expected, found));
    }
}

fn raise(count: &mut u64, by: u64) {
    *count = count.saturating_add(by);
}
