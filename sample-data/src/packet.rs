//! One IP packet, kept as its fields; it becomes bytes only where a capture wants them.

use std::ops::Range;
use std::rc::Rc;

use crate::net::Endpoint;
use crate::wire::{ip, tcp, udp};

/// What the packet belongs to in the story.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    Baseline,
    Scan,
    BruteForce,
    Flood,
    Injection,
    Download,
    Beacon,
    Tunnel,
    Upload,
}

impl Phase {
    pub(crate) const ALL: [Self; 9] = [
        Self::Baseline,
        Self::Scan,
        Self::BruteForce,
        Self::Flood,
        Self::Injection,
        Self::Download,
        Self::Beacon,
        Self::Tunnel,
        Self::Upload,
    ];

    /// The key under which the truth tells of this phase.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Scan => "port_scan",
            Self::BruteForce => "ssh_brute_force",
            Self::Flood => "ddos",
            Self::Injection => "sql_injection",
            Self::Download => "eicar_download",
            Self::Beacon => "beacon",
            Self::Tunnel => "dns_exfiltration",
            Self::Upload => "bulk_upload",
        }
    }
}

/// Part of a shared buffer: the segments of one message share its bytes.
#[derive(Clone, Default)]
pub(crate) struct Payload(Option<Rc<[u8]>>, Range<usize>);

impl Payload {
    pub(crate) fn part(bytes: &Rc<[u8]>, range: Range<usize>) -> Self {
        Self(Some(Rc::clone(bytes)), range)
    }

    pub(crate) fn len(&self) -> usize {
        self.1.len()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_deref().map_or(&[], |all| &all[self.1.clone()])
    }
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Self {
        let range = 0..bytes.len();
        Self(Some(bytes.into()), range)
    }
}

/// The transport header's fields.
pub(crate) enum Transport {
    Tcp(tcp::Header),
    Udp,
}

/// One packet on its way from `src` to `dst`.
pub(crate) struct Packet {
    pub(crate) phase: Phase,
    pub(crate) src: Endpoint,
    pub(crate) dst: Endpoint,
    /// IPv4 identification; unused over IPv6.
    pub(crate) id: u16,
    pub(crate) ttl: u8,
    pub(crate) transport: Transport,
    pub(crate) payload: Payload,
    /// Dropped by the security group of `dst`.
    pub(crate) rejected: bool,
}

impl Packet {
    /// IANA protocol number.
    pub(crate) fn protocol(&self) -> u8 {
        match self.transport {
            Transport::Tcp(_) => 6,
            Transport::Udp => 17,
        }
    }

    fn transport_length(&self) -> usize {
        let header = match &self.transport {
            Transport::Tcp(header) => header.length(),
            Transport::Udp => udp::HEADER,
        };
        header + self.payload.len()
    }

    /// What flow logs count as bytes: the IP total length (IPv6: 40 + payload length).
    pub(crate) fn ip_length(&self) -> usize {
        ip::header_length(self.src.ip) + self.transport_length()
    }

    /// What the flow-log field `tcp-flags` takes from this packet: FIN 1, SYN 2, RST 4, SYN-ACK 18.
    pub(crate) fn logged_flags(&self) -> u8 {
        match &self.transport {
            Transport::Tcp(header) => header.logged_flags(),
            Transport::Udp => 0,
        }
    }

    /// Append the packet, from its IP header on, with valid checksums.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let length = self.transport_length();
        ip::write(out, self.src.ip, self.dst.ip, self.protocol(), self.id, self.ttl, length);
        let start = out.len();
        match &self.transport {
            Transport::Tcp(header) => header.write(out, self.src.port, self.dst.port),
            Transport::Udp => udp::write(out, self.src.port, self.dst.port, length),
        }
        out.extend_from_slice(self.payload.bytes());
        let sum = ip::transport_checksum(self.src.ip, self.dst.ip, self.protocol(), &out[start..]);
        let field = start + if self.protocol() == 6 { 16 } else { 6 };
        // RFC 768: a UDP checksum that comes out as zero is sent as all ones.
        let sum = if self.protocol() == 17 && sum == 0 { 0xFFFF } else { sum };
        out[field..field + 2].copy_from_slice(&sum.to_be_bytes());
    }
}
