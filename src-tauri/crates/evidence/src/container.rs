//! What stands around the content: the compressions that a file is wrapped in.

use std::fmt;

/// How many compressions around one another are taken off. Firehose writes two.
pub const MAX_LAYERS: usize = 3;

/// One compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layer {
    /// RFC 1952, one or more members.
    Gzip,
    /// RFC 8878, frames and skippable frames.
    Zstd,
    /// LZ4 frame format 1.6, frames and skippable frames.
    Lz4,
    /// bzip2, one or more streams.
    Bzip2,
    /// XZ file format 1.2, one or more streams.
    Xz,
    /// RFC 1951 without anything around it, as zip holds it: has no mark, so it is never sniffed.
    Deflate,
}

impl Layer {
    /// Those that a file can be wrapped in.
    const SNIFFED: [Self; 5] = [Self::Gzip, Self::Zstd, Self::Lz4, Self::Bzip2, Self::Xz];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Lz4 => "lz4",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Deflate => "deflate",
        }
    }

    /// The compression whose mark the bytes start with.
    pub(crate) fn sniff(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            [0x04, 0x22, 0x4d, 0x18, ..] => Some(Self::Lz4),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..] => {
                let block = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59];
                let nothing = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90];
                let starts =
                    |mark: [u8; 6]| !rest.is_empty() && mark.iter().zip(rest).all(|(a, b)| a == b);
                (starts(block) || starts(nothing)).then_some(Self::Bzip2)
            }
            // Both formats share the frame that is to be skipped: what follows it tells them apart.
            _ => skippable(head).map(|length| {
                let next = usize::try_from(length).ok().and_then(|length| head.get(length..));
                next.and_then(Self::sniff).filter(|next| *next == Self::Lz4).unwrap_or(Self::Zstd)
            }),
        }
    }
}

/// The length of the frame to be skipped that the bytes start with, its header included (RFC 8878 §3.1.2). Unit: bytes.
pub(crate) fn skippable(head: &[u8]) -> Option<u64> {
    match head {
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d, ..] => {
            Some(u64::from(u32::from_le_bytes([*a, *b, *c, *d])).saturating_add(8))
        }
        _ => None,
    }
}

/// The compressions around the content, recognised by their bytes, never by a name.
///
/// Its text is stable and stored in cases: `plain`, `gzip`, `gzip+gzip`, `zstd` …, the outermost first.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Container {
    layers: [Option<Layer>; MAX_LAYERS],
}

impl Container {
    /// Nothing: the file is the content.
    pub const PLAIN: Self = Self { layers: [None; MAX_LAYERS] };

    /// Whether nothing stands around the content.
    pub fn is_plain(self) -> bool {
        self == Self::PLAIN
    }

    /// Stable text, stored in cases.
    pub fn name(self) -> String {
        self.to_string()
    }

    /// The container with this name.
    pub fn named(name: &str) -> Option<Self> {
        if name == "plain" {
            return Some(Self::PLAIN);
        }
        name.split('+').try_fold(Self::PLAIN, |around, name| {
            around.and(Layer::SNIFFED.into_iter().find(|layer| layer.name() == name)?)
        })
    }

    /// The same with one more layer inside the others, unless there are too many.
    pub(crate) fn and(mut self, layer: Layer) -> Option<Self> {
        *self.layers.iter_mut().find(|layer| layer.is_none())? = Some(layer);
        Some(self)
    }

    /// The outermost first.
    pub(crate) fn layers(self) -> impl Iterator<Item = Layer> {
        self.layers.into_iter().flatten()
    }
}

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.layers().map(Layer::name).collect();
        f.write_str(if names.is_empty() { "plain" } else { "" })?;
        f.write_str(&names.join("+"))
    }
}

impl fmt::Debug for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_reads_back_what_it_writes() {
        for name in ["plain", "gzip", "gzip+gzip", "zstd", "lz4", "bzip2", "xz", "xz+gzip+zstd"] {
            assert_eq!(Container::named(name).unwrap().name(), name);
        }
        for name in ["", "zip", "gzip+", "gzip+plain", "deflate", "gzip+gzip+gzip+gzip"] {
            assert_eq!(Container::named(name), None, "{name}");
        }
    }

    #[test]
    fn a_frame_to_skip_is_told_by_what_follows_it() {
        let skip = [0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9];
        let lz4 = [&skip[..], &[0x04, 0x22, 0x4d, 0x18]].concat();
        assert_eq!(Layer::sniff(&lz4), Some(Layer::Lz4));
        assert_eq!(Layer::sniff(&skip), Some(Layer::Zstd));
        assert_eq!(Layer::sniff(b"BZh9 is how this line of text starts"), None);
    }
}
