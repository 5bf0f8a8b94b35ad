//! The tunnels around a packet, and which of them names the mirror session.

use super::DEEPEST;
use evidence::Address;
use std::fmt;

/// The tunnels around a packet; all empty for a packet that was captured as it was sent.
///
/// **What names a session.** The outermost tunnel of those that mirror traffic (VXLAN, ERSPAN, TZSP), since a
/// mirrored packet may itself belong to an overlay network: by the source of the packet that carries it, and
/// its number. Without one, GENEVE other than AWS's, in the same way. Without that, the key of the outermost
/// GRE or NVGRE header that has one: the key alone, since such a tunnel has traffic of both directions, from
/// two sources. Other tunnels (GRE without a key, PPTP, whose two directions have numbers of their own, IP in
/// IP, PPPoE, MPLS, NSH) name no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Encapsulation {
    /// Source of the IP packet that carries the tunnel which names the session: with Traffic Mirroring, the
    /// primary address of the mirrored interface. None where a key alone names it.
    pub source: Option<Address>,
    /// VNI of the VXLAN or GENEVE header that names the session (24 bits).
    pub vni: Option<u32>,
    /// The number in any other header that names the session.
    pub key: Option<Key>,
    /// Gateway Load Balancer endpoint, from a GENEVE option (class 0x0108, type 1).
    pub endpoint: Option<u64>,
    /// Gateway Load Balancer attachment (type 2).
    pub attachment: Option<u64>,
    /// Gateway Load Balancer flow cookie (type 3).
    pub cookie: Option<u32>,
    /// The tunnels that were opened.
    pub tunnels: Tunnels,
}

/// What names a session where it is no VNI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// The key of a GRE header (RFC 2890).
    Gre(u32),
    /// The virtual subnet of an NVGRE header (24 bits, RFC 7637), without the entropy behind it.
    Nvgre(u32),
    /// The session of an ERSPAN header of type II or III (10 bits).
    Erspan(u16),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gre(key) => write!(f, "GRE {key}"),
            Self::Nvgre(subnet) => write!(f, "NVGRE {subnet}"),
            Self::Erspan(session) => write!(f, "ERSPAN {session}"),
        }
    }
}

impl Key {
    /// A kind, 0 for none, and a number.
    pub(crate) fn number(key: Option<Self>) -> (u8, u32) {
        match key {
            None => (0, 0),
            Some(Self::Gre(key)) => (1, key),
            Some(Self::Nvgre(subnet)) => (2, subnet),
            Some(Self::Erspan(session)) => (3, session.into()),
        }
    }

    /// The key of a kind and a number; none where there is no such kind or number.
    pub(crate) fn of(kind: u8, number: u32) -> Option<Option<Self>> {
        Some(match kind {
            0 => None,
            1 => Some(Self::Gre(number)),
            2 => Some(Self::Nvgre(number)),
            3 => Some(Self::Erspan(u16::try_from(number).ok()?)),
            _ => return None,
        })
    }
}

/// A kind of tunnel. The numbers may be stored; they are never given another meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum TunnelKind {
    /// VXLAN (RFC 7348).
    Vxlan = 1,
    /// VXLAN that says what it carries (draft-ietf-nvo3-vxlan-gpe).
    VxlanGpe = 2,
    /// GENEVE (RFC 8926).
    Geneve = 3,
    /// GRE (RFC 2784, RFC 2890).
    Gre = 4,
    /// NVGRE (RFC 7637).
    Nvgre = 5,
    /// ERSPAN without a header of its own.
    ErspanI = 6,
    /// ERSPAN type II (draft-foschiano-erspan).
    ErspanII = 7,
    /// ERSPAN type III.
    ErspanIII = 8,
    /// IPv4 or IPv6 in either (RFC 2003, RFC 2473, RFC 4213).
    IpInIp = 9,
    /// A PPPoE session (RFC 2516).
    Pppoe = 10,
    /// PPP in GRE version 1 (RFC 2637).
    Pptp = 11,
    /// A stack of MPLS labels (RFC 3032).
    Mpls = 12,
    /// TaZmen Sniffer Protocol.
    Tzsp = 13,
    /// Network Service Header (RFC 8300).
    Nsh = 14,
}

