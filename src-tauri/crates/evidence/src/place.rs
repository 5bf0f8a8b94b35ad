//! Where bytes lie: a file, or a member inside an archive.

use std::fmt;
use std::path::{Path, PathBuf};

/// Stands between the names of archives and of what is in them.
const SEPARATOR: char = '!';

/// A file, or a member of the archive that the file is, or a member of an archive in that archive, and so on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file on disk.
    pub path: PathBuf,
    /// The way into it, one name for each archive ([`crate::Member::name`]); empty for the file itself.
    pub members: Vec<String>,
}

impl Place {
    /// The member that [`Place::member`] wrote for, in the file at `path`.
    pub fn within(path: impl Into<PathBuf>, member: Option<&str>) -> Self {
        Self { path: path.into(), members: member.map(split).unwrap_or_default() }
    }

    /// The member of this name in the archive that lies here.
    pub fn inside(&self, name: &str) -> Self {
        let mut members = self.members.clone();
        members.push(name.to_owned());
        Self { path: self.path.clone(), members }
    }

    /// The way into the file as one text, for example `inner.tar!x.log.gz`; nothing for the file itself.
    ///
    /// A `!` that belongs to a name is written `\!` in it: names bring their escapes along.
    pub fn member(&self) -> Option<String> {
        (!self.members.is_empty()).then(|| self.members.join("!"))
    }

    /// The archive that this is a member of, and its name there.
    pub(crate) fn parent(&self) -> Option<(Self, &str)> {
        let (name, members) = self.members.split_last()?;
        Some((Self { path: self.path.clone(), members: members.to_vec() }, name))
    }
}

/// At each separator that is not escaped.
fn split(member: &str) -> Vec<String> {
    let (mut names, mut escaped) = (vec![String::new()], false);
    for letter in member.chars() {
        if letter == SEPARATOR && !escaped {
            names.push(String::new());
        } else if let Some(name) = names.last_mut() {
            name.push(letter);
        }
        escaped = letter == '\\' && !escaped;
    }
    names
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.display().fmt(f)?;
        self.members.iter().try_for_each(|name| write!(f, "{SEPARATOR}{name}"))
    }
}

impl From<&Path> for Place {
    fn from(path: &Path) -> Self {
        Self { path: path.to_owned(), members: Vec::new() }
    }
}

impl From<&PathBuf> for Place {
    fn from(path: &PathBuf) -> Self {
        path.as_path().into()
    }
}

impl From<PathBuf> for Place {
    fn from(path: PathBuf) -> Self {
        Self { path, members: Vec::new() }
    }
}

impl From<&Self> for Place {
    fn from(place: &Self) -> Self {
        place.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_what_it_writes() {
        let file = Place::from(Path::new("a!b.zip"));
        assert_eq!((file.member(), file.to_string()), (None, "a!b.zip".to_owned()));
        let inner = file.inside(r"odd\!name.tar").inside(r"back\\").inside("x.log.gz");
        let text = r"odd\!name.tar!back\\!x.log.gz";
        assert_eq!(inner.member().as_deref(), Some(text));
        assert_eq!(Place::within("a!b.zip", Some(text)), inner);
        assert_eq!(Place::within("a!b.zip", None), file);
    }
}
