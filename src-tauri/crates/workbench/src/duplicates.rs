//! Conversations that were captured twice, since both ends are mirrored.
//!
//! The copies are told by what a packet keeps on its way inside a VPC: identification, sequence numbers, flags, lengths, and
//! the first bytes of its payload, as far as both captures have them: they may cut packets at different lengths.

use crate::WorkbenchError;
use crate::captures::{Captures, Place};
use capture::{Conversation, PacketEntry, SessionIdentity};
use std::collections::HashMap;

/// How far the times of copies may lie apart, clocks included that are not known. Unit: ns.
const APART: i64 = 60_000_000_000;
/// Payload bytes that a digest is of.
const DIGESTED: u32 = 32;

type Ends = (u8, bool, capture::Endpoint, capture::Endpoint);

/// A conversation that may have a copy.
struct Candidate {
    number: i32,
    session: SessionIdentity,
    /// Unit: ns, capture clock.
    span: (i64, i64),
}

/// For each copy, by number, the conversation that it is a copy of.
///
/// # Errors
/// If an index cannot be read.
pub(crate) fn find(captures: &Captures) -> Result<HashMap<i32, i32>, WorkbenchError> {
    let mut copies = HashMap::new();
    let sessions = captures.list.iter().flat_map(|capture| capture.index.sessions());
    let sessions: std::collections::BTreeSet<_> =
        sessions.filter(|session| session.packets > 0).map(capture::Session::identity).collect();
    if sessions.len() < 2 {
        return Ok(copies);
    }
    let mut groups: HashMap<Ends, Vec<Candidate>> = HashMap::new();
    for number in (0_i32..).take(captures.conversations.len()) {
        let Some(conversation) = captures.conversation(number)? else { continue };
        let Some(span) = conversation.first.zip(conversation.last) else { continue };
        let Conversation { client, server, protocol, tunnelled, .. } = conversation;
        let ends = (protocol, tunnelled, client.min(server), client.max(server));
        let session = conversation.session();
        groups.entry(ends).or_default().push(Candidate { number, session, span });
    }
    for mut group in groups.into_values().filter(|group| group.len() > 1) {
        group.sort_by_key(|candidate| (candidate.span, candidate.number));
        find_in(captures, &group, &mut copies)?;
    }
    Ok(copies)
}

fn find_in(
    captures: &Captures,
    group: &[Candidate],
    copies: &mut HashMap<i32, i32>,
) -> Result<(), WorkbenchError> {
    for (at, one) in group.iter().enumerate() {
        // Read for the first that may be its copy.
        let mut own = None;
        for other in group.get(at + 1..).unwrap_or_default() {
            // They stand in the order of their beginning.
            if other.span.0.saturating_sub(APART) > one.span.1 {
                break;
            }
            let told = copies.contains_key(&one.number) || copies.contains_key(&other.number);
            if one.session == other.session || told {
                continue;
            }
            if own.is_none() {
                own = with_packets(captures, one.number)?;
            }
            let (Some((first, a)), Some((second, b))) =
                (&own, with_packets(captures, other.number)?)
            else {
                continue;
            };
            if is_copy(first, a, &second, &b) {
                let (primary, copy) = if is_better(a, &b) {
                    (one.number, other.number)
                } else {
                    (other.number, one.number)
                };
                copies.insert(copy, primary);
            }
        }
    }
    Ok(())
}

fn with_packets(
    captures: &Captures,
    number: i32,
) -> Result<Option<(Conversation, Vec<Place>)>, WorkbenchError> {
    let Some(conversation) = captures.conversation(number)? else { return Ok(None) };
    let packets = captures.packets(&conversation)?;
    Ok(Some((conversation, packets)))
}

/// Whether at least half of the packets of the smaller one are packets of the other.
fn is_copy(first: &Conversation, a: &[Place], second: &Conversation, b: &[Place]) -> bool {
    let low_is_client = |conversation: &Conversation| conversation.client <= conversation.server;
    let mut known: HashMap<Kept, Vec<Option<u32>>> = HashMap::new();
    for place in a {
        let kept = kept(place, low_is_client(first));
        known.entry(kept).or_default().push(digest(&place.entry));
    }
    let mut same = 0_usize;
    for place in b {
        let Some(own) = known.get_mut(&kept(place, low_is_client(second))) else { continue };
        let digest = digest(&place.entry);
        let agrees = |other: &Option<u32>| digest.zip(*other).is_none_or(|(a, b)| a == b);
        if let Some(at) = own.iter().position(agrees) {
            own.swap_remove(at);
            same += 1;
        }
    }
    same * 2 >= a.len().min(b.len()).max(1)
}

/// What a packet keeps on its way.
type Kept = (bool, u32, u32, u32, u8, u32, Option<(u8, u8)>);

fn kept(place: &Place, low_is_client: bool) -> Kept {
    let PacketEntry { identification, seq, ack, tcp_flags, inner_length, icmp, .. } = place.entry;
    (place.from_client == low_is_client, identification, seq, ack, tcp_flags, inner_length, icmp)
}

/// The digest of a payload of which so much was captured that every copy has the same.
fn digest(entry: &PacketEntry) -> Option<u32> {
    let whole = entry.payload_captured >= entry.payload_length.min(DIGESTED);
    whole.then_some(entry.digest)
}

/// Whether `a` tells more than `b`: more payload, then more packets, then it came first.
fn is_better(a: &[Place], b: &[Place]) -> bool {
    let payload = |places: &[Place]| -> u64 {
        places.iter().map(|place| u64::from(place.entry.payload_captured)).sum()
    };
    let told = |places: &[Place]| (payload(places), places.len());
    told(a) >= told(b)
}
