//! The network of the scene: six interfaces in three subnets of one VPC, and who they are.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::hash::fnv;

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "us-east-1";
pub(crate) const VPC: &str = "vpc-0c0ffee0d15ea5e01";

/// An Ethernet address.
pub(crate) type Mac = [u8; 6];

/// A subnet and the router that every packet leaving it passes.
pub(crate) struct Subnet {
    pub(crate) id: &'static str,
    pub(crate) router: Mac,
}

pub(crate) static PUBLIC: Subnet =
    Subnet { id: "subnet-0a11ce0000000a001", router: [0x02, 0xaa, 0x01, 0, 0, 0x01] };
/// 10.0.2.0/23: applications, names and the database.
pub(crate) static PRIVATE: Subnet =
    Subnet { id: "subnet-0b0b000000000b002", router: [0x02, 0xaa, 0x02, 0, 0, 0x01] };
pub(crate) static VAULT: Subnet =
    Subnet { id: "subnet-0bac000000000c004", router: [0x02, 0xaa, 0x04, 0, 0, 0x01] };

/// An elastic network interface.
pub(crate) struct Interface {
    pub(crate) name: &'static str,
    pub(crate) id: &'static str,
    pub(crate) mac: Mac,
    pub(crate) ipv4: Ipv4Addr,
    pub(crate) ipv6: Option<Ipv6Addr>,
    /// The address that the internet gateway translates to and from; packets at the interface never carry it.
    pub(crate) public: Option<Ipv4Addr>,
    pub(crate) subnet: &'static Subnet,
    pub(crate) instance: &'static str,
}

pub(crate) const WEB: usize = 0;
pub(crate) const BASTION: usize = 1;
pub(crate) const APP: usize = 2;
pub(crate) const RESOLVER: usize = 3;
pub(crate) const DB: usize = 4;
pub(crate) const BACKUP: usize = 5;

/// Every interface of the account, in the order in which records are written.
pub(crate) static INTERFACES: [Interface; 6] = [
    Interface {
        name: "web",
        id: "eni-0a4f21c9d3b7e6a10",
        mac: [0x02, 0x1a, 0x10, 0x4f, 0x21, 0x0a],
        ipv4: Ipv4Addr::new(10, 0, 1, 10),
        ipv6: Some(Ipv6Addr::new(0x2001, 0xdb8, 0x1, 0x1, 0, 0, 0, 0x10)),
        public: Some(Ipv4Addr::new(198, 51, 100, 10)),
        subnet: &PUBLIC,
        instance: "i-0f3b6a2e91c04d710",
    },
    Interface {
        name: "bastion",
        id: "eni-0b5a7e03c418fd922",
        mac: [0x02, 0x1a, 0x10, 0x5a, 0x7e, 0x16],
        ipv4: Ipv4Addr::new(10, 0, 1, 22),
        ipv6: None,
        public: Some(Ipv4Addr::new(198, 51, 100, 22)),
        subnet: &PUBLIC,
        instance: "i-09d2c7b1e5a83f622",
    },
    Interface {
        name: "app",
        id: "eni-0c7d90be52a6f1420",
        mac: [0x02, 0x1a, 0x20, 0x7d, 0x90, 0x14],
        ipv4: Ipv4Addr::new(10, 0, 2, 20),
        ipv6: None,
        public: Some(Ipv4Addr::new(198, 51, 100, 20)),
        subnet: &PRIVATE,
        instance: "i-0e81a4c6f0b927d20",
    },
    Interface {
        name: "resolver",
        id: "eni-0d18c3fa6790be453",
        mac: [0x02, 0x1a, 0x20, 0x18, 0xc3, 0x35],
        ipv4: Ipv4Addr::new(10, 0, 2, 53),
        ipv6: None,
        public: None,
        subnet: &PRIVATE,
        instance: "i-0b6f3d2879ace1553",
    },
    Interface {
        name: "db",
        id: "eni-0e62b1d4078cfa530",
        mac: [0x02, 0x1a, 0x20, 0x62, 0xb1, 0x1e],
        ipv4: Ipv4Addr::new(10, 0, 3, 30),
        ipv6: None,
        public: None,
        subnet: &PRIVATE,
        instance: "i-0a97e5b0c3d148f30",
    },
    Interface {
        name: "backup",
        id: "eni-0f39d8e7c2b1a6040",
        mac: [0x02, 0x1a, 0x40, 0x39, 0xd8, 0x28],
        ipv4: Ipv4Addr::new(10, 0, 4, 40),
        ipv6: None,
        public: None,
        subnet: &VAULT,
        instance: "i-0c45d19f8e7b06a40",
    },
];

/// The interface that owns `ip`, if one of ours does.
pub(crate) fn interface_of(ip: IpAddr) -> Option<usize> {
    INTERFACES.iter().position(|i| match ip {
        IpAddr::V4(v4) => i.ipv4 == v4,
        IpAddr::V6(v6) => i.ipv6 == Some(v6),
    })
}

/// Whether `ip` lies in the VPC, logged or not.
pub(crate) fn is_inside(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.octets()[..2] == [10, 0],
        IpAddr::V6(_) => interface_of(ip).is_some(),
    }
}

/// An address and a port.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct Endpoint {
    pub(crate) ip: IpAddr,
    pub(crate) port: u16,
}

impl Endpoint {
    pub(crate) fn new(ip: impl Into<IpAddr>, port: u16) -> Self {
        Self { ip: ip.into(), port }
    }

    /// A port of one of our interfaces, over IPv4.
    pub(crate) fn ours(interface: usize, port: u16) -> Self {
        Self::new(INTERFACES[interface].ipv4, port)
    }
}

/// Relative to the interface that saw the packet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Direction {
    Ingress,
    Egress,
}

/// The hop limit with which a packet from `ip` arrives: hosts in the VPC are zero hops away.
pub(crate) fn ttl_of(ip: IpAddr) -> u8 {
    if is_inside(ip) { 64 } else { 64 - (6 + fnv(ip.to_string().as_bytes()) % 12) as u8 }
}
