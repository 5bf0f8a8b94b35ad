//! One object to one file.

use crate::{AcquireError, Connection, Location, Object, listing::micros, relative_path};
use aws_sdk_s3::{operation::RequestId, primitives::ByteStream};
use evidence::{Sha256, Sha256Hasher};
use std::{
    fs::{self, File},
    io::{self, Write},
    ops::ControlFlow,
    path::{Path, PathBuf},
};

/// The record of one acquisition: what was fetched, from where, and what it was when it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acquired {
    /// The object, as `s3://bucket/key`.
    pub source: String,
    /// The file that holds it now.
    pub path: PathBuf,
    /// Unit: bytes.
    pub size: u64,
    /// Taken while the bytes came in.
    pub sha256: Sha256,
    /// As the service writes it, quotes included.
    pub etag: Option<String>,
    /// When the object was written. Unit: µs since 1970, UTC.
    pub last_modified: Option<i64>,
    /// Which version of the object this is, where the bucket keeps versions.
    pub version_id: Option<String>,
    /// The service's name for this request, by which its own access logs can confirm it.
    pub request_id: Option<String>,
}

impl Connection {
    /// Fetches `object` to its [`relative_path`] below `folder`. Only the content that was listed is
    /// accepted, and an existing file is never written over.
    ///
    /// The bytes go to a part file beside the place, which gets its name when it is complete. `progress`
    /// hears how many bytes have come so far; its `Break` cancels, and then no file is left behind.
    pub fn fetch(
        &self,
        location: &Location,
        object: &Object,
        folder: &Path,
        progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<Acquired, AcquireError> {
        let source = format!("s3://{}/{}", location.bucket, object.key);
        let path = folder.join(relative_path(&object.key));
        if path.symlink_metadata().is_ok() {
            return Err(AcquireError::Exists(path));
        }
        let answer = self.runtime.block_on(
            self.client
                .get_object()
                .bucket(&location.bucket)
                .key(&object.key)
                .set_if_match(object.etag.clone())
                .send(),
        );
        let answer =
            answer.map_err(|error| AcquireError::service(format!("fetching {source}"), error))?;
        let mut acquired = Acquired {
            etag: answer.e_tag().map(str::to_owned),
            last_modified: answer.last_modified().and_then(micros),
            version_id: answer.version_id().map(str::to_owned),
            request_id: answer.request_id().map(str::to_owned),
            source,
            path,
            size: 0,
            sha256: Sha256::of(b""),
        };
        let mut part = PartFile::create(&acquired.path)?;
        (acquired.size, acquired.sha256) =
            self.receive(answer.body, &mut part, &acquired.source, object.size, progress)?;
        part.finish(&acquired.path)?;
        Ok(acquired)
    }

    fn receive(
        &self,
        mut body: ByteStream,
        part: &mut PartFile,
        source: &str,
        expected: u64,
        progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<(u64, Sha256), AcquireError> {
        let mut hasher = Sha256Hasher::default();
        let mut received = 0;
        while let Some(chunk) = self.runtime.block_on(body.next()) {
            let chunk = chunk.map_err(|error| AcquireError::Service {
                what: format!("fetching {source}, after {received} of {expected} bytes"),
                code: None,
                message: error.to_string(),
            })?;
            received += chunk.len() as u64;
            if received > expected {
                break;
            }
            part.file.write_all(&chunk).map_err(AcquireError::write(&part.path))?;
            hasher.update(&chunk);
            if progress(received).is_break() {
                return Err(AcquireError::Cancelled);
            }
        }
        if received != expected {
            let source_name = source.to_owned();
            return Err(AcquireError::Size { source_name, expected, received });
        }
        Ok((received, hasher.finish()))
    }
}

/// A file in the making; dropped before it is finished, it is removed.
struct PartFile {
    path: PathBuf,
    file: File,
}

impl PartFile {
    fn create(path: &Path) -> Result<Self, AcquireError> {
        let folder = path.parent().unwrap_or(path);
        fs::create_dir_all(folder).map_err(AcquireError::write(folder))?;
        // No key ends up at this name: there, `%` is always followed by two digits or `~`.
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push("%.part");
        let path = path.with_file_name(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(AcquireError::write(path)(error));
            }
            _ => {}
        }
        let file = File::create_new(&path).map_err(AcquireError::write(&path))?;
        Ok(Self { path, file })
    }

    fn finish(self, path: &Path) -> Result<(), AcquireError> {
        self.file.sync_all().map_err(AcquireError::write(&self.path))?;
        if path.symlink_metadata().is_ok() {
            return Err(AcquireError::Exists(path.to_owned()));
        }
        fs::rename(&self.path, path).map_err(AcquireError::write(path))
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        // After `finish` it is no longer there.
        let _ = fs::remove_file(&self.path);
    }
}
