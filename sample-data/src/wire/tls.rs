//! TLS 1.3 (RFC 8446): one suite, TLS_AES_128_GCM_SHA256 over x25519, with real keys, so that a key log
//! opens the captures. No resumption, no client certificate.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes128Gcm, Nonce};
use ed25519_dalek::{Signer, SigningKey};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use x25519_dalek::{PublicKey, StaticSecret};

use crate::hash::hex;
use crate::rng::Rng;
use crate::wire::x509;

type Secret = [u8; 32];

/// What a server proves itself with.
pub(crate) struct Identity {
    key: SigningKey,
    certificate: Vec<u8>,
}

impl Identity {
    pub(crate) fn new(name: &str, rng: &mut Rng) -> Self {
        let key = SigningKey::from_bytes(&rng.array());
        let certificate = x509::self_signed(name, &key);
        Self { key, certificate }
    }
}

/// A finished handshake: its three flights, and what seals the application's bytes after it.
pub(crate) struct Session {
    pub(crate) client_hello: Vec<u8>,
    pub(crate) server_flight: Vec<u8>,
    pub(crate) client_finished: Vec<u8>,
    /// Lines in the format of SSLKEYLOGFILE.
    pub(crate) key_log: String,
    pub(crate) client: Sealer,
    pub(crate) server: Sealer,
}

/// Play the handshake of a client that asks for `name`.
pub(crate) fn handshake(rng: &mut Rng, name: &str, identity: &Identity) -> Session {
    let client_random: [u8; 32] = rng.array();
    let session_id: [u8; 32] = rng.array();
    let client_key = StaticSecret::from(rng.array::<32>());
    let server_key = StaticSecret::from(rng.array::<32>());
    let client_hello =
        client_hello(&client_random, &session_id, name, &PublicKey::from(&client_key));
    let server_hello = server_hello(&rng.array(), &session_id, &PublicKey::from(&server_key));
    let shared = server_key.diffie_hellman(&PublicKey::from(&client_key));

    let mut transcript = Sha256::new();
    transcript.update(&client_hello);
    transcript.update(&server_hello);
    let hello_hash = hash_so_far(&transcript);
    let early = extract(&[0; 32], &[0; 32]);
    let handshake = extract(&derive(&early, "derived", &empty_hash()), shared.as_bytes());
    let client_handshake = derive(&handshake, "c hs traffic", &hello_hash);
    let server_handshake = derive(&handshake, "s hs traffic", &hello_hash);

    let mut messages = message(8, &vector16(&extension(16, &vector16(&vector8(b"http/1.1")))));
    let certificate = [vector24(&identity.certificate), vec![0, 0]].concat();
    messages.extend(message(11, &[vec![0], vector24(&certificate)].concat()));
    transcript.update(&messages);
    let mut signed = vec![0x20; 64];
    signed.extend_from_slice(b"TLS 1.3, server CertificateVerify\0");
    signed.extend_from_slice(&hash_so_far(&transcript));
    let signature = vector16(&identity.key.sign(&signed).to_bytes());
    let verify = message(15, &[vec![0x08, 0x07], signature].concat());
    transcript.update(&verify);
    messages.extend(verify);
    let finished = finished(&server_handshake, &transcript);
    transcript.update(&finished);
    messages.extend(finished);

    let master = extract(&derive(&handshake, "derived", &empty_hash()), &[0; 32]);
    let server_done = hash_so_far(&transcript);
    let client_traffic = derive(&master, "c ap traffic", &server_done);
    let server_traffic = derive(&master, "s ap traffic", &server_done);
    let exporter = derive(&master, "exp master", &server_done);

    let mut server_flight = record(22, 0x0303, &server_hello);
    server_flight.extend(record(20, 0x0303, &[1]));
    server_flight.extend(Sealer::new(&server_handshake).seal(22, &messages));
    let mut client_finished = record(20, 0x0303, &[1]);
    let client_proof = self::finished(&client_handshake, &transcript);
    client_finished.extend(Sealer::new(&client_handshake).seal(22, &client_proof));

    let key_log = [
        ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", client_handshake),
        ("SERVER_HANDSHAKE_TRAFFIC_SECRET", server_handshake),
        ("CLIENT_TRAFFIC_SECRET_0", client_traffic),
        ("SERVER_TRAFFIC_SECRET_0", server_traffic),
        ("EXPORTER_SECRET", exporter),
    ]
    .map(|(label, secret)| format!("{label} {} {}\n", hex(&client_random), hex(&secret)))
    .concat();
    Session {
        client_hello: record(22, 0x0301, &client_hello),
        server_flight,
        client_finished,
        key_log,
        client: Sealer::new(&client_traffic),
        server: Sealer::new(&server_traffic),
    }
}

/// The sending half of a protected channel.
pub(crate) struct Sealer {
    cipher: Aes128Gcm,
    iv: [u8; 12],
    sequence: u64,
}

impl Sealer {
    fn new(secret: &Secret) -> Self {
        let mut key = [0; 16];
        let mut iv = [0; 12];
        expand(secret, "key", &[], &mut key);
        expand(secret, "iv", &[], &mut iv);
        Self { cipher: Aes128Gcm::new(&key.into()), iv, sequence: 0 }
    }

