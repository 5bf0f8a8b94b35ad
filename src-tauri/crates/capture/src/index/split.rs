//! Where one conversation ends and the next one of the same endpoints begins.

use crate::decapsulate::TCP;

/// TCP flag bits.
pub mod flags {
    /// The sender has no more to send.
    pub const FIN: u8 = 0x01;
    /// Opens a connection.
    pub const SYN: u8 = 0x02;
    /// Aborts a connection.
    pub const RST: u8 = 0x04;
    /// The acknowledgement number is valid.
    pub const ACK: u8 = 0x10;
}

/// A longer silence ends a conversation of any protocol but TCP. Unit: nanoseconds.
const SILENCE: i64 = 300_000_000_000;

/// What the split rule sees of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    /// Capture time. Unit: nanoseconds.
    pub time: Option<i64>,
    /// Protocol number.
    pub protocol: u8,
    /// Whether the lower of the two endpoints sent it: a direction that is the same in every capture.
    pub from_low: bool,
    /// Sequence number, acknowledgement number and flags, if a TCP header was read.
    pub tcp: Option<(u32, u32, u8)>,
}

/// What the split rule remembers of a conversation.
///
/// **The rule.** A TCP connection is named by the initial sequence numbers of its two directions: as seen
/// in a SYN, or as follows from the first sequence or acknowledgement number of a connection whose
/// beginning was not captured. A SYN without ACK begins a new conversation if its sequence number is not
/// the one known for its direction (so a repeated SYN, or one that arrives late, does not); if none is
/// known, it does so only after a FIN or RST. Silence does not end a TCP connection. With any other
/// protocol, a new conversation begins after 300 seconds of silence.
///
/// The rule asks nothing of how much was transferred, so the history that lies in another capture does not
/// matter: rotated files, split each for itself and then joined, give the conversations of the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FlowState {
    /// Initial sequence number of the lower endpoint.
    pub(super) isn_low: Option<u32>,
    /// Initial sequence number of the higher endpoint.
    pub(super) isn_high: Option<u32>,
    /// Whether a FIN or RST was seen.
    pub(super) closed: bool,
    /// Latest capture time.
    pub(super) last: Option<i64>,
}

impl FlowState {
    /// Whether this packet begins a new conversation.
    pub fn begins_anew(&self, seen: &Observation) -> bool {
        if seen.protocol != TCP {
            return match (self.last, seen.time) {
                (Some(last), Some(time)) => time.saturating_sub(last) > SILENCE,
                _ => false,
            };
        }
        let Some((seq, _, tcp_flags)) = seen.tcp else { return false };
        if tcp_flags & (flags::SYN | flags::ACK) != flags::SYN {
            return false;
        }
        let known = if seen.from_low { self.isn_low } else { self.isn_high };
        known.map_or(self.closed, |isn| isn != seq)
    }

    /// Takes in a packet of the conversation.
    pub fn take(&mut self, seen: &Observation) {
        self.last = self.last.max(seen.time);
        let Some((seq, ack, tcp_flags)) = seen.tcp else { return };
        self.closed |= tcp_flags & (flags::FIN | flags::RST) != 0;
        let (own, other) = match seen.from_low {
            true => (&mut self.isn_low, &mut self.isn_high),
            false => (&mut self.isn_high, &mut self.isn_low),
        };
        if tcp_flags & flags::SYN != 0 {
            own.get_or_insert(seq);
        } else if tcp_flags & flags::RST == 0 {
            // A reset may bear any sequence number.
            own.get_or_insert(seq.wrapping_sub(1));
        }
        if tcp_flags & flags::ACK != 0 {
            other.get_or_insert(ack.wrapping_sub(1));
        }
    }

    /// Takes in a later part of the same conversation.
    pub(crate) fn join(&mut self, later: &Self) {
        self.isn_low = self.isn_low.or(later.isn_low);
        self.isn_high = self.isn_high.or(later.isn_high);
        self.closed |= later.closed;
        self.last = self.last.max(later.last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOW: bool = true;
    const HIGH: bool = false;

    fn tcp(from_low: bool, seq: u32, ack: u32, tcp_flags: u8) -> Observation {
        Observation { time: None, protocol: 6, from_low, tcp: Some((seq, ack, tcp_flags)) }
    }

    /// Which of the packets begin a conversation.
    fn check(packets: &[Observation], expect: &[usize]) {
        let mut state: Option<FlowState> = None;
        let mut begins = Vec::new();
        for (at, seen) in packets.iter().enumerate() {
            if state.is_none_or(|state| state.begins_anew(seen)) {
                begins.push(at);
                state = Some(FlowState::default());
            }
            state.as_mut().unwrap().take(seen);
        }
        assert_eq!(begins, expect);
    }

    #[test]
    fn a_syn_with_another_number_begins_anew() {
        let (syn, again) = (tcp(LOW, 100, 0, flags::SYN), tcp(LOW, 900, 0, flags::SYN));
        let answer = tcp(HIGH, 500, 101, flags::SYN | flags::ACK);
        let fin = tcp(LOW, 101, 501, flags::FIN | flags::ACK);
        check(&[syn, answer, fin, again], &[0, 3]);
        check(&[syn, again], &[0, 1]);
    }

    #[test]
    fn a_repeated_or_late_syn_does_not() {
        let syn = tcp(LOW, 100, 0, flags::SYN);
        let answer = tcp(HIGH, 500, 101, flags::SYN | flags::ACK);
        let content = tcp(LOW, 101, 501, flags::ACK);
        check(&[syn, syn, answer, content, syn], &[0]);
        check(&[answer, syn, content], &[0]);
        check(&[content, syn, answer], &[0]);
    }

    #[test]
    fn a_syn_in_the_middle_of_an_unknown_connection_begins_anew() {
        let content = tcp(LOW, 7_000, 9_000, flags::ACK);
        check(&[content, tcp(LOW, 100, 0, flags::SYN)], &[0, 1]);
        check(&[content, tcp(HIGH, 100, 0, flags::SYN)], &[0, 1]);
        check(&[tcp(HIGH, 0, 0, flags::RST), tcp(LOW, 100, 0, flags::SYN)], &[0, 1]);
    }

    #[test]
    fn silence_ends_what_has_no_connection() {
        let at = |seconds: i64, protocol| Observation {
            time: Some(seconds * 1_000_000_000),
            protocol,
            from_low: LOW,
            tcp: None,
        };
        check(&[at(0, 17), at(300, 17), at(601, 17), at(590, 17)], &[0, 2]);
        check(&[at(0, 6), at(9_000, 6)], &[0]);
    }
}
