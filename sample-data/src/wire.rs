//! Bytes as they stand on the wire, and the files that keep them. Nothing here knows the story.

pub(crate) mod dns;
pub(crate) mod ethernet;
pub(crate) mod gzip;
pub(crate) mod http;
pub(crate) mod ip;
pub(crate) mod pcap;
pub(crate) mod postgres;
pub(crate) mod ssh;
pub(crate) mod tcp;
pub(crate) mod tls;
pub(crate) mod udp;
pub(crate) mod vxlan;
pub(crate) mod x509;