    /// Application bytes as records.
    pub(crate) fn application(&mut self, plain: &[u8]) -> Vec<u8> {
        plain.chunks(16_384).flat_map(|part| self.seal(23, part)).collect()
    }

    /// The alert `close_notify`.
    pub(crate) fn close_notify(&mut self) -> Vec<u8> {
        self.seal(21, &[1, 0])
    }

    fn seal(&mut self, kind: u8, plain: &[u8]) -> Vec<u8> {
        let inner = [plain, &[kind]].concat();
        let mut header = vec![23, 3, 3];
        header.extend_from_slice(&(inner.len() as u16 + 16).to_be_bytes());
        let mut nonce = self.iv;
        for (byte, sequence) in nonce[4..].iter_mut().zip(self.sequence.to_be_bytes()) {
            *byte ^= sequence;
        }
        self.sequence += 1;
        let payload = Payload { msg: &inner, aad: &header };
        // AES-GCM refuses only plain texts beyond 64 GiB.
        let sealed = self.cipher.encrypt(Nonce::from_slice(&nonce), payload).unwrap_or_default();
        [header, sealed].concat()
    }
}

fn client_hello(random: &[u8; 32], session_id: &[u8; 32], name: &str, key: &PublicKey) -> Vec<u8> {
    let server_name = vector16(&[vec![0], vector16(name.as_bytes())].concat());
    let share = [vec![0, 0x1D], vector16(key.as_bytes())].concat();
    let extensions = [
        extension(0, &server_name),
        extension(10, &vector16(&[0, 0x1D])),
        extension(13, &vector16(&[0x08, 0x07, 0x04, 0x03])),
        extension(16, &vector16(&vector8(b"http/1.1"))),
        extension(43, &vector8(&[3, 4])),
        extension(51, &vector16(&share)),
    ]
    .concat();
    let suites = vector16(&[0x13, 0x01, 0x13, 0x02, 0x13, 0x03]);
    let start = [&[3, 3][..], random, &vector8(session_id)].concat();
    message(1, &[start, suites, vector8(&[0]), vector16(&extensions)].concat())
}

fn server_hello(random: &[u8; 32], session_id: &[u8; 32], key: &PublicKey) -> Vec<u8> {
    let share = [vec![0, 0x1D], vector16(key.as_bytes())].concat();
    let extensions = [extension(43, &[3, 4]), extension(51, &share)].concat();
    let start = [&[3, 3][..], random, &vector8(session_id), &[0x13, 0x01, 0]].concat();
    message(2, &[start, vector16(&extensions)].concat())
}

/// RFC 8446 §4.4.4.
fn finished(traffic: &Secret, transcript: &Sha256) -> Vec<u8> {
    let mut key = [0; 32];
    expand(traffic, "finished", &[], &mut key);
    // HMAC(key, text) is what HKDF calls extracting.
    message(20, &extract(&key, &hash_so_far(transcript)))
}

fn extract(salt: &Secret, input: &[u8]) -> Secret {
    Hkdf::<Sha256>::extract(Some(salt), input).0.into()
}

fn derive(secret: &Secret, label: &str, hash: &Secret) -> Secret {
    let mut out = [0; 32];
    expand(secret, label, hash, &mut out);
    out
}

/// HKDF-Expand-Label, RFC 8446 §7.1.
fn expand(secret: &Secret, label: &str, context: &[u8], out: &mut [u8]) {
    let mut info = (out.len() as u16).to_be_bytes().to_vec();
    info.extend(vector8(format!("tls13 {label}").as_bytes()));
    info.extend(vector8(context));
    if let Ok(hkdf) = Hkdf::<Sha256>::from_prk(secret) {
        // Refuses only lengths beyond 255 blocks; ours is one.
        let _ = hkdf.expand(&info, out);
    }
}

fn hash_so_far(transcript: &Sha256) -> Secret {
    transcript.clone().finalize().into()
}

fn empty_hash() -> Secret {
    Sha256::digest([]).into()
}

fn record(kind: u8, version: u16, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &version.to_be_bytes(), &vector16(body)].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [vec![kind], vector24(body)].concat()
}

fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &vector16(body)].concat()
}

fn vector8(body: &[u8]) -> Vec<u8> {
    [&[body.len() as u8], body].concat()
}

fn vector16(body: &[u8]) -> Vec<u8> {
    [&(body.len() as u16).to_be_bytes()[..], body].concat()
}

fn vector24(body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32).to_be_bytes()[1..], body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8448 §3, "Simple 1-RTT Handshake": the secret that starts the key schedule without a PSK, and the one
    /// derived from it.
    #[test]
    fn the_key_schedule_agrees_with_the_published_trace() {
        let early = extract(&[0; 32], &[0; 32]);
        assert_eq!(hex(&early), "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a");
        let derived = derive(&early, "derived", &empty_hash());
        assert_eq!(
            hex(&derived),
            "6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba"
        );
    }
}
