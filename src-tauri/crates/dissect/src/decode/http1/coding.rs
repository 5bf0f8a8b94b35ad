//! Content codings undone (RFC 9110 §8.4), within limits.

use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};
use std::io::{self, Read};

/// Bytes that one body may inflate to.
const SIZE_CAP: usize = 64 << 20;
/// Inflated bytes for one coded byte, looked at from [`RATIO_FLOOR`] on.
const RATIO_CAP: usize = 1000;
const RATIO_FLOOR: usize = 1 << 20;
/// Gzip members in one body. Each costs a fresh inflater, however short it is.
const MEMBER_CAP: usize = 100_000;
/// Codings on top of one another.
const DEPTH_CAP: usize = 4;

/// What came of undoing the codings.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Undone {
    pub(super) bytes: Vec<u8>,
    /// Why `bytes` are not the whole content.
    pub(super) reason: Option<String>,
    /// Coded bytes behind the end of the coding.
    pub(super) left_over: usize,
}

/// The codings of a body in the order they were applied, `chunked` and `identity` left out.
pub(super) fn codings(headers: &[(String, String)]) -> Vec<String> {
    let named = |name: &'static str| {
        headers
            .iter()
            .filter(move |(own, _)| own.eq_ignore_ascii_case(name))
            .flat_map(|(_, value)| value.split(','))
            .map(|coding| coding.trim().to_ascii_lowercase())
    };
    named("content-encoding")
        .chain(named("transfer-encoding"))
        .filter(|coding| !matches!(coding.as_str(), "" | "identity" | "chunked"))
        .collect()
}

/// Undoes `codings`, last first. `budget` is what all bodies of a conversation may still inflate to.
pub(super) fn undo(raw: &[u8], codings: &[String], budget: &mut usize) -> Undone {
    let mut undone = Undone { bytes: raw.to_vec(), ..Undone::default() };
    for (depth, coding) in codings.iter().rev().enumerate() {
        if depth >= DEPTH_CAP {
            undone.reason = Some(format!("more than {DEPTH_CAP} content codings"));
            break;
        }
        let next = match coding.as_str() {
            "gzip" | "x-gzip" => gunzip(&undone.bytes, raw.len(), budget),
            "deflate" => inflate(&undone.bytes, raw.len(), budget),
            other => {
                undone.reason = Some(format!("the content coding {other} is not undone"));
                break;
            }
        };
        undone = Undone { left_over: undone.left_over.saturating_add(next.left_over), ..next };
        if undone.reason.is_some() {
            break;
        }
    }
    undone
}

/// One gzip member after another (RFC 1952 §2.2).
fn gunzip(coded: &[u8], wire: usize, budget: &mut usize) -> Undone {
    let mut undone = Undone::default();
    let mut rest = coded;
    for _ in 0..MEMBER_CAP {
        let mut decoder = GzDecoder::new(rest);
        undone.reason = drain(&mut decoder, wire, &mut undone.bytes, budget);
        let left = decoder.into_inner();
        let stuck = left.len() == rest.len();
        rest = left;
        if undone.reason.is_some() || stuck || !rest.starts_with(&[0x1f, 0x8b]) {
            break;
        }
    }
    if undone.reason.is_none() && rest.starts_with(&[0x1f, 0x8b]) {
        undone.reason = Some(format!("it holds more than {MEMBER_CAP} gzip members"));
    }
    if undone.reason.is_none() {
        undone.left_over = rest.len();
    }
    undone
}

/// `deflate` is the zlib format (RFC 1950); some servers send bare deflate (RFC 1951) under its name.
fn inflate(coded: &[u8], wire: usize, budget: &mut usize) -> Undone {
    // The header is a multiple of 31, its low four bits 8 (RFC 1950 §2.2).
    let zlib = matches!(coded, [first, second, ..]
        if first & 0x0f == 8 && u16::from_be_bytes([*first, *second]) % 31 == 0);
    let mut undone = Undone::default();
    let left = if zlib {
        let mut decoder = ZlibDecoder::new(coded);
        undone.reason = drain(&mut decoder, wire, &mut undone.bytes, budget);
        decoder.into_inner().len()
    } else {
        let mut decoder = DeflateDecoder::new(coded);
        undone.reason = drain(&mut decoder, wire, &mut undone.bytes, budget);
        decoder.into_inner().len()
    };
    if undone.reason.is_none() {
        undone.left_over = left;
    }
    undone
}

/// Reads to the end or to a limit; answers why it stopped early. `wire`: the body's bytes as sent, so that
/// one coding in another gets no second allowance.
fn drain(
    decoder: &mut impl Read,
    wire: usize,
    bytes: &mut Vec<u8>,
    budget: &mut usize,
) -> Option<String> {
    let ratio_cap = wire.saturating_mul(RATIO_CAP).max(RATIO_FLOOR);
    let mut buffer = [0; 16 << 10];
    loop {
        let count = match decoder.read(&mut buffer) {
            Ok(0) => return None,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Some(format!("its coded bytes end early, after {} bytes", bytes.len()));
            }
            Err(error) => {
                return Some(format!(
                    "its coded bytes are damaged behind {}: {error}",
                    bytes.len()
                ));
            }
        };
        let room = SIZE_CAP.min(ratio_cap).saturating_sub(bytes.len()).min(*budget);
        let taken = buffer.get(..count.min(room)).unwrap_or_default();
        bytes.extend_from_slice(taken);
        *budget = budget.saturating_sub(taken.len());
        if count > room {
            let limit = match () {
                () if *budget == 0 => "the 256 MiB that one conversation may inflate to".to_owned(),
                () if bytes.len() >= SIZE_CAP => "64 MiB".to_owned(),
                () => format!("{RATIO_CAP} bytes for each of its {wire}"),
            };
            return Some(format!("it inflates to more than {limit}; stopped there"));
        }
    }
}