impl TunnelKind {
    const ALL: [Self; 14] = [
        Self::Vxlan,
        Self::VxlanGpe,
        Self::Geneve,
        Self::Gre,
        Self::Nvgre,
        Self::ErspanI,
        Self::ErspanII,
        Self::ErspanIII,
        Self::IpInIp,
        Self::Pppoe,
        Self::Pptp,
        Self::Mpls,
        Self::Tzsp,
        Self::Nsh,
    ];

    /// Its stable number, from 1.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The kind with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// Whether its purpose is to carry copies of traffic (or it is used so by AWS).
    fn mirrors(self) -> bool {
        use TunnelKind::{ErspanI, ErspanII, ErspanIII, Tzsp, Vxlan, VxlanGpe};
        matches!(self, Vxlan | VxlanGpe | ErspanI | ErspanII | ErspanIII | Tzsp)
    }
}

impl fmt::Display for TunnelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Vxlan => "VXLAN",
            Self::VxlanGpe => "VXLAN-GPE",
            Self::Geneve => "GENEVE",
            Self::Gre => "GRE",
            Self::Nvgre => "NVGRE",
            Self::ErspanI => "ERSPAN I",
            Self::ErspanII => "ERSPAN II",
            Self::ErspanIII => "ERSPAN III",
            Self::IpInIp => "IP in IP",
            Self::Pppoe => "PPPoE",
            Self::Pptp => "PPTP",
            Self::Mpls => "MPLS",
            Self::Tzsp => "TZSP",
            Self::Nsh => "NSH",
        })
    }
}

/// Kinds of tunnels, from the outermost in; at most [`DEEPEST`].
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Tunnels([Option<TunnelKind>; DEEPEST]);

impl Tunnels {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Each, from the outermost in.
    pub fn iter(&self) -> impl Iterator<Item = TunnelKind> + '_ {
        self.0.iter().map_while(|kind| *kind)
    }

    /// Adds the next one inside; none if there is no room.
    pub(super) fn push(&mut self, kind: TunnelKind) -> Option<()> {
        let place = self.0.iter_mut().find(|place| place.is_none())?;
        *place = Some(kind);
        Some(())
    }
}

impl FromIterator<TunnelKind> for Tunnels {
    /// The first [`DEEPEST`] of these kinds.
    fn from_iter<I: IntoIterator<Item = TunnelKind>>(kinds: I) -> Self {
        let mut tunnels = Self::default();
        for kind in kinds.into_iter().take(DEEPEST) {
            let _ = tunnels.push(kind);
        }
        tunnels
    }
}

impl fmt::Debug for Tunnels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// What a tunnel's header contributes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Name {
    Nothing,
    Vni(u32),
    Key(Key),
    Balancer { endpoint: Option<u64>, attachment: Option<u64>, cookie: Option<u32> },
}

impl Encapsulation {
    /// Whether one of the tunnels mirrors traffic: whether what it carries is a copy.
    pub fn mirrors(&self) -> bool {
        self.tunnels.iter().any(TunnelKind::mirrors)
    }

    /// Notes that the next tunnel inside was opened, which a packet from `source` carries. Answers whether
    /// that packet belongs to the mirror: whether it only carries what the mirrored interface sent.
    pub(super) fn note(&mut self, kind: Option<TunnelKind>, name: Name, source: Address) -> bool {
        let behind_mirror = self.mirrors();
        // The caller has made sure that there is room.
        let _ = kind.and_then(|kind| self.tunnels.push(kind));
        if let Name::Balancer { endpoint, attachment, cookie } = name {
            self.endpoint = self.endpoint.or(endpoint);
            self.attachment = self.attachment.or(attachment);
            self.cookie = self.cookie.or(cookie);
            return !behind_mirror;
        }
        let (vni, key) = match name {
            Name::Vni(vni) => (Some(vni), None),
            Name::Key(key) => (None, Some(key)),
            _ => (None, None),
        };
        let mirror = kind.is_some_and(TunnelKind::mirrors) && !behind_mirror;
        let unnamed = !behind_mirror && self.source.is_none();
        if mirror || (unnamed && kind == Some(TunnelKind::Geneve)) {
            (self.source, self.vni, self.key) = (Some(source), vni, key);
            return true;
        }
        if unnamed {
            self.key = self.key.or(key);
        }
        false
    }
}
