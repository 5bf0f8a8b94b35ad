//! The files below a path.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Something found below a path that was to be added.
#[derive(Debug)]
pub struct Found {
    /// Path relative to the folder that was added (with `/`), or as given for a single file.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// Nothing, or why it cannot be read as evidence: an unreadable folder, a link, a device.
    pub problem: Option<io::Error>,
}

/// Every file below `given`, in the order of their names, whatever the file system's own order is.
///
/// Links are not followed (they could leave the folder, or lead in circles) and devices are not opened
/// (a pipe would never end): both are given with their problem.
pub fn walk(given: &Path) -> Vec<Found> {
    let mut found = Vec::new();
    match fs::metadata(given) {
        Ok(kind) if kind.is_dir() => {
            folder(given, "", &mut found);
            if found.is_empty() {
                let error = io::Error::new(io::ErrorKind::NotFound, "a folder without a file");
                problem(given, &given.to_string_lossy(), error, &mut found);
            }
        }
        Ok(kind) if kind.is_file() => found.push(Found {
            name: given.to_string_lossy().into_owned(),
            path: given.to_owned(),
            problem: None,
        }),
        Ok(_) => problem(given, &given.to_string_lossy(), not_a_file(), &mut found),
        Err(error) => problem(given, &given.to_string_lossy(), error, &mut found),
    }
    found
}

fn folder(path: &Path, name: &str, found: &mut Vec<Found>) {
    let entries = fs::read_dir(path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(error) => return problem(path, if name.is_empty() { "." } else { name }, error, found),
    };
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let own = entry.file_name().to_string_lossy().into_owned();
        let name = if name.is_empty() { own } else { format!("{name}/{own}") };
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => folder(&entry.path(), &name, found),
            Ok(kind) if kind.is_file() => {
                found.push(Found { name, path: entry.path(), problem: None });
            }
            Ok(kind) if kind.is_symlink() => {
                let error =
                    io::Error::new(io::ErrorKind::Unsupported, "a link, which is not followed");
                problem(&entry.path(), &name, error, found);
            }
            Ok(_) => problem(&entry.path(), &name, not_a_file(), found),
            Err(error) => problem(&entry.path(), &name, error, found),
        }
    }
}

fn not_a_file() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "neither a file nor a folder")
}

fn problem(path: &Path, name: &str, error: io::Error, found: &mut Vec<Found>) {
    found.push(Found { name: name.to_owned(), path: path.to_owned(), problem: Some(error) });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_in_the_order_of_their_names_and_links_are_told() {
        let root = std::env::temp_dir().join(format!("tidemark-walk-{}", std::process::id()));
        fs::create_dir_all(root.join("b/c")).unwrap();
        for name in ["z", "b/c/2", "b/c/1", "a"] {
            fs::write(root.join(name), name).unwrap();
        }
        #[cfg(unix)]
        let _ = std::os::unix::fs::symlink("/", root.join("link"));
        let found = walk(&root);
        let names: Vec<_> =
            found.iter().filter(|f| f.problem.is_none()).map(|f| f.name.as_str()).collect();
        assert_eq!(names, ["a", "b/c/1", "b/c/2", "z"]);
        #[cfg(unix)]
        assert!(found.iter().any(|f| f.name == "link" && f.problem.is_some()));
    }

    #[test]
    fn what_is_not_there_is_a_problem_not_a_silence() {
        let empty = std::env::temp_dir().join(format!("tidemark-empty-{}", std::process::id()));
        fs::create_dir_all(empty.join("inner")).unwrap();
        for nothing in [Path::new("no such folder"), &empty] {
            let found = walk(nothing);
            assert_eq!(found.len(), 1);
            assert!(found[0].problem.is_some());
        }
    }
}
