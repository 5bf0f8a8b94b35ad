//! One file in a folder of its own, which goes when the test ends.

use std::path::PathBuf;

pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn at(&self, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join("evidence");
        // Some file systems write a file that is truncated to the disk at once.
        let _ = std::fs::remove_file(&path);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}
