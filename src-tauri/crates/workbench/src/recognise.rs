//! What a file is, by its content; a name is only ever a hint.

use crate::sidecar;
use evidence::ArchiveKind;

/// What CloudWatch Logs writes to see whether it may export.
const EXPORT_MARK: &str = "aws-logs-write-test";

/// What a piece of evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Flow records, in one of their formats.
    FlowLog(flowlog::Format),
    /// A capture of either format.
    Capture(capture::Format),
    /// Output of the AWS command line about interfaces and mirroring.
    Sidecar,
    /// Says what addresses are known as.
    Reference(ReferenceKind),
    /// TLS session secrets (NSS key log).
    TlsKeyLog,
    /// A document for people, such as a README.
    Document,
    /// A file without a byte.
    Empty,
    /// Several files in one: each is evidence of its own.
    Archive(ArchiveKind),
    /// The empty object that CloudWatch Logs leaves beside what it exports.
    ExportMark,
    /// Nothing that Tidemark knows.
    Unrecognised,
}

/// What a file of reference tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceKind {
    /// AWS's `ip-ranges.json`: its services and regions.
    AwsRanges,
    /// A MaxMind database of cities, and so of countries.
    Cities,
    /// One of countries.
    Countries,
    /// One of autonomous systems.
    Networks,
    /// One of cities and autonomous systems.
    Enterprise,
    /// One that tells nothing that is asked here, or cannot be read.
    Unused,
}

impl ReferenceKind {
    const ALL: [Self; 6] = [
        Self::AwsRanges,
        Self::Cities,
        Self::Countries,
        Self::Networks,
        Self::Enterprise,
        Self::Unused,
    ];

    /// What a database is that holds this.
    pub(crate) fn of(holds: enrich::Holds) -> Self {
        match (holds.cities, holds.spots, holds.networks) {
            (_, true, true) => Self::Enterprise,
            (true, ..) => Self::Cities,
            (_, true, _) => Self::Countries,
            (_, _, true) => Self::Networks,
            _ => Self::Unused,
        }
    }

    /// Whether it tells cities.
    pub(crate) fn has_cities(self) -> bool {
        matches!(self, Self::Cities | Self::Enterprise)
    }

    /// Whether it tells countries.
    pub(crate) fn has_countries(self) -> bool {
        self.has_cities() || self == Self::Countries
    }

    /// Whether it tells autonomous systems.
    pub(crate) fn has_networks(self) -> bool {
        matches!(self, Self::Networks | Self::Enterprise)
    }

    fn name(self) -> &'static str {
        match self {
            Self::AwsRanges => "aws_ip_ranges",
            Self::Cities => "mmdb_city",
            Self::Countries => "mmdb_country",
            Self::Networks => "mmdb_asn",
            Self::Enterprise => "mmdb_enterprise",
            Self::Unused => "mmdb",
        }
    }
}

impl Kind {
    /// Stable name, stored in journals.
    pub fn name(self) -> &'static str {
        match self {
            Self::FlowLog(format) => format.name(),
            Self::Capture(capture::Format::Pcap) => "pcap",
            Self::Capture(capture::Format::PcapNg) => "pcapng",
            Self::Sidecar => "sidecar",
            Self::Reference(kind) => kind.name(),
            Self::TlsKeyLog => "tls_key_log",
            Self::Document => "document",
            Self::Empty => "empty",
            Self::Archive(kind) => kind.name(),
            Self::ExportMark => "export_mark",
            Self::Unrecognised => "unrecognised",
        }
    }

    /// The kind with this name.
    pub fn named(name: &str) -> Option<Self> {
        let archives = [ArchiveKind::Zip, ArchiveKind::Tar].map(Self::Archive);
        let captures = [capture::Format::Pcap, capture::Format::PcapNg].map(Self::Capture);
        let others = [
            Self::Sidecar,
            Self::TlsKeyLog,
            Self::Document,
            Self::Empty,
            Self::ExportMark,
            Self::Unrecognised,
        ];
        let logs = flowlog::Format::all().map(Self::FlowLog);
        let references = ReferenceKind::ALL.map(Self::Reference);
        let all = archives.into_iter().chain(captures).chain(others).chain(references).chain(logs);
        all.into_iter().find(|kind| kind.name() == name)
    }

    /// Recognises `head`, the first inflated bytes of a file called `name`.
    pub fn of(head: &[u8], name: &str) -> Self {
        if name.ends_with(EXPORT_MARK) && head.len() < 256 {
            return Self::ExportMark;
        }
        if head.is_empty() {
            return Self::Empty;
        }
        if let Some(kind) = ArchiveKind::sniff(head) {
            return Self::Archive(kind);
        }
        if let Some(format) = capture::sniff(head) {
            return Self::Capture(format);
        }
        if sidecar::sniff(head) {
            Self::Sidecar
        } else if enrich::is_aws_ranges(head) {
            Self::Reference(ReferenceKind::AwsRanges)
        } else if let Some(format) = flowlog::sniff(head) {
            Self::FlowLog(format)
        } else if is_key_log(head) {
            Self::TlsKeyLog
        } else if name.ends_with(".md") && std::str::from_utf8(head).is_ok() {
            Self::Document
        } else {
            Self::Unrecognised
        }
    }
}

/// Lines of the NSS key log format: label, client random, secret.
fn is_key_log(head: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(head.get(..4096).unwrap_or(head)) else { return false };
    let line = text.lines().find(|line| !line.is_empty() && !line.starts_with('#'));
    line.is_some_and(|line| {
        let words: Vec<_> = line.split(' ').collect();
        let hex = |word: &str| word.bytes().all(|byte| byte.is_ascii_hexdigit());
        matches!(words.as_slice(), [label, random, secret]
            if label.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_' || byte.is_ascii_digit())
                && random.len() == 64 && hex(random) && hex(secret))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(head: &[u8], name: &str, expect: Kind) {
        assert_eq!(Kind::of(head, name), expect, "{}", head.escape_ascii());
    }

    #[test]
    fn content_decides_and_not_the_name() {
        check(b"", "a.log", Kind::Empty);
        check(
            b"version account-id interface-id srcaddr dstaddr\n",
            "x.pcap",
            Kind::named("flow_log_text").unwrap(),
        );
        check(b"{\"NetworkInterfaces\": []}", "x.log", Kind::Sidecar);
        check(
            b"{\"syncToken\": \"1\", \"createDate\": \"x\", \"prefixes\": [",
            "x.log",
            Kind::Reference(ReferenceKind::AwsRanges),
        );
        check(
            b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\xff\xff\0\0\x01\0\0\0",
            "x.log.gz",
            Kind::Capture(capture::Format::Pcap),
        );
        let key_log = format!("# kept\nCLIENT_RANDOM {} {}\n", "ab".repeat(32), "cd".repeat(48));
        check(key_log.as_bytes(), "keys.txt", Kind::TlsKeyLog);
    }

    #[test]
    fn noise_is_not_recognised() {
        check(b"the quick brown fox jumps over the lazy dog\n", "flow.log", Kind::Unrecognised);
        check(b"# Material received\n", "README.md", Kind::Document);
    }
}
