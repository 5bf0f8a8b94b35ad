//! Literals, each read as the kind of its field asks.

use super::Kind;
use super::time;
use super::tree::{Range, Scalar};
use evidence::Address;

/// IPv4 addresses among all addresses, as [`Address`] numbers them.
const V4_FIRST: u128 = 0xffff_0000_0000;
const V4_LAST: u128 = 0xffff_ffff_ffff;

const SIZES: [(&str, i64); 8] = [
    ("B", 1),
    ("kB", 1000),
    ("KB", 1000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

const STRETCHES: [(&str, i64); 6] = [
    ("us", 1),
    ("ms", 1000),
    ("s", 1_000_000),
    ("m", 60_000_000),
    ("h", 3_600_000_000),
    ("d", 86_400_000_000),
];

/// What a value of this kind looks like, for a person.
pub(super) fn form(kind: Kind) -> &'static str {
    match kind {
        Kind::Int => "a number",
        Kind::Bytes => "a number of bytes, such as 1500, 10kB, 3MB, 4KiB",
        Kind::Protocol => "a protocol, such as tcp or 6",
        Kind::Address => "an address or a network, such as 10.0.0.1 or 10.0.0.0/8",
        Kind::Time => "a time, such as 2026-03-03 or 2026-03-03 12:00",
        Kind::Duration => "a duration with its unit, such as 5s, 3m, 2h, 1d",
        Kind::Port => "a port or a service, such as 443 or https",
        Kind::AsNumber => "the number of an autonomous system, such as 64500 or AS64500",
        Kind::Scope => {
            "public, private, shared, unique_local, link_local, loopback, unspecified, broadcast, multicast, \
             documentation, benchmarking, translated, tunnelled, discard or reserved"
        }
        Kind::Code => "a code, such as US or S3",
        Kind::Text => "text",
    }
}

/// A single value.
pub(super) fn scalar(kind: Kind, text: &str) -> Option<Scalar> {
    match kind {
        Kind::Int => int(text).map(Scalar::Int),
        Kind::Bytes => with_unit(text, &SIZES).or_else(|| int(text)).map(Scalar::Int),
        Kind::Protocol => protocol(text).map(Scalar::Int),
        Kind::Address => Address::parse(text).map(Scalar::Address),
        Kind::Time => time::parse(text).map(Scalar::Time),
        Kind::Duration => with_unit(text, &STRETCHES).map(Scalar::Int),
        Kind::Port => port(text).map(Scalar::Int),
        Kind::AsNumber => as_number(text).map(Scalar::Int),
        Kind::Scope => enrich::Scope::ALL
            .into_iter()
            .map(enrich::Scope::name)
            .find(|name| name.eq_ignore_ascii_case(text))
            .map(|name| Scalar::Text(name.to_owned())),
        Kind::Code => Some(Scalar::Text(text.to_uppercase())),
        Kind::Text => Some(Scalar::Text(text.to_owned())),
    }
}

/// What is wrong with a value that is none of this kind.
pub(super) fn unfit(kind: Kind, text: &str) -> String {
    match kind {
        Kind::Port if !text.starts_with(|first: char| first.is_ascii_digit()) => {
            let several = enrich::ports_named(text).map_or("", |_| " with one port");
            format!("there is no service {text:?}{several}")
        }
        _ => format!("{text:?} does not fit"),
    }
}

/// The values that are meant by one that may be a network, or a service with several ports.
pub(super) fn ranges(kind: Kind, text: &str) -> Option<Vec<Range>> {
    if kind == Kind::Port && port(text).is_none() {
        let ports = enrich::ports_named(text)?.0.into_iter();
        return Some(ports.map(|port| Range::point(Scalar::Int(port.into()))).collect());
    }
    match text.split_once('/') {
        Some((base, length)) if kind == Kind::Address => network(base, length),
        _ => scalar(kind, text).map(|value| vec![Range::point(value)]),
    }
}

/// From one value to another, both included.
pub(super) fn between(first: Scalar, last: Scalar) -> Option<Vec<Range>> {
    match (first, last) {
        (Scalar::Address(first), Scalar::Address(last)) if first.is_v4() == last.is_v4() => {
            (first <= last).then(|| addresses(first.0, last.0))
        }
        (Scalar::Address(_), _) => None,
        (first, last) => (first <= last).then(|| vec![Range { first, last }]),
    }
}

fn int(text: &str) -> Option<i64> {
    match text.strip_prefix("0x") {
        Some(digits) if !digits.starts_with('+') && !digits.starts_with('-') => {
            i64::from_str_radix(digits, 16).ok()
        }
        Some(_) => None,
        None => text.parse().ok(),
    }
}

/// A port by its number, or by a service that has no other.
fn port(text: &str) -> Option<i64> {
    int(text).or_else(|| match &enrich::ports_named(text)?.0[..] {
        [only] => Some((*only).into()),
        _ => None,
    })
}

fn as_number(text: &str) -> Option<i64> {
    let number = text.get(..2).filter(|begin| begin.eq_ignore_ascii_case("as"));
    int(number.map_or(text, |_| &text[2..]))
}

fn with_unit(text: &str, units: &[(&str, i64)]) -> Option<i64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    number.parse::<i64>().ok()?.checked_mul(*factor)
}

fn protocol(text: &str) -> Option<i64> {
    match enrich::protocol_number(text) {
        Some(number) => Some(number.into()),
        None => int(text).filter(|number| (0..=255).contains(number)),
    }
}

/// The addresses of a network; bits behind its prefix count for nothing.
fn network(base: &str, length: &str) -> Option<Vec<Range>> {
    let written_as_v4 = !base.contains(':');
    let base = Address::parse(base)?;
    if length.is_empty() || length.len() > 3 || !length.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (length, longest) = (length.parse::<u32>().ok()?, if written_as_v4 { 32 } else { 128 });
    if length > longest {
        return None;
    }
    let behind = u128::MAX.checked_shr(128 - longest + length).unwrap_or(0);
    Some(addresses(base.0 & !behind, base.0 | behind))
}

/// The addresses from `first` to `last`. Those of a network like `::/0` are IPv6 addresses: the IPv4 ones, which
/// are numbered among them, are left out.
fn addresses(first: u128, last: u128) -> Vec<Range> {
    let range = |first, last| Range {
        first: Scalar::Address(Address(first)),
        last: Scalar::Address(Address(last)),
    };
    if first >= V4_FIRST || last < V4_LAST {
        return vec![range(first, last)];
    }
    let mut ranges = vec![range(first, V4_FIRST - 1)];
    if last > V4_LAST {
        ranges.push(range(V4_LAST + 1, last));
    }
    ranges
}
