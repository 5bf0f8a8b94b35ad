//! ClientHello and ServerHello (RFC 8446 §4.1, RFC 5246 §7.4.1).

use super::super::fields::OfMessage;
use super::{fingerprint, names};
use evidence::Cursor;

const SERVER_NAME: u16 = 0;
const SUPPORTED_GROUPS: u16 = 10;
const POINT_FORMATS: u16 = 11;
const SIGNATURES: u16 = 13;
const ALPN: u16 = 16;
const SUPPORTED_VERSIONS: u16 = 43;

/// What a client offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ClientHello {
    /// Of the handshake: TLS 1.3 states its own in an extension.
    pub(super) version: u16,
    pub(super) ciphers: Vec<u16>,
    /// In their order.
    pub(super) extensions: Vec<u16>,
    pub(super) server_name: Option<String>,
    pub(super) protocols: Vec<Vec<u8>>,
    pub(super) versions: Vec<u16>,
    pub(super) groups: Vec<u16>,
    pub(super) formats: Vec<u8>,
    pub(super) signatures: Vec<u16>,
}

/// What a server chose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ServerHello {
    pub(super) version: u16,
    pub(super) cipher: u16,
    pub(super) extensions: Vec<u16>,
    pub(super) protocol: Option<Vec<u8>>,
    /// From the extension.
    pub(super) chosen: Option<u16>,
}

/// Values that stand for nothing, so that peers get used to unknown ones (RFC 8701).
pub(super) fn is_grease(value: u16) -> bool {
    let [high, low] = value.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}

impl ClientHello {
    /// Reads the body of the message; none if it ends within what every hello has. Extensions are read as far as they were
    /// captured.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(body);
        let version = version(&mut cursor)?;
        let ciphers = vector16(&mut cursor)?;
        vector8(&mut cursor)?;
        let mut hello = Self { version, ciphers: numbers(ciphers), ..Self::default() };
        for (kind, content) in extensions(&mut cursor) {
            hello.extensions.push(kind);
            hello.take(kind, content);
        }
        Some(hello)
    }

    fn take(&mut self, kind: u16, content: &[u8]) {
        let mut cursor = Cursor::new(content);
        match kind {
            SERVER_NAME => self.server_name = self.server_name.take().or_else(|| name(content)),
            ALPN => self.protocols = protocols(content),
            SUPPORTED_GROUPS => {
                self.groups = vector16(&mut cursor).map(numbers).unwrap_or_default()
            }
            SIGNATURES => self.signatures = vector16(&mut cursor).map(numbers).unwrap_or_default(),
            POINT_FORMATS => self.formats = vector8(&mut cursor).unwrap_or_default().to_vec(),
            SUPPORTED_VERSIONS => {
                self.versions = vector8(&mut cursor).map(numbers).unwrap_or_default();
            }
            _ => {}
        }
    }

    /// The highest version that is offered.
    pub(super) fn highest(&self) -> u16 {
        let offered = self.versions.iter().copied().filter(|version| !is_grease(*version));
        offered.max().unwrap_or(self.version)
    }

    /// A fingerprint is told of a `whole` hello only: that of a part would be another client's.
    pub(super) fn tell(&self, whole: bool, fields: &mut OfMessage<'_>) {
        fields.add("tls.handshake.version", names::version(self.version));
        fields.add_all("tls.handshake.extensions_server_name", self.server_name.clone());
        let protocols = self.protocols.iter().map(|protocol| crate::escape(protocol));
        fields.add_all("tls.handshake.extensions_alpn_str", protocols);
        let versions = self.versions.iter().filter(|version| !is_grease(**version));
        let versions = versions.map(|version| names::version(*version));
        fields.add_all("tls.handshake.extensions.supported_version", versions);
        let ciphers = self.ciphers.iter().map(|cipher| names::cipher(*cipher));
        fields.add_all("tls.handshake.ciphersuite", ciphers);
        if !whole {
            return;
        }
        let (ja3_full, ja3) = fingerprint::ja3(self);
        fields.add("tls.handshake.ja3", ja3);
        fields.add("tls.handshake.ja3_full", ja3_full);
        let (ja4_r, ja4) = fingerprint::ja4(self, 't');
        fields.add("tls.handshake.ja4", ja4);
        fields.add("tls.handshake.ja4_r", ja4_r);
    }

    /// In a few words.
    pub(super) fn line(&self) -> String {
        let name = self.server_name.clone().unwrap_or_else(|| "no server name".to_owned());
        let protocols: Vec<String> = self.protocols.iter().map(|own| crate::escape(own)).collect();
        match protocols.is_empty() {
            true => name,
            false => format!("{name} for {}", protocols.join(", ")),
        }
    }
}

