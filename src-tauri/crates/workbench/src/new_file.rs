//! A new file that gets its name once it is whole.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A file that is being written. It gets its name by [`NewFile::keep`]; if that never comes, whatever the reason, there
/// is nothing under that name. Nothing is ever written over.
///
/// Until then it has no name at all, where the file system can do that; elsewhere it is hidden beside its later place,
/// as `.NAME.XXXXXX.partial`, and a process that is killed leaves it there.
pub(crate) struct NewFile {
    path: PathBuf,
    bytes: Bytes,
}

enum Bytes {
    #[cfg(target_os = "linux")]
    Nameless(File),
    Hidden(NamedTempFile),
}

impl NewFile {
    /// Begins a file that is to lie at `path`, which is absolute.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] if there is something, else what the system answers.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        // Not `exists`: a link that leads nowhere is something too.
        if path.symlink_metadata().is_ok() {
            return Err(taken());
        }
        #[cfg(target_os = "linux")]
        if let Some(file) = nameless::create(folder(path)) {
            return Ok(Self { path: path.to_owned(), bytes: Bytes::Nameless(file) });
        }
        Self::hidden(path)
    }

    fn hidden(path: &Path) -> io::Result<Self> {
        let mut prefix = std::ffi::OsString::from(".");
        prefix.push(path.file_name().unwrap_or_default());
        prefix.push(".");
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(".partial");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(folder(path))?;
        Ok(Self { path: path.to_owned(), bytes: Bytes::Hidden(file) })
    }

    /// Where its bytes go.
    pub(crate) fn bytes(&self) -> io::Result<File> {
        match &self.bytes {
            #[cfg(target_os = "linux")]
            Bytes::Nameless(file) => file.try_clone(),
            Bytes::Hidden(file) => file.as_file().try_clone(),
        }
    }

    /// Gives it its name, once its bytes are on the medium.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] if something came to lie there meanwhile, else what the system answers.
    pub(crate) fn keep(self) -> io::Result<()> {
        self.bytes()?.sync_all()?;
        match self.bytes {
            #[cfg(target_os = "linux")]
            Bytes::Nameless(file) => nameless::name(&file, &self.path)?,
            Bytes::Hidden(file) => {
                file.persist_noclobber(&self.path).map(drop).map_err(|error| error.error)?
            }
        }
        #[cfg(unix)]
        File::open(folder(&self.path))?.sync_all()?;
        Ok(())
    }
}

fn taken() -> io::Error {
    io::Error::new(io::ErrorKind::AlreadyExists, "the file exists")
}

fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

#[cfg(target_os = "linux")]
mod nameless {
    use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};
    use std::fs::File;
    use std::io;
    use std::os::fd::AsRawFd;
    use std::path::{Path, PathBuf};

    /// Nothing where the file system, or what runs this program, has no such files.
    pub(super) fn create(folder: &Path) -> Option<File> {
        let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
        let file = File::from(open(folder, flags, Mode::from_raw_mode(0o666)).ok()?);
        entry(&file).symlink_metadata().is_ok().then_some(file)
    }

    pub(super) fn name(file: &File, path: &Path) -> io::Result<()> {
        Ok(linkat(CWD, entry(file), CWD, path, AtFlags::SYMLINK_FOLLOW)?)
    }

    /// What this process can call it.
    fn entry(file: &File) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write;

    fn names(folder: &Path) -> Vec<String> {
        let all = fs::read_dir(folder).expect("a folder");
        all.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned()).collect()
    }

    /// Each way to begin a file, whichever of them this file system takes.
    #[test]
    fn a_file_is_whole_under_its_name_or_is_not_there() {
        for create in [NewFile::create, NewFile::hidden] {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("a.csv");
            let begun = create(&path).expect("it begins");
            begun.bytes().and_then(|mut file| file.write_all(b"half")).expect("it is written");
            let hidden = names(folder.path());
            assert!(
                hidden.iter().all(|name| name.starts_with(".a.csv.") && name.ends_with(".partial"))
            );
            drop(begun);
            assert_eq!(names(folder.path()), [""; 0]);

            let begun = create(&path).expect("it begins");
            begun.bytes().and_then(|mut file| file.write_all(b"whole")).expect("it is written");
            begun.keep().expect("it is kept");
            assert_eq!(names(folder.path()), ["a.csv"]);
            assert_eq!(fs::read(&path).expect("it is there"), b"whole");

            let late = create(&folder.path().join("b.csv")).expect("it begins");
            fs::write(folder.path().join("b.csv"), "another's").expect("a file");
            let error = late.keep().expect_err("nothing is written over");
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(fs::read(folder.path().join("b.csv")).expect("it is there"), b"another's");
        }
    }

    #[test]
    fn where_something_is_nothing_begins() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.csv");
        fs::write(&path, "evidence").expect("a file");
        let error = NewFile::create(&path).err().expect("it is taken");
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    }
}
