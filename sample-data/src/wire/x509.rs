//! A self-signed Ed25519 certificate (RFC 5280, RFC 8410), written out in DER by hand.

use ed25519_dalek::{Signer, SigningKey};

const ED25519: &[u8] = &[0x2B, 0x65, 0x70];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1D, 0x11];

/// A certificate for `name`, valid through 2026, signed by `key` itself.
pub(crate) fn self_signed(name: &str, key: &SigningKey) -> Vec<u8> {
    let algorithm = tlv(0x30, &tlv(0x06, ED25519));
    let common_name = [tlv(0x06, COMMON_NAME), tlv(0x0C, name.as_bytes())].concat();
    let subject = tlv(0x30, &tlv(0x31, &tlv(0x30, &common_name)));
    let validity = [tlv(0x17, b"260101000000Z"), tlv(0x17, b"261231235959Z")].concat();
    let public_key = [&[0][..], key.verifying_key().as_bytes()].concat();
    let names = tlv(0x30, &tlv(0x82, name.as_bytes()));
    let extension = tlv(0x30, &[tlv(0x06, SUBJECT_ALT_NAME), tlv(0x04, &names)].concat());
    let body = [
        // Version 3, serial number.
        tlv(0xA0, &tlv(0x02, &[2])),
        tlv(0x02, &[0x26, 0x03, 0x03]),
        algorithm.clone(),
        subject.clone(),
        tlv(0x30, &validity),
        subject,
        tlv(0x30, &[algorithm.clone(), tlv(0x03, &public_key)].concat()),
        tlv(0xA3, &tlv(0x30, &extension)),
    ];
    let body = tlv(0x30, &body.concat());
    let signature = [&[0][..], &key.sign(&body).to_bytes()].concat();
    tlv(0x30, &[body, algorithm, tlv(0x03, &signature)].concat())
}

fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len();
    let mut out = vec![tag];
    if length < 128 {
        out.push(length as u8);
    } else if length < 256 {
        out.extend_from_slice(&[0x81, length as u8]);
    } else {
        out.extend_from_slice(&[0x82, (length >> 8) as u8, length as u8]);
    }
    out.extend_from_slice(value);
    out
}
