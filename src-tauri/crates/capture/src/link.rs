//! What stands in front of the network layer.

use std::fmt;

/// A link-layer header type, by its LINKTYPE_ number (<https://www.tcpdump.org/linktypes.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkType {
    /// 0, BSD loopback: a four-byte address family in the capturing host's byte order.
    Null,
    /// 1, Ethernet, with any number of VLAN tags.
    Ethernet,
    /// 9, PPP: with address and control fields or without.
    Ppp,
    /// 50, PPP or Cisco's HDLC as on a serial line.
    PppHdlc,
    /// 51, PPP over Ethernet: the packet begins with its PPPoE header.
    PppEthernet,
    /// 104, Cisco's HDLC.
    CiscoHdlc,
    /// 101 (and 12 and 14, as some systems write it): the packet begins with its IP header.
    Raw,
    /// 108, OpenBSD loopback: a four-byte address family, most significant byte first.
    Loop,
    /// 113, Linux "cooked" capture.
    LinuxSll,
    /// 228: the packet begins with its IPv4 header.
    Ipv4,
    /// 229: the packet begins with its IPv6 header.
    Ipv6,
    /// 276, Linux "cooked" capture, version 2.
    LinuxSll2,
    /// Any other number: such packets are counted and kept, but not looked into.
    Other(u16),
}

impl LinkType {
    /// The type with this number.
    pub fn from_number(number: u16) -> Self {
        match number {
            0 => Self::Null,
            1 => Self::Ethernet,
            9 => Self::Ppp,
            50 => Self::PppHdlc,
            51 => Self::PppEthernet,
            104 => Self::CiscoHdlc,
            12 | 14 | 101 => Self::Raw,
            108 => Self::Loop,
            113 => Self::LinuxSll,
            228 => Self::Ipv4,
            229 => Self::Ipv6,
            276 => Self::LinuxSll2,
            other => Self::Other(other),
        }
    }

    /// The number by which captures name it; 101 for every form of [`LinkType::Raw`].
    pub fn number(self) -> u16 {
        match self {
            Self::Null => 0,
            Self::Ethernet => 1,
            Self::Ppp => 9,
            Self::PppHdlc => 50,
            Self::PppEthernet => 51,
            Self::CiscoHdlc => 104,
            Self::Raw => 101,
            Self::Loop => 108,
            Self::LinuxSll => 113,
            Self::Ipv4 => 228,
            Self::Ipv6 => 229,
            Self::LinuxSll2 => 276,
            Self::Other(number) => number,
        }
    }
}

impl fmt::Display for LinkType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "NULL",
            Self::Ethernet => "EN10MB",
            Self::Ppp => "PPP",
            Self::PppHdlc => "PPP_HDLC",
            Self::PppEthernet => "PPP_ETHER",
            Self::CiscoHdlc => "C_HDLC",
            Self::Raw => "RAW",
            Self::Loop => "LOOP",
            Self::LinuxSll => "LINUX_SLL",
            Self::Ipv4 => "IPV4",
            Self::Ipv6 => "IPV6",
            Self::LinuxSll2 => "LINUX_SLL2",
            Self::Other(number) => match named(*number) {
                Some(name) => name,
                None => return write!(f, "link type {number}"),
            },
        })
    }
}

/// Names of link types that are not looked into.
fn named(number: u16) -> Option<&'static str> {
    Some(match number {
        3 => "AX25",
        6 => "IEEE802_5",
        7 => "ARCNET_BSD",
        8 => "SLIP",
        10 => "FDDI",
        100 => "ATM_RFC1483",
        105 => "IEEE802_11",
        107 => "FRELAY",
        117 => "PFLOG",
        119 => "IEEE802_11_PRISM",
        122 => "IP_OVER_FC",
        123 => "SUNATM",
        127 => "IEEE802_11_RADIOTAP",
        129 => "ARCNET_LINUX",
        138 => "APPLE_IP_OVER_IEEE1394",
        140 => "MTP2",
        141 => "MTP3",
        142 => "SCCP",
        143 => "DOCSIS",
        144 => "LINUX_IRDA",
        147..=162 => "USER",
        163 => "IEEE802_11_AVS",
        165 => "BACNET_MS_TP",
        166 => "PPP_PPPD",
        169 => "GPRS_LLC",
        177 => "LINUX_LAPD",
        187 => "BLUETOOTH_HCI_H4",
        189 => "USB_LINUX",
        192 => "PPI",
        195 => "IEEE802_15_4_WITHFCS",
        201 => "BLUETOOTH_HCI_H4_WITH_PHDR",
        203 => "LAPD",
        204 => "PPP_WITH_DIR",
        205 => "C_HDLC_WITH_DIR",
        206 => "FRELAY_WITH_DIR",
        209 => "IPMB_LINUX",
        220 => "USB_LINUX_MMAPPED",
        224 => "FC_2",
        226 => "IPNET",
        227 => "CAN_SOCKETCAN",
        230 => "IEEE802_15_4_NOFCS",
        231 => "DBUS",
        235 => "DVB_CI",
        239 => "NFLOG",
        240 => "NETANALYZER",
        242 => "IPOIB",
        243 => "MPEG_2_TS",
        245 => "NFC_LLCP",
        247 => "INFINIBAND",
        248 => "SCTP",
        249 => "USBPCAP",
        251 => "BLUETOOTH_LE_LL",
        252 => "WIRESHARK_UPPER_PDU",
        253 => "NETLINK",
        256 => "BLUETOOTH_LE_LL_WITH_PHDR",
        258 => "PKTAP",
        259 => "EPON",
        266 => "USB_DARWIN",
        271 => "VSOCK",
        272 => "NORDIC_BLE",
        274 => "ETHERNET_MPACKET",
        279 => "OPENVIZSLA",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_kept_and_shown() {
        for number in (0..=u16::MAX).filter(|number| ![12, 14].contains(number)) {
            assert_eq!(LinkType::from_number(number).number(), number);
        }
        assert_eq!(LinkType::from_number(14).number(), 101);
        for (number, name) in [(9, "PPP"), (127, "IEEE802_11_RADIOTAP"), (4242, "link type 4242")] {
            assert_eq!(LinkType::from_number(number).to_string(), name);
        }
    }
}
