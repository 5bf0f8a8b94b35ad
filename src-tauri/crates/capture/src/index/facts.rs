//! What a capture says besides its packets, kept in its index.

use crate::Fact;
use evidence::{Address, Cursor};

/// What is kept of one capture; a capture of nothing but comments cannot fill the disk. Unit: bytes.
const MOST: usize = 4 << 20;
/// Of one comment or name. Unit: bytes.
const LONGEST: usize = 64 << 10;

/// A [`Fact`] as it is kept: of secrets, only where they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeptFact {
    /// See [`Fact::Drops`].
    Drops {
        /// Where the block starts.
        offset: u64,
        /// Number of the interface within its section.
        interface: u32,
        /// Received by the interface.
        received: Option<u64>,
        /// Dropped by the interface.
        dropped_by_interface: Option<u64>,
        /// Dropped by the operating system.
        dropped_by_system: Option<u64>,
    },
    /// See [`Fact::Comment`].
    Comment {
        /// Where the block starts that bears it.
        offset: u64,
        /// The packet that bears it.
        frame: Option<u64>,
        /// The note; one that is very long ends early.
        text: String,
    },
    /// See [`Fact::Secrets`].
    Secrets {
        /// Where they start.
        offset: u64,
        /// Their kind.
        kind: u32,
        /// How many bytes there are.
        length: u64,
    },
    /// See [`Fact::Name`].
    Name {
        /// Where the block starts.
        offset: u64,
        /// The address.
        address: Address,
        /// What it is called.
        name: String,
    },
}

impl KeptFact {
    /// Where in the capture it is said.
    pub fn offset(&self) -> u64 {
        match *self {
            Self::Drops { offset, .. }
            | Self::Comment { offset, .. }
            | Self::Secrets { offset, .. }
            | Self::Name { offset, .. } => offset,
        }
    }

    pub(super) fn of(fact: &Fact<'_>) -> Self {
        match fact {
            Fact::Drops {
                offset,
                interface,
                received,
                dropped_by_interface,
                dropped_by_system,
            } => Self::Drops {
                offset: *offset,
                interface: *interface,
                received: *received,
                dropped_by_interface: *dropped_by_interface,
                dropped_by_system: *dropped_by_system,
            },
            Fact::Comment { offset, frame, text } => {
                Self::Comment { offset: *offset, frame: *frame, text: short(text) }
            }
            Fact::Secrets { offset, kind, secrets } => {
                Self::Secrets { offset: *offset, kind: *kind, length: secrets.len() as u64 }
            }
            Fact::Name { offset, address, name } => {
                Self::Name { offset: *offset, address: *address, name: short(name) }
            }
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        let number = |out: &mut Vec<u8>, number: Option<u64>| {
            out.push(number.is_some().into());
            out.extend(number.unwrap_or(0).to_le_bytes());
        };
        let text = |out: &mut Vec<u8>, text: &str| {
            out.extend(u32::try_from(text.len()).unwrap_or(0).to_le_bytes());
            out.extend(text.as_bytes());
        };
        out.push(match self {
            Self::Drops { .. } => 0,
            Self::Comment { .. } => 1,
            Self::Secrets { .. } => 2,
            Self::Name { .. } => 3,
        });
        out.extend(self.offset().to_le_bytes());
        match self {
            Self::Drops {
                interface, received, dropped_by_interface, dropped_by_system, ..
            } => {
                out.extend(interface.to_le_bytes());
                for counter in [received, dropped_by_interface, dropped_by_system] {
                    number(out, *counter);
                }
            }
            Self::Comment { frame, text: note, .. } => {
                number(out, *frame);
                text(out, note);
            }
            Self::Secrets { kind, length, .. } => {
                out.extend(kind.to_le_bytes());
                out.extend(length.to_le_bytes());
            }
            Self::Name { address: Address(bits), name, .. } => {
                out.extend(bits.to_le_bytes());
                text(out, name);
            }
        }
    }

    fn read(bytes: &mut Cursor<'_>) -> Option<Self> {
        let number = |bytes: &mut Cursor<'_>| {
            let (is_some, number) = (bytes.u8()?, bytes.le64()?);
            Some((is_some == 1).then_some(number))
        };
        let text = |bytes: &mut Cursor<'_>| {
            let length = bytes.le32()? as usize;
            std::str::from_utf8(bytes.take(length)?).map(str::to_owned).ok()
        };
        let (kind, offset) = (bytes.u8()?, bytes.le64()?);
        Some(match kind {
            0 => Self::Drops {
                offset,
                interface: bytes.le32()?,
                received: number(bytes)?,
                dropped_by_interface: number(bytes)?,
                dropped_by_system: number(bytes)?,
            },
            1 => Self::Comment { offset, frame: number(bytes)?, text: text(bytes)? },
            2 => Self::Secrets { offset, kind: bytes.le32()?, length: bytes.le64()? },
            3 => Self::Name {
                offset,
                address: Address(u128::from_le_bytes(bytes.array()?)),
                name: text(bytes)?,
            },
            _ => return None,
        })
    }
}

/// At most [`LONGEST`] bytes of a text.
fn short(text: &str) -> String {
    let end = text.floor_char_boundary(LONGEST);
    text.get(..end).unwrap_or_default().to_owned()
}

/// The facts of an index in the making.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) bytes: Vec<u8>,
    /// How many there was no room for.
    pub(super) omitted: u64,
}

impl Facts {
    pub(super) fn keep(&mut self, fact: &Fact<'_>) {
        let before = self.bytes.len();
        KeptFact::of(fact).write(&mut self.bytes);
        if self.bytes.len() > MOST {
            self.bytes.truncate(before);
            self.omitted = self.omitted.saturating_add(1);
        }
    }

    /// Reads back what is kept; none where a field has no meaning.
    pub(super) fn read(bytes: &[u8]) -> Option<Vec<KeptFact>> {
        let mut cursor = Cursor::new(bytes);
        let mut facts = Vec::new();
        while cursor.remaining() > 0 {
            facts.push(KeptFact::read(&mut cursor)?);
        }
        Some(facts)
    }
}
