//! Which response answers which request.

use super::direction::Message;
use super::head::Start;

/// What is known of one response, in the order of the responses.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pair {
    /// Index of the request that it answers.
    pub(super) request: Option<usize>,
    /// Whether time had to decide, because bytes are missing.
    pub(super) by_time: bool,
    /// Whether another response follows to the same request.
    pub(super) interim: bool,
    /// Whether the connection speaks something else from here on.
    pub(super) switched: bool,
}

/// Joins responses, in stream order, to requests.
pub(super) struct Pairing<'r> {
    requests: &'r [Message],
    next: usize,
    in_step: bool,
    pairs: Vec<Pair>,
}

impl<'r> Pairing<'r> {
    pub(super) fn new(requests: &'r [Message]) -> Self {
        Self { requests, next: 0, in_step: true, pairs: Vec::new() }
    }

    /// Takes in the next response; answers what was asked, as far as the response's framing needs it.
    ///
    /// `in_step`: the response follows the one before it (or the start of the connection) without a loss.
    pub(super) fn answer(&mut self, status: u16, time: i64, in_step: bool) -> Asked {
        self.in_step &= in_step && self.requests.get(self.next).is_none_or(|next| next.in_step);
        let request = if self.in_step {
            Some(self.next).filter(|next| *next < self.requests.len())
        } else {
            let open = self.requests.get(self.next..).unwrap_or_default();
            let before = open.iter().take_while(|request| request.time <= time).count();
            before.checked_sub(1).map(|last| self.next.saturating_add(last))
        };
        let asked = request.and_then(|at| self.requests.get(at)).map_or(Asked::Other, asked);
        let interim = (100..200).contains(&status) && status != 101;
        let tunnel = asked == Asked::Connect && (200..300).contains(&status);
        let switched = status == 101 || tunnel;
        if !interim && let Some(request) = request {
            self.next = request.saturating_add(1);
        }
        self.pairs.push(Pair { request, by_time: !self.in_step, interim, switched });
        asked
    }

    pub(super) fn finish(self) -> Vec<Pair> {
        self.pairs
    }
}

/// What a request asked for, as far as the framing of its response depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Head,
    Connect,
    Other,
}

fn asked(request: &Message) -> Asked {
    match &request.head.start {
        Start::Request { method, .. } if method == "HEAD" => Asked::Head,
        Start::Request { method, .. } if method == "CONNECT" => Asked::Connect,
        _ => Asked::Other,
    }
}
