//! Packet after packet of a capture: its headers, and what comes to light once its fragments are joined.

use crate::decapsulate::{DEEPEST, walk};
use crate::{
    Carrier, Datagram, Decapsulated, Defragmented, Defragmenter, Encapsulation, Fragmented, Inner,
    Key, LinkType, Piece, Ports, RawPacket, Refusal, Taken,
};
use evidence::Address;

/// Decapsulates the packets of a capture, and joins what is fragmented, outside of tunnels and inside.
///
/// Each packet is decapsulated alone. So fragments stay what flow logs count them as: packets. The first
/// fragment of a datagram that carries a tunnel is walked as far as it goes, and often that is to the headers
/// of the inner packet.
#[derive(Default)]
pub struct Walker {
    ports: Ports,
    defragmenter: Defragmenter<Session>,
}

/// What keeps fragments of different sessions apart.
type Session = (Option<Address>, Option<u32>, Option<u64>, Option<Key>);

/// A captured packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walked {
    /// What its headers say.
    pub found: Decapsulated,
    /// The outermost first fragment of a datagram in which a tunnel was opened, and the tunnels around it: later
    /// fragments of the same are known by it.
    pub carrier: Option<Box<Carrier>>,
    /// Why the fragment in it cannot be joined with others.
    pub refused: Option<Refusal>,
    /// The datagrams that it completes: none nearly always, else one, and further ones where that carries, in a
    /// tunnel, the last fragment of another.
    pub joined: Vec<Joined>,
}

/// A datagram that was joined, and what it is or carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// Its bytes, and the captured packets that they are from.
    pub datagram: Datagram,
    /// What its headers say; offsets count in [`Datagram::bytes`]. Tunnels around the fragments are included.
    pub found: Decapsulated,
    /// Whether it carries a tunnel, so that `found.inner` is a packet of its own, of which the fragments are
    /// pieces. Otherwise `found.inner` is what the fragments were, all of which have been given before: it is
    /// for reading its payload, and counts for nothing.
    pub tunnel: bool,
    /// Whether it belongs to the mirror, or to the load balancer in front of it: only then is `found.mirrored` (or
    /// `found.inner`) what the mirrored interface sent or received. Otherwise the fragments are.
    pub mirror: bool,
    /// The captured packet with which the same inner packet was given before, with less of its payload: the one
    /// with the first fragment. It must not be counted twice.
    pub given: Option<u64>,
    /// Whether that packet gave `found.mirrored` already, be it as the innermost that it could read.
    pub mirrored_given: bool,
}

impl Walker {
    /// A walker that looks for tunnels at these ports.
    pub fn new(ports: Ports) -> Self {
        Self { ports, defragmenter: Defragmenter::default() }
    }

    /// Takes the next packet of the capture.
    pub fn take(&mut self, packet: &RawPacket<'_>) -> Walked {
        let found = Decapsulated::default();
        let mut walked = Walked { found, carrier: None, refused: None, joined: Vec::new() };
        let Walked { found, carrier, .. } = &mut walked;
        *carrier = walk(&self.ports, packet.link, packet.data, found);
        let inner = walked.found.inner.as_ref().map(|inner| (inner, walked.found.encapsulation));
        let fragment = match &walked.carrier {
            Some(carrier) => Some((&carrier.inner, carrier.encapsulation)),
            None => inner.filter(|(inner, _)| inner.fragment.is_some()),
        };
        let Some((inner, around)) = fragment else { return walked };
        let length = crate::decapsulate::short(packet.data.len());
        let (frame, bytes) = (packet.frame, packet.data_offset);
        let piece = Piece { frame, packet: bytes, offset: 0, start: 0, length };
        let (offset, time) = (packet.offset, packet.time);
        let fragment =
            Fragmented { data: packet.data, inner, pieces: &[piece], frame, offset, time };
        match self.defragmenter.take(session(&around), &fragment) {
            Taken::Pending => {}
            Taken::Refused(refusal) => walked.refused = Some(refusal),
            Taken::Whole(datagram) => self.open(datagram, around, packet, &mut walked.joined),
        }
        walked
    }

