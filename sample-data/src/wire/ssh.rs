//! SSH transport (RFC 4253) up to the point where it is encrypted; from there on random bytes of real sizes.

use crate::rng::Rng;

pub(crate) const SERVER_BANNER: &[u8] = b"SSH-2.0-OpenSSH_9.6p1 Ubuntu-3ubuntu13.5\r\n";
pub(crate) const CLIENT_BANNER: &[u8] = b"SSH-2.0-libssh2_1.11.0\r\n";

/// SSH_MSG_KEXINIT with one choice per list.
pub(crate) fn kexinit(rng: &mut Rng) -> Vec<u8> {
    let mut body = vec![20];
    body.extend_from_slice(&rng.array::<16>());
    for list in [
        "curve25519-sha256,kex-strict-c-v00@openssh.com",
        "ssh-ed25519",
        "aes128-ctr,chacha20-poly1305@openssh.com",
        "aes128-ctr,chacha20-poly1305@openssh.com",
        "hmac-sha2-256",
        "hmac-sha2-256",
        "none",
        "none",
        "",
        "",
    ] {
        string(&mut body, list.as_bytes());
    }
    body.extend_from_slice(&[0; 5]);
    binary_packet(&body)
}

/// SSH_MSG_KEX_ECDH_INIT.
pub(crate) fn ecdh_init(rng: &mut Rng) -> Vec<u8> {
    let mut body = vec![30];
    string(&mut body, &rng.array::<32>());
    binary_packet(&body)
}

/// SSH_MSG_KEX_ECDH_REPLY, whose host key stays the same, and SSH_MSG_NEWKEYS.
pub(crate) fn ecdh_reply(rng: &mut Rng) -> Vec<u8> {
    let mut key = Vec::new();
    string(&mut key, b"ssh-ed25519");
    string(&mut key, &Rng::named(22, "host key").array::<32>());
    let mut signature = Vec::new();
    string(&mut signature, b"ssh-ed25519");
    string(&mut signature, &rng.array::<64>());
    let mut body = vec![31];
    string(&mut body, &key);
    string(&mut body, &rng.array::<32>());
    string(&mut body, &signature);
    let mut out = binary_packet(&body);
    out.extend(newkeys());
    out
}

/// SSH_MSG_NEWKEYS.
pub(crate) fn newkeys() -> Vec<u8> {
    binary_packet(&[21])
}

/// An encrypted packet: whole AES blocks and a 32-byte MAC.
pub(crate) fn encrypted(rng: &mut Rng, blocks: usize) -> Vec<u8> {
    rng.bytes(blocks * 16 + 32)
}

fn string(out: &mut Vec<u8>, value: &[u8]) {
    out.extend_from_slice(&(value.len() as u32).to_be_bytes());
    out.extend_from_slice(value);
}

/// RFC 4253 §6: length, padding length, payload, at least four bytes of padding to a multiple of eight.
fn binary_packet(payload: &[u8]) -> Vec<u8> {
    let padding = 4 + (8 - (payload.len() + 9) % 8) % 8;
    let mut out = ((1 + payload.len() + padding) as u32).to_be_bytes().to_vec();
    out.push(padding as u8);
    out.extend_from_slice(payload);
    out.resize(out.len() + padding, 0);
    out
}
