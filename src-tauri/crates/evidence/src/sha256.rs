//! The name of a piece of evidence: the SHA-256 of its bytes (FIPS 180-4).

use sha2::Digest;
use sha2::digest::common::hazmat::SerializableState;
use std::{fmt, str::FromStr};

/// What SHA-256 takes in at once. Unit: bytes.
const STEP: u64 = 64;

/// A SHA-256 digest, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256(pub [u8; 32]);

impl Sha256 {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// The first twelve digits: for people's eyes, never as a reference.
    pub fn short(&self) -> String {
        self.to_string().chars().take(12).collect()
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a SHA-256 is 64 hexadecimal digits")]
pub struct ParseSha256Error;

impl FromStr for Sha256 {
    type Err = ParseSha256Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(ParseSha256Error);
        }
        let mut digest = [0; 32];
        for (byte, pair) in digest.iter_mut().zip(digits.chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| ParseSha256Error)?;
            if pair.starts_with('+') {
                return Err(ParseSha256Error);
            }
            *byte = u8::from_str_radix(pair, 16).map_err(|_| ParseSha256Error)?;
        }
        Ok(Self(digest))
    }
}

/// A digest in the making.
#[derive(Clone, Default)]
pub struct Sha256Hasher(sha2::Sha256);

impl Sha256Hasher {
    /// Takes in the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of everything taken in.
    pub fn finish(self) -> Sha256 {
        Sha256(self.0.finalize().into())
    }

    /// The chaining value (FIPS 180-4 §6.2.2) after a whole number of 64-byte steps: with it the computation goes on as
    /// if it had never stopped.
    pub(crate) fn chaining_value(&self) -> Sha256 {
        let mut value = [0; 32];
        value.iter_mut().zip(self.0.serialize()).for_each(|(to, from)| *to = from);
        Sha256(value)
    }

    /// Goes on after `length` bytes (whole steps of 64), which ended in this chaining value.
    pub(crate) fn resumed(value: Sha256, length: u64) -> Self {
        let mut state = sha2::Sha256::new().serialize();
        let steps = (length / STEP).to_le_bytes();
        state.iter_mut().zip(value.0.into_iter().chain(steps)).for_each(|(to, from)| *to = from);
        // What is no state of a hasher cannot come out of one; a digest of nothing would be seen to be wrong.
        Self(sha2::Sha256::deserialize(&state).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_nothing_is_the_published_one() {
        let text = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Sha256::of(b"").to_string(), text);
        assert_eq!(text.parse(), Ok(Sha256::of(b"")));
    }

    #[test]
    fn a_digest_can_be_taken_up_at_any_step() {
        let bytes: Vec<u8> = (0..1000_u32).map(|at| at as u8).collect();
        for at in (0..1000).step_by(64) {
            let mut hasher = Sha256Hasher::default();
            hasher.update(&bytes[..at]);
            let mut resumed = Sha256Hasher::resumed(hasher.chaining_value(), at as u64);
            resumed.update(&bytes[at..]);
            assert_eq!(resumed.finish(), Sha256::of(&bytes));
        }
    }

    #[test]
    fn anything_else_is_no_digest() {
        assert_eq!("e3b0".parse::<Sha256>(), Err(ParseSha256Error));
        assert_eq!("+f".repeat(32).parse::<Sha256>(), Err(ParseSha256Error));
        assert_eq!("zz".repeat(32).parse::<Sha256>(), Err(ParseSha256Error));
    }
}
