//! The byte order of a capture is that of the machine that wrote it.

use evidence::Cursor;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    pub(crate) fn u16(self, cursor: &mut Cursor<'_>) -> Option<u16> {
        match self {
            Self::Little => cursor.le16(),
            Self::Big => cursor.be16(),
        }
    }

    pub(crate) fn u32(self, cursor: &mut Cursor<'_>) -> Option<u32> {
        match self {
            Self::Little => cursor.le32(),
            Self::Big => cursor.be32(),
        }
    }

    pub(crate) fn u64(self, cursor: &mut Cursor<'_>) -> Option<u64> {
        match self {
            Self::Little => cursor.le64(),
            Self::Big => cursor.be64(),
        }
    }
}