    /// Whether fragments wait for others.
    pub(crate) fn waits(&self) -> bool {
        self.defragmenter.waits()
    }

    /// What became of all fragments.
    pub fn finish(self) -> Defragmented {
        self.defragmenter.finish()
    }

    /// Walks what a whole datagram carries, which may be the last fragment of another.
    fn open(
        &mut self,
        mut datagram: Datagram,
        mut around: Encapsulation,
        packet: &RawPacket<'_>,
        joined: &mut Vec<Joined>,
    ) {
        // Each datagram lies in a tunnel inside the one before.
        for _ in 0..=DEEPEST {
            let (found, first) = self.walk(&datagram.bytes, datagram.version, around);
            let tunnel = found.encapsulation.tunnels.len() > around.tunnels.len();
            let (given, mirrored_given) = match tunnel {
                true => self.given(&datagram, &found, around),
                false => (None, false),
            };
            let sent = found.mirrored.as_ref().is_some_and(|sent| sent.network_offset == 0);
            let mirror = tunnel && !sent;
            let inner = found.inner.as_ref().filter(|inner| tunnel && inner.fragment.is_some());
            let fragment = match first {
                Some(carrier) => Some((carrier.inner.clone(), carrier.encapsulation)),
                None => inner.map(|inner| (inner.clone(), found.encapsulation)),
            };
            let next = fragment.and_then(|(inner, inside)| {
                let (data, pieces) = (&datagram.bytes, &datagram.pieces);
                let (frame, offset, time) = (packet.frame, packet.offset, packet.time);
                let fragment = Fragmented { data, inner: &inner, pieces, frame, offset, time };
                match self.defragmenter.take(session(&inside), &fragment) {
                    Taken::Whole(next) => Some((next, inside)),
                    Taken::Pending | Taken::Refused(_) => None,
                }
            });
            joined.push(Joined { datagram, found, tunnel, mirror, given, mirrored_given });
            let Some((next, inside)) = next else { break };
            (datagram, around) = (next, inside);
        }
    }

    fn walk(
        &self,
        bytes: &[u8],
        version: u8,
        around: Encapsulation,
    ) -> (Decapsulated, Option<Box<Carrier>>) {
        let link = if version == 4 { LinkType::Ipv4 } else { LinkType::Ipv6 };
        let mut found = Decapsulated { encapsulation: around, ..Decapsulated::default() };
        let first = walk(&self.ports, link, bytes, &mut found);
        (found, first)
    }

    /// See [`Joined::given`] and [`Joined::mirrored_given`]: the first fragment is walked again, as it was when it came.
    fn given(
        &self,
        whole: &Datagram,
        found: &Decapsulated,
        around: Encapsulation,
    ) -> (Option<u64>, bool) {
        let length = whole.header_length.saturating_add(whole.first_length) as usize;
        let bytes = whole.bytes.get(..length).unwrap_or_default();
        let (first, _) = self.walk(bytes, whole.version, around);
        let is = |a: &Option<Inner>, b: &Option<Inner>| {
            a.as_ref().zip(b.as_ref()).is_some_and(|(a, b)| same(a, b))
        };
        let innermost =
            is(&first.inner, &found.inner) && first.encapsulation == found.encapsulation;
        let mirrored = is(&first.mirrored, &found.mirrored) || is(&first.inner, &found.mirrored);
        (innermost.then_some(whole.first_frame), mirrored)
    }
}

/// Whether two walks came to the same packet; how much of it they had may differ.
fn same(a: &Inner, b: &Inner) -> bool {
    let identity = |inner: &Inner| {
        let Inner { network_offset, source, destination, protocol, inner_length, fragment, .. } =
            *inner;
        (network_offset, source, destination, protocol, inner_length, fragment)
    };
    identity(a) == identity(b)
}

fn session(around: &Encapsulation) -> Session {
    (around.source, around.vni, around.endpoint, around.key)
}

#[cfg(test)]
mod tests;
