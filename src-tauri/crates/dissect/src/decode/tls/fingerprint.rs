//! JA3, JA3S (github.com/salesforce/ja3) and JA4 (github.com/FoxIO-LLC/ja4): what a hello looks like, whoever sends it.

use super::super::md5;
use super::hello::{ClientHello, ServerHello, is_grease};
use evidence::Sha256;

/// What JA4 leaves out of its list of extensions: server name and ALPN, which change with the server.
const NAMED_BESIDE: [u16; 2] = [0, 16];
/// Stands for the hash of nothing in JA4.
const NOTHING: &str = "000000000000";

/// The text, and its MD5.
pub(super) fn ja3(hello: &ClientHello) -> (String, String) {
    let formats: Vec<u16> = hello.formats.iter().copied().map(u16::from).collect();
    let lists = [&hello.ciphers, &hello.extensions, &hello.groups, &formats];
    let lists: Vec<String> = lists.into_iter().map(|list| decimal(list)).collect();
    let text = format!("{},{}", hello.version, lists.join(","));
    let digest = md5(text.as_bytes());
    (text, digest)
}

/// The text, and its MD5.
pub(super) fn ja3s(hello: &ServerHello) -> (String, String) {
    let text = format!("{},{},{}", hello.version, hello.cipher, decimal(&hello.extensions));
    let digest = md5(text.as_bytes());
    (text, digest)
}

/// The readable form, and the hashed one. `transport` is `t` over TCP and `q` over QUIC.
pub(super) fn ja4(hello: &ClientHello, transport: char) -> (String, String) {
    let real = |list: &[u16]| -> Vec<u16> {
        list.iter().copied().filter(|value| !is_grease(*value)).collect()
    };
    let (mut ciphers, extensions) = (real(&hello.ciphers), real(&hello.extensions));
    let version = match hello.highest() {
        0x0304 => "13",
        0x0303 => "12",
        0x0302 => "11",
        0x0301 => "10",
        0x0300 => "s3",
        0x0002 => "s2",
        0xfeff => "d1",
        0xfefd => "d2",
        0xfefc => "d3",
        _ => "00",
    };
    let named = if extensions.contains(&0) { 'd' } else { 'i' };
    let (few_ciphers, few_extensions) = (ciphers.len().min(99), extensions.len().min(99));
    let protocol = ends(hello.protocols.first().map_or(&[], Vec::as_slice));
    let head = format!("{transport}{version}{named}{few_ciphers:02}{few_extensions:02}{protocol}");
    ciphers.sort_unstable();
    let mut others: Vec<u16> =
        extensions.into_iter().filter(|kind| !NAMED_BESIDE.contains(kind)).collect();
    others.sort_unstable();
    let ciphers = hexadecimal(&ciphers);
    let mut rest = hexadecimal(&others);
    let signatures = hexadecimal(&real(&hello.signatures));
    if !signatures.is_empty() {
        rest = format!("{rest}_{signatures}");
    }
    let hashed = format!("{head}_{}_{}", short(&ciphers), short(&rest));
    (format!("{head}_{ciphers}_{rest}"), hashed)
}

/// The first and the last letter of a protocol's name; where these are none, those of its hexadecimal form.
fn ends(protocol: &[u8]) -> String {
    let (Some(first), Some(last)) = (protocol.first(), protocol.last()) else {
        return "00".to_owned();
    };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        return [char::from(*first), char::from(*last)].iter().collect();
    }
    let (first, last) = (format!("{first:02x}"), format!("{last:02x}"));
    first.chars().take(1).chain(last.chars().skip(1)).collect()
}

/// Twelve digits of a SHA-256.
fn short(text: &str) -> String {
    if text.is_empty() {
        return NOTHING.to_owned();
    }
    Sha256::of(text.as_bytes()).to_string().chars().take(NOTHING.len()).collect()
}

fn decimal(list: &[u16]) -> String {
    let real = list.iter().filter(|value| !is_grease(**value));
    real.map(u16::to_string).collect::<Vec<_>>().join("-")
}

fn hexadecimal(list: &[u16]) -> String {
    list.iter().map(|value| format!("{value:04x}")).collect::<Vec<_>>().join(",")
}
