//! Gzip (RFC 1952) taken off while reading, damage kept as data.

use crate::Anomaly;
use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, Read};

/// Inflated bytes after which the ratio is looked at. Unit: bytes.
const RATIO_FLOOR: u64 = 1 << 30;
/// Inflated bytes for one compressed byte that no honest log or capture reaches.
const RATIO_CAP: u64 = 500;
/// Bytes behind the last member: the content before them is whole.
const TRAILING: &str = "gzip.trailing_bytes";

/// The bytes inside one or more gzip members.
///
/// A damaged or cut member ends the bytes and leaves an [`Anomaly`] whose offset counts *compressed*
/// bytes; everything before it is given. Only an error of the reader below is an error.
pub(crate) struct Inflate<R> {
    member: Option<GzDecoder<Counted<R>>>,
    inflated: u64,
    ended: bool,
    pub(crate) anomaly: Option<Anomaly>,
}

impl<R: BufRead> Inflate<R> {
    pub(crate) fn new(compressed: R) -> Self {
        let counted = Counted { inner: compressed, passed: 0, failed: None };
        Self { member: Some(GzDecoder::new(counted)), inflated: 0, ended: false, anomaly: None }
    }

    /// Whether the bytes ended where the content did not: what came last may be cut anywhere.
    pub(crate) fn broken(&self) -> bool {
        self.anomaly.as_ref().is_some_and(|anomaly| anomaly.kind != TRAILING)
    }

    /// What is left of the compressed bytes.
    pub(crate) fn into_inner(self) -> Option<R> {
        self.member.map(|member| member.into_inner().inner)
    }

    fn stop(&mut self, kind: &'static str, at: u64, expected: &str, found: String) {
        self.anomaly = Some(Anomaly::new(kind, at, 0, expected, found));
    }

    /// Starts the member that follows, if one does.
    fn next_member(&mut self) -> io::Result<bool> {
        let Some(member) = self.member.take() else { return Ok(false) };
        let mut rest = member.into_inner();
        let head = rest.fill_buf()?;
        let (empty, gzip) = (head.is_empty(), head.first() == Some(&0x1f));
        let shown = crate::show_bytes(head, 8);
        if !empty && !gzip {
            let at = rest.passed;
            self.stop(TRAILING, at, "another gzip member or the end", shown);
        }
        self.ended = empty;
        let more = gzip && self.anomaly.is_none();
        self.member = Some(GzDecoder::new(rest));
        Ok(more)
    }
}

impl<R: BufRead> Read for Inflate<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while !self.ended && self.anomaly.is_none() && !out.is_empty() {
            let Some(member) = self.member.as_mut() else { break };
            match member.read(out) {
                Ok(0) => {
                    if !self.next_member()? {
                        break;
                    }
                }
                Ok(count) => {
                    self.inflated = self.inflated.saturating_add(count as u64);
                    let passed = member.get_ref().passed;
                    if self.inflated > RATIO_FLOOR
                        && self.inflated / RATIO_CAP > passed.saturating_add(1)
                    {
                        let found = format!("{} bytes out of {passed}", self.inflated);
                        self.stop("gzip.ratio", passed, "at most 500 bytes for one", found);
                    }
                    return Ok(count);
                }
                Err(error) => {
                    let compressed = member.get_mut();
                    if let Some(cause) = compressed.failed.take() {
                        return Err(cause);
                    }
                    let at = compressed.passed;
                    if error.kind() == io::ErrorKind::UnexpectedEof {
                        let found = "the end of the file".to_owned();
                        self.stop("gzip.cut", at, "the rest of a gzip member", found);
                    } else {
                        self.stop("gzip.damaged", at, "a valid gzip member", error.to_string());
                    }
                }
            }
        }
        Ok(0)
    }
}

/// Counts what passes, and tells an error of the medium from an error of the content.
struct Counted<R> {
    inner: R,
    passed: u64,
    failed: Option<io::Error>,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self.inner.fill_buf() {
            Ok(bytes) => Ok(bytes),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let kind = error.kind();
                self.failed = Some(error);
                Err(kind.into())
            }
        }
    }

    fn consume(&mut self, count: usize) {
        self.passed = self.passed.saturating_add(count as u64);
        self.inner.consume(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn inflate(compressed: &[u8]) -> (Vec<u8>, Option<&'static str>) {
        let mut inflate = Inflate::new(compressed);
        let mut bytes = Vec::new();
        inflate.read_to_end(&mut bytes).unwrap();
        assert_eq!(inflate.read(&mut [0; 8]).unwrap(), 0, "the end stays the end");
        (bytes, inflate.anomaly.map(|anomaly| anomaly.kind))
    }

    #[test]
    fn members_follow_one_another() {
        assert_eq!(inflate(&[gzip(b"one "), gzip(b"two")].concat()), (b"one two".to_vec(), None));
    }

    #[test]
    fn a_cut_member_gives_what_came_before_the_cut() {
        let text: Vec<u8> =
            (0..200_000u32).flat_map(|i| i.wrapping_mul(2654435761).to_le_bytes()).collect();
        let whole = gzip(&text);
        let (bytes, kind) = inflate(&whole[..whole.len() / 2]);
        assert_eq!(kind, Some("gzip.cut"));
        assert!(!bytes.is_empty() && text.starts_with(&bytes));
    }

    #[test]
    fn bytes_behind_the_last_member_are_named() {
        assert_eq!(
            inflate(&[gzip(b"one"), b"\0\0\0".to_vec()].concat()),
            (b"one".to_vec(), Some("gzip.trailing_bytes"))
        );
    }

    #[test]
    fn no_damaged_byte_goes_unnoticed() {
        let whole = gzip(b"the same words, the same words, the same words");
        for at in 10..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x55;
            let (bytes, kind) = inflate(&damaged);
            assert!(kind.is_some(), "byte {at} gave {bytes:?}");
        }
    }

    #[test]
    fn an_error_of_the_medium_is_an_error() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("bad sector"))
            }
        }
        let mut inflate = Inflate::new(io::BufReader::new(Broken));
        assert_eq!(inflate.read(&mut [0; 8]).unwrap_err().to_string(), "bad sector");
    }
}
