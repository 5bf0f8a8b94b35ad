//! From counts to a verdict and its reasons.

use super::filter::Passage;

/// What the captures hold of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Every packet and byte that the record counts.
    Full,
    /// Some of them.
    Partial,
    /// None of them.
    None,
    /// More than the record counts.
    Excess,
    /// The record does not say how many there were.
    NotComparable,
}

impl Verdict {
    /// Stable name, stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Partial => "partial",
            Self::None => "none",
            Self::Excess => "excess",
            Self::NotComparable => "not_comparable",
        }
    }
}

/// What is known about one record and its packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts {
    /// Packets and bytes that the record counts.
    pub recorded: Option<(i64, i64)>,
    /// Packets and inner bytes found.
    pub seen: (i64, i64),
    /// Found packets whose payload was cut.
    pub truncated: i64,
    /// The case holds captures at all.
    pub any_capture: bool,
    /// A mirror session of this interface is in the captures.
    pub mirrored: bool,
    /// How the record's window lies to the captures of this interface.
    pub within: Within,
    /// REJECT of an incoming packet: dropped before it could be mirrored.
    pub rejected_ingress: bool,
    /// Traffic that AWS never mirrors (DHCP, NTP, instance metadata …).
    pub never_mirrored: bool,
    /// What the filters of its mirror sessions do with its packets.
    pub passage: Passage,
    /// Packets at the edge of its window may belong to another record of the same tuple.
    pub edge: bool,
}

/// A record's window against the time that the captures cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Within {
    /// Wholly inside.
    #[default]
    Inside,
    /// Inside, but so near the beginning of a capture that the packets may have come before it: records may be late.
    Near,
    /// It reaches over an edge.
    Across,
    /// Wholly outside.
    Outside,
}

/// The verdict, and its reasons with the primary one first.
///
/// Where nothing was found, the order is from what makes packets impossible to what only makes them missing: no
/// capture, no source, rejected, never mirrored, direction or packet not in the filter, outside the capture, missing. `missing_packets` claims loss of no
/// particular kind: the mirror drops first, and another collector may hold them.
pub fn judge(facts: &Facts) -> (Verdict, Vec<&'static str>) {
    let Some((packets, bytes)) = facts.recorded else {
        return (Verdict::NotComparable, Vec::new());
    };
    let (seen_packets, seen_bytes) = facts.seen;
    if seen_packets == 0 {
        let reason = if packets == 0 {
            return (Verdict::Full, Vec::new());
        } else if !facts.any_capture {
            "no_capture"
        } else if !facts.mirrored {
            "not_a_mirror_source"
        } else if facts.rejected_ingress {
            "rejected_before_mirror"
        } else if facts.never_mirrored {
            "never_mirrored"
        } else if facts.passage == Passage::OtherDirection {
            "direction_not_mirrored"
        } else if facts.passage == Passage::NotAccepted {
            "not_in_mirror_filter"
        } else if facts.within == Within::Outside {
            "outside_capture"
        } else {
            "missing_packets"
        };
        let mut reasons = vec![reason];
        if reason == "missing_packets" && facts.edge {
            reasons.push("window_edge");
        }
        let edge = matches!(facts.within, Within::Across | Within::Near);
        if reason == "missing_packets" && edge {
            reasons.insert(0, "outside_capture");
        }
        return (Verdict::None, reasons);
    }
    let mut reasons = Vec::new();
    let verdict = if seen_packets > packets || (seen_packets == packets && seen_bytes > bytes) {
        reasons.push(if facts.edge { "window_edge" } else { "unexplained" });
        Verdict::Excess
    } else if seen_packets == packets && seen_bytes == bytes {
        Verdict::Full
    } else {
        if matches!(facts.within, Within::Across | Within::Outside) {
            reasons.push("outside_capture");
        }
        reasons.push("missing_packets");
        if facts.within == Within::Near {
            reasons.push("outside_capture");
        }
        if facts.edge {
            reasons.push("window_edge");
        }
        Verdict::Partial
    };
    if facts.truncated > 0 {
        reasons.push("truncated");
    }
    (verdict, reasons)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(recorded: (i64, i64), seen: (i64, i64)) -> Facts {
        Facts {
            recorded: Some(recorded),
            seen,
            any_capture: true,
            mirrored: true,
            ..Facts::default()
        }
    }

    fn check(facts: Facts, verdict: Verdict, reasons: &[&str]) {
        assert_eq!(judge(&facts), (verdict, reasons.to_vec()), "{facts:?}");
    }

    #[test]
    fn all_found_is_full_even_where_payload_was_cut() {
        check(facts((3, 300), (3, 300)), Verdict::Full, &[]);
        let cut = Facts { truncated: 2, ..facts((3, 300), (3, 300)) };
        check(cut, Verdict::Full, &["truncated"]);
    }

    #[test]
    fn fewer_are_missing_or_lie_outside_the_capture() {
        check(facts((3, 300), (2, 200)), Verdict::Partial, &["missing_packets"]);
        let across = Facts { within: Within::Across, ..facts((3, 300), (2, 200)) };
        check(across, Verdict::Partial, &["outside_capture", "missing_packets"]);
    }

    #[test]
    fn none_says_why() {
        let none = facts((3, 300), (0, 0));
        check(none, Verdict::None, &["missing_packets"]);
        check(Facts { any_capture: false, ..none }, Verdict::None, &["no_capture"]);
        check(Facts { mirrored: false, ..none }, Verdict::None, &["not_a_mirror_source"]);
        check(Facts { rejected_ingress: true, ..none }, Verdict::None, &["rejected_before_mirror"]);
        check(Facts { never_mirrored: true, ..none }, Verdict::None, &["never_mirrored"]);
        let passage = Passage::OtherDirection;
        check(Facts { passage, ..none }, Verdict::None, &["direction_not_mirrored"]);
        let passage = Passage::NotAccepted;
        check(Facts { passage, ..none }, Verdict::None, &["not_in_mirror_filter"]);
        // What was seen was let through, whatever the sidecar says.
        let seen = Facts { passage, ..facts((3, 300), (2, 200)) };
        check(seen, Verdict::Partial, &["missing_packets"]);
        check(Facts { within: Within::Outside, ..none }, Verdict::None, &["outside_capture"]);
    }

    #[test]
    fn more_than_recorded_is_said_not_hidden() {
        check(facts((3, 300), (4, 300)), Verdict::Excess, &["unexplained"]);
        check(facts((3, 300), (3, 301)), Verdict::Excess, &["unexplained"]);
    }

    #[test]
    fn beside_another_record_of_the_tuple_the_edge_is_a_reason() {
        let beside = |seen| Facts { edge: true, ..facts((3, 300), seen) };
        check(beside((4, 400)), Verdict::Excess, &["window_edge"]);
        check(beside((2, 200)), Verdict::Partial, &["missing_packets", "window_edge"]);
        check(beside((0, 0)), Verdict::None, &["missing_packets", "window_edge"]);
        check(beside((3, 300)), Verdict::Full, &[]);
    }

    #[test]
    fn a_record_without_counts_cannot_be_compared() {
        check(Facts::default(), Verdict::NotComparable, &[]);
    }
}
