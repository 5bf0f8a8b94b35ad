//! One scan over one piece of bytes.

use crate::Rules;
use std::time::Duration;

/// Bounds of one scan. A rule file can ask for unbounded work; these are what it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// After this long the scan is given up with [`ScanError::Timeout`]. Resolution: seconds.
    pub timeout: Duration,
    /// How many places are kept of each pattern; more are cut, and the match says so.
    pub matches_per_pattern: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(60), matches_per_pattern: 1_000 }
    }
}

/// A rule whose condition holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Name of the rule.
    pub rule: String,
    /// Name of the source that holds it.
    pub namespace: String,
    /// The rule's tags, in its order.
    pub tags: Vec<String>,
    /// Where its patterns are; empty where the condition asks for none.
    pub patterns: Vec<PatternMatch>,
    /// Some pattern is at more places than [`Limits::matches_per_pattern`] kept.
    pub capped: bool,
}

/// One place where one pattern of a matching rule is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternMatch {
    /// The pattern's name, with its `$`.
    pub name: String,
    /// First byte, counted from the start of what was scanned. Unit: bytes.
    pub offset: usize,
    /// Unit: bytes.
    pub length: usize,
}

/// Why a scan gave no answer. No answer is not "nothing found".
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// [`Limits::timeout`] was reached.
    #[error("the scan took longer than {} s", .0.as_secs())]
    Timeout(Duration),
    /// The engine could not finish.
    #[error("the scan could not finish: {0}")]
    Engine(String),
}

impl Rules {
    /// Every rule that matches `bytes`, in the order of the rules.
    pub fn scan(&self, bytes: &[u8], limits: Limits) -> Result<Vec<Match>, ScanError> {
        let mut scanner = yara_x::Scanner::new(&self.compiled);
        scanner.set_timeout(limits.timeout);
        // One more than is kept, so that a cut is noticed.
        scanner.max_matches_per_pattern(limits.matches_per_pattern.saturating_add(1));
        let results = scanner.scan(bytes).map_err(|error| match error {
            yara_x::ScanError::Timeout => ScanError::Timeout(limits.timeout),
            other => ScanError::Engine(other.to_string()),
        })?;
        Ok(results.matching_rules().map(|rule| describe(&rule, limits)).collect())
    }
}

fn describe(rule: &yara_x::Rule<'_, '_>, limits: Limits) -> Match {
    let mut patterns = Vec::new();
    let mut capped = false;
    for pattern in rule.patterns() {
        for (place, found) in pattern.matches().enumerate() {
            if place == limits.matches_per_pattern {
                capped = true;
                break;
            }
            let range = found.range();
            patterns.push(PatternMatch {
                name: pattern.identifier().to_owned(),
                offset: range.start,
                length: range.len(),
            });
        }
    }
    Match {
        rule: rule.identifier().to_owned(),
        namespace: rule.namespace().to_owned(),
        tags: rule.tags().map(|tag| tag.identifier().to_owned()).collect(),
        patterns,
        capped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SHIPPED;

    fn check(rules: &[(&str, &str)], bytes: &[u8], expect: &[&str]) -> Vec<Match> {
        let matches = Rules::compile(rules).unwrap().scan(bytes, Limits::default()).unwrap();
        let names: Vec<_> = matches.iter().map(|found| found.rule.as_str()).collect();
        assert_eq!(names, expect);
        matches
    }

    /// Put together here so that no source file or binary holds the test file as it is.
    fn eicar() -> Vec<u8> {
        let halves = [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR", "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"];
        halves.concat().into_bytes()
    }

    #[test]
    fn the_test_file_is_found_wherever_it_is() {
        let bytes = [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &eicar()].concat();
        let found = check(SHIPPED, &bytes, &["eicar_test_file"]).remove(0);
        assert_eq!(
            (found.namespace.as_str(), found.tags.as_slice()),
            ("eicar.yar", &["test".to_owned()][..])
        );
        let place = PatternMatch { name: "$body".to_owned(), offset: 19, length: 68 };
        assert_eq!((found.patterns, found.capped), (vec![place], false));
    }

    #[test]
    fn half_of_the_test_file_is_nothing() {
        check(SHIPPED, &eicar()[..34], &[]);
        check(SHIPPED, b"", &[]);
    }

    #[test]
    fn private_rules_are_not_reported_and_others_keep_their_order() {
        let text = "private rule hidden { condition: true }
                    rule b { condition: hidden }
                    rule a { condition: hidden }";
        check(&[("order.yar", text)], b"x", &["b", "a"]);
    }

    #[test]
    fn places_beyond_the_limit_are_cut_and_said_to_be() {
        let text = r#"rule many { strings: $a = "ab" condition: $a }"#;
        let rules = Rules::compile(&[("many.yar", text)]).unwrap();
        let limits = Limits { matches_per_pattern: 3, ..Limits::default() };
        let scan = |bytes: &[u8]| rules.scan(bytes, limits).unwrap().remove(0);
        let exactly = scan(b"ab.ab.ab");
        assert_eq!((exactly.patterns.len(), exactly.capped), (3, false));
        let more = scan(b"ab.ab.ab.ab");
        assert_eq!((more.patterns.len(), more.capped), (3, true));
    }

    #[test]
    fn a_scan_that_takes_too_long_is_an_error_not_an_empty_answer() {
        let text = "rule slow { condition: for all i in (0..1000000000000) : (i >= 0) }";
        let rules = Rules::compile(&[("slow.yar", text)]).unwrap();
        let limits = Limits { timeout: Duration::from_secs(1), ..Limits::default() };
        assert!(matches!(rules.scan(b"x", limits), Err(ScanError::Timeout(_))));
    }
}