impl ServerHello {
    /// As [`ClientHello::read`].
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(body);
        let version = version(&mut cursor)?;
        let cipher = cursor.be16()?;
        cursor.skip(1)?;
        let mut hello = Self { version, cipher, ..Self::default() };
        for (kind, content) in extensions(&mut cursor) {
            hello.extensions.push(kind);
            match kind {
                ALPN => hello.protocol = protocols(content).into_iter().next(),
                SUPPORTED_VERSIONS => hello.chosen = Cursor::new(content).be16(),
                _ => {}
            }
        }
        Some(hello)
    }

    /// As [`ClientHello::tell`].
    pub(super) fn tell(&self, whole: bool, fields: &mut OfMessage<'_>) {
        fields.add("tls.handshake.version", names::version(self.version));
        let chosen = self.chosen.map(names::version);
        fields.add_all("tls.handshake.extensions.supported_version", chosen);
        fields.add("tls.handshake.ciphersuite", names::cipher(self.cipher));
        let protocol = self.protocol.as_ref().map(|protocol| crate::escape(protocol));
        fields.add_all("tls.handshake.extensions_alpn_str", protocol);
        if !whole {
            return;
        }
        let (ja3s_full, ja3s) = fingerprint::ja3s(self);
        fields.add("tls.handshake.ja3s", ja3s);
        fields.add("tls.handshake.ja3s_full", ja3s_full);
    }

    /// In a few words.
    pub(super) fn line(&self) -> String {
        let version = names::version(self.chosen.unwrap_or(self.version));
        let protocol = self.protocol.as_ref().map(|own| format!(", {}", crate::escape(own)));
        let cipher = names::cipher_name(self.cipher).map(str::to_owned);
        let cipher = cipher.unwrap_or_else(|| names::cipher(self.cipher));
        format!("{version}, {cipher}{}", protocol.unwrap_or_default())
    }
}

/// The version at the start of either hello, past the random bytes and the session behind it.
fn version(cursor: &mut Cursor<'_>) -> Option<u16> {
    let version = cursor.be16()?;
    cursor.skip(32)?;
    vector8(cursor)?;
    Some(version)
}

fn vector16<'a>(cursor: &mut Cursor<'a>) -> Option<&'a [u8]> {
    let length = cursor.be16()?;
    cursor.take(length.into())
}

fn vector8<'a>(cursor: &mut Cursor<'a>) -> Option<&'a [u8]> {
    let length = cursor.u8()?;
    cursor.take(length.into())
}

fn numbers(bytes: &[u8]) -> Vec<u16> {
    bytes.as_chunks().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect()
}

/// Each extension with its content, as far as they were captured.
fn extensions<'a>(cursor: &mut Cursor<'a>) -> Vec<(u16, &'a [u8])> {
    let mut found = Vec::new();
    let Some(length) = cursor.be16() else { return found };
    let all = cursor.rest();
    let mut cursor = Cursor::new(all.get(..length.into()).unwrap_or(all));
    while let Some(kind) = cursor.be16() {
        let Some(content) = vector16(&mut cursor) else { break };
        found.push((kind, content));
    }
    found
}

/// The host name in a server_name extension (RFC 6066 §3).
fn name(content: &[u8]) -> Option<String> {
    let mut cursor = Cursor::new(content);
    let mut list = Cursor::new(vector16(&mut cursor)?);
    while let Some(kind) = list.u8() {
        let name = vector16(&mut list)?;
        if kind == 0 {
            return Some(crate::escape(name));
        }
    }
    None
}

/// The protocols in an ALPN extension (RFC 7301).
fn protocols(content: &[u8]) -> Vec<Vec<u8>> {
    let mut cursor = Cursor::new(content);
    let mut list = Cursor::new(vector16(&mut cursor).unwrap_or_default());
    let mut found = Vec::new();
    while let Some(protocol) = vector8(&mut list) {
        found.push(protocol.to_vec());
    }
    found
}
